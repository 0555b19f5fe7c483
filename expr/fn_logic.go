package expr

import "strings"

// test is a function that asks something of two texts; a missing one is false.
func test(name, doc string, f func(s, arg string) bool) spec {
	return spec{name: name, on: String, args: strs, min: 1, out: Boolean, doc: doc, do: func(c *call) value {
		s := c.sub()
		if !s.ok {
			return truth(false)
		}
		a := c.arg(0)
		return truth(a.ok && f(s.s, a.s))
	}}
}

// compare is a function that compares two numbers; a missing one is false.
func compare(name, doc string, wholes func(a, b int64) bool, decimals func(a, b float64) bool) spec {
	return spec{name: name, on: Number, args: []Type{Number}, min: 1, out: Boolean, doc: doc, do: func(c *call) value {
		a := c.sub()
		if !a.ok {
			return truth(false)
		}
		b := c.arg(0)
		switch {
		case !b.ok:
			return truth(false)
		case a.kind == Decimal || b.kind == Decimal:
			return truth(decimals(a.float(), b.float()))
		}
		return truth(wholes(a.i, b.i))
	}}
}

var logicFunctions = []spec{
	{name: "isNull", on: String, out: Boolean, doc: "True where the subject is missing.", do: func(c *call) value { return truth(!c.sub().ok) }},
	{name: "notNull", on: String, out: Boolean, doc: "True where the subject is not missing.", do: func(c *call) value { return truth(c.sub().ok) }},
	{name: "isEmpty", on: String, out: Boolean, doc: "True where the subject is missing, empty or only white space.", do: func(c *call) value { return truth(blank(c.sub().s)) }},
	{name: "not", on: Boolean, out: Boolean, doc: "True where the subject is not true.", do: func(c *call) value { return truth(!c.sub().b) }},
	{name: "and", on: Boolean, args: []Type{Boolean}, min: 1, out: Boolean, doc: "True where the subject and the argument are both true.", do: func(c *call) value {
		return truth(c.sub().b && c.arg(0).b)
	}},
	{name: "or", on: Boolean, args: []Type{Boolean}, min: 1, out: Boolean, doc: "True where the subject or the argument is true.", do: func(c *call) value {
		return truth(c.sub().b || c.arg(0).b)
	}},
	{name: "ifElse", on: Boolean, args: []Type{String, String}, min: 2, out: String, doc: "The first argument where the subject is true, else the second.", do: func(c *call) value {
		if c.sub().b {
			return c.arg(0)
		}
		return c.arg(1)
	}},
	{name: "equals", on: Any, args: []Type{Any}, min: 1, out: Boolean, doc: "True where the subject equals the argument; values of different types are compared as text.", do: equal},
	test("equalsIgnoreCase", "True where the subject equals the argument without regard to case.", strings.EqualFold),
	test("startsWith", "True where the subject begins with the argument.", strings.HasPrefix),
	test("endsWith", "True where the subject ends with the argument.", strings.HasSuffix),
	test("contains", "True where the argument occurs in the subject.", strings.Contains),
	{name: "in", on: String, args: strs, min: 1, more: true, out: Boolean, doc: "True where the subject equals one of the arguments.", do: func(c *call) value {
		s := c.sub()
		for i := range c.n.args {
			if !s.ok {
				break
			}
			if a := c.arg(i); a.ok && a.s == s.s {
				return truth(true)
			}
		}
		return truth(false)
	}},
	compare("gt", "True where the subject is greater than the argument.", func(a, b int64) bool { return a > b }, func(a, b float64) bool { return a > b }),
	compare("lt", "True where the subject is less than the argument.", func(a, b int64) bool { return a < b }, func(a, b float64) bool { return a < b }),
	compare("ge", "True where the subject is at least the argument.", func(a, b int64) bool { return a >= b }, func(a, b float64) bool { return a >= b }),
	compare("le", "True where the subject is at most the argument.", func(a, b int64) bool { return a <= b }, func(a, b float64) bool { return a <= b }),
}

func equal(c *call) value {
	a := c.sub()
	if !a.ok {
		return truth(false)
	}
	b := c.arg(0)
	if !b.ok {
		return truth(false)
	}
	if c.n.subject.typ() == c.n.args[0].typ() {
		switch {
		case a.kind != b.kind:
			return truth(false)
		case a.kind == Date || a.kind == Instant:
			return truth(a.t.Equal(b.t))
		}
		return truth(a == b)
	}
	return truth(plain(c, a) == plain(c, b))
}

// plain is a value as text for a comparison; a date is its milliseconds.
func plain(c *call, v value) string {
	if v.kind == Date {
		return whole(v.t.UnixMilli()).text(nil)
	}
	return v.text(c.st.env.zone())
}
