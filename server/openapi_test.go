package server

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
)

// openapi is the description of the control API. It is made from the table of
// operations and the types of their inputs and outputs.
const openapi = "../web/openapi.json"

// TestAPIDescriptionIsCurrent keeps the file the same as the table;
// WEIR_UPDATE=1 writes it.
func TestAPIDescriptionIsCurrent(t *testing.T) {
	var s Server
	s.routes()
	want, err := json.MarshalIndent(describeAPI(s.table.Routes()), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	if os.Getenv("WEIR_UPDATE") != "" {
		if err := os.WriteFile(openapi, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(openapi)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("web/openapi.json is not what the table says; WEIR_UPDATE=1 go test ./server -run APIDescription writes it")
	}
}

// TestEachRouteIsASentenceAndItsOwn finds routes that hide each other or lack
// words.
func TestEachRouteIsASentenceAndItsOwn(t *testing.T) {
	var s Server
	s.routes()
	seen := map[string]bool{}
	for _, r := range s.table.Routes() {
		key := r.Method + " " + r.Path
		if seen[key] || !strings.HasPrefix(r.Path, "/api/v1/") || !strings.HasSuffix(r.Doc, ".") {
			t.Errorf("%s: %q", key, r.Doc)
		}
		seen[key] = true
		params := 0
		if r.In.Kind() == reflect.Struct {
			for _, f := range reflect.VisibleFields(r.In) {
				if p := f.Tag.Get("param"); p != "" {
					params++
					if !strings.Contains(r.Path+"/", "/:"+p+"/") {
						t.Errorf("%s has no part :%s", key, p)
					}
				}
			}
		}
		if n := strings.Count(r.Path, "/:"); n != params {
			t.Errorf("%s has %d parts, its input %d", key, n, params)
		}
	}
}
