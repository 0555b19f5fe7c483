// Package examples holds flow files that the program carries with it: what
// `weir demo` runs, and a start for a flow of one's own. Each file is named
// after the flow's id.
package examples

import (
	"embed"
	"fmt"
	"slices"
	"strings"
)

// All files are embedded, so that adding an example needs no Go; what is no
// flow file is never shown.
//
//go:embed *
var files embed.FS

const ending = ".json"

// Examples returns the ids of the flows, sorted.
func Examples() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		return nil // embedded at build time
	}
	var ids []string
	for _, e := range entries {
		if id, ok := strings.CutSuffix(e.Name(), ending); ok && !e.IsDir() {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// Read returns the flow file of an example.
func Read(id string) ([]byte, error) {
	b, err := files.ReadFile(id + ending)
	if err != nil {
		return nil, fmt.Errorf("read example %q: there are %s", id, strings.Join(Examples(), ", "))
	}
	return b, nil
}
