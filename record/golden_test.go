package record

import (
	"bytes"
	"flag"
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// format is one way to write and read rows.
type format struct {
	name  string
	write func(io.Writer, *Schema) Writer
	read  func(io.Reader, *Schema) Reader
}

func csvFormat(name string, o CSVOptions) format {
	return format{name,
		func(w io.Writer, s *Schema) Writer { return NewCSVWriter(w, s, o) },
		func(r io.Reader, s *Schema) Reader { return NewCSVReader(r, s, o) }}
}

var formats = []format{
	{"ndjson",
		func(w io.Writer, s *Schema) Writer { return NewNDJSONWriter(w, s) },
		func(r io.Reader, s *Schema) Reader { return NewNDJSONReader(r, s, ReadOptions{}) }},
	{"json",
		func(w io.Writer, s *Schema) Writer { return NewJSONWriter(w, s) },
		func(r io.Reader, s *Schema) Reader { return NewJSONReader(r, s, ReadOptions{}) }},
	csvFormat("csv", CSVOptions{}),
	csvFormat("excel.csv", CSVOptions{BOM: true, CRLF: true, Quote: QuoteNonNumeric}),
	csvFormat("tab.csv", CSVOptions{Delimiter: '\t', Null: `\N`}),
}

func goldenTable(t *testing.T) (*Schema, [][]Value) {
	t.Helper()
	s := MustSchema(
		"id", "string",
		"ok", "bool",
		"n", "int64",
		"x", "double",
		"price", "decimal(38,9)",
		"raw", "bytes",
		"at", "timestamp",
		"day", "date",
		"any", "json",
		"vector", "list<double>",
		"place", "struct<lat:double,\"l n g\":double,tags:list<string>>",
	)
	val := func(v Value, err error) Value {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	js := func(text string) Value { return val(JSON([]byte(text))) }
	dec := func(text string) Value { return val(Decimal(text)) }
	null := func(n int) []Value { return make([]Value, n) }
	row := func(v ...Value) []Value { return append(v, null(len(s.Fields)-len(v))...) }
	return s, [][]Value{
		row(),
		row(String("plain"), Bool(true), Int64(42), Double(1.5), dec("12.5"), Bytes([]byte("weir")), Timestamp(1717146000123456), Date(19874),
			js(`{"a":[1,2]}`), List(Double(0.1), Double(1e300), Double(math.Copysign(0, -1))), Struct(Double(37.5), Double(127), List(String("a"), Null))),
		row(String("NaN, and the lowest of all"), Bool(false), Int64(math.MinInt64), Double(math.NaN()), dec("-99999999999999999999999999999.999999999"),
			Bytes([]byte{0, 255, 10, 13}), Timestamp(minMicros), Date(minDay), js(`[[[1],[]],[[]]]`), List(), Struct(Null, Double(math.NaN()), Null)),
		row(String("infinity, and the highest of all"), Null, Int64(math.MaxInt64), Double(math.Inf(1)), dec("99999999999999999999999999999.999999999"),
			Bytes(nil), Timestamp(maxMicros), Date(maxDay), js(`{"__type__":"__vector__","value":[1.0,2e0,12345678901234567890.10]}`), List(Double(math.Inf(-1)), Null, Double(math.NaN()))),
		row(String("-0, and 2^53"), Null, Int64(1<<53), Double(math.Copysign(0, -1)), dec("-0.000000001"), Null, Timestamp(-1), Date(-1), js(`-0`)),
		row(String("2^53-1"), Null, Int64(1<<53-1), Double(math.Inf(-1)), dec("0"), Null, Timestamp(0), Date(0), js(`"null"`)),
		row(String("projects/p/databases/(default)/documents/users/한글 아이디"), Null, Int64(-1<<53+1), Double(math.MaxFloat64)),
		row(String("한국어 \"따옴표\", 쉼표; 😀 뷁 \u2028"), Null, Int64(-1<<53), Double(math.SmallestNonzeroFloat64)),
		row(String("lines\nand\r\nand a lone\rCR, \x00 NUL, \x7f, \t TAB, \\ and \\n")),
		row(String("")), row(String(" ")), row(String("null")), row(String("NULL")), row(String(`\N`)), row(String(`"`)), row(String("\ufeff")),
		row(String("\r")), row(String("\n")), row(String(",")), row(String("=1+1")),
		row(Null, Null, Null, Double(123456789012345680000), Null, Null, Null, Null, js(`"\ud83d\ude00\u0000\/"`)),
	}
}

func TestGoldenFiles(t *testing.T) {
	s, rows := goldenTable(t)
	for _, f := range formats {
		t.Run(f.name, func(t *testing.T) {
			var b bytes.Buffer
			writeAll(t, f.write(&b, s), rows)
			path := filepath.Join("testdata", "golden."+f.name)
			if *update {
				if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(b.Bytes(), want) {
				t.Errorf("written:\n%s\nwant:\n%s", b.Bytes(), want)
			}
			sameRows(t, readAll(t, f.read(bytes.NewReader(want), s)), rows)
		})
	}
}

// TestRowsPassThroughEveryFormat carries the rows from one format to the next and
// back to the first, each time with what the reader before gave.
func TestRowsPassThroughEveryFormat(t *testing.T) {
	s, want := goldenTable(t)
	rows := want
	for _, f := range append(formats, formats[0]) {
		var b bytes.Buffer
		writeAll(t, f.write(&b, s), rows)
		rows = readAll(t, f.read(&b, s))
		sameRows(t, rows, want)
	}
}
