package engine

import (
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

// finalWait is the first wait before a run is finalized again; it doubles with
// each failure.
const finalWait = time.Second

// final is what is known of the finalizing of a run.
type final struct {
	failed int
	done   bool
}

// finalize brings a run whose data is all there to its end. What has to be
// written before that waits for the disk, so the director does not wait for it.
func (e *Engine) finalize(k runKey, r *runs.Run) {
	if e.cfg.Finalize == nil {
		e.order(k, &flowfile.Order{Kind: flowfile.OrderFinish})
		return
	}
	e.mu.Lock()
	f, known := e.finals[k]
	if !known {
		e.finals[k] = &final{}
	}
	e.mu.Unlock()
	switch {
	case !known:
		e.wg.Go(func() { e.conclude(k, r) })
	case f.done:
		e.order(k, &flowfile.Order{Kind: flowfile.OrderFinish})
	}
}

// conclude calls Finalize for a run that is about to end well.
func (e *Engine) conclude(k runKey, r *runs.Run) {
	e.mu.Lock()
	_, wanted := e.finals[k]
	e.mu.Unlock()
	if !wanted {
		return // it was cancelled while it waited
	}
	g, err := e.store.Graph(r.Flow, r.Version())
	if err == nil {
		if v := runs.Judge(r, g); v.State != runs.Failed {
			r = r.Clone()
			r.State, r.Balance = v.State, v.Balance
			if v.Why != nil {
				r.Code, r.Why, r.Note = v.Why.Code, v.Why.Error(), fault.NoteOf(v.Why)
			}
			err = e.cfg.Finalize(e.ctx, r, g)
		}
	}
	if e.ctx.Err() != nil {
		return // the engine closes; the next start comes back here
	}
	e.mu.Lock()
	f := e.finals[k]
	if f == nil { // it has ended meanwhile
		e.mu.Unlock()
		return
	}
	if err == nil {
		f.done = true
		delete(e.troubles, k)
	} else {
		f.failed++
	}
	failed := f.failed
	e.mu.Unlock()
	if err == nil {
		e.look(k.flow, k.run)
		return
	}
	class, wait := fault.ClassOf(err)
	log := e.loggerFor(r.Flow, r.ID)
	if class == fault.Permanent {
		log.Error("run cannot be finalized", "code", fault.CodeOf(err), "error", err)
		e.forget(k)
		e.order(k, &flowfile.Order{Kind: flowfile.OrderFinish, State: string(runs.Failed), Code: fault.CodeOf(err), Why: err.Error(), Note: fault.NoteOf(err)})
		return
	}
	if class != fault.After {
		wait = backoff(finalWait, failed-1)
	}
	e.trouble(k, err, wait)
	log.Warn("finalizing failed, trying again", "code", fault.CodeOf(err), "error", err, "try", failed, "wait", wait.String())
	e.bulletin(r.Flow, r.ID, "", "warning", err)
	e.after(wait, func() { e.conclude(k, r) })
}
