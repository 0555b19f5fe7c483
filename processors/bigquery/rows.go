package bigquery

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/record"
)

// input is what arrived for a run: all its FlowFiles have the same columns.
type input struct {
	s *flowfile.Session
	// columns are those of the first FlowFile, nil when none came.
	columns *record.Schema
	// rows is how many the FlowFiles say that they have.
	rows int64
}

// survey holds the columns of all FlowFiles against each other, before anything
// is sent.
func survey(s *flowfile.Session) (*input, error) {
	in := &input{s: s}
	checked := map[string]bool{}
	for f, err := range s.All("") {
		if err != nil {
			return nil, err
		}
		in.rows += max(f.Rows, 0)
		hash := f.Attr(flowfile.SchemaAttr)
		if hash != "" && checked[hash] {
			continue
		}
		have, err := processors.SchemaOf(s, f)
		if err != nil {
			return nil, err
		}
		if in.columns == nil {
			in.columns = have
		}
		if _, err := places(in.columns, have, f); err != nil {
			return nil, err
		}
		checked[hash] = true
	}
	return in, nil
}

// places returns where each column stands in rows of the schema have, nil when
// the order is the same.
func places(columns, have *record.Schema, f *flowfile.FlowFile) ([]int, error) {
	at, same := columns.Places(have)
	if !same {
		return nil, fault.New("bigquery_inputs_differ", "id", f.ID, "difference", columns.Diff(have)).Permanent()
	}
	return at, nil
}

// each visits all rows in order, numbered from 1. A row that cannot be read has
// none and an error in its place.
func (in *input) each(ctx context.Context, visit func(n int64, row []record.Value, bad error) error) error {
	var n int64
	for f, err := range in.s.All("") {
		if err != nil {
			return err
		}
		before := n
		if err := in.file(ctx, f, &n, visit); err != nil {
			return err
		}
		if f.Rows >= 0 && n-before != f.Rows {
			return fault.New("bigquery_rows_lost", "id", f.ID, "want", f.Rows, "have", n-before).Permanent()
		}
	}
	return ctx.Err()
}

func (in *input) file(ctx context.Context, f *flowfile.FlowFile, n *int64, visit func(int64, []record.Value, error) error) (err error) {
	r, err := processors.Records(in.s, f)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := r.Close(); err == nil && cerr != nil {
			err = fmt.Errorf("close content of FlowFile %s: %w", f.ID, cerr)
		}
	}()
	at, err := places(in.columns, r.Schema(), f)
	if err != nil {
		return err
	}
	ordered := make([]record.Value, len(in.columns.Fields))
	for {
		if *n&1023 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		row, err := r.Next()
		if err == io.EOF {
			return nil
		}
		*n++
		var bad *record.RowError
		switch {
		case errors.As(err, &bad):
			if err := visit(*n, nil, atFault("", bad)); err != nil {
				return err
			}
			continue
		case err != nil:
			return fmt.Errorf("read FlowFile %s: %w", f.ID, err)
		}
		if at != nil {
			for i, j := range at {
				ordered[i] = row[j]
			}
			row = ordered
		}
		if err := visit(*n, row, nil); err != nil {
			return err
		}
	}
}

// rejects is the schema of the output rejected.
var rejects = record.MustSchema("row", "int64", "column", "string", "code", "string", "reason", "string", "record", "json")

// reject sends the rows that BigQuery would not take to their output. It goes
// through the rows once more, since few runs have any.
func (in *input) reject(ctx context.Context, t *target, b built) error {
	if b.rejected == 0 {
		return nil
	}
	s := in.s
	f := s.Create()
	whole := record.StructOf(in.columns.Fields...)
	var line []byte
	err := processors.WriteRecords(s, f, rejects, func(out record.Writer) error {
		return in.each(ctx, func(n int64, row []record.Value, bad error) error {
			if bad == nil {
				if line, bad = t.layout.appendRow(line[:0], row, t.partition); bad == nil {
					return nil
				}
			}
			return out.Write(refusal(n, whole, row, bad))
		})
	})
	if err != nil {
		return err
	}
	s.Set(f, "reject.code", fault.CodeOf(b.first))
	s.Set(f, "reject.reason", b.first.Error())
	s.Transfer(f, rejected)
	return nil
}

// refusal is the row of the output rejected that tells of a row.
func refusal(n int64, whole record.Type, row []record.Value, bad error) []record.Value {
	column, text := record.Null, record.Null
	var r *rowFault
	if errors.As(bad, &r) && r.column != "" {
		column = record.String(r.column)
	}
	if row != nil {
		if b, err := record.AppendJSON(nil, whole, record.Struct(row...)); err == nil {
			text = record.CompactJSON(string(b))
		}
	}
	return []record.Value{record.Int64(n), column, record.String(fault.CodeOf(bad)), record.String(bad.Error()), text}
}
