// Package acceptance runs real data through the whole program and compares what
// comes out with the source by an independent program: DuckDB with a plain
// connection.
package acceptance

import (
	"bufio"
	"compress/gzip"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2" // the oracle

	"github.com/weirflow/weir/sandbox"
	"github.com/weirflow/weir/server"
)

const reviews = "../../shared/data/korean/nsmc_reviews.ndjson.gz"

// some is how many reviews the ordinary test takes; WEIR_ALL=1 takes all.
const some = 50_000

const reviewFlow = `{
  "weir": 1, "id": "reviews", "mode": "runs",
  "services": {"gcp": {"kind": "GoogleCloud", "settings": {"project": "calback-demo", "endpoint": "sandbox"}}},
  "nodes": {
    "read": {"kind": "ReadFirestore", "settings": {"service": "gcp", "collection": "reviews", "max_reads": 1000000,
      "metadata": ["__id"],
      "schema": [["review", "string"], ["date", "string"], ["rating", "string"], ["author", "string"],
        ["review_id", "string"], ["movie_id", "string"]]},
      "terminate": ["rejected"]},
    "csv": {"kind": "WriteCSV", "settings": {"path": "out/reviews.csv"}, "terminate": ["success"]}
  },
  "connections": {"read-csv": {"from": "read", "output": "success", "to": "csv"}}
}`

// TestReviewsArriveCellByCell sends real texts, with their quotes, newlines and
// carriage returns, through Firestore into CSV, and lets DuckDB compare.
func TestReviewsArriveCellByCell(t *testing.T) {
	if testing.Short() {
		t.Skip("long: run without -short")
	}
	if _, err := os.Stat(reviews); err != nil {
		t.Skip("the shared data is not here: ", err)
	}
	source, n := head(t)
	ctx := t.Context()
	dir := t.TempDir()
	srv, err := server.Open(ctx, server.Config{Data: filepath.Join(dir, "data"), Alone: true,
		Embedded: &sandbox.Config{Users: -1, Meetings: -1, Files: []sandbox.File{{Collection: "reviews", Path: source}}}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := srv.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	began := time.Now()
	run := runToEnd(t, srv, reviewFlow)
	took := time.Since(began)
	if run.State != "SUCCESS" || run.Balance != "balanced" {
		t.Fatalf("the run ended %s, %s: %s", run.State, run.Balance, run.Why)
	}
	t.Logf("%d reviews in %v, %.0f rows/s", n, took.Round(time.Millisecond), float64(n)/took.Seconds())

	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	columns := `{review: 'VARCHAR', date: 'VARCHAR', rating: 'VARCHAR', author: 'VARCHAR', review_id: 'VARCHAR', movie_id: 'VARCHAR'}`
	exec(t, db, fmt.Sprintf(`CREATE TABLE source AS SELECT * FROM read_json('%s', format = 'newline_delimited', columns = %s)`, source, columns))
	exec(t, db, fmt.Sprintf(`CREATE TABLE arrived AS SELECT * EXCLUDE __id FROM read_csv('%s', header = true, delim = ',', quote = '"', escape = '"',
		all_varchar = true, allow_quoted_nulls = false, strict_mode = true, auto_detect = false, new_line = '\n', max_line_size = 10000000,
		columns = {__id: 'VARCHAR', review: 'VARCHAR', date: 'VARCHAR', rating: 'VARCHAR', author: 'VARCHAR', review_id: 'VARCHAR', movie_id: 'VARCHAR'})`,
		filepath.Join(srv.Files(), "out/reviews.csv")))
	for _, q := range []struct {
		what, query string
		want        int64
	}{
		{"rows of the source", `SELECT count(*) FROM source`, n},
		{"rows that arrived", `SELECT count(*) FROM arrived`, n},
		{"rows only in the source", `SELECT count(*) FROM (SELECT * FROM source EXCEPT ALL SELECT * FROM arrived)`, 0},
		{"rows only in the CSV", `SELECT count(*) FROM (SELECT * FROM arrived EXCEPT ALL SELECT * FROM source)`, 0},
	} {
		var got int64
		if err := db.QueryRow(q.query).Scan(&got); err != nil {
			t.Fatalf("%s: %v", q.what, err)
		}
		if got != q.want {
			t.Errorf("%s: %d, want %d", q.what, got, q.want)
		}
	}
	var awkward int64
	if err := db.QueryRow(`SELECT count(*) FROM source WHERE review LIKE '%"%' OR review LIKE '%' || chr(10) || '%' OR review = ''`).Scan(&awkward); err != nil || awkward == 0 {
		t.Errorf("the sample holds no awkward text (%d, %v): the test proves too little", awkward, err)
	}
}

// head returns the path of the reviews to use, and how many they are.
func head(t *testing.T) (string, int64) {
	t.Helper()
	all := os.Getenv("WEIR_ALL") != ""
	in, err := os.Open(reviews)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	gz, err := gzip.NewReader(in)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "reviews.ndjson")
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	w := bufio.NewWriter(out)
	sc := bufio.NewScanner(gz)
	sc.Buffer(nil, 1<<20)
	var n int64
	for sc.Scan() && (all || n < some) {
		n++
		fmt.Fprintf(w, "%s\n", sc.Bytes())
	}
	if err := sc.Err(); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return path, n
}

type ended struct {
	ID, State, Balance, Code, Why string
}

// runToEnd starts a run of a flow file and waits for its end.
func runToEnd(t *testing.T, srv *server.Server, flow string) ended {
	t.Helper()
	return toEnd(t, srv, map[string]any{"doc": json.RawMessage(flow)})
}

// toEnd starts a run and waits for its end.
func toEnd(t *testing.T, srv *server.Server, in map[string]any) ended {
	t.Helper()
	c := srv.Client()
	var started struct {
		Run struct {
			ID string `json:"id"`
		} `json:"run"`
	}
	if err := c.Call(t.Context(), "POST", "/api/v1/runs", in, &started); err != nil {
		t.Fatal(err)
	}
	for {
		var v struct {
			Run struct {
				ID      string `json:"id"`
				State   string `json:"state"`
				Balance string `json:"balance"`
				Code    string `json:"code"`
				Why     string `json:"why"`
			} `json:"run"`
		}
		if err := c.Call(t.Context(), "GET", "/api/v1/runs/"+started.Run.ID+"/wait?seconds=30", nil, &v); err != nil {
			t.Fatal(err)
		}
		switch v.Run.State {
		case "QUEUED", "RUNNING", "FINALIZING", "CANCELLING":
			continue
		}
		return ended(v.Run)
	}
}

func exec(t *testing.T, db *sql.DB, query string) {
	t.Helper()
	if _, err := db.Exec(query); err != nil {
		t.Fatalf("%s: %v", strings.TrimSpace(query), err)
	}
}
