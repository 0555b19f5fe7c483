package expr

import "strings"

// node is a part of a parsed expression. Nodes hold no state of an evaluation.
type node interface {
	typ() Type
	eval(*state) (value, error)
}

// state is one evaluation.
type state struct {
	env    *Env
	each   []current // innermost last
	expand int       // evaluateELString calls we are within
	// parse is Parse: a function that parses refers to the table of functions,
	// which Parse refers to, so it comes by this way.
	parse func(string) (*Template, error)
}

// current is the value that a multi-attribute subject stands for just now.
type current struct {
	of *several
	v  value
}

type constant struct{ v value }

func (n *constant) typ() Type                  { return n.v.kind }
func (n *constant) eval(*state) (value, error) { return n.v, nil }

// attribute is an attribute looked up by the name that name evaluates to.
type attribute struct{ name node }

func (n *attribute) typ() Type { return String }
func (n *attribute) eval(st *state) (value, error) {
	v, err := n.name.eval(st)
	if err != nil || !v.ok {
		return none(String), err
	}
	return st.env.attribute(v.text(st.env.zone())), nil
}

type parameter struct{ name string }

func (n *parameter) typ() Type { return String }
func (n *parameter) eval(st *state) (value, error) {
	if st.env.Parameter != nil {
		if v, ok := st.env.Parameter(n.name); ok {
			return text(v), nil
		}
	}
	return value{}, unknownParameter(n.name)
}

// concat is a quoted text with expressions in it.
type concat struct{ parts []node }

func (n *concat) typ() Type { return String }
func (n *concat) eval(st *state) (value, error) {
	var b strings.Builder
	for _, p := range n.parts {
		v, err := p.eval(st)
		if err != nil {
			return value{}, err
		}
		b.WriteString(v.text(st.env.zone()))
		if b.Len() > maxText {
			return value{}, tooLong("'...'")
		}
	}
	return text(b.String()), nil
}

// invocation is a function called on a subject.
type invocation struct {
	f        *spec
	out      Type
	subject  node
	args     []node
	prepared any // what f.prepare made of constant arguments, or nil
}

func (n *invocation) typ() Type { return n.out }
func (n *invocation) eval(st *state) (value, error) {
	c := call{n: n, st: st}
	v := n.f.do(&c)
	if c.err != nil {
		return value{}, c.err
	}
	if len(v.s) > maxText {
		return value{}, tooLong(n.f.name)
	}
	if v.kind == Any {
		v.kind = n.out
	}
	return v, nil
}

// constArg returns argument i where it is known without values.
func (n *invocation) constArg(i int) (value, bool) {
	if i >= len(n.args) {
		return value{}, false
	}
	k, ok := n.args[i].(*constant)
	if !ok {
		return value{}, false
	}
	return k.v, true
}

// call is one evaluation of an invocation. The first error sticks; what is
// evaluated after it is missing.
type call struct {
	n   *invocation
	st  *state
	err error
}

func (c *call) get(n node) value {
	if c.err != nil {
		return none(n.typ())
	}
	v, err := n.eval(c.st)
	if err != nil {
		c.err = err
		return none(n.typ())
	}
	return v
}

func (c *call) sub() value      { return c.get(c.n.subject) }
func (c *call) arg(i int) value { return c.get(c.n.args[i]) }
func (c *call) has(i int) bool  { return i < len(c.n.args) }

// str returns argument i as text, empty where it is missing.
func (c *call) str(i int) string { return c.arg(i).s }

// fail ends the call with an error.
func (c *call) fail(err error) value {
	if c.err == nil {
		c.err = err
	}
	return value{}
}

// quantifier turns the truth of each value into one.
type quantifier struct {
	of    *several
	logic node
}

func (n *quantifier) typ() Type { return Boolean }
func (n *quantifier) eval(st *state) (value, error) {
	all := n.of.f.all
	err := n.of.loop(st, func() (bool, error) {
		v, err := n.logic.eval(st)
		if err != nil {
			return false, err
		}
		if (v.ok && v.b) != all {
			all = !all
			return false, nil
		}
		return true, nil
	})
	return truth(all), err
}

// reduction folds the values of a multi-attribute subject, or the one value of
// any other, with join or count.
type reduction struct {
	of  *several // nil for a subject of one value
	inv *invocation
}

func (n *reduction) typ() Type { return n.inv.out }
func (n *reduction) eval(st *state) (value, error) {
	var count int64
	var b strings.Builder
	delimiter, first := "", true
	if len(n.inv.args) > 0 {
		v, err := n.inv.args[0].eval(st)
		if err != nil {
			return value{}, err
		}
		delimiter = v.text(st.env.zone())
	}
	step := func() (bool, error) {
		v, err := n.inv.subject.eval(st)
		if err != nil {
			return false, err
		}
		if v.ok && (v.kind != Boolean || v.b) {
			count++
		}
		if n.out() == String {
			if !first {
				b.WriteString(delimiter)
			}
			first = false
			b.WriteString(v.text(st.env.zone()))
			if b.Len() > maxText {
				return false, tooLong(n.inv.f.name)
			}
		}
		return true, nil
	}
	var err error
	if n.of == nil {
		_, err = step()
	} else {
		err = n.of.loop(st, step)
	}
	if err != nil {
		return value{}, err
	}
	if n.out() == String {
		return text(b.String()), nil
	}
	return whole(count), nil
}

func (n *reduction) out() Type { return n.inv.out }
