package runs

import "time"

// Mark is what a scheduler keeps, durably, about a flow between two looks at
// the clock. A flow that is enabled, or whose schedule changes, gets a new
// Enabled and keeps the rest.
type Mark struct {
	// Enabled is when the flow was enabled: slots due then or before are its
	// past, which only catch-up or a person starts. While it is zero the flow
	// is not enabled, and nothing fires.
	Enabled time.Time
	// Handled is the last slot that was fired or passed over; zero at first.
	Handled Slot
	// Seen is the latest time a look was made; zero at first.
	Seen time.Time
}

// Look is what a scheduler is to do at one look at the clock.
type Look struct {
	// Fire is the slots to make runs for, in order.
	Fire SlotRange
	// PassedOver is the missed slots that the policy leaves without a run.
	PassedOver SlotRange
	// Mark is to be stored in one transaction with the runs made for Fire.
	Mark Mark
	// SetBack is how far the clock stands before the latest look, 0 when it
	// does not. Worth a warning: nothing fires twice, but nothing new fires
	// either until the clock has caught up with the slots handled.
	SetBack time.Duration
}

// Look decides which slots fire at now. A slot that came due no longer than
// grace ago is on time and fires. One that came due before, while the server
// was down or the machine asleep, is missed: the schedule's policy fires all
// that were missed, none, or only the last, and that only if nothing later is on
// time. No slot that is handled, or any before it, is ever returned again,
// whatever the clock does.
func (c *Calendar) Look(m Mark, now time.Time, grace time.Duration) Look {
	l := Look{Mark: m}
	if now.Before(m.Seen) {
		l.SetBack = m.Seen.Sub(now)
	} else {
		l.Mark.Seen = now
	}
	due := c.pending(m, now)
	if due.Empty() {
		return l
	}
	l.Mark.Handled = due.Last
	first := due.First
	if c.missed != MissedAll {
		// The first slot on time, or the one after the last due.
		first = c.LastDue(now.Add(-grace - time.Nanosecond)).Next()
		if first.Before(due.First) {
			first = due.First
		}
		if c.missed == MissedLast && due.Last.Before(first) {
			first = due.Last
		}
	}
	l.Fire = rangeOf(first, due.Last)
	if due.First.Before(first) {
		l.PassedOver = rangeOf(due.First, first.Prev())
	}
	return l
}

// pending returns the slots due at now that are neither before the flow was
// enabled nor handled.
func (c *Calendar) pending(m Mark, now time.Time) SlotRange {
	if m.Enabled.IsZero() {
		return SlotRange{}
	}
	due := c.DueBetween(m.Enabled, now)
	if due.Empty() || m.Handled.IsZero() {
		return due
	}
	// A schedule may have changed since. Where only its zone did, slots go on by
	// date, or one date would run twice or never; where its length did, with the
	// first slot that holds anything not handled.
	_, handled := m.Handled.span()
	first := c.SlotAt(time.Unix(handled, 0))
	if c.every == m.Handled.every && c.every != Hour {
		first = Slot{every: c.every, loc: c.loc, start: m.Handled.start}.Next()
	}
	if due.First.Before(first) {
		due = rangeOf(first, due.Last)
	}
	return due
}
