package bigquery

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"testing"

	bq "cloud.google.com/go/bigquery"
	rest "google.golang.org/api/bigquery/v2"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors/processorstest"
	"github.com/weirflow/weir/record"
	sandbox "github.com/weirflow/weir/sandbox/bigquery"
)

var actions = record.MustSchema("dt", "date", "uid", "string", "n", "int64")

// cells returns the rows of a table as JSON objects, sorted; nulls and empty
// lists are left out.
func (w *world) cells(table string) []string {
	w.t.Helper()
	name, _, _ := strings.Cut(table, "$")
	t, err := w.api.Tables.Get(project, "calback", name).Do()
	if err != nil {
		w.t.Fatal(err)
	}
	out := []string{}
	for token := ""; ; {
		page, err := w.api.Tabledata.List(project, "calback", table).FormatOptionsUseInt64Timestamp(true).PageToken(token).MaxResults(1000).Do()
		if err != nil {
			w.t.Fatal(err)
		}
		for _, r := range page.Rows {
			cells := make([]any, len(r.F))
			for i, c := range r.F {
				cells[i] = c.V
			}
			out = append(out, asJSON(w.t, object(t.Schema.Fields, cells)))
		}
		if token = page.PageToken; token == "" {
			slices.Sort(out)
			return out
		}
	}
}

func asJSON(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func object(fields []*rest.TableFieldSchema, cells []any) map[string]any {
	out := map[string]any{}
	for i, f := range fields {
		if f.Mode == "REPEATED" {
			var items []any
			for _, it := range cells[i].([]any) {
				items = append(items, cell(f, it.(map[string]any)["v"]))
			}
			if len(items) > 0 {
				out[f.Name] = items
			}
		} else if cells[i] != nil {
			out[f.Name] = cell(f, cells[i])
		}
	}
	return out
}

func cell(f *rest.TableFieldSchema, v any) any {
	is := plainType(bq.FieldType(f.Type))
	if is == bq.RecordFieldType {
		var cells []any
		for _, c := range v.(map[string]any)["f"].([]any) {
			cells = append(cells, c.(map[string]any)["v"])
		}
		return object(f.Fields, cells)
	}
	return canonical(string(is), v.(string))
}

// canonical spells a value of BigQuery's in one way.
func canonical(typ, text string) any {
	switch typ {
	case "FLOAT":
		if x, err := strconv.ParseFloat(text, 64); err == nil {
			return strconv.FormatFloat(x, 'g', -1, 64)
		}
	case "NUMERIC", "BIGNUMERIC":
		if x, ok := new(big.Rat).SetString(text); ok {
			return x.RatString()
		}
	case "JSON":
		var x any
		if json.Unmarshal([]byte(text), &x) == nil {
			return x
		}
	}
	return text
}

// wanted is what cells should return for rows of a schema, by names of its own.
func wanted(t testing.TB, s *record.Schema, rows [][]record.Value) []string {
	t.Helper()
	out := []string{}
	for _, row := range rows {
		out = append(out, asJSON(t, wantedObject(s.Fields, row)))
	}
	slices.Sort(out)
	return out
}

func wantedObject(fields []record.Field, row []record.Value) map[string]any {
	out := map[string]any{}
	for i, f := range fields {
		switch {
		case row[i].IsNull():
		case f.Type.Kind == record.KindList:
			var items []any
			for _, it := range row[i].Items() {
				items = append(items, wantedCell(*f.Type.Elem, it))
			}
			if len(items) > 0 {
				out[f.Name] = items
			}
		default:
			out[f.Name] = wantedCell(f.Type, row[i])
		}
	}
	return out
}

func wantedCell(t record.Type, v record.Value) any {
	switch t.Kind {
	case record.KindStruct:
		return wantedObject(t.Fields, v.Items())
	case record.KindTimestamp:
		return strconv.FormatInt(v.Micros(), 10)
	case record.KindDouble:
		return canonical("FLOAT", strings.ReplaceAll(v.String(), "Infinity", "Inf"))
	case record.KindDecimal:
		return canonical("NUMERIC", v.Text())
	case record.KindJSON:
		return canonical("JSON", v.Text())
	case record.KindString:
		return v.Text()
	}
	b, err := record.AppendJSON(nil, t, v)
	if err != nil {
		panic(err) // of a value that the test made
	}
	return strings.Trim(string(b), `"`)
}

// parsed reads rows of a schema from JSON objects.
func parsed(t testing.TB, s *record.Schema, lines []string) [][]record.Value {
	t.Helper()
	r := record.NewNDJSONReader(strings.NewReader(strings.Join(lines, "\n")), s, record.ReadOptions{})
	var out [][]record.Value
	for range lines {
		row, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, slices.Clone(row))
	}
	return out
}

func (w *world) wantTable(table string, s *record.Schema, lines ...string) {
	w.t.Helper()
	got, want := w.cells(table), wanted(w.t, s, parsed(w.t, s, lines))
	if !slices.Equal(got, want) {
		w.t.Errorf("%s holds %d rows, want %d:\n got %s\nwant %s", table, len(got), len(want), strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

func (w *world) wantLoads(n int64) {
	w.t.Helper()
	if got := w.server.Stats().LoadsAccepted; got != n {
		w.t.Errorf("BigQuery accepted %d load jobs, want %d", got, n)
	}
}

func fact(r *processorstest.Runner, name string) string { return r.Facts()[name] }

func TestLoadsEveryTypeCellByCell(t *testing.T) {
	plain := record.MustSchema("dt", "date", "b", "bool", "i", "int64", "d", "double", "num", "decimal(20,4)", "s", "string", "y", "bytes", "at", "timestamp",
		"l", "list<string>", "r", "struct<x:int64,\"이름\":string>", "lr", "list<struct<d:date,n:list<int64>>>", "사용자 번호", "string")
	lines := []string{
		`{"dt":"2026-11-20","b":true,"i":"9223372036854775807","d":1.5,"num":"-1234567890123456.7891","s":"한글 \"quoted\" \\ \u0001","y":"AP8=","at":"2026-11-20T00:00:00.000001Z","l":["a","","나"],"r":{"x":1,"이름":"김"},"lr":[{"d":"0001-01-01","n":[1,2]},{"d":null,"n":[]}],"사용자 번호":"u1"}`,
		`{"dt":"2026-11-20","b":false,"i":"-9223372036854775808","d":"NaN","num":"0.0001","s":"","y":"","at":"0001-01-01T00:00:00Z","l":[],"r":{"x":null,"이름":null},"lr":[],"사용자 번호":"u2"}`,
		`{"dt":"2026-11-20","b":null,"i":9007199254740993,"d":"-Infinity","num":"5","s":"a,b\nc","y":"eA==","at":"9999-12-31T23:59:59.999999Z","l":null,"r":null,"lr":null,"사용자 번호":null}`,
		`{"dt":"2026-11-20","b":null,"i":null,"d":1e-300,"num":null,"s":null,"y":null,"at":null,"l":["x"],"r":{"x":7,"이름":"a"},"lr":null,"사용자 번호":null}`,
	}
	jsons := record.MustSchema("dt", "date", "j", "json")
	jsonLines := []string{`{"dt":"2026-11-20","j":{"a":[1,2.5,null,"x"],"한":true}}`, `{"dt":"2026-11-20","j":"text"}`,
		`{"dt":"2026-11-20","j":[]}`, `{"dt":"2026-11-20","j":17}`, `{"dt":"2026-11-20","j":null}`}
	for _, c := range []struct {
		name, format, sent string
		schema             *record.Schema
		lines              []string
	}{
		{"NDJSON", "ndjson", "ndjson", plain, lines},
		{"Parquet", "parquet", "parquet", plain, lines},
		{"json", "auto", "ndjson", jsons, jsonLines},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, sandbox.Config{}).makeDataset()
			r := w.runner(settings("format", c.format)).PutRecords(c.schema, c.lines[:1]...).PutRecords(c.schema, c.lines[1:]...).Run()
			r.Want("rejected")
			w.wantTable("user_actions$20261120", c.schema, c.lines...)
			w.wantLoads(1)
			rows := int64(len(c.lines))
			n := r.Notes()
			if len(n.Receipts) != 1 || n.Receipts[0].Key != "calback-demo.calback.user_actions$20261120" || n.Receipts[0].Rows != rows ||
				len(n.Receipts[0].SHA256) != 64 || n.Receipts[0].Bytes == 0 || !strings.Contains(n.Receipts[0].Link, "/jobs/weir_teststore_test_node_2026-11-20_1_1") {
				t.Errorf("receipts %+v", n.Receipts)
			}
			if who := r.Witnesses(); len(who) != 1 || who["BigQuery"] != rows {
				t.Errorf("witnesses %+v", who)
			}
			if fact(r, "format") != c.sent || fact(r, "job") != "weir_teststore_test_node_2026-11-20_1_1" || fact(r, "bytes") != strconv.FormatInt(n.Receipts[0].Bytes, 10) {
				t.Errorf("facts %+v", r.Facts())
			}
			r.WantAttr("success", "rows", strconv.FormatInt(rows, 10))
			job, err := w.api.Jobs.Get(project, fact(r, "job")).Location(location).Do()
			if err != nil {
				t.Fatal(err)
			}
			if got := job.Configuration.Labels[label]; got != labelOf(n.Receipts[0].SHA256) || len(got) != 52 {
				t.Errorf("label %q", got)
			}
			if l := job.Configuration.Load; l.Autodetect || l.MaxBadRecords != 0 || l.Schema == nil {
				t.Errorf("job %+v", l)
			}
		})
	}
}

func action(dt, uid string, n int) string {
	return fmt.Sprintf(`{"dt":%q,"uid":%q,"n":%d}`, dt, uid, n)
}

func TestReplacesItsPartitionAlone(t *testing.T) {
	w := newWorld(t, sandbox.Config{}).makeDataset()
	put := func(date string, generation uint32, rows ...string) {
		t.Helper()
		run := runOf(t, "day", date, "Asia/Seoul")
		run.Generation = generation
		r := w.runner(settings(), processorstest.Run(run)).PutRecords(actions, rows...)
		if err := r.Run().Err(); err != nil {
			t.Fatal(err)
		}
	}
	put("2026-11-19", 1, action("2026-11-19", "a", 1), action("2026-11-19", "b", 2))
	put("2026-11-20", 1, action("2026-11-20", "a", 3), action("2026-11-20", "c", 4))
	put("2026-11-20", 2, action("2026-11-20", "z", 5))
	w.wantTable("user_actions", actions, action("2026-11-19", "a", 1), action("2026-11-19", "b", 2), action("2026-11-20", "z", 5))
	put("2026-11-19", 2, action("2026-11-19", "a", 9))
	w.wantTable("user_actions", actions, action("2026-11-19", "a", 9), action("2026-11-20", "z", 5))
	w.wantLoads(4)
}

func TestIngestionPartitionsAreTheSlots(t *testing.T) {
	w := newWorld(t, sandbox.Config{}).makeDataset()
	s := record.MustSchema("uid", "string")
	for _, date := range []string{"2026-11-19", "2026-11-20", "2026-11-20"} {
		run := runOf(t, "day", date, "Asia/Seoul")
		run.Generation = uint32(w.seen("jobs.insert") + 1)
		r := w.runner(settings("partition", "_PARTITIONTIME"), processorstest.Run(run)).PutRecords(s, `{"uid":"of `+date+`"}`)
		if err := r.Run().Err(); err != nil {
			t.Fatal(err)
		}
	}
	w.wantTable("user_actions", s, `{"uid":"of 2026-11-19"}`, `{"uid":"of 2026-11-20"}`)
	w.wantTable("user_actions$20261120", s, `{"uid":"of 2026-11-20"}`)
}

func TestOverwritesAWholeTableWhenTold(t *testing.T) {
	w := newWorld(t, sandbox.Config{}).makeDataset()
	for i, date := range []string{"2026-11-19", "2026-11-20"} {
		r := w.runner(settings("partition", nil, "write", "overwrite_table"), processorstest.Date(date)).PutRecords(actions, action(date, "a", i))
		if err := r.Run().Err(); err != nil {
			t.Fatal(err)
		}
		if key := r.Notes().Receipts[0].Key; key != "calback-demo.calback.user_actions" {
			t.Errorf("receipt of %s", key)
		}
	}
	w.wantTable("user_actions", actions, action("2026-11-20", "a", 1))
}

func TestBadRowsAreRejectedAndTheOthersLoaded(t *testing.T) {
	w := newWorld(t, sandbox.Config{}).makeDataset()
	s := record.MustSchema("dt", "date", "uid", "string", "tags", "list<string>", "n", "decimal(38,20)")
	good := []string{`{"dt":"2026-11-20","uid":"a","tags":["x"],"n":"1"}`, `{"dt":"2026-11-20","uid":"b","tags":null,"n":"2"}`}
	w.makeTable(&rest.Table{TimePartitioning: byDay("dt"), Schema: &rest.TableSchema{Fields: []*rest.TableFieldSchema{
		{Name: "dt", Type: "DATE"}, {Name: "uid", Type: "STRING", Mode: "REQUIRED"}, {Name: "tags", Type: "STRING", Mode: "REPEATED"}, {Name: "n", Type: "NUMERIC"}}}})
	r := w.runner(settings()).PutRecords(s, good[0], `{"dt":"2026-11-19","uid":"late","tags":[],"n":null}`, `{"dt":null,"uid":"none","tags":[],"n":null}`).
		PutRecords(s, `{"dt":"2026-11-20","uid":null,"tags":[],"n":null}`, good[1], `{"dt":"2026-11-20","uid":"c","tags":["a",null],"n":null}`,
			`{"dt":"2026-11-20","uid":"d","tags":[],"n":"0.00000000001"}`).Run()
	r.WantRows("rejected",
		`{"row":2,"column":"dt","code":"bigquery_row_slot","reason":"2026-11-19 in the column \"dt\" is outside the slot 2026-11-20, so the row does not belong to the partition 20261120.","record":{"dt":"2026-11-19","uid":"late","tags":[],"n":null}}`,
		`{"row":3,"column":"dt","code":"bigquery_row_slot","reason":"null in the column \"dt\" is outside the slot 2026-11-20, so the row does not belong to the partition 20261120.","record":{"dt":null,"uid":"none","tags":[],"n":null}}`,
		`{"row":4,"column":"uid","code":"bigquery_row_null","reason":"The column \"uid\" is null, but the table requires a value.","record":{"dt":"2026-11-20","uid":null,"tags":[],"n":null}}`,
		`{"row":6,"column":"tags","code":"bigquery_row_null_item","reason":"Item 2 of the list in the column \"tags\" is null; lists in BigQuery have no nulls.","record":{"dt":"2026-11-20","uid":"c","tags":["a",null],"n":null}}`,
		`{"row":7,"column":"n","code":"bigquery_row_digits","reason":"0.00000000001 in the column \"n\" does not fit NUMERIC, which holds 29 digits before the point and 9 behind it.","record":{"dt":"2026-11-20","uid":"d","tags":[],"n":"0.00000000001"}}`)
	r.WantAttr("rejected", "reject.code", "bigquery_row_slot")
	w.wantTable("user_actions", s, good...)
	if l := r.Ledger(); l[flowfile.In].Rows != 7 || l[flowfile.Committed].Rows != 2 || l[flowfile.Rejected].Rows != 5 {
		t.Errorf("in %d, committed %d, rejected %d", l[flowfile.In].Rows, l[flowfile.Committed].Rows, l[flowfile.Rejected].Rows)
	}
}

func TestRowsAllAtFaultLeaveThePartition(t *testing.T) {
	w := newWorld(t, sandbox.Config{}).makeDataset()
	if err := w.runner(settings()).PutRecords(actions, action(today, "good", 1)).Run().Err(); err != nil {
		t.Fatal(err)
	}
	w.runner(settings()).PutRecords(actions, action("2026-11-19", "a", 1)).Run().WantErr("bigquery_all_rejected")
	w.wantTable("user_actions", actions, action(today, "good", 1))
	w.wantLoads(1)
}

func TestNoRowsEmptyThePartition(t *testing.T) {
	w := newWorld(t, sandbox.Config{}).makeDataset()
	w.runner(settings()).Run().WantErr("bigquery_columns_unknown")
	if err := w.runner(settings()).PutRecords(actions, action(today, "old", 1)).Run().Err(); err != nil {
		t.Fatal(err)
	}
	run := runOf(t, "day", today, "Asia/Seoul")
	run.Generation = 2
	r := w.runner(settings(), processorstest.Run(run)).Run()
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	w.wantTable("user_actions", actions)
	if c := r.Notes().Receipts; len(c) != 1 || c[0].Rows != 0 {
		t.Errorf("receipts %+v", c)
	}
}

func TestConforms(t *testing.T) {
	w := newWorld(t, sandbox.Config{}).makeDataset()
	processorstest.Conform(t, "LoadBigQuery", settings(), func(r *processorstest.Runner) {
		hasten(r)
		r.PutRecords(actions, action(today, "a", 1), action("2026-11-19", "b", 2), action(today, "c", 3))
	}, processorstest.Date(today), processorstest.Now(clock), processorstest.Service("gcp", "GoogleCloud", w.client))
	w.wantLoads(1)
}
