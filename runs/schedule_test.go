package runs

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/fault"
)

func TestScheduleProblems(t *testing.T) {
	for _, c := range []struct {
		s     Schedule
		code  string
		names string
	}{
		{Schedule{Every: "dayly", Zone: "UTC"}, "schedule_every_unknown", `"dayly"`},
		{Schedule{Zone: "UTC"}, "schedule_every_unknown", `""`},
		{Schedule{Every: Day}, "schedule_zone_missing", "Asia/Seoul"},
		{Schedule{Every: Day, Zone: "Asia/Soul"}, "schedule_zone_unknown", "Asia/Seoul"},
		{Schedule{Every: Day, Zone: "asia/seoul"}, "schedule_zone_unknown", "Asia/Seoul"},
		{Schedule{Every: Day, Zone: "Seoul"}, "schedule_zone_unknown", "Asia/Seoul"},
		{Schedule{Every: Day, Zone: "KST"}, "schedule_zone_unknown", "Asia/Seoul"},
		{Schedule{Every: Day, Zone: "New York"}, "schedule_zone_unknown", "America/New_York"},
		{Schedule{Every: Day, Zone: "Europe/Londn"}, "schedule_zone_unknown", "Europe/London"},
		{Schedule{Every: Day, Zone: "Local"}, "schedule_zone_unknown", `"Local"`},
		{Schedule{Every: Day, Zone: "../etc/passwd"}, "schedule_zone_unknown", "../etc/passwd"},
		{Schedule{Every: Day, Zone: "UTC", At: "6:00"}, "schedule_at_time_bad", `"6:00"`},
		{Schedule{Every: Day, Zone: "UTC", At: "24:00"}, "schedule_at_time_bad", "23:59"},
		{Schedule{Every: Week, Zone: "UTC", At: "15"}, "schedule_at_time_bad", "week"},
		{Schedule{Every: Hour, Zone: "UTC", At: "60"}, "schedule_at_minute_bad", `"60"`},
		{Schedule{Every: Hour, Zone: "UTC", At: "06:00"}, "schedule_at_minute_bad", "0 to 59"},
		{Schedule{Every: Day, Zone: "UTC", At: "06:00", Cron: "0 6 * * *"}, "schedule_at_and_cron", "Remove one"},
		{Schedule{Every: Day, Zone: "UTC", Cron: "@daily"}, "schedule_cron_fields", "1 fields"},
		{Schedule{Every: Day, Zone: "UTC", Cron: "TZ=UTC"}, "schedule_cron_fields", "TZ=UTC"},
		{Schedule{Every: Day, Zone: "UTC", Cron: "TZ=UTC 0 6 * * *"}, "schedule_cron_bad", "Field 1 (second)"},
		{Schedule{Every: Day, Zone: "UTC", Cron: "60 6 * * *"}, "schedule_cron_bad", "Field 1 (minute)"},
		{Schedule{Every: Day, Zone: "UTC", Cron: "0 0 25 * * *"}, "schedule_cron_bad", "Field 3 (hour)"},
		{Schedule{Every: Day, Zone: "UTC", Cron: "0 6 L * *"}, "schedule_cron_bad", "Field 3 (day of month)"},
		{Schedule{Every: Day, Zone: "UTC", Cron: "0 6 * 13 *"}, "schedule_cron_bad", "Field 4 (month)"},
		{Schedule{Every: Day, Zone: "UTC", Cron: "0 6 * * 7"}, "schedule_cron_bad", "Field 5 (day of week)"},
		{Schedule{Every: Day, Zone: "UTC", Cron: "0 6 * * mon#2"}, "schedule_cron_bad", "Field 5 (day of week)"},
		{Schedule{Every: Day, Zone: "UTC", Cron: "0, 6 * * *"}, "schedule_cron_bad", "Field 1 (minute)"},
		{Schedule{Every: Day, Zone: "UTC", Cron: "0 *-5 * * *"}, "schedule_cron_bad", "Field 2 (hour)"},
		{Schedule{Every: Day, Zone: "UTC", Cron: "? 6 * * *"}, "schedule_cron_bad", "Field 1 (minute)"},
		{Schedule{Every: Day, Zone: "UTC", Cron: "*/0 6 * * *"}, "schedule_cron_bad", "Field 1 (minute)"},
		{Schedule{Every: Day, Zone: "UTC", Cron: "0 6 30 2 *"}, "schedule_cron_never", "0 6 30 2 *"},
		{Schedule{Every: Day, Zone: "UTC", Missed: "first"}, "schedule_missed_unknown", `"first"`},
	} {
		problems := c.s.Validate()
		if len(problems) != 1 || problems[0].Code != c.code || problems[0].Class != fault.Permanent {
			t.Errorf("%+v: %v, want one %s", c.s, problems, c.code)
			continue
		}
		if text := problems[0].Error(); !strings.Contains(text, c.names) || problems[0].Args["field"] == "" {
			t.Errorf("%+v: %q does not name %q, or its field", c.s, text, c.names)
		}
		if _, err := c.s.Calendar(); fault.CodeOf(err) != c.code {
			t.Errorf("%+v: Calendar: %v", c.s, err)
		}
	}
	all := Schedule{Every: "x", At: "y", Cron: "z", Zone: "w", Missed: "v"}.Validate()
	if len(all) != 4 {
		t.Errorf("a schedule with four mistakes shows %d: %v", len(all), all)
	}
}

func TestScheduleKeepsItsFlowFileForm(t *testing.T) {
	const text = `{"every":"day","at":"06:00","zone":"Asia/Seoul","missed":"last"}`
	var s Schedule
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		t.Fatal(err)
	}
	if s != (Schedule{Every: Day, At: "06:00", Zone: "Asia/Seoul", Missed: MissedLast}) || len(s.Validate()) != 0 {
		t.Errorf("read as %+v with %v", s, s.Validate())
	}
	if back, err := json.Marshal(s); err != nil || string(back) != text {
		t.Errorf("written as %s, %v", back, err)
	}
}

func TestZoneListLoads(t *testing.T) {
	if !slices.IsSorted(zoneNames()) || len(zoneNames()) < 400 {
		t.Errorf("%d names, sorted %v", len(zoneNames()), slices.IsSorted(zoneNames()))
	}
	for _, name := range []string{zoneNames()[0], "Asia/Seoul", zoneNames()[len(zoneNames())-1]} {
		if _, err := time.LoadLocation(name); err != nil {
			t.Error(err)
		}
	}
}

// Worked out by hand, as the table of TestSlotIntervals.
func TestWhenSlotsFire(t *testing.T) {
	for _, c := range []struct {
		s         Schedule
		key, want string
	}{
		{Schedule{Every: Day, At: "06:00", Zone: "Asia/Seoul"}, "2026-11-21", "2026-11-21T21:00:00Z"},
		{Schedule{Every: Day, Zone: "Asia/Seoul"}, "2026-11-21", "2026-11-21T15:00:00Z"},
		{Schedule{Every: Week, At: "06:00", Zone: "Asia/Seoul"}, "2026-W47", "2026-11-22T21:00:00Z"},
		{Schedule{Every: Month, At: "06:00", Zone: "Asia/Seoul"}, "2026-11", "2026-11-30T21:00:00Z"},
		{Schedule{Every: Hour, At: "15", Zone: "Asia/Kathmandu"}, "2026-11-21T05+05:45", "2026-11-21T00:30:00Z"},
		// 02:30 does not exist on 8 March: 03:00 EDT. 01:30 occurs twice on 1 November: EDT.
		{Schedule{Every: Day, At: "02:30", Zone: "America/New_York"}, "2026-03-07", "2026-03-08T07:00:00Z"},
		{Schedule{Every: Day, At: "01:30", Zone: "America/New_York"}, "2026-10-31", "2026-11-01T05:30:00Z"},
		{Schedule{Every: Day, Cron: "30 2 * * *", Zone: "America/New_York"}, "2026-03-07", "2026-03-08T07:00:00Z"},
		{Schedule{Every: Day, Cron: "30 1 * * *", Zone: "America/New_York"}, "2026-10-31", "2026-11-01T05:30:00Z"},
		{Schedule{Every: Hour, At: "15", Zone: "America/New_York"}, "2026-11-01T01-04:00", "2026-11-01T06:15:00Z"},
		{Schedule{Every: Hour, At: "15", Zone: "America/New_York"}, "2026-11-01T01-05:00", "2026-11-01T07:15:00Z"},
		// An hour that occurs twice makes two slots, and cron fires both.
		{Schedule{Every: Hour, Cron: "15 * * * *", Zone: "America/New_York"}, "2026-11-01T00-04:00", "2026-11-01T05:15:00Z"},
		{Schedule{Every: Hour, Cron: "15 * * * *", Zone: "America/New_York"}, "2026-11-01T01-04:00", "2026-11-01T06:15:00Z"},
		{Schedule{Every: Hour, Cron: "15 * * * *", Zone: "America/New_York"}, "2026-11-01T01-05:00", "2026-11-01T07:15:00Z"},
		// Midnight and the half hour past it do not exist on 15 October 2017.
		{Schedule{Every: Day, At: "00:00", Zone: "America/Sao_Paulo"}, "2017-10-14", "2017-10-15T03:00:00Z"},
		{Schedule{Every: Day, Cron: "30 0 * * *", Zone: "America/Sao_Paulo"}, "2017-10-14", "2017-10-15T03:00:00Z"},
		// The day after the 29th was the 31st.
		{Schedule{Every: Day, At: "06:00", Zone: "Pacific/Apia"}, "2011-12-29", "2011-12-30T16:00:00Z"},
		// Friday, Saturday and Sunday fire together on Monday; six fields have seconds.
		{Schedule{Every: Day, Cron: "0 9 * * mon-fri", Zone: "UTC"}, "2026-11-20", "2026-11-23T09:00:00Z"},
		{Schedule{Every: Day, Cron: "0 9 * * mon-fri", Zone: "UTC"}, "2026-11-22", "2026-11-23T09:00:00Z"},
		{Schedule{Every: Day, Cron: "20 10 9 ? * 1-5", Zone: "UTC"}, "2026-11-20", "2026-11-23T09:10:20Z"},
		// 2100 is no leap year.
		{Schedule{Every: Month, Cron: "0 0 29 2 *", Zone: "UTC"}, "2096-02", "2104-02-29T00:00:00Z"},
	} {
		cal := calendar(t, c.s)
		s, err := cal.Parse(c.key)
		if err != nil {
			t.Error(err)
			continue
		}
		if got := cal.Due(s).UTC().Format(time.RFC3339); got != c.want {
			t.Errorf("%+v: %s is due at %s, want %s", c.s, c.key, got, c.want)
		}
	}
}

func TestLastCompleteAndDue(t *testing.T) {
	cal := calendar(t, Schedule{Every: Day, At: "06:00", Zone: "Asia/Seoul"})
	now := instant(t, "2026-11-21T16:00:00Z") // 01:00 on the 22nd
	if got := cal.LastComplete(now).Key(); got != "2026-11-21" {
		t.Errorf("LastComplete = %s", got)
	}
	if got := cal.LastDue(now).Key(); got != "2026-11-20" {
		t.Errorf("LastDue = %s", got)
	}
	if s, at := cal.NextDue(now); s.Key() != "2026-11-21" || !at.Equal(instant(t, "2026-11-21T21:00:00Z")) {
		t.Errorf("NextDue = %s at %v", s, at)
	}
	week := now.AddDate(0, 0, 7)
	if r := cal.DueBetween(now, week); r.Count() != 7 || r.First.Key() != "2026-11-21" || r.Last.Key() != "2026-11-27" {
		t.Errorf("DueBetween = %s to %s", r.First, r.Last)
	}
	if !cal.DueBetween(week, now).Empty() || !cal.DueBetween(now, now).Empty() {
		t.Error("slots fall due in no time")
	}
	// Hours that wait for a yearly cron are found without walking them all.
	yearly := calendar(t, Schedule{Every: Hour, Cron: "0 0 1 1 *", Zone: "UTC"})
	if got := yearly.LastDue(now).Key(); got != "2025-12-31T23+00:00" {
		t.Errorf("LastDue of a yearly cron = %s", got)
	}
}
