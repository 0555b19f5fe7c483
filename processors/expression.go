package processors

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/weirflow/weir/expr"
	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
)

// Expr is the value of an expression property: text with ${...} and #{...} that
// is evaluated per FlowFile. The zero Expr is empty text.
type Expr struct {
	t      *expr.Template
	params map[string]Param
}

// MustExpr returns an expression for a constructor's default. It panics when
// the source does not parse.
func MustExpr(source string) Expr {
	t, err := expr.Parse(source)
	if err != nil {
		panic("processors: " + source + ": " + err.Error())
	}
	return Expr{t: t}
}

// Source returns the text as it stands in the flow file.
func (e Expr) Source() string {
	if e.t == nil {
		return ""
	}
	return e.t.String()
}

// String returns the source.
func (e Expr) String() string { return e.Source() }

// IsEmpty reports whether nothing was set.
func (e Expr) IsEmpty() bool { return e.Source() == "" }

// Eval evaluates the expression over a FlowFile, which is nil in a source or a
// whole-run node: only run.* and parameters have values then.
func (e Expr) Eval(s *flowfile.Session, f *flowfile.FlowFile) (string, error) {
	if e.t == nil {
		return "", nil
	}
	return e.t.Eval(e.env(s, f))
}

// EvalBool evaluates the expression as a condition: empty text is false.
func (e Expr) EvalBool(s *flowfile.Session, f *flowfile.FlowFile) (bool, error) {
	if e.t == nil {
		return false, nil
	}
	return e.t.EvalBool(e.env(s, f))
}

// Render evaluates the expression for a run alone, as a verification does; false
// when the run is not known or a FlowFile has a say in it.
func (e Expr) Render(env Env) (text string, known bool, err error) {
	if e.t == nil {
		return "", true, nil
	}
	refs := e.t.References()
	for _, name := range refs.Attributes {
		if !strings.HasPrefix(name, flowfile.RunPrefix) {
			return "", false, nil
		}
	}
	if refs.Dynamic || refs.Expands || (len(refs.Attributes) > 0 && env.Run.IsZero()) {
		return "", false, nil
	}
	now := env.Now
	if now == nil {
		now = time.Now
	}
	text, err = e.t.Eval(expr.Env{
		Attribute: func(name string) (string, bool) { return env.Run.Attr(strings.TrimPrefix(name, flowfile.RunPrefix)) },
		Names:     func(func(string) bool) {},
		Parameter: func(name string) (string, bool) {
			if v, ok := env.Params[name]; ok {
				return v, true
			}
			p, ok := e.params[name]
			return p.Value, ok && p.Known
		},
		Now:  now,
		Zone: env.Run.Location(),
	})
	return text, err == nil, err
}

func (e Expr) env(s *flowfile.Session, f *flowfile.FlowFile) expr.Env {
	run := s.Run()
	return expr.Env{
		Attribute: func(name string) (string, bool) { return s.Lookup(f, name) },
		Names: func(yield func(string) bool) {
			if f == nil {
				return
			}
			for _, a := range f.Attrs {
				if !yield(a.Name) {
					return
				}
			}
		},
		Parameter: func(name string) (string, bool) {
			if v, ok := run.Params[name]; ok {
				return v, true
			}
			p, ok := e.params[name]
			return p.Value, ok && p.Known
		},
		Now:  s.Now,
		Zone: run.Location(),
	}
}

type exprField struct{ binding[Expr] }

func (f *exprField) text() string { return f.to.Source() }
func (f *exprField) decode(b *build, raw []byte) {
	s, ok := b.string(&f.prop, raw)
	if !ok {
		return
	}
	if e, ok := b.expr(&f.prop, s); ok && (!e.t.IsLiteral() || b.match(&f.prop, s)) {
		*f.to = e
	}
}

type exprMapField struct{ binding[map[string]Expr] }

func (f *exprMapField) keys() []string { return slices.Sorted(maps.Keys(*f.to)) }
func (f *exprMapField) text() string {
	if len(*f.to) == 0 {
		return ""
	}
	m := make(map[string]string, len(*f.to))
	for k, e := range *f.to {
		m[k] = e.Source()
	}
	return compact(m)
}
func (f *exprMapField) decode(b *build, raw []byte) {
	entries, ok := b.object(&f.prop, raw)
	if !ok {
		return
	}
	out := make(map[string]Expr, len(entries))
	for _, k := range slices.Sorted(maps.Keys(entries)) {
		s, ok := b.string(&f.prop, entries[k])
		if !ok {
			return
		}
		// A bad entry does not hide the names of the others, which may be outputs.
		e, _ := b.expr(&f.prop, s)
		out[k] = e
	}
	*f.to = out
}

// expr parses an expression and checks what it refers to.
func (b *build) expr(p *Property, src string) (Expr, bool) {
	before := len(b.problems)
	t, err := expr.Parse(src)
	if err != nil {
		b.problem(fault.New("setting_bad_expression", "property", p.Key, "value", clip(src)).Because(err).Permanent())
		return Expr{}, false
	}
	refs := t.References()
	for _, name := range refs.Parameters {
		b.param(p, name)
	}
	whole, source := b.spec.info.WholeRun, b.spec.info.Source
	for _, name := range refs.Attributes {
		rest, isRun := strings.CutPrefix(name, flowfile.RunPrefix)
		switch {
		case isRun && !b.env.Runs:
			b.problem(fault.New("setting_run_attribute", "property", p.Key, "name", name).Permanent())
		case isRun:
			b.runAttribute(p, rest)
		case whole:
			b.problem(fault.New("setting_whole_run_attribute", "property", p.Key, "name", name).Permanent())
		case source:
			b.problem(fault.New("setting_source_attribute", "property", p.Key, "name", name).Permanent())
		}
	}
	if (whole || source) && refs.Dynamic {
		b.problem(fault.New("setting_dynamic_attribute", "property", p.Key, "value", clip(src)).Permanent())
	}
	return Expr{t: t, params: b.env.Params}, len(b.problems) == before
}

// runAttributes are the names after "run." that every run has.
var runAttributes = []string{"id", "flow", "slot", "date", "start", "end", "zone", "generation", "kind"}

func (b *build) runAttribute(p *Property, name string) {
	if param, ok := strings.CutPrefix(name, "params."); ok {
		b.param(p, param)
		return
	}
	if slices.Contains(runAttributes, name) {
		return
	}
	b.problem(fault.New("setting_run_attribute_unknown", "property", p.Key, "name", name,
		"have", strings.Join(runAttributes, ", ")).Permanent())
}
