package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/server"
)

// How long sessions at work may take to end when a server stops, and when a
// verb does that has opened the data directory itself.
const (
	patience     = 30 * time.Second
	verbPatience = 3 * time.Second
)

func (a *app) serve() *cobra.Command {
	var (
		listen, level string
		noSchedule    bool
		safe          safety
	)
	c := a.opens(a.verb("serve", 0, 0, func(c *cobra.Command, _ []string) error {
		var l slog.Level
		if err := l.UnmarshalText([]byte(level)); err != nil {
			return fault.New("cli_log_level", "level", level).Permanent()
		}
		a.verbose = true
		ctx := c.Context()
		cfg := server.Config{Data: a.data, Files: a.files, Wide: a.wide, Listen: listen, Control: true,
			Sandbox: a.sandbox, Schedule: !noSchedule, Version: version, Log: a.logger(l), Lang: a.lang}
		safe.into(&cfg)
		s, err := server.Open(ctx, cfg)
		if err != nil {
			return err
		}
		if err := a.ready(s, "serve ready"); err != nil {
			return errors.Join(err, a.drain(ctx, s, patience))
		}
		return a.untilTold(ctx, s)
	}))
	f := c.Flags()
	f.StringVar(&listen, "listen", "127.0.0.1:8080", "")
	f.StringVar(&level, "log-level", "info", "")
	f.BoolVar(&noSchedule, "no-schedule", false, "")
	f.BoolVar(&a.wide, "wide", false, "")
	safe.flags(f)
	return c
}

// safety is how others than this machine may reach the server.
type safety struct {
	cert, key string
	proxied   bool
	names     []string
}

func (s *safety) flags(f *pflag.FlagSet) {
	f.StringVar(&s.cert, "tls-cert", "", "")
	f.StringVar(&s.key, "tls-key", "", "")
	f.BoolVar(&s.proxied, "behind-proxy", false, "")
	f.StringArrayVar(&s.names, "public-host", nil, "")
}

func (s *safety) into(cfg *server.Config) {
	cfg.TLSCert, cfg.TLSKey, cfg.BehindProxy, cfg.PublicHosts = s.cert, s.key, s.proxied, s.names
}

// ready tells where a server is found, with a link that signs a browser in once.
func (a *app) ready(s *server.Server, words string) error {
	if a.json {
		return json.NewEncoder(a.stdout).Encode(map[string]string{"address": s.Addr(), "data": a.data, "url": s.Link()})
	}
	_, err := fmt.Fprintln(a.stdout, a.say(words, "url", s.URL(), "link", s.Link(), "data", a.data))
	return err
}

// untilTold serves until the program is told to stop, or the server fails.
func (a *app) untilTold(ctx context.Context, s *server.Server) error {
	select {
	case <-ctx.Done():
		a.note("serve stops")
		return a.drain(ctx, s, patience)
	case err := <-s.Failed():
		// After a failure of the disk the close says that failure again, which is
		// said once; anything else that it says is news.
		if again := a.drain(ctx, s, patience); fault.CodeOf(again) != fault.CodeOf(err) {
			return errors.Join(err, again)
		}
		return err
	}
}

// drain closes a server, giving sessions at work the time to end.
func (a *app) drain(ctx context.Context, s *server.Server, most time.Duration) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), most)
	defer cancel()
	return s.Close(ctx)
}
