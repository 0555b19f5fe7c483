package runs

import (
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/fault"
)

// The instants of these tables were worked out by hand from the offsets that
// the zones' laws set, not by the code under test.
func TestSlotIntervals(t *testing.T) {
	for _, c := range []struct {
		zone       string
		every      Every
		key        string
		start, end string // UTC
		date       string
	}{
		{"Asia/Seoul", Day, "2026-11-21", "2026-11-20T15:00:00Z", "2026-11-21T15:00:00Z", "2026-11-21"},
		{"Asia/Seoul", Hour, "2026-11-21T05+09:00", "2026-11-20T20:00:00Z", "2026-11-20T21:00:00Z", "2026-11-21"},
		{"Asia/Seoul", Week, "2026-W47", "2026-11-15T15:00:00Z", "2026-11-22T15:00:00Z", "2026-11-16"},
		{"Asia/Seoul", Month, "2026-11", "2026-10-31T15:00:00Z", "2026-11-30T15:00:00Z", "2026-11-01"},
		{"UTC", Week, "2020-W53", "2020-12-28T00:00:00Z", "2021-01-04T00:00:00Z", "2020-12-28"},
		{"UTC", Day, "2024-02-29", "2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z", "2024-02-29"},
		{"Asia/Kathmandu", Hour, "2026-11-21T05+05:45", "2026-11-20T23:15:00Z", "2026-11-21T00:15:00Z", "2026-11-21"},
		// Clocks forward at 02:00, back at 02:00.
		{"America/New_York", Day, "2026-03-08", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z", "2026-03-08"},
		{"America/New_York", Day, "2026-11-01", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z", "2026-11-01"},
		{"America/New_York", Hour, "2026-11-01T01-04:00", "2026-11-01T05:00:00Z", "2026-11-01T06:00:00Z", "2026-11-01"},
		{"America/New_York", Hour, "2026-11-01T01-05:00", "2026-11-01T06:00:00Z", "2026-11-01T07:00:00Z", "2026-11-01"},
		{"Europe/London", Month, "2026-03", "2026-03-01T00:00:00Z", "2026-03-31T23:00:00Z", "2026-03-01"},
		// Half an hour back at 02:00.
		{"Australia/Lord_Howe", Hour, "2026-04-05T01+11:00", "2026-04-04T14:00:00Z", "2026-04-04T15:00:00Z", "2026-04-05"},
		{"Australia/Lord_Howe", Hour, "2026-04-05T01+10:30", "2026-04-04T15:00:00Z", "2026-04-04T15:30:00Z", "2026-04-05"},
		// Midnight does not exist.
		{"America/Sao_Paulo", Day, "2017-10-14", "2017-10-14T03:00:00Z", "2017-10-15T03:00:00Z", "2017-10-14"},
		{"America/Sao_Paulo", Day, "2017-10-15", "2017-10-15T03:00:00Z", "2017-10-16T02:00:00Z", "2017-10-15"},
		{"Africa/Cairo", Day, "2023-04-28", "2023-04-27T22:00:00Z", "2023-04-28T21:00:00Z", "2023-04-28"},
		// Midnight of the next day is reached, and the hour before it repeated.
		{"Africa/Cairo", Day, "2023-10-26", "2023-10-25T21:00:00Z", "2023-10-26T22:00:00Z", "2023-10-26"},
		// Back a minute past midnight: the first midnight counts.
		{"America/St_Johns", Day, "2010-11-06", "2010-11-06T02:30:00Z", "2010-11-07T02:30:00Z", "2010-11-06"},
		{"America/St_Johns", Day, "2010-11-07", "2010-11-07T02:30:00Z", "2010-11-08T03:30:00Z", "2010-11-07"},
		// 30 December 2011 was left out.
		{"Pacific/Apia", Day, "2011-12-29", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z", "2011-12-29"},
		{"Pacific/Apia", Day, "2011-12-31", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z", "2011-12-31"},
		// The last day of a leap year that only the rule describes.
		{"America/New_York", Day, "2040-12-31", "2040-12-31T05:00:00Z", "2041-01-01T05:00:00Z", "2040-12-31"},
	} {
		s, err := ParseSlot(c.every, c.key, zone(t, c.zone))
		if err != nil {
			t.Errorf("%s %s: %v", c.zone, c.key, err)
			continue
		}
		start, end := s.Interval()
		if got := start.UTC().Format(time.RFC3339); got != c.start {
			t.Errorf("%s %s begins at %s, want %s", c.zone, c.key, got, c.start)
		}
		if got := end.UTC().Format(time.RFC3339); got != c.end {
			t.Errorf("%s %s ends at %s, want %s", c.zone, c.key, got, c.end)
		}
		if s.Key() != c.key || s.Date() != c.date {
			t.Errorf("%s %s: Key %q, Date %q, want date %q", c.zone, c.key, s.Key(), s.Date(), c.date)
		}
	}
}

func TestNextSkipsTheDayThatWasLeftOut(t *testing.T) {
	loc := zone(t, "Pacific/Apia")
	s, err := ParseSlot(Day, "2011-12-29", loc)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Next().Key(); got != "2011-12-31" {
		t.Errorf("after %s comes %s, want 2011-12-31", s, got)
	}
	if got := s.Next().Prev().Key(); got != "2011-12-29" {
		t.Errorf("before 2011-12-31 comes %s, want 2011-12-29", got)
	}
}

func TestParseSlotRefuses(t *testing.T) {
	for _, c := range []struct {
		zone  string
		every Every
		key   string
		code  string
		names string // stands in the text
	}{
		{"Asia/Seoul", Day, "2026-11-31", "slot_key_bad", "2026-11-21"},
		{"Asia/Seoul", Day, "2026-1-2", "slot_key_bad", "2026-11-21"},
		{"Asia/Seoul", Day, "2026-11", "slot_key_bad", "day"},
		{"Asia/Seoul", Day, "1899-12-31", "slot_key_bad", "1900"},
		{"Asia/Seoul", Day, "", "slot_key_bad", `""`},
		{"Asia/Seoul", Week, "2026-W54", "slot_key_bad", "2026-W47"},
		{"Asia/Seoul", Week, "2026-W00", "slot_key_bad", "2026-W47"},
		{"Asia/Seoul", Week, "2025-W53", "slot_key_bad", "2026-W47"},
		{"Asia/Seoul", Week, "2026-W+1", "slot_key_bad", "2026-W47"},
		{"Asia/Seoul", Month, "2026-13", "slot_key_bad", "2026-11"},
		{"Asia/Seoul", Hour, "2026-11-21T24+09:00", "slot_key_bad", "T05+09:00"},
		{"Asia/Seoul", Hour, "2026-11-21T05+09:60", "slot_key_bad", "T05+09:00"},
		{"Asia/Seoul", Hour, "2026-11-21T05+9", "slot_key_bad", "T05+09:00"},
		{"Asia/Seoul", "year", "2026", "slot_key_bad", "year"},
		{"Asia/Seoul", Hour, "2026-11-21T05+08:00", "slot_not_in_zone", "2026-11-21T05+09:00"},
		{"Pacific/Apia", Day, "2011-12-30", "slot_not_in_zone", "2011-12-31"},
		{"America/New_York", Hour, "2026-03-08T02-05:00", "slot_not_in_zone", "2026-03-08T03-04:00"},
		{"America/New_York", Hour, "2026-03-08T02", "slot_not_in_zone", "2026-03-08T03-04:00"},
		{"America/New_York", Hour, "2026-11-01T01", "slot_hour_twice", "2026-11-01T01-04:00 or 2026-11-01T01-05:00"},
	} {
		s, err := ParseSlot(c.every, c.key, zone(t, c.zone))
		if fault.CodeOf(err) != c.code || !s.IsZero() {
			t.Errorf("%s %q: %v, code %s, want %s", c.zone, c.key, err, fault.CodeOf(err), c.code)
			continue
		}
		if !strings.Contains(err.Error(), c.names) {
			t.Errorf("%s %q: %q does not name %q", c.zone, c.key, err, c.names)
		}
	}
}

func TestAnHourNeedsNoOffsetWhereItOccursOnce(t *testing.T) {
	for _, c := range []struct{ zone, key, want string }{
		{"Asia/Seoul", "2026-11-21T05", "2026-11-21T05+09:00"},
		{"America/New_York", "2026-11-01T02", "2026-11-01T02-05:00"},
		{"Europe/London", "2030-12-31T23", "2030-12-31T23+00:00"},
	} {
		s, err := ParseSlot(Hour, c.key, zone(t, c.zone))
		if err != nil || s.Key() != c.want {
			t.Errorf("%s %s = %q, %v, want %s", c.zone, c.key, s.Key(), err, c.want)
		}
	}
}

func TestSlotsThatHaveNotEndedAreRefused(t *testing.T) {
	loc := zone(t, "Asia/Seoul")
	now := time.Date(2026, 11, 21, 15, 0, 0, 0, time.UTC) // midnight in Seoul
	today := SlotAt(Day, now, loc)
	err := today.CheckEnded(now)
	if fault.CodeOf(err) != "slot_not_ended" || !strings.Contains(err.Error(), "2026-11-21") {
		t.Errorf("CheckEnded(%s) = %v", today, err)
	}
	if err := today.Prev().CheckEnded(now); err != nil {
		t.Errorf("CheckEnded at the very end = %v", err)
	}
}

func TestRangesRefuseWhatIsNoRange(t *testing.T) {
	seoul, utc := zone(t, "Asia/Seoul"), time.UTC
	now := time.Date(2026, 11, 21, 15, 0, 0, 0, time.UTC)
	day := SlotAt(Day, now, seoul)
	for _, c := range []struct {
		first, last Slot
		code        string
	}{
		{day, day.Prev(), "slot_range_backward"},
		{day, SlotAt(Hour, now, seoul), "slot_range_mixed"},
		{day, SlotAt(Day, now, utc), "slot_range_mixed"},
		{Slot{}, day, "slot_range_mixed"},
	} {
		if _, err := SlotsBetween(c.first, c.last); fault.CodeOf(err) != c.code {
			t.Errorf("%v to %v: %v, want %s", c.first, c.last, err, c.code)
		}
	}
	if r := (SlotRange{}); !r.Empty() || r.Count() != 0 {
		t.Error("the zero range is not empty")
	}
	// 2026-01-01 to 9999-12-31 has 2,912,443 days: 7,974 years of which 1,933 leap.
	first, _ := ParseSlot(Day, "2026-01-01", seoul)
	last, _ := ParseSlot(Day, "9999-12-31", seoul)
	if r, err := SlotsBetween(first, last); err != nil || r.Count() != 7974*365+1933 {
		t.Errorf("days to 9999 = %d, %v", r.Count(), err)
	}
}

func TestSlotsOrderAcrossKinds(t *testing.T) {
	now := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	month, day := SlotAt(Month, now, time.UTC), SlotAt(Day, now, time.UTC)
	if day.Compare(month) >= 0 || month.Compare(day) <= 0 {
		t.Error("of two slots that begin together the shorter is not first")
	}
	zero := Slot{}
	if zero.Compare(day) >= 0 || day.Compare(zero) <= 0 || zero.Compare(zero) != 0 || zero.Key() != "" || zero.Date() != "" {
		t.Error("the zero Slot is not before all others and nameless")
	}
}

func FuzzParseSlot(f *testing.F) {
	for _, key := range []string{"2026-11-21", "2026-11-21T05+09:00", "2026-W47", "2026-11", "2011-12-30",
		"2026-11-01T01", "1945-01-01T00-00:44:30", "9999-12-31", "9999-W52", "2026-W53", "2040-12-31T23"} {
		for i := range len(lengths) {
			f.Add(uint8(i), uint8(len(key)), key)
		}
	}
	var locs []*time.Location
	for _, name := range oddZones {
		locs = append(locs, zone(f, name))
	}
	f.Fuzz(func(t *testing.T, every, place uint8, key string) {
		s, err := ParseSlot(lengths[int(every)%len(lengths)], key, locs[int(place)%len(locs)])
		if err != nil {
			if fault.As(err) == nil || !s.IsZero() {
				t.Fatalf("%q: %v is no fault, or a slot came with it", key, err)
			}
			return
		}
		if s.Key() != key && (s.Every() != Hour || !strings.HasPrefix(s.Key(), key)) {
			t.Fatalf("%q reads as %q", key, s.Key())
		}
		if start, _ := s.Interval(); start.Year() < lastYear && start.Year() > firstYear {
			checkSlot(t, s)
		}
	})
}
