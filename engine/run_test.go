package engine

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

var inOrder = []string{"0", "1", "2", "3", "4"}

func TestRunEndsBalanced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		b.publish("", 2)
		r := b.run()
		if r.State != runs.Success || r.Balance != "balanced" {
			t.Fatalf("run ended %s (%s), balance %q, breaches %v", r.State, r.Why, r.Balance, r.Breaches)
		}
		if got := b.rounds(); len(got) != 1 || !slices.Equal(got[0], inOrder) {
			t.Errorf("sink kept %v, want one round of %v", got, inOrder)
		}
		if n := r.Counted("end", flowfile.Committed).Rows; n != 10 {
			t.Errorf("committed %d rows, want 10", n)
		}
		b.close()
	})
}

func TestLostRowIsRed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		b.publish("", 1)
		b.lose.Store(1) // the sink loses one row
		r := b.run()
		if r.State != runs.Failed || r.Balance != "broken" || len(r.Breaches) == 0 {
			t.Fatalf("a lost row ended %s, balance %q, breaches %v; want FAILED", r.State, r.Balance, r.Breaches)
		}
		b.close()
	})
}

func TestSourceIsTriedAgainFromItsCursor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		b.publish(`"policy": {"retries": 1, "retry_delay": "5m"},`, 1)
		failed := false
		b.on("source", func(_ context.Context, _ int, at string) error {
			if at == "3" && !failed {
				failed = true
				return errWorld
			}
			return nil
		})
		began := time.Now()
		r := b.run()
		if r.State != runs.Success {
			t.Fatalf("run ended %s: %s", r.State, r.Why)
		}
		if took := time.Since(began); took < 5*time.Minute || took > 6*time.Minute {
			t.Errorf("the run took %v, want the retry delay of 5m", took)
		}
		if n := b.visits("source"); n != 6 {
			t.Errorf("the source was called %d times, want 6: it must go on from its cursor", n)
		}
		if got := b.rounds(); len(got) != 1 || !slices.Equal(got[0], inOrder) {
			t.Errorf("sink kept %v", got)
		}
		b.close()
	})
}

func TestPermanentFaultSpendsNoRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		b.publish(`"policy": {"retries": 3, "retry_delay": "5m"},`, 1)
		b.on("source", func(context.Context, int, string) error {
			return fault.New("internal", "what", "no permission").Permanent()
		})
		began := time.Now()
		r := b.run()
		if r.State != runs.Failed || time.Since(began) > time.Minute {
			t.Fatalf("run ended %s after %v, want FAILED at once", r.State, time.Since(began))
		}
		if a := r.Acts["src"]; a.State != runs.ActFailed || a.Code != "internal" {
			t.Errorf("activity is %s with code %q", a.State, a.Code)
		}
		b.close()
	})
}

func TestFlowFileIsParkedAndResumed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		b.publish(`"policy": {"retries": 1, "retry_delay": "1m"},`, 3)
		broken := true
		b.on("map", func(_ context.Context, _ int, what string) error {
			if broken && what == "2" {
				return errWorld
			}
			return nil
		})
		r := b.run()
		if r.State != runs.Failed {
			t.Fatalf("run ended %s, want FAILED: one FlowFile is parked", r.State)
		}
		if n := r.ParkedNow().N; n != 1 {
			t.Fatalf("%d FlowFiles parked, want 1: the others of its batch must pass", n)
		}
		if len(b.rounds()) != 0 {
			t.Fatal("the sink fired though a FlowFile is parked upstream")
		}
		broken = false
		if err := b.engine.Resume(context.Background(), b.flow, r.Number, 0, false, "test"); err != nil {
			t.Fatal(err)
		}
		r = b.wait(r.Number)
		if r.State != runs.Success || r.Balance != "balanced" {
			t.Fatalf("resumed run ended %s (%s %s)", r.State, r.Code, r.Why)
		}
		if got := b.rounds(); len(got) != 1 || !slices.Equal(got[0], inOrder) {
			t.Errorf("sink kept %v, want %v in the source's order", got, inOrder)
		}
		b.close()
	})
}

func TestCancelDropsWhatIsQueued(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		b.publish("", 1)
		entered := make(chan struct{}, 10)
		b.on("map", func(ctx context.Context, _ int, _ string) error {
			entered <- struct{}{}
			<-ctx.Done()
			return ctx.Err()
		})
		r, err := b.engine.Start(context.Background(), Start{Flow: b.flow, Kind: "manual", By: "test"})
		if err != nil {
			t.Fatal(err)
		}
		<-entered
		synctest.Wait()
		if err := b.engine.Cancel(context.Background(), b.flow, r.Number, "test"); err != nil {
			t.Fatal(err)
		}
		r = b.wait(r.Number)
		if r.State != runs.Cancelled || r.Live().N != 0 {
			t.Fatalf("run is %s with %d FlowFiles left", r.State, r.Live().N)
		}
		if n := r.Queues["src-mid"].Dropped.N; n != 5 {
			t.Errorf("%d FlowFiles counted as dropped, want 5", n)
		}
		b.close()
	})
}

func TestHungTaskIsTerminated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		b.publish("", 1)
		hang := make(chan struct{})
		entered := make(chan struct{}, 10)
		b.on("map", func(_ context.Context, nth int, _ string) error {
			if nth == 1 {
				entered <- struct{}{}
				<-hang // deaf to its context
			}
			return nil
		})
		r, err := b.engine.Start(context.Background(), Start{Flow: b.flow, Kind: "manual", By: "test"})
		if err != nil {
			t.Fatal(err)
		}
		<-entered
		if err := b.engine.Terminate(context.Background(), b.flow, r.Number, "mid"); err != nil {
			t.Fatal(err)
		}
		got := b.wait(r.Number)
		if got.State != runs.Success || got.Balance != "balanced" {
			t.Fatalf("run ended %s %q", got.State, got.Balance)
		}
		close(hang) // the zombie comes back and must change nothing
		synctest.Wait()
		after, err := b.store.Run(b.flow, r.Number)
		if err != nil || after.State != runs.Success || after.Counted("mid", flowfile.Out).N != 5 {
			t.Errorf("after the zombie's return: %v, %v", after, err)
		}
		b.close()
	})
}

func TestCloseRollsBackAndReopenFinishes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		b.publish("", 1)
		entered := make(chan struct{}, 10)
		first := true
		b.on("map", func(ctx context.Context, _ int, _ string) error {
			if first {
				first = false
				entered <- struct{}{}
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		})
		r, err := b.engine.Start(context.Background(), Start{Flow: b.flow, Kind: "manual", By: "test"})
		if err != nil {
			t.Fatal(err)
		}
		<-entered
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := b.engine.Close(ctx); err != nil {
			t.Fatal(err)
		}
		if err := b.store.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
		b.open(false)
		got := b.wait(r.Number)
		if got.State != runs.Success || got.Balance != "balanced" {
			t.Fatalf("run ended %s (%s) after the restart", got.State, got.Why)
		}
		if rounds := b.rounds(); len(rounds) != 1 || !slices.Equal(rounds[0], inOrder) {
			t.Errorf("sink kept %v", rounds)
		}
		b.close()
	})
}
