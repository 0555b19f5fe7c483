package record

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/weirflow/weir/fault"
)

// readAll reads rows until io.EOF and keeps copies.
func readAll(t *testing.T, r Reader) [][]Value {
	t.Helper()
	var rows [][]Value
	for {
		row, err := r.Next()
		if err == io.EOF {
			return rows
		}
		if err != nil {
			t.Fatalf("row %d: %v", len(rows)+1, err)
		}
		rows = append(rows, slices.Clone(row))
	}
}

func writeAll(t *testing.T, w Writer, rows [][]Value) {
	t.Helper()
	for _, row := range rows {
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got := w.Rows(); got != int64(len(rows)) {
		t.Fatalf("Rows = %d, want %d", got, len(rows))
	}
}

func sameRows(t *testing.T, got, want [][]Value) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d rows, want %d", len(got), len(want))
	}
	for i := range want {
		for j := range want[i] {
			if !got[i][j].Equal(want[i][j]) {
				t.Fatalf("row %d, value %d = %v, want %v", i+1, j+1, got[i][j], want[i][j])
			}
		}
	}
}

func TestNDJSONCells(t *testing.T) {
	must := func(v Value, err error) Value {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, c := range []struct {
		typ, in string
		want    Value
	}{
		{"int64", `5`, Int64(5)},
		{"int64", `"-5"`, Int64(-5)},
		{"int64", `1.0`, Int64(1)},
		{"int64", `1e3`, Int64(1000)},
		{"int64", `-0`, Int64(0)},
		{"int64", `9223372036854775807`, Int64(1<<63 - 1)},
		{"int64", `"-9223372036854775808"`, Int64(-1 << 63)},
		{"double", `"1.5"`, Double(1.5)},
		{"double", `1`, Double(1)},
		{"decimal(5,2)", `1.50`, must(Decimal("1.5"))},
		{"decimal(5,2)", `"123.45"`, must(Decimal("123.45"))},
		{"decimal(5,2)", `1e2`, must(Decimal("100"))},
		{"decimal(5,2)", `-0.00`, must(Decimal("0"))},
		{"decimal(5,2)", `12e-2`, must(Decimal("0.12"))},
		{"decimal(2,2)", `0.55`, must(Decimal("0.55"))},
		{"timestamp", `"2024-05-31T18:00:00+09:00"`, Timestamp(1717146000000000)},
		{"timestamp", `"2024-05-31t09:00:00.1234560000z"`, Timestamp(1717146000123456)},
		{"string", `"\ud83d\ude00\u00e9\/\n"`, String("😀é/\n")},
		{"bytes", `"d2Vpcg=="`, Bytes([]byte("weir"))},
		{"date", `"1969-12-31"`, Date(-1)},
		{"json", `{"b" : [1.0, 1e400, "\u00e9"], "a":null}`, must(JSON([]byte(`{"b":[1.0,1e400,"é"],"a":null}`)))},
		{"json", ` 1.50 `, must(JSON([]byte(`1.50`)))},
		{"json", `null`, Null},
		{"list<int64>", `[1, null, "3"]`, List(Int64(1), Null, Int64(3))},
		{"list<list<string>>", `[[], ["a"]]`, List(List(), List(String("a")))},
		{"struct<lat:double,lng:double>", `{"lng": 127.5}`, Struct(Null, Double(127.5))},
	} {
		s := MustSchema("c", c.typ)
		row, err := NewNDJSONReader(strings.NewReader(`{"c":`+c.in+`}`), s, ReadOptions{}).Next()
		if err != nil {
			t.Errorf("%s as %s: %v", c.in, c.typ, err)
		} else if !row[0].Equal(c.want) {
			t.Errorf("%s as %s = %v, want %v", c.in, c.typ, row[0], c.want)
		}
	}
}

func TestNDJSONRefusesWhatWouldBeLost(t *testing.T) {
	for _, c := range []struct{ typ, in, code, says string }{
		{"int64", `1.5`, "value_would_lose", "Row 1, column c: 1.5"},
		{"int64", `9223372036854775808`, "value_out_of_range", "9223372036854775808"},
		{"int64", `"abc"`, "value_not_of_type", "abc is not a value of type int64"},
		{"int64", `"007"`, "value_not_of_type", "007"},
		{"int64", `" 7"`, "value_not_of_type", " 7"},
		{"int64", `true`, "value_not_of_type", "true"},
		{"int64", `1e999999999999999999999`, "value_out_of_range", ""},
		{"double", `1e400`, "value_out_of_range", "1e400"},
		{"double", `"nan"`, "value_not_of_type", "nan"},
		{"double", `"0x10"`, "value_not_of_type", "0x10"},
		{"decimal(4,2)", `1.234`, "value_would_lose", "1.234"},
		{"decimal(4,2)", `123`, "value_out_of_range", "123"},
		{"decimal(2,2)", `5.5`, "value_out_of_range", "5.5"},
		{"decimal(2,2)", `1`, "value_out_of_range", ""},
		{"timestamp", `"2024-05-31T09:00:00"`, "value_not_of_type", ""},
		{"timestamp", `"2024-05-31T09:00:00.0000001Z"`, "value_would_lose", ""},
		{"timestamp", `"0001-01-01T00:00:00+00:01"`, "value_out_of_range", ""},
		{"timestamp", `"2024-02-30T09:00:00Z"`, "value_not_of_type", ""},
		{"timestamp", `"2024-06-30T23:59:60Z"`, "value_not_of_type", ""},
		{"timestamp", `1717146000`, "value_not_of_type", ""},
		{"date", `"2023-02-29"`, "value_not_of_type", ""},
		{"date", `"0000-01-01"`, "value_out_of_range", ""},
		{"string", `5`, "value_not_of_type", "5"},
		{"string", `{"a":[1]}`, "value_not_of_type", `{"a":[1]}`},
		{"bytes", `"d2Vpcg"`, "value_not_of_type", ""},
		{"bytes", `"d2Vp\ncg=="`, "value_not_of_type", ""},
		{"bool", `"true"`, "value_not_of_type", ""},
		{"list<int64>", `5`, "value_not_of_type", ""},
		{"list<int64>", `[1,{"a":2}]`, "value_not_of_type", "column c[1]:"},
		{"struct<a:list<struct<b:int64>>>", `{"a":[{},{"b":0.5}]}`, "value_would_lose", "column c.a[1].b:"},
		{"struct<a:int64>", `{"b":1}`, "row_unknown_column", "c.b"},
		{"struct<a:int64>", `{"a":1,"a":1}`, "row_duplicate_key", "c.a"},
		{"json", `[{"a":{"b":1,"b":1}}]`, "row_duplicate_key", "key c.b twice"},
		{"string", `"\ud83d"`, "row_bad_json", "byte"},
		{"string", "\"\xff\"", "row_not_utf8", "byte 7"},
		{"string", "\"a\tb\"", "row_bad_json", ""},
		{"json", strings.Repeat("[", 2000) + strings.Repeat("]", 2000), "row_too_deep", "1000"},
		{"int64", `01`, "row_bad_json", ""},
		{"int64", `1}{`, "row_bad_json", ""},
		{"int64", `1,"d":2`, "row_unknown_column", "key d"},
		{"int64", `1,"c":2`, "row_duplicate_key", "key c"},
		{"int64", `1,`, "row_bad_json", ""},
		{"int64", `nul`, "row_bad_json", ""},
		{"int64", `tru`, "row_bad_json", ""},
	} {
		s := MustSchema("c", c.typ)
		r := NewNDJSONReader(strings.NewReader(`{"c":`+c.in+"}\n{\"c\":null}\n"), s, ReadOptions{})
		_, err := r.Next()
		if got := fault.CodeOf(err); got != c.code || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s as %s: %v (%s), want %s saying %q", c.in, c.typ, err, got, c.code, c.says)
			continue
		}
		var re *RowError
		if !errors.As(err, &re) || re.Row != 1 {
			t.Errorf("%s as %s: %T is no RowError of row 1", c.in, c.typ, err)
		}
		if row, err := r.Next(); err != nil || !row[0].IsNull() {
			t.Errorf("%s as %s: the row after the bad one = %v, %v", c.in, c.typ, row, err)
		}
		if c := fault.As(err).Class; c != fault.Permanent {
			t.Errorf("class %v", c)
		}
	}
}

func TestNDJSONLines(t *testing.T) {
	s := MustSchema("a", "string", "b", "int64")
	in := "\xef\xbb\xbf{\"a\":\"x\",\"b\":1}\r\n\n  \t\n { \"b\" : 2 } \n{\"a\":\"" + strings.Repeat("가", 50000) + "\"}"
	rows := readAll(t, NewNDJSONReader(strings.NewReader(in), s, ReadOptions{}))
	sameRows(t, rows, [][]Value{
		{String("x"), Int64(1)},
		{Null, Int64(2)},
		{String(strings.Repeat("가", 50000)), Null},
	})
}

func TestNDJSONEndsForGood(t *testing.T) {
	s := MustSchema("a", "string")
	for in, code := range map[string]string{
		"[1]\n":                     "not_json_records",
		"a,b\n1,2\n":                "not_json_records",
		"null\n":                    "not_json_records",
		"\x00":                      "not_json_records",
		strings.Repeat("x", 200000): "row_too_long",
		`{"a":"` + strings.Repeat("x", 1000) + "\"}\n": "row_too_long",
	} {
		r := NewNDJSONReader(strings.NewReader(in), s, ReadOptions{MaxRecord: 1000})
		for range 2 {
			_, err := r.Next()
			var re *RowError
			if fault.CodeOf(err) != code || errors.As(err, &re) {
				t.Errorf("%.20q: %v, want %s for good", in, err, code)
			}
		}
	}
	broken := errors.New("connection reset")
	r := NewNDJSONReader(io.MultiReader(strings.NewReader("{\"a\":\"1\"}\n{\"a"), errReader{broken}), s, ReadOptions{})
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := r.Next(); !errors.Is(err, broken) {
			t.Fatalf("error = %v, want the input's", err)
		}
	}
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

func TestNDJSONIgnoresUnknownKeysWhenAsked(t *testing.T) {
	s := MustSchema("a", "struct<x:int64>")
	in := `{"z":{"q":["\u00e9",1e5,null,{}]},"a":{"y":"\"","x":1},"w":true}`
	rows := readAll(t, NewNDJSONReader(strings.NewReader(in), s, ReadOptions{IgnoreUnknown: true}))
	sameRows(t, rows, [][]Value{{Struct(Int64(1))}})
}

func TestRowsStayGoodAfterNext(t *testing.T) {
	s := MustSchema("a", "string", "l", "list<string>")
	var in bytes.Buffer
	w := NewNDJSONWriter(&in, s)
	var want [][]Value
	for i := range 5000 {
		v := strings.Repeat(string(rune('a'+i%26)), i%40) + "\n"
		want = append(want, []Value{String(v), List(String(v), Null)})
	}
	writeAll(t, w, want)
	sameRows(t, readAll(t, NewNDJSONReader(&in, s, ReadOptions{})), want)
}

func TestWriterRefusesARowWhole(t *testing.T) {
	s := MustSchema("a", "string", "d", "decimal(4,2)", "l", "list<int64>", "t", "timestamp")
	big, _ := Decimal("123")
	fine, _ := Decimal("1.234")
	for _, c := range []struct {
		row  []Value
		code string
		says string
	}{
		{[]Value{Null}, "row_wrong_width", "1 values"},
		{[]Value{Int64(1), Null, Null, Null}, "value_wrong_kind", "column a: a value of kind int64"},
		{[]Value{String("\xff"), Null, Null, Null}, "value_not_utf8", "column a"},
		{[]Value{Null, big, Null, Null}, "value_out_of_range", "123"},
		{[]Value{Null, fine, Null, Null}, "value_would_lose", "1.234"},
		{[]Value{Null, Null, List(Int64(1), String("x")), Null}, "value_wrong_kind", "l[1]"},
		{[]Value{Null, Null, Null, Timestamp(1 << 62)}, "value_out_of_range", "column t"},
	} {
		for name, mk := range map[string]func(io.Writer) Writer{
			"ndjson": func(w io.Writer) Writer { return NewNDJSONWriter(w, s) },
			"json":   func(w io.Writer) Writer { return NewJSONWriter(w, s) },
			"csv":    func(w io.Writer) Writer { return NewCSVWriter(w, s, CSVOptions{}) },
		} {
			var with, without bytes.Buffer
			w, o := mk(&with), mk(&without)
			ok := []Value{String("ok"), Null, Null, Null}
			if err := errors.Join(w.Write(ok), o.Write(ok), o.Close()); err != nil {
				t.Fatal(err)
			}
			err := w.Write(c.row)
			if fault.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "Row 2") {
				t.Errorf("%s: %v, want %s saying %q of row 2", name, err, c.code, c.says)
			}
			if err := w.Close(); err != nil || w.Rows() != 1 {
				t.Errorf("%s: Close = %v after %d rows", name, err, w.Rows())
			}
			if !bytes.Equal(with.Bytes(), without.Bytes()) {
				t.Errorf("%s: the refused row left %q", name, with.Bytes())
			}
		}
	}
}

func BenchmarkNDJSON(b *testing.B) {
	s := MustSchema("review", "string", "date", "string", "rating", "string", "author", "string", "review_id", "string", "movie_id", "string")
	row := []Value{String("전체관람가는 아닌것 같아요, 그래도 재미있게 봤습니다"), String("15.08.25"), String("10"), String("dhrl****"), String("10275182"), String("10001")}
	var buf bytes.Buffer
	w := NewNDJSONWriter(&buf, s)
	const n = 1000
	for range n {
		_ = w.Write(row)
	}
	_ = w.Close()
	b.Run("write", func(b *testing.B) {
		b.ReportAllocs()
		w := NewNDJSONWriter(io.Discard, s)
		for b.Loop() {
			_ = w.Write(row)
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	})
	b.Run("read", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(buf.Len()))
		for b.Loop() {
			r := NewNDJSONReader(bytes.NewReader(buf.Bytes()), s, ReadOptions{})
			for {
				if _, err := r.Next(); err != nil {
					break
				}
			}
		}
		b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	})
	// What the same rows cost when a general tokenizer reads them, for comparison.
	b.Run("tokenizer", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(buf.Len()))
		for b.Loop() {
			d := jsontext.NewDecoder(bytes.NewBuffer(buf.Bytes()))
			column, key := -1, true
			for {
				tok, err := d.ReadToken()
				if err != nil {
					break
				}
				switch tok.Kind() {
				case '{', '}':
					key = true
				case '"':
					if key {
						column = s.Index(tok.String())
					} else {
						row[column] = String(tok.String())
					}
					key = !key
				}
			}
		}
		b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	})
	mixed := MustSchema("i", "int64", "f", "double", "d", "decimal(18,4)", "t", "timestamp", "l", "list<double>", "j", "json")
	line := []byte(`{"i":1234567,"f":0.125,"d":"12.5","t":"2024-05-31T09:00:00.123456Z","l":[0.5,1,2],"j":{"a":[1,"x"]}}` + "\n")
	b.Run("read mixed types", func(b *testing.B) {
		b.ReportAllocs()
		in := bytes.Repeat(line, n)
		for b.Loop() {
			r := NewNDJSONReader(bytes.NewReader(in), mixed, ReadOptions{})
			for {
				if _, err := r.Next(); err != nil {
					break
				}
			}
		}
		b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	})
	b.Run("write mixed types", func(b *testing.B) {
		b.ReportAllocs()
		row, err := NewNDJSONReader(bytes.NewReader(line), mixed, ReadOptions{}).Next()
		if err != nil {
			b.Fatal(err)
		}
		w := NewNDJSONWriter(io.Discard, mixed)
		for b.Loop() {
			_ = w.Write(row)
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	})
}
