package main

import (
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/server"
)

// urlVerb prints a one-time link of the server that holds the data directory.
func (a *app) urlVerb() *cobra.Command {
	return a.verb("url", 0, 0, func(c *cobra.Command, _ []string) error {
		return a.with(c.Context(), refuse, func(l *link) error {
			made, err := post[server.SignInLink](c.Context(), l, at("session", "link"), nil)
			if err != nil {
				return err
			}
			return a.answer(made, func() { fmt.Fprintln(a.stdout, made.URL) })
		})
	})
}

func (a *app) password() *cobra.Command {
	return a.group("password", a.passwordSet(), a.passwordRm())
}

func (a *app) passwordSet() *cobra.Command {
	return a.verb("set", 0, 0, func(c *cobra.Command, _ []string) error {
		value, err := a.readPassword()
		if err != nil {
			return err
		}
		return a.putPassword(c, create, value, "password is set")
	})
}

func (a *app) passwordRm() *cobra.Command {
	return a.verb("rm", 0, 0, func(c *cobra.Command, _ []string) error {
		return a.putPassword(c, refuse, "", "password is removed")
	})
}

func (a *app) putPassword(c *cobra.Command, missing absent, value, says string) error {
	return a.with(c.Context(), missing, func(l *link) error {
		var done server.PasswordSet
		if err := l.Call(c.Context(), http.MethodPut, at("password"), server.NewPassword{Password: value}, &done); err != nil {
			return err
		}
		return a.answer(done, func() { a.print(says) })
	})
}

// readPassword reads the password from the standard input; on a terminal hidden,
// and twice, for nobody sees what was typed.
func (a *app) readPassword() (string, error) {
	first, err := a.readSecret("password")
	if err != nil {
		return "", err
	}
	if f, ok := a.stdin.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		again, err := a.readSecret("password")
		if err != nil {
			return "", err
		}
		if again != first {
			return "", fault.New("cli_password_differs").Permanent()
		}
	}
	return first, nil
}

func (a *app) tokenVerb() *cobra.Command {
	return a.group("token", a.tokenCreate(), a.tokenLs(), a.tokenRm())
}

func (a *app) tokenCreate() *cobra.Command {
	return a.verb("create NAME", 1, 1, func(c *cobra.Command, args []string) error {
		return a.with(c.Context(), create, func(l *link) error {
			made, err := post[server.TokenMade](c.Context(), l, at("tokens"), server.NewToken{Name: args[0]})
			if err != nil {
				return err
			}
			return a.answer(made, func() {
				a.note("token made", "name", made.Name)
				fmt.Fprintln(a.stdout, made.Token)
			})
		})
	})
}

func (a *app) tokenLs() *cobra.Command {
	return a.verb("ls", 0, 0, func(c *cobra.Command, _ []string) error {
		return a.with(c.Context(), refuse, func(l *link) error {
			list, err := get[server.TokenList](c.Context(), l, at("tokens"))
			if err != nil {
				return err
			}
			return a.answer(list, func() {
				if len(list.Tokens) == 0 {
					a.print("token none")
					return
				}
				t := &columns{}
				for _, k := range list.Tokens {
					used := a.say("token never used")
					if !k.LastUsed.IsZero() {
						used = k.LastUsed.Local().Format(time.DateTime)
					}
					t.row(k.Name, k.Created.Local().Format(time.DateTime), used)
				}
				fmt.Fprint(a.stdout, t)
			})
		})
	})
}

func (a *app) tokenRm() *cobra.Command {
	return a.verb("rm NAME", 1, 1, func(c *cobra.Command, args []string) error {
		return a.with(c.Context(), refuse, func(l *link) error {
			var list server.TokenList
			if err := l.Call(c.Context(), http.MethodDelete, at("tokens", args[0]), nil, &list); err != nil {
				return err
			}
			return a.answer(list, func() { a.print("token removed", "name", args[0]) })
		})
	})
}
