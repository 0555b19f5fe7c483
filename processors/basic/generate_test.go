package basic_test

import (
	"strings"
	"testing"

	"github.com/weirflow/weir/flowfile"
	_ "github.com/weirflow/weir/processors/basic"
	"github.com/weirflow/weir/processors/processorstest"
)

type settings = processorstest.Settings

var every = [][2]string{{"id", "int64"}, {"ok", "bool"}, {"d", "double"}, {"dec", "decimal(9,2)"}, {"small", "decimal(3,3)"}, {"name", "string"},
	{"raw", "bytes"}, {"at", "timestamp"}, {"day", "date"}, {"doc", "json"}, {"tags", "list<string>"}, {"in", "struct<a:int64,b:list<double>>"}}

func TestGenerateConforms(t *testing.T) {
	for _, c := range []struct {
		name string
		set  settings
	}{
		{"text", settings{"text": "Hello, ${run.date}", "count": 3}},
		{"random", settings{"content": "random", "size": "20 KB"}},
		{"records", settings{"content": "records", "schema": every, "rows": 50, "count": 3, "batch": 2, "nulls": 0.2}},
	} {
		t.Run(c.name, func(t *testing.T) { processorstest.Conform(t, "GenerateFlowFile", c.set, nil) })
	}
}

func TestGenerateMakesText(t *testing.T) {
	r := processorstest.New(t, "GenerateFlowFile", settings{"text": "at ${run.date} #{who}", "count": 3, "batch": 2,
		"attributes": map[string]string{"mark": "${run.slot}"}}, processorstest.Param("who", "string", "you"))
	r.Run().Want("success", "at 2026-11-21 you", "at 2026-11-21 you", "at 2026-11-21 you")
	r.WantAttr("success", "number", "1", "2", "3").WantAttr("success", "mark", "2026-11-21", "2026-11-21", "2026-11-21")
	if !r.Notes().Done {
		t.Error("the source is not done")
	}
	if n := r.Store.Commits(); n != 2 {
		t.Errorf("%d commits, want 2: it ends in the session of its last output", n)
	}
}

func TestGenerateMakesNothing(t *testing.T) {
	r := processorstest.New(t, "GenerateFlowFile", settings{"count": 0}).Run()
	r.Want("success")
	if !r.Notes().Done {
		t.Error("the source is not done")
	}
}

func TestGenerateMakesRandomLetters(t *testing.T) {
	r := processorstest.New(t, "GenerateFlowFile", settings{"content": "random", "size": 10_000, "count": 2}).Run()
	out := r.Output("success")
	a, b := r.Content(out[0]), r.Content(out[1])
	if len(a) != 10_000 || len(b) != 10_000 || a == b {
		t.Errorf("contents of %d and %d bytes, alike: %t", len(a), len(b), a == b)
	}
	other := processorstest.New(t, "GenerateFlowFile", settings{"content": "random", "size": 10_000, "seed": 2}).Run()
	if c := other.Content(other.Output("success")[0]); c == a {
		t.Error("another seed makes the same content")
	}
}

func TestGenerateMakesRecords(t *testing.T) {
	r := processorstest.New(t, "GenerateFlowFile", settings{"content": "records", "schema": every, "rows": 100, "count": 3}).Run()
	rows := r.Rows("success")
	if len(rows) != 300 {
		t.Fatalf("%d rows, want 300", len(rows))
	}
	if !strings.HasPrefix(rows[0], `{"id":1,`) || !strings.HasPrefix(rows[299], `{"id":300,`) {
		t.Errorf("ids run from %.20s to %.20s", rows[0], rows[299])
	}
	if all := strings.Join(rows, ""); strings.Contains(all, "null") {
		t.Error("there is a null, though nulls is 0")
	}
	if l := r.Ledger(); l[flowfile.Read].Rows != 300 || l[flowfile.Out].Rows != 300 || l[flowfile.Out].Unknown != 0 {
		t.Errorf("ledger = %+v", l)
	}
	nulls := processorstest.New(t, "GenerateFlowFile", settings{"content": "records", "schema": [][2]string{{"id", "string"}, {"x", "bool"}}, "rows": 2, "nulls": 1.0}).Run()
	nulls.WantRows("success", `{"id":"id-00000001","x":null}`, `{"id":"id-00000002","x":null}`)
}

func TestGenerateResumesWhereItStood(t *testing.T) {
	whole := processorstest.New(t, "GenerateFlowFile", settings{"content": "records", "schema": every, "rows": 10, "count": 20}).Run()
	r := processorstest.New(t, "GenerateFlowFile", settings{"content": "records", "schema": every, "rows": 10, "count": 20})
	r.Store.Content.FillUp(5_000)
	if err := r.Run().Err(); err == nil {
		t.Fatal("the disk is full and it says nothing")
	}
	if n := len(r.Output("success")); n == 0 || n == 20 {
		t.Fatalf("%d FlowFiles before the disk was full", n)
	}
	r.Store.Content.MakeRoom()
	r.Run().WantRows("success", whole.Rows("success")...)
}

func TestGenerateGoesOnInContinuousFlows(t *testing.T) {
	r := processorstest.New(t, "GenerateFlowFile", settings{"text": "x", "batch": 2}, processorstest.Continuous())
	r.Run().Run().WantAttr("success", "number", "1", "2", "3", "4")
}

func TestGenerateRefusesBadSettings(t *testing.T) {
	for code, set := range map[string]settings{
		"setting_missing":            {"content": "records"},
		"setting_too_small":          {"batch": 0},
		"setting_hidden":             {"size": "1 KB"},
		"setting_source_attribute":   {"text": "${filename}"},
		"setting_reserved_attribute": {"attributes": map[string]string{"run.date": "x"}},
	} {
		wantProblem(t, "GenerateFlowFile", set, code)
	}
}

func wantProblem(t *testing.T, kind string, set settings, code string) {
	t.Helper()
	_, problems := processorstest.Build(t, kind, set)
	if len(problems) != 1 || problems[0].Fault.Code != code {
		t.Errorf("problems of %v = %v, want one %s", set, problems, code)
	}
}
