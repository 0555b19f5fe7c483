package main

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/server"
)

// manySlots is how many slots a backfill may have before a person at a terminal
// is asked.
const manySlots = 14

// span is a range of slots to run.
type span struct {
	server.Backfill
	yes bool
}

func (s *span) flags(f *pflag.FlagSet) {
	f.StringVar(&s.From, "from", "", "")
	f.StringVar(&s.To, "to", "", "")
	f.StringVar(&s.Only, "only", "", "")
	f.BoolVar(&s.DryRun, "dry-run", false, "")
	f.BoolVar(&s.yes, "yes", false, "")
}

// check refuses what makes no sense beside the flag --slot.
func (s *span) check(slot string) error {
	switch {
	case s.From != "" && slot != "":
		return fault.New("cli_slot_or_range").Permanent()
	case s.From == "" && (s.To != "" || s.Only != "" || s.DryRun || s.yes):
		return fault.New("cli_range_from").Permanent()
	case s.Only != "" && s.Only != server.BackfillMissing && s.Only != server.BackfillFailed && s.Only != server.BackfillAll:
		return fault.New("cli_range_only", "given", s.Only).Permanent()
	}
	return nil
}

// backfill makes a run of each slot of the range and, unless told not to, waits
// for all of them. Its exit code is the worst of theirs.
func (a *app) backfill(ctx context.Context, l *link, in server.StartRun, s span, noWait bool) error {
	ask := s.Backfill
	ask.Doc, ask.Params, ask.By = in.Doc, in.Params, in.By
	flow := in.Flow
	if ask.Doc != nil {
		f, err := flows.Parse(ask.Doc)
		if err != nil {
			return err
		}
		flow = f.ID
	}
	path := at("flows", flow, "backfill")
	ask.DryRun = true
	plan, err := post[server.Backfilled](ctx, l, path, ask)
	if err != nil {
		return err
	}
	if s.DryRun {
		return a.answer(plan, func() { a.showPlan(plan, true) })
	}
	if !a.json {
		a.showPlan(plan, false)
	}
	if len(plan.Slots) == 0 {
		return a.answer(plan, func() {})
	}
	if len(plan.Slots) > manySlots && !s.yes {
		if err := a.confirm(a.say("backfill sure", "count", len(plan.Slots))); err != nil {
			return err
		}
	}
	ask.DryRun = false
	made, err := post[server.Backfilled](ctx, l, path, ask)
	if err != nil {
		return err
	}
	var all []*runs.Run
	for _, slot := range made.Slots {
		if noWait {
			if !a.json {
				fmt.Fprintln(a.stdout, slot.Run)
			}
			continue
		}
		v, err := a.follow(ctx, l, slot.Run)
		if err != nil {
			return err
		}
		a.code = worse(a.code, exitOfState(v.Run.State))
		all = append(all, v.Run)
		if !a.json {
			a.tellRun(v.Run)
		}
	}
	if made.Failure != nil {
		return made.Failure.Err()
	}
	if a.json && !noWait {
		return a.answer(map[string]any{"runs": all, "left_out": made.LeftOut}, nil)
	}
	return a.answer(made, func() {
		if !noWait {
			good := 0
			for _, r := range all {
				if r.State == runs.Success {
					good++
				}
			}
			a.print("backfill done", "count", len(all), "good", good)
		}
	})
}

// tellRun prints a run that has ended in one line, with its reason if it is not
// as it should be.
func (a *app) tellRun(r *runs.Run) {
	line := fmt.Sprintf("%s  %s  %-8s  %s", r.Slot, r.ID, r.State,
		a.say("backfill run", "rows", count(r.Committed().Rows), "balance", orDefault(r.Balance, "-"), "took", lasted(r, r.Finished)))
	if r.Why != "" {
		line += "  " + a.reason(r.Note, r.Why)
	}
	fmt.Fprintln(a.stdout, line)
}

// showPlan tells how many slots there are, which, how many are left out, and
// what the runs are likely to read.
func (a *app) showPlan(p *server.Backfilled, dry bool) {
	if len(p.Slots) == 0 {
		a.print("backfill none", "left", len(p.LeftOut))
		return
	}
	a.print("backfill plan", "flow", p.Flow, "count", len(p.Slots), "first", p.Slots[0].Slot, "last", p.Slots[len(p.Slots)-1].Slot, "left", len(p.LeftOut))
	n := int64(len(p.Slots))
	switch e := p.Estimate; {
	case e == nil:
		a.print("backfill unknown")
	case e.Reads+e.Tokens > 0:
		a.print("backfill reads", "reads", count(n*e.Reads), "tokens", count(n*e.Tokens), "run", e.Run)
	default:
		a.print("backfill rows", "rows", count(n*e.Rows), "run", e.Run)
	}
	if dry {
		t := &columns{}
		for _, s := range p.Slots {
			t.row("  "+s.Slot, string(s.State))
		}
		fmt.Fprint(a.stdout, t)
	}
}

// exitOfState returns the exit code of a run that ended in a state.
func exitOfState(s runs.State) int {
	switch s {
	case runs.Success:
		return 0
	case runs.Partial:
		return exitPartial
	}
	return exitFailed
}

// worse returns the worse of two exit codes of runs: failed, partial, success.
func worse(a, b int) int {
	rank := map[int]int{0: 0, exitPartial: 1, exitFailed: 2}
	if cmp.Compare(rank[a], rank[b]) >= 0 {
		return a
	}
	return b
}

// confirm asks a person at a terminal; where there is none it goes on, for
// scripts.
func (a *app) confirm(question string) error {
	if !a.atTerminal() {
		return nil
	}
	fmt.Fprint(a.stderr, question+" ")
	line, err := bufio.NewReader(a.stdin).ReadString('\n')
	switch answer := strings.ToLower(strings.TrimSpace(line)); {
	case err == nil && (answer == "y" || answer == "yes" || answer == "예" || answer == "네"):
		return nil
	}
	return fault.New("cli_not_confirmed").Permanent()
}

// atTerminal reports whether a person sits at the input.
func (a *app) atTerminal() bool {
	if a.terminal != nil {
		return a.terminal()
	}
	f, ok := a.stdin.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
