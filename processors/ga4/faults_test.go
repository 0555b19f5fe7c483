package ga4

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	ga "google.golang.org/api/analyticsdata/v1beta"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors/google"
	"github.com/weirflow/weir/processors/processorstest"
)

func TestChangingDaysAreReadAgain(t *testing.T) {
	for _, c := range []struct {
		name    string
		change  func(n int, res *ga.RunReportResponse) *ga.RunReportResponse
		rereads int
		pages   string
	}{
		{"another count once", func(n int, res *ga.RunReportResponse) *ga.RunReportResponse {
			if n == 2 {
				res.RowCount++
			}
			return res
		}, 1, "21+0 21+10 21+0 21+10 21+20"},
		{"an empty page", func(n int, res *ga.RunReportResponse) *ga.RunReportResponse {
			if n == 3 {
				res.Rows = nil
			}
			return res
		}, 1, "21+0 21+10 21+20 21+0 21+10 21+20"},
		{"a row twice, twice", func(n int, res *ga.RunReportResponse) *ga.RunReportResponse {
			if n == 2 || n == 4 {
				res.Rows[0].DimensionValues[1].Value = "e0009"
			}
			return res
		}, 2, "21+0 21+10 21+0 21+10 21+0 21+10 21+20"},
		{"other totals", func(n int, res *ga.RunReportResponse) *ga.RunReportResponse {
			if n == 3 {
				res.Totals[0].MetricValues[0].Value = "1"
			}
			return res
		}, 1, "21+0 21+10 21+20 21+0 21+10 21+20"},
		{"a total that is never come to", func(n int, res *ga.RunReportResponse) *ga.RunReportResponse {
			if n <= 3 {
				res.Totals[0].MetricValues[0].Value = "9999"
			}
			return res
		}, 1, "21+0 21+10 21+20 21+0 21+10 21+20"},
		{"short pages", func(_ int, res *ga.RunReportResponse) *ga.RunReportResponse {
			res.Rows = res.Rows[:min(7, len(res.Rows))]
			return res
		}, 0, "21+0 21+7 21+14 21+21"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &script{table: days(25, 21), change: func(n int, _ *ga.RunReportRequest, res *ga.RunReportResponse) *ga.RunReportResponse {
				return c.change(n, res)
			}}
			at := newClock()
			r := s.play(t, reading("page_size", 10), by(at)).Run()
			wantTable(t, r, s.table, 21)
			if got := strings.Join(s.offsets(), " "); got != c.pages {
				t.Errorf("pages %s, want %s", got, c.pages)
			}
			if len(at.waits) != c.rereads {
				t.Errorf("waits %v, want %d", at.waits, c.rereads)
			}
			got, want := r.Facts()["rereads"], ""
			if c.rereads > 0 {
				want = fmt.Sprint(c.rereads)
			}
			if got != want {
				t.Errorf("fact rereads = %q, want %q", got, want)
			}
			if got := r.Facts()["tokens"]; got != fmt.Sprint(7*len(s.reports)) {
				t.Errorf("%s tokens of %d reports: those of readings thrown away count too", got, len(s.reports))
			}
		})
	}
}

func TestDaysThatNeverRestFail(t *testing.T) {
	for _, c := range []struct {
		code   string
		change func(n int, res *ga.RunReportResponse)
	}{
		{"ga4_unstable", func(n int, res *ga.RunReportResponse) { res.RowCount += int64(n % 2) }},
		{"ga4_total_short", func(_ int, res *ga.RunReportResponse) { res.Totals[0].MetricValues[0].Value = "9999" }},
	} {
		s := &script{table: days(25, 20, 21), change: func(n int, q *ga.RunReportRequest, res *ga.RunReportResponse) *ga.RunReportResponse {
			if q.DateRanges[0].StartDate == "2026-11-21" {
				c.change(n, res)
			}
			return res
		}}
		r := s.play(t, reading("from", "2026-11-20", "page_size", 10), by(newClock())).Run().WantErr(c.code)
		if class, _ := fault.ClassOf(r.Err()); class != fault.Retryable {
			t.Errorf("%s is %s, want retryable", c.code, class)
		}
		wantTable(t, r, s.table, 20)
		s.change = nil // and at the next try all is well
		wantTable(t, r.Run(), s.table, 20, 21)
	}
}

// TestASlotShorterThanADayIsRefused runs hours: without days of its own each
// would read the whole day.
func TestASlotShorterThanADayIsRefused(t *testing.T) {
	seoul, err := time.LoadLocation("Asia/Seoul")
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, 11, 21, 5, 0, 0, 0, seoul)
	hour := flowfile.Run{Number: 1, Flow: "test", Slot: "2026-11-21T05+09:00", Date: "2026-11-21", Start: start, End: start.Add(time.Hour),
		Zone: "Asia/Seoul", Generation: 1}
	s := &script{table: days(5, 21)}
	s.serve(t)
	for _, c := range []struct {
		from, to string
		refused  bool
	}{{"", "", true}, {"2026-11-21", "", true}, {"", "2026-11-21", true}, {"2026-11-21", "2026-11-21", false}} {
		set := reading()
		if c.from != "" {
			set["from"] = c.from
		}
		if c.to != "" {
			set["to"] = c.to
		}
		r := processorstest.New(t, "ReadGA4", set, s.connect(t), processorstest.Run(hour))
		if !c.refused {
			wantTable(t, r.Run(), s.table, 21)
			continue
		}
		if first := r.Verify()[0]; fault.CodeOf(first.Fault) != "ga4_slot_short" {
			t.Errorf("from %q to %q: verify says %+v", c.from, c.to, first)
		}
		r.Run().WantErr("ga4_slot_short")
		if class, _ := fault.ClassOf(r.Err()); class != fault.Permanent || s.requests > 0 {
			t.Errorf("class %v after %d requests", class, s.requests)
		}
	}
}

// TestADayThatStaysShortCanBeAccepted lets the rows of a day come to less than
// the total whenever they are read.
func TestADayThatStaysShortCanBeAccepted(t *testing.T) {
	s := &script{table: days(25, 21), change: func(_ int, _ *ga.RunReportRequest, res *ga.RunReportResponse) *ga.RunReportResponse {
		res.Totals[0].MetricValues[0].Value = "9999"
		return res
	}}
	r := s.play(t, reading("on_total", "warn", "page_size", 10), by(newClock())).Run()
	wantTable(t, r, s.table, 21)
	if w := r.Store.Warnings(); len(w) != 1 || !strings.Contains(w[0], "2026-11-21 (75, 9999)") {
		t.Errorf("warnings %q", w)
	}
	if len(s.reports) != 3*readings {
		t.Errorf("%d pages were asked for, want those of %d readings", len(s.reports), readings)
	}
}

func TestRowsMayComeToMoreThanTheTotal(t *testing.T) {
	s := &script{table: days(5, 21), change: func(_ int, _ *ga.RunReportRequest, res *ga.RunReportResponse) *ga.RunReportResponse {
		res.Totals[0].MetricValues[0].Value = "7"
		return res
	}}
	r := s.play(t, reading()).Run()
	wantTable(t, r, s.table, 21)
	if w := r.Store.Warnings(); len(w) != 1 || !strings.Contains(w[0], "2026-11-21 (15, 7)") {
		t.Errorf("warnings %q", w)
	}
}

// TestServerOfAnotherOrder serves rows in an order that is not that of code
// points, on one page and on many.
func TestServerOfAnotherOrder(t *testing.T) {
	s := &script{table: days(25, 21)}
	slices.Reverse(s.table["2026-11-21"])
	at := newClock()
	wantTable(t, s.play(t, reading("page_size", 10), by(at)).Run(), s.table, 21)
	if got := strings.Join(s.offsets(), " "); got != "21+0 21+10 21+20" {
		t.Errorf("pages %s", got)
	}
	// The first page is in order, the second shows that the server has another.
	s = &script{table: days(25, 21)}
	slices.Reverse(s.table["2026-11-21"][10:])
	wantTable(t, s.play(t, reading("page_size", 10), by(at)).Run(), s.table, 21)
	if got := strings.Join(s.offsets(), " "); got != "21+0 21+10 21+0 21+10 21+20" || len(at.waits) > 0 {
		t.Errorf("pages %s, waits %v", got, at.waits)
	}
}

// TestOrderThatBreaksBetweenPages serves pages that are each in the order of code
// points and do not follow each other, as where a server ignores case.
func TestOrderThatBreaksBetweenPages(t *testing.T) {
	s := &script{table: days(20, 21)}
	rows := s.table["2026-11-21"]
	s.table["2026-11-21"] = append(slices.Clone(rows[10:]), rows[:10]...)
	at := newClock()
	wantTable(t, s.play(t, reading("page_size", 10), by(at)).Run(), s.table, 21)
	if got := strings.Join(s.offsets(), " "); got != "21+0 21+10 21+0 21+10" {
		t.Errorf("pages %s", got)
	}
}

// TestTotalsMayBeRounded serves a total whose last digits depend on the order in
// which a server happened to add.
func TestTotalsMayBeRounded(t *testing.T) {
	for _, c := range []struct{ one, other, code string }{
		{"1234.5600000000002", "1234.56", ""}, {"1.0E-7", "0.0000001", ""}, {"0", "0.0", ""},
		{"1234.56", "1234.57", "ga4_unstable"}, {"9007199254740993", "9007199254740992", "ga4_unstable"}, {"5", "", "ga4_unstable"},
	} {
		s := &script{table: days(5, 21), change: func(n int, _ *ga.RunReportRequest, res *ga.RunReportResponse) *ga.RunReportResponse {
			v := c.one
			if n%2 == 0 {
				v = c.other
			}
			res.Totals[0].MetricValues = append(res.Totals[0].MetricValues, &ga.MetricValue{Value: v})
			return res
		}}
		r := s.play(t, reading("page_size", 3), by(newClock())).Run()
		if got := fault.CodeOf(r.Err()); got != c.code {
			t.Errorf("totals %s and %s: %v, want %q", c.one, c.other, r.Err(), c.code)
		}
	}
}

const quotas = " To learn more, see https://developers.google.com/analytics/devguides/reporting/data/v1/quotas"

func TestQuotasAreWaitedFor(t *testing.T) {
	for _, c := range []struct {
		message, bucket string
		wait            time.Duration
	}{
		{"Exhausted concurrent requests quota. Please send fewer requests concurrently." + quotas, "concurrent requests", 30 * time.Second},
		{"Exhausted property tokens per hour. These quota tokens will return in under an hour." + quotas, "tokens per hour", 30 * time.Minute},
		{"Exhausted property tokens for a project per hour. These quota tokens will return in under an hour." + quotas, "tokens per hour", 30 * time.Minute},
		{"Exhausted potentially thresholded requests quota. This quota will refresh in under an hour." + quotas, "potentially thresholded requests per hour", 30 * time.Minute},
		{"Exhausted server errors quota. The quota for server errors will return in under an hour." + quotas, "server errors per hour", time.Hour},
		// 21:00 UTC is 13:00 in Los Angeles.
		{"Exhausted property tokens per day. These quota tokens will return in under 24 hours." + quotas, "tokens per day", 11*time.Hour + time.Minute},
		{"Quota exceeded for quota metric 'Requests' and limit 'Requests per minute'", "requests per minute", time.Minute},
		{"Resource has been exhausted (e.g. check quota).", "requests", 5 * time.Minute},
	} {
		s := &script{table: days(25, 20, 21), fail: func(n int, _ string) (int, string) {
			if n == 5 { // the second page of the second day
				return 429, c.message
			}
			return 0, ""
		}}
		at := newClock()
		r := s.play(t, reading("from", "2026-11-20", "page_size", 10), by(at)).Run().WantErr("ga4_exhausted")
		err := r.Err()
		if class, wait := fault.ClassOf(err); class != fault.After || wait != c.wait || !fault.IsFree(err) || fault.As(err).Args["bucket"] != c.bucket {
			t.Errorf("%.40s: class %s, wait %s, free %t, %v", c.message, class, wait, fault.IsFree(err), err)
		}
		if ko := fault.Text(err, fault.Korean); strings.Contains(ko, "("+c.bucket+")") {
			t.Errorf("the Korean text has an English word: %s", ko)
		}
		wantTable(t, r, s.table, 20)
		wantTable(t, r.Run(), s.table, 20, 21)
		if got := r.Facts()["tokens"]; got != fmt.Sprint(7*len(s.reports)) {
			t.Errorf("%s tokens of %d reports", got, len(s.reports))
		}
	}
}

func TestDayOfAQuotaEndsAtMidnightPacific(t *testing.T) {
	for _, c := range []struct {
		now  string
		want time.Duration
	}{
		{"2026-07-01T06:59:00Z", time.Minute}, {"2026-07-01T07:00:00Z", 24 * time.Hour},
		{"2026-12-01T07:59:00Z", time.Minute}, {"2026-11-01T07:00:00Z", 25 * time.Hour}, // clocks go back that night
	} {
		now, err := time.Parse(time.RFC3339, c.now)
		if err != nil {
			t.Fatal(err)
		}
		if got := untilTomorrow(now) - resetSlack; got != c.want {
			t.Errorf("at %s: %s, want %s", c.now, got, c.want)
		}
	}
}

// TestReserveIsLeftToOthers lets the quota sink below the reserve after the
// first day: that day is delivered, the next waits.
func TestReserveIsLeftToOthers(t *testing.T) {
	for _, c := range []struct {
		reserve int
		day     int64
		project int64
		wait    time.Duration
	}{
		{10, 19_999, 13_000, 11*time.Hour + time.Minute}, {10, 150_000, 1_399, 30 * time.Minute}, {10, 20_000, 1_400, 0},
		{50, 150_000, 6_999, 30 * time.Minute}, {0, 1, 1, 0},
		// 360 properties have ten times as much.
		{10, 500_000, 13_000, 30 * time.Minute}, {10, 500_000, 14_001, 0},
	} {
		s := &script{table: days(3, 20, 21), change: func(n int, _ *ga.RunReportRequest, res *ga.RunReportResponse) *ga.RunReportResponse {
			if n == 1 {
				res.PropertyQuota.TokensPerDay.Remaining, res.PropertyQuota.TokensPerProjectPerHour.Remaining = c.day, c.project
				if c.day > standardDay {
					res.PropertyQuota.TokensPerHour.Remaining = 300_000
				}
			}
			return res
		}}
		at := newClock()
		r := s.play(t, reading("from", "2026-11-20", "reserve", c.reserve), by(at)).Run()
		if c.wait == 0 {
			wantTable(t, r, s.table, 20, 21)
			continue
		}
		r.WantErr("ga4_reserve")
		if class, wait := fault.ClassOf(r.Err()); class != fault.After || wait != c.wait || !fault.IsFree(r.Err()) {
			t.Errorf("%+v: %s, %s, %v", c, class, wait, r.Err())
		}
		wantTable(t, r, s.table, 20)
		at.at = at.at.Add(c.wait - time.Second)
		r.Run().WantErr("ga4_reserve")
		if n := len(s.reports); n != 1 {
			t.Errorf("%d reports were asked for before the quota is there", n)
		}
		at.at = at.at.Add(time.Second)
		wantTable(t, r.Run(), s.table, 20, 21)
	}
}

func TestServerErrorsAreFewAnHour(t *testing.T) {
	broken := 0
	s := &script{table: days(3, 18, 19, 20, 21), fail: func(int, string) (int, string) {
		if broken > 0 {
			broken--
			return 503, "The service is currently unavailable."
		}
		return 0, ""
	}}
	at := newClock()
	broken = 2
	r := s.play(t, reading("from", "2026-11-20"), by(at)).Run()
	wantTable(t, r, s.table, 20, 21)
	if !slices.Equal(at.waits, []time.Duration{30 * time.Second, 30 * time.Second}) {
		t.Errorf("waits %v, want two of 30s", at.waits)
	}
	// A third in the same hour is not repeated, whichever day it falls on.
	broken = 3
	at = newClock()
	r = s.play(t, reading("from", "2026-11-20"), by(at)).Run().WantErr("ga4_server_errors")
	if _, wait := fault.ClassOf(r.Err()); wait != time.Hour || !fault.IsFree(r.Err()) {
		t.Errorf("wait %s, free %t", wait, fault.IsFree(r.Err()))
	}
	at.at = at.at.Add(time.Hour)
	wantTable(t, r.Run(), s.table, 20, 21)
	// A server that never comes round is given up: the waits cost tries at last.
	broken, at = 1000, newClock()
	r = s.play(t, reading("from", "2026-11-20"), by(at))
	for n := range freeHours + 2 {
		r.Run().WantErr("ga4_server_errors")
		if _, wait := fault.ClassOf(r.Err()); wait != time.Hour || fault.IsFree(r.Err()) != (n < freeHours) {
			t.Errorf("after %d hours: wait %s, free %t", n, wait, fault.IsFree(r.Err()))
		}
		at.at = at.at.Add(time.Hour)
	}
	// The hour's retries are the node's, not the day's.
	broken = 1
	at = newClock()
	s.change = func(_ int, _ *ga.RunReportRequest, res *ga.RunReportResponse) *ga.RunReportResponse {
		broken = 1 // from here on each report fails once
		return res
	}
	r = s.play(t, reading("from", "2026-11-18"), by(at)).Run().WantErr("ga4_server_errors")
	wantTable(t, r, s.table, 18, 19)
	if len(at.waits) != 2 {
		t.Errorf("waits %v", at.waits)
	}
}

func TestLostConnectionsAreTakenUpAgain(t *testing.T) {
	s := &script{table: days(3, 21), metadata: &ga.Metadata{}}
	at := newClock()
	lost := 4
	s.fail = func(int, string) (int, string) {
		if lost > 0 {
			lost--
			panic(http.ErrAbortHandler) // net/http cuts the connection
		}
		return 0, ""
	}
	s.serve(t)
	wantTable(t, runWith(t, s, at), s.table, 21)
	if !slices.Equal(at.waits, []time.Duration{1e9, 2e9, 4e9, 8e9}) {
		t.Errorf("waits %v", at.waits)
	}
	lost, at.waits = 1000, nil
	r := runWith(t, s, at).WantErr("ga4_unavailable")
	if class, _ := fault.ClassOf(r.Err()); class != fault.Retryable {
		t.Errorf("class %s", class)
	}
	var sum time.Duration
	for _, w := range at.waits {
		sum += w
	}
	if sum < keepTrying || sum > keepTrying+longestWait {
		t.Errorf("it tried for %s, want about %s", sum, keepTrying)
	}
}

// TestSilentServerIsGivenUp lets every answer take as long as one may: patience
// is for the whole, not for the pauses alone.
func TestSilentServerIsGivenUp(t *testing.T) {
	at := newClock()
	began := at.at
	a := &asker{client: &google.Client{Sandboxed: true}, property: property, calls: calls{wait: at.wait}, now: func() time.Time { return at.at }}
	n := 0
	_, err := ask(t.Context(), a, func(context.Context) (int, error) {
		n++
		at.at = at.at.Add(silence)
		return 0, context.DeadlineExceeded
	})
	if fault.CodeOf(err) != "ga4_unavailable" {
		t.Errorf("error %v", err)
	}
	if d := at.at.Sub(began); n != 2 && d > 2*silence+keepTrying {
		t.Errorf("it asked %d times for %s", n, d)
	}
}

func TestRefusalsSayWhatToDo(t *testing.T) {
	denied := "User does not have sufficient permissions for this property. To learn more about Property ID, see https://developers.google.com/analytics/devguides/reporting/data/v1/property-id."
	for _, c := range []struct {
		status  int
		message string
		code    string
	}{
		{403, denied, "ga4_no_access"}, {404, "Requested entity was not found.", "ga4_no_access"},
		{400, "Field eventCnt is not a valid metric.", "ga4_report_refused"}, {409, "Conflict", "ga4_refused"},
	} {
		s := &script{metadata: &ga.Metadata{Dimensions: []*ga.DimensionMetadata{{ApiName: "date"}, {ApiName: "eventName"}},
			Metrics: []*ga.MetricMetadata{{ApiName: "eventCount"}}},
			fail: func(_ int, path string) (int, string) {
				if strings.HasSuffix(path, ":runReport") {
					return c.status, c.message
				}
				return 0, ""
			}}
		r := s.play(t, reading(), by(newClock())).Run().WantErr(c.code)
		if class, _ := fault.ClassOf(r.Err()); class != fault.Permanent {
			t.Errorf("%d: class %s", c.status, class)
		}
		if n := s.requests; c.status != 400 && n != 1 {
			t.Errorf("%d: %d requests, want one: it will not change", c.status, n)
		}
	}
}

// TestInterruptedRunsGoOnBehindTheLastWholeDay ends a run at each request in
// turn: the next try gives the same rows and asks for no whole day again.
func TestInterruptedRunsGoOnBehindTheLastWholeDay(t *testing.T) {
	for at := 1; at <= 9; at++ {
		s := &script{table: days(25, 19, 20, 21), fail: func(n int, _ string) (int, string) {
			if n == at {
				return 401, "The token is not valid."
			}
			return 0, ""
		}}
		r := s.play(t, reading("from", "2026-11-19", "page_size", 10)).Run()
		if r.Err() == nil {
			t.Fatalf("request %d failed and the run did not", at)
		}
		whole := []int{19, 20, 21}[:(at-1)/3]
		wantTable(t, r, s.table, whole...)
		wantTable(t, r.Run(), s.table, 19, 20, 21)
		if got, want := len(s.reports), 9+(at-1)%3; got != want {
			t.Errorf("interrupted at request %d: %d reports, want %d", at, got, want)
		}
	}
}
