package flows

import (
	"slices"
	"strings"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
)

// cycles refuses a whole-run node, or a source with completion edges, that has a
// way to itself: it would wait for its own data. Each cycle is told once.
func (c *checker) cycles() {
	if !c.runs() {
		return
	}
	next := map[string][]string{}
	for _, s := range c.f.connectionSlugs() {
		conn := c.f.Connections[s]
		next[conn.From] = append(next[conn.From], conn.To)
	}
	for _, s := range c.f.nodeSlugs() {
		facts := c.nodes[s]
		if facts != nil && !facts.Info.Source && !facts.Info.WholeRun {
			continue // a completion edge there is refused already
		}
		for _, a := range c.f.Nodes[s].After {
			next[a] = append(next[a], s)
		}
	}
	told := map[string]bool{}
	for _, s := range c.f.nodeSlugs() {
		facts := c.nodes[s]
		gated := facts != nil && facts.Info.WholeRun || len(c.f.Nodes[s].After) > 0
		if !gated || told[s] {
			continue
		}
		if way := wayBack(s, next); way != nil {
			for _, n := range way {
				told[n] = true
			}
			c.note(at("nodes", s), fault.New("node_gate_on_cycle", "node", s, "cycle", strings.Join(way, " > ")))
		}
	}
}

// wayBack returns a shortest way from a node to itself, both ends named.
func wayBack(start string, next map[string][]string) []string {
	from := map[string]string{}
	for queue := []string{start}; len(queue) > 0; queue = queue[1:] {
		for _, n := range next[queue[0]] {
			if n == start {
				way := []string{start}
				for at := queue[0]; at != start; at = from[at] {
					way = append(way, at)
				}
				way = append(way, start)
				slices.Reverse(way)
				return way
			}
			if _, seen := from[n]; !seen {
				from[n] = queue[0]
				queue = append(queue, n)
			}
		}
	}
	return nil
}

// sinks wants each forward output of a source in a runs flow to reach a sink: a
// run that reads and keeps nothing is a mistake unless the node says so.
func (c *checker) sinks() {
	if !c.runs() {
		return
	}
	for _, s := range c.f.nodeSlugs() {
		facts := c.nodes[s]
		if facts == nil || !facts.Info.Source || c.f.Nodes[s].Discard {
			continue
		}
		for _, o := range facts.Outputs {
			if o.Class == flowfile.Out && !c.reachesSink(s, string(o.Name), map[string]bool{}) {
				c.note(at("nodes", s), fault.New("node_reaches_no_sink", "node", s, "output", o.Name))
			}
		}
	}
}

// reachesSink follows what an output carries, rejects apart. Where a wire is
// missing or unknown, which is told by itself, it hopes for the best.
func (c *checker) reachesSink(node, output string, seen map[string]bool) bool {
	facts := c.nodes[node]
	conns := facts.out[output]
	if len(conns) == 0 {
		return !slices.Contains(c.f.Nodes[node].Terminate, output)
	}
	for _, s := range conns {
		to := c.f.Connections[s].To
		next := c.nodes[to]
		if next == nil || next.loose || next.Info.Sink {
			return true
		}
		if seen[to] {
			continue
		}
		seen[to] = true
		for _, o := range next.Outputs {
			if o.Class != flowfile.Rejected && c.reachesSink(to, string(o.Name), seen) {
				return true
			}
		}
	}
	return false
}
