package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/server"
)

func (a *app) parked() *cobra.Command {
	return a.group("parked", a.parkedLs(), a.parkedShow(), a.parkedSettle("retry"), a.parkedSettle("discard"))
}

func (a *app) parkedLs() *cobra.Command {
	var limit int
	c := a.verb("ls RUN", 1, 1, func(c *cobra.Command, args []string) error {
		return a.with(c.Context(), refuse, func(l *link) error {
			list, err := get[server.ParkedList](c.Context(), l, query(at("runs", args[0], "parked"), "limit", strconv.Itoa(limit)))
			if err != nil {
				return err
			}
			return a.answer(list, func() {
				if len(list.Parked) == 0 {
					a.print("parked none", "run", args[0])
					return
				}
				t := &columns{right: map[int]bool{3: true, 4: true}}
				t.row(a.heads("id", "connection", "since", "tries", "rows", "why")...)
				for _, p := range list.Parked {
					t.row(p.ID, p.Conn, moment(p.At, time.Local), strconv.Itoa(int(p.Attempts)), some(max(p.Rows, 0)), cut(a.reason(p.Note, p.Cause), 100)+" ["+p.Code+"]")
				}
				fmt.Fprint(a.stdout, t)
			})
		})
	})
	c.Flags().IntVar(&limit, "limit", 100, "")
	return c
}

func (a *app) parkedShow() *cobra.Command {
	var content bool
	c := a.verb("show RUN ID", 2, 2, func(c *cobra.Command, args []string) error {
		return a.with(c.Context(), refuse, func(l *link) error {
			if content {
				return l.Copy(c.Context(), "GET", at("runs", args[0], "parked", args[1], "content"), nil, a.stdout)
			}
			p, err := get[server.ParkedView](c.Context(), l, at("runs", args[0], "parked", args[1]))
			if err != nil {
				return err
			}
			return a.answer(p, func() {
				t := &columns{}
				for _, kv := range [][2]string{{"id", p.ID}, {"connection", p.Conn}, {"since", moment(p.At, time.Local)},
					{"tries", strconv.Itoa(int(p.Attempts))}, {"rows", count(p.Rows)}, {"size", size(p.Size)}, {"origin", p.Origin},
					{"why", a.reason(p.Note, p.Cause) + " [" + p.Code + "]"}} {
					t.row(a.say("column "+kv[0]), kv[1])
				}
				for _, k := range slices.Sorted(maps.Keys(p.Attrs)) {
					t.row("${"+k+"}", p.Attrs[k])
				}
				fmt.Fprint(a.stdout, t)
			})
		})
	})
	c.Flags().BoolVar(&content, "content", false, "")
	return c
}

// parkedSettle is the verb that retries or discards parked FlowFiles.
func (a *app) parkedSettle(what string) *cobra.Command {
	var all bool
	c := a.opens(a.verb(what+" RUN [ID...]", 1, -1, func(c *cobra.Command, args []string) error {
		if all == (len(args) > 1) {
			return fault.New("cli_parked_which", "verb", what, "run", args[0]).Permanent()
		}
		return a.with(c.Context(), refuse, func(l *link) error {
			v, err := post[server.RunView](c.Context(), l, at("runs", args[0], "parked", what), server.SettleParked{IDs: args[1:], By: who()})
			if err != nil {
				return err
			}
			if l.alone && !v.Run.State.Terminal() {
				return a.started(c.Context(), l, v, false)
			}
			return a.answer(v, func() { a.print("run is", "run", v.Run.ID, "state", v.Run.State) })
		})
	}))
	c.Flags().BoolVar(&all, "all", false, "")
	return c
}
