package ga4

import (
	"fmt"
	"hash/maphash"
	"math"
	"slices"
	"strconv"
	"strings"
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
func (p *pages) add(res *report) error {
	totals := totalsOf(res)
	if p.number == 0 {
		p.count, p.totals = res.RowCount, totals
	}
	p.number++
	n := int64(len(res.rows))
	switch {
	case res.RowCount != p.count:
		return drifted("the number of rows changed from %d to %d", p.count, res.RowCount)
	case !slices.EqualFunc(totals, p.totals, sameTotal):
		return drifted("the totals changed from %v to %v", p.totals, totals)
	case n == 0 && p.rows < p.count:
		return drifted("a page was empty after %d of %d rows", p.rows, p.count)
	case p.rows+n > p.count:
		return drifted("more rows came than the %d there should be", p.count)
	}
	if err := p.order(res.rows); err != nil {
		return err
	}
	p.rows += n
	return p.addUp(res.rows)
}

// sameTotal reports whether two pages state the same total. Whole numbers are
// compared as such; of others the last digits depend on the order in which the
// server added.
func sameTotal(a, b string) bool {
	if a == b {
		return true
	}
	if !strings.ContainsAny(a, ".eE") && !strings.ContainsAny(b, ".eE") {
		return false
	}
	x, xerr := strconv.ParseFloat(a, 64)
	y, yerr := strconv.ParseFloat(b, 64)
	return xerr == nil && yerr == nil && math.Abs(x-y) <= 1e-9*max(math.Abs(x), math.Abs(y))
}

// whole reports whether all rows have come.
func (p *pages) whole() bool { return p.rows >= p.count }

// order finds a row that came twice.
func (p *pages) order(rows []row) error {
	last := p.last
	for i, r := range rows {
		if p.seen != nil {
			break
		}
		c := -1
		if last != nil {
			c = slices.Compare(last, r.dims)
		}
		switch {
		case c == 0:
			return drifted("a row came twice: %s", shown(r))
		case c > 0 && i > 0 && p.rows == 0:
			p.remember() // one page cannot contradict itself
		case c > 0:
			return errUnordered
		}
		last = r.dims
	}
	if p.seen != nil {
		return p.once(rows)
	}
	p.last = slices.Clone(last)
	for i := range p.last {
		p.last[i] = strings.Clone(p.last[i]) // or the whole page is kept
	}
	return nil
}

// once remembers rows and finds one that came before.
func (p *pages) once(rows []row) error {
	var h maphash.Hash
	h.SetSeed(p.seed)
	for _, r := range rows {
		h.Reset()
		for _, v := range r.dims {
			h.WriteString(strconv.Itoa(len(v))) // a hash never fails
			h.WriteByte(':')
			h.WriteString(v)
		}
		key := h.Sum64()
		if _, twice := p.seen[key]; twice {
			return drifted("a row came twice: %s", shown(r))
		}
		p.seen[key] = struct{}{}
	}
	return nil
}

func (p *pages) addUp(rows []row) error {
	if p.control < 0 {
		return nil
	}
	for _, r := range rows {
		if p.control >= len(r.mets) {
			return fmt.Errorf("a row of %d metrics came, the report has more", len(r.mets))
		}
		n, err := strconv.ParseInt(r.mets[p.control], 10, 64)
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

func totalsOf(res *report) []string {
	if len(res.Totals) == 0 {
		return nil
	}
	var out []string
	for _, v := range res.Totals[0].MetricValues {
		out = append(out, v.Value)
	}
	return out
}

// shown names a row in a message.
func shown(r row) string {
	out := make([]string, len(r.dims))
	for i, v := range r.dims {
		out[i] = clip(v)
	}
	return fmt.Sprintf("%q", out)
}
