package processors

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/weirflow/weir/fault"
)

// textWidth is how wide Text writes: what every terminal shows.
const textWidth = 80

// Text writes the reference of a kind for a terminal, in a language.
func Text(w io.Writer, info Info, lang fault.Lang) error {
	r := reference{info, lang}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", info.Kind)
	wrap(&b, "  ", info.Doc.In(lang))
	wrap(&b, "  ", strings.ReplaceAll(r.nature(), "`", ""))
	section := func(title fault.Entry) { fmt.Fprintf(&b, "\n%s\n", strings.ToUpper(title.In(lang))) }
	if len(info.Inputs) > 0 {
		section(phrase.inputs)
		for _, in := range info.Inputs {
			item(&b, orMain(in.Name), "", in.Doc.In(lang)+r.inputNotes(in))
		}
		if info.InputsFrom != "" {
			item(&b, r.say(phrase.eachEntry, info.InputsFrom), "", r.say(phrase.eachEntryDoc))
		}
	}
	if len(info.Outputs) > 0 || info.OutputsFrom != "" {
		section(phrase.outputs)
		for _, o := range info.Outputs {
			item(&b, string(o.Name), r.className(o.Class), o.Doc.In(lang))
		}
		if info.OutputsFrom != "" {
			item(&b, r.say(phrase.eachKey, info.OutputsFrom), r.say(phrase.forward), r.say(phrase.eachKeyDoc))
		}
	}
	if len(info.Properties) > 0 {
		section(phrase.properties)
		for _, p := range info.Properties {
			note := r.typeName(p)
			switch {
			case p.Required:
				note += ", " + r.say(phrase.required)
			case p.Default != "":
				note += ", " + r.say(phrase.byDefault, p.Default)
			}
			item(&b, p.Key, note, p.Doc.In(lang)+strings.ReplaceAll(r.propertyNotes(p), "`", ""))
		}
	}
	if len(info.Needs) > 0 {
		section(phrase.needs)
		for _, n := range info.Needs {
			what := r.needText(n.Value, n.Property)
			if on := r.needText(n.On, n.OnProperty); on != "" {
				what = r.say(phrase.on, what, on)
			}
			item(&b, strings.ReplaceAll(what, "`", ""), string(n.Kind), n.Why.In(lang))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// item writes a name with a note, and its text indented below.
func item(b *strings.Builder, name, note, doc string) {
	b.WriteString("  " + name)
	if note != "" {
		b.WriteString(" (" + note + ")")
	}
	b.WriteString("\n")
	wrap(b, "      ", doc)
}

// wrap writes a text in lines that fit the terminal.
func wrap(b *strings.Builder, indent, text string) {
	line := 0
	for _, word := range strings.Fields(text) {
		n := columns(word)
		switch {
		case line == 0:
			b.WriteString(indent)
			line = len(indent)
		case line+1+n > textWidth:
			b.WriteString("\n" + indent)
			line = len(indent)
		default:
			b.WriteString(" ")
			line++
		}
		b.WriteString(word)
		line += n
	}
	if line > 0 {
		b.WriteString("\n")
	}
}

// columns is how wide a terminal shows a word: Korean letters take two columns.
func columns(word string) int {
	n := utf8.RuneCountInString(word)
	for _, r := range word {
		if unicode.Is(unicode.Hangul, r) {
			n++
		}
	}
	return n
}
