package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/weirflow/weir/runs"
)

// again writes the arguments and flags that a verb was called with, but those
// left out, as one types them.
func again(c *cobra.Command, args []string, without ...string) string {
	var words []string
	for _, arg := range args {
		words = append(words, shellWord(arg))
	}
	c.Flags().Visit(func(f *pflag.Flag) {
		if slices.Contains(without, f.Name) || f.Name == "token" { // a secret, which a log is not to hold
			return
		}
		values := []string{f.Value.String()}
		if many, ok := f.Value.(pflag.SliceValue); ok {
			values = many.GetSlice()
		}
		for _, v := range values {
			words = append(words, "--"+f.Name)
			if f.Value.Type() != "bool" {
				words = append(words, shellWord(v))
			}
		}
	})
	return strings.Join(words, " ")
}

// shellWord writes a word for a shell.
func shellWord(word string) string {
	plain := func(r rune) bool {
		return !strings.ContainsRune("-_./:,=@+%", r) && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}
	if word != "" && !strings.ContainsFunc(word, plain) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// resumeCommand is the command that takes a failed run up again: what it has
// read is not read again. A run of a file adopts the file, once it is mended.
func (a *app) resumeCommand(r *runs.Run) string {
	words := []string{a.own() + " run resume", r.ID}
	for _, f := range [][2]string{{"--file", a.flowOf}, {"--data", a.data}, {"--server", a.server}, {"--files", a.files}, {"--sandbox", a.sandbox}} {
		if f[1] == "" || f[1] == "-" || (f[0] == "--data" && (a.server != "" || f[1] == a.dataDefault())) {
			continue
		}
		words = append(words, f[0], shellWord(f[1]))
	}
	return strings.Join(words, " ")
}
