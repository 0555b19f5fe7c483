package fault

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
)

// two is an error that stands in no catalogue text alone: it wraps two others.
func two(a, b error) error { return fmt.Errorf("%w: %w", a, b) }

func TestNotesTellWhatTheirErrorTells(t *testing.T) {
	in := func(what string) *Error { return New("internal", "what", what) }
	for name, err := range map[string]error{
		"fault":         in("a").Permanent(),
		"later":         in("a").RetryAfter(time.Minute),
		"plain":         io.EOF,
		"wrapped plain": fmt.Errorf("read page: %w", io.EOF),
		"wrapped":       fmt.Errorf("read page: %w", in("a")),
		"twice":         fmt.Errorf("read page: %w", fmt.Errorf("column 3: %w, at the end", in("a"))),
		"cause":         in("a").Because(in("b").Because(io.EOF)),
		"plain cause":   fmt.Errorf("open: %w", in("a").Because(fmt.Errorf("dial: %w", io.EOF))),
		"two":           two(in("a"), in("b")),
		"plain first":   two(io.EOF, in("b")),
		"plain last":    two(in("b"), io.EOF),
		"two plain":     two(io.EOF, io.ErrUnexpectedEOF),
		"two wrapped":   fmt.Errorf("task: %w", two(in("a"), fmt.Errorf("page: %w", in("b")))),
		"joined":        errors.Join(in("a"), fmt.Errorf("page: %w", in("b")), io.EOF),
		"joined one":    errors.Join(in("a")),
		"joined deep":   fmt.Errorf("check: %w", errors.Join(in("a"), in("b"))),
		"in a place":    In(in("p"), in("a")),
		"placed plain":  fmt.Errorf("end: %w", In(in("p"), fmt.Errorf("dial: %w", io.EOF))),
		"placed deep":   fmt.Errorf("run: %w", fmt.Errorf("end: %w", In(in("p"), fmt.Errorf("read: %w", in("a").Because(in("b")))))),
		"two places":    fmt.Errorf("run: %w", In(in("p"), fmt.Errorf("end: %w", In(in("q"), fmt.Errorf("x: %w", in("a")))))),
		"placed joined": fmt.Errorf("check: %w", In(in("p"), errors.Join(in("a"), in("b")))),
		"in no place":   In(nil, in("a")),
		"unknown code":  New("no_such_code", "b", 2),
	} {
		n := NoteOf(err)
		if got := n.Text(English); got != err.Error() {
			t.Errorf("%s: the note says %q, the error %q", name, got, err)
		}
		b, jerr := json.Marshal(n)
		if jerr != nil {
			t.Fatal(jerr)
		}
		var back Note
		if jerr := json.Unmarshal(b, &back); jerr != nil {
			t.Fatal(jerr)
		}
		ko := Text(err, Korean)
		if got := back.Text(Korean); got != ko {
			t.Errorf("%s: read back it says %q, before %q", name, got, ko)
		}
		if want := strings.Count(err.Error(), "inside Weir"); strings.Count(ko, "Weir 내부") != want || strings.Contains(ko, "inside Weir") {
			t.Errorf("%s: want %d Korean texts in %q", name, want, ko)
		}
		again := back.Err()
		if again.Error() != err.Error() || Text(again, Korean) != ko || CodeOf(again) != CodeOf(err) {
			t.Errorf("%s: the error comes back as %q [%s]", name, again, CodeOf(again))
		}
		was, _ := ClassOf(err)
		if is, _ := ClassOf(again); is != was {
			t.Errorf("%s: the class comes back as %v", name, is)
		}
	}
	if NoteOf(nil) != nil || (*Note)(nil).Text(Korean) != "" || (*Note)(nil).Err() != nil {
		t.Error("nil has a note")
	}
}

func TestWordsHaveNoClass(t *testing.T) {
	n := New("internal", "what", New("internal", "what", "inner")).Words()
	b, err := json.Marshal(n)
	if err != nil || strings.Contains(string(b), "class") || n.Parts["what"] == nil {
		t.Errorf("%s, %v", b, err)
	}
	if (*Error)(nil).Words() != nil || In(New("internal", "what", "p"), nil) != nil {
		t.Error("nothing has words")
	}
}

func TestANoteCanStandForAnArgument(t *testing.T) {
	why := NoteOf(New("internal", "what", "inner"))
	n := NoteOf(New("internal", "what", why.Text(English))).With("what", why).With("other", nil)
	if n.Text(English) != New("internal", "what", why.Text(English)).Error() {
		t.Errorf("in English it says %q", n.Text(English))
	}
	if ko := n.Text(Korean); strings.Count(ko, "Weir 내부") != 2 {
		t.Errorf("in Korean it says %q", ko)
	}
	if err := n.Err(); Text(err, Korean) != n.Text(Korean) {
		t.Errorf("its error says %q", Text(err, Korean))
	}
}
