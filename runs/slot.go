package runs

import (
	"cmp"
	"fmt"
	"time"

	"github.com/weirflow/weir/fault"
)

// Every is the length of a schedule's slots.
type Every string

// The lengths of slots. A week is the ISO week, which begins on Monday.
const (
	Hour  Every = "hour"
	Day   Every = "day"
	Week  Every = "week"
	Month Every = "month"
)

// Known reports whether e is one of the four lengths.
func (e Every) Known() bool { return e == Hour || e == Day || e == Week || e == Month }

// Slot is one span of local time that a run stands for: an hour, a day, an ISO
// week or a month of one zone. Its interval follows the calendar, so a day on
// which clocks are set has 23 or 25 hours. Slots come from SlotAt, ParseSlot
// and Calendar; the zero Slot is none of them, see IsZero. Two slots of one
// *time.Location may be compared with ==; Compare orders any two.
//
// Hours need care. An hour slot is the time for which clocks show one hour at
// one offset from UTC, and the offset is part of its key: when clocks go back
// an hour occurs twice and makes two slots. Where clocks move by half an hour
// (Australia/Lord_Howe), the hours beside the change make slots of 30 minutes.
// Key texts of hours do not sort by time there; use Compare.
type Slot struct {
	every  Every
	loc    *time.Location
	start  wall
	offset int64 // hours only
}

// SlotAt returns the slot of loc whose interval contains t.
func SlotAt(every Every, t time.Time, loc *time.Location) Slot {
	if every == Hour {
		p := periodAt(loc, t.Unix())
		return Slot{every: Hour, loc: loc, start: Hour.floorTo(p.reading(t.Unix())), offset: p.offset}
	}
	return Slot{every: every, loc: loc, start: every.floorTo(highWater(loc, t.Unix()))}
}

// IsZero reports whether s is the zero Slot.
func (s Slot) IsZero() bool { return s.loc == nil }

// Every returns the slot's length.
func (s Slot) Every() Every { return s.every }

// Location returns the zone in which the slot is counted.
func (s Slot) Location() *time.Location { return s.loc }

// Key returns the slot's name: 2026-11-21 for a day, 2026-11-21T05+09:00 for an
// hour, 2026-W47 for a week, 2026-11 for a month, and "" for the zero Slot.
// ParseSlot reads it back.
func (s Slot) Key() string {
	t := s.start.clock()
	switch s.every {
	case Hour:
		return t.Format("2006-01-02T15") + offsetText(s.offset)
	case Day:
		return t.Format(time.DateOnly)
	case Week:
		y, w := t.ISOWeek()
		return fmt.Sprintf("%04d-W%02d", y, w)
	case Month:
		return t.Format("2006-01")
	}
	return ""
}

// String returns the slot's key.
func (s Slot) String() string { return s.Key() }

// Date returns the local date on which the slot begins, as 2026-11-21: the day
// itself, the day of the hour, the Monday of the week, the first of the month.
// It is the value of run.date and never depends on UTC.
func (s Slot) Date() string {
	if s.IsZero() {
		return ""
	}
	return s.start.clock().Format(time.DateOnly)
}

// Interval returns the slot's span [start, end) as instants in the slot's zone.
func (s Slot) Interval() (start, end time.Time) {
	from, to := s.span()
	return time.Unix(from, 0).In(s.loc), time.Unix(to, 0).In(s.loc)
}

// Start returns the first instant of the slot.
func (s Slot) Start() time.Time {
	start, _ := s.Interval()
	return start
}

// End returns the first instant after the slot.
func (s Slot) End() time.Time {
	_, end := s.Interval()
	return end
}

// Contains reports whether t lies in the slot's interval.
func (s Slot) Contains(t time.Time) bool {
	from, to := s.span()
	return from <= t.Unix() && t.Unix() < to
}

// Next returns the slot that begins where s ends.
func (s Slot) Next() Slot {
	if s.every == Hour {
		return SlotAt(Hour, s.End(), s.loc)
	}
	for {
		s.start = s.every.step(s.start, 1)
		if from, to := s.span(); from < to {
			return s
		}
	}
}

// Prev returns the slot that ends where s begins.
func (s Slot) Prev() Slot {
	if s.every == Hour {
		return SlotAt(Hour, s.Start().Add(-time.Second), s.loc)
	}
	for {
		s.start = s.every.step(s.start, -1)
		if from, to := s.span(); from < to {
			return s
		}
	}
}

// Compare orders slots by when they begin, and slots that begin together by
// when they end. The zero Slot is before all others.
func (s Slot) Compare(o Slot) int {
	switch {
	case s.IsZero() && o.IsZero():
		return 0
	case s.IsZero():
		return -1
	case o.IsZero():
		return 1
	}
	from, to := s.span()
	ofrom, oto := o.span()
	return cmp.Or(cmp.Compare(from, ofrom), cmp.Compare(to, oto))
}

// Before reports whether s begins before o.
func (s Slot) Before(o Slot) bool { return s.Compare(o) < 0 }

// CheckEnded returns a fault when the slot's interval has not ended at now:
// its data are not whole yet. The fault names the last slot that has.
func (s Slot) CheckEnded(now time.Time) error {
	if !s.End().After(now) {
		return nil
	}
	return fault.New("slot_not_ended", "slot", s.Key(), "end", s.End().Format(time.RFC3339),
		"last", SlotAt(s.every, now, s.loc).Prev().Key()).Permanent()
}

// span returns the slot's interval; it is empty for a day that the zone left
// out and for an hour that its clocks do not show at that offset.
func (s Slot) span() (from, to int64) {
	if s.every != Hour {
		return firstReach(s.loc, s.start), firstReach(s.loc, s.every.step(s.start, 1))
	}
	from = int64(s.start) - s.offset
	last := from + secondsPerHour
	p := periodAt(s.loc, from)
	for p.offset != s.offset {
		from = p.to
		if from >= last {
			return last, last
		}
		p = periodAt(s.loc, from)
	}
	to = p.to
	// Neighbouring periods may differ in name only.
	for to < last {
		next := periodAt(s.loc, to)
		if next.offset != s.offset {
			break
		}
		to = next.to
	}
	return from, min(to, last)
}
