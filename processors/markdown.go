package processors

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
)

// Markdown writes the reference page of a kind in a language.
func Markdown(w io.Writer, info Info, lang fault.Lang) error {
	r := reference{info, lang}
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s\n", info.Kind, info.Doc.In(lang))
	if line := r.nature(); line != "" {
		fmt.Fprintf(&b, "\n%s\n", line)
	}
	if len(info.Tags) > 0 {
		fmt.Fprintf(&b, "\n%s\n", r.say(phrase.tags, strings.Join(r.tags(), ", ")))
	}
	section := func(title, head fault.Entry) {
		names := strings.Split(head.In(lang), " | ")
		fmt.Fprintf(&b, "\n## %s\n\n| %s |\n|%s\n", title.In(lang), strings.Join(names, " | "), strings.Repeat("---|", len(names)))
	}
	if len(info.Inputs) > 0 {
		section(phrase.inputs, phrase.inputHead)
		for _, in := range info.Inputs {
			fmt.Fprintf(&b, "| %s | %s |\n", code(orMain(in.Name)), cell(in.Doc.In(lang)+r.inputNotes(in)))
		}
		if info.InputsFrom != "" {
			fmt.Fprintf(&b, "| %s | %s |\n", r.say(phrase.eachEntry, code(info.InputsFrom)), r.say(phrase.eachEntryDoc))
		}
	}
	if len(info.Outputs) > 0 || info.OutputsFrom != "" {
		section(phrase.outputs, phrase.outputHead)
		for _, o := range info.Outputs {
			fmt.Fprintf(&b, "| %s | %s | %s |\n", code(string(o.Name)), r.className(o.Class), cell(o.Doc.In(lang)))
		}
		if info.OutputsFrom != "" {
			fmt.Fprintf(&b, "| %s | %s | %s |\n", r.say(phrase.eachKey, code(info.OutputsFrom)), r.say(phrase.forward), r.say(phrase.eachKeyDoc))
		}
	}
	if len(info.Properties) > 0 {
		section(phrase.properties, phrase.propertyHead)
		for _, p := range info.Properties {
			def := code(p.Default)
			if p.Required {
				def = r.say(phrase.required)
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", code(p.Key), r.typeName(p), def, cell(p.Doc.In(lang)+r.propertyNotes(p)))
		}
	}
	if len(info.Needs) > 0 {
		section(phrase.needs, phrase.needHead)
		for _, n := range info.Needs {
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", n.Kind, r.needText(n.Value, n.Property), r.needText(n.On, n.OnProperty), cell(n.Why.In(lang)))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// reference renders parts of a kind's reference in a language.
type reference struct {
	info Info
	lang fault.Lang
}

func (r reference) say(e fault.Entry, values ...any) string {
	if len(values) == 0 {
		return e.In(r.lang)
	}
	return fmt.Sprintf(e.In(r.lang), values...)
}

// tags are the words to find the kind by, in the language and in English.
func (r reference) tags() []string {
	var out []string
	for _, tag := range r.info.Tags {
		out = append(out, tag.In(r.lang))
	}
	return out
}

// nature says in sentences how a node of the kind behaves.
func (r reference) nature() string {
	info := r.info
	var s []string
	switch {
	case info.Service:
		s = append(s, r.say(phrase.service))
	case info.Source:
		s = append(s, r.say(phrase.source))
	case info.WholeRun:
		s = append(s, r.say(phrase.wholeRun))
	}
	if info.Sink && info.Law != "" {
		s = append(s, r.say(phrase.sink))
	}
	if info.Effects != nil {
		s = append(s, r.say(phrase.effects, info.Effects.In(r.lang)))
	}
	if info.Single {
		s = append(s, r.say(phrase.single))
	}
	if info.Verifies {
		s = append(s, r.say(phrase.verifies))
	}
	if info.Infers {
		s = append(s, r.say(phrase.infers))
	}
	return strings.Join(s, " ")
}

func (r reference) inputNotes(in Input) string {
	var b strings.Builder
	if in.WholeRun {
		switch in.OnEmpty {
		case "fail":
			b.WriteString(r.say(phrase.waitsFail))
		case "skip":
			b.WriteString(r.say(phrase.waitsSkip))
		default:
			b.WriteString(r.say(phrase.waits))
		}
	}
	if in.Optional {
		b.WriteString(r.say(phrase.optional))
	}
	return b.String()
}

func (r reference) propertyNotes(p Property) string {
	var b strings.Builder
	for _, c := range p.Choices {
		fmt.Fprintf(&b, " `%s`: %s", c.Value, c.Doc.In(r.lang))
	}
	switch {
	case p.Min != "" && p.Max != "":
		b.WriteString(r.say(phrase.between, p.Min, p.Max))
	case p.Min != "":
		b.WriteString(r.say(phrase.least, p.Min))
	case p.Max != "":
		b.WriteString(r.say(phrase.most, p.Max))
	}
	if p.patternOf.English != "" {
		b.WriteString(r.say(phrase.form, p.patternOf.In(r.lang)))
	}
	for _, d := range p.DependsOn {
		if len(d.Values) == 0 {
			b.WriteString(r.say(phrase.whileSet, code(d.Key)))
			continue
		}
		values := make([]string, len(d.Values))
		for i, v := range d.Values {
			values[i] = code(v)
		}
		b.WriteString(r.say(phrase.whileIs, code(d.Key), strings.Join(values, r.say(phrase.or))))
	}
	if p.Example != "" {
		b.WriteString(r.say(phrase.example, code(p.Example)))
	}
	return b.String()
}

func (r reference) typeName(p Property) string {
	if p.Service != "" {
		return r.say(phrase.serviceOf, p.Service)
	}
	return strings.ReplaceAll(string(p.Type), "_", " ")
}

func (r reference) className(c flowfile.Class) string {
	switch c {
	case flowfile.Filtered:
		return r.say(phrase.filter)
	case flowfile.Rejected:
		return r.say(phrase.reject)
	}
	return r.say(phrase.forward)
}

func (r reference) needText(value, property string) string {
	if property != "" {
		return r.say(phrase.value, code(property))
	}
	return code(value)
}

func orMain(input string) string {
	if input == "" {
		return "in"
	}
	return input
}

// code renders literal text in a table cell; none gives nothing.
func code(s string) string {
	if s == "" {
		return ""
	}
	fence := "`"
	if strings.Contains(s, "`") {
		fence = "``"
	}
	return fence + cell(s) + fence
}

// cell keeps a text from ending its table cell or line.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ").Replace(s)
}

// Index writes a table of kinds with links to their pages.
func Index(w io.Writer, kinds []Info, lang fault.Lang) error {
	var b strings.Builder
	fmt.Fprintf(&b, "| %s |\n|---|---|\n", phrase.kindHead.In(lang))
	for _, k := range slices.SortedFunc(slices.Values(kinds), func(x, y Info) int { return strings.Compare(x.Kind, y.Kind) }) {
		fmt.Fprintf(&b, "| [%s](%s.md) | %s |\n", k.Kind, k.Kind, cell(k.Doc.In(lang)))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
