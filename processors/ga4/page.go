package ga4

import (
	"fmt"
	"hash/maphash"
	"slices"
	"strconv"

	ga "google.golang.org/api/analyticsdata/v1beta"
)

// drift is what shows that a report changed between two of its pages.
type drift struct{ why string }

func (d *drift) Error() string { return d.why }

func drifted(format string, args ...any) error { return &drift{fmt.Sprintf(format, args...)} }

// additive are metrics whose sum over the rows is the report's total, unless an
// event stands in several rows.
var additive = map[string]bool{"eventCount": true, "screenPageViews": true, "addToCarts": true, "checkouts": true, "ecommercePurchases": true}

// pages holds the pages of one report against each other. They are no snapshot:
// each is computed when it is asked for.
type pages struct {
	// count is how many rows the first page said there are.
	count int64
	// rows and number are how many rows and pages have come.
	rows, number int64
	totals       []string
	// control is the place of an additive metric among the metrics, or -1, and
	// sum what the rows came to.
	control int
	sum     int64

	last []string
	// seen are the rows' dimensions where the server orders text otherwise than
	// by code points, so that order shows nothing.
	seen map[uint64]struct{}
	seed maphash.Seed
}

func newPages(columns []column, hashed bool) *pages {
	p := &pages{control: -1}
	if hashed {
		p.remember()
	}
	at := 0
	for _, c := range columns {
		if !c.metric {
			continue
		}
		if c.expression == "" && additive[c.api] && p.control < 0 {
			p.control = at
		}
		at++
	}
	return p
}

func (p *pages) remember() { p.seen, p.seed = map[uint64]struct{}{}, maphash.MakeSeed() }

// errUnordered asks for a second reading by which every row is remembered.
var errUnordered = &drift{"the server orders rows otherwise than by code points"}

// add takes the next page, or says in what it contradicts those before.
func (p *pages) add(res *ga.RunReportResponse) error {
	totals := totalsOf(res)
	if p.number == 0 {
		p.count, p.totals = res.RowCount, totals
	}
	p.number++
	n := int64(len(res.Rows))
	switch {
	case res.RowCount != p.count:
		return drifted("the number of rows changed from %d to %d", p.count, res.RowCount)
	case !slices.Equal(totals, p.totals):
		return drifted("the totals changed from %v to %v", p.totals, totals)
	case n == 0 && p.rows < p.count:
		return drifted("a page was empty after %d of %d rows", p.rows, p.count)
	case p.rows+n > p.count:
		return drifted("more rows came than the %d there should be", p.count)
	}
	if err := p.order(res.Rows); err != nil {
		return err
	}
	p.rows += n
	return p.addUp(res.Rows)
}

// whole reports whether all rows have come.
func (p *pages) whole() bool { return p.rows >= p.count }

// order finds a row that came twice.
func (p *pages) order(rows []*ga.Row) error {
	if p.seen == nil {
		for i, row := range rows {
			var c int
			switch {
			case i > 0:
				c = compareRows(rows[i-1], row)
			case p.last != nil:
				c = compareTo(p.last, row)
			default:
				continue
			}
			switch {
			case c == 0:
				return drifted("a row came twice: %s", shown(row))
			case c > 0 && i > 0 && p.rows == 0:
				p.remember() // one page cannot contradict itself
			case c > 0 && i > 0:
				return errUnordered
			case c > 0:
				return drifted("a row came out of order: %s", shown(row))
			}
			if p.seen != nil {
				break
			}
		}
	}
	if p.seen != nil {
		return p.once(rows)
	}
	if len(rows) > 0 {
		p.last = p.last[:0]
		for _, v := range rows[len(rows)-1].DimensionValues {
			p.last = append(p.last, v.Value)
		}
	}
	return nil
}

// once remembers rows and finds one that came before.
func (p *pages) once(rows []*ga.Row) error {
	var h maphash.Hash
	h.SetSeed(p.seed)
	for _, row := range rows {
		h.Reset()
		for _, v := range row.DimensionValues {
			h.WriteString(strconv.Itoa(len(v.Value))) // a hash never fails
			h.WriteByte(':')
			h.WriteString(v.Value)
		}
		key := h.Sum64()
		if _, twice := p.seen[key]; twice {
			return drifted("a row came twice: %s", shown(row))
		}
		p.seen[key] = struct{}{}
	}
	return nil
}

func (p *pages) addUp(rows []*ga.Row) error {
	if p.control < 0 {
		return nil
	}
	for _, row := range rows {
		if p.control >= len(row.MetricValues) {
			return fmt.Errorf("a row of %d metrics came, the report has more", len(row.MetricValues))
		}
		n, err := strconv.ParseInt(row.MetricValues[p.control].Value, 10, 64)
		if err != nil {
			p.control = -1 // the column's own type decides about such a value
			return nil
		}
		p.sum += n
	}
	return nil
}

// total returns what the server said the additive metric comes to; ok is false
// when there is nothing to compare.
func (p *pages) total() (n int64, ok bool) {
	if p.control < 0 || p.control >= len(p.totals) {
		return 0, false
	}
	n, err := strconv.ParseInt(p.totals[p.control], 10, 64)
	return n, err == nil
}

func totalsOf(res *ga.RunReportResponse) []string {
	if len(res.Totals) == 0 {
		return nil
	}
	var out []string
	for _, v := range res.Totals[0].MetricValues {
		out = append(out, v.Value)
	}
	return out
}

func compareRows(a, b *ga.Row) int {
	for i := range min(len(a.DimensionValues), len(b.DimensionValues)) {
		if x, y := a.DimensionValues[i].Value, b.DimensionValues[i].Value; x != y {
			if x < y {
				return -1
			}
			return 1
		}
	}
	return 0
}

func compareTo(a []string, b *ga.Row) int {
	for i := range min(len(a), len(b.DimensionValues)) {
		if y := b.DimensionValues[i].Value; a[i] != y {
			if a[i] < y {
				return -1
			}
			return 1
		}
	}
	return 0
}

// shown names a row in a message.
func shown(row *ga.Row) string {
	var out []string
	for _, v := range row.DimensionValues {
		out = append(out, clip(v.Value))
	}
	return fmt.Sprintf("%q", out)
}
