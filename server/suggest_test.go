package server

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/weirflow/weir/sandbox"
)

// asking is a flow of which a form has filled in only what a test says.
func asking(kind, settings string) map[string]any {
	doc := fmt.Sprintf(`{"weir": 1, "id": "asking", "mode": "runs",
 "services": {"gcp": {"kind": "GoogleCloud", "settings": {"project": "calback-demo", "endpoint": "sandbox"}}},
 "nodes": {"n": {"kind": %q, "settings": %s}}}`, kind, settings)
	return map[string]any{"doc": rawJSON(doc), "node": "n"}
}

type rawJSON string

func (r rawJSON) MarshalJSON() ([]byte, error) { return []byte(r), nil }

func TestSuggestListsWhatTheServicesHave(t *testing.T) {
	srv := open(t, Config{Data: filepath.Join(t.TempDir(), "data"), Embedded: &sandbox.Config{Users: 5, Meetings: 3, Events: 20}})
	c := srv.Client()
	for _, k := range []struct {
		kind, settings, property string
		want                     []string // first, or all when it ends in "."
	}{
		{"ReadFirestore", `{"service": "gcp"}`, "collection", []string{"meetingCollection", "userCollection", "."}},
		{"ReadFirestore", `{"service": "gcp", "collection": "userColection", "schema": "x"}`, "collection", []string{"meetingCollection", "userCollection", "."}},
		{"ReadFirestore", `{"service": "gcp"}`, "schema", []string{"."}},
		{"ReadGA4", `{"service": "gcp", "property": "412345678"}`, "dimensions", []string{"customUser:MID"}},
		{"ReadGA4", `{"service": "gcp", "property": "412345678"}`, "zone", []string{"Asia/Seoul", "."}},
		{"LoadBigQuery", `{"service": "gcp"}`, "dataset", []string{"."}},
		{"LoadBigQuery", `{"service": "gcp"}`, "table", []string{"."}},
		{"LoadBigQuery", `{"service": "gcp", "dataset": "nowhere"}`, "table", []string{"."}},
		{"LoadBigQuery", `{"service": "gcp", "dataset": "nowhere"}`, "location", []string{"."}},
	} {
		in := asking(k.kind, k.settings)
		in["property"] = k.property
		out := call[Suggested](t, c, "POST", "/suggest", in)
		var got []string
		for _, v := range out.Values {
			got = append(got, v.Value)
		}
		if k.kind == "ReadGA4" && k.property == "dimensions" {
			if len(got) < 10 || !strings.HasPrefix(got[0], "custom") || !slices.Contains(got, k.want[0]) {
				t.Errorf("dimensions %q", got)
			}
			continue
		}
		if got = append(got, "."); !slices.Equal(got, k.want) {
			t.Errorf("%s of %s %s: %q, want %q", k.property, k.kind, k.settings, got, k.want)
		}
	}
	for _, k := range []struct{ kind, settings, property, code string }{
		{"ReadFirestore", `{"service": "gcp"}`, "colection", "suggest_property"},
		{"WriteCSV", `{}`, "path", "suggest_not_possible"},
		{"NoKind", `{}`, "path", "suggest_not_possible"},
		{"ReadFirestore", `{}`, "collection", "setting_missing"},
		{"ReadFirestore", `{"service": "aws"}`, "collection", "setting_service_unknown"},
		{"ReadGA4", `{"service": "gcp", "property": "G-ABCDEFG"}`, "dimensions", "ga4_property_measurement"},
		{"ReadGA4", `{"service": "gcp"}`, "dimensions", "ga4_property_bad"},
		{"ReadGA4", `{"service": "gcp", "property": "412345679"}`, "dimensions", "ga4_no_access"},
	} {
		in := asking(k.kind, k.settings)
		in["property"] = k.property
		if code := codeOf(t, c, "POST", "/suggest", in); code != k.code {
			t.Errorf("%s of %s %s: %s, want %s", k.property, k.kind, k.settings, code, k.code)
		}
	}
	in := asking("ReadFirestore", `{"service": "gcp"}`)
	in["node"], in["property"] = "m", "collection"
	if code := codeOf(t, c, "POST", "/suggest", in); code != "infer_node_unknown" {
		t.Errorf("a node that there is not: %s", code)
	}
	if code := codeOf(t, c, "POST", "/suggest", map[string]any{"flow": "nothing", "node": "n", "property": "x"}); code != "flow_unknown" {
		t.Errorf("a flow that there is not: %s", code)
	}
	s := srv.Sandbox().Stats()
	t.Logf("the sandbox saw %v", s.Calls)
	if s.Calls[sandbox.Firestore] == 0 || s.Calls[sandbox.Analytics] == 0 || s.Calls[sandbox.BigQuery] == 0 || s.Returned != 0 {
		t.Errorf("calls %v, %d documents sent", s.Calls, s.Returned)
	}
}

// TestSuggestUsesTheDraft asks about a stored flow whose draft differs from what
// is published.
func TestSuggestUsesTheDraft(t *testing.T) {
	srv := open(t, Config{Data: filepath.Join(t.TempDir(), "data"), Embedded: &sandbox.Config{Users: 5, Meetings: 3}})
	c := srv.Client()
	call[Published](t, c, "POST", "/flows", map[string]any{"doc": rawJSON(hung)})
	out := call[Suggested](t, c, "POST", "/suggest", map[string]any{"flow": "hung", "node": "users", "property": "collection"})
	if len(out.Values) != 2 {
		t.Errorf("%+v", out)
	}
	call[Published](t, c, "POST", "/flows", map[string]any{"doc": rawJSON(strings.ReplaceAll(hung, `"users"`, `"people"`)), "draft": true})
	if code := codeOf(t, c, "POST", "/suggest", map[string]any{"flow": "hung", "node": "users", "property": "collection"}); code != "infer_node_unknown" {
		t.Errorf("the published version was asked: %s", code)
	}
	if n := srv.Sandbox().Stats().Calls[sandbox.Firestore]; n == 0 {
		t.Error("the sandbox saw no request")
	}
}
