package ga4

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	ga "google.golang.org/api/analyticsdata/v1beta"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors/processorstest"
)

func TestDaysComeWholeAndInOrder(t *testing.T) {
	s := &script{table: days(25, 19, 20, 21)}
	r := s.play(t, reading("from", "2026-11-19", "page_size", 10)).Run()
	wantTable(t, r, s.table, 19, 20, 21)
	if got, want := s.offsets(), []string{"19+0", "19+10", "19+20", "20+0", "20+10", "20+20", "21+0", "21+10", "21+20"}; !slices.Equal(got, want) {
		t.Errorf("pages %v, want %v", got, want)
	}
	for _, q := range s.reports {
		if d := q.DateRanges[0]; len(q.DateRanges) != 1 || d.StartDate != d.EndDate || !q.ReturnPropertyQuota || len(q.OrderBys) != 2 {
			t.Errorf("a report for %v, ordered by %d fields, quota %t", q.DateRanges, len(q.OrderBys), q.ReturnPropertyQuota)
		}
	}
	r.WantAttr(success, "ga4.date", "2026-11-19", "2026-11-20", "2026-11-21").WantAttr(success, "ga4.property", property, property, property)
	if got := r.SchemaOf(r.Output(success)[0]).String(); got != `[["date","date"],["eventName","string"],["eventCount","int64"]]` {
		t.Errorf("schema %s", got)
	}
	if got := r.Witnesses(); !maps.Equal(got, map[string]int64{witness: 75}) {
		t.Errorf("witnesses %v", got)
	}
	want := map[string]string{"tokens": "63", "pages": "9", "slices": "3 of 3", "timezone": "Asia/Seoul", "currency": "KRW",
		"quota": "tokens per project and hour: 13000 of 14000 left (92 %)", flowfile.Provisional: "2026-11-25T00:00:00+09:00"}
	if got := r.Facts(); !maps.Equal(got, want) {
		t.Errorf("facts %v\nwant %v", got, want)
	}
	if w := r.Store.Warnings(); len(w) > 0 {
		t.Errorf("warnings %q", w)
	}
}

func TestSlotsOfMoreThanADay(t *testing.T) {
	seoul, err := time.LoadLocation("Asia/Seoul")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		start, end time.Time
		from, to   string
		want       string
	}{
		{time.Date(2026, 11, 2, 0, 0, 0, 0, seoul), time.Date(2026, 11, 5, 0, 0, 0, 0, seoul), "", "", "02 03 04"},
		{time.Date(2026, 11, 2, 1, 0, 0, 0, seoul), time.Date(2026, 11, 3, 0, 0, 0, 0, seoul), "", "", "02"},
		{time.Date(2026, 11, 2, 0, 0, 0, 0, seoul), time.Date(2026, 11, 3, 0, 0, 0, 0, seoul), "2026-10-31", "${run.date}", "31 01 02"},
		{time.Date(2026, 11, 2, 0, 0, 0, 0, seoul), time.Date(2026, 11, 3, 0, 0, 0, 0, seoul), "2026-11-02", "2026-11-03", "02 03"},
	} {
		s := &script{table: days(2, 2)}
		set := reading("from", c.from, "to", c.to, "on_empty", "pass")
		run := flowfile.Run{Number: 1, ID: "01JD0000000000000000000000", Flow: "test", Slot: "x", Date: c.start.Format(time.DateOnly),
			Start: c.start, End: c.end, Zone: "Asia/Seoul", Generation: 1, Kind: "manual", Try: 1}
		r := s.play(t, set, processorstest.Run(run)).Run()
		if err := r.Err(); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, q := range s.reports {
			got = append(got, q.DateRanges[0].StartDate[8:])
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("slot %s to %s, from %q to %q: days %v, want %s", c.start, c.end, c.from, c.to, got, c.want)
		}
	}
}

func TestOldDaysAreNotProvisional(t *testing.T) {
	for _, c := range []struct {
		now  time.Time
		want string
	}{
		{time.Date(2026, 11, 24, 14, 59, 59, 0, time.UTC), "2026-11-25T00:00:00+09:00"},
		{time.Date(2026, 11, 24, 15, 0, 0, 0, time.UTC), ""},
	} {
		s := &script{table: days(1, 21)}
		r := s.play(t, reading(), processorstest.Now(c.now)).Run()
		if got := r.Facts()[flowfile.Provisional]; got != c.want {
			t.Errorf("at %s: provisional until %q, want %q", c.now, got, c.want)
		}
	}
}

// TestDaysThatAreNotOverAreTold reads a property whose days end later than the
// flow's, as early as the flow fires.
func TestDaysThatAreNotOverAreTold(t *testing.T) {
	over := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC) // 2026-11-21 in Los Angeles
	for _, c := range []struct {
		now  time.Time
		want string
	}{{over.Add(-time.Second), "The day 2026-11-21 was not over in America/Los_Angeles"}, {over, ""}} {
		s := &script{table: days(1, 20, 21), change: func(_ int, _ *ga.RunReportRequest, res *ga.RunReportResponse) *ga.RunReportResponse {
			res.Metadata.TimeZone = "America/Los_Angeles"
			return res
		}}
		r := s.play(t, reading("from", "2026-11-20", "zone", "America/Los_Angeles"), processorstest.Now(c.now)).Run()
		wantTable(t, r, s.table, 20, 21)
		w := strings.Join(r.Store.Warnings(), "\n")
		if !strings.HasPrefix(w, c.want) || c.want == "" && w != "" || c.want != "" && !strings.Contains(w, "after 2026-11-22 08:00 UTC") {
			t.Errorf("at %s: warnings %q, want %q", c.now, w, c.want)
		}
	}
}

func TestColumnsAndTypes(t *testing.T) {
	s := &script{table: map[string][]string{"2026-11-21": {"2026112107,(not set),(not set),20240102=3", "2026112108,12,a,(not set)=4"}},
		change: func(_ int, _ *ga.RunReportRequest, res *ga.RunReportResponse) *ga.RunReportResponse {
			res.MetricHeaders[0].Type = "TYPE_CURRENCY"
			res.Rows[0].MetricValues[0].Value = "12.50"
			res.Totals = nil
			return res
		}}
	r := s.play(t, reading("dimensions", []string{"dateHour", "customEvent:n", "customUser:MID", "firstSessionDate"}, "metrics", []string{"purchaseRevenue"},
		"columns", map[string]string{"customUser:MID": "mid"},
		"types", map[string]string{"dateHour": "timestamp", "customEvent:n": "int64", "firstSessionDate": "date", "purchaseRevenue": "decimal"})).Run()
	r.WantRows(success,
		`{"dateHour":"2026-11-20T22:00:00.000000Z","customEvent_n":null,"mid":"(not set)","firstSessionDate":"2024-01-02","purchaseRevenue":"12.5"}`,
		`{"dateHour":"2026-11-20T23:00:00.000000Z","customEvent_n":12,"mid":"a","firstSessionDate":null,"purchaseRevenue":"4"}`)
}

func TestRepeatedHoursAreTheFirst(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	tab, err := newTable([]column{{api: "dateHour", name: "at"}}, []string{typeTimestamp}, paris)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{"2026102501": "2026-10-24T23:00:00Z", "2026102502": "2026-10-25T00:00:00Z",
		"2026102503": "2026-10-25T02:00:00Z", "2026032903": "2026-03-29T01:00:00Z"} {
		v, err := tab.value(&tab.columns[0], text)
		if err != nil || v.Time().Format(time.RFC3339) != want {
			t.Errorf("%s: %s, %v; want %s", text, v, err, want)
		}
	}
}

func TestOtherRowHasTheDayOfItsSlice(t *testing.T) {
	s := &script{table: map[string][]string{"2026-11-21": {"(other),(other)=3", "20261121,a=4"}}}
	s.play(t, reading()).Run().WantRows(success,
		`{"date":"2026-11-21","eventName":"(other)","eventCount":3}`, `{"date":"2026-11-21","eventName":"a","eventCount":4}`)
}

func TestBadValuesFail(t *testing.T) {
	for _, c := range []struct{ row, code string }{
		{"20261121,a=1.5", "ga4_value"}, {"20261121,a=", "ga4_value"}, {"2026-11-21,a=1", "ga4_value"},
	} {
		s := &script{table: map[string][]string{"2026-11-21": {c.row}}}
		r := s.play(t, reading()).Run().WantErr(c.code)
		if n := len(r.Output(success)); n != 0 {
			t.Errorf("%s: %d FlowFiles were delivered", c.row, n)
		}
	}
}

func TestComputedMetrics(t *testing.T) {
	s := &script{table: days(2, 21), change: func(_ int, q *ga.RunReportRequest, res *ga.RunReportResponse) *ga.RunReportResponse {
		if m := q.Metrics[0]; m.Name != "perUser" || m.Expression != "eventCount/totalUsers" {
			t.Errorf("metric %+v", m)
		}
		res.MetricHeaders[0].Type = "TYPE_FLOAT"
		return res
	}}
	s.play(t, reading("metrics", []string{"perUser = eventCount/totalUsers"})).Run().WantRows(success,
		`{"date":"2026-11-21","eventName":"e0000","perUser":1}`, `{"date":"2026-11-21","eventName":"e0001","perUser":2}`)
}

func TestEmptyReports(t *testing.T) {
	s := &script{change: func(_ int, _ *ga.RunReportRequest, res *ga.RunReportResponse) *ga.RunReportResponse {
		res.Metadata.EmptyReason = "no events"
		return res
	}}
	r := s.play(t, reading("from", "2026-11-20")).Run().WantErr("ga4_empty")
	if err := r.Err(); !strings.Contains(err.Error(), "no events") {
		t.Errorf("error %v", err)
	}
	// Where the report has no headers, the metadata tell the types.
	bare := &script{metadata: &ga.Metadata{Metrics: []*ga.MetricMetadata{{ApiName: "eventCount", Type: "TYPE_INTEGER"}}},
		change: func(int, *ga.RunReportRequest, *ga.RunReportResponse) *ga.RunReportResponse {
			return &ga.RunReportResponse{}
		}}
	for _, s := range []*script{{}, bare} {
		r := s.play(t, reading("on_empty", "pass")).Run().WantRows(success)
		out := r.Output(success)
		if len(out) != 1 || r.SchemaOf(out[0]).String() != `[["date","date"],["eventName","string"],["eventCount","int64"]]` {
			t.Errorf("%d FlowFiles, want one with the columns", len(out))
		}
		if got := r.Witnesses()[witness]; got != 0 || !position(t, r).Done {
			t.Errorf("witness %d, done %t", got, position(t, r).Done)
		}
	}
	// The zone is taken from a report without rows too.
	far := &script{change: func(int, *ga.RunReportRequest, *ga.RunReportResponse) *ga.RunReportResponse {
		return &ga.RunReportResponse{Metadata: &ga.ResponseMetaData{TimeZone: "UTC"}}
	}, metadata: bare.metadata}
	at := processorstest.Now(time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC))
	if r := far.play(t, reading("on_empty", "pass"), at).Run(); r.Facts()["timezone"] != "UTC" || len(r.Store.Warnings()) != 1 {
		t.Errorf("facts %v, warnings %q, %v", r.Facts(), r.Store.Warnings(), r.Err())
	}
	// A day without rows among others is no matter.
	s = &script{table: days(3, 21)}
	wantTable(t, s.play(t, reading("from", "2026-11-20")).Run(), s.table, 21)
}

func TestZoneOfPropertyAndFlow(t *testing.T) {
	for _, c := range []struct{ told, want, code, warning string }{
		{"Asia/Seoul", "", "", ""}, {"Asia/Tokyo", "", "", ""}, {"UTC", "", "", "ga4_zone_of_flow"}, {"America/Los_Angeles", "", "", "ga4_zone_of_flow"},
		{"UTC", "UTC", "", ""}, {"UTC", "Asia/Seoul", "ga4_zone_differs", ""}, {"Mars/Olympus", "", "ga4_zone_unknown", ""},
	} {
		s := &script{table: days(2, 20, 21), change: func(_ int, _ *ga.RunReportRequest, res *ga.RunReportResponse) *ga.RunReportResponse {
			res.Metadata.TimeZone = c.told
			return res
		}}
		r := s.play(t, reading("from", "2026-11-20", "zone", c.want), processorstest.Now(time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC))).Run()
		if got := fault.CodeOf(r.Err()); got != c.code {
			t.Errorf("%s, wanted %q: error %v, want code %q", c.told, c.want, r.Err(), c.code)
			continue
		}
		w := r.Store.Warnings()
		if (len(w) > 0) != (c.warning != "") || len(w) > 1 || len(w) == 1 && (!strings.Contains(w[0], c.told) || !strings.Contains(w[0], "Asia/Seoul")) {
			t.Errorf("%s: warnings %q", c.told, w)
		}
	}
}

func TestZoneMayNotChangeMeanwhile(t *testing.T) {
	s := &script{table: days(2, 20, 21), change: func(n int, _ *ga.RunReportRequest, res *ga.RunReportResponse) *ga.RunReportResponse {
		if n == 2 {
			res.Metadata.TimeZone = "UTC"
		}
		return res
	}}
	s.play(t, reading("from", "2026-11-20")).Run().WantErr("ga4_zone_changed")
}

func TestColumnsMustBeWhereTheyShould(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*ga.RunReportResponse)
		want   string
	}{
		{"an old name's new one", func(r *ga.RunReportResponse) { r.MetricHeaders[0].Name = "keyEvents" }, ""},
		{"swapped", func(r *ga.RunReportResponse) {
			h := r.DimensionHeaders
			h[0], h[1] = h[1], h[0]
		}, `is "eventName", not "date"`},
		{"one too few", func(r *ga.RunReportResponse) { r.DimensionHeaders = r.DimensionHeaders[1:] }, "1 dimensions"},
		{"a short row", func(r *ga.RunReportResponse) { r.Rows[1].MetricValues = nil }, "of 0 metrics"},
		{"a long row", func(r *ga.RunReportResponse) {
			r.Rows[1].DimensionValues = append(r.Rows[1].DimensionValues, &ga.DimensionValue{Value: "x"})
		}, "4 values"},
	} {
		s := &script{table: days(2, 21), change: func(_ int, _ *ga.RunReportRequest, res *ga.RunReportResponse) *ga.RunReportResponse {
			c.change(res)
			return res
		}}
		err := s.play(t, reading()).Run().Err()
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
}

func TestTypeMayNotChangeMeanwhile(t *testing.T) {
	change := func(n int, _ *ga.RunReportRequest, res *ga.RunReportResponse) *ga.RunReportResponse {
		if n == 2 {
			res.MetricHeaders[0].Type = "TYPE_FLOAT"
		}
		return res
	}
	s := &script{table: days(2, 20, 21), change: change}
	s.play(t, reading("from", "2026-11-20")).Run().WantErr("ga4_type_changed")
	s = &script{table: days(2, 20, 21), change: change}
	wantTable(t, s.play(t, reading("from", "2026-11-20", "types", map[string]string{"eventCount": "int64"})).Run(), s.table, 20, 21)
}

func TestSettingsMayNotChangeMeanwhile(t *testing.T) {
	s := &script{table: days(2, 20, 21), fail: func(n int, _ string) (int, string) {
		if n == 2 {
			return 401, "expired"
		}
		return 0, ""
	}}
	r := s.play(t, reading("from", "2026-11-20")).Run()
	if r.Err() == nil {
		t.Fatal("the second day was read")
	}
	s.fail = nil
	p := r.Processor().(*ReadGA4)
	p.keepEmpty = true
	r.Run().WantErr("ga4_settings_changed")
	p.keepEmpty = false
	wantTable(t, r.Run(), s.table, 20, 21)
	if got := s.offsets(); !slices.Equal(got, []string{"20+0", "21+0"}) {
		t.Errorf("pages %v: the first day must not be read again", got)
	}
}

// TestDaysAreDecidedOnce gives an expression that comes to another day whenever
// it is evaluated, as one with the present time does at midnight.
func TestDaysAreDecidedOnce(t *testing.T) {
	s := &script{table: days(2, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21)}
	r := s.play(t, reading("from", "2026-11-${random():mod(9):plus(10)}")).Run()
	if r.Err() != nil || !position(t, r).Done {
		t.Fatalf("done %t: %v", position(t, r).Done, r.Err())
	}
	var want []string
	for d := position(t, r).From; !d.after(position(t, r).To); d = d.next() {
		want = append(want, d.String()[8:]+"+0")
	}
	if got := s.offsets(); !slices.Equal(got, want) {
		t.Errorf("days %v, want each once", got)
	}
}

func TestFlagsOfTheAPI(t *testing.T) {
	flags := []struct {
		name, setting, fact, code, say string
		set                            func(*ga.ResponseMetaData)
	}{
		{"sampling", "on_sampling", "2026-11-20 (25.0 %)", "ga4_sampled", "sampled", func(m *ga.ResponseMetaData) {
			m.SamplingMetadatas = []*ga.SamplingMetadata{{SamplesReadCount: 25, SamplingSpaceSize: 100}}
		}},
		{"thresholding", "on_thresholding", "2026-11-20", "ga4_thresholded", "thresholding", func(m *ga.ResponseMetaData) { m.SubjectToThresholding = true }},
		{"other", "on_other_row", "2026-11-20", "ga4_other", "(other)", func(m *ga.ResponseMetaData) { m.DataLossFromOtherRow = true }},
		{"truncation", "", "2026-11-20 (DATA_TRUNCATION_TYPE_PROPERTY)", "", "truncated", func(m *ga.ResponseMetaData) {
			m.DataTruncationReasons = []*ga.DataTruncationReason{{DataTruncationType: "DATA_TRUNCATION_TYPE_PROPERTY"}}
		}},
		{"", "", "", "", "eventCount", func(m *ga.ResponseMetaData) {
			m.SchemaRestrictionResponse = &ga.SchemaRestrictionResponse{ActiveMetricRestrictions: []*ga.ActiveMetricRestriction{{MetricName: "eventCount"}}}
		}},
	}
	for _, f := range flags {
		change := func(_ int, q *ga.RunReportRequest, res *ga.RunReportResponse) *ga.RunReportResponse {
			if q.DateRanges[0].StartDate == "2026-11-20" {
				f.set(res.Metadata)
			}
			return res
		}
		s := &script{table: days(2, 19, 20, 21), change: change}
		r := s.play(t, reading("from", "2026-11-19")).Run()
		wantTable(t, r, s.table, 19, 20, 21)
		if got := r.Facts()[f.name]; got != f.fact {
			t.Errorf("%s: fact %q, want %q", f.name, got, f.fact)
		}
		if w := r.Store.Warnings(); len(w) != 1 || !strings.Contains(w[0], f.say) || !strings.Contains(w[0], "2026-11-20") || strings.Contains(w[0], "2026-11-21") {
			t.Errorf("%s: warnings %q", f.name, w)
		}
		if f.setting == "" {
			continue
		}
		s = &script{table: days(2, 19, 20, 21), change: change}
		r = s.play(t, reading("from", "2026-11-19", f.setting, "fail")).Run().WantErr(f.code)
		wantTable(t, r, s.table, 19)
	}
}

func TestManyMarkedDaysAreCounted(t *testing.T) {
	var m marks
	for i := range 12 {
		m.add(dayOf(time.Date(2026, 11, i+1, 0, 0, 0, 0, time.UTC)), "")
	}
	if got := m.String(); !strings.HasSuffix(got, "2026-11-10 +2") {
		t.Errorf("marks %q", got)
	}
}

func TestLargeDaysGoThroughAFile(t *testing.T) {
	dir := t.TempDir()
	s := newSpool(dir)
	var want strings.Builder
	for i := range spoolMemory/4096 + 100 {
		line := strings.Repeat(string(rune('a'+i%26)), 4095) + "\n"
		want.WriteString(line)
		if _, err := s.Write([]byte(line)); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		var got strings.Builder
		if err := s.copyTo(&got); err != nil || got.String() != want.String() {
			t.Fatalf("%d of %d bytes came back, %v", got.Len(), want.Len(), err)
		}
	}
	files := func() int {
		list, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	if files() != 1 {
		t.Error("there is no file")
	}
	if err := s.reset(); err != nil || files() != 0 {
		t.Errorf("%d files are left, %v", files(), err)
	}
}
