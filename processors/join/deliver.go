package join

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/record"
)

// A FlowFile of the result holds about so much at most, so that what follows can
// work on one part after another.
const (
	mostBytes = 64 << 20
	mostRows  = 200_000
)

// outBlock is how many bytes go from the merge to the store at a time.
const outBlock = 256 << 10

// block is whole lines.
type block struct {
	lines []byte
	rows  int64
}

// blocks carries rows from the merge, which DuckDB drives, to the session.
type blocks struct {
	ctx  context.Context
	to   chan block
	free chan []byte
	buf  []byte
	rows int64
	err  error // set before to is closed
}

func newBlocks(ctx context.Context) *blocks {
	return &blocks{ctx: ctx, to: make(chan block, 4), free: make(chan []byte, 8)}
}

// row ends a row that was appended to buf.
func (b *blocks) row() error {
	b.rows++
	if len(b.buf) < outBlock {
		return nil
	}
	return b.flush()
}

func (b *blocks) flush() error {
	if b.rows == 0 {
		return nil
	}
	select {
	case b.to <- block{b.buf, b.rows}:
	case <-b.ctx.Done():
		return context.Cause(b.ctx)
	}
	b.rows = 0
	select {
	case b.buf = <-b.free:
		b.buf = b.buf[:0]
	default:
		b.buf = make([]byte, 0, outBlock+16<<10)
	}
	return nil
}

// next returns the next block, or false at the end.
func (b *blocks) next() (block, bool, error) {
	x, ok := <-b.to
	if !ok {
		return x, false, b.err
	}
	return x, true, nil
}

// done gives a block's memory back.
func (b *blocks) done(x block) {
	select {
	case b.free <- x.lines:
	default:
	}
}

// spool holds rows of one side that are not in the result, until that is written.
type spool struct {
	path   string
	schema *record.Schema
	begin  [][]byte
	file   *os.File
	w      *bufio.Writer
	in     *bufio.Reader
	line   []byte
	rows   int64
}

func newSpool(dir, name string, schema *record.Schema) *spool {
	s := &spool{path: filepath.Join(dir, name+".rows"), schema: schema}
	for i, column := range schema.Names() {
		begin := append([]byte{','}, named(column)...)
		if i == 0 {
			begin[0] = '{'
		}
		s.begin = append(s.begin, begin)
	}
	return s
}

// row adds a row by its cells, in the order of the schema.
func (s *spool) row(cells [][]byte) error {
	if s.w == nil {
		f, err := os.OpenFile(s.path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return fmt.Errorf("create spool of a join: %w", err)
		}
		s.file, s.w = f, bufio.NewWriterSize(f, 64<<10)
	}
	b := s.line[:0]
	for i, begin := range s.begin {
		b = append(append(b, begin...), cells[i]...)
	}
	s.line = append(b, '}', '\n')
	s.rows++
	if _, err := s.w.Write(s.line); err != nil {
		return fmt.Errorf("write spool of a join: %w", err)
	}
	return nil
}

// reject adds a rejected row: its reason stands first among the cells and last in
// the row.
func (s *spool) reject(cells [][]byte) error {
	return s.row(append(append(make([][]byte, 0, len(cells)), cells[1:]...), cells[0]))
}

// rewind ends the writing.
func (s *spool) rewind() error {
	if err := s.w.Flush(); err != nil {
		return fmt.Errorf("write spool of a join: %w", err)
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("read spool of a join: %w", err)
	}
	s.in = bufio.NewReaderSize(s.file, outBlock)
	return nil
}

func (s *spool) next() (block, bool, error) {
	b, err := s.in.Peek(outBlock)
	if len(b) == 0 && err == io.EOF {
		return block{}, false, nil
	}
	if err != nil && err != io.EOF {
		return block{}, false, fmt.Errorf("read spool of a join: %w", err)
	}
	if end := bytes.LastIndexByte(b, '\n'); end >= 0 {
		b = bytes.Clone(b[:end+1])
		if _, err := s.in.Discard(len(b)); err != nil {
			return block{}, false, fmt.Errorf("read spool of a join: %w", err)
		}
	} else if b, err = s.in.ReadBytes('\n'); err != nil { // longer than a block
		return block{}, false, fmt.Errorf("read spool of a join: %w", err)
	}
	return block{b, int64(bytes.Count(b, []byte{'\n'}))}, true, nil
}

func (s *spool) done(block) {}

func (s *spool) close() error {
	if s.file == nil {
		return nil
	}
	if err := s.file.Close(); err != nil {
		return fmt.Errorf("close spool of a join: %w", err)
	}
	return nil
}

// rowSource is where the rows of FlowFiles come from.
type rowSource interface {
	next() (block, bool, error)
	done(block)
}

// deliver sends rows to an output, in FlowFiles of bounded size, and returns how
// many they were. Without rows it makes one empty FlowFile if asked to.
func deliver(s *flowfile.Session, rel flowfile.Relationship, schema *record.Schema, from rowSource, empty bool, attrs ...string) (int64, error) {
	text, err := schema.MarshalJSON()
	if err != nil {
		return 0, fmt.Errorf("encode schema: %w", err)
	}
	var all int64
	x, more, err := from.next()
	for n := 0; err == nil && (more || n == 0 && empty); n++ {
		f := s.Create()
		err = s.WriteRecords(f, text, func(w io.Writer) (int64, error) {
			var rows, size int64
			for more && size < mostBytes && rows < mostRows {
				if _, err := w.Write(x.lines); err != nil {
					return rows, err
				}
				rows, size = rows+x.rows, size+int64(len(x.lines))
				from.done(x)
				var err error
				if x, more, err = from.next(); err != nil {
					return rows, err
				}
			}
			all += rows
			return rows, nil
		})
		if err != nil {
			return all, err
		}
		for i := 0; i < len(attrs); i += 2 {
			s.Set(f, attrs[i], attrs[i+1])
		}
		s.Transfer(f, rel)
	}
	return all, err
}
