package flows_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/processors"
)

// TestTwoNodesMayNotReplaceOneTable compares tables by their full names.
func TestTwoNodesMayNotReplaceOneTable(t *testing.T) {
	for _, c := range []struct {
		first, second string
		target        string // that both replace
	}{
		{`"group": "g", "table": "t"`, `"group": "g", "table": "t"`, "demo.g.t"},
		{`"group": "g", "table": "t"`, `"group": "g", "table": "t", "project": "demo"`, "demo.g.t"},
		{`"group": "g", "table": "t"`, `"group": "g", "table": "t", "service": "same"`, "demo.g.t"},
		{`"group": "#{g}", "table": "t"`, `"group": "#{g}", "table": "t"`, "demo.#{g}.t"},
		{`"group": "g", "table": "t", "project": "#{p}"`, `"group": "g", "table": "t", "project": "#{p}"`, "#{p}.g.t"},
		{`"group": "g", "table": "t"`, `"group": "g", "table": "u"`, ""},
		{`"group": "g", "table": "t"`, `"group": "h", "table": "t"`, ""},
		{`"group": "g", "table": "t"`, `"group": "g", "table": "t", "project": "other"`, ""},
		{`"group": "g", "table": "t"`, `"group": "g", "table": "t", "service": "other"`, ""},
		{`"group": "g", "table": "t"`, `"group": "g", "table": "t", "project": "#{p}"`, ""},
		{`"group": "#{g}", "table": "t"`, `"group": "#{p}", "table": "t"`, ""},
	} {
		node := func(settings string) string {
			if !strings.Contains(settings, `"service"`) {
				settings += `, "service": "gcp"`
			}
			return `{"kind": "TestFill", "settings": {` + settings + `}, "terminate": ["success"]}`
		}
		params := `"g": {"type": "string"}, "p": {"type": "string"}`
		_, problems := flows.Check(fmt.Appendf(nil, `{"weir": 1, "id": "daily", "mode": "runs", "parameters": {%s},
			"services": {"gcp": {"kind": "TestAccount", "settings": {"project": "demo"}}, "same": {"kind": "TestAccount", "settings": {"project": "demo"}},
				"other": {"kind": "TestAccount", "settings": {"project": "other"}}},
			"nodes": {"users": {"kind": "TestEmit", "settings": {"collection": "users"}}, "a": %s, "b": %s},
			"connections": {"x": {"from": "users", "output": "success", "to": "a"}, "y": {"from": "users", "output": "success", "to": "b"}}}`,
			params, node(c.first), node(c.second)))
		problems = slices.DeleteFunc(problems, func(p flows.Problem) bool { return p.Fault.Code == "parameter_unused" })
		switch {
		case c.target == "" && len(problems) > 0:
			t.Errorf("%s and %s: %v", c.first, c.second, problems)
		case c.target != "" && (len(problems) != 1 || problems[0].Fault.Code != "sink_target_twice" || problems[0].Fault.Args["target"] != c.target):
			t.Errorf("%s and %s: %v, want %s refused", c.first, c.second, problems, c.target)
		}
	}
}

// TestNeedsOfANodeAreOnItsServicesProject shows where a role is needed by a node
// that leaves the project to its service.
func TestNeedsOfANodeAreOnItsServicesProject(t *testing.T) {
	f, problems := flows.Check([]byte(`{"weir": 1, "id": "daily", "mode": "runs", "parameters": {"p": {"type": "string"}},
		"services": {"gcp": {"kind": "TestAccount", "settings": {"project": "demo"}}, "late": {"kind": "TestAccount", "settings": {"project": "#{p}"}}},
		"nodes": {"users": {"kind": "TestEmit", "settings": {"collection": "users"}},
			"a": {"kind": "TestFill", "settings": {"service": "gcp", "group": "g", "table": "t"}, "terminate": ["success"]},
			"b": {"kind": "TestFill", "settings": {"service": "gcp", "project": "own", "group": "g", "table": "t"}, "terminate": ["success"]},
			"c": {"kind": "TestFill", "settings": {"service": "late", "group": "g", "table": "t"}, "terminate": ["success"]},
			"d": {"kind": "TestFill", "settings": {"service": "gcp", "project": "#{p}", "group": "h", "table": "t"}, "terminate": ["success"]}},
		"connections": {"x": {"from": "users", "output": "success", "to": "a"}, "y": {"from": "users", "output": "success", "to": "b"},
			"z": {"from": "users", "output": "success", "to": "c"}, "w": {"from": "users", "output": "success", "to": "d"}}}`))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for params, want := range map[string]map[string]string{
		"":   {"a": "demo", "b": "own", "c": "#{p}", "d": "#{p}"},
		"pp": {"a": "demo", "b": "own", "c": "pp", "d": "pp"},
	} {
		values := flows.Values{}
		if params != "" {
			values.Params = map[string]string{"p": params}
		}
		c, _ := f.Configure(values) // without its parameter there is a problem to tell
		for slug, on := range want {
			got := c.Nodes[slug].Needs()
			i := slices.IndexFunc(got, func(n processors.NeedInfo) bool { return n.Kind == processors.NeedRole })
			if i < 0 || got[i].On != on {
				t.Errorf("with %q, node %s needs %+v; want its role on %s", params, slug, got, on)
			}
		}
	}
}
