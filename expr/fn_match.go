package expr

import "strings"

// regexArg returns the pattern of argument 0, compiled beforehand where it is
// constant; nil where it is missing.
func regexArg(c *call) *pattern {
	if p, ok := c.n.prepared.(*pattern); ok {
		return p
	}
	v := c.arg(0)
	if !v.ok || c.err != nil {
		return nil
	}
	p, err := compilePattern(v.s)
	if err != nil {
		c.fail(err)
		return nil
	}
	return p
}

func prepareRegex(n *invocation) (any, error) {
	v, ok := n.constArg(0)
	if !ok || !v.ok {
		return nil, nil
	}
	p, err := compilePattern(v.s)
	if err != nil {
		return nil, err
	}
	return p, nil
}

func matching(name, doc string, f func(*pattern, string) (bool, error)) spec {
	return spec{name: name, on: String, args: strs, min: 1, out: Boolean, doc: doc, prepare: prepareRegex, do: func(c *call) value {
		s := c.sub()
		if !s.ok {
			return truth(false)
		}
		p := regexArg(c)
		if p == nil {
			return truth(false)
		}
		ok, err := f(p, s.s)
		if err != nil {
			return c.fail(err)
		}
		return truth(ok)
	}}
}

func replacing(name, doc string, all bool) spec {
	return spec{name: name, on: String, args: []Type{String, String}, min: 2, out: String, doc: doc, prepare: prepareRegex, do: onText(func(c *call, s string) value {
		p := regexArg(c)
		with := c.str(1)
		if p == nil || c.err != nil {
			return text(s)
		}
		out, err := p.replace(s, with, all, name)
		if err != nil {
			return c.fail(err)
		}
		return text(out)
	})}
}

var matchFunctions = []spec{
	matching("find", "True where a part of the subject matches the regular expression.", (*pattern).occurs),
	matching("matches", "True where all of the subject matches the regular expression.", (*pattern).matches),
	replacing("replaceFirst", "The subject with the first match of the regular expression replaced; $1 stands for a group.", false),
	replacing("replaceAll", "The subject with every match of the regular expression replaced; $1 stands for a group.", true),
	{name: "replaceByPattern", on: String, args: strs, min: 1, out: String, doc: "The text of the first pair, in a list such as 'a.*:first,b.*:second', whose regular expression matches all of the subject; else the subject.", prepare: prepareMapping, do: onText(byMapping)},
}

type mapping struct {
	p    *pattern
	text string
}

// readMapping reads pairs of regular expression and text. What is no pair is
// passed over.
func readMapping(s string) ([]mapping, error) {
	var out []mapping
	for _, pair := range strings.Split(s, ",") {
		parts := strings.Split(trimSpace(pair), ":")
		if len(parts) < 2 || blank(parts[0]) || blank(parts[1]) {
			continue
		}
		p, err := compilePattern(parts[0])
		if err != nil {
			return nil, err
		}
		out = append(out, mapping{p, parts[1]})
	}
	return out, nil
}

func prepareMapping(n *invocation) (any, error) {
	v, ok := n.constArg(0)
	if !ok {
		return nil, nil
	}
	m, err := readMapping(v.s)
	if err != nil {
		return nil, err
	}
	return m, nil
}

func byMapping(c *call, s string) value {
	list, ok := c.n.prepared.([]mapping)
	if !ok {
		var err error
		if list, err = readMapping(c.str(0)); err != nil {
			return c.fail(err)
		}
	}
	for _, m := range list {
		hit, err := m.p.matches(s)
		if err != nil {
			return c.fail(err)
		}
		if hit {
			return text(m.text)
		}
	}
	return text(s)
}
