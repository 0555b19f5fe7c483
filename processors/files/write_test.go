package files_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/processors/processorstest"
	"github.com/weirflow/weir/record"
)

var out = settings{"path": "out/${run.date}/${name}"}

func TestWriteFileConforms(t *testing.T) {
	processorstest.Conform(t, "WriteFile", with(out, "conflict", "replace"), func(r *processorstest.Runner) {
		r.Put("one", "name", "a").Put("two", "name", "b").PutRecords(record.MustSchema("x", "int64"), `{"x":1}`)
	})
}

func TestWriteFileWrites(t *testing.T) {
	r := processorstest.New(t, "WriteFile", out).Put("one", "name", "a").Put("", "name", "d/b").Run()
	r.Want("success", "one", "").WantAttr("success", "path", "out/2026-11-21/a", "out/2026-11-21/d/b")
	if got := r.Files(); len(got) != 2 || got["out/2026-11-21/a"] != "one" || got["out/2026-11-21/d/b"] != "" {
		t.Errorf("files = %q", got)
	}
	n := r.Notes()
	if len(n.Receipts) != 2 || n.Receipts[0].Key != "out/2026-11-21/a" || n.Receipts[0].Bytes != 3 {
		t.Errorf("receipts = %+v", n.Receipts)
	}
}

func TestWriteFileBalancesRows(t *testing.T) {
	r := processorstest.New(t, "WriteFile", settings{"path": "x${n}"}, processorstest.Unwired("success"))
	schema := record.MustSchema("x", "int64")
	r.PutRecords(schema, `{"x":1}`, `{"x":2}`).WriteFile("x", "other").Run()
	if l := r.Ledger(); l[flowfile.In].Rows != 2 || l[flowfile.Rejected].Rows != 2 {
		t.Errorf("ledger = %+v", l)
	}
	r = processorstest.New(t, "WriteFile", settings{"path": "x${n}"}, processorstest.Unwired("success"))
	r.PutRecords(schema, `{"x":1}`, `{"x":2}`).Run()
	if l := r.Ledger(); l[flowfile.In].Rows != 2 || l[flowfile.Committed].Rows != 2 || l[flowfile.Committed].N != 1 {
		t.Errorf("ledger = %+v", l)
	}
	if got := r.File("x"); got != "{\"x\":1}\n{\"x\":2}\n" {
		t.Errorf("file = %q", got)
	}
}

func TestWriteFileConflicts(t *testing.T) {
	for _, c := range []struct {
		conflict, stands string
		file             string
		success, failure int
		code             string
	}{
		{"fail", "old", "old", 0, 1, "file_exists"},
		{"fail", "nEw", "nEw", 0, 1, "file_exists"},
		{"fail", "new", "new", 1, 0, ""},
		{"replace", "old", "new", 1, 0, ""},
		{"ignore", "old", "old", 1, 0, ""},
		{"ignore", "new", "new", 1, 0, ""},
	} {
		r := processorstest.New(t, "WriteFile", settings{"path": "a", "conflict": c.conflict}).WriteFile("a", c.stands).Put("new").Run()
		if got := r.File("a"); got != c.file {
			t.Errorf("%s over %q: file = %q", c.conflict, c.stands, got)
		}
		if s, f := len(r.Output("success")), len(r.Output("failure")); s != c.success || f != c.failure {
			t.Errorf("%s over %q: %d on success, %d on failure", c.conflict, c.stands, s, f)
		}
		if c.failure > 0 {
			r.WantAttr("failure", "reject.code", c.code)
		}
		l := r.Ledger()
		if l[flowfile.Committed].N+l[flowfile.Filtered].N+l[flowfile.Rejected].N != 1 {
			t.Errorf("%s over %q: ledger = %+v", c.conflict, c.stands, l)
		}
	}
}

// TestWriteFileAgainAfterALostCommit writes, loses the commit, and finds its own
// file on the next try: that is no conflict.
func TestWriteFileAgainAfterALostCommit(t *testing.T) {
	r := processorstest.New(t, "WriteFile", out, processorstest.Wrap(func(p processors.Processor) processors.Processor {
		return &losing{p, 1}
	}))
	if err := r.Put("one", "name", "a").Run().Err(); err == nil || len(r.Files()) != 1 {
		t.Fatalf("error = %v, files %q", err, r.Files())
	}
	r.Run().Want("success", "one").Want("failure")
}

func TestWriteFileRefusesPathsOfAttributes(t *testing.T) {
	r := processorstest.New(t, "WriteFile", settings{"path": "${name}"})
	r.Put("1", "name", "../x").Put("2", "name", "/etc/x").Put("3", "name", "a/../../x").Put("4").Put("5", "name", "ok").Put("6", "name", "ok.part").Run()
	r.Want("success", "5").WantAttr("failure", "reject.code", "path_up", "path_absolute", "path_up", "path_empty", "path_part")
	if got := r.Files(); len(got) != 1 {
		t.Errorf("files = %q", got)
	}
}

func TestWriteFileFaultsOfThePlace(t *testing.T) {
	for name, code := range map[string]string{"link/x": "path_link_out", "dir": "path_is_directory", "file/x": "file_path_unusable"} {
		dir := t.TempDir()
		put(t, dir, "file", "x")
		if err := os.Mkdir(filepath.Join(dir, "dir"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(t.TempDir(), filepath.Join(dir, "link")); err != nil {
			t.Fatal(err)
		}
		for _, conflict := range []string{"fail", "replace"} {
			r := processorstest.New(t, "WriteFile", settings{"path": "${name}", "conflict": conflict}, processorstest.Dir(dir)).Put("x", "name", name)
			r.Run().WantErr(code)
			if n := len(r.Store.Queue("in:")); n != 1 {
				t.Errorf("%s: %d FlowFiles wait", name, n)
			}
		}
	}
}

func TestWriteFileVerifies(t *testing.T) {
	r := processorstest.New(t, "WriteFile", out)
	if steps := r.Verify(); len(steps) != 1 || steps[0].State != processors.StepOK || len(r.Files()) != 0 {
		t.Errorf("steps = %+v, files %q", steps, r.Files())
	}
	r.WriteFile("out", "in the way")
	if steps := r.Verify(); len(steps) != 1 || fault.CodeOf(steps[0].Fault) != "file_path_unusable" {
		t.Errorf("steps = %+v", steps)
	}
}
