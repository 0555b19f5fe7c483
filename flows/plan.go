package flows

import (
	"slices"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/runs"
)

// Plan returns what the flow looks like to the run protocol. The flow must be
// valid as far as its wiring goes; the error is Problems.
func (f *Flow) Plan() (runs.Plan, error) {
	env := f.draftEnv()
	plan := runs.Plan{Nodes: make(map[string]runs.PlanNode, len(f.Nodes)), Conns: make(map[string]runs.PlanConn, len(f.Connections))}
	made := make(map[string]*processors.Configured, len(f.Nodes))
	var problems Problems
	for _, slug := range f.nodeSlugs() {
		n := f.Nodes[slug]
		c, ps := processors.Build(n.Kind, n.Settings, env)
		if c == nil {
			problems = append(problems, placed(at("nodes", slug), ps)...)
			continue
		}
		made[slug] = c
		plan.Nodes[slug] = runs.PlanNode{Kind: c.Info.NodeKind(), Law: c.Info.Law, After: slices.Clone(n.After)}
	}
	for _, slug := range f.connectionSlugs() {
		c := f.Connections[slug]
		from, to := made[c.From], made[c.To]
		if from == nil || to == nil {
			if _, ok := f.Nodes[c.From]; !ok {
				problems = append(problems, endUnknown(slug, "from", c.From, f.nearNodes(c.From)))
			}
			if _, ok := f.Nodes[c.To]; !ok {
				problems = append(problems, endUnknown(slug, "to", c.To, f.nearNodes(c.To)))
			}
			continue
		}
		class, unknown := connClass(from, c.Output)
		for _, o := range unknown {
			problems = append(problems, outputUnknown(slug, c, o, from))
		}
		plan.Conns[slug] = runs.PlanConn{From: c.From, To: c.To, Input: c.Input, Class: class}
		if what := onEmpty(f.Nodes[c.To], to.Info, c.Input); what != "" {
			n := plan.Nodes[c.To]
			if n.OnEmpty == nil {
				n.OnEmpty = map[string]string{}
			}
			n.OnEmpty[c.Input] = what
			plan.Nodes[c.To] = n
		}
	}
	return plan, problems.sort().Err()
}

// onEmpty says what an empty whole-run input means; nothing for other inputs
// and where neither flow nor kind says.
func onEmpty(n Node, info *processors.Info, input string) string {
	for _, in := range info.Inputs {
		if in.Name != input || !in.WholeRun {
			continue
		}
		if o := n.Inputs[input]; o.OnEmpty != "" {
			return o.OnEmpty
		}
		return in.OnEmpty
	}
	return ""
}

// connClass is the class of the outputs that share a connection: Rejected or
// Filtered when all of them are, else Out. Unknown are outputs that the node
// has not got.
func connClass(from *processors.Configured, outputs []string) (class flowfile.Class, unknown []string) {
	class = flowfile.NoClass
	for _, name := range outputs {
		o, ok := output(from, name)
		switch {
		case !ok:
			unknown = append(unknown, name)
		case class == flowfile.NoClass:
			class = o.Class
		case class != o.Class:
			class = flowfile.Out
		}
	}
	if class == flowfile.NoClass {
		class = flowfile.Out
	}
	return class, unknown
}

func output(c *processors.Configured, name string) (processors.Output, bool) {
	i := slices.IndexFunc(c.Outputs, func(o processors.Output) bool { return string(o.Name) == name })
	if i < 0 {
		return processors.Output{}, false
	}
	return c.Outputs[i], true
}
