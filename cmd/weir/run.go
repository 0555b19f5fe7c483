package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/server"
)

func (a *app) run() *cobra.Command {
	return a.group("run", a.runStart(), a.runLs(), a.runShow(), a.runWhy(), a.runLogs(), a.runWait(), a.runCancel(),
		a.runResume(), a.runRerun(), a.runTerminate())
}

// who names the person for the audit trail.
func who() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return "cli"
}

// waiting adds the flags of verbs that wait for a run unless told not to.
func (a *app) waiting(c *cobra.Command, noWait *bool) *cobra.Command {
	c.Flags().BoolVar(noWait, "no-wait", false, "")
	return a.opens(c)
}

func (a *app) runStart() *cobra.Command {
	var (
		file, slot, paramFile string
		params                []string
		noWait, wait          bool
		span                  span
	)
	c := a.waiting(a.verb("start [FLOW]", 0, 1, func(c *cobra.Command, args []string) error {
		if (len(args) == 1) == (file != "") {
			return fault.New("cli_flow_or_file").Permanent()
		}
		if err := span.check(slot); err != nil {
			return err
		}
		in := server.StartRun{Slot: slot, By: who()}
		var err error
		if in.Params, err = readParams(params, paramFile); err != nil {
			return err
		}
		missing := refuse
		a.flowOf = file
		if file != "" {
			missing = create
			if in.Doc, err = a.flowFile(file); err != nil {
				return err
			}
		} else {
			in.Flow = args[0]
		}
		return a.with(c.Context(), missing, func(l *link) error {
			if l.alone && noWait {
				return fault.New("cli_nobody_to_work").Permanent()
			}
			if span.From != "" {
				span.again = a.own() + " run start " + again(c, args, "from", "to", "yes", "json")
				return a.backfill(c.Context(), l, in, span, noWait)
			}
			v, err := post[server.RunView](c.Context(), l, at("runs"), in)
			if err != nil {
				return err
			}
			return a.started(c.Context(), l, v, noWait)
		})
	}), &noWait)
	f := c.Flags()
	f.StringVar(&file, "file", "", "")
	f.StringVar(&slot, "slot", "", "")
	f.StringArrayVar(&params, "param", nil, "")
	f.StringVar(&paramFile, "params", "", "")
	span.flags(f)
	f.BoolVar(&noWait, "detach", false, "")
	f.BoolVar(&wait, "wait", false, "") // it waits in any case; for those who write it out
	return c
}

// flowFile reads a flow file whose problems, if any, are told before anything
// is opened; "-" is the standard input.
func (a *app) flowFile(path string) (json.RawMessage, error) {
	b, err := a.read(path)
	if err != nil {
		return nil, err
	}
	if err := checkFlow(b); err != nil {
		return nil, err
	}
	return b, nil
}

// readParams joins the parameters of a file, a JSON object, and those given one
// by one, which win.
func readParams(given []string, file string) (map[string]string, error) {
	out := map[string]string{}
	if file != "" {
		b, err := os.ReadFile(file)
		if err != nil {
			return nil, unreadable(file, err)
		}
		var values map[string]any
		if err := json.Unmarshal(b, &values); err != nil {
			return nil, fault.New("cli_params_file", "file", file).Because(err).Permanent()
		}
		for k, v := range values {
			switch v := v.(type) {
			case string:
				out[k] = v
			case bool:
				out[k] = strconv.FormatBool(v)
			case float64:
				out[k] = strconv.FormatFloat(v, 'f', -1, 64)
			default:
				return nil, fault.New("cli_params_file", "file", file).Because(fmt.Errorf("%s is neither text, number nor bool", k)).Permanent()
			}
		}
	}
	for _, g := range given {
		k, v, ok := strings.Cut(g, "=")
		if !ok || k == "" {
			return nil, fault.New("cli_param", "param", g).Permanent()
		}
		out[k] = v
	}
	return out, nil
}

// unreadable tells why a file that a person named cannot be read.
func unreadable(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fault.New("cli_file_missing", "file", path).Permanent()
	}
	return fault.New("cli_file_unreadable", "file", path).Because(err).Permanent()
}

func (a *app) runLs() *cobra.Command {
	var limit int
	c := a.verb("ls [FLOW]", 0, 1, func(c *cobra.Command, args []string) error {
		flow := ""
		if len(args) == 1 {
			flow = args[0]
		}
		return a.with(c.Context(), refuse, func(l *link) error {
			list, err := get[server.RunList](c.Context(), l, query(at("runs"), "flow", flow, "limit", strconv.Itoa(limit)))
			if err != nil {
				return err
			}
			return a.answer(list, func() { a.showRuns(list.Runs) })
		})
	})
	c.Flags().IntVar(&limit, "limit", 20, "")
	return c
}

func (a *app) showRuns(list []*runs.Run) {
	if len(list) == 0 {
		a.print("run none")
		return
	}
	t := &columns{right: map[int]bool{5: true, 7: true}}
	t.row(a.heads("run", "flow", "slot", "state", "balance", "rows", "begun", "took")...)
	for _, r := range list {
		slot := r.Slot
		if r.Generation > 1 {
			slot += " #" + strconv.Itoa(int(r.Generation))
		}
		state := string(r.State)
		if _, yes := r.Provisional(); yes {
			state += " " + a.say("run provisional short")
		}
		t.row(r.ID, r.Flow, slot, state, orDefault(r.Balance, "·"), some(r.Committed().Rows), moment(r.Started, zoneOf(r)), lasted(r, time.Now()))
	}
	fmt.Fprint(a.stdout, t)
}

// heads are the titles of columns.
func (a *app) heads(keys ...string) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = a.say("column " + k)
	}
	return out
}

// lasted tells how long a run has taken, up to now if it has not ended.
func lasted(r *runs.Run, now time.Time) string {
	switch {
	case r.Started.IsZero():
		return "·"
	case r.Finished.IsZero():
		return took(now.Sub(r.Started))
	}
	return took(r.Finished.Sub(r.Started))
}

func (a *app) runShow() *cobra.Command {
	return a.verb("show RUN", 1, 1, func(c *cobra.Command, args []string) error {
		return a.with(c.Context(), refuse, func(l *link) error {
			v, err := get[server.RunView](c.Context(), l, at("runs", args[0]))
			if err != nil {
				return err
			}
			return a.answer(v, func() {
				a.showRun(v)
				a.orphan(l, v)
			})
		})
	})
}

// orphan says that nobody works on a run that has not ended.
func (a *app) orphan(l *link, v *server.RunView) {
	if l.alone && !v.Run.State.Terminal() {
		a.note("run orphan", "run", v.Run.ID)
	}
}

func (a *app) runWhy() *cobra.Command {
	return a.verb("why RUN", 1, 1, func(c *cobra.Command, args []string) error {
		return a.with(c.Context(), refuse, func(l *link) error {
			v, err := get[server.RunView](c.Context(), l, at("runs", args[0]))
			if err != nil {
				return err
			}
			waits := v.Waits
			if waits == nil {
				waits = []runs.Blocker{}
			}
			return a.answer(map[string]any{"id": v.Run.ID, "state": v.Run.State, "waits": waits}, func() {
				a.showWaits(v)
				a.orphan(l, v)
			})
		})
	})
}

func (a *app) runLogs() *cobra.Command {
	return a.verb("logs RUN", 1, 1, func(c *cobra.Command, args []string) error {
		return a.with(c.Context(), refuse, func(l *link) error {
			if a.json {
				return l.Copy(c.Context(), "GET", at("runs", args[0], "logs"), nil, a.stdout)
			}
			w := &logLines{w: a.stdout}
			if err := l.Copy(c.Context(), "GET", at("runs", args[0], "logs"), nil, w); err != nil {
				return err
			}
			return w.flush()
		})
	})
}

func (a *app) runWait() *cobra.Command {
	return a.opens(a.verb("wait RUN", 1, 1, func(c *cobra.Command, args []string) error {
		return a.with(c.Context(), refuse, func(l *link) error {
			v, err := a.follow(c.Context(), l, args[0])
			if err != nil {
				return err
			}
			return a.ended(v)
		})
	}))
}

func (a *app) runCancel() *cobra.Command {
	return a.verb("cancel RUN", 1, 1, func(c *cobra.Command, args []string) error {
		return a.with(c.Context(), refuse, func(l *link) error {
			v, err := post[server.RunView](c.Context(), l, at("runs", args[0], "cancel"), server.ByWhom{By: who()})
			if err == nil && !v.Run.State.Terminal() {
				v, err = a.follow(c.Context(), l, v.Run.ID)
			}
			if err != nil {
				return err
			}
			return a.answer(v, func() { a.print("run is", "run", v.Run.ID, "state", v.Run.State) })
		})
	})
}

func (a *app) runRerun() *cobra.Command {
	var noWait bool
	return a.waiting(a.verb("rerun RUN", 1, 1, func(c *cobra.Command, args []string) error {
		return a.with(c.Context(), refuse, func(l *link) error {
			if l.alone && noWait {
				return fault.New("cli_nobody_to_work").Permanent()
			}
			v, err := post[server.RunView](c.Context(), l, at("runs", args[0], "rerun"), server.ByWhom{By: who()})
			if err != nil {
				return err
			}
			return a.started(c.Context(), l, v, noWait)
		})
	}), &noWait)
}

func (a *app) runTerminate() *cobra.Command {
	return a.verb("terminate RUN NODE", 2, 2, func(c *cobra.Command, args []string) error {
		return a.with(c.Context(), refuse, func(l *link) error {
			v, err := post[server.RunView](c.Context(), l, at("runs", args[0], "nodes", args[1], "terminate"), nil)
			if err != nil {
				return err
			}
			return a.answer(v, func() { a.print("run terminated", "node", args[1], "run", v.Run.ID) })
		})
	})
}
