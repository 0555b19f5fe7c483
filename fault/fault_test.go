package fault

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestTextNamesTheArguments(t *testing.T) {
	e := New("internal", "what", "x{y}")
	if got := Text(e, English); !strings.Contains(got, "x{y}") {
		t.Errorf("English text %q lacks the argument", got)
	}
	if got := Text(fmt.Errorf("open: %w", e), Korean); !strings.HasPrefix(got, "open: Weir 내부") {
		t.Errorf("wrapped Korean text = %q", got)
	}
	if got := New("no_such_code", "b", 2, "a", 1).Error(); got != "no_such_code a=1 b=2" {
		t.Errorf("text of an unknown code = %q", got)
	}
}

// TestWordsInATextAreInItsLanguage gives a fault as an argument of another: its
// words are translated with the rest, also after the error was stored.
func TestWordsInATextAreInItsLanguage(t *testing.T) {
	e := New("internal", "what", New("internal", "what", "k")).Because(New("internal", "what", New("internal", "what", "c")))
	if en := e.Error(); strings.Count(en, "inside Weir") != 4 || e.Args["what"] != New("internal", "what", "k").Error() {
		t.Errorf("English text %q, argument %q", en, e.Args["what"])
	}
	stored, err := json.Marshal(NoteOf(fmt.Errorf("open: %w", e)))
	if err != nil {
		t.Fatal(err)
	}
	back := new(Note)
	if err := json.Unmarshal(stored, back); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{e, fmt.Errorf("open: %w", e), back.Err()} {
		if ko := Text(err, Korean); strings.Contains(ko, "inside Weir") || strings.Count(ko, "Weir 내부") != 4 {
			t.Errorf("Korean text %q", ko)
		}
	}
}

// TestBothTextsOfAnArgumentAreKept gives words with both their texts as an
// argument: they are in the language of the whole, also after it was stored.
func TestBothTextsOfAnArgumentAreKept(t *testing.T) {
	words := Entry{"a {ko} file", "파일 {en}"}
	e := New("internal", "what", words)
	stored, err := json.Marshal(NoteOf(e))
	if err != nil {
		t.Fatal(err)
	}
	back := new(Note)
	if err := json.Unmarshal(stored, back); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{e, back.Err()} {
		if en, ko := Text(err, English), Text(err, Korean); !strings.Contains(en, words.English) || !strings.Contains(ko, words.Korean) || strings.Contains(ko, words.English) {
			t.Errorf("the texts are %q and %q", en, ko)
		}
	}
	if got := New("internal", "what", New("internal", "what", words)).Entry(); !strings.Contains(got.In(Korean), words.Korean) || !strings.Contains(got.In(English), words.English) {
		t.Errorf("the entry is %q", got)
	}
}

func TestFillSkipsBracesOfTheText(t *testing.T) {
	args := Args{"a": "1{b}", "b": "2"}
	for text, want := range map[string]string{"${ {a}": "${ 1{b}", "{x} {b}": "{x} 2", "} {b": "} {b", "{{a}}": "{1{b}}", "": "", "{a}{b}": "1{b}2"} {
		if got := fill(text, args); got != want {
			t.Errorf("fill(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestClassTravelsThroughWrapping(t *testing.T) {
	err := fmt.Errorf("node a: %w", New("internal", "what", "w").RetryAfter(time.Second))
	if c, d := ClassOf(err); c != After || d != time.Second {
		t.Errorf("ClassOf = %v, %v", c, d)
	}
	if c, _ := ClassOf(errors.New("plain")); c != Retryable {
		t.Errorf("class of a plain error = %v, want retryable", c)
	}
	if !errors.Is(err, New("internal")) {
		t.Error("errors.Is does not match by code")
	}
	if got := CodeOf(errors.New("plain")); got != "internal" {
		t.Errorf("CodeOf(plain) = %q", got)
	}
}

var placeholder = regexp.MustCompile(`\{([a-z_]+)\}`)

func names(s string) []string {
	var out []string
	for _, m := range placeholder.FindAllStringSubmatch(s, -1) {
		out = append(out, m[1])
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func TestEveryCodeHasBothTexts(t *testing.T) {
	for code, e := range Catalogue() {
		if e.English == "" || e.Korean == "" {
			t.Errorf("%s: a text is missing", code)
		}
		if en, ko := names(e.English), names(e.Korean); code != said && !slices.Equal(en, ko) {
			t.Errorf("%s: English names %v, Korean names %v", code, en, ko)
		}
	}
}

// TestEveryFaultInTheSourceIsInTheCatalogue reads every Go file of the module
// and compares the literal codes given to New (and to functions marked by
// their name, problem) with the catalogue, both ways.
func TestEveryFaultInTheSourceIsInTheCatalogue(t *testing.T) {
	used := map[string]string{}
	fset := token.NewFileSet()
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if n := d.Name(); path != ".." && (strings.HasPrefix(n, ".") || n == "node_modules" || n == "testdata") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(fset, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			c, ok := n.(*ast.CallExpr)
			if !ok || len(c.Args) == 0 {
				return true
			}
			sel, ok := c.Fun.(*ast.SelectorExpr)
			if !ok || sel.Sel.Name != "New" {
				return true
			}
			if x, ok := sel.X.(*ast.Ident); !ok || x.Name != "fault" {
				return true
			}
			lit, ok := c.Args[0].(*ast.BasicLit)
			if !ok {
				t.Errorf("%s: fault.New wants a literal code", fset.Position(c.Pos()))
				return true
			}
			code, _ := strconv.Unquote(lit.Value)
			used[code] = fset.Position(c.Pos()).String()
			var given []string
			for i := 1; i < len(c.Args); i += 2 {
				if l, ok := c.Args[i].(*ast.BasicLit); ok {
					s, _ := strconv.Unquote(l.Value)
					given = append(given, s)
				}
			}
			if e, ok := Catalogue()[code]; ok && c.Ellipsis == token.NoPos {
				for _, n := range names(e.English) {
					if !slices.Contains(given, n) {
						t.Errorf("%s: the text of %s names {%s}, which is not given", fset.Position(c.Pos()), code, n)
					}
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for code, at := range used {
		if _, ok := Catalogue()[code]; !ok {
			t.Errorf("%s: code %q is not in the catalogue", at, code)
		}
	}
	for code := range Catalogue() {
		if _, ok := used[code]; !ok && code != "internal" && code != said {
			t.Errorf("catalogue: code %q is used nowhere", code)
		}
	}
}
