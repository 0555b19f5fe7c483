// Command bench measures the program as a person runs it and prints one table:
// how long it takes to serve, how much memory it holds, how many records it
// moves. Figures that machines vary in are printed as ratios taken in one run.
// It never fails for being slow; it fails when a run is not balanced.
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
	"strings"
	"text/tabwriter"
)

// line is one figure of the table.
type line struct{ what, figure, command string }

// table collects what was measured.
type table struct{ lines []line }

func (t *table) add(what, command, format string, args ...any) {
	l := line{what, fmt.Sprintf(format, args...), command}
	t.lines = append(t.lines, l)
	fmt.Printf("%-62s %s\n", l.what, l.figure)
}

func (t *table) print() {
	fmt.Println()
	w := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "what\tfigure\tcommand")
	for _, l := range t.lines {
		fmt.Fprintf(w, "%s\t%s\t%s\n", l.what, l.figure, l.command)
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
	only := flag.String("only", "", "measure only these parts, of start, extract, load, join, store, reviews")
	large := flag.Int("large", 700_000, "documents of the large extraction")
	loaded := flag.Int("loaded", 1_000_000, "rows that LoadBigQuery is measured with")
	joinRows := flag.Int("join", 10_000_000, "left rows of the join; the right has a tenth of them")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	t := &table{}
	failed := false
	for _, part := range []struct {
		name string
		run  func(context.Context, *table, string) error
	}{
		{"start", start},
		{"extract", func(ctx context.Context, t *table, bin string) error { return extract(ctx, t, bin, *large) }},
		{"load", func(ctx context.Context, t *table, bin string) error { return load(ctx, t, bin, *loaded) }},
		{"join", func(ctx context.Context, t *table, _ string) error { return join(ctx, t, *joinRows, *joinRows/10) }},
		{"store", storeBenchmarks},
		{"reviews", allReviews},
	} {
		if *only != "" && !strings.Contains(","+*only+",", ","+part.name+",") {
			continue
		}
		if err := part.run(ctx, t, *bin); err != nil {
			fmt.Fprintf(os.Stderr, "bench: %s: %v\n", part.name, err)
			t.add(part.name, "make bench", "not measured")
			failed = true
		}
	}
	t.print()
	if failed {
		os.Exit(1)
	}
}
