package flows

import (
	"slices"

	"github.com/weirflow/weir/processors"
)

// ResumeConflicts returns the differences that keep a run of the old flow from
// going on as the new one: in the graph, and in the settings of the nodes that
// are done and of all that lead to them, services included. What those nodes
// did stands in queues and files already and would not be done again. A parameter
// that the run has no value for is a difference of the kind, too.
func ResumeConflicts(old, new *Flow, done []string) []Change {
	fixed := old.ancestors(done)
	services := map[string]bool{}
	for slug := range fixed {
		for _, f := range []*Flow{old, new} {
			for _, s := range f.servicesOf(slug) {
				services[s] = true
			}
		}
	}
	return slices.DeleteFunc(Diff(old, new), func(c Change) bool {
		return !c.graph() && !c.valueless(new) && !(c.Part == "node" && fixed[c.Name] && c.settled()) && !(c.Part == "service" && services[c.Name])
	})
}

// graph reports whether the change is in what leads where.
func (c Change) graph() bool {
	switch c.Part {
	case "flow":
		return c.Key == "mode" || c.Key == "id"
	case "node":
		return c.Key == "" || len(c.path) == 3 && (c.Key == "kind" || c.Key == "after" || c.Key == "terminate")
	case "connection":
		switch c.Key {
		case "", "from", "output", "to", "input":
			return true
		}
	}
	return false
}

// valueless reports whether the change is a parameter that the run, whose
// values were fixed when it was made, has no value for.
func (c Change) valueless(new *Flow) bool {
	if c.Part != "parameter" {
		return false
	}
	return c.Key == "type" || c.Kind == Added && c.Key == "" && len(new.Parameters[c.Name].Default) == 0
}

// settled reports whether the change is in what a node did, not in how it is
// called or how fast it works.
func (c Change) settled() bool {
	return len(c.path) > 3 && (c.path[2] == "settings" || c.path[2] == "inputs")
}

// ancestors returns the nodes and all from which a way leads to them, over
// connections and completion edges.
func (f *Flow) ancestors(of []string) map[string]bool {
	seen := map[string]bool{}
	for queue := slices.Clone(of); len(queue) > 0; queue = queue[1:] {
		n := queue[0]
		if seen[n] {
			continue
		}
		seen[n] = true
		queue = append(queue, f.Nodes[n].After...)
		for _, c := range f.Connections {
			if c.To == n {
				queue = append(queue, c.From)
			}
		}
	}
	return seen
}

// servicesOf returns the services that a node's settings name.
func (f *Flow) servicesOf(slug string) []string {
	n, ok := f.Nodes[slug]
	if !ok {
		return nil
	}
	c, _ := processors.Build(n.Kind, n.Settings, f.draftEnv())
	if c == nil {
		return nil
	}
	return c.Services
}
