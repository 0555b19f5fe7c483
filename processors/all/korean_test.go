package all_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/weirflow/weir/processors"
)

// Every label, tag, sentence and pattern of every kind has a Korean text, and no
// Korean text is left over: one whose English changed is both.
func TestEveryKindSpeaksKorean(t *testing.T) {
	missing, unused := processors.Untranslated()
	for _, text := range missing {
		t.Errorf("no korean.json has the %q", text)
	}
	for _, text := range unused {
		t.Errorf("no kind has the %q of a korean.json", text)
	}
}

// What stands in an English text to be written as it is: code, names with _ or .
// or ::, flags, numbers and words in capitals.
var verbatim = regexp.MustCompile("`[^`]+`|\\$[{a-z][a-z.}]*|\\b[A-Za-z0-9]+(?:[_.:][A-Za-z0-9]+)+\\b|\\b[0-9][0-9,]*\\b|\\b[A-Z0-9]{2,}\\b")

// A sentence in Korean is one, and keeps what is to be written as it is.
func TestKoreanTextsSayWhatTheEnglishSay(t *testing.T) {
	var check func(v any)
	check = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				check(e)
			}
		case map[string]any:
			en, isText := v["en"].(string)
			if !isText {
				for _, e := range v {
					check(e)
				}
				return
			}
			ko := v["ko"].(string)
			if !strings.HasSuffix(en, ".") {
				return // a label or a tag
			}
			if !strings.HasSuffix(ko, ".") || !strings.ContainsFunc(ko, func(r rune) bool { return unicode.Is(unicode.Hangul, r) }) {
				t.Errorf("%q is no Korean sentence for %q", ko, en)
			}
			for _, word := range verbatim.FindAllString(en, -1) {
				if !strings.Contains(ko, word) {
					t.Errorf("%q lacks %s of %q", ko, word, en)
				}
			}
		}
	}
	b, err := json.Marshal([]any{processors.Kinds(), processors.ServiceKinds()})
	if err != nil {
		t.Fatal(err)
	}
	var all any
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	check(all)
}
