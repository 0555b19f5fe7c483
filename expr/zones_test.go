package expr

import (
	"testing"
	"time"
)

// What a local time is in a zone whose clocks change then, and what a date moved
// over such a change becomes.
func TestChangesOfClocks(t *testing.T) {
	const iso = "yyyy-MM-dd HH:mm:ss"
	for _, c := range []struct{ zone, local, move, utc, written string }{
		// Spring: the hour from 02:00 does not exist and moves on by it.
		{"America/New_York", "2026-03-08 01:59:59", "", "2026-03-08T06:59:59Z", "2026-03-08 01:59:59 -0500 EST"},
		{"America/New_York", "2026-03-08 02:00:00", "", "2026-03-08T07:00:00Z", "2026-03-08 03:00:00 -0400 EDT"},
		{"America/New_York", "2026-03-08 02:59:59", "", "2026-03-08T07:59:59Z", "2026-03-08 03:59:59 -0400 EDT"},
		{"America/New_York", "2026-03-08 03:00:00", "", "2026-03-08T07:00:00Z", "2026-03-08 03:00:00 -0400 EDT"},
		{"Europe/Berlin", "2026-03-29 02:30:00", "", "2026-03-29T01:30:00Z", "2026-03-29 03:30:00 +0200 CEST"},
		// Half an hour on Lord Howe Island.
		{"Australia/Lord_Howe", "2026-10-04 02:15:00", "", "2026-10-03T15:45:00Z", "2026-10-04 02:45:00 +1100 +11:00"},
		// A whole day in Samoa.
		{"Pacific/Apia", "2011-12-30 12:00:00", "", "2011-12-30T22:00:00Z", "2011-12-31 12:00:00 +1400 +14:00"},
		{"Pacific/Apia", "2011-12-29 12:00:00", "", "2011-12-29T22:00:00Z", "2011-12-29 12:00:00 -1000 -10:00"},
		// Autumn: what happens twice is the first.
		{"America/New_York", "2026-11-01 00:59:59", "", "2026-11-01T04:59:59Z", "2026-11-01 00:59:59 -0400 EDT"},
		{"America/New_York", "2026-11-01 01:00:00", "", "2026-11-01T05:00:00Z", "2026-11-01 01:00:00 -0400 EDT"},
		{"America/New_York", "2026-11-01 02:00:00", "", "2026-11-01T07:00:00Z", "2026-11-01 02:00:00 -0500 EST"},
		{"Europe/London", "2026-10-25 01:30:00", "", "2026-10-25T00:30:00Z", "2026-10-25 01:30:00 +0100 BST"},
		// Zones without changes, east, west and by the half hour.
		{"Asia/Seoul", "2026-03-08 02:30:00", "", "2026-03-07T17:30:00Z", "2026-03-08 02:30:00 +0900 KST"},
		{"Asia/Kolkata", "2026-03-08 02:30:00", "", "2026-03-07T21:00:00Z", "2026-03-08 02:30:00 +0530 IST"},
		{"Asia/Kathmandu", "2026-03-08 02:30:00", "", "2026-03-07T20:45:00Z", "2026-03-08 02:30:00 +0545 +05:45"},
		{"-03:30", "2026-03-08 02:30:00", "", "2026-03-08T06:00:00Z", "2026-03-08 02:30:00 -0330 -03:30"},
		{"UTC", "2026-03-08 02:30:00", "", "2026-03-08T02:30:00Z", "2026-03-08 02:30:00 +0000 UTC"},
		// Moved by the calendar: the clock shows the same where it can.
		{"America/New_York", "2026-03-07 02:30:00", "plus 1 day", "2026-03-08T07:30:00Z", "2026-03-08 03:30:00 -0400 EDT"},
		{"America/New_York", "2026-03-07 12:00:00", "plus 1 day", "2026-03-08T16:00:00Z", "2026-03-08 12:00:00 -0400 EDT"},
		{"America/New_York", "2026-03-09 02:30:00", "minus 1 day", "2026-03-08T07:30:00Z", "2026-03-08 03:30:00 -0400 EDT"},
		{"America/New_York", "2026-10-31 01:30:00", "plus 1 day", "2026-11-01T05:30:00Z", "2026-11-01 01:30:00 -0400 EDT"},
		{"America/New_York", "2026-11-02 01:30:00", "minus 1 day", "2026-11-01T06:30:00Z", "2026-11-01 01:30:00 -0500 EST"},
		{"America/New_York", "2026-02-08 02:30:00", "plus 1 month", "2026-03-08T07:30:00Z", "2026-03-08 03:30:00 -0400 EDT"},
		// Moved by the clock: what elapses is what is asked.
		{"America/New_York", "2026-03-07 12:00:00", "plus 24 hours", "2026-03-08T17:00:00Z", "2026-03-08 13:00:00 -0400 EDT"},
		{"America/New_York", "2026-11-01 00:30:00", "plus 120 minutes", "2026-11-01T06:30:00Z", "2026-11-01 01:30:00 -0500 EST"},
		{"America/New_York", "2026-11-01 00:30:00", "plus 3600 seconds", "2026-11-01T05:30:00Z", "2026-11-01 01:30:00 -0400 EDT"},
		// A day that the month lacks becomes its last.
		{"Asia/Seoul", "2026-01-31 10:00:00", "plus 1 month", "2026-02-28T01:00:00Z", "2026-02-28 10:00:00 +0900 KST"},
		{"Asia/Seoul", "2024-01-31 10:00:00", "plus 1 month", "2024-02-29T01:00:00Z", "2024-02-29 10:00:00 +0900 KST"},
		{"Asia/Seoul", "2024-02-29 10:00:00", "plus 1 year", "2025-02-28T01:00:00Z", "2025-02-28 10:00:00 +0900 KST"},
		{"Asia/Seoul", "2026-03-31 10:00:00", "minus 1 month", "2026-02-28T01:00:00Z", "2026-02-28 10:00:00 +0900 KST"},
		{"Asia/Seoul", "2026-01-15 10:00:00", "minus 1 month", "2025-12-15T01:00:00Z", "2025-12-15 10:00:00 +0900 KST"},
		{"Asia/Seoul", "2025-12-31 23:59:59", "plus 2 weeks", "2026-01-14T14:59:59Z", "2026-01-14 23:59:59 +0900 KST"},
	} {
		zone, err := loadZone(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		l, err := compileLayout(iso)
		if err != nil {
			t.Fatal(err)
		}
		got, err := l.parseLenient(c.local, zone)
		if err != nil {
			t.Errorf("%s in %s: %v", c.local, c.zone, err)
			continue
		}
		exists := l.format(got.In(zone)) == c.local
		if l.exists(c.local, zone, true) != exists {
			t.Errorf("exists(%s in %s) = %v, but it is written back as %s", c.local, c.zone, !exists, l.format(got.In(zone)))
		}
		if c.move != "" {
			sign, by := int64(1), c.move[len("plus "):]
			if c.move[0] == 'm' {
				sign, by = -1, c.move[len("minus "):]
			}
			d, err := readDuration(by)
			if err != nil {
				t.Fatal(err)
			}
			got = d.add(got.In(zone), sign)
		}
		w, err := compileLayout("yyyy-MM-dd HH:mm:ss Z z")
		if err != nil {
			t.Fatal(err)
		}
		if utc, s := got.UTC().Format(time.RFC3339), w.format(got.In(zone)); utc != c.utc || s != c.written {
			t.Errorf("%s in %s, %s: %s, %s; want %s, %s", c.local, c.zone, c.move, utc, s, c.utc, c.written)
		}
	}
}
