package flows_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/flows"
)

// update writes golden files instead of comparing them.
var update = os.Getenv("UPDATE") != ""

func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; write it with UPDATE=1", err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs (UPDATE=1 writes it anew):\n%s", path, cmp.Diff(string(want), string(got)))
	}
}

func goodFiles(t testing.TB) []string {
	t.Helper()
	all, err := filepath.Glob("testdata/good/*.json")
	if err != nil || len(all) == 0 {
		t.Fatalf("no good files: %v", err)
	}
	var files []string
	for _, f := range all {
		if !strings.Contains(filepath.Base(f), ".golden.") {
			files = append(files, f)
		}
	}
	return files
}

func load(t testing.TB, name string) *flows.Flow {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	f, err := flows.Parse(b)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return f
}

func TestGoodFlowsAreGood(t *testing.T) {
	for _, name := range goodFiles(t) {
		t.Run(filepath.Base(name), func(t *testing.T) {
			f := load(t, name)
			if problems := f.Validate(); len(problems) > 0 {
				t.Fatalf("problems:\n%v", problems)
			}
			base := strings.TrimSuffix(name, ".json")
			canonical, err := f.Canonical()
			if err != nil {
				t.Fatal(err)
			}
			golden(t, base+".golden.json", canonical)
			again, err := flows.Parse(canonical)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(f, again); d != "" {
				t.Errorf("the canonical form reads as another flow:\n%s", d)
			}
			plan, err := f.Plan()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := plan.Compile(); err != nil {
				t.Errorf("the plan does not compile: %v", err)
			}
			b, err := json.MarshalIndent(plan, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			golden(t, base+".plan", append(b, '\n'))
		})
	}
}
