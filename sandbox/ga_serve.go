package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	ga "google.golang.org/api/analyticsdata/v1beta"
)

// maxBody bounds the body of a request to the Data API.
const maxBody = 4 << 20

// analytics answers the Data API for one property.
type analytics struct {
	log   eventLog
	now   func() time.Time
	meter *meter
	purse purse

	mu       sync.Mutex
	property Property
	results  []cached // the last ones, the newest first
}

// cached is a result and what it answers, so that the pages of a report need
// not count it again.
type cached struct {
	key string
	*result
}

// How many results are kept, and how many numbers and codes they may have.
const (
	keptResults = 4
	keptCells   = 32 << 20
)

func (s *Sandbox) mountAnalytics(c Config, log eventLog) {
	s.analytics = &analytics{log: log, now: c.Now, meter: &s.service.meter, property: c.Property}
	if s.analytics.property.ID == "" {
		s.analytics.property.ID = DefaultProperty
	}
	s.mount("/v1beta/", Analytics, analyticsMethod, s.analytics)
}

// Adjust changes how the Analytics property behaves from now on.
func (s *Sandbox) Adjust(change func(*Property)) {
	s.analytics.mu.Lock()
	defer s.analytics.mu.Unlock()
	change(&s.analytics.property)
}

// ServeHTTP answers one request.
func (s *analytics) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer, no := s.answer(r)
	if no != nil {
		no.write(w, Analytics)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	_, _ = w.Write(answer) // an error is the client's to see
}

func (s *analytics) answer(r *http.Request) ([]byte, *refusal) {
	id, call, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/v1beta/properties/"), ":")
	if rest, ok := strings.CutSuffix(id, "/metadata"); ok && call == "" {
		id, call = rest, "metadata"
	}
	s.mu.Lock()
	p := s.property
	if p.ServerErrors > 0 {
		s.property.ServerErrors--
	}
	s.mu.Unlock()
	switch {
	case id == "" || strings.Trim(id, "0123456789") != "":
		return nil, badRequest("Invalid property ID: %s. A numeric Property ID is required. To learn more about Property ID, "+
			"see https://developers.google.com/analytics/devguides/reporting/data/v1/property-id.", id)
	case p.ServerErrors > 0:
		return nil, refuse("INTERNAL", "An internal error has occurred. Please retry your request.")
	case id != p.ID && (id != "0" || call != "metadata"):
		return nil, refuse("PERMISSION_DENIED", noProperty)
	}
	q := p.Quota.withDefaults()
	if no := s.purse.enter(q, s.now(), p.Threshold > 0); no != nil {
		return nil, no
	}
	defer s.purse.leave()
	if call == "metadata" {
		s.pay(q, &p, 1, 0)
		return s.metadata(id)
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if err != nil {
		return nil, badRequest("The request cannot be read: %v.", err)
	}
	switch call {
	case "runReport":
		return s.report(body, &p, q, id)
	case "batchRunReports":
		return s.batch(body, &p, q, id)
	case "checkCompatibility":
		s.pay(q, &p, 1, 0)
		return checkCompatibility(body)
	}
	return nil, refuse("UNIMPLEMENTED", fmt.Sprintf("The sandbox has no %s.", call))
}

// pay charges for a call and counts it.
func (s *analytics) pay(q Quota, p *Property, tokens, rows int) *ga.PropertyQuota {
	s.meter.reported(rows, tokens)
	return s.purse.pay(q, tokens, p.Threshold > 0)
}

// read decodes a body as strictly as the API does.
func read(body []byte, to any) *refusal {
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.DisallowUnknownFields()
	err := d.Decode(to)
	if err == nil || errors.Is(err, io.EOF) {
		return nil
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return badRequest("Invalid JSON payload received. Unknown name %s: Cannot find field.", name)
	}
	return badRequest("Invalid JSON payload received. %v", err)
}

func (s *analytics) report(body []byte, p *Property, q Quota, id string) ([]byte, *refusal) {
	var r reportRequest
	if no := read(body, &r); no != nil {
		return nil, no
	}
	return s.one(nil, &r, p, q, id)
}

func (s *analytics) batch(body []byte, p *Property, q Quota, id string) ([]byte, *refusal) {
	var all struct {
		Property string           `json:"property"`
		Requests []*reportRequest `json:"requests"`
	}
	if no := read(body, &all); no != nil {
		return nil, no
	}
	if len(all.Requests) > maxBatch || len(all.Requests) == 0 {
		return nil, badRequest("Batch requests are limited to %d requests. This batch has %d.", maxBatch, len(all.Requests))
	}
	b := []byte(`{"kind":"analyticsData#batchRunReports","reports":[`)
	for i, r := range all.Requests {
		if i > 0 {
			b = append(b, ',')
		}
		var no *refusal
		if b, no = s.one(b, r, p, q, id); no != nil {
			return nil, no
		}
	}
	return append(b, "]}"...), nil
}

// one appends the answer of one report.
func (s *analytics) one(b []byte, r *reportRequest, p *Property, q Quota, id string) ([]byte, *refusal) {
	if r.Property != "" && r.Property != "properties/"+id {
		return nil, badRequest("The property %s of the request is not the properties/%s of the batch.", r.Property, id)
	}
	res, no := s.count(r, p)
	if no != nil {
		return nil, no
	}
	rows, n := res.page(int64(r.Offset), int64(r.Limit))
	if p.Drift > 0 && r.Offset > 0 && n > 0 {
		s.drifted()
		less := *res
		t := *res.table
		less.table, t.order = &t, t.order[1:]
		res = &less
		rows, n = res.page(int64(r.Offset), int64(r.Limit))
	}
	quota := s.pay(q, p, cost(res.asked, len(rows)), len(rows))
	if !r.ReturnPropertyQuota {
		quota = nil
	}
	b, err := res.append(b, r, rows, n, quota)
	if err != nil {
		return nil, refuse("INTERNAL", err.Error())
	}
	return b, nil
}

// drifted notes that one page was answered with a row less.
func (s *analytics) drifted() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.property.Drift--
}

// count returns the whole report, of which a request wants a page.
func (s *analytics) count(r *reportRequest, p *Property) (*result, *refusal) {
	now := s.now()
	a, no := r.read(s.log, dayNumber(now.UnixMicro()))
	if no != nil {
		return nil, no
	}
	v := p.view(now)
	same := *r
	same.Offset, same.Limit, same.ReturnPropertyQuota, same.MetricAggregations, same.Property = 0, 0, false, nil, ""
	text, err := json.Marshal(&same)
	if err != nil {
		return nil, refuse("INTERNAL", err.Error())
	}
	key := fmt.Sprintf("%s %+v %v", text, v, a.ranges)
	if res := s.kept(key); res != nil {
		return res, nil
	}
	t, no := tally(a, s.log, &v)
	if no != nil {
		return nil, no
	}
	res := &result{asked: a, table: t, labels: labelsOf(a, t, s.log), view: v}
	if no := r.sort(a, t, res.labels); no != nil {
		return nil, no
	}
	s.keep(key, res)
	return res, nil
}

func (s *analytics) kept(key string) *result {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.results, func(c cached) bool { return c.key == key })
	if i < 0 {
		return nil
	}
	c := s.results[i]
	s.results = slices.Insert(slices.Delete(s.results, i, i+1), 0, c)
	return c.result
}

func (s *analytics) keep(key string, r *result) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.results = slices.Insert(s.results, 0, cached{key, r})
	cells := 0
	for i, c := range s.results {
		if cells += len(c.table.codes) + len(c.table.values); i >= keptResults || cells > keptCells && i > 0 {
			clear(s.results[i:])
			s.results = s.results[:i]
			return
		}
	}
}

// metadata lists what can be asked of a property; property 0 has what all have.
func (s *analytics) metadata(id string) ([]byte, *refusal) {
	m := ga.Metadata{Name: "properties/" + id + "/metadata"}
	for _, d := range dimensions {
		if !d.custom || id != "0" {
			m.Dimensions = append(m.Dimensions, d.metadata())
		}
	}
	for _, x := range metrics {
		m.Metrics = append(m.Metrics, x.metadata())
	}
	return marshal(&m)
}

func marshal(v any) ([]byte, *refusal) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, refuse("INTERNAL", err.Error())
	}
	return b, nil
}

// checkCompatibility says which fields can be added to those of a request.
func checkCompatibility(body []byte) ([]byte, *refusal) {
	var r struct {
		Dimensions          []*ga.Dimension      `json:"dimensions"`
		Metrics             []*ga.Metric         `json:"metrics"`
		DimensionFilter     *ga.FilterExpression `json:"dimensionFilter"`
		MetricFilter        *ga.FilterExpression `json:"metricFilter"`
		CompatibilityFilter string               `json:"compatibilityFilter"`
	}
	if no := read(body, &r); no != nil {
		return nil, no
	}
	dims, mets, no := requested(r.Dimensions, r.Metrics)
	if no != nil {
		return nil, no
	}
	var out ga.CheckCompatibilityResponse
	says := func(clashing string) (string, bool) {
		word := "COMPATIBLE"
		if clashing != "" {
			word = "INCOMPATIBLE"
		}
		return word, r.CompatibilityFilter == "" || r.CompatibilityFilter == "COMPATIBILITY_UNSPECIFIED" || r.CompatibilityFilter == word
	}
	for _, d := range dimensions {
		if word, ok := says(clash(append(slices.Clone(dims), d), mets)); ok {
			out.DimensionCompatibilities = append(out.DimensionCompatibilities, &ga.DimensionCompatibility{Compatibility: word, DimensionMetadata: d.metadata()})
		}
	}
	for _, m := range metrics {
		if word, ok := says(clash(dims, append(slices.Clone(mets), m))); ok {
			out.MetricCompatibilities = append(out.MetricCompatibilities, &ga.MetricCompatibility{Compatibility: word, MetricMetadata: m.metadata()})
		}
	}
	return marshal(&out)
}
