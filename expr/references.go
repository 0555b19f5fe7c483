package expr

import (
	"maps"
	"slices"
)

// References are what an evaluation of a template looks up.
type References struct {
	// Attributes are the attribute names that stand in the source, sorted.
	Attributes []string
	// Parameters are the parameter names, sorted.
	Parameters []string
	// Dynamic is set where an attribute's name is computed or matched by a
	// pattern, so that Attributes is not all there is.
	Dynamic bool
	// Expands is set where evaluateELString() expands a value, which may read
	// any attribute.
	Expands bool
	// Volatile is set where two evaluations may differ over the same values:
	// now(), UUID(), random() and repeat() with two bounds.
	Volatile bool
}

func (r References) clone() References {
	r.Attributes = slices.Clone(r.Attributes)
	r.Parameters = slices.Clone(r.Parameters)
	return r
}

type collector struct {
	attributes, parameters     map[string]bool
	dynamic, expands, volatile bool
}

func newCollector() *collector {
	return &collector{attributes: map[string]bool{}, parameters: map[string]bool{}}
}

func (c *collector) references() References {
	return References{
		Attributes: slices.Sorted(maps.Keys(c.attributes)),
		Parameters: slices.Sorted(maps.Keys(c.parameters)),
		Dynamic:    c.dynamic || c.expands,
		Expands:    c.expands,
		Volatile:   c.volatile,
	}
}

// lookup notes an attribute looked up by the name that n evaluates to.
func (c *collector) lookup(n node) {
	if k, ok := n.(*constant); ok {
		if k.v.ok {
			c.attributes[k.v.s] = true
		}
		return
	}
	c.dynamic = true
}
