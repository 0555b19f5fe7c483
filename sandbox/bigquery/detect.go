package bigquery

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// sampled is how many rows tell the schema.
const sampled = 500

// detect finds the schema of an upload from its first rows.
func (w *loading) detect() ([]*Field, error) {
	in, c, err := openText(w.j.media.path)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	var fields []*Field
	if w.l.SourceFormat == "CSV" {
		r, err := newCSVReader(in, w.l)
		if err != nil {
			return nil, err
		}
		fields, err = w.detectCSV(r)
		if err != nil {
			return nil, err
		}
	} else {
		var buf []byte
		all := &guess{}
		for range sampled {
			line, _, err := readLine(in, &buf)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return nil, err
			}
			if object, err := decodeObject(line); err == nil {
				all.see(object)
			}
		}
		fields = all.field("").Fields
	}
	if len(fields) == 0 {
		return nil, problem(ReasonInvalid, "Schema has no fields.")
	}
	return fields, normalizeFields(fields, "", 1)
}

// detectCSV takes the first row for names if it is all text and the rows below
// are not.
func (w *loading) detectCSV(r *csvReader) ([]*Field, error) {
	var header []string
	var guesses []*guess
	for range int(w.l.SkipLeadingRows) - 1 {
		if _, _, err := r.row(); err != nil {
			break
		}
	}
	for n := 0; n < sampled; n++ {
		cells, _, err := r.row()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			continue // the load tells
		}
		if n == 0 {
			for _, c := range cells {
				header = append(header, c.text)
				guesses = append(guesses, &guess{})
			}
			continue
		}
		for i := range min(len(cells), len(guesses)) {
			if cells[i].text != "" {
				guesses[i].see(cells[i].text)
			}
		}
	}
	text := !slices.ContainsFunc(header, func(h string) bool { return h == "" || kindOf(h) != "STRING" })
	typed := slices.ContainsFunc(guesses, func(g *guess) bool { return g.kind != "" && g.kind != "STRING" })
	named := w.l.SkipLeadingRows > 0 || text && typed
	if named && w.l.SkipLeadingRows == 0 {
		w.l.SkipLeadingRows = 1
	}
	var fields []*Field
	for i, g := range guesses {
		var name string
		if named {
			name = columnName(header[i], i)
		} else {
			g.see(header[i])
			name = fmt.Sprintf("%s_field_%d", strings.ToLower(g.field("").Type), i)
		}
		fields = append(fields, g.field(name))
	}
	return fields, nil
}

// columnName makes a name of a column from what stands in a header.
func columnName(s string, i int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsNumber(r) || r == '_' {
			return r
		}
		return '_'
	}, strings.TrimSpace(s))
	if s == "" {
		return fmt.Sprintf("string_field_%d", i)
	}
	if unicode.IsNumber([]rune(s)[0]) {
		return "_" + s
	}
	return s
}

// guess is what is known of a column's type.
type guess struct {
	kind  string // empty while nothing was seen
	list  bool
	names []string
	subs  map[string]*guess
}

// see takes one value, as JSON gives it, or text.
func (g *guess) see(v any) {
	switch x := v.(type) {
	case nil:
	case []any:
		g.list = true
		for _, e := range x {
			g.see(e)
		}
	case map[string]any:
		g.join("RECORD")
		if g.subs == nil {
			g.subs = map[string]*guess{}
		}
		for _, name := range sortedKeys(x) {
			if g.subs[name] == nil {
				g.subs[name] = &guess{}
				g.names = append(g.names, name)
			}
			g.subs[name].see(x[name])
		}
	case bool:
		g.join("BOOLEAN")
	case json.Number:
		if strings.ContainsAny(x.String(), ".eE") {
			g.join("FLOAT")
		} else {
			g.join("INTEGER")
		}
	case string:
		g.join(kindOf(x))
	}
}

// join widens the guess by a kind.
func (g *guess) join(kind string) {
	numbers := func(a, b string) bool { return a == "INTEGER" && b == "FLOAT" || a == "FLOAT" && b == "INTEGER" }
	switch {
	case g.kind == "" || g.kind == kind:
		g.kind = kind
	case numbers(g.kind, kind):
		g.kind = "FLOAT"
	case g.kind == "DATE" && kind == "TIMESTAMP" || g.kind == "TIMESTAMP" && kind == "DATE":
		g.kind = "TIMESTAMP"
	default:
		g.kind = "STRING"
	}
}

func (g *guess) field(name string) *Field {
	f := &Field{Name: name, Type: g.kind, Mode: "NULLABLE"}
	if g.list {
		f.Mode = "REPEATED"
	}
	if f.Type == "" {
		f.Type = "STRING"
	}
	if f.Type == "RECORD" {
		for _, n := range g.names {
			f.Fields = append(f.Fields, g.subs[n].field(n))
		}
	}
	return f
}

var forms = []struct {
	kind string
	form *regexp.Regexp
}{
	{"INTEGER", regexp.MustCompile(`^[+-]?\d{1,18}$`)},
	{"FLOAT", regexp.MustCompile(`^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$`)},
	{"BOOLEAN", regexp.MustCompile(`^(?i)(true|false)$`)},
	{"DATE", regexp.MustCompile(`^\d{4}-\d{1,2}-\d{1,2}$`)},
	{"TIME", regexp.MustCompile(`^\d{1,2}:\d{2}:\d{2}(\.\d{1,6})?$`)},
	{"TIMESTAMP", regexp.MustCompile(`^\d{4}-\d{1,2}-\d{1,2}[ T]\d{1,2}:\d{2}(:\d{2}(\.\d{1,6})?)?( ?(Z|UTC|[+-]\d{1,2}(:\d{2})?))?$`)},
}

// kindOf returns the narrowest type that a text has.
func kindOf(s string) string {
	for _, f := range forms {
		if f.form.MatchString(s) {
			return f.kind
		}
	}
	return "STRING"
}
