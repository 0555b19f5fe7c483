package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/weirflow/weir/fault"
)

func TestJSONArray(t *testing.T) {
	s := MustSchema("a", "string", "b", "list<int64>")
	want := [][]Value{{String("x]}\"\\"), List(Int64(1), Int64(2))}, {Null, Null}, {String("[{"), List()}}
	for _, in := range []string{
		"[{\"a\":\"x]}\\\"\\\\\",\"b\":[1,2]},{},{\"b\":[],\"a\":\"[{\"}]",
		"\ufeff \r\n[ {\"a\" : \"x]}\\\"\\\\\" ,\"b\": [ 1 , 2 ] }\n,\t{ }\n, {\"b\":[],\"a\":\"[{\"}\n]\n\n",
	} {
		for _, r := range []io.Reader{strings.NewReader(in), iotest.OneByteReader(strings.NewReader(in)), iotest.DataErrReader(strings.NewReader(in))} {
			rd := NewJSONReader(r, s, ReadOptions{})
			if rd.Schema() != s {
				t.Error("Schema is another one")
			}
			sameRows(t, readAll(t, rd), want)
			if _, err := rd.Next(); err != io.EOF {
				t.Errorf("after the end: %v", err)
			}
		}
	}
	for _, in := range []string{"[]", " [ \n] "} {
		if rows := readAll(t, NewJSONReader(strings.NewReader(in), s, ReadOptions{})); len(rows) != 0 {
			t.Errorf("%q has %d rows", in, len(rows))
		}
	}
	var b bytes.Buffer
	w := NewJSONWriter(&b, s)
	if err := errors.Join(w.Close(), w.Close()); err != nil || !json.Valid(b.Bytes()) {
		t.Errorf("an array without rows = %q, %v", b.Bytes(), err)
	}
	if err := w.Write(want[0]); err == nil {
		t.Error("a row was written behind the closing bracket")
	}
}

func TestJSONArrayEndsForGood(t *testing.T) {
	s := MustSchema("a", "int64")
	broken := errors.New("connection reset")
	for _, c := range []struct{ in, code, says string }{
		{``, "not_json_records", ""},
		{`{"a":1}`, "not_json_records", `row 1 is {"a":1}`},
		{`[{"a":1},2]`, "not_json_records", "row 2 is 2]"},
		{`[null]`, "not_json_records", ""},
		{`[{"a":1},]`, "not_json_records", ""},
		{`[`, "array_cut", "after 0 rows"},
		{`[{"a":1}`, "array_cut", "after 1 rows"},
		{`[{"a":1},`, "array_cut", ""},
		{`[{"a":1},{"a":"]}`, "array_cut", ""},
		{`[{"a":1} {"a":2}]`, "array_broken", `near: {"a":2}]`},
		{`[{"a":1}]]`, "array_broken", ""},
		{`[{"a":1}][`, "array_broken", ""},
		{`[{"a":1},{"a":1]}]`, "row_bad_json", "Row 2"},
		{`[{"a" 1}]`, "row_bad_json", "byte 6"},
		{`[{"a":` + strings.Repeat(" ", 2000) + `1}]`, "row_too_long", "1000"},
		{`[{"a":` + strings.Repeat(" ", 70000), "row_too_long", "1000"},
	} {
		for _, in := range []io.Reader{strings.NewReader(c.in), iotest.OneByteReader(strings.NewReader(c.in))} {
			r := NewJSONReader(in, s, ReadOptions{MaxRecord: 1000})
			var err error
			for err == nil {
				_, err = r.Next()
			}
			var row *RowError
			if fault.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.says) || errors.As(err, &row) {
				t.Errorf("%.30q: %v (%s), want %s saying %q for good", c.in, err, fault.CodeOf(err), c.code, c.says)
			}
			if _, again := r.Next(); again != err {
				t.Errorf("%.30q: the error %v did not stay: %v", c.in, err, again)
			}
		}
	}
	for _, in := range []string{"", "[", `[{"a":1}`, `[{"a"`, `[{"a":1}]`} {
		r := NewJSONReader(io.MultiReader(strings.NewReader(in), errReader{broken}), s, ReadOptions{})
		var err error
		for err == nil {
			_, err = r.Next()
		}
		if !errors.Is(err, broken) {
			t.Errorf("%q cut by the network: %v", in, err)
		}
	}
}

func TestJSONArrayGoesOnAfterABadRow(t *testing.T) {
	s := MustSchema("a", "int64")
	r := NewJSONReader(strings.NewReader(`[{"a":"x"},{"b":1},{"a":1,"a":2},{"a":"`+"\xff"+`"},{"a":7}]`), s, ReadOptions{})
	for i, code := range []string{"value_not_of_type", "row_unknown_column", "row_duplicate_key", "row_not_utf8"} {
		_, err := r.Next()
		var row *RowError
		if fault.CodeOf(err) != code || !errors.As(err, &row) || row.Row != int64(i+1) {
			t.Errorf("row %d: %v, want %s", i+1, err, code)
		}
	}
	if row, err := r.Next(); err != nil || !row[0].Equal(Int64(7)) {
		t.Errorf("the row after the bad ones = %v, %v", row, err)
	}
}

// TestSkippedValuesAreStillJSON says that ignoring a key does not mean taking
// anything behind it.
func TestSkippedValuesAreStillJSON(t *testing.T) {
	s := MustSchema("a", "int64")
	for in, ok := range map[string]bool{
		`"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"`: true, `[1,-0.5e+3,{"x":[],"y":{}}]`: true, `false`: true,
		`"\x"`: false, `"\u12g4"`: false, `"\ud800"`: false, `"\ud800\u0041"`: false, `"\udc00"`: false, `"\u12`: false, "\"a\nb\"": false,
		`[1,]`: false, `{"x"}`: false, `{"x":}`: false, `{x:1}`: false, `{"x":1,}`: false, `.5`: false, `5.`: false, `1e`: false, `-`: false, `+1`: false,
		`fals`: false, `[1}`: false, `"`: false, `"\`: false, `NaN`: false, `'a'`: false, `{"x\q":1}`: false,
	} {
		_, err := NewNDJSONReader(strings.NewReader(`{"z":`+in+`,"a":1}`), s, ReadOptions{IgnoreUnknown: true}).Next()
		if ok != (err == nil) || ok != json.Valid([]byte(in)) && !strings.Contains(in, `\u`) {
			t.Errorf("%s: %v", in, err)
		}
		// The same text in a json column is judged alike.
		_, err = NewNDJSONReader(strings.NewReader(`{"j":`+in+`}`), MustSchema("j", "json"), ReadOptions{}).Next()
		if ok != (err == nil) {
			t.Errorf("%s as json: %v", in, err)
		}
		// And in a string column, where it is a string.
		if in[0] == '"' {
			_, err = NewNDJSONReader(strings.NewReader(`{"j":`+in+`}`), MustSchema("j", "string"), ReadOptions{}).Next()
			if ok != (err == nil) {
				t.Errorf("%s as string: %v", in, err)
			}
		}
	}
}

func TestAppendJSON(t *testing.T) {
	typ := MustParseType("struct<n:int64,l:list<double>>")
	b, err := AppendJSON([]byte("x"), typ, Struct(Int64(1<<60), List(Double(1), Null)))
	if want := `x{"n":"1152921504606846976","l":[1,null]}`; err != nil || string(b) != want {
		t.Errorf("AppendJSON = %s, %v; want %s", b, err, want)
	}
	b, err = AppendJSON([]byte("x"), typ, Struct(Int64(1), List(Bool(true))))
	if string(b) != "x" || fault.CodeOf(err) != "text_not_of_type" || !strings.Contains(err.Error(), "double") {
		t.Errorf("a bool as double = %s, %v", b, err)
	}
}

func TestTypeIsTextInJSON(t *testing.T) {
	var got struct{ T Type }
	if err := json.Unmarshal([]byte(`{"T":"list< date >"}`), &got); err != nil || !got.T.Equal(ListOf(Of(KindDate))) {
		t.Fatalf("type = %s, %v", got.T, err)
	}
	if b, err := json.Marshal(Of(KindDecimal)); err != nil || string(b) != `"decimal(38,9)"` {
		t.Errorf("marshalled = %s, %v", b, err)
	}
	if err := json.Unmarshal([]byte(`{"T":"dat"}`), &got); fault.CodeOf(err) != "type_unknown" {
		t.Errorf("dat: %v", err)
	}
}
