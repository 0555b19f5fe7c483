package bigquery

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	bq "cloud.google.com/go/bigquery"
)

func TestMethod(t *testing.T) {
	for request, want := range map[string]string{
		"GET /bigquery/v2/projects":                                     "projects.list",
		"GET /projects/p/datasets":                                      "datasets.list",
		"PATCH /bigquery/v2/projects/p/datasets/d":                      "datasets.patch",
		"GET /bigquery/v2/projects/p/datasets/d/tables/t%2420260630":    "tables.get",
		"POST /bigquery/v2/projects/p/datasets/d/tables/t/insertAll":    "tabledata.insertAll",
		"GET /bigquery/v2/projects/p/datasets/d/tables/t/data?x=1":      "tabledata.list",
		"POST /upload/bigquery/v2/projects/p/jobs?uploadType=multipart": "jobs.insert",
		"PUT /resumable/upload/bigquery/v2/projects/p/jobs?upload_id=1": "jobs.insert",
		"PUT /bigquery/v2/projects/p/jobs":                              "",
		"POST /bigquery/v2/projects/p/jobs/j/cancel":                    "jobs.cancel",
		"DELETE /bigquery/v2/projects/p/jobs/j/delete":                  "jobs.delete",
		"GET /bigquery/v2/projects/p/queries/j":                         "jobs.getQueryResults",
		"GET /discovery/v1/apis/bigquery/v2/rest":                       "discovery",
		"GET /": "",
		"GET /bigquery/v2/projects/p/datasets/d/tables/t/x/y": "",
	} {
		verb, path, _ := strings.Cut(request, " ")
		r := httptest.NewRequest(verb, path, nil)
		if got := Method(r); got != want {
			t.Errorf("%s is %q, want %q", request, got, want)
		}
	}
	c := newCall(httptest.NewRequest(http.MethodGet, "/bigquery/v2/projects/p/datasets/d/tables/t%2420260630", nil))
	if c.project != "p" || c.dataset != "d" || c.table != "t$20260630" {
		t.Errorf("%+v", c)
	}
}

// TestManyAtOnce loads into partitions of one table and reads it meanwhile.
func TestManyAtOnce(t *testing.T) {
	w := open(t, Config{})
	w.actions()
	var all sync.WaitGroup
	days := []string{"2026-06-25", "2026-06-26", "2026-06-27", "2026-06-28", "2026-06-29", "2026-06-30"}
	for _, day := range days {
		all.Go(func() {
			src := bq.NewReaderSource(strings.NewReader(`{"date":"` + day + `","uid":"a"}`))
			src.SourceFormat = bq.JSON
			l := w.client.Dataset("calback").Table("user_actions$" + strings.ReplaceAll(day, "-", "")).LoaderFrom(src)
			l.WriteDisposition = bq.WriteTruncate
			if _, err := l.Run(w.ctx); err != nil {
				t.Error(err)
			}
		})
		all.Go(func() {
			if _, err := w.ask("SELECT COUNT(*) FROM user_actions"); err != nil {
				t.Error(err)
			}
			if _, err := w.client.Dataset("calback").Table("user_actions").Metadata(w.ctx); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	w.s.tasks.Wait()
	if rows := w.rows("user_actions", ""); len(rows) != len(days) {
		t.Errorf("rows %v", rows)
	}
}

// FuzzRewrite wants every text to be either SQL or an error, and no table to be
// reached but by its name.
func FuzzRewrite(f *testing.F) {
	for _, sql := range []string{
		"SELECT a, COUNT(*) FROM `p.d.t` WHERE x IN UNNEST([1]) GROUP BY 1", "SELECT ARRAY<STRUCT<a INT64, b ARRAY<STRING>>>[]", "WITH t AS (SELECT 1) SELECT * FROM t AS u",
		"SELECT INTERVAL 1 DAY, @p, ?, x[OFFSET(0)] FROM UNNEST(a) AS b WITH OFFSET c", "CREATE TABLE d.t (a INT64) PARTITION BY DATE(a) AS SELECT 1", "MERGE t USING (SELECT 1) s ON a WHEN MATCHED THEN DELETE",
		"SELECT SAFE.F(1), CAST(a AS b), EXTRACT(x FROM", "'''", "SELECT '\\u12", "r\"\\\"", "INSERT t (a) VALUES (1)", "UPDATE t SET", "UNNEST(", "SELECT STRUCT(,)", "SELECT * FROM a-b.c",
	} {
		f.Add(sql)
	}
	s := &Server{config: Config{}.withDefaults(), datasets: map[string]*dataset{"d": {wire: Dataset{Reference: &DatasetReference{"calback-demo", "d"}}, tables: map[string]*table{
		"t": {physical: "d.t~1", wire: Table{Reference: &TableReference{"calback-demo", "d", "t"}, Schema: &Schema{Fields: []*Field{{Name: "a", Type: "INTEGER", Mode: "NULLABLE"}}}}},
	}}}}
	f.Fuzz(func(t *testing.T, sql string) {
		st, err := s.analyze(t.Context(), &queryConfig{Query: sql, DefaultDataset: &DatasetReference{DatasetID: "d"}})
		if err == nil && st.query == "" && st.run == nil {
			t.Errorf("%q is neither SQL nor an error", sql)
		}
	})
}

// FuzzCSV wants every text to be rows or an error, in either way of quoting.
func FuzzCSV(f *testing.F) {
	f.Add("a,b\n\"x\"\"y\",\n", true)
	f.Add("\"\n", false)
	f.Fuzz(func(t *testing.T, text string, newlines bool) {
		r, err := newCSVReader(newReader(text), &loadConfig{AllowQuotedNewlines: newlines})
		if err != nil {
			t.Fatal(err)
		}
		for range len(text) + 1 {
			cells, at, err := r.row()
			if at > int64(len(text)) || err == nil && len(cells) == 0 {
				t.Fatalf("%d cells at %d", len(cells), at)
			}
			if isEnd(err) {
				return
			}
		}
		t.Fatal("the reader does not end")
	})
}
