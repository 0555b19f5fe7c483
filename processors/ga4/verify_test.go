package ga4

import (
	"slices"
	"strings"
	"testing"

	ga "google.golang.org/api/analyticsdata/v1beta"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/processors/processorstest"
	"github.com/weirflow/weir/sandbox"
)

// the step that failed, and its fault.
func failed(t *testing.T, steps []processors.Step) (name *fault.Error, err error) {
	t.Helper()
	after := false
	for _, s := range steps {
		switch {
		case s.State == processors.StepFailed && err != nil:
			t.Errorf("%s failed too", s.Name)
		case s.State == processors.StepFailed:
			name, err = s.Name, s.Fault
			after = true
		case after && s.State == processors.StepOK:
			t.Errorf("%s was tried after a step that failed", s.Name)
		}
	}
	return name, err
}

func TestVerifyTellsWhatItFound(t *testing.T) {
	s := serve(t, company())
	r := node(t, s, actions("dimension_filter", []string{"customUser:plan != free"}))
	steps := r.Verify()
	if name, err := failed(t, steps); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	notes := map[*fault.Error]string{}
	var names []*fault.Error
	for _, st := range steps {
		notes[st.Name] = st.Note.Error()
		names = append(names, st.Name)
	}
	for _, want := range []*fault.Error{stepClient, stepMetadata, stepFields, stepTogether, stepRow, stepQuota} {
		if !slices.Contains(names, want) {
			t.Errorf("steps %q lack %q", names, want)
		}
	}
	for name, want := range map[*fault.Error]string{stepClient: "Property 412345678", stepMetadata: "(4 custom)", stepFields: "All are there.",
		stepRow: "Asia/Seoul, its currency is KRW", stepQuota: "of 14000 left."} {
		if !strings.Contains(notes[name], want) {
			t.Errorf("%s: %q, want %q", name, notes[name], want)
		}
	}
	if n := s.Stats().Rows; n != 1 {
		t.Errorf("%d rows were read, want one", n)
	}
	// The same value goes on to run.
	if err := r.Run().Err(); err != nil {
		t.Error(err)
	}
}

func TestVerifyNamesTheRemedy(t *testing.T) {
	for _, c := range []struct {
		name     string
		set      []any
		property sandbox.Property
		fault    string
		step     *fault.Error
		code     string
		english  []string
		korean   string
	}{
		{name: "unregistered", set: []any{"dimensions", []string{"date", "customUser:level"}, "columns", map[string]string{}}, step: stepFields, code: "ga4_unregistered",
			english: []string{"customUser:level is not registered", "nearest that are: customUser:", "customUser:MID", "customUser:plan", "customEvent:source", "register the parameter level with scope User", "Custom definitions", "BigQuery export"}, korean: "측정기준 customUser:level은(는) 속성"},
		{name: "without its prefix", set: []any{"dimensions", []string{"date", "mid"}, "columns", map[string]string{}}, step: stepFields, code: "ga4_unknown_field",
			english: []string{"nearest are: customUser:MID"}, korean: "비슷한 이름: customUser:MID"},
		{name: "typing", set: []any{"dimensions", []string{"date", "evnetName"}, "columns", map[string]string{}}, step: stepFields, code: "ga4_unknown_field",
			english: []string{"nearest are: eventName"}, korean: "eventName"},
		{name: "another scope", set: []any{"dimensions", []string{"customEvent:MID"}, "columns", map[string]string{}}, step: stepFields, code: "ga4_unregistered",
			english: []string{"nearest that are: customUser:MID"}, korean: "customUser:MID"},
		{name: "another letter case", set: []any{"dimensions", []string{"customuser:mid"}, "columns", map[string]string{}}, step: stepFields, code: "ga4_unknown_field",
			english: []string{"nearest are: customUser:MID"}, korean: "customUser:MID"},
		{name: "a metric among dimensions", set: []any{"dimensions", []string{"date", "sessions"}, "columns", map[string]string{}}, step: stepFields, code: "ga4_field_of_other_kind",
			english: []string{"Move it"}, korean: "dimensions"},
		{name: "of a filter", set: []any{"dimension_filter", []string{"contry == Japan"}}, step: stepFields, code: "ga4_unknown_field",
			english: []string{"nearest are: country"}, korean: "country"},
		{name: "of a metric filter", set: []any{"metric_filter", []string{"eventCnt > 2"}}, step: stepFields, code: "ga4_unknown_field",
			english: []string{"nearest are: eventCount"}, korean: "측정항목 eventCnt"},
		{name: "incompatible", set: []any{"dimensions", []string{"date", "itemName"}, "columns", map[string]string{}}, step: stepTogether, code: "ga4_incompatible",
			english: []string{"itemName and eventCount cannot stand in one report"}, korean: "한 보고서에 함께 쓸 수 없습니다"},
		{name: "no access", property: sandbox.Property{ID: "99"}, step: stepMetadata, code: "ga4_no_access",
			english: []string{"not a Viewer of property 412345678", "IAM roles do not count", "Property access management"}, korean: "속성 액세스 관리"},
		{name: "disabled", fault: "disabled=9,api=analytics", step: stepMetadata, code: "google_api_disabled",
			english: []string{"analyticsdata.googleapis.com", "calback-demo"}, korean: "calback-demo"},
		{name: "zone", set: []any{"zone", "Europe/Paris"}, step: stepRow, code: "ga4_zone_differs",
			english: []string{"Asia/Seoul", "Europe/Paris"}, korean: "Europe/Paris"},
		{name: "down", property: sandbox.Property{ServerErrors: 9}, step: stepMetadata, code: "ga4_unavailable", english: []string{"tries again"}, korean: "다시 시도"},
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
			step, err := failed(t, node(t, s, actions(c.set...)).Verify())
			if step != c.step || fault.CodeOf(err) != c.code {
				t.Fatalf("step %q: %v (%s), want %q with %s", step, err, fault.CodeOf(err), c.step, c.code)
			}
			en := fault.Text(err, fault.English)
			for _, want := range c.english {
				if !strings.Contains(en, want) {
					t.Errorf("%q does not say %q", en, want)
				}
			}
			if ko := fault.Text(err, fault.Korean); !strings.Contains(ko, c.korean) || ko == en {
				t.Errorf("%q does not say %q", ko, c.korean)
			}
		})
	}
}

// TestRunsNameTheRemedyToo lets a run meet what a verification would have found.
func TestRunsNameTheRemedyToo(t *testing.T) {
	s := serve(t, company())
	node(t, s, actions("dimensions", []string{"date", "customUser:level"}, "columns", map[string]string{})).Run().WantErr("ga4_unregistered")
	node(t, s, actions("dimensions", []string{"date", "itemName"}, "columns", map[string]string{})).Run().WantErr("ga4_incompatible")
}

func TestVerifyTellsOfOldAndBlockedNames(t *testing.T) {
	s := &script{table: days(3, 21), metadata: &ga.Metadata{
		Dimensions: []*ga.DimensionMetadata{{ApiName: "date"}, {ApiName: "eventName"}},
		Metrics: []*ga.MetricMetadata{{ApiName: "keyEvents", DeprecatedApiNames: []string{"conversions"}},
			{ApiName: "totalRevenue", BlockedReasons: []string{"NO_REVENUE_METRICS"}}}}}
	steps := s.play(t, reading("metrics", []string{"conversions", "totalRevenue"}, "reserve", 90)).Verify()
	if name, err := failed(t, steps); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	var all string
	for _, st := range steps {
		all += st.Name.Error() + ": " + st.Note.Error() + "\n"
	}
	for _, want := range []string{"conversions is now keyEvents", "totalRevenue (NO_REVENUE_METRICS)"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is missing in\n%s", want, all)
		}
	}
}

func TestSuggestListsThePropertysOwnFirst(t *testing.T) {
	s := serve(t, company())
	r := node(t, s, actions())
	got, err := r.Processor().(processors.Suggester).Suggest(t.Context(), r.Env(), "dimensions")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, x := range got {
		names = append(names, x.Value)
	}
	if len(names) < 10 || !strings.HasPrefix(names[0], "custom") || !slices.Contains(names, "customUser:MID") || !slices.Contains(names, "eventName") {
		t.Errorf("dimensions %q", names)
	}
	if got, err := r.Processor().(processors.Suggester).Suggest(t.Context(), r.Env(), "zone"); len(got) != 1 || got[0].Value != "Asia/Seoul" || err != nil {
		t.Errorf("zones %v, %v", got, err)
	}
	if got, err := r.Processor().(processors.Suggester).Suggest(t.Context(), r.Env(), "from"); got != nil || err != nil {
		t.Errorf("days %v, %v", got, err)
	}
}

func TestNearestNames(t *testing.T) {
	names := []string{"date", "eventName", "customUser:MID", "customUser:plan", "customEvent:plan_id", "customEvent:source", "sessionSource", "country", "city"}
	for name, want := range map[string]string{
		"MID": "customUser:MID", "customUser:mid": "customUser:MID", "customEvent:plan": "customUser:plan", "customUser:plan_id": "customEvent:plan_id",
		"eventname": "eventName", "Country": "country", "source": "customEvent:source", "customUser:xyzzy": "customUser:MID",
	} {
		got := nearest(name, names)
		if len(got) != suggestions || got[0] != want {
			t.Errorf("nearest to %s: %q, want %s first of %d", name, got, want, suggestions)
		}
	}
	if got := nearest("x", nil); len(got) != 0 {
		t.Errorf("nearest of none: %q", got)
	}
}

func TestSettingsAreCheckedBeforeARun(t *testing.T) {
	ten := []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}
	for _, c := range []struct {
		set      []any
		property string
		code     string
	}{
		{[]any{}, "", ""},
		{[]any{"property", "G-ABC123"}, "property", "ga4_property_measurement"},
		{[]any{"property", "UA-12345-1"}, "property", "ga4_property_universal"},
		{[]any{"property", "properties/412345678"}, "property", "ga4_property_path"},
		{[]any{"property", "1234567890"}, "property", "ga4_property_stream"},
		{[]any{"property", "12345678901"}, "property", "ga4_property_stream"},
		{[]any{"property", "calback"}, "property", "ga4_property_bad"},
		{[]any{"property", "0"}, "property", "ga4_property_bad"},
		{[]any{"property", "412 345"}, "property", "ga4_property_bad"},
		{[]any{"from", "yesterday"}, "from", "ga4_relative_date"},
		{[]any{"to", "7daysAgo"}, "to", "ga4_relative_date"},
		{[]any{"from", "20261121"}, "from", "ga4_bad_date"},
		{[]any{"from", "2026-02-30"}, "from", "ga4_bad_date"},
		{[]any{"from", "${run.date}", "to", "2026-12-31"}, "", ""},
		{[]any{"zone", "Asia/Soul"}, "zone", "ga4_zone_unknown"},
		{[]any{"dimensions", ten}, "dimensions", "setting_too_large"},
		{[]any{"metrics", append(ten, "k")}, "metrics", "setting_too_large"},
		{[]any{"dimensions", []string{"date", "date"}}, "dimensions", "ga4_field_twice"},
		{[]any{"dimensions", []string{"event name"}}, "dimensions", "ga4_field_name"},
		{[]any{"metrics", []string{"x ="}}, "metrics", "ga4_field_name"},
		{[]any{"metrics", []string{"x = eventCount / totalUsers"}}, "", ""},
		{[]any{"dimensions", []string{"customUser:a", "customUser_a"}}, "columns", "ga4_column_twice"},
		{[]any{"columns", map[string]string{"date": "eventName"}}, "columns", "ga4_column_twice"},
		{[]any{"columns", map[string]string{"dat": "d"}}, "columns", "ga4_setting_of_nothing"},
		{[]any{"types", map[string]string{"eventCount": "date"}}, "types", "ga4_bad_type"},
		{[]any{"types", map[string]string{"eventName": "timestamp"}}, "types", "ga4_bad_type"},
		{[]any{"types", map[string]string{"eventName": "int64", "eventCount": "decimal"}}, "", ""},
		{[]any{"dimension_filter", []string{"eventName"}}, "dimension_filter", "ga4_bad_filter"},
		{[]any{"metric_filter", []string{"eventCount contains 3"}}, "metric_filter", "ga4_bad_filter"},
	} {
		_, problems := processorstest.Build(t, "ReadGA4", reading(c.set...), processorstest.Service("gcp", "GoogleCloud", nil))
		switch {
		case c.code == "" && len(problems) > 0:
			t.Errorf("%v: %v", c.set, problems[0].Fault)
		case c.code != "" && (len(problems) == 0 || problems[0].Property != c.property || problems[0].Fault.Code != c.code):
			t.Errorf("%v: problems %v, want %s of %s", c.set, problems, c.code, c.property)
		}
	}
	_, problems := processorstest.Build(t, "ReadGA4", reading(), processorstest.Service("gcp", "GoogleCloud", nil), processorstest.Continuous())
	if len(problems) != 1 || problems[0].Fault.Code != "ga4_runs_only" {
		t.Errorf("in a continuous flow: %v", problems)
	}
	if _, problems := processorstest.Build(t, "ReadGA4", reading("property", "#{property}"), processorstest.Service("gcp", "GoogleCloud", nil),
		processorstest.Param("property", "string", "G-1")); len(problems) != 1 || problems[0].Fault.Code != "ga4_property_measurement" {
		t.Errorf("with a parameter: %v", problems)
	}
}

func TestNeedsNameThePropertyAndTheHost(t *testing.T) {
	conf, _ := processorstest.Build(t, "ReadGA4", reading(), processorstest.Service("gcp", "GoogleCloud", nil))
	got := map[processors.NeedKind]string{}
	for _, n := range conf.Needs() {
		got[n.Kind] = n.Value
	}
	for kind, want := range map[processors.NeedKind]string{processors.NeedAPI: "analyticsdata.googleapis.com", processors.NeedResource: property,
		processors.NeedScope: "https://www.googleapis.com/auth/analytics.readonly", processors.NeedHost: "analyticsdata.googleapis.com:443"} {
		if got[kind] != want {
			t.Errorf("need %s = %q, want %q", kind, got[kind], want)
		}
	}
}
