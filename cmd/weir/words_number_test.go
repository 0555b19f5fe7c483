package main

import (
	"testing"

	"github.com/weirflow/weir/fault"
)

func TestAWordGoesByItsNumber(t *testing.T) {
	a := &app{lang: fault.English}
	for n, want := range map[int]string{0: "0 rows, 2s", 1: "1 row, 2s", 2: "2 rows, 2s", 11: "11 rows, 2s"} {
		if got := a.say("sql rows", "total", n, "took", "2s"); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
	a.lang = fault.Korean
	if got := a.say("sql rows", "total", 1, "took", "2s"); got != "1행, 2s" {
		t.Errorf("in Korean: %q", got)
	}
}
