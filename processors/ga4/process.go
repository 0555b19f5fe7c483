package ga4

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
)

const (
	// readings is how often a day whose report changes meanwhile is read before
	// the try is given up.
	readings = 4
	// settle is how long to let such a report come to rest, more each time.
	settle = 5 * time.Second
	// revised is how long Google may still change a day after its end.
	revised = 72 * time.Hour
)

// witness is who counts the rows besides us.
const witness = "GA4"

// Process reads one day and delivers it.
func (r *ReadGA4) Process(ctx context.Context, s *flowfile.Session) error {
	c, err := r.position(s)
	if err != nil {
		return err
	}
	if c.Done {
		s.Done()
		return nil
	}
	if err := r.asker.reserved(float64(r.reserve) / 100); err != nil {
		return err
	}
	d := &dayReading{node: r, log: s.Log(), flow: s.Run().Location(), cursor: c, day: c.Next}
	if err := r.readDay(ctx, d); err != nil {
		return err
	}
	if err := d.judge(s); err != nil {
		return err
	}
	s.Read(d.pages.rows)
	c.Rows += d.pages.rows
	c.Pages += d.pages.number
	c.Slices++
	if d.pages.rows > 0 {
		if err := r.emit(s, d); err != nil {
			return err
		}
	}
	if c.Next == c.To {
		if err := r.finish(ctx, s, d); err != nil {
			return err
		}
	}
	c.Next = c.Next.next()
	c.Tokens += r.asker.tokens
	r.asker.tokens = 0
	r.tell(s, c)
	return s.Cursor().Save(c)
}

// position returns where the run stands.
func (r *ReadGA4) position(s *flowfile.Session) (*cursor, error) {
	var c cursor
	if _, err := s.Cursor().Load(&c); err != nil {
		return nil, err
	}
	query := r.identity()
	switch {
	case c.Query == query:
		return &c, nil
	case c.Slices > 0:
		return nil, fault.New("ga4_settings_changed", "property", r.property, "from", c.From, "read", c.Slices).Permanent()
	}
	from, to, err := r.span(s)
	if err != nil {
		return nil, err
	}
	return &cursor{Query: query, From: from, To: to, Next: from}, nil
}

// identity tells what is read and what rows it becomes. The days are in it as
// the flow writes them: what an expression with the present time in it comes to
// is decided once for a run.
func (r *ReadGA4) identity() string {
	return fmt.Sprintf("%s %q..%q columns=%v dimensions=%q metrics=%q empty=%t", r.property, r.from.Source(), r.to.Source(), r.cols, r.dimensionFilter,
		r.metricFilter, r.keepEmpty)
}

// readDay fills the spool with a day's rows. A report that changes meanwhile is
// read again from its first page.
func (r *ReadGA4) readDay(ctx context.Context, d *dayReading) error {
	hashed := false
	for n := 1; ; n++ {
		d.pages = newPages(r.cols, hashed)
		err := d.read(ctx)
		var changed *drift
		if !errors.As(err, &changed) {
			return r.refusedReport(ctx, err)
		}
		if changed == errUnordered && !hashed {
			hashed = true
			continue
		}
		d.cursor.Rereads++
		total, _ := d.pages.total()
		switch {
		case n >= readings && changed == errShort && r.onTotal == warn:
			return nil // judge notes the day
		case n >= readings && changed == errShort:
			return fault.New("ga4_total_short", "property", r.property, "day", d.day, "sum", d.pages.sum, "total", total)
		case n >= readings:
			return fault.New("ga4_unstable", "property", r.property, "day", d.day, "times", readings).Because(changed)
		}
		d.log.Warn("day is read again", "day", d.day.String(), "why", changed.why)
		if err := r.calls.sleep(ctx, time.Duration(n)*settle); err != nil {
			return err
		}
	}
}

// emit delivers the day's rows.
func (r *ReadGA4) emit(s *flowfile.Session, d *dayReading) error {
	text, err := d.table.schema.MarshalJSON()
	if err != nil {
		return fmt.Errorf("encode schema: %w", err)
	}
	f := s.Create()
	s.Set(f, "ga4.property", r.property)
	s.Set(f, "ga4.date", d.day.String())
	if err := s.WriteRecords(f, text, func(w io.Writer) (int64, error) { return d.pages.rows, r.spool.copyTo(w) }); err != nil {
		return err
	}
	s.Transfer(f, success)
	return nil
}

// finish ends the activity and says what a person should know of it.
func (r *ReadGA4) finish(ctx context.Context, s *flowfile.Session, d *dayReading) error {
	c := d.cursor
	if c.Rows == 0 {
		if r.onEmpty == fail {
			return fault.New("ga4_empty", "property", r.property, "from", c.From, "to", c.To, "reason", d.emptyReason()).Permanent()
		}
		if err := r.emitNothing(ctx, s, d); err != nil {
			return err
		}
	}
	s.Witness(witness, c.Rows)
	if until := c.To.end(d.zone()).Add(revised); s.Now().Before(until) {
		s.Fact(flowfile.Provisional, until.Format(time.RFC3339))
	}
	note := func(m marks, f *fault.Error) {
		if m.Count > 0 {
			s.Warn(f)
		}
	}
	note(c.Sampled, fault.New("ga4_sampled_days", "property", r.property, "days", c.Sampled))
	note(c.Thresholded, fault.New("ga4_thresholded_days", "property", r.property, "days", c.Thresholded))
	note(c.Other, fault.New("ga4_other_days", "property", r.property, "days", c.Other))
	note(c.Truncated, fault.New("ga4_truncated_days", "property", r.property, "days", c.Truncated))
	note(c.Restricted, fault.New("ga4_restricted_days", "property", r.property, "days", c.Restricted))
	note(c.Open, fault.New("ga4_day_open", "property", r.property, "day", c.Open, "zone", d.zone(), "until", moment(c.To.end(d.zone()))))
	note(c.Differing, fault.New("ga4_totals_differ", "property", r.property, "days", c.Differing))
	c.Done = true
	s.Done()
	s.Log().Info("report read", "property", r.property, "from", c.From.String(), "to", c.To.String(), "rows", c.Rows, "pages", c.Pages,
		"tokens", c.Tokens+r.asker.tokens)
	return nil
}

// emitNothing delivers the columns without rows. Where no report told the types
// of the metrics, the property's metadata do.
func (r *ReadGA4) emitNothing(ctx context.Context, s *flowfile.Session, d *dayReading) error {
	if d.table == nil {
		m, err := r.asker.metadata(ctx)
		if err != nil {
			return r.asker.rejected(err)
		}
		known := metricFields(m).types
		types := make([]string, len(r.cols))
		for i, c := range r.cols {
			if types[i] = c.typ; c.typ == "" {
				types[i] = typeOf(known[c.api])
			}
		}
		if err := d.layOut(types); err != nil {
			return err
		}
	}
	if err := r.spool.reset(); err != nil {
		return err
	}
	return r.emit(s, d)
}

// tell sets the facts of the run's page.
func (r *ReadGA4) tell(s *flowfile.Session, c *cursor) {
	s.Fact("tokens", strconv.FormatInt(c.Tokens, 10))
	s.Fact("pages", strconv.FormatInt(c.Pages, 10))
	s.Fact("slices", fmt.Sprintf("%d of %d", c.Slices, c.From.until(c.To)))
	if l, ok := tightest(r.asker.quota); ok {
		s.Fact("quota", l.String())
	}
	fact := func(name, value string) {
		if value != "" {
			s.Fact(name, value)
		}
	}
	fact("timezone", c.Zone)
	fact("currency", c.Currency)
	fact("sampling", c.Sampled.String())
	fact("thresholding", c.Thresholded.String())
	fact("other", c.Other.String())
	fact("truncation", c.Truncated.String())
	if c.Rereads > 0 {
		s.Fact("rereads", strconv.FormatInt(c.Rereads, 10))
	}
}
