package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/server"
)

func (a *app) secret() *cobra.Command {
	return a.group("secret", a.secretSet(), a.secretLs(), a.secretRm())
}

func (a *app) secretSet() *cobra.Command {
	return a.verb("set NAME", 1, 1, func(c *cobra.Command, args []string) error {
		value, err := a.readSecret(args[0])
		if err != nil {
			return err
		}
		return a.with(c.Context(), create, func(l *link) error {
			var list server.SecretList
			in := server.SecretRef{Value: value}
			if err := l.Call(c.Context(), http.MethodPut, at("secrets", args[0]), in, &list); err != nil {
				return err
			}
			return a.answer(list, func() { a.print("secret set", "name", args[0]) })
		})
	})
}

// readSecret reads a value from the standard input: hidden on a terminal, else
// whole, without the line's end that comes with echo.
func (a *app) readSecret(name string) (string, error) {
	var b []byte
	var err error
	if f, ok := a.stdin.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		fmt.Fprint(a.stderr, a.say("secret prompt", "name", name))
		b, err = term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(a.stderr)
	} else {
		b, err = io.ReadAll(io.LimitReader(a.stdin, 1<<20))
	}
	if err != nil {
		return "", err
	}
	v := strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r")
	if v == "" {
		return "", fault.New("cli_secret_empty", "name", name).Permanent()
	}
	return v, nil
}

func (a *app) secretLs() *cobra.Command {
	return a.verb("ls", 0, 0, func(c *cobra.Command, _ []string) error {
		return a.with(c.Context(), refuse, func(l *link) error {
			list, err := get[server.SecretList](c.Context(), l, at("secrets"))
			if err != nil {
				return err
			}
			return a.answer(list, func() {
				if len(list.Secrets) == 0 {
					a.print("secret none")
				}
				for _, n := range list.Secrets {
					fmt.Fprintln(a.stdout, n)
				}
			})
		})
	})
}

func (a *app) secretRm() *cobra.Command {
	return a.verb("rm NAME", 1, 1, func(c *cobra.Command, args []string) error {
		return a.with(c.Context(), refuse, func(l *link) error {
			var list server.SecretList
			if err := l.Call(c.Context(), http.MethodDelete, at("secrets", args[0]), nil, &list); err != nil {
				return err
			}
			return a.answer(list, func() { a.print("secret removed", "name", args[0]) })
		})
	})
}
