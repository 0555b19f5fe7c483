package flows

import (
	"regexp"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors"
)

// ofSlot finds, in the path of a sink, what makes it another for each slot.
var ofSlot = regexp.MustCompile(`\$\{[^}]*run\.(date|slot|start|end|id)\b`)

// targets checks where whole-run sinks write: a run of a schedule must not
// replace the file of the slot before, nor one sink what another writes.
func (c *checker) targets() {
	if !c.runs() {
		return
	}
	taken, replaced := map[string]string{}, map[string]string{}
	for _, slug := range c.f.nodeSlugs() {
		facts := c.nodes[slug]
		if facts == nil || !facts.Info.WholeRun {
			continue
		}
		for _, name := range facts.Replaces() {
			if other, twice := replaced[name]; twice {
				c.note(at("nodes", slug), fault.New("sink_target_twice", "node", slug, "other", other, "target", name))
				continue
			}
			replaced[name] = slug
		}
		for _, n := range facts.Needs() {
			if n.Kind != processors.NeedWrite || n.Keeps {
				continue
			}
			place := at("nodes", slug)
			if other, twice := taken[n.Value]; twice {
				c.note(place, fault.New("sink_path_twice", "node", slug, "other", other, "path", n.Value))
				continue
			}
			taken[n.Value] = slug
			if c.f.Schedule != nil && !ofSlot.MatchString(n.Value) {
				c.note(place, fault.New("sink_path_without_slot", "node", slug, "path", n.Value))
			}
		}
	}
}
