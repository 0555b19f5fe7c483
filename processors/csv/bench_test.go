package csv_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/flowfile/flowfiletest"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/processors/processorstest"
	"github.com/weirflow/weir/record"
)

var six = record.MustSchema("uid", "string", "name", "string", "age", "int64", "score", "double", "at", "timestamp", "note", "string")

// sixRows returns NDJSON rows of six columns.
func sixRows(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"uid":"user-%08d","name":"김민준","age":%d,"score":%d.25,"at":"2026-11-21T09:%02d:00.000000Z","note":"says \"hi\", then leaves"}`+"\n",
			i, i%90, i%1000, i%60)
	}
	return b.String()
}

// put puts flowFiles of the same content and returns the session's configuration.
func input(t testing.TB, content string, rows int64, flowFiles int) (*flowfiletest.Memory, flowfile.Config) {
	t.Helper()
	m := flowfiletest.NewMemory()
	claim, err := m.Content.Append(context.Background(), func(w io.Writer) error {
		_, err := io.WriteString(w, content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	text, err := six.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	attrs := flowfile.AttrsOf(map[string]string{flowfile.SchemaAttr: m.PutSchema(text), flowfile.MimeAttr: flowfile.NDJSON})
	for i := range flowFiles {
		m.Put("in", flowfile.FlowFile{Run: 1, Content: claim, Rows: rows, Attrs: attrs, Origin: flowfile.SourceOrigin("up", uint64(i))})
	}
	return m, flowfile.Config{Flow: "test", Node: "csv", Run: flowfile.Run{Number: 1, ID: "01JD", Flow: "test", Slot: "2026-11-21", Date: "2026-11-21"},
		Fence: flowfile.Fence{Act: true}, WholeRun: true, Inputs: map[string][]string{"": {"in"}},
		Outputs: map[flowfile.Relationship]flowfile.Route{"success": {Class: flowfile.Out}}}
}

// write runs WriteCSV once over all of it.
func write(t testing.TB, content string, rows int64, flowFiles int, o processors.FilesOptions) int64 {
	t.Helper()
	conf, problems := processorstest.Build(t, "WriteCSV", settings{"path": "x.csv"})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	files, err := processors.OpenFiles(t.TempDir(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := conf.Processor.(processors.Starter).Start(context.Background(), processors.Env{Files: files}); err != nil {
		t.Fatal(err)
	}
	m, cfg := input(t, content, rows, flowFiles)
	s := flowfile.NewSession(context.Background(), m.Configure(cfg))
	if err := conf.Processor.Process(context.Background(), s); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Commit(context.Background()); err != nil {
		t.Fatal(err)
	}
	size := m.Notes("csv").Receipts[0].Bytes
	if err := files.Close(); err != nil {
		t.Error(err)
	}
	return size
}

// BenchmarkWriteCSV writes 100,000 rows of six columns from ten FlowFiles.
func BenchmarkWriteCSV(b *testing.B) {
	content := sixRows(10_000)
	b.ReportAllocs()
	for b.Loop() {
		b.SetBytes(write(b, content, 10_000, 10, processors.FilesOptions{}))
	}
	b.ReportMetric(float64(b.N)*100_000/b.Elapsed().Seconds(), "rows/s")
}

// weighing looks, now and then, at what is live on the heap.
type weighing struct {
	io.Writer
	writes int
	peak   uint64
}

func (w *weighing) Write(p []byte) (int, error) {
	if w.writes++; w.writes%20 == 0 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		w.peak = max(w.peak, m.HeapAlloc)
	}
	return w.Writer.Write(p)
}

// TestWriteCSVHoldsLittleInMemory writes as many rows as a large run has; what is
// live on the heap meanwhile must not grow with them.
func TestWriteCSVHoldsLittleInMemory(t *testing.T) {
	flowFiles := 15 // 150,000 rows, 13 MB
	if os.Getenv("WEIR_SOAK") != "" {
		flowFiles = 100
	}
	content := sixRows(10_000)
	scale := &weighing{}
	write(t, content, 10_000, flowFiles, processors.FilesOptions{Through: func(w io.Writer) io.Writer {
		if scale.Writer == nil {
			scale.Writer = w
			return scale
		}
		return w // the manifest
	}})
	// The content itself, twice, and some buffers.
	if limit := uint64(2*len(content)) + 8<<20; scale.peak > limit || scale.peak == 0 {
		t.Errorf("%d MiB were live, want at most %d MiB", scale.peak>>20, limit>>20)
	}
	t.Logf("%d rows, %d MiB live at most", flowFiles*10_000, scale.peak>>20)
}
