package processorstest

import (
	"errors"
	"io"
	"syscall"
	"testing"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
)

func TestRunnerMovesContentAndAttributes(t *testing.T) {
	r := New(t, "TestUpper", Settings{"suffix": "${mark}-#{tail}-${run.date}"}, Param("tail", "string", "${x}"))
	r.Put("a", "mark", "1").Put("", "mark", "2").Put(repeat("b", 1000), "mark", "3").Run()
	r.Want("success", "A1-${x}-2026-11-21", repeat("B", 1000)+"3-${x}-2026-11-21").Want("failure", "")
	r.WantAttr("failure", "reason", "empty")
	if l := r.Ledger(); l[flowfile.In].N != 3 || l[flowfile.Out].N != 2 || l[flowfile.Rejected].N != 1 {
		t.Errorf("ledger = %+v", l)
	}
}

func TestRunnerRunsASourceToItsEnd(t *testing.T) {
	r := New(t, "TestCount", nil).Run()
	r.WantRows("success", `{"n":0}`, `{"n":0}`, `{"n":1}`, `{"n":-1}`, `{"n":2}`, `{"n":-2}`)
	if !r.Notes().Done {
		t.Error("the source is not done")
	}
}

func TestRunnerRunsAContinuousSourceOncePerRun(t *testing.T) {
	r := New(t, "TestCount", nil, Continuous()).Run()
	r.WantRows("success", `{"n":0}`, `{"n":0}`)
	r.Run().WantRows("success", `{"n":0}`, `{"n":0}`, `{"n":1}`, `{"n":-1}`)
}

func TestRunnerFiresAWholeRunNodeOnce(t *testing.T) {
	r := New(t, "TestTotal", nil, Wrap(started))
	r.PutRecords(numbers, `{"n":1}`, `{"n":2}`).PutRecords(numbers, `{"n":3}`).Run().Want("success", "3\n")
	if got := r.File("total.txt"); got != "3\n" {
		t.Errorf("file = %q", got)
	}
	if n := r.Notes(); len(n.Receipts) != 1 || !n.Done {
		t.Errorf("notes = %+v", n)
	}
}

func TestRunnerKeepsInputsAfterAnError(t *testing.T) {
	r := New(t, "TestUpper", nil).Put("a")
	r.Store.Content.FillUp(0)
	if err := r.Run().Err(); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("error = %v", err)
	}
	r.Store.Content.MakeRoom()
	r.Run().Want("success", "A")
}

func TestRunnerRunsParallelSessions(t *testing.T) {
	r := New(t, "TestUpper", nil)
	for range 100 {
		r.Put("x")
	}
	if got := len(r.RunParallel(4).Output("success")); got != 100 {
		t.Errorf("%d FlowFiles came out, want 100", got)
	}
}

func TestFullDiskBelowFilesLeavesTheOldFile(t *testing.T) {
	r := New(t, "TestTotal", nil, Wrap(started), FilesThrough(func(io.Writer) io.Writer { return full{} }))
	r.WriteFile("total.txt", "old").Run().WantErr("file_disk_full")
	if got := r.Files(); len(got) != 1 || got["total.txt"] != "old" {
		t.Errorf("files = %q", got)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

func TestBuildReturnsProblems(t *testing.T) {
	_, problems := Build(t, "TestCount", Settings{"count": -1, "cuont": 2})
	if len(problems) != 2 {
		t.Errorf("problems = %v", problems)
	}
}

// faked runs f over a test of its own and returns whether it failed.
type faked struct {
	testing.TB
	failed bool
	ends   []func()
}

func (f *faked) Errorf(string, ...any) { f.failed = true }
func (f *faked) Cleanup(end func())    { f.ends = append(f.ends, end) }
func (f *faked) finish() {
	for _, end := range f.ends {
		end()
	}
}

func TestRunnerFailsWhenRowsAreLost(t *testing.T) {
	for _, c := range []struct {
		name, kind string
		settings   Settings
		put        func(*Runner)
	}{
		{"map loses a FlowFile", "TestUpper", Settings{"lose": true}, func(r *Runner) { r.Put("a", "name", "lost") }},
		{"source loses a row", "TestCount", Settings{"short": true}, func(*Runner) {}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := &faked{TB: t}
			r := New(f, c.kind, c.settings)
			c.put(r)
			r.Run()
			f.finish()
			if !f.failed {
				t.Error("the test passed")
			}
		})
	}
}

func TestRunnerFailsWhenAnErrorIsNotAskedFor(t *testing.T) {
	f := &faked{TB: t}
	New(f, "TestTotal", nil).Run()
	f.finish()
	if !f.failed {
		t.Error("the test passed")
	}
}

var _ processors.Starter = (*totalProcessor)(nil)
