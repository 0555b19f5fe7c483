package join_test

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors/join"
	"github.com/weirflow/weir/processors/processorstest"
	"github.com/weirflow/weir/record"
)

func TestWhenNothingArrives(t *testing.T) {
	set := settings{"keys": []string{"mid = uid"}, "type": "full"}
	r := processorstest.New(t, "JoinRecords", set)
	r.Run().Want("success").Want("unmatched_left")
	r = processorstest.New(t, "JoinRecords", set)
	r.PutRecordsTo("left", events, someEvents...).Run().WantErr("join_columns_unknown")
	// An empty FlowFile has its columns.
	r = processorstest.New(t, "JoinRecords", set)
	r.PutRecordsTo("left", events, someEvents[0]).PutRecordsTo("right", users).Run()
	r.WantRows("success", `{"mid":"b","n":1,"name":"open","name_right":null,"level":null}`)
	// So has the setting.
	r = processorstest.New(t, "JoinRecords", settings{"keys": []string{"mid = uid"}, "type": "full", "left_schema": events})
	r.PutRecordsTo("right", users, someUsers[0]).Run()
	r.WantRows("success", `{"mid":"a","n":null,"name":null,"name_right":"김","level":1}`)
	// A result without rows still has its columns.
	r = processorstest.New(t, "JoinRecords", settings{"keys": []string{"mid = uid"}, "type": "inner"})
	r.PutRecordsTo("left", events, someEvents[2]).PutRecordsTo("right", users).Run()
	out := r.Output("success")
	if len(out) != 1 || out[0].Rows != 0 || len(r.SchemaOf(out[0]).Fields) != 5 {
		t.Errorf("an empty result is %+v", out)
	}
}

func TestContentsThatDoNotFit(t *testing.T) {
	set := settings{"keys": []string{"mid = uid"}}
	r := processorstest.New(t, "JoinRecords", set)
	r.PutTo("left", "text").PutRecordsTo("right", users).Run().WantErr("not_records")
	r = processorstest.New(t, "JoinRecords", set)
	r.PutRecordsTo("left", events).PutRecordsTo("left", users).PutRecordsTo("right", users).Run().WantErr("join_schema_differs")
	// Columns in another order are the same columns.
	r = processorstest.New(t, "JoinRecords", set)
	r.PutRecordsTo("left", events, someEvents[1]).PutRecordsTo("left", record.MustSchema("name", "string", "n", "int64", "mid", "string"), `{"name":"z","n":9,"mid":"a"}`)
	r.PutRecordsTo("right", users, someUsers[0]).Run()
	r.WantRows("success", `{"mid":"a","n":2,"name":"open","name_right":"김","level":1}`, `{"mid":"a","n":9,"name":"z","name_right":"김","level":1}`)
	for _, line := range []string{`{"mid":"a","n":1,"name":"x"`, `{"mid":"a","n":1,"nix":2}`, `{"mid":"a","mid":"b"}`, `[1]`, "{\"mid\":\"\xff\"}"} {
		r := processorstest.New(t, "JoinRecords", set)
		r.PutTo("left", line, flowfile.SchemaAttr, r.Store.PutSchema([]byte(events.String()))).PutRecordsTo("right", users).Run().WantErr("join_row_damaged")
	}
	// Spaces, another order and absent keys are JSON as well.
	r = processorstest.New(t, "JoinRecords", set)
	r.PutTo("left", " { \"n\" : 1 , \"mid\": \"a\\u0062\" } \r\n\n", flowfile.SchemaAttr, r.Store.PutSchema([]byte(events.String())))
	r.PutRecordsTo("right", users, `{"uid":"ab","name":"q\"}","level":1}`).Run()
	if got := r.Content(r.Output("success")[0]); got != "{\"mid\":\"a\\u0062\",\"n\":1,\"name\":null,\"name_right\":\"q\\\"}\",\"level\":1}\n" {
		t.Errorf("success is %q", got)
	}
}

func TestRejectedRowsSayWhy(t *testing.T) {
	l, r := record.MustSchema("k", "string", "join_error", "string"), record.MustSchema("k", "int64")
	set := settings{"keys": []string{"k as int64 = k as int64"}}
	run := processorstest.New(t, "JoinRecords", set)
	run.PutRecordsTo("left", l, `{"k":"1","join_error":"a"}`, `{"k":"one","join_error":"b"}`, `{"k":"","join_error":"c"}`).PutRecordsTo("right", r, `{"k":1}`).Run()
	run.WantRows("success", `{"k":1,"join_error":"a"}`)
	rows := run.Rows("rejected")
	if len(rows) != 2 || !strings.HasPrefix(rows[0], `{"k":"one","join_error":"b","join_error_":"The value \"one\" of key column k of the left input`) || !strings.Contains(rows[1], `"k":""`) {
		t.Errorf("rejected: %q", rows)
	}
	run.WantAttr("rejected", "join.side", "left")
	set["on_cast_failure"] = "fail"
	run = processorstest.New(t, "JoinRecords", set)
	run.PutRecordsTo("left", l, `{"k":"one"}`).PutRecordsTo("right", r, `{"k":1}`).Run().WantErr("join_cast_failed")
}

// TestALargeJoinSpillsAndStaysExact gives DuckDB less memory than the rows take
// and counts the result independently, with a census and without.
func TestALargeJoinSpillsAndStaysExact(t *testing.T) {
	for _, census := range []bool{true, false} {
		n := 160_000
		if os.Getenv("WEIR_SOAK") == "" {
			n = 20_000 // all of it fits into memory
		}
		undo := join.Limit(1<<20, census)
		l := record.MustSchema("k", "string", "n", "int64", "pad", "string")
		r := processorstest.New(t, "JoinRecords", settings{"keys": []string{"k = k"}, "type": "inner", "memory": "128 MB", "duplicates": "allow"})
		pad := strings.Repeat("한", 300)
		var right []string
		for i := range n / 10 {
			right = append(right, fmt.Sprintf(`{"k":"key-%d","w":%d}`, i%(n/20), i))
		}
		for from := 0; from < n; from += 10_000 {
			var left []string
			for i := from; i < from+10_000; i++ {
				left = append(left, fmt.Sprintf(`{"k":"key-%d","n":%d,"pad":"%s"}`, (i*7919)%(n/10), i, pad))
			}
			r.PutRecordsTo("left", l, left...)
		}
		r.PutRecordsTo("right", record.MustSchema("k", "string", "w", "int64"), right...).Run()
		if err := r.Err(); err != nil {
			t.Fatal(err)
		}
		var rows, files int64
		last := ""
		for _, f := range r.Output("success") {
			rows, files = rows+f.Rows, files+1
			if f.Rows > 210_000 || f.Size() > 65<<20 {
				t.Errorf("a FlowFile has %d rows and %d bytes", f.Rows, f.Size())
			}
			key := r.Content(f)[:20]
			if key < last {
				t.Errorf("a FlowFile that begins with %s comes after %s", key, last)
			}
			last = key
		}
		// Half of the left keys stand on the right, twice each.
		if rows != int64(n) || n == 160_000 && files < 2 {
			t.Errorf("%d rows in %d FlowFiles, want %d rows", rows, files, n)
		}
		if got := r.Ledger()[flowfile.Used].Rows; got != int64(n/2+n/10) {
			t.Errorf("%d rows were used, want %d", got, n/2+n/10)
		}
		undo()
	}
}

// review is a row of the shared reviews.
type review struct{ Author, Rating string }

// TestReviewsByAuthor joins real reviews with their distinct authors and holds
// count and sum of the ratings of each author against a count of its own.
func TestReviewsByAuthor(t *testing.T) {
	const path = "../../../shared/data/korean/nsmc_reviews.ndjson.gz"
	f, err := os.Open(filepath.FromSlash(path))
	if err != nil {
		t.Skip("the shared reviews are not here:", err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	limit := 20_000
	if os.Getenv("WEIR_ALL") != "" {
		limit = 1 << 30
	}
	type sum struct{ n, rating int }
	want := map[string]sum{}
	r := processorstest.New(t, "JoinRecords", settings{"keys": []string{"author = name", "rating as int64 = best as int64"}, "type": "inner",
		"right_columns": []string{"name as who"}, "duplicates": "fail"})
	schema := record.MustSchema("author", "string", "rating", "string", "text", "string")
	best := map[string]int{}
	var rows []string
	dec := json.NewDecoder(z)
	for range limit {
		var v struct {
			review
			Review string
		}
		if err := dec.Decode(&v); err != nil {
			break
		}
		n, err := strconv.Atoi(v.Rating)
		if err != nil {
			t.Fatal(err)
		}
		best[v.Author] = max(best[v.Author], n)
		s := want[v.Author+" "+v.Rating]
		want[v.Author+" "+v.Rating] = sum{s.n + 1, s.rating + n}
		b, err := json.Marshal(map[string]string{"author": v.Author, "rating": v.Rating, "text": v.Review})
		if err != nil {
			t.Fatal(err)
		}
		if rows = append(rows, string(b)); len(rows) == 10_000 {
			r.PutRecordsTo("left", schema, rows...)
			rows = rows[:0]
		}
	}
	r.PutRecordsTo("left", schema, rows...)
	var authors []string
	for _, name := range slices.Sorted(maps.Keys(best)) {
		b, err := json.Marshal(map[string]any{"name": name, "best": best[name]})
		if err != nil {
			t.Fatal(err)
		}
		authors = append(authors, string(b))
	}
	r.PutRecordsTo("right", record.MustSchema("name", "string", "best", "int64"), authors...).Run()
	got := map[string]sum{}
	for _, line := range r.Rows("success") {
		var v struct {
			Author, Who string
			Rating      int
		}
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatal(err)
		}
		if v.Author != v.Who {
			t.Fatalf("%s joined with %s", v.Author, v.Who)
		}
		s := got[v.Author]
		got[v.Author] = sum{s.n + 1, s.rating + v.Rating}
	}
	if len(got) != len(best) {
		t.Errorf("%d authors came out, want %d", len(got), len(best))
	}
	for name, n := range best {
		if w := want[name+" "+strconv.Itoa(n)]; got[name] != w {
			t.Errorf("%s: %v, want %v", name, got[name], w)
		}
	}
}
