package basic

import (
	"context"
	"maps"
	"slices"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
)

func init() {
	processors.Register(func() processors.Processor { return &RouteOnAttribute{to: routeFirst} })
}

// The values of the property to.
const (
	routeFirst = "first"
	routeEvery = "every"
)

// RouteOnAttribute sends each FlowFile where conditions over its attributes say.
type RouteOnAttribute struct {
	routes map[string]processors.Expr
	to     string

	names []string // of routes, sorted
}

// Define describes the kind.
func (p *RouteOnAttribute) Define(s *processors.Spec) {
	s.Describe("RouteOnAttribute", "Sends each FlowFile to the outputs whose condition over its attributes holds.", "route", "filter", "condition", "branch", "attributes")
	s.Input("", "The FlowFiles to route.")
	s.ExprMap(&p.routes, "routes", "A condition for each output; its name is the output's. They are tried in the order of their names. Besides attributes they may ask fileSize, record.count, flowFileId and lineageStartDate.",
		processors.Required, processors.Min(1), processors.Example(`{"large": "${fileSize:gt(1000)}"}`))
	s.Choice(&p.to, "to", "Where a FlowFile goes when several conditions hold.", []processors.ChoiceValue{
		{Value: routeFirst, Doc: "To the first of them, by name."},
		{Value: routeEvery, Doc: "To each of them, as a copy."},
	})
	s.OutputsFrom("routes")
	s.Output("unmatched", "Those for which no condition holds.", processors.Filter)
	s.Output("failure", "Those whose attributes make a condition fail, with reject.code and reject.reason.", processors.Reject)
	s.Batching()
}

// Start sorts the routes.
func (p *RouteOnAttribute) Start(context.Context, processors.Env) error {
	p.names = slices.Sorted(maps.Keys(p.routes))
	return nil
}

// Process routes one FlowFile.
func (p *RouteOnAttribute) Process(_ context.Context, s *flowfile.Session) error {
	f := s.Get()
	if f == nil {
		return nil
	}
	var hold []string
	for _, name := range p.names {
		ok, err := p.routes[name].EvalBool(s, f)
		if err != nil {
			refuse(s, f, err)
			return nil
		}
		if ok {
			hold = append(hold, name)
			if p.to == routeFirst {
				break
			}
		}
	}
	if len(hold) == 0 {
		s.Transfer(f, "unmatched")
		return nil
	}
	for _, name := range hold[1:] {
		s.Transfer(s.Clone(f), flowfile.Relationship(name))
	}
	s.Transfer(f, flowfile.Relationship(hold[0]))
	return nil
}
