package runs_test

import (
	"testing"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/runs/runstest"
)

// everyPoint stops the store after each commit, in a copy, recovers the copy and
// looks at it, while the schedule goes on.
type everyPoint struct {
	*runstest.MapStore
	t      *testing.T
	points int
}

func (s *everyPoint) Commit(d *flowfile.Delivery) (runs.Effects, error) {
	e, err := s.MapStore.Commit(d)
	if err == nil {
		s.recover(e.Run)
	}
	return e, err
}

// recover checks that a crash here would lose no counter and leave no activity
// in the hands of a session that is gone, and that a run which could move still
// can.
func (s *everyPoint) recover(n flowfile.RunID) {
	s.points++
	was, err := s.Run("model", n)
	if err != nil {
		s.t.Fatal(err)
	}
	c := s.Fork()
	if _, err := c.Commit(&flowfile.Delivery{Flow: "model", Run: n, Order: &flowfile.Order{Kind: flowfile.OrderRecover}}); err != nil {
		s.t.Fatal(err)
	}
	now, err := c.Run("model", n)
	if err != nil {
		s.t.Fatal(err)
	}
	if now.State != was.State {
		s.t.Fatalf("run %d was %s before the crash and %s after it", n, was.State, now.State)
	}
	if !was.State.Terminal() && was.State != runs.Queued && now.Epoch == was.Epoch {
		s.t.Fatalf("run %d kept epoch %d over the crash: lost sessions could still commit", n, now.Epoch)
	}
	for name, a := range now.Acts {
		b := was.Acts[name]
		if was.State == runs.Running && b.State == runs.ActRunning &&
			(a.State != runs.ActReady || a.Tries != b.Tries || a.Epoch == b.Epoch) {
			s.t.Fatalf("run %d: %s went from %+v to %+v over the crash", n, name, b, a)
		}
	}
	if wrong := now.Recount(s.Tallies("model", n)); len(wrong) > 0 {
		s.t.Fatalf("run %d: counters of %v differ from the queues", n, wrong)
	}
}

func TestCrashAfterEveryCommitRecovers(t *testing.T) {
	points := 0
	for seed := range soak(200) {
		s := &everyPoint{MapStore: runstest.NewMapStore(), t: t}
		rep, err := runstest.Play(s, runstest.Options{Seed: 1e6 + uint64(seed)})
		if err != nil || len(rep.Violations) > 0 {
			t.Fatalf("seed %d: %v %v", seed, err, rep.Violations)
		}
		points += s.points
	}
	t.Logf("%d crash points", points)
}

// Each commit of a schedule in turn is the one at which the store crashes,
// before it and after it, and the schedule is then played to its end.
func TestCrashAtEveryCommitEnds(t *testing.T) {
	played := 0
	for seed := range soak(6) {
		for at := 1; ; at++ {
			last := 0
			for _, after := range []bool{false, true} {
				rep, err := runstest.Play(runstest.NewMapStore(),
					runstest.Options{Seed: 2e6 + uint64(seed), Runs: 2, CrashAt: at, CrashAfter: after})
				if err != nil || len(rep.Violations) > 0 {
					t.Fatalf("seed %d, crash at %d (after: %v): %v %v", seed, at, after, err, rep.Violations)
				}
				last = rep.Commits
				played++
			}
			if at > last {
				break
			}
		}
	}
	t.Logf("%d schedules with one crash each", played)
}
