package flows

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/weirflow/weir/fault"
)

// A node can be verified alone while others are not ready.
func TestAround(t *testing.T) {
	const doc = `{
  "weir": 1, "id": "f", "mode": "runs",
  "parameters": {"day": {"type": "string"}, "far": {"type": "string"}},
  "services": {"cloud": {"kind": "TestAccount", "settings": {"project": "#{day}"}}, "other": {"kind": "NoSuchKind"}},
  "nodes": {
    "read": {"kind": "TestEmit", "settings": {"collection": "#{far}"}},
    "mid": {"kind": "TestNumber"},
    "write": {"kind": "TestFill", "settings": {"service": "cloud", "group": "g", "table": "t"}},
    "lost": {"kind": "TestNumber"},
    "bad": {"kind": "NoSuchKind"},
    "under": {"kind": "TestNumber"}
  },
  "connections": {
    "a": {"from": "read", "output": "success", "to": "mid"},
    "b": {"from": "mid", "output": "success", "to": "write"},
    "c": {"from": "bad", "output": "success", "to": "under"}
  }
}`
	f, problems := Check([]byte(doc))
	if f == nil || len(problems) == 0 {
		t.Fatal(problems)
	}
	names := func(f *Flow) string {
		return strings.Join(slices.Concat(slices.Sorted(maps.Keys(f.Nodes)), slices.Sorted(maps.Keys(f.Connections)),
			slices.Sorted(maps.Keys(f.Services)), slices.Sorted(maps.Keys(f.Parameters))), " ")
	}
	for _, c := range []struct{ node, service, want, code string }{
		// What is above it is sound, and gives its columns; what is not does not hinder.
		{"write", "", "mid read write a b cloud day far", ""},
		{"lost", "", "lost", ""},
		{"under", "", "under", ""},
		{"bad", "", "bad", "kind_unknown"},
		{"", "cloud", "cloud day", ""},
		{"", "other", "other", "service_kind_unknown"},
		{"writ", "", "", "flow_node_unknown"},
		{"", "claud", "", "flow_service_unknown"},
	} {
		part, got := f.AroundNode(c.node, map[string]string{"day": "1", "far": "2"}, problems)
		if c.node == "" {
			part, got = f.AroundService(c.service, problems)
		}
		have, code := "", ""
		if part != nil {
			have = names(part)
		}
		if len(got) > 0 {
			code = fault.CodeOf(got[0].Fault)
		}
		if have != c.want || code != c.code || len(got) > 1 {
			t.Errorf("%s%s: %q and %v, want %q and %s", c.node, c.service, have, got, c.want, c.code)
		}
	}
	if part, got := f.AroundNode("write", nil, problems); names(part) != "write cloud day" || len(got) > 0 {
		t.Errorf("without the parameter of a node above: %s, %v", names(part), got)
	}
	if f.Nodes["read"].Settings == nil || len(f.Nodes) != 6 || len(f.Services) != 2 {
		t.Error("the flow itself was changed")
	}
}

// What a part does not need hinders it no more than what another node lacks: whom
// the flow tells, where cards stand, that no node is there yet.
func TestAroundWhatIsOfNoUse(t *testing.T) {
	const doc = `{
  "weir": 1, "id": "f", "mode": "runs", "name": "` + "%s" + `",
  "notify": {"on": ["never"]}, "policy": {"retries": 1000000}, "layout": {"gone": [0, 0]},
  "services": {"cloud": {"kind": "TestAccount", "settings": {"project": "p"}}}, "nodes": {%s}
}`
	for _, nodes := range []string{``, `"lost": {"kind": "TestNumber"}`} {
		f, problems := Check(fmt.Appendf(nil, doc, strings.Repeat("x", longestName+1), nodes))
		if f == nil || len(problems) < 4 {
			t.Fatal(problems)
		}
		if _, got := f.AroundService("cloud", problems); len(got) > 0 {
			t.Errorf("the service, with the nodes {%s}: %v", nodes, got)
		}
		if nodes == "" {
			continue
		}
		if _, got := f.AroundNode("lost", nil, problems); len(got) > 0 {
			t.Errorf("the node: %v", got)
		}
	}
}
