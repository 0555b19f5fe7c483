package bigquery

import (
	"strings"
	"testing"

	rest "google.golang.org/api/bigquery/v2"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors"
	sandbox "github.com/weirflow/weir/sandbox/bigquery"
)

func TestSuggestListsDatasetsAndTables(t *testing.T) {
	w := newWorld(t, sandbox.Config{Billing: true}).makeDataset()
	other := &rest.Dataset{DatasetReference: &rest.DatasetReference{ProjectId: project, DatasetId: "archive"}, Location: "EU"}
	if _, err := w.api.Datasets.Insert(project, other).Do(); err != nil {
		t.Fatal(err)
	}
	w.makeTable(&rest.Table{Schema: &rest.TableSchema{Fields: []*rest.TableFieldSchema{{Name: "uid", Type: "STRING"}}}})
	r := w.runner(settings())
	ask := func(property string) string {
		t.Helper()
		got, err := r.Processor().(processors.Suggester).Suggest(t.Context(), r.Env(), property)
		if err != nil {
			t.Fatalf("%s: %v", property, err)
		}
		var b strings.Builder
		for _, v := range got {
			b.WriteString(v.Value + " (" + v.Label + ") ")
		}
		return strings.TrimSpace(b.String())
	}
	for property, want := range map[string]string{"dataset": "archive (EU) calback (asia-northeast3)", "table": "user_actions ()",
		"location": "asia-northeast3 (calback-demo.calback)", "partition": ""} {
		if got := ask(property); got != want {
			t.Errorf("%s: %q, want %q", property, got, want)
		}
	}
	r = w.runner(settings("project", "another-project"))
	if _, err := r.Processor().(processors.Suggester).Suggest(t.Context(), r.Env(), "dataset"); fault.CodeOf(err) == "internal" || err == nil {
		t.Errorf("datasets of a project that there is not: %v", err)
	}
}
