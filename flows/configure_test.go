package flows_test

import (
	"testing"
	"time"

	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/processors"
)

func TestConfigureBindsParameters(t *testing.T) {
	f := load(t, "testdata/good/daily.json")
	secrets := processors.MemorySecrets{"gcp-key": "k"}
	c, problems := f.Configure(flows.Values{Params: map[string]string{"pages": "7"}, Secrets: secrets})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if len(c.Nodes) != len(f.Nodes) || len(c.Services) != 1 {
		t.Fatalf("%d nodes and %d services", len(c.Nodes), len(c.Services))
	}
	users := c.Nodes["users"].Processor.(*emit)
	if users.collection != "users" || users.page != 7 || users.service.Name() != "gcp" || len(users.schema.Fields) != 2 {
		t.Errorf("users is bound to %q, %d, %q, %v", users.collection, users.page, users.service.Name(), users.schema)
	}
	if k, err := c.Services["gcp"].Service.(*account).key.Reveal(); k != "k" || err != nil {
		t.Errorf("the key is %q, %v", k, err)
	}
	one, problems := f.ConfigureNode("users", flows.Values{})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if p := one.Processor.(*emit); p == users || p.page != 50 {
		t.Errorf("ConfigureNode gave the same processor, or page %d", p.page)
	}
}

// TestConfigureChecksValues wants a value of a parameter that does not fit its
// property to be refused when it is known.
func TestConfigureChecksValues(t *testing.T) {
	f := load(t, "testdata/good/daily.json")
	for value, code := range map[string]string{"0": "setting_too_small", "1001": "setting_too_large", "x": "parameter_value_bad"} {
		_, problems := f.Configure(flows.Values{Params: map[string]string{"pages": value}})
		if len(problems) == 0 || problems[0].Fault.Code != code {
			t.Errorf("pages=%s: %v, want %s", value, problems, code)
		}
	}
	if _, problems := parse(t, paramFlow).Configure(flows.Values{}); len(problems) != 1 || problems[0].Fault.Code != "parameter_missing" {
		t.Errorf("without a value: %v", problems)
	}
}

func TestConfigureNamesMissingSecrets(t *testing.T) {
	f := load(t, "testdata/good/daily.json")
	_, problems := f.Configure(flows.Values{Secrets: processors.MemorySecrets{}})
	if len(problems) != 1 || problems[0].Fault.Code != "setting_secret_unknown" || problems[0].Service != "gcp" || problems[0].Property != "key" {
		t.Errorf("problems: %v", problems)
	}
}

func TestConfigureNode(t *testing.T) {
	f := load(t, "testdata/good/daily.json")
	_, problems := f.ConfigureNode("user", flows.Values{})
	if len(problems) != 1 || problems[0].Fault.Code != "flow_node_unknown" || problems[0].Fault.Args["nearest"] != "users" {
		t.Errorf("problems: %v", problems)
	}
}

func TestPolicyDefaults(t *testing.T) {
	bare := parse(t, `{"weir": 1, "id": "a", "mode": "runs", "nodes": {}}`)
	if bare.Retries() != 1 || bare.RetryDelay() != 5*time.Minute || bare.MaxActiveRuns() != 1 || bare.Timeout() != 0 {
		t.Errorf("defaults: %d, %v, %d, %v", bare.Retries(), bare.RetryDelay(), bare.MaxActiveRuns(), bare.Timeout())
	}
	set := load(t, "testdata/good/daily.json")
	if set.Retries() != 0 || set.RetryDelay() != 0 || set.Timeout() != 2*time.Hour {
		t.Errorf("set: %d, %v, %v", set.Retries(), set.RetryDelay(), set.Timeout())
	}
	now := time.Date(2026, 11, 22, 16, 0, 0, 0, time.UTC)
	for f, want := range map[*flows.Flow]string{bare: "2026-11-21", set: "2026-11-22"} {
		c, err := f.Calendar()
		if err != nil {
			t.Fatal(err)
		}
		if got := c.LastComplete(now).Key(); got != want {
			t.Errorf("last complete slot of %s = %s, want %s", f.ID, got, want)
		}
	}
}

// TestPlanNamesWhatIsWrong asks for the plan of a flow that was not validated.
func TestPlanNamesWhatIsWrong(t *testing.T) {
	f := parse(t, `{"weir": 1, "id": "a", "mode": "runs", "nodes": {"x": {"kind": "Nope"}, "y": {"kind": "TestEmit"}, "z": {"kind": "TestTag"}},
		"connections": {"a": {"from": "y", "output": "no", "to": "z"}, "b": {"from": "w", "output": "success", "to": "z"}}}`)
	_, err := f.Plan()
	problems, ok := err.(flows.Problems)
	if !ok || len(problems) != 3 || problems[0].Fault.Code != "kind_unknown" || problems[1].Fault.Code != "connection_output_unknown" ||
		problems[2].Fault.Code != "connection_node_unknown" {
		t.Errorf("error = %v", err)
	}
}
