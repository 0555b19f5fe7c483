package record

import (
	"bytes"
	"io"
	"strconv"
	"unicode/utf8"

	"github.com/weirflow/weir/fault"
)

// Cell is one cell of a CSV file as it stands there, its quotes resolved.
type Cell struct {
	// Text is what the cell holds.
	Text string
	// Quoted says that the cell stood in quotes, which tells "" from nothing.
	Quoted bool
}

// RawCSV reads the cells of a CSV file without knowing their types: for files
// whose columns are not known yet. The first row is the header, if there is one.
//
// It is strict. A quote inside a cell that did not begin with one is data; text
// behind a closing quote, a missing closing quote and a carriage return outside
// quotes that no line feed follows are faults.
type RawCSV struct {
	w     window
	delim []byte
	cells []Cell
	line  int64 // the line that the next record begins on
	at    int64 // the line that the last record began on
	n     int64
	from  int64 // where the last record stands in the input
	to    int64
	err   error
}

// NewRawCSV returns a reader of untyped cells; of the options it uses Delimiter
// and MaxRecord.
func NewRawCSV(r io.Reader, o CSVOptions) *RawCSV {
	c := &RawCSV{w: newWindow(r, o.MaxRecord), line: 1, delim: o.delimiter()}
	c.err = o.Check()
	return c
}

// Line returns the line of the file, from 1, that the last record began on.
func (c *RawCSV) Line() int64 { return c.at }

// Next returns the cells of the next record, or io.EOF. The slice is overwritten
// by the next call. Any error ends the reading, because where the next record
// begins cannot be told. An empty line is a record of one empty cell.
func (c *RawCSV) Next() ([]Cell, error) {
	if c.err != nil {
		return nil, c.err
	}
	if c.line == 1 && c.w.buf == nil {
		if c.err = c.w.skipBOM(); c.err != nil {
			return nil, c.err
		}
	}
	c.at, c.from = c.line, c.w.offset()
	b, err := c.record()
	c.to = c.from + int64(len(b))
	if err == nil {
		c.n++
		err = c.split(b)
	}
	if err != nil {
		if err == errTooLong {
			err = fault.New("csv_record_too_long", "line", c.at, "limit", c.w.max).Permanent()
		}
		c.err = err
		return nil, err
	}
	return c.cells, nil
}

// Span returns where the last record stands in the input, from its first byte to
// behind its last, line end apart.
func (c *RawCSV) Span() (from, to int64) { return c.from, c.to }

// record takes the bytes of the next record without its line end. Line feeds in
// quotes are part of it.
func (c *RawCSV) record() ([]byte, error) {
	// i is where to look next, quoted whether it is inside quotes, and fresh
	// whether a cell begins there.
	i, quoted, fresh := 0, false, true
	for {
		p := c.w.pending()
		for i < len(p) {
			if quoted {
				q := bytes.IndexByte(p[i:], '"')
				if q < 0 {
					i = len(p)
					break
				}
				// A doubled quote ends the quotes and begins them again.
				i, quoted, fresh = i+q+1, false, false
				if i == len(p) && c.more() == nil {
					p = c.w.pending()
				}
				if i < len(p) && p[i] == '"' {
					quoted = true
					i++
				}
				continue
			}
			if fresh && p[i] == '"' {
				quoted = true
				i++
				continue
			}
			fresh = false
			end := i + bytes.IndexByte(p[i:], '\n')
			if end < i {
				end = len(p)
			}
			if q := quoteAfter(p[i:end], c.delim); q >= 0 {
				i, quoted = i+q+1, true
				continue
			}
			if end < len(p) {
				return c.take(p[:end], end+1)
			}
			// The line goes on behind what was read; a delimiter may be at its end,
			// and a quote follow it.
			i = max(i, len(p)-len(c.delim))
			if err := c.more(); err != nil {
				return c.rest(err, false)
			}
			p = c.w.pending()
		}
		if err := c.more(); err != nil {
			return c.rest(err, quoted)
		}
	}
}

func (c *RawCSV) more() error { return c.w.fill() }

// quoteAfter returns where in b a quote stands that opens a cell behind a
// delimiter, or -1.
func quoteAfter(b, delim []byte) int {
	for from := 0; ; {
		q := bytes.IndexByte(b[from:], '"')
		if q < 0 {
			return -1
		}
		if from += q; bytes.HasSuffix(b[:from], delim) {
			return from
		}
		from++
	}
}

func (c *RawCSV) take(b []byte, n int) ([]byte, error) {
	if len(b) > c.w.max {
		return nil, errTooLong
	}
	c.w.pos += n
	c.line++
	if m := len(b); m > 0 && n > m && b[m-1] == '\r' {
		b = b[:m-1]
	}
	return b[:len(b):len(b)], nil
}

// rest takes what stands behind the last line end.
func (c *RawCSV) rest(err error, quoted bool) ([]byte, error) {
	p := c.w.pending()
	switch {
	case err != io.EOF || len(p) == 0:
		return nil, err
	case quoted:
		return nil, fault.New("csv_open_quote", "line", c.at).Permanent()
	}
	return c.take(p, len(p))
}

// split fills cells from a record.
func (c *RawCSV) split(b []byte) error {
	c.cells = c.cells[:0]
	if !utf8.Valid(b) {
		at := invalidAt(b)
		line := c.at + int64(bytes.Count(b[:at], []byte{'\n'}))
		return fault.New("csv_not_utf8", "line", line, "found", strconv.QuoteToASCII(string(b[at:min(at+4, len(b))]))).Permanent()
	}
	for {
		var cell Cell
		rest := b
		if len(b) > 0 && b[0] == '"' {
			text, n := unquote(b[1:])
			rest = b[1+n:]
			cell = Cell{share(text), true}
			c.line += int64(bytes.Count(text, []byte{'\n'}))
			if len(rest) > 0 && !bytes.HasPrefix(rest, c.delim) {
				return fault.New("csv_text_after_quote", "line", c.line-1, "cell", len(c.cells)+1, "found", clip(string(rest))).Permanent()
			}
		} else {
			end := cellEnd(b, c.delim)
			cell.Text, rest = share(b[:end:end]), b[end:]
			if bytes.IndexByte(b[:end], '\r') >= 0 {
				return fault.New("csv_bare_cr", "line", c.line-1, "cell", len(c.cells)+1).Permanent()
			}
		}
		c.cells = append(c.cells, cell)
		if len(rest) == 0 {
			return nil
		}
		b = rest[len(c.delim):]
	}
}

func cellEnd(b, delim []byte) int {
	end := 0
	if len(delim) == 1 {
		end = bytes.IndexByte(b, delim[0])
	} else {
		end = bytes.Index(b, delim)
	}
	if end < 0 {
		return len(b)
	}
	return end
}

// unquote resolves, in place, the doubled quotes of a cell whose opening quote
// stands before b. It returns the text and the length of the cell in b, closing
// quote included.
func unquote(b []byte) (text []byte, n int) {
	w := 0
	for i := 0; ; {
		q := bytes.IndexByte(b[i:], '"')
		if q < 0 {
			// record found a closing quote, so there is one.
			return b[:w:w], len(b)
		}
		if w < i {
			copy(b[w:], b[i:i+q])
		}
		w += q
		i += q + 1
		if i >= len(b) || b[i] != '"' {
			return b[:w:w], i
		}
		b[w] = '"'
		w++
		i++
	}
}
