package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/server"
)

// rehearsal is one call of `weir flow test`.
type rehearsal struct {
	fixtures, slot, paramFile string
	params                    []string
	update, strict            bool
	timeout                   time.Duration
}

// tested is what a test of a flow has found.
type tested struct {
	Flow    string `json:"flow"`
	Slot    string `json:"slot"`
	State   string `json:"state"`
	Balance string `json:"balance,omitempty"`
	// Equal says that every output is what was expected.
	Equal   bool           `json:"equal"`
	Outputs []testedOutput `json:"outputs"`
	// Unlisted are outputs that nothing was expected of.
	Unlisted []string `json:"unlisted,omitempty"`
	// Updated are the files of expected/ that were written anew.
	Updated []string `json:"updated,omitempty"`

	why string // of a run that did not end well
}

// testedOutput is one output, compared.
type testedOutput struct {
	Output string `json:"output"`
	// Rows are those that came out.
	Rows  int  `json:"rows"`
	Equal bool `json:"equal"`
	// Differences are the first ones, of Total.
	Differences []difference `json:"differences,omitempty"`
	Total       int          `json:"total,omitempty"`

	bytes bool // compared as they are, not as a table
}

// found keeps the first differences.
func (o *testedOutput) found(d []difference) {
	o.Total, o.Equal = len(d), len(d) == 0
	o.Differences = d[:min(len(d), mostDifferences)]
}

func (a *app) flowTest() *cobra.Command {
	var r rehearsal
	c := a.verb("test FLOW|FILE", 1, 1, func(c *cobra.Command, args []string) error {
		doc, err := a.flowDoc(c.Context(), args[0])
		if err != nil {
			return err
		}
		given, err := readParams(r.params, r.paramFile)
		if err != nil {
			return err
		}
		t, err := a.rehearse(c.Context(), r, doc, given)
		if err != nil {
			return err
		}
		if !t.Equal || r.strict && len(t.Unlisted) > 0 {
			a.code = exitFailed
		}
		return a.answer(t, func() { a.showTested(t, r.fixtures) })
	})
	f := c.Flags()
	f.StringVar(&r.fixtures, "fixtures", "", "")
	f.StringVar(&r.slot, "slot", "", "")
	f.StringArrayVar(&r.params, "param", nil, "")
	f.StringVar(&r.paramFile, "params", "", "")
	f.BoolVar(&r.update, "update", false, "")
	f.BoolVar(&r.strict, "strict", false, "")
	f.DurationVar(&r.timeout, "timeout", 2*time.Minute, "")
	return c
}

// flowDoc reads a flow file, or the version in force of a flow of the store.
func (a *app) flowDoc(ctx context.Context, arg string) ([]byte, error) {
	slug, doc, err := a.flowOrFile(arg)
	if err != nil || doc != nil {
		return doc, err
	}
	err = a.with(ctx, refuse, func(l *link) error {
		d, err := get[server.FlowDoc](ctx, l, at("flows", slug))
		if err == nil {
			doc = d.Doc
		}
		return err
	})
	return doc, err
}

// rehearse runs a flow on the fixtures and compares what comes out.
func (a *app) rehearse(ctx context.Context, r rehearsal, doc []byte, given map[string]string) (t *tested, err error) {
	if r.fixtures == "" {
		return nil, fault.New("flow_test_no_dir").Permanent()
	}
	fix, err := readFixture(r.fixtures)
	if err != nil {
		return nil, err
	}
	want, err := fix.expectations()
	if err != nil {
		return nil, err
	}
	if want.empty() && !r.update {
		return nil, fault.New("flow_test_nothing", "dir", r.fixtures).Permanent()
	}
	f, err := flows.Parse(doc)
	if err != nil {
		return nil, err
	}
	cfg, err := fix.sandbox()
	if err != nil {
		return nil, err
	}
	params := maps.Clone(fix.Params)
	if params == nil {
		params = map[string]string{}
	}
	maps.Copy(params, given)
	resolved, err := f.ResolveParams(params)
	if err != nil {
		return nil, err
	}
	if err := rehearse(f, resolved, &cfg); err != nil {
		return nil, err
	}
	start := server.StartRun{Slot: r.slot, Params: params, By: who()}
	if start.Slot == "" {
		start.Slot = fix.Slot
	}
	clock, err := fix.clock(f, start.Slot)
	if err != nil {
		return nil, err
	}
	if start.Doc, err = f.Canonical(); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "weir-test-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	cfg.Now = clock
	s, err := server.Open(ctx, server.Config{Data: filepath.Join(dir, "data"), Alone: true, Embedded: &cfg, Version: version,
		Log: a.logger(slog.LevelInfo), Lang: a.lang, Now: clock})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, a.drain(ctx, s, verbPatience)) }()
	stage, err := openStage(ctx, fix, s.Files(), s.Sandbox().Project(), s.Sandbox().Addr())
	if err != nil {
		return nil, err
	}
	v, err := a.rehearsed(ctx, &link{Client: s.Client(), alone: true}, start, r.timeout, len(cfg.Faults) > 0)
	if err != nil {
		return nil, err
	}
	t = &tested{Flow: f.ID, Slot: v.Run.Slot, State: string(v.Run.State), Balance: v.Run.Balance}
	if v.Run.Why != "" {
		t.why = a.reason(v.Run.Note, v.Run.Why) + " [" + v.Run.Code + "]"
	}
	return t, stage.judge(ctx, t, want, v, r.update)
}

// clock returns the clock of the test: it stands at the fixture's moment, or well
// after the slot, when the test begins.
func (f *fixture) clock(flow *flows.Flow, slot string) (func() time.Time, error) {
	now := f.Now
	if now.IsZero() {
		if slot == "" {
			return nil, fault.New("flow_test_no_slot", "file", filepath.Join(f.dir, fixtureFile)).Permanent()
		}
		calendar, err := flow.Calendar()
		if err != nil {
			return nil, err
		}
		s, err := calendar.Parse(slot)
		if err != nil {
			return nil, err
		}
		_, end := s.Interval()
		now = end.Add(settled)
	}
	began := time.Now()
	return func() time.Time { return now.Add(time.Since(began)) }, nil
}

// rehearsed runs the flow to its end. What would be tried again later ends the
// test, unless the fixture wants something to go wrong.
func (a *app) rehearsed(ctx context.Context, l *link, start server.StartRun, most time.Duration, patient bool) (*server.RunView, error) {
	v, err := post[server.RunView](ctx, l, at("runs"), start)
	if err != nil {
		return nil, err
	}
	limit := time.Now().Add(most)
	for !v.Run.State.Terminal() {
		if v.Trouble != nil && !v.TroubleUntil.IsZero() && !patient {
			return nil, v.Trouble.Err()
		}
		if time.Now().After(limit) {
			why := string(v.Run.State)
			if len(v.Waits) > 0 {
				why = v.Waits[0].Text(a.lang)
			}
			return nil, fault.New("test_slow", "flow", v.Run.Flow, "limit", most, "why", why).Permanent()
		}
		if v, err = get[server.RunView](ctx, l, query(at("runs", v.Run.ID, "wait"), "seconds", strconv.Itoa(int(lookEvery/time.Second)))); err != nil {
			return nil, err
		}
	}
	return v, ctx.Err()
}

// showTested prints a line for each output and, under one that differs, where.
func (a *app) showTested(t *tested, dir string) {
	a.print("test run", "flow", t.Flow, "slot", orDefault(t.Slot, "-"), "state", t.State, "balance", orDefault(t.Balance, "-"))
	if t.why != "" {
		fmt.Fprintf(a.stdout, "  %s\n", t.why)
	}
	bad := 0
	for _, o := range t.Outputs {
		switch {
		case !o.Equal:
			bad++
			a.print("test differs", "output", o.Output, "count", count(int64(o.Total)))
		case o.bytes:
			a.print("test same", "output", o.Output)
		case o.Rows == 1:
			a.print("test equal one", "output", o.Output)
		default:
			a.print("test equal", "output", o.Output, "count", count(int64(o.Rows)))
		}
		for _, d := range o.Differences {
			fmt.Fprintln(a.stdout, "  "+a.differs(d))
		}
		if more := o.Total - len(o.Differences); more > 0 {
			a.print("test more", "count", count(int64(more)))
		}
	}
	for _, name := range t.Unlisted {
		a.print("test unlisted", "output", name)
	}
	for _, name := range t.Updated {
		a.print("test updated", "file", filepath.Join(dir, partExpected, filepath.FromSlash(name)))
	}
	switch {
	case bad > 0:
		a.print("test failed", "flow", t.Flow, "slot", t.Slot, "count", bad, "of", len(t.Outputs))
	case len(t.Updated) > 0:
		a.print("test check", "dir", filepath.Join(dir, partExpected))
	default:
		a.print("test passed", "flow", t.Flow, "slot", t.Slot, "count", len(t.Outputs))
	}
}

// differs is one difference in words.
func (a *app) differs(d difference) string {
	want, got := showCell(d.Want), showCell(d.Got)
	switch d.Problem {
	case differsCell:
		return a.say("test cell", "row", d.Row, "column", d.Column, "want", want, "got", got)
	case differsMissing:
		return a.say("test row missing", "row", d.Row, "cells", textOf(d.Want))
	case differsExtra:
		return a.say("test row extra", "row", d.Row, "cells", textOf(d.Got))
	case differsOrder:
		return a.say("test row order", "row", d.Row, "want", textOf(d.Want), "got", textOf(d.Got))
	case differsColumn:
		return a.say("test column missing", "column", d.Column)
	case differsMore:
		return a.say("test column extra", "column", d.Column)
	case differsColumns:
		return a.say("test column order", "want", textOf(d.Want), "got", textOf(d.Got))
	case differsType:
		return a.say("test type", "column", d.Column, "want", textOf(d.Want), "got", textOf(d.Got))
	case differsLine:
		return a.say("test line", "row", d.Row, "want", want, "got", got)
	case differsRun:
		return a.say("test of run", "what", d.Column, "want", textOf(d.Want), "got", textOf(d.Got))
	}
	return a.say("test not written")
}

// shown is a cell for a person: quotes tell an empty text from null.
func showCell(v value) string {
	if v == nil {
		return "null"
	}
	const most = 200
	s := *v
	if len(s) > most {
		return strconv.Quote(cut(s, most))
	}
	return strconv.Quote(s)
}

// expectedRun is expected/run.json: what is said of the run, where it matters.
type expectedRun struct {
	State   string `json:"state,omitempty"`
	Balance string `json:"balance,omitempty"`
	Code    string `json:"code,omitempty"`
	// Rows are counts by node and name: read, in, out, filtered, rejected,
	// committed.
	Rows     map[string]map[string]int64 `json:"rows,omitempty"`
	Warnings *[]string                   `json:"warnings,omitempty"`
}

// runOf says the same of a run that ended.
func runOf(v *server.RunView) *expectedRun {
	out := &expectedRun{State: string(v.Run.State), Balance: v.Run.Balance, Code: v.Run.Code, Rows: map[string]map[string]int64{}}
	for _, b := range v.Balance {
		out.Rows[b.Node] = map[string]int64{"read": b.Read.Rows, "in": b.In.Rows, "out": b.Out.Rows, "filtered": b.Filtered.Rows,
			"rejected": b.Rejected.Rows, "committed": b.Committed.Rows}
	}
	warnings := slices.Sorted(slices.Values(v.Run.Warnings.Texts(fault.English)))
	out.Warnings = &warnings
	return out
}

// differences tells how got differs in what e says.
func (e *expectedRun) differences(got *expectedRun) []difference {
	var out []difference
	check := func(what, want, have string) {
		if want != "" && want != have {
			out = append(out, difference{Problem: differsRun, Column: what, Want: cellOf(want), Got: cellOf(have)})
		}
	}
	check("state", e.State, got.State)
	check("balance", e.Balance, got.Balance)
	check("code", e.Code, got.Code)
	for _, node := range slices.Sorted(maps.Keys(e.Rows)) {
		for _, name := range slices.Sorted(maps.Keys(e.Rows[node])) {
			have := "-"
			if n, ok := got.Rows[node][name]; ok {
				have = strconv.FormatInt(n, 10)
			}
			check(node+" "+name, strconv.FormatInt(e.Rows[node][name], 10), have)
		}
	}
	if e.Warnings != nil {
		want := slices.Sorted(slices.Values(*e.Warnings))
		w, _ := json.Marshal(want)
		g, _ := json.Marshal(*got.Warnings)
		if !slices.Equal(want, *got.Warnings) {
			check("warnings", string(w), string(g))
		}
	}
	return out
}
