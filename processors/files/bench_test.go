package files_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/flowfile/flowfiletest"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/processors/processorstest"
)

// BenchmarkReadFile reads 100,000 rows of six columns in each format, in pages of
// 10,000.
func BenchmarkReadFile(b *testing.B) {
	schema := [][2]string{{"uid", "string"}, {"name", "string"}, {"age", "int64"}, {"score", "double"}, {"at", "timestamp"}, {"note", "string"}}
	csv, nd := strings.Builder{}, strings.Builder{}
	csv.WriteString("uid,name,age,score,at,note\n")
	for i := range 100_000 {
		fmt.Fprintf(&csv, "user-%08d,김민준,%d,%d.25,2026-11-21T09:00:00.000000Z,\"says \"\"hi\"\", then leaves\"\n", i, i%90, i%1000)
		fmt.Fprintf(&nd, `{"uid":"user-%08d","name":"김민준","age":%d,"score":%d.25,"at":"2026-11-21T09:00:00.000000Z","note":"says \"hi\", then leaves"}`+"\n", i, i%90, i%1000)
	}
	for format, text := range map[string]string{"csv": csv.String(), "ndjson": nd.String()} {
		b.Run(format, func(b *testing.B) {
			dir := b.TempDir()
			files, err := processors.OpenFiles(dir, processors.FilesOptions{})
			if err != nil {
				b.Fatal(err)
			}
			defer files.Close()
			processorstest.New(b, "ListFile", settings{"glob": "*"}, processorstest.Dir(dir)).WriteFile("a", text)
			conf, problems := processorstest.Build(b, "ReadFile", settings{"path": "a", "format": format, "schema": schema})
			if len(problems) > 0 {
				b.Fatal(problems)
			}
			if err := conf.Processor.(processors.Starter).Start(context.Background(), processors.Env{Files: files}); err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				m := flowfiletest.NewMemory()
				for !m.Notes("read").Done {
					s := flowfile.NewSession(context.Background(), m.Configure(flowfile.Config{Node: "read", Run: flowfile.Run{Number: 1},
						Fence:   flowfile.Fence{Act: true},
						Outputs: map[flowfile.Relationship]flowfile.Route{"success": {Conns: []string{"out"}, Class: flowfile.Out}, "rejected": {Class: flowfile.Rejected}}}))
					if err := conf.Processor.Process(context.Background(), s); err != nil {
						b.Fatal(err)
					}
					if _, err := s.Commit(context.Background()); err != nil {
						b.Fatal(err)
					}
				}
				if n := m.Ledger("read"); n[flowfile.Out].Rows != 100_000 {
					b.Fatalf("%d rows", n[flowfile.Out].Rows)
				}
			}
			b.ReportMetric(float64(b.N)*100_000/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
