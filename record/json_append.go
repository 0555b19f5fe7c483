package record

import (
	"encoding/base64"
	"strconv"
)

const hexDigits = "0123456789abcdef"

// appendJSONString appends s, which is valid UTF-8, in quotes, escaping only what
// JSON requires.
func appendJSONString(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if plainByte[c] {
			continue
		}
		b = append(b, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}

// appendJSON appends v as JSON, or returns a misfit and what is to be thrown away.
func (t *Type) appendJSON(b []byte, v Value) ([]byte, error) {
	if v.kind == KindNull {
		return append(b, "null"...), nil
	}
	if d := t.admits(v); d != fits {
		return b, misfitOf(d, t, v)
	}
	switch v.kind {
	case KindBool:
		return strconv.AppendBool(b, v.num != 0), nil
	case KindInt64:
		if i := int64(v.num); i >= -maxSafe && i <= maxSafe {
			return strconv.AppendInt(b, i, 10), nil
		}
	case KindDouble:
		if f := v.Double(); finite(f) {
			return appendDouble(b, f), nil
		}
	case KindString:
		return appendJSONString(b, v.str()), nil
	case KindBytes:
		b = append(b, '"')
		b = base64.StdEncoding.AppendEncode(b, v.Bytes())
		return append(b, '"'), nil
	case KindJSON:
		return append(b, v.str()...), nil
	case KindList:
		return t.appendList(b, v.items())
	case KindStruct:
		return t.appendStruct(b, v.items())
	}
	b = append(b, '"')
	b = appendScalar(b, v)
	return append(b, '"'), nil
}

func (t *Type) appendList(b []byte, items []Value) ([]byte, error) {
	b = append(b, '[')
	var err error
	for i, it := range items {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = t.Elem.appendJSON(b, it); err != nil {
			return b, under(err, "["+strconv.Itoa(i)+"]")
		}
	}
	return append(b, ']'), nil
}

func (t *Type) appendStruct(b []byte, items []Value) ([]byte, error) {
	b = append(b, '{')
	var err error
	for i, it := range items {
		if i > 0 {
			b = append(b, ',')
		}
		f := &t.Fields[i]
		b = appendJSONString(b, f.Name)
		b = append(b, ':')
		if b, err = f.Type.appendJSON(b, it); err != nil {
			return b, under(err, f.Name)
		}
	}
	return append(b, '}'), nil
}

// AppendJSON appends v as it stands in an NDJSON row.
func AppendJSON(b []byte, t Type, v Value) ([]byte, error) {
	out, err := t.appendJSON(b, v)
	if m, ok := err.(*misfit); ok {
		return b, m.alone()
	}
	return out, err
}

// rowEncoder appends whole rows as JSON objects.
type rowEncoder struct {
	schema *Schema
	keys   []string // {"a": and ,"b": ready to copy
}

func newRowEncoder(s *Schema) rowEncoder {
	e := rowEncoder{schema: s, keys: make([]string, len(s.Fields))}
	for i := range s.Fields {
		k := []byte{','}
		if i == 0 {
			k[0] = '{'
		}
		k = appendJSONString(k, s.Fields[i].Name)
		e.keys[i] = string(append(k, ':'))
	}
	return e
}

func (e *rowEncoder) append(b []byte, row []Value) ([]byte, error) {
	if len(row) == 0 {
		return append(b, "{}"...), nil
	}
	var err error
	for i := range row {
		b = append(b, e.keys[i]...)
		f := &e.schema.Fields[i]
		if b, err = f.Type.appendJSON(b, row[i]); err != nil {
			return b, under(err, f.Name)
		}
	}
	return append(b, '}'), nil
}
