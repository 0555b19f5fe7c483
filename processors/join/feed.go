package join

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"
	"unicode/utf8"
	"unsafe"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/processors/duck"
	"github.com/weirflow/weir/record"
)

// blockSize is how many bytes of a content one thread takes at a time.
const blockSize = 512 << 10

// feed gives a side's rows to DuckDB: as whole texts to sort, or as the keys that
// may match, NULL for one that cannot, to count.
type feed struct {
	ctx      context.Context
	s        *flowfile.Session
	side     *side
	keysOnly bool
	census   *census // counts the rows, or nil

	mu      sync.Mutex
	next    int // of the side's files
	content io.ReadCloser
	scan    func() *scanner
	rest    []byte // the beginning of a line whose end is not read yet
	ordinal int64
	ended   bool
	err     error
}

// Rows is about how many rows there are.
func (f *feed) Rows() int64 {
	n, all := f.side.known()
	if !all {
		for _, x := range f.side.files {
			if x.Rows < 0 {
				n += x.Size() / 100
			}
		}
	}
	return n
}

// Part reads the next lines.
func (f *feed) Part() (duck.Part, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return nil, f.err
	}
	p, err := f.part()
	if err != nil {
		f.err = errors.Join(err, f.close())
		return nil, f.err
	}
	if p == nil {
		return nil, nil // a nil of the interface
	}
	return p, nil
}

func (f *feed) part() (*part, error) {
	for {
		if err := f.ctx.Err(); err != nil {
			return nil, err
		}
		if f.content == nil {
			if f.next == len(f.side.files) {
				return nil, nil
			}
			if err := f.open(f.side.files[f.next]); err != nil {
				return nil, err
			}
			f.next++
		}
		block, err := f.read()
		if err != nil {
			return nil, err
		}
		if len(block) == 0 {
			if err := f.close(); err != nil {
				return nil, err
			}
			continue
		}
		p := &part{feed: f, side: f.side, scanner: f.scan(), block: block, ordinal: f.ordinal}
		f.ordinal += int64(bytes.Count(block, []byte{'\n'}))
		return p, nil
	}
}

func (f *feed) open(x *flowfile.FlowFile) error {
	schema, err := processors.SchemaOf(f.s, x)
	if err != nil {
		return err
	}
	if f.content, err = f.s.Open(x); err != nil {
		return err
	}
	f.ended, f.rest = false, f.rest[:0]
	at := make([]int, len(schema.Fields)) // where this content's columns stand in the side's
	same := true
	for i, name := range schema.Names() {
		at[i] = f.side.schema.Index(name)
		same = same && at[i] == i
	}
	f.scan = func() *scanner {
		s := newScanner(schema)
		if !same {
			s.order = at
			s.ordered = make([][]byte, len(at))
		}
		return s
	}
	return nil
}

func (f *feed) close() error {
	if f.content == nil {
		return nil
	}
	err := f.content.Close()
	f.content = nil
	if err != nil {
		return fmt.Errorf("close content of side %s: %w", f.side.name, err)
	}
	return nil
}

// read returns the next whole lines of the content, each with its line feed, and
// nothing at the end.
func (f *feed) read() ([]byte, error) {
	if f.ended {
		return nil, nil
	}
	size := max(blockSize, 2*len(f.rest))
	for {
		block := make([]byte, size+1) // room for a line feed at the very end
		n := copy(block, f.rest)
		m, err := io.ReadFull(f.content, block[n:size])
		block = block[:n+m]
		switch {
		case err == io.EOF || err == io.ErrUnexpectedEOF:
			f.ended = true
			if len(block) > 0 && block[len(block)-1] != '\n' {
				block = append(block, '\n')
			}
			return block, nil
		case err != nil:
			return nil, fmt.Errorf("read content of side %s: %w", f.side.name, err)
		}
		end := bytes.LastIndexByte(block, '\n') + 1
		f.rest = append(f.rest[:0], block[end:]...)
		if end > 0 {
			return block[:end], nil
		}
		if len(f.rest) > record.DefaultMaxRecord {
			return nil, fault.New("join_row_damaged", "side", f.side.name, "row", f.ordinal+1).Permanent()
		}
		size = 2 * len(f.rest)
	}
}

// stop closes what is open after a query that did not come to its end.
func (f *feed) stop() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return errors.Join(f.err, f.close())
}

// part is the rows of one block.
type part struct {
	*scanner
	feed    *feed
	side    *side
	block   []byte
	ordinal int64
	text    []byte
	casts   [][]byte

	rows, nullKeys, failures int64
	counting
}

// Next returns the text of the next row, or of its key.
func (p *part) Next() ([]byte, bool, error) {
	for len(p.block) > 0 {
		end := bytes.IndexByte(p.block, '\n')
		line := p.block[:end]
		p.block = p.block[end+1:]
		n := p.ordinal
		p.ordinal++
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		p.rows++
		if !utf8.Valid(line) || !p.row(line) {
			return nil, false, p.fail(fault.New("join_row_damaged", "side", p.side.name, "row", n+1).Permanent())
		}
		never, why, err := p.key()
		switch {
		case err != nil:
			return nil, false, p.fail(err)
		case why != "":
			if p.feed.keysOnly {
				continue
			}
			p.reject(n, why)
		case p.feed.keysOnly && never:
			return nil, true, nil
		case !p.feed.keysOnly:
			if p.feed.census != nil {
				p.feed.census.count(&p.counting, p.text)
			}
			p.carry(n)
		}
		return p.text, true, nil
	}
	if !p.feed.keysOnly {
		p.side.rows.Add(p.rows)
		p.side.nullKeys.Add(p.nullKeys)
		p.side.failures.Add(p.failures)
		p.rows, p.nullKeys, p.failures = 0, 0, 0
		if p.feed.census != nil {
			p.feed.census.end(&p.counting)
		}
	}
	return nil, false, nil
}

// fail keeps the first error, since DuckDB tells it in its own words.
func (p *part) fail(err error) error {
	p.feed.mu.Lock()
	defer p.feed.mu.Unlock()
	if p.feed.err == nil {
		p.feed.err = err
	}
	return err
}

// carry appends the row's number and cells to its key.
func (p *part) carry(n int64) {
	b := appendOrdinal(p.text, n)
	cells := p.inOrder()
	for i, at := range p.side.carry {
		if i > 0 {
			b = append(b, endCell)
		}
		b = append(b, cells[at]...)
	}
	for _, c := range p.casts {
		b = append(append(b, endCell), c...)
	}
	p.text = b
}

// reject writes the text of a row whose cast failed: its number, the reason, and
// all its cells.
func (p *part) reject(n int64, why string) {
	b := appendOrdinal(append(p.text[:0], flagReject), n)
	b = append(b, why...)
	for _, c := range p.inOrder() {
		b = append(append(b, endCell), c...)
	}
	p.text = b
}

// key writes the key of the row into text. never says that it cannot match, and
// why, as JSON, that the row must be rejected.
func (p *part) key() (never bool, why string, err error) {
	d := p.side
	b := append(p.text[:0], flagMatch)
	p.casts = p.casts[:0]
	cells := p.inOrder()
	nulls, failed := false, false
	for i := range d.keys {
		k := &d.keys[i]
		cell := cells[k.at]
		v, ok := record.Null, true
		if string(cell) != "null" {
			if k.plain {
				if b, ok = appendPlain(b, k.to.Kind, cell); ok {
					if k.extra >= 0 {
						p.casts = append(p.casts, cell)
					}
					continue
				}
			}
			text, good := unquote(cell)
			if !good {
				return false, "", d.damaged(k, cell)
			}
			if v, err = record.Parse(k.from, text); err != nil {
				return false, "", d.damaged(k, cell)
			}
			v, ok = cast(v, k.from, k.to, d.zone)
		}
		if !ok {
			failed = true
			f := fault.New("join_cast_failed", "side", d.name, "column", k.column, "value", clip(cell), "type", k.to)
			if d.onFailure == failFail {
				return false, "", f.Permanent()
			}
			if d.onFailure == failReject && why == "" {
				why = asJSON(f.Error())
			}
			v = record.Null
		}
		if k.extra >= 0 {
			c, err := record.AppendJSON(nil, k.to, v)
			if err != nil {
				return false, "", d.damaged(k, cell)
			}
			p.casts = append(p.casts, c)
		}
		if v.IsNull() {
			nulls = true
			b = append(b, markNull, endColumn)
			continue
		}
		if k.hasWords() {
			v = record.String(k.words(v.Text()))
		}
		b = append(appendKey(append(b, markValue), v), endColumn)
	}
	if failed {
		p.failures++
	}
	if nulls && why == "" {
		p.nullKeys++
		if !d.nullsMatch {
			b[0], never = flagNever, true
		}
	}
	p.text = b
	return never, why, nil
}

// appendPlain appends a key column that needs no more than a look; it reports
// false for one that does.
func appendPlain(b []byte, kind record.Kind, cell []byte) ([]byte, bool) {
	switch kind {
	case record.KindString:
		if len(cell) < 2 || bytes.IndexByte(cell, '\\') >= 0 {
			return b, false
		}
		return append(append(append(b, markValue), cell[1:len(cell)-1]...), endColumn), true
	case record.KindInt64:
		n, err := strconv.ParseInt(unsafe.String(unsafe.SliceData(cell), len(cell)), 10, 64)
		if err != nil {
			return b, false
		}
		return append(appendInt(append(b, markValue), n), endColumn), true
	}
	return b, false
}

func (d *side) damaged(k *keyColumn, cell []byte) error {
	return fault.New("join_value_damaged", "side", d.name, "column", k.column, "value", clip(cell), "type", k.from).Permanent()
}

// clip shortens a value for a message.
func clip(cell []byte) string {
	const most = 80
	if len(cell) <= most {
		return string(cell)
	}
	return string(bytes.ToValidUTF8(cell[:most], nil)) + "..."
}

func asJSON(s string) string {
	b, err := record.AppendJSON(nil, record.Of(record.KindString), record.String(s))
	if err != nil {
		return `"?"`
	}
	return string(b)
}
