package expr

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/internal/near"
)

// Function describes a function of the language.
type Function struct {
	// Name is how it is called.
	Name string
	// Subject is the type of what it is called on, and Any for a function that
	// takes every type or, where Alone is set, no subject.
	Subject Type
	// Arguments are the types of the arguments, in order.
	Arguments []Type
	// Required is how many arguments must be given.
	Required int
	// More is set where the last argument may be given again and again.
	More bool
	// Alone is set where it is itself the subject: ${now()}.
	Alone bool
	// Many is set where it is a subject that stands for several values.
	Many bool
	// Result is the type of its result.
	Result Type
	// Doc says what it does in one sentence.
	Doc string
}

// How a multi-attribute function finds its values.
const (
	byName = iota + 1
	byPattern
	byPart
)

// spec is a function with its evaluation.
type spec struct {
	name    string
	on      Type
	args    []Type
	min     int
	more    bool
	out     Type
	alone   bool
	many    int
	all     bool
	fold    bool // join and count
	clocked bool // may differ between two evaluations
	doc     string
	do      func(*call) value
	// prepare checks constant arguments and may keep what it makes of them.
	prepare func(*invocation) (any, error)
}

var functions = sync.OnceValue(func() map[string]*spec {
	all := map[string]*spec{}
	for _, part := range [][]spec{
		manyFunctions, textFunctions, matchFunctions, logicFunctions, numberFunctions,
		dateFunctions, codeFunctions, listFunctions, jsonFunctions, aloneFunctions,
	} {
		for i := range part {
			all[part[i].name] = &part[i]
		}
	}
	all[evaluateEL.name] = evaluateEL
	return all
})

// Functions lists the functions of the language by name.
func Functions() []Function {
	var out []Function
	for _, f := range functions() {
		out = append(out, Function{
			Name: f.name, Subject: f.on, Arguments: slices.Clone(f.args), Required: f.min, More: f.more,
			Alone: f.alone, Many: f.many != 0, Result: f.out, Doc: f.doc,
		})
	}
	slices.SortFunc(out, func(a, b Function) int {
		if c := strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
	return out
}

// refused are functions that elsewhere read the host, stored state or the
// process; the value says nothing, only that the name is known.
var refused = map[string]bool{
	"hostname": true, "ip": true, "thread": true, "getStateValue": true, "getUri": true, "nextInt": true,
}

func (p *parser) unknown(src source, i int, name string) error {
	at := p.at(src, i)
	if refused[name] {
		return fault.New("expr_function_refused", "name", name, "position", at).Permanent()
	}
	return fault.New("expr_unknown_function", "name", shorten(name), "position", at, "nearest", nearest(name)).Permanent()
}

// nearest returns the known function whose name differs least.
func nearest(name string) string {
	best, least := "", 1<<30
	low := strings.ToLower(name)
	if len(low) > 40 {
		low = low[:40]
	}
	for _, f := range Functions() {
		if d := near.Distance(low, strings.ToLower(f.Name)); d < least {
			best, least = f.Name, d
		}
	}
	return best
}

func (f *spec) arity() string {
	switch {
	case f.more:
		return strconv.Itoa(f.min) + "…"
	case f.name == "toInstant":
		return "0, 2"
	case f.min == len(f.args):
		return strconv.Itoa(f.min)
	}
	return strconv.Itoa(f.min) + "–" + strconv.Itoa(len(f.args))
}

func (f *spec) takes(n int) bool {
	if f.name == "toInstant" && n == 1 {
		return false
	}
	return n >= f.min && (f.more || n <= len(f.args))
}

func (f *spec) argType(i int) Type {
	if i < len(f.args) {
		return f.args[i]
	}
	return f.args[len(f.args)-1]
}

// convertible wraps n so that it gives values of a type, or says why it cannot.
func (p *parser) convertible(src source, i int, f *spec, place string, n node, to Type) (node, error) {
	if !castable(n.typ(), to) {
		return nil, fault.New("expr_type", "function", f.name, "place", place, "found", n.typ(), "wanted", to,
			"position", p.at(src, i)).Permanent()
	}
	if to == Any || n.typ() == to {
		return n, nil
	}
	c := &cast{in: n, to: to, name: f.name}
	if k, ok := n.(*constant); ok && to != Date && (to != String || k.v.kind != Date && k.v.kind != Instant) {
		// A constant is what it is wherever and whenever it is evaluated.
		if v, err := c.eval(&state{env: &Env{}}); err == nil {
			v.kind = to
			if to == Number {
				v, _ = convert(k.v, Number, f.name, nil)
			}
			return &constant{v: v}, nil
		}
	}
	return c, nil
}

// build makes the call of f on subject, which is nil for a function that stands
// alone.
func (p *parser) build(src source, i int, f *spec, subject node, args []argument) (node, error) {
	at := p.at(src, i)
	alone := subject == nil
	if !f.takes(len(args)) || f.name == "math" && alone && len(args) != 1 {
		return nil, fault.New("expr_arity", "function", f.name, "found", len(args), "wanted", f.arity(), "position", at).Permanent()
	}
	if r, ok := subject.(*reduction); ok {
		return nil, fault.New("expr_after_reduce", "function", f.name, "reducer", r.inv.f.name, "position", at,
			"example", "${literal(${...}):"+f.name+"(...)}").Permanent()
	}
	f = overload(f, subject, len(args))
	inv := &invocation{f: f, out: f.out}
	var err error
	if !alone {
		if inv.subject, err = p.convertible(src, i, f, "0", subject, f.on); err != nil {
			return nil, err
		}
		if f.on == Instant && (f.name == "toMicros" || f.name == "toNanos") && subject.typ() != Instant {
			return nil, fault.New("expr_type", "function", f.name, "place", "0", "found", subject.typ(), "wanted", Instant,
				"position", at).Permanent()
		}
	}
	for j, a := range args {
		n, err := p.convertible(src, a.at, f, strconv.Itoa(j+1), a.n, f.argType(j))
		if err != nil {
			return nil, err
		}
		inv.args = append(inv.args, n)
	}
	if f.prepare != nil {
		if inv.prepared, err = f.prepare(inv); err != nil {
			return nil, positioned(err, at)
		}
	}
	p.refs.volatile = p.refs.volatile || f.clocked && (f.name != "repeat" || len(args) == 2)
	p.refs.expands = p.refs.expands || f.name == "evaluateELString"
	if f.fold {
		return &reduction{inv: inv}, nil
	}
	return inv, nil
}

// positioned adds the position of the function to a fault about a constant.
func positioned(err error, at int) error {
	if e := fault.As(err); e != nil {
		return fault.New("expr_constant", "position", at).Because(e).Permanent()
	}
	return err
}

// several parses the arguments of a multi-attribute function.
func (p *parser) several(src source, i, open int, f *spec, depth int) (node, int, error) {
	args, end, err := p.arguments(src, open, depth)
	if err != nil {
		return nil, 0, err
	}
	if !f.takes(len(args)) {
		return nil, 0, fault.New("expr_arity", "function", f.name, "found", len(args), "wanted", f.arity(), "position", p.at(src, i)).Permanent()
	}
	n := &several{f: f, patterns: make([]*pattern, len(args))}
	for j, a := range args {
		an, err := p.convertible(src, a.at, f, strconv.Itoa(j+1), a.n, String)
		if err != nil {
			return nil, 0, err
		}
		n.args = append(n.args, an)
		k, constant := an.(*constant)
		switch {
		case f.many == byName:
			if constant && blank(k.v.s) {
				return nil, 0, p.syntax(src, a.at, `'name'`)
			}
			p.refs.lookup(an)
		case f.many == byPattern:
			p.refs.dynamic = true
		}
		if constant && f.many != byName && (f.many == byPattern || j == 1) {
			if n.patterns[j], err = compilePattern(k.v.s); err != nil {
				return nil, 0, positioned(err, p.at(src, a.at))
			}
		}
	}
	return n, end, nil
}
