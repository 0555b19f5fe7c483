package sql

import (
	"context"
	"strings"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/processors/duck"
	"github.com/weirflow/weir/record"
)

// Shape binds the SELECT to tables without rows.
func (q *QueryRecord) Shape(ctx context.Context, env processors.Env, in map[string]*record.Schema) (_ map[flowfile.Relationship]*record.Schema, err error) {
	c, err := q.check(ctx)
	if err != nil {
		return nil, err
	}
	run := env.Run
	if len(c.Params) > 0 && run.Slot == "" {
		return nil, nil // the run's values are not known
	}
	run.Params = env.Params
	args, err := duck.Arguments(c.Params, run)
	if err != nil {
		return nil, err
	}
	db, err := duck.Open(ctx, duck.Options{Dir: env.Scratch, Memory: q.memory, Disk: q.disk, Threads: 1})
	if err != nil {
		return nil, err
	}
	defer func() {
		if cerr := db.Close(); err == nil {
			err = cerr
		}
	}()
	for _, name := range q.tables {
		if in[name] == nil {
			return nil, nil
		}
		if err := db.CreateTable(ctx, duck.Ident(name), in[name]); err != nil {
			return nil, err
		}
	}
	schema, bound, err := db.Bind(ctx, q.sql, args...)
	if bound && ctx.Err() == nil {
		return nil, nil // a value is wrong, perhaps of rows that there will not be
	}
	if err != nil {
		return nil, err
	}
	return map[flowfile.Relationship]*record.Schema{"success": schema}, nil
}

// Shape looks for the column that tells the slot.
func (w *WriteDuckDB) Shape(_ context.Context, _ processors.Env, in map[string]*record.Schema) (map[flowfile.Relationship]*record.Schema, error) {
	schema := in[""]
	if schema == nil {
		return nil, nil
	}
	if _, err := duck.ColumnList(schema); err != nil {
		return nil, err
	}
	t := &target{in: loaded{schema: schema}, mode: w.mode, partition: w.partition, slotColumn: w.slotColumn}
	err := t.untaken()
	if w.mode == modeSlot && w.partition != "" {
		_, err = t.decider()
	}
	return map[flowfile.Relationship]*record.Schema{}, err
}

// untaken checks that no column has the name of the one that is added.
func (t *target) untaken() error {
	if !t.adds() || t.in.schema == nil {
		return nil
	}
	for _, name := range t.in.schema.Names() {
		if strings.EqualFold(name, t.slotColumn) {
			return fault.New("sql_slot_column_taken", "column", name).Permanent()
		}
	}
	return nil
}

// decider returns the kind of the column that tells the slot of a row.
func (t *target) decider() (record.Kind, error) {
	if t.in.schema == nil {
		return record.KindDate, nil
	}
	i := t.in.schema.Index(t.partition)
	if i < 0 {
		return 0, fault.New("sql_partition_missing", "column", t.partition, "have", strings.Join(t.in.schema.Names(), ", ")).Permanent()
	}
	kind := t.in.schema.Fields[i].Type.Kind
	if kind != record.KindDate && kind != record.KindTimestamp {
		return 0, fault.New("sql_partition_type", "column", t.partition, "type", kind).Permanent()
	}
	return kind, nil
}
