package sandbox

import (
	"encoding/json"
	"fmt"
	"slices"

	ga "google.golang.org/api/analyticsdata/v1beta"
)

// currency is the property's.
const currency = "KRW"

// result is a counted and sorted report, ready to be cut into pages.
type result struct {
	asked  *asked
	table  *tallied
	labels []labels
	view   view
}

// page returns the rows of a page and how many there are in all.
func (r *result) page(offset, limit int64) ([]int32, int) {
	n := int64(len(r.table.order))
	if limit == 0 {
		limit = usualRows
	}
	from := min(offset, n)
	return r.table.order[from:min(from+min(limit, maxRows), n)], int(n)
}

// append writes the answer of runReport.
func (r *result) append(b []byte, q *reportRequest, rows []int32, count int, quota *ga.PropertyQuota) ([]byte, error) {
	a := r.asked
	head := struct {
		Kind             string                `json:"kind"`
		DimensionHeaders []*ga.DimensionHeader `json:"dimensionHeaders,omitempty"`
		MetricHeaders    []*ga.MetricHeader    `json:"metricHeaders,omitempty"`
		RowCount         int                   `json:"rowCount,omitempty"`
		Metadata         *ga.ResponseMetaData  `json:"metadata"`
		PropertyQuota    *ga.PropertyQuota     `json:"propertyQuota,omitempty"`
	}{Kind: "analyticsData#runReport", RowCount: count, Metadata: r.metadata(), PropertyQuota: quota}
	for _, d := range a.dims {
		head.DimensionHeaders = append(head.DimensionHeaders, &ga.DimensionHeader{Name: d.name})
	}
	if len(a.ranges) > 1 {
		head.DimensionHeaders = append(head.DimensionHeaders, &ga.DimensionHeader{Name: dateRangeField})
	}
	for _, m := range a.mets {
		head.MetricHeaders = append(head.MetricHeaders, &ga.MetricHeader{Name: m.name, Type: m.kind})
	}
	text, err := json.Marshal(head)
	if err != nil {
		return nil, fmt.Errorf("write the head of a report: %w", err)
	}
	b = append(b, text[:len(text)-1]...) // without the closing brace
	if len(rows) > 0 {
		b = r.appendRows(append(b, `,"rows":[`...), rows)
		b = append(b, ']')
	}
	for _, m := range []string{"TOTAL", "MAXIMUM", "MINIMUM"} {
		if slices.Contains(q.MetricAggregations, m) {
			b = r.appendTotals(b, m)
		}
	}
	return append(b, '}'), nil
}

func (r *result) appendRows(b []byte, rows []int32) []byte {
	quoted := make([]map[uint32][]byte, len(r.labels))
	for k, l := range r.labels {
		quoted[k] = make(map[uint32][]byte, min(len(l), len(rows)))
	}
	for n, i := range rows {
		if n > 0 {
			b = append(b, ',')
		}
		codes, values := r.table.row(i, r.asked)
		b = append(b, `{"dimensionValues":[`...)
		for k, code := range codes {
			text, ok := quoted[k][code]
			if !ok {
				text = quote(r.labels[k][code])
				quoted[k][code] = text
			}
			b = append(append(append(b, `{"value":`...), text...), "},"...)
		}
		if len(r.asked.ranges) > 1 {
			b = append(append(append(b, `{"value":`...), quote(r.asked.ranges[r.table.ranges[i]].name)...), "},"...)
		}
		b = append(cut(b), `],`...)
		b = append(r.appendValues(b, values), '}')
	}
	return b
}

func (r *result) appendValues(b []byte, values []int64) []byte {
	b = append(b, `"metricValues":[`...)
	for k, m := range r.asked.mets {
		b = append(m.append(append(b, `{"value":"`...), values[k]), `"},`...)
	}
	return append(cut(b), ']')
}

// cut removes the last comma.
func cut(b []byte) []byte {
	if b[len(b)-1] == ',' {
		return b[:len(b)-1]
	}
	return b
}

func quote(s string) []byte {
	text, err := json.Marshal(s)
	if err != nil {
		panic("sandbox: " + err.Error()) // text can always be written
	}
	return text
}

// appendTotals writes one aggregation of the whole report, a row per range.
func (r *result) appendTotals(b []byte, how string) []byte {
	field, reserved := map[string]string{"TOTAL": "totals", "MAXIMUM": "maximums", "MINIMUM": "minimums"}[how],
		map[string]string{"TOTAL": "RESERVED_TOTAL", "MAXIMUM": "RESERVED_MAX", "MINIMUM": "RESERVED_MIN"}[how]
	b = append(append(append(b, `,"`...), field...), `":[`...)
	for in, rg := range r.asked.ranges {
		values := r.table.totals[in]
		if how != "TOTAL" {
			values = r.extreme(in, how == "MAXIMUM")
		}
		b = append(b, `{"dimensionValues":[`...)
		for range r.asked.dims {
			b = append(append(append(b, `{"value":"`...), reserved...), `"},`...)
		}
		if len(r.asked.ranges) > 1 {
			b = append(append(append(b, `{"value":`...), quote(rg.name)...), "},"...)
		}
		b = append(r.appendValues(append(cut(b), `],`...), values), "},"...)
	}
	return append(cut(b), ']')
}

func (r *result) extreme(in int, most bool) []int64 {
	out := make([]int64, len(r.asked.mets))
	first := true
	for _, i := range r.table.order {
		if int(r.table.ranges[i]) != in {
			continue
		}
		_, values := r.table.row(i, r.asked)
		for k, v := range values {
			if first || most == (v > out[k]) {
				out[k] = v
			}
		}
		first = false
	}
	return out
}

// metadata says how far the report can be trusted.
func (r *result) metadata() *ga.ResponseMetaData {
	m := &ga.ResponseMetaData{CurrencyCode: currency, TimeZone: zoneName, DataLossFromOtherRow: r.table.lost,
		SubjectToThresholding: r.view.threshold > 0}
	if r.view.sampled > 0 {
		for i := range r.asked.ranges {
			m.SamplingMetadatas = append(m.SamplingMetadatas, &ga.SamplingMetadata{SamplesReadCount: r.table.read[i], SamplingSpaceSize: r.table.space[i]})
		}
	}
	for _, rg := range r.asked.ranges {
		if rg.first < r.view.retained {
			kept := dateOf(r.view.retained).Format("2006-01-02")
			m.DataTruncationReasons = []*ga.DataTruncationReason{{DataTruncationType: "DATA_TRUNCATION_TYPE_PROPERTY", DataTruncationDate: kept,
				DataTruncationMessage: "Event data before " + kept + " is past its retention."}}
			if len(r.table.order) == 0 {
				m.EmptyReason = "NO_DATA"
			}
		}
	}
	return m
}
