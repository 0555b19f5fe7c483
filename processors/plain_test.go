package processors

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/weirflow/weir/flowfile"
)

type plainKind struct {
	one  string
	many []string
}

func (p *plainKind) Define(s *Spec) {
	s.Describe("PlainTexts", "Holds texts that are no expressions.")
	s.String(&p.one, "one", "A text.")
	s.List(&p.many, "many", "Several texts.")
	s.Output("success", "Nothing.")
}

func (p *plainKind) Process(context.Context, *flowfile.Session) error { return nil }

func init() { Register(func() Processor { return &plainKind{} }) }

// TestParameterValueIsNoExpression: a value that looks like an expression is a
// value, but a property that evaluates none refuses one that is written in it.
func TestParameterValueIsNoExpression(t *testing.T) {
	env := BuildEnv{Params: map[string]Param{"x": {Type: "string", Value: "${not} one", Known: true}}}
	c, problems := Build("PlainTexts", map[string]json.RawMessage{"one": json.RawMessage(`"#{x}"`), "many": json.RawMessage(`["a #{x}"]`)}, env)
	if len(problems) > 0 {
		t.Fatal(problems[0].Fault)
	}
	p := c.Processor.(*plainKind)
	if p.one != "${not} one" || p.many[0] != "a ${not} one" {
		t.Errorf("bound %q and %q", p.one, p.many)
	}
	_, problems = Build("PlainTexts", map[string]json.RawMessage{"one": json.RawMessage(`"${x}"`)}, env)
	if len(problems) != 1 || problems[0].Fault.Code != "setting_no_expressions" {
		t.Errorf("an expression in a plain property: %v", problems)
	}
}
