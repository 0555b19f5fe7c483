package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/server"
)

func (a *app) runResume() *cobra.Command {
	var (
		in         server.ResumeRun
		flow, file string
		noWait     bool
	)
	c := a.waiting(a.verb("resume RUN", 1, 1, func(c *cobra.Command, args []string) error {
		switch {
		case flow != "" && (flow != "latest" || file != ""):
			return fault.New("cli_resume_flow", "given", flow).Permanent()
		case flow != "":
			in.Latest = true
		case file != "":
			var err error
			a.flowOf = file
			if in.Doc, err = a.flowFile(file); err != nil {
				return err
			}
		}
		in.By = who()
		return a.with(c.Context(), refuse, func(l *link) error {
			if l.alone && noWait {
				return fault.New("cli_nobody_to_work").Permanent()
			}
			if in.Latest || in.Doc != nil {
				if err := a.showFix(c.Context(), l, args[0], in); err != nil {
					return err
				}
			}
			v, err := post[server.RunView](c.Context(), l, at("runs", args[0], "resume"), in)
			if err != nil {
				return err
			}
			return a.started(c.Context(), l, v, noWait)
		})
	}), &noWait)
	c.Flags().BoolVar(&in.AcceptRejects, "accept-rejects", false, "")
	c.Flags().StringVar(&flow, "flow", "", "")
	c.Flags().StringVar(&file, "file", "", "")
	return c
}

// showFix tells what a run adopts before it goes on.
func (a *app) showFix(ctx context.Context, l *link, run string, in server.ResumeRun) error {
	in.DryRun = true
	v, err := post[server.RunView](ctx, l, at("runs", run, "resume"), in)
	if err != nil || a.json {
		return err
	}
	if v.Adopts == nil {
		a.note("run adopts nothing", "flow", v.Run.Flow)
		return nil
	}
	a.note("run adopts", "count", len(v.Adopts.Changed))
	for _, c := range v.Adopts.Changed {
		a.note("run adopts change", "change", c.Text(a.lang))
	}
	return nil
}
