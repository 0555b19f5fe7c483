package flows

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/weirflow/weir/fault"
)

// ChangeKind says what happened to a part of a flow.
type ChangeKind string

// The kinds of changes.
const (
	Added   ChangeKind = "added"
	Removed ChangeKind = "removed"
	Changed ChangeKind = "changed"
)

// Change is one difference between two flows.
type Change struct {
	Kind ChangeKind `json:"kind"`
	// Part is flow, schedule, policy, notify, parameter, service, node, connection,
	// group, label or layout; Name is its slug, empty for the first four. Of a layout
	// it is empty when several parts have moved, and New is how many.
	Part string `json:"part"`
	Name string `json:"name,omitempty"`
	// Key is what differs within the part; empty when all of it came or went.
	Key string `json:"key,omitempty"`
	// Old and New are the values as JSON in one line; for a whole part a few
	// words that describe it.
	Old string `json:"old,omitempty"`
	New string `json:"new,omitempty"`
	// Path is the place in the flow file.
	Path string `json:"path"`
	// Texts say the change in words, by language.
	Texts map[fault.Lang]string `json:"texts,omitempty"`

	path path
}

// Cosmetic reports whether the change is only in how the flow looks: names,
// notes, groups and the layout.
func (c Change) Cosmetic() bool {
	switch c.Part {
	case "layout", "group", "label":
		return true
	case "flow", "node", "parameter":
		return len(c.path) != 4 && (c.Key == "name" || c.Key == "doc" || c.Part == "node" && c.Key == "group")
	}
	return false
}

// Diff returns what differs from a to b, in the order of the file's sections;
// none when both have the same canonical form. What has moved on the canvas is
// told once; the places of what came or went are not told by themselves.
func Diff(a, b *Flow) []Change {
	d := &differ{}
	d.compare(nil, d.tree(a), d.tree(b))
	d.gatherMoves()
	slices.SortStableFunc(d.changes, func(x, y Change) int {
		return slices.Index(sections, x.path[0]) - slices.Index(sections, y.path[0])
	})
	for i, c := range d.changes {
		d.changes[i].Texts = map[fault.Lang]string{fault.English: c.Text(fault.English), fault.Korean: c.Text(fault.Korean)}
	}
	return d.changes
}

// gatherMoves makes one change of all that are in the layout.
func (d *differ) gatherMoves() {
	whole := map[string]bool{}
	for _, c := range d.changes {
		if c.Key == "" && c.Kind != Changed && (c.Part == "node" || c.Part == "group") {
			whole[c.Part+" "+c.Name] = true
		}
	}
	var moves, rest []Change
	for _, c := range d.changes {
		group, isGroup := strings.CutPrefix(c.Name, groupKey)
		switch {
		case c.Part != "layout":
			rest = append(rest, c)
		case isGroup && whole["group "+group] || whole["node "+c.Name]: // follows from it
		default:
			moves = append(moves, c)
		}
	}
	if n := len(moves); n > 1 {
		moves = []Change{{Kind: Changed, Part: "layout", New: strconv.Itoa(n), Path: "layout", path: at("layout")}}
	}
	d.changes = append(rest, moves...)
}

type differ struct{ changes []Change }

// tree is the flow as plain values. A flow that cannot be written, which one
// from Parse always can, is an empty one.
func (d *differ) tree(f *Flow) map[string]any {
	tidy, err := f.Clone()
	if err != nil {
		return nil
	}
	raw, err := marshal(tidy)
	if err != nil {
		return nil
	}
	v, err := decode(raw)
	if err != nil {
		return nil
	}
	m, _ := v.(map[string]any)
	return m
}

// parts maps sections to the name of one of their entries.
var parts = map[string]string{"parameters": "parameter", "services": "service", "nodes": "node", "connections": "connection",
	"groups": "group", "labels": "label", "layout": "layout"}

func (d *differ) compare(p path, a, b any) {
	if reflect.DeepEqual(a, b) {
		return
	}
	am, aIs := a.(map[string]any)
	bm, bIs := b.(map[string]any)
	if !(aIs || a == nil) || !(bIs || b == nil) || d.whole(p, a, b) {
		d.note(p, a, b)
		return
	}
	keys := map[string]bool{}
	for k := range am {
		keys[k] = true
	}
	for k := range bm {
		keys[k] = true
	}
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		d.compare(p.key(k), am[k], bm[k])
	}
}

// whole reports whether something came or went as a whole and is told so:
// entries of sections, the schedule, the policy and the notice.
func (d *differ) whole(p path, a, b any) bool {
	if a != nil && b != nil || len(p) == 0 {
		return false
	}
	return len(p) == 2 && parts[p[0]] != "" || len(p) == 1 && parts[p[0]] == ""
}

func (d *differ) note(p path, a, b any) {
	c := Change{Kind: Changed, Part: "flow", Path: p.String(), path: p}
	rest := p
	switch {
	case parts[p[0]] != "":
		c.Part, c.Name, rest = parts[p[0]], p[1], p[2:]
	case p[0] == "schedule", p[0] == "policy", p[0] == "notify":
		c.Part, rest = p[0], p[1:]
	}
	if len(rest) > 1 && rest[0] == "settings" {
		rest = rest[1:]
	}
	c.Key = rest.String()
	switch {
	case a == nil:
		c.Kind = Added
	case b == nil:
		c.Kind = Removed
	}
	if len(rest) == 0 && c.Kind != Changed {
		c.Old, c.New = describe(c.Part, a), describe(c.Part, b)
	} else {
		c.Old, c.New = inline(a), inline(b)
	}
	d.changes = append(d.changes, c)
}

func inline(v any) string {
	if v == nil {
		return ""
	}
	raw, err := marshal(v)
	if err != nil {
		return ""
	}
	return clip(string(raw))
}

// describe says in a few words what a part is.
func describe(part string, v any) string {
	m, ok := v.(map[string]any)
	if !ok {
		return inline(v)
	}
	text := func(key string) string {
		switch t := m[key].(type) {
		case string:
			return t
		case []any:
			var names []string
			for _, e := range t {
				s, _ := e.(string)
				names = append(names, s)
			}
			return strings.Join(names, ",")
		}
		return ""
	}
	switch part {
	case "node", "service":
		return text("kind")
	case "parameter":
		return text("type")
	case "group":
		return text("name")
	case "label":
		return clip(text("text"))
	case "connection":
		to := text("to")
		if in := text("input"); in != "" {
			to += " " + in
		}
		return text("from") + " " + text("output") + " -> " + to
	}
	return inline(v)
}
