package main

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors"
)

// initShown is how many of a list of values a question shows.
const initShown = 20

// questions asks a person at a terminal, line by line. Nil asks nobody.
type questions struct {
	app *app
	ctx context.Context
	in  *bufio.Reader
}

// questions returns nil where no person sits at the input.
func (a *app) questions(ctx context.Context) *questions {
	if !a.atTerminal() {
		return nil
	}
	return &questions{a, ctx, bufio.NewReader(a.stdin)}
}

// settle asks for a value that was not given, until check has nothing against
// it. A value that was given, or that nobody can be asked for, is checked alone.
func (q *questions) settle(to *string, key, otherwise string, values []processors.Suggestion, check func(string) error) error {
	if *to != "" || q == nil {
		return check(*to)
	}
	return q.ask(to, key, otherwise, values, false, check)
}

// perhaps is settle for a value that may be left out with a hyphen.
func (q *questions) perhaps(to *string, key, otherwise string, values []processors.Suggestion, check func(string) error) error {
	return q.ask(to, key, otherwise, values, true, check)
}

func (q *questions) ask(to *string, key, otherwise string, values []processors.Suggestion, optional bool, check func(string) error) error {
	for i, v := range values {
		if i == initShown {
			fmt.Fprintln(q.app.stderr, "  "+q.app.say("init more", "count", len(values)-i))
			break
		}
		label := ""
		if v.Label != "" {
			label = "  " + oneLine(v.Label)
		}
		fmt.Fprintln(q.app.stderr, "  "+oneLine(v.Value)+label)
	}
	shown := otherwise
	if optional && shown == "" {
		shown = "-"
	}
	for {
		fmt.Fprint(q.app.stderr, q.app.say(key))
		if shown != "" {
			fmt.Fprintf(q.app.stderr, " [%s]", oneLine(shown))
		}
		fmt.Fprint(q.app.stderr, ": ")
		line, err := q.line()
		if err != nil {
			return err
		}
		answer := orDefault(strings.TrimSpace(line), otherwise)
		if optional && (answer == "-" || answer == "") {
			return nil
		}
		if answer == "" {
			continue
		}
		err = check(answer)
		if err == nil {
			*to = answer
			return nil
		}
		fmt.Fprintln(q.app.stderr, fault.Text(err, q.app.lang))
	}
}

// line reads an answer. A program that is told to stop does not wait for one.
func (q *questions) line() (string, error) {
	type answer struct {
		line string
		err  error
	}
	read := make(chan answer, 1)
	go func() {
		line, err := q.in.ReadString('\n')
		read <- answer{line, err}
	}()
	select {
	case got := <-read:
		if got.err != nil && got.line == "" {
			fmt.Fprintln(q.app.stderr)
			return "", fault.New("cli_init_ended").Permanent()
		}
		return got.line, nil
	case <-q.ctx.Done():
		return "", context.Cause(q.ctx)
	}
}
