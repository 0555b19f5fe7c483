package join

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/record"
)

// key is one line of the property keys: what of a left row must equal what of a
// right row.
type key struct {
	line        string
	left, right term
}

// term is one side of a key.
type term struct {
	column string
	// typ is the type after as; cast says that there is one.
	typ  record.Type
	cast bool
	// trim, lower and nfc change the text before it is compared.
	trim, lower, nfc bool
}

// parseKey reads a line such as
//
//	mid = uid
//	rating as int64 = "the rating" as int64
//	email as string lower trim = mail as string lower trim
//
// A name is a run of letters, digits and other characters but space, = and ", or
// a text in JSON quotes.
func parseKey(line string) (key, *fault.Error) {
	k := key{line: line}
	p := keyParser{line: line}
	if !utf8.ValidString(line) {
		return key{}, p.wrong("a line of UTF-8")
	}
	var f *fault.Error
	if k.left, f = p.term(); f != nil {
		return key{}, f
	}
	if p.space(); !p.take('=') {
		return key{}, p.wrong(`"=" between the two columns`)
	}
	if k.right, f = p.term(); f != nil {
		return key{}, f
	}
	if p.space(); p.i < len(line) {
		return key{}, p.wrong("nothing more")
	}
	return k, nil
}

type keyParser struct {
	line string
	i    int
}

func (p *keyParser) space() {
	for p.i < len(p.line) && (p.line[p.i] == ' ' || p.line[p.i] == '\t') {
		p.i++
	}
}

func (p *keyParser) take(c byte) bool {
	if p.i < len(p.line) && p.line[p.i] == c {
		p.i++
		return true
	}
	return false
}

func (p *keyParser) wrong(wanted string) *fault.Error {
	return fault.New("join_key_syntax", "line", p.line, "position", utf8.RuneCountInString(p.line[:p.i])+1, "wanted", wanted).Permanent()
}

// word takes a run of characters that end no word. Brackets keep what stands in
// them together, as in decimal(10, 2).
func (p *keyParser) word() string {
	p.space()
	start, depth := p.i, 0
	for p.i < len(p.line) {
		switch c := p.line[p.i]; {
		case c == '(' || c == '<':
			depth++
		case c == ')' || c == '>':
			depth--
		case depth <= 0 && (c == ' ' || c == '\t' || c == '=' || c == '"'):
			return p.line[start:p.i]
		}
		p.i++
	}
	return p.line[start:]
}

// peek returns the next word without taking it.
func (p *keyParser) peek() string {
	at := p.i
	w := p.word()
	p.i = at
	return w
}

// name takes a column's name.
func (p *keyParser) name() (string, *fault.Error) {
	p.space()
	if p.i < len(p.line) && p.line[p.i] == '"' {
		end := p.i + 1
		for end < len(p.line) && p.line[end] != '"' {
			if p.line[end] == '\\' {
				end++
			}
			end++
		}
		var name string
		if end >= len(p.line) || json.Unmarshal([]byte(p.line[p.i:end+1]), &name) != nil || name == "" {
			return "", p.wrong("a name in quotes")
		}
		p.i = end + 1
		return name, nil
	}
	at := p.i
	for p.i < len(p.line) && !strings.ContainsRune(" \t=\"", rune(p.line[p.i])) {
		p.i++
	}
	if p.i == at {
		return "", p.wrong("the name of a column")
	}
	return p.line[at:p.i], nil
}

// term takes NAME [as TYPE [trim] [lower] [nfc]].
func (p *keyParser) term() (term, *fault.Error) {
	var t term
	var f *fault.Error
	if t.column, f = p.name(); f != nil {
		return term{}, f
	}
	if p.peek() != "as" {
		return t, nil
	}
	p.word()
	p.space()
	at := p.i
	w := p.word()
	if w == "" {
		return term{}, p.wrong("a type, such as string or int64,")
	}
	typ, err := record.ParseType(w)
	if err != nil || !singular(typ) {
		p.i = at
		return term{}, p.wrong("a type of a single value, such as string, int64 or date,")
	}
	t.typ, t.cast = typ, true
	for {
		p.space()
		at = p.i
		var on *bool
		switch p.word() {
		case "":
			return t, nil
		case "trim":
			on = &t.trim
		case "lower":
			on = &t.lower
		case "nfc":
			on = &t.nfc
		}
		if on == nil || *on || typ.Kind != record.KindString {
			p.i = at
			return term{}, p.wrong("trim, lower or nfc, each once and after string only,")
		}
		*on = true
	}
}

// singular reports whether values of a type can be keys.
func singular(t record.Type) bool {
	switch t.Kind {
	case record.KindList, record.KindStruct, record.KindJSON:
		return false
	}
	return true
}

// column is one entry of left_columns or right_columns: NAME or NAME as NAME.
type column struct{ name, as string }

func parseColumn(entry string) (column, *fault.Error) {
	p := keyParser{line: entry}
	name, f := p.name()
	if f != nil {
		return column{}, columnSyntax(entry)
	}
	c := column{name, name}
	if p.peek() == "as" {
		p.word()
		if c.as, f = p.name(); f != nil {
			return column{}, columnSyntax(entry)
		}
	}
	if p.space(); p.i < len(entry) {
		return column{}, columnSyntax(entry)
	}
	return c, nil
}

func columnSyntax(entry string) *fault.Error {
	return fault.New("join_column_syntax", "entry", entry).Permanent()
}

// quote writes a name as it must stand in a key.
func quote(name string) string {
	if name != "" && !strings.ContainsAny(name, " \t=\"\\") && utf8.ValidString(name) {
		return name
	}
	b, err := json.Marshal(name)
	if err != nil {
		return name // a string never fails
	}
	return string(b)
}
