package basic_test

import (
	"testing"

	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/processors/processorstest"
	"github.com/weirflow/weir/record"
)

func TestColumnsPassThroughAttributes(t *testing.T) {
	s := record.MustSchema("n", "int64")
	for kind, set := range map[string]processorstest.Settings{
		"UpdateAttribute":  {"set": map[string]string{"a": "b"}},
		"RouteOnAttribute": {"routes": map[string]string{"large": "${fileSize:gt(10)}"}},
		"LogAttribute":     nil,
		"Funnel":           nil,
		"InputPort":        nil,
		"OutputPort":       nil,
	} {
		r := processorstest.New(t, kind, set)
		p := r.Processor().(processors.Shaper)
		out, err := p.Shape(t.Context(), r.Env(), map[string]*record.Schema{"": s})
		if err != nil || len(out) != len(r.Conf.Outputs) {
			t.Errorf("%s: %v, %v", kind, out, err)
		}
		for _, o := range r.Conf.Outputs {
			if out[o.Name] != s {
				t.Errorf("%s: %s has %v", kind, o.Name, out[o.Name])
			}
		}
		if out, err := p.Shape(t.Context(), r.Env(), nil); out != nil || err != nil {
			t.Errorf("%s: without columns %v, %v", kind, out, err)
		}
	}
}
