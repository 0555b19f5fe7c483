package expr

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/weirflow/weir/fault"
)

var dateFunctions = []spec{
	{name: "format", on: Date, args: []Type{String, String}, min: 1, out: String, doc: "The date written by a pattern such as 'yyyy-MM-dd', in a zone.", prepare: layoutAndZone, do: formatTime},
	{name: "formatInstant", on: Instant, args: []Type{String, String}, min: 2, out: String, doc: "The instant written by a pattern in a zone.", prepare: layoutAndZone, do: formatTime},
	{name: "toDate", on: WholeNumber, args: []Type{String, String}, out: Date, doc: "The date that a text writes by a pattern, in a zone; without a pattern, that a number of milliseconds since 1970 stands for.", do: func(c *call) value {
		return fromMillis(c, Date)
	}},
	{name: "toInstant", on: WholeNumber, args: []Type{String, String}, out: Instant, doc: "The instant that a text writes by a pattern in a zone; without a pattern, that a number of milliseconds since 1970 stands for.", do: func(c *call) value {
		return fromMillis(c, Instant)
	}},
	{name: "toMicros", on: Instant, out: Number, doc: "The microseconds since 1970.", do: func(c *call) value { return sinceEpoch(c, 1e3) }},
	{name: "toNanos", on: Instant, out: Number, doc: "The nanoseconds since 1970.", do: func(c *call) value { return sinceEpoch(c, 1) }},
	{name: "plusDuration", on: Date, args: []Type{String, String}, min: 1, out: Date, doc: "The date moved on by a duration such as '2 weeks', by the calendar of a zone.", prepare: durationAndZone, do: func(c *call) value { return shift(c, 1) }},
	{name: "minusDuration", on: Date, args: []Type{String, String}, min: 1, out: Date, doc: "The date moved back by a duration such as '1 month', by the calendar of a zone.", prepare: durationAndZone, do: func(c *call) value { return shift(c, -1) }},
	{name: "plusInstantDuration", on: Instant, args: strs, min: 1, out: Instant, doc: "The instant moved on by a duration, by the calendar of UTC.", prepare: durationAndZone, do: func(c *call) value { return shift(c, 1) }},
	{name: "minusInstantDuration", on: Instant, args: strs, min: 1, out: Instant, doc: "The instant moved back by a duration, by the calendar of UTC.", prepare: durationAndZone, do: func(c *call) value { return shift(c, -1) }},
	{name: "isValidDate", on: String, args: []Type{String, String}, min: 1, out: Boolean, doc: "True where the subject writes a date that exists by a pattern, in a zone.", prepare: layoutAndZone, do: validDate},
	{name: "isValidInstant", on: String, out: Boolean, doc: "True where the subject writes an instant by ISO 8601 or RFC 1123.", do: func(c *call) value {
		s := c.sub()
		_, ok := readInstant(trimSpace(s.s))
		return truth(s.ok && ok)
	}},
}

var (
	textToDate    = &spec{name: "toDate", on: String, args: []Type{String, String}, min: 1, out: Date, prepare: layoutAndZone, do: parseTime}
	textToInstant = &spec{name: "toInstant", on: String, args: []Type{String, String}, min: 2, out: Instant, prepare: layoutAndZone, do: parseTime}
)

// overload picks the evaluation that reads text where the subject is text and a
// pattern is given.
func overload(f *spec, subject node, args int) *spec {
	if subject == nil || subject.typ() != String || args == 0 {
		return f
	}
	switch f.name {
	case "toDate":
		return textToDate
	case "toInstant":
		return textToInstant
	}
	return f
}

// loadZone returns the zone of an IANA name, an offset such as +09:00, or UTC.
func loadZone(name string) (*time.Location, error) {
	bad := func() (*time.Location, error) {
		return nil, fault.New("expr_zone", "zone", shorten(name)).Permanent()
	}
	switch name {
	case "", "Local":
		return bad()
	case "Z", "UTC", "GMT", "UT":
		return time.UTC, nil
	}
	rest := name
	for _, prefix := range []string{"UTC", "GMT", "UT"} {
		if r, ok := strings.CutPrefix(name, prefix); ok && (r[0] == '+' || r[0] == '-') {
			rest = r
			break
		}
	}
	if rest[0] == '+' || rest[0] == '-' {
		for _, layout := range []string{"-07:00", "-0700", "-07", "-07:00:00"} {
			if t, err := time.Parse(layout, rest); err == nil {
				_, off := t.Zone()
				return time.FixedZone(name, off), nil
			}
		}
		if n, err := strconv.Atoi(rest); err == nil && len(rest) == 2 {
			return time.FixedZone(name, n*3600), nil
		}
		return bad()
	}
	if loc, ok := zones.get(name); ok {
		return loc, nil
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return bad()
	}
	zones.put(name, loc)
	return loc, nil
}

// zones keeps the zones that were loaded, which takes reading a file.
var zones = newRecent[*time.Location](1024)

// when is what a call needs to read, write or move a time.
type when struct {
	layout *layout
	zone   *time.Location
	by     *duration
}

func layoutAndZone(n *invocation) (any, error) {
	var w when
	var err error
	if v, ok := n.constArg(0); ok && v.ok {
		if w.layout, err = compileLayout(v.s); err != nil {
			return nil, err
		}
	}
	err = w.constantZone(n)
	return w, err
}

func durationAndZone(n *invocation) (any, error) {
	var w when
	var err error
	if v, ok := n.constArg(0); ok {
		if w.by, err = readDuration(v.s); err != nil {
			return nil, err
		}
	}
	err = w.constantZone(n)
	return w, err
}

func (w *when) constantZone(n *invocation) error {
	v, ok := n.constArg(1)
	if !ok || !v.ok {
		return nil
	}
	var err error
	w.zone, err = loadZone(v.s)
	return err
}

// resolve completes what was not constant. It returns nothing where the pattern
// is missing.
func (w when) resolve(c *call) (when, bool) {
	if w.layout == nil && w.by == nil {
		v := c.arg(0)
		if !v.ok || c.err != nil {
			return w, false
		}
		var err error
		if w.layout, err = compileLayout(v.s); err != nil {
			c.fail(err)
			return w, false
		}
	}
	return w.inZone(c)
}

func (w when) inZone(c *call) (when, bool) {
	if w.zone == nil && c.has(1) {
		if v := c.arg(1); v.ok {
			var err error
			if w.zone, err = loadZone(v.s); err != nil {
				c.fail(err)
				return w, false
			}
		}
	}
	if w.zone == nil {
		w.zone = c.st.env.zone()
	}
	return w, c.err == nil
}

func formatTime(c *call) value {
	t := c.sub()
	if !t.ok {
		return none(String)
	}
	w, ok := c.n.prepared.(when).resolve(c)
	if !ok {
		return none(String)
	}
	return text(w.layout.format(t.t.In(w.zone)))
}

func parseTime(c *call) value {
	s := c.sub()
	w, ok := c.n.prepared.(when).resolve(c)
	if !s.ok || !ok {
		return none(c.n.out)
	}
	parse, made := (*layout).parseLenient, date
	if c.n.out == Instant {
		parse, made = (*layout).parseStrict, instant
	}
	t, err := parse(w.layout, s.s, w.zone)
	if err != nil {
		return c.fail(err)
	}
	return made(t)
}

func fromMillis(c *call, to Type) value {
	n := c.sub()
	if !n.ok {
		return none(to)
	}
	v, err := toTime(n, to, c.n.f.name, c.st)
	if err != nil {
		return c.fail(err)
	}
	return v
}

func sinceEpoch(c *call, unit int64) value {
	t := c.sub()
	if !t.ok {
		return none(Number)
	}
	most := math.MaxInt64 / (int64(time.Second) / unit)
	if s := t.t.Unix(); s >= most || s <= -most {
		return c.fail(overflow(c.n.f.name))
	}
	if unit == 1 {
		return whole(t.t.UnixNano())
	}
	return whole(t.t.UnixMicro())
}

// duration is a number of one unit: nanoseconds, or days, or months.
type duration struct{ nanos, days, months int64 }

var durationText = regexp.MustCompile(`(?i)^\s*(\d+)\s+(nanosecond|second|minute|hour|day|week|month|year)s?\s*$`)

func readDuration(s string) (*duration, error) {
	bad := fault.New("expr_duration", "value", shorten(s)).Permanent()
	m := durationText.FindStringSubmatch(s)
	if m == nil {
		return nil, bad
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil {
		return nil, bad
	}
	d := &duration{}
	to, unit, most := &d.nanos, int64(1), int64(math.MaxInt64)
	switch strings.ToLower(m[2]) {
	case "second":
		unit = int64(time.Second)
	case "minute":
		unit = int64(time.Minute)
	case "hour":
		unit = int64(time.Hour)
	case "day":
		to, most = &d.days, 4e6
	case "week":
		to, unit, most = &d.days, 7, 4e6
	case "month":
		to, most = &d.months, 1e5
	case "year":
		to, unit, most = &d.months, 12, 1e5
	}
	if n > most/unit {
		return nil, bad
	}
	*to = n * unit
	return d, nil
}

// add moves t by the calendar of its zone. A day that the month lacks becomes
// the month's last.
func (d *duration) add(t time.Time, sign int64) time.Time {
	if d.nanos != 0 {
		return t.Add(time.Duration(sign * d.nanos))
	}
	y, m, day := t.Date()
	if d.months != 0 {
		first := time.Date(y, m+time.Month(sign*d.months), 1, 0, 0, 0, 0, time.UTC)
		y, m = first.Year(), first.Month()
		day = min(day, daysIn(y, m))
	}
	_, off := t.Zone()
	local := time.Date(y, m, day+int(sign*d.days), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	return settle(local, t.Location(), off)
}

func daysIn(y int, m time.Month) int { return time.Date(y, m+1, 0, 0, 0, 0, 0, time.UTC).Day() }

// settle returns the instant of a local time, given as if in UTC, in a zone. A
// local time that a change of clocks skips moves on by the gap; one that happens
// twice is the one at the offset preferred, or else the first.
func settle(local time.Time, zone *time.Location, preferred int) time.Time {
	at := func(off int) (time.Time, bool) {
		t := local.Add(-time.Duration(off) * time.Second).In(zone)
		_, got := t.Zone()
		return t, got == off
	}
	if t, ok := at(preferred); ok && preferred != noOffset {
		return t
	}
	_, before := local.Add(-36 * time.Hour).In(zone).Zone()
	_, after := local.Add(36 * time.Hour).In(zone).Zone()
	if t, ok := at(before); ok {
		return t
	}
	if t, ok := at(after); ok {
		return t
	}
	t, _ := at(before)
	return t
}

// noOffset is an offset that no zone has.
const noOffset = 1 << 20

func shift(c *call, sign int64) value {
	t := c.sub()
	if !t.ok {
		return none(c.n.out)
	}
	w := c.n.prepared.(when)
	if w.by == nil {
		var err error
		if w.by, err = readDuration(c.str(0)); err != nil {
			return c.fail(err)
		}
	}
	w, ok := w.inZone(c)
	if !ok {
		return none(c.n.out)
	}
	if c.n.out == Instant {
		return instant(w.by.add(t.t.UTC(), sign))
	}
	return date(w.by.add(t.t.In(w.zone), sign))
}

func validDate(c *call) value {
	s := c.sub()
	if !s.ok {
		return truth(false)
	}
	w, ok := c.n.prepared.(when).resolve(c)
	if code := fault.CodeOf(c.err); code == "expr_date_pattern" || code == "expr_zone" {
		c.err = nil // by a pattern or zone that is none, no date is valid
	}
	if !ok {
		return truth(false)
	}
	return truth(w.layout.exists(trimSpace(s.s), w.zone, c.has(1)))
}
