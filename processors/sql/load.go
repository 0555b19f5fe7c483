package sql

import (
	"context"
	"fmt"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/processors/duck"
	"github.com/weirflow/weir/record"
)

// loaded is what came in through an input.
type loaded struct {
	schema *record.Schema // nil when no FlowFile came
	rows   int64
	bytes  int64
}

// load makes a table of all records of an input, and fails when DuckDB does not
// hold as many rows as came.
func load(ctx context.Context, s *flowfile.Session, db *duck.DB, input, name string) (loaded, error) {
	var in loaded
	var table *duck.Table
	hashes := map[string]bool{}
	add := func(f *flowfile.FlowFile) error {
		if hash := f.Attr(flowfile.SchemaAttr); hash == "" || !hashes[hash] {
			schema, err := processors.SchemaOf(s, f)
			if err != nil {
				return err
			}
			if in.schema == nil {
				in.schema = schema
				if table, err = db.NewTable(ctx, name, schema); err != nil {
					return err
				}
			}
			if !alike(in.schema, schema) {
				return fault.New("sql_columns_differ", "table", name, "id", f.ID, "difference", in.schema.Diff(schema)).Permanent()
			}
			hashes[hash] = true
		}
		content, err := s.Open(f)
		if err != nil {
			return err
		}
		err = table.Add(ctx, content)
		if cerr := content.Close(); err == nil && cerr != nil {
			err = fmt.Errorf("close content of FlowFile %s: %w", f.ID, cerr)
		}
		in.rows += f.Rows
		in.bytes += f.Content.Size
		return err
	}
	for f, err := range s.All(input) {
		if err == nil {
			err = add(f)
		}
		if err != nil {
			if table != nil {
				_, _ = table.Close(ctx) // the first error is the one to tell
			}
			return in, err
		}
	}
	if table == nil {
		return in, nil
	}
	rows, err := table.Close(ctx)
	if err != nil {
		return in, err
	}
	if rows != in.rows {
		return in, fault.New("sql_rows_lost", "table", name, "want", in.rows, "have", rows).Permanent()
	}
	return in, nil
}

// alike reports whether two schemas have the same columns in any order.
func alike(a, b *record.Schema) bool {
	if len(a.Fields) != len(b.Fields) {
		return false
	}
	for i := range a.Fields {
		j := b.Index(a.Fields[i].Name)
		if j < 0 || !a.Fields[i].Type.Equal(b.Fields[j].Type) {
			return false
		}
	}
	return true
}
