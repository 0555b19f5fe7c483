package engine

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirflow/weir/runs"
)

func TestTerminateOfAnIdleNodeLeavesItAtWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		b.publish("", 1)
		entered, let := make(chan struct{}), make(chan struct{})
		b.on("map", func(_ context.Context, nth int, _ string) error {
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
		synctest.Wait()
		for _, slug := range []string{"src", "end"} { // one is DONE, one waits
			if err := b.engine.Terminate(t.Context(), b.flow, r.Number, slug); err != nil {
				t.Errorf("terminate %s: %v", slug, err)
			}
		}
		close(let)
		if r = b.wait(r.Number); r.State != runs.Success {
			t.Errorf("run ended %s (%s)", r.State, r.Why)
		}
		soon(t, began, time.Minute)
		b.close()
	})
}

func TestTerminatedSourceOfAStreamBringsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		b.publishText(fmt.Sprintf(ticking, b.flow, "1h", ""))
		hang := make(chan struct{})
		b.on("tick", func(_ context.Context, nth int, _ string) error {
			if nth == 1 {
				<-hang
			}
			return nil
		})
		if err := b.engine.StartFlow(t.Context(), b.flow); err != nil {
			t.Fatal(err)
		}
		pass(time.Second)
		if err := b.engine.Terminate(t.Context(), b.flow, 0, "tick"); err != nil {
			t.Fatal(err)
		}
		pass(time.Second)
		close(hang)
		pass(time.Second)
		if n := b.visits("end"); n != 1 || b.visits("tick") != 2 {
			t.Errorf("%d FlowFiles of %d calls arrived; want that of the second alone", n, b.visits("tick"))
		}
		b.close()
	})
}

func TestTerminatedTasksHoldNoPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		b.publish("", 1)
		places := cap(b.engine.slots)
		hang := make(chan struct{})
		entered := make(chan struct{}, 1)
		b.on("map", func(_ context.Context, nth int, _ string) error {
			if nth <= places+1 {
				entered <- struct{}{}
				<-hang
			}
			return nil
		})
		r, err := b.engine.Start(t.Context(), Start{Flow: b.flow, Kind: "manual", By: "test"})
		if err != nil {
			t.Fatal(err)
		}
		for range places + 1 {
			<-entered
			if err := b.engine.Terminate(t.Context(), b.flow, r.Number, "mid"); err != nil {
				t.Fatal(err)
			}
		}
		if r = b.wait(r.Number); r.State != runs.Success {
			t.Errorf("run ended %s (%s)", r.State, r.Why)
		}
		if n := b.engine.atWork.Load(); n != int64(places+1) {
			t.Errorf("%d tasks are said to be at work, want the %d that hang", n, places+1)
		}
		close(hang)
		b.close()
	})
}
