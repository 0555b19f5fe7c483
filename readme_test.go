package weir

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// outline is what two languages of a page must have in common: the levels of its
// headings in order, and its blocks of code without their comments.
func outline(t *testing.T, path string) (levels, code []string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	comment := regexp.MustCompile(`\s+#.*$`)
	fence, picture := false, false
	for line := range strings.Lines(string(b)) {
		line = strings.TrimRight(line, "\n")
		trimmed := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(trimmed, "```"):
			fence, picture = !fence, trimmed == "```"
		case fence && !picture:
			code = append(code, comment.ReplaceAllString(trimmed, ""))
		case !fence && strings.HasPrefix(line, "#"):
			levels = append(levels, line[:strings.IndexByte(line, ' ')])
		}
	}
	return levels, code
}

// TestTheReadmesSayTheSame keeps the Korean page up with the English one: the
// same headings and the same commands.
func TestTheReadmesSayTheSame(t *testing.T) {
	levels, code := outline(t, "README.md")
	levelsKo, codeKo := outline(t, "README.ko.md")
	if len(levels) < 5 || len(code) < 20 {
		t.Fatalf("%d headings, %d lines of code", len(levels), len(code))
	}
	if got, want := strings.Join(levelsKo, " "), strings.Join(levels, " "); got != want {
		t.Errorf("headings of README.ko.md are %s, of README.md %s", got, want)
	}
	for i := range max(len(code), len(codeKo)) {
		var en, ko string
		if i < len(code) {
			en = code[i]
		}
		if i < len(codeKo) {
			ko = codeKo[i]
		}
		if en != ko {
			t.Errorf("code line %d: %q in English, %q in Korean", i, en, ko)
			break
		}
	}
}

// TestLinksOfPagesLead follows the relative links of the pages at the root and of
// docs.
func TestLinksOfPagesLead(t *testing.T) {
	fenced := regexp.MustCompile("(?s)```.*?```|`[^`]*`")
	link := regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)
	for _, page := range []string{"README.md", "README.ko.md", "docs/DEPLOY.md", "docs/FIXTURES.md", "docs/ARCHITECTURE.md", "docs/FORMATS.md", "docs/WRITING_A_PROCESSOR.md"} {
		b, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		dir := ""
		if i := strings.LastIndexByte(page, '/'); i >= 0 {
			dir = page[:i+1]
		}
		text := fenced.ReplaceAllString(string(b), "")
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(dir + m[1]); err != nil {
				t.Errorf("%s links to %s: %v", page, m[1], err)
			}
		}
	}
}
