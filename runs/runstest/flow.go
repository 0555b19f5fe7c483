package runstest

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

// flow is a random flow, with what is upstream of what computed by brute force,
// not by the graph under test.
type flow struct {
	plan  runs.Plan
	nodes []string
	conns []string
	out   map[string][]string
	in    map[string][]string
	rank  map[string]int
	// faithful maps make one of one and keep its rows.
	faithful map[string]bool
	// above are, for each gated node, the nodes with a way to it.
	above map[string]map[string]bool
}

// randomFlow makes 4 to 8 layered nodes, loops among maps, one or two gates,
// sometimes a gated source, a reject file, a completion edge to a gate.
func randomFlow(rng *rand.Rand) *flow {
	f := &flow{plan: runs.Plan{Nodes: map[string]runs.PlanNode{}, Conns: map[string]runs.PlanConn{}},
		out: map[string][]string{}, in: map[string][]string{}, rank: map[string]int{},
		faithful: map[string]bool{}, above: map[string]map[string]bool{}}
	n := 4 + rng.IntN(5)
	gates := rng.Perm(n - 3)[:1+rng.IntN(min(2, n-3))]
	for i := range n {
		node := runs.PlanNode{Kind: runs.Map, Law: runs.LawNone}
		switch {
		case i < 2:
			node.Kind, node.Law = runs.Source, runs.LawSource
		case slices.Contains(gates, i-3):
			node.Kind, node.Law = runs.Gate, runs.LawMerge
			if rng.IntN(8) == 0 {
				node.OnEmpty = map[string]string{"": []string{runs.OnEmptyFail, runs.OnEmptySkip}[rng.IntN(2)]}
			}
		case rng.IntN(2) == 0:
			node.Law = runs.LawMap
		}
		f.node(fmt.Sprintf("n%d", i), node)
	}
	for i := 2; i < n; i++ {
		for _, p := range rng.Perm(i)[:1+rng.IntN(min(2, i))] {
			f.conn(p, i, flowfile.Out)
		}
	}
	for i := 2; i < n; i++ {
		for j := 2; j <= i; j++ {
			if f.kind(i) == runs.Map && f.kind(j) == runs.Map && rng.Float64() < .15 && !f.gateBetween(j, i) {
				f.conn(i, j, flowfile.Out)
			}
		}
	}
	f.gatedSource(rng, n)
	f.rejectFile(rng, n)
	f.completion(rng, n)
	for _, s := range f.nodes {
		if p := f.plan.Nodes[s]; p.Kind == runs.Gate || len(p.After) > 0 {
			f.above[s] = map[string]bool{}
			for _, o := range f.nodes {
				if o != s && f.reaches(o, s) {
					f.above[s][o] = true
				}
			}
		}
	}
	return f
}

func (f *flow) node(slug string, n runs.PlanNode) {
	f.rank[slug] = len(f.nodes)
	f.nodes = append(f.nodes, slug)
	f.plan.Nodes[slug] = n
	f.faithful[slug] = n.Kind == runs.Map && n.Law == runs.LawMap
}

func (f *flow) kind(i int) runs.NodeKind { return f.plan.Nodes[f.nodes[i]].Kind }

func (f *flow) conn(from, to int, class flowfile.Class) {
	slug := fmt.Sprintf("c%d", len(f.conns))
	a, b := f.nodes[from], f.nodes[to]
	f.conns = append(f.conns, slug)
	f.plan.Conns[slug] = runs.PlanConn{From: a, To: b, Class: class}
	f.out[a], f.in[b] = append(f.out[a], slug), append(f.in[b], slug)
}

// reaches reports whether there is a way from a to b over connections and
// completion edges; a node reaches itself only around a loop.
func (f *flow) reaches(a, b string) bool {
	seen := map[string]bool{}
	todo := []string{a}
	for len(todo) > 0 {
		x := todo[0]
		todo = todo[1:]
		next := func(to string) {
			if !seen[to] {
				seen[to] = true
				todo = append(todo, to)
			}
		}
		for _, c := range f.out[x] {
			next(f.plan.Conns[c].To)
		}
		for _, s := range f.nodes {
			if slices.Contains(f.plan.Nodes[s].After, x) {
				next(s)
			}
		}
	}
	return seen[b]
}

// gateBetween reports whether a connection from i back to j would put a gate on
// a cycle.
func (f *flow) gateBetween(j, i int) bool {
	for k := range f.nodes {
		if f.kind(k) == runs.Gate && f.reaches(f.nodes[j], f.nodes[k]) && f.reaches(f.nodes[k], f.nodes[i]) {
			return true
		}
	}
	return false
}

func (f *flow) pick(rng *rand.Rand, ok func(i int) bool) (int, bool) {
	var all []int
	for i := range f.nodes {
		if ok(i) {
			all = append(all, i)
		}
	}
	if len(all) == 0 {
		return 0, false
	}
	return all[rng.IntN(len(all))], true
}

func (f *flow) gatedSource(rng *rand.Rand, n int) {
	m, ok := f.pick(rng, func(i int) bool { return f.kind(i) == runs.Map })
	if !ok || rng.IntN(2) == 0 {
		return
	}
	t, ok := f.pick(rng, func(i int) bool { return i != m && f.kind(i) != runs.Source && !f.reaches(f.nodes[i], f.nodes[m]) })
	if !ok {
		return
	}
	f.node(fmt.Sprintf("s%d", n), runs.PlanNode{Kind: runs.Source, Law: runs.LawSource, After: []string{f.nodes[m]}})
	f.conn(len(f.nodes)-1, t, flowfile.Out)
}

func (f *flow) rejectFile(rng *rand.Rand, n int) {
	m, ok := f.pick(rng, func(i int) bool { return f.kind(i) == runs.Map })
	if !ok || rng.IntN(3) > 0 {
		return
	}
	f.node(fmt.Sprintf("r%d", n), runs.PlanNode{Kind: runs.Gate, Law: runs.LawMerge})
	f.conn(m, len(f.nodes)-1, flowfile.Rejected)
}

func (f *flow) completion(rng *rand.Rand, n int) {
	g, ok := f.pick(rng, func(i int) bool { return f.kind(i) == runs.Gate && i < n })
	if !ok || rng.IntN(4) > 0 {
		return
	}
	a, ok := f.pick(rng, func(i int) bool { return i != g && !f.reaches(f.nodes[g], f.nodes[i]) })
	if !ok {
		return
	}
	node := f.plan.Nodes[f.nodes[g]]
	node.After = []string{f.nodes[a]}
	f.plan.Nodes[f.nodes[g]] = node
}
