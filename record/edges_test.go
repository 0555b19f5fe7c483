package record

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/weirflow/weir/fault"
)

func TestEveryEscapeOfJSON(t *testing.T) {
	s := MustSchema("a", "string")
	for in, want := range map[string]string{
		`\"\\\/\b\f\n\r\t`: "\"\\/\b\f\n\r\t", `\u0041\u00e9\uAC00\uac00`: "Aé가가", `\ud7ff\ue000\uffff`: "\ud7ff\ue000\uffff",
		`\ud800\udc00`: "\U00010000", `\udbff\udfff`: "\U0010ffff", `\uD83D\uDE00x`: "😀x", `\u0000`: "\x00", `\u00091`: "\t1",
	} {
		rows := readAll(t, NewNDJSONReader(strings.NewReader(`{"a":"`+in+`"}`), s, ReadOptions{}))
		sameRows(t, rows, [][]Value{{String(want)}})
	}
	for _, bad := range []string{
		`\x`, `\`, `\u`, `\u12`, `\u123`, `\u123g`, `\u123G`, `\u12 4`, `\u12/4`, `\u12:4`, "\\u12`4", `\u12@4`,
		`\ud800`, `\udbff`, `\udc00`, `\udfff`, `\ud800x`, `\ud800\n`, `\ud800\ud800`, `\udbff\ue000`, `\ud800\u0041`, `\udfff\udc00`, `\ud800\udc0`,
	} {
		row, err := NewNDJSONReader(strings.NewReader(`{"a":"`+bad+`"}`), s, ReadOptions{}).Next()
		if err == nil || err == io.EOF {
			t.Errorf("%s reads as %v, %v", bad, row, err)
		}
	}
}

// JSON is taken to the depth that is said and no deeper, in a column of its own
// and where it is passed over.
func TestDepthOfJSON(t *testing.T) {
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	for _, column := range []string{"a", "b"} {
		for n, ok := range map[int]bool{maxJSONDepth - 1: true, maxJSONDepth: true, maxJSONDepth + 1: false, 5 * maxJSONDepth: false} {
			r := NewNDJSONReader(strings.NewReader(`{"`+column+`":`+nested(n)+`}`), MustSchema("a", "json"), ReadOptions{IgnoreUnknown: true})
			_, err := r.Next()
			if ok != (err == nil) || !ok && fault.CodeOf(err) != "row_too_deep" {
				t.Errorf("%d arrays in column %s: %v", n, column, err)
			}
		}
	}
}

func TestDepthAndSpaceOfTypes(t *testing.T) {
	lists := func(n int) string { return strings.Repeat("list<", n) + "bool" + strings.Repeat(">", n) }
	structs := func(n int) string { return strings.Repeat("struct<a:", n) + "bool" + strings.Repeat(">", n) }
	for _, nest := range []func(int) string{lists, structs} {
		if _, err := ParseType(nest(maxTypeDepth)); err != nil {
			t.Errorf("%d deep: %v", maxTypeDepth, err)
		}
		if _, err := ParseType(nest(maxTypeDepth + 1)); fault.CodeOf(err) != "type_too_deep" {
			t.Errorf("%d deep: %v", maxTypeDepth+1, err)
		}
	}
	for in, want := range map[string]string{
		" list < int64 > ": "list<int64>", "struct< a0 : bool , _9z:date >": "struct<a0:bool,_9z:date>", "decimal ( 10 , 2 )": "decimal(10,2)", "struct<z:bool,Z_09:bool>": "struct<z:bool,Z_09:bool>",
	} {
		ty, err := ParseType(in)
		if err != nil || ty.String() != want {
			t.Errorf("ParseType(%q) = %s, %v; want %s", in, ty, err, want)
		}
	}
}

func TestInferenceJoinsKinds(t *testing.T) {
	for _, c := range []struct{ values, want, report string }{
		{`1|2`, "int64", "int64 100 %"},
		{`1|0.5`, "double", "double 50 %, int64 50 %"},
		{`9007199254740993|0.5`, "json", "double 50 %, int64 50 %"},
		{`0.5|9007199254740993`, "json", "double 50 %, int64 50 %"},
		{`9007199254740993|1|0.5`, "json", "int64 67 %, double 33 %"},
		{`1|9007199254740993|0.5`, "json", "int64 67 %, double 33 %"},
		{`9007199254740991|0.5`, "double", "double 50 %, int64 50 %"},
		{`true|1`, "json", "bool 50 %, int64 50 %"},
		{`"a"|1`, "json", "int64 50 %, string 50 %"},
		{`"a"|null|"b"`, "string", "string 100 %"},
		{`[1]|[0.5]`, "list<double>", ""},
		{`[1]|["a"]`, "json", ""},
		{`[[1]]|[[1]]`, "json", ""},
		{`[]|[1]`, "list<int64>", ""},
		{`[1]|2`, "json", ""},
	} {
		var n Inferrer
		for _, v := range strings.Split(c.values, "|") {
			if err := n.ObserveJSON([]byte(`{"a":` + v + `}`)); err != nil {
				t.Fatal(err)
			}
		}
		r := n.Report()[0]
		if r.Field.Type.String() != c.want || c.report != "" && r.String() != c.report {
			t.Errorf("%s is a %s (%s), want %s (%s)", c.values, r.Field.Type, r, c.want, c.report)
		}
	}
	// What text may also be read as goes back to text.
	for cells, want := range map[string]string{"1|x": "string", "1|2": "int64", "1|0.5": "double", "true|1": "string", "true|x": "string"} {
		var n Inferrer
		for _, c := range strings.Split(cells, "|") {
			n.ObserveCell("a", Cell{Text: c}, "")
		}
		if got := n.Report()[0].Field.Type.String(); got != want {
			t.Errorf("cells %s are %s, want %s", cells, got, want)
		}
	}
	// But not where a value of JSON was seen beside it.
	var n Inferrer
	n.ObserveCell("a", Cell{Text: "1"}, "")
	n.ObserveValue("a", Bool(true))
	if got := n.Report()[0].Field.Type.String(); got != "json" {
		t.Errorf("a cell and a truth are %s", got)
	}
	var lists Inferrer
	lists.Observe("a", KindList)
	lists.Observe("a", KindStruct)
	if got := lists.Report()[0].Field.Type.String(); got != "json" {
		t.Errorf("lists of differing elements are %s", got)
	}
}

// stuck gives neither bytes nor an end.
type stuck struct{ calls int }

func (s *stuck) Read([]byte) (int, error) { s.calls++; return 0, nil }

func TestAReaderThatGivesNothingIsAnError(t *testing.T) {
	in := &stuck{}
	r := NewNDJSONReader(in, MustSchema("a", "string"), ReadOptions{})
	_, first := r.Next()
	calls := in.calls
	_, second := r.Next()
	if !errors.Is(first, io.ErrNoProgress) || !errors.Is(second, io.ErrNoProgress) {
		t.Errorf("Next = %v, then %v", first, second)
	}
	if in.calls != calls {
		t.Errorf("a reader that failed is asked again: %d calls, then %d", calls, in.calls)
	}
}

func TestNearestTypes(t *testing.T) {
	for w, want := range map[string]string{
		"in64": "int64", "itn64": "int64", "strng": "string", "stringg": "string", "dubble": "double", "boole": "bool", "dat": "date", "timestmp": "timestamp", "jsn": "json", "BYTE": "bytes", "Integer": "int64", "VARCHAR": "string", "array": "list<string>", "structt": "struct<name:string>",
	} {
		if got := nearestType(w); got != want {
			t.Errorf("nearestType(%q) = %q, want %q", w, got, want)
		}
	}
}

// Delimiters of one byte or more, and quotes, are found wherever a read ends.
func TestRawCSVWhereverAReadEnds(t *testing.T) {
	for _, delim := range []rune{',', '|', '가'} {
		in := strings.ReplaceAll("a,\"b\n\"\"c\",d\n1,2,\"3\"\n\"x,y\",,\"\"\n\"\"\"\",z,\"\n\"\n", ",", string(delim))
		want := show(rawRows(t, strings.NewReader(in), CSVOptions{Delimiter: delim}))
		if got := show(rawRows(t, oneByte{strings.NewReader(in)}, CSVOptions{Delimiter: delim})); got != want {
			t.Errorf("by %q, a byte at a time: %s, want %s", delim, got, want)
		}
		for at := range len(in) {
			r := io.MultiReader(strings.NewReader(in[:at]), strings.NewReader(in[at:]))
			if got := show(rawRows(t, r, CSVOptions{Delimiter: delim})); got != want {
				t.Errorf("by %q, cut at %d: %s, want %s", delim, at, got, want)
			}
		}
	}
}
