package fault

import (
	"errors"
	"fmt"
	"testing"
	"unicode"
	"unicode/utf8"
)

// TestRemedyIsTheLastSentence: whatever is put in for names.
func TestRemedyIsTheLastSentence(t *testing.T) {
	for _, c := range []struct {
		err    error
		en, ko string
	}{
		{New("live_watches_many", "most", "1. 2"), "Close one first.", "먼저 하나를 닫으세요."},
		{fmt.Errorf("behind: %w", New("flow_not_utf8", "line", "A. B", "column", 2)), "Save the flow file as UTF-8.", "플로 파일을 UTF-8로 저장하세요."},
		{New("history_of_what"), "", ""},
		{errors.New("plain. Words"), "This is a defect; please report it with the log.", "결함이므로 로그와 함께 알려 주세요."},
	} {
		n := NoteOf(c.err)
		if en, ko := n.Remedy(English), n.Remedy(Korean); en != c.en || ko != c.ko {
			t.Errorf("%v: %q, %q", c.err, en, ko)
		}
	}
	for code := range Catalogue() {
		n := &Note{Code: code}
		for _, lang := range []Lang{English, Korean} {
			r := n.Remedy(lang)
			if r == "" {
				continue
			}
			first, _ := utf8.DecodeRuneInString(r)
			begins := unicode.IsUpper(first) || unicode.Is(unicode.Hangul, first) || first == '{' || first == '`' || first == '"'
			if lang == English && !begins && code != "flow_test_no_dir" || utf8.RuneCountInString(r) < 4 {
				t.Errorf("%s: the remedy in %s begins in the middle: %q", code, lang, r)
			}
		}
	}
}
