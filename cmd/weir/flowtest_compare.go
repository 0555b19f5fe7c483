package main

import (
	"cmp"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/record"
)

// The problems that a comparison finds.
const (
	differsCell     = "cell"
	differsMissing  = "row_missing"
	differsExtra    = "row_extra"
	differsOrder    = "row_order"
	differsColumn   = "column_missing"
	differsMore     = "column_extra"
	differsColumns  = "column_order"
	differsType     = "type"
	differsLine     = "line"
	differsNothing  = "not_written"
	differsRun      = "run"
	mostDifferences = 20
)

// difference is one place where what came out is not what was expected. Want and
// Got are nil where there is null or nothing.
type difference struct {
	Problem string `json:"problem"`
	// Row counts from 1 below the header: in what was expected, but for an extra
	// row, which is counted in what came out.
	Row    int     `json:"row,omitempty"`
	Column string  `json:"column,omitempty"`
	Want   *string `json:"want,omitempty"`
	Got    *string `json:"got,omitempty"`
}

// value is a cell; nil is null.
type value = *string

// grid is a table as text. Types are empty for a CSV file, which has none.
type grid struct {
	columns, types []string
	rows           [][]value
}

// readGrid reads CSV text. An empty cell without quotes is null, one in quotes is
// an empty text.
func readGrid(text string) (*grid, error) {
	g := &grid{}
	text = strings.TrimPrefix(text, "\ufeff")
	in := record.NewRawCSV(strings.NewReader(text), record.CSVOptions{Delimiter: delimiterOf(text)})
	for header := true; ; header = false {
		cells, err := in.Next()
		if errors.Is(err, io.EOF) {
			return g, nil
		}
		if err != nil {
			return nil, err
		}
		if header {
			for _, c := range cells {
				g.columns = append(g.columns, strings.Clone(c.Text))
			}
			continue
		}
		if len(cells) != len(g.columns) {
			return nil, fault.New("flow_test_ragged", "line", in.Line(), "cells", len(cells), "columns", len(g.columns)).Permanent()
		}
		row := make([]value, len(cells))
		for i, c := range cells {
			if c.Quoted || c.Text != "" {
				text := strings.Clone(c.Text)
				row[i] = &text
			}
		}
		g.rows = append(g.rows, row)
	}
}

// delimiterOf is what parts the cells of the first line: a comma, unless there is
// none and there is another that CSV files are written with.
func delimiterOf(text string) rune {
	first, _, _ := strings.Cut(text, "\n")
	for _, d := range ",;\t|" {
		if strings.ContainsRune(first, d) {
			return d
		}
	}
	return ','
}

// csv writes the grid as readGrid reads it. Types, where there are any, stand
// behind the columns' names.
func (g *grid) csv() string {
	var b strings.Builder
	line := func(cells []value) {
		for i, c := range cells {
			if i > 0 {
				b.WriteByte(',')
			}
			switch {
			case c == nil:
			case *c == "" || strings.ContainsAny(*c, "\",\r\n"):
				b.WriteString(`"` + strings.ReplaceAll(*c, `"`, `""`) + `"`)
			default:
				b.WriteString(*c)
			}
		}
		b.WriteByte('\n')
	}
	head := make([]value, len(g.columns))
	for i, name := range g.columns {
		if g.types != nil {
			name += " " + g.types[i]
		}
		head[i] = &name
	}
	line(head)
	for _, r := range g.rows {
		line(r)
	}
	return b.String()
}

// sort orders the rows of a table, which have no order of their own.
func (g *grid) sort() {
	slices.SortStableFunc(g.rows, func(a, b []value) int {
		for i := range a {
			if c := cmp.Or(cmp.Compare(btoi(a[i] != nil), btoi(b[i] != nil)), strings.Compare(textOf(a[i]), textOf(b[i]))); c != 0 {
				return c
			}
		}
		return 0
	})
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func textOf(v value) string {
	if v == nil {
		return ""
	}
	return *v
}

func sameCell(a, b value) bool { return (a == nil) == (b == nil) && textOf(a) == textOf(b) }

func cellOf(s string) value { return &s }

// compare tells how got differs from want. A header of want may name the type
// behind the column, as in "events INTEGER". Ordered says that the order of the
// rows counts; otherwise they are a multiset.
func compareGrids(want, got *grid, ordered bool) []difference {
	var out []difference
	at := map[string]int{}
	for i, c := range got.columns {
		at[c] = i
	}
	var names []string
	var wi, gi []int // the common columns in both
	for i, head := range want.columns {
		name, kind := head, ""
		if _, ok := at[head]; !ok && got.types != nil {
			for j := strings.LastIndexByte(head, ' '); j > 0 && kind == ""; j = strings.LastIndexByte(head[:j], ' ') {
				if _, ok := at[head[:j]]; ok {
					name, kind = head[:j], head[j+1:]
				}
			}
		}
		j, ok := at[name]
		if !ok || slices.Contains(gi, j) {
			out = append(out, difference{Problem: differsColumn, Column: name})
			continue
		}
		if kind != "" && got.types != nil && !strings.EqualFold(kind, got.types[j]) {
			out = append(out, difference{Problem: differsType, Column: name, Want: cellOf(kind), Got: cellOf(got.types[j])})
		}
		names, wi, gi = append(names, name), append(wi, i), append(gi, j)
	}
	for i, c := range got.columns {
		if !slices.Contains(gi, i) {
			out = append(out, difference{Problem: differsMore, Column: c})
		}
	}
	if len(out) == 0 && !slices.IsSorted(gi) {
		out = append(out, difference{Problem: differsColumns, Want: cellOf(strings.Join(names, ",")), Got: cellOf(strings.Join(got.columns, ","))})
	}
	if len(names) == 0 {
		return out
	}
	return append(out, compareRows(names, pickRows(want.rows, wi), pickRows(got.rows, gi), ordered)...)
}

// row is a row of the common columns with its number and all its text.
type gridRow struct {
	n     int
	cells []value
	all   string
}

func pickRows(rows [][]value, columns []int) []gridRow {
	out := make([]gridRow, len(rows))
	for i, r := range rows {
		out[i] = gridRow{n: i + 1}
		var all strings.Builder
		for _, c := range columns {
			out[i].cells = append(out[i].cells, r[c])
			if r[c] == nil {
				all.WriteString("-\x00")
			} else {
				all.WriteString("+" + strings.ReplaceAll(*r[c], "\x00", "\x00+") + "\x00")
			}
		}
		out[i].all = all.String()
	}
	return out
}

func compareRows(names []string, want, got []gridRow, ordered bool) []difference {
	restWant, restGot := unmatched(want, got)
	if len(restWant) == 0 && len(restGot) == 0 {
		for i := range want {
			if ordered && want[i].all != got[i].all {
				return []difference{{Problem: differsOrder, Row: want[i].n, Want: cellOf(rowLine(names, want[i])), Got: cellOf(rowLine(names, got[i]))}}
			}
		}
		return nil
	}
	var out []difference
	for _, p := range pairRows(restWant, restGot, len(names)) {
		for i, name := range names {
			if w, g := restWant[p[0]].cells[i], restGot[p[1]].cells[i]; !sameCell(w, g) {
				out = append(out, difference{Problem: differsCell, Row: restWant[p[0]].n, Column: name, Want: w, Got: g})
			}
		}
		restWant[p[0]].n, restGot[p[1]].n = 0, 0
	}
	for _, r := range restWant {
		if r.n > 0 {
			out = append(out, difference{Problem: differsMissing, Row: r.n, Want: cellOf(rowLine(names, r))})
		}
	}
	for _, r := range restGot {
		if r.n > 0 {
			out = append(out, difference{Problem: differsExtra, Row: r.n, Got: cellOf(rowLine(names, r))})
		}
	}
	slices.SortStableFunc(out, func(a, b difference) int { return cmp.Compare(a.Row, b.Row) })
	return out
}

// line is a row in one line of text.
func rowLine(names []string, r gridRow) string {
	parts := make([]string, len(names))
	for i, name := range names {
		parts[i] = name + "=" + showCell(r.cells[i])
	}
	return strings.Join(parts, ", ")
}

// unmatched are the rows of each side that the other lacks, equal ones counted.
func unmatched(want, got []gridRow) (w, g []gridRow) {
	have := map[string]int{}
	for _, r := range got {
		have[r.all]++
	}
	for _, r := range want {
		if have[r.all] > 0 {
			have[r.all]--
		} else {
			w = append(w, r)
		}
	}
	have = map[string]int{}
	for _, r := range want {
		have[r.all]++
	}
	for _, r := range got {
		if have[r.all] > 0 {
			have[r.all]--
		} else {
			g = append(g, r)
		}
	}
	return w, g
}

// mostPairs bounds how many pairs of rows are looked at for their likeness.
const mostPairs = 1 << 18

// pairs finds rows that are the same but for a few cells: the most alike first,
// each in one pair, with half of the cells equal at least.
func pairRows(want, got []gridRow, columns int) [][2]int {
	type pair struct{ w, g, differ int }
	var all []pair
	for w := range want {
		for g := range got {
			if len(want)*len(got) > mostPairs && w != g {
				continue
			}
			p := pair{w: w, g: g}
			for i := range columns {
				p.differ += btoi(!sameCell(want[w].cells[i], got[g].cells[i]))
			}
			if 2*p.differ <= columns || columns == 1 {
				all = append(all, p)
			}
		}
	}
	apart := func(p pair) int { return max(want[p.w].n-got[p.g].n, got[p.g].n-want[p.w].n) }
	slices.SortStableFunc(all, func(a, b pair) int {
		return cmp.Or(cmp.Compare(a.differ, b.differ), cmp.Compare(apart(a), apart(b)))
	})
	usedW, usedG := map[int]bool{}, map[int]bool{}
	var out [][2]int
	for _, p := range all {
		if !usedW[p.w] && !usedG[p.g] {
			usedW[p.w], usedG[p.g] = true, true
			out = append(out, [2]int{p.w, p.g})
		}
	}
	return out
}
