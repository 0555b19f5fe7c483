package files_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors/processorstest"
)

func listing(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"in/b.csv", "in/a.csv", "in/a.txt", "in/x/c.csv", "in/x/y/d.csv", "dt=2026-11-21/e.csv", "in/half.csv.part"} {
		put(t, dir, name, name)
	}
	return dir
}

func TestListFileConforms(t *testing.T) {
	processorstest.Conform(t, "ListFile", settings{"glob": "in/*.csv", "recurse": true}, nil, processorstest.Dir(listing(t)))
}

func TestListFile(t *testing.T) {
	for _, c := range []struct {
		set  settings
		want []string
	}{
		{settings{"glob": "in/*.csv"}, []string{"in/a.csv", "in/b.csv"}},
		{settings{"glob": "in/*.csv", "recurse": true}, []string{"in/a.csv", "in/b.csv", "in/x/c.csv", "in/x/y/d.csv"}},
		{settings{"glob": "*.csv", "recurse": true, "min_size": 10}, []string{"dt=2026-11-21/e.csv", "in/x/c.csv", "in/x/y/d.csv"}},
		{settings{"glob": "dt=${run.date}/*"}, []string{"dt=2026-11-21/e.csv"}},
		{settings{"glob": "in/?.*"}, []string{"in/a.csv", "in/a.txt", "in/b.csv"}},
		{settings{"glob": "none/*"}, nil},
		{settings{"glob": "in/*", "min_age": "30d"}, nil},
	} {
		r := processorstest.New(t, "ListFile", c.set, processorstest.Dir(listing(t))).Run()
		r.WantAttr("success", "path", c.want...)
		if !r.Notes().Done {
			t.Errorf("%v: it is not done", c.set)
		}
	}
}

func TestListFileDescribesFiles(t *testing.T) {
	r := processorstest.New(t, "ListFile", settings{"glob": "in/x/*.csv"}, processorstest.Dir(listing(t))).Run()
	r.Want("success", "").WantAttr("success", "filename", "c.csv").WantAttr("success", "directory", "in/x").
		WantAttr("success", "file.size", "10").WantAttr("success", "file.modified", "2026-11-20T01:02:03Z")
	if f := r.Output("success")[0]; f.Rows != 0 {
		t.Errorf("rows = %d, want 0: it has no content", f.Rows)
	}
}

// TestListFileRemembers lists on three days; between them one file comes, one
// changes and one goes.
func TestListFileRemembers(t *testing.T) {
	for which, want := range map[string][]string{"new": {"in/a.csv", "in/n.csv"}, "all": {"in/a.csv", "in/n.csv"}} {
		dir := listing(t)
		set := settings{"glob": "in/*.csv", "which": which}
		first := processorstest.New(t, "ListFile", set, processorstest.Dir(dir)).Run()
		first.WantAttr("success", "path", "in/a.csv", "in/b.csv")
		put(t, dir, "in/n.csv", "new")
		put(t, dir, "in/a.csv", "changed")
		if err := os.Remove(filepath.Join(dir, "in/b.csv")); err != nil {
			t.Fatal(err)
		}
		next := again(t, set, dir, "2026-11-22", first)
		next.WantAttr("success", "path", want...)
		third := []string{}
		if which == "all" {
			third = want
		}
		again(t, set, dir, "2026-11-23", next).WantAttr("success", "path", third...)
	}
}

// again lists for another date, with the state that an earlier run left.
func again(t *testing.T, set settings, dir, date string, before *processorstest.Runner) *processorstest.Runner {
	t.Helper()
	r := processorstest.New(t, "ListFile", set, processorstest.Dir(dir), processorstest.Date(date))
	if _, err := r.Store.Commit(context.Background(), &flowfile.Delivery{Node: "node", State: before.Notes().State, HasState: true}); err != nil {
		t.Fatal(err)
	}
	return r.Run()
}

func TestListFileWaitsForFilesToRest(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "a.csv", "x")
	set := settings{"glob": "*.csv", "min_age": "5m"}
	at := time.Date(2026, 11, 20, 1, 7, 2, 0, time.UTC)
	processorstest.New(t, "ListFile", set, processorstest.Dir(dir), processorstest.Now(at)).Run().WantAttr("success", "path")
	processorstest.New(t, "ListFile", set, processorstest.Dir(dir), processorstest.Now(at.Add(time.Second))).Run().WantAttr("success", "path", "a.csv")
}

func TestListFileInContinuousFlows(t *testing.T) {
	dir := listing(t)
	r := processorstest.New(t, "ListFile", settings{"glob": "in/*.csv"}, processorstest.Dir(dir), processorstest.Continuous())
	r.Run().Run().WantAttr("success", "path", "in/a.csv", "in/b.csv")
	put(t, dir, "in/0.csv", "new")
	r.Run()
	if n := len(r.Output("success")); n != 3 {
		t.Errorf("%d FlowFiles, want 3", n)
	}
}

func TestListFileFaults(t *testing.T) {
	r := processorstest.New(t, "ListFile", settings{"glob": "${run.date}/../../*"}).Run()
	r.WantErr("path_up")
	for code, set := range map[string]settings{"path_up": {"glob": "../*"}, "glob_bad": {"glob": "a/[x"}, "path_absolute": {"glob": "/*"}} {
		_, problems := processorstest.Build(t, "ListFile", set)
		if len(problems) != 1 || problems[0].Fault.Code != code {
			t.Errorf("problems of %v = %v, want one %s", set, problems, code)
		}
	}
}
