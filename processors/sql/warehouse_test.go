package sql_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2" // a plain connection, the oracle

	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/processors/processorstest"
	"github.com/weirflow/weir/record"
)

var actions = record.MustSchema("date", "date", "uid", "string", "n", "int64")

var warehouse = settings{"file": "db/warehouse.duckdb", "table": "user_actions"}

// with returns settings with more in them.
func with(s settings, more ...any) settings {
	out := settings{}
	for k, v := range s {
		out[k] = v
	}
	for i := 0; i < len(more); i += 2 {
		out[more[i].(string)] = more[i+1]
	}
	return out
}

// rows asks the file with a plain connection.
func rows(t *testing.T, path, query string) string {
	t.Helper()
	db, err := sql.Open("duckdb", path+"?access_mode=read_only")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	var out sql.NullString
	if err := db.QueryRow("SELECT string_agg(x::VARCHAR, ' ' ORDER BY x::VARCHAR) FROM (" + query + ") q(x)").Scan(&out); err != nil {
		t.Fatal(err)
	}
	return out.String
}

func TestWriteDuckDBConforms(t *testing.T) {
	processorstest.Conform(t, "WriteDuckDB", warehouse, func(r *processorstest.Runner) {
		r.PutRecords(actions, `{"date":"2026-11-21","uid":"a","n":1}`, `{"date":"2026-11-21","uid":"나","n":"9007199254740993"}`)
	})
}

func TestWriteDuckDBReplacesItsSlotAlone(t *testing.T) {
	for _, c := range []struct {
		set  settings
		want string // of slot and uid after the third run
	}{
		{warehouse, "2026-11-20/a 2026-11-20/b 2026-11-21/d"},
		{with(warehouse, "partition", "date"), "2026-11-20/a 2026-11-20/b 2026-11-21/d"},
		{with(warehouse, "mode", "overwrite_table"), "2026-11-21/d"},
	} {
		dir := t.TempDir()
		run := func(date string, uids ...string) *processorstest.Runner {
			t.Helper()
			r := processorstest.New(t, "WriteDuckDB", c.set, processorstest.Dir(dir), processorstest.Date(date))
			for i, uid := range uids {
				r.PutRecords(actions, fmt.Sprintf(`{"date":%q,"uid":%q,"n":%d}`, date, uid, i))
			}
			r.Run()
			if w := r.Witnesses()["DuckDB"]; w != int64(len(uids)) {
				t.Errorf("%d rows counted, %d written", w, len(uids))
			}
			return r
		}
		run("2026-11-20", "a", "b")
		run("2026-11-21", "c", "c", "c")
		r := run("2026-11-21", "d")
		column := "date"
		if c.set["partition"] == nil && c.set["mode"] == nil {
			column = "slot"
		}
		if got := rows(t, dir+"/db/warehouse.duckdb", "SELECT "+column+" || '/' || uid FROM user_actions"); got != c.want {
			t.Errorf("%v: %s, want %s", c.set, got, c.want)
		}
		key := "db/warehouse.duckdb:user_actions@2026-11-21"
		if c.set["mode"] != nil {
			key = "db/warehouse.duckdb:user_actions"
		}
		if n := r.Notes(); len(n.Receipts) != 1 || n.Receipts[0].Key != key || n.Receipts[0].Rows != 1 {
			t.Errorf("receipts %+v", n.Receipts)
		}
		r.WantAttr("success", "table", "user_actions").WantAttr("success", "rows", "1")
		if st, err := os.Stat(dir + "/db/warehouse.duckdb"); err != nil || st.Mode().Perm() != 0o600 {
			t.Errorf("file %v, %v", st.Mode(), err)
		}
		if left, _ := filepath.Glob(dir + "/db/*"); len(left) != 1 {
			t.Errorf("left beside the file: %v", left)
		}
	}
}

func TestWriteDuckDBEvolves(t *testing.T) {
	dir := t.TempDir()
	write := func(date string, schema *record.Schema, row string) *processorstest.Runner {
		return processorstest.New(t, "WriteDuckDB", warehouse, processorstest.Dir(dir), processorstest.Date(date)).PutRecords(schema, row).Run()
	}
	write("2026-11-19", actions, `{"date":"2026-11-19","uid":"a","n":1}`)
	write("2026-11-20", record.MustSchema("extra", "list<struct<x:decimal(9,2)>>", "UID", "string"), `{"extra":[{"x":"1.5"}],"UID":"b"}`)
	file := dir + "/db/warehouse.duckdb"
	if got := rows(t, file, "SELECT ROW(uid, n, extra) FROM user_actions"); got != "(a, 1, NULL) (b, NULL, [{'x': 1.50}])" {
		t.Errorf("rows %s", got)
	}
	write("2026-11-21", record.MustSchema("uid", "string", "n", "double"), `{"uid":"c","n":1.5}`).WantErr("sql_type_changed")
	if got := rows(t, file, "SELECT count(*) FROM user_actions"); got != "2" {
		t.Errorf("after a refusal: %s", got)
	}
}

// TestWriteDuckDBKeepsEveryType compares with what DuckDB makes of literals.
func TestWriteDuckDBKeepsEveryType(t *testing.T) {
	dir := t.TempDir()
	schema := record.MustSchema("i", "int64", "m", "decimal(20,3)", "y", "bytes", "t", "timestamp", "d", "double", "j", "json", "l", "list<date>", "b", "bool")
	processorstest.New(t, "WriteDuckDB", warehouse, processorstest.Dir(dir)).PutRecords(schema,
		`{"i":"-9223372036854775808","m":"0.1","y":"AP8=","t":"2026-01-02T03:04:05.123456Z","d":"NaN","j":{"a":1.50},"l":["2026-01-02",null],"b":true}`).Run()
	if got := rows(t, dir+"/db/warehouse.duckdb", `SELECT i = -9223372036854775808 AND m = 0.100 AND y = '\x00\xFF'::BLOB AND t = TIMESTAMPTZ '2026-01-02 03:04:05.123456+00'
		AND isnan(d) AND j::VARCHAR = '{"a":1.50}' AND l[1] = DATE '2026-01-02' AND len(l) = 2 AND b AS ok FROM user_actions`); got != "true" {
		t.Errorf("some value differs: %s", got)
	}
}

func TestWriteDuckDBRefuses(t *testing.T) {
	in := func(rows ...string) func(*processorstest.Runner) {
		return func(r *processorstest.Runner) { r.PutRecords(actions, rows...) }
	}
	ok := in(`{"date":"2026-11-21","uid":"a","n":1}`)
	for _, c := range []struct {
		set  settings
		put  func(*processorstest.Runner)
		code string
	}{
		{with(warehouse, "partition", "date"), in(`{"date":"2026-11-21"}`, `{"date":"2026-11-20"}`), "sql_rows_outside"},
		{with(warehouse, "partition", "date"), in(`{"date":null}`), "sql_rows_outside"},
		{with(warehouse, "partition", "day"), ok, "sql_partition_missing"},
		{with(warehouse, "partition", "uid"), ok, "sql_partition_type"},
		{with(warehouse, "slot_column", "UID"), ok, "sql_slot_column_taken"},
		{warehouse, func(r *processorstest.Runner) { r.Put("text") }, "not_records"},
		{with(warehouse, "file", "${run.params.x}"), ok, "path_up"},
		{with(warehouse, "file", "link/w.duckdb"), ok, "path_link_out"},
		{with(warehouse, "file", "text.duckdb"), ok, "duck_no_database"},
	} {
		dir := t.TempDir()
		if err := os.Symlink(t.TempDir(), filepath.Join(dir, "link")); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "text.duckdb"), []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
			t.Fatal(err)
		}
		r := processorstest.New(t, "WriteDuckDB", c.set, processorstest.Dir(dir), processorstest.Param("x", "string", "../x.duckdb"))
		c.put(r)
		r.Run().WantErr(c.code)
		if len(r.Notes().Receipts) != 0 {
			t.Errorf("%s: it has a receipt", c.code)
		}
	}
	for _, c := range []struct {
		set  settings
		code string
	}{
		{settings{"table": "t"}, "setting_missing"},
		{with(warehouse, "file", "x.csv"), "sql_file_suffix"},
		{with(warehouse, "file", ".duckdb"), "sql_file_suffix"},
		{with(warehouse, "file", "../x.duckdb"), "path_up"},
		{with(warehouse, "table", "a b"), "setting_pattern"},
		{with(warehouse, "slot_column", ""), "sql_no_slot_column"},
		{with(warehouse, "mode", "overwrite_table", "partition", "date"), "setting_hidden"},
	} {
		if _, problems := processorstest.Build(t, "WriteDuckDB", c.set); len(problems) != 1 || problems[0].Fault.Code != c.code {
			t.Errorf("%v: %v, want %s", c.set, problems, c.code)
		}
	}
}

func TestWriteDuckDBOfNothing(t *testing.T) {
	dir := t.TempDir()
	run := func() *processorstest.Runner {
		return processorstest.New(t, "WriteDuckDB", warehouse, processorstest.Dir(dir))
	}
	if r := run().Run(); r.Notes().Receipts[0].Rows != 0 {
		t.Error("rows of nothing")
	}
	run().PutRecords(actions, `{"uid":"a"}`).Run()
	run().Run() // the slot is empty now
	if got := rows(t, dir+"/db/warehouse.duckdb", "SELECT uid FROM user_actions"); got != "" {
		t.Errorf("rows %s", got)
	}
}

// TestWriteDuckDBInOneProcess: the lock that DuckDB takes on the file does not
// hold within a process.
func TestWriteDuckDBInOneProcess(t *testing.T) {
	dir := t.TempDir()
	var all sync.WaitGroup
	for i := range 4 {
		r := processorstest.New(t, "WriteDuckDB", warehouse, processorstest.Dir(dir), processorstest.Date(fmt.Sprintf("2026-11-%02d", i+1)))
		r.PutRecords(actions, fmt.Sprintf(`{"uid":"%d"}`, i))
		all.Go(func() { r.Run() })
	}
	all.Wait()
	if got := rows(t, dir+"/db/warehouse.duckdb", "SELECT count(*)::INTEGER AS n FROM user_actions"); got != "4" {
		t.Errorf("rows %s", got)
	}
}

// TestWriteDuckDBThroughALink: a file that has two names is one file.
func TestWriteDuckDBThroughALink(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(dir+"/db", 0o700); err != nil {
		t.Fatal(err)
	}
	for link, to := range map[string]string{"/db/link.duckdb": "warehouse.duckdb", "/other": "db"} {
		if err := os.Symlink(to, dir+link); err != nil {
			t.Fatal(err)
		}
	}
	write := func(name string, slot int) {
		lines := make([]string, 3000)
		for i := range lines {
			lines[i] = fmt.Sprintf(`{"uid":"%d-%d"}`, slot, i)
		}
		processorstest.New(t, "WriteDuckDB", with(warehouse, "file", name), processorstest.Dir(dir), processorstest.Date(fmt.Sprintf("2026-11-%02d", slot))).
			PutRecords(actions, lines...).Run()
	}
	write("db/warehouse.duckdb", 1)
	var all sync.WaitGroup
	for i := range 5 {
		all.Go(func() { write([]string{"db/warehouse.duckdb", "db/link.duckdb", "other/warehouse.duckdb"}[i%3], i+2) })
	}
	all.Wait()
	if got := rows(t, dir+"/db/warehouse.duckdb", "SELECT count(*)::INTEGER AS n FROM user_actions"); got != "18000" {
		t.Errorf("rows %s", got)
	}
}

// TestWriteDuckDBLeavesALostLog: what a killed process had written to a file that
// was removed since does not come back.
func TestWriteDuckDBLeavesALostLog(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "db", "warehouse.duckdb")
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("duckdb", file)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	for _, q := range []string{"CREATE TABLE user_actions (date DATE, uid VARCHAR, n BIGINT, slot VARCHAR)", "INSERT INTO user_actions VALUES (NULL, 'old', 1, '2020-01-01')"} {
		if _, err := db.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	wal, err := os.ReadFile(file + ".wal")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Close(), os.Remove(file), os.WriteFile(file+".wal", wal, 0o600)); err != nil {
		t.Fatal(err)
	}
	processorstest.New(t, "WriteDuckDB", warehouse, processorstest.Dir(dir), processorstest.Date("2026-11-20")).PutRecords(actions, `{"uid":"a"}`).Run()
	if got := rows(t, file, "SELECT slot || '/' || uid FROM user_actions"); got != "2026-11-20/a" {
		t.Errorf("rows %s", got)
	}
}

// TestMain makes a second process of the test's own binary that holds a file.
func TestMain(m *testing.M) {
	if path := os.Getenv("HOLD_DUCKDB_FILE"); path != "" {
		db, err := sql.Open("duckdb", path)
		if err == nil {
			err = db.Ping()
		}
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("held")
		_, _ = fmt.Scanln() // until the test closes the pipe
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestWriteDuckDBWaitsForOtherPrograms(t *testing.T) {
	dir := t.TempDir()
	write := func() *processorstest.Runner {
		return processorstest.New(t, "WriteDuckDB", warehouse, processorstest.Dir(dir)).PutRecords(actions, `{"uid":"a"}`).Run()
	}
	write()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	holder := exec.CommandContext(context.Background(), self)
	holder.Env = append(os.Environ(), "HOLD_DUCKDB_FILE="+dir+"/db/warehouse.duckdb")
	in, err := holder.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	said := make([]byte, 4)
	if _, err := out.Read(said); err != nil || string(said) != "held" {
		t.Fatalf("the other process: %q, %v", said, err)
	}
	write().WantErr("duck_file_busy")
	if err := in.Close(); err != nil {
		t.Error(err)
	}
	_ = holder.Wait() // its end is all that matters
	write()
}

func TestWriteDuckDBVerifies(t *testing.T) {
	r := processorstest.New(t, "WriteDuckDB", warehouse)
	if steps := r.Verify(); len(steps) != 1 || steps[0].State != processors.StepOK {
		t.Errorf("steps = %+v", steps)
	}
	r.WriteFile("db", "in the way")
	if steps := r.Verify(); len(steps) != 1 || steps[0].State != processors.StepFailed {
		t.Errorf("steps = %+v", steps)
	}
}
