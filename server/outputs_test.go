package server

import (
	"encoding/csv"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

// written is a flow that writes a file of Korean people each of several ways.
const written = `{"weir": 1, "id": "written", "mode": "runs", "policy": {"retries": 0},
 "parameters": {"text": {"type": "string", "default": "x"}},
 "nodes": {
  "made": {"kind": "GenerateFlowFile", "settings": {"content": "records", "schema": [["id", "int64"], ["name", "string"]], "rows": 50, "count": 4}},
  "text": {"kind": "GenerateFlowFile", "settings": {"text": "#{text}"}},
  "csv": {"kind": "WriteCSV", "settings": {"path": "out/사람들.csv"}, "terminate": ["success"]},
  "plain": {"kind": "WriteCSV", "settings": {"path": "out/plain.csv", "delimiter": ";", "header": false, "manifest": false}, "terminate": ["success"]},
  "duck": {"kind": "WriteDuckDB", "settings": {"file": "out/people.duckdb", "table": "people"}, "terminate": ["success"]},
  "raw": {"kind": "WriteFile", "settings": {"path": "out/raw.txt", "conflict": "replace"}, "terminate": ["success", "failure"]},
  "lines": {"kind": "WriteFile", "settings": {"path": "out/lines.ndjson", "conflict": "replace"}, "terminate": ["success", "failure"]}},
 "connections": {
  "made-csv": {"from": "made", "output": "success", "to": "csv"}, "made-plain": {"from": "made", "output": "success", "to": "plain"},
  "made-duck": {"from": "made", "output": "success", "to": "duck"},
  "text-raw": {"from": "text", "output": "success", "to": "raw"}, "text-lines": {"from": "text", "output": "success", "to": "lines"}}}`

const koreanLine = `{"name":"김민수","id":1}` + "\n"

// ran runs the flow to its end and returns the run and where its outputs are.
func (o *opened) ran(params map[string]string) (*runs.Run, string) {
	o.t.Helper()
	v := call[RunView](o.t, o.c, "POST", "/runs", StartRun{Doc: json.RawMessage(written), Params: params})
	v = call[RunView](o.t, o.c, "GET", "/runs/"+v.Run.ID+"/wait?seconds=30", nil)
	if v.Run.State != runs.Success {
		o.t.Fatalf("the run ended %s: %s", v.Run.State, v.Run.Why)
	}
	return v.Run, "/runs/" + v.Run.ID + "/outputs"
}

func (o *opened) outputs(at string) map[string]RunOutput {
	o.t.Helper()
	out := map[string]RunOutput{}
	for _, one := range call[RunOutputs](o.t, o.c, "GET", at, nil).Outputs {
		out[one.Node] = one
	}
	return out
}

func TestWhatARunWroteIsListedReadAndDownloaded(t *testing.T) {
	dir := t.TempDir()
	o := openEver(t, dir)
	_, at := o.ran(map[string]string{"text": koreanLine})
	list := call[RunOutputs](t, o.c, "GET", at, nil)
	if list.Dir != filepath.Join(dir, "files") || len(list.Outputs) != 5 {
		t.Fatalf("outputs: %+v", list)
	}
	all := o.outputs(at)
	for node, want := range map[string][3]string{
		"csv": {"WriteCSV", "out/사람들.csv", "csv"}, "plain": {"WriteCSV", "out/plain.csv", "csv"}, "duck": {"WriteDuckDB", "out/people.duckdb", ""},
		"raw": {"WriteFile", "out/raw.txt", ""}, "lines": {"WriteFile", "out/lines.ndjson", "ndjson"},
	} {
		got := all[node]
		if got.Kind != want[0] || got.Path != filepath.Join(dir, "files", want[1]) || got.Form != want[2] || got.Trouble != nil {
			t.Errorf("%s: %+v", node, got)
		}
	}

	disk, err := os.ReadFile(all["csv"].Path)
	if err != nil {
		t.Fatal(err)
	}
	text := string(disk)
	resp, body := o.get(at + "/csv/content")
	if resp.StatusCode != 200 || body != text {
		t.Fatalf("whole: %d, %d bytes of %d", resp.StatusCode, len(body), len(text))
	}
	h := resp.Header
	if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Content-Type") != "application/octet-stream" || h.Get("ETag") != `"`+all["csv"].SHA256+`"` ||
		!strings.HasPrefix(h.Get("Content-Disposition"), "attachment") || !strings.Contains(h.Get("Content-Disposition"), url.PathEscape("사람들.csv")) {
		t.Errorf("headers: %v", h)
	}
	for asked, want := range map[string]string{"bytes=0-11": text[:12], "bytes=100-": text[100:], "bytes=-5": text[len(text)-5:]} {
		if resp, body := o.get(at+"/csv/content", "Range", asked); resp.StatusCode != 206 || body != want {
			t.Errorf("%s: %d, %d bytes", asked, resp.StatusCode, len(body))
		}
	}
	if resp, _ := o.get(at+"/csv/content", "Range", "bytes=9999999-"); resp.StatusCode != 416 {
		t.Errorf("a range behind the end: %d", resp.StatusCode)
	}
	if resp, body := o.get(at+"/csv/content", "Range", "bytes=0-1,5-6"); resp.StatusCode != 200 || body != text {
		t.Errorf("two ranges: %d, %d bytes", resp.StatusCode, len(body))
	}
	if resp, body := o.get(at + "/raw/content?key=" + url.QueryEscape("out/raw.txt")); resp.StatusCode != 200 || body != koreanLine {
		t.Errorf("by key: %d %q", resp.StatusCode, body)
	}

	// The manifest gives the types; without one the first rows do.
	p := call[RecordPage](t, o.c, "GET", at+"/csv/records?limit=1000", nil)
	if len(p.Rows) != 200 || p.More || p.Inferred || p.Source != "csv" || p.Columns[0] != (RecordColumn{"id", "int64"}) || p.Columns[1] != (RecordColumn{"name", "string"}) {
		t.Errorf("csv: %d rows, more %v, %+v", len(p.Rows), p.More, p.Columns)
	}
	cells, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(cells) != 201 {
		t.Fatal(len(cells), err)
	}
	for i, row := range p.Rows {
		var name string
		if err := json.Unmarshal(row[1], &name); err != nil || name != cells[i+1][1] || strings.Trim(string(row[0]), `"`) != cells[i+1][0] {
			t.Fatalf("row %d is %s, the file says %q", i, row, cells[i+1])
		}
	}
	if p := call[RecordPage](t, o.c, "GET", at+"/csv/records?limit=3&offset=7", nil); len(p.Rows) != 3 || !p.More || p.Offset != 7 {
		t.Errorf("a page: %d rows, more %v", len(p.Rows), p.More)
	}
	p = call[RecordPage](t, o.c, "GET", at+"/plain/records?limit=1000", nil)
	if len(p.Rows) != 200 || !p.Inferred || p.Columns[0] != (RecordColumn{"column1", "int64"}) || p.Columns[1] != (RecordColumn{"column2", "string"}) {
		t.Errorf("csv without header: %d rows, %+v, problem %+v", len(p.Rows), p.Columns, p.Problem)
	}
	if p := call[RecordPage](t, o.c, "GET", at+"/lines/records", nil); len(p.Rows) != 1 || !strings.Contains(string(p.Rows[0][0])+string(p.Rows[0][1]), "김민수") {
		t.Errorf("ndjson: %s", p.Rows)
	}
	if p := call[RecordPage](t, o.c, "GET", at+"/raw/records?as=ndjson", nil); len(p.Rows) != 1 {
		t.Errorf("a text read as ndjson: %s", p.Rows)
	}
	for path, code := range map[string]string{
		"/raw/records": "output_not_records", "/raw/records?as=xml": "records_form_unknown", "/duck/records": "output_not_file", "/duck/content": "output_not_file",
	} {
		if got := codeOf(t, o.c, "GET", at+path, nil); got != code {
			t.Errorf("%s: %s, want %s", path, got, code)
		}
	}
}

// TestOnlyFilesThatTheRunWroteAreServed asks for others in all ways that there
// are to name them.
func TestOnlyFilesThatTheRunWroteAreServed(t *testing.T) {
	dir := t.TempDir()
	o := openEver(t, dir)
	r, at := o.ran(nil)
	const secret = "nobody's business"
	for _, name := range []string{"secret.csv", "files/other.csv"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(secret), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{
		"/made/content", "/nobody/content", "/raw/content?key=other.csv", "/raw/content?key=out/lines.ndjson", "/csv/content?key=..%2Fsecret.csv", "/csv/content?key=out%2F..%2F..%2Fsecret.csv",
		"/csv/content?key=%2Fetc%2Fpasswd", "/..%2F..%2Fsecret.csv/content", "/csv/content?key=out%2F..%2Fother.csv", "/csv/content?key=other.csv%00", "/csv/records?key=..%2Fsecret.csv",
	} {
		resp, body := o.get(at + path)
		if resp.StatusCode != 404 || !strings.Contains(body, "output_unknown") || strings.Contains(body, secret) {
			t.Errorf("%s: %d %s", path, resp.StatusCode, body)
		}
	}
	if resp, _ := o.get("/runs/01K0000000000000000000NONE/outputs/csv/content"); resp.StatusCode != 404 {
		t.Errorf("of no run: %d", resp.StatusCode)
	}

	// The file has become a link that leads out of the directory, to the very bytes.
	name := filepath.Join(dir, "files", "out", "raw.txt")
	outside := filepath.Join(dir, "outside.txt")
	if err := os.Rename(name, outside); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, name); err != nil {
		t.Fatal(err)
	}
	if got := codeOf(t, o.c, "GET", at+"/raw/content", nil); got != "path_link_out" {
		t.Errorf("a link out: %s", got)
	}
	// A receipt that names a path outside, however it came there.
	for _, file := range []string{"../secret.csv", "out/../../secret.csv", "/etc/hostname"} {
		r.Receipts = append(r.Receipts[:0:0], flowfile.Receipt{Node: "csv", Key: "k", File: file, Bytes: int64(len(secret))})
		if code := fault.CodeOf(o.there(r, &r.Receipts[0])); code != "path_up" && code != "path_absolute" {
			t.Errorf("%s: %q", file, code)
		}
	}
}

func TestAFileThatIsNotTheRunsAnyMoreIsRefused(t *testing.T) {
	dir := t.TempDir()
	o := openEver(t, dir)
	first, at := o.ran(map[string]string{"text": "하나"})
	refused := func(at, node, code string) {
		t.Helper()
		for _, what := range []string{"/content", "/records?as=csv"} {
			resp, body := o.get(at + "/" + node + what)
			if resp.StatusCode != 410 || !strings.Contains(body, code) {
				t.Errorf("%s%s: %d %s, want %s", node, what, resp.StatusCode, body, code)
			}
		}
	}
	o.get(at + "/raw/content") // its sum is known from here on

	second, again := o.ran(map[string]string{"text": "둘둘"}) // as many bytes
	refused(at, "raw", "output_changed")
	// The CSV differs in nothing: the first run's bytes stand there.
	if list := o.outputs(at); list["csv"].Trouble != nil || list["csv"].SHA256 != o.outputs(again)["csv"].SHA256 {
		t.Errorf("the same bytes: %+v", list["csv"])
	}
	disk, err := os.ReadFile(filepath.Join(dir, "files", "out", "사람들.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if _, body := o.get(at + "/csv/content"); body != string(disk) {
		t.Errorf("the same bytes are not served: %q", body)
	}

	// By another run, which the manifest names.
	manifest := filepath.Join(dir, "files", "out", "사람들.csv.manifest.json")
	text, err := os.ReadFile(manifest)
	if err != nil {
		t.Fatal(err)
	}
	sum := o.outputs(again)["csv"].SHA256
	if err := os.WriteFile(manifest, []byte(strings.Replace(string(text), sum, strings.Repeat("0", len(sum)), 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	refused(at, "csv", "output_replaced")
	got := o.outputs(at)["csv"].Trouble
	if got == nil || got.Code != "output_replaced" || !strings.Contains(got.Text(fault.Korean), second.ID) || !strings.Contains(got.Text(fault.English), first.ID) {
		t.Errorf("the list says %+v", got)
	}

	if err := os.WriteFile(filepath.Join(dir, "files", "out", "lines.ndjson"), []byte("longer than before"), 0o600); err != nil {
		t.Fatal(err)
	}
	refused(again, "lines", "output_changed")
	if err := os.Remove(filepath.Join(dir, "files", "out", "plain.csv")); err != nil {
		t.Fatal(err)
	}
	refused(again, "plain", "output_gone")
	if got := o.outputs(again)["plain"].Trouble; got == nil || got.Code != "output_gone" || !strings.Contains(got.Text(fault.English), filepath.Join(dir, "files")) {
		t.Errorf("the list says %+v", got)
	}
}

// While a large file is summed, a small one is not held up.
func TestSumsOfSmallFilesDoNotWait(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "small"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var sums fileSums
	sums.large.Lock() // a large file is being summed
	defer sums.large.Unlock()
	for range 2 {
		// The SHA-256 of nothing.
		if sum, err := sums.of(t.Context(), "small", f); err != nil || sum != "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" {
			t.Errorf("%s, %v", sum, err)
		}
	}
}
