package processors

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/weirflow/weir/fault"
)

// Param is a parameter of the flow, as far as it is known.
type Param struct {
	// Type is string, int, float, bool, date or duration.
	Type string
	// Value is its value as text when Known: at run time, not while a flow is
	// validated.
	Value string
	Known bool
}

// BuildEnv is what settings may refer to.
type BuildEnv struct {
	Params map[string]Param
	// Services maps the flow's services to their kinds.
	Services map[string]string
	// Secrets resolves {"secret": name}; nil leaves names unchecked.
	Secrets Secrets
	// Runs is true in a flow whose mode is runs; ${run.*} exists only there.
	Runs bool
}

// Configured is a processor whose settings are bound. It may be used only when
// Build found no problem; its read model is good in any case.
type Configured struct {
	// Info is the kind's description; Outputs includes those made by properties.
	Info    *Info
	Outputs []Output
	// Processor is set for processors, Service for services.
	Processor Processor
	Service   Service
	// Services, Secrets and Params are the names that the settings refer to,
	// sorted.
	Services, Secrets, Params []string

	spec *Spec
	// unknown are the settings whose values parameters will give, as they stand in
	// the flow file.
	unknown map[string]string
	// services are those of the flow.
	services map[string]*Configured
}

// Build makes a processor of a kind with its settings bound, and returns all
// that is wrong with them. It has no effects. The Configured is nil only when
// the kind is unknown.
func Build(kind string, settings map[string]json.RawMessage, env BuildEnv) (*Configured, []Problem) {
	e, ok := lookup(kind, false)
	if !ok {
		return nil, []Problem{{"", kindUnknown(kind, false)}}
	}
	p := e.processor()
	s := newSpec()
	p.Define(s)
	return assemble(&Configured{Processor: p, spec: s}, p, settings, env)
}

// BuildService makes a service of a kind as Build makes a processor.
func BuildService(kind string, settings map[string]json.RawMessage, env BuildEnv) (*Configured, []Problem) {
	e, ok := lookup(kind, true)
	if !ok {
		return nil, []Problem{{"", kindUnknown(kind, true)}}
	}
	v := e.service()
	s := newSpec()
	s.service = true
	v.Define(s)
	return assemble(&Configured{Service: v, spec: s}, v, settings, env)
}

func assemble(c *Configured, v any, settings map[string]json.RawMessage, env BuildEnv) (*Configured, []Problem) {
	c.spec.finish()
	c.Info = &c.spec.info
	b := &build{spec: c.spec, env: env, unknown: map[string]bool{}, bad: map[string]bool{}, params: map[string]bool{}}
	b.settings(settings)
	c.Outputs = b.outputs()
	b.inputs()
	if w, ok := v.(Validator); ok && len(b.problems) == 0 {
		r := &Report{unknown: b.unknown, Runs: env.Runs}
		w.Validate(r)
		b.problems = append(b.problems, r.problems...)
	}
	c.unknown = map[string]string{}
	for key := range b.unknown {
		var source string
		if json.Unmarshal(settings[key], &source) == nil {
			c.unknown[key] = source
		}
	}
	c.Services, c.Secrets = unique(b.services), unique(b.secrets)
	c.Params = slices.Sorted(maps.Keys(b.params))
	return c, b.problems
}

func unique(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

// build is one binding of settings.
type build struct {
	spec     *Spec
	env      BuildEnv
	problems []Problem
	now      *Property // being decoded
	// unknown are properties whose value a parameter will give.
	unknown map[string]bool
	// bad are properties with a problem.
	bad      map[string]bool
	set      map[string]bool
	services []string
	secrets  []string
	params   map[string]bool
}

func (b *build) problem(f *fault.Error) {
	key := ""
	if b.now != nil {
		key = b.now.Key
		b.bad[key] = true
	}
	b.problems = append(b.problems, Problem{key, f})
}

// settings decodes what is set, in the order of definition, then asks for what
// is not. Hidden properties are judged last, when the values are there.
func (b *build) settings(settings map[string]json.RawMessage) {
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		if _, ok := b.spec.byKey[key]; !ok {
			b.now = &Property{Key: key}
			b.problem(unknownProperty(b.spec, key))
		}
	}
	b.set = map[string]bool{}
	for _, f := range b.spec.fields {
		p := f.property()
		raw, ok := settings[p.Key]
		if !ok {
			continue
		}
		b.set[p.Key] = true
		b.now = p
		raw, ok = b.parameter(p, []byte(strings.TrimSpace(string(raw))))
		switch {
		case !ok:
		case !json.Valid(raw):
			b.problem(wrongType(p, raw))
		default:
			f.decode(b, raw)
		}
	}
	for _, f := range b.spec.fields {
		p := f.property()
		b.now = p
		on, why := b.applies(p, map[string]bool{})
		switch {
		case on == no && b.set[p.Key]:
			b.problem(hidden(p, why))
		case on == yes && p.Required && f.text() == "" && !b.bad[p.Key] && !b.unknown[p.Key]:
			b.problem(missing(p))
		}
	}
	b.now = nil
}

type tristate uint8

const (
	yes tristate = iota
	no
	unsure
)

// applies tells whether a property's dependencies hold, or which does not.
func (b *build) applies(p *Property, seen map[string]bool) (tristate, Dependency) {
	if seen[p.Key] {
		return yes, Dependency{}
	}
	seen[p.Key] = true
	result := yes
	for _, d := range p.DependsOn {
		f := b.spec.byKey[d.Key]
		if f == nil {
			continue // a defect, which Register refuses
		}
		if b.unknown[d.Key] || b.bad[d.Key] {
			result = unsure
			continue
		}
		v := f.text()
		if len(d.Values) == 0 && v == "" || len(d.Values) > 0 && !slices.Contains(d.Values, v) {
			return no, d
		}
		switch on, why := b.applies(f.property(), seen); on {
		case no:
			return no, why
		case unsure:
			result = unsure
		}
	}
	return result, Dependency{}
}

// inputs puts the inputs that a property names in the place of the declared one.
func (b *build) inputs() {
	from := b.spec.info.InputsFrom
	f, ok := b.spec.byKey[from].(*listField)
	if !ok || b.bad[from] || len(*f.to) == 0 {
		return
	}
	b.now = f.property()
	var made []Input
	for _, name := range *f.to {
		in := b.spec.info.Inputs[0]
		in.Name = name
		switch {
		case !slug.MatchString(name):
			b.problem(fault.New("setting_input_name", "property", from, "name", clip(name)).Permanent())
		case slices.ContainsFunc(made, func(i Input) bool { return i.Name == name }):
			b.problem(fault.New("setting_input_taken", "property", from, "name", name).Permanent())
		default:
			made = append(made, in)
		}
	}
	if len(made) > 0 {
		b.spec.info.Inputs = made
	}
	b.now = nil
}

// outputs are those of the kind and those made by a property's keys.
func (b *build) outputs() []Output {
	out := slices.Clone(b.spec.info.Outputs)
	from := b.spec.info.OutputsFrom
	m, ok := b.spec.byKey[from].(mapKeys)
	if !ok {
		return out
	}
	b.now = b.spec.byKey[from].property()
	for _, k := range m.keys() {
		switch {
		case !outputName.MatchString(k):
			b.problem(fault.New("setting_output_name", "property", from, "name", clip(k)).Permanent())
		case slices.ContainsFunc(out, func(o Output) bool { return string(o.Name) == k }):
			b.problem(fault.New("setting_output_taken", "property", from, "name", k).Permanent())
		default:
			out = append(out, madeOutput(k, from))
		}
	}
	b.now = nil
	return out
}
