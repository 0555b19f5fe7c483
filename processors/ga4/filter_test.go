package ga4

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestFilterLines(t *testing.T) {
	for _, c := range []struct {
		lines   string // separated by |
		metrics bool
		want    string
	}{
		{"", false, `null`},
		{`eventName == login`, false, `{"filter":{"fieldName":"eventName","stringFilter":{"caseSensitive":true,"matchType":"EXACT","value":"login"}}}`},
		{`eventName==login`, false, `{"filter":{"fieldName":"eventName","stringFilter":{"caseSensitive":true,"matchType":"EXACT","value":"login"}}}`},
		{`country == "South Korea" ignoring case`, false, `{"filter":{"fieldName":"country","stringFilter":{"matchType":"EXACT","value":"South Korea"}}}`},
		{`country != Japan`, false, `{"notExpression":{"filter":{"fieldName":"country","stringFilter":{"caseSensitive":true,"matchType":"EXACT","value":"Japan"}}}}`},
		{`not country != Japan`, false, `{"filter":{"fieldName":"country","stringFilter":{"caseSensitive":true,"matchType":"EXACT","value":"Japan"}}}`},
		{`eventName in login, "a, \"b\" \\", 세션`, false, `{"filter":{"fieldName":"eventName","inListFilter":{"caseSensitive":true,"values":["login","a, \"b\" \\","세션"]}}}`},
		{`customUser:plan not in free`, false, `{"notExpression":{"filter":{"fieldName":"customUser:plan","inListFilter":{"caseSensitive":true,"values":["free"]}}}}`},
		{`pagePath begins with /a`, false, `{"filter":{"fieldName":"pagePath","stringFilter":{"caseSensitive":true,"matchType":"BEGINS_WITH","value":"/a"}}}`},
		{`pagePath ends with "or"`, false, `{"filter":{"fieldName":"pagePath","stringFilter":{"caseSensitive":true,"matchType":"ENDS_WITH","value":"or"}}}`},
		{`pagePath contains x`, false, `{"filter":{"fieldName":"pagePath","stringFilter":{"caseSensitive":true,"matchType":"CONTAINS","value":"x"}}}`},
		{`pagePath matches ^/(a|b)$`, false, `{"filter":{"fieldName":"pagePath","stringFilter":{"caseSensitive":true,"matchType":"FULL_REGEXP","value":"^/(a|b)$"}}}`},
		{`city is empty`, false, `{"filter":{"emptyFilter":{},"fieldName":"city"}}`},
		{`city is not empty`, false, `{"notExpression":{"filter":{"emptyFilter":{},"fieldName":"city"}}}`},
		{`a == x or b == y`, false, `{"orGroup":{"expressions":[{"filter":{"fieldName":"a","stringFilter":{"caseSensitive":true,"matchType":"EXACT","value":"x"}}},{"filter":{"fieldName":"b","stringFilter":{"caseSensitive":true,"matchType":"EXACT","value":"y"}}}]}}`},
		{"eventCount >= 3\neventCount < 10", true, `{"andGroup":{"expressions":[{"filter":{"fieldName":"eventCount","numericFilter":{"operation":"GREATER_THAN_OR_EQUAL","value":{"int64Value":"3"}}}},{"filter":{"fieldName":"eventCount","numericFilter":{"operation":"LESS_THAN","value":{"int64Value":"10"}}}}]}}`},
		{`eventCount == 0`, true, `{"filter":{"fieldName":"eventCount","numericFilter":{"operation":"EQUAL","value":{"int64Value":"0"}}}}`},
		{`engagementRate != 0.5`, true, `{"notExpression":{"filter":{"fieldName":"engagementRate","numericFilter":{"operation":"EQUAL","value":{"doubleValue":0.5}}}}}`},
		{`eventCount between 1 and 3 or eventCount > 9`, true, `{"orGroup":{"expressions":[{"filter":{"betweenFilter":{"fromValue":{"int64Value":"1"},"toValue":{"int64Value":"3"}},"fieldName":"eventCount"}},{"filter":{"fieldName":"eventCount","numericFilter":{"operation":"GREATER_THAN","value":{"int64Value":"9"}}}}]}}`},
	} {
		e, err := parseFilter(splitLines(c.lines), c.metrics)
		if err != nil {
			t.Errorf("%s: %v", c.lines, err)
			continue
		}
		got, err := json.Marshal(e)
		if err != nil || string(got) != c.want {
			t.Errorf("%s:\n got %s, %v\nwant %s", c.lines, got, err, c.want)
		}
	}
}

func splitLines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}

func TestFilterRefusals(t *testing.T) {
	for _, c := range []struct {
		line    string
		metrics bool
		want    string
	}{
		{"", false, "empty"}, {"  ", false, "empty"}, {"not", false, "missing"}, {"eventName", false, "operator is missing"},
		{"eventName is", false, "no operator"}, {"eventName equals x", false, `"equals" is no operator; there are: ==`},
		{"eventName ==", false, "value is missing"}, {"eventName in a,", false, "value is missing"}, {"eventName in , a", false, "value is missing"},
		{"country == South Korea", false, "double quotes"}, {"a == x and b == y", false, "a line of its own"}, {`a == "x`, false, "not closed"},
		{"a == x or", false, "missing"}, {`"a" == x`, false, "no name of a field"}, {"1a == x", false, "no name of a field"},
		{"path matches (", false, "regular expression"}, {"eventCount > many", true, "no number"}, {"eventCount > NaN", true, "no number"},
		{"eventCount between 1, 3", true, `"and" in the middle`}, {"eventCount contains 3", true, "no operator"}, {"eventCount in 1, 2", true, "no operator"},
		{"eventCount >", true, "value is missing"}, {"eventName < 3", false, "no operator"}, {"a == x,", false, "too many"},
	} {
		if _, err := parseFilter([]string{c.line}, c.metrics); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v, want one that says %q", c.line, err, c.want)
		}
	}
}

func TestFilteredNamesEveryField(t *testing.T) {
	e, err := parseFilter([]string{"a == x or not b in y", "c is empty"}, false)
	if err != nil {
		t.Fatal(err)
	}
	if got := filtered(e); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("fields %q", got)
	}
}

// FuzzFilter wants no line to crash the parser, and whatever it takes to name a
// field.
func FuzzFilter(f *testing.F) {
	for _, s := range []string{`eventName in login, "x y"`, `not a == "\"" or b matches .*`, "eventCount between 1 and 2"} {
		f.Add(s, false)
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, line string, metrics bool) {
		e, err := parseFilter([]string{line}, metrics)
		if err != nil {
			return
		}
		names := filtered(e)
		if len(names) == 0 {
			t.Fatalf("%q is taken and names no field", line)
		}
		for _, n := range names {
			if !strings.Contains(line, n) || !fieldName.MatchString(n) {
				t.Errorf("%q names %q", line, n)
			}
		}
	})
}
