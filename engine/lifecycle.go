package engine

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/runs"
)

// errClosed is the cause of contexts that end because the engine closes.
var errClosed = errors.New("engine closed")

// reconcile does what the state of one run asks for. It may be called at any
// time and any number of times.
func (e *Engine) reconcile(k runKey) {
	if e.cfg.Only != nil && !e.cfg.Only(k.flow, k.run) {
		return
	}
	if k.run == 0 {
		e.reconcileContinuous(k)
		return
	}
	r, err := e.store.Run(k.flow, k.run)
	if err != nil {
		e.log.Error("read run", "flow", k.flow, "run_number", k.run, "error", err)
		e.lookLater(k, err)
		return
	}
	in := e.instance(k)
	switch {
	case r.State == runs.Queued:
		e.admit(k, r)
	case r.State == runs.Running:
		switch {
		case in == nil:
			e.begin(k, r)
		case in.epoch != r.Epoch:
			e.stop(in) // of an earlier life; its end brings us back here
		}
	case in != nil:
		e.stop(in)
	case r.State == runs.Finalizing:
		e.finalize(k, r)
	case r.State == runs.Cancelling:
		e.order(k, &flowfile.Order{Kind: flowfile.OrderCancel})
	case r.State.Terminal():
		e.ended(k)
	}
}

// order commits a control order of the engine's own. When the store cannot take
// it the run is looked at again, so that it is not forgotten half way.
func (e *Engine) order(k runKey, o *flowfile.Order) {
	o.At, o.By = e.cfg.Now(), "engine"
	if _, err := e.commit(e.ctx, &flowfile.Delivery{Flow: k.flow, Run: k.run, Order: o}); err != nil {
		e.log.Error("commit order", "flow", k.flow, "run_number", k.run, "order", uint8(o.Kind), "error", err)
		e.lookLater(k, err)
	}
}

// lookLater has the director look at the run again after an error of the store
// that may pass.
func (e *Engine) lookLater(k runKey, err error) {
	if class, _ := fault.ClassOf(err); class != fault.Permanent && e.ctx.Err() == nil {
		e.after(defaultYield, func() { e.look(k.flow, k.run) })
	}
}

func (e *Engine) instance(k runKey) *instance {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.instances[k]
}

// begin brings up the nodes of a running run.
func (e *Engine) begin(k runKey, r *runs.Run) {
	flow, err := e.flowOf(r)
	if err == nil && !e.room(k, flow.MaxActiveRuns()) {
		e.trouble(k, fault.New("run_waits_for_room", "flow", k.flow, "most", flow.MaxActiveRuns()), 0)
		return // the end of another brings it back here
	}
	var in *instance
	if err == nil {
		in, err = e.build(flow, r)
	}
	if err != nil {
		// It was admitted once, so this is a changed program or a lost secret.
		// What it has stays queued until that is mended, or a person cancels it.
		e.trouble(k, err, buildRest)
		e.loggerFor(r.Flow, r.ID).Error("run cannot be brought up", "code", fault.CodeOf(err), "error", err, "wait", buildRest.String())
		e.bulletin(r.Flow, r.ID, "", "error", err)
		e.after(buildRest, func() { e.look(k.flow, k.run) })
		return
	}
	e.mu.Lock()
	delete(e.troubles, k)
	e.mu.Unlock()
	e.launch(k, in)
}

// launch makes an instance known and starts its workers.
func (e *Engine) launch(k runKey, in *instance) {
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		return
	}
	e.instances[k] = in
	e.mu.Unlock()
	in.start()
}

// ended tells who waits for the run and lets the flow's next one in.
func (e *Engine) ended(k runKey) {
	e.mu.Lock()
	for _, c := range e.waiters[k] {
		close(c)
	}
	delete(e.waiters, k)
	e.mu.Unlock()
	e.forget(k)
	e.wakeQueued(k.flow)
}

// Wait returns the run once it has ended, or when ctx does.
func (e *Engine) Wait(ctx context.Context, flow string, n flowfile.RunID) (*runs.Run, error) {
	if _, err := e.store.Run(flow, n); err != nil {
		return nil, err
	}
	for {
		if err := e.waitOnce(ctx, flow, n); err != nil {
			return nil, err
		}
		// The director may have seen it before it was resumed, and told too many.
		if r, err := e.store.Run(flow, n); err != nil || r.State.Terminal() {
			return r, err
		}
	}
}

// waitOnce waits until the director has seen that the run has ended.
func (e *Engine) waitOnce(ctx context.Context, flow string, n flowfile.RunID) error {
	k := runKey{flow, n}
	c := make(chan struct{})
	e.mu.Lock()
	e.waiters[k] = append(e.waiters[k], c)
	e.mu.Unlock()
	defer func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.waiters[k] = slices.DeleteFunc(e.waiters[k], func(o chan struct{}) bool { return o == c })
		if len(e.waiters[k]) == 0 {
			delete(e.waiters, k)
		}
	}()
	e.look(flow, n)
	select {
	case <-c:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-e.ctx.Done():
		return context.Cause(e.ctx)
	}
}

// after calls f once d has passed, unless the engine closes before.
func (e *Engine) after(d time.Duration, f func()) {
	e.wg.Go(func() {
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-e.ctx.Done():
		case <-t.C:
			f()
		}
	})
}

// flowOf reads the flow version that the run executes.
func (e *Engine) flowOf(r *runs.Run) (*flows.Flow, error) {
	v := r.QueueVersion
	if n := len(r.FlowVersions); n > 0 {
		v = r.FlowVersions[n-1]
	}
	return e.readFlow(r.Flow, v)
}

func (e *Engine) readFlow(id string, version uint32) (*flows.Flow, error) {
	b, err := e.store.Doc(id, version)
	if err != nil {
		return nil, err
	}
	return flows.Parse(b)
}
