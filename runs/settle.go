package runs

import (
	"strings"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
)

// graphOf returns the graph of the version in force.
func graphOf(tx Tx, r *Run) (*Graph, error) {
	if len(r.FlowVersions) == 0 {
		return nil, impossible("run " + r.name() + " has no flow version")
	}
	return tx.Graph(r.Flow, r.Version())
}

// Version returns the flow version in force.
func (r *Run) Version() uint32 {
	if len(r.FlowVersions) == 0 {
		return r.QueueVersion
	}
	return r.FlowVersions[len(r.FlowVersions)-1]
}

// name is what texts call the run.
func (r *Run) name() string {
	if r.ID != "" {
		return r.ID
	}
	return r.Number.String()
}

// move changes an activity's state and notes it.
func (e *Effects) move(node string, a *Activity, to ActState, at time.Time, why reason) {
	e.Changes = append(e.Changes, Change{Node: node, From: string(a.State), To: string(to), Code: why.code, Why: why.text, Note: why.note, At: at})
	a.State, a.Since = to, at
	if to == ActReady {
		e.Ready = append(e.Ready, node)
	}
}

// turn changes the run's state and notes it.
func (e *Effects) turn(r *Run, to State, at time.Time, why reason, by string) {
	e.Changes = append(e.Changes, Change{From: string(r.State), To: string(to), Code: why.code, Why: why.text, Note: why.note, At: at, By: by})
	r.State, r.Code, r.Why, r.Note = to, why.code, why.text, why.note
	if to.Terminal() {
		r.Finished = at
	}
	e.To = to
}

// fail ends the run as FAILED for the reason of a fault.
func (e *Effects) fail(r *Run, at time.Time, why *fault.Error) {
	e.turn(r, Failed, at, because(why), "")
}

// settle brings a RUNNING run to where its counters allow: gates become ready,
// blocked or skipped, the run complete or stuck. It is called after each change
// and only looks at what is durable, so a crash before or after it is no matter.
func settle(r *Run, g *Graph, at time.Time, e *Effects) {
	if r.State != Running {
		return
	}
	for _, n := range g.gated {
		a := r.Acts[n.slug]
		if a == nil || (a.State != ActWait && a.State != ActBlocked) {
			continue
		}
		if !g.quiet(r, n) {
			if a.State == ActBlocked {
				a.failed(reason{})
				e.move(n.slug, a, ActWait, at, reason{})
			}
			continue
		}
		if why := g.forbids(r, n); why != nil {
			if a.State != ActBlocked || a.Code != why.Code {
				a.failed(because(why))
				e.move(n.slug, a, ActBlocked, at, a.reason())
			}
			continue
		}
		if breaches := g.breaches(r, n); len(breaches) > 0 {
			r.Breaches, r.Balance = breaches, BalanceBroken
			e.fail(r, at, fault.New("balance_broken_upstream", "node", n.slug, "breach", breaches[0].String(), "count", len(breaches)))
			return
		}
		g.open(r, n, a, at, e)
	}
	g.conclude(r, at, e)
}

// quiet reports whether nothing upstream of the gated node can move any more
// without a person: no FlowFile is queued there but on the inputs of gates that
// are blocked or failed, and no activity there is open but those.
func (g *Graph) quiet(r *Run, n *graphNode) bool {
	if g.broken == idleInputs {
		return g.looksIdle(r, n)
	}
	for _, s := range n.acts {
		a := r.Acts[s]
		if a != nil && a.State.Open() && a.State != ActFailed && a.State != ActBlocked {
			return false
		}
	}
	for _, c := range n.up {
		if r.queued(c) > 0 && !r.dead(g.conns[c].To) {
			return false
		}
	}
	return true
}

// dead reports whether the node's activity cannot go on without a person.
func (r *Run) dead(node string) bool {
	a := r.Acts[node]
	return a != nil && (a.State == ActFailed || a.State == ActBlocked)
}

// forbids returns why the policy lets a gate not fire although all is quiet.
func (g *Graph) forbids(r *Run, n *graphNode) *fault.Error {
	for _, s := range n.acts {
		switch a := r.Acts[s]; {
		case a != nil && a.State == ActFailed:
			return fault.New("upstream_failed", "node", n.slug, "upstream", s)
		case a != nil && a.State == ActBlocked:
			return fault.New("upstream_blocked", "node", n.slug, "upstream", s)
		}
	}
	for _, c := range n.up {
		if p := r.parked(c); p > 0 && g.broken != settledGates {
			return fault.New("upstream_parked", "node", n.slug, "connection", c, "n", p)
		}
	}
	for _, s := range n.ancestors {
		if t := r.Counted(s, flowfile.Rejected); t != r.Accepted[s] && !n.tolerated[s] {
			return fault.New("rejects_upstream", "node", n.slug, "upstream", s, "rows", t.Rows, "n", t.N)
		}
	}
	return nil
}

// open lets a gate fire, unless one of its inputs is empty and says otherwise.
func (g *Graph) open(r *Run, n *graphNode, a *Activity, at time.Time, e *Effects) {
	var skip *graphInput
	for i := range n.inputs {
		in := &n.inputs[i]
		if in.onEmpty == OnEmptyPass || r.hasInput(in) {
			continue
		}
		if in.onEmpty == OnEmptyFail {
			why := fault.New("input_empty", "node", n.slug, "connection", strings.Join(in.conns, ", "))
			a.failed(because(why))
			e.move(n.slug, a, ActFailed, at, a.reason())
			return
		}
		skip = in
	}
	a.failed(reason{})
	if skip == nil {
		e.move(n.slug, a, ActReady, at, reason{})
		return
	}
	why := fault.New("input_empty_skipped", "node", n.slug, "connection", strings.Join(skip.conns, ", "))
	// What lies on its other inputs has no use any more; it is counted as left
	// out on purpose.
	for _, c := range n.in {
		q := r.Queues[c]
		if q == nil || q.Queued.N == 0 {
			continue
		}
		l := r.ledgerOf(n.slug)
		l[flowfile.In].Plus(q.Queued)
		l[flowfile.Filtered].Plus(q.Queued)
		q.Left.Plus(q.Queued)
		q.Queued = flowfile.Tally{}
		e.Purge, e.PurgeClass = append(e.Purge, c), flowfile.Filtered
	}
	e.move(n.slug, a, ActSkipped, at, because(why))
}

func (r *Run) hasInput(in *graphInput) bool {
	for _, c := range in.conns {
		if r.queued(c) > 0 {
			return true
		}
	}
	return false
}

// conclude ends the run's work when nothing is owed any more, or when nothing
// can move.
func (g *Graph) conclude(r *Run, at time.Time, e *Effects) {
	var live, parked, held int64
	for _, q := range r.Queues {
		live += q.Queued.N
		parked += q.Parked.N
	}
	open, failed, blocked := 0, "", ""
	for _, s := range g.owners {
		a := r.Acts[s]
		if a == nil || !a.State.Open() {
			continue
		}
		open++
		if a.State.Runnable() {
			return
		}
		switch a.State {
		case ActFailed:
			// The one that failed first is the one to mend.
			if failed == "" || a.Since.Before(r.Acts[failed].Since) {
				failed = s
			}
		case ActBlocked:
			blocked = s
		}
		if g.nodes[s].Kind == Gate {
			for _, c := range g.nodes[s].in {
				held += r.queued(c)
			}
		}
	}
	switch {
	case live == 0 && open == 0 && parked == 0:
		e.turn(r, Finalizing, at, reason{}, "")
	case g.broken == naiveStuck && live > 0:
	case live != held:
	case failed != "":
		a := r.Acts[failed]
		why := because(fault.New("run_activity_failed", "node", failed, "why", a.Err))
		why.note = why.note.With("why", a.Note)
		e.turn(r, Failed, at, why, "")
	case parked > 0:
		e.fail(r, at, fault.New("run_parked", "n", parked))
	case blocked != "":
		a := r.Acts[blocked]
		e.turn(r, Failed, at, a.reason(), "")
	default:
		e.fail(r, at, fault.New("internal", "what", "run "+r.name()+" waits for nothing"))
	}
}
