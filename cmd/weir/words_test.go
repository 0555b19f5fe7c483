package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/weirflow/weir/fault"
)

var placeholder = regexp.MustCompile(`\{[a-z_]+\}`)

func TestWordsStandInBothLanguages(t *testing.T) {
	hangul := regexp.MustCompile(`\p{Hangul}`)
	for key, w := range words() {
		if w.English == "" || w.Korean == "" {
			t.Errorf("%q lacks a language", key)
		}
		en, ko := placeholder.FindAllString(w.English, -1), placeholder.FindAllString(w.Korean, -1)
		slices.Sort(en)
		slices.Sort(ko)
		if !slices.Equal(slices.Compact(en), slices.Compact(ko)) {
			t.Errorf("%q: English names %v, Korean %v", key, en, ko)
		}
		if hangul.MatchString(w.English) {
			t.Errorf("%q: the English text holds Korean", key)
		}
		letters := strings.TrimSpace(placeholder.ReplaceAllString(w.English, ""))
		if len(letters) > 12 && !hangul.MatchString(w.Korean) {
			t.Errorf("%q: the Korean text is not Korean: %s", key, w.Korean)
		}
	}
}

// TestEveryWordIsUsedAndKnown compares the keys in the source, the verbs and
// the flags with the table, both ways.
func TestEveryWordIsUsedAndKnown(t *testing.T) {
	used := map[string]bool{}
	// Keys that are put together: all that the parts can be.
	for _, v := range []string{"balanced", "unaccounted", "broken", "unchecked"} {
		used["verdict "+v] = true
	}
	literals := map[string]bool{}
	visit := func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BasicLit:
			if s, err := strconv.Unquote(n.Value); err == nil {
				literals[s] = true
			}
		case *ast.CallExpr:
			sel, ok := n.Fun.(*ast.SelectorExpr)
			if !ok || len(n.Args) == 0 {
				return true
			}
			switch sel.Sel.Name {
			case "heads":
				for _, a := range n.Args {
					if l, ok := a.(*ast.BasicLit); ok {
						s, _ := strconv.Unquote(l.Value)
						used["column "+s] = true
					}
				}
			case "say", "print", "note":
				l, ok := n.Args[0].(*ast.BasicLit)
				if !ok {
					return true
				}
				key, _ := strconv.Unquote(l.Value)
				used[key] = true
				given := []string{"{weir}", "{where}"}
				for i := 1; i < len(n.Args); i += 2 {
					if l, ok := n.Args[i].(*ast.BasicLit); ok {
						s, _ := strconv.Unquote(l.Value)
						given = append(given, "{"+s+"}")
					}
				}
				for _, p := range placeholder.FindAllString(words()[key].English, -1) {
					if !slices.Contains(given, p) {
						t.Errorf("%q names %s, which is not given", key, p)
					}
				}
			}
		}
		return true
	}
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range sources {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, visit)
	}
	root := (&app{stdout: io.Discard, stderr: io.Discard, lang: fault.English}).root()
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		if c.Hidden || c.Name() == "completion" {
			return
		}
		used[c.CommandPath()] = true
		see := func(f *pflag.Flag) {
			if own := c.CommandPath() + " --" + f.Name; words()[own].English != "" {
				used[own] = true
				return
			}
			used["--"+f.Name] = true
		}
		c.LocalNonPersistentFlags().VisitAll(see)
		c.PersistentFlags().VisitAll(see)
		for _, v := range c.Commands() {
			walk(v)
		}
	}
	walk(root)
	delete(used, "column ")
	for key := range used {
		if _, ok := words()[key]; !ok && !strings.HasSuffix(key, " ") {
			t.Errorf("%q has no words", key)
		}
	}
	for key := range words() {
		part := strings.TrimPrefix(key, "column ")
		if !used[key] && !literals[key] && !(part != key && literals[part]) {
			t.Errorf("%q is used nowhere", key)
		}
	}
}

func TestHelpOfEveryVerbInBothLanguages(t *testing.T) {
	a := &app{stdout: io.Discard, stderr: io.Discard, lang: fault.English}
	var paths [][]string
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		paths = append(paths, strings.Fields(c.CommandPath())[1:])
		for _, v := range c.Commands() {
			if !v.Hidden {
				walk(v)
			}
		}
	}
	walk(a.root())
	if len(paths) < 45 {
		t.Fatalf("there are %d verbs", len(paths))
	}
	for _, p := range paths {
		out := must(t, append(slices.Clone(p), "--help")...)
		key := strings.TrimSpace("weir " + strings.Join(p, " "))
		if !strings.HasPrefix(out, words()[key].English) || !strings.Contains(out, "--data DIR") {
			t.Errorf("help of %s:\n%s", key, out)
		}
	}
	inKorean(t)
	for _, p := range paths {
		out := must(t, append(slices.Clone(p), "--help")...)
		for _, english := range []string{"Usage", "Flags", "show this help"} {
			if strings.Contains(out, english) {
				t.Errorf("the Korean help of %v says %q", p, english)
			}
		}
	}
}

func TestWordsOfMisuse(t *testing.T) {
	for _, c := range []struct{ args, code string }{
		{"frob", "cli_verb_unknown"}, {"run frob", "cli_verb_unknown"}, {"run ls --frob", "cli_flag"}, {"run show", "cli_arguments"},
		{"run ls a b", "cli_arguments"}, {"run start", "cli_flow_or_file"}, {"run start x --file y", "cli_flow_or_file"},
		{"run ls --data nowhere", "cli_no_data"}, {"run ls --server nowhere", "cli_server_url"}, {"serve --log-level loud", "cli_log_level"},
		{"run resume x --flow 3", "cli_resume_flow"}, {"run start --file nowhere.json", "cli_file_missing"}, {"run start --file .", "cli_file_unreadable"},
		{"run start x --param a", "cli_param"}, {"run start x --params words.go", "cli_params_file"}, {"kinds WriteCVS", "cli_kind_unknown"},
		{"sandbox --date yesterday", "cli_date"}, {"sandbox --fault frob", "sandbox_fault_unknown"}, {"sandbox --firestore x", "sandbox_file_flag"},
		{"parked retry x", "cli_parked_which"}, {"parked discard x 1 --all", "cli_parked_which"}, {"secret set x", "cli_secret_empty"},
		{"flow infer nowhere.json x", "cli_file_missing"}, {"flow validate nowhere.json", "cli_file_missing"},
	} {
		t.Run(c.args, func(t *testing.T) {
			r := weir(t, strings.Fields(c.args)...)
			if r.code != exitInvalid || r.errorCode() != c.code || r.out != "" {
				t.Errorf("exit %d, %s\n%s%s", r.code, r.errorCode(), r.out, r.err)
			}
			j := weir(t, append(strings.Fields(c.args), "--json")...)
			if !strings.Contains(j.err, `"code":"`+c.code+`"`) && c.code != "cli_flag" {
				t.Errorf("in JSON: %s", j.err)
			}
		})
	}
	inKorean(t)
	if r := weir(t, "kinds", "WriteCVS"); !strings.Contains(r.err, "WriteCVS라는 종류는 없습니다. 비슷한 것: WriteCSV") {
		t.Errorf("in Korean: %s", r.err)
	}
}

func TestColumnsCountPlacesNotBytes(t *testing.T) {
	c := &columns{right: map[int]bool{1: true}}
	c.row("노드", "행", "x")
	c.row("users", "1,000", "")
	if got, want := c.String(), "노드      행  x\nusers  1,000\n"; got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
	for s, want := range map[string]string{"abcdef": "abc…", "가나다": "가…", "ab": "ab", "가나": "가나"} {
		if got := cut(s, 4); got != want || places(got) > 4 {
			t.Errorf("cut(%q) = %q, want %q", s, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -1234567: "-1,234,567"} {
		if got := count(n); got != want {
			t.Errorf("count(%d) = %s", n, got)
		}
	}
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1200: "1.2 kB", 17654503: "18 MB", 3e12: "3.0 TB", 5e15: "5000 TB"} {
		if got := size(n); got != want {
			t.Errorf("size(%d) = %s, want %s", n, got, want)
		}
	}
}
