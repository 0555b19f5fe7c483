package processors

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/weirflow/weir/flowfile"
)

type manyInputs struct{ tables []string }

func (m *manyInputs) Define(s *Spec) {
	s.Describe("ManyInputs", "Takes what its tables say.")
	s.Input("records", "A table.", WholeRun, OnEmpty("pass"))
	s.InputsFrom("tables")
	s.List(&m.tables, "tables", "The inputs.", Min(1))
	s.Output("success", "All of them.")
}

func (m *manyInputs) Process(context.Context, *flowfile.Session) error { return nil }

func TestInputsFromAListProperty(t *testing.T) {
	build := func(tables string) ([]Input, []Problem) {
		p := &manyInputs{tables: []string{"records"}}
		s := newSpec()
		p.Define(s)
		if len(s.defects) > 0 {
			t.Fatal(s.defects)
		}
		settings := map[string]json.RawMessage{}
		if tables != "" {
			settings["tables"] = json.RawMessage(tables)
		}
		c, problems := assemble(&Configured{Processor: p, spec: s}, p, settings, BuildEnv{})
		return c.Info.Inputs, problems
	}
	if in, problems := build(""); len(in) != 1 || in[0].Name != "records" || len(problems) != 0 {
		t.Errorf("by default %v, %v", in, problems)
	}
	in, problems := build(`["users","events"]`)
	if len(in) != 2 || in[0].Name != "users" || in[1].Name != "events" || !in[1].WholeRun || in[1].OnEmpty != "pass" || len(problems) != 0 {
		t.Errorf("two tables: %+v, %v", in, problems)
	}
	for tables, code := range map[string]string{`["a","a"]`: "setting_input_taken", `["A b"]`: "setting_input_name", `[]`: "setting_too_small"} {
		if _, problems := build(tables); len(problems) != 1 || problems[0].Fault.Code != code || problems[0].Property != "tables" {
			t.Errorf("%s: %v, want %s", tables, problems, code)
		}
	}
}

func TestInputsFromNeedsAListAndOneInput(t *testing.T) {
	for _, define := range []func(*Spec, *manyInputs){
		func(s *Spec, m *manyInputs) { s.Input("a", "One."); s.Input("b", "Two."); s.InputsFrom("tables") },
		func(s *Spec, m *manyInputs) { s.Input("a", "One."); s.InputsFrom("other") },
	} {
		m := &manyInputs{}
		s := newSpec()
		s.Describe("Bad", "Is wrong.")
		s.List(&m.tables, "tables", "The inputs.")
		define(s, m)
		if s.finish(); len(s.defects) != 1 {
			t.Errorf("defects = %q, want one", s.defects)
		}
	}
}
