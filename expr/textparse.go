package expr

import (
	"strings"

	"github.com/weirflow/weir/fault"
)

// template parses text with expressions in it: a property value at depth 0, the
// inside of quotes below. Before an opening brace an even number of dollar signs
// stands for half as many and no expression, an odd number for half as many and
// an expression; elsewhere a dollar sign is itself. The same holds for # and
// parameters, which are looked for at depth 0 alone.
func (p *parser) template(src source, depth int) ([]node, error) {
	var parts []node
	var lit strings.Builder
	flush := func() {
		if s := lit.String(); s != "" {
			if depth > 0 {
				s = strings.ReplaceAll(s, `\\`, `\`)
			}
			parts = append(parts, &constant{v: text(s)})
		}
		lit.Reset()
	}
	last := len(src.r) - 1 // the last closing brace
	for last >= 0 && src.r[last] != '}' {
		last--
	}
	for i := 0; i < len(src.r); {
		c := src.r[i]
		if c != '$' && (c != '#' || depth > 0) {
			lit.WriteRune(c)
			i++
			continue
		}
		j := src.run(i, c)
		signs := j - i
		if !src.has(j, '{') || c == '#' && j > last {
			lit.WriteString(string(src.r[i:j]))
			i = j
			continue
		}
		if signs%2 == 0 {
			if j < last {
				signs /= 2
			}
			lit.WriteString(strings.Repeat(string(c), signs))
			lit.WriteByte('{')
			i = j + 1
			continue
		}
		var n node
		var next int
		var err error
		if c == '#' {
			n, next, err = p.parameter(src, j-1)
		} else {
			p.eof = false
			n, next, err = p.expression(src, j-1, depth+1)
		}
		if err != nil {
			if c == '#' || src.closing(j) >= 0 {
				return nil, err
			}
			if expressionLike(src, j+1) {
				if p.eof {
					at := src.place(j - 1)
					err = fault.New("expr_unclosed", "position", at+1, "excerpt", excerpt(p.root, at)).Permanent()
				}
				return nil, err
			}
			lit.WriteString(string(src.r[i:]))
			flush()
			return parts, nil
		}
		lit.WriteString(strings.Repeat(string(c), signs/2))
		flush()
		parts = append(parts, n)
		i = next
	}
	flush()
	return parts, nil
}

// expressionLike reports whether the text at i, after an opened ${ that is never
// closed, was probably meant as an expression: it begins like a subject, or
// opens another expression further on.
func expressionLike(src source, i int) bool {
	j := src.skip(i)
	if j < len(src.r) {
		if c := src.r[j]; c == '\'' || c == '"' || c == '$' || c == '#' || nameStart(c) {
			return true
		}
	}
	for ; i+1 < len(src.r); i++ {
		if src.r[i] == '$' && src.r[i+1] == '{' {
			return true
		}
	}
	return false
}
