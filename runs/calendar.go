package runs

import "time"

// Calendar computes the slots of a schedule and when they fire. It has no clock:
// every question takes the time it is asked for. Make one with
// Schedule.Calendar; it may be used by several goroutines.
type Calendar struct {
	every  Every
	loc    *time.Location
	at     int64 // seconds past the hour's end, or past local midnight
	cron   *cronSpec
	missed MissedPolicy
}

// Every returns the length of the calendar's slots.
func (c *Calendar) Every() Every { return c.every }

// Location returns the calendar's zone.
func (c *Calendar) Location() *time.Location { return c.loc }

// SlotAt returns the slot that contains t.
func (c *Calendar) SlotAt(t time.Time) Slot { return SlotAt(c.every, t, c.loc) }

// Parse reads the key of one of the calendar's slots.
func (c *Calendar) Parse(key string) (Slot, error) { return ParseSlot(c.every, key, c.loc) }

// Due returns the instant at which a slot fires; it is never before the slot's
// end and never decreases from slot to slot.
//
// Without cron, an hour fires At minutes after its end, and a day, week or month
// at the local time At of the day on which it has ended (the next day, the
// Monday, the first). A local time that clocks leave out fires at the next
// instant there is, one that occurs twice at the first.
//
// With cron, a slot fires at the first match at or after its end, so several
// slots may fire together (days with "0 9 * * mon-fri" on a Monday). The same
// rules hold for times left out and repeated, but for hours: where an hour
// occurs twice both of its slots fire.
func (c *Calendar) Due(s Slot) time.Time {
	_, end := s.span()
	var due int64
	switch {
	case c.cron != nil:
		due = c.cron.fires(c.loc, end, c.every == Hour)
	case c.every == Hour:
		due = end + c.at
	default:
		// The day is the end's own: midnight may not exist, nor may the day
		// that stands next in the calendar.
		day := Day.floorTo(periodAt(c.loc, end).reading(end))
		due = firstReach(c.loc, day+wall(c.at))
	}
	return time.Unix(due, 0).In(c.loc)
}

// LastComplete returns the last slot whose interval has ended at now: the one
// that a start by hand takes when it names none.
func (c *Calendar) LastComplete(now time.Time) Slot { return c.SlotAt(now).Prev() }

// LastDue returns the last slot that fires at or before now.
func (c *Calendar) LastDue(now time.Time) Slot {
	isDue := func(s Slot) bool { return !c.Due(s).After(now) }
	late := c.SlotAt(now) // not ended, hence not due
	early := late.Prev()
	// Slots and due times rise together, so the border can be found by halving;
	// one by one would be slow for hours that wait for a yearly cron.
	for back := time.Hour; !isDue(early); back *= 2 {
		late, early = early, c.SlotAt(early.Start().Add(-back))
	}
	for {
		mid := c.SlotAt(early.Start().Add(late.Start().Sub(early.Start()) / 2))
		if mid == early {
			mid = early.Next()
		}
		switch {
		case mid == late:
			return early
		case isDue(mid):
			early = mid
		default:
			late = mid
		}
	}
}

// NextDue returns the first slot that fires after now, and when.
func (c *Calendar) NextDue(now time.Time) (Slot, time.Time) {
	s := c.LastDue(now).Next()
	return s, c.Due(s)
}

// DueBetween returns the slots that fire after one instant and up to and
// including another.
func (c *Calendar) DueBetween(after, upTo time.Time) SlotRange {
	if !after.Before(upTo) {
		return SlotRange{}
	}
	return rangeOf(c.LastDue(after).Next(), c.LastDue(upTo))
}

// CatchUp returns the n slots before the first one that a flow enabled at the
// given time fires by itself; fewer where the years end that keys can name.
func (c *Calendar) CatchUp(enabled time.Time, n int) SlotRange {
	if n <= 0 {
		return SlotRange{}
	}
	last := c.LastDue(enabled)
	first := last
	for range n - 1 {
		prev := first.Prev()
		if prev.start < wallOf(firstYear, time.January, 1) {
			break
		}
		first = prev
	}
	return SlotRange{First: first, Last: last}
}
