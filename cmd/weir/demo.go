package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/flows/examples"
	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/server"
)

const (
	// demoFlow is the example that the demo runs.
	demoFlow = "calback-users"
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
		if err := a.ready(s, a.say("demo serves", "address", s.Addr(), "data", a.data)); err != nil {
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

// demoRun imports the examples, runs one slot of the first and shows what came
// of it.
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
	v, err := post[server.RunView](ctx, l, at("runs"), server.StartRun{Flow: demoFlow, Slot: slot, By: who()})
	if err != nil {
		return err
	}
	if !a.json {
		a.note("run begun", "flow", v.Run.Flow, "slot", v.Run.Slot, "run", v.Run.ID, "generation", v.Run.Generation)
		for _, o := range v.Overwrites {
			a.overwrites(o)
		}
	}
	if v, err = a.follow(ctx, l, v.Run.ID); err != nil {
		return err
	}
	if err := a.ended(v); err != nil || a.json {
		return err
	}
	return a.demoShow(s, v, began, once)
}

// demoShow tells what a demo run has made, and how to go on.
func (a *app) demoShow(s *server.Server, v *server.RunView, began time.Time, once bool) error {
	r := v.Run
	if r.State == runs.Success && len(r.Receipts) > 0 {
		c := r.Receipts[0]
		path := filepath.Join(s.Files(), filepath.FromSlash(c.Key))
		t := &columns{right: map[int]bool{1: true}}
		t.row("  "+a.say("demo source"), count(sourceRows(v)))
		t.row("  "+a.say("demo rows", "file", c.Key), count(c.Rows))
		fmt.Fprintf(a.stdout, "\n%s", t)
		key := "demo same"
		if sourceRows(v) != c.Rows {
			key = "demo differs"
		}
		a.print(key)
		fmt.Fprintf(a.stdout, "\n%s %s\n", a.say("demo file"), path)
		lines, err := head(path, demoLines)
		if err != nil {
			return unreadable(path, err)
		}
		for _, l := range lines {
			fmt.Fprintf(a.stdout, "  %s\n", cut(l, 118))
		}
		a.print("demo took", "took", took(time.Since(began)))
	}
	data := ""
	if a.data != "weir-data" {
		data = " --data " + a.data
	}
	key := "demo next once"
	if !once {
		key = "demo next"
	}
	a.print(key, "run", r.ID, "data", data, "flow", r.Flow)
	return nil
}

// head returns the first lines of a file.
func head(path string, n int) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []string
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<20)
	for len(out) < n && sc.Scan() {
		out = append(out, sc.Text())
	}
	return out, sc.Err()
}
