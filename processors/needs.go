package processors

import "fmt"

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
	Keeps bool   `json:"keeps,omitempty"`
	Why   string `json:"why"`
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
	out := NeedInfo{Kind: n.Kind, Keeps: n.Keeps, Why: n.Why}
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
			got.Value = v
			if on := values(n.On); len(on) > 0 {
				got.On = on[0]
			}
			out = append(out, got)
		}
	}
	return out
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
