// Package crash kills the real program at random points of a run of the main
// flow and compares all that comes out with an undisturbed run: CSV files byte by
// byte, the DuckDB table and the BigQuery partition row by row, and the load jobs
// one by one.
//
// SIGKILL proves that no step depends on the process's end; it does not prove
// power loss, since the page cache survives it. The page-subset tests of package
// store do that. The sandbox is a process of its own, which lives on, as Google
// does.
package crash

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/server"
)

// small is a company whose day is read in many pages and yet in a second.
var small = company{users: 1500, meetings: 2000, events: 6000}

// size is how much the matrix does.
func size() (company, int) {
	if os.Getenv("WEIR_SOAK") != "" {
		return company{users: 6000, meetings: 8000, events: 24_000}, 400
	}
	if testing.Short() {
		return small, 8
	}
	return small, 52
}

// matrix kills runs and counts where the kills fell.
type matrix struct {
	*world
	rng  *rand.Rand
	want written
	took time.Duration // by an undisturbed run
	// kills counts all kills, at what they interrupted, midway those that left a
	// run unfinished, and early those of a weir that was coming up.
	kills, midway, early int
	at                   map[string]int
	loaded               map[string]bool // ids of load jobs that are accounted for
	// runs counts the runs, settled those of them that were killed once all was
	// read.
	runs, settled int
}

// nodes are what a kill may be aimed at when it is at work.
var nodes = []string{"users", "meetings", "events", "actions", "join", "raw-users", "raw-meetings", "raw-events", "csv", "warehouse", "bigquery"}

// distances are how far Google is, so that a kill may fall amid a call, too.
var distances = []string{"latency=3ms,api=firestore", "latency=15ms,api=analytics", "latency=15ms,api=bigquery"}

func TestKilledRunsWriteTheSame(t *testing.T) {
	company, most := size()
	m := &matrix{world: newWorld(t, company), at: map[string]int{}, loaded: map[string]bool{}}
	for _, d := range distances {
		m.inject(d)
	}
	seed := uint64(time.Now().UnixNano())
	m.rng = rand.New(rand.NewPCG(seed, 1))
	began := time.Now()
	m.undisturbed()
	t.Logf("seed %d, an undisturbed run takes %v", seed, m.took)

	rounds := 0
	for m.midway < most && !t.Failed() {
		data := m.dir()
		for generation := 1; generation <= 1+rounds%2 && !t.Failed(); generation++ {
			m.round(data, generation, min(10, max(1, most-m.midway)))
		}
		m.forget()
		if err := os.RemoveAll(data); err != nil {
			t.Error(err)
		}
		rounds++
	}
	var dist []string
	for _, at := range slices.Sorted(maps.Keys(m.at)) {
		dist = append(dist, fmt.Sprintf("%s %d", at, m.at[at]))
	}
	t.Logf("%d SIGKILLs amid %d runs, %d more while coming up, %d after the end, in %v; at work were: %s",
		m.midway, m.runs, m.early, m.kills-m.midway-m.early, time.Since(began), strings.Join(dist, ", "))
	t.Logf("%d runs were killed after all was read, and read nothing more", m.settled)
}

// undisturbed runs the slot without any kill.
func (m *matrix) undisturbed() {
	m.t.Helper()
	data := m.dir()
	p := m.serve(data)
	began := time.Now()
	m.must("run", "start", "--file", m.file, "--slot", slot, "--data", data)
	m.took = time.Since(began)
	p.kill()
	m.want = m.outputs(data, m.run(data, "last"))
	if len(m.want.partition) < 100 || len(m.want.warehouse) != len(m.want.partition) {
		m.t.Fatalf("an undisturbed run wrote %d rows to BigQuery and %d to DuckDB", len(m.want.partition), len(m.want.warehouse))
	}
	for id := range m.loads() {
		m.loaded[id] = true
	}
	m.forget()
}

// round runs the slot and kills the server up to most times on its way.
func (m *matrix) round(data string, generation, most int) {
	m.t.Helper()
	ctx := m.t.Context()
	p := m.serve(data)
	if generation == 1 {
		m.must("run", "start", "--file", m.file, "--slot", slot, "--data", data, "--no-wait")
	} else {
		m.must("run", "rerun", "last", "--data", data, "--no-wait")
	}
	m.runs++
	var read *told // what had been read when a kill fell after the reading
	for n := 0; n < most; n++ {
		if err := m.wait(ctx, p, data, n); err != nil {
			m.t.Fatalf("%v\n%s", err, &p.out)
		}
		v, err := p.last(ctx)
		if err != nil {
			m.t.Fatal(err)
		}
		p.kill()
		m.kills++
		for _, at := range workOf(v) {
			m.at[at]++
		}
		if now := m.stats(); read == nil && done(v, "users") && done(v, "meetings") && done(v, "events") {
			read = &now
		}
		if v.Run.State.Terminal() {
			p = m.serve(data)
			break
		}
		m.midway++
		switch m.rng.IntN(5) {
		case 0:
			m.doomed("starting", "serve", "--data", data, "--sandbox", m.box.addr, "--listen", "127.0.0.1:0", "--no-schedule")
		case 1:
			m.doomed("run wait", "run", "wait", "last", "--data", data, "--sandbox", m.box.addr)
		}
		p = m.serve(data)
	}
	if out, code := m.weir("run", "wait", "last", "--data", data); code != 0 {
		m.t.Fatalf("after %d kills the run ended with exit %d:\n%s", m.kills, code, out)
	}
	p.kill()
	if read != nil {
		m.settled++
		m.unread(*read, m.stats())
	}
	run := m.run(data, "last")
	if run.State != runs.Success || run.Balance != "balanced" || run.Generation != uint32(generation) {
		m.t.Errorf("after %d kills the run is %s, %s, of generation %d", m.kills, run.State, run.Balance, run.Generation)
	}
	m.same(m.outputs(data, run), m.want)
	m.accounted(run)
	if out, code := m.weir("check", "--data", data); code != 0 {
		m.t.Errorf("weir check after the kills: exit %d\n%s", code, out)
	}
}

// doomed starts weir and kills it while it comes up or soon after. What it was
// at is not known.
func (m *matrix) doomed(what string, args ...string) {
	m.t.Helper()
	p := start(m.t, command(m.bin, args...), func() {})
	timer := time.NewTimer(time.Duration(m.rng.Int64N(int64(400 * time.Millisecond))))
	defer timer.Stop()
	select {
	case <-timer.C:
		p.kill()
		m.kills++
		m.early++
		m.at[what]++
	case <-p.done:
		if args[0] == "serve" {
			m.t.Errorf("the server ended by itself:\n%s", &p.out)
		}
	}
}

// wait lets the run go on to the moment of the kill after n others: half of them
// fall at any time, the first ones early lest the reading be over, and half on a
// node at work or on the writing of receipts.
func (m *matrix) wait(ctx context.Context, p *serving, data string, n int) error {
	pause := func(most time.Duration) error {
		timer := time.NewTimer(time.Duration(m.rng.Int64N(int64(most) + 1)))
		defer timer.Stop()
		select {
		case <-timer.C:
			return nil
		case <-p.done:
			return errEnded
		}
	}
	if m.rng.IntN(2) == 0 {
		return pause(m.took * time.Duration(min(n+1, 4)) / 6)
	}
	v, err := p.last(ctx)
	if err != nil {
		return err
	}
	open := slices.DeleteFunc(slices.Clone(nodes), func(n string) bool { return done(v, n) })
	if aim := m.rng.IntN(len(open) + 1); aim < len(open) {
		v, err := p.until(ctx, func(v *server.RunView) bool { return v.Nodes[open[aim]].Active > 0 || done(v, open[aim]) })
		if err != nil || v.Run.State.Terminal() {
			return err
		}
		return pause(20 * time.Millisecond)
	}
	// Receipts are written within milliseconds: the first of them, or the first
	// that is replaced, is the signal.
	first := filepath.Join(data, "files", "processed", "dt="+slot, "receipt.json")
	before, _ := os.Stat(first)
	_, err = p.until(ctx, func(v *server.RunView) bool {
		now, err := os.Stat(first)
		return v.Run.State == runs.Finalizing || err == nil && (before == nil || !os.SameFile(before, now))
	})
	return err
}

// done says whether a node has nothing to do any more.
func done(v *server.RunView, node string) bool {
	a := v.Run.Acts[node]
	return a != nil && a.State == runs.ActDone
}

// workOf names what a run is doing.
func workOf(v *server.RunView) []string {
	if v.Run.State != runs.Running {
		return []string{string(v.Run.State)}
	}
	var at []string
	for name, n := range v.Nodes {
		if n.Active > 0 {
			at = append(at, name)
		}
	}
	if at == nil {
		return []string{"between"}
	}
	return at
}

// accounted checks that the run has made one load job, and nobody another.
func (m *matrix) accounted(run *runs.Run) {
	m.t.Helper()
	mine := run.Facts["bigquery"]["job"]
	for id, j := range m.loads() {
		switch {
		case m.loaded[id]:
			continue
		case id != mine:
			m.t.Errorf("there is a load job %s beside %s", id, mine)
		case j.Status.State != "DONE" || j.Status.ErrorResult != nil || j.Statistics.Load.OutputRows != int64(len(m.want.partition)):
			m.t.Errorf("load job %s is %s: %+v", id, j.Status.State, j.Status.ErrorResult)
		case !strings.HasSuffix(id, fmt.Sprintf("_%d_1", run.Generation)):
			m.t.Errorf("load job %s is not the first of generation %d", id, run.Generation)
		}
		m.loaded[id] = true
	}
	if !m.loaded[mine] {
		m.t.Errorf("there is no load job %q", mine)
	}
}
