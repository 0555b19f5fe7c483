package flows

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/internal/near"
)

// The kinds that stand on the border of a group: an input port takes what comes
// from outside, an output port gives it out.
const (
	// KindInputPort is the kind of the ports that wires enter a group by.
	KindInputPort = "InputPort"
	// KindOutputPort is the kind of the ports that wires leave a group by.
	KindOutputPort = "OutputPort"
)

// The most that a label measures on the canvas, in each direction.
const maxLabelSize = 10_000

// groups checks that groups stand within each other without going round, and
// that what names a group names one.
func (c *checker) groups() {
	for _, slug := range slices.Sorted(maps.Keys(c.f.Groups)) {
		g, place := c.f.Groups[slug], at("groups", slug)
		c.slug(place, slug)
		c.inGroup(place.key("parent"), g.Parent)
	}
	c.parents()
	for _, slug := range c.f.nodeSlugs() {
		c.inGroup(at("nodes", slug, "group"), c.f.Nodes[slug].Group)
	}
	c.ports()
	for _, slug := range slices.Sorted(maps.Keys(c.f.Labels)) {
		l, place := c.f.Labels[slug], at("labels", slug)
		c.slug(place, slug)
		c.inGroup(place.key("group"), l.Group)
		if l.Color != "" {
			c.slug(place.key("color"), l.Color)
		}
		for _, n := range l.Size {
			if n <= 0 || n > maxLabelSize {
				c.note(place.key("size"), fault.New("label_size_bad", "label", slug, "most", maxLabelSize))
				break
			}
		}
	}
}

func (c *checker) inGroup(p path, group string) {
	if _, ok := c.f.Groups[group]; group != "" && !ok {
		c.note(p, fault.New("group_unknown", "group", clip(group), "nearest", c.nearGroup(group)))
	}
}

func (c *checker) nearGroup(name string) string {
	if len(name) > 2*longestSlug || len(c.problems) > 100 {
		return "-"
	}
	return orNone(near.Nearest(name, slices.Sorted(maps.Keys(c.f.Groups)), 3))
}

// parents tells each ring of groups once, at the first of it.
func (c *checker) parents() {
	done := map[string]bool{}
	for _, slug := range slices.Sorted(maps.Keys(c.f.Groups)) {
		var way []string
		for g := slug; c.f.Groups[g].Parent != "" && !done[g]; g = c.f.Groups[g].Parent {
			done[g] = true
			way = append(way, g)
			next := c.f.Groups[g].Parent
			if i := slices.Index(way, next); i >= 0 {
				ring := append(slices.Clone(way[i:]), next)
				c.note(at("groups", slices.Min(way[i:]), "parent"), fault.New("group_parent_cycle", "cycle", strings.Join(ring, " > ")))
			}
		}
	}
}

// ports wants ports to stand in groups, and no two of a group that look the same.
func (c *checker) ports() {
	taken := map[[3]string]string{}
	for _, slug := range c.f.nodeSlugs() {
		n := c.f.Nodes[slug]
		if n.Kind != KindInputPort && n.Kind != KindOutputPort {
			continue
		}
		if n.Group == "" {
			c.note(at("nodes", slug), fault.New("port_without_group", "node", slug, "kind", n.Kind))
			continue
		}
		key := [3]string{n.Group, n.Kind, portName(slug, n)}
		if other, twice := taken[key]; twice {
			c.note(at("nodes", slug, "name"), fault.New("port_name_twice", "node", slug, "other", other, "group", clip(n.Group), "name", strconv.Quote(clip(key[2]))))
			continue
		}
		taken[key] = slug
	}
}

func portName(slug string, n Node) string {
	if n.Name != "" {
		return n.Name
	}
	return slug
}

// borders wants wires between groups to go through ports. An input port hangs
// on the outside of its group with its input and within it with its output, an
// output port the other way round; both ends of a wire must hang in one group.
func (c *checker) borders(slug string, conn Connection) {
	from, has := c.f.Nodes[conn.From]
	to, have := c.f.Nodes[conn.To]
	if !has || !have || !c.standing(from.Group) || !c.standing(to.Group) {
		return // told already
	}
	out, in := from.Group, to.Group
	if from.Kind == KindOutputPort {
		out = c.f.Groups[from.Group].Parent
	}
	if to.Kind == KindInputPort {
		in = c.f.Groups[to.Group].Parent
	}
	if out == in || !c.standing(out) || !c.standing(in) {
		return
	}
	c.note(at("connections", slug), fault.New("connection_crosses_groups", "connection", slug, "from", conn.From, "to", conn.To,
		"out", c.f.groupPath(out), "in", c.f.groupPath(in)))
}

// standing reports whether a group is there; the top always is.
func (c *checker) standing(group string) bool {
	_, ok := c.f.Groups[group]
	return ok || group == ""
}

// groupPath shows where a group is, as "/" or "/outer/inner".
func (f *Flow) groupPath(group string) string {
	var way []string
	for g := group; g != "" && !slices.Contains(way, g); g = f.Groups[g].Parent {
		way = append(way, g)
	}
	slices.Reverse(way)
	return "/" + strings.Join(way, "/")
}
