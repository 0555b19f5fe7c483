package files_test

import (
	"context"
	"strings"
	"testing"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/processors/processorstest"
)

func TestReadFileInfers(t *testing.T) {
	sought := [][2]string{{"sought", "json"}}
	for _, c := range []struct {
		name, text, want, doubt string
		set                     settings
	}{
		{"csv", "id,name,zip\n1,a,007\n2,b,\n", `[["id","int64"],["name","string"],["zip","string"]]`, "in/dt=2026-11-02/a", settings{"format": "csv"}},
		{"csv without header", "1;x\n", `[["column_1","int64"],["column_2","string"]]`, "in/dt=2026-11-02/a", settings{"format": "csv", "header": false, "delimiter": ";"}},
		{"ndjson", "{\"id\":1,\"tags\":[\"a\"]}\n{\"id\":1.5,\"at\":null}\n{bad\n", `[["id","double"],["tags","list<string>"],["at","json"]]`, "at", settings{"format": "ndjson"}},
		{"json", `[{"id":1},{"id":"x"}]`, `[["id","json"]]`, "id", settings{"format": "json"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := processorstest.New(t, "ReadFile", with(c.set, "path", "in/dt=${run.date}/a", "schema", sought)).WriteFile("in/dt=2026-11-01/a", "{").
				WriteFile("in/dt=2026-11-02/a", c.text)
			s, doubts, err := r.Processor().(processors.Inferrer).Infer(context.Background(), r.Env(), 100)
			if err != nil {
				t.Fatal(err)
			}
			if s.String() != c.want {
				t.Errorf("schema = %s, want %s", s, c.want)
			}
			if !strings.Contains(strings.Join(doubts, "\n"), c.doubt) {
				t.Errorf("doubts = %q, want %s among them", doubts, c.doubt)
			}
		})
	}
}

func TestReadFileInfersFromASample(t *testing.T) {
	r := processorstest.New(t, "ReadFile", settings{"path": "#{name}", "format": "ndjson", "schema": columns}, processorstest.Param("name", "string", "a")).
		WriteFile("a", "{\"id\":1}\n{\"id\":\"x\"}\n")
	for sample, want := range map[int]string{1: `[["id","int64"]]`, 5: `[["id","json"]]`} {
		s, doubts, err := r.Processor().(processors.Inferrer).Infer(context.Background(), r.Env(), sample)
		if err != nil || s.String() != want || len(doubts) != 1 || strings.Contains(doubts[0], "first 1 rows") != (sample == 1) {
			t.Errorf("schema = %s, doubts %q, %v", s, doubts, err)
		}
	}
}

func TestReadFileInfersFaults(t *testing.T) {
	for code, set := range map[string]settings{
		"infer_raw":     {"path": "a"},
		"infer_no_file": {"path": "in/${run.date}.csv", "format": "csv", "schema": columns},
		"file_missing":  {"path": "none", "format": "csv", "schema": columns},
	} {
		r := processorstest.New(t, "ReadFile", set)
		if _, _, err := r.Processor().(processors.Inferrer).Infer(context.Background(), r.Env(), 10); fault.CodeOf(err) != code {
			t.Errorf("error = %v, want %s", err, code)
		}
	}
}
