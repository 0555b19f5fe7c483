package main

import (
	"embed"
	"fmt"
	"strings"
	"text/template"

	"github.com/weirflow/weir/fault"
)

// setupFiles are the script in each language. What is not a comment is the same
// in all.
//
//go:embed setup_google.en.sh setup_google.ko.sh
var setupFiles embed.FS

// script writes the script. Every value is quoted for the shell, though check
// lets none through that would need it.
func (s *googleSetup) script(lang fault.Lang) (string, error) {
	name := "setup_google.en.sh"
	if lang == fault.Korean {
		name = "setup_google.ko.sh"
	}
	steps := 0
	step := func() int { steps++; return steps }
	t, err := template.New(name).Funcs(template.FuncMap{"q": shellQuoted, "step": step}).ParseFS(setupFiles, name)
	if err != nil {
		return "", fmt.Errorf("read the script's template: %w", err)
	}
	var b strings.Builder
	if err := t.Execute(&b, s); err != nil {
		return "", fmt.Errorf("write the script: %w", err)
	}
	return b.String(), nil
}

// shellQuoted writes a text as one word of a shell.
func shellQuoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
