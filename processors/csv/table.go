package csv

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"unicode/utf8"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/record"
)

// What Excel can hold; what is beyond it is cut off when the file is opened.
const (
	excelRows  = 1_048_576 // the header among them
	excelChars = 32_767
)

// survey is what is known of the input before a byte is written.
type survey struct {
	columns *record.Schema
	rows    int64
}

// survey holds the columns of all FlowFiles against each other, so that a
// difference is found before the file of an earlier run is touched.
func (c *WriteCSV) survey(s *flowfile.Session) (survey, error) {
	out := survey{columns: c.schema}
	checked := map[string]bool{}
	for f, err := range s.All("") {
		if err != nil {
			return out, err
		}
		if f.Rows > 0 {
			out.rows += f.Rows
		}
		hash := f.Attr(flowfile.SchemaAttr)
		if hash != "" && checked[hash] {
			continue
		}
		have, err := processors.SchemaOf(s, f)
		if err != nil {
			return out, err
		}
		if out.columns == nil {
			out.columns = have
		}
		if _, err := places(out.columns, have, f); err != nil {
			return out, err
		}
		checked[hash] = true
	}
	return out, nil
}

// places returns where each column stands in rows of the schema have, nil when
// the order is the same, or a fault when the columns differ in more than order.
func places(columns, have *record.Schema, f *flowfile.FlowFile) ([]int, error) {
	at, same := columns.Places(have)
	if !same {
		return nil, fault.New("csv_columns_differ", "id", f.ID, "want", columns, "have", have, "difference", columns.Diff(have)).Permanent()
	}
	return at, nil
}

// table is one file as it is being written.
type table struct {
	name    string
	columns *record.Schema
	options record.CSVOptions
	excel   bool

	rows int64
	long int64 // cells that Excel cuts off
	row  []record.Value
}

// writeTo returns the function that writes the file. It fails, before the file
// takes its place, when not every row that came in is among the bytes.
func (t *table) writeTo(ctx context.Context, s *flowfile.Session) func(io.Writer) error {
	return func(out io.Writer) error {
		count := &recount{w: out}
		w := record.NewCSVWriter(count, t.columns, t.options)
		var want int64
		for f, err := range s.All("") {
			if err != nil {
				return err
			}
			before := w.Rows()
			if err := t.add(ctx, s, f, w); err != nil {
				return err
			}
			if n := w.Rows() - before; n != f.Rows {
				return fault.New("csv_rows_lost", "path", t.name, "id", f.ID, "want", f.Rows, "have", n).Permanent()
			}
			want += f.Rows
		}
		if err := w.Close(); err != nil {
			return fmt.Errorf("write CSV: %w", err)
		}
		t.rows = count.lines
		if !t.options.NoHeader {
			t.rows--
		}
		if t.rows != want {
			return fault.New("csv_recount", "path", t.name, "want", want, "have", t.rows).Permanent()
		}
		return ctx.Err() // a run that was cancelled meanwhile must not replace the file
	}
}

// add writes the rows of one FlowFile.
func (t *table) add(ctx context.Context, s *flowfile.Session, f *flowfile.FlowFile, w *record.CSVWriter) error {
	r, err := processors.Records(s, f)
	if err != nil {
		return err
	}
	err = t.copy(ctx, r, f, w)
	if cerr := r.Close(); err == nil && cerr != nil {
		err = fmt.Errorf("close content of FlowFile %s: %w", f.ID, cerr)
	}
	return err
}

func (t *table) copy(ctx context.Context, r record.Reader, f *flowfile.FlowFile, w *record.CSVWriter) error {
	at, err := places(t.columns, r.Schema(), f)
	if err != nil {
		return err
	}
	for n := 0; ; n++ {
		if n&1023 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		row, err := r.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read FlowFile %s: %w", f.ID, err)
		}
		if at != nil {
			t.row = t.row[:0]
			for _, i := range at {
				t.row = append(t.row, row[i])
			}
			row = t.row
		}
		if t.excel {
			t.measure(row)
		}
		if err := w.Write(row); err != nil {
			return t.refused(f, err)
		}
	}
}

// refused is the error of a row that does not fit its own schema: not the
// disk's, so trying again would not help.
func (t *table) refused(f *flowfile.FlowFile, err error) error {
	var row *record.RowError
	if errors.As(err, &row) {
		return fault.New("csv_row_refused", "path", t.name, "id", f.ID).Because(err).Permanent()
	}
	return fmt.Errorf("write CSV: %w", err)
}

// measure counts the texts that are too long for Excel.
func (t *table) measure(row []record.Value) {
	for _, v := range row {
		if k := v.Kind(); (k == record.KindString || k == record.KindJSON) && len(v.Text()) > excelChars && utf8.RuneCountInString(v.Text()) > excelChars {
			t.long++
		}
	}
}

// warnings are what a person should know of the file.
func (t *table) warnings() []*fault.Error {
	var out []*fault.Error
	if t.excel && t.rows >= excelRows {
		out = append(out, fault.New("csv_excel_rows", "path", t.name, "rows", t.rows, "most", excelRows))
	}
	if t.long > 0 {
		out = append(out, fault.New("csv_excel_cells", "path", t.name, "cells", t.long, "most", excelChars))
	}
	return out
}

// announce sends a FlowFile that names the file.
func announce(s *flowfile.Session, name string, rows int64, done processors.Replaced) {
	f := s.Create()
	s.Set(f, "path", name)
	s.Set(f, "filename", path.Base(name))
	s.Set(f, "file.size", strconv.FormatInt(done.Size, 10))
	s.Set(f, "rows", strconv.FormatInt(rows, 10))
	s.Set(f, "sha256", done.SHA256)
	s.Transfer(f, "success")
}

func noColumns(name string) error { return fault.New("csv_columns_unknown", "path", name).Permanent() }

func isMissing(err error) bool { return fault.CodeOf(err) == "file_missing" }

// asFault returns an error of a check of ours, which is always a fault.
func asFault(err error) *fault.Error { return fault.As(err) }
