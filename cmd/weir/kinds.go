package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/internal/near"
	"github.com/weirflow/weir/processors"
)

func (a *app) kinds() *cobra.Command {
	var markdown string
	c := a.verb("kinds [KIND]", 0, 1, func(_ *cobra.Command, args []string) error {
		all := append(processors.Kinds(), processors.ServiceKinds()...)
		switch {
		case markdown != "":
			n, err := writeReference(markdown, all)
			if err != nil {
				return err
			}
			return a.answer(map[string]any{"dir": markdown, "files": n}, func() { a.print("kinds written", "count", n, "dir", markdown) })
		case len(args) == 0:
			return a.answer(map[string]any{"kinds": processors.Kinds(), "services": processors.ServiceKinds()}, func() {
				t := &columns{}
				for _, k := range all {
					t.row(k.Kind, k.Doc.In(a.lang))
				}
				fmt.Fprint(a.stdout, t)
			})
		}
		info, err := kindOf(args[0], all)
		if err != nil {
			return err
		}
		if a.json {
			return a.answer(info, nil)
		}
		return processors.Text(a.stdout, info, a.lang)
	})
	c.Flags().StringVar(&markdown, "markdown", "", "")
	return c
}

// kindOf finds a kind by its name, whatever its case.
func kindOf(name string, all []processors.Info) (processors.Info, error) {
	var names []string
	for _, k := range all {
		if strings.EqualFold(k.Kind, name) {
			return k, nil
		}
		names = append(names, k.Kind)
	}
	like := near.Nearest(name, names, 3)
	if len(like) == 0 {
		like = names
	}
	return processors.Info{}, fault.New("cli_kind_unknown", "kind", name, "near", strings.Join(like, ", ")).Permanent()
}

// writeReference writes a page for each kind and an index, and removes the
// pages of kinds that are gone.
func writeReference(dir string, all []processors.Info) (int, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return 0, fault.New("cli_file_unwritable", "file", dir).Because(err).Permanent()
	}
	written := map[string]bool{}
	page := func(name string, render func(io.Writer) error) error {
		var b bytes.Buffer
		if err := render(&b); err != nil {
			return err
		}
		written[name] = true
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			return fault.New("cli_file_unwritable", "file", path).Because(err).Permanent()
		}
		return nil
	}
	for _, k := range all {
		if err := page(k.Kind+".md", func(w io.Writer) error { return processors.Markdown(w, k, fault.English) }); err != nil {
			return 0, err
		}
	}
	if err := page("README.md", func(w io.Writer) error { return processors.Index(w, all, fault.English) }); err != nil {
		return 0, err
	}
	old, err := filepath.Glob(filepath.Join(dir, "*.md"))
	if err != nil {
		return 0, err
	}
	for _, path := range slices.DeleteFunc(old, func(p string) bool { return written[filepath.Base(p)] }) {
		if err := os.Remove(path); err != nil {
			return 0, fault.New("cli_file_unwritable", "file", path).Because(err).Permanent()
		}
	}
	return len(written), nil
}
