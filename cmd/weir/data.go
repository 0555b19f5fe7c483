package main

import (
	"fmt"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/server"
)

func (a *app) check() *cobra.Command {
	return a.verb("check", 0, 0, func(c *cobra.Command, _ []string) error {
		r, err := server.Check(c.Context(), a.data)
		if err != nil {
			return err
		}
		return a.checked(r)
	})
}

// checked shows what a check has found; problems make it fail.
func (a *app) checked(r *server.CheckReport) error {
	says := make([]string, len(r.Problems))
	for i, p := range r.Problems {
		says[i] = fault.Text(p, a.lang)
	}
	if len(says) > 0 {
		a.code = exitFailed
	}
	return a.answer(map[string]any{"report": r, "problems": says}, func() {
		a.print("check counts", "runs", count(int64(r.Runs)), "entries", count(r.Entries), "claims", count(r.Claims), "size", size(r.Bytes),
			"segments", r.Segments, "events", count(r.Events), "commit", r.Commit)
		for _, s := range says {
			fmt.Fprintf(a.stdout, "  ! %s\n", s)
		}
		switch {
		case len(says) > 0:
			a.print("check bad", "count", len(says))
		case !r.Clean:
			a.print("check unclean")
		default:
			a.print("check good")
		}
	})
}

func (a *app) dump() *cobra.Command {
	return a.verb("dump [WHAT]", 0, 1, func(c *cobra.Command, args []string) error {
		what := "summary"
		if len(args) == 1 {
			what = args[0]
		}
		return server.Dump(c.Context(), a.stdout, a.data, what)
	})
}

func (a *app) backup() *cobra.Command {
	return a.verb("backup DIR", 1, 1, func(c *cobra.Command, args []string) error {
		dir, err := filepath.Abs(args[0])
		if err != nil {
			return err
		}
		return a.with(c.Context(), refuse, func(l *link) error {
			r, err := post[server.BackupReport](c.Context(), l, at("backup"), server.BackupTo{Dir: dir})
			if err != nil {
				return err
			}
			return a.answer(r, func() {
				a.print("backup made", "dir", args[0], "size", size(r.Bytes), "commit", r.Commit, "segments", r.Segments, "linked", r.Linked)
				if r.KeyFile != "" {
					a.print("backup key", "file", r.KeyFile)
				}
				a.print("backup files")
			})
		})
	})
}

func (a *app) restore() *cobra.Command {
	return a.verb("restore BACKUP", 1, 1, func(c *cobra.Command, args []string) error {
		r, err := server.Restore(c.Context(), args[0], a.data)
		if err != nil {
			return err
		}
		if !a.json {
			a.print("restore made", "dir", args[0], "data", a.data)
		}
		r.Clean = true // a copy never stopped
		return a.checked(r)
	})
}

func (a *app) versionVerb() *cobra.Command {
	return a.verb("version", 0, 0, func(*cobra.Command, []string) error {
		return a.answer(map[string]string{"version": version, "go": runtime.Version(), "os": runtime.GOOS, "arch": runtime.GOARCH},
			func() {
				fmt.Fprintf(a.stdout, "weir %s %s %s/%s\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			})
	})
}
