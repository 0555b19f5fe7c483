package processors

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// textWidth is how wide Text writes: what every terminal shows.
const textWidth = 80

// Text writes the reference of a kind for a terminal.
func Text(w io.Writer, info Info) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", info.Kind)
	wrap(&b, "  ", info.Doc)
	wrap(&b, "  ", strings.ReplaceAll(nature(info), "`", ""))
	section := func(name string) { fmt.Fprintf(&b, "\n%s\n", name) }
	if len(info.Inputs) > 0 {
		section("INPUTS")
		for _, in := range info.Inputs {
			item(&b, orMain(in.Name), "", in.Doc+inputNotes(in))
		}
		if info.InputsFrom != "" {
			item(&b, "each entry of "+info.InputsFrom, "", "The same, under its own name.")
		}
	}
	if len(info.Outputs) > 0 || info.OutputsFrom != "" {
		section("OUTPUTS")
		for _, o := range info.Outputs {
			item(&b, string(o.Name), className(o.Class), o.Doc)
		}
		if info.OutputsFrom != "" {
			item(&b, "each key of "+info.OutputsFrom, "forward", "What its entry chose.")
		}
	}
	if len(info.Properties) > 0 {
		section("PROPERTIES")
		for _, p := range info.Properties {
			note := typeName(p)
			switch {
			case p.Required:
				note += ", required"
			case p.Default != "":
				note += ", default " + p.Default
			}
			item(&b, p.Key, note, p.Doc+strings.ReplaceAll(propertyNotes(p), "`", ""))
		}
	}
	if len(info.Needs) > 0 {
		section("NEEDS")
		for _, n := range info.Needs {
			what := needText(n.Value, n.Property)
			if on := needText(n.On, n.OnProperty); on != "" {
				what += " on " + on
			}
			item(&b, strings.ReplaceAll(what, "`", ""), string(n.Kind), n.Why)
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
		n := utf8.RuneCountInString(word)
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
