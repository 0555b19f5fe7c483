package sandbox

import (
	"strconv"
	"strings"
	"testing"

	ga "google.golang.org/api/analyticsdata/v1beta"
)

func only(field string, f ga.Filter) *ga.FilterExpression {
	f.FieldName = field
	return &ga.FilterExpression{Filter: &f}
}

func like(match, value string, exact bool) ga.Filter {
	return ga.Filter{StringFilter: &ga.StringFilter{MatchType: match, Value: value, CaseSensitive: exact}}
}

func each(fs ...*ga.FilterExpression) *ga.FilterExpressionList {
	return &ga.FilterExpressionList{Expressions: fs}
}

// TestDimensionFilters compares each filter with the same test in Go.
func TestDimensionFilters(t *testing.T) {
	s := open(t, analysed)
	p := reports(t, s)
	name := func(test func(string) bool) func(Event) bool { return func(e Event) bool { return test(e.Name) } }
	hour := func(e Event) int { return e.Time.In(zone).Hour() }
	for what, c := range map[string]struct {
		filter *ga.FilterExpression
		test   func(Event) bool
	}{
		"exact":            {only("eventName", like("EXACT", "LOGIN", false)), name(func(s string) bool { return s == "login" })},
		"exact, case":      {only("eventName", like("EXACT", "LOGIN", true)), func(Event) bool { return false }},
		"begins":           {only("eventName", like("BEGINS_WITH", "Meeting_", false)), name(func(s string) bool { return strings.HasPrefix(s, "meeting_") })},
		"ends":             {only("eventName", like("ENDS_WITH", "_view", true)), name(func(s string) bool { return strings.HasSuffix(s, "_view") })},
		"contains":         {only("eventName", like("CONTAINS", "N_S", false)), name(func(s string) bool { return strings.Contains(s, "n_s") })},
		"full regexp":      {only("eventName", like("FULL_REGEXP", "s.*t|login", false)), name(func(s string) bool { return s == "session_start" || s == "login" })},
		"partial regexp":   {only("eventName", like("PARTIAL_REGEXP", "^[a-l]", false)), name(func(s string) bool { return s[0] <= 'l' })},
		"korean":           {only("unifiedScreenName", like("CONTAINS", "회", true)), func(e Event) bool { return e.Screen == "회의" }},
		"list":             {only("city", ga.Filter{InListFilter: &ga.InListFilter{Values: []string{"seoul", "BUSAN"}}}), func(e Event) bool { return e.City == "Seoul" || e.City == "Busan" }},
		"list, case":       {only("city", ga.Filter{InListFilter: &ga.InListFilter{Values: []string{"seoul", "Busan"}, CaseSensitive: true}}), func(e Event) bool { return e.City == "Busan" }},
		"number":           {only("hour", ga.Filter{NumericFilter: &ga.NumericFilter{Operation: "LESS_THAN_OR_EQUAL", Value: &ga.NumericValue{Int64Value: 9}}}), func(e Event) bool { return hour(e) <= 9 }},
		"between":          {only("hour", ga.Filter{BetweenFilter: &ga.BetweenFilter{FromValue: &ga.NumericValue{Int64Value: 9}, ToValue: &ga.NumericValue{DoubleValue: 11.5}}}), func(e Event) bool { return hour(e) >= 9 && hour(e) <= 11 }},
		"empty":            {only("customUser:MID", ga.Filter{EmptyFilter: &ga.EmptyFilter{}}), func(e Event) bool { return e.UID == "" }},
		"not":              {&ga.FilterExpression{NotExpression: only("customUser:MID", like("EXACT", "(not set)", false))}, func(e Event) bool { return e.UID != "" }},
		"and":              {&ga.FilterExpression{AndGroup: each(only("platform", like("EXACT", "iOS", false)), only("hour", like("EXACT", "20", false)))}, func(e Event) bool { return e.Platform == "iOS" && hour(e) == 20 }},
		"or in and":        {&ga.FilterExpression{AndGroup: each(&ga.FilterExpression{OrGroup: each(only("platform", like("EXACT", "web", false)), only("eventName", like("EXACT", "login", false)))}, only("customUser:plan", like("EXACT", "pro", false)))}, func(e Event) bool { return (e.Platform == "web" || e.Name == "login") && e.Plan == "pro" }},
		"item, not bought": {only("date", like("EXACT", "20250211", false)), func(e Event) bool { return e.Time.In(zone).Day() == 11 }},
	} {
		want := 0
		for _, date := range dates("2025-02-10", "2025-02-13") {
			for _, e := range eventsOn(t, s.Company(), date) {
				if c.test(e) {
					want++
				}
			}
		}
		res := report(t, p, &ga.RunReportRequest{Metrics: measured("eventCount"), DateRanges: between("2025-02-10", "2025-02-13"), DimensionFilter: c.filter})
		got := 0
		if len(res.Rows) > 0 {
			n, err := strconv.Atoi(res.Rows[0].MetricValues[0].Value)
			if err != nil {
				t.Fatal(err)
			}
			got = n
		}
		if got != want || want == 0 && what != "exact, case" {
			t.Errorf("%s: %d events, want %d", what, got, want)
		}
	}
}

func TestMetricFilterAndEmptyRows(t *testing.T) {
	s := open(t, analysed)
	p := reports(t, s)
	req := &ga.RunReportRequest{Dimensions: named("customUser:MID"), Metrics: measured("totalRevenue"), DateRanges: between("2025-01-01", "2025-02-20"),
		MetricAggregations: []string{"TOTAL", "MAXIMUM", "MINIMUM"}}
	buyers := report(t, p, req)
	req.KeepEmptyRows = true
	all := report(t, p, req)
	if buyers.RowCount == 0 || all.RowCount <= buyers.RowCount {
		t.Fatalf("%d rows with revenue, %d in all", buyers.RowCount, all.RowCount)
	}
	value := func(rows []*ga.Row) float64 {
		x, err := strconv.ParseFloat(rows[0].MetricValues[0].Value, 64)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	if value(all.Totals) != value(buyers.Totals) || value(all.Minimums) != 0 || value(buyers.Minimums) == 0 || value(all.Maximums) != value(buyers.Maximums) ||
		all.Totals[0].DimensionValues[0].Value != "RESERVED_TOTAL" || all.Maximums[0].DimensionValues[0].Value != "RESERVED_MAX" {
		t.Errorf("%v %v %v", lines(all.Totals), lines(all.Minimums), lines(all.Maximums))
	}
	limit := value(all.Maximums)
	req.MetricFilter = only("totalRevenue", ga.Filter{NumericFilter: &ga.NumericFilter{Operation: "EQUAL", Value: &ga.NumericValue{DoubleValue: limit}}})
	most := report(t, p, req)
	for _, r := range most.Rows {
		if r.MetricValues[0].Value != strconv.FormatFloat(limit, 'f', -1, 64) {
			t.Errorf("%v", lines(most.Rows))
		}
	}
	if most.RowCount == 0 || value(most.Totals) != limit*float64(most.RowCount) {
		t.Errorf("%d rows, total %v", most.RowCount, lines(most.Totals))
	}
}
