package expr

import (
	"strings"

	"github.com/weirflow/weir/fault"
)

// Limits that keep a value from exhausting the machine.
const (
	maxSource = 1 << 20 // bytes of a property value
	maxText   = 4 << 20 // bytes of any text made while evaluating
	maxDepth  = 64      // expressions within expressions
	maxChain  = 500     // functions in one expression
	maxExpand = 4       // evaluateELString within evaluateELString
)

// Template is a parsed property value. It never changes and may be evaluated by
// many goroutines at once.
type Template struct {
	source string
	parts  []node
	refs   References
	lit    bool
	text   string // of a literal
}

// Parse parses a property value. Its errors are faults that name the character
// (counted from 1) at which the value goes wrong.
func Parse(src string) (*Template, error) {
	if len(src) > maxSource {
		return nil, fault.New("expr_too_long", "limit", maxSource, "length", len(src)).Permanent()
	}
	t := &Template{source: src}
	if !strings.Contains(src, "${") && !strings.Contains(src, "#{") {
		t.lit, t.text = true, src
		t.parts = []node{&constant{v: text(src)}}
		return t, nil
	}
	p := &parser{root: []rune(src), refs: newCollector()}
	parts, err := p.template(whole0(p.root), 0)
	if err != nil {
		return nil, err
	}
	t.parts = parts
	t.lit = true
	for _, n := range parts {
		if _, ok := n.(*constant); !ok {
			t.lit = false
		}
	}
	if t.lit {
		// A constant depends on no zone, so any environment gives the text.
		if t.text, err = t.render(&state{env: &Env{}}); err != nil {
			return nil, err
		}
	}
	t.refs = p.refs.references()
	return t, nil
}

// IsLiteral reports whether the value holds no expression and no parameter, so
// that it evaluates to the same text everywhere.
func (t *Template) IsLiteral() bool { return t.lit }

// String returns the source that was parsed.
func (t *Template) String() string { return t.source }

// References returns what an evaluation looks up.
func (t *Template) References() References { return t.refs.clone() }

// Eval evaluates the template. A missing attribute is an empty text.
func (t *Template) Eval(env Env) (string, error) {
	if t.lit {
		return t.text, nil
	}
	return t.render(&state{env: &env, parse: Parse})
}

func (t *Template) render(st *state) (string, error) {
	if len(t.parts) == 1 {
		v, err := t.parts[0].eval(st)
		if err != nil {
			return "", err
		}
		return v.text(st.env.zone()), nil
	}
	var b strings.Builder
	for _, n := range t.parts {
		v, err := n.eval(st)
		if err != nil {
			return "", err
		}
		b.WriteString(v.text(st.env.zone()))
		if b.Len() > maxText {
			return "", fault.New("expr_result_too_long", "function", "${...}", "limit", maxText).Permanent()
		}
	}
	return b.String(), nil
}

// EvalBool evaluates the template to a truth. An empty result, such as that of
// a missing attribute, is false; any other than true and false is an error.
func (t *Template) EvalBool(env Env) (bool, error) {
	s, err := t.Eval(env)
	if err != nil {
		return false, err
	}
	switch w := trimSpace(s); {
	case strings.EqualFold(w, "true"):
		return true, nil
	case w == "" || strings.EqualFold(w, "false"):
		return false, nil
	}
	return false, fault.New("expr_not_boolean", "expression", shorten(t.source), "value", shorten(s)).Permanent()
}
