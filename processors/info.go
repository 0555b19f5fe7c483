package processors

import (
	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/runs"
)

// Info describes a kind: the read model for forms, references and tools. It is
// not changed after registration.
type Info struct {
	Kind string        `json:"kind"`
	Doc  fault.Entry   `json:"doc"`
	Tags []fault.Entry `json:"tags,omitempty"`
	// Service is true for a kind of service.
	Service bool `json:"service,omitempty"`

	Inputs []Input `json:"inputs,omitempty"`
	// InputsFrom names the list property whose entries are the inputs.
	InputsFrom string   `json:"inputs_from,omitempty"`
	Outputs    []Output `json:"outputs,omitempty"`
	// OutputsFrom names the map property whose keys are outputs too.
	OutputsFrom string     `json:"outputs_from,omitempty"`
	Properties  []Property `json:"properties,omitempty"`
	Needs       []NeedInfo `json:"needs,omitempty"`
	// Effects says what the kind changes outside Weir; nil for nothing.
	Effects *fault.Entry `json:"effects,omitempty"`
	Law     runs.Law     `json:"law,omitempty"`

	// Source kinds have no input, WholeRun kinds fire once per run, Sink kinds
	// end data.
	Source   bool `json:"source,omitempty"`
	WholeRun bool `json:"whole_run,omitempty"`
	Sink     bool `json:"sink,omitempty"`
	// Single kinds run in one goroutine at a time; Batching ones may share a
	// commit.
	Single   bool `json:"single,omitempty"`
	Batching bool `json:"batching,omitempty"`
	// Verifies, Infers, Suggests and Previews say which optional things the kind
	// can do.
	Verifies bool `json:"verifies,omitempty"`
	Infers   bool `json:"infers,omitempty"`
	Suggests bool `json:"suggests,omitempty"`
	Previews bool `json:"previews,omitempty"`
}

// NodeKind says how the run protocol treats a node of this kind.
func (i *Info) NodeKind() runs.NodeKind {
	switch {
	case i.Source:
		return runs.Source
	case i.WholeRun:
		return runs.Gate
	}
	return runs.Map
}

// Property returns the description of a property.
func (i *Info) Property(key string) (Property, bool) {
	for _, p := range i.Properties {
		if p.Key == key {
			return p, true
		}
	}
	return Property{}, false
}
