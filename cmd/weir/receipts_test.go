package main

import (
	"strings"
	"testing"

	"github.com/weirflow/weir/runs"
)

// TestShowCountsTheReceiptsThatAreNotKept writes more files than a run keeps
// receipts.
func TestShowCountsTheReceiptsThatAreNotKept(t *testing.T) {
	data := t.TempDir()
	doc := with(t, gen, `"rows": 50, "count": 4`, `"rows": 2, "count": 120`, "WriteCSV", "WriteFile", `/gen.csv"}, "terminate": ["success"]`,
		`/${number}.json"}, "terminate": ["success", "failure"]`)
	must(t, "run", "start", "--file", file(t, "gen.json", doc), "--slot", "2026-11-20", "--data", data)
	out := must(t, "run", "show", "last", "--data", data)
	if strings.Count(out, "wrote out/") != runs.MostReceipts || !strings.Contains(out, "  and 20 more: 40 rows, ") {
		t.Errorf("run show:\n%s", out)
	}
	if out := must(t, "run", "ls", "--data", data); !strings.Contains(out, " 240 ") {
		t.Errorf("run ls does not count all rows:\n%s", out)
	}
}
