package crash

import (
	"database/sql"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	_ "github.com/duckdb/duckdb-go/v2" // reads the warehouse

	"github.com/weirflow/weir/flows/examples"
	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/server"
)

// flow writes the main flow to a file: pages are small, so that kills fall
// between them, and no try waits. change may alter the settings of nodes.
func (w *world) flow(name string, change func(node string, settings map[string]any)) string {
	w.t.Helper()
	doc, err := examples.Read("calback-daily")
	if err != nil {
		w.t.Fatal(err)
	}
	var f map[string]any
	if err := json.Unmarshal(doc, &f); err != nil {
		w.t.Fatal(err)
	}
	f["policy"] = map[string]any{"retries": 1, "retry_delay": "0s"}
	for name, n := range f["nodes"].(map[string]any) {
		node := n.(map[string]any)
		settings := node["settings"].(map[string]any)
		switch node["kind"] {
		case "ReadFirestore":
			settings["page_size"] = 100
		case "ReadGA4":
			settings["page_size"] = 500
		}
		if change != nil {
			change(name, settings)
		}
	}
	if doc, err = json.Marshal(f); err != nil {
		w.t.Fatal(err)
	}
	path := filepath.Join(w.t.TempDir(), name)
	if err := os.WriteFile(path, doc, 0o600); err != nil {
		w.t.Fatal(err)
	}
	return path
}

// written is all that a run has written, by path and table.
type written struct {
	csv       map[string]string
	files     []string // names of all files
	warehouse []string
	partition []string
	receipt   string // what receipts say, without times and ids
}

// outputs reads what a run over a data directory, at which nobody works any more,
// has written. Each receipt must be of that run.
func (w *world) outputs(data string, run *runs.Run) written {
	w.t.Helper()
	out := written{csv: map[string]string{}}
	root := filepath.Join(data, "files")
	receipts := 0
	err := fs.WalkDir(os.DirFS(root), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		out.files = append(out.files, path)
		b, err := os.ReadFile(filepath.Join(root, path))
		switch {
		case err != nil:
			return err
		case strings.HasSuffix(path, ".csv"):
			out.csv[path] = string(b)
		case filepath.Base(path) == "receipt.json":
			receipts++
			text := w.receipt(b, path, run)
			if out.receipt != "" && out.receipt != text {
				w.t.Errorf("%s says\n%s\nand another\n%s", path, text, out.receipt)
			}
			out.receipt = text
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	if receipts != 4 || len(out.csv) != 4 {
		w.t.Errorf("%d receipts of %d files, want 4 of 4: %s", receipts, len(out.csv), out.files)
	}
	out.warehouse = w.warehouse(filepath.Join(root, "warehouse", "calback.duckdb"))
	out.partition = w.partition()
	return out
}

// receipt checks a receipt and returns what may not differ from run to run.
func (w *world) receipt(doc []byte, path string, run *runs.Run) string {
	w.t.Helper()
	var r server.Receipt
	if err := json.Unmarshal(doc, &r); err != nil {
		w.t.Fatalf("%s: %v", path, err)
	}
	if r.Run != run.ID || r.Generation != run.Generation || r.State != runs.Success || r.Balance != "balanced" {
		w.t.Errorf("%s is of run %s, generation %d, %s, %s; want %s, %d, SUCCESS, balanced", path, r.Run, r.Generation, r.State, r.Balance, run.ID, run.Generation)
	}
	for i, o := range r.Outputs {
		r.Outputs[i].Link = ""
		if !strings.HasSuffix(o.File, ".csv") {
			r.Outputs[i].Bytes = 0 // of packed lines and of a database file
		}
		if o.File == "" {
			r.Outputs[i].SHA256 = ""
		}
	}
	b, err := json.MarshalIndent([]any{r.Nodes, r.Outputs, r.Reconciled, r.Warnings}, "", " ")
	if err != nil {
		w.t.Fatal(err)
	}
	return string(b)
}

// warehouse returns the rows of the DuckDB table, each as JSON, sorted.
func (w *world) warehouse(file string) []string {
	w.t.Helper()
	db, err := sql.Open("duckdb", file+"?access_mode=read_only")
	if err != nil {
		w.t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query("SELECT CAST(to_json(u) AS VARCHAR) FROM " + table + " u")
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			w.t.Fatal(err)
		}
		out = append(out, s)
	}
	if err := rows.Err(); err != nil {
		w.t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

// unread checks that nothing was read between two looks at the sandbox.
func (w *world) unread(before, after told) {
	w.t.Helper()
	a, b := after.Sandbox, before.Sandbox
	if a.Returned != b.Returned || a.Rows != b.Rows || a.Tokens != b.Tokens {
		w.t.Errorf("%d documents, %d rows of reports and %d tokens were read anew", a.Returned-b.Returned, a.Rows-b.Rows, a.Tokens-b.Tokens)
	}
	for _, method := range []string{"RunQuery", "BatchGetDocuments", "ListDocuments", "runReport", "batchRunReports"} {
		if n := a.Requests[method] - b.Requests[method]; n != 0 {
			w.t.Errorf("%s was called %d times more", method, n)
		}
	}
}

// same compares all that two runs have written.
func (w *world) same(got, want written) {
	w.t.Helper()
	for path, text := range want.csv {
		if have, ok := got.csv[path]; !ok || have != text {
			w.t.Errorf("%s differs: %d bytes, want %d", path, len(have), len(text))
		}
	}
	if !slices.Equal(got.files, want.files) {
		w.t.Errorf("the files are\n%s\nwant\n%s", strings.Join(got.files, "\n"), strings.Join(want.files, "\n"))
	}
	w.rows("DuckDB's table", got.warehouse, want.warehouse)
	w.rows("BigQuery's partition", got.partition, want.partition)
	if got.receipt != want.receipt {
		w.t.Errorf("the receipt says\n%s\nwant\n%s", got.receipt, want.receipt)
	}
}

func (w *world) rows(what string, got, want []string) {
	w.t.Helper()
	if slices.Equal(got, want) {
		return
	}
	i := 0
	for i < min(len(got), len(want)) && got[i] == want[i] {
		i++
	}
	at := func(rows []string) string {
		if i < len(rows) {
			return rows[i]
		}
		return "nothing"
	}
	w.t.Errorf("%s has %d rows, want %d; the first difference is %s, want %s", what, len(got), len(want), at(got), at(want))
}
