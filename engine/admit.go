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
	held := holds(st)
	if held(r.By) {
		return
	}
	flow, err := e.flowOf(r)
	if err != nil {
		e.refuse(k, err)
		return
	}
	if !e.mayStart(k, flow.MaxActiveRuns(), held) {
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
		e.wakeQueued(k.flow) // there may be room for one more
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

// preflightFailed refuses the run, or tries again where the world may mend.
func (e *Engine) preflightFailed(k runKey, r *runs.Run, err error) {
	class, wait := fault.ClassOf(err)
	free := fault.IsFree(err)
	e.mu.Lock()
	n := e.tries[k]
	if !free {
		n++
	}
	e.tries[k] = n
	e.mu.Unlock()
	if class == fault.Permanent || n > r.Retries && !free {
		e.refuse(k, err)
		return
	}
	if class != fault.After {
		wait = r.RetryDelay
	}
	e.trouble(k, err, wait)
	e.loggerFor(r.Flow, r.ID).Warn("preflight failed, trying again", "code", fault.CodeOf(err), "error", err, "try", n, "wait", wait.String())
	e.bulletin(r.Flow, r.ID, "", "warning", err)
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

// forget drops what is noted about a run that is not queued any more, or has
// ended.
func (e *Engine) forget(k runKey) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.finals, k)
	delete(e.tries, k)
	delete(e.preflights, k)
	delete(e.troubles, k)
}
