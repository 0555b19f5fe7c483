package runs

import "slices"

// Nodes returns the slugs of all nodes, sorted.
func (g *Graph) Nodes() []string { return slices.Clone(g.names) }

// Conns returns the slugs of all connections, sorted.
func (g *Graph) Conns() []string { return slices.Clone(g.connNames) }

// Node returns a node of the plan.
func (g *Graph) Node(slug string) (PlanNode, bool) {
	if n := g.nodes[slug]; n != nil {
		return n.PlanNode, true
	}
	return PlanNode{}, false
}

// Conn returns a connection of the plan.
func (g *Graph) Conn(slug string) (PlanConn, bool) {
	c, ok := g.conns[slug]
	return c, ok
}

// In returns the connections that lead to a node, Out those that leave it.
func (g *Graph) In(node string) []string {
	if n := g.nodes[node]; n != nil {
		return slices.Clone(n.in)
	}
	return nil
}

// Out returns the connections that leave a node.
func (g *Graph) Out(node string) []string {
	if n := g.nodes[node]; n != nil {
		return slices.Clone(n.out)
	}
	return nil
}

// Owners returns the nodes that own an activity: sources and gates.
func (g *Graph) Owners() []string { return slices.Clone(g.owners) }

// Gated returns the whole-run nodes and the sources with completion edges, each
// after those upstream of it.
func (g *Graph) Gated() []string {
	out := make([]string, len(g.gated))
	for i, n := range g.gated {
		out[i] = n.slug
	}
	return out
}

// Ancestors returns the nodes upstream of a gated node, Up the connections that
// lead into one of them. Both are empty for other nodes.
func (g *Graph) Ancestors(node string) []string {
	if n := g.nodes[node]; n != nil {
		return slices.Clone(n.ancestors)
	}
	return nil
}

// Up returns the connections that must be empty before a gated node fires. Its
// own inputs are not among them.
func (g *Graph) Up(node string) []string {
	if n := g.nodes[node]; n != nil {
		return slices.Clone(n.up)
	}
	return nil
}

// Tolerates reports whether rows that a node rejects may pass by the gate: every
// way from the node to it begins at a reject output, as to a file of rejects.
func (g *Graph) Tolerates(gate, node string) bool {
	n := g.nodes[gate]
	return n != nil && n.tolerated[node]
}
