package bigquery

import (
	"strings"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/record"
)

// The units of partitions, as BigQuery names them.
const (
	unitDay   = "DAY"
	unitHour  = "HOUR"
	unitMonth = "MONTH"
)

// ingestion is the pseudo column of tables that are partitioned without a column
// of their own.
const ingestion = "_PARTITIONTIME"

// partition is the part of a table that a slot fills. The zero value is a whole
// table.
type partition struct {
	// id stands behind the $ of the table's name.
	id   string
	unit string
	// column is the date or timestamp column that decides, or empty: then each row
	// goes where the job says.
	column string
	// from and to bound the slot, fromDay and toDay its local dates; to is not in
	// it. born is where the partition begins in UTC, from when BigQuery counts its
	// age.
	from, to       time.Time
	fromDay, toDay int64
	born           time.Time
	// slot is the slot's key, zone the flow's.
	slot, zone string
}

// unitOf returns the unit of a slot, which its key shows, or none for weeks.
func unitOf(key string) string {
	switch {
	case strings.Contains(key, "-W"):
		return ""
	case strings.Contains(key, "T"):
		return unitHour
	case len(key) == len("2006-01"):
		return unitMonth
	}
	return unitDay
}

// partitionOf returns the partition of a run's slot. column is ingestion or a
// column's name.
func partitionOf(run flowfile.Run, column string) (partition, error) {
	p := partition{unit: unitOf(run.Slot), from: run.Start, to: run.End, slot: run.Slot, zone: run.Zone}
	if column != ingestion {
		p.column = column
	}
	if run.IsZero() && run.Slot == "" || run.Start.IsZero() {
		return p, fault.New("bigquery_no_slot").Permanent()
	}
	local := run.Start.In(run.Location())
	y, m, d := local.Date()
	day := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	next := day.AddDate(0, 0, 1)
	switch p.unit {
	case unitDay:
		p.id, p.born = day.Format("20060102"), day
	case unitMonth:
		day = day.AddDate(0, 0, 1-d)
		next = day.AddDate(0, 1, 0)
		p.id, p.born = day.Format("200601"), day
	case unitHour:
		// The partitions of hours are those of UTC. Each hour of a zone begins in
		// another one of them, but for those beside a change of clocks by half an
		// hour.
		p.born = run.Start.UTC().Truncate(time.Hour)
		p.id = p.born.Format("2006010215")
		if other := p.shares(run.Location()); !other.IsZero() {
			return p, fault.New("bigquery_hour_shared", "slot", run.Slot, "zone", run.Zone, "partition", p.id,
				"other", other.Format("2006-01-02T15:04Z07:00")).Permanent()
		}
	default:
		return p, fault.New("bigquery_slot_unfit", "slot", run.Slot).Permanent()
	}
	p.fromDay, p.toDay = day.Unix()/86400, next.Unix()/86400
	return p, nil
}

// shares returns when another slot begins within the same hour of UTC, or zero.
// Slots begin with each hour that clocks show, and where clocks are set. The
// later load of the two would replace the earlier.
func (p partition) shares(zone *time.Location) time.Time {
	for t := p.born.In(zone); t.Before(p.born.Add(time.Hour)); t = t.Add(time.Minute) {
		_, now := t.Zone()
		_, before := t.Add(-time.Minute).Zone()
		if !t.Equal(p.from) && (t.Minute() == 0 || now != before) {
			return t
		}
	}
	return time.Time{}
}

// fits checks that the rows of the slot can all lie in its partition when a
// column of that kind decides.
func (p partition) fits(kind record.Kind) error {
	switch {
	case p.column == "":
		return nil
	case kind == record.KindDate && p.unit == unitHour:
		return fault.New("bigquery_partition_hour", "column", p.column, "slot", p.slot).Permanent()
	case kind == record.KindDate:
		return nil
	case kind != record.KindTimestamp:
		return fault.New("bigquery_partition_type", "column", p.column, "type", kind).Permanent()
	case !p.from.Equal(p.born) || !p.to.Equal(p.end()):
		return fault.New("bigquery_partition_zone", "column", p.column, "slot", p.slot, "zone", p.zone,
			"from", p.from.UTC().Format(time.RFC3339), "to", p.to.UTC().Format(time.RFC3339)).Permanent()
	}
	return nil
}

// end is where the partition of a timestamp column ends, in UTC.
func (p partition) end() time.Time {
	switch p.unit {
	case unitHour:
		return p.born.Add(time.Hour)
	case unitMonth:
		return p.born.AddDate(0, 1, 0)
	}
	return p.born.AddDate(0, 0, 1)
}

// holds reports whether a row with that value in the column belongs to the
// partition. A null does not.
func (p partition) holds(v record.Value) bool {
	switch v.Kind() {
	case record.KindDate:
		return p.fromDay <= v.Days() && v.Days() < p.toDay
	case record.KindTimestamp:
		return p.from.UnixMicro() <= v.Micros() && v.Micros() < p.to.UnixMicro()
	}
	return false
}

// expired reports whether a table that keeps partitions for so long would drop
// this one at once.
func (p partition) expired(keep time.Duration, now time.Time) bool {
	return keep > 0 && p.id != "" && !p.born.Add(keep).After(now)
}
