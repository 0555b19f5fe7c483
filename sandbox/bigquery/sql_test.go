package bigquery

import (
	"strings"
	"testing"

	bq "cloud.google.com/go/bigquery"
	"github.com/google/go-cmp/cmp"
)

// people makes a table of three rows.
func (w *world) people() {
	w.Helper()
	d := w.dataset()
	_, err := w.load(d.Table("people"), bq.JSON, `{"uid":"a","n":1,"tags":["x","y"],"at":"2026-06-30 20:00:00 UTC"}
{"uid":"b","n":2,"r":{"k":5}}
{"uid":"나","n":3}`, func(_ *bq.Loader, s *bq.ReaderSource) {
		s.Schema = bq.Schema{{Name: "uid", Type: bq.StringFieldType}, {Name: "n", Type: bq.IntegerFieldType}, {Name: "tags", Type: bq.StringFieldType, Repeated: true},
			{Name: "at", Type: bq.TimestampFieldType}, {Name: "r", Type: bq.RecordFieldType, Schema: bq.Schema{{Name: "k", Type: bq.IntegerFieldType}}}}
	})
	w.must(err)
}

func TestTablesAreFoundByTheirNames(t *testing.T) {
	w := open(t, Config{})
	w.people()
	for _, c := range []struct{ sql, want string }{
		{"SELECT uid FROM `calback-demo.calback.people` WHERE n = 3", "[나]"},
		{"SELECT people.uid FROM `calback-demo`.calback.people WHERE people.n = 1", "[a]"},
		{"SELECT p.uid FROM calback-demo.calback.people AS p WHERE p.n = 1", "[a]"},
		{"SELECT `uid` FROM people WHERE n = 2", "[b]"},
		{"SELECT x.uid, y.n FROM people x JOIN calback.people y USING (uid) WHERE x.n > 2", "[나 3]"},
		{"SELECT COUNT(*) FROM people, (SELECT 1 AS one), people AS q", "[9]"},
		{"SELECT uid, tag FROM people, UNNEST(tags) AS tag ORDER BY tag DESC", "[a y]"},
		{"SELECT uid, ARRAY_LENGTH(tags), r.k FROM people ORDER BY n LIMIT 1", "[a 2 <nil>]"},
		{"SELECT SUM(n) AS s, COUNT(DISTINCT uid) FROM people GROUP BY n > 1 HAVING s > 1", "[5 2]"},
		{"WITH people AS (SELECT 9 AS n) SELECT n FROM people", "[9]"},
		{"SELECT EXTRACT(DATE FROM at AT TIME ZONE 'Asia/Seoul') FROM people WHERE DATE(at, 'Asia/Seoul') = '2026-07-01'", "[2026-07-01]"},
		{"SELECT * EXCEPT (tags, at, r) REPLACE (n * 2 AS n) FROM (SELECT * FROM people) WHERE n = 3;", "[나 6]"},
		{"(SELECT 1 AS a) UNION ALL (SELECT 1) ", "[1]"},
	} {
		got, err := w.ask(c.sql)
		if err != nil || len(got) == 0 || got[0] != c.want {
			t.Errorf("%s\n\tgot  %v %v\n\twant %s", c.sql, got, err, c.want)
		}
	}
}

// TestQueriesStayInTheirCage tries to reach files, settings and the tables of
// the sandbox itself.
func TestQueriesStayInTheirCage(t *testing.T) {
	w := open(t, Config{Billing: true, Dir: t.TempDir()})
	w.people()
	for sql, text := range map[string]string{
		"SELECT * FROM read_csv('/etc/passwd')":                               "Table-valued function not found: read_csv",
		"SELECT * FROM people, read_text('/etc/passwd')":                      "Table-valued function not found",
		"SELECT * FROM people JOIN glob('*') ON true":                         "Table-valued function not found",
		"SELECT * FROM '/etc/passwd'":                                         "Expected a table",
		"SELECT * FROM `/etc/passwd`":                                         "Not found: Table calback-demo:calback./etc/passwd",
		"SELECT (SELECT MAX(content) FROM read_text('/etc/passwd'))":          "Table-valued function not found",
		"SELECT ARRAY(SELECT name FROM duckdb_settings())":                    "Table-valued function not found",
		"SELECT IF(true, (SELECT 1 FROM sniff_csv('x')), 2)":                  "Table-valued function not found",
		"SELECT * FROM duckdb_tables":                                         "Not found: Table",
		"SELECT * FROM information_schema.tables":                             "not supported by the sandbox",
		"SELECT 1; SELECT 2":                                                  "several statements",
		"COPY people TO '/tmp/x'":                                             `Unexpected "COPY"`,
		"ATTACH '/tmp/x'":                                                     `Unexpected "ATTACH"`,
		"INSTALL httpfs":                                                      `Unexpected "INSTALL"`,
		"PRAGMA version":                                                      `Unexpected "PRAGMA"`,
		"SET memory_limit = '1GB'":                                            "SET statements are not supported",
		"CREATE MODEL calback.m OPTIONS(model_type='linear_reg') AS SELECT 1": "CREATE MODEL is not supported by the sandbox",
		"CREATE VIEW calback.v AS SELECT 1":                                   "CREATE VIEW is not supported",
		"INSERT INTO people (uid) SELECT name FROM duckdb_settings()":         "Table-valued function not found",
		"MERGE people USING glob('*') g ON true WHEN MATCHED THEN DELETE":     "Table-valued function not found",
		"SELECT nope FROM people":                                             "Unrecognized name: nope",
		"SELECT nope(1)":                                                      "Function not found: nope",
		"SELEC 1":                                                             `Unexpected "SELEC" at [1:1]`,
		"SELECT 1 +":                                                          "Syntax error",
		"SELECT\n'x":                                                          "Unclosed string literal at [2:1]",
		"SELECT (1":                                                           "Expected \")\"",
		"SELECT 1 AS a, 2 AS A":                                               "Duplicate column names",
		"DELETE FROM people":                                                  "must have a WHERE clause",
		"SELECT CAST(1 AS MONEY)":                                             "Type not found: MONEY",
		"SELECT * FROM other.calback.people":                                  "Access Denied",
		"":                                                                    "query",
	} {
		if _, err := w.ask(sql); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%s: no %q in %v", sql, text, err)
		}
	}
	if rows := w.rows("people", ""); len(rows) != 3 {
		t.Errorf("rows %v", rows)
	}
}

func TestStatementsChangeRows(t *testing.T) {
	w := open(t, Config{Billing: true})
	w.people()
	do := func(sql string) *bq.QueryStatistics {
		t.Helper()
		q := w.client.Query(sql)
		q.DefaultDatasetID = "calback"
		j, err := q.Run(w.ctx)
		w.must(err)
		st, err := w.wait(j)
		w.must(err)
		if st.Err() != nil {
			t.Fatalf("%s: %v", sql, st.Err())
		}
		return st.Statistics.Details.(*bq.QueryStatistics)
	}
	for _, c := range []struct {
		sql, kind string
		affected  int64
	}{
		{"INSERT INTO calback.people (uid, n) VALUES ('d', 4), ('e', 5)", "INSERT", 2},
		{"INSERT people (uid, n) SELECT uid, n + 10 FROM people WHERE n > 3", "INSERT", 2},
		{"UPDATE people SET n = n * 10 WHERE people.uid = 'd'", "UPDATE", 2},
		{"DELETE people WHERE n > 100", "DELETE", 1},
		{"DELETE FROM people AS p WHERE p.uid IN ('e')", "DELETE", 2},
		{"CREATE TABLE calback.copy PARTITION BY day CLUSTER BY uid OPTIONS(description='d', require_partition_filter=false) AS SELECT uid, n, DATE '2026-06-30' AS day FROM people WHERE n IN (1, 2)", "CREATE_TABLE_AS_SELECT", 0},
		{"MERGE INTO calback.copy t USING (SELECT uid, n FROM people) s ON t.uid = s.uid WHEN MATCHED AND s.n = 1 THEN UPDATE SET n = 100 WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (uid, n, day) VALUES (s.uid, s.n, DATE '2026-01-01')", "MERGE", 4},
		{"CREATE OR REPLACE TABLE calback.copy AS SELECT * FROM calback.copy WHERE n > 3", "CREATE_TABLE_AS_SELECT", 0},
		{"CREATE TABLE IF NOT EXISTS calback.copy (x INT64)", "CREATE_TABLE", 0},
		{"CREATE TABLE calback.typed (id INT64 NOT NULL, r STRUCT<a STRING, b ARRAY<INT64>>, d NUMERIC) ", "CREATE_TABLE", 0},
		{"DROP TABLE IF EXISTS calback.nothing", "DROP_TABLE", 0},
	} {
		if st := do(c.sql); st.StatementType != c.kind || st.NumDMLAffectedRows != c.affected {
			t.Errorf("%s: %s of %d rows", c.sql, st.StatementType, st.NumDMLAffectedRows)
		}
	}
	if diff := cmp.Diff([]string{"[a 100 2026-06-30]", "[d 40 2026-01-01]"}, w.rows("copy", "")); diff != "" {
		t.Error(diff)
	}
	m, err := w.client.Dataset("calback").Table("typed").Metadata(w.ctx)
	w.must(err)
	if !m.Schema[0].Required || m.Schema[1].Schema[1].Type != bq.IntegerFieldType || !m.Schema[1].Schema[1].Repeated || m.Schema[2].Type != bq.NumericFieldType {
		t.Errorf("%+v", m.Schema)
	}
	do("TRUNCATE TABLE calback.copy")
	do("DROP TABLE calback.typed")
	if rows := w.rows("copy", ""); len(rows) != 0 {
		t.Errorf("rows %v", rows)
	}

	free := open(t, Config{})
	free.people()
	_, err = free.ask("DELETE FROM people WHERE true")
	free.fails(err, "403 billingNotEnabled", "DML queries are not allowed in the free tier")
}

func TestResultsGoToADestination(t *testing.T) {
	w := open(t, Config{})
	w.people()
	to := w.client.Dataset("calback").Table("daily$20260630")
	w.must(w.client.Dataset("calback").Table("daily").Create(w.ctx, &bq.TableMetadata{TimePartitioning: &bq.TimePartitioning{Field: "d"},
		Schema: bq.Schema{{Name: "d", Type: bq.DateFieldType}, {Name: "c", Type: bq.IntegerFieldType}}}))
	for range 2 {
		_, err := w.ask("SELECT DATE '2026-06-30' AS d, COUNT(*) AS c FROM people", func(q *bq.Query) {
			q.Dst, q.WriteDisposition = to, bq.WriteTruncate
		})
		w.must(err)
	}
	if diff := cmp.Diff([]string{"[2026-06-30 3]"}, w.rows("daily", "")); diff != "" {
		t.Error(diff)
	}
	_, err := w.ask("SELECT DATE '2026-06-01' AS d, 1 AS c", func(q *bq.Query) { q.Dst, q.WriteDisposition = to, bq.WriteTruncate })
	w.fails(err, "400 invalid", "Some rows belong to different partitions")
}

func TestDryRunsWeighWithoutRunning(t *testing.T) {
	w := open(t, Config{})
	w.people()
	weigh := func(sql string) int64 {
		t.Helper()
		q := w.client.Query(sql)
		q.DryRun = true
		j, err := q.Run(w.ctx)
		w.must(err)
		return j.LastStatus().Statistics.TotalBytesProcessed
	}
	before := w.s.Stats().JobsAccepted
	if one, all := weigh("SELECT n FROM calback.people"), weigh("SELECT * FROM calback.people"); one != 24 || all <= one {
		t.Errorf("one column %d bytes, all %d", one, all)
	}
	if got := w.s.Stats().JobsAccepted; got != before {
		t.Errorf("%d jobs were made", got-before)
	}
}

func TestRowsComeInPages(t *testing.T) {
	w := open(t, Config{Billing: true})
	w.people()
	base := "/bigquery/v2/projects/calback-demo/datasets/calback/tables/people"
	_, text := w.call("GET", base+"/data?maxResults=2&selectedFields=n,at", "")
	want := `"totalRows":"3","pageToken":"P2","rows":[{"f":[{"v":"1"},{"v":"1.7828496E9"}]},{"f":[{"v":"2"},{"v":null}]}]`
	if !strings.Contains(text, want) {
		t.Errorf("no %s in %s", want, text)
	}
	_, text = w.call("GET", base+"/data?pageToken=P2&formatOptions.useInt64Timestamp=true", "")
	if want := `"rows":[{"f":[{"v":"나"},{"v":"3"},{"v":[]},{"v":null},{"v":null}]}]`; !strings.Contains(text, want) || strings.Contains(text, "pageToken") {
		t.Errorf("no %s in %s", want, text)
	}
	it := w.client.Dataset("calback").Table("people").Read(w.ctx)
	it.PageInfo().MaxSize = 1
	var uids []string
	for {
		var row struct{ UID string }
		if it.Next(&row) != nil {
			break
		}
		uids = append(uids, row.UID)
	}
	if diff := cmp.Diff([]string{"a", "b", "나"}, uids); diff != "" {
		t.Error(diff)
	}
	q := w.client.Query("SELECT x FROM UNNEST(GENERATE_ARRAY(1, 25000)) AS x ORDER BY x DESC")
	rows, err := q.Read(w.ctx)
	w.must(err)
	rows.PageInfo().MaxSize = 10000
	last, n := int64(25001), 0
	for {
		var row []bq.Value
		if rows.Next(&row) != nil {
			break
		}
		if row[0].(int64) != last-1 {
			t.Fatalf("row %d is %v after %d", n, row[0], last)
		}
		last = row[0].(int64)
		n++
	}
	if n != 25000 || rows.TotalRows != 25000 {
		t.Errorf("%d rows of %d", n, rows.TotalRows)
	}

	_, text = w.call("POST", base+"/insertAll", `{"rows":[{"json":{"uid":"s","n":"8"}},{"json":{"zz":1}}]}`)
	if !strings.Contains(text, `"insertErrors":[{"index":1`) || !strings.Contains(text, "stopped") {
		t.Error(text)
	}
	w.must(w.client.Dataset("calback").Table("people").Inserter().Put(w.ctx, []*bq.StructSaver{{Struct: struct {
		UID string `bigquery:"uid"`
		N   int    `bigquery:"n"`
	}{"s", 8}, Schema: bq.Schema{{Name: "uid", Type: bq.StringFieldType}, {Name: "n", Type: bq.IntegerFieldType}}}}))
	if rows := w.rows("people", ""); len(rows) != 4 {
		t.Errorf("rows %v", rows)
	}
}
