package sandbox

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	ga "google.golang.org/api/analyticsdata/v1beta"
)

// Limits of the Data API.
const (
	maxDimensions  = 9
	maxMetrics     = 10
	maxDateRanges  = 4
	maxBatch       = 5
	maxRows        = 250_000
	usualRows      = 10_000
	totalsPrefix   = "RESERVED_"
	dateRangeField = "dateRange"
)

// reportRequest is the body of runReport.
type reportRequest struct {
	Property            string               `json:"property"`
	Dimensions          []*ga.Dimension      `json:"dimensions"`
	Metrics             []*ga.Metric         `json:"metrics"`
	DateRanges          []*ga.DateRange      `json:"dateRanges"`
	DimensionFilter     *ga.FilterExpression `json:"dimensionFilter"`
	MetricFilter        *ga.FilterExpression `json:"metricFilter"`
	Offset              int64Text            `json:"offset"`
	Limit               int64Text            `json:"limit"`
	MetricAggregations  []string             `json:"metricAggregations"`
	OrderBys            []*ga.OrderBy        `json:"orderBys"`
	CurrencyCode        string               `json:"currencyCode"`
	CohortSpec          *ga.CohortSpec       `json:"cohortSpec"`
	Comparisons         []*ga.Comparison     `json:"comparisons"`
	KeepEmptyRows       bool                 `json:"keepEmptyRows"`
	ReturnPropertyQuota bool                 `json:"returnPropertyQuota"`
}

// int64Text is an integer that JSON holds as text or as a number.
type int64Text int64

func (n *int64Text) UnmarshalJSON(b []byte) error {
	x, err := strconv.ParseInt(strings.Trim(string(b), `"`), 10, 64)
	if err != nil {
		return fmt.Errorf("invalid int64 %s", b)
	}
	*n = int64Text(x)
	return nil
}

func badRequest(format string, args ...any) *refusal {
	return refuse("INVALID_ARGUMENT", fmt.Sprintf(format, args...))
}

// read checks a request and returns what it asks for. today is the day in the
// property's zone.
func (r *reportRequest) read(log eventLog, today int32) (*asked, *refusal) {
	switch {
	case r.CohortSpec != nil, len(r.Comparisons) > 0:
		return nil, refuse("UNIMPLEMENTED", "The sandbox has neither cohorts nor comparisons.")
	case r.CurrencyCode != "" && r.CurrencyCode != currency:
		return nil, refuse("UNIMPLEMENTED", "The sandbox has amounts in "+currency+" only.")
	case len(r.Metrics) == 0 && len(r.Dimensions) == 0:
		return nil, badRequest("A report needs dimensions or metrics.")
	case r.Limit < 0:
		return nil, badRequest("Limit must be positive, but is %d.", r.Limit)
	case r.Offset < 0:
		return nil, badRequest("Offset must not be negative, but is %d.", r.Offset)
	}
	a := &asked{keepEmpty: r.KeepEmptyRows}
	var no *refusal
	if a.dims, a.mets, no = requested(r.Dimensions, r.Metrics); no != nil {
		return nil, no
	}
	if name := clash(a.dims, a.mets); name != "" {
		return nil, badRequest("Please remove %s to make the request compatible. The request's dimensions & metrics are incompatible. "+
			"To learn more, see https://ga-dev-tools.google/ga4/dimensions-metrics-explorer/", name)
	}
	if a.ranges, no = days(r.DateRanges, today); no != nil {
		return nil, no
	}
	if r.DimensionFilter != nil {
		if a.filter, no = eventCondition(r.DimensionFilter, log); no != nil {
			return nil, no
		}
	}
	if r.MetricFilter != nil {
		if a.having, no = rowCondition(r.MetricFilter, a.mets); no != nil {
			return nil, no
		}
	}
	for _, m := range r.MetricAggregations {
		if !slices.Contains([]string{"TOTAL", "MINIMUM", "MAXIMUM", "COUNT"}, m) {
			return nil, badRequest("Invalid value at 'metric_aggregations': %q", m)
		}
	}
	return a, nil
}

// requested finds the dimensions and metrics that a request names.
func requested(ds []*ga.Dimension, ms []*ga.Metric) (dims []*dimension, mets []*metric, _ *refusal) {
	if len(ds) > maxDimensions {
		return nil, nil, badRequest("Requests are limited to %d dimensions within a nested request. This request is for %d dimensions.", maxDimensions, len(ds))
	}
	if len(ms) > maxMetrics {
		return nil, nil, badRequest("Requests are limited to %d metrics within a nested request. This request is for %d metrics.", maxMetrics, len(ms))
	}
	for _, x := range ds {
		if x.DimensionExpression != nil {
			return nil, nil, refuse("UNIMPLEMENTED", "The sandbox has no dimension expressions.")
		}
		if x.Name == dateRangeField {
			continue // it is added where there are several
		}
		d := dimensionNamed(x.Name)
		if d == nil {
			return nil, nil, unknownField(x.Name, "dimension")
		}
		if slices.Contains(dims, d) {
			return nil, nil, badRequest("Duplicate dimension: %s.", x.Name)
		}
		dims = append(dims, d)
	}
	for _, x := range ms {
		if x.Expression != "" {
			return nil, nil, refuse("UNIMPLEMENTED", "The sandbox has no metric expressions.")
		}
		m := metricNamed(x.Name)
		if m == nil {
			return nil, nil, unknownField(x.Name, "metric")
		}
		if slices.Contains(mets, m) {
			return nil, nil, badRequest("Duplicate metric: %s.", x.Name)
		}
		mets = append(mets, m)
	}
	return dims, mets, nil
}

// days reads date ranges.
func days(ranges []*ga.DateRange, today int32) ([]dayRange, *refusal) {
	if len(ranges) == 0 {
		return nil, badRequest("A dateRange is required.")
	}
	if len(ranges) > maxDateRanges {
		return nil, badRequest("Requests are limited to %d dateRanges. This request is for %d dateRanges.", maxDateRanges, len(ranges))
	}
	var all []dayRange
	for i, r := range ranges {
		first, ok := relativeDay(r.StartDate, today)
		if !ok {
			return nil, badRequest("Invalid startDate: %s. Dates must be in the format YYYY-MM-DD, NdaysAgo, yesterday, or today.", r.StartDate)
		}
		last, ok := relativeDay(r.EndDate, today)
		switch {
		case !ok:
			return nil, badRequest("Invalid endDate: %s. Dates must be in the format YYYY-MM-DD, NdaysAgo, yesterday, or today.", r.EndDate)
		case first < firstDay:
			return nil, badRequest("The startDate %s is before the earliest date allowed, 2015-08-14.", r.StartDate)
		case first > last:
			return nil, badRequest("The endDate %s is before the startDate %s.", r.EndDate, r.StartDate)
		}
		name := r.Name
		switch {
		case name == "":
			name = fmt.Sprintf("date_range_%d", i)
		case strings.HasPrefix(name, "date_range_"), strings.HasPrefix(name, totalsPrefix):
			return nil, badRequest("The dateRange name %s must not begin with date_range_ or RESERVED_.", name)
		}
		all = append(all, dayRange{first, last, name})
	}
	return all, nil
}

func relativeDay(text string, today int32) (int32, bool) {
	switch text {
	case "today":
		return today, true
	case "yesterday":
		return today - 1, true
	}
	if n, ok := strings.CutSuffix(text, "daysAgo"); ok {
		x, err := strconv.ParseUint(n, 10, 15)
		return today - int32(x), err == nil
	}
	t, err := time.Parse(time.DateOnly, text)
	return int32(t.Unix() / 86400), err == nil && t.Year() < 2100
}

// sort orders the rows of a table. What the request leaves open is by the
// first metric, the largest first, and then as it came.
func (r *reportRequest) sort(a *asked, t *tallied, labels []labels) *refusal {
	var by []func(i, j int32) int
	for _, o := range r.OrderBys {
		c, no := orderBy(o, a, t, labels)
		if no != nil {
			return no
		}
		if o.Desc {
			up := c
			c = func(i, j int32) int { return -up(i, j) }
		}
		by = append(by, c)
	}
	if len(by) == 0 && len(a.mets) > 0 {
		nm := len(a.mets)
		by = append(by, func(i, j int32) int { return cmp.Compare(t.values[int(j)*nm], t.values[int(i)*nm]) })
	}
	by = append(by, func(i, j int32) int { return cmp.Compare(t.ranges[i], t.ranges[j]) }, cmp.Compare[int32])
	slices.SortFunc(t.order, func(i, j int32) int {
		for _, c := range by {
			if n := c(i, j); n != 0 {
				return n
			}
		}
		return 0
	})
	return nil
}

// orderBy returns the comparison that one orderBy asks for.
func orderBy(o *ga.OrderBy, a *asked, t *tallied, all []labels) (func(i, j int32) int, *refusal) {
	switch {
	case o.Dimension != nil && o.Dimension.DimensionName == dateRangeField:
		return func(i, j int32) int { return cmp.Compare(t.ranges[i], t.ranges[j]) }, nil
	case o.Dimension != nil:
		at := slices.IndexFunc(a.dims, func(d *dimension) bool { return d.name == o.Dimension.DimensionName })
		if at < 0 {
			return nil, badRequest("Ordering by dimension %s requires the dimension to be in the request.", o.Dimension.DimensionName)
		}
		rank, no := all[at].ranks(o.Dimension.OrderType)
		if no != nil {
			return nil, no
		}
		place := make([]int32, len(t.ranges))
		for _, i := range t.order {
			place[i] = rank[t.codes[int(i)*len(a.dims)+at]]
		}
		return func(i, j int32) int { return cmp.Compare(place[i], place[j]) }, nil
	case o.Metric != nil:
		at := slices.IndexFunc(a.mets, func(m *metric) bool { return m.name == o.Metric.MetricName })
		if at < 0 {
			return nil, badRequest("Ordering by metric %s requires the metric to be in the request.", o.Metric.MetricName)
		}
		nm := len(a.mets)
		return func(i, j int32) int { return cmp.Compare(t.values[int(i)*nm+at], t.values[int(j)*nm+at]) }, nil
	}
	return nil, badRequest("An orderBy must have a dimension or a metric.")
}

// labels are the values of a dimension in a table, by code.
type labels map[uint32]string

func labelsOf(a *asked, t *tallied, log eventLog) []labels {
	all := make([]labels, len(a.dims))
	for k, d := range a.dims {
		all[k] = labels{}
		for _, i := range t.order {
			code := t.codes[int(i)*len(a.dims)+k]
			if _, ok := all[k][code]; !ok {
				all[k][code] = d.text(log, code)
			}
		}
	}
	return all
}

// ranks returns the place of each code in an order.
func (l labels) ranks(order string) (map[uint32]int32, *refusal) {
	var compare func(a, b string) int
	switch order {
	case "", "ORDER_TYPE_UNSPECIFIED", "ALPHANUMERIC":
		compare = strings.Compare
	case "CASE_INSENSITIVE_ALPHANUMERIC":
		compare = func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) }
	case "NUMERIC":
		value := func(s string) float64 {
			x, err := strconv.ParseFloat(s, 64)
			if err != nil {
				return -1 // what is no number comes before those that are
			}
			return x
		}
		compare = func(a, b string) int { return cmp.Compare(value(a), value(b)) }
	default:
		return nil, badRequest("Invalid value at 'order_type': %q", order)
	}
	codes := make([]uint32, 0, len(l))
	for c := range l {
		codes = append(codes, c)
	}
	slices.SortFunc(codes, func(a, b uint32) int { return compare(l[a], l[b]) })
	places := make(map[uint32]int32, len(codes))
	place := int32(0)
	for i, c := range codes {
		if i > 0 && compare(l[codes[i-1]], l[c]) != 0 {
			place++
		}
		places[c] = place
	}
	return places, nil
}
