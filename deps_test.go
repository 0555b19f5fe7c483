// Package weir holds the tests of the house: which package may import which,
// how long a file may be, and how it is documented. It has no code.
package weir

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/weirflow/weir"

// allowed is the architecture in one table: the packages of ours that each
// package may import, tests apart. A package that is not listed fails.
var allowed = map[string][]string{
	"fault":             {},
	"internal/bytesize": {},
	"internal/near":     {},
	"flowfile":          {"fault"},
	"record":            {"fault", "internal/near"},
	"expr":              {"fault", "internal/near"},
	"runs":              {"fault", "flowfile", "internal/near"},
	"runs/runstest":     {"fault", "flowfile", "runs"},
	"store/segment":     {"fault", "flowfile"},
	"store":             {"fault", "flowfile", "runs", "store/segment"},
	"sandbox":           {"fault", "record", "sandbox/bigquery"},
	"sandbox/bigquery":  {"fault"},

	"sandbox/sandboxtest": {"sandbox"},

	"flowfile/flowfiletest":     {"flowfile", "fault"},
	"store/segment/segmenttest": {"store/segment", "fault", "flowfile"},

	"processors":                {"fault", "flowfile", "record", "expr", "runs", "internal/bytesize", "internal/near"},
	"processors/processorstest": {"fault", "flowfile", "flowfile/flowfiletest", "record", "runs", "processors"},
	// Leaves: one technology each, none knows another but the shared ones.
	"processors/basic":     leaf(),
	"processors/files":     leaf(),
	"processors/csv":       leaf(),
	"processors/google":    leaf(),
	"processors/firestore": leaf("processors/google"),
	"processors/ga4":       leaf("processors/google"),
	"processors/duck":      leaf(),
	"processors/sql":       leaf("processors/duck"),
	"processors/join":      leaf("processors/duck"),
	"processors/bigquery":  leaf("processors/google", "processors/duck"),
	"processors/all": {"processors/basic", "processors/files", "processors/csv", "processors/google",
		"processors/firestore", "processors/ga4", "processors/sql", "processors/join", "processors/bigquery"},

	"flows":          {"fault", "record", "expr", "runs", "flowfile", "processors", "internal/bytesize", "internal/near"},
	"flows/examples": {},
	"engine":         {"fault", "flowfile", "record", "runs", "flows", "processors"},
	"live":           {"fault"},
	"web":            {"fault", "flowfile", "runs", "flows", "engine", "processors", "internal/near"},
	"access":         {"fault"},
	"setup":          {"fault", "record", "flows", "flows/examples", "processors", "internal/near"},
	"ui":             {},
	"server": {"access", "ui", "fault", "flowfile", "record", "runs", "flows", "flows/examples", "engine", "live", "processors", "processors/all", "processors/duck",
		"store", "web", "sandbox", "setup", "internal/bytesize", "internal/near"},
	"cmd/weir": {"fault", "flowfile", "record", "runs", "flows", "flows/examples", "processors", "server", "sandbox", "setup", "web",
		"internal/bytesize", "internal/near"},
	"acceptance": {},
	"crash":      {},
	"bench":      {"flowfile", "runs", "store", "sandbox", "server", "flows", "fault", "processors", "internal/bytesize", "processors/join", "store/segment", "web"},
}

func leaf(more ...string) []string {
	return append([]string{"fault", "flowfile", "record", "expr", "runs", "processors", "internal/bytesize", "internal/near"}, more...)
}

// free are packages whose tests, and all they import, must not reach DuckDB, so
// that the race detector stays fast.
var free = []string{"flowfile", "record", "expr", "runs", "store", "engine", "flows"}

func goFiles(t *testing.T, visit func(path string)) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules" || d.Name() == "testdata" || d.Name() == "bin") {
			return filepath.SkipDir
		}
		if !d.IsDir() && strings.HasSuffix(path, ".go") {
			visit(filepath.ToSlash(path))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestImportsPointOneWay(t *testing.T) {
	fset := token.NewFileSet()
	goFiles(t, func(path string) {
		pkg := filepath.ToSlash(filepath.Dir(path))
		if pkg == "." {
			return
		}
		may, listed := allowed[pkg]
		test := strings.HasSuffix(path, "_test.go")
		if !listed && !test {
			t.Errorf("%s: package %s is not in the table of deps_test.go", path, pkg)
			return
		}
		f, err := parser.ParseFile(fset, path, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, im := range f.Imports {
			p, _ := strconv.Unquote(im.Path.Value)
			if strings.Contains(p, "duckdb") && slices.Contains(free, pkg) {
				t.Errorf("%s imports %s, but %s must not reach DuckDB", path, p, pkg)
			}
			ours, ok := strings.CutPrefix(p, module+"/")
			if !ok || test {
				continue
			}
			if !slices.Contains(may, ours) {
				t.Errorf("%s imports %s, which deps_test.go does not allow", path, ours)
			}
		}
		if pkg == "flowfile" && !test {
			for _, im := range f.Imports {
				p, _ := strconv.Unquote(im.Path.Value)
				if strings.Contains(strings.Split(p, "/")[0], ".") && p != module+"/fault" {
					t.Errorf("%s imports %s: flowfile stands on the standard library and fault alone", path, p)
				}
			}
		}
	})
}

func TestFilesAreShort(t *testing.T) {
	const most = 600
	goFiles(t, func(path string) {
		if strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "_gen.go") {
			return
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(b), "\n"); n > most {
			t.Errorf("%s has %d lines, more than %d: split it by noun", path, n, most)
		}
	})
}

func TestNoSleepsInTests(t *testing.T) {
	fset := token.NewFileSet()
	goFiles(t, func(path string) {
		if !strings.HasSuffix(path, "_test.go") {
			return
		}
		f, err := parser.ParseFile(fset, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "time" && s.Sel.Name == "Sleep" {
					t.Errorf("%s: sleeps; use a channel, synctest or a fake clock", fset.Position(n.Pos()))
				}
			}
			return true
		})
	})
}

// TestExportedDocsAreSentences parses every package and wants a comment that
// ends as a sentence on each exported declaration, and a package comment.
func TestExportedDocsAreSentences(t *testing.T) {
	dirs := map[string][]string{}
	goFiles(t, func(path string) {
		if !strings.HasSuffix(path, "_test.go") {
			d := filepath.Dir(path)
			dirs[d] = append(dirs[d], path)
		}
	})
	for dir, files := range dirs {
		if dir == "." {
			continue
		}
		fset := token.NewFileSet()
		var parsed []*ast.File
		for _, path := range files {
			f, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			parsed = append(parsed, f)
		}
		p, err := doc.NewFromFiles(fset, parsed, module+"/"+filepath.ToSlash(dir))
		if err != nil {
			t.Fatal(err)
		}
		if p.Name != "main" {
			sentence(t, dir, "package "+p.Name, p.Doc)
		} else if p.Doc == "" {
			t.Errorf("%s: the command has no package comment", dir)
		}
		for _, f := range p.Funcs {
			sentence(t, dir, f.Name, f.Doc)
		}
		for _, ty := range p.Types {
			sentence(t, dir, ty.Name, ty.Doc)
			for _, f := range ty.Funcs {
				sentence(t, dir, f.Name, f.Doc)
			}
			for _, m := range ty.Methods {
				if !standard[m.Name] {
					sentence(t, dir, ty.Name+"."+m.Name, m.Doc)
				}
			}
		}
	}
}

// standard are methods whose meaning an interface of the standard library
// fixes; they need no words of their own.
var standard = map[string]bool{"Error": true, "String": true, "Unwrap": true, "Is": true, "Len": true, "Less": true, "Swap": true,
	"Read": true, "Write": true, "Close": true, "MarshalJSON": true, "UnmarshalJSON": true, "MarshalText": true,
	"UnmarshalText": true, "LogValue": true, "Format": true, "GoString": true}

func sentence(t *testing.T, dir, name, text string) {
	t.Helper()
	s := strings.TrimSpace(text)
	if s == "" {
		t.Errorf("%s: %s is exported and has no comment", dir, name)
		return
	}
	if c := s[len(s)-1]; c != '.' && c != '?' && c != ':' && !strings.Contains(s, "\n\t") && !strings.Contains(s, "\n  - ") {
		t.Errorf("%s: the comment of %s is no sentence: %q", dir, name, s[max(0, len(s)-40):])
	}
}
