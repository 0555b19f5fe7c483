package engine

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/runs"
)

func TestPausedRunsHoldUpNoManualOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, true)
		b.publish(daily, 1)
		b.enable(0)
		if err := b.store.UpdateSchedule(t.Context(), b.flow, func(st *runs.FlowStatus) error {
			st.Paused = true
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		pass(22 * time.Hour)
		b.wantSlots("2000-01-01 QUEUED")
		r, err := b.engine.Start(t.Context(), Start{Flow: b.flow, Slot: "1999-12-31", Kind: "manual", By: "test"})
		if err != nil {
			t.Fatal(err)
		}
		b.wait(r.Number)
		b.wantSlots("2000-01-01 QUEUED", "1999-12-31 SUCCESS")
		b.close()
	})
}

func TestSlowPreflightHoldsUpNoOtherRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		b.publish(`"policy": {"max_active_runs": 2, "retries": 0},`, 1)
		b.on("verify", func(ctx context.Context, nth int, _ string) error {
			if nth == 1 {
				<-ctx.Done()
				return fault.New("internal", "what", "the server does not answer")
			}
			return nil
		})
		start := func(slot string) *runs.Run {
			r, err := b.engine.Start(t.Context(), Start{Flow: b.flow, Slot: slot, Kind: "manual", By: "test"})
			if err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			return r
		}
		began := time.Now()
		slow, quick := start("1999-12-30"), start("1999-12-31")
		if r := b.wait(quick.Number); r.State != runs.Success {
			t.Errorf("the other run ended %s", r.State)
		}
		soon(t, began, time.Second)
		if r := b.wait(slow.Number); r.State != runs.Failed {
			t.Errorf("the run without a preflight ended %s", r.State)
		}
		b.close()
	})
}

func TestPanicInPreflightRefusesTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		b.publish(`"policy": {"retries": 0},`, 1)
		b.on("verify", func(context.Context, int, string) error { panic("nobody home") })
		if r := b.run(); r.State != runs.Failed || r.Code != "processor_panic" {
			t.Errorf("run ended %s with code %q", r.State, r.Code)
		}
		b.close()
	})
}

func TestCloseCutsAPreflightShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		b.publish(`"policy": {"retries": 0},`, 1)
		b.on("verify", func(ctx context.Context, nth int, _ string) error {
			if nth == 1 {
				<-ctx.Done()
				return fault.New("internal", "what", "interrupted")
			}
			return nil
		})
		r, err := b.engine.Start(t.Context(), Start{Flow: b.flow, Kind: "manual", By: "test"})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		began := time.Now()
		b.close()
		soon(t, began, time.Second)
		b.open(false)
		if r = b.wait(r.Number); r.State != runs.Success {
			t.Errorf("run ended %s (%s): the stop refused it", r.State, r.Why)
		}
		b.close()
	})
}

func TestWaitForAnUnknownRunFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		b.publish("", 1)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := b.engine.Wait(ctx, b.flow, 99); err == nil || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Wait gave %v, want that there is no such run", err)
		}
		b.close()
	})
}
