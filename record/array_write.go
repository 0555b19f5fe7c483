package record

import (
	"errors"
	"io"
)

var errClosed = errors.New("write records: the array is closed")

// JSONWriter writes rows as one JSON array, an object a line.
type JSONWriter struct {
	enc    rowEncoder
	out    output
	closed bool
}

// NewJSONWriter returns a writer of a JSON array of objects.
func NewJSONWriter(w io.Writer, s *Schema) *JSONWriter {
	return &JSONWriter{enc: newRowEncoder(s), out: output{w: w}}
}

// Write writes a row, see Writer.
func (w *JSONWriter) Write(row []Value) error {
	if w.out.err != nil {
		return w.out.err
	}
	if w.closed {
		return errClosed
	}
	if err := w.out.width(w.enc.schema, row); err != nil {
		return err
	}
	start := len(w.out.buf)
	opening := ",\n"
	if w.out.rows == 0 {
		opening = "[\n"
	}
	b, err := w.enc.append(append(w.out.buf, opening...), row)
	if err != nil {
		return w.out.refuse(start, err)
	}
	w.out.buf = b
	return w.out.done()
}

// Close ends the array and writes what is buffered; without rows the array is
// empty.
func (w *JSONWriter) Close() error {
	if !w.closed && w.out.err == nil {
		w.closed = true
		if w.out.rows == 0 {
			w.out.buf = append(w.out.buf, '[')
		}
		w.out.buf = append(w.out.buf, "\n]\n"...)
	}
	return w.out.flush()
}

// Rows returns how many rows were written.
func (w *JSONWriter) Rows() int64 { return w.out.rows }
