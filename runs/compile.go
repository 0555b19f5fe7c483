package runs

import (
	"cmp"
	"maps"
	"slices"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
)

// DefaultMaxHops is how many connections a FlowFile of a run may pass where its
// node says nothing.
const DefaultMaxHops = 100

// Graph is a compiled Plan: what is upstream of what. It is immutable and may
// be shared. Make one with Plan.Compile.
type Graph struct {
	nodes map[string]*graphNode
	conns map[string]PlanConn
	// gated are whole-run nodes and gated sources, each after all that are
	// upstream of it, so that one pass settles them all.
	gated []*graphNode
	// owners are the nodes that own an activity, sorted; names are all nodes.
	owners, names, connNames []string
	broken                   variant
}

// graphNode is what the protocol asks of a node again and again.
type graphNode struct {
	PlanNode
	slug    string
	in, out []string
	// before are the nodes that have a completion edge from here.
	before []string
	// inputs are the connections of each named input, sorted by name.
	inputs []graphInput
	// ancestors are the nodes with a way to this one, over connections and
	// completion edges; acts those of them with an activity, gates those of
	// these that hold data on their inputs. Only gated nodes have them.
	ancestors, acts []string
	// up are the connections that lead into an ancestor.
	up []string
	// tolerated are ancestors whose every way to here begins at a reject output.
	tolerated map[string]bool
}

type graphInput struct {
	onEmpty string
	conns   []string
}

// owner reports whether the node has an activity.
func (n *graphNode) owner() bool { return n.Kind == Source || n.Kind == Gate }

func (n *graphNode) isGated() bool { return n.Kind == Gate || len(n.After) > 0 }

// Compile checks the plan and computes what is upstream of each gate. A gate on
// a cycle is refused: it would wait for itself.
func (p *Plan) Compile() (*Graph, error) {
	g := &Graph{nodes: make(map[string]*graphNode, len(p.Nodes)), conns: maps.Clone(p.Conns)}
	g.names, g.connNames = sortedKeys(p.Nodes), sortedKeys(p.Conns)
	for _, slug := range g.names {
		n := &graphNode{PlanNode: p.Nodes[slug], slug: slug}
		n.After, n.OnEmpty = slices.Clone(n.After), maps.Clone(n.OnEmpty)
		slices.Sort(n.After)
		if n.MaxHops == 0 {
			n.MaxHops = DefaultMaxHops
		}
		g.nodes[slug] = n
		if n.owner() {
			g.owners = append(g.owners, slug)
		}
	}
	if err := g.wire(); err != nil {
		return nil, err
	}
	for _, slug := range g.names {
		if n := g.nodes[slug]; n.isGated() {
			if err := g.lookUp(n); err != nil {
				return nil, err
			}
			g.gated = append(g.gated, n)
		}
	}
	// The ancestors of an ancestor are fewer, so this order is topological.
	slices.SortStableFunc(g.gated, func(a, b *graphNode) int { return cmp.Compare(len(a.ancestors), len(b.ancestors)) })
	return g, nil
}

// wire connects the nodes and checks each of them alone.
func (g *Graph) wire() error {
	for _, slug := range g.connNames {
		c := g.conns[slug]
		for _, end := range []string{c.From, c.To} {
			if g.nodes[end] == nil {
				return fault.New("plan_unknown_end", "connection", slug, "node", end).Permanent()
			}
		}
		if g.nodes[c.To].Kind == Source {
			return fault.New("plan_source_input", "connection", slug, "node", c.To).Permanent()
		}
		from, to := g.nodes[c.From], g.nodes[c.To]
		from.out, to.in = append(from.out, slug), append(to.in, slug)
	}
	for _, slug := range g.names {
		n := g.nodes[slug]
		if n.Kind != Source && n.Kind != Map && n.Kind != Gate {
			return fault.New("plan_kind", "node", slug, "kind", n.Kind).Permanent()
		}
		if n.Kind == Map && len(n.After) > 0 {
			return fault.New("plan_after_map", "node", slug).Permanent()
		}
		for _, a := range n.After {
			if g.nodes[a] == nil {
				return fault.New("plan_unknown_after", "node", slug, "after", a).Permanent()
			}
			g.nodes[a].before = append(g.nodes[a].before, slug)
		}
		byInput := map[string][]string{}
		for _, c := range n.in {
			byInput[g.conns[c].Input] = append(byInput[g.conns[c].Input], c)
		}
		for in, what := range n.OnEmpty {
			if what != OnEmptyFail && what != OnEmptySkip && what != OnEmptyPass {
				return fault.New("plan_on_empty", "node", slug, "input", in, "value", what).Permanent()
			}
			if byInput[in] == nil {
				byInput[in] = []string{} // an unwired input is an empty one
			}
		}
		for _, in := range sortedKeys(byInput) {
			n.inputs = append(n.inputs, graphInput{onEmpty: cmp.Or(n.OnEmpty[in], OnEmptyPass), conns: byInput[in]})
		}
	}
	return nil
}

// What a gate does when one of its inputs is empty.
const (
	OnEmptyFail = "fail"
	OnEmptySkip = "skip"
	OnEmptyPass = "pass"
)

// lookUp computes what is upstream of a gated node.
func (g *Graph) lookUp(n *graphNode) error {
	anc := map[string]bool{}
	g.reach(n, anc)
	if anc[n.slug] {
		return fault.New("plan_gate_cycle", "node", n.slug).Permanent()
	}
	n.ancestors = sortedKeys(anc)
	n.tolerated = map[string]bool{}
	for _, a := range n.ancestors {
		if g.nodes[a].owner() {
			n.acts = append(n.acts, a)
		}
		n.up = append(n.up, g.nodes[a].in...)
		n.tolerated[a] = g.onlyRejects(a, n, anc)
	}
	slices.Sort(n.up)
	return nil
}

// reach adds every node with a way to n.
func (g *Graph) reach(n *graphNode, seen map[string]bool) {
	visit := func(from string) {
		if !seen[from] {
			seen[from] = true
			g.reach(g.nodes[from], seen)
		}
	}
	for _, c := range n.in {
		visit(g.conns[c].From)
	}
	for _, a := range n.After {
		visit(a)
	}
}

// onlyRejects reports whether every way from a to the gate begins at a
// connection that carries nothing but rejects.
func (g *Graph) onlyRejects(a string, gate *graphNode, anc map[string]bool) bool {
	for _, c := range g.nodes[a].out {
		to := g.conns[c].To
		if g.conns[c].Class != flowfile.Rejected && (to == gate.slug || anc[to]) {
			return false
		}
	}
	for _, b := range g.nodes[a].before {
		if b == gate.slug || anc[b] {
			return false
		}
	}
	return true
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
