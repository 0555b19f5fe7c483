package setup

import (
	"embed"
	"fmt"
	"strings"
	"text/template"

	"github.com/weirflow/weir/fault"
)

// scripts are the script in each language. What is not a comment is the same
// in all.
//
//go:embed google.en.sh google.ko.sh
var scripts embed.FS

// Script writes the script. Every value is quoted for the shell, though Check
// lets none through that would need it.
func (s *Google) Script(lang fault.Lang) (string, error) {
	name := "google.en.sh"
	if lang == fault.Korean {
		name = "google.ko.sh"
	}
	steps := 0
	step := func() int { steps++; return steps }
	t, err := template.New(name).Funcs(template.FuncMap{"q": shellQuoted, "step": step}).ParseFS(scripts, name)
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
