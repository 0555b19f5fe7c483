package csv_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	_ "github.com/weirflow/weir/processors/csv"
	"github.com/weirflow/weir/processors/processorstest"
	"github.com/weirflow/weir/record"
)

type settings = processorstest.Settings

var people = record.MustSchema("uid", "string", "age", "int64", "note", "string")

const path = "out/dt=${run.date}/users.csv"
const file = "out/dt=2026-11-21/users.csv"

// three puts two FlowFiles, three rows.
func three(r *processorstest.Runner) {
	r.PutRecords(people, `{"uid":"a","age":1,"note":""}`, `{"uid":"b","age":null,"note":null}`)
	r.PutRecords(people, `{"uid":"다","age":-3,"note":"two\nlines, \"quoted\""}`)
}

const threeCSV = "uid,age,note\na,1,\"\"\nb,,\n다,-3,\"two\nlines, \"\"quoted\"\"\"\n"

func TestWriteCSVConforms(t *testing.T) {
	processorstest.Conform(t, "WriteCSV", settings{"path": path}, three)
}

func TestWriteCSVWritesARun(t *testing.T) {
	r := processorstest.New(t, "WriteCSV", settings{"path": path})
	three(r)
	r.Run()
	if got := r.File(file); got != threeCSV {
		t.Errorf("file:\n%s\nwant:\n%s", got, threeCSV)
	}
	var m struct {
		File, Flow, Run, Slot, SHA256 string
		Rows, Bytes                   int64
		Columns                       *record.Schema
	}
	if err := json.Unmarshal([]byte(r.File(file+".manifest.json")), &m); err != nil {
		t.Fatal(err)
	}
	if m.File != "users.csv" || m.Flow != "test" || m.Run != "01JD0000000000000000000000" || m.Slot != "2026-11-21" || m.Rows != 3 ||
		m.Bytes != int64(len(threeCSV)) || !m.Columns.Equal(people) {
		t.Errorf("manifest = %+v", m)
	}
	if text := r.File(file + ".manifest.json"); !strings.HasSuffix(text, ",\n  \"columns\": [\n    [\"uid\",\"string\"],\n    [\"age\",\"int64\"],\n    [\"note\",\"string\"]\n  ]\n}\n") {
		t.Errorf("manifest:\n%s", text)
	}
	r.Want("success", "").WantAttr("success", "path", file).WantAttr("success", "filename", "users.csv").
		WantAttr("success", "rows", "3").WantAttr("success", "sha256", m.SHA256)
	n := r.Notes()
	if w := r.Witnesses(); len(w) != 1 || w["CSV"] != 3 {
		t.Errorf("witnesses: %v", w)
	}
	if len(n.Receipts) == 1 && (n.Receipts[0].File != file || n.Receipts[0].SHA256 != m.SHA256) {
		t.Errorf("receipt: %+v", n.Receipts[0])
	}
	if len(n.Receipts) != 1 || n.Receipts[0].Rows != 3 || n.Receipts[0].Key != file || n.Receipts[0].Bytes != m.Bytes {
		t.Errorf("receipts = %+v", n.Receipts)
	}
	if l := r.Ledger(); l[flowfile.In].Rows != 3 || l[flowfile.Committed].Rows != 3 {
		t.Errorf("ledger = %+v", l)
	}
}

func TestWriteCSVDialects(t *testing.T) {
	for _, c := range []struct {
		name string
		set  settings
		want string
	}{
		{"tabs", settings{"delimiter": `\t`}, strings.ReplaceAll(strings.Replace(threeCSV, "lines, ", "lines; ", 1), ",", "\t")},
		{"no header", settings{"header": false}, strings.TrimPrefix(threeCSV, "uid,age,note\n")},
		{"null token", settings{"null": `\N`}, strings.ReplaceAll(threeCSV, "b,,", `b,\N,\N`)},
		{"all quoted", settings{"quote": "all"}, "\"uid\",\"age\",\"note\"\n\"a\",\"1\",\"\"\n\"b\",,\n\"다\",\"-3\",\"two\nlines, \"\"quoted\"\"\"\n"},
		{"crlf", settings{"line_ending": "crlf", "bom": true},
			"\ufeffuid,age,note\r\na,1,\"\"\r\nb,,\r\n다,-3,\"two\nlines, \"\"quoted\"\"\"\r\n"},
		{"excel", settings{"preset": "excel_korean"},
			"\ufeffuid,age,note\r\na,1,\"\"\r\nb,,\r\n다,-3,\"two\nlines, \"\"quoted\"\"\"\r\n"},
		{"columns in another order", settings{"schema": [][2]string{{"note", "string"}, {"uid", "string"}, {"age", "int64"}}},
			"note,uid,age\n\"\",a,1\n,b,\n\"two\nlines, \"\"quoted\"\"\",다,-3\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.set["path"] = "x.csv"
			r := processorstest.New(t, "WriteCSV", c.set)
			three(r)
			got := r.Run().File("x.csv")
			if c.name == "tabs" {
				got = strings.Replace(got, "lines, ", "lines; ", 1)
			}
			if got != c.want {
				t.Errorf("file:\n%q\nwant:\n%q", got, c.want)
			}
			if n := r.Notes(); n.Receipts[0].Rows != 3 {
				t.Errorf("receipt = %+v, want 3 rows", n.Receipts[0])
			}
		})
	}
}

func TestWriteCSVMakesFormulasHarmlessForExcel(t *testing.T) {
	r := processorstest.New(t, "WriteCSV", settings{"path": "x.csv", "preset": "excel_korean", "header": false})
	r.PutRecords(people, `{"uid":"=1+1","age":-3,"note":"-3"}`)
	if got := r.Run().File("x.csv"); got != "\ufeff'=1+1,-3,-3\r\n" {
		t.Errorf("file = %q", got)
	}
}

func TestWriteCSVWarnsOfWhatExcelCutsOff(t *testing.T) {
	long := strings.Repeat("가", 32_768)
	r := processorstest.New(t, "WriteCSV", settings{"path": "x.csv", "preset": "excel_korean"})
	r.PutRecords(people, `{"uid":"a","age":1,"note":"`+long+`"}`).Run()
	if !strings.Contains(r.File("x.csv"), long) {
		t.Error("the cell is not whole in the file")
	}
	if w := r.Store.Warnings(); len(w) != 1 || !strings.Contains(w[0], "1 cells") {
		t.Errorf("warnings = %q", w)
	}
}

func TestWriteCSVTakesColumnsInAnyOrder(t *testing.T) {
	r := processorstest.New(t, "WriteCSV", settings{"path": "x.csv"})
	r.PutRecords(people, `{"uid":"a","age":1,"note":"n"}`)
	r.PutRecords(record.MustSchema("note", "string", "uid", "string", "age", "int64"), `{"note":"m","uid":"b","age":2}`)
	if got := r.Run().File("x.csv"); got != "uid,age,note\na,1,n\nb,2,m\n" {
		t.Errorf("file = %q", got)
	}
}

func TestWriteCSVRefusesOtherColumns(t *testing.T) {
	for _, other := range []*record.Schema{
		record.MustSchema("uid", "string", "age", "int64"),
		record.MustSchema("uid", "string", "age", "double", "note", "string"),
		record.MustSchema("uid", "string", "age", "int64", "note", "string", "more", "bool"),
	} {
		r := processorstest.New(t, "WriteCSV", settings{"path": "x.csv"}).WriteFile("x.csv", "yesterday")
		three(r)
		r.PutRecords(other).Run().WantErr("csv_columns_differ")
		if got := r.Files(); len(got) != 1 || got["x.csv"] != "yesterday" {
			t.Errorf("files = %q", got)
		}
	}
	r := processorstest.New(t, "WriteCSV", settings{"path": "x.csv", "schema": [][2]string{{"uid", "string"}}})
	three(r)
	r.Run().WantErr("csv_columns_differ")
}

func TestWriteCSVRefusesWhatIsNoRecords(t *testing.T) {
	r := processorstest.New(t, "WriteCSV", settings{"path": "x.csv"}).Put("some text")
	r.Run().WantErr("not_records")
}

func TestWriteCSVOfNothing(t *testing.T) {
	schema := [][2]string{{"uid", "string"}, {"age", "int64"}}
	noRows := func(r *processorstest.Runner) { r.PutRecords(people).PutRecords(people) }
	for _, c := range []struct {
		name string
		set  settings
		put  func(*processorstest.Runner)
		want string // "" for no file
		code string
	}{
		{"no rows", settings{}, noRows, "uid,age,note\n", ""},
		{"no rows, no header", settings{"header": false, "bom": true}, noRows, "\ufeff", ""},
		{"no FlowFile, schema known", settings{"schema": schema}, nil, "uid,age\n", ""},
		{"no FlowFile", settings{}, nil, "old", "csv_columns_unknown"},
		{"no rows, no file", settings{"empty": "none"}, noRows, "", ""},
		{"no FlowFile, no file", settings{"empty": "none"}, nil, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.set["path"] = "x.csv"
			r := processorstest.New(t, "WriteCSV", c.set).WriteFile("x.csv", "old").WriteFile("x.csv.manifest.json", "old")
			if c.put != nil {
				c.put(r)
			}
			if r.Run(); c.code != "" {
				r.WantErr(c.code)
			} else if n := r.Notes(); len(n.Receipts) != 1 || n.Receipts[0].Rows != 0 || !n.Done {
				t.Errorf("notes = %+v", n)
			}
			got := r.Files()
			if got["x.csv"] != c.want {
				t.Errorf("file = %q, want %q", got["x.csv"], c.want)
			}
			if c.want == "" && len(got) != 0 {
				t.Errorf("files = %q, want none", got)
			}
		})
	}
}

func TestWriteCSVAgainGivesTheSameBytes(t *testing.T) {
	dir := t.TempDir()
	var first string
	for range 2 {
		r := processorstest.New(t, "WriteCSV", settings{"path": path, "manifest": false}, processorstest.Dir(dir))
		three(r)
		got := r.Run().File(file)
		if first == "" {
			first = got
		}
		if got != first {
			t.Errorf("the second run wrote %q, the first %q", got, first)
		}
		if n := len(r.Files()); n != 1 {
			t.Errorf("%d files, want 1", n)
		}
	}
}

func TestWriteCSVRefusesBadSettings(t *testing.T) {
	for _, c := range []struct {
		code string
		set  settings
	}{
		{"setting_missing", settings{}},
		{"path_up", settings{"path": "../x.csv"}},
		{"path_absolute", settings{"path": "/tmp/x.csv"}},
		{"path_part", settings{"path": "x.csv.part"}},
		{"path_empty", settings{"path": "out/"}},
		{"setting_whole_run_attribute", settings{"path": "${filename}.csv"}},
		{"csv_bad_delimiter", settings{"path": "x.csv", "delimiter": `"`}},
		{"csv_bad_null", settings{"path": "x.csv", "null": "a,b"}},
		{"setting_hidden", settings{"path": "x.csv", "preset": "excel_korean", "bom": false}},
		{"setting_not_a_choice", settings{"path": "x.csv", "quote": "some"}},
	} {
		_, problems := processorstest.Build(t, "WriteCSV", c.set)
		if len(problems) != 1 || problems[0].Fault.Code != c.code {
			t.Errorf("problems of %v = %v, want one %s", c.set, problems, c.code)
		}
	}
}

func TestWriteCSVVerifies(t *testing.T) {
	r := processorstest.New(t, "WriteCSV", settings{"path": path})
	if steps := r.Verify(); len(steps) != 1 || steps[0].State != processors.StepOK {
		t.Errorf("steps = %+v", steps)
	}
	if got := r.Files(); len(got) != 0 {
		t.Errorf("files = %q", got)
	}
	r.WriteFile("out", "in the way")
	if steps := r.Verify(); len(steps) != 1 || fault.CodeOf(steps[0].Fault) != "file_path_unusable" {
		t.Errorf("steps = %+v", steps)
	}
}

func TestWriteCSVManifestHasEveryType(t *testing.T) {
	schema := record.MustSchema("a \"b\"", "list<struct<x:int64,y:decimal(9,2)>>", "b", "json")
	r := processorstest.New(t, "WriteCSV", settings{"path": "x.csv"}).PutRecords(schema, `{}`).Run()
	text := r.File("x.csv.manifest.json")
	if !strings.Contains(text, `["a \"b\"","list<struct<x:int64,y:decimal(9,2)>>"]`) {
		t.Errorf("manifest:\n%s", text)
	}
	var m struct{ Columns *record.Schema }
	if err := json.Unmarshal([]byte(text), &m); err != nil || !m.Columns.Equal(schema) {
		t.Errorf("columns = %v, %v", m.Columns, err)
	}
}
