package fault

import (
	"errors"
	"slices"
	"strings"
)

// Note is an error in a form that can be stored and sent. Its text is rendered
// by whoever shows it, in their language, from the codes and arguments; a text
// that was rendered before it was stored could be read in one language only.
// Make one with NoteOf.
type Note struct {
	Code  string `json:"code"`
	Args  Args   `json:"args,omitempty"`
	Class string `json:"class,omitempty"`
	// Place tells where it happened, in words that are translated; it stands
	// before all but a colon.
	Place *Note `json:"place,omitempty"`
	// Prefix is what stood before the fault's own words, such as a name.
	Prefix string `json:"prefix,omitempty"`
	// Cause is the fault's cause; Words are those of an error that is no fault.
	Cause *Note  `json:"cause,omitempty"`
	Words string `json:"text,omitempty"`
	// Then is what stood behind the fault's own words, another error or text.
	Then *Note `json:"then,omitempty"`
	// Parts are notes that stand for arguments, by name.
	Parts map[string]*Note `json:"parts,omitempty"`
	// Problems are several failures at once, such as those of a flow file.
	Problems []Note `json:"problems,omitempty"`
}

// codeInternal is the code of errors that are no faults, codeProblems that of
// several at once.
const (
	codeInternal = "internal"
	codeProblems = "problems"
)

// NoteOf returns the note of an error, nil for nil. Errors that were joined
// become its problems.
func NoteOf(err error) *Note {
	if err == nil {
		return nil
	}
	switch e := err.(type) {
	case *Error:
		n := &Note{Code: e.Code, Args: e.Args, Class: e.Class.String(), Cause: NoteOf(e.Cause)}
		for name, part := range e.parts {
			if n.Parts == nil {
				n.Parts = map[string]*Note{}
			}
			n.Parts[name] = NoteOf(part)
		}
		return n
	case *noted:
		return e.note.clone()
	case *placed:
		return e.asNote()
	}
	whole := err.Error()
	var faults []error
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		faults = many.Unwrap()
		if n := joined(whole, faults); n != nil {
			return n
		}
	} else if below := errors.Unwrap(err); below != nil {
		faults = []error{below}
	} else if e := As(err); e != nil {
		faults = []error{e}
	}
	first := &Note{Code: codeInternal, Words: whole}
	var last *Note
	for _, f := range faults {
		var at *placed
		if f == nil || As(f) == nil && !errors.As(f, &at) {
			continue
		}
		n := *NoteOf(f)
		before, after, ok := strings.Cut(whole, f.Error())
		if !ok {
			before, after = "", ""
		}
		n.precede(before)
		whole = after
		if last == nil {
			first = &n
		} else {
			last.end().Then = &n
		}
		last = &n
	}
	if last != nil && whole != "" {
		last.end().Then = &Note{Words: whole}
	}
	return first
}

// joined returns the note of errors that stand each on a line of its own, nil
// when whole is put together in another way.
func joined(whole string, errs []error) *Note {
	out := &Note{Code: codeProblems}
	for i, err := range errs {
		before, after, ok := strings.Cut(whole, err.Error())
		if i > 0 {
			if !strings.HasPrefix(before, "\n") {
				return nil
			}
			before = before[1:]
		}
		if !ok || strings.Contains(before, "\n") {
			return nil
		}
		n := *NoteOf(err)
		n.precede(before)
		whole = after
		out.Problems = append(out.Problems, n)
	}
	switch {
	case whole != "" || len(errs) == 0:
		return nil
	case len(errs) == 1:
		return &out.Problems[0]
	}
	return out
}

// clone copies the note with all that stands behind it, to which more is added.
func (n *Note) clone() *Note {
	c := *n
	if c.Then != nil {
		c.Then = c.Then.clone()
	}
	return &c
}

// precede puts words in front; several problems have them before the first.
func (n *Note) precede(words string) {
	if words == "" {
		return
	}
	if n.Place != nil {
		n.Place = n.Place.clone()
		n.Place.precede(words)
		return
	}
	if len(n.Problems) == 0 {
		n.Prefix = words + n.Prefix
		return
	}
	n.Problems = slices.Clone(n.Problems)
	n.Problems[0].precede(words)
}

// end is the note behind which another can stand.
func (n *Note) end() *Note {
	switch {
	case len(n.Problems) > 0:
		return n.Problems[len(n.Problems)-1].end()
	case n.Then != nil:
		return n.Then.end()
	}
	return n
}

// With returns a copy in which a note stands for the argument of that name. A
// nil part leaves the argument's own value.
func (n *Note) With(arg string, part *Note) *Note {
	if part == nil {
		return n
	}
	c := *n
	c.Parts = map[string]*Note{arg: part}
	for k, v := range n.Parts {
		if k != arg {
			c.Parts[k] = v
		}
	}
	return &c
}

// Text renders the note in a language; that of nil is empty.
func (n *Note) Text(lang Lang) string {
	if n == nil {
		return ""
	}
	if n.Place != nil {
		rest := *n
		rest.Place = nil
		return n.Place.Text(lang) + ": " + rest.Text(lang)
	}
	if len(n.Problems) > 0 {
		lines := make([]string, len(n.Problems))
		for i := range n.Problems {
			lines[i] = n.Problems[i].Text(lang)
		}
		return strings.Join(lines, "\n")
	}
	return n.Prefix + n.own(lang) + n.Then.Text(lang)
}

// own renders the fault with its causes, as Error.Error does.
func (n *Note) own(lang Lang) string {
	switch {
	case len(n.Problems) > 0:
		return n.Text(lang)
	case n.Code == "", n.Code == codeInternal && n.Words != "":
		return n.Words
	}
	args := n.Args
	if len(n.Parts) > 0 {
		args = Args{}
		for k, v := range n.Args {
			args[k] = v
		}
		for k, v := range n.Parts {
			args[k] = v.Text(lang)
		}
	}
	s := render(lang, n.Code, args)
	if n.Cause != nil {
		s += " (" + n.Cause.own(lang) + ")"
	}
	return s
}

// Err returns the error that the note tells of: faults are faults again.
func (n *Note) Err() error {
	switch {
	case n == nil:
		return nil
	case n.Place != nil:
		rest := *n
		rest.Place = nil
		return &noted{n, rest.Err()}
	case len(n.Problems) > 0:
		errs := make([]error, len(n.Problems))
		for i := range n.Problems {
			errs[i] = n.Problems[i].Err()
		}
		return errors.Join(errs...)
	case n.Code == "" || n.Code == codeInternal && n.Words != "":
		return errors.New(n.Prefix + n.Words)
	}
	e := &Error{Code: n.Code, Args: n.Args, Cause: n.Cause.Err()}
	switch n.Class {
	case After.String():
		e.Class = After
	case Permanent.String():
		e.Class = Permanent
	}
	if n.Prefix != "" || n.Then != nil || len(n.Parts) > 0 {
		return &noted{n, e}
	}
	return e
}

// noted is a fault whose note says more than the fault itself.
type noted struct {
	note *Note
	err  error
}

func (n *noted) Error() string { return n.note.Text(English) }
func (n *noted) Unwrap() error { return n.err }
