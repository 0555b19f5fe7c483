package ga4

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	ga "google.golang.org/api/analyticsdata/v1beta"
)

// plainly decodes with the generated types.
func plainly(body string) (*report, error) {
	r := &report{RunReportResponse: &ga.RunReportResponse{}}
	if err := json.Unmarshal([]byte(body), r.RunReportResponse); err != nil {
		return nil, err
	}
	r = answered(r.RunReportResponse)
	r.Rows = nil
	return r, nil
}

func same(a, b *report) bool {
	if len(a.rows) != len(b.rows) || !reflect.DeepEqual(a.RunReportResponse, b.RunReportResponse) {
		return false
	}
	for i := range a.rows {
		x, y := a.rows[i], b.rows[i]
		if strings.Join(x.dims, "\x00") != strings.Join(y.dims, "\x00") || strings.Join(x.mets, "\x00") != strings.Join(y.mets, "\x00") ||
			len(x.dims) != len(y.dims) || len(x.mets) != len(y.mets) {
			return false
		}
	}
	return true
}

var bodies = []string{
	`{}`, `{"rowCount":0}`, `{"rows":[]}`, `{"rows":null,"rowCount":3}`, ` { "rows" : [ ] , "kind" : "x" } `,
	`{"kind":"analyticsData#runReport","rows":[{"dimensionValues":[{"value":"20261121"},{"value":"로그인"}],"metricValues":[{"value":"3"}]}],"rowCount":1}`,
	`{"rows":[{"dimensionValues":[{},{"value":""}],"metricValues":[{"value":"3"}]},{"metricValues":[]},{}]}`,
	`{"rows":[{"dimensionValues":[{"value":"a\"b\\"},{"value":"\\\\"},{"value":"\ud55c\u0000"},{"value":"]}"}]}]}`,
	"{\"rows\":[{\"dimensionValues\":[{\"value\":\"\xff\"}]}]}",
	`{"rows":[{"dimensionValues":[{"oneValue":"x","value":"y"}],"more":[1,true,null,{"a":"}"}]}],"metadata":{"timeZone":"Asia/Seoul","dataLossFromOtherRow":true}}`,
	`{"metadata":{"samplingMetadatas":[{"samplesReadCount":"1","samplingSpaceSize":"4"}]},"totals":[{"metricValues":[{"value":"7"}]}],"propertyQuota":{"tokensPerDay":{"consumed":1}}}`,
}

func TestDecoderReadsWhatTheTypesRead(t *testing.T) {
	for _, body := range bodies {
		got, err := decodeReport(body)
		want, werr := plainly(body)
		if err != nil || werr != nil || !same(got, want) {
			t.Errorf("%s:\n got %+v, %v\nwant %+v, %v", body, got, err, want, werr)
		}
	}
}

func TestDecoderRefusesWhatIsCut(t *testing.T) {
	body := bodies[5]
	for n := range len(body) {
		if _, err := decodeReport(body[:n]); err == nil {
			t.Errorf("%q is taken for an answer", body[:n])
		}
	}
	for _, bad := range []string{`[]`, `x`, `{"rows":[}`, `{"rows":[{"dimensionValues":[{"value":3}]}]}`, `{"rows":[{"dimensionValues":{}}]}`,
		`{"rows":[{}]}x`, `{"rows":[{},]}`, "{\"rows\":[{\"dimensionValues\":[{\"value\":\"a\nb\"}]}]}", `{"rowCount":"x"}`, `{"kind":tru}`} {
		if r, err := decodeReport(bad); err == nil {
			t.Errorf("%q is taken for an answer: %+v", bad, r)
		}
	}
}

// odd reports whether a key stands twice, in another letter case or in escapes,
// all of which the types read in ways of their own.
func odd(body string) bool {
	low := strings.ToLower(body)
	if strings.Contains(body, `\u`) || strings.Count(low, "rows") > 1 {
		return true
	}
	for _, key := range []string{"rows", "dimensionValues", "metricValues", "value"} {
		if strings.Count(low, `"`+strings.ToLower(key)+`"`) != strings.Count(body, `"`+key+`"`) {
			return true
		}
	}
	// Where a key stands twice, the types read one value into the other.
	for _, part := range strings.Split(body, "}") {
		if strings.Count(part, `"value"`) > 1 || strings.Count(part, "Values") > 2 {
			return true
		}
	}
	return false
}

// FuzzDecode wants whatever the decoder takes to be what the generated types
// read.
func FuzzDecode(f *testing.F) {
	for _, b := range bodies {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, body string) {
		got, err := decodeReport(body)
		if err != nil {
			return
		}
		want, err := plainly(body)
		if err != nil {
			t.Fatalf("%q is taken, and %v", body, err)
		}
		if odd(body) {
			return
		}
		if !same(got, want) {
			t.Errorf("%q:\n got %+v\nwant %+v", body, got, want)
		}
	})
}
