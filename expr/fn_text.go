package expr

import (
	"math/rand/v2"
	"strings"
	"unicode/utf8"
)

// onText is an evaluation that keeps a missing subject missing.
func onText(f func(c *call, s string) value) func(*call) value {
	return func(c *call) value {
		v := c.sub()
		if !v.ok {
			return none(Any)
		}
		return f(c, v.s)
	}
}

// orEmpty is an evaluation that makes a missing subject an empty text.
func orEmpty(f func(c *call, s string) value) func(*call) value {
	return func(c *call) value {
		v := c.sub()
		if !v.ok {
			return text("")
		}
		return f(c, v.s)
	}
}

var textFunctions = []spec{
	{name: "toUpper", on: String, out: String, doc: "The subject in upper case.", do: onText(func(_ *call, s string) value { return text(strings.ToUpper(s)) })},
	{name: "toLower", on: String, out: String, doc: "The subject in lower case.", do: onText(func(_ *call, s string) value { return text(strings.ToLower(s)) })},
	{name: "trim", on: String, out: String, doc: "The subject without white space at its ends.", do: onText(func(_ *call, s string) value { return text(trimSpace(s)) })},
	{name: "toString", on: String, out: String, doc: "The subject as text.", do: (*call).sub},
	{name: "length", on: String, out: WholeNumber, doc: "The number of characters in the subject.", do: func(c *call) value { return whole(int64(utf8.RuneCountInString(c.sub().s))) }},
	{name: "append", on: String, args: strs, min: 1, out: String, doc: "The subject with the argument after it.", do: func(c *call) value { return text(c.sub().s + c.str(0)) }},
	{name: "prepend", on: String, args: strs, min: 1, out: String, doc: "The subject with the argument before it.", do: func(c *call) value { s := c.sub().s; return text(c.str(0) + s) }},
	{name: "substring", on: String, args: []Type{WholeNumber, WholeNumber}, min: 1, out: String, doc: "The characters from the first position, counted from 0, up to and without the second; empty where they lie outside.", do: orEmpty(substring)},
	{name: "substringBefore", on: String, args: strs, min: 1, out: String, doc: "What stands before the first occurrence of the argument; all of it where there is none.", do: orEmpty(func(c *call, s string) value {
		return text(cut(s, strings.Index, c.str(0), true))
	})},
	{name: "substringBeforeLast", on: String, args: strs, min: 1, out: String, doc: "What stands before the last occurrence of the argument; all of it where there is none.", do: orEmpty(func(c *call, s string) value {
		return text(cut(s, strings.LastIndex, c.str(0), true))
	})},
	{name: "substringAfter", on: String, args: strs, min: 1, out: String, doc: "What stands after the first occurrence of the argument; all of it where there is none.", do: orEmpty(func(c *call, s string) value {
		return text(cut(s, strings.Index, c.str(0), false))
	})},
	{name: "substringAfterLast", on: String, args: strs, min: 1, out: String, doc: "What stands after the last occurrence of the argument; all of it where there is none.", do: orEmpty(func(c *call, s string) value {
		return text(cut(s, strings.LastIndex, c.str(0), false))
	})},
	{name: "replace", on: String, args: []Type{String, String}, min: 2, out: String, doc: "The subject with every occurrence of the first argument replaced by the second.", do: onText(replace)},
	{name: "replaceNull", on: String, args: strs, min: 1, out: String, doc: "The subject, or the argument where it is missing.", do: func(c *call) value {
		if v := c.sub(); v.ok {
			return v
		}
		return c.arg(0)
	}},
	{name: "replaceEmpty", on: String, args: strs, min: 1, out: String, doc: "The subject, or the argument where it is missing, empty or only white space.", do: func(c *call) value {
		if v := c.sub(); v.ok && !blank(v.s) {
			return v
		}
		return c.arg(0)
	}},
	{name: "padLeft", on: String, args: []Type{WholeNumber, String}, min: 1, out: String, doc: "The subject filled up on the left to a length, with the second argument or with _.", do: onText(func(c *call, s string) value {
		return text(padding(c, s) + s)
	})},
	{name: "padRight", on: String, args: []Type{WholeNumber, String}, min: 1, out: String, doc: "The subject filled up on the right to a length, with the second argument or with _.", do: onText(func(c *call, s string) value {
		return text(s + padding(c, s))
	})},
	{name: "repeat", on: String, args: []Type{WholeNumber, WholeNumber}, min: 1, out: String, clocked: true, prepare: positiveCount, doc: "The subject repeated, with two arguments a random number of times between them.", do: orEmpty(repeat)},
	{name: "getDelimitedField", on: String, args: []Type{WholeNumber, String, String, String, Boolean}, min: 1, out: String, doc: "The field of that number, counted from 1, with delimiter, quote, escape, and whether to strip quotes and escapes.", do: orEmpty(delimitedField)},
	{name: "indexOf", on: String, args: strs, min: 1, out: WholeNumber, doc: "The position of the argument's first occurrence, counted from 0; -1 where there is none.", do: func(c *call) value {
		return index(c, strings.Index)
	}},
	{name: "lastIndexOf", on: String, args: strs, min: 1, out: WholeNumber, doc: "The position of the argument's last occurrence, counted from 0; -1 where there is none.", do: func(c *call) value {
		return index(c, strings.LastIndex)
	}},
}

func cut(s string, find func(s, sep string) int, sep string, before bool) string {
	if sep == "" {
		return s
	}
	i := find(s, sep)
	switch {
	case i < 0:
		return s
	case before:
		return s[:i]
	}
	return s[i+len(sep):]
}

func index(c *call, find func(s, sep string) int) value {
	v := c.sub()
	arg := c.arg(0)
	if !v.ok || !arg.ok {
		return whole(-1)
	}
	i := find(v.s, arg.s)
	if i < 0 {
		return whole(-1)
	}
	return whole(int64(utf8.RuneCountInString(v.s[:i])))
}

func substring(c *call, s string) value {
	r := []rune(s)
	from := c.arg(0)
	to := whole(int64(len(r)))
	if c.has(1) {
		to = c.arg(1)
	}
	if !from.ok || !to.ok {
		return c.fail(badValue("substring", "", "WHOLE_NUMBER"))
	}
	if from.i < 0 || to.i > int64(len(r)) || from.i > to.i {
		return text("")
	}
	return text(string(r[from.i:to.i]))
}

func replace(c *call, s string) value {
	old, with := c.str(0), c.str(1)
	if n := strings.Count(s, old); n*(len(with)-len(old)) > maxText {
		return c.fail(tooLong("replace"))
	}
	return text(strings.ReplaceAll(s, old, with))
}

// padding returns what is missing to the length in the first argument.
func padding(c *call, s string) string {
	want := c.arg(0)
	with := []rune("_")
	if c.has(1) {
		if p := c.str(1); p != "" {
			with = []rune(p)
		}
	}
	missing := want.i - int64(utf8.RuneCountInString(s))
	if !want.ok || missing <= 0 || want.i > 1<<31-1 {
		return ""
	}
	if missing > maxText {
		c.fail(tooLong(c.n.f.name))
		return ""
	}
	out := make([]rune, missing)
	for i := range out {
		out[i] = with[i%len(with)]
	}
	return string(out)
}

func repeat(c *call, s string) value {
	n := c.arg(0)
	if !n.ok || n.i <= 0 {
		return c.fail(badValue("repeat", n.text(c.st.env.zone()), "1…"))
	}
	times := n.i
	if c.has(1) {
		most := c.arg(1)
		if !most.ok || most.i < n.i {
			return c.fail(badValue("repeat", most.text(c.st.env.zone()), n.text(c.st.env.zone())+"…"))
		}
		times += rand.Int64N(min(most.i-n.i, maxText) + 1)
	}
	if len(s) > 0 && times > int64(maxText/len(s)) {
		return c.fail(tooLong("repeat"))
	}
	if s == "" {
		return text("")
	}
	return text(strings.Repeat(s, int(times)))
}

func positiveCount(n *invocation) (any, error) {
	if v, ok := n.constArg(0); ok && v.i <= 0 {
		return nil, badValue("repeat", v.text(nil), "1…")
	}
	return nil, nil
}

// delimitedField walks over a line of fields as a delimited file has them.
func delimitedField(c *call, s string) value {
	if s == "" {
		return text("")
	}
	at := c.arg(0)
	if !at.ok {
		return c.fail(badValue("getDelimitedField", "", "WHOLE_NUMBER"))
	}
	marks := []rune(`,"\`)
	for i := range marks {
		if !c.has(i + 1) {
			break
		}
		m := []rune(c.str(i + 1))
		if len(m) != 1 {
			return c.fail(badValue("getDelimitedField", string(m), `, " \`))
		}
		marks[i] = m[0]
	}
	delimiter, quote, escape := marks[0], marks[1], marks[2]
	if delimiter == quote || quote == escape || delimiter == escape {
		return c.fail(badValue("getDelimitedField", string(marks), `, " \`))
	}
	strip := c.has(4) && c.arg(4).b
	var b strings.Builder
	field := int64(1)
	inQuote, escaped := false, false
	for _, r := range s {
		switch {
		case r == quote && !escaped:
			inQuote = !inQuote
			if !strip && field == at.i {
				b.WriteRune(r)
			}
		case r == delimiter && !escaped && !inQuote:
			if field == at.i {
				return text(b.String())
			}
			field++
		case field == at.i && (r != escape || !strip):
			b.WriteRune(r)
		}
		escaped = r == escape && !escaped
	}
	if field == at.i {
		return text(b.String())
	}
	return text("")
}
