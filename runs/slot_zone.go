package runs

import (
	"math"
	"time"
)

// All local-time arithmetic of slots and schedules stands in this file, on
// whole seconds. Two kinds of number must not be mixed: an instant is seconds
// since 1970 in UTC; a wall reading is what a clock in some zone shows, counted
// as if that clock were UTC. A zone maps instants to readings, and neither way
// is one to one: clocks are set forward (readings that never occur) and back
// (readings that occur twice).
//
// One rule settles both: a reading stands for the first instant at which the
// clock shows that reading or a later one. A reading inside a gap so becomes the
// end of the gap, and one that occurs twice its first occurrence. Because the
// rule never decreases, intervals between readings tile time without gap or
// overlap whatever a zone does, down to a day that a country left out.

// wall is a reading of a local clock in seconds since 1970-01-01 00:00.
type wall int64

const (
	secondsPerHour = 60 * 60
	secondsPerDay  = 24 * secondsPerHour

	// No zone is or was further than 16 hours from UTC.
	farthestOffset = 18 * secondsPerHour
	// So clocks are never set back by more than this.
	farthestJump = 2 * farthestOffset
)

// zonePeriod is a span [from, to) of instants with one offset from UTC.
type zonePeriod struct{ from, to, offset int64 }

func periodAt(loc *time.Location, instant int64) zonePeriod {
	t := time.Unix(instant, 0).In(loc)
	_, offset := t.Zone()
	p := zonePeriod{from: math.MinInt64, to: math.MaxInt64, offset: int64(offset)}
	from, to := t.ZoneBounds()
	if !from.IsZero() {
		p.from = from.Unix()
	}
	if !to.IsZero() {
		p.to = to.Unix()
	}
	if p.to <= instant {
		// On 31 December of a leap year computed by rule, package time (Go 1.26)
		// takes the year for over: it gives an end that lies in the past. Its
		// answer for the offset holds to the end of the year.
		p.to = time.Date(time.Unix(instant, 0).UTC().Year()+1, time.January, 1, 0, 0, 0, 0, time.UTC).Unix()
	}
	return p
}

func (p zonePeriod) reading(instant int64) wall { return wall(instant + p.offset) }

// firstReach returns the first instant at which the clock of loc shows w or later.
func firstReach(loc *time.Location, w wall) int64 {
	t := int64(w) - farthestOffset
	for {
		p := periodAt(loc, t)
		if x := max(t, int64(w)-p.offset); x < p.to {
			return x
		}
		t = p.to
	}
}

// highWater returns the latest reading that the clock of loc has shown up to
// and including the instant. It differs from the reading at the instant while
// a clock that was set back repeats what it has shown before.
func highWater(loc *time.Location, instant int64) wall {
	p := periodAt(loc, instant)
	high := p.reading(instant)
	for p.from > instant-farthestJump {
		last := p.from - 1
		p = periodAt(loc, last)
		high = max(high, p.reading(last))
	}
	return high
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// floorTo returns the latest start of a slot's reading that is not after w.
func (e Every) floorTo(w wall) wall {
	switch e {
	case Hour:
		return wall(floorDiv(int64(w), secondsPerHour) * secondsPerHour)
	case Week:
		// 1970-01-01 was a Thursday, so Mondays lie three days off.
		const shift = 3
		days := floorDiv(int64(w), secondsPerDay)
		return wall((floorDiv(days+shift, 7)*7 - shift) * secondsPerDay)
	case Month:
		y, m, _ := w.clock().Date()
		return wallOf(y, m, 1)
	}
	return wall(floorDiv(int64(w), secondsPerDay) * secondsPerDay)
}

// step returns the reading n days, weeks or months after w.
func (e Every) step(w wall, n int) wall {
	switch e {
	case Week:
		return w + wall(n)*7*secondsPerDay
	case Month:
		y, m, _ := w.clock().Date()
		return wallOf(y, m+time.Month(n), 1)
	}
	return w + wall(n)*secondsPerDay
}

func wallOf(year int, month time.Month, day int) wall {
	return wall(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix())
}

// clock returns the reading as a time whose fields are those of the reading.
func (w wall) clock() time.Time { return time.Unix(int64(w), 0).UTC() }
