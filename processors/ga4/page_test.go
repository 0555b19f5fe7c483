package ga4

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	ga "google.golang.org/api/analyticsdata/v1beta"
)

// page makes an answer: rows are "a,b=3", count and total as given.
func page(count int64, total string, rows ...string) *ga.RunReportResponse {
	res := &ga.RunReportResponse{RowCount: count}
	for _, r := range rows {
		key, n, _ := strings.Cut(r, "=")
		row := &ga.Row{MetricValues: []*ga.MetricValue{{Value: n}}}
		for _, v := range strings.Split(key, ",") {
			row.DimensionValues = append(row.DimensionValues, &ga.DimensionValue{Value: v})
		}
		res.Rows = append(res.Rows, row)
	}
	if total != "" {
		res.Totals = []*ga.Row{{MetricValues: []*ga.MetricValue{{Value: total}}}}
	}
	return res
}

// answered is an answer as it is once decoded.
func answered(res *ga.RunReportResponse) *report {
	r := &report{RunReportResponse: res}
	for _, x := range res.Rows {
		var o row
		for _, v := range x.DimensionValues {
			o.dims = append(o.dims, v.Value)
		}
		for _, v := range x.MetricValues {
			o.mets = append(o.mets, v.Value)
		}
		r.rows = append(r.rows, o)
	}
	return r
}

var counted = []column{{api: "x", typ: typeString}, {api: "y", typ: typeString}, {api: "eventCount", metric: true}}

func TestPagesContradictEachOther(t *testing.T) {
	first := page(4, "10", "a,x=1", "b,a=2")
	for _, c := range []struct {
		name   string
		second *ga.RunReportResponse
		want   string
	}{
		{"the rest", page(4, "10", "b,b=3", "c,a=4"), ""},
		{"more rows now", page(5, "10", "b,b=3", "c,a=4"), "from 4 to 5"},
		{"other totals", page(4, "11", "b,b=3", "c,a=5"), "totals changed"},
		{"nothing", page(4, "10"), "empty after 2 of 4"},
		{"too many", page(4, "10", "c,a=1", "d,a=1", "e,a=1"), "more rows"},
		{"the last row again", page(4, "10", "b,a=2", "c,a=4"), "twice"},
		{"twice within", page(4, "10", "c,a=2", "c,a=4"), "twice"},
		{"an earlier row", page(4, "10", "a,z=2", "c,a=4"), "otherwise than by code points"},
		{"another order", page(4, "10", "d,z=2", "c,a=4"), "otherwise than by code points"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPages(counted, false)
			if err := p.add(answered(first)); err != nil {
				t.Fatal(err)
			}
			if p.whole() {
				t.Error("whole after half of the rows")
			}
			err := p.add(answered(c.second))
			var d *drift
			switch {
			case c.want == "" && err != nil, c.want != "" && (!errors.As(err, &d) || !strings.Contains(d.why, c.want)):
				t.Errorf("error %v, want %q", err, c.want)
			case c.want == "" && !p.whole():
				t.Error("not whole after all rows")
			}
		})
	}
}

func TestSumIsHeldAgainstTheTotal(t *testing.T) {
	p := newPages(counted, false)
	if err := p.add(answered(page(2, "7", "a,x=3", "a,y=4"))); err != nil {
		t.Fatal(err)
	}
	if total, ok := p.total(); !ok || total != 7 || p.sum != 7 {
		t.Errorf("total %d, %t; sum %d", total, ok, p.sum)
	}
	// Users are no sum.
	if _, ok := newPages([]column{{api: "activeUsers", metric: true}}, false).total(); ok {
		t.Error("a metric that does not add up is compared")
	}
}

// TestRowsAreRememberedWhereOrderShowsNothing shuffles rows, as a server with
// another collation would, and wants a repetition to be found all the same.
func TestRowsAreRememberedWhereOrderShowsNothing(t *testing.T) {
	var rows []string
	for i := range 200 {
		rows = append(rows, fmt.Sprintf("r%d,x=1", i))
	}
	rng := rand.New(rand.NewPCG(1, 2))
	rng.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	count := int64(len(rows))

	if err := newPages(counted, false).add(answered(page(count, "", rows...))); err != nil {
		t.Errorf("one page in another order: %v", err)
	}
	if err := newPages(counted, false).add(answered(page(count, "", append(slices.Clone(rows[1:]), rows[1])...))); err == nil {
		t.Error("a row that came twice in one page is not found")
	}
	p := newPages(counted, true)
	for i := 0; i < len(rows); i += 50 {
		if err := p.add(answered(page(count, "", rows[i:i+50]...))); err != nil {
			t.Fatal(err)
		}
	}
	p = newPages(counted, true)
	if err := p.add(answered(page(count, "", rows[:50]...))); err != nil {
		t.Fatal(err)
	}
	if err := p.add(answered(page(count, "", append(slices.Clone(rows[51:100]), rows[7])...))); err == nil {
		t.Error("a row that came twice in two pages is not found")
	}
}

// TestNoPagingLosesARow reads a table that changes between pages at random and
// wants every reading that is taken for whole to be one state of the table.
func TestNoPagingLosesARow(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	whole, torn, missed := 0, 0, 0
	for range 3000 {
		table := map[string]int{}
		for i := range 10 {
			if rng.IntN(2) == 0 {
				table[fmt.Sprintf("r%d,x", i)] = 1 + rng.IntN(3)
			}
		}
		var states []string
		show := func() []string {
			var out []string
			for k, n := range table {
				out = append(out, k+"="+strconv.Itoa(n))
			}
			slices.Sort(out)
			states = append(states, fmt.Sprint(out))
			return out
		}
		p := newPages(counted, false)
		var got []string
		var err error
		for err == nil && (p.number == 0 || !p.whole()) {
			rows := show()
			sum := 0
			for _, n := range table {
				sum += n
			}
			part := rows[min(len(rows), len(got)):min(len(rows), len(got)+3)]
			if err = p.add(answered(page(int64(len(rows)), strconv.Itoa(sum), part...))); err == nil {
				got = append(got, part...)
			}
			if rng.IntN(3) == 0 { // a row comes, goes or changes
				k := fmt.Sprintf("r%d,x", rng.IntN(10))
				if table[k] = rng.IntN(4); table[k] == 0 {
					delete(table, k)
				}
			}
		}
		total, _ := p.total()
		switch {
		case err != nil || p.sum != total:
			torn++
		case slices.Contains(states, fmt.Sprint(got)):
			whole++
		default:
			// Changes that keep rows, total and order cannot be told from none: one
			// row given for another between two pages. They must be rare.
			missed++
			if len(got) != int(p.count) {
				t.Fatalf("a reading of %d of %d rows is taken for whole", len(got), p.count)
			}
		}
	}
	t.Logf("%d readings were whole, %d found torn, %d torn in a way that cannot be told", whole, torn, missed)
	if whole < 1000 || torn < 100 {
		t.Error("the test does not try both")
	}
	if missed > torn/50 {
		t.Error("too many torn readings are taken for whole")
	}
}
