package record

import (
	"bytes"
	"io"
	"strconv"
	"unicode/utf8"

	"github.com/weirflow/weir/fault"
)

// NDJSONReader reads rows of newline-delimited JSON: one object a line. Lines of
// white space only and a byte order mark in front are skipped, and the last line
// needs no end.
type NDJSONReader struct {
	schema *Schema
	cols   columns
	w      window
	p      jsonParser
	row    []Value
	n      int64
	from   int64 // where the last row stands in the input
	to     int64
	err    error
}

// NewNDJSONReader returns a reader of NDJSON rows.
func NewNDJSONReader(r io.Reader, s *Schema, o ReadOptions) *NDJSONReader {
	return &NDJSONReader{
		schema: s,
		cols:   columnsOf(s.Fields),
		w:      newWindow(r, o.MaxRecord),
		p:      jsonParser{ignoreUnknown: o.IgnoreUnknown},
		row:    make([]Value, len(s.Fields)),
	}
}

// Schema returns the schema that every row follows.
func (r *NDJSONReader) Schema() *Schema { return r.schema }

// Next returns the next row, see Reader.
func (r *NDJSONReader) Next() ([]Value, error) {
	if r.err != nil {
		return nil, r.err
	}
	if r.n == 0 && r.w.buf == nil {
		if r.err = r.w.skipBOM(); r.err != nil {
			return nil, r.err
		}
	}
	for {
		from := r.w.offset()
		line, err := r.w.line()
		if err != nil && (err != io.EOF || len(line) == 0) {
			r.err = err
			if err == errTooLong {
				r.err = tooLong(r.n+1, r.w.max)
			}
			return nil, r.err
		}
		r.p.b, r.p.i = line, 0
		switch r.p.space() {
		case '{':
			r.n++
			r.from, r.to = from, from+int64(len(bytes.TrimSuffix(line, []byte{'\r'})))
			if err := r.parse(line); err != nil {
				return nil, rowError(r.n, err)
			}
			return r.row, nil
		case 0:
			if r.p.i == len(line) {
				continue
			}
		}
		r.err = notRecords(r.n+1, line[r.p.i:])
		return nil, r.err
	}
}

// Span returns where the last row stands in the input, from its first byte to
// behind its last, line end apart; also after a *RowError.
func (r *NDJSONReader) Span() (from, to int64) { return r.from, r.to }

func (r *NDJSONReader) parse(line []byte) error {
	return parseRecord(&r.p, &r.cols, r.row, r.n, line)
}

// parseRecord reads the object that p stands at, which is all of b but white
// space.
func parseRecord(p *jsonParser, c *columns, row []Value, n int64, b []byte) error {
	if !utf8.Valid(b) {
		at := invalidAt(b)
		return fault.New("row_not_utf8", "row", n, "position", at+1, "found", strconv.QuoteToASCII(string(b[at:min(at+4, len(b))]))).Permanent()
	}
	if cap(p.stack) > 1<<12 {
		p.stack = nil // one long list is no reason to hold on to its memory
	}
	if err := p.object(c, row, 0); err != nil {
		return err
	}
	if p.space(); p.i < len(p.b) {
		return p.broken()
	}
	return nil
}

func invalidAt(b []byte) int {
	i := 0
	for i < len(b) {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			break
		}
		i += n
	}
	return i
}

func tooLong(row int64, limit int) error {
	return fault.New("row_too_long", "row", row, "limit", limit).Permanent()
}

func notRecords(row int64, found []byte) error {
	return fault.New("not_json_records", "row", row, "found", clip(string(found[:min(len(found), 120)]))).Permanent()
}
