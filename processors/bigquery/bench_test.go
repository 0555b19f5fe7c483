package bigquery

import (
	"fmt"
	"testing"

	"github.com/weirflow/weir/processors/processorstest"
	"github.com/weirflow/weir/record"
	sandbox "github.com/weirflow/weir/sandbox/bigquery"
)

// BenchmarkLoad loads rows of six columns into the sandbox in both forms. What
// the sandbox does is part of it; see BenchmarkSpool for the node's share.
func BenchmarkLoad(b *testing.B) {
	for _, format := range []string{formatNDJSON, formatParquet} {
		b.Run(format, func(b *testing.B) {
			const rows = 200_000
			w := newWorld(b, sandbox.Config{}).makeDataset()
			schema, lines := manyActions(rows)
			for i := range b.N {
				b.StopTimer()
				run := runOf(b, "day", today, "Asia/Seoul")
				run.Generation = uint32(i + 1)
				r := w.runner(settings("partition", "_PARTITIONTIME", "format", format), processorstest.Run(run)).PutRecords(schema, lines...)
				b.StartTimer()
				if err := r.Run().Err(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// BenchmarkSpool makes the upload and sends nothing.
func BenchmarkSpool(b *testing.B) {
	for _, format := range []string{formatNDJSON, formatParquet} {
		b.Run(format, func(b *testing.B) {
			const rows = 200_000
			schema, lines := manyActions(rows)
			lay, _ := layoutOf(schema, nil, false)
			withInput(b, schema, lines, func(in *input) {
				write := in.spoolNDJSON
				if format == formatParquet {
					write = in.spoolParquet
				}
				var size int64
				for b.Loop() {
					s, err := write(b.Context(), &target{layout: lay}, b.TempDir())
					if err != nil {
						b.Fatal(err)
					}
					size = s.size
					s.close()
				}
				b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
				b.ReportMetric(float64(size)/rows, "bytes/row")
			})
		})
	}
}

func manyActions(n int) (*record.Schema, []string) {
	schema := record.MustSchema("uid", "string", "day", "string", "event", "string", "count", "int64", "rating", "double", "at", "timestamp")
	lines := make([]string, n)
	for i := range lines {
		lines[i] = fmt.Sprintf(`{"uid":"u%027d","day":"2026-11-20","event":"event%d","count":%d,"rating":%d.5,"at":"2026-11-20T%02d:%02d:00.%06dZ"}`,
			i*7919%n, i%5, i%17, i%5, i%24, i%60, i)
	}
	return schema, lines
}
