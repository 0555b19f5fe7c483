package record

import (
	"bytes"
	"unicode/utf8"
)

// maxJSONDepth bounds how deep a JSON value may nest.
const maxJSONDepth = 1000

// plainByte marks the bytes that stand for themselves inside a JSON string.
var plainByte = func() (t [256]bool) {
	for c := range t {
		t[c] = c >= 0x20 && c != '"' && c != '\\'
	}
	return t
}()

// jsonParser reads one JSON text that is in memory and known to be valid UTF-8.
// It is written by hand because a tokenizer for any JSON costs about three times
// as much as one that knows which type comes next.
//
// Escapes are resolved in place: b is overwritten, and the Values share it.
type jsonParser struct {
	b             []byte
	i             int
	ignoreUnknown bool
	stack         []Value // elements of the lists being read
	free          []Value // unused rest of the block that children are taken from
}

func (p *jsonParser) broken() error {
	end := min(len(p.b), p.i+40)
	return &brokenJSON{at: p.i, near: string(p.b[p.i:end])}
}

func (p *jsonParser) deep() error { return &brokenJSON{at: p.i, deep: true} }

// space skips white space and returns the byte behind it, or 0 at the end.
func (p *jsonParser) space() byte {
	for p.i < len(p.b) {
		c := p.b[p.i]
		if c > ' ' || c != ' ' && c != '\n' && c != '\r' && c != '\t' {
			return c
		}
		p.i++
	}
	return 0
}

// str reads the string that begins at p.i and resolves its escapes.
func (p *jsonParser) str() ([]byte, error) {
	b := p.b
	start := p.i + 1
	for i := start; i < len(b); i++ {
		if !plainByte[b[i]] {
			if b[i] == '"' {
				p.i = i + 1
				return b[start:i:i], nil
			}
			return p.escaped(start, i)
		}
	}
	p.i = len(b)
	return nil, p.broken()
}

// escaped goes on with a string at i, where its first escape may be.
func (p *jsonParser) escaped(start, i int) ([]byte, error) {
	b, w := p.b, i
	for i < len(b) {
		c := b[i]
		switch {
		case c == '"':
			p.i = i + 1
			return b[start:w:w], nil
		case c == '\\':
			p.i = i
			n, used := unescape(b[w:w], b[i:])
			if used == 0 {
				return nil, p.broken()
			}
			w += n
			i += used
		case c < 0x20:
			p.i = i
			return nil, p.broken()
		default:
			b[w] = c
			w++
			i++
		}
	}
	p.i = len(b)
	return nil, p.broken()
}

// unescape appends what the escape at the start of b stands for to dst, and
// returns how many bytes that took and how many the escape has: 0 for one that
// is none, or that is half of a surrogate pair.
func unescape(dst, b []byte) (n, used int) {
	if len(b) < 2 {
		return 0, 0
	}
	c := b[1]
	switch c {
	case '"', '\\', '/':
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'u':
		r, used := unicodeEscape(b)
		if used == 0 {
			return 0, 0
		}
		return len(utf8.AppendRune(dst, r)), used
	default:
		return 0, 0
	}
	dst = append(dst, c)
	return len(dst), 2
}

func unicodeEscape(b []byte) (rune, int) {
	r := hex4(b)
	switch {
	case r < 0 || r >= 0xdc00 && r <= 0xdfff:
		return 0, 0
	case r < 0xd800 || r > 0xdbff:
		return r, 6
	}
	low := rune(-1)
	if len(b) >= 12 && b[6] == '\\' && b[7] == 'u' {
		low = hex4(b[6:])
	}
	if low < 0xdc00 || low > 0xdfff {
		return 0, 0
	}
	return (r-0xd800)<<10 + (low - 0xdc00) + 0x10000, 12
}

// hex4 returns the number of a \uXXXX escape, or -1.
func hex4(b []byte) rune {
	if len(b) < 6 {
		return -1
	}
	var r rune
	for _, c := range b[2:6] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return -1
		}
		r = r<<4 | rune(c)
	}
	return r
}

// literal takes the word w at p.i.
func (p *jsonParser) literal(w string) error {
	if !bytes.HasPrefix(p.b[p.i:], []byte(w)) {
		return p.broken()
	}
	p.i += len(w)
	return nil
}

// skip passes over one value without changing b.
func (p *jsonParser) skip(depth int) error {
	if depth > maxJSONDepth {
		return p.deep()
	}
	switch c := p.space(); c {
	case '{':
		return p.skipAll('}', depth)
	case '[':
		return p.skipAll(']', depth)
	case '"':
		return p.skipString()
	case 't':
		return p.literal("true")
	case 'f':
		return p.literal("false")
	case 'n':
		return p.literal("null")
	}
	end := numberEnd(p.b, p.i)
	if end == p.i {
		return p.broken()
	}
	p.i = end
	return nil
}

func (p *jsonParser) skipAll(closing byte, depth int) error {
	p.i++
	if p.space() == closing {
		p.i++
		return nil
	}
	for {
		if closing == '}' {
			if p.space() != '"' {
				return p.broken()
			}
			if err := p.skipString(); err != nil {
				return err
			}
			if p.space() != ':' {
				return p.broken()
			}
			p.i++
		}
		if err := p.skip(depth + 1); err != nil {
			return err
		}
		switch p.space() {
		case ',':
			p.i++
		case closing:
			p.i++
			return nil
		default:
			return p.broken()
		}
	}
}

func (p *jsonParser) skipString() error {
	b := p.b
	for i := p.i + 1; i < len(b); i++ {
		if plainByte[b[i]] {
			continue
		}
		switch b[i] {
		case '"':
			p.i = i + 1
			return nil
		case '\\':
			var room [utf8.UTFMax]byte
			_, used := unescape(room[:0], b[i:])
			if used == 0 {
				p.i = i
				return p.broken()
			}
			i += used - 1
		default:
			p.i = i
			return p.broken()
		}
	}
	p.i = len(b)
	return p.broken()
}

// room returns n values of memory that nothing else uses.
func (p *jsonParser) room(n int) []Value {
	if n > len(p.free) {
		p.free = make([]Value, max(n, min(256, 2*cap(p.free)+8)))
	}
	out := p.free[:n:n]
	p.free = p.free[n:]
	return out
}
