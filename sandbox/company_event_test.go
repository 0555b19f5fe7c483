package sandbox

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"
	"time"
)

// dates lists days from first to last, by the calendar.
func dates(first, last string) []string {
	a, err := time.Parse(time.DateOnly, first)
	b, err2 := time.Parse(time.DateOnly, last)
	if err != nil || err2 != nil {
		panic("bad date")
	}
	var all []string
	for ; !a.After(b); a = a.AddDate(0, 0, 1) {
		all = append(all, a.Format(time.DateOnly))
	}
	return all
}

func eventsOn(t testing.TB, c *Company, date string) []Event {
	t.Helper()
	var all []Event
	if err := c.Events(date, func(e Event) bool { all = append(all, e); return true }); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestEventsAreAFunctionOfSeedAndDay(t *testing.T) {
	sum := func(c *Company, date string) string {
		h := sha256.New()
		for _, e := range eventsOn(t, c, date) {
			fmt.Fprintf(h, "%+v\n", e)
		}
		return fmt.Sprintf("%x", h.Sum(nil)[:8])
	}
	one := sum(NewCompany(7, day, 500, 200), "2025-02-20")
	if again := sum(NewCompany(7, day, 500, 200), "2025-02-20"); again != one {
		t.Errorf("the same seed and day gave %s and %s", one, again)
	}
	for what, other := range map[string]string{
		"seed":   sum(NewCompany(8, day, 500, 200), "2025-02-20"),
		"date":   sum(NewCompany(7, day, 500, 200), "2025-02-21"),
		"number": sum(NewCompany(7, day, 500, 200).WithEvents(5000), "2025-02-20"),
	} {
		if other == one {
			t.Errorf("another %s gave the same events", what)
		}
	}
}

// TestEventsFitTheDocuments checks events against the users and meetings that
// Firestore serves.
func TestEventsFitTheDocuments(t *testing.T) {
	c := NewCompany(3, day, 1200, 600)
	users := map[string]User{}
	for i := range c.Users() {
		u := c.User(i)
		users[u.UID] = u
	}
	type part struct{ name, meeting, uid string }
	want := map[part]int{}
	from, to := time.Date(2025, 1, 31, 15, 0, 0, 0, time.UTC), time.Date(2025, 2, 28, 15, 0, 0, 0, time.UTC)
	within := func(at time.Time) bool { return !at.Before(from) && at.Before(to) }
	for i := range c.Meetings() {
		m := c.Meeting(i)
		for j, uid := range m.Participants {
			if m.Status == "cancelled" || m.Status == "no_show" && j > 0 || users[uid].CreatedAt.After(m.StartedAt) {
				continue
			}
			came := m.StartedAt.Add(time.Duration(j) * 7300 * time.Millisecond)
			if j > 0 && !came.Before(m.EndedAt) {
				continue
			}
			if within(came) {
				want[part{"meeting_start", m.ID, uid}]++
			}
			if m.Status == "done" && within(m.EndedAt) {
				want[part{"meeting_end", m.ID, uid}]++
			}
		}
	}
	got := map[part]int{}
	n := map[string]int{}
	signedUp := map[string]time.Time{}
	for _, date := range dates("2025-02-01", "2025-02-28") {
		for _, e := range eventsOn(t, c, date) {
			if local := e.Time.In(zone).Format(time.DateOnly); local != date {
				t.Fatalf("%s has an event of %s: %+v", date, local, e)
			}
			n["all"]++
			n[e.Name]++
			u, known := users[e.UID]
			switch {
			case e.UID == "":
				n["logged out"]++
				if e.Plan != "" {
					t.Fatalf("logged out with a plan: %+v", e)
				}
			case !known:
				n["left"]++
			case e.Time.Before(u.CreatedAt):
				t.Fatalf("an event before its user: %+v, %v", e, u.CreatedAt)
			case e.Plan != u.Plan:
				t.Fatalf("plan %s of %+v", u.Plan, e)
			}
			if known && e.Name == "sign_up" {
				signedUp[e.UID] = e.Time
			}
			if known && e.Name == "login" && e.Time.After(u.LastLogin) && e.Time.Before(c.Day()) {
				t.Fatalf("a login after the last, %v: %+v", u.LastLogin, e)
			}
			if e.MeetingID != "" {
				got[part{e.Name, e.MeetingID, e.UID}]++
			}
		}
	}
	if !maps.Equal(got, want) || len(want) == 0 {
		t.Errorf("%d comings and goings, want %d", len(got), len(want))
	}
	for uid, u := range users {
		if within(u.CreatedAt) != !signedUp[uid].IsZero() || !signedUp[uid].IsZero() && !signedUp[uid].Equal(u.CreatedAt) {
			t.Errorf("%s was made at %v and signed up at %v", uid, u.CreatedAt, signedUp[uid])
		}
	}
	for _, name := range append(slices.Clone(eventNames), "logged out", "left") {
		if n[name] == 0 {
			t.Errorf("no %s", name)
		}
	}
	if share := float64(n["logged out"]) / float64(n["all"]); share < 0.01 || share > 0.06 {
		t.Errorf("%.3f logged out", share)
	}
}

// TestAsManyEventsAsAskedFor allows the days of a week to differ by a third.
func TestAsManyEventsAsAskedFor(t *testing.T) {
	for _, want := range []int{1000, 4000, 30000} {
		c := NewCompany(5, day, 1000, 0).WithEvents(want)
		total := 0
		week := dates("2025-02-22", "2025-02-28")
		for _, date := range week {
			total += len(eventsOn(t, c, date))
		}
		if mean := float64(total) / float64(len(week)); math.Abs(mean/float64(want)-1) > 0.35 {
			t.Errorf("%.0f events a day, want about %d", mean, want)
		}
	}
	if n := len(eventsOn(t, NewCompany(5, day, 100, 50).WithEvents(-1), "2025-02-20")); n != 0 {
		t.Errorf("%d events of a company without any", n)
	}
	if n := NewCompany(0, day, defaultUsers, 0).EventsPerDay(); n != defaultEvents {
		t.Errorf("%d events a day, want %d", n, defaultEvents)
	}
}

// TestHabitsMakeAnAnswer asks the project's question of two months of events.
func TestHabitsMakeAnAnswer(t *testing.T) {
	c := NewCompany(0, day, 2000, 400)
	active := func(from, to string) map[string]int {
		days := map[string]int{}
		for _, date := range dates(from, to) {
			today := map[string]bool{}
			for _, e := range eventsOn(t, c, date) {
				today[e.UID] = true
			}
			for uid := range today {
				days[uid]++
			}
		}
		delete(days, "")
		return days
	}
	first, second := active("2025-01-01", "2025-01-31"), active("2025-02-01", "2025-02-28")
	var loyal, others, loyalBack, othersBack float64
	for uid, n := range first {
		back := 0.0
		if second[uid] > 0 {
			back = 1
		}
		if n >= 3 {
			loyal, loyalBack = loyal+1, loyalBack+back
		} else {
			others, othersBack = others+1, othersBack+back
		}
	}
	t.Logf("of %.0f users active on 3 days or more %.1f %% came back; of %.0f others %.1f %%",
		loyal, 100*loyalBack/loyal, others, 100*othersBack/others)
	if loyal < 200 || others < 200 {
		t.Fatalf("%.0f and %.0f users are too few to ask", loyal, others)
	}
	if a, b := loyalBack/loyal, othersBack/others; a < b+0.1 || a > 0.99 || b < 0.1 {
		t.Errorf("%.2f came back against %.2f", a, b)
	}
}

func TestMonthNumber(t *testing.T) {
	for d := int32(0); d < 40000; d++ {
		at := dateOf(d)
		if want := int32((at.Year()-1970)*12 + int(at.Month()) - 1); monthNumber(d) != want {
			t.Fatalf("%s is in month %d, want %d", at, monthNumber(d), want)
		}
	}
}

func BenchmarkEvents(b *testing.B) {
	c := NewCompany(0, day, defaultUsers, defaultMeetings).WithEvents(1e6)
	date, err := dayOf("2025-02-20")
	if err != nil {
		b.Fatal(err)
	}
	c.whoIsWho()
	n := 0
	for b.Loop() {
		c.eventsOf(date, func(*event) bool { n++; return true })
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(n)/float64(b.N), "events")
}
