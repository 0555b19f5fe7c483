package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/server"
)

// csvEnding is how the files of tables and of CSV are called.
const csvEnding = ".csv"

// expectations is what stands in expected/.
type expectations struct {
	run *expectedRun
	// files, tables and duck are paths below their directories, of tables
	// without the ending.
	files, tables, duck []string
}

func (e *expectations) empty() bool {
	return e.run == nil && len(e.files)+len(e.tables)+len(e.duck) == 0
}

// expectations lists expected/ and refuses what has no meaning there.
func (f *fixture) expectations() (*expectations, error) {
	e := &expectations{}
	names, err := f.list(partExpected)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		part, rest, _ := strings.Cut(name, "/")
		table, isCSV := strings.CutSuffix(rest, csvEnding)
		switch {
		case name == partExpectedRun:
			e.run = &expectedRun{}
			if err := decodeFile(f.path(partExpected, name), e.run); err != nil {
				return nil, err
			}
		case part == partFiles && rest != "":
			e.files = append(e.files, rest)
		case part == partBigQuery && isCSV && strings.Count(table, ".") == 1 && !strings.Contains(table, "/"):
			e.tables = append(e.tables, table)
		case part == partDuckDB && isCSV && path.Dir(table) != ".":
			e.duck = append(e.duck, table)
		default:
			return nil, f.stranger(path.Join(partExpected, name))
		}
	}
	return e, nil
}

// judge compares what came out with what was expected, which it first writes anew
// where that was asked for.
func (s *stage) judge(ctx context.Context, t *tested, want *expectations, v *server.RunView, update bool) error {
	state := string(runs.Success)
	if want.run != nil && want.run.State != "" {
		state = want.run.State
	}
	got := runOf(v)
	if got.State != state {
		o := testedOutput{Output: "run"}
		o.found((&expectedRun{State: state}).differences(got))
		t.Outputs = append(t.Outputs, o)
		return nil // its outputs are not there
	}
	written, err := s.written(ctx)
	if err != nil {
		return err
	}
	if update {
		if want, err = s.renew(ctx, t, want, written, got); err != nil {
			return err
		}
	}
	if want.run != nil {
		o := testedOutput{Output: partExpectedRun, bytes: true}
		o.found(want.run.differences(got))
		t.Outputs = append(t.Outputs, o)
	}
	for _, name := range want.files {
		if err := s.compareFile(t, name); err != nil {
			return err
		}
	}
	for _, name := range want.tables {
		got, err := s.table(ctx, name)
		if err != nil {
			return err
		}
		if err := s.compareTable(t, path.Join(partBigQuery, name), "BigQuery "+name, got, false); err != nil {
			return err
		}
	}
	for _, name := range want.duck {
		got, err := duckTable(ctx, s.file(path.Dir(name)), path.Base(name))
		if err != nil {
			return err
		}
		if err := s.compareTable(t, path.Join(partDuckDB, name), "DuckDB "+name, got, false); err != nil {
			return err
		}
	}
	t.Equal = !slices.ContainsFunc(t.Outputs, func(o testedOutput) bool { return !o.Equal })
	t.Unlisted = want.unlisted(written)
	return nil
}

// file is where a file of the flow lies.
func (s *stage) file(name string) string { return filepath.Join(s.files, filepath.FromSlash(name)) }

// compareFile compares a file: CSV by its cells, others by their bytes.
func (s *stage) compareFile(t *tested, name string) error {
	content, err := os.ReadFile(s.file(name))
	absent := errors.Is(err, fs.ErrNotExist)
	if err != nil && !absent {
		return err
	}
	if strings.EqualFold(path.Ext(name), csvEnding) {
		var got *grid
		if !absent {
			if got, err = readGrid(string(content)); err != nil {
				return fault.New("flow_test_csv", "file", name).Because(err).Permanent()
			}
		}
		return s.compareTable(t, strings.TrimSuffix(path.Join(partFiles, name), csvEnding), name, got, true)
	}
	o := testedOutput{Output: name, bytes: true}
	want, err := os.ReadFile(s.fixture.path(partExpected, path.Join(partFiles, name)))
	if err != nil {
		return err
	}
	if absent {
		o.found([]difference{{Problem: differsNothing}})
	} else {
		o.found(differingLines(want, content))
	}
	t.Outputs = append(t.Outputs, o)
	return nil
}

// lines tells which lines of two texts differ, one by one.
func differingLines(want, got []byte) []difference {
	if bytes.Equal(want, got) {
		return nil
	}
	var out []difference
	w, g := strings.SplitAfter(string(want), "\n"), strings.SplitAfter(string(got), "\n")
	for i := range max(len(w), len(g)) {
		d := difference{Problem: differsLine, Row: i + 1}
		if i < len(w) {
			d.Want = &w[i]
		}
		if i < len(g) {
			d.Got = &g[i]
		}
		if !sameCell(d.Want, d.Got) {
			out = append(out, d)
		}
	}
	return out
}

// compareTable compares a table with the CSV file of a name in expected/; a nil
// one was not written.
func (s *stage) compareTable(t *tested, name, title string, got *grid, ordered bool) error {
	o := testedOutput{Output: title}
	file := s.fixture.path(partExpected, name+csvEnding)
	content, err := os.ReadFile(file)
	if err != nil && ordered { // the ending may be spelt in capitals
		file = s.fixture.path(partExpected, path.Join(partFiles, title))
		content, err = os.ReadFile(file)
	}
	if err != nil {
		return err
	}
	want, err := readGrid(string(content))
	if err != nil {
		return fault.New("flow_test_csv", "file", file).Because(err).Permanent()
	}
	if got == nil {
		o.found([]difference{{Problem: differsNothing}})
	} else {
		o.Rows = len(got.rows)
		o.found(compareGrids(want, got, ordered))
	}
	t.Outputs = append(t.Outputs, o)
	return nil
}

// written lists what the flow wrote: files apart from receipts and manifests,
// whose ids and times differ from run to run, and tables.
func (s *stage) written(ctx context.Context) (*expectations, error) {
	e := &expectations{}
	all, err := (&fixture{dir: s.files}).list("")
	if err != nil {
		return nil, err
	}
	for _, name := range all {
		base := path.Base(name)
		_, beside := strings.CutSuffix(name, ".manifest.json")
		receipt := strings.HasPrefix(base, "receipt.") && (path.Ext(base) == ".json" || path.Ext(base) == ".md")
		if beside || receipt || s.stood(name) {
			continue
		}
		if path.Ext(name) != ".duckdb" {
			e.files = append(e.files, name)
			continue
		}
		tables, err := duckTables(ctx, s.file(name))
		if err != nil {
			return nil, err
		}
		for _, table := range tables {
			e.duck = append(e.duck, name+"/"+table)
		}
	}
	after, err := s.tables(ctx)
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if s.before[name] != after[name] {
			e.tables = append(e.tables, name)
		}
	}
	return e, nil
}

// stood reports whether a file is as it was before the run.
func (s *stage) stood(name string) bool {
	was, err := os.ReadFile(s.fixture.path(partFiles, name))
	if err != nil {
		return false
	}
	is, err := os.ReadFile(s.file(name))
	return err == nil && bytes.Equal(was, is)
}

// unlisted are the outputs that nothing is expected of. A partition that is
// compared stands for its table.
func (e *expectations) unlisted(written *expectations) []string {
	var out []string
	for _, name := range written.files {
		if !slices.Contains(e.files, name) {
			out = append(out, name)
		}
	}
	for _, name := range written.tables {
		if !e.compares(name) {
			out = append(out, "BigQuery "+name)
		}
	}
	for _, name := range written.duck {
		if !slices.Contains(e.duck, name) {
			out = append(out, "DuckDB "+name)
		}
	}
	return out
}

func (e *expectations) compares(table string) bool {
	return slices.ContainsFunc(e.tables, func(t string) bool {
		plain, _, _ := strings.Cut(t, "$")
		return plain == table
	})
}

// renew writes expected/ from what came out, and returns what is expected now.
// What is expected and was not written stays as it is, and differs.
func (s *stage) renew(ctx context.Context, t *tested, want, written *expectations, run *expectedRun) (*expectations, error) {
	out := &expectations{run: run, files: union(want.files, written.files), duck: union(want.duck, written.duck), tables: want.tables}
	for _, name := range written.tables {
		if !want.compares(name) {
			out.tables = union(out.tables, []string{name})
		}
	}
	text, err := run.text()
	if err != nil {
		return nil, err
	}
	if err := s.keep(t, partExpectedRun, text); err != nil {
		return nil, err
	}
	for _, name := range out.files {
		content, err := os.ReadFile(s.file(name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = s.keep(t, path.Join(partFiles, name), content)
		}
		if err != nil {
			return nil, err
		}
	}
	for _, name := range out.tables {
		g, err := s.table(ctx, name)
		if err == nil && g != nil {
			err = s.keep(t, path.Join(partBigQuery, name+csvEnding), []byte(g.csv()))
		}
		if err != nil {
			return nil, err
		}
	}
	for _, name := range out.duck {
		g, err := duckTable(ctx, s.file(path.Dir(name)), path.Base(name))
		if err == nil && g != nil {
			err = s.keep(t, path.Join(partDuckDB, name+csvEnding), []byte(g.csv()))
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func union(a, b []string) []string {
	out := slices.Concat(a, b)
	slices.Sort(out)
	return slices.Compact(out)
}

// text is run.json without what is zero.
func (e *expectedRun) text() ([]byte, error) {
	short := *e
	short.Rows = map[string]map[string]int64{}
	for node, rows := range e.Rows {
		short.Rows[node] = maps.Clone(rows)
		maps.DeleteFunc(short.Rows[node], func(_ string, n int64) bool { return n == 0 })
	}
	if len(*e.Warnings) == 0 {
		short.Warnings = nil
	}
	b, err := json.MarshalIndent(short, "", "  ")
	return append(b, '\n'), err
}

// keep writes a file of expected/ unless it holds the same already.
func (s *stage) keep(t *tested, name string, content []byte) error {
	file := s.fixture.path(partExpected, name)
	if have, err := os.ReadFile(file); err == nil && bytes.Equal(have, content) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return fault.New("cli_file_unwritable", "file", file).Because(err).Permanent()
	}
	if err := replaceFile(file, content); err != nil {
		return err
	}
	t.Updated = append(t.Updated, name)
	return nil
}
