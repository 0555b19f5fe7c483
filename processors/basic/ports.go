package basic

import (
	"context"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/record"
)

func init() {
	processors.Register(func() processors.Processor { return &Funnel{} })
	processors.Register(func() processors.Processor { return &InputPort{} })
	processors.Register(func() processors.Processor { return &OutputPort{} })
}

// passage passes its FlowFiles on as they are.
type passage struct{}

// Process passes one FlowFile on.
func (passage) Process(_ context.Context, s *flowfile.Session) error {
	if f := s.Get(); f != nil {
		s.Transfer(f, "success")
	}
	return nil
}

// Shape passes the columns on.
func (passage) Shape(_ context.Context, _ processors.Env, in map[string]*record.Schema) (map[flowfile.Relationship]*record.Schema, error) {
	return passed(in, "success"), nil
}

// Funnel gathers wires into one.
type Funnel struct{ passage }

// Define describes the kind.
func (*Funnel) Define(s *processors.Spec) {
	s.Describe("Funnel", "Gathers what comes over several wires and passes it on unchanged.", "merge", "join wires", "tidy")
	s.Input("", "The FlowFiles of all wires.")
	s.Output("success", "The FlowFiles, unchanged.")
	s.Batching()
}

// InputPort lets wires into a group.
type InputPort struct{ passage }

// Define describes the kind.
func (*InputPort) Define(s *processors.Spec) {
	s.Describe("InputPort", "Lets FlowFiles from outside into the group that it stands in, unchanged.", "group", "border", "port")
	s.Input("", "The FlowFiles from outside the group.")
	s.Output("success", "The FlowFiles, within the group.")
	s.Batching()
}

// OutputPort lets wires out of a group.
type OutputPort struct{ passage }

// Define describes the kind.
func (*OutputPort) Define(s *processors.Spec) {
	s.Describe("OutputPort", "Lets FlowFiles out of the group that it stands in, unchanged.", "group", "border", "port")
	s.Input("", "The FlowFiles from within the group.")
	s.Output("success", "The FlowFiles, outside the group.")
	s.Batching()
}
