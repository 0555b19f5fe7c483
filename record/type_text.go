package record

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/internal/near"
)

// maxTypeDepth bounds how deep lists and structs may nest in a type.
const maxTypeDepth = 32

// maxPrecision is the number of digits a decimal may have.
const maxPrecision = 76

// String returns the text of the type, such as list<struct<a:int64,"b c":date>>,
// which ParseType reads back.
func (t Type) String() string { return string(t.appendText(nil)) }

func (t *Type) appendText(b []byte) []byte {
	switch t.Kind {
	case KindDecimal:
		b = append(b, "decimal("...)
		b = strconv.AppendInt(b, int64(t.Precision), 10)
		b = append(b, ',')
		b = strconv.AppendInt(b, int64(t.Scale), 10)
		return append(b, ')')
	case KindList:
		b = append(b, "list<"...)
		if t.Elem != nil {
			b = t.Elem.appendText(b)
		}
		return append(b, '>')
	case KindStruct:
		b = append(b, "struct<"...)
		for i := range t.Fields {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendName(b, t.Fields[i].Name)
			b = append(b, ':')
			b = t.Fields[i].Type.appendText(b)
		}
		return append(b, '>')
	}
	return append(b, t.Kind.String()...)
}

func appendName(b []byte, name string) []byte {
	for i := 0; i < len(name); i++ {
		if !wordByte(name[i], i > 0) {
			return appendJSONString(b, name)
		}
	}
	return append(b, name...)
}

func wordByte(c byte, digits bool) bool {
	return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' || digits && c >= '0' && c <= '9'
}

// MarshalText returns the text of the type.
func (t Type) MarshalText() ([]byte, error) { return t.appendText(nil), nil }

// UnmarshalText reads the text of a type as ParseType does.
func (t *Type) UnmarshalText(b []byte) error {
	got, err := ParseType(string(b))
	if err != nil {
		return err
	}
	*t = got
	return nil
}

// ParseType reads the text of a type: a plain name (bool, int64, double, string,
// bytes, timestamp, date, json), decimal(P,S) or decimal for decimal(38,9),
// list<TYPE>, or struct<NAME:TYPE,...> with a name in JSON quotes unless it is a
// word of letters, digits and underscores. Space between the parts is skipped.
// Its faults name the position of the first wrong character, from 1.
func ParseType(text string) (Type, error) {
	p := typeParser{text: text}
	t, err := p.parse(0)
	if err != nil {
		return Type{}, err
	}
	if p.space(); p.i < len(text) {
		return Type{}, p.wrong()
	}
	return t, nil
}

// MustParseType is ParseType for texts that stand in the source; it panics where
// ParseType would return an error.
func MustParseType(text string) Type {
	t, err := ParseType(text)
	if err != nil {
		panic(err)
	}
	return t
}

type typeParser struct {
	text string
	i    int
}

func (p *typeParser) position() int { return utf8.RuneCountInString(p.text[:p.i]) + 1 }

func (p *typeParser) wrong() error {
	rest := p.text[p.i:]
	if rest == "" {
		return fault.New("type_unfinished", "text", p.text).Permanent()
	}
	return fault.New("type_syntax", "text", p.text, "position", p.position(), "found", clip(rest)).Permanent()
}

func (p *typeParser) space() {
	for p.i < len(p.text) && p.text[p.i] == ' ' {
		p.i++
	}
}

func (p *typeParser) take(c byte) bool {
	p.space()
	if p.i < len(p.text) && p.text[p.i] == c {
		p.i++
		return true
	}
	return false
}

func (p *typeParser) word() string {
	p.space()
	start := p.i
	for p.i < len(p.text) && wordByte(p.text[p.i], p.i > start) {
		p.i++
	}
	return p.text[start:p.i]
}

func (p *typeParser) parse(depth int) (Type, error) {
	if depth > maxTypeDepth {
		return Type{}, fault.New("type_too_deep", "limit", maxTypeDepth).Permanent()
	}
	p.space()
	at := p.position()
	w := p.word()
	if w == "" {
		return Type{}, p.wrong()
	}
	k := Kind(slices.Index(kindNames[:], w) & 0xff)
	switch k {
	case KindBool, KindInt64, KindDouble, KindString, KindBytes, KindTimestamp, KindDate, KindJSON:
		return Of(k), nil
	case KindDecimal:
		return p.decimal()
	case KindList:
		if !p.take('<') {
			return Type{}, p.wrong()
		}
		elem, err := p.parse(depth + 1)
		if err != nil {
			return Type{}, err
		}
		if !p.take('>') {
			return Type{}, p.wrong()
		}
		return ListOf(elem), nil
	case KindStruct:
		return p.structure(depth)
	}
	return Type{}, fault.New("type_unknown", "text", p.text, "position", at, "name", w, "nearest", nearestType(w)).Permanent()
}

func (p *typeParser) decimal() (Type, error) {
	if !p.take('(') {
		return Of(KindDecimal), nil
	}
	n, ok := p.number()
	if !ok {
		return Type{}, p.wrong()
	}
	t := DecimalOf(n, 0)
	if p.take(',') {
		if t.Scale, ok = p.number(); !ok {
			return Type{}, p.wrong()
		}
	}
	if !p.take(')') {
		return Type{}, p.wrong()
	}
	return t, t.check(0)
}

func (p *typeParser) number() (int, bool) {
	p.space()
	start := p.i
	for p.i < len(p.text) && p.text[p.i] >= '0' && p.text[p.i] <= '9' {
		p.i++
	}
	n, err := strconv.Atoi(p.text[start:p.i])
	return n, err == nil
}

func (p *typeParser) structure(depth int) (Type, error) {
	if !p.take('<') {
		return Type{}, p.wrong()
	}
	var fields []Field
	for {
		name, err := p.name()
		if err != nil {
			return Type{}, err
		}
		if !p.take(':') {
			return Type{}, p.wrong()
		}
		t, err := p.parse(depth + 1)
		if err != nil {
			return Type{}, err
		}
		fields = append(fields, Field{name, t})
		if p.take('>') {
			t := StructOf(fields...)
			return t, t.check(depth)
		}
		if !p.take(',') {
			return Type{}, p.wrong()
		}
	}
}

func (p *typeParser) name() (string, error) {
	p.space()
	if p.i < len(p.text) && p.text[p.i] == '"' {
		for j := p.i + 1; j < len(p.text); j++ {
			switch p.text[j] {
			case '\\':
				j++
			case '"':
				var s string
				if json.Unmarshal([]byte(p.text[p.i:j+1]), &s) != nil || !utf8.ValidString(p.text) {
					return "", p.wrong()
				}
				p.i = j + 1
				return s, nil
			}
		}
		return "", p.wrong()
	}
	if w := p.word(); w != "" {
		return w, nil
	}
	return "", p.wrong()
}

// check reports what is wrong with a type made by hand.
func (t *Type) check(depth int) error {
	if depth > maxTypeDepth {
		return fault.New("type_too_deep", "limit", maxTypeDepth).Permanent()
	}
	switch t.Kind {
	case KindBool, KindInt64, KindDouble, KindString, KindBytes, KindTimestamp, KindDate, KindJSON:
		return nil
	case KindDecimal:
		if t.Precision < 1 || t.Precision > maxPrecision || t.Scale < 0 || t.Scale > t.Precision {
			return fault.New("type_decimal", "type", t.String(), "limit", maxPrecision).Permanent()
		}
		return nil
	case KindList:
		if t.Elem != nil {
			return t.Elem.check(depth + 1)
		}
	case KindStruct:
		if len(t.Fields) > 0 {
			return checkFields(t.Fields, depth+1)
		}
	}
	return fault.New("type_unfinished", "text", t.String()).Permanent()
}

func checkFields(fields []Field, depth int) error {
	seen := make(map[string]int, len(fields))
	for i := range fields {
		name := fields[i].Name
		if name == "" {
			return fault.New("schema_empty_name", "column", i+1).Permanent()
		}
		if !utf8.ValidString(name) {
			return fault.New("schema_bad_name", "column", i+1, "name", strconv.Quote(name)).Permanent()
		}
		if first, twice := seen[name]; twice {
			return fault.New("schema_duplicate_name", "name", name, "first", first+1, "second", i+1).Permanent()
		}
		seen[name] = i
		if err := fields[i].Type.check(depth); err != nil {
			return err
		}
	}
	return nil
}

// otherNames are what other systems call our types.
var otherNames = map[string]string{
	"boolean": "bool", "int": "int64", "integer": "int64", "bigint": "int64", "long": "int64", "int32": "int64",
	"float": "double", "float64": "double", "number": "double", "real": "double",
	"numeric": "decimal(38,9)", "bignumeric": "decimal(76,38)",
	"text": "string", "varchar": "string", "str": "string", "char": "string", "reference": "string",
	"blob": "bytes", "binary": "bytes", "bytea": "bytes",
	"datetime": "timestamp", "time": "timestamp", "timestamptz": "timestamp",
	"array": "list<string>", "list": "list<string>", "vector": "list<double>", "repeated": "list<string>",
	"record": "struct<name:string>", "map": "json", "object": "json", "variant": "json", "any": "json",
}

// nearestType returns the type that somebody who wrote w most likely meant.
func nearestType(w string) string {
	w = strings.ToLower(w)
	if t, ok := otherNames[w]; ok {
		return t
	}
	best, least := "string", 1<<30
	for _, name := range kindNames[1:] {
		if d := near.Distance(w, name); d < least {
			best, least = name, d
		}
	}
	if t, ok := otherNames[best]; ok {
		return t
	}
	if best == "struct" {
		return "struct<name:string>"
	}
	return best
}

// clip shortens what an error message quotes.
func clip(s string) string {
	const most = 80
	s = strings.ToValidUTF8(s, "\ufffd")
	if len(s) <= most {
		return s
	}
	cut := most
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}
