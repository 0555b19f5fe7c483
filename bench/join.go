package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// The join that is measured: events to their users, 9 of 11 of which are known.
const (
	joinMemory  = "512MB"
	joinChild   = "join-child"
	joinStore   = "store"
	joinCommand = "go run ./bench -only join (each in its own process, the better of two)"
)

// joining is what a child process reports.
type joining struct {
	Rows    int64
	Wall    time.Duration
	Peak    int64
	User    time.Duration
	Spilled string
}

// join measures JoinRecords over segment files against DuckDB over the same rows
// as NDJSON files: the same join, in the same order, with the same memory.
func join(ctx context.Context, t *table, left, right int) error {
	dir, err := os.MkdirTemp("", "weir-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := writeJoin(dir, left, right); err != nil {
		return err
	}
	what := fmt.Sprintf("join %d x %d, left, ordered, %s", left, right, joinMemory)
	// Twice each in turn, and the better of both: what else the machine does
	// changes while it is measured.
	figures := map[string]joining{}
	for _, who := range []string{"duckdb", "weir", "duckdb", "weir"} {
		j, err := joinOnce(ctx, who, dir)
		if err != nil {
			return err
		}
		if best, ok := figures[who]; !ok || j.Wall < best.Wall {
			figures[who] = j
		}
	}
	for _, who := range []struct{ key, name string }{{"duckdb", "plain DuckDB, NDJSON to NDJSON"}, {"weir", "JoinRecords, store to store"}} {
		j := figures[who.key]
		t.add(what+": "+who.name, joinCommand, "%.1f s, CPU %.1f s, peak VmRSS %.0f MB, %.2f M rows/s%s", j.Wall.Seconds(), j.User.Seconds(),
			float64(j.Peak)/1e6, float64(left)/j.Wall.Seconds()/1e6, j.Spilled)
	}
	if a, b := figures["duckdb"].Rows, figures["weir"].Rows; a != b {
		return fmt.Errorf("DuckDB joined %d rows, JoinRecords %d", a, b)
	}
	plain, ours := figures["duckdb"], figures["weir"]
	t.add("JoinRecords against plain DuckDB (target >= 0.8x)", joinCommand, "%.2fx by the clock, %.2fx by processor time",
		plain.Wall.Seconds()/ours.Wall.Seconds(), plain.User.Seconds()/ours.User.Seconds())
	return nil
}

// joinOnce runs one side of the comparison in a process of its own, so that the
// peak of its memory is its own.
func joinOnce(ctx context.Context, who, dir string) (joining, error) {
	var j joining
	self, err := os.Executable()
	if err != nil {
		return j, err
	}
	cmd := exec.CommandContext(ctx, self, joinChild, who, dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return j, fmt.Errorf("join by %s: %w", who, err)
	}
	if err := os.RemoveAll(filepath.Join(dir, joinStore)); err != nil {
		return j, err
	}
	return j, json.Unmarshal(out, &j)
}

// writeJoin writes the two inputs as NDJSON.
func writeJoin(dir string, left, right int) error {
	r := rand.New(rand.NewPCG(1, 2))
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	ids := make([]byte, 28*(right*11/9))
	for i := range ids {
		ids[i] = letters[r.IntN(len(letters))]
	}
	id := func(i int) []byte { return ids[28*i : 28*i+28] }
	err := writeLines(filepath.Join(dir, "right.ndjson"), right, func(b []byte, i int) []byte {
		b = append(append(b, `{"uid":"`...), id(i)...)
		b = strconv.AppendInt(append(b, `","name":"김민`...), int64(i%1000), 10)
		b = strconv.AppendInt(append(b, `","plan":"basic","level":`...), int64(i%50), 10)
		return append(b, "}\n"...)
	})
	if err != nil {
		return err
	}
	return writeLines(filepath.Join(dir, "left.ndjson"), left, func(b []byte, i int) []byte {
		b = append(append(b, `{"mid":"`...), id(r.IntN(len(ids)/28))...)
		b = strconv.AppendInt(append(b, `","n":`...), int64(i), 10)
		b = strconv.AppendInt(append(b, `,"date":"2026-11-`...), int64(10+i%20), 10)
		b = strconv.AppendInt(append(b, `","eventName":"event_`...), int64(i%20), 10)
		b = strconv.AppendInt(append(b, `","eventCount":`...), int64(i%100), 10)
		return append(b, "}\n"...)
	})
}

func writeLines(path string, n int, line func([]byte, int) []byte) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	var b []byte
	for i := range n {
		b = line(b[:0], i)
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	return w.Flush()
}
