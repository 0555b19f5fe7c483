package flows_test

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/weirflow/weir/flows"
)

// base is the flow into which most files of testdata/bad put their mistake.
const base = `{"weir": 1, "id": "daily", "mode": "runs",
	"nodes": {
		"users": {"kind": "TestEmit", "settings": {"collection": "users"}},
		"tag": {"kind": "TestTag", "terminate": ["failure"]},
		"csv": {"kind": "TestKeep", "settings": {"path": "out/${run.date}.csv"}, "terminate": ["success"]}},
	"connections": {
		"users-tag": {"from": "users", "output": "success", "to": "tag"},
		"tag-csv": {"from": "tag", "output": "success", "to": "csv"}}}`

// TestTwoMistakesAreToldTogether puts the mistakes of two bad files into one
// flow, wherever they concern different parts of it: both must be told, for
// leaving out what follows from a mistake must not hide another.
func TestTwoMistakesAreToldTogether(t *testing.T) {
	root := decoded(t, []byte(base))
	type mistake struct {
		name, code string
		changed    any
		parts      map[string]bool
	}
	var all []mistake
	files, _ := filepath.Glob("testdata/bad/*.json")
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f, problems := flows.Check(b)
		if f == nil || f.Mode != flows.ModeRuns || len(problems) != 1 {
			continue // of form, or not about this flow
		}
		m := mistake{strings.TrimSuffix(filepath.Base(name), ".json"), problems[0].Fault.Code, decoded(t, b), map[string]bool{}}
		touched(m.parts, nil, root, m.changed)
		// A problem may be told of a part that was left as it is.
		m.parts[strings.Join(strings.SplitN(problems[0].Path, ".", 3)[:min(2, strings.Count(problems[0].Path, ".")+1)], ".")] = true
		if m.code == "notify_late_unscheduled" {
			m.parts["schedule"] = true // its mistake is that there is none
		}
		all = append(all, m)
	}
	// judged are mistakes that are seen only while the wires about them and the
	// kinds at both ends are known; ends are mistakes that take that away.
	judged := map[string]bool{"node_gate_on_cycle": true, "node_reaches_no_sink": true, "connection_duplicate": true,
		"connection_input_unknown": true, "connection_to_source": true}
	ends := func(code string) bool {
		return strings.HasPrefix(code, "connection_") || code == "kind_unknown" || code == "flow_empty" || code == "flow_slug_bad" || code == "setting_input_name"
	}
	r := rand.New(rand.NewPCG(3, 4))
	tried := 0
	for i, a := range all {
		for _, b := range all[:i] {
			if r.IntN(6) > 0 || overlap(a.parts, b.parts) {
				continue
			}
			if judged[a.code] && ends(b.code) || judged[b.code] && ends(a.code) {
				continue
			}
			raw, err := json.Marshal(merged(root, a.changed, b.changed))
			if err != nil {
				t.Fatal(err)
			}
			_, problems := flows.Check(raw)
			codes := map[string]bool{}
			for _, p := range problems {
				codes[p.Fault.Code] = true
			}
			if !codes[a.code] || !codes[b.code] {
				t.Errorf("%s with %s: want %s and %s, told:\n%v", a.name, b.name, a.code, b.code, problems)
			}
			tried++
		}
	}
	if tried < 300 {
		t.Errorf("only %d pairs", tried)
	}
}

func decoded(t *testing.T, b []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// touched notes the sections, or entries of sections, in which b differs from a.
func touched(parts map[string]bool, at []string, a, b any) {
	if reflect.DeepEqual(a, b) {
		return
	}
	am, aIs := a.(map[string]any)
	bm, bIs := b.(map[string]any)
	if len(at) == 2 || !(aIs || a == nil) || !(bIs || b == nil) {
		parts[strings.Join(at, ".")] = true
		return
	}
	for _, m := range []map[string]any{am, bm} {
		for k := range m {
			touched(parts, append(at[:len(at):len(at)], k), am[k], bm[k])
		}
	}
}

func overlap(a, b map[string]bool) bool {
	for p := range a {
		for q := range b {
			if p == q || strings.HasPrefix(p, q+".") || strings.HasPrefix(q, p+".") {
				return true
			}
		}
	}
	return false
}

// merged applies to root what both a and b changed in it.
func merged(root, a, b any) any {
	rm, _ := root.(map[string]any)
	am, aIs := a.(map[string]any)
	bm, bIs := b.(map[string]any)
	if !aIs || !bIs {
		if reflect.DeepEqual(a, root) {
			return b
		}
		return a
	}
	out := map[string]any{}
	for _, m := range []map[string]any{am, bm} {
		for k := range m {
			if v := merged(rm[k], am[k], bm[k]); v != nil {
				out[k] = v
			}
		}
	}
	return out
}
