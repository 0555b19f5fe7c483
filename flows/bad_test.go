package flows_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flows"
)

// elsewhere are codes that no flow file alone can cause, with the test that
// does.
var elsewhere = map[string]string{
	"flow_too_large":         "TestParseRefusesHugeFiles",
	"flow_too_many":          "TestHostileFilesCostLittle",
	"flow_node_unknown":      "TestConfigureNode",
	"flow_service_unknown":   "TestAround",
	"parameter_not_declared": "TestResolveParams",
	"parameter_missing":      "TestResolveParams",
	"parameter_value_bad":    "TestResolveParams",
	"setting_secret_unknown": "TestConfigureNamesMissingSecrets",
}

// TestBadFlowsTellTheirOneMistake reads every file of testdata/bad. Each holds
// one mistake, and the texts beside it are all that is said about it.
func TestBadFlowsTellTheirOneMistake(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.json")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d bad files, %v", len(files), err)
	}
	seen := map[string]bool{}
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".json"), func(t *testing.T) {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			_, problems := flows.Check(b)
			if len(problems) != 1 {
				t.Fatalf("%d problems, want one:\n%v", len(problems), problems)
			}
			p := problems[0]
			seen[p.Fault.Code] = true
			if p.Fault.Class != fault.Permanent {
				t.Errorf("%s is %v: a wrong file does not mend itself", p.Fault.Code, p.Fault.Class)
			}
			base := strings.TrimSuffix(name, ".json")
			golden(t, base+".txt", []byte(problems.Text(fault.English)+"\n"))
			golden(t, base+".ko.txt", []byte(problems.Text(fault.Korean)+"\n"))
			if _, err := flows.Parse(b); err != nil && fault.CodeOf(err) != p.Fault.Code {
				t.Errorf("Parse says %v", err)
			}
		})
	}
	for _, code := range slices.Sorted(maps.Keys(flowCodes(t))) {
		if _, ok := elsewhere[code]; !ok && !seen[code] {
			t.Errorf("no file in testdata/bad causes %s", code)
		}
	}
	for code, test := range elsewhere {
		if seen[code] {
			t.Errorf("%s has a file and need not be listed for %s", code, test)
		}
	}
}

// flowCodes are the codes of the catalogue that say what is wrong with a flow.
func flowCodes(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	for _, area := range []string{"flows", "processors", "runs_calendar"} {
		b, err := os.ReadFile("../fault/catalogue/" + area + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var codes map[string]json.RawMessage
		if err := json.Unmarshal(b, &codes); err != nil {
			t.Fatal(err)
		}
		for code := range codes {
			switch {
			case area == "flows", area == "runs_calendar" && strings.HasPrefix(code, "schedule_"),
				strings.HasPrefix(code, "setting_"), strings.HasSuffix(code, "kind_unknown"):
				out[code] = true
			}
		}
	}
	return out
}

// TestAllProblemsAtOnce puts mistakes of several files into one and wants each.
func TestAllProblemsAtOnce(t *testing.T) {
	b := []byte(`{"weir": 1, "id": "Many", "mode": "runs", "polcy": {},
		"policy": {"retries": 500, "gate": "none"},
		"schedule": {"every": "fortnight", "zone": "Asia/Soul"},
		"nodes": {
			"a": {"kind": "TestEmit", "settings": {"page": 0, "mode": "x"}},
			"b": {"kind": "TestTag", "setings": {}, "terminate": ["no"]},
			"c": {"kind": "TestKeep", "settings": {"path": "${filename}"}, "every": "5s", "terminate": ["success"]}},
		"connections": {"a-c": {"from": "a", "output": "success", "to": "c", "expire": "1h", "limit": {"bytes": "much"}}},
		"layout": {"z": [0, 0]}}`)
	f, problems := flows.Check(b)
	if f == nil {
		t.Fatal("the flow was not read")
	}
	var got []string
	for _, p := range problems {
		got = append(got, p.Path+" "+p.Fault.Code)
	}
	want := []string{
		"polcy flow_key_unknown",
		"id flow_slug_bad",
		"schedule.every schedule_every_unknown",
		"schedule.zone schedule_zone_unknown",
		"policy.gate policy_gate_unknown",
		"policy.retries flow_number_range",
		"nodes.a.settings.collection setting_missing",
		"nodes.a.settings.mode setting_not_a_choice",
		"nodes.a.settings.page setting_too_small",
		"nodes.b.setings flow_key_unknown",
		"nodes.c.every node_timer_in_runs",
		"nodes.c.settings.path setting_whole_run_attribute",
		"connections.a-c.expire connection_expire_in_runs",
		"connections.a-c.limit.bytes flow_size_bad",
		"layout.z layout_node_unknown",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("problems differ:\n%s", d)
	}
	for range 5 {
		if _, again := flows.Check(b); again.Error() != problems.Error() {
			t.Fatal("the order changes from call to call")
		}
	}
}

func TestProblemsOnTheWire(t *testing.T) {
	_, problems := flows.Check([]byte(`{"weir":1,"id":"a","mode":"runs","nodes":{"n":{"kind":"TestEmit","discard":true,"terminate":["success"]}}}`))
	b, err := json.Marshal(problems)
	if err != nil {
		t.Fatal(err)
	}
	var got []map[string]any
	if err := json.Unmarshal(b, &got); err != nil || len(got) != 1 {
		t.Fatalf("%s: %v", b, err)
	}
	for k, want := range map[string]string{"node": "n", "property": "collection", "path": "nodes.n.settings.collection", "code": "setting_missing"} {
		if got[0][k] != want {
			t.Errorf("%s = %v, want %s", k, got[0][k], want)
		}
	}
	if _, ok := got[0]["connection"]; ok {
		t.Error("an empty place is written")
	}
}
