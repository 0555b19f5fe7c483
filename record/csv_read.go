package record

import (
	"io"
	"strings"

	"github.com/weirflow/weir/fault"
)

// CSVReader reads rows of a schema from a CSV file. A header is matched with the
// schema by name, in any order, and must name exactly its columns; without one
// the cells stand in the order of the schema.
type CSVReader struct {
	schema *Schema
	opts   CSVOptions
	raw    *RawCSV
	at     []int // the column of each cell
	row    []Value
	n      int64
	err    error
}

// NewCSVReader returns a reader of typed CSV rows. What is wrong with the options
// is the error of the first Next.
func NewCSVReader(r io.Reader, s *Schema, o CSVOptions) *CSVReader {
	return &CSVReader{schema: s, opts: o, raw: NewRawCSV(r, o), row: make([]Value, len(s.Fields))}
}

// Schema returns the schema that every row follows.
func (r *CSVReader) Schema() *Schema { return r.schema }

// Next returns the next row, see Reader.
func (r *CSVReader) Next() ([]Value, error) {
	if r.err == nil && r.at == nil {
		r.err = r.header()
	}
	if r.err != nil {
		return nil, r.err
	}
	cells, err := r.raw.Next()
	if err != nil {
		r.err = err
		return nil, err
	}
	r.n++
	if len(cells) != len(r.at) {
		return nil, &RowError{r.n, fault.New("csv_ragged", "line", r.raw.Line(), "row", r.n, "have", len(cells), "want", len(r.at)).Permanent()}
	}
	for i := range cells {
		f := &r.schema.Fields[r.at[i]]
		v, err := r.value(&f.Type, &cells[i])
		if err != nil {
			return nil, rowError(r.n, under(err, f.Name))
		}
		r.row[r.at[i]] = v
	}
	return r.row, nil
}

// Line returns the line of the file, from 1, that the last row began on.
func (r *CSVReader) Line() int64 { return r.raw.Line() }

// Span returns where the last row stands in the input, from its first byte to
// behind its last, line end apart; also after a *RowError.
func (r *CSVReader) Span() (from, to int64) { return r.raw.Span() }

func (r *CSVReader) value(t *Type, c *Cell) (Value, error) {
	if !c.Quoted {
		if c.Text == r.opts.Null || len(r.at) == 1 && r.opts.Null == "" && c.Text == loneNull {
			return Null, nil
		}
	}
	if t.Kind == KindString {
		return String(c.Text), nil // the record is known to be UTF-8
	}
	return t.cell(c.Text)
}

// header reads the names and finds the column of each cell.
func (r *CSVReader) header() error {
	n := len(r.schema.Fields)
	if n == 0 {
		return fault.New("csv_no_columns").Permanent()
	}
	at := make([]int, n)
	if r.opts.NoHeader {
		for i := range at {
			at[i] = i
		}
		r.at = at
		return nil
	}
	cells, err := r.raw.Next()
	if err == io.EOF {
		return fault.New("csv_no_header", "want", strings.Join(r.schema.Names(), ", ")).Permanent()
	}
	if err != nil {
		return err
	}
	seen := make([]bool, n)
	var extra, missing []string
	found := at[:0]
	for _, c := range cells {
		i := r.schema.Index(c.Text)
		if i < 0 {
			extra = append(extra, c.Text)
			continue
		}
		if seen[i] {
			return fault.New("csv_header_twice", "column", c.Text).Permanent()
		}
		seen[i] = true
		found = append(found, i)
	}
	for i, s := range seen {
		if !s {
			missing = append(missing, r.schema.Fields[i].Name)
		}
	}
	if len(extra)+len(missing) > 0 {
		return fault.New("csv_header_differs", "missing", nameList(missing), "extra", nameList(extra)).Permanent()
	}
	r.at = found
	return nil
}

// nameList joins names for an error message; a dash stands for none.
func nameList(names []string) string {
	if len(names) == 0 {
		return "-"
	}
	return clip(strings.Join(names, ", "))
}
