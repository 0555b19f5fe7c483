package engine

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
)

// testTick is a source of continuous data: one FlowFile at each call.
type testTick struct{ env processors.Env }

func (p *testTick) Define(s *processors.Spec) {
	s.Describe("TestTick", "Emits one FlowFile at each call.")
	s.Output("success", "The FlowFile.")
}

func (p *testTick) Start(_ context.Context, env processors.Env) error {
	p.env = env
	return nil
}

func (p *testTick) Process(ctx context.Context, s *flowfile.Session) error {
	if err := knobs(p.env.Flow).strike(ctx, "tick", ""); err != nil {
		return err
	}
	s.Transfer(s.Create(), "success")
	return nil
}

// testEnd drops what comes, one by one.
type testEnd struct{ env processors.Env }

func (p *testEnd) Define(s *processors.Spec) {
	s.Describe("TestEnd", "Drops what comes.")
	s.Input("", "What is dropped.")
	s.Batching()
}

func (p *testEnd) Start(_ context.Context, env processors.Env) error {
	p.env = env
	return nil
}

func (p *testEnd) Process(ctx context.Context, s *flowfile.Session) error {
	f := s.Get()
	if f == nil {
		return nil
	}
	if err := knobs(p.env.Flow).strike(ctx, "end", f.ID.String()); err != nil {
		return err
	}
	s.Drop(f, flowfile.Committed, "kept")
	return nil
}

func init() {
	processors.Register(func() processors.Processor { return &testTick{} })
	processors.Register(func() processors.Processor { return &testEnd{} })
}

const ticking = `{
  "weir": 1, "id": "%s", "mode": "continuous",
  "nodes": {
    "tick": {"kind": "TestTick", "every": "%s"},
    "end": {"kind": "TestEnd", "penalty": "30s", "run_duration": "25ms"}
  },
  "connections": {"c": {"from": "tick", "output": "success", "to": "end", "limit": {"flowfiles": 10}%s}}
}`

func (b *bench) depth() int64 { return b.store.Depth(b.flow, 0, "c").N }

func TestContinuousFlowWorksUntilStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		b.publishText(fmt.Sprintf(ticking, b.flow, "1s", ""))
		if err := b.engine.StartFlow(t.Context(), b.flow); err != nil {
			t.Fatal(err)
		}
		pass(10*time.Second + 500*time.Millisecond)
		if n := b.visits("tick"); n != 11 {
			t.Errorf("the source acted %d times in 10.5 s, want 11", n)
		}
		if n := b.visits("end"); n != 11 || b.depth() != 0 {
			t.Errorf("%d arrived, %d are queued", n, b.depth())
		}
		if err := b.engine.StopFlow(t.Context(), b.flow); err != nil {
			t.Fatal(err)
		}
		pass(time.Minute)
		if n := b.visits("tick"); n != 11 {
			t.Errorf("the stopped source acted %d times more", n-11)
		}
		b.close()
	})
}

func TestStartedFlowGoesOnAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		b.publishText(fmt.Sprintf(ticking, b.flow, "1s", ""))
		if err := b.engine.StartFlow(t.Context(), b.flow); err != nil {
			t.Fatal(err)
		}
		pass(1500 * time.Millisecond)
		b.close()
		before := b.visits("tick")
		b.open(false)
		pass(1500 * time.Millisecond)
		if n := b.visits("tick"); n <= before {
			t.Error("the flow does not go on after a restart")
		}
		b.close()
	})
}

func TestFullConnectionHoldsTheSourceBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		b.publishText(fmt.Sprintf(ticking, b.flow, "1s", ""))
		let := make(chan struct{})
		b.on("end", func(ctx context.Context, _ int, _ string) error {
			select {
			case <-let:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		if err := b.engine.StartFlow(t.Context(), b.flow); err != nil {
			t.Fatal(err)
		}
		pass(time.Minute)
		if n := b.depth(); n != 10 {
			t.Errorf("%d FlowFiles queued, want the limit of 10", n)
		}
		if s := b.engine.Watch(b.flow, 0)["tick"]; s.HeldBy != "c" {
			t.Errorf("the source is held by %q, want c", s.HeldBy)
		}
		close(let)
		pass(5 * time.Second)
		if n := b.visits("tick"); n <= 11 {
			t.Errorf("the source acted %d times: it did not go on when there was room", n)
		}
		b.close()
	})
}

func TestFailedFlowFileIsPenalized(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		b.publishText(fmt.Sprintf(ticking, b.flow, "10m", ""))
		b.on("end", func(_ context.Context, nth int, _ string) error {
			if nth == 1 {
				return errWorld
			}
			return nil
		})
		if err := b.engine.StartFlow(t.Context(), b.flow); err != nil {
			t.Fatal(err)
		}
		pass(29 * time.Second)
		if n := b.visits("end"); n != 1 {
			t.Errorf("tried %d times within the penalty, want once", n)
		}
		pass(5 * time.Second) // 30 s and up to a tenth more
		if n := b.visits("end"); n != 2 || b.depth() != 0 {
			t.Errorf("tried %d times after the penalty, %d queued; want 2 and 0", n, b.depth())
		}
		b.close()
	})
}

func TestOldFlowFilesExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		b.publishText(fmt.Sprintf(ticking, b.flow, "10m", `, "expire": "20s"`))
		b.on("end", func(context.Context, int, string) error { return errWorld })
		if err := b.engine.StartFlow(t.Context(), b.flow); err != nil {
			t.Fatal(err)
		}
		pass(time.Minute)
		if b.depth() != 0 || b.visits("end") != 1 {
			t.Errorf("%d queued after %d tries; want it expired at its second", b.depth(), b.visits("end"))
		}
		r, err := b.store.Run(b.flow, 0)
		if err != nil {
			t.Fatal(err)
		}
		if n := r.Queues["c"].Expired.N; n != 1 {
			t.Errorf("%d counted as expired, want 1", n)
		}
		b.close()
	})
}
