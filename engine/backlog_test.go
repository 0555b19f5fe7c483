package engine

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

// countingStore counts the reads that grow with the number of runs.
type countingStore struct {
	Store
	docs, lists atomic.Int64
}

func (s *countingStore) Doc(flow string, version uint32) ([]byte, error) {
	s.docs.Add(1)
	return s.Store.Doc(flow, version)
}

func (s *countingStore) UnfinishedRuns() []*runs.Run {
	s.lists.Add(1)
	return s.Store.UnfinishedRuns()
}

// A backlog of many runs is worked off oldest first, and what is done for each
// run does not grow with their number.
func TestBacklogIsWorkedOffInOrderAtAPriceForEach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		b.close()
		var counted *countingStore
		b.wrap = func(s Store) Store {
			counted = &countingStore{Store: s}
			return counted
		}
		b.open(false)
		b.publish(`"policy": {"retries": 0, "max_active_runs": 2},`, 5)
		const n = 60
		day := time.Date(1999, 6, 1, 0, 0, 0, 0, time.UTC)
		var numbers []flowfile.RunID
		for i := range n {
			r, err := b.engine.Start(t.Context(), Start{Flow: b.flow, Slot: day.AddDate(0, 0, i).Format(time.DateOnly), Kind: "backfill", By: "test"})
			if err != nil {
				t.Fatal(err)
			}
			numbers = append(numbers, r.Number)
		}
		var last time.Time
		for _, number := range numbers {
			r := b.wait(number)
			if r.State != runs.Success || r.Started.Before(last) {
				t.Fatalf("run of %s ended %s, begun at %v after one that began at %v", r.Slot, r.State, r.Started, last)
			}
			last = r.Started
		}
		if docs := counted.docs.Load(); docs > 12*n {
			t.Errorf("the flow was read %d times for %d runs", docs, n)
		}
		if lists := counted.lists.Load(); lists > 2 {
			t.Errorf("all runs were listed %d times", lists)
		}
		b.engine.mu.Lock()
		left := b.engine.backlogOf(b.flow)
		if len(left.queued)+len(left.active) > 0 {
			t.Errorf("%d queued and %d active are left in the backlog", len(left.queued), len(left.active))
		}
		b.engine.mu.Unlock()
		b.close()
	})
}

// A run that is resumed waits until there is room, and says so.
func TestResumedRunCountsAgainstTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		b.publish(`"policy": {"retries": 0, "max_active_runs": 1},`, 1)
		go1 := make(chan struct{})
		b.on("sink", func(ctx context.Context, nth int, _ string) error {
			switch nth {
			case 1:
				return fault.New("internal", "what", "typo").Permanent()
			case 2:
				<-go1
			}
			return nil
		})
		start := func(slot string) *runs.Run {
			r, err := b.engine.Start(t.Context(), Start{Flow: b.flow, Slot: slot, Kind: "manual", By: "test"})
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		failed := b.wait(start("1999-12-30").Number)
		if failed.State != runs.Failed {
			t.Fatalf("the first run ended %s", failed.State)
		}
		at := start("1999-12-31")
		synctest.Wait()
		if err := b.engine.Resume(t.Context(), b.flow, failed.Number, 0, false, "test"); err != nil {
			t.Fatal(err)
		}
		later := start("1999-12-29")
		synctest.Wait()
		if n := b.visits("sink"); n != 2 {
			t.Errorf("%d sinks began, the resumed run's too", n)
		}
		if got, ok := b.engine.Trouble(b.flow, failed.Number); !ok || fault.CodeOf(got.Fault) != "run_waits_for_room" {
			t.Errorf("trouble of the resumed run: %+v", got)
		}
		close(go1)
		for _, r := range []*runs.Run{at, failed, later} {
			if r = b.wait(r.Number); r.State != runs.Success {
				t.Errorf("run of %s ended %s (%s)", r.Slot, r.State, r.Why)
			}
		}
		if _, ok := b.engine.Trouble(b.flow, failed.Number); ok {
			t.Error("the run that ended is still in trouble")
		}
		b.close()
	})
}

// Whatever order commits are followed in, the backlog ends as the store has it.
func TestBacklogNotesTheNewestState(t *testing.T) {
	b := &backlog{active: map[flowfile.RunID]bool{}}
	for _, c := range []struct {
		run   flowfile.RunID
		state runs.State
		want  string
	}{
		{3, runs.Queued, "[3] map[]"}, {1, runs.Queued, "[1 3] map[]"}, {1, runs.Queued, "[1 3] map[]"}, {2, runs.Queued, "[1 2 3] map[]"},
		{1, runs.Running, "[2 3] map[1:true]"}, {2, runs.Failed, "[3] map[1:true]"}, {1, runs.Finalizing, "[3] map[1:true]"},
		{1, runs.Success, "[3] map[]"}, {2, runs.Running, "[3] map[2:true]"}, {3, runs.Cancelled, "[] map[2:true]"},
	} {
		b.note(&runs.Run{Number: c.run, State: c.state})
		var queued []flowfile.RunID
		for _, w := range b.queued {
			queued = append(queued, w.run)
		}
		if got := fmt.Sprint(queued, b.active); got != c.want {
			t.Errorf("after %d %s: %s, want %s", c.run, c.state, got, c.want)
		}
	}
}
