package sandbox

import (
	"math"
	"time"
)

// Property is how the Analytics property behaves. Its zero value answers
// exactly, with Google's quotas for a standard property.
type Property struct {
	// ID is the property's number; empty means "412345678".
	ID string
	// Quota are the sizes of its quotas.
	Quota Quota
	// Sampled, between 0 and 1, is the share of events that a report reads; its
	// numbers are scaled up then. Zero means all.
	Sampled float64
	// Threshold withholds rows whose first metric is smaller.
	Threshold int
	// Other is how many rows a report has at most before the rest goes into
	// (other).
	Other int
	// Retained is the first day (YYYY-MM-DD) that is kept; empty means all are.
	Retained string
	// Late is how long it takes until all events of a day are there: a twelfth of
	// them arrives in that time after it happened, so that reports of the last
	// days grow with each hour. Google says up to 72 h.
	Late time.Duration
	// Drift is how many more times a page after the first finds a row less than
	// the first did.
	Drift int
	// ServerErrors is how many of the next requests are answered with 500.
	ServerErrors int
}

// DefaultProperty is the id of the property unless Config says otherwise.
const DefaultProperty = "412345678"

// view is what a report at a moment sees.
type view struct {
	now       int64 // microseconds; what comes later has not happened
	late      int64
	sampled   float64
	threshold int64
	other     int
	retained  int32
}

// view returns what a report sees now. Within an hour that does not change.
func (p *Property) view(now time.Time) view {
	v := view{now: now.Truncate(time.Hour).UnixMicro(), late: int64(p.Late / time.Microsecond), threshold: int64(p.Threshold), other: p.Other,
		retained: math.MinInt32}
	if p.Sampled > 0 && p.Sampled < 1 {
		v.sampled = p.Sampled
	}
	if day, err := dayOf(p.Retained); err == nil {
		v.retained = day
	}
	return v
}

// until returns the last day of which anything is visible.
func (v *view) until() int32 { return dayNumber(v.now) }

// arrived says whether an event can be seen yet.
func (v *view) arrived(e *event) bool {
	at := e.at
	if v.late > 0 {
		if x := mixed(e.dice, 1); x%12 == 0 {
			at += 1 + int64(x/12%uint64(v.late))
		}
	}
	return at <= v.now
}

// read says whether a sample has the event.
func (v *view) read(e *event) bool {
	return v.sampled == 0 || float64(mixed(e.dice, 2)>>11)/(1<<53) < v.sampled
}

// mixed returns a number that an event's dice determine, another for each use.
func mixed(seed, use uint64) uint64 {
	d := newDice(seed ^ use*0xd1342543de82ef95)
	return d.next()
}

func newDice(state uint64) *dice { return &dice{state} }
