package flows

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/internal/near"
	"github.com/weirflow/weir/processors"
)

// node checks what a node says beside its settings.
func (c *checker) node(slug string, n Node) {
	place, facts := at("nodes", slug), c.nodes[slug]
	if n.Workers != 0 {
		c.within(place.key("workers"), int64(n.Workers), 1, maxWorkers)
	}
	c.duration(place.key("every"), n.Every, 0, 366*day)
	c.duration(place.key("run_duration"), n.RunDuration, 0, time.Minute)
	c.duration(place.key("penalty"), n.Penalty, 0, day)
	c.duration(place.key("yield"), n.Yield, 0, day)
	c.timer(place, slug, n)
	c.after(place, slug, n)
	c.repeated(place.key("terminate"), n.Terminate)
	if facts == nil {
		return // what follows depends on the kind
	}
	info := facts.Info
	if info.WholeRun && c.f.Mode == ModeContinuous {
		c.note(place.key("kind"), fault.New("node_whole_run_in_continuous", "node", slug, "kind", info.Kind))
	}
	if n.Workers > 1 && n.Workers <= maxWorkers && c.single(info) {
		c.note(place.key("workers"), fault.New("node_single", "node", slug, "kind", info.Kind, "value", n.Workers))
	}
	if n.RunDuration != "" && !info.Batching {
		c.note(place.key("run_duration"), fault.New("node_not_batching", "node", slug, "kind", info.Kind))
	}
	if n.Discard && !info.Source {
		c.note(place.key("discard"), fault.New("node_discard_not_source", "node", slug, "kind", info.Kind))
	}
	c.inputs(place, slug, n, facts)
	c.outputs(place, slug, n, facts)
}

// single reports whether no two tasks of the kind may be at work at once.
func (c *checker) single(info *processors.Info) bool {
	return info.Single || info.WholeRun || info.Source && c.runs()
}

// cronFields are those of a node's cron: an optional second, then the five of
// crontab.
var cronFields = cron.NewParser(cron.SecondOptional | cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)

func (c *checker) timer(place path, slug string, n Node) {
	key := "every"
	switch {
	case n.Every == "" && n.Cron == "":
		return
	case n.Every != "" && n.Cron != "":
		c.note(place.key("cron"), fault.New("node_every_and_cron", "node", slug, "every", n.Every, "cron", clip(n.Cron)))
		return
	case n.Cron != "":
		key = "cron"
	}
	if c.runs() {
		c.note(place.key(key), fault.New("node_timer_in_runs", "node", slug, "key", key))
		return
	}
	if facts := c.nodes[slug]; facts != nil && !facts.Info.Source {
		c.note(place.key(key), fault.New("node_timer_not_source", "node", slug, "key", key, "kind", facts.Info.Kind))
		return
	}
	if n.Cron != "" {
		if _, err := cronFields.Parse(n.Cron); err != nil {
			c.note(place.key("cron"), fault.New("node_cron_bad", "node", slug, "value", strconv.Quote(clip(n.Cron))))
		}
	}
}

func (c *checker) after(place path, slug string, n Node) {
	if len(n.After) == 0 {
		return
	}
	place = place.key("after")
	facts := c.nodes[slug]
	switch {
	case c.f.Mode == ModeContinuous:
		c.note(place, fault.New("node_after_in_continuous", "node", slug))
		return
	case facts != nil && !facts.Info.Source && !facts.Info.WholeRun:
		c.note(place, fault.New("node_after_on_map", "node", slug, "kind", facts.Info.Kind))
		return
	}
	c.repeated(place, n.After)
	for _, a := range slices.Compact(slices.Sorted(slices.Values(n.After))) {
		if _, ok := c.f.Nodes[a]; !ok {
			c.note(place, fault.New("node_after_unknown", "node", slug, "after", clip(a),
				"nearest", c.near(a)))
		}
	}
}

func (c *checker) inputs(place path, slug string, n Node, facts *nodeFacts) {
	for _, in := range facts.Info.Inputs {
		switch {
		case in.Optional || len(facts.in[in.Name]) > 0:
		case in.Name == "":
			c.note(place, fault.New("node_unwired", "node", slug, "kind", facts.Info.Kind, "doc", in.Doc))
		default:
			c.note(place, fault.New("node_input_unwired", "node", slug, "kind", facts.Info.Kind, "input", in.Name, "doc", in.Doc))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(n.Inputs)) {
		at := place.key("inputs").key(name)
		i := slices.IndexFunc(facts.Info.Inputs, func(in processors.Input) bool { return in.Name == name })
		if i < 0 {
			c.note(at, fault.New("node_input_unknown", "node", slug, "kind", facts.Info.Kind, "input", quoted(name),
				"have", quotedList(inputNames(facts.Info))))
			continue
		}
		switch what := n.Inputs[name].OnEmpty; {
		case what == "":
		case !facts.Info.Inputs[i].WholeRun:
			c.note(at.key("on_empty"), fault.New("node_on_empty_not_whole_run", "node", slug, "kind", facts.Info.Kind, "input", quoted(name)))
		case what != "fail" && what != "skip" && what != "pass":
			c.note(at.key("on_empty"), fault.New("node_on_empty_unknown", "node", slug, "value", strconv.Quote(clip(what))))
		}
	}
}

// outputs wants every output to lead somewhere or to be ended on purpose.
func (c *checker) outputs(place path, slug string, n Node, facts *nodeFacts) {
	for _, o := range slices.Compact(slices.Sorted(slices.Values(n.Terminate))) {
		_, known := output(facts.Configured, o)
		switch {
		case !known && facts.loose:
		case !known:
			facts.astray = append(facts.astray, o)
			c.note(place.key("terminate"), fault.New("node_terminate_unknown", "node", slug, "kind", facts.Info.Kind, "output", clip(o),
				"have", orNone(outputNames(facts.Configured))))
		case len(facts.out[o]) > 0:
			c.note(place.key("terminate"), fault.New("node_terminate_wired", "node", slug, "output", o, "connection", facts.out[o][0]))
		}
	}
	var unwired []string
	for _, o := range facts.Outputs {
		if name := string(o.Name); len(facts.out[name]) == 0 && !slices.Contains(n.Terminate, name) {
			unwired = append(unwired, name)
		}
	}
	for _, name := range missed(unwired, facts.astray) {
		o, _ := output(facts.Configured, name)
		c.note(place, fault.New("node_output_unwired", "node", slug, "output", name, "doc", o.Doc))
	}
}

// missed takes from the unwired outputs those that are most likely meant by
// names that lead astray, which were told already.
func missed(unwired, astray []string) []string {
	for _, name := range astray {
		if len(unwired) == 0 {
			break
		}
		meant := unwired[0]
		if like := near.Nearest(name, unwired, 1); len(like) > 0 {
			meant = like[0]
		}
		unwired = slices.DeleteFunc(unwired, func(o string) bool { return o == meant })
	}
	return unwired
}
