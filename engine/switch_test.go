package engine

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirflow/weir/fault"
)

func (b *bench) order(o NodeOrder, nodes ...string) map[string]NodeState {
	b.t.Helper()
	m, err := b.engine.OrderNodes(context.Background(), b.flow, nodes, o)
	if err != nil {
		b.t.Fatal(err)
	}
	return m
}

func (b *bench) gauge(node string) Gauge {
	b.t.Helper()
	var g [1]Gauge
	if err := b.engine.Gauges(b.flow, 0, []string{node}, g[:]); err != nil {
		b.t.Fatal(err)
	}
	return g[0]
}

func (b *bench) is(node string, want NodeState) {
	b.t.Helper()
	synctest.Wait()
	if s := b.gauge(node).State; s != want {
		b.t.Errorf("node %s is %s, want %s", node, s, want)
	}
}

func ticker(t *testing.T) *bench {
	b := newBench(t, false)
	b.publishText(fmt.Sprintf(ticking, b.flow, "1s", ""))
	if err := b.engine.StartFlow(t.Context(), b.flow); err != nil {
		t.Fatal(err)
	}
	pass(1500 * time.Millisecond)
	return b
}

func TestStoppedNodeLetsItsQueueFillAndHoldsTheSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := ticker(t)
		defer b.close()
		b.is("end", NodeRunning)
		b.order(StopNodes, "end")
		b.is("end", NodeStopped)
		b.is("tick", NodeRunning)
		seen := b.visits("end")
		pass(time.Minute)
		if b.visits("end") != seen || b.depth() != 10 {
			t.Errorf("the stopped node had %d sessions, %d are queued; want none and 10", b.visits("end")-seen, b.depth())
		}
		if g := b.gauge("tick"); g.HeldBy != "c" {
			t.Errorf("the source is held by %q, want c", g.HeldBy)
		}
		b.order(StartNodes, "end")
		pass(1500 * time.Millisecond)
		b.is("end", NodeRunning)
		if b.depth() != 0 || b.visits("end") <= seen {
			t.Errorf("%d are queued after the start", b.depth())
		}
	})
}

func TestStopLetsTheSessionInHandFinish(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		defer b.close()
		let := make(chan struct{})
		b.on("end", func(ctx context.Context, _ int, _ string) error {
			select {
			case <-let:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		b.publishText(fmt.Sprintf(ticking, b.flow, "10m", ""))
		if err := b.engine.StartFlow(t.Context(), b.flow); err != nil {
			t.Fatal(err)
		}
		pass(time.Second)
		if s := b.order(StopNodes, "end")["end"]; s != NodeRunning && s != NodeStopping {
			t.Errorf("the node is %s right after the order", s)
		}
		pass(time.Minute)
		b.is("end", NodeStopping)
		close(let)
		b.is("end", NodeStopped)
		if b.depth() != 0 {
			t.Error("the session in hand was not finished")
		}
	})
}

func TestSwitchesHoldOverRestartAndPublish(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := ticker(t)
		b.order(DisableNodes, "end")
		b.is("end", NodeDisabled)
		pass(5 * time.Second)
		b.close()
		b.open(false)
		b.is("end", NodeDisabled)
		b.is("tick", NodeRunning)
		b.publishText(fmt.Sprintf(ticking, b.flow, "2s", ""))
		pass(10 * time.Second)
		b.is("end", NodeDisabled)
		b.is("tick", NodeRunning)
		if n := b.visits("end"); n > 2 {
			t.Errorf("the disabled node had %d sessions", n)
		}
		if _, err := b.engine.OrderNodes(t.Context(), b.flow, []string{"tick", "end"}, StartNodes); fault.CodeOf(err) != "node_disabled" {
			t.Errorf("a disabled node was started: %v", err)
		}
		b.order(EnableNodes, "end")
		b.is("end", NodeStopped)
		b.order(StartNodes, "end")
		pass(10 * time.Second)
		b.is("end", NodeRunning)
		if b.depth() != 0 {
			t.Errorf("%d are queued", b.depth())
		}
		// A start of the whole flow starts what was stopped, not what is disabled.
		b.order(DisableNodes, "tick")
		b.order(StopNodes, "end")
		if err := b.engine.StartFlow(t.Context(), b.flow); err != nil {
			t.Fatal(err)
		}
		b.is("end", NodeRunning)
		b.is("tick", NodeDisabled)
		b.close()
	})
}

func TestSingleNodesOfAStoppedFlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		defer b.close()
		b.publishText(fmt.Sprintf(ticking, b.flow, "1h", ""))
		b.is("tick", NodeStopped)
		for i := range int64(3) { // once means now, whatever the timer says
			b.order(RunOnce, "tick")
			b.is("tick", NodeStopped)
			if b.depth() != i+1 {
				t.Fatalf("%d queued after %d times once", b.depth(), i+1)
			}
		}
		pass(3 * time.Hour)
		if b.visits("tick") != 3 || b.visits("end") != 0 {
			t.Error("something runs on after it ran once")
		}
		b.order(RunOnce, "end")
		b.is("end", NodeStopped)
		if b.depth() != 0 { // its one session batches
			t.Errorf("%d queued after the end ran once", b.depth())
		}
		b.order(StartNodes, "end")
		b.is("end", NodeRunning)
		b.is("tick", NodeStopped)
		if _, err := b.engine.OrderNodes(t.Context(), b.flow, []string{"end"}, RunOnce); fault.CodeOf(err) != "node_not_stopped" {
			t.Errorf("a running node ran once: %v", err)
		}
		b.order(StopNodes, "end")
		b.is("end", NodeStopped)
		if st, err := b.store.Schedule(b.flow); err != nil || st.Started {
			t.Errorf("the flow counts as started with no node at work: %+v %v", st, err)
		}
	})
}

func TestTerminatedTaskDoesNotKeepANodeStopping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		hang := make(chan struct{})
		b.on("end", func(_ context.Context, nth int, _ string) error {
			if nth == 1 {
				<-hang
			}
			return nil
		})
		b.publishText(fmt.Sprintf(ticking, b.flow, "10m", ""))
		if err := b.engine.StartFlow(t.Context(), b.flow); err != nil {
			t.Fatal(err)
		}
		pass(time.Second)
		b.order(StopNodes, "end")
		b.is("end", NodeStopping)
		if err := b.engine.Terminate(t.Context(), b.flow, 0, "end"); err != nil {
			t.Fatal(err)
		}
		b.is("end", NodeStopped)
		b.order(StartNodes, "end")
		pass(time.Second)
		if b.depth() != 0 {
			t.Errorf("%d queued after a fresh start", b.depth())
		}
		close(hang)
		b.close()
	})
}

func TestGaugesTellWhatANodeDid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := ticker(t)
		defer b.close()
		pass(10 * time.Second)
		if g := b.gauge("tick"); g.OutRate != 1 || g.Out < 11 || g.Out != int64(b.visits("tick")) || g.P95 < 0 {
			t.Errorf("after %d calls the gauge of one each second says %+v", b.visits("tick"), g)
		}
		b.order(StopNodes, "tick")
		pass(6 * time.Minute)
		if g := b.gauge("tick"); g.Out != 0 || g.OutRate != 0 || g.TotalOut.N != int64(b.visits("tick")) {
			t.Errorf("six minutes later it says %+v", g)
		}
		var sum int64
		for _, p := range b.engine.MinutesOf(b.flow, "tick", b.engine.cfg.Now().Add(-time.Hour)) {
			sum += p.Out
		}
		if sum != int64(b.visits("tick")) {
			t.Errorf("the history holds %d of %d", sum, b.visits("tick"))
		}
	})
}

func TestMeterForgetsOldMinutes(t *testing.T) {
	m := &meter{}
	at := time.Unix(1_800_000_000, 0)
	for range 3 * minutesKept {
		for k := range 20 {
			m.add(tally(1), tally(2), time.Duration(k+1)*time.Millisecond, at)
		}
		at = at.Add(time.Minute)
	}
	h := m.history(0, at.Unix()/60)
	if len(h) != minutesKept-1 && len(h) != minutesKept || cap(m.past) > 2*minutesKept {
		t.Errorf("%d minutes, room for %d", len(h), cap(m.past))
	}
	if p := h[0].P95; p < 19*time.Millisecond || p > 23*time.Millisecond || h[0].In != 20 || h[0].Out != 40 {
		t.Errorf("a minute of 1 to 20 ms is %+v", h[0])
	}
}

func TestSpansCoverEachOther(t *testing.T) {
	for k := range len(spans{}) - 1 {
		if end := spanEnd(k); spanOf(end) != k || spanOf(end+time.Microsecond) != k+1 {
			t.Fatalf("span %d ends at %s, which is in %d; the next microsecond in %d", k, end, spanOf(end), spanOf(end+time.Microsecond))
		}
	}
}

func BenchmarkMeter(b *testing.B) {
	m, at := &meter{}, time.Unix(1_800_000_000, 0)
	for i := range b.N {
		m.add(tally(1), tally(1), time.Millisecond, at.Add(time.Duration(i)*time.Millisecond))
	}
}
