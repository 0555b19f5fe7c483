package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/server"
)

// flowOrFile tells a slug of the store from the path of a flow file, which is
// read then. A flow file has its slug inside, so no path looks like one.
func (a *app) flowOrFile(arg string) (slug string, doc json.RawMessage, err error) {
	if arg != "-" && !strings.ContainsAny(arg, `./\`) {
		if st, err := os.Stat(arg); err != nil || st.IsDir() {
			return arg, nil, nil
		}
	}
	doc, err = a.flowFile(arg)
	return "", doc, err
}

// whose says what a verb does without a data directory: a file needs none.
func whose(doc json.RawMessage) absent {
	if doc == nil {
		return refuse
	}
	return borrow
}

func (a *app) flowVerify() *cobra.Command {
	var (
		slot, paramFile string
		params          []string
	)
	c := a.opens(a.verb("verify FLOW|FILE", 1, 1, func(c *cobra.Command, args []string) error {
		in := server.VerifyFlow{Slot: slot}
		var err error
		if in.Params, err = readParams(params, paramFile); err != nil {
			return err
		}
		if in.Flow, in.Doc, err = a.flowOrFile(args[0]); err != nil {
			return err
		}
		return a.with(c.Context(), whose(in.Doc), func(l *link) error {
			v, err := post[server.Verified](c.Context(), l, at("flows", "verify"), in)
			if err != nil {
				return err
			}
			if v.Failed > 0 {
				a.code = exitInvalid
			}
			return a.answer(v, func() { a.showVerified(v) })
		})
	}))
	f := c.Flags()
	f.StringVar(&slot, "slot", "", "")
	f.StringArrayVar(&params, "param", nil, "")
	f.StringVar(&paramFile, "params", "", "")
	return c
}

// showVerified prints a line for each step and, under one that failed, what is
// wrong and how to mend it.
func (a *app) showVerified(v *server.Verified) {
	words := map[processors.StepState]string{processors.StepOK: a.say("step ok"), processors.StepFailed: a.say("step failed"),
		processors.StepSkipped: a.say("step skipped")}
	t := &columns{}
	for _, s := range v.Steps {
		t.row(s.Node, words[s.State], s.Step.Text(a.lang), s.Note.Text(a.lang))
	}
	lines := strings.SplitAfter(t.String(), "\n")
	for i, s := range v.Steps {
		fmt.Fprint(a.stdout, lines[i])
		if s.Fault != nil {
			err := s.Fault.Err()
			fmt.Fprintf(a.stdout, "    ! %s [%s]\n", strings.ReplaceAll(fault.Text(err, a.lang), "\n", "\n      "), fault.CodeOf(err))
		}
	}
	if v.Failed > 0 {
		a.print("flow verify bad", "flow", v.Flow, "count", v.Failed, "of", len(v.Steps))
		return
	}
	a.print("flow verify good", "flow", v.Flow, "count", len(v.Steps))
}

func (a *app) flowAccess() *cobra.Command {
	var (
		params    []string
		paramFile string
	)
	c := a.verb("access FLOW|FILE", 1, 1, func(c *cobra.Command, args []string) error {
		given, err := readParams(params, paramFile)
		if err != nil {
			return err
		}
		slug, doc, err := a.flowOrFile(args[0])
		if err != nil {
			return err
		}
		if doc != nil { // nothing but the file has a say in it
			f, err := flows.Parse(doc)
			if err != nil {
				return err
			}
			all, err := f.ResolveParams(given)
			if err != nil {
				all = given
			}
			access := server.AccessOf(f, all)
			return a.answer(access, func() { a.showAccess(access) })
		}
		return a.with(c.Context(), refuse, func(l *link) error {
			access, err := post[server.Access](c.Context(), l, at("flows", "access"), server.AccessFlow{Flow: slug, Params: given})
			if err != nil {
				return err
			}
			return a.answer(access, func() { a.showAccess(access) })
		})
	})
	c.Flags().StringArrayVar(&params, "param", nil, "")
	c.Flags().StringVar(&paramFile, "params", "", "")
	return c
}

// accessWords are the titles of the groups, in their order.
var accessWords = []struct{ group, title, short string }{
	{server.AccessReadFile, "access reads files", "access short reads files"},
	{server.AccessWriteFile, "access writes files", "access short writes files"},
	{server.AccessRead, "access reads", "access short reads"},
	{server.AccessWrite, "access writes", "access short writes"},
	{server.AccessUse, "access uses", ""},
	{server.AccessHost, "access hosts", "access short hosts"},
	{server.AccessAPI, "access apis", ""},
	{server.AccessRole, "access roles", ""},
	{server.AccessPermission, "access permissions", ""},
	{server.AccessScope, "access scopes", ""},
	{server.AccessSecret, "access secrets", "access short secrets"},
}

// showAccess prints all that a flow may touch, by group.
func (a *app) showAccess(v *server.Access) {
	a.print("access title", "flow", v.Flow)
	for _, w := range accessWords {
		t := &columns{}
		for _, touch := range v.Touches {
			if touch.Group == w.group {
				value := touch.Value
				if touch.On != "" {
					value += " (" + touch.On + ")"
				}
				t.row("  "+value, strings.Join(touch.By, ", "), touch.Why.In(a.lang))
			}
		}
		if len(t.rows) > 0 {
			fmt.Fprintf(a.stdout, "\n%s\n%s", a.say(w.title), t)
		}
	}
	if len(v.Changes) == 0 {
		return
	}
	t := &columns{}
	for _, c := range v.Changes {
		t.row("  "+c.Node, c.What.In(a.lang))
	}
	fmt.Fprintf(a.stdout, "\n%s\n%s", a.say("access changes"), t)
}

// showAccessShort tells it in a line for each group that matters most, to whom
// has just imported the flow.
func (a *app) showAccessShort(v *server.Access) {
	if v == nil {
		return
	}
	for _, w := range accessWords {
		if values := v.Group(w.group); w.short != "" && len(values) > 0 {
			fmt.Fprintf(a.stdout, "  %s %s\n", a.say(w.short), strings.Join(values, ", "))
		}
	}
}
