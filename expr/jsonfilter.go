package expr

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
)

// filter tells whether a step leads to a value.
type filter func(v any, sc *scope) bool

// operand is a side of a comparison: its value and whether there is one.
type operand func(v any, sc *scope) (any, bool)

func (r *pathReader) either() (filter, error) {
	if r.depth++; r.depth > 32 {
		return nil, errors.New("the filter is nested too deep")
	}
	defer func() { r.depth-- }()
	f, err := r.both()
	for err == nil {
		if r.space(); !r.take("||") {
			return f, nil
		}
		var g filter
		left := f
		g, err = r.both()
		f = func(v any, sc *scope) bool { return left(v, sc) || g(v, sc) }
	}
	return nil, err
}

func (r *pathReader) both() (filter, error) {
	f, err := r.condition()
	for err == nil {
		if r.space(); !r.take("&&") {
			return f, nil
		}
		var g filter
		left := f
		g, err = r.condition()
		f = func(v any, sc *scope) bool { return left(v, sc) && g(v, sc) }
	}
	return nil, err
}

func (r *pathReader) condition() (filter, error) {
	r.space()
	if r.peek() == '!' {
		r.i++
		if r.depth++; r.depth > 32 {
			return nil, errors.New("the filter is nested too deep")
		}
		f, err := r.condition()
		r.depth--
		return func(v any, sc *scope) bool { return !f(v, sc) }, err
	}
	if r.take("(") {
		f, err := r.either()
		if err != nil {
			return nil, err
		}
		if r.space(); !r.take(")") {
			return nil, r.unexpected()
		}
		return f, nil
	}
	path := r.peek() == '@' || r.peek() == '$'
	left, err := r.operand()
	if err != nil {
		return nil, err
	}
	r.space()
	for _, op := range []string{"==", "!=", "<=", ">=", "<", ">"} {
		if !r.take(op) {
			continue
		}
		right, err := r.operand()
		if err != nil {
			return nil, err
		}
		return func(v any, sc *scope) bool {
			a, aok := left(v, sc)
			b, bok := right(v, sc)
			return holds(op, a, aok, b, bok)
		}, nil
	}
	if !path { // a value alone asks nothing
		return nil, r.unexpected()
	}
	return func(v any, sc *scope) bool { _, ok := left(v, sc); return ok }, nil
}

func (r *pathReader) operand() (operand, error) {
	r.space()
	fixed := func(x any) operand { return func(any, *scope) (any, bool) { return x, true } }
	switch c := r.peek(); {
	case c == '@' || c == '$':
		r.i++
		p, err := r.steps(true)
		if err != nil {
			return nil, err
		}
		return func(v any, sc *scope) (any, bool) {
			if c == '$' {
				v = sc.doc
			}
			at, err := p.find(v, sc)
			if err != nil || len(at) == 0 {
				return nil, false
			}
			return at[0].v, true
		}, nil
	case c == '\'' || c == '"':
		s, err := r.quoted()
		return fixed(s), err
	case r.take("true"):
		return fixed(true), nil
	case r.take("false"):
		return fixed(false), nil
	case r.take("null"):
		return fixed(nil), nil
	}
	start := r.i
	for r.i < len(r.in) && strings.ContainsRune("+-.0123456789eE", r.in[r.i]) {
		r.i++
	}
	s := string(r.in[start:r.i])
	if _, err := strconv.ParseFloat(s, 64); err != nil {
		r.i = start
		return nil, r.unexpected()
	}
	return fixed(json.Number(s)), nil
}

// holds compares two values. Those of different types differ, and are neither
// less nor greater.
func holds(op string, a any, aok bool, b any, bok bool) bool {
	if !aok || !bok {
		return op == "!=" && aok != bok
	}
	same, order := false, 2
	switch x := a.(type) {
	case json.Number:
		y, ok := b.(json.Number)
		if !ok {
			break
		}
		f, _ := x.Float64()
		g, _ := y.Float64()
		same, order = f == g, b2i(f > g)-b2i(f < g)
	case string:
		if y, ok := b.(string); ok {
			same, order = x == y, strings.Compare(x, y)
		}
	case bool, nil:
		same = a == b
	}
	switch op {
	case "==":
		return same
	case "!=":
		return !same
	case "<":
		return order == -1
	case "<=":
		return order == -1 || order == 0
	case ">":
		return order == 1
	}
	return order == 0 || order == 1
}
