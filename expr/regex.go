package expr

import (
	"errors"
	"strings"
	"time"

	"github.com/dlclark/regexp2"
	"github.com/weirflow/weir/fault"
)

// regexTimeout bounds one match, and regexTotal all matches in one value: an
// expression that tracks back without end is an error and not a stopped server.
const (
	regexTimeout = time.Second
	regexTotal   = 5 * time.Second
)

// pattern is a compiled regular expression.
type pattern struct {
	source string
	find   *regexp2.Regexp
	whole  *regexp2.Regexp
	// numbers are the engine's numbers of the groups by those in the source.
	numbers []int
}

// patterns keeps what was compiled lately, for expressions that come from an
// attribute, record after record.
var patterns = newRecent[*pattern](256)

func compilePattern(s string) (*pattern, error) {
	if p, ok := patterns.get(s); ok {
		return p, nil
	}
	t, numbers, err := translate(s)
	if err != nil {
		return nil, badPattern(s, err)
	}
	p := &pattern{source: s, numbers: numbers}
	if p.find, err = regexp2.Compile(t, regexp2.RE2); err != nil {
		return nil, badPattern(s, err)
	}
	if p.whole, err = regexp2.Compile(`\A(?:`+t+`)\z`, regexp2.RE2); err != nil {
		return nil, badPattern(s, err)
	}
	p.find.MatchTimeout, p.whole.MatchTimeout = regexTimeout, regexTimeout
	patterns.put(s, p)
	return p, nil
}

func badPattern(s string, err error) error {
	return fault.New("expr_regex", "pattern", shorten(s)).Because(err).Permanent()
}

func (p *pattern) slow(err error) error {
	return fault.New("expr_regex_time", "pattern", shorten(p.source), "limit", regexTimeout).Because(err).Permanent()
}

// next finds the next match, which must begin before the end.
func (p *pattern) next(m *regexp2.Match, end time.Time) (*regexp2.Match, error) {
	if time.Now().After(end) {
		return nil, errors.New("too many slow matches")
	}
	return p.find.FindNextMatch(m)
}

// matches reports whether all of s matches.
func (p *pattern) matches(s string) (bool, error) {
	ok, err := p.whole.MatchString(s)
	if err != nil {
		return false, p.slow(err)
	}
	return ok, nil
}

// occurs reports whether a part of s matches.
func (p *pattern) occurs(s string) (bool, error) {
	ok, err := p.find.MatchString(s)
	if err != nil {
		return false, p.slow(err)
	}
	return ok, nil
}

// split cuts s at every match. Empty parts at the end are left out, as is an
// empty match at the beginning.
func (p *pattern) split(s string) ([]string, error) {
	r := []rune(s)
	end := time.Now().Add(regexTotal)
	m, err := p.find.FindRunesMatch(r)
	var out []string
	from := 0
	for ; err == nil && m != nil; m, err = p.next(m, end) {
		if m.Length == 0 && (m.Index == 0 || m.Index == len(r)) {
			continue
		}
		out = append(out, string(r[from:m.Index]))
		from = m.Index + m.Length
	}
	if err != nil {
		return nil, p.slow(err)
	}
	if out == nil {
		return []string{s}, nil
	}
	out = append(out, string(r[from:]))
	for len(out) > 0 && out[len(out)-1] == "" {
		out = out[:len(out)-1]
	}
	return out, nil
}

// replace replaces the first match, or all, by a text in which $1 and ${name}
// stand for groups and a backslash takes the meaning from what follows it.
func (p *pattern) replace(s, with string, all bool, function string) (string, error) {
	r := []rune(s)
	end := time.Now().Add(regexTotal)
	var b strings.Builder
	from := 0
	m, err := p.find.FindRunesMatch(r)
	for ; err == nil && m != nil; m, err = p.next(m, end) {
		b.WriteString(string(r[from:m.Index]))
		if err := p.expand(&b, m, []rune(with)); err != nil {
			return "", err
		}
		from = m.Index + m.Length
		if b.Len() > maxText {
			return "", tooLong(function)
		}
		if !all {
			break
		}
	}
	if err != nil {
		return "", p.slow(err)
	}
	b.WriteString(string(r[from:]))
	return b.String(), nil
}

func (p *pattern) expand(b *strings.Builder, m *regexp2.Match, with []rune) error {
	bad := func() error {
		return fault.New("expr_replacement", "replacement", shorten(string(with)), "pattern", shorten(p.source)).Permanent()
	}
	for i := 0; i < len(with); i++ {
		switch c := with[i]; {
		case c == '\\':
			if i++; i >= len(with) {
				return bad()
			}
			b.WriteRune(with[i])
		case c != '$':
			b.WriteRune(c)
		case i+1 < len(with) && digit(with[i+1]):
			i++
			n := int(with[i] - '0')
			if n >= len(p.numbers) {
				return bad()
			}
			// More digits belong to the number as long as there is such a group.
			for i+1 < len(with) && digit(with[i+1]) && n*10+int(with[i+1]-'0') < len(p.numbers) {
				i++
				n = n*10 + int(with[i]-'0')
			}
			b.WriteString(m.GroupByNumber(p.numbers[n]).String())
		case i+1 < len(with) && with[i+1] == '{':
			name, _, ok := strings.Cut(string(with[i+2:]), "}")
			g := m.GroupByName(name)
			if !ok || g == nil || name == "" || digit(rune(name[0])) {
				return bad()
			}
			b.WriteString(g.String())
			i += 2 + len([]rune(name))
		default:
			return bad()
		}
	}
	return nil
}
