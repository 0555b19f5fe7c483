package flows

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/internal/bytesize"
	"github.com/weirflow/weir/processors"
)

// Validate returns all that is wrong with the flow, in the order of the file's
// sections, none when it may be published. It looks at nothing outside the flow:
// whether secrets are set and values of parameters fit is Configure's to tell.
func (f *Flow) Validate() Problems {
	c := &checker{f: f, env: f.draftEnv(), nodes: map[string]*nodeFacts{}, made: map[string]*processors.Configured{}}
	c.head()
	c.policy()
	c.notify()
	c.parameters()
	c.services()
	c.settings()
	c.groups()
	c.connections()
	for _, slug := range f.nodeSlugs() {
		c.node(slug, f.Nodes[slug])
	}
	c.cycles()
	c.sinks()
	c.targets()
	c.layout()
	return c.problems.sort()
}

// checker is one validation.
type checker struct {
	f        *Flow
	env      processors.BuildEnv
	nodes    map[string]*nodeFacts
	made     map[string]*processors.Configured // services
	problems Problems
}

// nodeFacts is what is known of a node whose kind is.
type nodeFacts struct {
	*processors.Configured
	// loose is true when settings that make outputs are wrong, so that an output
	// may be one that the repaired settings would make.
	loose bool
	// in are the connections to each input, out those of each output.
	in, out map[string][]string
	// astray are names that stand where one of the node's outputs should.
	astray []string
}

func (c *checker) note(p path, f *fault.Error) { c.problems.add(p, f) }

// near names the nodes most like a misspelt one. In a file full of mistakes it
// gives up, for the search takes its time.
func (c *checker) near(name string) string {
	if len(c.problems) > 100 {
		return "-"
	}
	return c.f.nearNodes(name)
}

func (c *checker) runs() bool { return c.f.Mode == ModeRuns }

var (
	slug      = regexp.MustCompile(`^[a-z][a-z0-9]*([-_][a-z0-9]+)*$`)
	paramName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

const (
	longestSlug = 63
	// longestName is how many characters a flow's name may have.
	longestName = 120
)

func (c *checker) slug(p path, s string) {
	if len(s) > longestSlug || !slug.MatchString(s) {
		c.note(p, fault.New("flow_slug_bad", "value", strconv.Quote(clip(s)), "limit", longestSlug))
	}
}

func (c *checker) head() {
	f := c.f
	if f.Weir != FormatVersion {
		c.note(at("weir"), fault.New("flow_version_unknown", "version", f.Weir, "known", FormatVersion))
	}
	c.slug(at("id"), f.ID)
	if n := utf8.RuneCountInString(f.Name); n > longestName {
		c.note(at("name"), fault.New("flow_name_long", "length", n, "limit", longestName))
	}
	if f.Mode != ModeRuns && f.Mode != ModeContinuous {
		c.note(at("mode"), fault.New("flow_mode_unknown", "value", strconv.Quote(clip(string(f.Mode)))))
	}
	if len(f.Nodes) == 0 {
		c.note(at("nodes"), fault.New("flow_empty", "flow", f.ID))
	}
	if f.Schedule == nil {
		return
	}
	if f.Mode == ModeContinuous {
		c.note(at("schedule"), fault.New("schedule_in_continuous", "flow", f.ID))
		return
	}
	for _, problem := range f.Schedule.Validate() {
		p := at("schedule")
		if field := problem.Args["field"]; field != "" {
			p = p.key(field)
		}
		c.note(p, problem)
	}
}

// The ranges of what a flow may set.
const (
	maxRetries    = 100
	maxActiveRuns = 100
	maxWorkers    = 64
	maxLimit      = 10_000_000
	day           = 24 * time.Hour
)

func (c *checker) policy() {
	p := c.f.Policy
	if p == nil {
		return
	}
	place := at("policy")
	if p.Retries != nil {
		c.within(place.key("retries"), int64(*p.Retries), 0, maxRetries)
	}
	if p.MaxActiveRuns != 0 {
		c.within(place.key("max_active_runs"), int64(p.MaxActiveRuns), 1, maxActiveRuns)
	}
	c.duration(place.key("retry_delay"), p.RetryDelay, 0, 7*day)
	c.duration(place.key("timeout"), p.Timeout, time.Second, 30*day)
	if p.Gate != "" && p.Gate != GateComplete {
		c.note(place.key("gate"), fault.New("policy_gate_unknown", "value", strconv.Quote(clip(p.Gate))))
	}
	if c.f.Mode != ModeContinuous {
		return
	}
	if p.MaxActiveRuns != 0 {
		c.note(place.key("max_active_runs"), fault.New("policy_runs_only", "key", "max_active_runs"))
	}
	if p.Gate != "" {
		c.note(place.key("gate"), fault.New("policy_runs_only", "key", "gate"))
	}
}

func (c *checker) within(p path, v, low, high int64) {
	if v < low || v > high {
		c.note(p, fault.New("flow_number_range", "key", p[len(p)-1], "value", v, "low", low, "high", high))
	}
}

func (c *checker) duration(p path, d Duration, low, high time.Duration) {
	if d == "" {
		return
	}
	v, err := processors.ParseDuration(string(d))
	switch {
	case err != nil:
		c.note(p, fault.New("flow_duration_bad", "key", p[len(p)-1], "value", strconv.Quote(clip(string(d)))))
	case v < low || v > high:
		c.note(p, fault.New("flow_duration_range", "key", p[len(p)-1], "value", d, "low", shortSpan(low), "high", shortSpan(high)))
	}
}

// shortSpan renders a span as a flow file would hold it.
func shortSpan(d time.Duration) string {
	if d >= day && d%day == 0 {
		return strconv.Itoa(int(d/day)) + "d"
	}
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

func (c *checker) size(p path, s Size) {
	if s == "" {
		return
	}
	if n, err := bytesize.Parse(string(s)); err != nil || n < 1 {
		c.note(p, fault.New("flow_size_bad", "key", p[len(p)-1], "value", strconv.Quote(clip(string(s)))))
	}
}

func (c *checker) parameters() {
	for _, name := range slices.Sorted(maps.Keys(c.f.Parameters)) {
		p, place := c.f.Parameters[name], at("parameters", name)
		if !paramName.MatchString(name) || len(name) > longestSlug {
			c.note(place, fault.New("parameter_name_bad", "value", strconv.Quote(clip(name)), "limit", longestSlug))
		}
		if _, ok := paramForms[p.Type]; !ok {
			c.note(place.key("type"), fault.New("parameter_type_unknown", "name", name, "value", strconv.Quote(clip(p.Type)), "known", paramTypes()))
			continue
		}
		_, known, ok := p.fallback()
		if !known && c.f.Mode == ModeContinuous {
			c.note(place, fault.New("parameter_default_needed", "name", name, "example", defaultForm(p.Type)))
		}
		if !ok {
			c.note(place.key("default"), fault.New("parameter_default_bad", "name", name, "value", clip(string(p.Default)), "type", p.Type,
				"example", defaultForm(p.Type)))
		}
	}
}

// defaultForm shows a default as it stands in a flow file.
func defaultForm(typ string) string {
	switch typ {
	case ParamInt, ParamFloat, ParamBool:
		return paramForms[typ]
	}
	return strconv.Quote(paramForms[typ])
}

func (c *checker) services() {
	for _, name := range slices.Sorted(maps.Keys(c.f.Services)) {
		s, place := c.f.Services[name], at("services", name)
		c.slug(place, name)
		made, ps := processors.BuildService(s.Kind, s.Settings, c.env)
		c.problems = append(c.problems, placed(place, ps)...)
		if made == nil {
			continue
		}
		c.made[name] = made
		// No credential may go to an address that a flow file names.
		if _, set := s.Settings["endpoint"]; !set || len(made.Secrets) == 0 {
			continue
		}
		for _, p := range made.Info.Properties {
			told := slices.ContainsFunc(ps, func(found processors.Problem) bool { return found.Property == p.Key || found.Property == "endpoint" })
			if _, set := s.Settings[p.Key]; set && p.Type == processors.TypeSecret && !told {
				c.note(place.key("settings").key(p.Key), fault.New("service_endpoint_with_secret", "service", name, "property", p.Key))
			}
		}
	}
}

// settings builds every node, for what its settings say and what it looks like.
func (c *checker) settings() {
	for _, slug := range c.f.nodeSlugs() {
		n, place := c.f.Nodes[slug], at("nodes", slug)
		c.slug(place, slug)
		made, ps := processors.Build(n.Kind, n.Settings, c.env)
		c.problems = append(c.problems, placed(place, c.causes(ps))...)
		if made == nil {
			continue
		}
		made.Among(c.made)
		facts := &nodeFacts{Configured: made, in: map[string][]string{}, out: map[string][]string{}}
		for _, p := range ps {
			if from := made.Info.OutputsFrom; from != "" && (p.Property == from || p.Property == "") {
				facts.loose = true
			}
		}
		c.nodes[slug] = facts
	}
}

// causes leaves out problems that only follow from others: of a property that
// is missing because its name is misspelt, and of a service or parameter whose
// own declaration is wrong.
func (c *checker) causes(ps []processors.Problem) []processors.Problem {
	var meant []string
	for _, p := range ps {
		if p.Fault.Code == "setting_unknown" {
			meant = append(meant, strings.Split(p.Fault.Args["nearest"], ", ")...)
		}
	}
	return slices.DeleteFunc(slices.Clone(ps), func(p processors.Problem) bool {
		name := p.Fault.Args["name"]
		switch p.Fault.Code {
		case "setting_missing":
			return slices.Contains(meant, p.Property)
		case "setting_service_kind":
			_, known := processors.LookupService(c.f.Services[name].Kind)
			return !known
		case "setting_parameter_type":
			return paramForms[c.f.Parameters[name].Type] == ""
		}
		return false
	})
}

func (c *checker) layout() {
	for _, name := range slices.Sorted(maps.Keys(c.f.Layout)) {
		if group, is := strings.CutPrefix(name, groupKey); is {
			if _, ok := c.f.Groups[group]; !ok {
				c.note(at("layout", name), fault.New("layout_group_unknown", "group", clip(group), "nearest", c.nearGroup(group)))
			}
			continue
		}
		if _, ok := c.f.Nodes[name]; !ok {
			c.note(at("layout", name), fault.New("layout_node_unknown", "node", clip(name),
				"nearest", c.near(name)))
		}
	}
}
