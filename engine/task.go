package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/runs"
)

// pace says when a worker is to step again: at once, at a time, or when woken.
type pace struct {
	again bool
	at    time.Time
}

// task is one session at work.
type task struct {
	n       *node
	sess    *flowfile.Session
	queues  *takes
	cancel  context.CancelCauseFunc
	started time.Time
	life    int
	leave   func() // gives back the place among the engine's tasks, once

	mu   sync.Mutex // held while a commit is under way
	dead bool       // revoked: nothing it brings is taken any more
}

// step runs at most one session.
func (n *node) step(life int) pace {
	if conn, full := n.full(); full {
		n.note(func(s *Seen) { s.HeldBy = conn })
		return pace{}
	}
	n.note(func(s *Seen) { s.HeldBy = "" })
	if n.in.key.run != 0 && n.acts {
		return n.stepActivity(life)
	}
	if n.source {
		return n.stepTimer(life)
	}
	return n.stepMap(life)
}

// stepMap runs one session of a node that takes FlowFiles as they come.
func (n *node) stepMap(life int) pace {
	fence := flowfile.Fence{Epoch: n.in.epoch}
	t, release := n.open(fence, activityNotes{}, life)
	if t == nil {
		return pace{}
	}
	defer release()
	proc, err := n.ready(t.ctx())
	if err != nil {
		return n.mapFailed(t, nil, err)
	}
	worked, failed, err := t.run(proc)
	switch {
	case err != nil:
		return n.mapFailed(t, failed, err)
	case worked:
		return pace{again: true}
	}
	if at, ok := t.queues.Due(t.queues.open(n.conns())); ok {
		return pace{at: at, again: at.IsZero()}
	}
	return pace{}
}

// stepTimer runs one session of a source of continuous data when it is due.
func (n *node) stepTimer(life int) pace {
	now := n.in.e.cfg.Now()
	if due := n.timer.due(now); due.After(now) && !n.isOnce() {
		return pace{at: due}
	}
	state, err := n.in.e.store.NodeState(n.in.key.flow, n.slug)
	if err != nil {
		return n.rest(err)
	}
	t, release := n.open(flowfile.Fence{}, activityNotes{state: state}, life)
	if t == nil {
		return pace{}
	}
	defer release()
	proc, err := n.ready(t.ctx())
	worked := false
	if err == nil {
		worked, _, err = t.run(proc)
	}
	if t.lost() {
		return pace{}
	}
	n.timer.fired(now)
	if err != nil {
		return n.rest(err)
	}
	if n.timer.eager() && !worked {
		return pace{at: n.in.e.cfg.Now().Add(n.def.Yield.Value(defaultYield))}
	}
	return pace{again: true}
}

// stepActivity runs one session of a source or whole-run node of a run.
func (n *node) stepActivity(life int) pace {
	e := n.in.e
	r, err := e.store.Run(n.in.key.flow, n.in.key.run)
	if err != nil {
		return n.rest(err)
	}
	act := r.Acts[n.slug]
	if r.State != runs.Running || r.Epoch != n.in.epoch || act == nil {
		return pace{}
	}
	switch act.State {
	case runs.ActReady:
	case runs.ActRetryWait:
		if act.NotBefore.After(e.cfg.Now()) {
			return pace{at: act.NotBefore}
		}
	case runs.ActRunning:
	default:
		return pace{}
	}
	if act.State != runs.ActRunning {
		if _, err := e.commit(n.in.ctx, &flowfile.Delivery{Flow: n.in.key.flow, Run: n.in.key.run, Node: n.slug,
			Fence: flowfile.Fence{Epoch: n.in.epoch, Act: true, ActEpoch: act.Epoch},
			Order: &flowfile.Order{Kind: flowfile.OrderBegin, At: e.cfg.Now(), By: "engine"}}); err != nil {
			return n.refused(err)
		}
		if r, err = e.store.Run(n.in.key.flow, n.in.key.run); err != nil {
			return n.rest(err)
		}
		act = r.Acts[n.slug]
	}
	state, err := e.store.NodeState(n.in.key.flow, n.slug)
	if err != nil {
		return n.rest(err)
	}
	if staged, ok := r.States[n.slug]; ok {
		state = staged
	}
	notes := activityNotes{emitted: act.Emitted, cursor: act.Cursor, state: state, pending: act.Pending, try: act.Attempt, asOf: r.AsOf}
	t, release := n.open(flowfile.Fence{Epoch: n.in.epoch, Act: true, ActEpoch: act.Epoch}, notes, life)
	if t == nil {
		return pace{}
	}
	defer release()
	proc, err := n.ready(t.ctx())
	worked := false
	if err == nil {
		worked, _, err = t.run(proc)
	}
	switch {
	case err != nil:
		return n.activityFailed(t, act, err)
	case worked:
		return pace{again: true}
	}
	return pace{at: e.cfg.Now().Add(n.def.Yield.Value(defaultYield))}
}

// activityNotes are the durable notes that a session of an activity starts from.
type activityNotes struct {
	emitted uint64
	cursor  []byte
	state   []byte
	pending []flowfile.Intent
	try     uint32
	asOf    map[string]time.Time
}

// open waits for a place among the engine's tasks and makes a session. It
// returns nil when the node is ending.
func (n *node) open(f flowfile.Fence, notes activityNotes, life int) (*task, func()) {
	e := n.in.e
	select {
	case e.slots <- struct{}{}:
	case <-n.in.ctx.Done():
		return nil, nil
	case <-n.in.quit:
		return nil, nil
	case <-n.haltNow():
		return nil, nil
	}
	e.atWork.Add(1)
	ctx, cancel := context.WithCancelCause(n.in.ctx)
	if d := n.in.flow.Timeout(); d > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeoutCause(ctx, d, fault.New("task_timeout", "node", n.slug, "limit", d))
		inner := cancel
		cancel = func(err error) { inner(err); stop() }
	}
	t := &task{n: n, cancel: cancel, started: e.cfg.Now(), life: life, leave: sync.OnceFunc(func() { <-e.slots })}
	t.queues = &takes{View: e.cfg.Queues(n.in.key.flow, n.in.version, n.in.key.run), shut: n.shut()}
	stage := e.cfg.Stage()
	if n.expires {
		t.queues.expire = n.expired
	}
	run := n.in.run
	run.Try = notes.try
	if notes.asOf != nil {
		run.AsOf = notes.asOf
	}
	log := n.log
	if notes.try > 0 {
		log = log.With("try", notes.try)
	}
	n.mu.Lock()
	if n.life != life { // terminated meanwhile; its successors are at work
		n.mu.Unlock()
		cancel(errStopped)
		stage.Close()
		t.leave()
		e.atWork.Add(-1)
		return nil, nil
	}
	if n.solo > 0 {
		n.solo--
		t.queues.most = 1
	}
	n.tasks[t] = true
	n.mu.Unlock()
	t.sess = flowfile.NewSession(ctx, flowfile.Config{Flow: n.in.key.flow, Node: n.slug, Version: n.in.version, Run: run,
		Fence: f, Inputs: n.inputs, WholeRun: n.whole, Outputs: n.outputs, Queues: t.queues, Content: stage,
		Commit: t.commit, NewID: e.store.NewID, Schema: e.store.Schema, Now: e.cfg.Now,
		Emitted: notes.emitted, Cursor: notes.cursor, State: notes.state, Pending: notes.pending, Log: log})
	t.queues.ctx = ctx
	return t, func() {
		cancel(errStopped)
		stage.Close()
		n.mu.Lock()
		delete(n.tasks, t)
		n.mu.Unlock()
		t.leave()
		e.atWork.Add(-1)
	}
}

// commit is what the task's session commits through. Not all that a session
// brings is fenced by the store: a source of continuous data has nothing that
// could be taken from it. So a revoked task is refused here as well.
func (t *task) commit(ctx context.Context, d *flowfile.Delivery) (flowfile.Result, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.dead {
		return flowfile.Result{}, fault.New("stale_session", "node", t.n.slug, "run", t.n.in.run.ID)
	}
	return t.n.in.commit(ctx, d)
}

// revoke takes all rights from the task, which may never return. A commit that
// is under way still counts.
func (t *task) revoke() {
	t.mu.Lock()
	t.dead = true
	t.mu.Unlock()
	t.queues.Revoke()
	t.cancel(errStopped)
	t.leave()
}

func (t *task) ctx() context.Context { return t.queues.ctx }

// run calls Process, more than once where the node batches, and commits. It
// reports whether anything was done; on an error, failed are the items that the
// failing call had taken, still checked out. What earlier calls of the batch did
// is committed all the same.
func (t *task) run(p processors.Processor) (worked bool, failed []*flowfile.Item, err error) {
	n := t.n
	batch := n.def.RunDuration.Value(0)
	if n.acts || !n.conf.Info.Batching {
		batch = 0
	}
	for {
		before, _, _ := t.sess.Work()
		if err = t.process(p); err == nil {
			after, _, any := t.sess.Work()
			worked = any
			if !worked && !n.whole {
				return false, nil, nil
			}
			err = t.sess.Checkpoint()
			if err == nil && after.N > before.N && n.in.e.cfg.Now().Sub(t.started) < batch && t.ctx().Err() == nil {
				continue
			}
		}
		break
	}
	if err != nil {
		failed = t.sess.Rollback()
	}
	if t.n.in.ctx.Err() != nil && err == nil {
		err = context.Cause(t.ctx()) // stopped: what was not committed goes back
		return false, t.sess.Taken(), err
	}
	in, out, _ := t.sess.Work()
	// The commit has its own patience: a stop that arrives now must not leave
	// the session in doubt.
	did, cerr := t.sess.CommitCheckpoints(context.WithoutCancel(t.ctx()))
	if cerr != nil {
		t.queues.Release(failed)
		return false, t.sess.Taken(), cerr
	}
	now := n.in.e.cfg.Now()
	n.meter.add(in, out, now.Sub(t.started), now)
	n.note(func(s *Seen) { s.add(in, out, now.Sub(t.started), now) })
	return did, failed, err
}

// process calls Process. When its time was up the error says so, for all that
// the processor knows is that its context ended.
func (t *task) process(p processors.Processor) error {
	err := t.n.caught(func() error { return p.Process(t.ctx(), t.sess) })
	if err != nil && errors.Is(t.ctx().Err(), context.DeadlineExceeded) && fault.CodeOf(err) != "processor_panic" {
		if class, _ := fault.ClassOf(err); class != fault.Permanent {
			return fmt.Errorf("%w: %w", context.Cause(t.ctx()), err)
		}
	}
	return err
}
