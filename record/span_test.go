package record_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/weirflow/weir/record"
)

type spanReader interface {
	record.Reader
	Span() (from, to int64)
}

// TestSpanIsWhereARowStands reads files whose rows, good ones and bad, are cut out
// of them by their spans, over inputs of every block size.
func TestSpanIsWhereARowStands(t *testing.T) {
	schema := record.MustSchema("a", "int64", "b", "string")
	long := strings.Repeat("long 긴 ", 20_000)
	for _, c := range []struct {
		name      string
		open      func(io.Reader) spanReader
		head, sep string
		tail      string
		rows      []string
	}{
		{"ndjson", func(r io.Reader) spanReader { return record.NewNDJSONReader(r, schema, record.ReadOptions{}) }, "\ufeff\n \n", "\r\n", "\n",
			[]string{`{"a":1,"b":"x\n"}`, `  {"a":"bad"}`, `{"b":"` + long + `"}`, `{broken`, `{"a":2}`}},
		{"json", func(r io.Reader) spanReader { return record.NewJSONReader(r, schema, record.ReadOptions{}) }, " [ ", " , ", "]\n",
			[]string{`{"a":1,"b":"}x\n"}`, `{"a":"bad"}`, `{"b":"` + long + `"}`, `{"a":2}`}},
		{"csv", func(r io.Reader) spanReader { return record.NewCSVReader(r, schema, record.CSVOptions{}) }, "\ufeffb,a\r\n", "\r\n", "",
			[]string{"x,1", "\"two\nlines \"\"q\"\"\",2", "ragged", "y,bad", "\"" + long + "\",3", ",4"}},
	} {
		text := c.head + strings.Join(c.rows, c.sep) + c.tail
		for name, in := range map[string]io.Reader{"whole": strings.NewReader(text), "bytes": iotest.OneByteReader(strings.NewReader(text)),
			"halves": iotest.HalfReader(strings.NewReader(text))} {
			t.Run(fmt.Sprint(c.name, " ", name), func(t *testing.T) {
				r := c.open(in)
				for i := 0; ; i++ {
					_, err := r.Next()
					var row *record.RowError
					if err == io.EOF {
						if i != len(c.rows) {
							t.Errorf("%d rows, want %d", i, len(c.rows))
						}
						return
					}
					if err != nil && !errors.As(err, &row) {
						t.Fatal(err)
					}
					from, to := r.Span()
					if got := text[from:to]; got != c.rows[i] {
						t.Fatalf("row %d: span %d-%d is %.60q, want %.60q", i+1, from, to, got, c.rows[i])
					}
				}
			})
		}
	}
}
