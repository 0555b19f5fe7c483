package duck_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors/duck"
	"github.com/weirflow/weir/record"
)

func open(t testing.TB, o duck.Options) *duck.DB {
	t.Helper()
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	db, err := duck.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		if left, err := os.ReadDir(o.Dir); err != nil || len(left) != 0 {
			t.Errorf("left in the directory: %v, %v", left, err)
		}
	})
	return db
}

func load(t testing.TB, db *duck.DB, table string, s *record.Schema, lines ...string) {
	t.Helper()
	n, err := db.Load(context.Background(), table, s, strings.NewReader(strings.Join(lines, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	if n != int64(len(lines)) {
		t.Fatalf("%d rows were loaded of %d", n, len(lines))
	}
}

// out returns what a query makes, after reading it as records of its schema.
func out(t testing.TB, db *duck.DB, query string, args ...any) (*record.Schema, string) {
	t.Helper()
	r, err := db.Query(context.Background(), query, args...)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	n, err := r.WriteTo(context.Background(), &b)
	if err != nil {
		t.Fatal(err)
	}
	if n != r.Rows {
		t.Errorf("%d rows were written of %d", n, r.Rows)
	}
	return r.Schema, again(t, r.Schema, &b)
}

// again reads records and writes them as processors do.
func again(t testing.TB, s *record.Schema, in io.Reader) string {
	t.Helper()
	var b bytes.Buffer
	r, w := record.NewNDJSONReader(in, s, record.ReadOptions{}), record.NewNDJSONWriter(&b, s)
	for {
		row, err := r.Next()
		if err == io.EOF {
			break
		}
		if err == nil {
			err = w.Write(row)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var every = record.MustSchema("b", "bool", "i", "int64", "d", "double", "m", "decimal(38,9)", "m0", "decimal(5,0)", "s", "string", "y", "bytes",
	"t", "timestamp", "dt", "date", "j", "json", "l", "list<int64>", "st", `struct<"a b":int64,x:list<double>,"따옴표\"":list<struct<y:bytes,j:json,t:timestamp,m:decimal(20,3)>>>`)

var edges = []string{
	`{"b":true,"i":"9007199254740993","d":"NaN","m":"12345678901234567890.123456789","m0":"100","s":"a\u0000b\n\"\\ 한글 😀","y":"AP8=","t":"2026-01-02T03:04:05.123456Z","dt":"2026-01-02",` +
		`"j":{"a":1.10,"b":12345678901234567890123,"c":1e3},"l":["9223372036854775807",1,null],"st":{"a b":1,"x":["Infinity",0,1e+300,null],"따옴표\"":[{"y":"AP8=","j":[1.50,null],"t":"0001-01-01T00:00:00.000000Z","m":"0.1"},null]}}`,
	`{"b":false,"i":"-9223372036854775808","d":0,"m":"0.1","m0":"0","s":"","y":"","t":"0001-01-01T00:00:00.000000Z","dt":"9999-12-31","j":"x","l":[],"st":null}`,
	`{"b":null,"i":null,"d":"-Infinity","m":null,"m0":null,"s":null,"y":null,"t":"9999-12-31T23:59:59.999999Z","dt":"0001-01-01","j":null,"l":null,"st":{"a b":null,"x":null,"따옴표\"":[]}}`,
	`{"b":null,"i":9007199254740991,"d":5e-324,"m":"-99999999999999999999999999999.999999999","m0":"-99999","s":"null","y":"AA==","t":null,"dt":null,"j":"null","l":[0],"st":null}`,
}

func TestEveryTypeComesBack(t *testing.T) {
	want := strings.Join(edges, "\n") + "\n"
	if got := again(t, every, strings.NewReader(want)); got != want {
		t.Fatalf("the samples are not as processors write them:\n%s\nwant\n%s", want, got)
	}
	db := open(t, duck.Options{})
	load(t, db, "every type", every, edges...)
	schema, got := out(t, db, `SELECT * FROM "every type"`)
	if !schema.Equal(every) {
		t.Errorf("schema %v, want %v", schema, every)
	}
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	// The same column by column: some take DuckDB's own writer.
	for i := range every.Fields {
		f := every.Fields[i]
		one := &record.Schema{Fields: []record.Field{f}}
		var lines bytes.Buffer
		w := record.NewNDJSONWriter(&lines, one)
		r := record.NewNDJSONReader(strings.NewReader(want), every, record.ReadOptions{})
		for row, err := r.Next(); err == nil; row, err = r.Next() {
			if f.Type.Kind == record.KindDouble && (row[i].IsNull() || row[i].Double() != row[i].Double() || row[i].Double() < -1e308) {
				row[i] = record.Double(1e21) // finite, for the other way
			}
			if err := w.Write(row[i : i+1]); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		load(t, db, f.Name, one, strings.Split(strings.TrimSpace(lines.String()), "\n")...)
		schema, got := out(t, db, "SELECT * FROM "+duck.Ident(f.Name))
		if !schema.Equal(one) || got != lines.String() {
			t.Errorf("%v %v:\n%s\nwant\n%s", schema, f.Type, got, lines.String())
		}
	}
}

func TestTypesOfDuckDBBecomeOurs(t *testing.T) {
	db := open(t, duck.Options{})
	for _, c := range []struct{ sql, typ, want string }{
		{"1::TINYINT", "int64", "1"},
		{"4294967295::UINTEGER", "int64", "4294967295"},
		{"18446744073709551615::UBIGINT", "decimal(20,0)", `"18446744073709551615"`},
		{"sum(9223372036854775807) FROM range(2)", "decimal(38,0)", `"18446744073709551614"`},
		{"0.5::FLOAT", "double", "0.5"},
		{"1.50", "decimal(3,2)", `"1.5"`},
		{"'a'::ENUM('a','b')", "string", `"a"`},
		{"'00000000-0000-0000-0000-000000000001'::UUID", "string", `"00000000-0000-0000-0000-000000000001"`},
		{"INTERVAL 36 HOUR", "string", `"36:00:00"`},
		{"TIME '01:02:03'", "string", `"01:02:03"`},
		{"TIMESTAMP '2026-01-01 09:00:00'", "timestamp", `"2026-01-01T09:00:00.000000Z"`},
		{"TIMESTAMPTZ '2026-01-01 09:00:00+09'", "timestamp", `"2026-01-01T00:00:00.000000Z"`},
		{"(TIMESTAMPTZ '2026-01-01 00:00:00+00' AT TIME ZONE 'Asia/Seoul')::DATE", "date", `"2026-01-01"`},
		{"NULL", "int64", "null"},
		{"[1, 2]::INTEGER[2]", "list<int64>", "[1,2]"},
		{"{'a': 1, 'b': ['x']}", "struct<a:int64,b:list<string>>", `{"a":1,"b":["x"]}`},
		{"to_json({'a': 1.50})", "json", `{"a":1.5}`},
		{"'{\"a\": 1.50}'::JSON", "json", `{"a":1.50}`},
		{"to_json(MAP {'k': 1})", "json", `{"k":1}`},
		{"'null'::JSON", "json", "null"},
		{"'inf'::DOUBLE", "double", `"Infinity"`},
		{"[1.5]::DECIMAL(38,9)[]", "list<decimal(38,9)>", `["1.5"]`},
		{"'\\xff'::BLOB", "bytes", `"/w=="`},
		{"['a', NULL]", "list<string>", `["a",null]`},
	} {
		q := "SELECT " + c.sql
		if expr, from, ok := strings.Cut(q, " FROM "); ok {
			q = expr + ` AS "x ""y" FROM ` + from
		} else {
			q += ` AS "x ""y"`
		}
		schema, got := out(t, db, q)
		if want := `{"x \"y":` + c.want + "}\n"; schema.Fields[0].Type.String() != c.typ || got != want {
			t.Errorf("%s: %v %s, want %s %s", c.sql, schema, got, c.typ, want)
		}
	}
	for _, c := range []struct{ sql, code string }{
		{"MAP {'k': 1}", "duck_type"},
		{"TIMESTAMP_NS '2026-01-01 00:00:00.123456789'", "duck_type"},
		{"[MAP {'k': 1}]", "duck_type"},
		{"union_value(a := 1)", "duck_type"},
		{"1 AS a, 2 AS \"A\"", "duck_names_collide"},
		{"'x'::INTEGER", "duck_data"},
		{"'infinity'::DATE", "duck_time_range"},
		{"DATE '0044-03-15 (BC)'", "duck_time_range"},
		{"TIMESTAMPTZ '10000-01-01 00:00:00+00'", "duck_time_range"},
		{"nothing", "duck_query"},
		{"170141183460469231731687303715884105727::HUGEINT", "duck_data"},
		{"1; SELECT 2", "duck_query"},
	} {
		r, err := db.Query(context.Background(), "SELECT "+c.sql)
		if err == nil {
			_, err = r.WriteTo(context.Background(), io.Discard)
		}
		if fault.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want %s", c.sql, err, c.code)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	db := open(t, duck.Options{})
	for _, c := range []struct {
		schema *record.Schema
		code   string
	}{
		{record.MustSchema("a", "int64", "A", "int64"), "duck_names_collide"},
		{record.MustSchema("a", "struct<b:int64,B:int64>"), "duck_column"},
		{record.MustSchema("a", "decimal(39,0)"), "duck_column"},
		{record.MustSchema(), "duck_no_columns"},
	} {
		if _, err := db.Load(context.Background(), "t", c.schema); fault.CodeOf(err) != c.code {
			t.Errorf("%v: %v, want %s", c.schema, err, c.code)
		}
	}
	_, err := db.Load(context.Background(), "t", record.MustSchema("a", "int64"), strings.NewReader(`{"a":"x"}`))
	if fault.CodeOf(err) != "duck_data" {
		t.Errorf("%v, want duck_data", err)
	}
}

func TestLongRecordsAreLoaded(t *testing.T) {
	db := open(t, duck.Options{Memory: 1 << 30, Threads: 1})
	s := record.MustSchema("s", "string")
	long := strings.Repeat("가", 3<<20)
	load(t, db, "t", s, `{"s":"`+long+`"}`, `{"s":"x"}`)
	if _, got := out(t, db, "SELECT * FROM t ORDER BY s DESC"); got != `{"s":"`+long+"\"}\n{\"s\":\"x\"}\n" {
		t.Errorf("%d bytes came back", len(got))
	}
}

func TestLinesAreCut(t *testing.T) {
	db := open(t, duck.Options{})
	ctx := context.Background()
	for _, column := range []string{"i", "[i]"} { // each way of writing
		r, err := db.Query(ctx, "SELECT "+column+" AS i FROM range(10) t(i)")
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			rows, bytes int64
			want        string
		}{{3, 0, "3 3 3 1"}, {0, 0, "10"}, {0, 1, "1 1 1 1 1 1 1 1 1 1"}, {5, 1 << 20, "5 5"}, {10, 0, "10"}} {
			l, err := r.Open(ctx)
			if err != nil {
				t.Fatal(err)
			}
			var parts []string
			var all bytes.Buffer
			for l.More() {
				var b bytes.Buffer
				n, err := l.Next(ctx, &b, c.rows, c.bytes)
				if err != nil {
					t.Fatal(err)
				}
				if got := int64(bytes.Count(b.Bytes(), []byte("\n"))); got != n {
					t.Errorf("%d lines, said to be %d", got, n)
				}
				parts = append(parts, string(rune('0'+n%10)))
				if n == 10 {
					parts[len(parts)-1] = "10"
				}
				all.Write(b.Bytes())
			}
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(parts, " "); got != c.want && column == "i" {
				t.Errorf("%d rows, %d bytes: %s, want %s", c.rows, c.bytes, got, c.want)
			}
			if bytes.Count(all.Bytes(), []byte("\n")) != 10 || !strings.HasPrefix(all.String(), `{"i":`) {
				t.Errorf("all parts: %s", all.String())
			}
		}
	}
}

func TestSpillIsRemovedAndBounded(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	db, err := duck.Open(ctx, duck.Options{Dir: dir, Memory: 64 << 20, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	const q = "SELECT hash(i) AS h, 'some text that takes room ' || i AS s FROM range(2000000) t(i) ORDER BY h"
	r, err := db.Query(ctx, q)
	if err != nil {
		t.Fatal(err)
	}
	if r.Rows != 2_000_000 || db.Spilled() == 0 {
		t.Errorf("%d rows, %d bytes spilled", r.Rows, db.Spilled())
	}
	if st, err := os.Stat(db.Spool()); err != nil || st.Mode().Perm() != 0o700 {
		t.Errorf("spool %v, %v", st.Mode(), err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	small := open(t, duck.Options{Memory: 64 << 20, Threads: 2, Disk: 8 << 20})
	if _, err := small.Query(ctx, q); fault.CodeOf(err) != "duck_spill_full" {
		t.Errorf("%v, want duck_spill_full", err)
	}
}

func TestParquet(t *testing.T) {
	db := open(t, duck.Options{})
	load(t, db, "t", every, edges...)
	r, err := db.ResultOf(context.Background(), "t")
	if err != nil {
		t.Fatal(err)
	}
	path, err := r.Parquet(context.Background(), "")
	if err != nil {
		t.Fatal(err)
	}
	if filepath.Dir(path) != db.Spool() {
		t.Errorf("path %s is not in %s", path, db.Spool())
	}
	var n int64
	if err := db.Row(context.Background(), "SELECT count(*) FROM read_parquet('"+path+"')", &n); err != nil || n != r.Rows || n != 4 {
		t.Errorf("%d rows, %v", n, err)
	}
}
