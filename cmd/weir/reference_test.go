package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/weirflow/weir/processors"
)

// TestReferenceIsCurrent compares the committed reference of the kinds with what
// `weir kinds --markdown docs/processors` would write; that verb is its only
// writer.
func TestReferenceIsCurrent(t *testing.T) {
	fresh, committed := t.TempDir(), filepath.Join("..", "..", "docs", "processors")
	kinds := slices.DeleteFunc(append(processors.Kinds(), processors.ServiceKinds()...),
		func(k processors.Info) bool { return strings.HasPrefix(k.Kind, "Test") }) // those of this package's tests
	n, err := writeReference(fresh, kinds)
	if err != nil {
		t.Fatal(err)
	}
	have, err := filepath.Glob(filepath.Join(committed, "*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(have) != n {
		t.Errorf("docs/processors holds %d pages, want %d", len(have), n)
	}
	pages, err := filepath.Glob(filepath.Join(fresh, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		want, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(committed, filepath.Base(page)))
		if err != nil || string(got) != string(want) {
			t.Errorf("docs/processors/%s is out of date: make docs", filepath.Base(page))
		}
	}
}
