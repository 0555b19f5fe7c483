package firestore

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/record"
	"github.com/weirflow/weir/sandbox"
)

// infer asks for a schema as the command does: the node's own is not set yet.
func infer(t *testing.T, s *sandbox.Sandbox, collection string, sample int, group bool) (*record.Schema, []string, error) {
	t.Helper()
	env := node(t, s, reading()).Env()
	raw := map[string]json.RawMessage{"service": json.RawMessage(`"gcp"`), "collection": json.RawMessage(fmt.Sprintf("%q", collection))}
	if group {
		raw["group"] = json.RawMessage("true")
	}
	conf, problems := processors.Build("ReadFirestore", raw, processors.BuildEnv{Services: map[string]string{"gcp": "GoogleCloud"}, Runs: true})
	if len(problems) != 1 || problems[0].Property != "schema" {
		t.Fatalf("problems %v, want the missing schema alone", problems)
	}
	return conf.Processor.(processors.Inferrer).Infer(context.Background(), env, sample)
}

func TestInferredSchemaReadsTheCompany(t *testing.T) {
	s := serve(t, company(3000))
	schema, doubts, err := infer(t, s, "userCollection", 600, false)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"avatar": "bytes", "balance": "double", "birthDate": "string", "createdAt": "timestamp", "email": "string",
		"embedding": "list<double>", "lastLogin": "timestamp", "level": "json", "location": "json", "marketingConsent": "bool", "name": "string",
		"phone": "string", "plan": "string", "profile": "json", "referrer": "string", "tags": "json", "uid": "string"}
	got := map[string]string{}
	for _, f := range schema.Fields {
		got[f.Name] = f.Type.String()
	}
	for name, typ := range want {
		if got[name] != typ {
			t.Errorf("%s is %q, want %s", name, got[name], typ)
		}
	}
	if len(got) != len(want) || !slices.IsSorted(schema.Names()) {
		t.Errorf("columns %v", schema.Names())
	}
	all := strings.Join(doubts, "\n")
	for _, part := range []string{"The field level holds values of several types (int64 9", "600 of 3000 documents were sampled"} {
		if !strings.Contains(all, part) {
			t.Errorf("doubts %q lack %q", doubts, part)
		}
	}
	if n := s.Stats().Billed; n > 750 {
		t.Errorf("%d billed reads for 600 documents", n)
	}
	r := node(t, s, reading("schema", schema)).Run().WantRows(rejected)
	if n := len(r.Rows(success)); n != 3000 {
		t.Errorf("%d rows", n)
	}
	if w := r.Store.Warnings(); len(w) != 0 {
		t.Errorf("warnings %q", w)
	}
}

func TestInferringReadsNoMoreThanThereIs(t *testing.T) {
	s := serve(t, company(30))
	_, doubts, err := infer(t, s, "userCollection", 0, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range doubts {
		if strings.Contains(d, "sampled") {
			t.Errorf("doubt %q, though all were read", d)
		}
	}
	if n := s.Stats().Returned; n != 30 {
		t.Errorf("%d documents were sent", n)
	}
	if _, _, err := infer(t, s, "userCollectio", 0, false); fault.CodeOf(err) != "firestore_collection_missing" {
		t.Errorf("error %v", err)
	}
}

// TestSampleIsSpread has a field that only the last documents have, as fields
// that came later do where ids grow.
func TestSampleIsSpread(t *testing.T) {
	var lines strings.Builder
	for i := range 2000 {
		extra := ""
		if i >= 1700 {
			extra = `,"late":1`
		}
		fmt.Fprintf(&lines, `{"__id":"user-%06d","a":1%s}`+"\n", i, extra)
	}
	s := serve(t, sandbox.Config{Users: -1, Meetings: -1, Now: now, Files: []sandbox.File{documents(t, "users", lines.String()),
		documents(t, "shops/a/users", lines.String()), documents(t, "shops/b/users", lines.String())}})
	for _, group := range []bool{false, true} {
		schema, _, err := infer(t, s, "users", 100, group)
		if err != nil || schema.Index("late") < 0 {
			t.Errorf("group %t: columns %v, %v: the late field was not found", group, schema.Names(), err)
		}
	}
}

func TestIDsBetween(t *testing.T) {
	for _, c := range []struct{ low, high string }{
		{"0abc", "zzzz"}, {"user-000001", "user-001999"}, {"가나다", "힣힣"}, {"a", "b"}, {"a", "가"}, {"a.", "a0"}, {"", "zz"}, {"같음", "같음이"}, {"x", "x"},
	} {
		got := idsBetween(c.low, c.high, 19)
		if !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(got) {
			t.Errorf("%q to %q: not in order: %q", c.low, c.high, got)
		}
		for _, id := range got {
			if id <= c.low || id >= c.high || strings.Contains(id, "/") || strings.ToValidUTF8(id, "") != id {
				t.Errorf("%q to %q: %q", c.low, c.high, id)
			}
		}
		if len(got) < 5 && c.low != c.high && c.low != "a." {
			t.Errorf("%q to %q: only %q", c.low, c.high, got)
		}
	}
	if got := between("a/x/c/1", "b/x/c/1", 3); got != nil {
		t.Errorf("between collections of other names: %q", got)
	}
	for _, p := range between("a/b/users/x", "a/z/users/y", 3) {
		if !strings.HasPrefix(p, "a/") || !strings.HasSuffix(p, "/users/x") || strings.Count(p, "/") != 3 {
			t.Errorf("path %q", p)
		}
	}
}

func TestVerifySteps(t *testing.T) {
	for _, c := range []struct {
		name, fault, project string
		settings             settings
		states               string // a letter a step: o, f, s
		code, note           string
	}{
		{"all well", "", "", reading(), "osoooo", "", "It fits the schema."},
		{"too many", "", "", reading("max_reads", 9), "osoofs", "firestore_too_many_reads", ""},
		{"no such collection", "", "", reading("collection", "user"), "osofss", "firestore_collection_missing", ""},
		{"none is fine", "", "", reading("collection", "user", "on_empty", "pass"), "osooss", "", ""},
		{"denied", "denied", "", reading(), "ossfss", "firestore_denied", ""},
		{"wrong project", "", "another", reading(), "ossfss", "firestore_denied", ""},
		{"no database", "no-database", "", reading(), "osfsss", "firestore_no_database", ""},
		{"another mode", "datastore-mode", "", reading(), "osfsss", "firestore_datastore_mode", ""},
		{"another mode, found late", "datastore-mode,method=RunAggregationQuery", "", reading(), "osofss", "firestore_datastore_mode", ""},
		{"disabled", "disabled", "", reading(), "osfsss", "google_api_disabled", ""},
		{"no scope", "no-scope", "", reading(), "osfsss", "google_scope_login", ""},
		{"documents are denied", "denied,method=RunQuery", "", reading(), "osooof", "firestore_denied", ""},
		{"rejected", "", "", reading("schema", json.RawMessage(`[["uid","int64"]]`)), "osoooo", "", "It would be rejected: In the document userCollection/"},
		{"mismatch fails", "", "", reading("schema", json.RawMessage(`[["uid","int64"]]`), "on_mismatch", "fail"), "osooof", "firestore_value_mismatch", ""},
		{"drift", "", "", reading("schema", json.RawMessage(`[["uid","string"]]`)), "osoooo", "", "Fields that the schema does not name: "},
		{"cut", "cut-after=0,method=RunQuery", "", reading(), "osoooo", "", "It fits the schema."},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serve(t, company(10))
			if c.fault != "" {
				f, err := sandbox.ParseFault(c.fault)
				if err != nil {
					t.Fatal(err)
				}
				s.Inject(f)
			}
			project := c.project
			if project == "" {
				project = s.Project()
			}
			r := node(t, s, c.settings, connect(t, s, project), hurry(new(waits)))
			steps := r.Verify()
			states, code := "", ""
			for _, step := range steps {
				states += string(step.State[0:1])
				if step.Fault != nil {
					code = fault.CodeOf(step.Fault)
				}
			}
			if states != c.states || code != c.code {
				t.Errorf("steps %+v: states %s, code %q, want %s, %q", steps, states, code, c.states, c.code)
			}
			if last := steps[len(steps)-1]; !strings.HasPrefix(last.Note.Words().Text(fault.English), c.note) {
				t.Errorf("last note %q, want %q", last.Note, c.note)
			}
			if n := s.Stats().Returned; n > 1 {
				t.Errorf("%d documents were read", n)
			}
		})
	}
}
