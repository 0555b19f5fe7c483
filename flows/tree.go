package flows

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/weirflow/weir/fault"
)

// Bounds of a flow file. They keep a hostile file from using up memory; no flow
// drawn by a person comes near them.
const (
	// MaxFileSize is the greatest size of a flow file in bytes.
	MaxFileSize = 8 << 20
	maxDepth    = 64
	// MaxNodes is the greatest number of nodes, MaxEntries that of the entries of
	// any other section, list or settings.
	MaxNodes   = 5000
	MaxEntries = 10_000
)

// byteOrderMark is what some editors put before a text; it says nothing.
var byteOrderMark = []byte("\ufeff")

// tree is a JSON value with what encoding/json forgets: where it stands, the
// order of keys and those that stand twice.
type tree struct {
	kind  byte // { [ " 0 t n, as JSON begins: 0 is a number, t a truth
	text  string
	keys  []string
	items []*tree // values of keys, or elements
	line  int
}

// get returns the value of a key of an object.
func (t *tree) get(key string) *tree {
	if t.kind != '{' {
		return nil
	}
	for i, k := range t.keys {
		if k == key {
			return t.items[i]
		}
	}
	return nil
}

// shown renders a value for an error, cut where it is long.
func (t *tree) shown() string {
	switch t.kind {
	case '{':
		return "{…}"
	case '[':
		return "[…]"
	case '"':
		return strconv.Quote(clip(t.text))
	}
	return clip(t.text)
}

// clip cuts a value that is shown in an error.
func clip(s string) string {
	if r := []rune(s); len(r) > 80 {
		return string(r[:79]) + "…"
	}
	return s
}

// grow reads a file into a tree. Keys that stand twice are problems; anything
// that is not one JSON value is the only problem.
func grow(b []byte) (*tree, Problems) {
	b = bytes.TrimPrefix(b, byteOrderMark)
	if len(b) > MaxFileSize {
		return nil, alone(fault.New("flow_too_large", "size", len(b), "limit", MaxFileSize))
	}
	if !utf8.Valid(b) {
		line, column := position(b, len(validPrefix(b)))
		return nil, alone(fault.New("flow_not_utf8", "line", line, "column", column))
	}
	if f := syntax(b); f != nil {
		return nil, alone(f)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	g := &grower{d: d, b: b, line: 1}
	t := g.value(nil)
	if g.deep != nil {
		return nil, alone(g.deep)
	}
	return t, g.problems
}

func alone(f *fault.Error) Problems { return Problems{{Fault: f.Permanent()}} }

// syntax returns what keeps b from being exactly one JSON value.
func syntax(b []byte) *fault.Error {
	d := json.NewDecoder(bytes.NewReader(b))
	var raw json.RawMessage
	err := d.Decode(&raw)
	var bad *json.SyntaxError
	switch {
	case errors.As(err, &bad):
		at := max(int(bad.Offset)-1, 0)
		if strings.Contains(bad.Error(), "exceeded max depth") {
			return fault.New("flow_too_deep", "line", lineOf(b, at), "limit", maxDepth)
		}
		line, column := position(b, at)
		found := strconv.QuoteRune(' ')
		if at < len(b) {
			r, _ := utf8.DecodeRune(b[at:])
			found = strconv.QuoteRune(r)
		}
		return fault.New("flow_syntax", "line", line, "column", column, "found", found)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		line, column := position(b, len(b))
		return fault.New("flow_cut_short", "line", line, "column", column)
	case err != nil:
		return fault.New("flow_cut_short", "line", 1, "column", 1).Because(err)
	}
	rest := b[d.InputOffset():]
	if more := bytes.TrimLeft(rest, " \t\r\n"); len(more) > 0 {
		line, column := position(b, len(b)-len(more))
		return fault.New("flow_trailing", "line", line, "column", column)
	}
	return nil
}

func validPrefix(b []byte) []byte {
	n := 0
	for n < len(b) {
		r, size := utf8.DecodeRune(b[n:])
		if r == utf8.RuneError && size <= 1 {
			break
		}
		n += size
	}
	return b[:n]
}

func lineOf(b []byte, at int) int { return 1 + bytes.Count(b[:min(at, len(b))], []byte("\n")) }

// position returns line and column of an offset, both from 1; a column counts
// characters.
func position(b []byte, at int) (line, column int) {
	at = min(at, len(b))
	start := bytes.LastIndexByte(b[:at], '\n') + 1
	return lineOf(b, at), 1 + utf8.RuneCount(b[start:at])
}

type grower struct {
	d    *json.Decoder
	b    []byte
	line int
	seen int // offset up to which line counts
	// deep is set when the file nests too deeply.
	deep     *fault.Error
	problems Problems
}

func (g *grower) token() json.Token {
	t, err := g.d.Token()
	if err != nil {
		return nil // the syntax was found good
	}
	at := int(g.d.InputOffset())
	g.line += bytes.Count(g.b[g.seen:at], []byte("\n"))
	g.seen = at
	return t
}

func (g *grower) value(p path) *tree {
	tok := g.token()
	t := &tree{line: g.line}
	if len(p) > maxDepth {
		if g.deep == nil {
			g.deep = fault.New("flow_too_deep", "line", g.line, "limit", maxDepth)
		}
		return t
	}
	switch tok := tok.(type) {
	case json.Delim:
		t.kind = byte(tok)
		at := map[string]bool{}
		for g.deep == nil && g.d.More() {
			if tok == '[' {
				t.items = append(t.items, g.value(p.index(len(t.items))))
				continue
			}
			key, _ := g.token().(string)
			if at[key] {
				g.problems.add(p.key(key), fault.New("flow_key_repeated", "key", clip(key), "line", g.line))
			}
			at[key] = true
			t.keys = append(t.keys, key)
			t.items = append(t.items, g.value(p.key(key)))
		}
		if g.deep == nil {
			g.token()
		}
	case string:
		t.kind, t.text = '"', tok
	case json.Number:
		t.kind, t.text = '0', tok.String()
	case bool:
		t.kind, t.text = 't', strconv.FormatBool(tok)
	default:
		t.kind, t.text = 'n', "null"
	}
	return t
}
