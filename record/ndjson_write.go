package record

import (
	"fmt"
	"io"

	"github.com/weirflow/weir/fault"
)

// output collects rows and writes them in blocks.
type output struct {
	w    io.Writer
	buf  []byte
	rows int64
	err  error
}

func (o *output) flush() error {
	if o.err == nil && len(o.buf) > 0 {
		n, err := o.w.Write(o.buf)
		if err == nil && n < len(o.buf) {
			err = io.ErrShortWrite
		}
		if err != nil {
			o.err = fmt.Errorf("write records: %w", err)
		}
	}
	if o.buf = o.buf[:0]; cap(o.buf) > 16*fullBlock {
		o.buf = nil // one long row is no reason to hold on to its memory
	}
	return o.err
}

// done counts the row that was appended and writes the block once it is full.
func (o *output) done() error {
	o.rows++
	if len(o.buf) < fullBlock {
		return nil
	}
	return o.flush()
}

// refuse takes back a row that was appended in part.
func (o *output) refuse(start int, err error) error {
	o.buf = o.buf[:start]
	return rowError(o.rows+1, err)
}

// width checks that a row has as many values as the schema has columns.
func (o *output) width(s *Schema, row []Value) error {
	if len(row) == len(s.Fields) {
		return nil
	}
	return &RowError{o.rows + 1, fault.New("row_wrong_width", "row", o.rows+1, "have", len(row), "want", len(s.Fields)).Permanent()}
}

// NDJSONWriter writes rows as newline-delimited JSON, every column in every row,
// nulls included.
type NDJSONWriter struct {
	enc rowEncoder
	out output
}

// NewNDJSONWriter returns a writer of NDJSON rows.
func NewNDJSONWriter(w io.Writer, s *Schema) *NDJSONWriter {
	return &NDJSONWriter{enc: newRowEncoder(s), out: output{w: w}}
}

// Write writes a row, see Writer.
func (w *NDJSONWriter) Write(row []Value) error {
	if w.out.err != nil {
		return w.out.err
	}
	if err := w.out.width(w.enc.schema, row); err != nil {
		return err
	}
	start := len(w.out.buf)
	b, err := w.enc.append(w.out.buf, row)
	if err != nil {
		return w.out.refuse(start, err)
	}
	w.out.buf = append(b, '\n')
	return w.out.done()
}

// Close writes what is buffered; see Writer.
func (w *NDJSONWriter) Close() error { return w.out.flush() }

// Rows returns how many rows were written.
func (w *NDJSONWriter) Rows() int64 { return w.out.rows }
