package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	dailyFlow    = "flows/examples/calback-daily.json"
	dailyCommand = "go run ./bench -only daily (sandbox in its own process)"
)

// day is what one run of the daily flow took.
type day struct {
	wall     time.Duration // from its making to its end
	cpu, box time.Duration // processor time of the server, of the sandbox
	nodes    []nodeTime
	lines    int   // of the reconciliation, all of them equal
	events   int64 // the sum of the raw report's counts
}

// nodeTime is how long a node was at work, and with how many rows.
type nodeTime struct {
	node string
	rows int64
	took time.Duration
}

// tally is what the bench reads of a count of rows.
type tally struct {
	Rows int64 `json:"rows"`
}

// shown is what the bench reads of a run that has ended.
type shown struct {
	Run struct {
		ID       string    `json:"id"`
		Balance  string    `json:"balance"`
		Created  time.Time `json:"created"`
		Finished time.Time `json:"finished"`
	} `json:"run"`
	Balance []struct {
		Node string `json:"node"`
		Read tally  `json:"read"`
		In   tally  `json:"in"`
	} `json:"balance"`
	Reconciled []struct {
		From  []string `json:"from"`
		Equal bool     `json:"equal"`
	} `json:"reconciled"`
}

// daily measures the example flow as a person runs it: two days of it, one after
// the other, against a server that had not run it before.
func daily(ctx context.Context, t *table, bin string, users, events int) error {
	dir, err := os.MkdirTemp("", "weir-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	data := filepath.Join(dir, "data")
	box, err := launch(bin, "sandbox", "--listen", "127.0.0.1:0", "--users", strconv.Itoa(users), "--events", strconv.Itoa(events))
	if err != nil {
		return err
	}
	defer box.stop()
	srv, err := launch(bin, "serve", "--data", data, "--listen", "127.0.0.1:0", "--sandbox", box.addr)
	if err != nil {
		return err
	}
	defer srv.stop()
	var days [2]*day
	today := time.Now().UTC().Add(9 * time.Hour) // in Seoul
	for i := range days {
		slot := today.AddDate(0, 0, i-3).Format(time.DateOnly)
		if days[i], err = runDay(ctx, bin, data, slot, srv, box); err != nil {
			return fmt.Errorf("slot %s: %w", slot, err)
		}
	}
	first, next := days[0], days[1]
	t.add("calback-daily", dailyCommand, "%d users, some %d events a day; figures of its first run and of the next day's", users, events)
	const what = "calback-daily"
	t.add(what+": wall", dailyCommand, "%.2f s, %.2f s", first.wall.Seconds(), next.wall.Seconds())
	t.add(what+": processor time of the server", dailyCommand, "%.2f s, %.2f s (the sandbox's %.2f s, %.2f s)",
		first.cpu.Seconds(), next.cpu.Seconds(), first.box.Seconds(), next.box.Seconds())
	t.add(what+": memory of the server", dailyCommand, "peak VmRSS %.0f MB", float64(srv.peak())/1e6)
	t.add(what+": reconciled", dailyCommand, "%d and %d lines, all equal; the raw reports count %d and %d events",
		first.lines, next.lines, first.events, next.events)
	if err := oneShot(ctx, t, bin, filepath.Join(dir, "one-shot"), today.AddDate(0, 0, -1).Format(time.DateOnly), box.addr); err != nil {
		return fmt.Errorf("one shot: %w", err)
	}
	for i, n := range first.nodes {
		m := next.nodes[i]
		t.add("calback-daily, node "+n.node, dailyCommand, "%d rows in %.3f s, %.0f rows/s; %.0f rows/s", n.rows, n.took.Seconds(),
			float64(n.rows)/n.took.Seconds(), float64(m.rows)/m.took.Seconds())
	}
	return nil
}

// oneShot measures the flow as cron runs it: one process that begins with an
// empty data directory, runs the slot and ends.
func oneShot(ctx context.Context, t *table, bin, data, slot, box string) error {
	cmd := exec.CommandContext(ctx, bin, "run", "start", "--file", dailyFlow, "--slot", slot, "--data", data, "--sandbox", box, "--json")
	began := time.Now()
	out, err := cmd.Output()
	took := time.Since(began)
	if err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	var r shown
	if err := json.Unmarshal(out, &r); err != nil {
		return err
	}
	if r.Run.Balance != "balanced" {
		return fmt.Errorf("the run is %s", r.Run.Balance)
	}
	var peak int64
	if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		peak = u.Maxrss << 10
	}
	t.add("calback-daily: one shot without a server", dailyCommand, "%.2f s from the first to the last of the process, processor time %.2f s, peak VmRSS %.0f MB",
		took.Seconds(), (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds(), float64(peak)/1e6)
	return nil
}

// runDay runs a slot and checks that all of it is accounted for.
func runDay(ctx context.Context, bin, data, slot string, srv, box *process) (*day, error) {
	weir := func(args ...string) ([]byte, error) {
		out, err := exec.CommandContext(ctx, bin, append(args, "--data", data, "--json")...).Output()
		if err != nil {
			return nil, fmt.Errorf("%s: %w: %s", strings.Join(args, " "), err, out)
		}
		return out, nil
	}
	cpu, boxed := srv.cpu(), box.cpu()
	out, err := weir("run", "start", "--file", dailyFlow, "--slot", slot, "--no-wait")
	if err != nil {
		return nil, err
	}
	var r shown
	if err := json.Unmarshal(out, &r); err != nil {
		return nil, err
	}
	id := r.Run.ID
	if _, err := waitFor(ctx, bin, data, id); err != nil {
		return nil, err
	}
	if out, err = weir("run", "show", id); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(out, &r); err != nil {
		return nil, err
	}
	d := &day{wall: r.Run.Finished.Sub(r.Run.Created), cpu: srv.cpu() - cpu, box: box.cpu() - boxed, lines: len(r.Reconciled)}
	for _, l := range r.Reconciled {
		if !l.Equal {
			return nil, fmt.Errorf("the counts of the rows of %s differ", strings.Join(l.From, ", "))
		}
	}
	if d.lines == 0 {
		return nil, errors.New("nothing is reconciled")
	}
	if d.events, err = sumOfEvents(filepath.Join(data, "files", "raw", "events", "dt="+slot, "events.csv")); err != nil {
		return nil, err
	}
	if out, err = weir("run", "logs", id); err != nil {
		return nil, err
	}
	took, err := atWork(out)
	if err != nil {
		return nil, err
	}
	for _, b := range r.Balance {
		n := nodeTime{b.Node, max(b.Read.Rows, b.In.Rows), took[b.Node]}
		if n.took <= 0 {
			return nil, fmt.Errorf("the log of the run does not tell how long node %s took", b.Node)
		}
		d.nodes = append(d.nodes, n)
	}
	return d, nil
}

// atWork reads from a run's log how long each node was RUNNING.
func atWork(log []byte) (map[string]time.Duration, error) {
	took, since := map[string]time.Duration{}, map[string]time.Time{}
	for l := range strings.Lines(string(log)) {
		var e struct {
			Time           time.Time `json:"time"`
			Msg            string    `json:"msg"`
			Node, From, To string
		}
		if err := json.Unmarshal([]byte(l), &e); err != nil {
			return nil, fmt.Errorf("run logs: %w: %s", err, l)
		}
		if e.Node == "" || e.Msg != "state changed" {
			continue
		}
		if e.From == "RUNNING" {
			took[e.Node] += e.Time.Sub(since[e.Node])
		}
		if e.To == "RUNNING" {
			since[e.Node] = e.Time
		}
	}
	return took, nil
}

// sumOfEvents adds up the last column of the raw report.
func sumOfEvents(path string) (int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	r := csv.NewReader(bufio.NewReader(f))
	if _, err := r.Read(); err != nil { // the names
		return 0, err
	}
	var sum int64
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return sum, nil
		}
		if err != nil {
			return 0, err
		}
		n, err := strconv.ParseInt(cells[len(cells)-1], 10, 64)
		if err != nil {
			return 0, err
		}
		sum += n
	}
}
