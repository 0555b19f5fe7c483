package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirflow/weir/server"
)

// rewritten makes a run whose CSV has every dialect that its manifest does not
// tell, and a node whose name is no word.
const dialects = `{"weir": 1, "id": "dialects", "mode": "runs", "policy": {"retries": 0},
 "nodes": {
  "gen": {"kind": "GenerateFlowFile", "settings": {"content": "records", "schema": [["id", "int64"], ["share", "double"], ["name", "string"], ["ts", "timestamp"]], "rows": 50, "count": 4}},
  "by-tab": {"kind": "WriteCSV", "settings": {"path": "t.csv", "delimiter": "\\t", "null": "NULL"}, "terminate": ["success"]},
  "bare": {"kind": "WriteCSV", "settings": {"path": "b.csv", "header": false, "preset": "excel_korean"}, "terminate": ["success"]}},
 "connections": {"a": {"from": "gen", "output": "success", "to": "by-tab"}, "b": {"from": "gen", "output": "success", "to": "bare"}}}`

func TestSQLOverARun(t *testing.T) {
	data := t.TempDir() + "/data"
	must(t, "run", "start", "--file", file(t, "d.json", dialects), "--data", data)
	ask := func(args ...string) result {
		return weir(t, append([]string{"sql", "last", "--data", data}, args...)...)
	}

	got := mustJSON[server.QueryAnswer](t, "sql", "last", "SELECT count(*) AS n, min(id) AS least, count(DISTINCT id) AS ids, count(ts) AS ats FROM by_tab JOIN bare USING (id, share, name, ts)", "--data", data)
	if len(got.Rows) != 1 || string(got.Rows[0][0]) != "200" || string(got.Rows[0][3]) != "200" || len(got.Tables) != 2 || got.Columns.String() != `[["n","int64"],["least","int64"],["ids","int64"],["ats","int64"]]` {
		t.Errorf("answer %s %+v", got.Rows, got.Columns)
	}
	if r := ask("SELECT id, '한글' AS name, NULL AS nothing FROM bare ORDER BY id LIMIT 2"); r.code != 0 || !strings.HasPrefix(r.out, "id  name  nothing\n") || !strings.Contains(r.out, "한글        ·") {
		t.Errorf("table:\n%s%s", r.out, r.err)
	}
	if r := ask("SELECT id, 'a\nb, \"c\"' AS x FROM bare ORDER BY id", "--limit", "1", "--csv"); r.code != 0 || !strings.HasPrefix(r.out, "id,x\n") || !strings.HasSuffix(r.out, ",\"a\nb, \"\"c\"\"\"\n") || !strings.Contains(r.err, "1 of 200") {
		t.Errorf("csv:\n%s%s", r.out, r.err)
	}
	if r := weirIn(t, "FROM bare SELECT count(*)", "sql", "last", "--data", data); r.code != 0 || !strings.Contains(r.out, "200") {
		t.Errorf("from the standard input:\n%s%s", r.out, r.err)
	}
	for _, c := range []struct{ sql, code string }{
		{"SELECT * FROM other", "duck_table_unknown"},
		{"SELECT * FROM bare, read_csv('/etc/passwd')", "duck_table_function"},
		{"DROP TABLE bare", "duck_not_select"},
		{"SELECT id FRO bare", "duck_query"},
		{"SELECT nme FROM bare", "duck_query"},
		{"", "cli_sql_empty"},
	} {
		if r := ask(c.sql); r.code != exitInvalid || r.errorCode() != c.code {
			t.Errorf("%s: exit %d, %s", c.sql, r.code, r.err)
		}
	}
	text := filepath.Join(data, "files", "t.csv")
	b, err := os.ReadFile(text)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(text, b[:strings.LastIndexByte(string(b[:len(b)-1]), '\n')+1], 0o600); err != nil {
		t.Fatal(err)
	}
	if r := ask("SELECT * FROM by_tab"); r.errorCode() != "duck_rows_differ" {
		t.Errorf("a file that lost a row: %s", r.err)
	}
	// A later run took the files over.
	first := mustJSON[runList](t, "run", "ls", "--data", data).Runs[0].ID
	must(t, "run", "start", "--file", file(t, "d.json", dialects), "--data", data)
	if r := weir(t, "sql", first, "SELECT 1", "--data", data); r.errorCode() != "duck_no_outputs" {
		t.Errorf("files of another run: %s", r.err)
	}
	if left, err := filepath.Glob(filepath.Join(data, "scratch", "*")); err != nil || len(left) != 0 {
		t.Errorf("left in scratch: %v, %v", left, err)
	}
}

// queried has two tables, a query over both, and the local warehouse.
const queried = `{"weir": 1, "id": "queried", "mode": "runs", "schedule": {"every": "day", "at": "06:00", "zone": "Asia/Seoul"}, "policy": {"retries": 0},
 "parameters": {"least": {"type": "int", "default": 0}},
 "nodes": {
  "gen": {"kind": "GenerateFlowFile", "settings": {"content": "records", "schema": [["id", "int64"], ["share", "double"]], "rows": 50, "count": 4}},
  "few": {"kind": "GenerateFlowFile", "settings": {"content": "records", "schema": [["id", "int64"], ["name", "string"]], "rows": 5, "count": 1}},
  "ask": {"kind": "QueryRecord", "settings": {"tables": ["many", "few"],
   "sql": "SELECT $date AS day, (SELECT count(*) FROM few) AS few, count(*) AS many FROM many WHERE id >= $least::BIGINT"}},
  "csv": {"kind": "WriteCSV", "settings": {"path": "out/${run.date}.csv"}, "terminate": ["success"]},
  "keep": {"kind": "WriteDuckDB", "settings": {"file": "w.duckdb", "table": "days", "partition": "day"}, "terminate": ["success"]}},
 "connections": {"a": {"from": "gen", "output": "success", "to": "ask", "input": "many"}, "b": {"from": "few", "output": "success", "to": "ask", "input": "few"},
  "c": {"from": "ask", "output": "success", "to": "csv"}, "d": {"from": "ask", "output": "success", "to": "keep"}}}`

func TestRunWithSQL(t *testing.T) {
	data := t.TempDir() + "/data"
	out := must(t, "run", "start", "--file", file(t, "q.json", queried), "--slot", "2026-11-20", "--data", data)
	if !strings.Contains(out, "SUCCESS") || !strings.Contains(out, "balanced") {
		t.Errorf("run:\n%s", out)
	}
	b, err := os.ReadFile(filepath.Join(data, "files", "out", "2026-11-20.csv"))
	if err != nil || string(b) != "day,few,many\n2026-11-20,5,200\n" {
		t.Errorf("file %q, %v", b, err)
	}
	if got := must(t, "sql", "last", "SELECT many - few AS n FROM csv", "--csv", "--data", data); got != "n\n195\n" {
		t.Errorf("sql: %q", got)
	}
}
