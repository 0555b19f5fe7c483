package flowfile_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
)

func TestRollbackGoesBackToTheCheckpoint(t *testing.T) {
	r := newRig(t)
	for _, c := range []string{"a", "b", "c"} {
		r.put("in", c, 1)
	}
	s := r.session()
	for range 2 {
		s.Transfer(s.Get(), "success")
		if err := s.Checkpoint(); err != nil {
			t.Fatal(err)
		}
	}
	f := s.Get()
	s.Set(f, "k", "v")
	if err := write(s, f, "changed"); err != nil {
		t.Fatal(err)
	}
	s.Warn(fault.New("undone"))
	s.Transfer(f, "nowhere")
	if s.Checkpoint() == nil {
		t.Fatal("a misuse passed the checkpoint")
	}
	taken := s.Rollback()
	if len(taken) != 1 || taken[0].FlowFile.ID != f.ID || len(s.Taken()) != 2 {
		t.Errorf("rolled back %d items, %d taken in checkpoints", len(taken), len(s.Taken()))
	}
	if did, err := s.CommitCheckpoints(context.Background()); !did || err != nil {
		t.Fatal(did, err)
	}
	r.Release(taken)
	r.wantQueue("out", "a", "b")
	r.wantQueue("in", "c")
	if r.Commits() != 1 || len(r.Warnings()) != 0 {
		t.Errorf("%d commits, warnings %q", r.Commits(), r.Warnings())
	}
	// The FlowFile is as it was: the session changed only its own copy.
	if q := r.Queue("in")[0]; q.Attr("k") != "" || q.Rows != 1 {
		t.Errorf("the queued FlowFile was changed: %+v", q)
	}
	if it := taken[0].Tally(); it != (flowfile.Tally{N: 1, Rows: 1, Bytes: 1}) {
		t.Errorf("the item counts as %+v", it)
	}
}

func TestFailedWholeRunTryDoesNotEndTheActivity(t *testing.T) {
	r := newRig(t, whole)
	r.put("in", "a", 1)
	s := r.session()
	for f := range s.All("") {
		s.Transfer(f, "success")
	}
	// Process returned an error: the engine rolls back and commits what was
	// checkpointed, which is nothing.
	if items := s.Rollback(); len(items) != 0 {
		t.Errorf("a whole-run session checked out %d items", len(items))
	}
	if did, err := s.CommitCheckpoints(context.Background()); did || err != nil {
		t.Fatalf("committed = %v, %v", did, err)
	}
	if r.Notes("node").Done {
		t.Error("the activity is done although its try failed")
	}
	// A try with an input that was not read must leave nothing half claimed.
	r2 := newRig(t, whole, func(c *flowfile.Config) { c.Inputs = map[string][]string{"a": {"in"}, "b": {"in2"}} })
	r2.put("in", "x", 1)
	s2 := r2.session()
	for range s2.All("a") {
	}
	if err := s2.Checkpoint(); fault.CodeOf(err) != "session_unread" {
		t.Fatal(err)
	}
	s2.Rollback()
	if did, err := s2.CommitCheckpoints(context.Background()); did || err != nil {
		t.Errorf("committed = %v, %v", did, err)
	}
	r2.wantQueue("in", "x")
}

func TestWholeRunTakesAllInputsAtOnce(t *testing.T) {
	for _, c := range []struct {
		name    string
		receipt bool
		want    map[flowfile.Class]flowfile.Tally
	}{
		{"merged", false, map[flowfile.Class]flowfile.Tally{flowfile.In: {N: 3, Rows: 6, Bytes: 3}, flowfile.Out: {N: 1, Unknown: 1, Bytes: 3}}},
		{"committed", true, map[flowfile.Class]flowfile.Tally{flowfile.In: {N: 3, Rows: 6, Bytes: 3}, flowfile.Out: {N: 1, Unknown: 1, Bytes: 3}, flowfile.Committed: {N: 1, Rows: 6, Bytes: 3}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, whole, func(c *flowfile.Config) { c.Inputs = map[string][]string{"left": {"in", "in2"}, "right": {"in3"}} })
			r.put("in2", "c", 3)
			r.put("in", "b", 2)
			r.Put("in", flowfile.FlowFile{Content: flowfile.Inline([]byte("a")), Rows: 1, Origin: flowfile.SourceOrigin("above", 9)})
			s := r.session()
			text := ""
			for range 2 { // a second pass sees the same
				text = ""
				for _, input := range []string{"left", "right"} {
					for f, err := range s.All(input) {
						if err != nil {
							t.Fatal(err)
						}
						text += f.Content.Inline
					}
				}
			}
			if text != "abc" {
				t.Errorf("All yields %q, want by connection and origin", text)
			}
			f := s.Create()
			if err := write(s, f, text); err != nil {
				t.Fatal(err)
			}
			s.Transfer(f, "success")
			if c.receipt {
				s.Receipt("file", 6, 3)
			}
			r.commit(s)
			r.wantLedger(c.want)
			r.wantQueue("in")
			r.wantQueue("in2")
			r.wantQueue("out", "abc")
			n := r.Notes("node")
			if !n.Done || n.Emitted != 1 || r.Queue("out")[0].Origin != flowfile.SourceOrigin("node", 0) {
				t.Errorf("notes %+v, origin %s", n, r.Queue("out")[0].Origin)
			}
		})
	}
}

func TestWholeRunWithNothingStillEnds(t *testing.T) {
	r := newRig(t, whole)
	s := r.session()
	for range s.All("") {
		t.Error("All yields something")
	}
	r.commit(s)
	if !r.Notes("node").Done {
		t.Error("the activity is not done")
	}
}

func TestAllEndsWithItsContext(t *testing.T) {
	r := newRig(t, whole)
	r.put("in", "a", 1)
	r.put("in", "b", 1)
	cause := errors.New("terminated")
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	s := flowfile.NewSession(ctx, r.Configure(r.cfg))
	var got error
	for _, err := range s.All("") {
		got = err
		cancel(cause)
	}
	if !errors.Is(got, cause) {
		t.Errorf("last error of All = %v, want the cause", got)
	}
	if err := s.Checkpoint(); fault.CodeOf(err) != "session_unread" {
		t.Errorf("Checkpoint = %v", err)
	}
	got = nil
	for _, err := range newRig(t).session().All("") {
		got = err
	}
	if fault.CodeOf(got) != "session_input" {
		t.Errorf("All in a map node = %v", got)
	}
}

func TestChildrenInheritAndSortBehindTheirParent(t *testing.T) {
	r := newRig(t)
	r.put("in", "x", 1, "a", "1", "b", "2")
	r.put("in", "y", 1, "a", "1", "b", "3")
	s := r.session()
	f, g := s.Get(), s.Get()
	for _, text := range []string{"first", "second"} {
		c := s.Create(f)
		if c.Attr("a") != "1" || c.Attr("b") != "2" {
			t.Errorf("child has %v", c.Attrs)
		}
		if err := write(s, c, text); err != nil {
			t.Fatal(err)
		}
		s.Transfer(c, "success")
	}
	both := s.Create(g, f)
	if both.Attr("a") != "1" || len(both.Attrs) != 1 {
		t.Errorf("a child of two has %v", both.Attrs)
	}
	if err := write(s, both, "both"); err != nil {
		t.Fatal(err)
	}
	s.Transfer(both, "success")
	s.Transfer(f, "success")
	s.Transfer(g, "both")
	r.commit(s)
	r.wantQueue("out", "first", "second", "both", "x", "y")
	r.wantQueue("out2", "y")
	if a, b := r.Queue("out")[4], r.Queue("out2")[0]; a.ID == b.ID || a.Origin == b.Origin || &a.Attrs[0] != &b.Attrs[0] {
		t.Errorf("the copies are not two FlowFiles that share attributes: %+v, %+v", a, b)
	}
	types := map[flowfile.EventType]int{}
	for _, e := range r.Events() {
		types[e.Type]++
	}
	if types[flowfile.EventFork] != 2 || types[flowfile.EventJoin] != 1 || types[flowfile.EventRoute] != 2 || types[flowfile.EventClone] != 1 {
		t.Errorf("events = %v", types)
	}
}

func TestAttributesAreSharedAndNeverChanged(t *testing.T) {
	a := flowfile.AttrsOf(map[string]string{"b": "2", "a": "1", "c": "3"})
	if b := a.With("b", "2"); &b[0] != &a[0] {
		t.Error("setting an equal value copies")
	}
	if b := a.Without("zz"); &b[0] != &a[0] {
		t.Error("removing what is not there copies")
	}
	b, c, d := a.With("b", "x"), a.With("bb", "y"), a.Without("a")
	for _, x := range []struct {
		attrs flowfile.Attrs
		want  string
	}{{a, "a=1 b=2 c=3 "}, {b, "a=1 b=x c=3 "}, {c, "a=1 b=2 bb=y c=3 "}, {d, "b=2 c=3 "}, {nil, ""}} {
		got := ""
		for _, at := range x.attrs {
			got += at.Name + "=" + at.Value + " "
		}
		if got != x.want {
			t.Errorf("attributes %q, want %q", got, x.want)
		}
	}
	if v, ok := a.Get("c"); !ok || v != "3" {
		t.Error("Get does not find c")
	}
	if m := c.Map(); len(m) != 4 || m["bb"] != "y" {
		t.Errorf("Map = %v", m)
	}
}

func TestRecordsCarryTheirSchemaThroughASession(t *testing.T) {
	r := newRig(t)
	r.put("in", "x", -1, "mime.type", "text/plain")
	s := r.session()
	f := s.Get()
	if _, err := s.Schema(f); fault.CodeOf(err) != "not_records" {
		t.Errorf("schema of raw bytes: %v", err)
	}
	schema := []byte(`[["n","int64"]]`)
	if err := s.WriteRecords(f, schema, func(w io.Writer) (int64, error) {
		_, err := io.WriteString(w, "{\"n\":1}\n")
		return 1, err
	}); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Schema(f); err != nil || !bytes.Equal(got, schema) {
		t.Errorf("schema in the writing session: %s, %v", got, err)
	}
	c := s.Create(f)
	s.Drop(c, flowfile.Merged, "")
	s.Transfer(f, "success")
	if err := s.Checkpoint(); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Schema(c); err != nil || !bytes.Equal(got, schema) {
		t.Errorf("schema after a checkpoint: %s, %v", got, err)
	}
	r.commit(s)
	q := r.Queue("out")[0]
	if q.Rows != 1 || q.Attr(flowfile.MimeAttr) != flowfile.NDJSON {
		t.Errorf("FlowFile = %+v", q)
	}
	if got, err := r.Schema(q.Attr(flowfile.SchemaAttr)); err != nil || !bytes.Equal(got, schema) {
		t.Errorf("committed schema: %s, %v", got, err)
	}
	// Other bytes end the records.
	r.Put("in", q)
	s = r.session()
	f = s.Get()
	if err := write(s, f, "raw"); err != nil {
		t.Fatal(err)
	}
	if f.Rows != flowfile.UnknownRows || len(f.Attrs) != 0 {
		t.Errorf("after other bytes: rows %d, %v", f.Rows, f.Attrs)
	}
	// A failed write leaves the content as it was.
	if err := s.Write(f, func(io.Writer) error { return io.ErrShortWrite }); !errors.Is(err, io.ErrShortWrite) || f.Size() != 3 {
		t.Errorf("failed write: %v, size %d", err, f.Size())
	}
}

func TestRolledBackWholeRunMustBeReadAgain(t *testing.T) {
	r := newRig(t, whole)
	r.put("in", "a", 1)
	s := r.session()
	pass := func() {
		for f, err := range s.All("") {
			if err != nil {
				t.Fatal(err)
			}
			s.Transfer(f, "success")
		}
	}
	pass()
	s.Rollback()
	if err := s.Checkpoint(); fault.CodeOf(err) != "session_unread" {
		t.Errorf("Checkpoint = %v", err)
	}
	s.Rollback()
	pass() // what was settled before the rollback may be settled again
	r.commit(s)
	r.wantQueue("in")
	r.wantQueue("out", "a")
}
