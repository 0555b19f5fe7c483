package flows

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors"
)

func (f *Flow) connectionSlugs() []string { return slices.Sorted(maps.Keys(f.Connections)) }

func endUnknown(slug, end, node, near string) Problem {
	return at("connections", slug, end).problem(fault.New("connection_node_unknown", "connection", slug, "node", clip(node),
		"nearest", near))
}

func outputUnknown(slug string, c Connection, output string, from *processors.Configured) Problem {
	return at("connections", slug, "output").problem(fault.New("connection_output_unknown", "connection", slug, "node", c.From,
		"kind", from.Info.Kind, "output", clip(output), "have", orNone(outputNames(from))))
}

func outputNames(c *processors.Configured) []string {
	var names []string
	for _, o := range c.Outputs {
		names = append(names, string(o.Name))
	}
	return names
}

// connections checks both ends of each and notes what is wired where.
func (c *checker) connections() {
	same := map[string]string{}
	for _, slug := range c.f.connectionSlugs() {
		conn, place := c.f.Connections[slug], at("connections", slug)
		c.slug(place, slug)
		c.from(place, slug, conn)
		c.to(place, slug, conn)
		c.borders(slug, conn)
		for _, o := range conn.Output {
			k := strings.Join([]string{conn.From, o, conn.To, conn.Input}, "\x00")
			if other, twice := same[k]; twice && other != slug {
				c.note(place, fault.New("connection_duplicate", "connection", slug, "other", other, "output", o, "from", conn.From, "to", conn.To))
			} else {
				same[k] = slug
			}
		}
		if l := conn.Limit; l != nil {
			if l.FlowFiles != 0 {
				c.within(place.key("limit").key("flowfiles"), l.FlowFiles, 1, maxLimit)
			}
			c.size(place.key("limit").key("bytes"), l.Bytes)
		}
		if conn.Expire != "" && c.runs() {
			c.note(place.key("expire"), fault.New("connection_expire_in_runs", "connection", slug))
		} else {
			c.duration(place.key("expire"), conn.Expire, time.Second, 3660*day)
		}
	}
}

func (c *checker) from(place path, slug string, conn Connection) {
	if _, ok := c.f.Nodes[conn.From]; !ok {
		c.problems = append(c.problems, endUnknown(slug, "from", conn.From, c.near(conn.From)))
		if meant := c.nearest(conn.From); meant != nil {
			meant.astray = append(meant.astray, conn.Output...)
		}
		return
	}
	if len(conn.Output) == 0 {
		c.note(place.key("output"), fault.New("connection_output_missing", "connection", slug))
		if from := c.nodes[conn.From]; from != nil {
			from.astray = append(from.astray, "")
		}
		return
	}
	c.repeated(place.key("output"), conn.Output)
	from := c.nodes[conn.From]
	if from == nil {
		return
	}
	for _, o := range slices.Compact(slices.Clone(conn.Output)) {
		if _, ok := output(from.Configured, o); !ok {
			if !from.loose {
				c.problems = append(c.problems, outputUnknown(slug, conn, o, from.Configured))
			}
			from.astray = append(from.astray, o)
			continue
		}
		from.out[o] = append(from.out[o], slug)
	}
}

func (c *checker) to(place path, slug string, conn Connection) {
	if _, ok := c.f.Nodes[conn.To]; !ok {
		c.problems = append(c.problems, endUnknown(slug, "to", conn.To, c.near(conn.To)))
		if meant := c.nearest(conn.To); meant != nil {
			meant.in[conn.Input] = append(meant.in[conn.Input], slug)
		}
		return
	}
	to := c.nodes[conn.To]
	switch {
	case to == nil:
		return
	case to.Info.Source:
		c.note(place.key("to"), fault.New("connection_to_source", "connection", slug, "node", conn.To, "kind", to.Info.Kind))
		return
	}
	// A misspelt input counts for each: that one lacks a connection would be the
	// same mistake.
	input := conn.Input
	if !slices.ContainsFunc(to.Info.Inputs, func(in processors.Input) bool { return in.Name == input }) {
		c.note(place.key("input"), fault.New("connection_input_unknown", "connection", slug, "node", conn.To, "kind", to.Info.Kind,
			"input", quoted(input), "have", quotedList(inputNames(to.Info))))
		for _, in := range to.Info.Inputs {
			to.in[in.Name] = append(to.in[in.Name], slug)
		}
		return
	}
	to.in[input] = append(to.in[input], slug)
}

// nearest returns the node that a misspelt name most likely means, or nil. What
// it lacks because of the misspelling is not told again.
func (c *checker) nearest(name string) *nodeFacts {
	if n, _, _ := strings.Cut(c.near(name), ", "); n != "-" {
		return c.nodes[n]
	}
	return nil
}

func inputNames(info *processors.Info) []string {
	var names []string
	for _, in := range info.Inputs {
		names = append(names, in.Name)
	}
	return names
}

func quoted(s string) string { return `"` + clip(s) + `"` }

func quotedList(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = quoted(n)
	}
	return orNone(out)
}

// repeated notes names that stand twice in a list.
func (c *checker) repeated(p path, names []string) {
	s := slices.Sorted(slices.Values(names))
	for i, n := range s {
		if i > 0 && n == s[i-1] && (i < 2 || n != s[i-2]) {
			c.note(p, fault.New("flow_list_repeated", "key", p[len(p)-1], "value", clip(n)))
		}
	}
}
