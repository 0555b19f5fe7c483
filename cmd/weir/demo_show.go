package main

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/server"
)

// demoShow tells what the day's run has read, joined, written and loaded.
func (a *app) demoShow(s *server.Server, v *server.RunView) error {
	t := &columns{right: map[int]bool{1: true}}
	line := func(verb string, n int64, what string) { t.row("  "+verb, count(n), what) }
	read := map[string]string{"users": "demo read users", "meetings": "demo read meetings", "events": "demo read events"}
	for _, b := range v.Balance {
		if what := read[b.Node]; what != "" {
			line(a.say("demo read"), b.Read.Rows, a.say(what))
		}
	}
	line(a.say("demo joined"), rowsOf(v, "join").Out.Rows, a.say("demo joined what"))
	main := ""
	for _, c := range v.Run.Receipts {
		switch c.Node {
		case "bigquery":
			line(a.say("demo loaded"), c.Rows, a.say("demo loaded what", "key", c.Key))
		case "warehouse":
			line(a.say("demo stored"), c.Rows, a.say("demo stored what", "key", c.Key))
		default:
			line(a.say("demo written"), c.Rows, a.say("demo written what", "key", c.Key))
		}
		if c.Node == "csv" {
			main = c.Key
		}
	}
	fmt.Fprintf(a.stdout, "\n%s", t)
	if main == "" {
		return nil
	}
	path := filepath.Join(s.Files(), filepath.FromSlash(main))
	fmt.Fprintf(a.stdout, "\n%s %s\n", a.say("demo file"), path)
	lines, err := head(path, demoLines)
	if err != nil {
		return unreadable(path, err)
	}
	for _, l := range lines {
		fmt.Fprintf(a.stdout, "  %s\n", cut(l, 118))
	}
	return nil
}

// rowsOf returns a node's line of the balance.
func rowsOf(v *server.RunView, node string) runs.BalanceRow {
	for _, b := range v.Balance {
		if b.Node == node {
			return b
		}
	}
	return runs.BalanceRow{}
}

// The groups of the loyalty flow, as its SQL names them.
const (
	fewDays  = "1 or 2"
	manyDays = "3 or more"
)

// group is one line of the loyalty flow's answer.
type group struct {
	days            string
	users, returned int64
	rate, low, high float64
}

// demoAnswer reads what the loyalty flow wrote and says it in a sentence or two.
func (a *app) demoAnswer(s *server.Server, r *runs.Run, from, to time.Time) error {
	path := ""
	for _, c := range r.Receipts {
		path = filepath.Join(s.Files(), filepath.FromSlash(c.Key))
	}
	groups, err := readGroups(path)
	if err != nil {
		return unreadable(path, err)
	}
	first, next := from.Format("2006-01"), to.Format("2006-01")
	a.print("demo question")
	t := &columns{right: map[int]bool{1: true, 2: true, 3: true}}
	t.row("  "+a.say("demo active in", "month", first), a.say("demo users"), a.say("demo back in", "month", next), "%", a.say("demo interval"))
	days := map[string]string{fewDays: "demo days 1 or 2", manyDays: "demo days 3 or more"}
	for _, g := range groups {
		t.row("  "+a.say(days[g.days]), count(g.users), count(g.returned), percent(g.rate), percent(g.low)+" – "+percent(g.high))
	}
	fmt.Fprint(a.stdout, t)
	a.print(verdict(groups))
	fmt.Fprintf(a.stdout, "  %s\n", path)
	return nil
}

// verdict is the key of the sentence that the numbers allow, and no more.
func verdict(groups []group) string {
	var few, many *group
	for i := range groups {
		switch groups[i].days {
		case fewDays:
			few = &groups[i]
		case manyDays:
			many = &groups[i]
		}
	}
	switch {
	case few == nil || many == nil:
		return "demo answer unknown"
	case many.low > few.high:
		return "demo answer yes"
	case few.low > many.high:
		return "demo answer no"
	}
	return "demo answer unknown"
}

func percent(share float64) string { return strconv.FormatFloat(100*share, 'f', 1, 64) }

// readGroups reads the loyalty flow's file.
func readGroups(path string) (out []group, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	r := csv.NewReader(bufio.NewReader(f))
	names, err := r.Read()
	if err != nil {
		return nil, err
	}
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		var g group
		for i, name := range names {
			number, bad := strconv.ParseFloat(cells[i], 64)
			switch name {
			case "active_days":
				g.days, bad = cells[i], nil
			case "users":
				g.users = int64(number)
			case "returned":
				g.returned = int64(number)
			case "rate":
				g.rate = number
			case "rate_low":
				g.low = number
			case "rate_high":
				g.high = number
			}
			if bad != nil {
				return nil, bad
			}
		}
		out = append(out, g)
	}
}

// twoMonths are the last two months that were over at a time: the first day of
// the one and the last day of the other.
func twoMonths(now time.Time) (from, to time.Time) {
	y, m, _ := now.Date()
	this := time.Date(y, m, 1, 0, 0, 0, 0, time.UTC)
	return this.AddDate(0, -2, 0), this.AddDate(0, 0, -1)
}

// demoNext tells how to go on.
func (a *app) demoNext(r *runs.Run, once bool) {
	key := "demo next once"
	if !once {
		key = "demo next"
	}
	a.print(key, "run", r.ID, "flow", r.Flow)
}

// head returns the first lines of a file.
func head(path string, n int) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []string
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<20)
	for len(out) < n && sc.Scan() {
		out = append(out, sc.Text())
	}
	return out, sc.Err()
}
