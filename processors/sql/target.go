package sql

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors/duck"
	"github.com/weirflow/weir/record"
)

// staged is the table of the records that came in, in memory.
const staged = "weir staged"

// target is the table that a run writes.
type target struct {
	db                          *duck.DB
	name                        string
	in                          loaded
	slot                        flowfile.Run
	mode, partition, slotColumn string
}

// table is the table's name for SQL.
func (t *target) table() string {
	return duck.Ident(duck.FileName) + ".main." + duck.Ident(t.name)
}

// write replaces the rows of the slot in one transaction and returns how many
// the table holds of it afterwards.
func (t *target) write(ctx context.Context) (int64, error) {
	where, args, err := t.rowsOfSlot(ctx)
	if err != nil {
		return 0, err
	}
	have, err := t.have(ctx)
	if err != nil {
		return 0, err
	}
	if have == nil && t.in.schema == nil {
		return 0, nil // nothing came, and nothing is there to be replaced
	}
	change, err := t.change(have)
	if err != nil {
		return 0, err
	}
	err = t.transaction(ctx, func() error {
		for _, c := range change {
			if _, err := t.db.Exec(ctx, c); err != nil {
				return err
			}
		}
		if _, err := t.db.Exec(ctx, "DELETE FROM "+t.table()+where, args...); err != nil {
			return err
		}
		if t.in.schema == nil {
			return nil
		}
		added := ""
		if t.adds() {
			added = fmt.Sprintf(", %s::VARCHAR AS %s", quote(t.slot.Slot), duck.Ident(t.slotColumn))
		}
		n, err := t.db.Exec(ctx, "INSERT INTO "+t.table()+" BY NAME SELECT *"+added+" FROM "+duck.Ident(staged))
		if err == nil && n != t.in.rows {
			err = fault.New("sql_rows_lost", "table", t.name, "want", t.in.rows, "have", n).Permanent()
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	if _, err := t.db.Exec(ctx, "CHECKPOINT "+duck.Ident(duck.FileName)); err != nil {
		return 0, err
	}
	var rows int64
	return rows, t.db.RowWith(ctx, "SELECT count(*) FROM "+t.table()+where, args, &rows)
}

// adds tells whether a column for the slot's key is added.
func (t *target) adds() bool { return t.mode == modeSlot && t.partition == "" }

func (t *target) transaction(ctx context.Context, work func() error) error {
	if _, err := t.db.Exec(ctx, "BEGIN"); err != nil {
		return err
	}
	err := work()
	if err == nil {
		_, err = t.db.Exec(ctx, "COMMIT")
	}
	if err != nil {
		// The first error is the one to tell; closing the file undoes the rest too.
		_, _ = t.db.Exec(context.WithoutCancel(ctx), "ROLLBACK")
	}
	return err
}

// rowsOfSlot is the condition that the rows of the slot fulfil, none of the
// others, and that all that came in must.
func (t *target) rowsOfSlot(ctx context.Context) (where string, args []any, err error) {
	switch {
	case t.mode == modeTable:
		return "", nil, nil
	case t.adds():
		if err := t.untaken(); err != nil {
			return "", nil, err
		}
		return " WHERE " + duck.Ident(t.slotColumn) + " = ?", []any{t.slot.Slot}, nil
	}
	x := duck.Ident(t.partition)
	kind, err := t.decider()
	if err != nil {
		return "", nil, err
	}
	start, end := t.slot.Start.In(t.slot.Location()), t.slot.End.In(t.slot.Location())
	switch kind {
	case record.KindTimestamp:
		args = []any{duck.Moment(start), duck.Moment(end)}
	default:
		if !midnight(start) || !midnight(end) {
			return "", nil, fault.New("sql_slot_no_days", "slot", t.slot.Slot, "column", t.partition).Permanent()
		}
		args = []any{duck.Day(civil(start)), duck.Day(civil(end))}
	}
	where = " WHERE " + x + " >= ? AND " + x + " < ?"
	if t.in.schema == nil {
		return where, args, nil
	}
	var inside int64
	if err := t.db.RowWith(ctx, "SELECT count(*) FROM "+duck.Ident(staged)+where, args, &inside); err != nil {
		return "", nil, err
	}
	if inside != t.in.rows {
		return "", nil, fault.New("sql_rows_outside", "count", t.in.rows-inside, "column", t.partition, "slot", t.slot.Slot).Permanent()
	}
	return where, args, nil
}

// midnight tells whether a day begins at t. Where the clock jumps over midnight
// it begins later.
func midnight(t time.Time) bool {
	return t.Add(-time.Nanosecond).YearDay() != t.YearDay()
}

// civil is the date of t as UTC midnight.
func civil(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// have returns the columns of the table, nil when there is none.
func (t *target) have(ctx context.Context) (*record.Schema, error) {
	var n int64
	if err := t.db.RowWith(ctx, "SELECT count(*) FROM duckdb_tables() WHERE database_name = ? AND schema_name = 'main' AND lower(table_name) = lower(?)",
		[]any{duck.FileName, t.name}, &n); err != nil || n == 0 {
		return nil, err
	}
	return t.db.Columns(ctx, t.table())
}

// change are the statements that make the table fit for what came in.
func (t *target) change(have *record.Schema) ([]string, error) {
	want := &record.Schema{}
	if t.in.schema != nil {
		want.Fields = append(want.Fields, t.in.schema.Fields...)
	}
	if t.adds() {
		want.Fields = append(want.Fields, record.Field{Name: t.slotColumn, Type: record.Of(record.KindString)})
	}
	if have == nil {
		columns, err := duck.ColumnList(want)
		return []string{"CREATE TABLE " + t.table() + " (" + columns + ")"}, err
	}
	var out []string
	for _, f := range want.Fields {
		at := -1
		for i := range have.Fields {
			if strings.EqualFold(have.Fields[i].Name, f.Name) {
				at = i
			}
		}
		switch {
		case at < 0:
			typ, err := duck.ColumnType(f.Type)
			if err != nil {
				return nil, err
			}
			out = append(out, "ALTER TABLE "+t.table()+" ADD COLUMN "+duck.Ident(f.Name)+" "+typ)
		case !have.Fields[at].Type.Equal(f.Type):
			return nil, fault.New("sql_type_changed", "table", t.name, "column", f.Name, "have", have.Fields[at].Type, "want", f.Type).Permanent()
		}
	}
	return out, nil
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
