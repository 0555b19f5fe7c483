package main

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/server"
	"github.com/weirflow/weir/web"
)

// absent says what a verb does about a data directory that does not exist.
type absent int

const (
	refuse absent = iota // say so
	create               // make one
	borrow               // work in a temporary one, which is removed
)

// link is a client with what must be closed behind it.
type link struct {
	*web.Client
	// alone is true when this process has opened the data directory.
	alone bool
	close func() error
}

// with gives use a client: of the server that was named, else of the one that
// holds the data directory, else of the directory opened here.
func (a *app) with(ctx context.Context, missing absent, use func(*link) error) error {
	l, err := a.connect(ctx, missing)
	if err != nil {
		return err
	}
	return errors.Join(a.ofServer(use(l)), l.close())
}

// ofServer tells a failure of the connection in terms of the flag --server.
func (a *app) ofServer(err error) error {
	switch f := fault.As(err); {
	case f == nil || a.server == "":
		return err
	case f.Code == "server_unreachable":
		return fault.New("server_unreachable", "address", a.server).Because(f.Cause)
	}
	return err
}

func (a *app) connect(ctx context.Context, missing absent) (*link, error) {
	nothing := func() error { return nil }
	if a.server != "" {
		if path, ok := strings.CutPrefix(a.server, "unix:"); ok {
			return &link{Client: web.DialSocket(path), close: nothing}, nil
		}
		u, err := url.Parse(a.server)
		if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			return nil, fault.New("cli_server_url", "url", a.server).Permanent()
		}
		return &link{Client: web.Dial(strings.TrimRight(a.server, "/"), a.token), close: nothing}, nil
	}
	// A server that is just coming up holds the directory before its socket is
	// there, and another verb holds it for a moment only: both are waited for.
	patience := time.NewTimer(server.LockPatience)
	defer patience.Stop()
	for {
		l, err := a.join(ctx, missing)
		if l != nil || fault.CodeOf(err) != "store_locked" {
			return l, err
		}
		again := time.NewTimer(lockPoll)
		select {
		case <-again.C:
		case <-patience.C:
			again.Stop()
			return nil, err
		case <-ctx.Done():
			again.Stop()
			return nil, context.Cause(ctx)
		}
	}
}

// lockPoll is how often a directory that another process holds is looked at.
const lockPoll = 50 * time.Millisecond

// join connects to the server that holds the data directory, or opens it here.
func (a *app) join(ctx context.Context, missing absent) (*link, error) {
	nothing := func() error { return nil }
	if h, held := server.HeldBy(a.data); held && h.Socket != "" {
		if a.files != "" || a.sandbox != "" {
			a.note("flags of server")
		}
		return &link{Client: web.DialSocket(h.Socket), close: nothing}, nil
	}
	data, done := a.data, nothing
	if _, err := os.Stat(data); errors.Is(err, fs.ErrNotExist) {
		switch missing {
		case refuse:
			return nil, fault.New("cli_no_data", "dir", data).Permanent()
		case borrow:
			if data, err = os.MkdirTemp("", "weir-"); err != nil {
				return nil, err
			}
			done = func() error { return os.RemoveAll(data) }
		}
	}
	s, err := server.Open(ctx, server.Config{Data: data, Files: a.files, Wide: a.wide, Sandbox: a.sandbox, Alone: true,
		Version: version, Log: a.logger(slog.LevelInfo), Lang: a.lang, Dial: a.dial, Roots: a.roots})
	if err != nil {
		return nil, errors.Join(err, done())
	}
	return &link{Client: s.Client(), alone: true, close: func() error { return errors.Join(a.drain(ctx, s, verbPatience), done()) }}, nil
}

// logger writes to the error output where --verbose asks for it.
func (a *app) logger(level slog.Level) *slog.Logger {
	if !a.verbose {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(a.stderr, &slog.HandlerOptions{Level: level}))
}

// opens adds the flags that matter where a verb opens the data directory.
func (a *app) opens(c *cobra.Command) *cobra.Command {
	c.Flags().StringVar(&a.files, "files", "", "")
	c.Flags().StringVar(&a.sandbox, "sandbox", "", "")
	return c
}

// get, post and the like perform an operation and return its output.
func get[Out any](ctx context.Context, l *link, path string) (*Out, error) {
	out := new(Out)
	return out, l.Call(ctx, http.MethodGet, path, nil, out)
}

func post[Out any](ctx context.Context, l *link, path string, in any) (*Out, error) {
	out := new(Out)
	return out, l.Call(ctx, http.MethodPost, path, in, out)
}

// at builds a path of the API from its parts.
func at(parts ...string) string {
	var b strings.Builder
	b.WriteString("/api/v1")
	for _, p := range parts {
		b.WriteByte('/')
		b.WriteString(url.PathEscape(p))
	}
	return b.String()
}

// query adds a query of pairs to a path, leaving out what is empty.
func query(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" && pairs[i+1] != "0" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}
