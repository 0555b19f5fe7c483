// Command bench measures the program as a person runs it and prints one table:
// how long it takes to serve, how much memory it holds, how many records it
// moves. Figures that machines vary in are printed as ratios taken in one run.
// It never fails for being slow; it fails when a run is not balanced.
//
// It takes less than 10 minutes on two processors, busy with other work too: the
// load average of each part is printed beside its figures. -only names parts.
//
// It starts the built program bin/weir. The benchmarks of single packages stand
// beside their code; bench runs those of the store too, since they are targets.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"
)

// line is one figure of the table.
type line struct{ what, figure, load, command string }

// table collects what was measured.
type table struct {
	lines []line
	load  string // of the machine, when the part began
}

func (t *table) add(what, command, format string, args ...any) {
	l := line{what, fmt.Sprintf(format, args...), t.load, command}
	t.lines = append(t.lines, l)
	fmt.Printf("%-62s %s\n", l.what, l.figure)
}

// begin begins a part: figures are worth what the machine had free for them.
func (t *table) begin(part string) {
	t.load = loadAverage()
	fmt.Printf("\n%s, at a load average of %s\n", part, t.load)
}

// loadAverage is how many tasks wanted a processor over the last minute.
func loadAverage() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	one, _, _ := strings.Cut(string(b), " ")
	return one
}

func (t *table) print() {
	fmt.Println()
	w := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "what\tfigure\tload before\tcommand")
	for _, l := range t.lines {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", l.what, l.figure, l.load, l.command)
	}
	w.Flush()
}

func main() {
	if len(os.Args) == 4 && os.Args[1] == joinChild {
		if err := joinChildMain(os.Args[2], os.Args[3]); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	bin := flag.String("weir", "bin/weir", "the program to measure")
	only := flag.String("only", "", "measure only these parts, of start, daily, extract, load, join, listing, live, store, reviews")
	users := flag.Int("users", 30_000, "users of the daily flow")
	events := flag.Int("events", 1_000_000, "events a day of the daily flow")
	large := flag.Int("large", 700_000, "documents of the large extraction")
	loaded := flag.Int("loaded", 1_000_000, "rows that LoadBigQuery is measured with")
	joinRows := flag.Int("join", 10_000_000, "left rows of the join; the right has a tenth of them")
	queued := flag.Int("queued", 1_000_000, "FlowFiles in the queue that is listed")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	t, began := &table{}, time.Now()
	fmt.Printf("%d processors, %s %s, %s\n", runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version())
	failed := false
	for _, part := range []struct {
		name string
		run  func(context.Context, *table, string) error
	}{
		{"start", start},
		{"daily", func(ctx context.Context, t *table, bin string) error { return daily(ctx, t, bin, *users, *events) }},
		{"extract", func(ctx context.Context, t *table, bin string) error { return extract(ctx, t, bin, *large) }},
		{"load", func(ctx context.Context, t *table, bin string) error { return load(ctx, t, bin, *loaded) }},
		{"join", func(ctx context.Context, t *table, _ string) error { return join(ctx, t, *joinRows, *joinRows/10) }},
		{"listing", func(ctx context.Context, t *table, bin string) error { return listing(ctx, t, bin, *queued) }},
		{"live", liveCost},
		{"store", storeBenchmarks},
		{"reviews", allReviews},
	} {
		if *only != "" && !strings.Contains(","+*only+",", ","+part.name+",") {
			continue
		}
		t.begin(part.name)
		if err := part.run(ctx, t, *bin); err != nil {
			fmt.Fprintf(os.Stderr, "bench: %s: %v\n", part.name, err)
			t.add(part.name, "make bench", "not measured")
			failed = true
		}
	}
	t.print()
	fmt.Printf("\nIt took %s; the load average is %s now.\n", time.Since(began).Round(time.Second), loadAverage())
	if failed {
		os.Exit(1)
	}
}
