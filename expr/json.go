package expr

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
)

// A JSON document keeps the order of its keys and the digits of its numbers:
// nothing that a path does not touch changes. Its values are *object, *array,
// string, json.Number, bool and nil.
type object struct {
	keys []string
	vals map[string]any
}

type array struct{ items []any }

func (o *object) set(k string, v any) {
	if _, ok := o.vals[k]; !ok {
		o.keys = append(o.keys, k)
	}
	o.vals[k] = v
}

func (o *object) remove(k string) {
	delete(o.vals, k)
	for i, have := range o.keys {
		if have == k {
			o.keys = append(o.keys[:i:i], o.keys[i+1:]...)
			return
		}
	}
}

const maxJSONDepth = 200

func readJSON(s string) (any, error) {
	d := json.NewDecoder(strings.NewReader(s))
	d.UseNumber()
	v, err := readValue(d, 0)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("something follows the value")
	}
	return v, nil
}

func readValue(d *json.Decoder, depth int) (any, error) {
	if depth > maxJSONDepth {
		return nil, errors.New("nested too deep")
	}
	tok, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch tok {
	case json.Delim('{'):
		o := &object{vals: map[string]any{}}
		for d.More() {
			k, err := d.Token()
			if err != nil {
				return nil, err
			}
			v, err := readValue(d, depth+1)
			if err != nil {
				return nil, err
			}
			o.set(k.(string), v) // the decoder gives keys as strings
		}
		_, err = d.Token()
		return o, err
	case json.Delim('['):
		a := &array{}
		for d.More() {
			v, err := readValue(d, depth+1)
			if err != nil {
				return nil, err
			}
			a.items = append(a.items, v)
		}
		_, err = d.Token()
		return a, err
	}
	return tok, nil
}

func writeJSON(b *strings.Builder, v any) {
	switch v := v.(type) {
	case *object:
		b.WriteByte('{')
		for i, k := range v.keys {
			if i > 0 {
				b.WriteByte(',')
			}
			writeString(b, k)
			b.WriteByte(':')
			writeJSON(b, v.vals[k])
		}
		b.WriteByte('}')
	case *array:
		b.WriteByte('[')
		for i, item := range v.items {
			if i > 0 {
				b.WriteByte(',')
			}
			writeJSON(b, item)
		}
		b.WriteByte(']')
	case string:
		writeString(b, v)
	case json.Number:
		b.WriteString(v.String())
	case bool:
		b.WriteString([]string{"false", "true"}[b2i(v)])
	default:
		b.WriteString("null")
	}
}

func writeString(b *strings.Builder, s string) {
	var one strings.Builder
	e := json.NewEncoder(&one)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string into memory
	b.WriteString(strings.TrimSuffix(one.String(), "\n"))
}

// shown is a value as the text of an expression: a string bare, a list of one
// as what is in it, and anything else as JSON.
func shown(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case *array:
		if len(v.items) == 1 {
			return shown(v.items[0])
		}
	}
	var b strings.Builder
	writeJSON(&b, v)
	return b.String()
}
