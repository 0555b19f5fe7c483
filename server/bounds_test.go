package server

import (
	"strings"
	"testing"

	"github.com/weirflow/weir/fault"
)

// TestWhoOrdersIsPrintable: what a client says of itself may be printed on a
// terminal later.
func TestWhoOrdersIsPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"":                       "cli",
		"김민수":                    "김민수",
		"\x1b[31mred\x1b[0m\nx":  "[31mred[0mx",
		"\x00\x07":               "cli",
		strings.Repeat("가", 100): strings.Repeat("가", 64),
	} {
		if got := by(in); got != want {
			t.Errorf("by(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestRequestsOutOfRangeAreRefused(t *testing.T) {
	s := &Server{}
	if _, err := s.startRun(t.Context(), &StartRun{Flow: "x", Kind: "bogus"}); fault.CodeOf(err) != "run_kind_unknown" {
		t.Errorf("a run of kind bogus: %v", err)
	}
}
