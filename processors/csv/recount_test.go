package csv

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors"
)

// TestRecountOfTheFile finds a file that was changed after it was written, of any
// length against the size of a read.
func TestRecountOfTheFile(t *testing.T) {
	dir := t.TempDir()
	files, err := processors.OpenFiles(dir, processors.FilesOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	for _, n := range []int{1, 1000, 100_000} {
		text := "uid,note\n" + strings.Repeat("a,\"two\nlines\"\n", n)
		if err := os.WriteFile(filepath.Join(dir, "x.csv"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		for wrote, code := range map[int64]string{int64(n): "", int64(n) + 1: "csv_file_differs"} {
			err := (&table{name: "x.csv", rows: wrote}).recount(t.Context(), files)
			if fault.CodeOf(err) != code {
				t.Errorf("%d rows, %d written: %v", n, wrote, err)
			}
			if class, _ := fault.ClassOf(err); err != nil && class == fault.Permanent {
				t.Error("it would not be written anew")
			}
		}
	}
	if err := (&table{name: "no.csv"}).recount(t.Context(), files); fault.CodeOf(err) != "file_missing" {
		t.Errorf("a file that is gone: %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := (&table{name: "x.csv", rows: 100_000}).recount(ended, files); err == nil {
		t.Error("a run that was cancelled went on reading")
	}
}

// TestRecountCountsAcrossWrites splits a text at every place.
func TestRecountCountsAcrossWrites(t *testing.T) {
	for text, want := range map[string]int64{
		"":                           0,
		"a,b\n":                      1,
		"a\r\nb\r\n":                 2,
		"\"a\nb\"\n":                 1,
		"\"a\"\"\nb\",\"\n\n\"\nc\n": 2,
		"\"\"\n\"\"\n":               2,
		"a\nunfinished":              1,
	} {
		for at := range len(text) + 1 {
			var out bytes.Buffer
			c := &recount{w: &out}
			for _, part := range []string{text[:at], text[at:]} {
				if _, err := c.Write([]byte(part)); err != nil {
					t.Fatal(err)
				}
			}
			if c.lines != want || out.String() != text {
				t.Errorf("%q cut at %d: %d lines, want %d", text, at, c.lines, want)
			}
		}
	}
}
