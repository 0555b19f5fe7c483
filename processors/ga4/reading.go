package ga4

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	ga "google.golang.org/api/analyticsdata/v1beta"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/record"
)

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
	if over := d.day.end(d.zone()); s.Now().Before(over) {
		c.Open.add(d.day, "")
	}
	if total, ok := d.pages.total(); ok && total != d.pages.sum && len(r.metricFilter) == 0 {
		c.Differing.add(d.day, fmt.Sprintf("%d, %d", d.pages.sum, total))
	}
	if run := s.Run(); c.Slices == 0 && c.Zone != "" && c.Zone != run.Zone && r.zone == "" && !sameDays(d.zone(), run.Location(), c.From, c.To) {
		s.Warn(fault.New("ga4_zone_of_flow", "property", r.property, "zone", c.Zone, "flow", run.Zone))
	}
	return nil
}
