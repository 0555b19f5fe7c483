package ga4

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors/processorstest"
	"github.com/weirflow/weir/sandbox"
)

// The company's days in tests: reports are of the days before this one.
var companyDay = time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)

// company is a sandbox whose clock stands at noon of its day.
func company(change ...func(*sandbox.Config)) sandbox.Config {
	c := sandbox.Config{Seed: 7, Date: companyDay, Users: 300, Meetings: 100, Events: 1500,
		Now: func() time.Time { return companyDay.Add(12 * time.Hour) }}
	for _, f := range change {
		f(&c)
	}
	return c
}

// serve opens a sandbox; a test that sent it no request for Analytics fails.
func serve(t testing.TB, c sandbox.Config) *sandbox.Sandbox {
	t.Helper()
	s, err := sandbox.Open(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if n := s.Stats().Calls[sandbox.Analytics]; n == 0 {
			t.Error("the sandbox saw no request for Analytics")
		} else {
			t.Logf("the sandbox saw %d requests for Analytics", n)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := s.Close(ctx); err != nil {
			t.Errorf("close sandbox: %v", err)
		}
	})
	return s
}

// actions returns settings for what users did, changed by pairs.
func actions(pairs ...any) settings {
	s := settings{"service": "gcp", "property": sandbox.DefaultProperty, "dimensions": []string{"date", "eventName", "customUser:MID"},
		"metrics": []string{"eventCount"}, "columns": map[string]string{"customUser:MID": "mid", "eventName": "event_name", "eventCount": "event_count"},
		"from": "2025-02-20", "to": "2025-02-22"}
	for i := 0; i < len(pairs); i += 2 {
		s[pairs[i].(string)] = pairs[i+1]
	}
	return s
}

func node(t testing.TB, s *sandbox.Sandbox, set settings, more ...processorstest.Option) *processorstest.Runner {
	t.Helper()
	options := []processorstest.Option{connect(t, s.Addr(), s.Project()), processorstest.Date("2025-02-22"),
		processorstest.Now(companyDay.Add(12 * time.Hour))}
	return processorstest.New(t, "ReadGA4", set, append(options, more...)...)
}

// done are the events of the company by day, name and user, as the records that
// ReadGA4 should make of them; keep may leave some out.
func done(t testing.TB, s *sandbox.Sandbox, from, to string, keep func(sandbox.Event) bool) (rows []string, events int64) {
	t.Helper()
	first, _ := parseDay("from", from)
	last, _ := parseDay("to", to)
	for d := first; !d.after(last); d = d.next() {
		count := map[[2]string]int64{}
		err := s.Company().Events(d.String(), func(e sandbox.Event) bool {
			if keep == nil || keep(e) {
				mid := e.UID
				if mid == "" {
					mid = "(not set)"
				}
				count[[2]string{e.Name, mid}] += e.Count
				events += e.Count
			}
			return true
		})
		if err != nil {
			t.Fatal(err)
		}
		keys := slices.SortedFunc(maps.Keys(count), func(a, b [2]string) int {
			return strings.Compare(a[0]+"\x00"+a[1], b[0]+"\x00"+b[1])
		})
		for _, k := range keys {
			rows = append(rows, fmt.Sprintf(`{"date":%q,"event_name":%q,"mid":%q,"event_count":%d}`, d, k[0], k[1], count[k]))
		}
	}
	if len(rows) == 0 {
		t.Fatal("the company has no events")
	}
	return rows, events
}

func wantRows(t *testing.T, r *processorstest.Runner, want []string) {
	t.Helper()
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	if got := r.Rows(success); !slices.Equal(got, want) {
		t.Errorf("%d rows, want %d:\n got %.400q\nwant %.400q", len(got), len(want), got, want)
	}
}

func TestReportsEqualTheEvents(t *testing.T) {
	s := serve(t, company())
	want, events := done(t, s, "2025-02-20", "2025-02-22", nil)
	r := node(t, s, actions("page_size", 97)).Run()
	wantRows(t, r, want)
	var sum int64
	for _, row := range r.Rows(success) {
		var x struct {
			Count int64 `json:"event_count"`
		}
		if err := json.Unmarshal([]byte(row), &x); err != nil {
			t.Fatal(err)
		}
		sum += x.Count
	}
	if sum != events {
		t.Errorf("the rows come to %d events, there were %d", sum, events)
	}
	if got := r.Witnesses()[witness]; got != int64(len(want)) {
		t.Errorf("the witness counted %d rows, want %d", got, len(want))
	}
	st := s.Stats()
	if facts := r.Facts(); facts["tokens"] != fmt.Sprint(st.Tokens) || facts["timezone"] != "Asia/Seoul" || facts[flowfile.Provisional] != "" {
		t.Errorf("facts %v; the sandbox charged %d tokens", facts, st.Tokens)
	}
	if w := r.Store.Warnings(); len(w) > 0 {
		t.Errorf("warnings %q", w)
	}
	t.Logf("%d rows of %d events in %d requests for %d tokens", len(want), events, st.Calls[sandbox.Analytics], st.Tokens)
}

func TestFiltersLeaveOut(t *testing.T) {
	s := serve(t, company())
	for _, c := range []struct {
		lines []string
		keep  func(sandbox.Event) bool
	}{
		{[]string{"eventName in login, screen_view"}, func(e sandbox.Event) bool { return e.Name == "login" || e.Name == "screen_view" }},
		{[]string{"not eventName begins with s", `customUser:MID != "(not set)"`},
			func(e sandbox.Event) bool { return !strings.HasPrefix(e.Name, "s") && e.UID != "" }},
		{[]string{"eventName == LOGIN ignoring case or eventName matches screen_.*"},
			func(e sandbox.Event) bool { return e.Name == "login" || strings.HasPrefix(e.Name, "screen_") }},
		{[]string{"platform == Android"}, func(e sandbox.Event) bool { return e.Platform == "Android" }},
	} {
		want, _ := done(t, s, "2025-02-21", "2025-02-21", c.keep)
		r := node(t, s, actions("from", "2025-02-21", "to", "2025-02-21", "dimension_filter", c.lines)).Run()
		wantRows(t, r, want)
	}
	all, _ := done(t, s, "2025-02-21", "2025-02-21", nil)
	want := slices.DeleteFunc(all, func(row string) bool {
		var x struct {
			Count int64 `json:"event_count"`
		}
		return json.Unmarshal([]byte(row), &x) != nil || x.Count < 3
	})
	r := node(t, s, actions("from", "2025-02-21", "to", "2025-02-21", "metric_filter", []string{"eventCount >= 3"})).Run()
	wantRows(t, r, want)
	if w := r.Store.Warnings(); len(w) > 0 || len(want) == 0 {
		t.Errorf("warnings %q for %d rows", w, len(want))
	}
}

// TestSandboxFaults tries what the sandbox can do wrong.
func TestSandboxFaults(t *testing.T) {
	for _, c := range []struct {
		name     string
		set      []any
		property sandbox.Property
		fault    string
		code     string // of the first try
		warning  string
	}{
		{name: "drift", set: []any{"page_size", 97}, property: sandbox.Property{Drift: 2}},
		{name: "drift without end", set: []any{"page_size", 97}, property: sandbox.Property{Drift: 4}, code: "ga4_unstable"},
		{name: "server errors", property: sandbox.Property{ServerErrors: 2}},
		{name: "many server errors", property: sandbox.Property{ServerErrors: 3}, code: "ga4_server_errors"},
		{name: "dropped answers", fault: "drop-answer,method=runReport,times=3"},
		{name: "unavailable", fault: "unavailable=2,method=runReport"},
		{name: "exhausted", fault: "exhausted=1,method=runReport", code: "ga4_exhausted"},
		{name: "denied", fault: "denied=1,method=runReport", code: "ga4_no_access"},
		{name: "API disabled", fault: "disabled=1,method=runReport", code: "google_api_disabled"},
		{name: "no scope", fault: "no-scope=1,method=runReport", code: "google_scope_"},
		{name: "another property", property: sandbox.Property{ID: "1"}, code: "ga4_no_access"},
		{name: "sampled, refused", set: []any{"on_sampling", "fail"}, property: sandbox.Property{Sampled: 0.5}, code: "ga4_sampled"},
		{name: "thresholded, refused", set: []any{"on_thresholding", "fail"}, property: sandbox.Property{Threshold: 2}, code: "ga4_thresholded"},
		{name: "(other), refused", set: []any{"on_other_row", "fail"}, property: sandbox.Property{Other: 20}, code: "ga4_other"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serve(t, company(func(cfg *sandbox.Config) { cfg.Property = c.property }))
			if c.fault != "" {
				f, err := sandbox.ParseFault(c.fault)
				if err != nil {
					t.Fatal(err)
				}
				s.Inject(f)
			}
			want, _ := done(t, s, "2025-02-20", "2025-02-22", nil)
			r := node(t, s, actions(c.set...), by(newClock())).Run()
			if got := fault.CodeOf(r.Err()); !strings.HasPrefix(got, c.code) || (got == "") != (c.code == "") {
				t.Fatalf("error %v, want code %q", r.Err(), c.code)
			}
			if c.code != "" {
				ko := fault.Text(r.Err(), fault.Korean)
				t.Logf("%s\n%s", fault.Text(r.Err(), fault.English), ko)
				s.Adjust(func(p *sandbox.Property) { *p = sandbox.Property{ID: sandbox.DefaultProperty} })
				r.Run()
			}
			wantRows(t, r, want)
		})
	}
}

func TestPartialReportsWarn(t *testing.T) {
	for _, c := range []struct {
		name, say string
		property  sandbox.Property
	}{
		{"sampling", "sampled", sandbox.Property{Sampled: 0.5}}, {"thresholding", "thresholding", sandbox.Property{Threshold: 2}},
		{"other", "(other)", sandbox.Property{Other: 20}}, {"truncation", "truncated", sandbox.Property{Retained: "2025-02-21"}},
	} {
		s := serve(t, company(func(cfg *sandbox.Config) { cfg.Property = c.property }))
		r := node(t, s, actions()).Run()
		if err := r.Err(); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if f := r.Facts()[c.name]; !strings.Contains(f, "2025-02-20") {
			t.Errorf("%s: facts %v", c.name, r.Facts())
		}
		if w := r.Store.Warnings(); !slices.ContainsFunc(w, func(s string) bool { return strings.Contains(s, c.say) }) {
			t.Errorf("%s: warnings %q", c.name, w)
		}
		if c.name == "other" && !slices.ContainsFunc(r.Rows(success), func(row string) bool { return strings.Contains(row, `"mid":"(other)"`) }) {
			t.Error("the row (other) is lost")
		}
	}
}

// TestLateEventsAreProvisional reads a day twice while its events still arrive.
func TestLateEventsAreProvisional(t *testing.T) {
	s := serve(t, company(func(cfg *sandbox.Config) { cfg.Property.Late = 48 * time.Hour }))
	set := actions("from", "2025-02-28", "to", "2025-02-28")
	first := node(t, s, set).Run()
	if got := first.Facts()[flowfile.Provisional]; got != "2025-03-04T00:00:00+09:00" {
		t.Errorf("provisional until %q", got)
	}
	s.Adjust(func(p *sandbox.Property) { p.Late = 0 })
	second := node(t, s, set).Run()
	want, _ := done(t, s, "2025-02-28", "2025-02-28", nil)
	wantRows(t, second, want)
	if slices.Equal(first.Rows(success), want) {
		t.Error("nothing was late")
	}
}

func TestReadGA4Conforms(t *testing.T) {
	s := serve(t, company())
	processorstest.Conform(t, "ReadGA4", actions("page_size", 150), func(*processorstest.Runner) {},
		connect(t, s.Addr(), s.Project()), processorstest.Date("2025-02-22"))
}
