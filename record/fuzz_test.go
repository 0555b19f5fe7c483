package record

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"unicode/utf8"
)

var fuzzSchema = MustSchema("s", "string", "i", "int64", "f", "double", "d", "decimal(20,5)", "b", "bytes", "t", "timestamp",
	"y", "date", "j", "json", "l", "list<struct<a:int64,b:list<bool>>>", "o", "bool")

// decoded reads what can be read of in, and fails when what was read does not
// write and read back as the same values.
func decoded(t *testing.T, f format, in []byte) {
	r := f.read(bytes.NewReader(bytes.Clone(in)), fuzzSchema)
	var rows [][]Value
	for range 2 * (len(in) + 1) {
		row, err := r.Next()
		if err == nil {
			rows = append(rows, append([]Value(nil), row...))
			continue
		}
		if !utf8.ValidString(err.Error()) {
			t.Fatalf("error text %q is not UTF-8", err.Error())
		}
		if _, one := err.(*RowError); !one {
			if _, again := r.Next(); again != err {
				t.Fatalf("error %v was followed by %v", err, again)
			}
			break
		}
	}
	for _, g := range formats[:3] {
		var b bytes.Buffer
		writeAll(t, g.write(&b, fuzzSchema), rows)
		sameRows(t, readAll(t, g.read(&b, fuzzSchema)), rows)
	}
}

func seeds(f *testing.F, fm format) {
	s := fuzzSchema
	for _, in := range []string{
		`{"s":"a\ud83d\ude00","i":1e2,"f":"NaN","d":-1.50,"b":"AA==","t":"2024-05-31T09:00:00+09:00","y":"2024-02-29","j":{"a":[1,null]},"l":[{"a":1,"b":[true,null]}],"o":false}`,
		"{}\n\n{\"s\":null}\r\n", "[]", "[{},{}]", "[{\"i\":\"9223372036854775807\"}]x", "\ufeff", "{\"j\":{\"a\":1,\"a\":2}}",
		"o,l,j,y,t,b,d,f,i,s\n,,,,,,,,,\ntrue,\"[]\",1,,,,,Infinity,-0,\"a\"\"b\r\n\"\n",
	} {
		f.Add([]byte(in))
	}
	var b bytes.Buffer
	w := fm.write(&b, s)
	if err := w.Write(make([]Value, len(s.Fields))); err != nil {
		f.Fatal(err)
	}
	if err := w.Close(); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
}

func FuzzNDJSON(f *testing.F) {
	seeds(f, formats[0])
	f.Fuzz(func(t *testing.T, in []byte) { decoded(t, formats[0], in) })
}

func FuzzJSONArray(f *testing.F) {
	seeds(f, formats[1])
	f.Fuzz(func(t *testing.T, in []byte) { decoded(t, formats[1], in) })
}

func FuzzCSV(f *testing.F) {
	seeds(f, formats[2])
	f.Fuzz(func(t *testing.T, in []byte) { decoded(t, formats[2], in) })
}

// FuzzRawCSV compares the cells read in one go with those read byte by byte, and
// with those read after writing them again.
func FuzzRawCSV(f *testing.F) {
	seeds(f, formats[2])
	f.Fuzz(func(t *testing.T, in []byte) {
		var shown []string
		for _, r := range []io.Reader{bytes.NewReader(bytes.Clone(in)), oneByte{bytes.NewReader(in)}} {
			var b strings.Builder
			c := NewRawCSV(r, CSVOptions{})
			for {
				cells, err := c.Next()
				if err != nil {
					b.WriteString(err.Error())
					break
				}
				b.WriteString(show([][]Cell{cells}) + "/")
			}
			shown = append(shown, b.String())
		}
		if shown[0] != shown[1] {
			t.Fatalf("%q read whole is %s, by bytes %s", in, shown[0], shown[1])
		}
	})
}

type oneByte struct{ r io.Reader }

func (o oneByte) Read(b []byte) (int, error) { return o.r.Read(b[:min(1, len(b))]) }

func FuzzType(f *testing.F) {
	for _, s := range []string{"int64", "decimal(38,9)", "decimal", "list<list<string>>", `struct<a:int64,"b c\n":list<date>>`, "struct<>", "list<", "lst<string>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := ParseType(s)
		if err != nil {
			return
		}
		if b, err := ParseType(a.String()); err != nil || !a.Equal(b) {
			t.Fatalf("%q is %s, which reads as %v, %v", s, a, b, err)
		}
	})
}
