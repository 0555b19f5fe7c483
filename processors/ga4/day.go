package ga4

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
)

// civil is a day on the calendar, which has no zone; the time is its midnight in
// UTC.
type civil struct{ t time.Time }

func dayOf(t time.Time) civil {
	y, m, d := t.Date()
	return civil{time.Date(y, m, d, 0, 0, 0, 0, time.UTC)}
}

// String writes the day as the API takes it.
func (d civil) String() string { return d.t.Format(time.DateOnly) }

// MarshalJSON writes the day as a text.
func (d civil) MarshalJSON() ([]byte, error) { return json.Marshal(d.String()) }

// UnmarshalJSON reads what MarshalJSON wrote.
func (d *civil) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	t, err := time.Parse(time.DateOnly, s)
	d.t = t
	return err
}

func (d civil) next() civil          { return civil{d.t.AddDate(0, 0, 1)} }
func (d civil) after(o civil) bool   { return d.t.After(o.t) }
func (d civil) days() int64          { return d.t.Unix() / 86400 }
func (d civil) until(last civil) int { return int(last.days()-d.days()) + 1 }

// end returns when the day ends in a zone.
func (d civil) end(zone *time.Location) time.Time {
	y, m, day := d.t.Date()
	return time.Date(y, m, day+1, 0, 0, 0, 0, zone)
}

// parseDay reads a setting's date. Words are refused: the API reads them by its
// own clock, so that a run made later would read another day.
func parseDay(property, text string) (civil, *fault.Error) {
	t, err := time.Parse(time.DateOnly, text)
	if err == nil && t.Year() > 0 {
		return civil{t}, nil
	}
	if low := strings.ToLower(text); low == "today" || low == "yesterday" || strings.HasSuffix(low, "daysago") {
		return civil{}, fault.New("ga4_relative_date", "property", property, "value", clip(text)).Permanent()
	}
	return civil{}, fault.New("ga4_bad_date", "property", property, "value", clip(text)).Permanent()
}

// shortestDay is how short a day may be on which clocks are set.
const shortestDay = 22 * time.Hour

// fits refuses a slot that is shorter than a day where the slot decides what is
// read: reports are of whole days, so each hour would deliver the same rows.
func (r *ReadGA4) fits(run flowfile.Run) error {
	long := run.End.Sub(run.Start)
	if long <= 0 || long >= shortestDay || !r.from.IsEmpty() && !r.to.IsEmpty() {
		return nil
	}
	return fault.New("ga4_slot_short", "slot", run.Slot, "property", r.property).Permanent()
}

// span returns the first and last day that a run reads.
func (r *ReadGA4) span(s *flowfile.Session) (from, to civil, err error) {
	run := s.Run()
	if err := r.fits(run); err != nil {
		return from, to, err
	}
	one := func(property string, e processors.Expr, slot time.Time) (civil, error) {
		if e.IsEmpty() {
			return dayOf(slot.In(run.Location())), nil
		}
		text, err := e.Eval(s, nil)
		if err != nil {
			return civil{}, fmt.Errorf("evaluate %s: %w", property, err)
		}
		d, bad := parseDay(property, text)
		if bad != nil {
			return civil{}, bad
		}
		return d, nil
	}
	last := run.End.Add(-1)
	if !run.End.After(run.Start) {
		last = run.Start
	}
	if from, err = one("from", r.from, run.Start); err != nil {
		return from, to, err
	}
	if to, err = one("to", r.to, last); err != nil {
		return from, to, err
	}
	if from.after(to) {
		return from, to, fault.New("ga4_dates_reversed", "from", from, "to", to).Permanent()
	}
	return from, to, nil
}

// sameDays reports whether two zones agree on where the days of a span begin and
// end.
func sameDays(a, b *time.Location, from, to civil) bool {
	for d := (civil{from.t.AddDate(0, 0, -1)}); !d.after(to); d = d.next() {
		if !d.end(a).Equal(d.end(b)) {
			return false
		}
	}
	return true
}
