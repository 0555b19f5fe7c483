package expr

import "time"

// parseLenient reads a date as people write it: without regard to case or to
// leading zeros. What the pattern lacks is taken from the beginning of 1970.
func (l *layout) parseLenient(s string, zone *time.Location) (time.Time, error) {
	r, err := l.read(s, false)
	if err != nil {
		return time.Time{}, err
	}
	local, ok := r.resolve()
	if !ok {
		return time.Time{}, l.bad(s, 0)
	}
	return r.at(local, zone), nil
}

// parseStrict reads an instant exactly as the pattern says, which must name a
// whole date and at least the hour.
func (l *layout) parseStrict(s string, zone *time.Location) (time.Time, error) {
	r, err := l.read(s, true)
	if err != nil {
		return time.Time{}, err
	}
	local, ok := r.resolve()
	year := r.set[fYear] || r.set[fYearOfEra]
	day := r.set[fDayOfYear] || r.set[fMonth] && r.set[fDay]
	hour := r.set[fHour] || r.set[fHour24] || r.set[fAmPm] && (r.set[fHour0] || r.set[fHour12]) || r.set[fMilliOfDay] || r.set[fNanoOfDay]
	if !ok || !year || !day || !hour {
		return time.Time{}, l.bad(s, len(s))
	}
	return r.at(local, zone), nil
}

// at returns the instant of a local time: at the offset read, else in the zone
// read, else in the zone given.
func (r *reading) at(local time.Time, zone *time.Location) time.Time {
	if r.east {
		return local.Add(-time.Duration(r.off) * time.Second)
	}
	if r.zone != nil {
		zone = r.zone
	}
	return settle(local, zone, noOffset)
}

func (r *reading) get(f field, or int64) int64 {
	if r.set[f] {
		return r.vals[f]
	}
	return or
}

func (r *reading) inBounds() bool {
	for f := range fields {
		if r.set[f] && (r.vals[f] < bounds[f][0] || r.vals[f] > bounds[f][1]) {
			return false
		}
	}
	return true
}

func (r *reading) year() int64 {
	y := r.get(fYear, 1970)
	if r.set[fYearOfEra] {
		y = r.vals[fYearOfEra]
		if r.get(fEra, 1) == 0 {
			y = 1 - y
		}
	}
	return y
}

// resolve makes a local time of the fields, as if in UTC. A day from 29 to 31
// that its month lacks becomes the month's last; a weekday must be that of the
// date.
func (r *reading) resolve() (time.Time, bool) {
	if !r.inBounds() {
		return time.Time{}, false
	}
	y := r.year()
	if y < -9999 || y > 99999 {
		return time.Time{}, false
	}
	m, d := int(r.get(fMonth, 1)), int(r.get(fDay, 1))
	if q := int(r.get(fQuarter, 0)); q > 0 && !r.set[fMonth] {
		m = q*3 - 2
	}
	if r.set[fDayOfYear] && !r.set[fMonth] {
		m, d = 1, int(r.vals[fDayOfYear])
		if d > time.Date(int(y), 12, 31, 0, 0, 0, 0, time.UTC).YearDay() {
			return time.Time{}, false
		}
	} else {
		d = min(d, daysIn(int(y), time.Month(m)))
	}
	var t time.Time
	switch {
	case r.set[fNanoOfDay]:
		t = time.Date(int(y), time.Month(m), d, 0, 0, 0, 0, time.UTC).Add(time.Duration(r.vals[fNanoOfDay]))
	case r.set[fMilliOfDay]:
		t = time.Date(int(y), time.Month(m), d, 0, 0, 0, 0, time.UTC).Add(time.Duration(r.vals[fMilliOfDay]) * time.Millisecond)
	default:
		t = time.Date(int(y), time.Month(m), d, int(r.hour()), int(r.get(fMinute, 0)), int(r.get(fSecond, 0)), int(r.get(fNano, 0)), time.UTC)
	}
	whole := (r.set[fYear] || r.set[fYearOfEra]) && (r.set[fDayOfYear] || r.set[fMonth] && r.set[fDay])
	if whole && r.set[fWeekday] && r.vals[fWeekday] != fieldOf(t, fWeekday) {
		return time.Time{}, false
	}
	return t, true
}

func (r *reading) hour() int64 {
	switch {
	case r.set[fHour]:
		return r.vals[fHour]
	case r.set[fHour24]:
		return r.vals[fHour24] % 24
	case r.set[fHour12]:
		return r.get(fAmPm, 0)*12 + r.vals[fHour12]%12
	case r.set[fHour0]:
		return r.get(fAmPm, 0)*12 + r.vals[fHour0]
	}
	return 0
}

// exists reports whether a text reads by the pattern as a day that its month
// has and, where gaps is set, as a time that no change of clocks skips.
func (l *layout) exists(s string, zone *time.Location, gaps bool) bool {
	r, err := l.read(s, false)
	if err != nil {
		return false
	}
	local, ok := r.resolve()
	if !ok {
		return false
	}
	month := r.set[fMonth] && r.set[fDay]
	if month {
		y := int64(2000) // a leap year, so that 29 February exists where no year is named
		if r.set[fYear] || r.set[fYearOfEra] {
			y = r.year()
		}
		if r.vals[fDay] > int64(daysIn(int(y), time.Month(r.vals[fMonth]))) {
			return false
		}
	}
	timed := r.set[fHour] || r.set[fHour12] || r.set[fHour0] || r.set[fHour24]
	if !gaps || !month || !timed || r.east {
		return true
	}
	t := r.at(local, zone)
	_, off := t.Zone()
	return t.Add(time.Duration(off) * time.Second).Equal(local)
}
