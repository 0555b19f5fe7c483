package runs

import (
	"math/rand/v2"
	"testing"
	"time"
)

func instant(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func keys(r SlotRange) string {
	text := ""
	for s := range r.All() {
		text += s.Key() + " "
	}
	return text
}

func TestMissedSlotsFollowThePolicy(t *testing.T) {
	// Fires at 06:00 in Seoul, 21:00 UTC of the day itself. Enabled on the 15th;
	// the slot of the 16th was handled, then the server was down.
	for _, c := range []struct {
		name, missed, now, fire, passed, handled string
	}{
		{"three missed, last", "", "2026-11-20T03:00:00Z", "2026-11-19 ", "2026-11-17 2026-11-18 ", "2026-11-19"},
		{"three missed, all", "all", "2026-11-20T03:00:00Z", "2026-11-17 2026-11-18 2026-11-19 ", "", "2026-11-19"},
		{"three missed, none", "none", "2026-11-20T03:00:00Z", "", "2026-11-17 2026-11-18 2026-11-19 ", "2026-11-19"},
		{"on time after two missed, last", "last", "2026-11-19T21:00:30Z", "2026-11-19 ", "2026-11-17 2026-11-18 ", "2026-11-19"},
		{"on time after two missed, none", "none", "2026-11-19T21:00:30Z", "2026-11-19 ", "2026-11-17 2026-11-18 ", "2026-11-19"},
		{"grace is included", "none", "2026-11-19T21:01:00Z", "2026-11-19 ", "2026-11-17 2026-11-18 ", "2026-11-19"},
		{"a moment past grace", "none", "2026-11-19T21:01:00.000000001Z", "", "2026-11-17 2026-11-18 2026-11-19 ", "2026-11-19"},
		{"on time, to the second", "none", "2026-11-17T21:00:00Z", "2026-11-17 ", "", "2026-11-17"},
		{"a second early", "all", "2026-11-17T20:59:59Z", "", "", "2026-11-16"},
	} {
		cal := calendar(t, Schedule{Every: Day, At: "06:00", Zone: "Asia/Seoul", Missed: MissedPolicy(c.missed)})
		handled, err := cal.Parse("2026-11-16")
		if err != nil {
			t.Fatal(err)
		}
		mark := Mark{Enabled: instant(t, "2026-11-15T10:00:00Z"), Handled: handled, Seen: instant(t, "2026-11-16T21:00:00Z")}
		l := cal.Look(mark, instant(t, c.now), time.Minute)
		if got := keys(l.Fire); got != c.fire {
			t.Errorf("%s: fires %q, want %q", c.name, got, c.fire)
		}
		if got := keys(l.PassedOver); got != c.passed {
			t.Errorf("%s: passes over %q, want %q", c.name, got, c.passed)
		}
		if l.Mark.Handled.Key() != c.handled || l.SetBack != 0 || !l.Mark.Seen.Equal(instant(t, c.now)) {
			t.Errorf("%s: mark %+v, set back %v", c.name, l.Mark, l.SetBack)
		}
	}
}

func TestEnablingDoesNotStartThePast(t *testing.T) {
	cal := calendar(t, Schedule{Every: Day, At: "06:00", Zone: "Asia/Seoul", Missed: "all"})
	enabled := instant(t, "2026-11-21T20:00:00Z") // 05:00 in Seoul, an hour before the slot fires
	if l := cal.Look(Mark{Enabled: enabled}, enabled, time.Minute); !l.Fire.Empty() || !l.PassedOver.Empty() {
		t.Errorf("at once fires %q", keys(l.Fire))
	}
	if l := cal.Look(Mark{Enabled: enabled}, enabled.Add(time.Hour), time.Minute); keys(l.Fire) != "2026-11-21 " {
		t.Errorf("an hour later fires %q", keys(l.Fire))
	}
	if l := cal.Look(Mark{}, enabled, time.Minute); !l.Fire.Empty() || !l.PassedOver.Empty() || !l.Mark.Handled.IsZero() {
		t.Errorf("a flow that is not enabled fires %d slots", l.Fire.Count())
	}
	if got := keys(cal.CatchUp(enabled, 3)); got != "2026-11-18 2026-11-19 2026-11-20 " {
		t.Errorf("CatchUp(3) = %q", got)
	}
	if !cal.CatchUp(enabled, 0).Empty() || !cal.CatchUp(enabled, -1).Empty() {
		t.Error("catch-up of no slot is not empty")
	}
	if r := cal.CatchUp(enabled, 1_000_000); r.First.Key() != "1900-01-01" {
		t.Errorf("catch-up without end begins at %s", r.First)
	}
}

func TestAChangedScheduleGoesOnWhereTheOldOneStopped(t *testing.T) {
	for _, c := range []struct {
		was   Schedule
		key   string
		is    Schedule
		now   string
		fires string
	}{
		{Schedule{Every: Day, Zone: "Asia/Seoul"}, "2026-11-20", Schedule{Every: Hour, At: "5", Zone: "Asia/Seoul"},
			"2026-11-20T17:05:00Z", "2026-11-21T00+09:00 2026-11-21T01+09:00 "},
		{Schedule{Every: Day, Zone: "Asia/Seoul"}, "2026-11-20", Schedule{Every: Day, Zone: "UTC"},
			"2026-11-22T00:00:00Z", "2026-11-21 "},
		{Schedule{Every: Day, Zone: "UTC"}, "2026-11-20", Schedule{Every: Day, Zone: "Asia/Seoul"},
			"2026-11-22T15:00:00Z", "2026-11-21 2026-11-22 "},
		{Schedule{Every: Day, Zone: "UTC"}, "2026-11-20", Schedule{Every: Month, Zone: "UTC"},
			"2026-12-01T00:00:00Z", "2026-11 "},
	} {
		c.is.Missed = MissedAll
		handled, err := calendar(t, c.was).Parse(c.key)
		if err != nil {
			t.Fatal(err)
		}
		m := Mark{Enabled: instant(t, "2026-11-19T10:00:00Z"), Handled: handled}
		if got := keys(calendar(t, c.is).Look(m, instant(t, c.now), time.Minute).Fire); got != c.fires {
			t.Errorf("%+v to %+v: fires %q, want %q", c.was, c.is, got, c.fires)
		}
	}
}

// TestNoSlotFiresTwiceWhateverTheClockDoes lets the clock run, stop and jump
// both ways and keeps a record of every slot given out.
func TestNoSlotFiresTwiceWhateverTheClockDoes(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for _, policy := range []MissedPolicy{MissedLast, MissedAll, MissedNone} {
		for _, name := range []string{"Asia/Seoul", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"} {
			for _, every := range []Every{Hour, Day} {
				cal := calendar(t, Schedule{Every: every, Zone: name, Missed: policy})
				now := instant(t, "2011-12-20T00:00:00Z").Add(time.Duration(r.IntN(1e6)) * time.Second)
				m := Mark{Enabled: now, Seen: now}
				given, high := Slot{}, now
				first := cal.LastDue(now).Next()
				total := 0
				for range 150 {
					switch r.IntN(10) {
					case 0:
						now = now.Add(-time.Duration(r.IntN(200)) * time.Hour)
					case 1:
						now = now.Add(time.Duration(r.IntN(200)) * time.Hour)
					default:
						now = now.Add(time.Duration(r.IntN(60)) * time.Minute)
					}
					l := cal.Look(m, now, 30*time.Second)
					if back := max(high.Sub(now), 0); l.SetBack != back {
						t.Fatalf("%s %s: set back by %v, reported %v", name, every, back, l.SetBack)
					}
					if now.After(high) {
						high = now
					}
					for _, part := range []SlotRange{l.PassedOver, l.Fire} {
						for s := range part.All() {
							if s.Compare(given) <= 0 || cal.Due(s).After(now) {
								t.Fatalf("%s: %s given at %v, after %s", name, s, now, given)
							}
							given = s
							total++
						}
					}
					m = l.Mark
				}
				// Nothing is lost either: each slot was fired or passed over.
				if due := rangeOf(first, cal.LastDue(high)).Count(); due != total {
					t.Fatalf("%s %s %s: %d slots came due, %d were given", name, every, policy, due, total)
				}
			}
		}
	}
}
