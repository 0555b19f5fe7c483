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
	yes, keepGoing bool
	// again is the verb with its flags but those of the range, to be told to a
	// person who goes on later.
	again string
}

func (s *span) flags(f *pflag.FlagSet) {
	f.StringVar(&s.From, "from", "", "")
	f.StringVar(&s.To, "to", "", "")
	f.StringVar(&s.Only, "only", "", "")
	f.BoolVar(&s.DryRun, "dry-run", false, "")
	f.BoolVar(&s.yes, "yes", false, "")
	f.BoolVar(&s.keepGoing, "keep-going", false, "")
}

// check refuses what makes no sense beside the flag --slot.
func (s *span) check(slot string) error {
	switch {
	case s.From != "" && slot != "":
		return fault.New("cli_slot_or_range").Permanent()
	case s.From == "" && (s.To != "" || s.Only != "" || s.DryRun || s.yes || s.keepGoing):
		return fault.New("cli_range_from").Permanent()
	case s.Only != "" && s.Only != server.BackfillMissing && s.Only != server.BackfillFailed && s.Only != server.BackfillAll:
		return fault.New("cli_range_only", "given", s.Only).Permanent()
	}
	return nil
}

// backfill makes a run of each slot of the range and, unless told not to, waits
// for all of them. Its exit code is the worst of theirs. One that fails is the
// last, for what is wrong with the flow is wrong with every slot, and a read may
// be billed.
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
	if noWait {
		made, err := post[server.Backfilled](ctx, l, path, ask)
		if err != nil {
			return err
		}
		if !a.json {
			for _, slot := range made.Slots {
				fmt.Fprintln(a.stdout, slot.Run)
			}
		}
		if made.Failure != nil {
			return made.Failure.Err()
		}
		return a.answer(made, func() {})
	}
	return a.oneByOne(ctx, l, path, ask, plan, s)
}

// oneByOne makes the runs of a plan, each when the one before it has ended.
func (a *app) oneByOne(ctx context.Context, l *link, path string, ask server.Backfill, plan *server.Backfilled, s span) error {
	var (
		all     []*runs.Run
		left    = plan.LeftOut
		planned = plan.Slots
		broken  *runs.Run
	)
	for len(planned) > 0 && (broken == nil || s.keepGoing) {
		ask.From, ask.To = planned[0].Slot, planned[0].Slot
		made, err := post[server.Backfilled](ctx, l, path, ask)
		if err != nil {
			return err
		}
		if made.Failure != nil {
			return made.Failure.Err()
		}
		planned, left = planned[1:], append(left, made.LeftOut...)
		for _, slot := range made.Slots {
			v, err := a.follow(ctx, l, slot.Run)
			if err != nil {
				return err
			}
			code := exitOfState(v.Run.State)
			a.code = worse(a.code, code)
			if code == exitFailed && broken == nil {
				broken = v.Run
			}
			all = append(all, v.Run)
			if !a.json {
				a.tellRun(v.Run)
			}
		}
	}
	if a.json {
		out := map[string]any{"runs": all, "left_out": left}
		if len(planned) > 0 {
			out["not_begun"] = planned
		}
		return a.answer(out, nil)
	}
	good := 0
	for _, r := range all {
		if r.State == runs.Success {
			good++
		}
	}
	a.print("backfill done", "count", len(all), "good", good)
	if broken != nil {
		a.print("run go on", "command", a.resumeCommand(broken))
	}
	if len(planned) > 0 {
		first, last := planned[0].Slot, planned[len(planned)-1].Slot
		a.print("backfill stopped", "count", len(planned), "first", first, "last", last, "state", broken.State, "run", broken.ID,
			"command", s.again+" --from "+first+" --to "+last)
	}
	return nil
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
	left := ""
	if n := len(p.LeftOut); n > 0 {
		left = a.say("backfill left", "count", n)
	}
	a.print("backfill plan", "flow", p.Flow, "count", len(p.Slots), "first", p.Slots[0].Slot, "last", p.Slots[len(p.Slots)-1].Slot, "left", left)
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
