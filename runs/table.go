package runs

import (
	"cmp"
	"slices"

	"github.com/weirflow/weir/flowfile"
)

// Unchecked is the verdict over a node whose law says nothing, or that has
// nothing to hold against it because its run ended before the node had.
const Unchecked = "unchecked"

// BalanceRow is one node's line in the balance of a run.
type BalanceRow struct {
	Node string   `json:"node"`
	Law  Law      `json:"law"`
	Act  ActState `json:"act,omitempty"`

	In         flowfile.Tally `json:"in"`
	Read       flowfile.Tally `json:"read"`
	Out        flowfile.Tally `json:"out"`
	Filtered   flowfile.Tally `json:"filtered"`
	Rejected   flowfile.Tally `json:"rejected"`
	Committed  flowfile.Tally `json:"committed"`
	Terminated flowfile.Tally `json:"terminated"`
	// Queued and Parked lie before the node now; Lost was expired, dropped or
	// discarded there.
	Queued flowfile.Tally `json:"queued"`
	Parked flowfile.Tally `json:"parked"`
	Lost   flowfile.Tally `json:"lost"`

	// Verdict is balanced, unaccounted, broken or unchecked. It speaks while the
	// run is at work too, since each commit books both sides of a law, but for a
	// source that reports what it read ahead of what it emits.
	Verdict  string   `json:"verdict"`
	Breaches []Breach `json:"breaches,omitempty"`
}

// Table returns the balance of a run, node by node in the direction of the
// flow.
func Table(r *Run, g *Graph) []BalanceRow {
	out := make([]BalanceRow, 0, len(g.names))
	for _, s := range g.Downstream() {
		n := g.nodes[s]
		row := BalanceRow{Node: s, Law: n.Law, In: r.Counted(s, flowfile.In), Read: r.Counted(s, flowfile.Read),
			Out: r.Counted(s, flowfile.Out), Filtered: r.Counted(s, flowfile.Filtered), Rejected: r.Counted(s, flowfile.Rejected),
			Committed: r.Counted(s, flowfile.Committed), Terminated: r.Counted(s, flowfile.Terminated)}
		if a := r.Acts[s]; a != nil {
			row.Act = a.State
		}
		breaches, known := checkNode(r, n)
		for _, c := range n.in {
			breaches = append(breaches, checkEdge(r, c)...)
			if q := r.Queues[c]; q != nil {
				row.Queued.Plus(q.Queued)
				row.Parked.Plus(q.Parked)
				for _, t := range []flowfile.Tally{q.Expired, q.Dropped, q.Discarded} {
					row.Lost.Plus(t)
				}
			}
		}
		row.Breaches = breaches
		switch {
		case len(breaches) > 0:
			row.Verdict = BalanceBroken
		case !known:
			row.Verdict = Unaccounted
		case n.Law == LawNone || n.Law == "" || row.cutShort(r):
			row.Verdict = Unchecked
		default:
			row.Verdict = Balanced
		}
		out = append(out, row)
	}
	return out
}

// cutShort reports whether the run ended before the node did its work: the law
// holds over nothing, or over as much as was done, and to call that balanced
// would say that the node's result is there.
func (b *BalanceRow) cutShort(r *Run) bool {
	switch r.State {
	case Failed, Cancelled, Superseded:
	default:
		return false
	}
	if b.Act != "" {
		return b.Act != ActDone
	}
	return b.In.IsZero() && b.Out.IsZero()
}

// Downstream returns the nodes by their distance from the sources.
func (g *Graph) Downstream() []string {
	depth := map[string]int{}
	var todo []string
	for _, s := range g.names {
		if n := g.nodes[s]; n.Kind == Source || len(n.in) == 0 {
			depth[s] = 0
			todo = append(todo, s)
		}
	}
	for len(todo) > 0 {
		s := todo[0]
		todo = todo[1:]
		for _, c := range g.nodes[s].out {
			if to := g.conns[c].To; !hasKey(depth, to) {
				depth[to] = depth[s] + 1
				todo = append(todo, to)
			}
		}
	}
	order := slices.Clone(g.names)
	slices.SortStableFunc(order, func(a, b string) int {
		return cmp.Or(cmp.Compare(rank(depth, a), rank(depth, b)), cmp.Compare(a, b))
	})
	return order
}

func hasKey[V any](m map[string]V, k string) bool { _, ok := m[k]; return ok }

// rank puts what no source reaches last.
func rank(depth map[string]int, s string) int {
	if d, ok := depth[s]; ok {
		return d
	}
	return len(depth)
}
