package basic

import (
	"context"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/record"
)

// Shape passes the columns on: attributes alone are changed.
func (*UpdateAttribute) Shape(_ context.Context, _ processors.Env, in map[string]*record.Schema) (map[flowfile.Relationship]*record.Schema, error) {
	return passed(in, "success", "failure"), nil
}

// Shape passes the columns on to every route.
func (p *RouteOnAttribute) Shape(_ context.Context, _ processors.Env, in map[string]*record.Schema) (map[flowfile.Relationship]*record.Schema, error) {
	to := []string{"unmatched", "failure"}
	for name := range p.routes {
		to = append(to, name)
	}
	return passed(in, to...), nil
}

// Shape passes the columns on.
func (*LogAttribute) Shape(_ context.Context, _ processors.Env, in map[string]*record.Schema) (map[flowfile.Relationship]*record.Schema, error) {
	return passed(in, "success", "failure"), nil
}

// passed gives outputs the columns that come in.
func passed(in map[string]*record.Schema, outputs ...string) map[flowfile.Relationship]*record.Schema {
	if in[""] == nil {
		return nil
	}
	out := map[flowfile.Relationship]*record.Schema{}
	for _, o := range outputs {
		out[flowfile.Relationship(o)] = in[""]
	}
	return out
}
