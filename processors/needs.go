package processors

import (
	"fmt"
	"slices"

	"github.com/weirflow/weir/fault"
)

// NeedKind says what sort of thing a kind needs outside Weir.
type NeedKind string

// The sorts of needs.
const (
	NeedRole       NeedKind = "role"       // an IAM role, roles/...
	NeedPermission NeedKind = "permission" // a single permission
	NeedAPI        NeedKind = "api"        // an API to switch on, NAME.googleapis.com
	NeedScope      NeedKind = "scope"      // an OAuth scope
	NeedHost       NeedKind = "host"       // a host to reach
	NeedRead       NeedKind = "read"       // a path below the files directory to read
	NeedWrite      NeedKind = "write"      // a path below the files directory to write
	NeedResource   NeedKind = "resource"   // a collection, property, table or the like
)

// Need is one thing that a node needs outside. Value is a text, or a pointer to
// a bound field, whose value is taken per node: *string, *Expr (its source),
// *[]string (one need each), *Secret and *ServiceRef (their names).
type Need struct {
	Kind  NeedKind
	Value any
	// Why says what it is for, in a sentence.
	Why string
	// On narrows a role or permission: the resource it is needed on, with values
	// as in Value.
	On any
	// Of is a *ServiceRef: where On is empty, it is on that service's own
	// resource, such as its project.
	Of any
	// Replaces says of a resource that a run replaces it, or its slot's part of it,
	// so that no other node of the flow may write there.
	Replaces bool
	// Keeps says of a path to write that what other slots wrote there stays, as in
	// the file of a database, so that it need not name the slot.
	Keeps bool
	// When, if set, is asked once the settings are bound whether the node needs
	// it at all.
	When func() bool
}

// NeedInfo describes a need of a kind: a value, or the property that gives it.
type NeedInfo struct {
	Kind     NeedKind `json:"kind"`
	Value    string   `json:"value,omitempty"`
	Property string   `json:"property,omitempty"`
	On       string   `json:"on,omitempty"`
	// OnProperty is the property that gives On.
	OnProperty string `json:"on_property,omitempty"`
	// Keeps says that what other slots wrote to this path stays.
	Keeps bool        `json:"keeps,omitempty"`
	Why   fault.Entry `json:"why"`
}

// Needs declares things that a node needs outside Weir.
func (s *Spec) Needs(needs ...Need) {
	for _, n := range needs {
		s.sentence("a need", n.Why)
		s.needs = append(s.needs, n)
	}
}

// describe makes the read model of a need, and notes a value that is neither
// text nor a bound field.
func (n Need) describe(s *Spec) NeedInfo {
	out := NeedInfo{Kind: n.Kind, Keeps: n.Keeps, Why: both(n.Why)}
	out.Value, out.Property = s.needValue(n.Value)
	if n.On != nil {
		out.On, out.OnProperty = s.needValue(n.On)
	}
	return out
}

func (s *Spec) needValue(v any) (value, property string) {
	if text, ok := v.(string); ok {
		return text, ""
	}
	for _, f := range s.fields {
		if f.pointer() == v {
			return "", f.property().Key
		}
	}
	s.defect("a need's value is a %T that is no bound field", v)
	return "", ""
}

// Needs returns what the node needs, with the values of its settings. A need
// whose value is empty is left out.
func (c *Configured) Needs() []NeedInfo {
	var out []NeedInfo
	for i, n := range c.spec.needs {
		if n.When != nil && !n.When() {
			continue
		}
		for _, v := range values(n.Value) {
			got := c.Info.Needs[i]
			got.Value, got.On = v, c.on(n)
			out = append(out, got)
		}
	}
	return out
}

// Among tells the node which services its flow has, so that Needs and Replaces
// can name what these stand for.
func (c *Configured) Among(services map[string]*Configured) { c.services = services }

// Replaces returns the full names of the resources that a run of the node
// replaces, such as PROJECT.DATASET.TABLE. What a parameter will give stands
// there as it does in the flow file.
func (c *Configured) Replaces() []string {
	var out []string
	for _, n := range c.spec.needs {
		if n.Replaces && (n.When == nil || n.When()) {
			out = append(out, c.fullName(n))
		}
	}
	return out
}

// fullName is a resource, behind those that it is on.
func (c *Configured) fullName(n Need) string {
	name := c.text(n.Value)
	for range c.spec.needs { // none is on more than there are
		on := c.on(n)
		if on == "" {
			break
		}
		name = on + "." + name
		i := slices.IndexFunc(c.spec.needs, func(o Need) bool { return o.Kind == NeedResource && o.Value == n.On })
		if i < 0 {
			break
		}
		n = c.spec.needs[i]
	}
	return name
}

// on is what a need is on.
func (c *Configured) on(n Need) string {
	on := c.text(n.On)
	if s, ok := n.Of.(*ServiceRef); ok && on == "" && c.services[s.Name()] != nil {
		return c.services[s.Name()].resource()
	}
	return on
}

// resource is what a service stands for: the first resource that it needs.
func (c *Configured) resource() string {
	for _, n := range c.spec.needs {
		if n.Kind == NeedResource {
			return c.text(n.Value)
		}
	}
	return ""
}

// text is the value of a need, as it stands in the flow file where a parameter
// will give it.
func (c *Configured) text(v any) string {
	if all := values(v); len(all) > 0 {
		return all[0]
	}
	for _, f := range c.spec.fields {
		if key := f.property().Key; f.pointer() == v && c.unknown[key] != "" {
			return c.unknown[key]
		}
	}
	return ""
}

// values returns the texts that a need's value stands for, without empty ones.
func values(v any) []string {
	var one string
	switch v := v.(type) {
	case nil:
	case string:
		one = v
	case *string:
		one = *v
	case *Expr:
		one = v.Source()
	case *[]string:
		return *v
	case *Secret:
		one = v.Name()
	case *ServiceRef:
		one = v.Name()
	case *int64:
		one = fmt.Sprint(*v)
	}
	if one == "" {
		return nil
	}
	return []string{one}
}
