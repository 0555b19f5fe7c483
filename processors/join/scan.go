package join

import (
	"bytes"
	"encoding/json"

	"github.com/weirflow/weir/record"
)

// scanner finds the cells of rows: where each column's value stands in the JSON.
// It does not look at what the values are.
type scanner struct {
	names [][]byte // "a": as the record writer spells it
	find  map[string]int
	cells [][]byte // of the last row; null for a key that is absent
	// order says where each cell stands in the side's schema, when that has the
	// columns in another order.
	order   []int
	ordered [][]byte
}

// inOrder returns the cells of the last row in the order of the side's schema.
func (s *scanner) inOrder() [][]byte {
	if s.order == nil {
		return s.cells
	}
	for i, at := range s.order {
		s.ordered[at] = s.cells[i]
	}
	return s.ordered
}

var null = []byte("null")

func newScanner(schema *record.Schema) *scanner {
	s := &scanner{find: map[string]int{}, cells: make([][]byte, len(schema.Fields))}
	for i, name := range schema.Names() {
		s.names = append(s.names, named(name))
		s.find[name] = i
	}
	return s
}

// named returns a name as the key of an object, with its colon.
func named(name string) []byte {
	b, err := record.AppendJSON(nil, record.Of(record.KindString), record.String(name))
	if err != nil {
		panic("join: a column's name is not UTF-8") // a schema has no such name
	}
	return append(b, ':')
}

// row finds the cells of a line and reports whether it is an object of the
// schema's columns. The cells share the line's memory.
func (s *scanner) row(line []byte) bool {
	i := space(line, 0)
	if i >= len(line) || line[i] != '{' {
		return false
	}
	i = space(line, i+1)
	clear(s.cells)
	seen := 0
	for n := 0; ; n++ {
		if i >= len(line) {
			return false
		}
		if line[i] == '}' && n == 0 {
			i++
			break
		}
		at := -1
		if n < len(s.names) && bytes.HasPrefix(line[i:], s.names[n]) {
			at, i = n, i+len(s.names[n])
		} else if at, i = s.key(line, i); at < 0 {
			return false
		}
		i = space(line, i)
		end := value(line, i)
		if end < 0 || s.cells[at] != nil {
			return false
		}
		s.cells[at] = line[i:end]
		seen++
		i = space(line, end)
		if i >= len(line) {
			return false
		}
		if line[i] == '}' {
			i++
			break
		}
		if line[i] != ',' {
			return false
		}
		i = space(line, i+1)
	}
	if seen < len(s.cells) {
		for k, c := range s.cells {
			if c == nil {
				s.cells[k] = null
			}
		}
	}
	return space(line, i) == len(line)
}

// key reads a key that does not stand where the schema has it, and its colon.
func (s *scanner) key(line []byte, i int) (at, next int) {
	if line[i] != '"' {
		return -1, i
	}
	end := value(line, i)
	var name string
	if end < 0 || json.Unmarshal(line[i:end], &name) != nil {
		return -1, i
	}
	at, ok := s.find[name]
	next = space(line, end)
	if !ok || next >= len(line) || line[next] != ':' {
		return -1, i
	}
	return at, next + 1
}

func space(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// value returns where the value that begins at i ends, or -1.
func value(b []byte, i int) int {
	if i >= len(b) {
		return -1
	}
	switch b[i] {
	case '"':
		return text(b, i)
	case '{', '[':
		depth := 0
		for i < len(b) {
			switch b[i] {
			case '"':
				if i = text(b, i); i < 0 {
					return -1
				}
				continue
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					return i + 1
				}
			}
			i++
		}
		return -1
	}
	start := i
	for i < len(b) && b[i] != ',' && b[i] != '}' && b[i] != ']' && b[i] != ' ' && b[i] != '\t' && b[i] != '\r' {
		i++
	}
	if i == start {
		return -1
	}
	return i
}

// text returns where the string that begins at i ends, or -1.
func text(b []byte, i int) int {
	i++
	for {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			return -1
		}
		i += n + 1
		// The quote counts unless an odd number of backslashes stands before it.
		back := i - 2
		for b[back] == '\\' {
			back--
		}
		if (i-2-back)%2 == 0 {
			return i
		}
	}
}
