package sandbox

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	ga "google.golang.org/api/analyticsdata/v1beta"
)

// filterDepth is how deep filters may nest.
const filterDepth = 32

// condition is a compiled filter over T: an event, or a row of a report.
type condition[T any] func(T) bool

// compile turns a filter expression into a condition; leaf does so with its
// innermost filters.
func compile[T any](x *ga.FilterExpression, depth int, leaf func(*ga.Filter) (condition[T], *refusal)) (condition[T], *refusal) {
	if depth > filterDepth {
		return nil, refuse("INVALID_ARGUMENT", "The filter is nested too deeply.")
	}
	given := 0
	for _, is := range []bool{x.AndGroup != nil, x.OrGroup != nil, x.NotExpression != nil, x.Filter != nil} {
		given += int(one(is))
	}
	if given != 1 {
		return nil, refuse("INVALID_ARGUMENT", "A FilterExpression must have exactly one of andGroup, orGroup, notExpression and filter.")
	}
	group := func(l *ga.FilterExpressionList, until bool) (condition[T], *refusal) {
		if len(l.Expressions) == 0 {
			return nil, refuse("INVALID_ARGUMENT", "A FilterExpressionList must have at least one expression.")
		}
		var all []condition[T]
		for _, e := range l.Expressions {
			c, no := compile(e, depth+1, leaf)
			if no != nil {
				return nil, no
			}
			all = append(all, c)
		}
		return func(v T) bool {
			for _, c := range all {
				if c(v) == until {
					return until
				}
			}
			return !until
		}, nil
	}
	switch {
	case x.AndGroup != nil:
		return group(x.AndGroup, false)
	case x.OrGroup != nil:
		return group(x.OrGroup, true)
	case x.NotExpression != nil:
		c, no := compile(x.NotExpression, depth+1, leaf)
		return func(v T) bool { return !c(v) }, no
	}
	return leaf(x.Filter)
}

// match compiles a filter on one value, which is the text of a dimension or the
// number of a metric.
func match(f *ga.Filter) (func(string) bool, *refusal) {
	switch {
	case f.StringFilter != nil:
		return matchString(f.StringFilter)
	case f.InListFilter != nil:
		in := f.InListFilter
		if len(in.Values) == 0 {
			return nil, refuse("INVALID_ARGUMENT", "An InListFilter must have at least one value.")
		}
		values := map[string]bool{}
		for _, v := range in.Values {
			values[folded(v, in.CaseSensitive)] = true
		}
		return func(s string) bool { return values[folded(s, in.CaseSensitive)] }, nil
	case f.NumericFilter != nil:
		return matchNumber(f.NumericFilter)
	case f.BetweenFilter != nil:
		from, to := numberOf(f.BetweenFilter.FromValue), numberOf(f.BetweenFilter.ToValue)
		return func(s string) bool {
			x, err := strconv.ParseFloat(s, 64)
			return err == nil && from <= x && x <= to
		}, nil
	case f.EmptyFilter != nil:
		return func(s string) bool { return s == "" || s == notSet }, nil
	}
	return nil, refuse("INVALID_ARGUMENT", fmt.Sprintf("The filter on %s says nothing.", f.FieldName))
}

func folded(s string, exact bool) string {
	if exact {
		return s
	}
	return strings.ToLower(s)
}

func numberOf(v *ga.NumericValue) float64 {
	switch {
	case v == nil:
		return 0
	case v.Int64Value != 0:
		return float64(v.Int64Value)
	}
	return v.DoubleValue
}

func matchNumber(f *ga.NumericFilter) (func(string) bool, *refusal) {
	holds := map[string]func(int) bool{
		"EQUAL": func(c int) bool { return c == 0 }, "LESS_THAN": func(c int) bool { return c < 0 },
		"LESS_THAN_OR_EQUAL": func(c int) bool { return c <= 0 }, "GREATER_THAN": func(c int) bool { return c > 0 },
		"GREATER_THAN_OR_EQUAL": func(c int) bool { return c >= 0 },
	}[f.Operation]
	if holds == nil {
		return nil, refuse("INVALID_ARGUMENT", "A NumericFilter must have an operation.")
	}
	want := numberOf(f.Value)
	return func(s string) bool {
		x, err := strconv.ParseFloat(s, 64)
		return err == nil && holds(cmp.Compare(x, want))
	}, nil
}

func matchString(f *ga.StringFilter) (func(string) bool, *refusal) {
	want := folded(f.Value, f.CaseSensitive)
	by := func(test func(s, want string) bool) (func(string) bool, *refusal) {
		return func(s string) bool { return test(folded(s, f.CaseSensitive), want) }, nil
	}
	switch f.MatchType {
	case "EXACT", "", "MATCH_TYPE_UNSPECIFIED":
		return by(func(s, want string) bool { return s == want })
	case "BEGINS_WITH":
		return by(strings.HasPrefix)
	case "ENDS_WITH":
		return by(strings.HasSuffix)
	case "CONTAINS":
		return by(strings.Contains)
	case "FULL_REGEXP", "PARTIAL_REGEXP":
		pattern := f.Value
		if f.MatchType == "FULL_REGEXP" {
			pattern = "^(?:" + pattern + ")$"
		}
		if !f.CaseSensitive {
			pattern = "(?i)" + pattern
		}
		re, err := regexp.Compile(pattern)
		if err != nil {
			return nil, refuse("INVALID_ARGUMENT", fmt.Sprintf("The regular expression %s is not valid.", f.Value))
		}
		return re.MatchString, nil
	}
	return nil, refuse("INVALID_ARGUMENT", fmt.Sprintf("Invalid value at 'match_type': %q", f.MatchType))
}

// eventCondition compiles a filter of dimensions. What a code's text says is
// worked out once.
func eventCondition(x *ga.FilterExpression, log eventLog) (condition[*event], *refusal) {
	return compile(x, 0, func(f *ga.Filter) (condition[*event], *refusal) {
		d := dimensionNamed(f.FieldName)
		if d == nil {
			return nil, unknownField(f.FieldName, "dimension")
		}
		test, no := match(f)
		if no != nil {
			return nil, no
		}
		known := map[uint32]bool{}
		return func(e *event) bool {
			code := d.code(e)
			yes, ok := known[code]
			if !ok {
				yes = test(d.text(log, code))
				known[code] = yes
			}
			return yes
		}, nil
	})
}

// rowCondition compiles a filter of metrics, all of which the report must have.
func rowCondition(x *ga.FilterExpression, mets []*metric) (condition[[]int64], *refusal) {
	return compile(x, 0, func(f *ga.Filter) (condition[[]int64], *refusal) {
		m := metricNamed(f.FieldName)
		if m == nil {
			return nil, unknownField(f.FieldName, "metric")
		}
		at := slices.Index(mets, m)
		if at < 0 {
			return nil, refuse("INVALID_ARGUMENT", fmt.Sprintf("Field %s is in the metricFilter, but not in the metrics.", f.FieldName))
		}
		if f.NumericFilter == nil && f.BetweenFilter == nil {
			return nil, refuse("INVALID_ARGUMENT", fmt.Sprintf("The filter on the metric %s must be a numericFilter or a betweenFilter.", f.FieldName))
		}
		test, no := match(f)
		return func(values []int64) bool { return test(string(m.append(nil, values[at]))) }, no
	})
}

func unknownField(name, kind string) *refusal {
	return refuse("INVALID_ARGUMENT", fmt.Sprintf("Field %s is not a valid %s. For a list of valid dimensions and metrics, see "+
		"https://developers.google.com/analytics/devguides/reporting/data/v1/api-schema ", name, kind))
}
