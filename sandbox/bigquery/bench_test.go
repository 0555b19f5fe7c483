package bigquery

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// BenchmarkLoad loads 200,000 rows of a user's action on a day, by format,
// from the end of the upload to the end of the job.
func BenchmarkLoad(b *testing.B) {
	const rows = 200_000
	var lines, csv strings.Builder
	for i := range rows {
		fmt.Fprintf(&lines, `{"date":"2026-06-30","uid":"user%024d","event":"meeting_end","count":%d,"score":%d.5}`+"\n", i, i%90, i%7)
		fmt.Fprintf(&csv, "2026-06-30,user%024d,meeting_end,%d,%d.5\n", i, i%90, i%7)
	}
	file := parquet(b, fmt.Sprintf(`SELECT DATE '2026-06-30' AS date, format('user{:024d}', i) AS uid, 'meeting_end' AS event, i %% 90 AS count, (i %% 7 + 0.5)::DOUBLE AS score FROM range(%d) t(i)`, rows))
	for _, c := range []struct{ format, data string }{
		{"NEWLINE_DELIMITED_JSON", lines.String()}, {"CSV", csv.String()}, {"PARQUET", file},
	} {
		b.Run(c.format, func(b *testing.B) {
			s, err := New(b.Context(), Config{Billing: true})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			call := newCall(httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/bigquery/v2/projects/calback-demo/jobs", nil))
			s.datasets["d"] = &dataset{tables: map[string]*table{}, wire: Dataset{Reference: &DatasetReference{DatasetID: "d"}, Location: "US"}}
			b.SetBytes(int64(len(c.data)))
			for b.Loop() {
				m, err := s.spool(strings.NewReader(c.data))
				if err != nil {
					b.Fatal(err)
				}
				r, err := s.insertJob(call, []byte(`{"configuration":{"load":{"destinationTable":{"datasetId":"d","tableId":"t$20260630"},"writeDisposition":"WRITE_TRUNCATE",
					"timePartitioning":{"type":"DAY","field":"date"},"sourceFormat":"`+c.format+`","schema":{"fields":[{"name":"date","type":"DATE"},
					{"name":"uid","type":"STRING"},{"name":"event","type":"STRING"},{"name":"count","type":"INTEGER"},{"name":"score","type":"FLOAT"}]}}}}`), m)
				if err != nil {
					b.Fatal(err)
				}
				s.mu.Lock()
				j := s.jobs[jobKey{"US", r.Reference.JobID}]
				s.mu.Unlock()
				<-j.done
				if j.failed != nil || j.load.OutputRows != rows {
					b.Fatal(j.failed, j.load)
				}
			}
			b.ReportMetric(float64(b.N)*rows/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
