package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	ga "google.golang.org/api/analyticsdata/v1beta"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/option"
)

// noon is the clock in tests of reports: the company's day, 21:00 in Seoul.
var noon = day.Add(12 * time.Hour)

func fixed() time.Time { return noon }

// analysed is a sandbox with a small company whose clock stands.
var analysed = Config{Seed: 7, Date: day, Users: 300, Meetings: 600, Events: 2000, Now: fixed}

// reports returns a real client of a sandbox. The test fails when the sandbox
// has seen none of its requests.
func reports(t testing.TB, s *Sandbox) *ga.PropertiesService {
	t.Helper()
	c, err := ga.NewService(t.Context(), option.WithEndpoint("http://"+s.Addr()+"/"), option.WithoutAuthentication())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		n := s.Stats().Calls[Analytics]
		t.Logf("the sandbox saw %d requests of the Data API", n)
		if n == 0 {
			t.Error("no request reached the sandbox")
		}
	})
	return c.Properties
}

const property = "properties/" + DefaultProperty

func named(names ...string) (list []*ga.Dimension) {
	for _, n := range names {
		list = append(list, &ga.Dimension{Name: n})
	}
	return list
}

func measured(names ...string) (list []*ga.Metric) {
	for _, n := range names {
		list = append(list, &ga.Metric{Name: n})
	}
	return list
}

func between(first, last string) []*ga.DateRange {
	return []*ga.DateRange{{StartDate: first, EndDate: last}}
}

func report(t testing.TB, p *ga.PropertiesService, r *ga.RunReportRequest) *ga.RunReportResponse {
	t.Helper()
	res, err := p.RunReport(property, r).Do()
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// lines writes the rows of an answer, a line each.
func lines(rows []*ga.Row) []string {
	var out []string
	for _, r := range rows {
		var cells []string
		for _, d := range r.DimensionValues {
			cells = append(cells, d.Value)
		}
		for _, m := range r.MetricValues {
			cells = append(cells, m.Value)
		}
		out = append(out, strings.Join(cells, " | "))
	}
	return out
}

// refused checks the error of a call and returns Google's body.
func refused(t testing.TB, err error, code int, word string) *googleapi.Error {
	t.Helper()
	var e *googleapi.Error
	if !errors.As(err, &e) || e.Code != code || !strings.Contains(e.Body, word) {
		t.Fatalf("%v, want %d with %q", err, code, word)
	}
	return e
}

// TestReportsSumTheEvents compares reports with sums of the exported events.
func TestReportsSumTheEvents(t *testing.T) {
	s := open(t, analysed)
	p := reports(t, s)
	first, last := "2025-02-10", "2025-02-14"
	var all []Event
	for _, date := range dates(first, last) {
		all = append(all, eventsOn(t, s.Company(), date)...)
	}
	or := func(text string) string {
		if text == "" {
			return "(not set)"
		}
		return text
	}
	local := func(form string) func(Event) string {
		return func(e Event) string { return e.Time.In(zone).Format(form) }
	}
	value := map[string]func(Event) string{
		"date": local("20060102"), "dateHour": local("2006010215"), "dateHourMinute": local("200601021504"), "yearMonth": local("200601"),
		"year": local("2006"), "month": local("01"), "day": local("02"), "hour": local("15"), "minute": local("04"),
		"dayOfWeek": func(e Event) string { return fmt.Sprint(int(e.Time.In(zone).Weekday())) },
		"eventName": func(e Event) string { return e.Name }, "platform": func(e Event) string { return e.Platform },
		"country": func(e Event) string { return e.Country }, "city": func(e Event) string { return e.City },
		"unifiedScreenName":      func(e Event) string { return e.Screen },
		"customUser:MID":         func(e Event) string { return or(e.UID) },
		"customUser:plan":        func(e Event) string { return or(e.Plan) },
		"customEvent:meeting_id": func(e Event) string { return or(e.MeetingID) },
		"customEvent:source":     func(e Event) string { return or(e.Source) },
	}
	type sums struct {
		events, views, keys, revenue int64
		engaged                      time.Duration
		devices, engagedBy, sessions map[uint64]bool
	}
	metricNames := []string{"eventCount", "totalUsers", "sessions", "screenPageViews", "userEngagementDuration", "keyEvents", "totalRevenue", "activeUsers"}
	for _, dims := range [][]string{
		{"date", "eventName", "customUser:MID"}, {"dateHour", "platform"}, {"yearMonth"}, {"customUser:plan", "city"}, {},
		{"dateHourMinute"}, {"customEvent:meeting_id", "eventName"}, {"unifiedScreenName", "country", "customEvent:source"},
		{"dayOfWeek", "hour"}, {"minute"}, {"year", "month", "day"},
		{"dateHourMinute", "date", "eventName", "customUser:MID", "customEvent:meeting_id", "platform", "city", "customUser:plan", "dateHour"},
	} {
		want := map[string]*sums{}
		for _, e := range all {
			var cells []string
			for _, d := range dims {
				cells = append(cells, value[d](e))
			}
			k := strings.Join(cells, " | ")
			w := want[k]
			if w == nil {
				w = &sums{devices: map[uint64]bool{}, engagedBy: map[uint64]bool{}, sessions: map[uint64]bool{}}
				want[k] = w
			}
			w.events += e.Count
			w.revenue += e.Revenue
			w.engaged += e.Engaged
			w.devices[e.Device], w.sessions[e.Session] = true, true
			if e.Engaged > 0 || e.Name == "session_start" {
				w.engagedBy[e.Device] = true
			}
			if e.Name == "screen_view" || e.Name == "page_view" {
				w.views += e.Count
			}
			if e.Name == "sign_up" || e.Name == "purchase" || e.Name == "meeting_end" {
				w.keys += e.Count
			}
		}
		var expected []string
		for k, w := range want {
			cells := []string{}
			if len(dims) > 0 {
				cells = append(cells, k)
			}
			for _, n := range []int64{w.events, int64(len(w.devices)), int64(len(w.sessions)), w.views, int64(w.engaged / time.Second), w.keys} {
				cells = append(cells, strconv.FormatInt(n, 10))
			}
			cells = append(cells, strconv.FormatFloat(float64(w.revenue)/1e6, 'f', -1, 64), strconv.Itoa(len(w.engagedBy)))
			expected = append(expected, strings.Join(cells, " | "))
		}
		slices.Sort(expected)
		var got []string
		req := &ga.RunReportRequest{Dimensions: named(dims...), Metrics: measured(metricNames...), DateRanges: between(first, last), Limit: 3000}
		for n := int64(0); ; {
			req.Offset = n
			res := report(t, p, req)
			got = append(got, lines(res.Rows)...)
			if n += int64(len(res.Rows)); n >= res.RowCount || len(res.Rows) == 0 {
				if n != res.RowCount {
					t.Fatalf("%v: %d rows of %d", dims, n, res.RowCount)
				}
				break
			}
		}
		slices.Sort(got)
		if d := cmp.Diff(expected, got); d != "" {
			t.Fatalf("%v: %s", dims, d)
		}
	}
	if st := s.Stats(); st.Tokens == 0 || st.Rows == 0 || st.Requests["runReport"] != st.Calls[Analytics] {
		t.Errorf("%+v", st)
	}
}

// TestAnswerOnTheWire checks what the client's types would hide.
func TestAnswerOnTheWire(t *testing.T) {
	s := open(t, analysed)
	reports(t, s)
	body := `{"dimensions":[{"name":"platform"}],"metrics":[{"name":"eventCount"}],"dateRanges":[{"startDate":"2025-02-10","endDate":"2025-02-11"}],
		"limit":"2","offset":"1","metricAggregations":["TOTAL"],"returnPropertyQuota":true}`
	res, err := http.Post("http://"+s.Addr()+"/v1beta/"+property+":runReport", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var got map[string]any
	if err := json.NewDecoder(res.Body).Decode(&got); err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, date := range dates("2025-02-10", "2025-02-11") {
		total += len(eventsOn(t, s.Company(), date))
	}
	if n, ok := got["rowCount"].(float64); !ok || n != 3 || len(got["rows"].([]any)) != 2 {
		t.Errorf("rowCount %v, rows %v", got["rowCount"], got["rows"])
	}
	if d := cmp.Diff([]any{map[string]any{"dimensionValues": []any{map[string]any{"value": "RESERVED_TOTAL"}},
		"metricValues": []any{map[string]any{"value": strconv.Itoa(total)}}}}, got["totals"]); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(map[string]any{"currencyCode": "KRW", "timeZone": "Asia/Seoul"}, got["metadata"]); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"dimensionHeaders", "kind", "metadata", "metricHeaders", "propertyQuota", "rowCount", "rows", "totals"},
		slices.Sorted(maps.Keys(got))); d != "" {
		t.Error(d)
	}
	if got["kind"] != "analyticsData#runReport" {
		t.Error(got["kind"])
	}
}

func TestOrderOfRows(t *testing.T) {
	s := open(t, analysed)
	p := reports(t, s)
	req := &ga.RunReportRequest{Dimensions: named("platform", "eventName"), Metrics: measured("eventCount"), DateRanges: between("2025-02-10", "2025-02-12")}
	for what, by := range map[string][]*ga.OrderBy{
		"dimensions": {{Dimension: &ga.DimensionOrderBy{DimensionName: "eventName"}}, {Dimension: &ga.DimensionOrderBy{DimensionName: "platform"}, Desc: true}},
		"metric":     {{Metric: &ga.MetricOrderBy{MetricName: "eventCount"}}},
		"open":       nil,
	} {
		req.OrderBys = by
		rows := report(t, p, req).Rows
		for i := 1; i < len(rows); i++ {
			a, b := rows[i-1], rows[i]
			var ok bool
			switch what {
			case "dimensions":
				ok = a.DimensionValues[1].Value < b.DimensionValues[1].Value ||
					a.DimensionValues[1].Value == b.DimensionValues[1].Value && a.DimensionValues[0].Value > b.DimensionValues[0].Value
			default:
				x, err := strconv.Atoi(a.MetricValues[0].Value)
				y, err2 := strconv.Atoi(b.MetricValues[0].Value)
				ok = err == nil && err2 == nil && (what == "metric" && x <= y || what == "open" && x >= y)
			}
			if !ok {
				t.Errorf("%s: %v before %v", what, lines(rows[i-1:i]), lines(rows[i:i+1]))
			}
		}
		if len(rows) < 20 {
			t.Errorf("%s: %d rows", what, len(rows))
		}
	}
}

func TestDateRanges(t *testing.T) {
	s := open(t, analysed)
	p := reports(t, s)
	on := func(date string) string { return strconv.Itoa(len(eventsOn(t, s.Company(), date))) }
	res := report(t, p, &ga.RunReportRequest{Metrics: measured("eventCount"), DateRanges: []*ga.DateRange{
		{StartDate: "2025-02-11", EndDate: "2025-02-11", Name: "one"}, {StartDate: "yesterday", EndDate: "yesterday"}, {StartDate: "18daysAgo", EndDate: "2025-02-11"}}})
	want := []string{"one | " + on("2025-02-11"), "date_range_1 | " + on("2025-02-28"), "date_range_2 | " + on("2025-02-11")}
	got := lines(res.Rows)
	slices.Sort(got)
	slices.Sort(want)
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if n := len(res.DimensionHeaders); n != 1 || res.DimensionHeaders[0].Name != "dateRange" {
		t.Errorf("%d headers", n)
	}
	today := report(t, p, &ga.RunReportRequest{Metrics: measured("eventCount"), DateRanges: between("today", "today")})
	soFar := 0
	for _, e := range eventsOn(t, s.Company(), "2025-03-01") {
		if !e.Time.After(noon) {
			soFar++
		}
	}
	if d := cmp.Diff([]string{strconv.Itoa(soFar)}, lines(today.Rows)); d != "" || soFar == 0 {
		t.Error(d)
	}
	if res := report(t, p, &ga.RunReportRequest{Metrics: measured("eventCount"), DateRanges: between("2025-03-02", "2025-03-09")}); res.RowCount != 0 {
		t.Errorf("%d rows of the future", res.RowCount)
	}
}

func TestRefusedRequests(t *testing.T) {
	s := open(t, analysed)
	p := reports(t, s)
	many := func(n int) (list []*ga.Dimension) {
		for _, d := range dimensions[:n] {
			list = append(list, &ga.Dimension{Name: d.name})
		}
		return list
	}
	good := between("2025-02-10", "2025-02-11")
	for word, r := range map[string]*ga.RunReportRequest{
		"limited to 9 dimensions":                           {Dimensions: many(10), DateRanges: good},
		"limited to 10 metrics":                             {Metrics: measured(strings.Split("a b c d e f g h i j k", " ")...), DateRanges: good},
		"limited to 4 dateRanges":                           {Metrics: measured("sessions"), DateRanges: slices.Repeat(good, 5)},
		"Field customUser:level is not a valid dimension":   {Dimensions: named("customUser:level"), DateRanges: good},
		"Field customEvent:button is not a valid dimension": {Dimensions: named("customEvent:button"), DateRanges: good},
		"Field clicks is not a valid metric":                {Metrics: measured("clicks"), DateRanges: good},
		"Please remove itemName to make the request":        {Dimensions: named("itemName"), Metrics: measured("sessions"), DateRanges: good},
		"Invalid startDate: 2025/02/10":                     {Metrics: measured("sessions"), DateRanges: between("2025/02/10", "today")},
		"Invalid endDate: ":                                 {Metrics: measured("sessions"), DateRanges: between("2025-02-10", "")},
		"is before the startDate":                           {Metrics: measured("sessions"), DateRanges: between("2025-02-10", "2025-02-09")},
		"A dateRange is required":                           {Metrics: measured("sessions")},
		"Limit must be positive":                            {Metrics: measured("sessions"), DateRanges: good, Limit: -1},
		"Offset must not be negative":                       {Metrics: measured("sessions"), DateRanges: good, Offset: -1},
		"Duplicate metric: sessions":                        {Metrics: measured("sessions", "sessions"), DateRanges: good},
		"requires the dimension to be in the request":       {Metrics: measured("sessions"), DateRanges: good, OrderBys: []*ga.OrderBy{{Dimension: &ga.DimensionOrderBy{DimensionName: "city"}}}},
		"is not the properties/412345678":                   {Metrics: measured("sessions"), DateRanges: good, Property: "properties/1"},
		"needs dimensions or metrics":                       {DateRanges: good},
		"exactly one of andGroup":                           {Metrics: measured("sessions"), DateRanges: good, DimensionFilter: &ga.FilterExpression{}},
		"in the metricFilter, but not in the metrics":       {Metrics: measured("sessions"), DateRanges: good, MetricFilter: &ga.FilterExpression{Filter: &ga.Filter{FieldName: "eventCount"}}},
		"Invalid value at 'metric_aggregations'":            {Metrics: measured("sessions"), DateRanges: good, MetricAggregations: []string{"MEDIAN"}},
		"must not begin with date_range_":                   {Metrics: measured("sessions"), DateRanges: []*ga.DateRange{{StartDate: "today", EndDate: "today", Name: "date_range_9"}}},
		"The regular expression ( is not valid":             {Metrics: measured("sessions"), DateRanges: good, DimensionFilter: &ga.FilterExpression{Filter: &ga.Filter{FieldName: "city", StringFilter: &ga.StringFilter{MatchType: "FULL_REGEXP", Value: "("}}}},
	} {
		_, err := p.RunReport(property, r).Do()
		refused(t, err, 400, word)
		refused(t, err, 400, `"INVALID_ARGUMENT"`)
	}
	sessions := &ga.RunReportRequest{Metrics: measured("sessions"), DateRanges: good}
	_, err := p.RunReport("properties/999", sessions).Do()
	refused(t, err, 403, "User does not have sufficient permissions for this property")
	_, err = p.RunReport("properties/G-ABC123", sessions).Do()
	refused(t, err, 400, "A numeric Property ID is required")
	_, err = p.RunPivotReport(property, &ga.RunPivotReportRequest{}).Do()
	refused(t, err, 501, "runPivotReport")
	_, err = p.BatchRunReports(property, &ga.BatchRunReportsRequest{Requests: slices.Repeat([]*ga.RunReportRequest{sessions}, 6)}).Do()
	refused(t, err, 400, "limited to 5 requests")
	res, err := http.Post("http://"+s.Addr()+"/v1beta/"+property+":runReport", "application/json", strings.NewReader(`{"metrix":[]}`))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if b, err := io.ReadAll(res.Body); err != nil || !strings.Contains(string(b), `Unknown name \"metrix\": Cannot find field.`) {
		t.Errorf("%s %v", b, err)
	}
}

func TestBatchMetadataAndCompatibility(t *testing.T) {
	s := open(t, analysed)
	p := reports(t, s)
	one := &ga.RunReportRequest{Dimensions: named("eventName"), Metrics: measured("eventCount"), DateRanges: between("2025-02-10", "2025-02-11")}
	two := &ga.RunReportRequest{Dimensions: named("city"), Metrics: measured("totalUsers"), DateRanges: between("2025-02-12", "2025-02-12")}
	all, err := p.BatchRunReports(property, &ga.BatchRunReportsRequest{Requests: []*ga.RunReportRequest{one, two}}).Do()
	if err != nil || len(all.Reports) != 2 {
		t.Fatal(all, err)
	}
	for i, r := range []*ga.RunReportRequest{one, two} {
		if d := cmp.Diff(lines(report(t, p, r).Rows), lines(all.Reports[i].Rows)); d != "" {
			t.Error(d)
		}
	}
	m, err := p.GetMetadata(property + "/metadata").Do()
	if err != nil {
		t.Fatal(err)
	}
	custom := []string{}
	for _, d := range m.Dimensions {
		if d.CustomDefinition {
			custom = append(custom, d.ApiName)
		}
	}
	if d := cmp.Diff([]string{"customEvent:meeting_id", "customEvent:source", "customUser:MID", "customUser:plan"}, custom); d != "" {
		t.Error(d)
	}
	if common, err := p.GetMetadata("properties/0/metadata").Do(); err != nil || len(common.Dimensions) != len(m.Dimensions)-len(custom) {
		t.Error(common, err)
	}
	c, err := p.CheckCompatibility(property, &ga.CheckCompatibilityRequest{Metrics: measured("eventCount"), CompatibilityFilter: "INCOMPATIBLE"}).Do()
	if err != nil || len(c.DimensionCompatibilities) != 1 || c.DimensionCompatibilities[0].DimensionMetadata.ApiName != "itemName" ||
		len(c.MetricCompatibilities) != 1 || c.MetricCompatibilities[0].MetricMetadata.ApiName != "itemsPurchased" {
		t.Errorf("%+v, %v", c, err)
	}
}
