package engine

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/runs"
)

// errStopped is the cause of contexts that end because their run or flow does.
var errStopped = errors.New("stopped")

// instance is one flow version at work: for one run, or on continuous data. It
// lives for one epoch of the run.
type instance struct {
	e    *Engine
	key  runKey
	flow *flows.Flow
	// version keys the queues: the run's queue version, zero for continuous data;
	// flowVersion is the version of the flow that is executed.
	version     uint32
	flowVersion uint32
	epoch       uint32
	run         flowfile.Run
	retries     int
	nodes       map[string]*node
	// into names each connection's destination node, from its source.
	into, from map[string]*node
	services   *services
	log        *slog.Logger

	ctx      context.Context
	cancel   context.CancelCauseFunc
	quit     chan struct{} // closed to let workers end after their session
	joining  sync.Mutex    // no worker is started once quit is closed
	wg       sync.WaitGroup
	stopping atomic.Bool
}

// build makes an instance of a flow for a run. Nothing outside is touched yet.
func (e *Engine) build(f *flows.Flow, r *runs.Run) (*instance, error) {
	in := &instance{e: e, key: runKey{r.Flow, r.Number}, flow: f, version: r.QueueVersion, epoch: r.Epoch,
		run: runInfo(r), retries: r.Retries, nodes: map[string]*node{}, into: map[string]*node{}, from: map[string]*node{},
		quit: make(chan struct{})}
	if r.Number == 0 {
		in.version = 0
	}
	in.log = e.loggerFor(r.Flow, r.ID)
	in.ctx, in.cancel = context.WithCancelCause(e.ctx)
	env := e.cfg.Env()
	env.Flow, env.Params, env.Log, env.Now, env.Run = r.Flow, r.Params, in.log, e.cfg.Now, in.run
	conf, problems := f.Configure(in.values())
	if len(problems) > 0 {
		in.cancel(errStopped)
		return nil, problems.Err()
	}
	in.services = newServices(env, conf.Services)
	for slug, c := range conf.Nodes {
		n := newNode(in, slug, f.Nodes[slug], c, env)
		in.nodes[slug] = n
	}
	for _, slug := range slices.Sorted(maps.Keys(f.Connections)) {
		c := f.Connections[slug]
		from, to := in.nodes[c.From], in.nodes[c.To]
		in.from[slug], in.into[slug] = from, to
		from.leads(slug, c, to)
		to.inputs[c.Input] = append(to.inputs[c.Input], slug)
		to.expires = to.expires || c.Expire.Value(0) > 0
	}
	in.findLoops()
	return in, nil
}

// runInfo is what sessions show of a run.
func runInfo(r *runs.Run) flowfile.Run {
	return flowfile.Run{Number: r.Number, ID: r.ID, Flow: r.Flow, Slot: r.Slot, Date: r.Date, Start: r.Start, End: r.End,
		Zone: r.Zone, Generation: r.Generation, Kind: r.Kind, Params: r.Params, AsOf: maps.Clone(r.AsOf)}
}

// preflight asks every service and node whether it could do its work, and
// returns what keeps the run from being admitted.
func (in *instance) preflight(ctx context.Context, a *asked) error {
	return in.verify(ctx, Verification{}, a).Err()
}

// stopGently lets the sessions in hand finish before the instance ends.
func (e *Engine) stopGently(in *instance) { e.end(in, false) }

// stop rolls back the sessions in hand and ends the instance.
func (e *Engine) stop(in *instance) { e.end(in, true) }

// end ends an instance; the director looks again once it has ended.
func (e *Engine) end(in *instance, now bool) {
	if !in.stopping.CompareAndSwap(false, true) {
		return
	}
	if now {
		in.cancel(errStopped)
	}
	e.wg.Go(func() {
		in.join(e.ctx)
		in.close(context.WithoutCancel(e.ctx))
		e.mu.Lock()
		if e.instances[in.key] == in {
			delete(e.instances, in.key)
		}
		e.mu.Unlock()
		e.look(in.key.flow, in.key.run)
	})
}

// start brings up the workers.
func (in *instance) start() {
	for _, n := range in.nodes {
		n.on(false)
	}
}

// drain lets every worker end after the session it has in hand.
func (in *instance) drain() {
	in.joining.Lock()
	defer in.joining.Unlock()
	if !in.drained() {
		close(in.quit)
	}
}

func (in *instance) drained() bool {
	select {
	case <-in.quit:
		return true
	default:
		return false
	}
}

// join waits for the workers, until ctx ends or the grace for hung tasks is
// over; such tasks are abandoned, their late commits are refused.
func (in *instance) join(ctx context.Context) {
	in.drain()
	done := make(chan struct{})
	go func() {
		in.wg.Wait()
		close(done)
	}()
	t := time.NewTimer(hungGrace)
	defer t.Stop()
	select {
	case <-done:
	case <-ctx.Done():
	case <-t.C:
		in.log.Warn("tasks do not return, abandoned", "flow", in.key.flow, "run", in.run.ID)
		in.revokeAll()
	}
}

// revokeAll takes all rights from the tasks that still run.
func (in *instance) revokeAll() {
	for _, n := range in.nodes {
		n.revokeAll()
	}
}

// close stops processors and services.
func (in *instance) close(ctx context.Context) {
	in.cancel(errStopped)
	for _, n := range in.nodes {
		n.stopProcessor(ctx)
	}
	if err := in.services.close(ctx); err != nil {
		in.log.Warn("close services", "error", err)
	}
}

// touched wakes the nodes that a commit concerns.
func (in *instance) touched(d *flowfile.Delivery, eff runs.Effects) {
	for i := range d.Put {
		in.wake(in.into[d.Put[i].Conn])
	}
	for i := range d.Remove {
		in.wake(in.from[d.Remove[i].Item.Conn])
	}
	for i := range d.TakeAll {
		in.wake(in.from[d.TakeAll[i].Conn])
	}
	for i := range d.Park { // what is parked leaves room behind
		in.wake(in.from[d.Park[i].Item.Conn])
	}
	for _, slug := range eff.Ready {
		in.wake(in.nodes[slug])
	}
	for _, c := range eff.Purge {
		in.wake(in.from[c])
	}
	if eff.UnparkAll || len(eff.Unpark) > 0 {
		for _, n := range in.nodes {
			n.poke()
		}
	}
}

func (in *instance) wake(n *node) {
	if n != nil {
		n.poke()
	}
}

// commit is what the instance's sessions commit through.
func (in *instance) commit(ctx context.Context, d *flowfile.Delivery) (flowfile.Result, error) {
	eff, err := in.e.commit(ctx, d)
	return flowfile.Result{AsOf: eff.AsOf}, err
}
