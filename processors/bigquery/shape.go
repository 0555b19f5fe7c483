package bigquery

import (
	"context"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/record"
)

// Shape lays the columns out in the table, as it is or as it would be made, and
// looks for the one that decides the partition. To look at a table costs nothing.
func (l *LoadBigQuery) Shape(ctx context.Context, env processors.Env, in map[string]*record.Schema) (map[flowfile.Relationship]*record.Schema, error) {
	columns := in[""]
	if columns == nil || env.Run.Slot == "" {
		return nil, nil
	}
	if err := checkNames(columns.Fields, "", 1); err != nil {
		return nil, err
	}
	p, err := l.slot(env.Run)
	if err != nil {
		return nil, err
	}
	w, err := l.connect(env)
	if err != nil {
		return nil, err
	}
	t, err := w.getTable(ctx, l.table)
	if err != nil {
		return nil, err
	}
	if _, err := l.lay(w, columns, t, p); err != nil {
		return nil, err
	}
	return map[flowfile.Relationship]*record.Schema{}, nil
}
