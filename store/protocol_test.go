package store

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"testing"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/runs/runstest"
)

// driver lets runstest play its schedules over a real store.
type driver struct {
	s     *Store
	dir   string
	opts  Options
	views map[uint64]*View
}

var _ runstest.Driver = (*driver)(nil)

func newDriver(t testing.TB) *driver {
	opts := testOptions()
	opts.Window = 16 // so that queues are longer than what is in memory
	opts.DiskReserve = -1
	dir := t.TempDir()
	d := &driver{s: openStore(t, dir, opts), dir: dir, opts: opts, views: map[uint64]*View{}}
	t.Cleanup(func() { _ = crash(d.s) })
	return d
}

func (d *driver) Publish(flow string, version uint32, p *runs.Plan) error {
	v, err := d.s.Publish(context.Background(), flow, Publication{Doc: []byte(flow), Plan: *p, Continuous: true})
	if err == nil && v != version {
		err = fmt.Errorf("version %d became %d", version, v)
	}
	return err
}

func (d *driver) Commit(x *flowfile.Delivery) (runs.Effects, error) {
	return d.s.Commit(context.Background(), x)
}

func (d *driver) Run(flow string, n flowfile.RunID) (*runs.Run, error) { return d.s.Run(flow, n) }

func (d *driver) Take(flow string, version uint32, n flowfile.RunID, conns []string, limit int) ([]*flowfile.Item, error) {
	v := d.s.Queues(flow, version, n)
	d.views[v.Token()] = v
	return v.Take(conns, limit)
}

func (d *driver) Release(items []*flowfile.Item) {
	for _, it := range items {
		if v := d.views[it.Token]; v != nil {
			v.Release([]*flowfile.Item{it})
		}
	}
}

func (d *driver) Queued(flow string, version uint32, n flowfile.RunID, conn string) ([]flowfile.ID, error) {
	var ids []flowfile.ID
	after := Place{}
	for {
		page, err := d.s.Peek(flow, version, conn, n, after, 3)
		if err != nil || len(page) == 0 {
			return ids, err
		}
		for _, q := range page {
			ids = append(ids, q.FlowFile.ID)
		}
		after = page[len(page)-1].Place
	}
}

func (d *driver) Parked(flow string, n flowfile.RunID) ([]flowfile.ID, error) {
	var ids []flowfile.ID
	after := flowfile.ID(0)
	for {
		page, err := d.s.Parked(flow, n, after, 2)
		if err != nil || len(page) == 0 {
			return ids, err
		}
		for _, p := range page {
			ids = append(ids, p.FlowFile.ID)
		}
		after = page[len(page)-1].FlowFile.ID
	}
}

func (d *driver) Crash() error {
	if err := crash(d.s); err != nil {
		return err
	}
	clear(d.views)
	s, err := Open(context.Background(), d.dir, d.opts)
	if err == nil {
		d.s = s
	}
	return err
}

// soak returns how much to do: few in ordinary tests, all under WEIR_SOAK.
func soak(few, all int) int {
	if os.Getenv("WEIR_SOAK") != "" {
		return all
	}
	if testing.Short() { // as under the race detector, which is ten times slower
		return max(1, few/10)
	}
	return few
}

func TestProtocolOverTheRealStore(t *testing.T) {
	schedules := soak(100, 3000)
	commits, crashes := 0, 0
	for seed := range schedules {
		t.Run(strconv.Itoa(seed), func(t *testing.T) {
			d := newDriver(t)
			rep, err := runstest.Play(d, runstest.Options{Seed: uint64(seed), Crashes: seed%4 != 0, Runs: 2})
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range rep.Violations {
				t.Error(v)
			}
			commits += rep.Commits
			crashes += rep.Crashes
			if err := crash(d.s); err != nil {
				t.Fatal(err)
			}
			if seed%10 == 0 {
				checkClean(t, d.dir)
			}
		})
	}
	if commits < 20*schedules || crashes == 0 {
		t.Errorf("%d schedules made only %d commits and %d crashes", schedules, commits, crashes)
	}
	t.Logf("%d schedules, %d commits, %d crashes", schedules, commits, crashes)
}

func checkClean(t testing.TB, dir string) *CheckReport {
	t.Helper()
	r, err := Check(context.Background(), dir)
	if err != nil {
		t.Fatalf("check: %v", err)
	}
	for _, p := range r.Problems {
		t.Errorf("check: %v", p)
	}
	return r
}
