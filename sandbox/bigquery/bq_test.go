package bigquery

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	bq "cloud.google.com/go/bigquery"
)

// TestBQCommand lists, loads, queries and shows with Google's command line.
func TestBQCommand(t *testing.T) {
	if testing.Short() {
		t.Skip("the bq command takes seconds per call")
	}
	tool, err := exec.LookPath("bq")
	if err != nil {
		t.Skip("bq, of the Google Cloud CLI, is not installed")
	}
	w := open(t, Config{Now: nil})
	d := w.dataset()
	w.must(d.Table("made").Create(w.ctx, &bq.TableMetadata{Schema: actions, TimePartitioning: &bq.TimePartitioning{Field: "date"}}))
	dir := t.TempDir()
	_, document := w.call("GET", "/discovery/v1/apis/bigquery/v2/rest", "")
	files := map[string]string{
		"discovery.json": document,
		"a.csv":          "uid,n\na,1\n나,2\n",
		"b.json":         `{"date":"2026-06-30","uid":"x","횟수":5}` + "\n",
	}
	for name, text := range files {
		w.must(os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	run := func(args ...string) string {
		t.Helper()
		// The wrapper of bq knows its flags only when they are written with "=".
		all := append([]string{"--api=" + w.url, "--oauth_access_token=x", "--discovery_file=" + filepath.Join(dir, "discovery.json"),
			"--project_id=" + w.s.Project(), "--location=asia-northeast3", "--bigqueryrc=" + filepath.Join(dir, "none"), "--headless", "--quiet"}, args...)
		c := exec.CommandContext(w.ctx, tool, all...)
		c.Env = append(os.Environ(), "HOME="+dir, "CLOUDSDK_CONFIG="+dir, "CLOUDSDK_CORE_DISABLE_PROMPTS=1", "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING=1", "PYTHONIOENCODING=utf-8")
		var out bytes.Buffer
		c.Stdout, c.Stderr = &out, &out
		if err := c.Run(); err != nil {
			t.Fatalf("bq %s: %v\n%s", strings.Join(args, " "), err, out.String())
		}
		return out.String()
	}
	steps := []struct {
		args []string
		want []string
	}{
		{[]string{"ls"}, []string{"calback"}},
		{[]string{"ls", "calback"}, []string{"made", "TABLE", "DAY (field: date,"}},
		{[]string{"load", "--source_format=CSV", "--skip_leading_rows=1", "calback.loaded", filepath.Join(dir, "a.csv"), "uid:STRING,n:INTEGER"}, nil},
		{[]string{"load", "--source_format=NEWLINE_DELIMITED_JSON", "--replace", "calback.made$20260630", filepath.Join(dir, "b.json")}, nil},
		{[]string{"query", "--nouse_legacy_sql", "--format=csv", "SELECT uid, n, TIMESTAMP '2026-01-02 03:04:05 UTC' AS at FROM calback.loaded ORDER BY n DESC"}, []string{"나,2,2026-01-02 03:04:05", "a,1,"}},
		{[]string{"show", "calback.made"}, []string{"횟수: integer", "date: date (required)", "DAY (field: date"}},
		{[]string{"head", "calback.made"}, []string{"2026-06-30", "x"}},
	}
	for i, step := range steps {
		if rare := i == 1 || i == 3 || i == 6; rare && os.Getenv("WEIR_SOAK") == "" {
			continue // each call costs two seconds of CPU
		}
		out := run(step.args...)
		for _, want := range step.want {
			if !strings.Contains(out, want) {
				t.Errorf("bq %s: no %q in\n%s", strings.Join(step.args, " "), want, out)
			}
		}
	}
}
