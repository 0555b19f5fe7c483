package examples_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/flows/examples"
)

// TestExamplesAreCanonical wants every flow file of the directory to be
// embedded, to stand in canonical form and to be named after its id.
func TestExamplesAreCanonical(t *testing.T) {
	names, err := filepath.Glob("*.json")
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, n := range names {
		ids = append(ids, strings.TrimSuffix(n, ".json"))
	}
	if got := examples.Examples(); !slices.Equal(got, ids) {
		t.Errorf("Examples() = %v, the directory holds %v", got, ids)
	}
	for _, id := range ids {
		b, err := examples.Read(id)
		if err != nil {
			t.Fatal(err)
		}
		f, err := flows.Parse(b)
		if err != nil {
			t.Errorf("%s: %v", id, err)
			continue
		}
		canonical, err := f.Canonical()
		if err != nil {
			t.Fatal(err)
		}
		if f.ID != id {
			t.Errorf("%s.json holds the flow %s", id, f.ID)
		}
		if os.Getenv("UPDATE") != "" {
			if err := os.WriteFile(id+".json", canonical, 0o644); err != nil {
				t.Fatal(err)
			}
		} else if !bytes.Equal(b, canonical) {
			t.Errorf("%s.json is not in canonical form; UPDATE=1 go test ./flows/examples rewrites it", id)
		}
	}
	if _, err := examples.Read("examples"); err == nil {
		t.Error("a file that is no flow is read")
	}
}
