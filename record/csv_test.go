package record

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/weirflow/weir/fault"
)

func rawRows(t *testing.T, in io.Reader, o CSVOptions) [][]Cell {
	t.Helper()
	var rows [][]Cell
	c := NewRawCSV(in, o)
	for {
		cells, err := c.Next()
		if err == io.EOF {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, append([]Cell(nil), cells...))
	}
}

// show spells rows with quoted cells in quotes, cells joined by | and rows by /.
func show(rows [][]Cell) string {
	var b strings.Builder
	for i, r := range rows {
		if i > 0 {
			b.WriteString(" / ")
		}
		for j, c := range r {
			if j > 0 {
				b.WriteByte('|')
			}
			if c.Quoted {
				fmt.Fprintf(&b, "%q", c.Text)
			} else {
				b.WriteString(c.Text)
			}
		}
	}
	return b.String()
}

func TestRawCSV(t *testing.T) {
	for _, c := range []struct {
		delim    rune
		in, want string
	}{
		{0, "a,b\n1,2\n", "a|b / 1|2"},
		{0, "a,b\r\n1,2", "a|b / 1|2"},
		{0, "\ufeffa,b", "a|b"},
		{0, "\ufeff\"a\",b", `"a"|b`},
		{0, "", ""},
		{0, "\n", ""},
		{0, "a\n\nb\n", "a /  / b"},
		{0, ",\n", "|"},
		{0, `"",` + "\n", `""|`},
		{0, "\"a\nb\",\"c\r\nd\re\"\r\nf,g\n", `"a\nb"|"c\r\nd\re" / f|g`},
		{0, `a"b,c""d,"e""f"""`, `a"b|c""d|"e\"f\""`},
		{0, `""""`, `"\""`},
		{0, "\"\"\"\n\"\"\"\nx", `"\"\n\"" / x`},
		{0, " a , \"b\" \n", ` a | "b" `},
		{'\t', "a\tb,c\n", "a|b,c"},
		{'|', "\"a|b\"|c\n", `"a|b"|c`},
		{'；', "a；\"b；\n\"；c\n", `a|"b；\n"|c`},
		{'；', "a\xef\xbc\x9b\"b\"", `a|"b"`},
	} {
		for name, in := range map[string]io.Reader{
			"whole": strings.NewReader(c.in),
			"bytes": iotest.OneByteReader(strings.NewReader(c.in)),
			"data":  iotest.DataErrReader(strings.NewReader(c.in)),
		} {
			if got := show(rawRows(t, in, CSVOptions{Delimiter: c.delim})); got != c.want {
				t.Errorf("%q (%s) = %s, want %s", c.in, name, got, c.want)
			}
		}
	}
}

func TestRawCSVFaultsNameTheLine(t *testing.T) {
	for _, c := range []struct{ in, code, says string }{
		{"a\n\"b\nc\nd", "csv_open_quote", "line 2"},
		{"a\n\"b\n\"c,d\n", "csv_text_after_quote", "Line 3, cell 1"},
		{"a,b\nc,\"d\" \n", "csv_text_after_quote", "Line 2, cell 2"},
		{"a\n\"\n\n\",\"b\"\nc\rd\n", "csv_bare_cr", "Line 5, cell 1"},
		{"a\r", "csv_bare_cr", "Line 1"},
		{"a\n\"\n\xb0\xa1\"\n", "csv_not_utf8", "Line 3"},
		{"a\n\"" + strings.Repeat("x\n", 1000), "csv_record_too_long", "line 2"},
		{"a\n" + strings.Repeat("x", 1001) + "\n", "csv_record_too_long", "line 2"},
	} {
		for _, in := range []io.Reader{strings.NewReader(c.in), iotest.OneByteReader(strings.NewReader(c.in))} {
			r := NewRawCSV(in, CSVOptions{MaxRecord: 1000})
			var err error
			for err == nil {
				_, err = r.Next()
			}
			if fault.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%.20q: %v (%s), want %s saying %q", c.in, err, fault.CodeOf(err), c.code, c.says)
			}
			if _, again := r.Next(); again != err {
				t.Errorf("%.20q: the error %v did not stay: %v", c.in, err, again)
			}
		}
	}
}

func csvText(t *testing.T, s *Schema, o CSVOptions, rows ...[]Value) string {
	t.Helper()
	var b bytes.Buffer
	writeAll(t, NewCSVWriter(&b, s, o), rows)
	return b.String()
}

func TestCSVWriterForms(t *testing.T) {
	s := MustSchema("s", "string", "n", "int64", "f", "double", "j", "json")
	j, err := JSON([]byte(`{"a": 1.0}`))
	if err != nil {
		t.Fatal(err)
	}
	rows := [][]Value{
		{String("x"), Int64(-5), Double(1e21), j},
		{String(""), Null, Null, Null},
		{Null, Int64(1), Double(-0.5), Null},
		{String(`\N`), Null, Null, Null},
		{String(" a"), Null, Null, Null},
		{String("NULL"), Null, Null, Null},
	}
	for name, c := range map[string]struct {
		o    CSVOptions
		want string
	}{
		"minimal": {CSVOptions{}, `s,n,f,j
x,-5,1e+21,"{""a"":1.0}"
"",,,
,1,-0.5,
\N,,,
" a",,,
NULL,,,
`},
		"all": {CSVOptions{Quote: QuoteAll}, `"s","n","f","j"
"x","-5","1e+21","{""a"":1.0}"
"",,,
,"1","-0.5",
"\N",,,
" a",,,
"NULL",,,
`},
		"non_numeric with NULL": {CSVOptions{Quote: QuoteNonNumeric, Null: "NULL"}, `"s","n","f","j"
"x",-5,1e+21,"{""a"":1.0}"
"",NULL,NULL,NULL
NULL,1,-0.5,NULL
"\N",NULL,NULL,NULL
" a",NULL,NULL,NULL
"NULL",NULL,NULL,NULL
`},
		`minimal with \N, tab`: {CSVOptions{Null: `\N`, Delimiter: '\t'}, `s	n	f	j
x	-5	1e+21	"{""a"":1.0}"
""	\N	\N	\N
\N	1	-0.5	\N
"\N"	\N	\N	\N
" a"	\N	\N	\N
NULL	\N	\N	\N
`},
		"strings": {CSVOptions{Quote: QuoteStrings, NoHeader: true, Delimiter: ';'}, `"x";-5;1e+21;"{""a"":1.0}"
"";;;
;1;-0.5;
"\N";;;
" a";;;
"NULL";;;
`},
		"delimiter that numbers hold": {CSVOptions{Delimiter: '-'}, `s-n-f-j
x-"-5"-1e+21-"{""a"":1.0}"
""---
-1-"-0.5"-
\N---
" a"---
NULL---
`},
	} {
		got := csvText(t, s, c.o, rows...)
		if got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
		sameRows(t, readAll(t, NewCSVReader(strings.NewReader(got), s, c.o)), rows)
	}
	if got := csvText(t, s, CSVOptions{BOM: true, CRLF: true}); got != "\ufeffs,n,f,j\r\n" {
		t.Errorf("a table without rows = %q", got)
	}
	if got := csvText(t, s, CSVOptions{NoHeader: true}); got != "" {
		t.Errorf("a table without rows and header = %q", got)
	}
}

func TestCSVOneColumnKeepsItsNulls(t *testing.T) {
	s := MustSchema("only", "string")
	rows := [][]Value{{Null}, {String("")}, {String(`\N`)}, {Null}}
	for _, o := range []CSVOptions{{}, {Null: "NULL"}, {Quote: QuoteAll}, {NoHeader: true}} {
		got := csvText(t, s, o, rows...)
		if strings.Contains(got, "\n\n") || strings.HasPrefix(got, "\n") {
			t.Errorf("%q has an empty line", got)
		}
		sameRows(t, readAll(t, NewCSVReader(strings.NewReader(got), s, o)), rows)
	}
	// Files of others do have empty lines.
	sameRows(t, readAll(t, NewCSVReader(strings.NewReader("only\n\nx\n"), s, CSVOptions{})), [][]Value{{Null}, {String("x")}})
}

func TestCSVHeader(t *testing.T) {
	s := MustSchema("a", "string", "나", "int64")
	rows := readAll(t, NewCSVReader(strings.NewReader("나,\"a\"\n1,x\n"), s, CSVOptions{}))
	sameRows(t, rows, [][]Value{{String("x"), Int64(1)}})
	for _, c := range []struct{ in, code, says string }{
		{"", "csv_no_header", "a, 나"},
		{"a\n", "csv_header_differs", "missing in the file: 나;"},
		{"a,나,c, a\n", "csv_header_differs", "not in the schema: c,  a."},
		{"a,나,a\n", "csv_header_twice", "column a"},
		{"a,나\n1,2,3\n", "csv_ragged", "Line 2 (row 1) has 3 cells"},
		{"a,나\n\n", "csv_ragged", "has 1 cells"},
		{"a,나\nx,\n\"\n\n\",1.5\n", "value_would_lose", "Row 2, column 나: 1.5"},
		{"a,나\nx,\"\"\n", "value_not_of_type", "column 나:"},
	} {
		r := NewCSVReader(strings.NewReader(c.in), s, CSVOptions{})
		var err error
		for err == nil {
			_, err = r.Next()
		}
		if fault.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: %v (%s), want %s saying %q", c.in, err, fault.CodeOf(err), c.code, c.says)
		}
	}
}

func TestCSVReaderGoesOnAfterABadRow(t *testing.T) {
	s := MustSchema("a", "int64", "b", "list<int64>")
	r := NewCSVReader(strings.NewReader("a,b\nx,\n1,2,3\n1,\"[1,x]\"\n1,\"[1,0.5]\"\n7,\"[1,2]\"\n"), s, CSVOptions{})
	for i, says := range []string{"column a: x", "3 cells", "column b: [1,x]", "column b[1]: 0.5"} {
		_, err := r.Next()
		var re *RowError
		if !errors.As(err, &re) || re.Row != int64(i+1) || !strings.Contains(err.Error(), says) {
			t.Fatalf("row %d: %v, want %q", i+1, err, says)
		}
	}
	row, err := r.Next()
	if err != nil || !row[0].Equal(Int64(7)) || !row[1].Equal(List(Int64(1), Int64(2))) || r.Line() != 6 {
		t.Fatalf("row after the bad ones = %v, %v on line %d", row, err, r.Line())
	}
}

func TestFormulaGuardLeavesNumbersAlone(t *testing.T) {
	s := MustSchema("s", "string", "n", "int64")
	for in, want := range map[string]string{
		"=1+1": "'=1+1", "+82-10": "'+82-10", "-x": "'-x", "@a": "'@a", "\tx": "\"'\tx\"", "\rx": "\"'\rx\"",
		"-5": "-5", "+5": "+5", "-1.5e3": "-1.5e3", "a=b": "a=b", "-": "'-", "--1": "'--1", "": `""`,
	} {
		// A quote is needed for other reasons only.
		w := CSVOptions{FormulaGuard: true, NoHeader: true}
		got := csvText(t, s, w, []Value{String(in), Int64(-7)})
		if in == "\tx" {
			want = "'\tx"
		}
		if got != want+",-7\n" {
			t.Errorf("%q = %q, want %q", in, got, want+",-7\n")
		}
		if in != "" && strings.HasPrefix(csvText(t, s, CSVOptions{NoHeader: true}, []Value{String(in), Null}), "'") {
			t.Errorf("%q is guarded without being asked", in)
		}
	}
}

func TestCSVOptionsAreChecked(t *testing.T) {
	s := MustSchema("a", "string")
	for _, c := range []struct {
		o    CSVOptions
		code string
	}{
		{CSVOptions{Delimiter: '"'}, "csv_bad_delimiter"},
		{CSVOptions{Delimiter: '\n'}, "csv_bad_delimiter"},
		{CSVOptions{Delimiter: -1}, "csv_bad_delimiter"},
		{CSVOptions{Null: "a,b"}, "csv_bad_null"},
		{CSVOptions{Null: `"`}, "csv_bad_null"},
		{CSVOptions{Quote: 9}, "csv_bad_quote"},
	} {
		w := NewCSVWriter(io.Discard, s, c.o)
		_, rerr := NewCSVReader(strings.NewReader("a\n"), s, c.o).Next()
		for _, err := range []error{c.o.Check(), w.Write([]Value{Null}), w.Close(), rerr} {
			if fault.CodeOf(err) != c.code {
				t.Errorf("%+v: %v, want %s", c.o, err, c.code)
			}
		}
	}
	if err := NewCSVWriter(io.Discard, &Schema{}, CSVOptions{}).Close(); fault.CodeOf(err) != "csv_no_columns" {
		t.Errorf("no columns: %v", err)
	}
	for _, name := range quoteNames {
		if q, err := ParseQuotePolicy(name); err != nil || q.String() != name {
			t.Errorf("policy %s = %v, %v", name, q, err)
		}
	}
	if _, err := ParseQuotePolicy("most"); fault.CodeOf(err) != "csv_bad_quote" {
		t.Errorf("policy most: %v", err)
	}
}

func BenchmarkCSV(b *testing.B) {
	s := MustSchema("review", "string", "date", "string", "rating", "string", "author", "string", "review_id", "string", "movie_id", "string")
	row := []Value{String("전체관람가는 아닌것 같아요, 그래도 재미있게 봤습니다"), String("15.08.25"), String("10"), String("dhrl****"), String("10275182"), String("10001")}
	var buf bytes.Buffer
	w := NewCSVWriter(&buf, s, CSVOptions{})
	const n = 1000
	for range n {
		_ = w.Write(row)
	}
	_ = w.Close()
	b.Run("write", func(b *testing.B) {
		b.ReportAllocs()
		w := NewCSVWriter(io.Discard, s, CSVOptions{})
		for b.Loop() {
			_ = w.Write(row)
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	})
	b.Run("read", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(buf.Len()))
		for b.Loop() {
			r := NewCSVReader(bytes.NewReader(buf.Bytes()), s, CSVOptions{})
			for {
				if _, err := r.Next(); err != nil {
					break
				}
			}
		}
		b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	})
}
