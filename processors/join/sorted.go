package join

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unsafe"
)

// entry is a sorted text, taken apart.
type entry struct {
	key   []byte // with its flag
	cells [][]byte
}

func (e *entry) flag() byte { return e.key[0] }

// parse takes a text apart; what it returns shares the text's memory.
func (e *entry) parse(d *side, text []byte) error {
	cells := d.cells
	e.key = nil
	switch {
	case len(text) < 1+ordinalSize:
	case text[0] == flagReject:
		e.key, cells = text[:1], 1+len(d.schema.Fields)
	default:
		end := 1
		for range d.keys {
			n := bytes.IndexByte(text[end:], endColumn)
			if n < 0 {
				break
			}
			end += n + 1
		}
		e.key = text[:end]
	}
	if e.key == nil || len(text) < len(e.key)+ordinalSize {
		return fmt.Errorf("a sorted row of side %s is not whole", d.name)
	}
	rest := text[len(e.key)+ordinalSize:]
	e.cells = e.cells[:0]
	for cells > 1 {
		n := bytes.IndexByte(rest, endCell)
		if n < 0 {
			break
		}
		e.cells = append(e.cells, rest[:n])
		rest = rest[n+1:]
		cells--
	}
	e.cells = append(e.cells, rest)
	if cells != 1 || bytes.IndexByte(rest, endCell) >= 0 {
		return fmt.Errorf("a sorted row of side %s is not whole", d.name)
	}
	return nil
}

// bytesOf shares a text's memory, which nobody writes to.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// sorted is the right side, sorted, in a file of the spool.
type sorted struct {
	side *side
	path string
	file *os.File
	w    *bufio.Writer

	// What was seen while it was written: how often keys stand more than once.
	last  []byte
	run   int64
	shown string
	twice int64    // keys that stand more than once
	worst []repeat // of them, the most frequent

	census *census // is told each key, or nil
}

// repeat is a key that stands more than once.
type repeat struct {
	shown string
	rows  int64
}

// mostWorst is how many repeated keys a message shows.
const mostWorst = 5

func newSorted(d *side, spool string) (*sorted, error) {
	s := &sorted{side: d, path: filepath.Join(spool, "right.sorted")}
	f, err := os.OpenFile(s.path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("create spool of a join: %w", err)
	}
	s.file, s.w = f, bufio.NewWriterSize(f, 256<<10)
	return s, nil
}

// take writes texts as they come.
func (s *sorted) take(texts []string) error {
	var e entry
	var size [binary.MaxVarintLen64]byte
	for _, text := range texts {
		if err := e.parse(s.side, bytesOf(text)); err != nil {
			return err
		}
		if s.census != nil && e.flag() != flagReject {
			s.census.right++
		}
		if e.flag() == flagMatch {
			if !bytes.Equal(e.key, s.last) {
				s.count()
				s.last, s.run = append(s.last[:0], e.key...), 0
			}
			if s.run++; s.run == 2 {
				s.shown = s.side.show(&e)
			}
		}
		if _, err := s.w.Write(size[:binary.PutUvarint(size[:], uint64(len(text)))]); err != nil {
			return fmt.Errorf("write spool of a join: %w", err)
		}
		if _, err := s.w.WriteString(text); err != nil {
			return fmt.Errorf("write spool of a join: %w", err)
		}
	}
	return nil
}

// count notes the key that has ended.
func (s *sorted) count() {
	if s.census != nil && s.run > 0 {
		s.census.add(s.last, s.run)
	}
	if s.run < 2 {
		return
	}
	s.twice++
	s.worst = append(s.worst, repeat{s.shown, s.run})
	slices.SortStableFunc(s.worst, func(a, b repeat) int { return cmp.Compare(b.rows, a.rows) })
	s.worst = s.worst[:min(len(s.worst), mostWorst)]
}

// end ends the writing.
func (s *sorted) end() error {
	s.count()
	if err := s.w.Flush(); err != nil {
		return fmt.Errorf("write spool of a join: %w", err)
	}
	s.w = nil
	return nil
}

func (s *sorted) close() error {
	if err := s.file.Close(); err != nil {
		return fmt.Errorf("close spool of a join: %w", err)
	}
	return nil
}

// show writes a row's key for people.
func (d *side) show(e *entry) string {
	var out []string
	for _, k := range d.keys {
		out = append(out, clip(e.cells[d.place[k.at]]))
	}
	return strings.Join(out, ", ")
}

// reader reads the sorted rows from a place in the file on.
type reader struct {
	side *side
	in   *bufio.Reader
	at   int64 // where the next text begins
	buf  []byte
}

func (s *sorted) reader(at int64) *reader {
	return &reader{side: s.side, in: bufio.NewReaderSize(io.NewSectionReader(s.file, at, 1<<62), 256<<10), at: at}
}

// next reads the next row; what is in e is good until the next call. It returns
// false at the end.
func (r *reader) next(e *entry) (bool, error) {
	size, err := binary.ReadUvarint(r.in)
	if err == io.EOF {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read spool of a join: %w", err)
	}
	r.buf = slices.Grow(r.buf[:0], int(size))[:size]
	if _, err := io.ReadFull(r.in, r.buf); err != nil {
		return false, fmt.Errorf("read spool of a join: %w", err)
	}
	var head [binary.MaxVarintLen64]byte
	r.at += int64(binary.PutUvarint(head[:], size)) + int64(size)
	return true, e.parse(r.side, r.buf)
}

// group is the right rows of one key.
type group struct {
	entry // of the first row
	text  []byte
	more  [][]byte // the texts of the other rows that are held in memory
	held  int64    // their bytes
	// rest is where those begin that are not held, restRows how many they are.
	rest     int64
	restRows int64
	matched  bool
}

// groupLimit is how many bytes of a group are held in memory. A greater one is
// read again for each left row.
var groupLimit int64 = 16 << 20

func (g *group) rows() int64 { return 1 + int64(len(g.more)) + g.restRows }

// each calls do with the cells of every row of the group.
func (g *group) each(s *sorted, do func(cells [][]byte) error) error {
	if err := do(g.cells); err != nil {
		return err
	}
	var e entry
	for _, text := range g.more {
		if err := e.parse(s.side, text); err != nil {
			return err
		}
		if err := do(e.cells); err != nil {
			return err
		}
	}
	if g.restRows == 0 {
		return nil
	}
	r := s.reader(g.rest)
	for range g.restRows {
		ok, err := r.next(&e)
		if err == nil && !ok {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
		if err := do(e.cells); err != nil {
			return err
		}
	}
	return nil
}

// groups gives the right side group by group.
type groups struct {
	s     *sorted
	r     *reader
	ahead entry // the row after the group
	have  bool
	begun bool
	began int64 // where the row ahead begins
}

func (s *sorted) groups() *groups { return &groups{s: s, r: s.reader(0)} }

func (q *groups) advance() (err error) {
	q.began = q.r.at
	q.have, err = q.r.next(&q.ahead)
	return err
}

// next fills g with the next group; rows that match nothing are groups of their
// own. It returns false at the end.
func (q *groups) next(g *group) (bool, error) {
	if !q.begun {
		q.begun = true
		if err := q.advance(); err != nil {
			return false, err
		}
	}
	if !q.have {
		return false, nil
	}
	g.text = append(g.text[:0], q.r.buf...)
	if err := g.parse(q.s.side, g.text); err != nil {
		return false, err
	}
	g.more, g.held, g.restRows, g.matched = g.more[:0], 0, 0, false
	for {
		if err := q.advance(); err != nil {
			return false, err
		}
		if !q.have || g.flag() != flagMatch || !bytes.Equal(q.ahead.key, g.key) {
			return true, nil
		}
		if g.restRows > 0 || g.held >= groupLimit {
			if g.restRows == 0 {
				g.rest = q.began
			}
			g.restRows++
			continue
		}
		g.more = append(g.more, bytes.Clone(q.r.buf))
		g.held += int64(len(q.r.buf))
	}
}
