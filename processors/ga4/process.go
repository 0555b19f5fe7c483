package ga4

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"time"

	ga "google.golang.org/api/analyticsdata/v1beta"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/record"
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
	from, to, err := r.span(s)
	if err != nil {
		return nil, err
	}
	query := r.identity(from, to)
	switch {
	case c.Query == query:
		return &c, nil
	case c.Slices > 0:
		return nil, fault.New("ga4_settings_changed", "property", r.property, "from", c.From, "read", c.Slices).Permanent()
	}
	return &cursor{Query: query, From: from, To: to, Next: from}, nil
}

// identity tells what is read and what rows it becomes.
func (r *ReadGA4) identity(from, to civil) string {
	return fmt.Sprintf("%s %s..%s columns=%v dimensions=%q metrics=%q empty=%t", r.property, from, to, r.cols, r.dimensionFilter,
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
			s.Warn(f.Error())
		}
	}
	note(c.Sampled, fault.New("ga4_sampled_days", "property", r.property, "days", c.Sampled))
	note(c.Thresholded, fault.New("ga4_thresholded_days", "property", r.property, "days", c.Thresholded))
	note(c.Other, fault.New("ga4_other_days", "property", r.property, "days", c.Other))
	note(c.Truncated, fault.New("ga4_truncated_days", "property", r.property, "days", c.Truncated))
	note(c.Restricted, fault.New("ga4_restricted_days", "property", r.property, "days", c.Restricted))
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

// dayReading is one day being read.
type dayReading struct {
	node   *ReadGA4
	log    *slog.Logger
	flow   *time.Location // the zone of the run
	cursor *cursor
	day    civil
	pages  *pages
	table  *table
	meta   *ga.ResponseMetaData
}

// read asks for the day's pages until all rows have come.
func (d *dayReading) read(ctx context.Context) error {
	r := d.node
	if err := r.spool.reset(); err != nil {
		return err
	}
	d.meta, d.table = nil, nil
	var out *record.NDJSONWriter
	for {
		res, err := r.asker.report(ctx, r.request(d.day, d.pages.rows, r.pageSize))
		if err != nil {
			return err
		}
		if err := d.headers(res); err != nil {
			return err
		}
		if err := d.pages.add(res); err != nil {
			return err
		}
		if d.table != nil && out == nil {
			out = record.NewNDJSONWriter(r.spool, d.table.schema)
		}
		if err := d.write(out, res.rows); err != nil {
			return err
		}
		if d.pages.whole() {
			break
		}
	}
	if out != nil {
		if err := out.Close(); err != nil {
			return err
		}
	}
	return d.addsUp()
}

func (d *dayReading) write(out *record.NDJSONWriter, rows []row) error {
	for _, row := range rows {
		cells, err := d.table.fill(row)
		if err != nil {
			return err
		}
		if err := out.Write(cells); err != nil {
			return fmt.Errorf("write row %s of %s: %w", shown(row), d.day, err)
		}
	}
	return nil
}

// headers takes from a page what holds for the whole report: the columns and
// their types, the zone, and what the server left out.
func (d *dayReading) headers(res *report) error {
	r, c := d.node, d.cursor
	if d.meta = res.Metadata; d.meta == nil {
		d.meta = &ga.ResponseMetaData{}
	}
	if err := d.place(); err != nil {
		return err
	}
	if len(res.MetricHeaders) == 0 && len(res.rows) == 0 {
		return nil // nothing to lay out
	}
	if len(res.DimensionHeaders) != len(r.dimensions) || len(res.MetricHeaders) != len(r.metrics) {
		return fmt.Errorf("report of %d dimensions and %d metrics came for %d and %d", len(res.DimensionHeaders), len(res.MetricHeaders),
			len(r.dimensions), len(r.metrics))
	}
	types := make([]string, len(r.cols))
	for i, col := range r.cols {
		types[i] = col.typ
		var name string
		if i < len(r.dimensions) {
			name = res.DimensionHeaders[i].Name
		} else {
			h := res.MetricHeaders[i-len(r.dimensions)]
			name = h.Name
			if col.typ == "" {
				types[i] = typeOf(h.Type)
			}
		}
		// A field asked for by an old name may come under its new one; another
		// field's name means that the columns are not where they should be.
		if name != col.api && slices.ContainsFunc(r.cols, func(o column) bool { return o.api == name }) {
			return fmt.Errorf("column %d of the report is %q, not %q", i+1, name, col.api)
		}
	}
	if c.Types == nil {
		c.Types = types
	}
	for i := range types {
		if types[i] != c.Types[i] {
			return fault.New("ga4_type_changed", "field", r.cols[i].api, "old", c.Types[i], "new", types[i]).Permanent()
		}
	}
	if d.table == nil {
		return d.layOut(types)
	}
	return nil
}

func (d *dayReading) layOut(types []string) (err error) {
	if d.table, err = newTable(d.node.cols, types, d.zone()); err == nil {
		d.table.on(d.day)
	}
	return err
}

// zone is the property's, the flow's own where none was told.
func (d *dayReading) zone() *time.Location {
	if z, err := time.LoadLocation(d.cursor.Zone); err == nil && d.cursor.Zone != "" {
		return z
	}
	return d.flow
}

// place notes the property's zone and currency.
func (d *dayReading) place() error {
	c := d.cursor
	told := d.meta.TimeZone
	switch {
	case told == "":
		return nil
	case c.Zone != "" && c.Zone != told:
		return fault.New("ga4_zone_changed", "property", d.node.property, "old", c.Zone, "new", told).Permanent()
	}
	if want := d.node.zone; want != "" && want != told {
		return fault.New("ga4_zone_differs", "property", d.node.property, "zone", told, "want", want).Permanent()
	}
	if _, err := time.LoadLocation(told); err != nil {
		return fault.New("ga4_zone_unknown", "zone", clip(told)).Permanent().Because(err)
	}
	c.Zone, c.Currency = told, d.meta.CurrencyCode
	return nil
}

// addsUp compares the rows with the server's own total.
func (d *dayReading) addsUp() error {
	total, ok := d.pages.total()
	if !ok || d.pages.sum == total || len(d.node.metricFilter) > 0 || d.partial() {
		return nil
	}
	if d.pages.sum > total {
		return nil // an event may stand in several rows; judge says so
	}
	return errShort
}

// errShort is a day whose rows come to less than its total.
var errShort = &drift{"the rows come to less than the total"}

// partial reports whether the server told that rows are missing or estimated.
func (d *dayReading) partial() bool {
	return len(d.meta.SamplingMetadatas) > 0 || d.meta.SubjectToThresholding || d.meta.DataLossFromOtherRow
}

func (d *dayReading) emptyReason() string {
	if d.meta == nil || d.meta.EmptyReason == "" {
		return "-"
	}
	return d.meta.EmptyReason
}

// judge notes what the server told of a day that is whole, or fails as the
// settings say.
func (d *dayReading) judge(s *flowfile.Session) error {
	r, c, m := d.node, d.cursor, d.meta
	var read, space int64
	for _, x := range m.SamplingMetadatas {
		read, space = read+x.SamplesReadCount, space+x.SamplingSpaceSize
	}
	share := fmt.Sprintf("%.1f %%", 100*float64(read)/float64(max(space, 1)))
	if len(m.SamplingMetadatas) > 0 {
		if r.onSampling == fail {
			return fault.New("ga4_sampled", "property", r.property, "day", d.day, "share", share).Permanent()
		}
		c.Sampled.add(d.day, share)
	}
	if m.SubjectToThresholding {
		if r.onThresholding == fail {
			return fault.New("ga4_thresholded", "property", r.property, "day", d.day).Permanent()
		}
		c.Thresholded.add(d.day, "")
	}
	if m.DataLossFromOtherRow {
		if r.onOtherRow == fail {
			return fault.New("ga4_other", "property", r.property, "day", d.day).Permanent()
		}
		c.Other.add(d.day, "")
	}
	for _, x := range m.DataTruncationReasons {
		c.Truncated.add(d.day, x.DataTruncationType)
	}
	if x := m.SchemaRestrictionResponse; x != nil && len(x.ActiveMetricRestrictions) > 0 {
		var names []string
		for _, a := range x.ActiveMetricRestrictions {
			names = append(names, a.MetricName)
		}
		c.Restricted.add(d.day, joined(names))
	}
	if total, ok := d.pages.total(); ok && total != d.pages.sum && len(r.metricFilter) == 0 {
		c.Differing.add(d.day, fmt.Sprintf("%d, %d", d.pages.sum, total))
	}
	if run := s.Run(); c.Slices == 0 && c.Zone != "" && c.Zone != run.Zone && r.zone == "" && !sameDays(d.zone(), run.Location(), c.From, c.To) {
		s.Warn(fault.New("ga4_zone_of_flow", "property", r.property, "zone", c.Zone, "flow", run.Zone).Error())
	}
	return nil
}
