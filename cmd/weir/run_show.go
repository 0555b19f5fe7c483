package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/server"
	"github.com/weirflow/weir/web"
)

// showRun prints all about a run.
func (a *app) showRun(v *server.RunView) {
	r := v.Run
	a.print("run title", "flow", r.Flow, "slot", orDefault(r.Slot, "-"), "generation", r.Generation, "state", r.State,
		"balance", orDefault(r.Balance, "-"))
	zone := zoneOf(r)
	t := &columns{}
	t.row("  "+a.say("label run"), r.ID)
	t.row("  "+a.say("label made"), a.say("run made", "at", moment(r.Created, zone), "by", orDefault(r.By, "-"), "kind", r.Kind))
	if !r.Started.IsZero() {
		t.row("  "+a.say("label ran"), a.say("run ran", "from", moment(r.Started, zone), "took", lasted(r, time.Now())))
	}
	if until, yes := r.Provisional(); yes {
		t.row("  "+a.say("label provisional"), a.say("run provisional", "until", until))
	}
	if !r.Start.IsZero() {
		t.row("  "+a.say("label interval"), moment(r.Start, zone)+" – "+moment(r.End, zone))
	}
	for _, name := range slices.Sorted(maps.Keys(r.Params)) {
		t.row("  #{"+name+"}", r.Params[name])
	}
	if r.Why != "" {
		t.row("  "+a.say("label why"), a.reason(r.Note, r.Why)+" ["+r.Code+"]")
	}
	fmt.Fprint(a.stdout, t)
	if len(v.Balance) > 0 {
		fmt.Fprintf(a.stdout, "\n%s", a.balance(v.Balance))
	}
	for _, b := range r.Breaches {
		fmt.Fprintf(a.stdout, "  ! %s\n", b)
	}
	for _, l := range v.Reconciled {
		words := "run reconciled"
		if !l.Equal {
			words = "run differs"
		}
		a.print(words, "line", l.Text(a.lang))
	}
	for _, c := range r.Receipts {
		a.print("run receipt", "key", c.Key, "rows", count(c.Rows), "size", size(c.Bytes), "node", c.Node)
	}
	for _, node := range slices.Sorted(maps.Keys(r.MoreReceipts)) {
		more := r.MoreReceipts[node]
		a.print("run receipts more", "n", count(more.N), "rows", count(more.Rows), "size", size(more.Bytes), "node", node)
	}
	a.facts(r)
	for _, w := range r.Warnings.Texts(a.lang) {
		a.print("run warning", "what", w)
	}
	if len(v.Waits) > 0 || v.Trouble != nil {
		fmt.Fprintln(a.stdout)
		a.showWaits(v)
	}
}

// longestFact is how much of a fact is shown; --json and the receipt hold it
// whole.
const longestFact = 48

// facts prints what the nodes tell of their work, a line for each. What counts
// nothing is left out.
func (a *app) facts(r *runs.Run) {
	for _, node := range slices.Sorted(maps.Keys(r.Facts)) {
		var parts []string
		for _, name := range slices.Sorted(maps.Keys(r.Facts[node])) {
			value := r.Facts[node][name]
			if n, err := strconv.ParseInt(value, 10, 64); err == nil {
				value = count(n)
			}
			if name != flowfile.Provisional && value != "0" { // the first stands above
				parts = append(parts, strings.ReplaceAll(name, "_", " ")+" "+cut(value, longestFact))
			}
		}
		if len(parts) > 0 {
			a.print("run facts", "node", node, "facts", strings.Join(parts, ", "))
		}
	}
}

// zoneOf is the zone in which a run's times are shown: its flow's.
func zoneOf(r *runs.Run) *time.Location {
	if z, err := time.LoadLocation(r.Zone); r.Zone != "" && err == nil {
		return z
	}
	return time.Local
}

// zoneNamed is the zone of a schedule, in which its times are shown.
func zoneNamed(s *runs.Schedule) *time.Location {
	if s == nil {
		return time.Local
	}
	return zoneOf(&runs.Run{Zone: s.Zone})
}

// balance lays out the balance of a run: a line for each node, rows where they
// are known, FlowFiles in brackets where they are not.
func (a *app) balance(rows []runs.BalanceRow) *columns {
	t := &columns{right: map[int]bool{2: true, 3: true, 4: true, 5: true, 6: true}}
	heads := []string{"node", "law", "in", "out", "filtered", "rejected", "waiting"}
	lost := slices.ContainsFunc(rows, func(b runs.BalanceRow) bool { return b.Lost.N > 0 })
	if lost { // expired, dropped or given up before the node: rare, and then to be seen
		heads = append(heads, "lost")
		t.right[7] = true
	}
	t.row(a.heads(append(heads, "verdict")...)...)
	t.rows[0][0] = "  " + t.rows[0][0]
	for _, b := range rows {
		in, out := b.In, b.Out
		if b.Law == runs.LawSource {
			in = b.Read
		}
		if b.Law == runs.LawSink {
			out = b.Committed
		}
		waiting := b.Queued
		waiting.Plus(b.Parked)
		cells := []string{"  " + b.Node, string(b.Law), tally(in.N, in.Rows, in.Unknown), tally(out.N, out.Rows, out.Unknown),
			tally(b.Filtered.N, b.Filtered.Rows, b.Filtered.Unknown), tally(b.Rejected.N, b.Rejected.Rows, b.Rejected.Unknown),
			tally(waiting.N, waiting.Rows, waiting.Unknown)}
		if lost {
			cells = append(cells, tally(b.Lost.N, b.Lost.Rows, b.Lost.Unknown))
		}
		t.row(append(cells, a.say("verdict "+b.Verdict))...)
	}
	return t
}

// tally writes rows where all are known, else FlowFiles.
func tally(n, rows, unknown int64) string {
	if unknown > 0 {
		return "(" + count(n) + ")"
	}
	return some(rows)
}

func (a *app) showWaits(v *server.RunView) {
	if v.Trouble != nil {
		a.print("run waits", "run", v.Run.ID, "state", v.Run.State)
		mark := "!"
		if _, ok := checking(v.Trouble); ok {
			mark = "-"
		}
		fmt.Fprintf(a.stdout, "  %s %s\n", mark, a.cannotBegin(v))
		return
	}
	if len(v.Waits) == 0 {
		words := "run waits for nothing"
		if v.Run.State == runs.Queued {
			words = "run waits its turn"
		}
		a.print(words, "run", v.Run.ID, "state", v.Run.State, "flow", v.Run.Flow)
		return
	}
	a.print("run waits", "run", v.Run.ID, "state", v.Run.State)
	for _, b := range v.Waits {
		fmt.Fprintf(a.stdout, "  - %s\n", b.Text(a.lang))
	}
	for _, node := range trouble(v) {
		n := v.Nodes[node]
		line := a.say("run trouble", "node", node, "error", a.reason(n.Note, n.Error)) + " [" + n.Code + "]"
		if !n.Until.IsZero() {
			line += " " + a.say("run tries again", "until", moment(n.Until, zoneOf(v.Run)))
		}
		fmt.Fprintf(a.stdout, "  ! %s\n", line)
	}
}

// calm is how long an answer to a preflight may take before that is told as a
// trouble: services answer within seconds.
const calm = 10 * time.Second

// cannotBegin says what keeps a run from being at work, and until when.
func (a *app) cannotBegin(v *server.RunView) string {
	if took, ok := checking(v.Trouble); ok {
		return a.say("run preflight", "nodes", v.Trouble.Args["nodes"], "for", took)
	}
	err := v.Trouble.Err()
	if v.TroubleUntil.IsZero() { // it is being tried, or another run's end decides
		return fault.Text(err, a.lang)
	}
	return a.say("run cannot begin", "error", fault.Text(err, a.lang), "code", fault.CodeOf(err), "until", moment(v.TroubleUntil, zoneOf(v.Run)))
}

// checking reports whether nothing is wrong but that a preflight has not been
// answered yet, and for how long.
func checking(f *web.Failure) (time.Duration, bool) {
	took, err := time.ParseDuration(f.Args["for"])
	return took, f.Code == "preflight_under_way" && err == nil && took < calm
}

// logLines turns JSON lines of a log into lines for people.
type logLines struct {
	w    io.Writer
	rest []byte
}

// Write takes any part of the log.
func (l *logLines) Write(b []byte) (int, error) {
	l.rest = append(l.rest, b...)
	for {
		i := bytes.IndexByte(l.rest, '\n')
		if i < 0 {
			return len(b), nil
		}
		if err := l.line(l.rest[:i]); err != nil {
			return 0, err
		}
		l.rest = l.rest[i+1:]
	}
}

func (l *logLines) flush() error {
	if len(l.rest) == 0 {
		return nil
	}
	return l.line(l.rest)
}

func (l *logLines) line(b []byte) error {
	var fields map[string]any
	if json.Unmarshal(b, &fields) != nil {
		_, err := fmt.Fprintf(l.w, "%s\n", b)
		return err
	}
	var w strings.Builder
	at, _ := fields["time"].(string)
	if t, err := time.Parse(time.RFC3339Nano, at); err == nil {
		at = t.Local().Format("2006-01-02 15:04:05.000")
	}
	fmt.Fprintf(&w, "%s %-5v %v", at, fields["level"], fields["msg"])
	for _, k := range []string{"time", "level", "msg", "flow", "run"} {
		delete(fields, k)
	}
	for _, k := range slices.Sorted(maps.Keys(fields)) {
		fmt.Fprintf(&w, " %s=%v", k, fields[k])
	}
	_, err := fmt.Fprintln(l.w, w.String())
	return err
}
