package bigquery

import (
	"testing"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/record"
	"github.com/weirflow/weir/runs"
)

// runOf returns a run of a slot.
func runOf(t testing.TB, every runs.Every, key, zone string) flowfile.Run {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	s, err := runs.ParseSlot(every, key, loc)
	if err != nil {
		t.Fatal(err)
	}
	from, to := s.Interval()
	return flowfile.Run{Number: 1, Flow: "calback-daily", Slot: s.Key(), Date: s.Date(), Start: from, End: to, Zone: zone, Generation: 1}
}

func TestPartitionOfSlots(t *testing.T) {
	for _, c := range []struct {
		every     runs.Every
		key, zone string
		column    string
		kind      record.Kind
		id, unit  string
		code      string
	}{
		{runs.Day, "2026-11-20", "Asia/Seoul", ingestion, record.KindNull, "20261120", "DAY", ""},
		{runs.Day, "2026-11-20", "Asia/Seoul", "dt", record.KindDate, "20261120", "DAY", ""},
		{runs.Day, "2026-11-20", "America/New_York", "dt", record.KindDate, "20261120", "DAY", ""},
		{runs.Day, "2026-11-20", "UTC", "at", record.KindTimestamp, "20261120", "DAY", ""},
		{runs.Day, "2026-11-20", "Asia/Seoul", "at", record.KindTimestamp, "20261120", "DAY", "bigquery_partition_zone"},
		{runs.Day, "2026-11-20", "Asia/Seoul", "dt", record.KindString, "20261120", "DAY", "bigquery_partition_type"},
		{runs.Month, "2026-02", "Asia/Seoul", "dt", record.KindDate, "202602", "MONTH", ""},
		{runs.Month, "2026-02", "UTC", "at", record.KindTimestamp, "202602", "MONTH", ""},
		{runs.Hour, "2026-11-20T05+09:00", "Asia/Seoul", "at", record.KindTimestamp, "2026111920", "HOUR", ""},
		{runs.Hour, "2026-11-20T05+09:00", "Asia/Seoul", ingestion, record.KindNull, "2026111920", "HOUR", ""},
		{runs.Hour, "2026-11-20T05+09:00", "Asia/Seoul", "dt", record.KindDate, "2026111920", "HOUR", "bigquery_partition_hour"},
		{runs.Hour, "2026-11-20T05+05:30", "Asia/Kolkata", "at", record.KindTimestamp, "2026111923", "HOUR", "bigquery_partition_zone"},
		{runs.Week, "2026-W47", "Asia/Seoul", "dt", record.KindDate, "", "", "bigquery_slot_unfit"},
	} {
		p, err := partitionOf(runOf(t, c.every, c.key, c.zone), c.column)
		if err == nil {
			err = p.fits(c.kind)
		}
		if p.id != c.id || p.unit != c.unit || fault.CodeOf(err) != c.code {
			t.Errorf("%s in %s by %s: partition %q of %q, error %v; want %q of %q, code %q", c.key, c.zone, c.column, p.id, p.unit, err, c.id, c.unit, c.code)
		}
	}
	if _, err := partitionOf(flowfile.Run{}, ingestion); fault.CodeOf(err) != "bigquery_no_slot" {
		t.Errorf("without a run: %v", err)
	}
}

func TestHoursOfALongDayHavePartitionsOfTheirOwn(t *testing.T) {
	// The hour from 1 to 2 comes twice when New York sets its clocks back.
	seen := map[string]string{}
	for _, key := range []string{"2026-11-01T00-04:00", "2026-11-01T01-04:00", "2026-11-01T01-05:00", "2026-11-01T02-05:00"} {
		p, err := partitionOf(runOf(t, runs.Hour, key, "America/New_York"), ingestion)
		if err != nil {
			t.Fatal(err)
		}
		if other, ok := seen[p.id]; ok {
			t.Errorf("slots %s and %s share the partition %s", other, key, p.id)
		}
		seen[p.id] = key
	}
}

// TestHoursThatShareAPartitionAreRefused goes through all hours of a year in a
// zone that sets its clocks by half an hour, and in others that do not.
func TestHoursThatShareAPartitionAreRefused(t *testing.T) {
	for _, c := range []struct {
		zone    string
		refused int
	}{{"Australia/Lord_Howe", 2}, {"Asia/Kolkata", 0}, {"America/St_Johns", 0}, {"Asia/Seoul", 0}} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string][]string{}
		refused := map[string]bool{}
		for s := runs.SlotAt(runs.Hour, time.Date(2026, 1, 1, 0, 0, 0, 0, zone), zone); s.Start().Year() == 2026; s = s.Next() {
			p, err := partitionOf(runOf(t, runs.Hour, s.Key(), c.zone), ingestion)
			if err != nil && fault.CodeOf(err) != "bigquery_hour_shared" {
				t.Fatal(err)
			}
			seen[p.id] = append(seen[p.id], s.Key())
			refused[s.Key()] = err != nil
		}
		n := 0
		for id, keys := range seen {
			for _, key := range keys {
				if refused[key] {
					n++
				}
				if refused[key] != (len(keys) > 1) {
					t.Errorf("%s: %s of the partition %s of %q: refused %t", c.zone, key, id, keys, refused[key])
				}
			}
		}
		if n != c.refused || len(seen) < 8000 {
			t.Errorf("%s: %d of %d hours refused, want %d", c.zone, n, len(seen), c.refused)
		}
	}
}

func TestPartitionHoldsItsSlotAlone(t *testing.T) {
	day := func(s string) record.Value {
		v, err := record.Parse(record.Of(record.KindDate), s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	at := func(s string) record.Value {
		v, err := record.Parse(record.Of(record.KindTimestamp), s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	dates, err := partitionOf(runOf(t, runs.Day, "2026-11-20", "Asia/Seoul"), "dt")
	if err != nil {
		t.Fatal(err)
	}
	month, err := partitionOf(runOf(t, runs.Month, "2024-02", "Asia/Seoul"), "dt")
	if err != nil {
		t.Fatal(err)
	}
	hour, err := partitionOf(runOf(t, runs.Hour, "2026-11-20T05+09:00", "Asia/Seoul"), "at")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		p    partition
		v    record.Value
		want bool
	}{
		{dates, day("2026-11-20"), true},
		{dates, day("2026-11-19"), false},
		{dates, day("2026-11-21"), false},
		{dates, record.Null, false},
		{month, day("2024-02-29"), true},
		{month, day("2024-03-01"), false},
		{month, day("2024-01-31"), false},
		{hour, at("2026-11-19T20:00:00Z"), true},
		{hour, at("2026-11-19T20:59:59.999999Z"), true},
		{hour, at("2026-11-19T21:00:00Z"), false},
		{hour, at("2026-11-19T19:59:59.999999Z"), false},
	} {
		if got := c.p.holds(c.v); got != c.want {
			t.Errorf("partition %s holds %s: %t, want %t", c.p.id, c.v, got, c.want)
		}
	}
}

func TestExpiredPartitions(t *testing.T) {
	p, err := partitionOf(runOf(t, runs.Day, "2026-09-20", "Asia/Seoul"), ingestion)
	if err != nil {
		t.Fatal(err)
	}
	const sixty = 60 * 24 * time.Hour
	end := time.Date(2026, 11, 19, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		keep time.Duration
		now  time.Time
		want bool
	}{{0, end.AddDate(9, 0, 0), false}, {sixty, end.Add(-time.Microsecond), false}, {sixty, end, true}, {sixty, end.AddDate(0, 0, 1), true}} {
		if got := p.expired(c.keep, c.now); got != c.want {
			t.Errorf("kept %s, at %s: expired %t, want %t", c.keep, c.now, got, c.want)
		}
	}
	if (partition{}).expired(time.Hour, end) {
		t.Error("a whole table has no partition that expires")
	}
}
