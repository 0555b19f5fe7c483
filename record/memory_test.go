package record

import (
	"errors"
	"io"
	"runtime"
	"strings"
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

func lines(text string, n int) *endless {
	return &endless{text: strings.Repeat(text, 1000), n: n}
}

func TestReadingHoldsOneRecordAtATime(t *testing.T) {
	const total = 6 << 20
	s := MustSchema("a", "string", "b", "list<int64>", "c", "json")
	for name, r := range map[string]Reader{
		"ndjson": NewNDJSONReader(lines("{\"a\":\"some \\u00e9 text\",\"b\":[1,2,3],\"c\":{\"x\" : 1}}\n", total), s, ReadOptions{}),
		"json":   NewJSONReader(io.MultiReader(strings.NewReader("["), lines("{\"a\":\"a longer text, without any escape\"},", total)), s, ReadOptions{}),
		"csv":    NewCSVReader(lines("\"some \"\" text that is longer\",\"[1,2]\",1\n", total), s, CSVOptions{NoHeader: true}),
	} {
		var before, now runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		rows := 0
		for {
			if _, err := r.Next(); err != nil {
				break
			}
			rows++
			if rows%20000 == 0 {
				runtime.GC()
				runtime.ReadMemStats(&now)
				if grown := int64(now.HeapAlloc) - int64(before.HeapAlloc); grown > 1<<20 {
					t.Fatalf("%s: %d bytes held after %d rows", name, grown, rows)
				}
			}
		}
		if rows < 80000 {
			t.Errorf("%s: only %d rows", name, rows)
		}
	}
}

// full takes so many bytes and then fails.
type full struct {
	room int
	err  error
}

func (f *full) Write(b []byte) (int, error) {
	if f.room -= len(b); f.room < 0 {
		return 0, f.err
	}
	return len(b), nil
}

func TestAFullDiskStaysFull(t *testing.T) {
	s := MustSchema("a", "string")
	for _, f := range formats {
		disk := &full{room: 200 << 10, err: errors.New("no space left on device")}
		w := f.write(disk, s)
		var err error
		for range 100000 {
			if err = w.Write([]Value{String("some text")}); err != nil {
				break
			}
		}
		var row *RowError
		if !errors.Is(err, disk.err) || errors.As(err, &row) {
			t.Errorf("%s: Write = %v, want the disk's error, which is none of a row", f.name, err)
		}
		disk.room = 1 << 30
		if err := w.Close(); !errors.Is(err, disk.err) {
			t.Errorf("%s: Close = %v, want the error again: a part is missing", f.name, err)
		}
		if err := w.Write([]Value{Null}); !errors.Is(err, disk.err) {
			t.Errorf("%s: Write after the error = %v", f.name, err)
		}
	}
}
