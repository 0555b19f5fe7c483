package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/flows/examples"
	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/server"
)

const (
	// demoFlow is the example that the demo runs, demoLoyalty the one after it.
	demoFlow    = "calback-daily"
	demoLoyalty = "calback-loyalty"
	// demoData is where the demo keeps its data unless told otherwise.
	demoData = "demo-data"
	// demoLines is how many lines of the result are shown.
	demoLines = 4
)

func (a *app) demo() *cobra.Command {
	var (
		once   bool
		slot   string
		listen string
		data   company
	)
	c := a.verb("demo", 0, 0, func(c *cobra.Command, _ []string) error {
		if !c.Flags().Changed("data") && os.Getenv("WEIR_DATA") == "" {
			a.data = demoData
		}
		box, err := data.config()
		if err != nil {
			return err
		}
		level := slog.LevelWarn
		if a.verbose {
			level = slog.LevelInfo
		}
		a.verbose = true
		cfg := server.Config{Data: a.data, Control: true, Embedded: &box, Schedule: !once, Version: version, Log: a.logger(level)}
		if !once {
			cfg.Listen = listen
		}
		ctx := c.Context()
		began := time.Now()
		s, err := server.Open(ctx, cfg)
		if err != nil {
			return err
		}
		err = a.demoRun(ctx, s, slot, began, once)
		if err != nil || once {
			return errors.Join(err, a.drain(ctx, s, verbPatience))
		}
		if err := a.ready(s, "demo serves"); err != nil {
			return errors.Join(err, a.drain(ctx, s, verbPatience))
		}
		return a.untilTold(ctx, s)
	})
	c.Flags().BoolVar(&once, "once", false, "")
	c.Flags().StringVar(&slot, "slot", "", "")
	c.Flags().StringVar(&listen, "listen", "127.0.0.1:8080", "")
	data.flags(c)
	return c
}

// demoRun imports the examples, runs one slot of the daily flow and, over the two
// months before, the flow that answers the question, and shows what came of both.
func (a *app) demoRun(ctx context.Context, s *server.Server, slot string, began time.Time, once bool) error {
	l := &link{Client: s.Client()}
	for _, id := range examples.Examples() {
		doc, err := examples.Read(id)
		if err != nil {
			return err
		}
		if _, err := post[server.Published](ctx, l, at("flows"), server.ImportFlow{Doc: doc}); err != nil {
			return err
		}
	}
	if !a.json {
		a.note("demo begins", "users", count(int64(s.Sandbox().Company().Users())), "address", s.Sandbox().Addr(), "took", took(time.Since(began)))
	}
	if slot == "" { // the last day of which the company has all
		slot = s.Sandbox().Company().Day().AddDate(0, 0, -1).Format(time.DateOnly)
	}
	day, err := a.demoFlow(ctx, l, server.StartRun{Flow: demoFlow, Slot: slot, By: who()})
	if err != nil {
		return err
	}
	if day.Run.State != runs.Success {
		return a.ended(day)
	}
	if !a.json {
		a.showRun(day)
	}
	from, to := twoMonths(s.Sandbox().Company().Day())
	months, err := a.demoFlow(ctx, l, server.StartRun{Flow: demoLoyalty, By: who(),
		Params: map[string]string{"from": from.Format(time.DateOnly), "to": to.Format(time.DateOnly)}})
	if err != nil {
		return err
	}
	if months.Run.State != runs.Success {
		return a.ended(months)
	}
	if a.json {
		return a.answer(map[string]*server.RunView{demoFlow: day, demoLoyalty: months}, nil)
	}
	if err := errors.Join(a.demoShow(s, day), a.demoAnswer(s, months.Run, from, to)); err != nil {
		return err
	}
	a.print("demo took", "took", took(time.Since(began)))
	a.demoNext(day.Run, once)
	return nil
}

// demoFlow runs a flow to its end.
func (a *app) demoFlow(ctx context.Context, l *link, in server.StartRun) (*server.RunView, error) {
	v, err := post[server.RunView](ctx, l, at("runs"), in)
	if err != nil {
		return nil, err
	}
	if !a.json {
		a.note("run begun", "flow", v.Run.Flow, "slot", v.Run.Slot, "run", v.Run.ID, "generation", v.Run.Generation)
		for _, o := range v.Overwrites {
			a.overwrites(o)
		}
	}
	return a.follow(ctx, l, v.Run.ID)
}
