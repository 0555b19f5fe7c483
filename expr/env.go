package expr

import (
	"iter"
	"slices"
	"time"
)

// Env is what an evaluation may look at. There is nothing else that it can
// reach. Its zero value knows no attribute and no parameter.
type Env struct {
	// Attribute returns an attribute's value and whether there is one.
	Attribute func(name string) (string, bool)
	// Names yields the names of all attributes, in any order.
	Names iter.Seq[string]
	// Parameter returns a parameter's value as text and whether there is one.
	Parameter func(name string) (string, bool)
	// Now returns the time that now() gives; time.Now where it is nil.
	Now func() time.Time
	// Zone is where dates are read and written; UTC where it is nil. A zone
	// given to a function wins.
	Zone *time.Location
}

func (e *Env) attribute(name string) value {
	if e.Attribute != nil {
		if v, ok := e.Attribute(name); ok {
			return text(v)
		}
	}
	return none(String)
}

func (e *Env) names() []string {
	if e.Names == nil {
		return nil
	}
	return slices.Sorted(e.Names)
}

func (e *Env) zone() *time.Location {
	if e.Zone == nil {
		return time.UTC
	}
	return e.Zone
}

func (e *Env) now() time.Time {
	if e.Now == nil {
		return time.Now()
	}
	return e.Now()
}
