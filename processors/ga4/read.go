package ga4

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	ga "google.golang.org/api/analyticsdata/v1beta"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/processors/google"
)

func init() {
	processors.Register(func() processors.Processor { return newReadGA4() })
}

// What the properties on_sampling, on_thresholding, on_other_row and on_empty
// may be.
const (
	fail = "fail"
	warn = "warn"
	pass = "pass"
)

const success = "success"

// What the API allows in one report.
const (
	maxDimensions = 9
	maxMetrics    = 10
	maxPage       = 250_000
)

// ReadGA4 reads a report of Google Analytics 4, day by day.
type ReadGA4 struct {
	service                                processors.ServiceRef
	property                               string
	dimensions, metrics                    []string
	from, to                               processors.Expr
	dimensionFilter, metricFilter          []string
	renamed, types                         map[string]string
	zone                                   string
	keepEmpty                              bool
	pageSize, reserve                      int64
	onSampling, onThresholding, onOtherRow string
	onEmpty, onTotal                       string

	cols  []column
	byDim *ga.FilterExpression
	byMet *ga.FilterExpression
	calls calls
	asker *asker
	spool *spool

	learned *learned
}

func newReadGA4() *ReadGA4 {
	return &ReadGA4{pageSize: 100_000, reserve: 10, onSampling: warn, onThresholding: warn, onOtherRow: warn, onEmpty: fail, onTotal: fail,
		learned: &learned{}}
}

// Define describes the kind.
func (r *ReadGA4) Define(s *processors.Spec) {
	s.Describe("ReadGA4", "Reads a report of Google Analytics 4, day by day, as records.",
		"google", "analytics", "ga4", "events", "report", "source")
	s.Output(success, "Records, one FlowFile a day, ordered by all dimensions.")
	s.Service(&r.service, "service", google.Kind, "The account to read as; its project must have the Google Analytics Data API enabled.",
		processors.Required)
	s.String(&r.property, "property", "The id of the GA4 property, digits alone, as in Admin > Property details; neither a measurement id (G-...) nor a stream id.",
		processors.Required, processors.Example("412345678"))
	s.List(&r.dimensions, "dimensions", "The dimensions by their API names; customUser:NAME and customEvent:NAME are those registered in the property.",
		processors.Required, processors.Min(1), processors.Max(maxDimensions), processors.Example(`["date", "eventName", "customUser:MID"]`))
	s.List(&r.metrics, "metrics", "The metrics by their API names, or NAME = EXPRESSION for one computed of others, such as perUser = eventCount/totalUsers.",
		processors.Required, processors.Min(1), processors.Max(maxMetrics), processors.Example(`["eventCount"]`))
	s.Expr(&r.from, "from", "The first day, YYYY-MM-DD, in the property's time zone; empty means the first day of the run's slot, which lasts a day or longer.",
		processors.Example("${run.date}"))
	s.Expr(&r.to, "to", "The last day, YYYY-MM-DD; empty means the last day of the run's slot.", processors.Example("${run.date}"))
	s.List(&r.dimensionFilter, "dimension_filter", "Conditions on dimensions that must all hold, a line each: FIELD, then ==, !=, in, not in, begins with, ends with, contains, matches, is empty or is not empty, then values; \"or\" joins conditions in a line, \"not\" before a condition turns it round, values with spaces stand in double quotes, and \"ignoring case\" at the end ignores case.",
		processors.Example(`["eventName in login, purchase", "country == \"South Korea\""]`))
	s.List(&r.metricFilter, "metric_filter", "Conditions on the metrics of a row that must all hold, a line each: FIELD, then ==, !=, <, <=, >, >= and a number, or between A and B.",
		processors.Example(`["eventCount >= 3"]`))
	s.Map(&r.renamed, "columns", "Names of columns by the API's names; without one a column has the API's name with _ for the colon, such as customUser_MID.",
		processors.Example(`{"customUser:MID": "mid", "eventName": "event_name"}`))
	s.Map(&r.types, "types", "Types of columns by the API's names, where the default is not right. Dimensions: string (default), date (default of date), int64, or timestamp for dateHour and dateHourMinute (an hour that clocks repeat is taken for the first). Metrics: int64 (default where the API says integer), double (default of all others), decimal, string. What the API writes in place of a value, such as (not set), is kept in a string and is null in the other types.",
		processors.Advanced, processors.Example(`{"purchaseRevenue": "decimal"}`))
	s.String(&r.zone, "zone", "The time zone that the property must have, or the run fails; without it another zone than the flow's is a warning.",
		processors.Advanced, processors.Example("Asia/Seoul"))
	s.Bool(&r.keepEmpty, "keep_empty_rows", "Whether to read rows whose metrics are all 0 too.", processors.Advanced)
	choice := func(to *string, key, doc, what string) {
		s.Choice(to, key, doc, []processors.ChoiceValue{
			{Value: warn, Doc: "Go on; the run says on which days."}, {Value: fail, Doc: what}}, processors.Advanced)
	}
	choice(&r.onSampling, "on_sampling", "What to do when a report is computed from a part of the events.", "Fail the run before a row of the day is delivered.")
	choice(&r.onThresholding, "on_thresholding", "What to do when rows may be withheld to protect users' privacy.", "Fail the run before a row of the day is delivered.")
	choice(&r.onOtherRow, "on_other_row", "What to do when rare combinations are lumped together as (other).", "Fail the run before a row of the day is delivered.")
	s.Choice(&r.onEmpty, "on_empty", "What to do when the report has no rows on any day.", []processors.ChoiceValue{
		{Value: fail, Doc: "Fail the run."}, {Value: pass, Doc: "Go on with no rows."}})
	s.Choice(&r.onTotal, "on_total", "What to do when the rows of a day come to less than the total that Google states, in each of several readings, and Google does not say why.", []processors.ChoiceValue{
		{Value: fail, Doc: "Fail before a row of the day is delivered; the run tries again."}, {Value: warn, Doc: "Go on; the run says on which days, with both numbers."}}, processors.Advanced)
	s.Int(&r.pageSize, "page_size", "How many rows to ask for at once.", processors.Min(1), processors.Max(maxPage), processors.Advanced)
	s.Int(&r.reserve, "reserve", "How many percent of the property's quota of tokens to leave to others; with less left, the run waits for the quota to be filled up.",
		processors.Min(0), processors.Max(90), processors.Advanced)
	s.Single()
	s.Needs(
		processors.Need{Kind: processors.NeedAPI, Value: google.Analytics.Host, Why: "Reports come from there."},
		processors.Need{Kind: processors.NeedScope, Value: google.Analytics.Scope, Why: "Reports are read, nothing is written."},
		processors.Need{Kind: processors.NeedHost, Value: google.Analytics.Host + ":443", Why: "Reports come from there."},
		processors.Need{Kind: processors.NeedResource, Value: &r.property,
			Why: "The property that is read; add the account as a Viewer in its Admin > Property access management, for IAM roles do not count there."})
}

var (
	digits      = regexp.MustCompile(`^[1-9][0-9]{0,9}$`)
	measurement = regexp.MustCompile(`(?i)^(G|GT|AW|DC)-[A-Z0-9]+$`)
	universal   = regexp.MustCompile(`(?i)^UA-[0-9]+(-[0-9]+)?$`)
)

// streamDigits is how long a data stream's id is at least; those of properties
// are shorter.
const streamDigits = 10

// badProperty says what is given instead of a property's id.
func badProperty(id string) *fault.Error {
	switch {
	case measurement.MatchString(id):
		return fault.New("ga4_property_measurement", "value", clip(id)).Permanent()
	case universal.MatchString(id):
		return fault.New("ga4_property_universal", "value", clip(id)).Permanent()
	case strings.HasPrefix(id, "properties/"):
		return fault.New("ga4_property_path", "value", clip(id), "id", clip(strings.TrimPrefix(id, "properties/"))).Permanent()
	case !digits.MatchString(id) && strings.Trim(id, "0123456789") != "":
		return fault.New("ga4_property_bad", "value", clip(id)).Permanent()
	case len(id) >= streamDigits:
		return fault.New("ga4_property_stream", "value", clip(id)).Permanent()
	case !digits.MatchString(id):
		return fault.New("ga4_property_bad", "value", clip(id)).Permanent()
	}
	return nil
}

// Validate checks what depends on each other.
func (r *ReadGA4) Validate(p *processors.Report) {
	if !p.Runs {
		p.Problem("", fault.New("ga4_runs_only").Permanent())
	}
	if p.Known("property") {
		if bad := badProperty(r.property); bad != nil {
			p.Problem("property", bad)
		}
	}
	if r.zone != "" && p.Known("zone") {
		if _, err := time.LoadLocation(r.zone); err != nil || r.zone == "Local" {
			p.Problem("zone", fault.New("ga4_zone_unknown", "zone", clip(r.zone)).Permanent())
		}
	}
	r.validateDates(p)
	r.validateFields(p)
	if _, err := parseFilter(r.dimensionFilter, false); err != nil && p.Known("dimension_filter") {
		p.Problem("dimension_filter", fault.New("ga4_bad_filter", "property", "dimension_filter").Permanent().Because(err))
	}
	if _, err := parseFilter(r.metricFilter, true); err != nil && p.Known("metric_filter") {
		p.Problem("metric_filter", fault.New("ga4_bad_filter", "property", "metric_filter").Permanent().Because(err))
	}
}

// validateDates checks dates that stand in the flow as such.
func (r *ReadGA4) validateDates(p *processors.Report) {
	for _, d := range []struct {
		key  string
		expr processors.Expr
	}{{"from", r.from}, {"to", r.to}} {
		text := d.expr.Source()
		if text == "" || strings.Contains(text, "${") || strings.Contains(text, "#{") {
			continue
		}
		if _, bad := parseDay(d.key, text); bad != nil {
			p.Problem(d.key, bad)
		}
	}
}

func (r *ReadGA4) validateFields(p *processors.Report) {
	if !p.Known("dimensions", "metrics", "columns", "types") {
		return
	}
	for _, m := range r.metrics {
		if _, expression := parseMetric(m); expression == "" && strings.Contains(m, "=") {
			p.Problem("metrics", fault.New("ga4_field_name", "property", "metrics", "name", clip(m)).Permanent())
		}
	}
	cols := r.columnsOf()
	byAPI, byName := map[string]column{}, map[string]string{}
	for _, c := range cols {
		key := "dimensions"
		if c.metric {
			key = "metrics"
		}
		if !fieldName.MatchString(c.api) {
			p.Problem(key, fault.New("ga4_field_name", "property", key, "name", clip(c.api)).Permanent())
		}
		if _, twice := byAPI[c.api]; twice {
			p.Problem(key, fault.New("ga4_field_twice", "name", clip(c.api)).Permanent())
			continue
		}
		byAPI[c.api] = c
		if o, taken := byName[c.name]; taken {
			p.Problem("columns", fault.New("ga4_column_twice", "column", clip(c.name), "one", o, "other", c.api).Permanent())
		}
		byName[c.name] = c.api
	}
	for _, of := range []struct {
		key string
		m   map[string]string
	}{{"columns", r.renamed}, {"types", r.types}} {
		for _, api := range slices.Sorted(maps.Keys(of.m)) {
			c, ok := byAPI[api]
			if !ok {
				p.Problem(of.key, fault.New("ga4_setting_of_nothing", "property", of.key, "name", clip(api)).Permanent())
				continue
			}
			if of.key == "types" {
				r.validateType(p, c, of.m[api])
			}
		}
	}
}

func (r *ReadGA4) validateType(p *processors.Report, c column, typ string) {
	may := dimensionTypes
	if c.metric {
		may = metricTypes
	} else if instants[c.api] == "" {
		may = slices.DeleteFunc(slices.Clone(may), func(t string) bool { return t == typeTimestamp })
	}
	if !slices.Contains(may, typ) {
		p.Problem("types", fault.New("ga4_bad_type", "name", clip(c.api), "type", clip(typ), "types", strings.Join(may, ", ")).Permanent())
	}
}

// Start finds the client and reads the settings' own languages.
func (r *ReadGA4) Start(_ context.Context, env processors.Env) error {
	if err := r.connect(env); err != nil {
		return err
	}
	r.spool = newSpool(env.Scratch)
	return nil
}

// Stop gives back the spool.
func (r *ReadGA4) Stop(context.Context) error {
	if r.spool == nil {
		return nil
	}
	return r.spool.reset()
}

// connect prepares requests; it is all that Verify needs.
func (r *ReadGA4) connect(env processors.Env) (err error) {
	if bad := badProperty(r.property); bad != nil {
		return bad
	}
	if err := r.fits(env.Run); err != nil {
		return err
	}
	r.cols = r.columnsOf()
	if r.byDim, err = parseFilter(r.dimensionFilter, false); err != nil {
		return fmt.Errorf("read dimension_filter: %w", err)
	}
	if r.byMet, err = parseFilter(r.metricFilter, true); err != nil {
		return fmt.Errorf("read metric_filter: %w", err)
	}
	client, err := processors.Client[*google.Client](env, r.service)
	if err != nil {
		return err
	}
	r.asker, err = newAsker(client, r.property, r.calls, env.Now)
	return err
}

// request is the report of one day, from a row on.
func (r *ReadGA4) request(d civil, offset, limit int64) *ga.RunReportRequest {
	q := &ga.RunReportRequest{
		DateRanges:      []*ga.DateRange{{StartDate: d.String(), EndDate: d.String()}},
		DimensionFilter: r.byDim, MetricFilter: r.byMet, KeepEmptyRows: r.keepEmpty,
		Offset: offset, Limit: limit, MetricAggregations: []string{"TOTAL"}, ReturnPropertyQuota: true,
	}
	for _, c := range r.cols {
		if c.metric {
			q.Metrics = append(q.Metrics, &ga.Metric{Name: c.api, Expression: c.expression})
			continue
		}
		q.Dimensions = append(q.Dimensions, &ga.Dimension{Name: c.api})
		q.OrderBys = append(q.OrderBys, &ga.OrderBy{Dimension: &ga.DimensionOrderBy{DimensionName: c.api, OrderType: "ALPHANUMERIC"}})
	}
	return q
}
