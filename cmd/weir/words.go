package main

import (
	_ "embed" // the words
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/weirflow/weir/fault"
)

//go:embed words.json
var wordsFile []byte

// words are all sentences of the command line but errors: by key, in each
// language. The help of a verb stands under its path, that of a flag under its
// name, or under path and name where it differs from the flag's of that name
// elsewhere.
var words = sync.OnceValue(func() map[string]fault.Entry {
	all := map[string]fault.Entry{}
	if err := json.Unmarshal(wordsFile, &all); err != nil {
		panic(err) // embedded at build time
	}
	return all
})

// say returns the words of a key, with {name} replaced by each named value and
// {name:row|rows} by the first word where the value is 1, else by the second.
// A command that is told begins with {weir} and ends with {where}, which need not
// be given.
func (a *app) say(key string, pairs ...any) string {
	w, ok := words()[key]
	if !ok {
		return key
	}
	t := w.English
	if a.lang == fault.Korean {
		t = w.Korean
	}
	pairs = append(slices.Clip(pairs), "weir", a.own(), "where", a.where())
	old := make([]string, len(pairs))
	for i := 0; i < len(pairs); i += 2 {
		old[i], old[i+1] = "{"+pairs[i].(string)+"}", fmt.Sprint(pairs[i+1])
	}
	t = number.ReplaceAllStringFunc(t, func(m string) string {
		part := number.FindStringSubmatch(m)
		for i := 0; i < len(old); i += 2 {
			if old[i] == "{"+part[1]+"}" && old[i+1] == "1" {
				return part[2]
			}
		}
		return part[3]
	})
	return strings.NewReplacer(old...).Replace(t)
}

// number is {count:row|rows}, a word that goes by a number that is given.
var number = regexp.MustCompile(`\{([a-z_]+):([^|{}]*)\|([^|{}]*)\}`)

// reason returns why something failed: the note's text where there is one, else
// the words that were stored.
func (a *app) reason(n *fault.Note, text string) string {
	if n == nil {
		return text
	}
	return n.Text(a.lang)
}

// describe gives a verb, its flags and the verbs below it their help.
func (a *app) describe(c *cobra.Command) {
	path := c.CommandPath()
	c.Short = a.say(path)
	c.InitDefaultHelpFlag()
	name := func(f *pflag.Flag) {
		if f.Usage = a.say("--" + f.Name); words()[path+" --"+f.Name].English != "" {
			f.Usage = a.say(path + " --" + f.Name)
		}
	}
	c.LocalNonPersistentFlags().VisitAll(name)
	c.PersistentFlags().VisitAll(name)
	for _, v := range c.Commands() {
		if !v.Hidden {
			a.describe(v)
		}
	}
}

// useLine is how a verb is called; what only has verbs below it needs one.
func useLine(c *cobra.Command) string {
	if c.HasAvailableSubCommands() {
		return c.CommandPath() + " VERB [flags]"
	}
	return c.UseLine()
}

// help prints what a verb does and takes.
func (a *app) help(c *cobra.Command) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n%s\n  %s\n", c.Short, a.say("help usage"), useLine(c))
	if c.HasAvailableSubCommands() {
		t := &columns{}
		for _, v := range c.Commands() {
			if v.IsAvailableCommand() {
				t.row("  "+v.Name(), v.Short)
			}
		}
		fmt.Fprintf(&b, "\n%s\n%s", a.say("help verbs"), t)
	}
	if own := c.LocalNonPersistentFlags(); own.HasAvailableFlags() {
		fmt.Fprintf(&b, "\n%s\n%s", a.say("help flags"), own.FlagUsages())
	}
	if c.Runnable() || !c.HasParent() {
		all := pflag.NewFlagSet("", pflag.ContinueOnError)
		all.AddFlagSet(c.InheritedFlags())
		all.AddFlagSet(c.PersistentFlags())
		if all.HasAvailableFlags() {
			fmt.Fprintf(&b, "\n%s\n%s", a.say("help global"), all.FlagUsages())
		}
	}
	fmt.Fprint(a.stdout, b.String())
}
