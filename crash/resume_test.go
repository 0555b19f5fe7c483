package crash

import (
	"maps"
	"os"
	"path/filepath"
	"testing"

	bq "google.golang.org/api/bigquery/v2"

	"github.com/weirflow/weir/runs"
)

func TestAFailedSinkIsMendedWithoutReadingAgain(t *testing.T) {
	m := &matrix{world: newWorld(t, small), loaded: map[string]bool{}}
	m.undisturbed()
	for name, killed := range map[string]bool{"resumed": false, "resumed and killed at the load": true} {
		t.Run(name, func(t *testing.T) {
			w := *m.world
			w.t = t
			(&matrix{world: &w, want: m.want, loaded: m.loaded}).mend(killed)
		})
	}
}

// mend names a wrong table, which nobody may make, so that the load alone fails,
// after all else is done: what a table that is there is like is seen before the
// run. The corrected flow is imported and the run resumed: not a document and not
// a row is read once more.
func (m *matrix) mend(killed bool) {
	t := m.t
	const typo = "user_actoins"
	if _, err := m.bq.Datasets.Insert(project, &bq.Dataset{DatasetReference: &bq.DatasetReference{ProjectId: project, DatasetId: dataset}, Location: "asia-northeast3"}).Do(); err != nil {
		t.Fatal(err)
	}
	wrong := m.flow("wrong.json", func(node string, settings map[string]any) {
		if node == "bigquery" {
			settings["table"] = typo
		}
	})
	data := m.dir()
	m.must("flow", "import", wrong, "--data", data)
	start := m.inject("denied=1,method=tables.insert")
	out, code := m.weir("run", "start", "calback-daily", "--slot", slot, "--data", data, "--sandbox", m.box.addr)
	if code == 0 {
		t.Fatalf("a load into the wrong table succeeded:\n%s", out)
	}
	run := m.run(data, "last")
	if load := run.Acts["bigquery"]; run.State != runs.Failed || load == nil || load.Code != "google_denied" {
		t.Fatalf("the run is %s: %s (%+v)", run.State, run.Why, load)
	}
	for _, node := range []string{"users", "meetings", "events", "join", "csv", "warehouse"} {
		if a := run.Acts[node]; a == nil || a.State != runs.ActDone {
			t.Errorf("node %s is %+v when the load has failed; want it done", node, a)
		}
	}
	files := m.stamps(data)
	before := m.stats()
	if n := before.Sandbox.Returned - start.Sandbox.Returned; n < int64(small.users+small.meetings) {
		t.Errorf("the run read %d documents", n)
	}

	m.must("flow", "import", m.file, "--data", data)
	if killed {
		p := m.serve(data)
		m.inject("hang=1,method=tables.insert")
		m.must("run", "resume", "last", "--flow", "latest", "--data", data, "--no-wait")
		m.hear("new table", func(a told) bool {
			return a.Sandbox.Requests["tables.insert"] > before.Sandbox.Requests["tables.insert"]
		})
		p.kill()
		p = m.serve(data)
		m.must("run", "wait", "last", "--data", data)
		p.kill()
	} else {
		m.must("run", "resume", "last", "--flow", "latest", "--data", data, "--sandbox", m.box.addr)
	}
	after := m.stats()
	t.Logf("the run read %d documents (%d billed) and %d tokens, its resume %d (%d billed) and %d",
		before.Sandbox.Returned-start.Sandbox.Returned, before.Sandbox.Billed-start.Sandbox.Billed, before.Sandbox.Tokens-start.Sandbox.Tokens,
		after.Sandbox.Returned-before.Sandbox.Returned, after.Sandbox.Billed-before.Sandbox.Billed, after.Sandbox.Tokens-before.Sandbox.Tokens)
	m.unread(before, after)
	if after.Sandbox.Billed != before.Sandbox.Billed {
		t.Errorf("the resume was billed %d reads", after.Sandbox.Billed-before.Sandbox.Billed)
	}
	run = m.run(data, "last")
	if run.State != runs.Success || run.Balance != "balanced" || len(run.FlowVersions) != 2 {
		t.Errorf("the resumed run is %s, %s, of versions %v", run.State, run.Balance, run.FlowVersions)
	}
	m.accounted(run)
	if now := m.stamps(data); !maps.Equal(now, files) {
		t.Errorf("the resume wrote files that were done: %v, before it %v", now, files)
	}
	m.same(m.outputs(data, run), m.want)
	if got, err := m.bq.Tables.Get(project, dataset, typo).Do(); err == nil {
		t.Errorf("the wrong table is there: %+v", got)
	}
	m.forget()
}

// stamps returns when each CSV file was written.
func (w *world) stamps(data string) map[string]int64 {
	w.t.Helper()
	paths, err := filepath.Glob(filepath.Join(data, "files", "*", "*", "*.csv"))
	if err != nil {
		w.t.Fatal(err)
	}
	more, err := filepath.Glob(filepath.Join(data, "files", "*", "*", "*", "*.csv"))
	if err != nil {
		w.t.Fatal(err)
	}
	at := map[string]int64{}
	for _, p := range append(paths, more...) {
		st, err := os.Stat(p)
		if err != nil {
			w.t.Fatal(err)
		}
		at[p] = st.ModTime().UnixNano()
	}
	if len(at) != 4 {
		w.t.Errorf("%d CSV files, want 4", len(at))
	}
	return at
}
