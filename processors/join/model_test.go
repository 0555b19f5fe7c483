package join_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/weirflow/weir/processors/join"
	"github.com/weirflow/weir/processors/processorstest"
	"github.com/weirflow/weir/record"
)

// The model: a join by nested loops over rows whose cells are JSON texts. It
// shares no code with the kind.

type modelRow struct {
	cells []string
	key   []string // after casts; "null" for null
	null  bool
	bad   bool
}

// modelKeys are the keys tried, with the types of the columns on both sides and
// the type that they are compared as.
var modelKeys = []struct {
	line            string
	left, right     string
	as              string
	leftIn, rightIn []string
}{
	{"k = k", "string", "string", "string", []string{`"a"`, `"b"`, `"한"`, `""`, `"a\u0000"`, `"a\u0001b"`, `"a\nb"`}, []string{`"a"`, `"b"`, `"한"`, `"z"`, `"a\u0001b"`, `"a\u0000"`}},
	{"k = k", "int64", "int64", "int64", []string{"1", "-2", "30", "-400", `"9007199254740993"`}, []string{"1", "-2", "31", `"9007199254740993"`, `"9007199254740992"`}},
	{"k as int64 = k as int64", "string", "int64", "int64", []string{`"1"`, `"01"`, `"2"`, `"x"`, `"-3"`, `"1.5"`}, []string{"1", "2", "-3", "4"}},
	{"k as int64 = k as int64", "double", "string", "int64", []string{"1", "1.5", "2", "-3"}, []string{`"1"`, `"2"`, `"y"`, `"-3"`}},
	{"k as string = k as string", "int64", "string", "string", []string{"1", "2", "10"}, []string{`"1"`, `"10"`, `"010"`, `"q"`}},
	{"k as string lower trim = k as string lower trim", "string", "string", "folded", []string{`"A "`, `"b"`, `" c"`}, []string{`"a"`, `"B"`, `"d"`}},
}

var wholeNumber = regexp.MustCompile(`^(0|-?[1-9][0-9]*)$`)

// modelKey is the value that a cell is compared by.
func modelKey(cell, as string) (string, bool) {
	if cell == "null" {
		return "null", true
	}
	text := cell
	if cell[0] == '"' {
		var err error
		if text, err = strconv.Unquote(cell); err != nil {
			panic(err)
		}
	}
	switch as {
	case "int64":
		return text, wholeNumber.MatchString(text)
	case "folded":
		return strings.ToLower(strings.TrimSpace(text)), true
	}
	return text, true
}

func compareModel(a, b modelRow, as string, never bool) int {
	if never && a.null != b.null {
		if a.null {
			return 1
		}
		return -1
	}
	for i := range a.key {
		x, y := a.key[i], b.key[i]
		if xn, yn := x == "null", y == "null"; xn || yn {
			if xn != yn {
				if xn {
					return 1
				}
				return -1
			}
			continue
		}
		c := cmp.Compare(x, y)
		if as == "int64" && i == 0 {
			m, _ := strconv.ParseInt(x, 10, 64)
			n, _ := strconv.ParseInt(y, 10, 64)
			c = cmp.Compare(m, n)
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

func object(names []string, cells ...string) string {
	var b strings.Builder
	for i, n := range names {
		fmt.Fprintf(&b, `%s"%s":%s`, map[bool]string{true: "{", false: ","}[i == 0], n, cells[i])
	}
	return b.String() + "}"
}

func TestJoinAgreesWithNestedLoops(t *testing.T) {
	rounds := 40
	if os.Getenv("WEIR_SOAK") != "" {
		rounds = 3000
	}
	for round := range rounds {
		t.Run(strconv.Itoa(round), func(t *testing.T) { oneModel(t, rand.New(rand.NewPCG(uint64(round), 3))) })
	}
}

func oneModel(t *testing.T, r *rand.Rand) {
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	k := modelKeys[r.IntN(len(modelKeys))]
	kind, nulls, dup, fail := pick("inner", "left", "full"), pick("never", "match"), pick("allow", "first"), pick("reject", "null")
	two := r.IntN(2) == 0 // a second key column
	defer join.Limit([]int64{0, 40, 1 << 20}[r.IntN(3)], r.IntN(2) == 0)()

	ls := record.MustSchema("k", k.left, "d", "date", "v", "int64")
	rs := record.MustSchema("w", "string", "k", k.right, "d", "date")
	make1 := func(n int, in []string, right bool) (rows []modelRow) {
		for i := range n {
			key, d := in[r.IntN(len(in))], pick(`"2026-11-21"`, `"2026-11-22"`, "null")
			if r.IntN(8) == 0 {
				key = "null"
			}
			m := modelRow{cells: []string{key, d, strconv.Itoa(i)}}
			if right {
				m.cells = []string{fmt.Sprintf(`"w%d"`, i), key, d}
			}
			x, ok := modelKey(key, k.as)
			if !ok {
				m.bad, x = fail == "reject", "null"
			}
			m.key, m.null = []string{x}, x == "null"
			if two {
				m.key, m.null = append(m.key, d), m.null || d == "null"
			}
			rows = append(rows, m)
		}
		return rows
	}
	left, right := make1(r.IntN(40), k.leftIn, false), make1(r.IntN(30), k.rightIn, true)

	keys := []string{k.line}
	if two {
		keys = append(keys, "d = d")
	}
	run := processorstest.New(t, "JoinRecords", settings{"keys": keys, "type": kind, "nulls": nulls, "duplicates": dup, "on_cast_failure": fail})
	put := func(input string, schema *record.Schema, rows []modelRow) {
		for len(rows) > 0 || input != "" { // in several FlowFiles, at least one
			n := min(len(rows), 1+r.IntN(12))
			var lines []string
			for _, m := range rows[:n] {
				lines = append(lines, object(schema.Names(), m.cells...))
			}
			run.PutRecordsTo(input, schema, lines...)
			if rows = rows[n:]; len(rows) == 0 {
				break
			}
		}
	}
	put("left", ls, left)
	put("right", rs, right)
	run.Run()

	// The key is written as the left has it, or cast where the types differ.
	differ := k.left != k.right
	shownKey := func(m modelRow, at int) string {
		if !differ {
			return m.cells[at]
		}
		if m.key[0] == "null" {
			return "null"
		}
		if k.as == "string" {
			return strconv.Quote(m.key[0])
		}
		return m.key[0]
	}
	never := nulls == "never"
	byKey := func(a, b modelRow) int { return compareModel(a, b, k.as, never) }
	sorted := func(rows []modelRow) (good, bad []modelRow) {
		for _, m := range rows {
			if m.bad {
				bad = append(bad, m)
			} else {
				good = append(good, m)
			}
		}
		slices.SortStableFunc(good, byKey)
		return good, bad
	}
	gl, bl := sorted(left)
	gr, br := sorted(right)
	names := []string{"k", "d", "v", "w"}
	if !two {
		names = append(names, "d_right")
	}
	type out struct {
		by   modelRow
		side int
		text string
	}
	var success []out
	var aloneLeft, aloneRight []string
	used := make([]bool, len(gr))  // in the result
	taken := make([]bool, len(gr)) // their key matched
	add := func(by modelRow, side int, l, rr *modelRow) {
		cells := []string{"null", "null", "null", "null", "null"}
		if l != nil {
			cells = []string{shownKey(*l, 0), l.cells[1], l.cells[2], "null", "null"}
		} else {
			cells[0] = shownKey(*rr, 1)
			if two {
				cells[1] = rr.cells[2]
			}
		}
		if rr != nil {
			cells[3], cells[4] = rr.cells[0], rr.cells[2]
		}
		success = append(success, out{by, side, object(names, cells[:len(names)]...)})
	}
	for i := range gl {
		found := false
		for q := range gr {
			if never && (gl[i].null || gr[q].null) || byKey(gl[i], gr[q]) != 0 {
				continue
			}
			taken[q] = true
			if dup == "first" && found {
				continue
			}
			found, used[q] = true, true
			add(gl[i], 0, &gl[i], &gr[q])
		}
		if !found {
			if kind == "inner" {
				aloneLeft = append(aloneLeft, object(ls.Names(), gl[i].cells...))
			} else {
				add(gl[i], 0, &gl[i], nil)
			}
		}
	}
	for q := range gr {
		if !used[q] {
			if kind == "full" && !taken[q] {
				add(gr[q], 1, nil, &gr[q])
			} else {
				aloneRight = append(aloneRight, object(rs.Names(), gr[q].cells...))
			}
		}
	}
	slices.SortStableFunc(success, func(a, b out) int { return cmp.Or(byKey(a.by, b.by), cmp.Compare(a.side, b.side)) })
	var want []string
	for _, o := range success {
		want = append(want, o.text)
	}
	run.WantRows("success", canon(want)...).WantRows("unmatched_left", canon(aloneLeft)...).WantRows("unmatched_right", canon(aloneRight)...)
	if got := run.Rows("rejected"); len(got) != len(bl)+len(br) {
		t.Errorf("%d rows were rejected, want %d", len(got), len(bl)+len(br))
	} else {
		for i, m := range append(bl, br...) {
			schema := ls
			if i >= len(bl) {
				schema = rs
			}
			if row := canon([]string{object(schema.Names(), m.cells...)})[0]; !strings.HasPrefix(got[i], strings.TrimSuffix(row, "}")+`,"join_error":"`) {
				t.Errorf("rejected row %d is %s, want %s with a reason", i, got[i], row)
			}
		}
	}
	if t.Failed() {
		t.Logf("keys %v type %s nulls %s duplicates %s failure %s types %s %s", keys, kind, nulls, dup, fail, k.left, k.right)
	}
}

// canon spells control characters as the record writer does.
func canon(rows []string) []string {
	var out []string
	for _, r := range rows {
		out = append(out, strings.NewReplacer(`\x00`, `\u0000`, `\x01`, `\u0001`).Replace(r))
	}
	return out
}
