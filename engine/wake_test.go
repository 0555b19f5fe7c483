package engine

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

// soon fails the test when a run took longer than its waits explain: a worker
// that nobody woke looks again after an hour, which would hide it.
func soon(t *testing.T, began time.Time, most time.Duration) {
	t.Helper()
	if took := time.Since(began); took > most {
		t.Errorf("it took %v, want at most %v: somebody was not woken", took, most)
	}
}

func TestParkingWakesWhoWaitsForRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		b.publishText(fmt.Sprintf(`{"weir": 1, "id": "%s", "mode": "runs", "policy": {"retries": 0},
			"nodes": {"src": {"kind": "TestSource"}, "mid": {"kind": "TestMap"}, "end": {"kind": "TestSink"}},
			"connections": {"src-mid": {"from": "src", "output": "success", "to": "mid", "limit": {"flowfiles": 1}},
				"mid-end": {"from": "mid", "output": "success", "to": "end"}}}`, b.flow))
		b.on("map", func(context.Context, int, string) error { return errWorld })
		began := time.Now()
		r := b.run()
		if r.State != runs.Failed || r.ParkedNow().N != 3 {
			t.Errorf("run ended %s with %d parked, want FAILED with 3", r.State, r.ParkedNow().N)
		}
		soon(t, began, time.Minute)
		b.close()
	})
}

func TestWhatLiesBehindTheExpiredIsTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		b.publishText(fmt.Sprintf(ticking, b.flow, "10s", `, "expire": "20s"`))
		b.on("tick", func(_ context.Context, nth int, _ string) error {
			if nth > 4 {
				return errWorld
			}
			return nil
		})
		b.on("end", func(_ context.Context, nth int, _ string) error {
			if nth == 1 {
				<-time.After(45 * time.Second) // two more grow too old meanwhile
			}
			return nil
		})
		if err := b.engine.StartFlow(t.Context(), b.flow); err != nil {
			t.Fatal(err)
		}
		pass(time.Minute)
		if n := b.visits("end"); n != 2 || b.depth() != 0 {
			t.Errorf("%d FlowFiles were taken and %d wait; want 2 of 4 taken, two expired", n, b.depth())
		}
		b.close()
	})
}

func TestGateWhoseInputWasDroppedRunsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		b.publish("", 1)
		entered, let := make(chan struct{}), make(chan struct{})
		b.on("read", func(_ context.Context, nth int, _ string) error {
			if nth == 1 {
				close(entered)
				<-let
			}
			return nil
		})
		began := time.Now()
		r, err := b.engine.Start(t.Context(), Start{Flow: b.flow, Kind: "manual", By: "test"})
		if err != nil {
			t.Fatal(err)
		}
		<-entered
		if _, err := b.engine.Commit(t.Context(), &flowfile.Delivery{Flow: b.flow, Version: r.QueueVersion, Run: r.Number,
			Order: &flowfile.Order{Kind: flowfile.OrderDropQueue, Conn: "mid-end", At: b.now(), By: "test"}}); err != nil {
			t.Fatal(err)
		}
		close(let)
		if r = b.wait(r.Number); r.State != runs.Partial {
			t.Errorf("run ended %s (%s)", r.State, r.Why)
		}
		soon(t, began, time.Minute)
		b.close()
	})
}

func TestFullDiskSpendsNoTry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		b.close()
		began := time.Now()
		b.free = func(string) (int64, error) {
			if at := time.Since(began); at > time.Minute && at < 3*time.Hour {
				return 0, nil
			}
			return 1 << 40, nil
		}
		b.open(false)
		b.publish(`"policy": {"retries": 0},`, 2)
		for _, where := range []string{"source", "map", "sink"} {
			b.on(where, func(_ context.Context, nth int, _ string) error {
				if nth == 2 {
					<-time.After(2 * time.Minute)
				}
				return nil
			})
		}
		r := b.run()
		if r.State != runs.Success || r.Balance != "balanced" {
			t.Fatalf("run ended %s (%s), want it to wait for space", r.State, r.Why)
		}
		soon(t, began, 4*time.Hour)
		b.close()
	})
}

func TestStopSpendsNoTryWhateverTheErrorSays(t *testing.T) {
	for _, where := range []string{"source", "map", "sink"} {
		t.Run(where, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, false)
				b.publish(`"policy": {"retries": 0},`, 1)
				entered := make(chan struct{})
				b.on(where, func(ctx context.Context, nth int, _ string) error {
					if nth == 1 {
						close(entered)
						<-ctx.Done()
						return errors.New("connection reset by peer")
					}
					return nil
				})
				r, err := b.engine.Start(t.Context(), Start{Flow: b.flow, Kind: "manual", By: "test"})
				if err != nil {
					t.Fatal(err)
				}
				<-entered
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				if err := b.engine.Close(ctx); err != nil {
					t.Fatal(err)
				}
				if err := b.store.Close(ctx); err != nil {
					t.Fatal(err)
				}
				b.open(false)
				if r = b.wait(r.Number); r.State != runs.Success {
					t.Errorf("run ended %s (%s): the stop spent its only try", r.State, r.Why)
				}
				b.close()
			})
		})
	}
}

func TestPanicInStartIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		b.publish(`"policy": {"retries": 1, "retry_delay": "1m"},`, 1)
		b.on("start", func(_ context.Context, nth int, _ string) error {
			if nth == 1 {
				panic("no such driver")
			}
			return nil
		})
		if r := b.run(); r.State != runs.Success {
			t.Errorf("run ended %s (%s)", r.State, r.Why)
		}
		b.close()
	})
}

func TestProcessorStartsOnceForAllWorkers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		b.publishText(fmt.Sprintf(`{"weir": 1, "id": "%s", "mode": "runs",
			"nodes": {"src": {"kind": "TestSource"}, "mid": {"kind": "TestMap", "workers": 4}, "end": {"kind": "TestSink"}},
			"connections": {"src-mid": {"from": "src", "output": "success", "to": "mid"},
				"mid-end": {"from": "mid", "output": "success", "to": "end"}}}`, b.flow))
		b.on("start", func(context.Context, int, string) error {
			<-time.After(time.Second)
			return nil
		})
		b.run()
		if n := b.visits("start"); n != 1 {
			t.Errorf("the processor was started %d times", n)
		}
		b.close()
	})
}

func TestTimeoutIsNamedAsTheCause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		b.publish(`"policy": {"retries": 0, "timeout": "10s"},`, 1)
		b.on("source", func(ctx context.Context, _ int, _ string) error {
			<-ctx.Done()
			return fmt.Errorf("read page: %w", ctx.Err())
		})
		r := b.run()
		if a := r.Acts["src"]; r.State != runs.Failed || a.Code != "task_timeout" {
			t.Errorf("run ended %s, its source with code %q (%s); want task_timeout", r.State, a.Code, a.Err)
		}
		b.close()
	})
}

// flaky refuses the first commits of one kind of order.
type flaky struct {
	Store
	kind flowfile.OrderKind
	left int
}

func (f *flaky) Commit(ctx context.Context, d *flowfile.Delivery) (runs.Effects, error) {
	if d.Order != nil && d.Order.Kind == f.kind && f.left > 0 {
		f.left--
		return runs.Effects{}, fault.New("disk_full", "path", "here")
	}
	return f.Store.Commit(ctx, d)
}

func TestOrderThatCouldNotBeStoredIsRepeated(t *testing.T) {
	for _, kind := range []flowfile.OrderKind{flowfile.OrderAdmit, flowfile.OrderBegin, flowfile.OrderFinish} {
		t.Run(fmt.Sprint(kind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, false)
				b.close()
				b.wrap = func(s Store) Store { return &flaky{s, kind, 3} }
				b.open(false)
				b.publish("", 1)
				began := time.Now()
				if r := b.run(); r.State != runs.Success {
					t.Errorf("run ended %s (%s)", r.State, r.Why)
				}
				soon(t, began, time.Minute)
				b.close()
			})
		})
	}
}

// A director that saw the run before it was resumed tells those who wait for it
// too early; they go on waiting.
func TestWaitOutlivesAnEarlierEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		b.publish(`"policy": {"retries": 0},`, 1)
		b.on("source", func(ctx context.Context, _ int, at string) error {
			if at == "1" {
				pass(time.Hour)
			}
			return nil
		})
		r, err := b.engine.Start(t.Context(), Start{Flow: b.flow, Kind: "manual", By: "test"})
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			pass(time.Minute)
			b.engine.ended(runKey{b.flow, r.Number})
		}()
		if r := b.wait(r.Number); r.State != runs.Success {
			t.Errorf("the wait ended with a run that is %s", r.State)
		}
		b.close()
	})
}
