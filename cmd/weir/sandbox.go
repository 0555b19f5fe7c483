package main

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/sandbox"
)

// company are the flags that choose the sandbox's data.
type company struct {
	cfg           sandbox.Config
	date          string
	files, faults []string
}

func (s *company) flags(c *cobra.Command) {
	f := c.Flags()
	f.Uint64Var(&s.cfg.Seed, "seed", 0, "")
	f.StringVar(&s.date, "date", "", "")
	f.IntVar(&s.cfg.Users, "users", 0, "")
	f.IntVar(&s.cfg.Meetings, "meetings", 0, "")
	f.IntVar(&s.cfg.Events, "events", 0, "")
	f.StringArrayVar(&s.cfg.EventFiles, "analytics", nil, "")
	f.StringArrayVar(&s.files, "firestore", nil, "")
	f.StringArrayVar(&s.faults, "fault", nil, "")
	f.DurationVar(&s.cfg.Churn, "churn", 0, "")
}

// config reads what the flags say.
func (s *company) config() (sandbox.Config, error) {
	cfg := s.cfg
	if s.date != "" {
		d, err := time.Parse(time.DateOnly, s.date)
		if err != nil {
			return cfg, fault.New("cli_date", "date", s.date).Permanent()
		}
		cfg.Date = d
	}
	for _, t := range s.files {
		f, err := sandbox.ParseFile(t)
		if err != nil {
			return cfg, err
		}
		cfg.Files = append(cfg.Files, f)
	}
	for _, t := range s.faults {
		f, err := sandbox.ParseFault(t)
		if err != nil {
			return cfg, err
		}
		cfg.Faults = append(cfg.Faults, f)
	}
	return cfg, nil
}

func (a *app) sandboxVerb() *cobra.Command {
	var s company
	c := a.verb("sandbox", 0, 0, func(c *cobra.Command, _ []string) error {
		cfg, err := s.config()
		if err != nil {
			return err
		}
		cfg.Log = a.logger(slog.LevelDebug)
		ctx := c.Context()
		box, err := sandbox.Open(ctx, cfg)
		if err != nil {
			return err
		}
		held := box.Collections()
		err = a.answer(map[string]any{"address": box.Addr(), "project": box.Project(), "collections": held}, func() {
			list := make([]string, len(held))
			for i, c := range held {
				list[i] = c.ID + " " + count(int64(c.Documents))
			}
			a.print("sandbox ready", "address", box.Addr(), "project", box.Project(), "collections", orDefault(strings.Join(list, ", "), "-"))
		})
		if err == nil {
			<-ctx.Done()
		}
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		if cerr := box.Close(end); err == nil {
			err = cerr
		}
		return err
	})
	c.Flags().StringVar(&s.cfg.Listen, "listen", "127.0.0.1:8681", "")
	c.Flags().StringVar(&s.cfg.Project, "project", "calback-demo", "")
	s.flags(c)
	return c
}
