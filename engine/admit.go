package engine

import (
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/runs"
)

// preflight is what is known of the preflight of a queued run.
type preflight uint8

const (
	preflightAsked  preflight = iota // it is under way, or waits for its retry
	preflightPassed                  // the run may be admitted
)

// admit moves a queued run to RUNNING when its flow has room and its preflight
// passes. A preflight waits for the world, so the director does not wait for
// it: its verdict is noted and the run looked at again.
func (e *Engine) admit(k runKey, r *runs.Run) {
	st, err := e.store.Schedule(k.flow)
	if err != nil {
		e.log.Error("read flow status", "flow", k.flow, "error", err)
		e.lookLater(k, err)
		return
	}
	held := func(o *runs.Run) bool { return st.Paused && o.By == byScheduler }
	if held(r) {
		return
	}
	flow, err := e.flowOf(r)
	if err != nil {
		e.refuse(k, err)
		return
	}
	if !e.mayStart(k, flow, held) {
		return
	}
	e.mu.Lock()
	verdict, known := e.preflights[k]
	switch {
	case !known:
		e.preflights[k] = preflightAsked
	case verdict == preflightPassed:
		delete(e.preflights, k)
		delete(e.tries, k)
		delete(e.troubles, k)
	}
	e.mu.Unlock()
	switch {
	case !known:
		e.wg.Go(func() { e.ask(k, r, flow) })
	case verdict == preflightPassed:
		e.order(k, &flowfile.Order{Kind: flowfile.OrderAdmit})
	}
}

// ask makes the preflight of a run.
func (e *Engine) ask(k runKey, r *runs.Run, flow *flows.Flow) {
	a := &asked{open: map[string]time.Time{}}
	e.mu.Lock()
	e.asking[k] = a
	e.mu.Unlock()
	in, err := e.build(flow, r)
	if err == nil {
		err = in.preflight(e.ctx, a)
		in.close(e.ctx)
	}
	e.mu.Lock()
	delete(e.asking, k)
	e.mu.Unlock()
	if e.ctx.Err() != nil {
		return // the engine closes, which says nothing about the run
	}
	if err != nil {
		e.preflightFailed(k, r, err)
		return
	}
	e.mu.Lock()
	e.preflights[k] = preflightPassed
	e.mu.Unlock()
	e.look(k.flow, k.run)
}

// mayStart reports whether the flow may have one more run at work. Older queued
// runs go first, except those that something holds.
func (e *Engine) mayStart(k runKey, f *flows.Flow, held func(*runs.Run) bool) bool {
	active := 0
	for _, o := range e.store.UnfinishedRuns() {
		switch {
		case o.Flow != k.flow || o.Number == k.run:
		case o.State != runs.Queued:
			active++
		case o.Number < k.run && !held(o) && (e.cfg.Only == nil || e.cfg.Only(o.Flow, o.Number)):
			e.mu.Lock()
			waits := e.tries[runKey{o.Flow, o.Number}] > 0
			e.mu.Unlock()
			if !waits { // one that waits for a retry of its preflight holds up nobody
				active++
			}
		}
	}
	return active < f.MaxActiveRuns()
}

// preflightFailed refuses the run, or tries again where the world may mend.
func (e *Engine) preflightFailed(k runKey, r *runs.Run, err error) {
	class, wait := fault.ClassOf(err)
	e.mu.Lock()
	e.tries[k]++
	n := e.tries[k]
	e.mu.Unlock()
	if class == fault.Permanent || n > r.Retries {
		e.refuse(k, err)
		return
	}
	if class != fault.After {
		wait = r.RetryDelay
	}
	e.trouble(k, err, wait)
	e.loggerFor(r.Flow, r.ID).Warn("preflight failed, trying again", "code", fault.CodeOf(err), "error", err, "try", n, "wait", wait.String())
	e.after(wait, func() {
		e.mu.Lock()
		delete(e.preflights, k)
		e.mu.Unlock()
		e.look(k.flow, k.run)
	})
	e.wakeQueued(k.flow) // those behind it need not wait
}

// refuse ends a queued run as FAILED.
func (e *Engine) refuse(k runKey, err error) {
	e.forget(k)
	e.order(k, &flowfile.Order{Kind: flowfile.OrderRefuse, State: string(runs.Failed), Code: fault.CodeOf(err), Why: err.Error(), Note: fault.NoteOf(err)})
}

// forget drops what is noted about a run that is not queued any more.
func (e *Engine) forget(k runKey) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.tries, k)
	delete(e.preflights, k)
	delete(e.troubles, k)
}

// wakeQueued has the director look at the flow's queued runs.
func (e *Engine) wakeQueued(flow string) {
	for _, o := range e.store.UnfinishedRuns() {
		if o.Flow == flow && o.State == runs.Queued {
			e.look(o.Flow, o.Number)
		}
	}
}
