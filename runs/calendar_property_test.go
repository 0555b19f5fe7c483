package runs

import (
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"
	_ "time/tzdata" // the proofs must not depend on the machine's zone database
)

// Zones with every kind of oddity: half-hour and quarter offsets, half-hour and
// two-hour changes, changes at midnight and a minute past it, days left out,
// changes of offset without a change of season, offsets with seconds.
var oddZones = []string{
	"UTC", "Asia/Seoul", "Asia/Tokyo", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Tehran", "Asia/Kabul",
	"Asia/Pyongyang", "Asia/Gaza", "Asia/Amman", "Asia/Beirut", "Asia/Jerusalem", "Asia/Dhaka", "Asia/Damascus",
	"America/New_York", "America/Chicago", "America/Los_Angeles", "America/St_Johns", "America/Sao_Paulo",
	"America/Havana", "America/Asuncion", "America/Santiago", "America/Caracas", "America/Scoresbysund",
	"America/Nuuk", "Europe/London", "Europe/Berlin", "Europe/Dublin", "Europe/Moscow", "Europe/Istanbul",
	"Africa/Cairo", "Africa/Casablanca", "Africa/Monrovia", "Africa/Juba", "Antarctica/Troll",
	"Australia/Lord_Howe", "Australia/Eucla", "Australia/Sydney", "Pacific/Apia", "Pacific/Chatham",
	"Pacific/Kiritimati", "Pacific/Kwajalein", "Pacific/Norfolk", "Pacific/Tongatapu",
}

// provenZones returns the odd zones, or with WEIR_SOAK=1 every zone there is.
func provenZones() []string {
	if os.Getenv("WEIR_SOAK") == "1" {
		return zoneNames()
	}
	return oddZones
}

var lengths = []Every{Hour, Day, Week, Month}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// changes returns when the zone's offset changed since 1965 and will change by
// rule, with the last day of a leap year and a quiet day in November.
func changes(loc *time.Location) []time.Time {
	at := []time.Time{
		time.Date(2040, 12, 31, 6, 0, 0, 0, time.UTC),
		time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC),
	}
	until := time.Date(2042, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	for t := time.Date(1965, 1, 1, 0, 0, 0, 0, time.UTC).Unix(); ; {
		_, t = sameOffset(loc, t)
		if t >= until {
			return at
		}
		at = append(at, time.Unix(t, 0))
	}
}

// sampled picks n of the changes of a zone.
func sampled(r *rand.Rand, at []time.Time, n int) []time.Time {
	if len(at) <= n {
		return at
	}
	r.Shuffle(len(at), func(i, j int) { at[i], at[j] = at[j], at[i] })
	return at[:n]
}

func TestSlotsTileTimeInEveryZone(t *testing.T) {
	for _, name := range provenZones() {
		loc := zone(t, name)
		for _, change := range changes(loc) {
			for _, every := range lengths {
				for _, d := range []time.Duration{-90, -30, -1, 0, 1, 30, 59, 90} {
					at := change.Add(d * time.Minute)
					if s := SlotAt(every, at, loc); !s.Contains(at) {
						t.Fatalf("%s: %v is said to lie in %s, which it does not", name, at, s)
					}
				}
				// Hours are walked only near the change.
				from, steps := change.AddDate(0, 0, -2), 5
				if every == Hour {
					from, steps = change.Add(-30*time.Hour), 60
				}
				s := SlotAt(every, from, loc)
				for range steps {
					checkSlot(t, s)
					next := s.Next()
					if !s.End().Equal(next.Start()) {
						t.Fatalf("%s %s ends at %v but %s begins at %v", name, s, s.End(), next, next.Start())
					}
					if next.Prev() != s {
						t.Fatalf("%s: %s.Next().Prev() = %s", name, s, next.Prev())
					}
					if !s.Before(next) || next.Before(s) || s.Compare(s) != 0 {
						t.Fatalf("%s: %s and %s are not ordered", name, s, next)
					}
					s = next
				}
			}
		}
	}
}

// checkSlot checks what holds for a slot alone.
func checkSlot(t *testing.T, s Slot) {
	t.Helper()
	start, end := s.Interval()
	if !start.Before(end) {
		t.Fatalf("%s %s is empty: %v", s.Location(), s, start)
	}
	back, err := ParseSlot(s.Every(), s.Key(), s.Location())
	if err != nil || back != s {
		t.Fatalf("%s: key %q reads back as %q, %v", s.Location(), s.Key(), back, err)
	}
	for _, in := range []time.Time{start, start.Add(end.Sub(start) / 2), end.Add(-time.Nanosecond)} {
		if got := SlotAt(s.Every(), in, s.Location()); got != s || !s.Contains(in) {
			t.Fatalf("%s: %v lies in %s, not in %s", s.Location(), in, got, s)
		}
	}
	if s.Contains(end) || s.Contains(start.Add(-time.Nanosecond)) {
		t.Fatalf("%s: %s contains an instant outside of it", s.Location(), s)
	}
	if got := start.Format(time.DateOnly); got < s.Date() {
		t.Fatalf("%s: %s begins on %s, before its date %s", s.Location(), s, got, s.Date())
	}
}

func TestDueNeverBeforeTheEndAndAlwaysRising(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, name := range provenZones() {
		loc := zone(t, name)
		for _, change := range sampled(r, changes(loc), 12) {
			for _, sched := range []Schedule{
				{Every: Hour, At: "15"}, {Every: Hour}, {Every: Day, At: "02:30"}, {Every: Day, At: "00:00"},
				{Every: Day, At: "23:59"}, {Every: Week, At: "01:15"}, {Every: Month, At: "00:30"},
				{Every: Day, Cron: "30 1,2 * * *"}, {Every: Hour, Cron: "*/20 * * * *"}, {Every: Day, Cron: "0 9 * * mon-fri"},
			} {
				sched.Zone = name
				c := calendar(t, sched)
				s := c.SlotAt(change.Add(-50 * time.Hour))
				last := c.Due(s.Prev())
				steps := 5
				if sched.Every == Hour {
					steps = 100
				}
				for range steps {
					due := c.Due(s)
					if due.Before(s.End()) {
						t.Fatalf("%s %+v: %s is due at %v, before its end %v", name, sched, s, due, s.End())
					}
					if due.Before(last) || (sched.Cron == "" && due.Equal(last)) {
						t.Fatalf("%s %+v: %s is due at %v, its predecessor at %v", name, sched, s, due, last)
					}
					if got := c.LastDue(due); got.Before(s) || (sched.Cron == "" && got != s) {
						t.Fatalf("%s %+v: LastDue(%v) = %s, want %s", name, sched, due, got, s)
					}
					if got, at := c.NextDue(last); last.Before(due) && (got != s || !at.Equal(due)) {
						t.Fatalf("%s %+v: NextDue(%v) = %s at %v, want %s", name, sched, last, got, at, s)
					}
					last, s = due, s.Next()
				}
			}
		}
	}
}

// TestCronFiresWhereASearchBySecondsFinds compares fires with a walk over the
// instants themselves, minute by minute, around every kind of change.
func TestCronFiresWhereASearchBySecondsFinds(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	specs := []string{"30 2 * * *", "0 0 * * *", "*/15 1-3 * * *", "15 23 * * *", "45 * * * *", "1 0 * * *"}
	for _, name := range provenZones() {
		loc := zone(t, name)
		for _, change := range sampled(r, changes(loc), 8) {
			if change.Year() < 1973 {
				continue // Monrovia's seconds are no whole minutes
			}
			spec := specs[r.IntN(len(specs))]
			c, problem := parseCron(spec)
			if problem != nil {
				t.Fatal(problem)
			}
			for _, repeats := range []bool{false, true} {
				from := change.Unix() - int64(r.IntN(4*60))*60
				switch r.IntN(3) {
				case 0:
					from = change.Unix()
				case 1:
					from = change.Unix() - int64(r.IntN(15))*60
				}
				got, want := c.fires(loc, from, repeats), searchCron(c, loc, from, repeats)
				if got != want {
					t.Errorf("%s %q from %v (repeats %v): fires at %v, a search finds %v", name, spec,
						time.Unix(from, 0).In(loc), repeats, time.Unix(got, 0).In(loc), time.Unix(want, 0).In(loc))
				}
			}
		}
	}
}

// searchCron walks minute by minute: an instant fires when a matching reading
// lies after all that clocks showed before (or, with repeats, after what they
// showed a minute before) and not after what they show now, or when the
// instant's own reading matches and repeats are wanted.
func searchCron(c *cronSpec, loc *time.Location, from int64, repeats bool) int64 {
	high := wall(from - 2*secondsPerDay)
	for t := from - secondsPerDay; ; t += 60 {
		_, offset := time.Unix(t, 0).In(loc).Zone()
		now := wall(t + int64(offset))
		fired := false
		for w := high + 60; w <= now && t >= from; w += 60 {
			fired = fired || c.matches(w)
		}
		if repeats || now > high {
			high = now
		}
		if repeats {
			fired = fired || c.matches(now)
		}
		if fired && t >= from {
			return t
		}
	}
}

func (c *cronSpec) matches(w wall) bool {
	m, ok := c.match(w)
	return ok && m == w
}

func TestCountEqualsWalking(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, name := range provenZones() {
		loc := zone(t, name)
		for _, change := range append(sampled(r, changes(loc), 6), time.Date(2011, 12, 28, 9, 0, 0, 0, time.UTC)) {
			for _, every := range lengths {
				first := SlotAt(every, change.Add(-time.Duration(r.IntN(200))*time.Hour), loc)
				last := SlotAt(every, change.Add(time.Duration(r.IntN(300))*time.Hour), loc)
				if last.Before(first) {
					first, last = last, first
				}
				rg, err := SlotsBetween(first, last)
				if err != nil {
					t.Fatal(err)
				}
				all := slices.Collect(rg.All())
				if len(all) != rg.Count() {
					t.Fatalf("%s %s to %s: Count = %d, All yields %d", name, first, last, rg.Count(), len(all))
				}
				if all[0] != first || all[len(all)-1] != last {
					t.Fatalf("%s: range %s to %s yields %s to %s", name, first, last, all[0], all[len(all)-1])
				}
			}
		}
	}
}

func calendar(t testing.TB, s Schedule) *Calendar {
	t.Helper()
	c, err := s.Calendar()
	if err != nil {
		t.Fatalf("%+v: %v", s, err)
	}
	return c
}
