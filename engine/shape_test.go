package engine

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/record"
)

// testShaped is a source, or with inputs a node, that adds a column to those of
// its inputs.
type testShaped struct {
	inputs []string
	column string
	how    string
}

func (p *testShaped) Process(_ context.Context, s *flowfile.Session) error { s.Done(); return nil }

func (p *testShaped) Shape(ctx context.Context, env processors.Env, in map[string]*record.Schema) (map[flowfile.Relationship]*record.Schema, error) {
	if err := knobs(env.Flow).strike(ctx, "shape", env.Node); err != nil {
		return nil, err
	}
	switch p.how {
	case "fail":
		return nil, fault.New("internal", "what", "no such column").Permanent()
	case "panic":
		panic("no such column")
	case "silent":
		return nil, nil
	case "end":
		return map[flowfile.Relationship]*record.Schema{}, nil
	}
	out := &record.Schema{}
	for _, name := range p.inputs {
		if in[name] != nil {
			out.Fields = append(out.Fields, in[name].Fields...)
		}
	}
	out.Fields = append(out.Fields, record.Field{Name: p.column, Type: record.Of(record.KindString)})
	return map[flowfile.Relationship]*record.Schema{"success": out}, nil
}

type testShapedSource struct{ testShaped }

func (p *testShapedSource) Define(s *processors.Spec) {
	s.Describe("TestShapedSource", "Knows its columns.")
	p.define(s)
}

type testShapedNode struct{ testShaped }

func (p *testShapedNode) Define(s *processors.Spec) {
	s.Describe("TestShapedNode", "Knows its columns by those of its inputs.")
	s.Input("x", "Rows.")
	s.InputsFrom("inputs")
	s.List(&p.inputs, "inputs", "The inputs.")
	p.define(s)
}

func (p *testShaped) define(s *processors.Spec) {
	s.String(&p.column, "column", "The column that is added.")
	s.String(&p.how, "how", "What Shape does.")
	s.Output("success", "Rows.")
}

func init() {
	processors.Register(func() processors.Processor { return &testShapedSource{} })
	processors.Register(func() processors.Processor { return &testShapedNode{testShaped{inputs: []string{"x"}}} })
}

func TestColumnsAreFollowedThroughTheFlow(t *testing.T) {
	node := func(kind, column, how string, inputs ...string) string {
		list := ""
		if len(inputs) > 0 {
			list = fmt.Sprintf(`, "inputs": ["%s"]`, strings.Join(inputs, `", "`))
		}
		return fmt.Sprintf(`{"kind": %q, "settings": {"column": %q, "how": %q%s}}`, kind, column, how, list)
	}
	const src, mid = "TestShapedSource", "TestShapedNode"
	for _, c := range []struct {
		name  string
		nodes map[string]string
		wires []string // FROM TO INPUT
		want  string
	}{
		{"a chain", map[string]string{"a": node(src, "p", ""), "b": node(mid, "q", ""), "c": node(mid, "r", "end")}, []string{"a b x", "b c x"},
			"a ok Columns that go to success: 1.\nb ok Columns that go to success: 2.\nc ok Columns that arrive and fit: 2."},
		{"two inputs", map[string]string{"a": node(src, "p", ""), "b": node(src, "q", ""), "c": node(mid, "r", "", "x", "y")}, []string{"a c x", "b c y"},
			"a ok Columns that go to success: 1.\nb ok Columns that go to success: 1.\nc ok Columns that go to success: 3."},
		{"two of the same columns into one input", map[string]string{"a": node(src, "p", ""), "b": node(src, "p", ""), "c": node(mid, "r", "")}, []string{"a c x", "b c x"},
			"a ok Columns that go to success: 1.\nb ok Columns that go to success: 1.\nc ok Columns that go to success: 2."},
		{"two of different columns into one input", map[string]string{"a": node(src, "p", ""), "b": node(src, "q", ""), "c": node(mid, "r", "fail")}, []string{"a c x", "b c x"},
			"a ok Columns that go to success: 1.\nb ok Columns that go to success: 1."},
		{"after what cannot tell nothing is known", map[string]string{"a": node(src, "p", "silent"), "b": node(mid, "q", "fail")}, []string{"a b x"}, ""},
		{"nor after a kind that is no Shaper", map[string]string{"a": node(src, "p", ""), "b": `{"kind": "TestMap"}`, "c": node(mid, "q", "fail")}, []string{"a b ", "b c x"},
			"a ok Columns that go to success: 1."},
		{"nor after a fault", map[string]string{"a": node(src, "p", ""), "b": node(mid, "q", "fail"), "c": node(mid, "r", "")}, []string{"a b x", "b c x"},
			"a ok Columns that go to success: 1.\nb failed internal"},
		{"a panic", map[string]string{"a": node(src, "p", "panic"), "b": node(mid, "q", "")}, []string{"a b x"}, "a failed processor_panic"},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, false)
			defer b.close()
			var nodes, wires []string
			leads := map[string]bool{}
			for i, w := range c.wires {
				p := strings.Split(w, " ")
				leads[p[0]] = true
				wires = append(wires, fmt.Sprintf(`"w%d": {"from": %q, "output": "success", "to": %q, "input": %q}`, i, p[0], p[1], p[2]))
			}
			for slug, n := range c.nodes {
				if strings.Contains(n, src) {
					n = strings.TrimSuffix(n, "}") + `, "discard": true}`
				}
				if !leads[slug] {
					n = strings.TrimSuffix(n, "}") + `, "terminate": ["success"]}`
				}
				nodes = append(nodes, fmt.Sprintf("%q: %s", slug, n))
			}
			f, problems := flows.Check(fmt.Appendf(nil, `{"weir": 1, "id": %q, "mode": "runs", "nodes": {%s}, "connections": {%s}}`, b.flow,
				strings.Join(nodes, ","), strings.Join(wires, ",")))
			if len(problems) > 0 {
				t.Fatalf("%s: %v", c.name, problems)
			}
			got, err := b.engine.Verify(t.Context(), f, Verification{Slot: "1999-12-30"})
			if err != nil {
				t.Fatal(err)
			}
			var lines []string
			for i, s := range got {
				if s.Name != stepColumns {
					continue
				}
				if i == 0 || got[i-1].Node != s.Node {
					t.Errorf("%s: the step of %s does not stand behind its others", c.name, s.Node)
				}
				line := s.Node + " " + string(s.State)
				if s.Note != nil {
					line += " " + s.Note.Error()
				}
				if s.Fault != nil {
					line += " " + fault.CodeOf(s.Fault)
				}
				lines = append(lines, line)
			}
			if have := strings.Join(lines, "\n"); have != c.want {
				t.Errorf("%s: got\n%s\nwant\n%s", c.name, have, c.want)
			}
			if failed := strings.Contains(c.want, "failed"); failed != (got.Err() != nil) {
				t.Errorf("%s: verdict %v", c.name, got.Err())
			}
		})
	}
}
