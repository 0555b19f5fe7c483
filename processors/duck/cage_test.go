package duck_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors/duck"
	"github.com/weirflow/weir/record"
)

// outside makes files that must stay out of reach, in forms that DuckDB reads.
func outside(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range map[string]string{"x.csv": "secret\n1\n", "x.json": `{"secret":1}`, "x.txt": "secret"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// escapes are ways out: SQL, the code of the checker, and whether the locked
// database itself must refuse it, since the checker could have a hole.
func escapes(dir string) []struct {
	sql, code string
	locked    bool
} {
	return []struct {
		sql, code string
		locked    bool
	}{
		{"SELECT * FROM read_csv('" + dir + "/x.csv')", "duck_table_function", true},
		{"SELECT * FROM read_csv_auto('" + dir + "/x.csv')", "duck_table_function", true},
		{"SELECT * FROM read_text('" + dir + "/x.txt')", "duck_table_function", true},
		{"SELECT * FROM read_blob('" + dir + "/x.txt')", "duck_table_function", true},
		{"SELECT * FROM read_json('" + dir + "/x.json')", "duck_table_function", true},
		{"SELECT * FROM read_ndjson_objects('" + dir + "/x.json')", "duck_table_function", true},
		{"SELECT * FROM read_parquet('" + dir + "/x')", "duck_table_function", true},
		{"SELECT * FROM parquet_metadata('" + dir + "/x')", "duck_table_function", true},
		{"SELECT * FROM sniff_csv('" + dir + "/x.csv')", "duck_table_function", true},
		{"SELECT * FROM glob('" + dir + "/*')", "duck_table_function", true},
		{"SELECT * FROM '" + dir + "/x.csv'", "duck_table_unknown", true},
		{"SELECT * FROM \"" + dir + "/x.json\"", "duck_table_unknown", true},
		{"FROM 'x.csv'", "duck_table_unknown", true},
		{"SELECT * FROM 'https://example.com/x.csv'", "duck_table_unknown", true},
		{"SELECT * FROM (SELECT 1) a, LATERAL (SELECT * FROM read_text('" + dir + "/x.txt')) b", "duck_table_function", true},
		{"WITH w AS (SELECT * FROM glob('/*')) SELECT * FROM w", "duck_table_function", true},
		{"SELECT (SELECT count(*) FROM read_text('" + dir + "/x.txt'))", "duck_table_function", true},
		{"SELECT 1 UNION ALL SELECT content FROM read_text('" + dir + "/x.txt')", "duck_table_function", true},
		{"SELECT * FROM query('SELECT * FROM read_text(''" + dir + "/x.txt'')')", "duck_table_function", true},
		{"SELECT * FROM query_table('" + dir + "/x.csv')", "duck_table_function", true},
		{"SELECT getenv('HOME')", "duck_function", true},
		{"SELECT [getenv(x) FOR x IN ['HOME']]", "duck_function", true},
		{"SELECT current_setting('temp_directory')", "duck_function", false},
		{"SELECT version()", "duck_function", false},
		{"SELECT * FROM duckdb_settings()", "duck_table_function", false},
		{"SELECT * FROM duckdb_secrets()", "duck_table_function", false},
		{"SELECT * FROM duckdb_settings", "duck_table_unknown", true},
		{"SELECT * FROM information_schema.tables", "duck_table_foreign", false},
		{"SELECT * FROM pragma_database_list()", "duck_table_function", false},
		{"SELECT * FROM sqlite_master", "duck_table_unknown", false},
		{"SELECT * FROM memory.main.t", "duck_table_foreign", false},
		// Names of WITH that do not reach as far as it seems.
		{"SELECT * FROM (WITH pg_settings AS (SELECT 1) SELECT * FROM pg_settings), pg_settings", "duck_table_unknown", false},
		{"WITH a AS (SELECT * FROM sqlite_master), sqlite_master AS (SELECT 1) SELECT * FROM a", "duck_table_unknown", false},
		{"WITH sqlite_master AS (SELECT * FROM sqlite_master) SELECT * FROM sqlite_master", "duck_table_unknown", false},
		{"WITH pg_settings AS (SELECT 1) SELECT * FROM main.pg_settings", "duck_table_unknown", false},
		{"WITH RECURSIVE pg_settings AS (SELECT 1 UNION ALL SELECT 2 FROM pg_settings), b AS (SELECT 1) SELECT * FROM b, (SELECT (SELECT 1 FROM main.pg_settings))", "duck_table_unknown", false},
		{"WITH RECURSIVE pg_settings AS (SELECT name FROM pg_settings UNION ALL SELECT name FROM pg_settings) SELECT * FROM pg_settings", "duck_table_unknown", false},
		{"COPY (SELECT 1) TO '" + dir + "/out.csv'", "duck_not_select", true},
		{"COPY t FROM '" + dir + "/x.csv'", "duck_not_select", true},
		{"ATTACH '" + dir + "/other.duckdb'", "duck_not_select", true},
		{"ATTACH '" + dir + "/x.csv' AS o (TYPE sqlite)", "duck_not_select", true},
		{"INSTALL httpfs", "duck_not_select", true},
		{"LOAD httpfs", "duck_not_select", true},
		{"LOAD '" + dir + "/x'", "duck_not_select", true},
		{"SET enable_external_access=true", "duck_not_select", true},
		{"SET GLOBAL memory_limit='10GB'", "duck_not_select", true},
		{"RESET lock_configuration", "duck_not_select", true},
		{"SET allowed_directories=['/']", "duck_not_select", true},
		{"PRAGMA threads=9", "duck_not_select", true},
		{"PRAGMA enable_profiling", "duck_not_select", false},
		{"EXPORT DATABASE '" + dir + "/dump'", "duck_not_select", true},
		{"IMPORT DATABASE '" + dir + "'", "duck_not_select", true},
		{"CREATE SECRET s (TYPE s3)", "duck_not_select", true},
		{"CREATE TABLE other (a INTEGER)", "duck_not_select", false},
		{"DROP TABLE t", "duck_not_select", false},
		{"INSERT INTO t VALUES (1)", "duck_not_select", false},
		{"UPDATE t SET a = 1", "duck_not_select", false},
		{"DELETE FROM t", "duck_not_select", false},
		{"CALL pragma_version()", "duck_not_select", false},
		{"EXPLAIN SELECT 1", "duck_not_select", false},
		{"DESCRIBE t", "duck_not_select", false},
		{"SELECT * FROM (SHOW TABLES)", "duck_not_select", false},
		{"SELECT 1; SELECT 2", "duck_statements", false},
		{"SELECT 1; COPY t TO 'x'", "duck_not_select", true},
		{"", "duck_statements", false},
		{"SELECT a FROM t; -- done", "duck_semicolon", false},
		{"SELECT a FROM t; /* done */ ;", "duck_semicolon", false},
		{"SELECT random()", "duck_function_changing", false},
		{"SELECT now()", "duck_function_changing", false},
		{"SELECT current_date", "duck_function_changing", false},
		{"SELECT age(t) FROM t", "duck_function_changing", false},
		{"SELECT * FROM t USING SAMPLE 1", "duck_sample", false},
		{"SELECT * FROM t TABLESAMPLE 10%", "duck_sample", false},
		{"SELECT ?", "duck_param_unnamed", false},
		{"SELECT $1", "duck_param_unnamed", false},
		{"SELECT a FROM t WHRE a", "duck_query", false},
		{"SELECT * FROM u", "duck_table_unknown", false},
	}
}

func TestCheckRefusesEscapes(t *testing.T) {
	for _, e := range escapes("/somewhere") {
		if _, err := duck.Check(context.Background(), e.sql, []string{"t"}); fault.CodeOf(err) != e.code {
			t.Errorf("%s: %v, want %s", e.sql, err, e.code)
		}
	}
}

// TestLockRefusesEscapes goes around the checker.
func TestLockRefusesEscapes(t *testing.T) {
	t.Setenv("HOME", "/leaked/home")
	dir := outside(t)
	db := open(t, duck.Options{})
	load(t, db, "t", record.MustSchema("a", "int64"), `{"a":1}`)
	ctx := context.Background()
	before, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range escapes(dir) {
		if !e.locked {
			continue
		}
		if _, err := db.Exec(ctx, e.sql); err == nil {
			var said string
			if strings.HasPrefix(e.sql, "SELECT") && db.Row(ctx, "SELECT count(*) || '' FROM ("+e.sql+")", &said) == nil {
				t.Errorf("%s: went through: %s", e.sql, said)
				continue
			}
			t.Errorf("%s: went through", e.sql)
		}
	}
	if after, _ := os.ReadDir(dir); len(after) != len(before) {
		t.Errorf("files outside: %v", after)
	}
	var threads, access string
	if err := db.Row(ctx, "SELECT current_setting('threads')::VARCHAR || current_setting('memory_limit'), current_setting('enable_external_access')::VARCHAR", &threads, &access); err != nil || access != "false" {
		t.Errorf("settings %s, %s, %v", threads, access, err)
	}
}

// TestLockHoldsForLinks: a link in the spool that leads out.
func TestLockHoldsForLinks(t *testing.T) {
	dir := outside(t)
	db := open(t, duck.Options{})
	for _, path := range []string{db.Spool() + "/../" + filepath.Base(dir) + "/x.txt", db.Spool() + "/../../x.txt", db.Spool() + "x/x.txt"} {
		if _, err := db.Exec(context.Background(), "SELECT * FROM read_text('"+path+"')"); fault.CodeOf(err) != "duck_locked" {
			t.Errorf("%s: %v, want duck_locked", path, err)
		}
	}
}

func TestCheckTakesSelects(t *testing.T) {
	for _, c := range []struct {
		sql            string
		tables, params string
		ordered        bool
	}{
		{"SELECT 1", "", "", false},
		{"select a, sum(b) from t join Users u using (a) group by all order by 1;", "Users t", "", true},
		{"WITH w AS (SELECT * FROM t ORDER BY a) SELECT * FROM w", "t", "", false},
		{"WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM r WHERE n < 5) SELECT * FROM r, W ORDER BY ALL", "W", "", true},
		{"WITH w AS MATERIALIZED (SELECT * FROM t) SELECT * FROM w UNION ALL SELECT * FROM w ORDER BY 1", "t", "", true},
		{"WITH t AS (SELECT * FROM t), u AS (SELECT * FROM t) SELECT * FROM u WHERE a IN (SELECT a FROM T)", "t", "", false},
		{"SELECT * FROM u JOIN (WITH u AS (SELECT * FROM t) SELECT * FROM u) USING (a)", "t u", "", false},
		{"FROM t", "t", "", false},
		{"VALUES (1), (2)", "", "", false},
		{"SELECT * FROM t WHERE day = $date AND n > $least -- comment ; SELECT", "t", "date least", false},
		{"SELECT ';' -- done;", "", "", false},
		{"SELECT ';', '한글' AS \"이름\" FROM main.t ORDER BY a DESC LIMIT 3", "t", "", true},
		{"SELECT * FROM range(3) r(i), unnest([1, 2]), generate_series(1, 2), json_each('[1]')", "", "", false},
		{"SELECT row_number() OVER (PARTITION BY a ORDER BY b), count(*) FILTER (WHERE c) FROM t QUALIFY 1 = 1", "t", "", false},
		{"SELECT ts AT TIME ZONE 'Asia/Seoul', date_trunc('day', ts), age(a, b) FROM t", "t", "", false},
		{"SELECT * FROM t PIVOT (sum(b) FOR a IN ('x', 'y'))", "t", "", false},
		{"SELECT * FROM t SEMI JOIN u USING (a) ASOF JOIN v ON t.x >= v.x", "t u v", "", false},
	} {
		got, err := duck.Check(context.Background(), c.sql, nil)
		if err != nil {
			t.Errorf("%s: %v", c.sql, err)
			continue
		}
		if tables, params := strings.Join(got.Tables, " "), strings.Join(got.Params, " "); tables != c.tables || params != c.params || got.Ordered != c.ordered {
			t.Errorf("%s: tables %q, params %q, ordered %v", c.sql, tables, params, got.Ordered)
		}
	}
}

func TestCheckSaysWhere(t *testing.T) {
	for sql, want := range map[string]string{
		"SELECT 1,\n  '가' FROM t WHRE a":  "(line 2, column 19)",
		"SELECT 1\nFROM t, read_csv('x')": "read_csv (line 2, column 9)",
		"SELECT\n '가', getenv('가')":       "getenv (line 2, column 7)",
	} {
		if _, err := duck.Check(context.Background(), sql, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q in it", sql, err, want)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	for b.Loop() {
		if _, err := duck.Check(context.Background(), "SELECT a, sum(b) FROM t GROUP BY a ORDER BY a", nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	for b.Loop() {
		db, err := duck.Open(context.Background(), duck.Options{Dir: b.TempDir()})
		if err != nil {
			b.Fatal(err)
		}
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
