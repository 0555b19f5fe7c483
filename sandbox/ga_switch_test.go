package sandbox

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/weirflow/weir/fault"
	ga "google.golang.org/api/analyticsdata/v1beta"
)

// yesterdays is the request of the main job.
func yesterdays() *ga.RunReportRequest {
	return &ga.RunReportRequest{Dimensions: named("date", "eventName", "customUser:MID"), Metrics: measured("eventCount"),
		DateRanges: between("yesterday", "yesterday"), MetricAggregations: []string{"TOTAL"}, ReturnPropertyQuota: true}
}

func total(t testing.TB, res *ga.RunReportResponse) int {
	t.Helper()
	sum := 0
	for _, r := range res.Rows {
		n, err := strconv.Atoi(r.MetricValues[0].Value)
		if err != nil {
			t.Fatal(err)
		}
		sum += n
	}
	return sum
}

// TestLateEvents asks for one day again and again as time goes on.
func TestLateEvents(t *testing.T) {
	now := noon
	c := analysed
	c.Now = func() time.Time { return now }
	c.Property.Late = 72 * time.Hour
	s := open(t, c)
	p := reports(t, s)
	req := yesterdays()
	req.DateRanges = between("2025-02-28", "2025-02-28")
	all := len(eventsOn(t, s.Company(), "2025-02-28"))
	seen := 0
	grew := 0
	for h := range 100 {
		now = noon.Add(time.Duration(h) * time.Hour)
		n := total(t, report(t, p, req))
		if again := total(t, report(t, p, req)); again != n {
			t.Fatalf("%d and then %d within an hour", n, again)
		}
		if n < seen || n > all {
			t.Fatalf("hour %d: %d events after %d of %d", h, n, seen, all)
		}
		if n > seen {
			grew++
		}
		if seen = n; h == 0 && (n < all*85/100 || n >= all) {
			t.Errorf("%d of %d events at first", n, all)
		}
	}
	if seen != all || grew < 20 {
		t.Errorf("%d of %d events at last, grown %d times", seen, all, grew)
	}
}

func TestSamplingAndOtherFlags(t *testing.T) {
	s := open(t, analysed)
	p := reports(t, s)
	exact := report(t, p, yesterdays())
	all := total(t, exact)
	if d := cmp.Diff(&ga.ResponseMetaData{CurrencyCode: "KRW", TimeZone: "Asia/Seoul"}, exact.Metadata); d != "" {
		t.Error(d)
	}

	s.Adjust(func(q *Property) { q.Sampled = 0.5 })
	res := report(t, p, yesterdays())
	if m := res.Metadata.SamplingMetadatas; len(m) != 1 || m[0].SamplingSpaceSize != int64(all) || m[0].SamplesReadCount < int64(all*4/10) || m[0].SamplesReadCount > int64(all*6/10) {
		t.Errorf("sampling %+v of %d", m, all)
	}
	if n := total(t, res); n == all || n < all*8/10 || n > all*12/10 {
		t.Errorf("%d events of %d by a sample", n, all)
	}

	s.Adjust(func(q *Property) { q.Sampled, q.Threshold = 0, 3 })
	res = report(t, p, yesterdays())
	if !res.Metadata.SubjectToThresholding || res.RowCount >= exact.RowCount || res.PropertyQuota.PotentiallyThresholdedRequestsPerHour.Remaining != 119 {
		t.Errorf("%d rows of %d, %+v", res.RowCount, exact.RowCount, res.PropertyQuota.PotentiallyThresholdedRequestsPerHour)
	}

	s.Adjust(func(q *Property) { q.Threshold, q.Other = 0, 50 })
	res = report(t, p, yesterdays())
	last := lines(res.Rows)
	if !res.Metadata.DataLossFromOtherRow || res.RowCount != 51 || total(t, res) != all ||
		!slices.ContainsFunc(last, func(l string) bool { return strings.HasPrefix(l, "20250228 | (other) | (other) | ") }) {
		t.Errorf("%d rows with %d events of %d", res.RowCount, total(t, res), all)
	}

	s.Adjust(func(q *Property) { q.Other, q.Retained = 0, "2025-03-01" })
	res = report(t, p, yesterdays())
	if m := res.Metadata; res.RowCount != 0 || len(m.DataTruncationReasons) != 1 || m.DataTruncationReasons[0].DataTruncationDate != "2025-03-01" || m.EmptyReason == "" {
		t.Errorf("%+v", m)
	}

	s.Adjust(func(q *Property) { q.Retained, q.Drift = "", 1 })
	req := yesterdays()
	req.Limit = 10
	one := report(t, p, req)
	req.Offset = 10
	two, three := report(t, p, req), report(t, p, req)
	if one.RowCount != exact.RowCount || two.RowCount != one.RowCount-1 || three.RowCount != one.RowCount || cmp.Equal(lines(two.Rows), lines(three.Rows)) {
		t.Errorf("%d, %d and %d rows", one.RowCount, two.RowCount, three.RowCount)
	}

	s.Adjust(func(q *Property) { q.ServerErrors = 1 })
	_, err := p.RunReport(property, req).Do()
	refused(t, err, 500, "INTERNAL")
	if left := report(t, p, req).PropertyQuota.ServerErrorsPerProjectPerHour.Remaining; left != 9 {
		t.Errorf("%d server errors left", left)
	}
}

func TestQuotas(t *testing.T) {
	now := time.Date(2025, 3, 1, 3, 30, 0, 0, time.UTC)
	c := analysed
	c.Now = func() time.Time { return now }
	c.Property.Quota = Quota{TokensPerProjectPerHour: 3, TokensPerHour: 5, TokensPerDay: 14}
	s := open(t, c)
	p := reports(t, s)
	req := yesterdays()
	q := report(t, p, req).PropertyQuota
	cost := q.TokensPerDay.Consumed
	if cost < 1 || q.TokensPerDay.Remaining != 14-cost || q.TokensPerHour.Remaining != 5-cost || q.TokensPerProjectPerHour.Remaining != 3-cost ||
		q.ConcurrentRequests.Remaining != 10 || q.ServerErrorsPerProjectPerHour.Remaining != 10 {
		t.Errorf("%+v %+v %+v", q.TokensPerDay, q.TokensPerHour, q.TokensPerProjectPerHour)
	}
	if s.Stats().Tokens != cost {
		t.Errorf("%d tokens counted, %d told", s.Stats().Tokens, cost)
	}
	until := func(word string) {
		t.Helper()
		for range 20 {
			if _, err := p.RunReport(property, req).Do(); err != nil {
				refused(t, err, 429, word)
				refused(t, err, 429, "RESOURCE_EXHAUSTED")
				return
			}
		}
		t.Errorf("never %s", word)
	}
	until("Exhausted property tokens for a project per hour")
	now = now.Add(time.Hour)
	s.Adjust(func(q *Property) { q.Quota.TokensPerProjectPerHour = 100 })
	until("Exhausted property tokens per hour")
	now = now.Add(time.Hour)
	until("Exhausted property tokens per day")
	now = time.Date(2025, 3, 1, 7, 59, 0, 0, time.UTC) // 23:59 Pacific time
	until("Exhausted property tokens per day")
	now = now.Add(time.Minute)
	report(t, p, req)
	s.Adjust(func(q *Property) { q.Quota, q.ServerErrors, q.Threshold = Quota{ThresholdedPerHour: 2}, 10, 2 })
	for range 10 {
		_, err := p.RunReport(property, req).Do()
		refused(t, err, 500, "INTERNAL")
	}
	until("Exhausted server errors quota")
	now = now.Add(time.Hour)
	until("Exhausted potentially thresholded requests quota")
	s.Adjust(func(q *Property) { q.Quota.Concurrent = -1 })
	until("Exhausted concurrent requests quota")
}

func TestFaultsOfHTTP(t *testing.T) {
	s := open(t, analysed)
	p := reports(t, s)
	for text, want := range map[string]struct {
		code int
		word string
	}{
		"disabled=1,api=analytics":    {403, `"consumer":"projects/calback-demo"`},
		"no-scope=1,api=analytics":    {403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT"},
		"denied=1,method=runReport":   {403, "sufficient permissions for this property"},
		"exhausted=1,api=analytics":   {429, "per hour"},
		"unavailable=1,api=analytics": {503, "UNAVAILABLE"},
	} {
		f, err := ParseFault(text)
		if err != nil {
			t.Fatal(err)
		}
		s.Inject(f)
		_, err = p.RunReport(property, yesterdays()).Do()
		refused(t, err, want.code, want.word)
		report(t, p, yesterdays())
	}
	before := s.Stats()
	s.Inject(Fault{Kind: DropAnswer, Method: "runReport", Times: 1})
	body, err := yesterdays().MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	if res, err := http.Post("http://"+s.Addr()+"/v1beta/"+property+":runReport", "application/json", bytes.NewReader(body)); err == nil {
		b, err := io.ReadAll(res.Body)
		t.Errorf("%s %s %v", res.Status, b, err)
	}
	if after := s.Stats(); after.Tokens <= before.Tokens || after.Requests["runReport"] != before.Requests["runReport"]+1 {
		t.Errorf("the work was not done: %+v after %+v", after, before)
	}
	s.Inject(Fault{Kind: Hang, API: Analytics, Times: 1})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := p.RunReport(property, yesterdays()).Context(ctx).Do(); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	s.Inject(Fault{Kind: Exhausted, API: BigQuery, Times: 1})
	res, err := http.Get("http://" + s.Addr() + "/bigquery/v2/projects")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if b, err := io.ReadAll(res.Body); err != nil || res.StatusCode != 403 || !strings.Contains(string(b), `"reason":"rateLimitExceeded"`) {
		t.Errorf("%s %s %v", res.Status, b, err)
	}
}

func TestEventsOfFiles(t *testing.T) {
	write := func(text string) string {
		path := filepath.Join(t.TempDir(), "events.ndjson")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	c := analysed
	c.EventFiles = []string{write(`{"date":"2025-02-20","eventName":"login","customUser:MID":"u1","eventCount":3}
{"time":"2025-02-20T23:30:00+09:00","eventName":"purchase","customUser:MID":"u2","totalRevenue":9900.5,"userEngagementDuration":61.5,"customUser:level":7}

{"date":"20250220","eventName":"login","customUser:MID":null}
{"time":"2025-02-20T15:00:00Z","eventName":"login","customUser:MID":"u1"}
`)}
	s := open(t, c)
	p := reports(t, s)
	req := &ga.RunReportRequest{Dimensions: named("date", "hour", "eventName", "customUser:MID"), Metrics: measured("eventCount", "totalRevenue", "userEngagementDuration", "totalUsers"),
		DateRanges: between("2025-02-01", "2025-02-28")}
	for _, d := range req.Dimensions {
		req.OrderBys = append(req.OrderBys, &ga.OrderBy{Dimension: &ga.DimensionOrderBy{DimensionName: d.Name}})
	}
	want := []string{"20250220 | 00 | login | (not set) | 1 | 0 | 0 | 1", "20250220 | 00 | login | u1 | 3 | 0 | 0 | 1",
		"20250220 | 23 | purchase | u2 | 1 | 9900.5 | 61 | 1", "20250221 | 00 | login | u1 | 1 | 0 | 0 | 1"}
	if d := cmp.Diff(want, lines(report(t, p, req).Rows)); d != "" {
		t.Error(d)
	}
	for text, code := range map[string]string{
		"[1]":                                  "sandbox_line_json",
		`{"date":"2025-02-20"}`:                "sandbox_event_missing",
		`{"eventName":"x"}`:                    "sandbox_event_missing",
		`{"date":"20.2.2025","eventName":"x"}`: "sandbox_event_value",
		`{"date":"2025-02-20","eventName":"x","eventCount":1.5}`:                    "sandbox_event_value",
		`{"date":"2025-02-20","eventName":7}`:                                       "sandbox_event_value",
		`{"date":"2025-02-20","eventName":"x","colour":"red"}`:                      "sandbox_event_field",
		`{"date":"2025-02-20","eventName":"x","time":"2025-02-20T16:00:00Z"}`:       "sandbox_event_value",
		`{"date":"2025-02-20","eventName":"x","time":"2025-02-20 16:00"}`:           "sandbox_event_value",
		`{"date":"2025-02-20","eventName":"x","userEngagementDuration":"a minute"}`: "sandbox_event_value",
	} {
		c.EventFiles = []string{write(text)}
		if _, err := Open(t.Context(), c); !errors.Is(err, fault.New(code)) {
			t.Errorf("%s: %v, want %s", text, err, code)
		}
	}
	c.EventFiles = []string{filepath.Join(t.TempDir(), "none")}
	if _, err := Open(t.Context(), c); !errors.Is(err, fault.New("sandbox_file_open")) {
		t.Error(err)
	}
}

func BenchmarkReport(b *testing.B) {
	c := Config{Seed: 0, Date: day, Now: fixed, Events: 1e6}
	s := open(b, c)
	p := reports(b, s)
	req := yesterdays()
	req.Limit = 250_000
	rows, hour := 0, 0
	for b.Loop() {
		// Another retention makes another view, so that nothing is remembered.
		hour++
		s.Adjust(func(q *Property) {
			q.Retained = day.AddDate(0, 0, -hour-3).Format(time.DateOnly)
			q.Quota = Quota{TokensPerHour: 1e9, TokensPerDay: 1e9, TokensPerProjectPerHour: 1e9}
		})
		rows += len(report(b, p, req).Rows)
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64(rows)/float64(b.N), "rows")
}
