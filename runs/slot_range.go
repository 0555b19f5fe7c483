package runs

import (
	"iter"
	"math"
	"time"

	"github.com/weirflow/weir/fault"
)

// SlotRange is the slots from First to Last, both included. The zero SlotRange
// is empty. It holds two slots however long it is: Count does not walk it.
type SlotRange struct {
	First, Last Slot
}

// SlotsBetween returns the slots from first to last, both included. It is a
// fault when last is before first, and an error when they differ in length or zone.
func SlotsBetween(first, last Slot) (SlotRange, error) {
	if first.IsZero() || last.IsZero() || first.every != last.every || first.loc.String() != last.loc.String() {
		return SlotRange{}, fault.New("slot_range_mixed", "first", first.Key(), "last", last.Key()).Permanent()
	}
	if last.Before(first) {
		return SlotRange{}, fault.New("slot_range_backward", "first", first.Key(), "last", last.Key()).Permanent()
	}
	return SlotRange{First: first, Last: last}, nil
}

// rangeOf returns the slots from first to last, which may be none.
func rangeOf(first, last Slot) SlotRange {
	if first.IsZero() || last.Before(first) {
		return SlotRange{}
	}
	return SlotRange{First: first, Last: last}
}

// Empty reports whether the range holds no slot.
func (r SlotRange) Empty() bool { return r.First.IsZero() }

// All yields the slots of the range in order.
func (r SlotRange) All() iter.Seq[Slot] {
	return func(yield func(Slot) bool) {
		if r.Empty() {
			return
		}
		for s := r.First; !r.Last.Before(s); s = s.Next() {
			if !yield(s) {
				return
			}
		}
	}
}

// Count returns how many slots All yields. It takes time by the changes of the
// zone's clocks in the range (about two a year), not by the slots.
func (r SlotRange) Count() int {
	if r.Empty() {
		return 0
	}
	f, l := r.First, r.Last
	switch f.every {
	case Week:
		return int((l.start-f.start)/(7*secondsPerDay)) + 1
	case Month:
		a, b := f.start.clock(), l.start.clock()
		return (b.Year()-a.Year())*12 + int(b.Month()-a.Month()) + 1
	case Day:
		return int((l.start-f.start)/secondsPerDay) + 1 - skippedDays(f, l)
	}
	from, _ := f.span()
	_, to := l.span()
	n := int64(0)
	for t := from; t < to; {
		offset, end := sameOffset(f.loc, t)
		end = min(end, to)
		n += floorDiv(end-1+offset, secondsPerHour) - floorDiv(t+offset, secondsPerHour) + 1
		t = end
	}
	return int(n)
}

// sameOffset returns the offset at t and when another one begins.
func sameOffset(loc *time.Location, t int64) (offset, until int64) {
	p := periodAt(loc, t)
	for p.to != math.MaxInt64 {
		next := periodAt(loc, p.to)
		if next.offset != p.offset {
			break
		}
		p.to = next.to
	}
	return p.offset, p.to
}

// skippedDays counts the dates between two days that no clock of the zone showed.
func skippedDays(first, last Slot) int {
	from, _ := first.span()
	to, _ := last.span()
	n := 0
	for t := from; t < to; {
		p := periodAt(first.loc, t)
		if t = p.to; t > to {
			break
		}
		jump := periodAt(first.loc, t).offset - p.offset
		if jump < secondsPerDay {
			continue
		}
		day := Slot{every: Day, loc: first.loc, start: Day.floorTo(p.reading(t - 1))}
		for day.start < last.start {
			day.start = Day.step(day.start, 1)
			start, end := day.span()
			if start > t {
				break
			}
			if start == end {
				n++
			}
		}
	}
	return n
}
