package runstest

import (
	"maps"
	"slices"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

// ghost is the schedule's own ledger of one run: where each FlowFile must be.
type ghost struct {
	n      flowfile.RunID
	queues map[string]map[flowfile.ID]int64 // rows
	parked map[flowfile.ID]parkedFile
	// made and gone count FlowFiles that entered and left the run.
	made, gone int
	// plan is what each source will emit, sent what was committed of it.
	plan, sent map[string]int
	budget     int
	resumes    int
	state      runs.State
	run        *runs.Run // as of the last commit
}

type parkedFile struct {
	conn string
	rows int64
}

func newGhost(p *player, n flowfile.RunID) *ghost {
	g := &ghost{n: n, queues: map[string]map[flowfile.ID]int64{}, parked: map[flowfile.ID]parkedFile{},
		plan: map[string]int{}, sent: map[string]int{}, budget: 25}
	for _, c := range p.flow.conns {
		g.queues[c] = map[flowfile.ID]int64{}
	}
	for _, s := range p.flow.nodes {
		if p.flow.plan.Nodes[s].Kind == runs.Source {
			g.plan[s] = p.rng.IntN(4)
		}
	}
	return g
}

// apply follows a delivery that was made durable.
func (g *ghost) apply(p *player, d *flowfile.Delivery, e *runs.Effects) {
	for _, r := range d.Remove {
		g.take(p, r.Item.Conn, r.Item.FlowFile.ID)
	}
	for _, t := range d.TakeAll {
		g.gone += len(g.queues[t.Conn])
		clear(g.queues[t.Conn])
	}
	for _, k := range d.Park {
		id, c := k.Item.FlowFile.ID, k.Item.Conn
		g.parked[id] = parkedFile{c, g.queues[c][id]}
		delete(g.queues[c], id)
	}
	for _, t := range d.Put {
		g.put(p, t.Conn, t.FlowFile.ID, t.FlowFile.Rows)
	}
	if n := p.flow.plan.Nodes[d.Node]; n.Kind == runs.Source && d.HasCursor {
		g.sent[d.Node]++
	}
	if d.Order != nil && len(d.Remove) > 0 {
		p.disturb(g)
	}
	g.follow(p, e)
}

// disturb marks the run's sessions: what they took or read may be gone.
func (p *player) disturb(g *ghost) {
	for _, s := range p.work {
		if s.g == g {
			s.disturbed = true
		}
	}
}

func (g *ghost) take(p *player, conn string, id flowfile.ID) {
	if _, ok := g.queues[conn][id]; !ok {
		p.violate("lost: FlowFile %d left %s, where it is not", id, conn)
		return
	}
	delete(g.queues[conn], id)
	g.gone++
}

// put sees that no gate gets data after it was ready, and no run after its end.
func (g *ghost) put(p *player, conn string, id flowfile.ID, rows int64) {
	to := p.flow.plan.Conns[conn].To
	if p.flow.plan.Nodes[to].Kind == runs.Gate && g.run != nil {
		if a := g.run.Acts[to]; a != nil && a.State != runs.ActWait && a.State != runs.ActBlocked {
			p.violate("late: FlowFile %d for gate %s, which is %s", id, to, a.State)
		}
	}
	if g.state.Terminal() || g.state == runs.Finalizing {
		p.violate("late: FlowFile %d for a run that is %s", id, g.state)
	}
	g.queues[conn][id] = rows
	g.made++
}

// follow does what the effects say.
func (g *ghost) follow(p *player, e *runs.Effects) {
	for _, c := range e.Purge {
		g.gone += len(g.queues[c])
		clear(g.queues[c])
	}
	if len(e.Purge) > 0 {
		p.disturb(g)
	}
	for id, f := range g.parked {
		switch {
		case e.UnparkAll || slices.Contains(e.Unpark, id):
			g.queues[f.conn][id] = f.rows
		case e.DiscardAll || slices.Contains(e.Discard, id):
			g.gone++
		default:
			continue
		}
		delete(g.parked, id)
	}
}

func (g *ghost) live() (n int) {
	for _, q := range g.queues {
		n += len(q)
	}
	return n
}

// verify compares the counters of a run with the ghost, and its state with what
// can move.
func (p *player) verify(g *ghost) error {
	before := g.run
	r, err := p.drv.Run(flowName, g.n)
	if err != nil {
		return err
	}
	g.run, g.state = r, r.State
	var parked = map[string]int64{}
	for _, f := range g.parked {
		parked[f.conn]++
	}
	for _, c := range p.flow.conns {
		var q runs.Queue
		if r.Queues[c] != nil {
			q = *r.Queues[c]
		}
		var rows int64
		for _, n := range g.queues[c] {
			rows += n
		}
		if q.Queued.N != int64(len(g.queues[c])) || q.Queued.Rows != rows || q.Parked.N != parked[c] {
			p.violate("counter: %s has %d (%d rows, %d parked), counted as %+v", c, len(g.queues[c]), rows, parked[c], q)
		}
	}
	for s := range p.flow.above {
		if a := r.Acts[s]; a != nil && a.State == runs.ActReady && (before == nil || before.Acts[s] == nil || before.Acts[s].State == runs.ActWait) {
			p.barrier(g, s)
		}
	}
	p.motion(g)
	if p.o.Listing {
		return p.list(g)
	}
	return nil
}

// barrier checks by brute force that all data upstream of a gate has arrived.
func (p *player) barrier(g *ghost, gate string) {
	above := p.flow.above[gate]
	for _, c := range p.flow.conns {
		if above[p.flow.plan.Conns[c].To] && len(g.queues[c]) > 0 {
			p.violate("barrier: gate %s is ready with %d on %s", gate, len(g.queues[c]), c)
		}
	}
	for s := range above {
		if a := g.run.Acts[s]; a != nil && a.State.Open() {
			p.violate("barrier: gate %s is ready while %s is %s", gate, s, a.State)
		}
		if a := g.run.Acts[s]; a != nil && a.State == runs.ActDone && g.sent[s] != g.plan[s] {
			p.violate("token: source %s is done after %d of %d", s, g.sent[s], g.plan[s])
		}
	}
	for _, f := range g.parked {
		if above[p.flow.plan.Conns[f.conn].To] {
			p.violate("policy: gate %s is ready over what is parked on %s", gate, f.conn)
		}
	}
}

// motion compares the run's state with whether anything of it can move: a run
// that cannot is stuck, one that can is not.
func (p *player) motion(g *ghost) {
	moves := false
	for _, c := range p.flow.conns {
		moves = moves || (len(g.queues[c]) > 0 && p.flow.plan.Nodes[p.flow.plan.Conns[c].To].Kind == runs.Map)
	}
	for _, a := range g.run.Acts {
		moves = moves || a.State.Runnable()
	}
	switch {
	case g.state == runs.Running && !moves && p.o.Sabotage != CountAtCheckout:
		p.violate("stuck: run %d is RUNNING, but nothing of it can move", g.n)
	case g.state == runs.Failed && moves && !g.run.Sealed && g.run.Balance == "":
		p.violate("stuck: run %d is FAILED (%s), but something of it can move", g.n, g.run.Code)
	case g.state == runs.Failed:
		p.rep.Stuck++
	}
}

// list compares the store's own listings with the ghost.
func (p *player) list(g *ghost) error {
	for _, c := range p.flow.conns {
		ids, err := p.drv.Queued(flowName, 1, g.n, c)
		if err != nil {
			return err
		}
		p.same("queue "+c, ids, slices.Collect(maps.Keys(g.queues[c])))
	}
	ids, err := p.drv.Parked(flowName, g.n)
	if err != nil {
		return err
	}
	p.same("parked", ids, slices.Collect(maps.Keys(g.parked)))
	return nil
}

func (p *player) same(what string, got, want []flowfile.ID) {
	got = slices.Clone(got)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		p.violate("listing: %s holds %v, want %v", what, got, want)
	}
}

// verifyEnd checks what must hold of a run when its schedule is over.
func (p *player) verifyEnd(g *ghost) error {
	r := g.run
	p.rep.Ended[r.State]++
	if !r.State.Terminal() {
		p.violate("end: run %d is left %s", g.n, r.State)
		return nil
	}
	if r.State == runs.Failed && !r.Sealed && r.Code != "run_activity_failed" {
		p.violate("end: run %d ended FAILED: %s %s", g.n, r.Code, r.Why)
	}
	if r.State == runs.Failed && !r.Sealed {
		return nil // it may be taken up again, so it keeps its data
	}
	if g.live()+len(g.parked) > 0 || g.made != g.gone {
		p.violate("end: run %d ended %s with %d queued, %d parked, %d of %d gone", g.n, r.State, g.live(), len(g.parked), g.gone, g.made)
	}
	if r.State == runs.Success || r.State == runs.Partial {
		if r.Balance != runs.Balanced {
			p.violate("end: run %d is %s", g.n, r.Balance)
		}
		for s, n := range g.plan {
			if g.sent[s] != n {
				p.violate("token: source %s of run %d emitted %d of %d", s, g.n, g.sent[s], n)
			}
		}
	}
	return p.list(g)
}
