package expr

import (
	"strconv"
	"strings"

	"github.com/weirflow/weir/fault"
)

// parser builds the nodes of one property value.
type parser struct {
	root []rune
	refs *collector
	eof  bool // the last error was met at the end of the text
}

// The things that may stand at a place, as an error names them.
const (
	wantSubject  = `name 'name' ${...} #{...} function(...)`
	wantArgument = `'...' 123 true false null ${...} #{...}`
)

func (p *parser) syntax(src source, i int, expected string) error {
	p.eof = i >= len(src.r)
	at := len(p.root)
	if i < len(src.r) || src.at != nil {
		at = src.place(min(i, max(len(src.r), len(src.at)-1)))
	}
	return fault.New("expr_syntax", "position", at+1, "expected", expected, "excerpt", excerpt(p.root, at)).Permanent()
}

// at returns the position of character i as errors give it.
func (p *parser) at(src source, i int) int {
	if i >= len(src.r) && src.at == nil {
		return len(p.root) + 1
	}
	return src.place(i) + 1
}

// expression parses ${...} at i and returns the place after its closing brace.
func (p *parser) expression(src source, i, depth int) (node, int, error) {
	if depth > maxDepth {
		return nil, 0, fault.New("expr_too_deep", "position", p.at(src, i), "limit", maxDepth).Permanent()
	}
	i++ // the dollar sign
	if i = src.skip(i); !src.has(i, '{') {
		return nil, 0, p.syntax(src, i, "{")
	}
	from := src.skip(i + 1)
	n, i, err := p.subject(src, from, depth)
	if err != nil {
		return nil, 0, err
	}
	of, _ := n.(*several)
	for chain := 0; ; chain++ {
		i = src.skip(i)
		if src.has(i, '}') {
			if n, err = p.finish(src, from, n, of); err != nil {
				return nil, 0, err
			}
			return n, i + 1, nil
		}
		if !src.has(i, ':') {
			return nil, 0, p.syntax(src, i, ": }")
		}
		if chain == maxChain {
			return nil, 0, fault.New("expr_too_deep", "position", p.at(src, i), "limit", maxChain).Permanent()
		}
		from = src.skip(i + 1)
		if n, i, err = p.function(src, from, n, depth); err != nil {
			return nil, 0, err
		}
	}
}

// finish makes one value of a subject of several.
func (p *parser) finish(src source, i int, n node, of *several) (node, error) {
	if of == nil {
		return n, nil
	}
	if r, ok := n.(*reduction); ok && of.f.all {
		r.of = of
		return r, nil
	}
	if n.typ() != Boolean {
		return nil, fault.New("expr_not_reduced", "function", of.f.name, "position", p.at(src, i)).Permanent()
	}
	return &quantifier{of: of, logic: n}, nil
}

func (p *parser) subject(src source, i, depth int) (node, int, error) {
	if i >= len(src.r) {
		return nil, 0, p.syntax(src, i, wantSubject)
	}
	switch c := src.r[i]; {
	case c == '\'' || c == '"':
		n, end, err := p.text(src, i, depth)
		if err != nil {
			return nil, 0, err
		}
		return p.lookup(n), end, nil
	case c == '$':
		n, end, err := p.expression(src, i, depth+1)
		if err != nil {
			return nil, 0, err
		}
		return p.lookup(n), end, nil
	case c == '#':
		return p.parameter(src, i)
	case !nameStart(c):
		return nil, 0, p.syntax(src, i, wantSubject)
	}
	if end, _ := src.number(i); end > i && !nameRune(runeAt(src, end)) {
		return nil, 0, p.syntax(src, i, wantSubject)
	}
	end := src.word(i)
	name := string(src.r[i:end])
	f := functions()[name]
	called := src.has(src.skip(end), '(')
	switch {
	case f == nil && called:
		return nil, 0, p.unknown(src, i, name)
	case f == nil && name != "true" && name != "false" && name != "null":
		return p.lookup(&constant{v: text(name)}), end, nil
	case !called:
		return nil, 0, fault.New("expr_reserved_name", "name", name, "position", p.at(src, i), "quoted", "${'"+name+"'}").Permanent()
	case f.many != 0:
		return p.several(src, i, src.skip(end), f, depth)
	case !f.alone:
		return nil, 0, fault.New("expr_needs_subject", "function", name, "position", p.at(src, i),
			"example", "${name:"+name+"(...)}").Permanent()
	}
	args, end, err := p.arguments(src, src.skip(end), depth)
	if err != nil {
		return nil, 0, err
	}
	n, err := p.build(src, i, f, nil, args)
	return n, end, err
}

func runeAt(src source, i int) rune {
	if i < len(src.r) {
		return src.r[i]
	}
	return ' '
}

func (p *parser) lookup(name node) node {
	p.refs.lookup(name)
	return &attribute{name: name}
}

// parameter parses #{name} at i.
func (p *parser) parameter(src source, i int) (node, int, error) {
	if !src.has(i+1, '{') {
		return nil, 0, p.syntax(src, i+1, "{")
	}
	end := i + 2
	for end < len(src.r) && src.r[end] != '}' {
		end++
	}
	if end >= len(src.r) {
		return nil, 0, p.syntax(src, end, "}")
	}
	name := trimSpace(string(src.r[i+2 : end]))
	if n := len(name); n >= 2 && (name[0] == '\'' || name[0] == '"') && name[n-1] == name[0] {
		name = name[1 : n-1]
	}
	if name == "" || strings.ContainsAny(name, `'"{`) {
		return nil, 0, p.syntax(src, i+2, `#{name} #{'name'}`)
	}
	p.refs.parameters[name] = true
	return &parameter{name: name}, end + 1, nil
}

// text parses a quoted text at i, which may hold expressions.
func (p *parser) text(src source, i, depth int) (node, int, error) {
	in, end := src.quoted(i)
	if end < 0 {
		err := p.syntax(src, i, string(src.r[i])+"..."+string(src.r[i]))
		p.eof = true
		return nil, 0, err
	}
	parts, err := p.template(in, depth+1)
	if err != nil {
		return nil, 0, err
	}
	switch len(parts) {
	case 0:
		return &constant{v: text("")}, end, nil
	case 1:
		if parts[0].typ() != String {
			return &cast{in: parts[0], to: String}, end, nil
		}
		return parts[0], end, nil
	}
	return &concat{parts: parts}, end, nil
}

// function parses a function at i, which is called on subject.
func (p *parser) function(src source, i int, subject node, depth int) (node, int, error) {
	if i >= len(src.r) || !nameStart(src.r[i]) {
		return nil, 0, p.syntax(src, i, "function(...)")
	}
	end := src.word(i)
	name := string(src.r[i:end])
	f := functions()[name]
	switch {
	case f == nil:
		return nil, 0, p.unknown(src, i, name)
	case f.many != 0 || f.alone && f.on == Any:
		return nil, 0, fault.New("expr_stands_alone", "function", name, "position", p.at(src, i),
			"example", "${"+name+"(...)}").Permanent()
	}
	args, end, err := p.arguments(src, src.skip(end), depth)
	if err != nil {
		return nil, 0, err
	}
	n, err := p.build(src, i, f, subject, args)
	return n, end, err
}

// argument is an argument with the place where it begins.
type argument struct {
	n  node
	at int
}

// arguments parses (a, b, ...) at i.
func (p *parser) arguments(src source, i, depth int) ([]argument, int, error) {
	if !src.has(i, '(') {
		return nil, 0, p.syntax(src, i, "(")
	}
	i = src.skip(i + 1)
	var args []argument
	if src.has(i, ')') {
		return args, i + 1, nil
	}
	for {
		n, end, err := p.argument(src, i, depth)
		if err != nil {
			return nil, 0, err
		}
		args = append(args, argument{n, i})
		i = src.skip(end)
		switch {
		case src.has(i, ')'):
			return args, i + 1, nil
		case !src.has(i, ','):
			return nil, 0, p.syntax(src, i, ", )")
		}
		i = src.skip(i + 1)
	}
}

func (p *parser) argument(src source, i, depth int) (node, int, error) {
	if i >= len(src.r) {
		return nil, 0, p.syntax(src, i, wantArgument)
	}
	switch src.r[i] {
	case '\'', '"':
		return p.text(src, i, depth)
	case '$':
		return p.expression(src, i, depth+1)
	case '#':
		return p.parameter(src, i)
	}
	if end, dec := src.number(i); end > i {
		s := string(src.r[i:end])
		if dec {
			f, err := strconv.ParseFloat(s, 64)
			if err == nil {
				return &constant{v: decimal(f)}, end, nil
			}
		} else if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			return &constant{v: whole(n)}, end, nil
		}
		return nil, 0, fault.New("expr_number_range", "value", s, "position", p.at(src, i)).Permanent()
	}
	end := src.word(i)
	switch string(src.r[i:end]) {
	case "true":
		return &constant{v: truth(true)}, end, nil
	case "false":
		return &constant{v: truth(false)}, end, nil
	case "null":
		return &constant{v: none(String)}, end, nil
	}
	return nil, 0, p.syntax(src, i, wantArgument)
}
