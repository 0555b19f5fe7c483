package engine

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/runs"
)

// A queued run whose preflight failed says so until it is tried again.
func TestFailedPreflightIsToldWhileItWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		b.publish(`"policy": {"retries": 1, "retry_delay": "5m"},`, 1)
		b.on("verify", func(_ context.Context, nth int, _ string) error {
			if nth == 1 {
				return fault.New("internal", "what", "nobody answers")
			}
			return nil
		})
		began := time.Now()
		r, err := b.engine.Start(t.Context(), Start{Flow: b.flow, Kind: "manual", By: "test"})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		got, ok := b.engine.Trouble(b.flow, r.Number)
		if !ok || fault.CodeOf(got.Fault) != "internal" || got.Until.Sub(began) < 5*time.Minute {
			t.Errorf("trouble of the queued run: %v, %v", got, ok)
		}
		if r := b.wait(r.Number); r.State != runs.Success {
			t.Errorf("the run ended %s", r.State)
		}
		if _, ok := b.engine.Trouble(b.flow, r.Number); ok {
			t.Error("the run that ended is still in trouble")
		}
		b.close()
	})
}

// A node of continuous data that fails for every FlowFile says so in the log,
// but not for each.
func TestFailingStreamIsLoggedNowAndThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		b.close()
		var log bytes.Buffer
		b.log = slog.New(slog.NewTextHandler(&log, nil))
		b.open(false)
		b.publishText(fmt.Sprintf(ticking, b.flow, "1s", ""))
		b.on("end", func(context.Context, int, string) error { return errWorld })
		if err := b.engine.StartFlow(t.Context(), b.flow); err != nil {
			t.Fatal(err)
		}
		pass(3*time.Minute + 30*time.Second)
		b.close()
		n := strings.Count(log.String(), errWorld.Error())
		if tries := b.visits("end"); n == 0 || n > 4 || tries < 10 {
			t.Errorf("%d failures were logged %d times in 3.5 minutes, want about one a minute", tries, n)
		}
	})
}

// A preflight that finds nobody who answers says so, and not that some deadline
// has passed.
func TestPreflightWithoutAnAnswerNamesTheNode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		b.publish(`"policy": {"retries": 0},`, 1)
		b.on("verify", func(ctx context.Context, _ int, _ string) error {
			<-ctx.Done()
			return ctx.Err()
		})
		r := b.run()
		if r.State != runs.Failed || r.Code != "preflight_timeout" || !strings.Contains(r.Why, `"end"`) {
			t.Errorf("run ended %s with %s: %s", r.State, r.Code, r.Why)
		}
		b.close()
	})
}

// A FlowFile that waits for its next try is told with its last failure until
// then, though others pass meanwhile.
func TestBackOffOfAFlowFileIsWatched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		b.publish(`"policy": {"retries": 1, "retry_delay": "5m"},`, 1)
		failed := false
		b.on("map", func(_ context.Context, _ int, number string) error {
			if number == "2" && !failed {
				failed = true
				return errWorld
			}
			return nil
		})
		began := time.Now()
		r, err := b.engine.Start(t.Context(), Start{Flow: b.flow, Kind: "manual", By: "test"})
		if err != nil {
			t.Fatal(err)
		}
		pass(time.Minute)
		got := b.engine.Watch(b.flow, r.Number)["mid"]
		if got.In.N != 4 || got.Error != errWorld.Error() || got.Until.Before(began.Add(5*time.Minute)) || got.Until.After(began.Add(6*time.Minute)) {
			t.Errorf("while one FlowFile waits: %+v", got)
		}
		if r = b.wait(r.Number); r.State != runs.Success {
			t.Errorf("the run ended %s", r.State)
		}
		b.close()
	})
}
