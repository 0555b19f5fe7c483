package join

import (
	"context"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/record"
)

// Shape finds the keys and lays out the result as a run does.
func (j *JoinRecords) Shape(ctx context.Context, env processors.Env, in map[string]*record.Schema) (map[flowfile.Relationship]*record.Schema, error) {
	l, r := j.shaped(leftSide, j.leftSchema, in), j.shaped(rightSide, j.rightSchema, in)
	if l == nil || r == nil {
		return nil, nil
	}
	p := *j // whose lists are not parsed before Start
	p.parsed = nil
	if err := p.Start(ctx, env); err != nil {
		return nil, err
	}
	if f := resolve(p.parsed, l, r); f != nil {
		return nil, f
	}
	columns, f := p.shape.columns(l, r)
	if f != nil {
		return nil, f
	}
	out, err := schemaOf(columns)
	if err != nil {
		return nil, err
	}
	return map[flowfile.Relationship]*record.Schema{outSuccess: out, outUnmatchedLeft: l.schema, outUnmatchedRight: r.schema}, nil
}

// shaped is a side with the columns that a setting gives, or else those that
// come; nil where the two do not agree, since nothing may come.
func (j *JoinRecords) shaped(name string, given *record.Schema, in map[string]*record.Schema) *side {
	d := &side{name: name, schema: given}
	switch comes := in[name]; {
	case given == nil:
		d.schema = comes
	case comes != nil && !sameColumns(given, comes):
		return nil
	}
	if d.schema == nil {
		return nil
	}
	return d
}
