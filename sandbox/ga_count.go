package sandbox

import (
	"math"
	"slices"
	"strconv"
)

// asked is what a report counts, read from a request.
type asked struct {
	dims   []*dimension
	mets   []*metric
	ranges []dayRange
	filter condition[*event]
	having condition[[]int64]
	// keepEmpty keeps rows whose metrics are all 0.
	keepEmpty bool
}

// dayRange is a closed range of days.
type dayRange struct {
	first, last int32
	name        string
}

// tallied is a counted report: for each row a code per dimension, the index of
// its range and a number per metric.
type tallied struct {
	codes  []uint32
	ranges []uint8
	values []int64
	order  []int32
	// totals have the metrics of each range over all its events.
	totals [][]int64
	read   []int64 // events read of each range
	space  []int64 // events that there are
	lost   bool    // rows were put into (other)
}

func (t *tallied) row(i int32, a *asked) (codes []uint32, values []int64) {
	nd, nm := len(a.dims), len(a.mets)
	return t.codes[int(i)*nd : int(i+1)*nd], t.values[int(i)*nm : int(i+1)*nm]
}

// counter counts events into rows. A row is found by its codes packed into 128
// bits.
type counter struct {
	a     *asked
	log   eventLog
	shift []int
	rows  map[[2]uint64]int32
	once  map[sighting]struct{}
	table tallied

	lastKey [2]uint64
	lastRow int32
}

// sighting is something that a distinct metric counts once in a row.
type sighting struct {
	row    int32 // -1-range for the totals
	metric int32
	what   uint64
}

func newCounter(a *asked, log eventLog) (*counter, *refusal) {
	c := &counter{a: a, log: log, rows: map[[2]uint64]int32{}, once: map[sighting]struct{}{}, lastRow: -1}
	at := 2 // the range comes first
	for _, d := range a.dims {
		n := d.bits(log)
		if at < 64 && at+n > 64 {
			at = 64 // no code lies across the words
		}
		c.shift = append(c.shift, at)
		at += n
	}
	if at > 128 {
		return nil, refuse("INTERNAL", "The sandbox cannot count so many combinations of these dimensions at once.")
	}
	for range a.ranges {
		c.table.totals = append(c.table.totals, make([]int64, len(a.mets)))
	}
	c.table.read, c.table.space = make([]int64, len(a.ranges)), make([]int64, len(a.ranges))
	return c, nil
}

// add counts an event in a range; weight is how many events it stands for.
func (c *counter) add(e *event, in int) {
	key := [2]uint64{uint64(in), 0}
	for i, d := range c.a.dims {
		key[c.shift[i]>>6] |= uint64(d.code(e)) << (c.shift[i] & 63)
	}
	row := c.lastRow
	if key != c.lastKey || row < 0 {
		var ok bool
		if row, ok = c.rows[key]; !ok {
			row = int32(len(c.rows))
			c.rows[key] = row
			for _, d := range c.a.dims {
				c.table.codes = append(c.table.codes, d.code(e))
			}
			c.table.ranges = append(c.table.ranges, uint8(in))
			for range c.a.mets {
				c.table.values = append(c.table.values, 0)
			}
		}
		c.lastKey, c.lastRow = key, row
	}
	nm := len(c.a.mets)
	values := c.table.values[int(row)*nm : int(row+1)*nm]
	for i, m := range c.a.mets {
		if m.add != nil {
			n := m.add(e)
			values[i] += n
			c.table.totals[in][i] += n
			continue
		}
		what := m.distinct(e)
		if what == 0 {
			continue
		}
		for _, s := range []struct {
			sighting
			to *int64
		}{{sighting{row, int32(i), what}, &values[i]}, {sighting{int32(-1 - in), int32(i), what}, &c.table.totals[in][i]}} {
			if _, ok := c.once[s.sighting]; !ok {
				c.once[s.sighting] = struct{}{}
				*s.to++
			}
		}
	}
}

// tally counts a report of what is visible.
func tally(a *asked, log eventLog, v *view) (*tallied, *refusal) {
	c, no := newCounter(a, log)
	if no != nil {
		return nil, no
	}
	first, last := int32(math.MaxInt32), int32(math.MinInt32)
	for _, r := range a.ranges {
		first, last = min(first, r.first), max(last, r.last)
	}
	t := &c.table
	for day := max(first, v.retained); day <= min(last, v.until()); day++ {
		inside := make([]int, 0, len(a.ranges))
		for i, r := range a.ranges {
			if r.first <= day && day <= r.last {
				inside = append(inside, i)
			}
		}
		if len(inside) == 0 {
			continue
		}
		log.eventsOf(day, func(e *event) bool {
			if !v.arrived(e) {
				return true
			}
			read := v.read(e)
			for _, in := range inside {
				t.space[in] += e.count
				if read {
					t.read[in] += e.count
				}
			}
			if read && (a.filter == nil || a.filter(e)) {
				for _, in := range inside {
					c.add(e, in)
				}
			}
			return true
		})
	}
	c.scale(v)
	c.drop(v)
	return t, nil
}

// scale makes a sample stand for all events.
func (c *counter) scale(v *view) {
	if v.sampled == 0 {
		return
	}
	for i := range c.table.values {
		c.table.values[i] = int64(math.Round(float64(c.table.values[i]) / v.sampled))
	}
	for _, t := range c.table.totals {
		for i := range t {
			t[i] = int64(math.Round(float64(t[i]) / v.sampled))
		}
	}
}

// drop chooses the rows that the report has: without empty ones, those below
// the threshold or refused by the metric filter, and with the rarest in (other).
func (c *counter) drop(v *view) {
	t := &c.table
	for i := range int32(len(t.ranges)) {
		_, values := t.row(i, c.a)
		empty := true
		for _, n := range values {
			empty = empty && n == 0
		}
		if empty && !c.a.keepEmpty || v.threshold > 0 && len(values) > 0 && values[0] < v.threshold {
			continue
		}
		t.order = append(t.order, i)
	}
	if v.other > 0 && len(t.order) > v.other && len(c.a.mets) > 0 {
		c.lump(v.other)
	}
	if c.a.having != nil {
		t.order = slices.DeleteFunc(t.order, func(i int32) bool {
			_, values := t.row(i, c.a)
			return !c.a.having(values)
		})
	}
	c.retotal()
}

// lump keeps the n rows with most of the first metric and puts the others into
// rows whose dimensions, those of time apart, are (other).
func (c *counter) lump(n int) {
	t := &c.table
	slices.SortFunc(t.order, func(i, j int32) int {
		_, a := t.row(i, c.a)
		_, b := t.row(j, c.a)
		if a[0] != b[0] {
			if a[0] > b[0] {
				return -1
			}
			return 1
		}
		return int(i - j)
	})
	lumps := map[string]int32{}
	kept := t.order[:n:n]
	for _, i := range t.order[n:] {
		codes, values := t.row(i, c.a)
		key := strconv.Itoa(int(t.ranges[i]))
		for k, d := range c.a.dims {
			if d.unit == noTime {
				codes[k] = other
			}
			key += " " + strconv.Itoa(int(codes[k]))
		}
		to, ok := lumps[key]
		if !ok {
			lumps[key] = i
			kept = append(kept, i)
			continue
		}
		_, sum := t.row(to, c.a)
		for k := range sum {
			sum[k] += values[k]
		}
	}
	t.order, t.lost = kept, true
}

// retotal sums the metrics that can be summed over the rows that were kept.
func (c *counter) retotal() {
	t := &c.table
	for k, m := range c.a.mets {
		if m.add == nil {
			continue
		}
		for in := range t.totals {
			t.totals[in][k] = 0
		}
		for _, i := range t.order {
			_, values := t.row(i, c.a)
			t.totals[t.ranges[i]][k] += values[k]
		}
	}
}

// append writes a metric's value as the API shows it.
func (m *metric) append(b []byte, n int64) []byte {
	if m.divide > 1 {
		if m.kind == "TYPE_SECONDS" {
			return strconv.AppendInt(b, n/m.divide, 10)
		}
		return strconv.AppendFloat(b, float64(n)/float64(m.divide), 'f', -1, 64)
	}
	return strconv.AppendInt(b, n, 10)
}
