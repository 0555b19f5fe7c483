package server

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/store"
)

func (o *opened) only() string {
	o.t.Helper()
	p := call[QueuePage](o.t, o.c, "GET", everQueue, nil)
	return everQueue + "/" + p.Items[len(p.Items)-1].At
}

func TestRecordsAreTypedRows(t *testing.T) {
	o := openEver(t, t.TempDir())
	call[Published](t, o.c, "POST", "/flows", ImportFlow{Doc: json.RawMessage(ever)})
	const n = 1234
	o.put(o.people(n))
	at := o.only()
	p := call[RecordPage](t, o.c, "GET", at+"/records?offset=7&limit=3", nil)
	if len(p.Rows) != 3 || p.Offset != 7 || p.Read != 10 || !p.More || p.Source != "ndjson" || p.Inferred || p.Columns[0] != (RecordColumn{"이름", "string"}) {
		t.Fatalf("page: %+v", p)
	}
	want := []string{`"김철수 7"`, `"9007199254741000"`, `"7.5"`, `"2026-11-21T05:06:07.000000Z"`, `["가","나"]`}
	for i, w := range want {
		if got := string(p.Rows[0][i]); got != w {
			t.Errorf("cell %d: %s, want %s", i, got, w)
		}
	}
	if string(p.Rows[2][0]) != "null" {
		t.Errorf("a null is %s", p.Rows[2][0])
	}
	// By cursor, from page to page, each row once.
	rows := 0
	for next, more := "", true; more; {
		p := call[RecordPage](t, o.c, "GET", at+"/records?limit=500&at="+next, nil)
		if p.Offset != int64(rows) {
			t.Fatalf("page at %d begins with %d", rows, p.Offset)
		}
		for i := range p.Rows {
			if got := string(p.Rows[i][1]); got != fmt.Sprintf(`"%d"`, int64(9007199254740993)+int64(rows)) {
				t.Fatalf("row %d has %s", rows, got)
			}
			rows++
		}
		if next, more = p.Next, p.More; more && next == "" {
			t.Fatal("more without a cursor")
		}
	}
	if rows != n {
		t.Errorf("%d rows", rows)
	}
	if p := call[RecordPage](t, o.c, "GET", fmt.Sprintf("%s/records?offset=%d&limit=5", at, n-5), nil); p.More || len(p.Rows) != 5 {
		t.Errorf("the last: %d rows, more %v", len(p.Rows), p.More)
	}
	sum := call[ContentSummary](t, o.c, "GET", at+"/summary", nil)
	if sum.Rows != n || sum.Truncated || len(sum.Columns) != 5 {
		t.Fatalf("summary: %+v", sum)
	}
	if c := sum.Columns[0]; c.Nulls != 123 || c.Distinct != n-123 || string(c.Min) != `"김철수 0"` {
		t.Errorf("names: %+v", c)
	}
	if c := sum.Columns[2]; string(c.Min) != `"0.5"` || string(c.Max) != `"1233.5"` || c.Distinct != n {
		t.Errorf("decimals are ordered as text: %+v", c)
	}
	if c := sum.Columns[4]; c.Distinct != 1 || c.Min != nil {
		t.Errorf("lists: %+v", c)
	}
	for path, code := range map[string]string{"/records?at=x": "records_place_bad", "/records?as=xml": "records_form_unknown", "/records?as=json": "not_json_records"} {
		if got := codeOf(t, o.c, "GET", at+path, nil); got != code {
			t.Errorf("%s: %s, want %s", path, got, code)
		}
	}
}

func TestRecordsOfOtherFormsAndWrongBytes(t *testing.T) {
	o := openEver(t, t.TempDir())
	call[Published](t, o.c, "POST", "/flows", ImportFlow{Doc: json.RawMessage(ever)})
	for _, c := range []struct {
		name, mime, text, source string
		columns                  string
		rows                     int
		code, problem            string
	}{
		{"csv", "text/csv; charset=utf-8", "이름,수\n서울,1\n부산,2\n", "csv", "[{이름 string} {수 int64}]", 2, "", ""},
		{"csv without end", "text/csv", "a\n1", "csv", "[{a int64}]", 1, "", ""},
		{"csv header alone", "text/csv", "a,b\n", "csv", "[{a json} {b json}]", 0, "", ""},
		{"json", "application/json", `[{"a":1,"b":"가"},{"a":2}]`, "json", "[{a int64} {b string}]", 2, "", ""},
		{"ndjson", "application/x-ndjson", "{\"a\":9007199254740993}\n{\"a\":1,\"c\":true}\n", "ndjson", "[{a int64} {c bool}]", 2, "", ""},
		{"a later bad row", "text/csv", "a,b\n1,2\n3\n", "csv", "[{a int64} {b int64}]", 1, "", "csv_ragged"},
		{"not json", "application/json", "<html>", "", "", 0, "not_json_records", ""},
		{"binary", "application/x-ndjson", "\x00\xff\xfe", "", "", 0, "not_json_records", ""},
		{"an array cut off", "application/json", `[{"a":1},`, "", "", 0, "array_cut", ""},
		{"empty csv", "text/csv", "", "", "", 0, "csv_empty_content", ""},
		{"html", "text/html", "<p>", "", "", 0, "content_not_records", ""},
		{"nothing said", "", `{"a":1}`, "", "", 0, "content_not_records", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			o.t = t
			f := &flowfile.FlowFile{Content: o.content(c.text)}
			if c.mime != "" {
				f.Attrs = f.Attrs.With(flowfile.MimeAttr, c.mime)
			}
			o.put(f)
			at := o.only()
			if _, body := o.get(at + "/content"); body != c.text {
				t.Errorf("the bytes are %q", body)
			}
			if c.code != "" {
				if got := codeOf(t, o.c, "GET", at+"/records", nil); got != c.code {
					t.Errorf("records: %s, want %s", got, c.code)
				}
				return
			}
			p := call[RecordPage](t, o.c, "GET", at+"/records", nil)
			if fmt.Sprint(p.Columns) != c.columns || len(p.Rows) != c.rows || p.Source != c.source || !p.Inferred || p.More {
				t.Errorf("page: %+v", p)
			}
			if c.problem != "" && (p.Problem == nil || p.Problem.Code != c.problem) || c.problem == "" && p.Problem != nil {
				t.Errorf("problem: %+v", p.Problem)
			}
			call[ContentSummary](t, o.c, "GET", at+"/summary", nil)
		})
	}
}

// TestALargeContentIsReadInBoundedBytes reads far into 40 MB without reading
// what lies before, and never more than its share.
func TestALargeContentIsReadInBoundedBytes(t *testing.T) {
	o := openEver(t, t.TempDir())
	call[Published](t, o.c, "POST", "/flows", ImportFlow{Doc: json.RawMessage(ever)})
	row := `{"이름":"` + strings.Repeat("가", 300) + `","big":1}` + "\n"
	n := 40 << 20 / len(row)
	o.put(&flowfile.FlowFile{Rows: int64(n), Content: o.content(strings.Repeat(row, n)), Attrs: flowfile.AttrsOf(map[string]string{
		flowfile.MimeAttr: flowfile.NDJSON, flowfile.SchemaAttr: people.Hash()})})
	at := o.only()
	far := call[RecordPage](t, o.c, "GET", fmt.Sprintf("%s/records?offset=%d", at, n-10), nil)
	if len(far.Rows) != 0 || !far.More || far.Read == 0 || far.Read > n/2 || far.Next == "" {
		t.Fatalf("beyond the share: %d rows, %d read, more %v, next %q", len(far.Rows), far.Read, far.More, far.Next)
	}
	steps := 0
	for ; len(far.Rows) == 0; steps++ {
		far = call[RecordPage](t, o.c, "GET", fmt.Sprintf("%s/records?offset=%d&at=%s", at, n-10, far.Next), nil)
	}
	if len(far.Rows) != 10 || far.Offset != int64(n-10) || far.More || steps > 3 {
		t.Errorf("the end after %d steps: %d rows from %d, more %v", steps, len(far.Rows), far.Offset, far.More)
	}
	if s := call[ContentSummary](t, o.c, "GET", at+"/summary", nil); !s.Truncated || s.Rows != summaryRows {
		t.Errorf("summary: %+v", s)
	}
	long := `{"이름":"` + strings.Repeat("x", recordRow) + `"}` + "\n"
	o.put(&flowfile.FlowFile{Content: o.content(long), Attrs: flowfile.AttrsOf(map[string]string{flowfile.MimeAttr: flowfile.NDJSON, flowfile.SchemaAttr: people.Hash()})})
	if got := codeOf(t, o.c, "GET", o.only()+"/records", nil); got != "row_too_long" {
		t.Errorf("a row of %d bytes: %s", len(long), got)
	}
}

func TestAQueueIsQueriedInACage(t *testing.T) {
	o := openEver(t, t.TempDir())
	call[Published](t, o.c, "POST", "/flows", ImportFlow{Doc: json.RawMessage(ever)})
	ask := func(sql string, ids ...string) QueryQueue { return QueryQueue{SQL: sql, IDs: ids} }
	if got := codeOf(t, o.c, "POST", everQueue+"/sql", ask("SELECT 1 FROM queue")); got != "queue_no_records" {
		t.Errorf("an empty queue: %s", got)
	}
	o.put(lots(1)...)
	o.put(o.people(40), o.people(60))
	a := call[QueueAnswer](t, o.c, "POST", everQueue+"/sql", ask(`SELECT count(*) AS n, max(big) AS big, sum(price) AS total, min("이름") AS name FROM queue`))
	if len(a.Rows) != 1 || string(a.Rows[0][0]) != "100" || string(a.Rows[0][1]) != `"9007199254741052"` || string(a.Rows[0][3]) != `"김철수 0"` {
		t.Errorf("answer: %s", a.Rows)
	}
	if a.Sample.Files != 2 || a.Sample.Rows != 100 || a.Sample.LeftOut != 1 || a.Sample.Truncated || len(a.Sample.Columns) != 5 {
		t.Errorf("sample: %+v", a.Sample)
	}
	last := strings.TrimPrefix(o.only(), everQueue+"/")
	if a := call[QueueAnswer](t, o.c, "POST", everQueue+"/sql", ask("SELECT * FROM queue", last)); a.Total != 60 || len(a.Rows) != 60 || a.Sample.Files != 1 {
		t.Errorf("of one: %d, %+v", a.Total, a.Sample)
	}
	for sql, code := range map[string]string{
		"SELECT * FROM read_csv('/etc/passwd')": "duck_function", "SELECT * FROM other": "duck_table_unknown", "DROP TABLE queue": "duck_not_select",
		"SELECT $x FROM queue": "duck_param_unknown",
	} {
		if got := codeOf(t, o.c, "POST", everQueue+"/sql", ask(sql)); got != code && !strings.HasPrefix(got, "duck_") {
			t.Errorf("%s: %s, want %s", sql, got, code)
		}
	}
}

// TestAMalformedContentIsLeftOutOfAQuery: one FlowFile that cannot be read, at its
// beginning or far within, leaves the others to be asked.
func TestAMalformedContentIsLeftOutOfAQuery(t *testing.T) {
	o := openEver(t, t.TempDir())
	call[Published](t, o.c, "POST", "/flows", ImportFlow{Doc: json.RawMessage(ever)})
	typed := func(text string) *flowfile.FlowFile {
		f := o.people(0)
		f.Content = o.content(text)
		return f
	}
	ask := QueryQueue{SQL: "SELECT count(*) AS n FROM queue"}
	o.put(typed("<html>"))
	if got := codeOf(t, o.c, "POST", everQueue+"/sql", ask); got != "not_json_records" {
		t.Errorf("nothing but a malformed one: %s", got)
	}
	o.put(o.people(40), typed(person(0)+person(1)+`{"이름":1}`+"\n"), typed(`{"big":`), o.people(2),
		&flowfile.FlowFile{Content: o.content(`[{"a":1},`), Attrs: flowfile.Attrs{}.With(flowfile.MimeAttr, "application/json")})
	a := call[QueueAnswer](t, o.c, "POST", everQueue+"/sql", ask)
	if string(a.Rows[0][0]) != `"42"` && string(a.Rows[0][0]) != "42" || a.Sample.Files != 2 || a.Sample.Rows != 42 || a.Sample.LeftOut != 4 {
		t.Errorf("answer %s of %+v", a.Rows, a.Sample)
	}
}

// wary is a node that fails for FlowFiles of the number 2.
type wary struct{}

func init() { processors.Register(func() processors.Processor { return &wary{} }) }

// Define tells of the node.
func (*wary) Define(s *processors.Spec) {
	s.Describe("TestWary", "Fails for the second FlowFile.")
	s.Input("", "FlowFiles.")
	s.Output("success", "All but the second.")
}

// Process passes on what it does not fear.
func (*wary) Process(_ context.Context, s *flowfile.Session) error {
	f := s.Get()
	if f == nil {
		return nil
	}
	if f.Attr("number") == "2" {
		return fault.New("file_io", "path", "어딘가")
	}
	s.Transfer(f, "success")
	return nil
}

// twoParked is a failed run in which each of two nodes parked one FlowFile.
func (o *opened) twoParked() string {
	o.t.Helper()
	doc := strings.NewReplacer(`{"gen-csv": {"from": "gen", "output": "success", "to": "csv"}}`,
		`{"gen-wary": {"from": "gen", "output": "success", "to": "wary"}, "gen-other": {"from": "gen", "output": "success", "to": "other"}}`,
		`"csv": {"kind": "WriteCSV", "settings": {"path": "out/${run.date}/gen.csv"}, "terminate": ["success"]}`,
		`"wary": {"kind": "TestWary", "terminate": ["success"]}, "other": {"kind": "TestWary", "terminate": ["success"]}`,
		`"gen": {"kind": "GenerateFlowFile",`, `"gen": {"kind": "GenerateFlowFile", "discard": true,`,
		`"mode": "runs",`, `"mode": "runs", "policy": {"retries": 0},`).Replace(gen)
	run := call[RunView](o.t, o.c, "POST", "/runs", StartRun{Doc: json.RawMessage(doc)}).Run.ID
	call[RunView](o.t, o.c, "GET", "/runs/"+run+"/wait?seconds=60", nil)
	return run
}

// TestParkedPagesSayWhetherThereIsMore reads what two nodes parked, by pages.
func TestParkedPagesSayWhetherThereIsMore(t *testing.T) {
	o := openEver(t, t.TempDir())
	run := o.twoParked()
	all := call[ParkedList](t, o.c, "GET", "/runs/"+run+"/parked?limit=2", nil)
	if len(all.Parked) != 2 || all.More {
		t.Fatalf("parked: %+v", all)
	}
	first := call[ParkedList](t, o.c, "GET", "/runs/"+run+"/parked?limit=1", nil)
	if len(first.Parked) != 1 || !first.More || first.Parked[0].ID != all.Parked[0].ID {
		t.Errorf("the first page: %+v", first)
	}
	rest := call[ParkedList](t, o.c, "GET", "/runs/"+run+"/parked?limit=1&after="+first.Parked[0].ID, nil)
	if len(rest.Parked) != 1 || rest.More || rest.Parked[0].ID != all.Parked[1].ID {
		t.Errorf("the second page: %+v", rest)
	}
}

// TestARetryOfOneLeavesTheOthersParked edits one of two that failed a run and tries
// it alone.
func TestARetryOfOneLeavesTheOthersParked(t *testing.T) {
	o := openEver(t, t.TempDir())
	run := o.twoParked()
	all := call[ParkedList](t, o.c, "GET", "/runs/"+run+"/parked", nil)
	one, other := all.Parked[0], all.Parked[1]
	call[ParkedView](t, o.c, "POST", "/runs/"+run+"/parked/"+one.ID+"/attributes", EditParked{Set: map[string]string{"number": "둘"}})
	if got := codeOf(t, o.c, "POST", "/runs/"+run+"/parked/retry", SettleParked{IDs: []string{"99999999"}}); got != "parked_gone" {
		t.Errorf("one that is not there: %q", got)
	}
	call[RunView](t, o.c, "POST", "/runs/"+run+"/parked/retry", SettleParked{IDs: []string{one.ID, one.ID}})
	v := call[RunView](t, o.c, "GET", "/runs/"+run+"/wait?seconds=60", nil)
	left := call[ParkedList](t, o.c, "GET", "/runs/"+run+"/parked", nil)
	if v.Run.State != runs.Failed || len(left.Parked) != 1 || left.Parked[0].ID != other.ID || !left.Parked[0].At.Equal(other.At) {
		t.Fatalf("after one was tried again the run is %s with %+v, want %+v untouched", v.Run.State, left.Parked, other)
	}
}

// TestParkedFlowFilesAreReadEditedAndTriedAgain parks by a real node, deletes one
// that waits for the gate, edits what the other failed over, and resumes: all is
// accounted for.
func TestParkedFlowFilesAreReadEditedAndTriedAgain(t *testing.T) {
	o := openEver(t, t.TempDir())
	doc := strings.NewReplacer(`{"gen-csv": {"from": "gen", "output": "success", "to": "csv"}}`,
		`{"gen-wary": {"from": "gen", "output": "success", "to": "wary"}, "wary-csv": {"from": "wary", "output": "success", "to": "csv"}}`,
		`"csv": {"kind"`, `"wary": {"kind": "TestWary"}, "csv": {"kind"`, `"mode": "runs",`, `"mode": "runs", "policy": {"retries": 0},`).Replace(gen)
	v := call[RunView](t, o.c, "POST", "/runs", StartRun{Doc: json.RawMessage(doc)})
	run := v.Run.ID
	if v = call[RunView](t, o.c, "GET", "/runs/"+run+"/wait?seconds=60", nil); v.Run.State != runs.Failed {
		t.Fatalf("the run is %s", v.Run.State)
	}
	list := call[ParkedList](t, o.c, "GET", "/runs/"+run+"/parked", nil)
	if len(list.Parked) != 1 {
		t.Fatalf("parked: %+v", list)
	}
	at := "/runs/" + run + "/parked/" + list.Parked[0].ID
	page := call[RecordPage](t, o.c, "GET", at+"/records?limit=2", nil)
	sum := call[ContentSummary](t, o.c, "GET", at+"/summary", nil)
	if len(page.Rows) != 2 || !page.More || page.Columns[0].Type != "int64" || sum.Rows != 50 || sum.Columns[0].Distinct != 50 {
		t.Errorf("records: %+v, %+v", page, sum)
	}
	if resp, body := o.get(at+"/content", "Range", "bytes=0-3"); resp.StatusCode != 206 || body != `{"id` {
		t.Errorf("content: %d %q", resp.StatusCode, body)
	}
	for _, name := range []string{"record.schema", "run.date", ""} {
		if got := codeOf(t, o.c, "POST", at+"/attributes", EditParked{Set: map[string]string{name: "x"}}); got != "parked_attribute_reserved" {
			t.Errorf("%q: %s", name, got)
		}
	}
	if got := codeOf(t, o.c, "POST", at+"/attributes", EditParked{Set: map[string]string{"x": strings.Repeat("x", store.ParkedAttributesMost)}}); got != "parked_attributes_large" {
		t.Errorf("too much: %s", got)
	}
	// Nor in several edits; what was there before can always be made less.
	half := strings.Repeat("x", store.ParkedAttributesMost/2)
	call[ParkedView](t, o.c, "POST", at+"/attributes", EditParked{Set: map[string]string{"a": half}})
	if got := codeOf(t, o.c, "POST", at+"/attributes", EditParked{Set: map[string]string{"b": half}}); got != "parked_attributes_large" {
		t.Errorf("too much by and by: %q", got)
	}
	if got := call[ParkedView](t, o.c, "POST", at+"/attributes", EditParked{Set: map[string]string{"b": half}, Remove: []string{"a"}}); got.Attrs["a"] != "" || got.Attrs["b"] != half {
		t.Errorf("one for the other: %d attributes", len(got.Attrs))
	}
	call[ParkedView](t, o.c, "POST", at+"/attributes", EditParked{Remove: []string{"b"}})
	if got := call[ParkedView](t, o.c, "POST", at+"/attributes", EditParked{Set: map[string]string{"number": "둘", "메모": "고침"}}); got.Attrs["number"] != "둘" || got.Attrs["메모"] != "고침" {
		t.Errorf("edited: %+v", got)
	}
	h := call[History](t, o.c, "GET", "/runs/"+run+"/history", nil)
	if last := h.Changes[len(h.Changes)-1]; last.Code != "parked_edited" || last.By == "" || last.Note == nil {
		t.Errorf("history: %+v", last)
	}

	queue := "/flows/" + v.Run.Flow + "/connections/wary-csv/queue"
	waits := call[QueuePage](t, o.c, "GET", queue+"?run="+run, nil)
	if waits.Count != 3 || len(waits.Items) != 3 || waits.Items[0].Run != run {
		t.Fatalf("waiting: %+v", waits)
	}
	details := call[FlowFileView](t, o.c, "GET", queue+"/"+waits.Items[0].At+"?run="+run, nil)
	types := []string{}
	for _, e := range details.Events {
		types = append(types, e.Type)
	}
	if len(types) < 2 || types[0] != "create" || details.Events[0].Node != "gen" {
		t.Errorf("events: %v", types)
	}
	if got := call[Dropped](t, o.c, "DELETE", queue+"/"+waits.Items[0].At+"?run="+run, nil); got.Rows != 50 {
		t.Errorf("deleted: %+v", got)
	}
	call[RunView](t, o.c, "POST", "/runs/"+run+"/parked/retry", SettleParked{})
	v = call[RunView](t, o.c, "GET", "/runs/"+run+"/wait?seconds=60", nil)
	if v.Run.State != runs.Partial || v.Run.Balance != runs.Balanced || v.Run.Receipts[0].Rows != 150 {
		t.Errorf("the run ended %s, %s: %+v", v.Run.State, v.Run.Balance, v.Run.Receipts)
	}
	if got := codeOf(t, o.c, "POST", at+"/attributes", EditParked{Set: map[string]string{"x": "y"}}); got != "parked_unknown" {
		t.Errorf("one that has gone on: %s", got)
	}
}

// TestSelectsOfPeopleAreFew: each may take much memory, so that a third waits outside.
func TestSelectsOfPeopleAreFew(t *testing.T) {
	s := open(t, Config{Data: t.TempDir(), Control: true})
	var held []func()
	for range selectsMost {
		done, err := s.selecting()
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, done)
	}
	if code := codeOf(t, s.Client(), "POST", "/runs/x/sql", QueryRun{SQL: "SELECT 1"}); code != "sql_busy" {
		t.Errorf("one more: %q", code)
	}
	for _, done := range held {
		done()
	}
	if code := codeOf(t, s.Client(), "POST", "/runs/x/sql", QueryRun{SQL: "SELECT 1"}); code != "run_id_unknown" {
		t.Errorf("when there is room again: %q", code)
	}
}
