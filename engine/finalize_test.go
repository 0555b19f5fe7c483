package engine

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/runs"
)

// finalBench is a bench with a Finalize.
func finalBench(t *testing.T, finalize func(ctx context.Context, nth int64, r *runs.Run) error) (*bench, *atomic.Int64) {
	b := newBench(t, false)
	b.close()
	var calls atomic.Int64
	b.finalize = func(ctx context.Context, r *runs.Run, g *runs.Graph) error {
		if _, ok := g.Node("end"); !ok {
			t.Error("the graph is not the run's")
		}
		return finalize(ctx, calls.Add(1), r)
	}
	b.open(false)
	b.publish(`"policy": {"retries": 0},`, 1)
	return b, &calls
}

func TestFinalizeIsTriedAgainWhileTheRunSaysWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, calls := finalBench(t, func(_ context.Context, nth int64, r *runs.Run) error {
			if r.State != runs.Success || r.Balance != runs.Balanced {
				t.Errorf("it is given a run that is %s, %s", r.State, r.Balance)
			}
			if nth <= 4 {
				return fault.New("internal", "what", "disk full")
			}
			return nil
		})
		r, err := b.engine.Start(t.Context(), Start{Flow: b.flow, Kind: "manual", By: "test"})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		began := time.Now()
		if now, err := b.store.Run(b.flow, r.Number); err != nil || now.State != runs.Finalizing {
			t.Errorf("the run is %s, %v", now.State, err)
		}
		if got, ok := b.engine.Trouble(b.flow, r.Number); !ok || fault.CodeOf(got.Fault) != "internal" || !got.Until.After(began) {
			t.Errorf("trouble: %+v", got)
		}
		if r = b.wait(r.Number); r.State != runs.Success || calls.Load() != 5 {
			t.Errorf("the run ended %s after %d calls", r.State, calls.Load())
		}
		if took := time.Since(began); took < 15*time.Second || took > 17*time.Second {
			t.Errorf("it took %v; the waits of 1, 2, 4 and 8 s make 15 s and a little", took)
		}
		if _, ok := b.engine.Trouble(b.flow, r.Number); ok {
			t.Error("a run that has ended is in trouble")
		}
		b.close()
	})
}

// TestARunThatCannotBeFinalizedCanBeCancelled fills the disk for ever: the slot
// must not stay busy for ever, too.
func TestARunThatCannotBeFinalizedCanBeCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, calls := finalBench(t, func(context.Context, int64, *runs.Run) error {
			return fault.New("internal", "what", "disk full")
		})
		r, err := b.engine.Start(t.Context(), Start{Flow: b.flow, Kind: "manual", By: "test"})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if err := b.engine.Cancel(t.Context(), b.flow, r.Number, "test"); err != nil {
			t.Fatal(err)
		}
		if r = b.wait(r.Number); r.State != runs.Cancelled {
			t.Errorf("the run ended %s", r.State)
		}
		n := calls.Load()
		<-time.After(time.Hour)
		synctest.Wait()
		if calls.Load() != n {
			t.Errorf("a cancelled run was finalized %d times more", calls.Load()-n)
		}
		b.close()
	})
}

func TestFinalizeThatFailsForGoodFailsTheRunUntilItIsResumed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, calls := finalBench(t, func(_ context.Context, nth int64, _ *runs.Run) error {
			if nth == 1 {
				return fault.New("path_is_directory", "path", "receipt.json").Permanent()
			}
			return nil
		})
		r := b.run()
		if r.State != runs.Failed || r.Code != "path_is_directory" || r.Note == nil || r.Balance != "" {
			t.Fatalf("the run ended %s with %q, balance %q", r.State, r.Code, r.Balance)
		}
		read, sunk := b.visits("source"), b.visits("sink")
		if err := b.engine.Resume(t.Context(), b.flow, r.Number, 0, false, "test"); err != nil {
			t.Fatal(err)
		}
		if r = b.wait(r.Number); r.State != runs.Success || r.Balance != runs.Balanced || calls.Load() != 2 {
			t.Errorf("resumed, it ended %s, %s after %d calls", r.State, r.Balance, calls.Load())
		}
		if b.visits("source") != read || b.visits("sink") != sunk {
			t.Error("what was done is done again")
		}
		b.close()
	})
}

func TestFinalizeIsTakenUpAfterAStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, calls := finalBench(t, func(ctx context.Context, nth int64, _ *runs.Run) error {
			if nth == 1 {
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		})
		r, err := b.engine.Start(t.Context(), Start{Flow: b.flow, Kind: "manual", By: "test"})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		b.close()
		b.open(false)
		if r = b.wait(r.Number); r.State != runs.Success || calls.Load() != 2 {
			t.Errorf("the run ended %s after %d calls", r.State, calls.Load())
		}
		b.close()
	})
}

func TestRunThatFailsIsNotFinalized(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, calls := finalBench(t, func(context.Context, int64, *runs.Run) error { return nil })
		b.lose.Store(1)
		if r := b.run(); r.State != runs.Failed || r.Balance != runs.BalanceBroken || calls.Load() != 0 {
			t.Errorf("the run ended %s, %s after %d calls", r.State, r.Balance, calls.Load())
		}
		b.close()
	})
}
