package engine

import (
	"context"
	"slices"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/record"
)

var stepColumns = fault.New("step_columns")

// shapes are the columns of a node's outputs, as far as they are known.
type shapes map[flowfile.Relationship]*record.Schema

// shape follows the columns through the flow, as far as they are known before
// any row is, and adds to each node's steps whether it can work with those that
// come to it. What a node whose steps failed would give is not known.
func (in *instance) shape(ctx context.Context, a *asked, steps []Checks, nodes []string) {
	known := map[string]shapes{}
	for i, slug := range nodes {
		n := in.nodes[slug]
		s, ok := n.conf.Processor.(processors.Shaper)
		if !ok || slices.ContainsFunc(steps[i], func(c Check) bool {
			return c.State != processors.StepOK && c.Name == stepSelf || c.State == processors.StepFailed
		}) {
			continue
		}
		columns, ok := in.arriving(n, known)
		if !ok {
			continue
		}
		a.begin(slug, in.e.cfg.Now())
		out, step := n.shape(ctx, s, columns)
		a.end(slug)
		known[slug] = out
		steps[i] = append(steps[i], checks(slug, n.conf, step)...)
	}
}

// arriving returns the columns that come to each input of a node. They are known
// when those of all its connections are, and are the same for one input.
func (in *instance) arriving(n *node, known map[string]shapes) (map[string]*record.Schema, bool) {
	columns := map[string]*record.Schema{}
	for input, conns := range n.inputs {
		for _, slug := range conns {
			c := in.flow.Connections[slug]
			for _, o := range c.Output {
				s := known[c.From][flowfile.Relationship(o)]
				if s == nil || columns[input] != nil && !columns[input].Equal(s) {
					return nil, false
				}
				columns[input] = s
			}
		}
	}
	return columns, true
}

// shape asks a node for the columns of its outputs. There is no step when it
// cannot tell.
func (n *node) shape(ctx context.Context, s processors.Shaper, columns map[string]*record.Schema) (shapes, []processors.Step) {
	told := make(chan shapes, 1)
	steps := timed(ctx, n.slug, func(ctx context.Context) []processors.Step {
		env, err := n.environment(ctx)
		if err != nil {
			return []processors.Step{processors.Failed(stepColumns, err)}
		}
		var out shapes
		err = n.caught(func() (err error) { out, err = s.Shape(ctx, env, columns); return err })
		switch {
		case err != nil:
			return []processors.Step{processors.Failed(stepColumns, err)}
		case out == nil:
			return nil
		}
		told <- out
		return []processors.Step{processors.Passed(stepColumns, n.columnsNote(columns, out))}
	})
	if len(steps) == 0 || steps[0].State != processors.StepOK {
		return nil, steps
	}
	return <-told, steps
}

// columnsNote tells how many columns the first output has that is known, or how
// many came in where none is.
func (n *node) columnsNote(in map[string]*record.Schema, out shapes) *fault.Error {
	for _, o := range n.conf.Outputs {
		if s := out[o.Name]; s != nil {
			return fault.New("note_columns_out", "output", string(o.Name), "count", len(s.Fields))
		}
	}
	count := 0
	for _, s := range in {
		count += len(s.Fields)
	}
	return fault.New("note_columns_in", "count", count)
}
