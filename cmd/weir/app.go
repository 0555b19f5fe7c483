package main

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/web"
)

// The exit codes.
const (
	exitFailed      = 1
	exitInvalid     = 2
	exitPartial     = 3
	exitUnreachable = 4
)

// app is one call of the program.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	lang           fault.Lang
	// program is how a shell calls the program; empty means weir.
	program string

	json, verbose       bool
	data, server, token string
	// files, sandbox and wide matter where a verb opens the data directory.
	files, sandbox string
	wide           bool
	// terminal, when set, says whether the input is a terminal; for tests.
	terminal func() bool
	// dial and roots, when set, carry Google's hosts to a sandbox; for tests.
	dial  func(ctx context.Context, network, address string) (net.Conn, error)
	roots *x509.CertPool

	// flowOf is the flow file of the run at hand, for what is told of it.
	flowOf string
	// code is the exit code of a verb that did its work, such as waiting for a
	// run that failed.
	code int
}

// root builds the tree of verbs.
func (a *app) root() *cobra.Command {
	root := a.group("weir", a.serve(), a.demo(), a.urlVerb(), a.run(), a.flow(), a.parked(), a.sqlVerb(), a.kinds(), a.secret(), a.password(), a.tokenVerb(), a.setup(), a.initVerb(), a.sandboxVerb(),
		a.check(), a.dump(), a.backup(), a.restore(), a.versionVerb())
	f := root.PersistentFlags()
	f.StringVar(&a.data, "data", a.dataDefault(), "")
	f.StringVar(&a.server, "server", "", "")
	f.StringVar(&a.token, "token", os.Getenv("WEIR_TOKEN"), "")
	f.BoolVar(&a.json, "json", false, "")
	f.BoolVarP(&a.verbose, "verbose", "v", false, "")
	root.SilenceErrors, root.SilenceUsage = true, true
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetHelpCommand(&cobra.Command{Use: "help", Hidden: true, Run: func(*cobra.Command, []string) { a.help(root) }})
	root.SetHelpFunc(func(c *cobra.Command, _ []string) { a.help(c) })
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return fault.New("cli_flag", "what", err, "verb", c.CommandPath()).Permanent()
	})
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	a.describe(root)
	return root
}

// dataDefault is the data directory of a call without --data.
func (a *app) dataDefault() string { return orDefault(os.Getenv("WEIR_DATA"), "weir-data") }

func orDefault(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// group is a verb that has verbs below it and does nothing by itself.
func (a *app) group(use string, verbs ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{Use: use, Args: cobra.ArbitraryArgs}
	c.AddCommand(verbs...)
	c.RunE = func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			a.help(c)
			return nil
		}
		var known []string
		for _, v := range c.Commands() {
			if !v.Hidden {
				known = append(known, v.Name())
			}
		}
		return fault.New("cli_verb_unknown", "verb", args[0], "of", c.CommandPath(), "known", strings.Join(known, ", ")).Permanent()
	}
	return c
}

// verb is a verb with between least and most arguments; most below zero is any
// number.
func (a *app) verb(use string, least, most int, run func(*cobra.Command, []string) error) *cobra.Command {
	return &cobra.Command{Use: use, RunE: run, Args: func(c *cobra.Command, args []string) error {
		if len(args) < least || (most >= 0 && len(args) > most) {
			return fault.New("cli_arguments", "given", len(args), "usage", c.UseLine()).Permanent()
		}
		return nil
	}}
}

// print writes one line of words to the output, note to the error output.
func (a *app) print(key string, pairs ...any) { fmt.Fprintln(a.stdout, a.say(key, pairs...)) }
func (a *app) note(key string, pairs ...any)  { fmt.Fprintln(a.stderr, a.say(key, pairs...)) }

// answer writes v as JSON where that was asked for, and else calls show. A
// program gets one line, which a log can take; only a terminal gets it indented.
func (a *app) answer(v any, show func()) error {
	if !a.json {
		show()
		return nil
	}
	e := json.NewEncoder(a.stdout)
	e.SetEscapeHTML(false)
	if f, ok := a.stdout.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		e.SetIndent("", "  ")
	}
	return e.Encode(v)
}

// fail tells an error and returns the exit code for it.
func (a *app) fail(err error) int {
	if a.json {
		_, f := web.Describe(err)
		var says []string
		for _, e := range several(err) {
			says = append(says, fault.Text(e, a.lang))
		}
		e := json.NewEncoder(a.stderr)
		e.SetEscapeHTML(false)
		_ = e.Encode(map[string]any{"error": f, "message": strings.Join(says, "\n")})
		return exitOf(err)
	}
	for _, e := range several(err) {
		code := ""
		if f := fault.As(e); f != nil {
			code = " [" + f.Code + "]"
		}
		fmt.Fprintf(a.stderr, "weir: %s%s\n", fault.Text(e, a.lang), code)
	}
	return exitOf(err)
}

// several takes joined errors apart; problems of a flow become errors that
// begin with their place.
func several(err error) []error {
	var problems flows.Problems
	if errors.As(err, &problems) {
		_, f := web.Describe(problems)
		return several(f.Err())
	}
	many, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var out []error
	for _, e := range many.Unwrap() {
		out = append(out, several(e)...)
	}
	return out
}

// exitOf returns the exit code that an error means.
func exitOf(err error) int {
	var problems flows.Problems
	if errors.As(err, &problems) {
		return exitInvalid
	}
	code := fault.CodeOf(several(err)[0])
	switch {
	case code == "server_unreachable":
		return exitUnreachable
	case invalid(code):
		return exitInvalid
	}
	return exitFailed
}

// asked are the beginnings of codes that say that what a person has asked for,
// or written into a flow file, cannot be meant; busy are the exceptions, which
// tell of a state that passes.
var (
	asked = []string{"cli_", "flow_", "parameter_", "schedule_", "slot_", "node_", "connection_", "setting_", "secret_name",
		"secret_unset", "policy_", "notify_", "layout_", "service_", "kind_", "expr_", "type_", "schema_", "path_", "glob_", "infer_",
		"run_id_", "flowfile_id_", "version_unknown", "parked_unknown", "parked_gone", "dump_unknown", "request_bad",
		"sandbox_fault_", "sandbox_file_flag", "sandbox_file_collection", "google_key_with_endpoint", "google_impersonate_with_endpoint", "google_no_sandbox", "ga4_property",
		"firestore_runs_only", "firestore_collection_path", "firestore_metadata", "listen_address", "listen_needs_", "tls_files", "password_short", "token_name", "backup_target", "duck_not_select", "duck_statements", "duck_query", "duck_table_",
		"duck_function", "duck_param_", "duck_sample"}
	busy = []string{"slot_busy", "node_not_at_work", "connection_holds_data", "flow_strands", "cli_interrupted", "schema_unknown"}
)

func invalid(code string) bool {
	for _, b := range busy {
		if code == b {
			return false
		}
	}
	for _, p := range asked {
		if strings.HasPrefix(code, p) {
			return true
		}
	}
	return false
}
