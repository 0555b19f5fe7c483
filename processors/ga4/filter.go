package ga4

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	ga "google.golang.org/api/analyticsdata/v1beta"
)

// A filter is a list of lines, all of which must hold. A line is one condition,
// or several with "or" between them:
//
//	eventName in login, purchase
//	country == "South Korea" or country == Japan
//	not pagePath begins with /admin
//	eventCount >= 3
//
// A value with a space, a comma or a quote in it stands in double quotes, with
// \" and \\ inside. Text is compared exactly unless the condition ends in
// "ignoring case".

// The operators on dimensions by their words.
var textOps = map[string]string{"==": "EXACT", "!=": "EXACT", "begins with": "BEGINS_WITH", "ends with": "ENDS_WITH",
	"contains": "CONTAINS", "matches": "FULL_REGEXP"}

// The operators on metrics by their signs.
var numberOps = map[string]string{"==": "EQUAL", "!=": "EQUAL", "<": "LESS_THAN", "<=": "LESS_THAN_OR_EQUAL",
	">": "GREATER_THAN", ">=": "GREATER_THAN_OR_EQUAL"}

// token is a word of a filter line, or a quoted value.
type token struct {
	text   string
	quoted bool
}

func (t token) is(word string) bool { return !t.quoted && t.text == word }

// parseFilter reads the lines of a filter on dimensions, or on metrics.
func parseFilter(lines []string, metrics bool) (*ga.FilterExpression, error) {
	var all []*ga.FilterExpression
	for _, line := range lines {
		e, err := parseLine(line, metrics)
		if err != nil {
			return nil, &badFilter{line, err}
		}
		all = append(all, e)
	}
	return together(all, func(l *ga.FilterExpressionList) *ga.FilterExpression { return &ga.FilterExpression{AndGroup: l} }), nil
}

// badFilter is an error in one line.
type badFilter struct {
	line string
	err  error
}

func (b *badFilter) Error() string { return fmt.Sprintf("%q: %v", b.line, b.err) }
func (b *badFilter) Unwrap() error { return b.err }

func together(all []*ga.FilterExpression, group func(*ga.FilterExpressionList) *ga.FilterExpression) *ga.FilterExpression {
	switch len(all) {
	case 0:
		return nil
	case 1:
		return all[0]
	}
	return group(&ga.FilterExpressionList{Expressions: all})
}

func parseLine(line string, metrics bool) (*ga.FilterExpression, error) {
	tokens, err := tokenize(line)
	if err != nil {
		return nil, err
	}
	p := &filterParser{rest: tokens, metrics: metrics}
	var any []*ga.FilterExpression
	for {
		e, err := p.condition()
		if err != nil {
			return nil, err
		}
		any = append(any, e)
		if len(p.rest) == 0 {
			break
		}
		if !p.take("or") {
			if p.rest[0].is("and") {
				return nil, errors.New(`write what follows "and" as a line of its own`)
			}
			return nil, fmt.Errorf("%q is one word too many; a value with spaces stands in double quotes", p.rest[0].text)
		}
	}
	return together(any, func(l *ga.FilterExpressionList) *ga.FilterExpression { return &ga.FilterExpression{OrGroup: l} }), nil
}

// tokenize splits a line into words, commas, signs and quoted values.
func tokenize(line string) ([]token, error) {
	var out []token
	for i := 0; i < len(line); {
		c := line[i]
		switch {
		case c == ' ' || c == '\t':
			i++
		case c == ',':
			out = append(out, token{text: ","})
			i++
		case c == '"':
			text, n, err := quotedText(line[i:])
			if err != nil {
				return nil, err
			}
			out = append(out, token{text, true})
			i += n
		case strings.IndexByte("=!<>", c) >= 0:
			n := 1
			if i+1 < len(line) && line[i+1] == '=' {
				n = 2
			}
			out = append(out, token{text: line[i : i+n]})
			i += n
		default:
			n := strings.IndexAny(line[i:], " \t,\"=!<>")
			if n < 0 {
				n = len(line) - i
			}
			out = append(out, token{text: line[i : i+n]})
			i += n
		}
	}
	if len(out) == 0 {
		return nil, errors.New("the line is empty")
	}
	return out, nil
}

// quotedText reads a value in double quotes and returns how long it was.
func quotedText(s string) (text string, n int, err error) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return b.String(), i + 1, nil
		case c == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
			b.WriteByte(s[i])
		default:
			b.WriteByte(c)
		}
	}
	return "", 0, errors.New("a double quote is not closed")
}

type filterParser struct {
	rest    []token
	metrics bool
}

// take drops the next words if they are these.
func (p *filterParser) take(words ...string) bool {
	if len(p.rest) < len(words) {
		return false
	}
	for i, w := range words {
		if !p.rest[i].is(w) {
			return false
		}
	}
	p.rest = p.rest[len(words):]
	return true
}

// value takes the next value, quoted or not.
func (p *filterParser) value() (string, error) {
	if len(p.rest) == 0 || p.rest[0].is(",") || p.rest[0].is("or") {
		return "", errors.New("a value is missing")
	}
	v := p.rest[0]
	p.rest = p.rest[1:]
	return v.text, nil
}

// condition reads: [not] FIELD OPERATOR VALUE...
func (p *filterParser) condition() (*ga.FilterExpression, error) {
	negate := p.take("not")
	if len(p.rest) == 0 {
		return nil, errors.New("a condition is missing")
	}
	field := p.rest[0]
	if field.quoted || !fieldName.MatchString(field.text) {
		return nil, fmt.Errorf("%q is no name of a field", field.text)
	}
	p.rest = p.rest[1:]
	read := p.text
	if p.metrics {
		read = p.number
	}
	f, not, err := read()
	if err != nil {
		return nil, err
	}
	f.FieldName = field.text
	e := &ga.FilterExpression{Filter: f}
	if negate != not {
		e = &ga.FilterExpression{NotExpression: e}
	}
	return e, nil
}

// text reads the operator and values of a dimension's condition.
func (p *filterParser) text() (f *ga.Filter, not bool, err error) {
	switch {
	case p.take("is", "empty"):
		return &ga.Filter{EmptyFilter: &ga.EmptyFilter{}}, false, nil
	case p.take("is", "not", "empty"):
		return &ga.Filter{EmptyFilter: &ga.EmptyFilter{}}, true, nil
	case p.take("in"):
		return p.list(false)
	case p.take("not", "in"):
		return p.list(true)
	}
	for _, words := range [][]string{{"=="}, {"!="}, {"begins", "with"}, {"ends", "with"}, {"contains"}, {"matches"}} {
		if !p.take(words...) {
			continue
		}
		op := strings.Join(words, " ")
		v, err := p.value()
		if err != nil {
			return nil, false, err
		}
		if op == "matches" {
			if _, err := regexp.Compile(v); err != nil {
				return nil, false, fmt.Errorf("the regular expression is not valid: %w", err)
			}
		}
		return &ga.Filter{StringFilter: &ga.StringFilter{MatchType: textOps[op], Value: v, CaseSensitive: !p.take("ignoring", "case")}},
			op == "!=", nil
	}
	return nil, false, p.noOperator("==, !=, in, not in, begins with, ends with, contains, matches, is empty, is not empty")
}

func (p *filterParser) list(not bool) (*ga.Filter, bool, error) {
	var values []string
	for {
		v, err := p.value()
		if err != nil {
			return nil, false, err
		}
		values = append(values, v)
		if !p.take(",") {
			break
		}
	}
	return &ga.Filter{InListFilter: &ga.InListFilter{Values: values, CaseSensitive: !p.take("ignoring", "case")}}, not, nil
}

// number reads the operator and values of a metric's condition.
func (p *filterParser) number() (f *ga.Filter, not bool, err error) {
	if p.take("between") {
		low, err := p.numeric()
		if err != nil {
			return nil, false, err
		}
		if !p.take("and") {
			return nil, false, errors.New(`between wants two numbers with "and" in the middle`)
		}
		high, err := p.numeric()
		if err != nil {
			return nil, false, err
		}
		return &ga.Filter{BetweenFilter: &ga.BetweenFilter{FromValue: low, ToValue: high}}, false, nil
	}
	if len(p.rest) > 0 && !p.rest[0].quoted {
		if op, ok := numberOps[p.rest[0].text]; ok {
			not = p.rest[0].text == "!="
			p.rest = p.rest[1:]
			v, err := p.numeric()
			if err != nil {
				return nil, false, err
			}
			return &ga.Filter{NumericFilter: &ga.NumericFilter{Operation: op, Value: v}}, not, nil
		}
	}
	return nil, false, p.noOperator("==, !=, <, <=, >, >=, between A and B")
}

func (p *filterParser) numeric() (*ga.NumericValue, error) {
	text, err := p.value()
	if err != nil {
		return nil, err
	}
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		return &ga.NumericValue{Int64Value: i, ForceSendFields: []string{"Int64Value"}}, nil
	}
	d, err := strconv.ParseFloat(text, 64)
	if err != nil || d-d != 0 {
		return nil, fmt.Errorf("%q is no number", text)
	}
	return &ga.NumericValue{DoubleValue: d, ForceSendFields: []string{"DoubleValue"}}, nil
}

func (p *filterParser) noOperator(known string) error {
	if len(p.rest) == 0 {
		return fmt.Errorf("an operator is missing; there are: %s", known)
	}
	return fmt.Errorf("%q is no operator; there are: %s", p.rest[0].text, known)
}

// filtered returns the fields that a filter names.
func filtered(e *ga.FilterExpression) []string {
	if e == nil {
		return nil
	}
	var out []string
	for _, g := range []*ga.FilterExpressionList{e.AndGroup, e.OrGroup} {
		if g != nil {
			for _, x := range g.Expressions {
				out = append(out, filtered(x)...)
			}
		}
	}
	out = append(out, filtered(e.NotExpression)...)
	if e.Filter != nil {
		out = append(out, e.Filter.FieldName)
	}
	return out
}

// fieldName is what the API's names look like: sessions, customUser:plan.
var fieldName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*(:[^\s,"]+)?$`)
