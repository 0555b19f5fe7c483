package processors

import (
	"regexp"
	"testing"
)

// TestPatternsAreCompiledOnce defines the same pattern many times, as building
// nodes does, which must not cost what compiling it does.
func TestPatternsAreCompiledOnce(t *testing.T) {
	const re = `[\p{L}_][\p{L}\p{N}_]{0,62}`
	for value, want := range map[string]bool{"user_actions": true, "사용자_행동": true, "1st": false, "a b": false, "": false, "a\n": false} {
		m, err := compilePattern(re)
		if err != nil {
			t.Fatal(err)
		}
		if m(value) != want {
			t.Errorf("%q matches: %t, want %t", value, !want, want)
		}
	}
	again := testing.AllocsPerRun(5, func() {
		if m, err := compilePattern(re); err != nil || !m("user_actions") {
			t.Fatal(err)
		}
	})
	anew := testing.AllocsPerRun(5, func() { regexp.MustCompile(re) })
	t.Logf("%.0f allocations again, %.0f anew", again, anew)
	if again > anew/2 {
		t.Errorf("a pattern that is known takes %.0f allocations, to compile it takes %.0f", again, anew)
	}
}
