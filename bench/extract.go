package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const extractFlow = `{
  "weir": 1, "id": "bench", "mode": "runs",
  "services": {"gcp": {"kind": "GoogleCloud", "settings": {"project": "calback-demo", "endpoint": "sandbox"}}},
  "nodes": {
    "read": {"kind": "ReadFirestore", "settings": {"service": "gcp", "collection": "docs", "max_reads": 100000000,
      "schema": [["uid", "string"], ["name", "string"], ["city", "string"], ["plan", "string"], ["level", "int64"], ["balance", "double"]]},
      "terminate": ["rejected"]},
    "csv": {"kind": "WriteCSV", "settings": {"path": "out/docs.csv"}, "terminate": ["success"]}
  },
  "connections": {"read-csv": {"from": "read", "output": "success", "to": "csv"}}
}`

// extract measures Firestore to CSV at two sizes: records a second, and that
// memory does not grow with the collection.
func extract(ctx context.Context, t *table, bin string, large int) error {
	small := min(50_000, large)
	var peaks []int64
	for _, n := range []int{small, large} {
		rate, peak, err := extractOnce(ctx, bin, n)
		if err != nil {
			return err
		}
		peaks = append(peaks, peak)
		what := fmt.Sprintf("ReadFirestore -> WriteCSV, %d documents", n)
		t.add(what, "make bench (sandbox in its own process)", "%.0f records/s, peak VmRSS %.0f MB", rate, float64(peak)/1e6)
	}
	t.add("memory at the large size against the small", "make bench", "%.2fx", float64(peaks[1])/float64(peaks[0]))
	return nil
}

func extractOnce(ctx context.Context, bin string, n int) (rate float64, peak int64, err error) {
	dir, err := os.MkdirTemp("", "weir-bench-")
	if err != nil {
		return 0, 0, err
	}
	defer os.RemoveAll(dir)
	source, flow, data := filepath.Join(dir, "docs.ndjson"), filepath.Join(dir, "flow.json"), filepath.Join(dir, "data")
	if err := writeDocs(source, n); err != nil {
		return 0, 0, err
	}
	if err := os.WriteFile(flow, []byte(extractFlow), 0o600); err != nil {
		return 0, 0, err
	}
	box, err := launch(bin, "sandbox", "--listen", "127.0.0.1:0", "--users", "-1", "--meetings", "-1", "--firestore", "docs="+source)
	if err != nil {
		return 0, 0, err
	}
	defer box.stop()
	srv, err := launch(bin, "serve", "--data", data, "--listen", "127.0.0.1:0", "--sandbox", box.addr)
	if err != nil {
		return 0, 0, err
	}
	defer srv.stop()
	began := time.Now()
	out, err := exec.CommandContext(ctx, bin, "run", "start", "--file", flow, "--data", data, "--no-wait", "--json").Output()
	if err != nil {
		return 0, 0, fmt.Errorf("run start: %w: %s", err, out)
	}
	var started struct {
		Run struct {
			ID string `json:"id"`
		} `json:"run"`
	}
	if err := json.Unmarshal(out, &started); err != nil {
		return 0, 0, err
	}
	if _, err := waitFor(ctx, bin, data, started.Run.ID); err != nil {
		return 0, 0, err
	}
	took := time.Since(began)
	f, err := os.Open(filepath.Join(data, "files", "out", "docs.csv"))
	if err != nil {
		return 0, 0, err
	}
	defer f.Close()
	lines := -1 // the header
	for sc := bufio.NewScanner(f); sc.Scan(); {
		lines++
	}
	if lines != n {
		return 0, 0, fmt.Errorf("the CSV has %d rows, the source %d", lines, n)
	}
	return float64(n) / took.Seconds(), srv.peak(), nil
}

func writeDocs(path string, n int) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	cities := []string{"서울", "부산", "대구", "인천", "광주", "대전"}
	for i := range n {
		fmt.Fprintf(w, `{"uid":"user-%08d","name":"김민%d","city":"%s","plan":"basic","level":%d,"balance":%d.25}`+"\n",
			i, i%1000, cities[i%len(cities)], i%50, i%100_000)
	}
	return w.Flush()
}

// storeBenchmarks runs the store's own, whose ratios to raw bbolt are taken in
// one run: durable hops, latency, and a queue of a million.
func storeBenchmarks(ctx context.Context, t *table, _ string) error {
	args := []string{"test", "./store", "-run", "xxx", "-bench", "Hops|HopLatency|MillionQueued", "-benchtime", "1x", "-timeout", "30m"}
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	for l := range strings.Lines(string(out)) {
		f := strings.Fields(l)
		if len(f) < 4 || !strings.HasPrefix(f[0], "Benchmark") {
			continue
		}
		var figures []string
		for i := 2; i+1 < len(f); i += 2 { // value, unit
			if f[i+1] != "ns/op" {
				figures = append(figures, f[i]+" "+f[i+1])
			}
		}
		name := strings.TrimPrefix(f[0], "Benchmark")
		if i := strings.LastIndexByte(name, '-'); i > 0 {
			name = name[:i]
		}
		t.add("store: "+name, "go "+strings.Join(args[:6], " "), "%s", strings.Join(figures, ", "))
	}
	return err
}

// allReviews compares all of the shared reviews cell by cell, and joins them with
// their authors.
func allReviews(ctx context.Context, t *table, _ string) error {
	const command = "WEIR_ALL=1 go test ./acceptance -run Reviews -v"
	cmd := exec.CommandContext(ctx, "go", "test", "./acceptance", "-run", "Reviews", "-v", "-count=1", "-timeout", "30m")
	cmd.Env = append(os.Environ(), "WEIR_ALL=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	const absent = "not measured: the shared data is not here"
	extracted, joined := absent, absent
	for l := range strings.Lines(string(out)) {
		_, said, _ := strings.Cut(l, ": ") // after the place in the test
		switch said = strings.TrimSpace(said); {
		case strings.Contains(said, " reviews in "):
			extracted = said + ", equal cell by cell by DuckDB"
		case strings.Contains(said, " authors joined in "):
			joined = said + "; counts and sums of ratings equal"
		}
	}
	t.add("the Korean reviews through Firestore into CSV", command, "%s", extracted)
	t.add("the same joined with their authors by a run", command, "%s", joined)
	return nil
}
