package record

import (
	"io"

	"github.com/weirflow/weir/fault"
)

// JSONReader reads the objects of one JSON array. It holds one object at a time.
type JSONReader struct {
	schema *Schema
	cols   columns
	w      window
	p      jsonParser
	row    []Value
	n      int64
	from   int64 // where the last object stands in the input
	to     int64
	opened bool
	err    error
}

// NewJSONReader returns a reader of a JSON array of objects.
func NewJSONReader(r io.Reader, s *Schema, o ReadOptions) *JSONReader {
	return &JSONReader{
		schema: s,
		cols:   columnsOf(s.Fields),
		w:      newWindow(r, o.MaxRecord),
		p:      jsonParser{ignoreUnknown: o.IgnoreUnknown},
		row:    make([]Value, len(s.Fields)),
	}
}

// Schema returns the schema that every row follows.
func (r *JSONReader) Schema() *Schema { return r.schema }

// Next returns the next row, see Reader. A text that is no JSON ends the reading,
// since where the next object begins cannot be told.
func (r *JSONReader) Next() ([]Value, error) {
	if r.err != nil {
		return nil, r.err
	}
	b, err := r.element()
	if err != nil {
		r.err = err
		return nil, err
	}
	r.p.b, r.p.i = b, 0
	if err := parseRecord(&r.p, &r.cols, r.row, r.n, b); err != nil {
		err = rowError(r.n, err)
		if row := err.(*RowError); fault.CodeOf(row.Err) == "row_bad_json" {
			r.err = row.Err
			return nil, r.err
		}
		return nil, err
	}
	return r.row, nil
}

// Span returns where the last object stands in the input, from its first byte to
// behind its last; also after a *RowError.
func (r *JSONReader) Span() (from, to int64) { return r.from, r.to }

// next returns the next byte that is no white space without taking it, and io.EOF
// at the end.
func (r *JSONReader) next() (byte, error) {
	for {
		for r.w.pos < r.w.end {
			switch c := r.w.buf[r.w.pos]; c {
			case ' ', '\n', '\r', '\t':
				r.w.pos++
			default:
				return c, nil
			}
		}
		if err := r.w.fill(); err != nil {
			return 0, err
		}
	}
}

// element takes the text of the next object, and io.EOF behind the last.
func (r *JSONReader) element() ([]byte, error) {
	first := !r.opened
	if first {
		if err := r.open(); err != nil {
			return nil, err
		}
	}
	c, err := r.next()
	if err == nil && c == ']' {
		return nil, r.end()
	}
	if err == nil && !first {
		if c != ',' {
			return nil, r.broken()
		}
		r.w.pos++
		c, err = r.next()
	}
	if err != nil {
		return nil, r.cut(err)
	}
	if c != '{' {
		return nil, notRecords(r.n+1, r.w.near())
	}
	r.n++
	r.from = r.w.offset()
	return r.object()
}

func (r *JSONReader) open() error {
	if err := r.w.skipBOM(); err != nil {
		return err
	}
	c, err := r.next()
	if err != nil && err != io.EOF {
		return err
	}
	if err == io.EOF || c != '[' {
		return notRecords(1, r.w.near())
	}
	r.w.pos++
	r.opened = true
	return nil
}

// end checks that nothing stands behind the closing bracket.
func (r *JSONReader) end() error {
	r.w.pos++
	if _, err := r.next(); err != nil {
		return err
	}
	return r.broken()
}

func (r *JSONReader) broken() error {
	return fault.New("array_broken", "row", r.n+1, "near", clip(string(r.w.near()))).Permanent()
}

// cut is the error of an input that ends before its array does.
func (r *JSONReader) cut(err error) error {
	if err == io.EOF {
		return fault.New("array_cut", "rows", r.n).Permanent()
	}
	if err == errTooLong {
		return tooLong(r.n, r.w.max)
	}
	return err
}

// object takes the object that the window stands at. It counts brackets outside
// strings only; whether they match is found when the text is parsed.
func (r *JSONReader) object() ([]byte, error) {
	depth, quoted, i := 0, false, 0
	for {
		p := r.w.pending()
		for ; i < len(p); i++ {
			c := p[i]
			if quoted {
				if c == '\\' {
					i++
				} else if c == '"' {
					quoted = false
				}
				continue
			}
			switch c {
			case '"':
				quoted = true
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					if i >= r.w.max {
						return nil, tooLong(r.n, r.w.max)
					}
					r.w.pos += i + 1
					r.to = r.w.offset()
					return p[: i+1 : i+1], nil
				}
			}
		}
		if err := r.w.fill(); err != nil {
			return nil, r.cut(err)
		}
	}
}
