package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// says puts a difference in few words.
func says(d difference) string {
	out := d.Problem
	if d.Row > 0 {
		out += fmt.Sprintf(" %d", d.Row)
	}
	if d.Column != "" {
		out += " " + d.Column
	}
	if d.Want != nil || d.Got != nil {
		out += fmt.Sprintf(": %s, %s", showCell(d.Want), showCell(d.Got))
	}
	return out
}

func TestDifferencesAreToldWithTheirPlace(t *testing.T) {
	const people = "uid,name,n\nu1,김하나,1\nu2,,2\nu3,\"a \"\"b\"\"\nc\",3\n"
	for _, c := range []struct {
		name, want, got string
		table           bool
		differs         []string
	}{
		{"equal", people, people, false, nil},
		{"a changed cell", people, strings.Replace(people, "u3,", "u4,", 1), false, []string{`cell 3 uid: "u3", "u4"`}},
		{"null is not an empty text", people, strings.Replace(people, "u2,,", `u2,"",`, 1), false, []string{`cell 2 name: null, ""`}},
		{"quotes are not data", people, strings.Replace(people, "u2,,2", `"u2",,"2"`, 1), false, nil},
		{"a number is text in a file", "n,m\n1,x\n", "n,m\n1.0,x\n", false, []string{`cell 1 n: "1", "1.0"`}},
		{"semicolons", "n;m\n1;a,b\n", "n;m\n1;a,c\n", false, []string{`cell 1 m: "a,b", "a,c"`}},
		{"a row less", people, strings.Replace(people, "u2,,2\n", "", 1), false, []string{`row_missing 2: "uid=\"u2\", name=null, n=\"2\"", null`}},
		{"a row more", people, people + "u9,x,9\n", false, []string{`row_extra 4: null, "uid=\"u9\", name=\"x\", n=\"9\""`}},
		{"a row twice", people, people + "u2,,2\n", false, []string{`row_extra 4: null, "uid=\"u2\", name=null, n=\"2\""`}},
		{"another order", "a\n1\n2\n3\n", "a\n1\n3\n2\n", false, []string{`row_order 2: "a=\"2\"", "a=\"3\""`}},
		{"a table has no order", "a\n1\n2\n3\n", "a\n1\n3\n2\n", true, nil},
		{"a column less", "a,b\n1,2\n", "a\n1\n", false, []string{"column_missing b"}},
		{"a column more", "a\n1\n", "a,b\n1,2\n", false, []string{"column_extra b"}},
		{"columns in another order", "a,b\n1,2\n", "b,a\n2,1\n", false, []string{`column_order: "a,b", "b,a"`}},
		{"a column by another name, and a cell", "a,b,c\n1,2,3\n", "a,x,c\n1,2,4\n", false, []string{"column_missing b", "column_extra x", `cell 1 c: "3", "4"`}},
		{"nothing came out", "a,b\n1,2\n", "a,b\n", false, []string{`row_missing 1: "a=\"1\", b=\"2\"", null`}},
		{"rows that are not alike", "a,b,c\n1,2,3\n", "a,b,c\n1,8,9\n", false,
			[]string{`row_missing 1: "a=\"1\", b=\"2\", c=\"3\"", null`, `row_extra 1: null, "a=\"1\", b=\"8\", c=\"9\""`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			want, err := readGrid(c.want)
			if err != nil {
				t.Fatal(err)
			}
			got, err := readGrid(c.got)
			if err != nil {
				t.Fatal(err)
			}
			var told []string
			for _, d := range compareGrids(want, got, !c.table) {
				told = append(told, says(d))
			}
			if d := cmp.Diff(c.differs, told); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestTypesOfATable(t *testing.T) {
	got := &grid{columns: []string{"n", "a b"}, types: []string{"INTEGER", "STRING"}, rows: [][]value{{cellOf("1"), nil}}}
	for head, want := range map[string]string{"n,a b": "", "n INTEGER,a b STRING": "", "n integer,a b": "",
		"n STRING,a b": `type n: "STRING", "INTEGER"`, "n,a b c BYTES": `type a b: "c BYTES", "STRING"`, "n,z BYTES": "column_missing z BYTES", "n,a b BYTES": `type a b: "BYTES", "STRING"`} {
		w, err := readGrid(head + "\n1,\n")
		if err != nil {
			t.Fatal(err)
		}
		var told []string
		for _, d := range compareGrids(w, got, false) {
			if d.Problem != differsMore {
				told = append(told, says(d))
			}
		}
		if strings.Join(told, "; ") != want {
			t.Errorf("%s: %s, want %s", head, told, want)
		}
	}
	if back, err := readGrid(got.csv()); err != nil || len(compareGrids(back, got, false)) != 0 {
		t.Errorf("%v: what is written does not read back: %s", err, got.csv())
	}
}

func TestRaggedRowsAreRefused(t *testing.T) {
	if _, err := readGrid("a,b\n1,2\n3\n"); err == nil || !strings.Contains(err.Error(), "line 3") {
		t.Errorf("%v", err)
	}
}

// TestEachChangeIsSeen changes one cell, drops or adds a row anywhere in random
// tables and shuffles them: the comparison tells just that.
func TestEachChangeIsSeen(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	letters := []string{"", "a", "b", "가", "\"", ",", "\n", "\x00"}
	for n := range 400 {
		want := &grid{columns: []string{"id", "x", "y", "z"}}
		for i := range 1 + r.IntN(30) {
			row := []value{cellOf(fmt.Sprint(i))}
			for range 3 {
				if r.IntN(5) == 0 {
					row = append(row, nil)
				} else {
					row = append(row, cellOf(letters[r.IntN(len(letters))]+letters[r.IntN(len(letters))]))
				}
			}
			want.rows = append(want.rows, row)
		}
		got, err := readGrid(want.csv())
		if err != nil {
			t.Fatal(err)
		}
		r.Shuffle(len(got.rows), func(i, j int) { got.rows[i], got.rows[j] = got.rows[j], got.rows[i] })
		if d := compareGrids(want, got, false); len(d) != 0 {
			t.Fatalf("%d: nothing changed, but %v", n, d)
		}
		at, problem := r.IntN(len(got.rows)), ""
		switch id := *got.rows[at][0]; r.IntN(3) {
		case 0:
			got.rows[at][1+r.IntN(3)] = cellOf("other")
			problem = differsCell
		case 1:
			got.rows = slices.Delete(got.rows, at, at+1)
			problem = differsMissing
		default:
			got.rows = append(got.rows, []value{cellOf(id), cellOf("n"), cellOf("e"), cellOf("w")})
			problem = differsExtra
		}
		d := compareGrids(want, got, false)
		if len(d) != 1 || d[0].Problem != problem || d[0].Row == 0 {
			t.Fatalf("%d: %s changed, told %v", n, problem, d)
		}
	}
}
