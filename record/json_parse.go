package record

import (
	"errors"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// unset marks a field that no key has named yet.
const unset Kind = 255

// columns finds a schema's or a struct's fields by name.
type columns struct {
	fields []Field
	byName map[string]int
	order  []int // the columns of the last object's keys, in their order
}

func columnsOf(fields []Field) columns {
	c := columns{fields: fields, order: make([]int, len(fields))}
	for i := range c.order {
		c.order[i] = i
	}
	if len(fields) > 8 {
		c.byName = make(map[string]int, len(fields))
		for i := range fields {
			c.byName[fields[i].Name] = i
		}
	}
	return c
}

// find returns the column of an object's nth key, or -1. Objects of one file
// mostly have their keys in one order, so what the nth key was in the object
// before is tried first.
func (c *columns) find(key []byte, n int) int {
	if n >= len(c.order) {
		return c.search(key)
	}
	if i := c.order[n]; c.fields[i].Name == string(key) {
		return i
	}
	i := c.search(key)
	if i >= 0 {
		c.order[n] = i
	}
	return i
}

func (c *columns) search(key []byte) int {
	if c.byName != nil {
		if i, ok := c.byName[string(key)]; ok {
			return i
		}
		return -1
	}
	for i := range c.fields {
		if c.fields[i].Name == string(key) {
			return i
		}
	}
	return -1
}

// whole reads a text that is one value of type t.
func (p *jsonParser) whole(t *Type) (Value, error) {
	v, err := p.value(t, 0)
	if err != nil {
		return Null, err
	}
	if p.space(); p.i < len(p.b) {
		return Null, p.broken()
	}
	return v, nil
}

// object reads the object at p.i into row, whose length is that of the columns.
func (p *jsonParser) object(c *columns, row []Value, depth int) error {
	for i := range row {
		row[i] = Value{kind: unset}
	}
	p.i++
	if p.space() == '}' {
		p.i++
	} else {
	keys:
		for n := 0; ; n++ {
			if p.space() != '"' {
				return p.broken()
			}
			key, err := p.str()
			if err != nil {
				return err
			}
			if p.space() != ':' {
				return p.broken()
			}
			p.i++
			at := c.find(key, n)
			if at < 0 {
				if !p.ignoreUnknown {
					return &misfit{verdict: unknownKey, path: clip(string(key))}
				}
				if err := p.skip(depth + 1); err != nil {
					return err
				}
			} else {
				f := &c.fields[at]
				if row[at].kind != unset {
					return &misfit{verdict: twiceKey, path: f.Name}
				}
				v, err := p.value(&f.Type, depth+1)
				if err != nil {
					return under(err, f.Name)
				}
				row[at] = v
			}
			switch p.space() {
			case ',':
				p.i++
			case '}':
				p.i++
				break keys
			default:
				return p.broken()
			}
		}
	}
	for i := range row {
		if row[i].kind == unset {
			row[i] = Null
		}
	}
	return nil
}

// wrong describes the value that begins at start as none of type t.
func (p *jsonParser) wrong(t *Type, start int, d verdict) error {
	p.i = start
	if err := p.skip(0); err != nil {
		return err
	}
	return &misfit{verdict: d, value: clip(string(p.b[start:p.i])), typ: t}
}

// value reads the value at p.i as type t.
func (p *jsonParser) value(t *Type, depth int) (Value, error) {
	c := p.space()
	start := p.i
	if c == 'n' {
		return Null, p.literal("null")
	}
	switch t.Kind {
	case KindJSON:
		return p.json(depth)
	case KindList:
		if c == '[' {
			return p.list(t, depth)
		}
		return Null, p.wrong(t, start, notOfType)
	case KindStruct:
		if c == '{' {
			return p.structure(t, depth)
		}
		return Null, p.wrong(t, start, notOfType)
	case KindBool:
		switch c {
		case 't':
			return Bool(true), p.literal("true")
		case 'f':
			return Bool(false), p.literal("false")
		}
		return Null, p.wrong(t, start, notOfType)
	}
	if c == '"' {
		s, err := p.str()
		if err != nil {
			return Null, err
		}
		if t.Kind == KindString {
			return String(share(s)), nil
		}
		v, d := t.scalar(share(s))
		if d != fits {
			return Null, &misfit{verdict: d, value: string(s), typ: t}
		}
		return v, nil
	}
	switch t.Kind {
	case KindInt64, KindDouble, KindDecimal:
		end := numberEnd(p.b, start)
		if end == start {
			break
		}
		v, d := t.scalar(share(p.b[start:end:end]))
		if d != fits {
			return Null, p.wrong(t, start, d)
		}
		p.i = end
		return v, nil
	}
	return Null, p.wrong(t, start, notOfType)
}

func (p *jsonParser) list(t *Type, depth int) (Value, error) {
	if depth > maxJSONDepth {
		return Null, p.deep()
	}
	p.i++
	if p.space() == ']' {
		p.i++
		return List(), nil
	}
	base := len(p.stack)
	defer func() { p.stack = p.stack[:base] }()
	for {
		v, err := p.value(t.Elem, depth+1)
		if err != nil {
			return Null, under(err, "["+strconv.Itoa(len(p.stack)-base)+"]")
		}
		p.stack = append(p.stack, v)
		switch p.space() {
		case ',':
			p.i++
		case ']':
			p.i++
			return List(append(p.room(len(p.stack) - base)[:0], p.stack[base:]...)...), nil
		default:
			return Null, p.broken()
		}
	}
}

func (p *jsonParser) structure(t *Type, depth int) (Value, error) {
	row := p.room(len(t.Fields))
	c := columns{fields: t.Fields}
	if err := p.object(&c, row, depth); err != nil {
		return Null, err
	}
	return Struct(row...), nil
}

// json reads any value as its compact text. The number literals stay as they
// are; strings are written with the fewest escapes, so that equal values have
// equal texts unless numbers or the order of keys differ.
func (p *jsonParser) json(depth int) (Value, error) {
	start := p.i
	if err := p.skip(depth); err != nil {
		return Null, err
	}
	raw := p.b[start:p.i:p.i]
	if raw[0] != '{' && raw[0] != '[' && raw[0] != '"' {
		return text(KindJSON, share(raw)), nil
	}
	out, err := jsontext.AppendFormat(make([]byte, 0, len(raw)), raw)
	if err != nil {
		// The text is well-formed, so an object has a name twice.
		m := &misfit{verdict: twiceKey}
		if bad, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
			m.path = bad.JSONPointer.LastToken()
		}
		return Null, m
	}
	return text(KindJSON, share(out)), nil
}
