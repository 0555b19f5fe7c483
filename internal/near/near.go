// Package near finds what somebody meant who mistyped a name, so that an error
// can suggest it. Nearest picks from a list of names; Distance is the measure,
// for those whose names have more than one form.
package near

import (
	"slices"
	"strings"
)

// Nearest returns up to n of the names that are most like a mistyped one, the
// nearest first; those too unlike are left out.
func Nearest(name string, names []string, n int) []string {
	type candidate struct {
		name string
		far  int
	}
	var found []candidate
	low := strings.ToLower(name)
	for _, c := range names {
		lc := strings.ToLower(c)
		d := Distance(low, lc)
		if len(low) >= 3 && (strings.Contains(lc, low) || strings.Contains(low, lc) && len(lc) >= 3) {
			d = min(d, 1)
		}
		if d <= max(2, len(low)/3) && d < len(low) {
			found = append(found, candidate{c, d})
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int {
		if a.far != b.far {
			return a.far - b.far
		}
		return strings.Compare(a.name, b.name)
	})
	var out []string
	for _, f := range found[:min(n, len(found))] {
		out = append(out, f.name)
	}
	return out
}

// Distance counts the letters to insert, delete or change, and the neighbours to
// swap, to make a into b; no letter is touched twice. It goes by bytes: a letter
// outside ASCII counts once for each of its bytes.
func Distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before, last, row = last, row, before
		row[0] = i + 1
		for j := range len(b) {
			d := last[j]
			if a[i] != b[j] {
				d = 1 + min(d, row[j], last[j+1])
				if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
					d = min(d, before[j-1]+1)
				}
			}
			row[j+1] = d
		}
	}
	return row[len(b)]
}
