// Command weir is the whole program: the server, the demo, the sandbox, and the
// verbs that drive a server from a terminal or a script.
//
// Main is a call of the program with its arguments and streams, so that tests
// run the real thing. Verbs stand by noun in files of their own. A verb speaks
// to the server that holds the data directory, by its control socket; where no
// server runs it opens the directory itself, works on its own run alone, and
// closes it again.
//
// All that a person reads is in words.json, in English and Korean, or in the
// catalogue of package fault; LANG chooses.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // schedules work on machines without a zone database

	"github.com/weirflow/weir/fault"
)

// version is set by the build.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the second signal ends the program at once
	a := &app{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, lang: fault.LangFromEnv(), program: called(os.Args[0])}
	os.Exit(a.call(ctx, os.Args[1:]))
}

// Main runs the program with the given arguments and returns its exit code: 0
// success, 1 failed, 2 invalid, 3 partial, 4 server not reachable. It ends early
// when ctx does.
func Main(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) int {
	a := &app{stdin: in, stdout: out, stderr: errOut, lang: fault.LangFromEnv()}
	return a.call(ctx, args)
}

// call does what the arguments say.
func (a *app) call(ctx context.Context, args []string) int {
	root := a.root()
	root.SetArgs(args)
	if err := root.ExecuteContext(ctx); err != nil {
		return a.fail(err)
	}
	return a.code
}
