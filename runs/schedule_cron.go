package runs

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/weirflow/weir/fault"
)

// cronSpec is a parsed cron expression. The library parses it and lists the
// readings it matches; it is only ever asked in UTC, where a clock is never set,
// and the readings are turned into instants here. Asked in a zone, the library
// leaves out a time that falls into a gap, fires twice for one that occurs
// twice, and gives up after five years, which 29 February outlasts in 2096.
type cronSpec struct{ spec *cron.SpecSchedule }

type cronField struct {
	name, want string
	day        bool // takes "?" for "any", as schedulers with seconds do
}

var cronFields = []cronField{
	{name: "second", want: "0-59"},
	{name: "minute", want: "0-59"},
	{name: "hour", want: "0-23"},
	{name: "day of month", want: "1-31", day: true},
	{name: "month", want: "1-12, jan-dec"},
	{name: "day of week", want: "0-6 (0 = sun), sun-sat", day: true},
}

var (
	cronParser  = cron.NewParser(cron.Second | cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)
	cronElement = regexp.MustCompile(`^(\*|\?|[0-9]{1,2}(-[0-9]{1,2})?|[A-Za-z]{3}(-[A-Za-z]{3})?)(/[0-9]{1,2})?$`)
)

// parseCron reads an expression of five fields, or six with seconds first.
// Elements are *, ?, n, n-m, names, lists with commas, and steps as */n, n/s or
// n-m/s. Where both days are restricted either may match, as in crontab. What
// other dialects add is refused by name of the field: descriptors (@daily), a
// zone inside the text, L, W and #, 7 for Sunday.
func parseCron(text string) (*cronSpec, *fault.Error) {
	fields := strings.Fields(text)
	if n := len(fields); n != 5 && n != 6 {
		return nil, fault.New("schedule_cron_fields", "field", "cron", "cron", strconv.Quote(text), "count", n)
	}
	shift := len(cronFields) - len(fields)
	all := append(make([]string, 0, len(cronFields)), "0", "*", "*", "*", "*", "*")
	for i, f := range fields {
		// Each alone among stars, so that a refusal names its field.
		alone := []string{"*", "*", "*", "*", "*", "*"}
		alone[i+shift] = f
		if _, err := cronParser.Parse(strings.Join(alone, " ")); err != nil || !cronFields[i+shift].wellFormed(f) {
			k := cronFields[i+shift]
			return nil, fault.New("schedule_cron_bad", "field", "cron", "value", strconv.Quote(f),
				"number", i+1, "name", k.name, "want", k.want)
		}
		all[i+shift] = f
	}
	parsed, err := cronParser.Parse(strings.Join(all, " "))
	spec, ok := parsed.(*cron.SpecSchedule)
	if err != nil || !ok {
		return nil, fault.New("schedule_cron_fields", "field", "cron", "cron", strconv.Quote(text), "count", len(fields)).Because(err)
	}
	spec.Location = time.UTC
	c := &cronSpec{spec}
	if _, ok := c.match(wallOf(2000, time.January, 1)); !ok {
		return nil, fault.New("schedule_cron_never", "field", "cron", "cron", strconv.Quote(text))
	}
	return c, nil
}

// wellFormed refuses what the library lets pass: empty elements and "*-5".
func (k cronField) wellFormed(text string) bool {
	for e := range strings.SplitSeq(text, ",") {
		if !cronElement.MatchString(e) || (strings.HasPrefix(e, "?") && !k.day) {
			return false
		}
	}
	return true
}

// match returns the first reading at or after w that the expression matches.
func (c *cronSpec) match(w wall) (wall, bool) {
	t := (w - 1).clock()
	// A leap day may be eight years off; one search spans five.
	for range 3 {
		if m := c.spec.Next(t); !m.IsZero() {
			return wall(m.Unix()), true
		}
		t = time.Date(t.Year()+5, time.January, 1, 0, 0, 0, 0, time.UTC).Add(-time.Second)
	}
	return 0, false
}

// fires returns the first instant at or after from at which the expression
// fires in loc. A match inside a gap fires at the gap's end. A reading that
// occurs twice fires at its first occurrence, or at both when repeats is set.
func (c *cronSpec) fires(loc *time.Location, from int64, repeats bool) int64 {
	p := periodAt(loc, from)
	floor := highWater(loc, from-1) + 1
	if repeats {
		floor = min(p.reading(from), periodAt(loc, from-1).reading(from-1)+1)
	}
	w, _ := c.match(floor)
	for t := from; ; t = p.to {
		next := periodAt(loc, t)
		if repeats && next.offset < p.offset {
			w, _ = c.match(next.reading(t))
		}
		p = next
		if x := max(t, int64(w)-p.offset); x < p.to {
			return x
		}
	}
}
