package runs

import (
	"strconv"
	"strings"
	"time"

	"github.com/weirflow/weir/fault"
)

// Schedule says which slots a flow has and when each fires, as it stands in a
// flow file. Validate finds what is wrong with it; Calendar computes with it.
type Schedule struct {
	// Every is the length of a slot.
	Every Every `json:"every"`
	// At is when a slot fires. For an hour it is the minute past the hour's end
	// ("15"); for a day, week or month the local time ("06:00") of the day on
	// which the slot has ended. Absent means at the end itself.
	At string `json:"at,omitempty"`
	// Cron stands in the place of At: a slot fires at the first match at or
	// after its end. Five fields as in crontab (minute, hour, day of month,
	// month, day of week), or six with seconds before them.
	Cron string `json:"cron,omitempty"`
	// Zone is the IANA time zone in which slots are counted and At and Cron read.
	Zone string `json:"zone"`
	// Missed says what to do about slots that came due while nobody looked.
	Missed MissedPolicy `json:"missed,omitempty"`
}

// MissedPolicy says which of the missed slots get a run.
type MissedPolicy string

// The policies; absent is MissedLast.
const (
	MissedLast MissedPolicy = "last"
	MissedAll  MissedPolicy = "all"
	MissedNone MissedPolicy = "none"
)

// Validate returns every problem of the schedule, none when it is sound. The
// argument "field" of each fault is the key it stands at.
//
// Zones are looked up in the system's zone database, or in the one that the
// program carries: a main package should import time/tzdata, so that a machine
// without a database runs the same schedules.
func (s Schedule) Validate() []*fault.Error {
	_, problems := s.compile()
	return problems
}

// Calendar returns the schedule ready to compute with, or the first problem.
func (s Schedule) Calendar() (*Calendar, error) {
	c, problems := s.compile()
	if len(problems) > 0 {
		return nil, problems[0]
	}
	return c, nil
}

func (s Schedule) compile() (*Calendar, []*fault.Error) {
	c := &Calendar{every: s.Every, missed: s.Missed}
	var problems []*fault.Error
	note := func(e *fault.Error) {
		if e != nil {
			problems = append(problems, e.Permanent())
		}
	}
	if !s.Every.Known() {
		note(fault.New("schedule_every_unknown", "field", "every", "value", strconv.Quote(string(s.Every))))
	}
	var problem *fault.Error
	c.loc, problem = loadZone(s.Zone)
	note(problem)
	switch {
	case s.At != "" && s.Cron != "":
		note(fault.New("schedule_at_and_cron", "field", "cron", "at", s.At, "cron", s.Cron))
	case s.Cron != "":
		c.cron, problem = parseCron(s.Cron)
		note(problem)
	case s.At != "" && s.Every.Known():
		c.at, problem = parseAt(s.Every, s.At)
		note(problem)
	}
	switch s.Missed {
	case "":
		c.missed = MissedLast
	case MissedLast, MissedAll, MissedNone:
	default:
		note(fault.New("schedule_missed_unknown", "field", "missed", "value", strconv.Quote(string(s.Missed))))
	}
	return c, problems
}

// parseAt returns the seconds past the hour's end or past midnight.
func parseAt(every Every, at string) (int64, *fault.Error) {
	if every == Hour {
		n, err := strconv.ParseUint(at, 10, 8)
		if err == nil && n < 60 && len(at) <= 2 {
			return int64(n) * 60, nil
		}
		return 0, fault.New("schedule_at_minute_bad", "field", "at", "value", strconv.Quote(at))
	}
	t, err := time.Parse("15:04", at)
	if err == nil && t.Format("15:04") == at {
		return int64(t.Hour())*secondsPerHour + int64(t.Minute())*60, nil
	}
	return 0, fault.New("schedule_at_time_bad", "field", "at", "value", strconv.Quote(at), "every", every)
}

// loadZone finds a zone by its IANA name. The empty name and "Local", which Go
// would take for UTC and the machine's own zone, are refused: the same flow
// must have the same slots on every machine.
func loadZone(name string) (*time.Location, *fault.Error) {
	if strings.TrimSpace(name) == "" {
		return nil, fault.New("schedule_zone_missing", "field", "zone")
	}
	exact := zoneNamed(name)
	if name != "Local" && (exact == "" || exact == name) {
		if loc, err := time.LoadLocation(name); err == nil {
			return loc, nil
		}
	}
	return nil, fault.New("schedule_zone_unknown", "field", "zone", "zone", strconv.Quote(name), "nearest", NearestZone(name))
}
