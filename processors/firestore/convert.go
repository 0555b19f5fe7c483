package firestore

import (
	"cmp"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/weirflow/weir/record"
)

// maxDepth bounds nesting; Firestore itself allows 20 levels.
const maxDepth = 100

// misfit is a value that its column cannot hold without loss.
type misfit struct {
	path  string
	found string
	typ   record.Type
}

func (m *misfit) Error() string {
	return m.path + " is " + m.found + ", not " + m.typ.String()
}

// under puts an enclosing field or element in front of a misfit's path.
func under(err error, name string) error {
	if m, ok := err.(*misfit); ok {
		if m.path != "" && m.path[0] != '[' {
			name += "."
		}
		m.path = name + m.path
	}
	return err
}

func isNot(v value, t record.Type) error {
	found := v.typeName()
	switch v.kind {
	case kindInteger:
		found += " " + strconv.FormatInt(v.integer(), 10)
	case kindDouble:
		found += " " + strconv.FormatFloat(v.double(), 'g', -1, 64)
	case kindString:
		found += " " + strconv.Quote(clip(v.text()))
	}
	return &misfit{found: found, typ: t}
}

// clip shortens a value that is shown to a person.
func clip(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:59]) + "…"
	}
	return s
}

// converter turns Firestore values into columns' values. It is used by one
// goroutine at a time.
type converter struct {
	// stray is told of a map's field that the struct it goes to has no place for;
	// it may refuse it.
	stray func(path string, v value) error
	json  []byte // scratch
	path  []byte // of the struct being filled
}

// to converts v to type t, or returns a *misfit or what is wrong with the wire
// form. Nothing is changed but the form: an integer may become a double or a
// decimal that is exactly as large, a reference its path, any value json.
func (c *converter) to(t *record.Type, v value, depth int) (record.Value, error) {
	if v.kind == kindNull {
		return record.Null, nil
	}
	if depth > maxDepth {
		return record.Null, isNot(v, *t)
	}
	switch t.Kind {
	case record.KindBool:
		if v.kind == kindBool {
			return record.Bool(v.boolean()), nil
		}
	case record.KindInt64:
		if v.kind == kindInteger {
			return record.Int64(v.integer()), nil
		}
	case record.KindDouble:
		switch {
		case v.kind == kindDouble:
			return record.Double(v.double()), nil
		case v.kind == kindInteger && exact(v.integer()):
			return record.Double(float64(v.integer())), nil
		}
	case record.KindDecimal:
		if v.kind == kindInteger {
			d, err := record.Parse(*t, strconv.FormatInt(v.integer(), 10))
			if err != nil {
				return record.Null, isNot(v, *t)
			}
			return d, nil
		}
	case record.KindString:
		if v.kind == kindString || v.kind == kindReference {
			return record.String(v.text()), nil
		}
	case record.KindBytes:
		if v.kind == kindBytes {
			return record.Bytes(v.b), nil
		}
	case record.KindTimestamp:
		if v.kind == kindTimestamp {
			return record.Timestamp(v.micros()), nil
		}
	case record.KindJSON:
		return c.toJSON(v, depth)
	case record.KindList:
		return c.toList(t, v, depth)
	case record.KindStruct:
		return c.toStruct(t, v, depth)
	}
	return record.Null, isNot(v, *t)
}

// exact reports whether a double holds i without rounding.
func exact(i int64) bool {
	f := float64(i)
	return f < 1<<63 && int64(f) == i
}

func (c *converter) toJSON(v value, depth int) (record.Value, error) {
	b, err := appendJSON(c.json[:0], v, depth)
	if err != nil {
		return record.Null, err
	}
	c.json = b
	return record.CompactJSON(string(b)), nil
}

func (c *converter) toList(t *record.Type, v value, depth int) (record.Value, error) {
	if v.kind == kindMap {
		fields, err := readMap(v.b, nil)
		if err != nil {
			return record.Null, err
		}
		elements, ok := vectorOf(fields)
		if !ok {
			return record.Null, isNot(v, *t)
		}
		v = elements
	}
	if v.kind != kindArray {
		return record.Null, isNot(v, *t)
	}
	var items []record.Value
	err := readArray(v.b, func(e value) error {
		item, err := c.to(t.Elem, e, depth+1)
		if err != nil {
			return under(err, "["+strconv.Itoa(len(items))+"]")
		}
		items = append(items, item)
		return nil
	})
	if err != nil {
		return record.Null, err
	}
	return record.List(items...), nil
}

func (c *converter) toStruct(t *record.Type, v value, depth int) (record.Value, error) {
	items := make([]record.Value, len(t.Fields))
	switch v.kind {
	case kindMap:
		fields, err := readMap(v.b, nil)
		if err != nil {
			return record.Null, err
		}
		return record.Struct(items...), c.fill(t, items, fields, depth)
	case kindGeo:
		lat, lng, err := readGeo(v.b)
		if err != nil {
			return record.Null, err
		}
		for i, f := range t.Fields {
			switch {
			case f.Type.Kind == record.KindDouble && f.Name == "lat":
				items[i] = record.Double(lat)
			case f.Type.Kind == record.KindDouble && f.Name == "lng":
				items[i] = record.Double(lng)
			default:
				return record.Null, isNot(v, *t)
			}
		}
		if len(items) == 2 {
			return record.Struct(items...), nil
		}
	}
	return record.Null, isNot(v, *t)
}

// fill sets the items of a struct from a map's fields.
func (c *converter) fill(t *record.Type, items []record.Value, fields []field, depth int) error {
	at := len(c.path)
	defer func() { c.path = c.path[:at] }()
	for _, f := range fields {
		c.path = append(append(c.path[:at], '.'), f.name...)
		i := slices.IndexFunc(t.Fields, func(tf record.Field) bool { return tf.Name == f.name })
		if i < 0 {
			if c.stray != nil {
				if err := c.stray(string(c.path), f.v); err != nil {
					return err
				}
			}
			continue
		}
		var err error
		if items[i], err = c.to(&t.Fields[i].Type, f.v, depth+1); err != nil {
			return under(err, f.name)
		}
	}
	return nil
}

var (
	jsonString    = record.Of(record.KindString)
	jsonInteger   = record.Of(record.KindInt64)
	jsonDouble    = record.Of(record.KindDouble)
	jsonTimestamp = record.Of(record.KindTimestamp)
	jsonBytes     = record.Of(record.KindBytes)
)

// appendJSON appends any value as JSON, in the forms that records have: an
// integer beyond 2^53-1, NaN and the infinities, bytes, timestamps and
// references are strings; a geopoint is {"lat":,"lng":}, a vector its elements.
// The keys of a map are sorted, because Firestore promises no order.
func appendJSON(b []byte, v value, depth int) ([]byte, error) {
	if depth > maxDepth {
		return b, isNot(v, record.Of(record.KindJSON))
	}
	switch v.kind {
	case kindNull:
		return append(b, "null"...), nil
	case kindBool:
		return strconv.AppendBool(b, v.boolean()), nil
	case kindInteger:
		return record.AppendJSON(b, jsonInteger, record.Int64(v.integer()))
	case kindDouble:
		return record.AppendJSON(b, jsonDouble, record.Double(v.double()))
	case kindTimestamp:
		return record.AppendJSON(b, jsonTimestamp, record.Timestamp(v.micros()))
	case kindString, kindReference:
		return appendString(b, v.text())
	case kindBytes:
		return record.AppendJSON(b, jsonBytes, record.Bytes(v.b))
	case kindGeo:
		lat, lng, err := readGeo(v.b)
		if err != nil {
			return b, err
		}
		b, _ = record.AppendJSON(append(b, `{"lat":`...), jsonDouble, record.Double(lat))
		b, _ = record.AppendJSON(append(b, `,"lng":`...), jsonDouble, record.Double(lng))
		return append(b, '}'), nil
	case kindArray:
		return appendArray(b, v, depth)
	case kindMap:
		fields, err := readMap(v.b, make([]field, 0, 8))
		if err != nil {
			return b, err
		}
		if elements, ok := vectorOf(fields); ok {
			return appendArray(b, elements, depth)
		}
		return appendObject(b, fields, depth)
	}
	return b, isNot(v, record.Of(record.KindJSON))
}

func appendArray(b []byte, v value, depth int) ([]byte, error) {
	b = append(b, '[')
	n := 0
	err := readArray(v.b, func(e value) (err error) {
		if n > 0 {
			b = append(b, ',')
		}
		n++
		if b, err = appendJSON(b, e, depth+1); err != nil {
			return under(err, "["+strconv.Itoa(n-1)+"]")
		}
		return nil
	})
	return append(b, ']'), err
}

// appendObject appends fields, which it sorts, as an object.
func appendObject(b []byte, fields []field, depth int) ([]byte, error) {
	byName := func(x, y field) int { return cmp.Compare(x.name, y.name) }
	if !slices.IsSortedFunc(fields, byName) {
		slices.SortStableFunc(fields, byName)
	}
	b = append(b, '{')
	start := len(b)
	for i, f := range fields {
		if i+1 < len(fields) && fields[i+1].name == f.name {
			continue // a key that comes twice has its last value, as in any message
		}
		if len(b) > start {
			b = append(b, ',')
		}
		var err error
		if b, err = appendString(b, f.name); err != nil {
			return b, err
		}
		if b, err = appendJSON(append(b, ':'), f.v, depth+1); err != nil {
			return b, under(err, f.name)
		}
	}
	return append(b, '}'), nil
}

// appendString appends a text in quotes. One that is not UTF-8, which no
// Firestore client can have written, is a misfit.
func appendString(b []byte, s string) ([]byte, error) {
	if plain(s) {
		return append(append(append(b, '"'), s...), '"'), nil
	}
	out, err := record.AppendJSON(b, jsonString, record.String(s))
	if err != nil {
		return b, &misfit{found: "a text that is not UTF-8", typ: jsonString}
	}
	return out, nil
}

// plain reports whether a text stands in JSON as it is.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' {
			return false
		}
	}
	return utf8.ValidString(s)
}
