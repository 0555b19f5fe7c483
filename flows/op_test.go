package flows_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flows"
)

func op(value string, path ...string) flows.Op {
	o := flows.Op{Path: path}
	if value != "" {
		o.Value = json.RawMessage(value)
	}
	return o
}

func canonical(t *testing.T, name string) []byte {
	t.Helper()
	b, err := load(t, name).Canonical()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestApply(t *testing.T) {
	empty, err := (&flows.Flow{Weir: 1, ID: "new", Name: "New", Mode: flows.ModeRuns}).Canonical()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		ops  []flows.Op
		want string
	}{
		{"a node, where there is none", []flows.Op{op(`{"kind": "TestTag"}`, "nodes", "tag")},
			`{"nodes":{"tag":{"kind":"TestTag"}}}`},
		{"a setting whose parents are not there", []flows.Op{op(`{"kind": "TestEmit"}`, "nodes", "a"), op(`7`, "nodes", "a", "settings", "page")},
			`{"nodes":{"a":{"kind":"TestEmit","settings":{"page":7}}}}`},
		{"the last setting takes the object along", []flows.Op{op(`{"kind": "TestEmit", "settings": {"page": 7}}`, "nodes", "a"), op("", "nodes", "a", "settings", "page")},
			`{"nodes":{"a":{"kind":"TestEmit"}}}`},
		{"the last node leaves the list of nodes", []flows.Op{op(`{"kind": "TestTag"}`, "nodes", "tag"), op("", "nodes", "tag")},
			`{"nodes":{}}`},
		{"null is a value", []flows.Op{op(`{"kind": "TestEmit"}`, "nodes", "a"), op(`null`, "nodes", "a", "settings", "page")},
			`{"nodes":{"a":{"kind":"TestEmit","settings":{"page":null}}}}`},
		{"what is not there can be removed", []flows.Op{op("", "policy", "retries"), op("", "schedule")}, `{"nodes":{}}`},
		{"a place", []flows.Op{op(`{"kind": "TestTag"}`, "nodes", "tag"), op(`[10, 20]`, "layout", "tag")},
			`{"nodes":{"tag":{"kind":"TestTag"}},"layout":{"tag":[10,20]}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, inverse, err := flows.Apply(empty, c.ops)
			if err != nil {
				t.Fatal(err)
			}
			want := decoded(t, []byte(c.want)).(map[string]any)
			want["weir"], want["id"], want["name"], want["mode"] = 1.0, "new", "New", "runs"
			if d := cmp.Diff(any(want), decoded(t, got)); d != "" {
				t.Errorf("the flow differs:\n%s", d)
			}
			back, _, err := flows.Apply(got, inverse)
			if err != nil || !bytes.Equal(back, empty) {
				t.Errorf("undone: %v\n%s", err, back)
			}
		})
	}
}

func TestApplyRefusesWhatIsNoFlow(t *testing.T) {
	doc := canonical(t, "testdata/good/daily.json")
	many := make([]flows.Op, flows.MaxOps+1)
	for i := range many {
		many[i] = op("", "doc")
	}
	for _, c := range []struct {
		name, code, path string
		ops              []flows.Op
	}{
		{"a key that there is not", "flow_key_unknown", "nodes.csv.nmae", []flows.Op{op(`"x"`, "nodes", "csv", "nmae")}},
		{"within a value too", "flow_key_foreign", "nodes.more.colour", []flows.Op{op(`{"kind": "TestTag", "colour": 1}`, "nodes", "more")}},
		{"a node without a kind", "flow_key_missing", "nodes.gone", []flows.Op{op(`"x"`, "nodes", "gone", "name")}},
		{"another type", "flow_wrong_type", "nodes.csv.workers", []flows.Op{op(`"two"`, "nodes", "csv", "workers")}},
		{"three places", "flow_wrong_type", "layout.csv", []flows.Op{op(`[1, 2, 3]`, "layout", "csv")}},
		{"no JSON", "edit_value_bad", "", []flows.Op{op(`{`, "layout", "csv")}},
		{"within a setting", "edit_path_leaf", "", []flows.Op{op(`"2"`, "nodes", "tag", "settings", "attributes", "a")}},
		{"within a list", "edit_path_leaf", "", []flows.Op{op(`"x"`, "nodes", "tag", "after", "0")}},
		{"within a text", "edit_path_leaf", "", []flows.Op{op(`"x"`, "name", "first")}},
		{"nowhere", "edit_path_leaf", "", []flows.Op{{}}},
		{"the id", "edit_path_fixed", "", []flows.Op{op(`"other"`, "id")}},
		{"the version", "edit_path_fixed", "", []flows.Op{op(`2`, "weir")}},
		{"all nodes", "flow_key_missing", "", []flows.Op{op("", "nodes")}},
		{"one bad among good", "flow_wrong_type", "mode", []flows.Op{op(`"good"`, "name"), op(`1`, "mode")}},
		{"too many", "edit_too_many", "", many},
		{"too large", "flow_too_large", "", []flows.Op{op(`"`+strings.Repeat("x", flows.MaxFileSize)+`"`, "doc")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, inverse, err := flows.Apply(doc, c.ops)
			if fault.CodeOf(err) != c.code || got != nil || inverse != nil {
				t.Fatalf("%s %v: %.200v", got, inverse, err)
			}
			var ps flows.Problems
			if c.path != "" && (!errors.As(err, &ps) || ps[0].Path != c.path) {
				t.Errorf("told at %v, want %s", err, c.path)
			}
		})
	}
	for _, doc := range []string{"", "[]", "null", `"x"`} {
		if _, _, err := flows.Apply([]byte(doc), nil); fault.CodeOf(err) != "edit_no_flow" {
			t.Errorf("%q: %v", doc, err)
		}
	}
}

// TestAnUnsoundFlowCanBeEdited goes from an empty flow to a whole one; on the
// way each problem stands at a node, a connection or a field.
func TestAnUnsoundFlowCanBeEdited(t *testing.T) {
	doc := []byte(`{"weir": 1, "id": "new", "mode": "runs", "nodes": {}}`)
	for _, c := range []struct {
		ops  []flows.Op
		told []string // path code
	}{
		{nil, []string{"nodes flow_empty"}},
		{[]flows.Op{op(`{"kind": "TestEmit"}`, "nodes", "users")},
			[]string{"nodes.users node_output_unwired", "nodes.users.settings.collection setting_missing"}},
		{[]flows.Op{op(`"#{table}"`, "nodes", "users", "settings", "collection"), op(`{"kind": "TestKeep"}`, "nodes", "csv")},
			[]string{"nodes.csv node_output_unwired", "nodes.csv node_unwired", "nodes.csv.settings.path setting_missing",
				"nodes.users node_output_unwired", "nodes.users.settings.collection setting_parameter_unknown"}},
		{[]flows.Op{op(`{"from": "users", "output": "success", "to": "csv"}`, "connections", "users-csv"), op(`["success"]`, "nodes", "csv", "terminate"),
			op(`"out/${run.date}.csv"`, "nodes", "csv", "settings", "path"), op(`{"type": "string"}`, "parameters", "table")}, nil},
	} {
		var err error
		if doc, _, err = flows.Apply(doc, c.ops); err != nil {
			t.Fatal(err)
		}
		f, problems := flows.Check(doc)
		if f == nil {
			t.Fatal("the flow was not read")
		}
		var told []string
		for _, p := range problems {
			told = append(told, p.Path+" "+p.Fault.Code)
			if p.Path != "nodes" && p.Node == "" {
				t.Errorf("%s is at no node", p.Path)
			}
		}
		if d := cmp.Diff(c.told, told); d != "" {
			t.Errorf("after %v:\n%s", c.ops, d)
		}
	}
}

// random makes operations that mostly fit a flow: whole parts and single fields
// that come, change and go.
func random(r *rand.Rand) []flows.Op {
	name := func() string { return fmt.Sprintf("n%d", r.IntN(4)) }
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	var ops []flows.Op
	for range 1 + r.IntN(4) {
		switch r.IntN(12) {
		case 0:
			ops = append(ops, op(pick("", `{"kind":"TestTag"}`, `{"kind":"Funnel","after":["b","a"],"settings":{}}`), "nodes", name()))
		case 1:
			ops = append(ops, op(pick("", `1`, `"x"`, `null`, `{"b":1,"a":[{}]}`), "nodes", name(), "settings", pick("a", "b")))
		case 2:
			ops = append(ops, op(pick("", `["a"]`, `["b","a"]`, `[]`), "nodes", name(), pick("after", "terminate")))
		case 3:
			ops = append(ops, op(pick("", `{}`, `{"on_empty":"skip"}`), "nodes", name(), "inputs", pick("left", "right")))
		case 4:
			ops = append(ops, op(pick("", `{"from":"a","to":"b","output":["y","x"]}`, `{"from":"a","to":"b","output":"x","limit":{}}`), "connections", name()))
		case 5:
			ops = append(ops, op(pick("", `5`, `{}`), "connections", name(), "limit", "flowfiles"))
		case 6:
			ops = append(ops, op(pick("", `[1.50, 2]`, `[-0, 1e3]`), "layout", pick(name(), "group:g")))
		case 7:
			ops = append(ops, op(pick("", `{}`, `{"retries": 0}`), "policy"), op(pick("", `3`), "policy", "retries"))
		case 8:
			ops = append(ops, op(pick("", `{}`, `{"parent":"g"}`), "groups", name()), op(pick("", `"N <&>"`), "groups", name(), "name"))
		case 9:
			ops = append(ops, op(pick("", `{"text":"t","at":[0,0],"size":[1,1]}`), "labels", name()))
		case 10:
			ops = append(ops, op(pick("", `"2026-01-01"`, `{"b":1,"a":2}`), "parameters", name(), "default"), op(pick("", `{"type":"date"}`), "parameters", name()))
		case 11:
			ops = append(ops, op(pick("", `{}`, `{"every":"day"}`), "schedule"), op(pick("", `"이름"`), "name"), op(pick("", `{}`), pick("layout", "connections", "services")))
		}
	}
	return ops
}

// TestApplyAndItsInverse makes many edits one upon the other; the inverse of each
// brings the bytes back, and so do the operations that Ops finds between both.
func TestApplyAndItsInverse(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	doc := canonical(t, "testdata/good/groups.json")
	done, changed := 0, 0
	for done < 1000 {
		ops := random(r)
		next, inverse, err := flows.Apply(doc, ops)
		if err != nil {
			continue // of a part that is not there
		}
		done++
		back, again, err := flows.Apply(next, inverse)
		if err != nil || !bytes.Equal(back, doc) {
			t.Fatalf("%s\ninverse %s: %v\nfrom\n%s\nto\n%s\nback\n%s", text(ops), text(inverse), err, doc, next, back)
		}
		if forth, _, err := flows.Apply(back, again); err != nil || !bytes.Equal(forth, next) {
			t.Fatalf("%s\nredo %s: %v\n%s", text(ops), text(again), err, forth)
		}
		found, err := flows.Ops(doc, next)
		if err != nil {
			t.Fatal(err)
		}
		if same, _, err := flows.Apply(doc, found); err != nil || !bytes.Equal(same, next) {
			t.Fatalf("%s\nfound %s: %v\nfrom\n%s\nto\n%s\ngot\n%s", text(ops), text(found), err, doc, next, same)
		}
		if !bytes.Equal(doc, next) {
			changed++
		} else if len(found) > 0 {
			t.Fatalf("found %s between equal flows", text(found))
		}
		doc = next
	}
	if changed < 500 {
		t.Errorf("only %d of %d edits changed anything", changed, done)
	}
}

func text(ops []flows.Op) string {
	b, _ := json.Marshal(ops)
	return string(b)
}

func TestOpsAreFew(t *testing.T) {
	a := canonical(t, "testdata/good/daily.json")
	b, _, err := flows.Apply(a, []flows.Op{op(`20`, "nodes", "events", "settings", "page"), op(`{"kind":"TestTag"}`, "nodes", "more"), op("", "schedule")})
	if err != nil {
		t.Fatal(err)
	}
	got, err := flows.Ops(a, b)
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"path":["nodes","events","settings","page"],"value":20,"was":10},{"path":["nodes","more"],"value":{"kind":"TestTag"}},` +
		`{"path":["schedule"],"was":{"at":"06:00","every":"day","missed":"last","zone":"Asia/Seoul"}}]`
	if text(got) != want {
		t.Errorf("got %s\nwant %s", text(got), want)
	}
}

func FuzzApply(f *testing.F) {
	doc, err := os.ReadFile("testdata/good/groups.golden.json")
	if err != nil {
		f.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		f.Add([]byte(text(random(r))))
	}
	f.Add([]byte(`[{"path":["nodes",""],"value":{"kind":""}},{"path":["nodes","","settings",""],"value":1}]`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var ops []flows.Op
		if json.Unmarshal(raw, &ops) != nil {
			return
		}
		next, inverse, err := flows.Apply(doc, ops)
		if err != nil {
			return
		}
		if _, err := flows.Parse(next); err != nil {
			t.Fatalf("%s made what is no flow: %v", raw, err)
		}
		back, _, err := flows.Apply(next, inverse)
		if err != nil || !bytes.Equal(back, doc) {
			t.Fatalf("%s, inverse %s: %v\n%s", raw, text(inverse), err, back)
		}
	})
}
