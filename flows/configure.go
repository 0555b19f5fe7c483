package flows

import (
	"maps"
	"slices"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/internal/near"
	"github.com/weirflow/weir/processors"
)

// Values are what a flow is configured with besides its file.
type Values struct {
	// Params are values of parameters as text, as ResolveParams returns them;
	// those that are absent have their defaults.
	Params map[string]string
	// Secrets resolves what settings refer to; nil leaves the names unchecked.
	Secrets processors.Secrets
}

// Configuration is a flow whose settings are bound: fresh processors and
// services, by slug.
type Configuration struct {
	Nodes    map[string]*processors.Configured
	Services map[string]*processors.Configured
}

// Configure makes the processors and services of the flow. It may be used only
// when there is no problem. Nothing outside is touched.
func (f *Flow) Configure(v Values) (*Configuration, Problems) {
	env, problems := f.buildEnv(v)
	c := &Configuration{Nodes: map[string]*processors.Configured{}, Services: map[string]*processors.Configured{}}
	for _, name := range slices.Sorted(maps.Keys(f.Services)) {
		s := f.Services[name]
		made, ps := processors.BuildService(s.Kind, s.Settings, env)
		problems = append(problems, placed(at("services", name), ps)...)
		if made != nil {
			c.Services[name] = made
		}
	}
	for _, slug := range slices.Sorted(maps.Keys(f.Nodes)) {
		n := f.Nodes[slug]
		made, ps := processors.Build(n.Kind, n.Settings, env)
		problems = append(problems, placed(at("nodes", slug), ps)...)
		if made != nil {
			made.Among(c.Services)
			c.Nodes[slug] = made
		}
	}
	return c, problems.sort()
}

// ConfigureNode makes a fresh processor of one node, as Configure does.
func (f *Flow) ConfigureNode(slug string, v Values) (*processors.Configured, Problems) {
	n, ok := f.Nodes[slug]
	if !ok {
		return nil, Problems{at("nodes").problem(fault.New("flow_node_unknown", "flow", f.ID, "node", slug,
			"nearest", f.nearNodes(slug)))}
	}
	env, problems := f.buildEnv(v)
	c, ps := processors.Build(n.Kind, n.Settings, env)
	return c, append(problems, placed(at("nodes", slug), ps)...).sort()
}

// nearNodes names the nodes most like a misspelt one.
func (f *Flow) nearNodes(name string) string {
	if len(name) > 2*longestSlug {
		return "-"
	}
	return orNone(near.Nearest(name, f.nodeSlugs(), 3))
}

func (f *Flow) nodeSlugs() []string { return slices.Sorted(maps.Keys(f.Nodes)) }

// buildEnv is what settings may refer to at run time.
func (f *Flow) buildEnv(v Values) (processors.BuildEnv, Problems) {
	env := f.draftEnv()
	env.Secrets = v.Secrets
	values, problems := f.values(v.Params)
	for name, text := range values {
		env.Params[name] = processors.Param{Type: f.Parameters[name].Type, Value: text, Known: true}
	}
	return env, problems
}

// draftEnv is what settings may refer to before any value is known.
func (f *Flow) draftEnv() processors.BuildEnv {
	env := processors.BuildEnv{Params: map[string]processors.Param{}, Services: map[string]string{}, Runs: f.Mode != ModeContinuous}
	for name, p := range f.Parameters {
		env.Params[name] = processors.Param{Type: p.Type}
	}
	for name, s := range f.Services {
		env.Services[name] = s.Kind
	}
	return env
}

// placed puts the problems of a kind's settings at their node or service.
func placed(p path, problems []processors.Problem) Problems {
	var out Problems
	for _, found := range problems {
		place := p
		switch {
		case found.Property != "":
			place = p.key("settings").key(found.Property)
		case found.Fault.Code == "kind_unknown" || found.Fault.Code == "service_kind_unknown":
			place = p.key("kind")
		}
		out = append(out, place.problem(found.Fault))
	}
	return out
}
