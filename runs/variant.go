package runs

// variant switches the protocol to a broken one; only tests set it, to prove
// that their checks see the damage.
type variant uint8

const (
	sound variant = iota
	// idleInputs lets a gate fire when its direct producers look idle.
	idleInputs
	// settledGates lets a gate fire over parked FlowFiles and resume after it.
	settledGates
	// unguarded lets a session put data out of nothing and after its activity's
	// end, to show what the rules against it are for.
	unguarded
	// naiveStuck calls a run stuck only when nothing of it lies anywhere.
	naiveStuck
)

// guarded reports whether Apply holds sessions to its rules.
func (g *Graph) guarded() bool { return g.broken == sound }

// looksIdle is the broken gate that trusts what it sees of its direct producers.
func (g *Graph) looksIdle(r *Run, n *graphNode) bool {
	for _, c := range n.in {
		p := g.nodes[g.conns[c].From]
		if a := r.Acts[p.slug]; a != nil && a.State.Open() {
			return false
		}
		for _, pc := range p.in {
			if r.queued(pc) > 0 {
				return false
			}
		}
	}
	return true
}
