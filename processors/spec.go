package processors

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

// Spec is what Define fills in.
type Spec struct {
	info    Info
	fields  []field
	byKey   map[string]field
	needs   []Need
	service bool
	law     runs.Law
	defects []string
}

// Input describes an input of a kind.
type Input struct {
	// Name is empty for the only or main input.
	Name string      `json:"name"`
	Doc  fault.Entry `json:"doc"`
	// WholeRun inputs fire once, when all of a run's FlowFiles have arrived.
	WholeRun bool `json:"whole_run,omitempty"`
	// OnEmpty is what a whole-run input does when nothing arrived and the flow
	// does not say: "pass", "fail" or "skip".
	OnEmpty string `json:"on_empty,omitempty"`
	// Optional inputs may have no connection.
	Optional bool `json:"optional,omitempty"`
}

// InputOption refines an input.
type InputOption func(*Input)

// WholeRun makes an input that waits until all of a run's data is there.
func WholeRun(in *Input) { in.WholeRun = true }

// OptionalInput makes an input that may have no connection.
func OptionalInput(in *Input) { in.Optional = true }

// OnEmpty sets what a whole-run input does when nothing arrived: "pass", "fail"
// or "skip".
func OnEmpty(what string) InputOption { return func(in *Input) { in.OnEmpty = what } }

// Output describes an output of a kind.
type Output struct {
	Name flowfile.Relationship `json:"name"`
	Doc  fault.Entry           `json:"doc"`
	// Class is Out for a forward output, Filtered or Rejected.
	Class flowfile.Class `json:"class"`
	// From is the property whose key made the output, if any.
	From string `json:"from,omitempty"`
}

// OutputOption refines an output.
type OutputOption func(*Output)

// Filter makes an output for what was left out on purpose.
func Filter(o *Output) { o.Class = flowfile.Filtered }

// Reject makes an output for data that is at fault. Each FlowFile there carries
// the reason in an attribute.
func Reject(o *Output) { o.Class = flowfile.Rejected }

// Describe names the kind, in CamelCase, says in a sentence what it does, and
// gives words to find it by.
func (s *Spec) Describe(kind, doc string, tags ...string) {
	if s.info.Kind != "" {
		s.defect("Describe is called twice")
	}
	s.info.Kind, s.info.Doc, s.info.Tags = kind, both(doc), bothTags(tags)
	if !kindName.MatchString(kind) {
		s.defect("kind %q is not CamelCase", kind)
	}
	s.sentence("the kind", doc)
}

// Input declares an input. A kind with one input leaves its name empty; a kind
// without any is a source. Either all inputs are WholeRun or none.
func (s *Spec) Input(name, doc string, options ...InputOption) {
	in := Input{Name: name, Doc: both(doc)}
	for _, o := range options {
		o(&in)
	}
	s.sentence("input "+name, doc)
	if name != "" && !slug.MatchString(name) {
		s.defect("input %q is not lower_snake", name)
	}
	for _, have := range s.info.Inputs {
		if have.Name == name {
			s.defect("input %q stands twice", name)
		}
		if have.WholeRun != in.WholeRun {
			s.defect("all inputs are WholeRun or none; %q differs", name)
		}
	}
	switch in.OnEmpty {
	case "", "pass", "fail", "skip":
	default:
		s.defect("input %q: OnEmpty %q is not pass, fail or skip", name, in.OnEmpty)
	}
	if in.OnEmpty != "" && !in.WholeRun {
		s.defect("input %q: OnEmpty is for WholeRun inputs", name)
	}
	s.info.Inputs = append(s.info.Inputs, in)
}

// Output declares an output, for what goes on unless an option says otherwise.
func (s *Spec) Output(name flowfile.Relationship, doc string, options ...OutputOption) {
	o := Output{Name: name, Doc: both(doc), Class: flowfile.Out}
	for _, f := range options {
		f(&o)
	}
	s.sentence("output "+string(name), doc)
	if !slug.MatchString(string(name)) {
		s.defect("output %q is not lower_snake", name)
	}
	for _, have := range s.info.Outputs {
		if have.Name == name {
			s.defect("output %q stands twice", name)
		}
	}
	s.info.Outputs = append(s.info.Outputs, o)
}

// InputsFrom declares that the entries of a list property are the names of the
// inputs. The one Input that the kind declares says what each of them takes.
func (s *Spec) InputsFrom(property string) { s.info.InputsFrom = property }

// OutputsFrom declares that each key of a map property is a forward output of
// its own.
func (s *Spec) OutputsFrom(property string) { s.info.OutputsFrom = property }

// Law sets the law that the rows of a node of this kind must obey. Without it
// the law is source for a kind without inputs, sink for one with whole-run
// inputs or without forward outputs, filter for one with a filter output or
// with OutputsFrom, and map otherwise.
func (s *Spec) Law(l runs.Law) { s.law = l }

// Single says that Process must not be called by several goroutines at once.
func (s *Spec) Single() { s.info.Single = true }

// Batching says that many short Process calls may share one commit.
func (s *Spec) Batching() { s.info.Batching = true }

// Effects says that the kind changes something outside Weir, in a sentence,
// such as "Replaces a table.".
func (s *Spec) Effects(doc string) {
	s.sentence("Effects", doc)
	words := both(doc)
	s.info.Effects = &words
}

var (
	kindName = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)
	slug     = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
)

func (s *Spec) defect(format string, args ...any) {
	s.defects = append(s.defects, fmt.Sprintf(format, args...))
}

// sentence notes a doc that is no sentence.
func (s *Spec) sentence(what, doc string) {
	if !isSentence(doc) {
		s.defect("the doc of %s is not a sentence: %q", strings.TrimSpace(what), doc)
	}
}

func isSentence(doc string) bool {
	if doc == "" || strings.TrimSpace(doc) != doc || !strings.ContainsRune(".!?", rune(doc[len(doc)-1])) {
		return false
	}
	first := doc[0]
	return first >= 'A' && first <= 'Z' || first >= '0' && first <= '9' || first >= 0x80
}

// finish completes the read model and checks what only the whole shows.
func (s *Spec) finish() {
	if s.info.Kind == "" {
		s.defect("Define calls no Describe")
	}
	for _, f := range s.fields {
		p := f.property()
		p.Label = bothLabels(s.info.Kind, p.Key)
		for _, d := range p.DependsOn {
			if o, ok := s.byKey[d.Key]; !ok || o == f {
				s.defect("property %s depends on %q, which there is not", p.Key, d.Key)
			}
		}
		for _, d := range p.defects {
			s.defect("property %s: %s", p.Key, d)
		}
		s.info.Properties = append(s.info.Properties, *p)
	}
	if from := s.info.OutputsFrom; from != "" {
		f := s.byKey[from]
		if _, ok := f.(mapKeys); !ok {
			s.defect("OutputsFrom(%q): there is no such map property", from)
		}
	}
	if from := s.info.InputsFrom; from != "" {
		if _, ok := s.byKey[from].(*listField); !ok || len(s.info.Inputs) != 1 {
			s.defect("InputsFrom(%q): there is no such list property, or not one input", from)
		}
	}
	in := &s.info
	forward, filter := in.OutputsFrom != "", in.OutputsFrom != ""
	for _, o := range in.Outputs {
		forward = forward || o.Class == flowfile.Out
		filter = filter || o.Class == flowfile.Filtered
	}
	in.Source = len(in.Inputs) == 0
	in.WholeRun = !in.Source && in.Inputs[0].WholeRun
	in.Sink = in.WholeRun || !forward
	switch {
	case s.service:
		in.Source, in.Sink = false, false
	case s.law != "":
		in.Law = s.law
	case in.Source:
		in.Law = runs.LawSource
	case in.Sink:
		in.Law = runs.LawSink
	case filter:
		in.Law = runs.LawFilter
	default:
		in.Law = runs.LawMap
	}
	if in.Law == runs.LawSink {
		in.Sink = true
	} else if s.law != "" {
		in.Sink = false
	}
	for _, n := range s.needs {
		in.Needs = append(in.Needs, n.describe(s))
	}
}
