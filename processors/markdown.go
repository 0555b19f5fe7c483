package processors

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/weirflow/weir/flowfile"
)

// Markdown writes the reference page of a kind.
func Markdown(w io.Writer, info Info) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s\n", info.Kind, info.Doc)
	if line := nature(info); line != "" {
		fmt.Fprintf(&b, "\n%s\n", line)
	}
	if len(info.Tags) > 0 {
		fmt.Fprintf(&b, "\nTags: %s.\n", strings.Join(info.Tags, ", "))
	}
	if len(info.Inputs) > 0 {
		b.WriteString("\n## Inputs\n\n| input | takes |\n|---|---|\n")
		for _, in := range info.Inputs {
			fmt.Fprintf(&b, "| %s | %s |\n", code(orMain(in.Name)), cell(in.Doc+inputNotes(in)))
		}
		if info.InputsFrom != "" {
			fmt.Fprintf(&b, "| each entry of %s | The same, under its own name. |\n", code(info.InputsFrom))
		}
	}
	if len(info.Outputs) > 0 || info.OutputsFrom != "" {
		b.WriteString("\n## Outputs\n\n| output | class | gets |\n|---|---|---|\n")
		for _, o := range info.Outputs {
			fmt.Fprintf(&b, "| %s | %s | %s |\n", code(string(o.Name)), className(o.Class), cell(o.Doc))
		}
		if info.OutputsFrom != "" {
			fmt.Fprintf(&b, "| each key of %s | forward | What its entry chose. |\n", code(info.OutputsFrom))
		}
	}
	if len(info.Properties) > 0 {
		b.WriteString("\n## Properties\n\n| property | type | default | meaning |\n|---|---|---|---|\n")
		for _, p := range info.Properties {
			def := code(p.Default)
			if p.Required {
				def = "required"
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", code(p.Key), typeName(p), def, cell(p.Doc+propertyNotes(p)))
		}
	}
	if len(info.Needs) > 0 {
		b.WriteString("\n## Needs\n\n| what | value | on | why |\n|---|---|---|---|\n")
		for _, n := range info.Needs {
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", n.Kind, needText(n.Value, n.Property), needText(n.On, n.OnProperty), cell(n.Why))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// nature says in sentences how a node of the kind behaves.
func nature(info Info) string {
	var s []string
	switch {
	case info.Service:
		s = append(s, "A service: the nodes of a flow share it by name.")
	case info.Source:
		s = append(s, "A source: it has no input.")
	case info.WholeRun:
		s = append(s, "It works on a whole run at once, when all of its data has arrived.")
	}
	if info.Sink && info.Law != "" {
		s = append(s, "It ends data.")
	}
	if info.Effects != "" {
		s = append(s, "Outside Weir: "+info.Effects)
	}
	if info.Single {
		s = append(s, "It runs in one task at a time.")
	}
	if info.Verifies {
		s = append(s, "Its settings are tried against the world before each run.")
	}
	if info.Infers {
		s = append(s, "`weir flow infer` can find its schema.")
	}
	return strings.Join(s, " ")
}

func inputNotes(in Input) string {
	var b strings.Builder
	if in.WholeRun {
		b.WriteString(" It waits for the whole run")
		switch in.OnEmpty {
		case "fail":
			b.WriteString(" and fails when nothing arrived")
		case "skip":
			b.WriteString(" and is skipped when nothing arrived")
		}
		b.WriteString(".")
	}
	if in.Optional {
		b.WriteString(" It may stay unconnected.")
	}
	return b.String()
}

func propertyNotes(p Property) string {
	var b strings.Builder
	for _, c := range p.Choices {
		fmt.Fprintf(&b, " `%s`: %s", c.Value, c.Doc)
	}
	switch {
	case p.Min != "" && p.Max != "":
		fmt.Fprintf(&b, " From %s to %s.", p.Min, p.Max)
	case p.Min != "":
		fmt.Fprintf(&b, " At least %s.", p.Min)
	case p.Max != "":
		fmt.Fprintf(&b, " At most %s.", p.Max)
	}
	if p.patternOf != "" {
		fmt.Fprintf(&b, " It must be %s.", p.patternOf)
	}
	for _, d := range p.DependsOn {
		if len(d.Values) == 0 {
			fmt.Fprintf(&b, " Only while `%s` is set.", d.Key)
			continue
		}
		values := make([]string, len(d.Values))
		for i, v := range d.Values {
			values[i] = code(v)
		}
		fmt.Fprintf(&b, " Only while `%s` is %s.", d.Key, strings.Join(values, " or "))
	}
	if p.Example != "" {
		fmt.Fprintf(&b, " For example %s.", code(p.Example))
	}
	return b.String()
}

func typeName(p Property) string {
	if p.Service != "" {
		return "service of kind " + p.Service
	}
	return strings.ReplaceAll(string(p.Type), "_", " ")
}

func className(c flowfile.Class) string {
	switch c {
	case flowfile.Filtered:
		return "filter"
	case flowfile.Rejected:
		return "reject"
	}
	return "forward"
}

func needText(value, property string) string {
	if property != "" {
		return "the value of " + code(property)
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
func Index(w io.Writer, kinds []Info) error {
	var b strings.Builder
	b.WriteString("| kind | what it does |\n|---|---|\n")
	for _, k := range slices.SortedFunc(slices.Values(kinds), func(x, y Info) int { return strings.Compare(x.Kind, y.Kind) }) {
		fmt.Fprintf(&b, "| [%s](%s.md) | %s |\n", k.Kind, k.Kind, cell(k.Doc))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
