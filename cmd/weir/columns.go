package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/width"
)

// columns is a table for a terminal, in which wide letters take two places.
type columns struct {
	rows  [][]string
	right map[int]bool // columns that are aligned to the right
}

func (c *columns) row(cells ...string) { c.rows = append(c.rows, cells) }

// String lays the table out, two spaces between columns.
func (c *columns) String() string {
	var most []int
	for _, r := range c.rows {
		for i, cell := range r {
			if i == len(most) {
				most = append(most, 0)
			}
			most[i] = max(most[i], places(cell))
		}
	}
	var b strings.Builder
	for _, r := range c.rows {
		var line strings.Builder
		for i, cell := range r {
			pad := strings.Repeat(" ", most[i]-places(cell))
			if c.right[i] {
				cell = pad + cell
			} else {
				cell += pad
			}
			line.WriteString(cell)
			line.WriteString("  ")
		}
		b.WriteString(strings.TrimRight(line.String(), " "))
		b.WriteByte('\n')
	}
	return b.String()
}

// places returns how many places of a terminal a text takes.
func places(s string) int {
	n := 0
	for _, r := range s {
		n += runePlaces(r)
	}
	return n
}

func runePlaces(r rune) int {
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// cut shortens a text to most places.
func cut(s string, most int) string {
	if places(s) <= most {
		return s
	}
	n := 0
	for i, r := range s {
		if n += runePlaces(r); n > most-1 {
			return s[:i] + "…"
		}
	}
	return s
}

// count writes a number with a comma between thousands.
func count(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// some is count with nothing for zero, so that tables show what there is.
func some(n int64) string {
	if n == 0 {
		return "·"
	}
	return count(n)
}

// size writes bytes in units of a thousand.
func size(n int64) string {
	f, units := float64(n), []string{"B", "kB", "MB", "GB", "TB"}
	for len(units) > 1 && f >= 1000 {
		f, units = f/1000, units[1:]
	}
	if f < 10 && units[0] != "B" {
		return fmt.Sprintf("%.1f %s", f, units[0])
	}
	return fmt.Sprintf("%.0f %s", f, units[0])
}

// took writes a duration as short as it is useful.
func took(d time.Duration) string {
	switch {
	case d <= 0:
		return "·"
	case d < time.Second:
		return d.Round(time.Millisecond).String()
	case d < time.Minute:
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}

// moment writes a time in the given zone, or here.
func moment(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return "·"
	}
	return t.In(zone).Format("2006-01-02 15:04:05 MST")
}
