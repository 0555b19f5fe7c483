package bigquery

import (
	"errors"
	"fmt"
	"testing"
	"time"

	bq "cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
	"google.golang.org/api/iterator"
)

// ask runs a query and returns its rows as text.
func (w *world) ask(sql string, set ...func(*bq.Query)) ([]string, error) {
	w.Helper()
	q := w.client.Query(sql)
	q.DefaultDatasetID = "calback"
	for _, f := range set {
		f(q)
	}
	it, err := q.Read(w.ctx)
	if err != nil {
		return nil, err
	}
	var out []string
	for {
		var row []bq.Value
		err := it.Next(&row)
		if errors.Is(err, iterator.Done) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		out = append(out, fmt.Sprint(row))
	}
}

func TestExpressionsMeanWhatBigQuerysDo(t *testing.T) {
	w := open(t, Config{})
	w.dataset()
	for _, c := range []struct{ sql, want string }{
		{"SELECT 1, 'a' AS x, 2.5", "[1 a 2.5]"},
		{`SELECT "it's", r'a\d', '''x'y''', 'tab\t|', "가\uac00"`, "[it's a\\d x'y tab\t| 가가]"},
		{"SELECT SAFE_CAST('x' AS INT64), SAFE_CAST('7' AS INT64), CAST(1 AS STRING)", "[<nil> 7 1]"},
		{"SELECT SAFE_DIVIDE(1, 0), SAFE_DIVIDE(1, 4), IEEE_DIVIDE(1, 2), DIV(7, 2), MOD(7, 2)", "[<nil> 0.25 0.5 3 1]"},
		{"SELECT IF(1 > 2, 'a', 'b'), IFNULL(NULL, 3), COALESCE(NULL, 4), NULLIF(1, 1)", "[b 3 4 <nil>]"},
		{"SELECT COUNTIF(x > 1), SUM(x), LOGICAL_OR(x = 1) FROM UNNEST([1, 2, 3]) AS x", "[2 6 true]"},
		{"SELECT DATE(TIMESTAMP '2026-06-30 20:00:00+00', 'Asia/Seoul'), DATE '2026-01-31', DATE(2026, 2, 3)", "[2026-07-01 2026-01-31 2026-02-03]"},
		{"SELECT CURRENT_DATE('Asia/Seoul'), CURRENT_DATE(), CURRENT_TIMESTAMP()", "[2026-07-01 2026-07-01 2026-07-01 03:30:00 +0000 UTC]"},
		{"SELECT TIMESTAMP_TRUNC(TIMESTAMP '2026-06-30 20:10:00 UTC', DAY), TIMESTAMP_TRUNC(TIMESTAMP '2026-06-30 20:10:00 UTC', DAY, 'Asia/Seoul')", "[2026-06-30 00:00:00 +0000 UTC 2026-06-30 15:00:00 +0000 UTC]"},
		{"SELECT DATE_TRUNC(DATE '2026-07-01', WEEK), DATE_TRUNC(DATE '2026-07-01', ISOWEEK), DATE_TRUNC(DATE '2026-07-01', MONTH), DATE_TRUNC(DATE '2026-07-01', WEEK(MONDAY))", "[2026-06-28 2026-06-29 2026-07-01 2026-06-29]"},
		{"SELECT DATE_ADD(DATE '2026-01-31', INTERVAL 1 MONTH), DATE_SUB(DATE '2026-01-01', INTERVAL 2 WEEK), DATE '2026-01-01' + INTERVAL 1 DAY", "[2026-02-28 2025-12-18 2026-01-02T00:00:00]"},
		{"SELECT DATE_DIFF(DATE '2026-03-01', DATE '2026-02-01', DAY), TIMESTAMP_DIFF(TIMESTAMP '2026-01-01 01:59:00 UTC', TIMESTAMP '2026-01-01 00:00:00 UTC', HOUR)", "[28 1]"},
		{"SELECT FORMAT_DATE('%Y%m%d', DATE '2026-01-31'), FORMAT_TIMESTAMP('%F %T', TIMESTAMP '2026-06-30 20:00:00 UTC', 'Asia/Seoul'), PARSE_DATE('%Y%m%d', '20260131')", "[20260131 2026-07-01 05:00:00 2026-01-31]"},
		{"SELECT EXTRACT(YEAR FROM DATE '2026-01-31'), EXTRACT(DAYOFWEEK FROM DATE '2026-07-01'), EXTRACT(HOUR FROM TIMESTAMP '2026-06-30 20:00:00 UTC' AT TIME ZONE 'Asia/Seoul')", "[2026 4 5]"},
		{"SELECT UNIX_SECONDS(TIMESTAMP '1970-01-02 00:00:00 UTC'), TIMESTAMP_MILLIS(1500), UNIX_MILLIS(TIMESTAMP_SECONDS(2))", "[86400 1970-01-01 00:00:01.5 +0000 UTC 2000]"},
		{"SELECT REGEXP_CONTAINS('calback', r'b.c'), REGEXP_EXTRACT('k=12', r'=(\\d+)'), REGEXP_EXTRACT('x', r'\\d'), REGEXP_REPLACE('a1b2', r'\\d', '')", "[true 12 <nil> ab]"},
		{"SELECT STARTS_WITH('ab', 'a'), SPLIT('a,b'), ARRAY_LENGTH([1, 2]), [1, 2][OFFSET(0)], [1, 2][ORDINAL(2)], CONCAT('a', NULL)", "[true [a b] 2 1 2 <nil>]"},
		{"SELECT STRUCT(1 AS a, 'x' AS b), STRUCT(2 AS a).a, ARRAY<INT64>[3]", "[[1 x] 2 [3]]"},
		{"SELECT x, i FROM UNNEST(['a', 'b']) AS x WITH OFFSET AS i ORDER BY i DESC", "[b 1]"},
		{"WITH t AS (SELECT 1 AS n UNION ALL SELECT 2) SELECT (SELECT MAX(n) FROM t), n IN UNNEST([2]), EXISTS(SELECT 1 FROM t WHERE n = 2) FROM t WHERE n = 2", "[2 true true]"},
		{"SELECT ARRAY_AGG(x IGNORE NULLS ORDER BY x DESC), STRING_AGG(CAST(x AS STRING), '-' ORDER BY x), ARRAY(SELECT 1) FROM UNNEST([1, NULL, 2]) AS x", "[[2 1] 1-2 [1]]"},
		{"SELECT * EXCEPT (b) FROM (SELECT 1 AS a, 2 AS b, 3 AS c) -- and\n# so on\n/* on */", "[1 3]"},
		{"SELECT JSON_VALUE('{\"a\": {\"b\": 5}}', '$.a.b'), TO_JSON_STRING(STRUCT(1 AS a)), JSON '{\"z\":1,\"a\":2}'", `[5 {"a":1} {"z":1,"a":2}]`},
		{"SELECT NUMERIC '1.10', CAST('99999999999999999999.000000001' AS NUMERIC), 1e3, 0x10, b'\\x00a'", "[11/10 99999999999999999999000000001/1000000000 1000 16 [0 97]]"},
		{"SELECT DATETIME(TIMESTAMP '2026-06-30 20:00:00 UTC', 'Asia/Seoul'), TIME '01:02:03', TIMESTAMP('2026-01-01', 'Asia/Seoul')", "[2026-07-01T05:00:00 01:02:03 2025-12-31 15:00:00 +0000 UTC]"},
		{"SELECT GENERATE_ARRAY(1, 5, 2), GENERATE_DATE_ARRAY('2026-01-01', '2026-01-02'), SAFE.PARSE_DATE('%Y', 'x')", "[[1 3 5] [2026-01-01 2026-01-02] <nil>]"},
		{"SELECT uid, ROW_NUMBER() OVER (PARTITION BY uid ORDER BY n) AS k FROM (SELECT 'a' AS uid, 1 AS n) QUALIFY k = 1", "[a 1]"},
		{"SELECT CASE WHEN 1 IN (1, 2) AND NOT (2 BETWEEN 3 AND 4) THEN 'y' END, 'a' || 'b', 1 IS DISTINCT FROM 2", "[y ab true]"},
	} {
		got, err := w.ask(c.sql)
		if err != nil {
			t.Errorf("%s\n\t%v", c.sql, err)
			continue
		}
		if len(got) == 0 || got[0] != c.want {
			t.Errorf("%s\n\tgot  %v\n\twant %s", c.sql, got, c.want)
		}
	}
}

func TestParametersAreValues(t *testing.T) {
	w := open(t, Config{})
	w.dataset()
	got, err := w.ask("SELECT @s, @n, @d, @t, @a, @z, @st.x, @f", func(q *bq.Query) {
		q.Parameters = []bq.QueryParameter{
			{Name: "s", Value: "it's '; DROP"}, {Name: "n", Value: 7}, {Name: "d", Value: civil.Date{Year: 2026, Month: 1, Day: 31}},
			{Name: "t", Value: clock}, {Name: "a", Value: []string{"x", "y"}}, {Name: "z", Value: bq.NullString{}},
			{Name: "st", Value: struct{ X int }{9}}, {Name: "f", Value: 1.5},
		}
	})
	w.must(err)
	if want := "[it's '; DROP 7 2026-01-31 " + clock.Format(time.RFC3339)[:10] + " 03:30:00 +0000 UTC [x y] <nil> 9 1.5]"; got[0] != want {
		t.Errorf("got %s, want %s", got[0], want)
	}
	got, err = w.ask("SELECT ? + ?", func(q *bq.Query) { q.Parameters = []bq.QueryParameter{{Value: 1}, {Value: 2}} })
	w.must(err)
	if got[0] != "[3]" {
		t.Error(got)
	}
	_, err = w.ask("SELECT @missing")
	w.fails(err, "400 invalidQuery", "Query parameter 'missing' not found at [1:8]")
}
