package flows

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/internal/near"
)

// AroundNode is the part of the flow by which one node can be verified alone:
// the node, the services and parameters that its settings name and, when nothing
// of them is wrong, all nodes above it, from which its columns come. given are
// values of parameters, problems those of the flow; returned are those that keep
// even this part from being tried. Wires that are still missing do not.
func (f *Flow) AroundNode(slug string, given map[string]string, problems Problems) (*Flow, Problems) {
	if _, ok := f.Nodes[slug]; !ok {
		return nil, Problems{at("nodes").problem(fault.New("flow_node_unknown", "flow", f.ID, "node", slug, "nearest", f.nearNodes(slug)))}
	}
	part := f.part(f.above(slug))
	if _, missing := part.values(given); len(missing) == 0 && len(problems.hindering(part)) == 0 {
		return part, nil
	}
	part = f.Alone(slug)
	return part, problems.hindering(part)
}

// Alone is the flow with one node, and the services and parameters that its
// settings name.
func (f *Flow) Alone(slug string) *Flow { return f.part(map[string]bool{slug: true}) }

// AroundService is AroundNode for a service.
func (f *Flow) AroundService(name string, problems Problems) (*Flow, Problems) {
	if _, ok := f.Services[name]; !ok {
		return nil, Problems{at("services").problem(fault.New("flow_service_unknown", "flow", f.ID, "service", name,
			"nearest", orNone(near.Nearest(name, slices.Sorted(maps.Keys(f.Services)), 3))))}
	}
	part := f.part(nil)
	part.take(f, name)
	return part, problems.hindering(part)
}

// above returns a node and all from which FlowFiles or completion reach it.
func (f *Flow) above(slug string) map[string]bool {
	out := map[string]bool{}
	todo := []string{slug}
	for len(todo) > 0 {
		slug = todo[0]
		todo = todo[1:]
		if _, is := f.Nodes[slug]; !is || out[slug] {
			continue
		}
		out[slug] = true
		for _, c := range f.Connections {
			if c.To == slug {
				todo = append(todo, c.From)
			}
		}
	}
	return out
}

// part is the flow with these nodes alone, their wires, and what their settings
// name.
func (f *Flow) part(nodes map[string]bool) *Flow {
	part := *f
	part.Nodes, part.Connections = map[string]Node{}, map[string]Connection{}
	part.Services, part.Parameters = map[string]Service{}, map[string]Parameter{}
	for slug := range nodes {
		n := f.Nodes[slug]
		n.After = slices.DeleteFunc(slices.Clone(n.After), func(other string) bool { return !nodes[other] })
		part.Nodes[slug] = n
		for _, raw := range n.Settings {
			part.named(f, raw)
		}
	}
	for slug, c := range f.Connections {
		if nodes[c.From] && nodes[c.To] {
			part.Connections[slug] = c
		}
	}
	return &part
}

// named takes over what a setting of the whole flow names: a service by its
// whole text, a parameter anywhere in it. One parameter too many does no harm.
func (f *Flow) named(whole *Flow, raw json.RawMessage) {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		f.take(whole, text)
	}
	for name, p := range whole.Parameters {
		if strings.Contains(string(raw), name) {
			f.Parameters[name] = p
		}
	}
}

// take takes over a service of the whole flow, if it is one, and what it names.
func (f *Flow) take(whole *Flow, name string) {
	s, is := whole.Services[name]
	if _, had := f.Services[name]; had || !is {
		return
	}
	f.Services[name] = s
	for _, raw := range s.Settings {
		f.named(whole, raw)
	}
}

// aside is what of a flow no part needs to be tried: how it is shown, whom it
// tells, how its runs are kept, and that it has no node yet.
var aside = []string{"layout", "name", "nodes", "notify", "policy"}

// hindering returns the problems of what a part of the flow consists of, but for
// nodes that lack a wire.
func (ps Problems) hindering(part *Flow) Problems {
	var out Problems
	for _, p := range ps {
		has := true
		name, ofParameter := strings.CutPrefix(p.Path, "parameters.")
		switch {
		case p.Node != "":
			_, has = part.Nodes[p.Node]
		case p.Connection != "":
			_, has = part.Connections[p.Connection]
		case p.Service != "":
			_, has = part.Services[p.Service]
		case p.Group != "", p.Label != "":
			has = false
		case ofParameter:
			name, _, _ = strings.Cut(name, ".")
			_, has = part.Parameters[name]
		default:
			top, _, _ := strings.Cut(p.Path, ".")
			has = !slices.Contains(aside, top)
		}
		ofSettings := p.Property != "" || strings.HasSuffix(p.Path, ".kind")
		if has && (ofSettings || p.Node == "" && p.Service == "") {
			out = append(out, p)
		}
	}
	return out
}
