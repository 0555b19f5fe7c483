package ga4

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/weirflow/weir/processors/processorstest"
)

// BenchmarkReadDay reads a day of a hundred thousand rows whose answer is ready
// made, so that what is measured is the reading alone.
func BenchmarkReadDay(b *testing.B) {
	const rows = 100_000
	var body strings.Builder
	body.WriteString(`{"dimensionHeaders":[{"name":"date"},{"name":"eventName"}],"metricHeaders":[{"name":"eventCount","type":"TYPE_INTEGER"}],` +
		`"rowCount":` + strconv.Itoa(rows) + `,"metadata":{"currencyCode":"KRW","timeZone":"Asia/Seoul"},"rows":[`)
	for i := range rows {
		if i > 0 {
			body.WriteByte(',')
		}
		fmt.Fprintf(&body, `{"dimensionValues":[{"value":"20261121"},{"value":"user%022d"}],"metricValues":[{"value":"%d"}]}`, i, i%7+1)
	}
	body.WriteString(`]}`)
	answer := []byte(body.String())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(answer) // an error is the client's to see
	}))
	defer server.Close()
	client := connect(b, server.Listener.Addr().String(), "calback-demo")
	b.SetBytes(int64(len(answer)))
	b.ReportAllocs()
	for b.Loop() {
		r := processorstest.New(b, "ReadGA4", reading(), client).Run()
		if n := r.Witnesses()[witness]; n != rows {
			b.Fatalf("%d rows, %v", n, r.Err())
		}
	}
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
