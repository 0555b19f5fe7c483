package record

import (
	"io"
	"strings"
	"unicode/utf8"

	"github.com/weirflow/weir/fault"
)

// CSVWriter writes rows of a schema as a CSV file that a CSVReader of the same
// options reads back value by value.
type CSVWriter struct {
	schema *Schema
	opts   CSVOptions
	out    output
	sep    string
	delim  byte // the first of sep
	end    string
	null   string
	always []bool // the columns whose cells are always quoted
	guard  []bool // the columns whose cells are guarded against formulas
	plain  [256]bool
	cell   []byte
	begun  bool
}

// NewCSVWriter returns a writer of CSV rows. What is wrong with the options is the
// error of the first Write or of Close.
func NewCSVWriter(w io.Writer, s *Schema, o CSVOptions) *CSVWriter {
	c := &CSVWriter{schema: s, opts: o, out: output{w: w}, sep: string(o.delimiter()), delim: o.delimiter()[0], end: "\n", null: o.Null,
		always: make([]bool, len(s.Fields)), guard: make([]bool, len(s.Fields))}
	if o.CRLF {
		c.end = "\r\n"
	}
	if len(s.Fields) == 1 && c.null == "" {
		c.null = loneNull
	}
	for i := range s.Fields {
		k := s.Fields[i].Type.Kind
		switch o.Quote {
		case QuoteAll:
			c.always[i] = true
		case QuoteNonNumeric:
			c.always[i] = k != KindInt64 && k != KindDouble && k != KindDecimal
		case QuoteStrings:
			c.always[i] = k == KindString
		}
		c.guard[i] = o.FormulaGuard && k == KindString
	}
	for i := range c.plain {
		c.plain[i] = i != '"' && i != '\r' && i != '\n' && byte(i) != c.delim
	}
	c.out.err = o.Check()
	if c.out.err == nil && len(s.Fields) == 0 {
		c.out.err = fault.New("csv_no_columns").Permanent()
	}
	return c
}

// Write writes a row, see Writer.
func (w *CSVWriter) Write(row []Value) error {
	if w.out.err != nil {
		return w.out.err
	}
	if err := w.out.width(w.schema, row); err != nil {
		return err
	}
	if !w.begun {
		w.begin()
	}
	start := len(w.out.buf)
	b := w.out.buf
	for i := range row {
		if i > 0 {
			b = append(b, w.sep...)
		}
		f := &w.schema.Fields[i]
		switch v := row[i]; {
		case v.kind == KindNull:
			b = append(b, w.null...)
		case v.kind == KindString && f.Type.Kind == KindString:
			s := v.str()
			if !utf8.ValidString(s) {
				w.out.buf = b
				return w.out.refuse(start, under(misfitOf(badText, &f.Type, v), f.Name))
			}
			b = w.text(b, i, s)
		default:
			cell, err := f.Type.appendCell(w.cell[:0], v)
			w.cell = cell
			if err != nil {
				w.out.buf = b
				return w.out.refuse(start, under(err, f.Name))
			}
			b = w.append(b, share(cell), w.always[i])
		}
	}
	w.out.buf = append(b, w.end...)
	return w.out.done()
}

// text appends the cell of a string column.
func (w *CSVWriter) text(b []byte, column int, s string) []byte {
	if w.guard[column] && isFormula(s) {
		s = "'" + s
	}
	return w.append(b, s, w.always[column])
}

// isFormula reports whether a spreadsheet would run the text: it begins with a
// character that starts one, and is no number.
func isFormula(s string) bool {
	if s == "" {
		return false
	}
	switch s[0] {
	case '=', '@', '\t', '\r', '\n':
		return true
	case '+', '-':
		return len(s) > 1 && s[1] == '-' || !isNumber(s[1:])
	}
	return false
}

// append appends a cell that is not null, in quotes where asked or needed.
func (w *CSVWriter) append(b []byte, s string, quote bool) []byte {
	if !quote && !w.needsQuotes(s) {
		return append(b, s...)
	}
	b = append(b, '"')
	for {
		q := strings.IndexByte(s, '"')
		if q < 0 {
			break
		}
		b = append(b, s[:q]...)
		b = append(b, '"', '"')
		s = s[q+1:]
	}
	b = append(b, s...)
	return append(b, '"')
}

// needsQuotes reports whether a cell would be read as another value without
// quotes. Spaces at its ends are quoted because many readers strip them.
func (w *CSVWriter) needsQuotes(s string) bool {
	n := len(s)
	if n == 0 || s[0] == ' ' || s[0] == '\t' || s[n-1] == ' ' || s[n-1] == '\t' {
		return true
	}
	if s == w.null || s == w.opts.Null {
		return true
	}
	for i := 0; i < n; i++ {
		if !w.plain[s[i]] && (s[i] != w.delim || strings.HasPrefix(s[i:], w.sep)) {
			return true
		}
	}
	// A byte order mark at the start of a file would be taken as the file's own.
	return strings.HasPrefix(s, "\ufeff")
}

// begin appends the byte order mark and the header.
func (w *CSVWriter) begin() {
	w.begun = true
	b := w.out.buf
	if w.opts.BOM {
		b = append(b, "\ufeff"...)
	}
	if !w.opts.NoHeader {
		for i := range w.schema.Fields {
			if i > 0 {
				b = append(b, w.sep...)
			}
			b = w.append(b, w.schema.Fields[i].Name, w.opts.Quote != QuoteMinimal)
		}
		b = append(b, w.end...)
	}
	w.out.buf = b
}

// Close writes the header of a table without rows, and what is buffered.
func (w *CSVWriter) Close() error {
	if w.out.err == nil && !w.begun {
		w.begin()
	}
	return w.out.flush()
}

// Rows returns how many rows were written.
func (w *CSVWriter) Rows() int64 { return w.out.rows }
