package server

import (
	"path/filepath"
	"testing"

	"github.com/weirflow/weir/processors"
)

// One node is verified while the rest of the draft is not ready.
func TestVerifyOneNodeOfADraft(t *testing.T) {
	srv := open(t, Config{Data: filepath.Join(t.TempDir(), "data")})
	c := srv.Client()
	doc := map[string]any{"weir": 1, "id": "half", "mode": "runs", "parameters": map[string]any{"far": map[string]any{"type": "string"}},
		"nodes": map[string]any{
			"write": map[string]any{"kind": "WriteFile", "settings": map[string]any{"path": "${run.date}.txt"}},
			"other": map[string]any{"kind": "WriteFile", "settings": map[string]any{"path": "#{far}"}},
			"empty": map[string]any{"kind": "WriteFile"},
		}}
	ask := func(more ...string) map[string]any {
		in := map[string]any{"doc": doc}
		for i := 0; i < len(more); i += 2 {
			in[more[i]] = more[i+1]
		}
		return in
	}
	v := call[Verified](t, c, "POST", "/flows/verify", ask("node", "write"))
	if v.Failed != 0 || len(v.Steps) == 0 || v.Steps[0].Node != "write" || v.Steps[0].State != processors.StepOK {
		t.Errorf("the good node: %+v", v)
	}
	for code, in := range map[string]map[string]any{
		"setting_missing":      ask("node", "empty"),
		"parameter_missing":    ask("node", "other"),
		"flow_node_unknown":    ask("node", "writ"),
		"flow_service_unknown": ask("service", "cloud"),
		"verify_two":           ask("service", "cloud", "node", "write"),
		"flow_or_doc_missing":  {},
	} {
		if got := codeOf(t, c, "POST", "/flows/verify", in); got != code {
			t.Errorf("%v: %s, want %s", in, got, code)
		}
	}
	if got := codeOf(t, c, "POST", "/flows/access", map[string]any{}); got != "flow_or_doc_missing" {
		t.Errorf("access of nothing: %s", got)
	}
}

// A value of a parameter that its service does not take is told of a node, and
// hinders none that stands below it.
func TestVerifyOneNodeWithABadParameter(t *testing.T) {
	srv := open(t, Config{Data: filepath.Join(t.TempDir(), "data")})
	c := srv.Client()
	doc := map[string]any{"weir": 1, "id": "half", "mode": "runs", "parameters": map[string]any{"project": map[string]any{"type": "string"}},
		"services": map[string]any{"cloud": map[string]any{"kind": "GoogleCloud", "settings": map[string]any{"project": "#{project}"}}},
		"nodes": map[string]any{
			"read":  map[string]any{"kind": "ReadFirestore", "settings": map[string]any{"service": "cloud", "collection": "a", "schema": []any{[]string{"uid", "string"}}}},
			"write": map[string]any{"kind": "WriteFile", "settings": map[string]any{"path": "${run.date}.txt"}},
		},
		"connections": map[string]any{"c": map[string]any{"from": "read", "output": "success", "to": "write"}}}
	ask := func(node string) *Verified {
		return call[Verified](t, c, "POST", "/flows/verify", map[string]any{"doc": doc, "node": node, "params": map[string]string{"project": "!!"}})
	}
	if v := ask("write"); v.Failed != 0 || len(v.Steps) == 0 || v.Steps[0].State != processors.StepOK {
		t.Errorf("the node below: %+v", v)
	}
	v := ask("read")
	if v.Failed != 1 || v.Steps[0].Node != "cloud" || !v.Steps[0].Service || v.Steps[0].State != processors.StepFailed {
		t.Errorf("the node whose service is wrong: %+v", v)
	}
}
