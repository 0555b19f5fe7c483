package bigquery

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// hidden is the column that keeps the partition of an ingestion-time table.
const hidden = "_PARTITIONTIME"

// layouts are the forms of partition ids by the type of partitioning.
var layouts = map[string]string{"DAY": "20060102", "HOUR": "2006010215", "MONTH": "200601", "YEAR": "2006"}

// splitDecorator cuts "table$20260131" at the dollar.
func splitDecorator(id string) (table, partition string, decorated bool) {
	return strings.Cut(id, "$")
}

// start returns where the partition that has t begins.
func (p *TimePartitioning) start(t time.Time) time.Time {
	t = t.UTC()
	switch p.Type {
	case "HOUR":
		return t.Truncate(time.Hour)
	case "MONTH":
		return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
	case "YEAR":
		return time.Date(t.Year(), 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// end returns where the partition that begins at start ends.
func (p *TimePartitioning) end(start time.Time) time.Time {
	switch p.Type {
	case "HOUR":
		return start.Add(time.Hour)
	case "MONTH":
		return start.AddDate(0, 1, 0)
	case "YEAR":
		return start.AddDate(1, 0, 0)
	}
	return start.AddDate(0, 0, 1)
}

// column returns the name of the column that decides the partition.
func (p *TimePartitioning) column() string {
	if p.Field == "" {
		return hidden
	}
	return p.Field
}

// normalize checks the partitioning against the schema.
func (p *TimePartitioning) normalize(fields []*Field) error {
	p.Type = strings.ToUpper(p.Type)
	if layouts[p.Type] == "" {
		return problem(ReasonInvalid, "Invalid value for type: %q is not a valid value; DAY, HOUR, MONTH and YEAR are.", p.Type)
	}
	if p.Field == "" {
		return nil
	}
	f := find(fields, p.Field)
	if f == nil {
		return problem(ReasonInvalid, "The field specified for partitioning cannot be found in the schema: %s", p.Field)
	}
	p.Field = f.Name
	switch {
	case f.repeated():
		return problem(ReasonInvalid, "The field specified for partitioning cannot be repeated: %s", p.Field)
	case f.Type != "DATE" && f.Type != "TIMESTAMP" && f.Type != "DATETIME":
		return problem(ReasonInvalid, "The field specified for partitioning must be of type DATE, TIMESTAMP or DATETIME, but %s has the type %s.", p.Field, f.Type)
	case f.Type == "DATE" && p.Type == "HOUR":
		return problem(ReasonInvalid, "The field specified for partitioning by HOUR cannot be a DATE: %s", p.Field)
	}
	return nil
}

// part is one partition of a table, told apart from its decorator.
type part struct {
	id        string
	condition string // of its rows, for DuckDB
	start     time.Time
	null      bool // rows without a partition
}

// partition finds the part that a decorator names.
func (t *table) partition(id string) (part, error) {
	p := t.wire.TimePartitioning
	if p == nil {
		return part{}, problem(ReasonInvalid, "Partition decorator $%s cannot be used with the table %s, which is not partitioned.", id, t.wire.ID)
	}
	column := quoteName(p.column())
	switch id {
	case "__NULL__":
		return part{id: id, condition: column + " IS NULL", null: true}, nil
	case "__UNPARTITIONED__":
		return part{id: id, condition: "false", null: true}, nil
	}
	start, err := time.ParseInLocation(layouts[p.Type], id, time.UTC)
	if err != nil || len(id) != len(layouts[p.Type]) {
		return part{}, problem(ReasonInvalid, "Invalid partition ID %q: the table %s is partitioned by %s.", id, t.wire.ID, p.Type)
	}
	return part{id: id, start: start, condition: fmt.Sprintf("(%s >= %s AND %s < %s)",
		column, t.moment(start), column, t.moment(p.end(start)))}, nil
}

// moment returns a time as a literal of the partitioning column's type.
func (t *table) moment(at time.Time) string {
	kind := "TIMESTAMP"
	if f := t.wire.TimePartitioning.Field; f != "" {
		kind = find(t.wire.Schema.Fields, f).Type
	}
	switch kind {
	case "DATE":
		return "DATE '" + at.Format("2006-01-02") + "'"
	case "DATETIME":
		return "TIMESTAMP '" + at.Format("2006-01-02 15:04:05") + "'"
	}
	return "TIMESTAMPTZ '" + at.Format("2006-01-02 15:04:05") + "+00'"
}

// partitionIDs returns an expression of the id of each row's partition.
func (t *table) partitionIDs() string {
	p := t.wire.TimePartitioning
	format := map[string]string{"DAY": "%Y%m%d", "HOUR": "%Y%m%d%H", "MONTH": "%Y%m", "YEAR": "%Y"}[p.Type]
	return "coalesce(strftime(" + quoteName(p.column()) + ", '" + format + "'), '__NULL__')"
}

// dropExpired deletes the table's partitions whose time is over.
func (s *Server) dropExpired(ctx context.Context, c *sql.Conn, t *table) error {
	p := t.wire.TimePartitioning
	if p == nil || p.ExpirationMs == 0 {
		return nil
	}
	// The oldest partition that lives began no earlier than the expiration ago.
	limit := s.config.Now().Add(-time.Duration(p.ExpirationMs) * time.Millisecond)
	oldest := p.start(limit)
	if oldest.Before(limit) {
		oldest = p.end(oldest)
	}
	_, err := c.ExecContext(ctx, "DELETE FROM "+quoteName(t.physical)+" WHERE "+quoteName(p.column())+" < "+t.moment(oldest))
	return err
}

// expire removes what has outlived its time: tables, and partitions at most
// once an hour of the clock, as partitions end on hours.
func (s *Server) expire(ctx context.Context) error {
	hour := s.config.Now().Truncate(time.Hour)
	s.mu.Lock()
	due := !hour.Equal(s.expired)
	s.mu.Unlock()
	if !due {
		return nil
	}
	s.write.Lock()
	defer s.write.Unlock()
	ctx = context.WithoutCancel(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expired = hour
	return s.transact(ctx, func(c *sql.Conn) error {
		for _, d := range s.datasets {
			for id, t := range d.tables {
				if e := t.wire.ExpirationTime; e != 0 && e <= s.millis() {
					if _, err := c.ExecContext(ctx, "DROP TABLE "+quoteName(t.physical)); err != nil {
						return err
					}
					delete(d.tables, id)
					continue
				}
				if err := s.dropExpired(ctx, c, t); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
