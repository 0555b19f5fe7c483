package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

const loadFlow = `{
  "weir": 1, "id": "bench", "mode": "runs",
  "services": {"gcp": {"kind": "GoogleCloud", "settings": {"project": "calback-demo", "endpoint": "sandbox"}}},
  "nodes": {
    "read": {"kind": "ReadFile", "settings": {"path": "in/rows.ndjson", "format": "ndjson",
      "schema": [["uid", "string"], ["dt", "string"], ["event", "string"], ["count", "int64"], ["rating", "double"], ["at", "timestamp"]]},
      "terminate": ["rejected"]},
    "load": {"kind": "LoadBigQuery", "settings": {"service": "gcp", "dataset": "bench", "table": "rows", "partition": "_PARTITIONTIME",
      "create": "dataset", "location": "asia-northeast3", "format": "%s"}, "terminate": ["success", "rejected"]}
  },
  "connections": {"read-load": {"from": "read", "output": "success", "to": "load"}}
}`

// load measures LoadBigQuery with both of its formats: rows a second from its
// first look at the input to the end of the run, the sandbox's work included.
func load(ctx context.Context, t *table, bin string, rows int) error {
	for _, format := range []string{"ndjson", "parquet"} {
		took, peak, sent, err := loadOnce(ctx, bin, format, rows)
		if err != nil {
			return err
		}
		t.add(fmt.Sprintf("LoadBigQuery as %s, %d rows of 6 columns", format, rows), "make bench (sandbox in its own process)",
			"%.0f rows/s, %.1f MB sent, peak VmRSS %.0f MB", float64(rows)/took.Seconds(), float64(sent)/1e6, float64(peak)/1e6)
	}
	return nil
}

func loadOnce(ctx context.Context, bin, format string, rows int) (took time.Duration, peak, sent int64, err error) {
	dir, err := os.MkdirTemp("", "weir-bench-")
	if err != nil {
		return 0, 0, 0, err
	}
	defer os.RemoveAll(dir)
	flow, data := filepath.Join(dir, "flow.json"), filepath.Join(dir, "data")
	if err := os.MkdirAll(filepath.Join(data, "files", "in"), 0o700); err != nil {
		return 0, 0, 0, err
	}
	if err := writeActions(filepath.Join(data, "files", "in", "rows.ndjson"), rows); err != nil {
		return 0, 0, 0, err
	}
	if err := os.WriteFile(flow, fmt.Appendf(nil, loadFlow, format), 0o600); err != nil {
		return 0, 0, 0, err
	}
	box, err := launch(bin, "sandbox", "--listen", "127.0.0.1:0", "--users", "-1", "--meetings", "-1")
	if err != nil {
		return 0, 0, 0, err
	}
	defer box.stop()
	srv, err := launch(bin, "serve", "--data", data, "--listen", "127.0.0.1:0", "--sandbox", box.addr)
	if err != nil {
		return 0, 0, 0, err
	}
	defer srv.stop()
	out, err := exec.CommandContext(ctx, bin, "run", "start", "--file", flow, "--data", data, "--no-wait", "--json").Output()
	if err != nil {
		return 0, 0, 0, fmt.Errorf("run start: %w: %s", err, out)
	}
	var run struct {
		Run struct {
			ID       string    `json:"id"`
			Finished time.Time `json:"finished"`
			Receipts []struct {
				Rows  int64 `json:"rows"`
				Bytes int64 `json:"bytes"`
			} `json:"receipts"`
			Acts map[string]struct {
				Since time.Time `json:"since"`
			} `json:"acts"`
		} `json:"run"`
	}
	if err := json.Unmarshal(out, &run); err != nil {
		return 0, 0, 0, err
	}
	if _, err := waitFor(ctx, bin, data, run.Run.ID); err != nil {
		return 0, 0, 0, err
	}
	if out, err = exec.CommandContext(ctx, bin, "run", "show", run.Run.ID, "--data", data, "--json").Output(); err != nil {
		return 0, 0, 0, fmt.Errorf("run show: %w: %s", err, out)
	}
	if err := json.Unmarshal(out, &run); err != nil {
		return 0, 0, 0, err
	}
	if c := run.Run.Receipts; len(c) != 1 || c[0].Rows != int64(rows) {
		return 0, 0, 0, fmt.Errorf("receipts %+v, want one of %d rows", c, rows)
	}
	return run.Run.Finished.Sub(run.Run.Acts["read"].Since), srv.peak(), run.Run.Receipts[0].Bytes, nil
}

func writeActions(path string, n int) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	events := []string{"session_start", "meeting_join", "meeting_end", "screen_view", "purchase"}
	for i := range n {
		fmt.Fprintf(w, `{"uid":"u%027d","dt":"2026-11-20","event":"%s","count":%d,"rating":%d.5,"at":"2026-11-20T%02d:%02d:%02d.%06dZ"}`+"\n",
			i*7919%n, events[i%len(events)], i%17, i%5, i%24, i%60, i%59, i%1_000_000)
	}
	return w.Flush()
}
