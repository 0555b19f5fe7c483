package ga4

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	ga "google.golang.org/api/analyticsdata/v1beta"

	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/processors/google"
	"github.com/weirflow/weir/processors/processorstest"
)

type settings = processorstest.Settings

const property = "412345678"

// script plays Google where the sandbox is too well-behaved: each answer can be
// changed before it is sent.
type script struct {
	// table are the rows of each day, "a,b=3", in order.
	table map[string][]string
	// change may change the nth report, from 1, or answer by itself.
	change func(n int, q *ga.RunReportRequest, res *ga.RunReportResponse) *ga.RunReportResponse
	// fail returns the status and message of the nth request, or 0.
	fail func(n int, path string) (int, string)

	metadata *ga.Metadata

	mu       sync.Mutex
	requests int
	reports  []*ga.RunReportRequest
	server   *httptest.Server
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	var answer any
	if s.fail != nil {
		if code, text := s.fail(s.requests, r.URL.Path); code != 0 {
			w.WriteHeader(code)
			answer = map[string]any{"error": map[string]any{"code": code, "message": text, "status": http.StatusText(code)}}
			_ = json.NewEncoder(w).Encode(answer)
			return
		}
	}
	switch {
	case strings.HasSuffix(r.URL.Path, "/metadata"):
		answer = s.metadata
	case strings.HasSuffix(r.URL.Path, ":checkCompatibility"):
		answer = &ga.CheckCompatibilityResponse{}
	default:
		var q ga.RunReportRequest
		if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		s.reports = append(s.reports, &q)
		res := s.report(&q)
		if s.change != nil {
			res = s.change(len(s.reports), &q, res)
		}
		answer = res
	}
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		panic(http.ErrAbortHandler)
	}
}

// report answers as Google does.
func (s *script) report(q *ga.RunReportRequest) *ga.RunReportResponse {
	rows := s.table[q.DateRanges[0].StartDate]
	sum := 0
	for _, r := range rows {
		_, n, _ := strings.Cut(r, "=")
		v, _ := strconv.Atoi(n)
		sum += v
	}
	total := ""
	if len(rows) > 0 {
		total = strconv.Itoa(sum)
	}
	at := min(q.Offset, int64(len(rows)))
	res := page(int64(len(rows)), total, rows[at:min(at+q.Limit, int64(len(rows)))]...)
	for _, d := range q.Dimensions {
		res.DimensionHeaders = append(res.DimensionHeaders, &ga.DimensionHeader{Name: d.Name})
	}
	for _, m := range q.Metrics {
		res.MetricHeaders = append(res.MetricHeaders, &ga.MetricHeader{Name: m.Name, Type: "TYPE_INTEGER"})
	}
	res.Metadata = &ga.ResponseMetaData{TimeZone: "Asia/Seoul", CurrencyCode: "KRW"}
	left := func(n int64) *ga.QuotaStatus { return &ga.QuotaStatus{Consumed: 7, Remaining: n} }
	res.PropertyQuota = &ga.PropertyQuota{TokensPerDay: left(199_000), TokensPerHour: left(39_000), TokensPerProjectPerHour: left(13_000)}
	return res
}

// days makes a table of n rows on each day of November that is named.
func days(rows int, numbers ...int) map[string][]string {
	out := map[string][]string{}
	for _, d := range numbers {
		day := fmt.Sprintf("2026-11-%02d", d)
		for i := range rows {
			out[day] = append(out[day], fmt.Sprintf("%s,e%04d=%d", strings.ReplaceAll(day, "-", ""), i, i%5+1))
		}
	}
	return out
}

// play serves the script and returns a node that reads from it. A test that sent
// it no request fails.
func (s *script) play(t testing.TB, set settings, more ...processorstest.Option) *processorstest.Runner {
	t.Helper()
	s.serve(t)
	return processorstest.New(t, "ReadGA4", set, append([]processorstest.Option{s.connect(t)}, more...)...)
}

func (s *script) serve(t testing.TB) {
	t.Helper()
	s.server = httptest.NewServer(s)
	t.Cleanup(func() {
		s.server.Close()
		if s.requests == 0 && !t.Skipped() {
			t.Error("the script saw no request")
		}
	})
}

func (s *script) connect(t testing.TB) processorstest.Option {
	t.Helper()
	return connect(t, s.server.Listener.Addr().String(), "calback-demo")
}

// connect opens the service gcp as the engine does, over a socket.
func connect(t testing.TB, address, project string) processorstest.Option {
	t.Helper()
	set := map[string]json.RawMessage{}
	for k, v := range map[string]string{"project": project, "endpoint": google.Sandbox} {
		set[k], _ = json.Marshal(v)
	}
	conf, problems := processors.BuildService(google.Kind, set, processors.BuildEnv{})
	for _, p := range problems {
		t.Fatal(p.Fault)
	}
	client, err := conf.Service.Open(t.Context(), processors.Env{Node: "gcp", Sandbox: address})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conf.Service.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return processorstest.Service("gcp", google.Kind, client)
}

// offsets are the first rows of the pages that were asked for, by day.
func (s *script) offsets() []string {
	var out []string
	for _, q := range s.reports {
		out = append(out, fmt.Sprintf("%s+%d", q.DateRanges[0].StartDate[8:], q.Offset))
	}
	return out
}

// clock is a clock that waiting moves.
type clock struct {
	at    time.Time
	waits []time.Duration
}

func newClock() *clock { return &clock{at: time.Date(2026, 11, 21, 21, 0, 0, 0, time.UTC)} }

func (c *clock) wait(ctx context.Context, d time.Duration) error {
	c.at = c.at.Add(d)
	c.waits = append(c.waits, d)
	return ctx.Err()
}

// by makes the node under test live by the clock.
func by(c *clock) processorstest.Option {
	return processorstest.Wrap(func(p processors.Processor) processors.Processor {
		p.(*ReadGA4).calls.wait = c.wait
		p.(*ReadGA4).calls.now = func() time.Time { return c.at }
		return p
	})
}

// reading returns settings for the script's table, changed by pairs.
func reading(pairs ...any) settings {
	s := settings{"service": "gcp", "property": property, "dimensions": []string{"date", "eventName"}, "metrics": []string{"eventCount"}}
	for i := 0; i < len(pairs); i += 2 {
		s[pairs[i].(string)] = pairs[i+1]
	}
	return s
}

// wantTable wants the rows of these days, each once, in order.
func wantTable(t *testing.T, r *processorstest.Runner, table map[string][]string, days ...int) {
	t.Helper()
	var want []string
	for _, d := range days {
		day := fmt.Sprintf("2026-11-%02d", d)
		for _, row := range table[day] {
			key, n, _ := strings.Cut(row, "=")
			_, name, _ := strings.Cut(key, ",")
			want = append(want, fmt.Sprintf(`{"date":"%s","eventName":%q,"eventCount":%s}`, day, name, n))
		}
	}
	if got := r.Rows(success); !slices.Equal(got, want) {
		t.Errorf("%d rows, want %d:\n got %.300q\nwant %.300q", len(got), len(want), got, want)
	}
}

// position is the cursor that the node has committed.
func position(t testing.TB, r *processorstest.Runner) cursor {
	t.Helper()
	var c cursor
	if b := r.Notes().Cursor; len(b) > 0 {
		if err := json.Unmarshal(b, &c); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// runWith runs a fresh node over a script that is served already.
func runWith(t *testing.T, s *script, at *clock) *processorstest.Runner {
	t.Helper()
	return processorstest.New(t, "ReadGA4", reading(), s.connect(t), by(at)).Run()
}
