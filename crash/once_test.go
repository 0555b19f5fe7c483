package crash

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/server"
)

// begin starts a run at a server of its own and returns once the run is at work,
// so that its settings have been tried against the sandbox: what goes wrong from
// now on goes wrong with the load itself. Reading takes a while.
func (w *world) begin(data string) *serving {
	w.t.Helper()
	w.inject("latency=50ms,method=RunQuery,times=10")
	p := w.serve(data)
	w.must("run", "start", "--file", w.file, "--slot", slot, "--data", data, "--no-wait")
	if v, err := p.until(w.t.Context(), func(v *server.RunView) bool { return v.Run.State == runs.Running }); err != nil || v.Run.State != runs.Running {
		w.t.Fatalf("the run does not begin: %v", err)
	}
	return p
}

// hear asks the sandbox until it has heard what is waited for.
func (w *world) hear(what string, enough func(told) bool) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !enough(w.stats()) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			w.t.Fatalf("the sandbox has heard of no %s", what)
		}
	}
}

// TestKilledAtTheLoad kills weir at the two moments at which nobody but BigQuery
// knows whether there is a job.
func TestKilledAtTheLoad(t *testing.T) {
	m := &matrix{world: newWorld(t, small), loaded: map[string]bool{}}
	m.undisturbed()
	for _, c := range []struct {
		name   string
		faults []string
		// jobs is how many jobs there are when weir is dead.
		jobs int64
	}{
		// The job is made and done, but weir hears of it neither now nor when it asks.
		{"the answer is lost", []string{"drop-answer=1,method=jobs.insert", "hang=1,method=jobs.get"}, 1},
		// The request is on its way and arrives nowhere.
		{"the request is lost", []string{"hang=1,method=jobs.insert"}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := *m.world
			w.t = t
			m := &matrix{world: &w, want: m.want, loaded: m.loaded}
			data := m.dir()
			p := m.begin(data)
			before := m.stats()
			for _, f := range c.faults {
				m.inject(f)
			}
			heard := func(a told, method string) int64 { return a.Sandbox.Requests[method] - before.Sandbox.Requests[method] }
			m.hear("load job", func(a told) bool {
				return heard(a, "jobs.insert") == 1 && (c.jobs == 0 || heard(a, "jobs.get") == 1)
			})
			v, err := p.last(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			p.kill()
			if n := m.stats().BigQuery.LoadsAccepted - before.BigQuery.LoadsAccepted; n != c.jobs {
				t.Fatalf("%d load jobs were accepted before the kill, want %d", n, c.jobs)
			}
			act := v.Run.Acts["bigquery"]
			if act == nil || act.State != runs.ActRunning || len(act.Pending) != 1 || v.Run.Facts["bigquery"]["job"] != "" {
				t.Fatalf("weir was killed when its load was %+v; want it at work with one intent", act)
			}

			p = m.serve(data)
			m.must("run", "wait", "last", "--data", data)
			p.kill()
			run := m.run(data, "last")
			if run.State != runs.Success || run.Balance != "balanced" || run.Facts["bigquery"]["job"] != act.Pending[0].Key {
				t.Errorf("the run is %s, %s, by job %s; want SUCCESS by %s", run.State, run.Balance, run.Facts["bigquery"]["job"], act.Pending[0].Key)
			}
			m.accounted(run)
			after := m.stats()
			if n := after.BigQuery.LoadsAccepted - before.BigQuery.LoadsAccepted; n != 1 {
				t.Errorf("%d load jobs were accepted, want 1", n)
			}
			if n := after.BigQuery.RowsLoaded - before.BigQuery.RowsLoaded; n != int64(len(m.want.partition)) {
				t.Errorf("%d rows were loaded, want %d", n, len(m.want.partition))
			}
			if adopted := strings.Contains(m.must("run", "logs", "last", "--data", data), "load job adopted"); adopted != (c.jobs == 1) {
				t.Errorf("the log tells of an adopted job: %t", adopted)
			}
			m.same(m.outputs(data, run), m.want)
			m.forget()
		})
	}
}
