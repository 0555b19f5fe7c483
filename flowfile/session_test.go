package flowfile_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/flowfile/flowfiletest"
)

var at = time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)

// rig is one node over a store in memory.
type rig struct {
	*flowfiletest.Memory
	t     *testing.T
	cfg   flowfile.Config
	order uint64
}

func newRig(t *testing.T, change ...func(*flowfile.Config)) *rig {
	r := &rig{Memory: flowfiletest.NewMemory(), t: t, cfg: flowfile.Config{Flow: "flow", Node: "node",
		Run:    flowfile.Run{Number: 1, ID: "R", Flow: "flow", Slot: "2026-11-21", Params: map[string]string{"p": "v"}},
		Inputs: map[string][]string{"": {"in"}},
		Outputs: map[flowfile.Relationship]flowfile.Route{
			"success": {Conns: []string{"out"}, Class: flowfile.Out},
			"both":    {Conns: []string{"out", "out2"}, Class: flowfile.Out},
			"end":     {Class: flowfile.Out},
			"failure": {Conns: []string{"bad"}, Class: flowfile.Rejected},
			"dropped": {Class: flowfile.Filtered},
		}, Now: func() time.Time { return at }}}
	for _, c := range change {
		c(&r.cfg)
	}
	return r
}

func whole(c *flowfile.Config)      { c.WholeRun, c.Fence.Act = true, true }
func source(c *flowfile.Config)     { c.Inputs, c.Fence.Act = nil, true }
func continuous(c *flowfile.Config) { c.Run = flowfile.Run{} }

func (r *rig) session() *flowfile.Session {
	return flowfile.NewSession(context.Background(), r.Configure(r.cfg))
}

func (r *rig) put(conn, content string, rows int64, attrs ...string) {
	m := map[string]string{}
	for i := 0; i < len(attrs); i += 2 {
		m[attrs[i]] = attrs[i+1]
	}
	r.Put(conn, flowfile.FlowFile{Run: r.cfg.Run.Number, Content: flowfile.Inline([]byte(content)), Rows: rows, Attrs: flowfile.AttrsOf(m),
		Origin: flowfile.SourceOrigin("up", r.order), Entered: at})
	r.order++
}

func (r *rig) commit(s *flowfile.Session) {
	r.t.Helper()
	if _, err := s.Commit(context.Background()); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) wantQueue(conn string, contents ...string) {
	r.t.Helper()
	var got []string
	for _, f := range r.Queue(conn) {
		b, err := r.Bytes(f.Content)
		if err != nil {
			r.t.Fatal(err)
		}
		got = append(got, string(b))
	}
	if fmt.Sprint(got) != fmt.Sprint(contents) {
		r.t.Errorf("queue %s holds %q, want %q", conn, got, contents)
	}
}

func (r *rig) wantLedger(want map[flowfile.Class]flowfile.Tally) {
	r.t.Helper()
	for c, got := range r.Ledger("node") {
		if got != want[flowfile.Class(c)] {
			r.t.Errorf("ledger %s = %+v, want %+v", flowfile.Class(c), got, want[flowfile.Class(c)])
		}
	}
}

func write(s *flowfile.Session, f *flowfile.FlowFile, text string) error {
	return s.Write(f, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}

func TestSessionMovesWhatItTook(t *testing.T) {
	r := newRig(t)
	r.put("in", "a", 1, "k", "v")
	r.put("in", "b", 2)
	s := r.session()
	f := s.Get()
	s.Set(f, "k", "w")
	if err := write(s, f, "A!"); err != nil {
		t.Fatal(err)
	}
	s.Transfer(f, "success")
	s.Transfer(s.Get(), "failure")
	if s.Get() != nil {
		t.Error("Get returns a third FlowFile")
	}
	r.wantQueue("in", "a", "b") // nothing is visible before the commit
	r.wantQueue("out")
	r.commit(s)
	r.wantQueue("in")
	r.wantQueue("out", "A!")
	r.wantQueue("bad", "b")
	out := r.Queue("out")[0]
	if out.Attr("k") != "w" || out.Rows != flowfile.UnknownRows || out.Hops != 1 {
		t.Errorf("FlowFile = %+v", out)
	}
	r.wantLedger(map[flowfile.Class]flowfile.Tally{
		flowfile.In: {N: 2, Rows: 3, Bytes: 2}, flowfile.Out: {N: 1, Unknown: 1, Bytes: 2}, flowfile.Rejected: {N: 1, Rows: 2, Bytes: 1}})
}

func TestEveryWayOutIsCounted(t *testing.T) {
	for _, c := range []struct {
		name string
		act  func(*flowfile.Session, *flowfile.FlowFile)
		want map[flowfile.Class]flowfile.Tally
	}{
		{"forward", func(s *flowfile.Session, f *flowfile.FlowFile) { s.Transfer(f, "success") }, map[flowfile.Class]flowfile.Tally{flowfile.Out: {N: 1, Rows: 5, Bytes: 1}}},
		{"forward to two", func(s *flowfile.Session, f *flowfile.FlowFile) { s.Transfer(f, "both") }, map[flowfile.Class]flowfile.Tally{flowfile.Out: {N: 1, Rows: 5, Bytes: 1}}},
		{"terminated", func(s *flowfile.Session, f *flowfile.FlowFile) { s.Transfer(f, "end") }, map[flowfile.Class]flowfile.Tally{flowfile.Out: {N: 1, Rows: 5, Bytes: 1}, flowfile.Terminated: {N: 1, Rows: 5, Bytes: 1}}},
		{"terminated filter", func(s *flowfile.Session, f *flowfile.FlowFile) { s.Transfer(f, "dropped") }, map[flowfile.Class]flowfile.Tally{flowfile.Filtered: {N: 1, Rows: 5, Bytes: 1}}},
		{"reject", func(s *flowfile.Session, f *flowfile.FlowFile) { s.Transfer(f, "failure") }, map[flowfile.Class]flowfile.Tally{flowfile.Rejected: {N: 1, Rows: 5, Bytes: 1}}},
		{"drop filtered", func(s *flowfile.Session, f *flowfile.FlowFile) { s.Drop(f, flowfile.Filtered, "why") }, map[flowfile.Class]flowfile.Tally{flowfile.Filtered: {N: 1, Rows: 5, Bytes: 1}}},
		{"drop rejected", func(s *flowfile.Session, f *flowfile.FlowFile) { s.Drop(f, flowfile.Rejected, "why") }, map[flowfile.Class]flowfile.Tally{flowfile.Rejected: {N: 1, Rows: 5, Bytes: 1}}},
		{"drop merged", func(s *flowfile.Session, f *flowfile.FlowFile) { s.Drop(f, flowfile.Merged, "why") }, nil},
		{"drop committed", func(s *flowfile.Session, f *flowfile.FlowFile) { s.Drop(f, flowfile.Committed, "why") }, map[flowfile.Class]flowfile.Tally{flowfile.Committed: {N: 1, Rows: 5, Bytes: 1}}},
		{"receipt", func(s *flowfile.Session, f *flowfile.FlowFile) {
			s.Drop(f, flowfile.Committed, "why")
			s.Receipt("job", 5, 99)
		}, map[flowfile.Class]flowfile.Tally{flowfile.Committed: {N: 1, Rows: 5, Bytes: 99}}},
		{"clone", func(s *flowfile.Session, f *flowfile.FlowFile) {
			s.Transfer(s.Clone(f), "success")
			s.Transfer(f, "failure")
		}, map[flowfile.Class]flowfile.Tally{flowfile.Cloned: {N: 1, Rows: 5, Bytes: 1}, flowfile.Out: {N: 1, Rows: 5, Bytes: 1}, flowfile.Rejected: {N: 1, Rows: 5, Bytes: 1}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			r.put("in", "x", 5)
			s := r.session()
			c.act(s, s.Get())
			r.commit(s)
			want := map[flowfile.Class]flowfile.Tally{flowfile.In: {N: 1, Rows: 5, Bytes: 1}}
			for k, v := range c.want {
				want[k] = v
			}
			r.wantLedger(want)
			r.wantQueue("in")
		})
	}
}

func TestMisuseFailsTheCommit(t *testing.T) {
	var stranger *flowfile.FlowFile
	{
		r := newRig(t)
		r.put("in", "x", 1)
		stranger = r.session().Get()
	}
	type misuse struct {
		name, code string
		act        func(*flowfile.Session)
		change     []func(*flowfile.Config)
	}
	for _, c := range []misuse{
		{"forgotten", "session_forgot", func(s *flowfile.Session) { s.Get() }, nil},
		{"created and forgotten", "session_forgot", func(s *flowfile.Session) { s.Create() }, []func(*flowfile.Config){source}},
		{"transferred twice", "session_twice", func(s *flowfile.Session) { f := s.Get(); s.Transfer(f, "success"); s.Transfer(f, "failure") }, nil},
		{"transferred and dropped", "session_twice", func(s *flowfile.Session) {
			f := s.Get()
			s.Transfer(f, "success")
			s.Drop(f, flowfile.Filtered, "")
		}, nil},
		{"unknown output", "session_output", func(s *flowfile.Session) { s.Transfer(s.Get(), "sucess") }, nil},
		{"unknown input", "session_input", func(s *flowfile.Session) { s.GetFrom("left") }, nil},
		{"main input where there are only named ones", "session_input", func(s *flowfile.Session) { s.Get() },
			[]func(*flowfile.Config){func(c *flowfile.Config) { c.Inputs = map[string][]string{"left": {"in"}} }}},
		{"Get in a whole-run node", "session_whole_run_get", func(s *flowfile.Session) { s.Get() }, []func(*flowfile.Config){whole}},
		{"whole run not read", "session_unread", func(*flowfile.Session) {}, []func(*flowfile.Config){whole}},
		{"whole run half read", "session_unread", func(s *flowfile.Session) {
			for range s.All("") {
				break
			}
		}, []func(*flowfile.Config){whole}},
		{"whole run settled in two passes", "session_twice", func(s *flowfile.Session) {
			for range 2 {
				for f := range s.All("") {
					s.Transfer(f, "success")
				}
			}
		}, []func(*flowfile.Config){whole}},
		{"orphan in a map node", "session_orphan", func(s *flowfile.Session) { s.Transfer(s.Create(), "success") }, nil},
		{"run attribute", "attribute_reserved", func(s *flowfile.Session) { f := s.Get(); s.Set(f, "run.date", "x"); s.Transfer(f, "success") }, nil},
		{"empty attribute", "attribute_reserved", func(s *flowfile.Session) { f := s.Get(); s.Set(f, "", "x"); s.Transfer(f, "success") }, nil},
		{"schema attribute", "attribute_reserved", func(s *flowfile.Session) { f := s.Get(); s.Set(f, "record.schema", "x"); s.Transfer(f, "success") }, nil},
		{"schema attribute unset", "attribute_reserved", func(s *flowfile.Session) { f := s.Get(); s.Unset(f, "record.schema"); s.Transfer(f, "success") }, nil},
		{"drop class", "session_drop_class", func(s *flowfile.Session) { s.Drop(s.Get(), flowfile.Expired, "") }, nil},
		{"foreign transfer", "session_foreign", func(s *flowfile.Session) { s.Transfer(stranger, "success") }, nil},
		{"foreign parent", "session_foreign", func(s *flowfile.Session) { s.Transfer(s.Create(stranger), "success") }, nil},
		{"foreign clone", "session_foreign", func(s *flowfile.Session) { s.Transfer(s.Clone(stranger), "success") }, nil},
		{"foreign set", "session_foreign", func(s *flowfile.Session) { s.Set(stranger, "a", "b") }, nil},
		{"foreign write", "session_foreign", func(s *flowfile.Session) { _ = write(s, stranger, "x") }, nil},
		{"one's own making", "session_foreign", func(s *flowfile.Session) { s.Transfer(&flowfile.FlowFile{ID: 7}, "success") }, nil},
		{"nil", "session_nil", func(s *flowfile.Session) { s.Transfer(nil, "success") }, nil},
		{"nil clone", "session_nil", func(s *flowfile.Session) { s.Clone(nil) }, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, c.change...)
			r.put("in", "x", 1)
			s := r.session()
			c.act(s)
			_, err := s.Commit(context.Background())
			if fault.CodeOf(err) != c.code {
				t.Errorf("Commit = %v, want %s", err, c.code)
			}
			if class, _ := fault.ClassOf(err); class != fault.Permanent {
				t.Errorf("class = %s, want permanent", class)
			}
			if strings.Contains(fmt.Sprint(err), c.code+" ") {
				t.Errorf("%q has no text", err)
			}
			// Nothing happened, and after a rollback the input is there again.
			taken := s.Rollback()
			if did, err := s.CommitCheckpoints(context.Background()); did || err != nil {
				t.Errorf("the rolled-back session committed something: %v, %v", did, err)
			}
			r.Release(taken)
			r.wantQueue("in", "x")
			r.wantQueue("out")
			if r.Commits() != 0 || r.CheckedOut() != 0 {
				t.Errorf("%d commits, %d checked out", r.Commits(), r.CheckedOut())
			}
		})
	}
}

func TestReadersOfNobodysFlowFilesFail(t *testing.T) {
	r := newRig(t)
	if _, err := r.session().Open(&flowfile.FlowFile{}); fault.CodeOf(err) != "session_foreign" {
		t.Errorf("Open = %v", err)
	}
	if _, err := r.session().Open(nil); fault.CodeOf(err) != "session_nil" {
		t.Errorf("Open(nil) = %v", err)
	}
}

func TestRefusedCommitChangesNothing(t *testing.T) {
	r := newRig(t)
	r.put("in", "x", 1)
	cfg := r.Configure(r.cfg)
	refusal := errors.New("refused")
	real := cfg.Commit
	refuse := true
	cfg.Commit = func(ctx context.Context, d *flowfile.Delivery) (flowfile.Result, error) {
		if refuse {
			return flowfile.Result{}, refusal
		}
		return real(ctx, d)
	}
	s := flowfile.NewSession(context.Background(), cfg)
	s.Transfer(s.Get(), "success")
	if _, err := s.Commit(context.Background()); !errors.Is(err, refusal) {
		t.Fatalf("Commit = %v", err)
	}
	if n := len(s.Taken()); n != 1 {
		t.Errorf("%d items taken after a refused commit, want 1", n)
	}
	refuse = false
	if did, err := s.CommitCheckpoints(context.Background()); !did || err != nil {
		t.Errorf("second commit = %v, %v", did, err)
	}
	r.wantQueue("out", "x")
}
