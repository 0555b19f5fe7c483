package acceptance

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/weirflow/weir/sandbox"
	"github.com/weirflow/weir/server"
)

// authorsFlow joins every review with its author and counts by author. The
// rating is text in the source: the cast is explicit, and one that failed would
// fail the run.
const authorsFlow = `{
  "weir": 1, "id": "authors", "mode": "runs",
  "services": {"gcp": {"kind": "GoogleCloud", "settings": {"project": "calback-demo", "endpoint": "sandbox"}}},
  "nodes": {
    "reviews": {"kind": "ReadFirestore", "settings": {"service": "gcp", "collection": "reviews", "max_reads": 1000000,
      "schema": [["author", "string"], ["rating", "string"], ["review_id", "string"], ["review", "string"]], "on_drift": "unread"}, "terminate": ["rejected"]},
    "authors": {"kind": "ReadFirestore", "settings": {"service": "gcp", "collection": "authors", "max_reads": 1000000,
      "schema": [["author", "string"], ["first_seen", "int64"]]}, "terminate": ["rejected"]},
    "join": {"kind": "JoinRecords", "settings": {"type": "inner", "keys": ["author = author"], "memory": "128 MB",
      "left_columns": ["author", "rating", "review_id"], "right_columns": ["first_seen"]}, "terminate": ["unmatched_left", "unmatched_right", "rejected"]},
    "count": {"kind": "QueryRecord", "settings": {"sql": "SELECT author, first_seen, count(*) AS reviews, CAST(sum(CAST(rating AS BIGINT)) AS BIGINT) AS ratings FROM records GROUP BY author, first_seen ORDER BY author"}},
    "csv": {"kind": "WriteCSV", "settings": {"path": "out/authors.csv"}, "terminate": ["success"]}
  },
  "connections": {
    "reviews-join": {"from": "reviews", "output": "success", "to": "join", "input": "left"},
    "authors-join": {"from": "authors", "output": "success", "to": "join", "input": "right"},
    "join-count": {"from": "join", "output": "success", "to": "count", "input": "records"},
    "count-csv": {"from": "count", "output": "success", "to": "csv"}
  }
}`

// TestReviewsJoinedWithTheirAuthors makes two collections of the reviews, joins
// them in a run, and compares count and sum of ratings of each author with what a
// plain loop over the source says.
func TestReviewsJoinedWithTheirAuthors(t *testing.T) {
	if testing.Short() {
		t.Skip("long: run without -short")
	}
	if _, err := os.Stat(reviews); err != nil {
		t.Skip("the shared data is not here: ", err)
	}
	source, n := head(t)
	type sums struct{ first, reviews, ratings int64 }
	want := map[string]*sums{}
	var order []string
	f, err := os.Open(source)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<20)
	for line := int64(0); sc.Scan(); line++ {
		var r struct{ Author, Rating string }
		if err := json.Unmarshal(sc.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		rating, err := strconv.ParseInt(r.Rating, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		s := want[r.Author]
		if s == nil {
			s = &sums{first: line}
			want[r.Author] = s
			order = append(order, r.Author)
		}
		s.reviews++
		s.ratings += rating
	}
	if err := sc.Err(); err != nil {
		t.Fatal(err)
	}
	authors := dump(t, t.TempDir(), "authors.ndjson", func(line func(any)) {
		for _, a := range order {
			line(map[string]any{"author": a, "first_seen": want[a].first})
		}
	})

	srv, err := server.Open(t.Context(), server.Config{Data: filepath.Join(t.TempDir(), "data"), Alone: true,
		Embedded: &sandbox.Config{Users: -1, Meetings: -1, Events: -1,
			Files: []sandbox.File{{Collection: "reviews", Path: source}, {Collection: "authors", Path: authors}}}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := srv.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	began := time.Now()
	if run := runToEnd(t, srv, authorsFlow); run.State != "SUCCESS" || run.Balance != "balanced" {
		t.Fatalf("the run ended %s, %s: %s", run.State, run.Balance, run.Why)
	}
	t.Logf("%d reviews and %d authors joined in %v; the sandbox saw %d requests", n, len(order), time.Since(began).Round(time.Millisecond), requests(t, srv))

	out, err := os.Open(filepath.Join(srv.Files(), "out/authors.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	rows, err := csv.NewReader(out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != len(want)+1 {
		t.Fatalf("%d authors in the file, want %d", len(rows)-1, len(want))
	}
	for _, r := range rows[1:] {
		s := want[r[0]]
		if s == nil || r[1] != strconv.FormatInt(s.first, 10) || r[2] != strconv.FormatInt(s.reviews, 10) || r[3] != strconv.FormatInt(s.ratings, 10) {
			t.Errorf("%q, want %+v", r, s)
			break
		}
		delete(want, r[0])
	}
	if len(want) > 0 {
		t.Errorf("%d authors are not in the file, or stand there twice", len(want))
	}
}

// requests is how many requests the sandbox answered; none would prove nothing.
func requests(t *testing.T, srv *server.Server) int64 {
	t.Helper()
	var n int64
	for _, k := range srv.Sandbox().Stats().Calls {
		n += int64(k)
	}
	if n == 0 {
		t.Error("the sandbox saw no request")
	}
	return n
}
