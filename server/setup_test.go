package server

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/sandbox"
)

// connecting is the sandbox's project with some values changed; an empty one is
// left out.
func connecting(pairs ...string) map[string]any {
	in := map[string]any{"project": "calback-demo", "property": "412345678", "dataset": "calback", "location": "asia-northeast3", "endpoint": "sandbox"}
	for i := 0; i < len(pairs); i += 2 {
		if in[pairs[i]] = pairs[i+1]; pairs[i+1] == "" {
			delete(in, pairs[i])
		}
	}
	return in
}

func finding(pairs ...string) map[string]any { return connecting(append(pairs, "location", "")...) }

func chosen(pairs ...string) map[string]any {
	return connecting(append([]string{"users", "userCollection", "meetings", "meetingCollection", "dimension", "customUser:MID"}, pairs...)...)
}

func TestSetupWritesTheScript(t *testing.T) {
	c := open(t, Config{Data: filepath.Join(t.TempDir(), "data")}).Client()
	in := map[string]any{"project": "calback-prod", "property": "412345678", "dataset": "calback", "location": "asia-northeast3"}
	out := call[SetupScripted](t, c, "POST", "/setup/script", in)
	if out.Email != "weir-reader@calback-prod.iam.gserviceaccount.com" || !strings.Contains(out.Script, "gcloud services enable") || !strings.Contains(out.Script, "roles/datastore.viewer") {
		t.Errorf("%s\n%s", out.Email, out.Script)
	}
	in["lang"] = "ko"
	if ko := call[SetupScripted](t, c, "POST", "/setup/script", in); ko.Script == out.Script || !strings.Contains(ko.Script, "프로젝트") {
		t.Errorf("in Korean:\n%s", ko.Script)
	}
	for _, k := range []struct{ key, value, code string }{
		{"project", "", "cli_setup_project"}, {"project", "x'; rm -rf ~ #", "setting_pattern"}, {"property", "G-ABC123XYZ", "ga4_property_measurement"},
		{"location", "", "cli_setup_location"}, {"account", "weir", "cli_setup_account"},
	} {
		bad := maps.Clone(in)
		bad[k.key] = k.value
		if code := codeOf(t, c, "POST", "/setup/script", bad); code != k.code {
			t.Errorf("%s %q: %s, want %s", k.key, k.value, code, k.code)
		}
	}
}

func TestSetupFindsWhatThereIs(t *testing.T) {
	srv := open(t, Config{Data: filepath.Join(t.TempDir(), "data"), Embedded: &sandbox.Config{Users: 20, Meetings: 10, Events: 20}})
	c := srv.Client()
	for _, k := range []struct {
		what, likely string
		has          []string
	}{
		{"collections", "userCollection", []string{"meetingCollection", "userCollection"}},
		{"fields", "uid", []string{"__id", "uid", "plan"}},
		{"dimensions", "customUser:MID", []string{"customUser:MID"}},
		{"zone", "Asia/Seoul", []string{"Asia/Seoul"}},
		{"datasets", "calback_demo", nil},
		{"location", "asia-northeast3", nil},
	} {
		out := call[SetupFound](t, c, "POST", "/setup/find", finding("what", k.what, "collection", "userCollection"))
		var names []string
		for _, i := range out.Items {
			names = append(names, i.Value)
		}
		if out.Likely != k.likely || len(k.has) == 0 != (len(names) == 0) {
			t.Errorf("%s: likely %q of %q", k.what, out.Likely, names)
		}
		for _, n := range k.has {
			if !slices.Contains(names, n) {
				t.Errorf("%s: %q lacks %s", k.what, names, n)
			}
		}
		if k.what == "collections" && out.Second != "meetingCollection" {
			t.Errorf("meetings: %q", out.Second)
		}
		if k.what == "fields" && slices.Contains(names, "createdAt") {
			t.Errorf("a timestamp is offered as a key: %q", names)
		}
	}
	for _, k := range []struct {
		in   map[string]any
		code string
	}{
		{finding("what", "buckets"), "setup_what"},
		{finding("what", "zone", "project", ""), "setup_missing"},
		{finding("what", "zone", "project", "My Project"), "setting_pattern"},
		{finding("what", "dimensions", "property", "412345679"), "ga4_no_access"},
		{finding("what", "fields", "collection", "nothing"), "firestore_collection_missing"},
	} {
		if code := codeOf(t, c, "POST", "/setup/find", k.in); code != k.code {
			t.Errorf("%v: %s, want %s", k.in, code, k.code)
		}
	}
	calls := srv.Sandbox().Stats().Calls
	if calls[sandbox.Firestore] == 0 || calls[sandbox.Analytics] == 0 || calls[sandbox.BigQuery] == 0 {
		t.Errorf("the sandbox saw %v", calls)
	}
}

// TestSetupChecksEachService verifies the flow that is made for it: all well, and
// with an Analytics property that the account may not read.
func TestSetupChecksEachService(t *testing.T) {
	srv := open(t, Config{Data: filepath.Join(t.TempDir(), "data"), Embedded: &sandbox.Config{Users: 20, Meetings: 10, Events: 20}})
	c := srv.Client()
	verified := func(in map[string]any) map[string][]processors.StepState {
		t.Helper()
		doc := call[SetupChecks](t, c, "POST", "/setup/checks", in).Doc
		out := map[string][]processors.StepState{}
		for _, s := range call[Verified](t, c, "POST", "/flows/verify", map[string]any{"doc": doc}).Steps {
			out[s.Node] = append(out[s.Node], s.State)
			if s.State == processors.StepFailed && s.Fault == nil {
				t.Errorf("%s failed without a word", s.Node)
			}
		}
		return out
	}
	good := verified(connecting())
	for _, node := range []string{"gcp", "firestore", "analytics", "bigquery"} {
		if len(good[node]) == 0 || slices.Contains(good[node], processors.StepFailed) {
			t.Errorf("%s: %v", node, good[node])
		}
	}
	// The demo's table is there, with columns of its own.
	call[Published](t, c, "POST", "/demo", map[string]any{})
	run := call[RunView](t, c, "POST", "/runs", map[string]any{"flow": exampleFlow, "by": "test"})
	call[RunView](t, c, "GET", "/runs/"+run.Run.ID+"/wait?seconds=60", nil)
	if again := verified(connecting()); slices.Contains(again["bigquery"], processors.StepFailed) {
		t.Errorf("with the table there: %v", again["bigquery"])
	}
	bad := verified(connecting("property", "412345679"))
	if !slices.Contains(bad["analytics"], processors.StepFailed) || slices.Contains(bad["firestore"], processors.StepFailed) {
		t.Errorf("another property: %v", bad)
	}
	if code := codeOf(t, c, "POST", "/setup/checks", connecting("location", "")); code != "setup_missing" {
		t.Errorf("without a location: %s", code)
	}
	if code := codeOf(t, c, "GET", "/flows/connect", nil); code != "flow_unknown" {
		t.Errorf("the flow that checks was stored: %s", code)
	}
}

func TestSetupMakesTheFlow(t *testing.T) {
	srv := open(t, Config{Data: filepath.Join(t.TempDir(), "data"), Embedded: &sandbox.Config{Users: 20, Meetings: 10, Events: 200}})
	c := srv.Client()
	dry := call[SetupFlow](t, c, "POST", "/setup/flow", withDry(chosen()))
	if code := codeOf(t, c, "GET", "/flows/calback-demo-daily", nil); code != "flow_unknown" {
		t.Fatalf("dry: %s", code)
	}
	made := call[SetupFlow](t, c, "POST", "/setup/flow", chosen())
	if made.Flow != "calback-demo-daily" || string(made.Doc) != string(dry.Doc) || !made.NewDataset || made.PropertyZone != "Asia/Seoul" ||
		!slices.Contains(made.Columns, "plan") || !strings.Contains(made.Meetings, "participants") {
		t.Errorf("%+v", made)
	}
	f, problems := flows.Check(made.Doc)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if f.Schedule.At != "06:00" || f.Schedule.Zone != "Asia/Seoul" || len(f.Nodes) != 11 {
		t.Errorf("at %s in %s, %d nodes", f.Schedule.At, f.Schedule.Zone, len(f.Nodes))
	}
	draft := call[Draft](t, c, "GET", "/flows/calback-demo-daily/draft", nil)
	if draft.Version != 0 || len(draft.Problems) != 0 {
		t.Errorf("version %d, problems %v", draft.Version, draft.Problems)
	}
	if v := call[Verified](t, c, "POST", "/flows/verify", map[string]any{"doc": made.Doc}); v.Failed != 0 {
		t.Errorf("verified: %+v", v.Steps)
	}
	// A flow that is there is replaced only when that is asked for.
	later := chosen("at", "07:30", "meetings", "")
	if code := codeOf(t, c, "POST", "/setup/flow", later); code != "flow_id_taken" {
		t.Errorf("onto a flow that is there: %s", code)
	}
	later["replace"] = true
	again := call[SetupFlow](t, c, "POST", "/setup/flow", later)
	if f, _ := flows.Check(again.Doc); f == nil || f.Schedule.At != "07:30" || len(f.Nodes) != 9 {
		t.Errorf("replaced by %s", again.Doc)
	}
	for _, k := range []struct{ key, value, code string }{
		{"users", "", "setup_missing"}, {"users", "userColection", "cli_init_collection"}, {"users_key", "uidd", "cli_init_key"},
		{"users_key", "createdAt", "cli_init_key_type"}, {"meetings", "userCollection", "cli_init_meetings"},
		{"dimension", "customUser:level", "cli_init_dimension"}, {"zone", "Seoul", "cli_init_zone"}, {"location", "here!", "cli_setup_place"},
		{"location", "", "cli_setup_location"}, {"property", "412345679", "ga4_no_access"}, {"endpoint", "127.0.0.1:1", "setting_not_a_choice"},
	} {
		if code := codeOf(t, c, "POST", "/setup/flow", withDry(chosen(k.key, k.value))); code != k.code {
			t.Errorf("%s %q: %s, want %s", k.key, k.value, code, k.code)
		}
	}
}

func withDry(in map[string]any) map[string]any {
	in["dry"] = true
	return in
}

// TestSetupFlowRuns publishes the flow that was made and runs a day of it.
func TestSetupFlowRuns(t *testing.T) {
	srv := open(t, Config{Data: filepath.Join(t.TempDir(), "data"), Embedded: &sandbox.Config{Users: 20, Meetings: 10, Events: 200}})
	c := srv.Client()
	made := call[SetupFlow](t, c, "POST", "/setup/flow", chosen())
	call[Published](t, c, "POST", "/flows/"+made.Flow+"/publish", map[string]any{})
	run := call[RunView](t, c, "POST", "/runs", map[string]any{"flow": made.Flow, "by": "test"})
	done := call[RunView](t, c, "GET", "/runs/"+run.Run.ID+"/wait?seconds=60", nil)
	if done.Run.State != runs.Success || len(done.Balance) == 0 {
		t.Errorf("the run ended %v, %+v", done.Run.State, done.Balance)
	}
}
