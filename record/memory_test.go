package record

import (
	"io"
	"runtime"
	"testing"
)

// endless gives a text again and again, up to n bytes.
type endless struct {
	text string
	at   int
	n    int
}

func (e *endless) Read(b []byte) (int, error) {
	if e.n <= 0 {
		return 0, io.EOF
	}
	n := copy(b, e.text[e.at:])
	e.at = (e.at + n) % len(e.text)
	e.n -= n
	return n, nil
}

func TestReadingHoldsOneRecordAtATime(t *testing.T) {
	const total = 12 << 20
	s := MustSchema("a", "string", "b", "list<int64>", "c", "json")
	for name, r := range map[string]Reader{
		"ndjson": NewNDJSONReader(&endless{text: "{\"a\":\"some \\u00e9 text\",\"b\":[1,2,3],\"c\":{\"x\" : 1}}\n", n: total}, s, ReadOptions{}),
		"json":   NewJSONReader(io.MultiReader(&endless{text: "[", n: 1}, &endless{text: "{\"a\":\"x\"},", n: total}), s, ReadOptions{}),
		"csv":    NewCSVReader(&endless{text: "\"some \"\" text\",\"[1,2]\",1\n", n: total}, s, CSVOptions{NoHeader: true}),
	} {
		var before, now runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		rows := 0
		for {
			row, err := r.Next()
			if err != nil {
				break
			}
			rows++
			if rows%50000 == 0 {
				runtime.GC()
				runtime.ReadMemStats(&now)
				if grown := int64(now.HeapAlloc) - int64(before.HeapAlloc); grown > 1<<20 {
					t.Fatalf("%s: %d bytes held after %d rows", name, grown, rows)
				}
			}
			_ = row
		}
		if rows < 200000 {
			t.Errorf("%s: only %d rows", name, rows)
		}
	}
}
