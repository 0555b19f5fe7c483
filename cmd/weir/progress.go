package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"time"

	"golang.org/x/term"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/server"
)

// How often progress is looked at, and told where no terminal shows it.
const (
	lookEvery = time.Second
	tellEvery = 10 * time.Second
)

// overwrites tells of an output of the slot that the run replaces, or may.
func (a *app) overwrites(o server.Overwrite) {
	words := "run overwrites"
	if o.Maybe {
		words = "run may overwrite"
	}
	a.note(words, "key", o.Key, "rows", count(o.Rows), "run", o.Run)
}

// started tells of a run that was made and, unless told not to, waits for it.
func (a *app) started(ctx context.Context, l *link, v *server.RunView, noWait bool) error {
	if !a.json {
		r := v.Run
		a.note("run begun", "flow", r.Flow, "slot", orDefault(r.Slot, "-"), "run", r.ID, "generation", r.Generation)
		for _, o := range v.Overwrites {
			a.overwrites(o)
		}
	}
	if noWait {
		return a.answer(v, func() { fmt.Fprintln(a.stdout, v.Run.ID) })
	}
	v, err := a.follow(ctx, l, v.Run.ID)
	if err != nil {
		return err
	}
	return a.ended(v)
}

// ended shows a run that has ended and sets the exit code.
func (a *app) ended(v *server.RunView) error {
	a.code = exitOfState(v.Run.State)
	return a.answer(v, func() {
		a.showRun(v)
		if v.Run.State == runs.Failed {
			a.print("run go on", "command", a.resumeCommand(v.Run))
		}
	})
}

// follow waits for a run's end and shows its progress meanwhile.
func (a *app) follow(ctx context.Context, l *link, id string) (*server.RunView, error) {
	p := a.progress()
	defer p.end()
	for {
		v, err := get[server.RunView](ctx, l, query(at("runs", id, "wait"), "seconds", strconv.Itoa(int(lookEvery/time.Second))))
		switch {
		case ctx.Err() != nil:
			if l.alone {
				return nil, fault.New("cli_interrupted", "run", id, "data", a.data)
			}
			return nil, fault.New("cli_interrupted_goes_on", "run", id, "data", a.data)
		case err != nil:
			return nil, err
		case v.Run.State.Terminal():
			return v, nil
		}
		p.show(v)
	}
}

// progress is one line on a terminal, or now and then a line elsewhere.
type progress struct {
	a      *app
	width  int // of the terminal; zero when there is none
	shown  bool
	state  runs.State
	told   time.Time
	rows   int64
	at     time.Time
	rate   float64
	silent bool
}

func (a *app) progress() *progress {
	p := &progress{a: a, silent: a.json}
	if f, ok := a.stderr.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		if w, _, err := term.GetSize(int(f.Fd())); err == nil {
			p.width, p.silent = max(w, 40), false
		}
	}
	return p
}

func (p *progress) show(v *server.RunView) {
	now := time.Now()
	rows := sourceRows(v)
	since, before := p.at, p.rows
	if since.IsZero() {
		since = v.Run.Started
	}
	if !since.IsZero() && now.After(since) {
		p.rate = float64(rows-before) / now.Sub(since).Seconds()
	}
	p.rows, p.at = rows, now
	if p.silent {
		return
	}
	line := p.a.say("progress", "state", v.Run.State, "took", lasted(v.Run, now), "rows", count(rows), "rate", count(int64(p.rate)))
	if v.Trouble != nil {
		line += " · " + p.a.cannotBegin(v)
	} else if t := trouble(v); len(t) > 0 {
		line += " · " + p.a.say("run trouble", "node", t[0], "error", p.a.reason(v.Nodes[t[0]].Note, v.Nodes[t[0]].Error))
	} else if len(v.Waits) > 0 {
		line += " · " + v.Waits[0].Text(p.a.lang)
	}
	switch {
	case p.width > 0:
		fmt.Fprintf(p.a.stderr, "\r%s\x1b[K", cut(line, p.width-1))
		p.shown = true
	case v.Run.State != p.state || now.Sub(p.told) >= tellEvery:
		fmt.Fprintln(p.a.stderr, line)
		p.told = now
	}
	p.state = v.Run.State
}

// trouble names the nodes whose last session failed, though they go on trying.
func trouble(v *server.RunView) []string {
	var out []string
	for _, node := range slices.Sorted(maps.Keys(v.Nodes)) {
		if v.Nodes[node].Code != "" {
			out = append(out, node)
		}
	}
	return out
}

// end clears the line.
func (p *progress) end() {
	if p.shown {
		fmt.Fprint(p.a.stderr, "\r\x1b[K")
	}
}

// sourceRows returns what the sources of a run have read so far.
func sourceRows(v *server.RunView) int64 {
	var n int64
	for _, b := range v.Balance {
		if b.Law == runs.LawSource {
			n += max(b.Read.Rows, b.Out.Rows)
		}
	}
	return n
}
