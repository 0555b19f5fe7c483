package record

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/weirflow/weir/fault"
)

// Schema is the columns of a table, in order. It is not changed after it was
// made; make one with NewSchema or by unmarshalling its JSON form
//
//	[["uid","string"],["tags","list<string>"]]
//
// both of which refuse an empty name and a name that stands twice.
type Schema struct {
	// Fields are the columns in order.
	Fields []Field
}

// NewSchema returns the schema of these columns, or what is wrong with them.
func NewSchema(fields ...Field) (*Schema, error) {
	if err := checkFields(fields, 0); err != nil {
		return nil, err
	}
	return &Schema{Fields: fields}, nil
}

// MustSchema returns the schema of pairs of name and type text, such as
// MustSchema("uid", "string", "tags", "list<string>"). It is for schemas that
// stand in the source: it panics where they are wrong.
func MustSchema(pairs ...string) *Schema {
	fields := make([]Field, 0, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		fields = append(fields, Field{pairs[i], MustParseType(pairs[i+1])})
	}
	s, err := NewSchema(fields...)
	if err != nil {
		panic(err)
	}
	return s
}

// ParseSchema reads the JSON form of a schema.
func ParseSchema(b []byte) (*Schema, error) {
	s := new(Schema)
	if err := s.UnmarshalJSON(b); err != nil {
		return nil, err
	}
	return s, nil
}

// Index returns the position of the column with exactly that name, or -1.
func (s *Schema) Index(name string) int {
	for i := range s.Fields {
		if s.Fields[i].Name == name {
			return i
		}
	}
	return -1
}

// Equal reports whether both have the same columns in the same order.
func (s *Schema) Equal(o *Schema) bool { return equalFields(s.Fields, o.Fields) }

// Places returns where each column of s stands in rows of the schema have, nil
// when the order is the same. It reports false when the two differ in more than
// the order of their columns.
func (s *Schema) Places(have *Schema) (at []int, ok bool) {
	if s.Equal(have) {
		return nil, true
	}
	if len(s.Fields) != len(have.Fields) {
		return nil, false
	}
	at = make([]int, len(s.Fields))
	for i, f := range s.Fields {
		if at[i] = have.Index(f.Name); at[i] < 0 || !have.Fields[at[i]].Type.Equal(f.Type) {
			return nil, false
		}
	}
	return at, true
}

// Names returns the names of the columns in order.
func (s *Schema) Names() []string {
	out := make([]string, len(s.Fields))
	for i := range s.Fields {
		out[i] = s.Fields[i].Name
	}
	return out
}

// String returns the JSON form.
func (s *Schema) String() string { return string(s.canonical()) }

// Hash returns the lower-case hexadecimal SHA-256 of the canonical JSON form,
// under which a schema is stored once however many contents follow it.
func (s *Schema) Hash() string {
	sum := sha256.Sum256(s.canonical())
	return hex.EncodeToString(sum[:])
}

func (s *Schema) canonical() []byte {
	b := []byte{'['}
	for i := range s.Fields {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '[')
		b = appendJSONString(b, s.Fields[i].Name)
		b = append(b, ',')
		b = appendJSONString(b, s.Fields[i].Type.String())
		b = append(b, ']')
	}
	return append(b, ']')
}

// MarshalJSON returns the canonical JSON form: pairs of name and type text,
// without spaces.
func (s Schema) MarshalJSON() ([]byte, error) { return s.canonical(), nil }

// UnmarshalJSON reads the JSON form; whatever is not exactly that is refused.
func (s *Schema) UnmarshalJSON(b []byte) error {
	var pairs []json.RawMessage
	if !utf8.Valid(b) || json.Unmarshal(b, &pairs) != nil || pairs == nil {
		return fault.New("schema_not_pairs", "found", clip(string(b))).Permanent()
	}
	fields := make([]Field, len(pairs))
	for i, raw := range pairs {
		var pair []*string
		if json.Unmarshal(raw, &pair) != nil || len(pair) != 2 || pair[0] == nil || pair[1] == nil {
			return fault.New("schema_bad_column", "column", i+1, "found", clip(string(raw))).Permanent()
		}
		t, err := ParseType(*pair[1])
		if err != nil {
			return fmt.Errorf("column %q: %w", *pair[0], err)
		}
		fields[i] = Field{*pair[0], t}
	}
	if err := checkFields(fields, 0); err != nil {
		return err
	}
	s.Fields = fields
	return nil
}

// Diff says in English, one sentence a line, how the schema o differs from s; it
// is empty when they are equal.
func (s *Schema) Diff(o *Schema) string {
	var b bytes.Buffer
	for i := range s.Fields {
		f := &s.Fields[i]
		j := o.Index(f.Name)
		switch {
		case j < 0:
			fmt.Fprintf(&b, "Column %s (%s) is gone.\n", f.Name, f.Type)
		case !f.Type.Equal(o.Fields[j].Type):
			fmt.Fprintf(&b, "Column %s was %s and is %s.\n", f.Name, f.Type, o.Fields[j].Type)
		}
	}
	for i := range o.Fields {
		if f := &o.Fields[i]; s.Index(f.Name) < 0 {
			fmt.Fprintf(&b, "Column %s (%s) is new.\n", f.Name, f.Type)
		}
	}
	if b.Len() == 0 && !s.Equal(o) {
		fmt.Fprintf(&b, "The columns stand in another order: %s.\n", strings.Join(o.Names(), ", "))
	}
	return b.String()
}
