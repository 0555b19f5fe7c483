package server

import (
	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flows"
)

// Problem is one thing that is wrong with a flow, and where.
type Problem struct {
	Code string     `json:"code"`
	Args fault.Args `json:"args,omitempty"`
	// Path is the place in the flow file, such as nodes.users.settings.path. At
	// most one of Node, Connection, Service, Group and Label names the part, and
	// Property what is wrong within it: a setting or a field.
	Path       string `json:"path"`
	Node       string `json:"node,omitempty"`
	Connection string `json:"connection,omitempty"`
	Service    string `json:"service,omitempty"`
	Group      string `json:"group,omitempty"`
	Label      string `json:"label,omitempty"`
	Property   string `json:"property,omitempty"`
	// Cause is what led to it, in more detail.
	Cause *fault.Note `json:"cause,omitempty"`
	// Parts stand for arguments by name, in words of either language.
	Parts map[string]*fault.Note `json:"parts,omitempty"`
	// Level is error: what keeps the flow from being published.
	Level string `json:"level" jsonschema:"enum=error"`
	// Text is in English; whoever shows it renders code and args.
	Text string `json:"text"`
}

func viewProblems(all flows.Problems) []Problem {
	out := make([]Problem, len(all))
	for i, p := range all {
		out[i] = Problem{Code: p.Fault.Code, Args: p.Fault.Args, Path: p.Path, Node: p.Node, Connection: p.Connection, Service: p.Service,
			Group: p.Group, Label: p.Label, Property: p.Property, Cause: fault.NoteOf(p.Fault).Cause, Parts: fault.NoteOf(p.Fault).Parts, Level: "error", Text: fault.Text(p.Fault, fault.English)}
	}
	return out
}
