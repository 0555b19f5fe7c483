package engine

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/runs"
)

// TestWaitForAQuotaSpendsNoTry lets a source wait five times for a quota in a
// flow that allows no retry at all.
func TestWaitForAQuotaSpendsNoTry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		b.publish(`"policy": {"retries": 0},`, 1)
		calls := 0
		b.on("source", func(context.Context, int, string) error {
			if calls++; calls <= 5 {
				return fault.New("internal", "what", "quota").FreeAfter(30 * time.Minute)
			}
			return nil
		})
		began := time.Now()
		r := b.run()
		if took := time.Since(began); r.State != runs.Success || took < 150*time.Minute || took > 151*time.Minute {
			t.Fatalf("run ended %s after %v (%s), want SUCCESS after five waits of 30m", r.State, took, r.Why)
		}
		if a := r.Acts["src"]; a.Tries != 0 {
			t.Errorf("the waits spent %d tries", a.Tries)
		}
		b.close()
	})
}

// TestPreflightWaitsForAQuotaToo lets the preflight of a flow that allows no
// retry wait twice.
func TestPreflightWaitsForAQuotaToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		b.publish(`"policy": {"retries": 0},`, 1)
		b.on("verify", func(_ context.Context, nth int, _ string) error {
			if nth <= 2 {
				return fault.New("internal", "what", "quota").FreeAfter(30 * time.Minute)
			}
			return nil
		})
		began := time.Now()
		r := b.run()
		if took := time.Since(began); r.State != runs.Success || took < time.Hour || took > 61*time.Minute {
			t.Errorf("run ended %s after %v (%s), want SUCCESS after two waits of 30m", r.State, took, r.Why)
		}
		b.close()
	})
}

// TestWaitForAQuotaLeavesTheTries lets a preflight wait three times for a quota
// and then fail once for another reason, in a flow that allows one retry.
func TestWaitForAQuotaLeavesTheTries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		b.publish(`"policy": {"retries": 1, "retry_delay": "1m"},`, 1)
		b.on("verify", func(_ context.Context, nth int, _ string) error {
			switch {
			case nth <= 3:
				return fault.New("internal", "what", "quota").FreeAfter(30 * time.Minute)
			case nth == 4:
				return fault.New("internal", "what", "network")
			}
			return nil
		})
		if r := b.run(); r.State != runs.Success {
			t.Errorf("run ended %s (%s), want SUCCESS at the one retry", r.State, r.Why)
		}
		b.close()
	})
}
