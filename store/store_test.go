package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/store/segment"
)

// at is the time that tests begin with.
var at = time.Date(2026, 11, 21, 6, 0, 0, 0, time.UTC)

// lazyFS is the real file system without syncs: tests that prove what survives
// a power loss use segmenttest, the others need not wait for the disk.
type lazyFS struct{ segment.FS }

func (lazyFS) SyncDir(string) error { return nil }

func (l lazyFS) OpenFile(name string, flag int, perm fs.FileMode) (segment.File, error) {
	f, err := l.FS.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	return lazyFile{f}, nil
}

type lazyFile struct{ segment.File }

func (lazyFile) Sync() error { return nil }

// testOptions leave out what only costs time in a test.
func testOptions() Options {
	return Options{NoSync: true, FS: lazyFS{segment.OS()}, InitialMmapSize: 1 << 20, JanitorEvery: time.Hour, Now: func() time.Time { return at }}
}

func openStore(t testing.TB, dir string, opts Options) *Store {
	t.Helper()
	s, err := Open(context.Background(), dir, opts)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil && s.Err() == nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

func closeStore(t testing.TB, s *Store) {
	t.Helper()
	if err := s.Close(context.Background()); err != nil {
		t.Fatalf("close: %v", err)
	}
}

// crash ends the store as a kill does: files are closed and nothing is claimed.
func crash(s *Store) (err error) {
	s.closed.Do(func() { err = s.abandon() })
	return err
}

// chainPlan is a source, maps m1 to mN and a sink that takes whole runs, joined
// by connections c0 to cN.
func chainPlan(n int) runs.Plan {
	p := runs.Plan{Nodes: map[string]runs.PlanNode{"src": {Kind: runs.Source, Law: runs.LawSource}}, Conns: map[string]runs.PlanConn{}}
	from := "src"
	for i := range n {
		m := fmt.Sprintf("m%d", i+1)
		p.Nodes[m] = runs.PlanNode{Kind: runs.Map, Law: runs.LawMap}
		p.Conns[fmt.Sprintf("c%d", i)] = runs.PlanConn{From: from, To: m, Class: flowfile.Out}
		from = m
	}
	p.Nodes["sink"] = runs.PlanNode{Kind: runs.Gate, Law: runs.LawSink}
	p.Conns[fmt.Sprintf("c%d", n)] = runs.PlanConn{From: from, To: "sink", Class: flowfile.Out}
	return p
}

// streamPlan is chainPlan for continuous data: its last node is a map.
func streamPlan(n int) runs.Plan {
	p := chainPlan(n)
	p.Nodes["sink"] = runs.PlanNode{Kind: runs.Map, Law: runs.LawSink}
	return p
}

func publish(t testing.TB, s *Store, flow string, p runs.Plan) uint32 {
	t.Helper()
	v, err := s.Publish(context.Background(), flow, Publication{Doc: fmt.Appendf(nil, "%v", p), Plan: p,
		Continuous: p.Nodes["sink"].Kind == runs.Map})
	if err != nil {
		t.Fatalf("publish: %v", err)
	}
	return v
}

func commit(t testing.TB, s *Store, d *flowfile.Delivery) runs.Effects {
	t.Helper()
	e, err := s.Commit(context.Background(), d)
	if err != nil {
		t.Fatalf("commit of %s: %v", d.Node, err)
	}
	return e
}

var slotDay int

// startRun creates and admits a run of the flow's version.
func startRun(t testing.TB, s *Store, flow string, version uint32) *runs.Run {
	t.Helper()
	slotDay++
	e := commit(t, s, &flowfile.Delivery{Flow: flow, Version: version, Order: &flowfile.Order{Kind: flowfile.OrderCreate, At: at,
		Create: &flowfile.CreateRun{ULID: fmt.Sprintf("%s-%d", flow, slotDay), Slot: at.AddDate(0, 0, slotDay).Format(time.DateOnly), Kind: "manual",
			FlowVersion: version, Retries: 1, RetryDelay: time.Minute}}})
	commit(t, s, &flowfile.Delivery{Flow: flow, Version: version, Run: e.Run, Order: &flowfile.Order{Kind: flowfile.OrderAdmit, At: at}})
	return getRun(t, s, flow, e.Run)
}

func getRun(t testing.TB, s *Store, flow string, n flowfile.RunID) *runs.Run {
	t.Helper()
	r, err := s.Run(flow, n)
	if err != nil {
		t.Fatalf("run %d: %v", n, err)
	}
	return r
}

// begin starts an activity and returns the fence of its session.
func begin(t testing.TB, s *Store, r *runs.Run, node string) flowfile.Fence {
	t.Helper()
	commit(t, s, &flowfile.Delivery{Flow: r.Flow, Version: r.QueueVersion, Run: r.Number, Node: node,
		Order: &flowfile.Order{Kind: flowfile.OrderBegin, At: at}})
	got := getRun(t, s, r.Flow, r.Number)
	return flowfile.Fence{Epoch: got.Epoch, Act: true, ActEpoch: got.Acts[node].Epoch}
}

// session returns a real session of a node over the store.
func session(s *Store, r *runs.Run, node string, fence flowfile.Fence, in []string, out ...string) (*flowfile.Session, *View, *Stage) {
	v := s.Queues(r.Flow, r.QueueVersion, r.Number)
	g := s.NewStage()
	cfg := flowfile.Config{Flow: r.Flow, Node: node, Version: r.QueueVersion, Run: flowfile.Run{Number: r.Number, Flow: r.Flow},
		Fence: fence, Queues: v, Content: g, NewID: s.NewID, Schema: s.Schema, Now: s.now,
		Outputs: map[flowfile.Relationship]flowfile.Route{"success": {Conns: out, Class: flowfile.Out}},
		Commit: func(ctx context.Context, d *flowfile.Delivery) (flowfile.Result, error) {
			e, err := s.Commit(ctx, d)
			return flowfile.Result{AsOf: e.AsOf}, err
		}}
	if a := r.Acts[node]; a != nil {
		cfg.Emitted = a.Emitted
	}
	if len(in) > 0 {
		cfg.Inputs = map[string][]string{"": in}
	}
	cfg.WholeRun = fence.Act && len(in) > 0
	return flowfile.NewSession(context.Background(), cfg), v, g
}

func end(t testing.TB, x *flowfile.Session, g *Stage) {
	t.Helper()
	if _, err := x.Commit(context.Background()); err != nil {
		t.Fatalf("commit of %s: %v", x.Node(), err)
	}
	g.Close()
}

// emit runs the source: n FlowFiles with the given contents, then it is done.
func emit(t testing.TB, s *Store, r *runs.Run, conn string, n int, content func(i int) string) {
	t.Helper()
	x, _, g := session(s, r, "src", begin(t, s, r, "src"), nil, conn)
	for i := range n {
		f := x.Create()
		x.Set(f, "i", fmt.Sprint(i))
		if err := x.WriteRecords(f, []byte(`[["v","string"]]`), func(w io.Writer) (int64, error) {
			_, err := io.WriteString(w, content(i))
			return 1, err
		}); err != nil {
			t.Fatal(err)
		}
		x.Read(1)
		x.Transfer(f, "success")
	}
	x.Done()
	end(t, x, g)
}

// move takes what waits on a connection, up to n, and passes it on.
func move(t testing.TB, s *Store, r *runs.Run, node, from, to string, n int) int {
	t.Helper()
	x, _, g := session(s, r, node, flowfile.Fence{Epoch: r.Epoch}, []string{from}, to)
	files := x.GetBatch(n)
	for _, f := range files {
		x.Transfer(f, "success")
	}
	end(t, x, g)
	return len(files)
}

// drain runs the sink and returns the contents that it read, in order.
func drain(t testing.TB, s *Store, r *runs.Run, conn string) []string {
	t.Helper()
	x, _, g := session(s, r, "sink", begin(t, s, r, "sink"), []string{conn})
	var got []string
	var rows, size int64
	for f, err := range x.All("") {
		if err != nil {
			t.Fatal(err)
		}
		rc, err := x.Open(f)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(rc)
		if err != nil {
			t.Fatal(err)
		}
		rc.Close()
		got = append(got, string(b))
		rows += f.Rows
		size += f.Size()
	}
	x.Receipt("out.csv", rows, size)
	end(t, x, g)
	return got
}

func finish(t testing.TB, s *Store, r *runs.Run) *runs.Run {
	t.Helper()
	commit(t, s, &flowfile.Delivery{Flow: r.Flow, Version: r.QueueVersion, Run: r.Number,
		Order: &flowfile.Order{Kind: flowfile.OrderFinish, At: at}})
	return getRun(t, s, r.Flow, r.Number)
}

// contents are short for even numbers and too long to stand inline for odd ones.
func contents(i int) string {
	if i%2 == 0 {
		return fmt.Sprintf("short %d", i)
	}
	return fmt.Sprintf("long %d %s", i, strings.Repeat("x", 2*flowfile.InlineLimit))
}

func TestRunGoesThrough(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir, testOptions())
	v := publish(t, s, "users", chainPlan(1))
	r := startRun(t, s, "users", v)
	const n = 50
	emit(t, s, r, "c0", n, contents)
	for moved := 0; moved < n; {
		k := move(t, s, r, "m1", "c0", "c1", 7)
		if k == 0 {
			t.Fatalf("only %d of %d FlowFiles moved", moved, n)
		}
		moved += k
	}
	// A restart in the middle changes nothing.
	closeStore(t, s)
	s = openStore(t, dir, testOptions())
	got := drain(t, s, r, "c1")
	if len(got) != n {
		t.Fatalf("the sink read %d FlowFiles, want %d", len(got), n)
	}
	for i, c := range got {
		if c != contents(i) {
			t.Errorf("content %d = %.40q, want %.40q", i, c, contents(i))
		}
	}
	r = finish(t, s, r)
	if r.State != runs.Success || r.Balance != "balanced" {
		t.Errorf("run ended %s, %s (%s)", r.State, r.Balance, r.Why)
	}
	if len(s.refs) != 0 {
		t.Errorf("references left behind: %v", s.refs)
	}
	h, err := s.History(r.Number)
	if err != nil || len(h) == 0 || h[len(h)-1].To != string(runs.Success) {
		t.Errorf("history = %v, %v", h, err)
	}
	if got, err := s.RunByID(r.ID); err != nil || got.Number != r.Number {
		t.Errorf("RunByID = %v, %v", got, err)
	}
	if got, err := s.Runs("users", 10, 0); err != nil || len(got) != 1 {
		t.Errorf("Runs = %v, %v", got, err)
	}
	if len(s.UnfinishedRuns()) != 0 {
		t.Error("the run counts as unfinished")
	}
}

func TestSecondProcessIsToldWhoHasTheDirectory(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir, testOptions())
	if err := s.SetSocket("/run/weir.sock"); err != nil {
		t.Fatal(err)
	}
	_, err := Open(context.Background(), dir, testOptions())
	if fault.CodeOf(err) != "store_locked" || !strings.Contains(err.Error(), fmt.Sprint(os.Getpid())) || !strings.Contains(err.Error(), dir) {
		t.Errorf("second open: %v", err)
	}
	if h, held := HeldBy(dir); !held || h.Socket != "/run/weir.sock" || h.PID != os.Getpid() {
		t.Errorf("HeldBy = %+v, %v", h, held)
	}
	closeStore(t, s)
	if _, held := HeldBy(dir); held {
		t.Error("a closed store still holds its directory")
	}
	if _, err := s.Commit(context.Background(), &flowfile.Delivery{Flow: "x"}); fault.CodeOf(err) != "store_closed" {
		t.Errorf("commit after close: %v", err)
	}
	if _, err := s.Flows(); fault.CodeOf(err) != "store_closed" {
		t.Errorf("read after close: %v", err)
	}
}

// TestOpenClosesTheDirectoryToOthers opens a directory that existed before.
func TestOpenClosesTheDirectoryToOthers(t *testing.T) {
	for _, c := range []struct {
		name  string
		mode  os.FileMode
		owner int // 0 leaves it
		want  os.FileMode
		code  string
	}{
		{name: "wide", mode: 0o755, want: 0o700},
		{name: "group's id stays", mode: 0o775 | os.ModeSetgid, want: 0o700 | os.ModeSetgid},
		{name: "narrow already", mode: 0o700, want: 0o700},
		{name: "everyone's, like /tmp", mode: 0o777 | os.ModeSticky, want: 0o777 | os.ModeSticky, code: "store_open_to_others"},
		{name: "another user's", mode: 0o777, owner: 12345, want: 0o777, code: "store_open_to_others"},
		{name: "another user's but narrow", mode: 0o700, owner: 12345, want: 0o700},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(dir, c.mode); err != nil {
				t.Fatal(err)
			}
			if c.owner != 0 {
				if err := os.Chown(dir, c.owner, -1); err != nil {
					t.Skip("only root can give a directory away: ", err)
				}
			}
			s, err := Open(t.Context(), dir, testOptions())
			if f := fault.As(err); fault.CodeOf(err) != c.code || f != nil && f.Args["path"] != dir {
				t.Errorf("Open: %v", err)
			}
			if s != nil {
				closeStore(t, s)
			}
			fi, err := os.Stat(dir)
			if err != nil {
				t.Fatal(err)
			}
			if got := fi.Mode() &^ os.ModeDir; got != c.want {
				t.Errorf("the mode is %v, want %v", got, c.want)
			}
			if left, err := os.ReadDir(dir); err != nil || c.code != "" && len(left) > 0 {
				t.Errorf("a directory that was refused holds %v, %v", left, err)
			}
		})
	}
}

func TestPathsOfNoUse(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(context.Background(), file, testOptions()); fault.CodeOf(err) != "store_not_directory" {
		t.Errorf("open of a file: %v", err)
	}
	if _, err := Open(context.Background(), filepath.Join(file, "x"), testOptions()); fault.CodeOf(err) != "store_unwritable" {
		t.Errorf("open below a file: %v", err)
	}
}

func TestRefusedDeliveryLeavesNoTrace(t *testing.T) {
	s := openStore(t, t.TempDir(), testOptions())
	v := publish(t, s, "users", chainPlan(1))
	r := startRun(t, s, "users", v)
	emit(t, s, r, "c0", 3, contents)
	ctx := context.Background()

	good, _, g := session(s, r, "m1", flowfile.Fence{Epoch: r.Epoch}, []string{"c0"}, "c1")
	good.Transfer(good.Get(), "success")
	bad, bv, bg := session(s, r, "m1", flowfile.Fence{Epoch: r.Epoch}, []string{"c0"}, "c1")
	bad.Transfer(bad.Get(), "success")
	items := bad.Taken()
	bv.Revoke()
	if _, err := bad.Commit(ctx); fault.CodeOf(err) != "stale_session" {
		t.Errorf("commit of a revoked session: %v", err)
	}
	bg.Close()
	bv.Release(items) // what was revoked is no longer its to give
	end(t, good, g)
	if d := s.Depths("users", r.Number); d["c0"].N != 2 || d["c1"].N != 1 {
		t.Errorf("depths = %v", d)
	}
	// A stale epoch, in one group with a sound delivery.
	a, av, _ := session(s, r, "m1", flowfile.Fence{Epoch: r.Epoch + 1}, []string{"c0"}, "c1")
	a.Transfer(a.Get(), "success")
	b, _, _ := session(s, r, "m1", flowfile.Fence{Epoch: r.Epoch}, []string{"c0"}, "c1")
	b.Transfer(b.Get(), "success")
	errs := make(chan error, 2)
	go func() { _, err := a.Commit(ctx); errs <- err }()
	go func() { _, err := b.Commit(ctx); errs <- err }()
	if err := errors.Join(<-errs, <-errs); fault.CodeOf(err) != "stale_session" {
		t.Errorf("commits: %v", err)
	}
	av.Release(a.Taken())
	if d := s.Depths("users", r.Number); d["c0"].N != 1 || d["c1"].N != 2 {
		t.Errorf("depths = %v", d)
	}
	if n := move(t, s, r, "m1", "c0", "c1", 10); n != 1 {
		t.Errorf("%d FlowFiles left to move, want 1", n)
	}
	if got := drain(t, s, r, "c1"); len(got) != 3 {
		t.Errorf("the sink read %d", len(got))
	}
}
