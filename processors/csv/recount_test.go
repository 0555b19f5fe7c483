package csv

import (
	"bytes"
	"testing"
)

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
