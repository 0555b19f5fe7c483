package bigquery

import (
	"strings"
	"testing"

	rest "google.golang.org/api/bigquery/v2"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/processors/processorstest"
	"github.com/weirflow/weir/record"
	sandbox "github.com/weirflow/weir/sandbox/bigquery"
)

func TestColumnsAreHeldAgainstTheTable(t *testing.T) {
	columns := record.MustSchema("dt", "date", "uid", "string", "n", "int64")
	try := func(w *world, s processorstest.Settings, in *record.Schema, code, words string) {
		t.Helper()
		r := w.runner(s)
		out, err := r.Processor().(processors.Shaper).Shape(t.Context(), r.Env(), map[string]*record.Schema{"": in})
		if fault.CodeOf(err) != code || err != nil && !strings.Contains(err.Error(), words) || err == nil && out == nil {
			t.Errorf("%v: %v, %v", s, out, err)
		}
	}
	w := newWorld(t, sandbox.Config{Billing: true}).makeDataset()
	try(w, settings(), columns, "", "")
	try(w, settings("partition", "dat"), columns, "bigquery_partition_missing", "dt, uid, n")
	try(w, settings("partition", "uid"), columns, "bigquery_partition_type", "uid")
	try(w, settings("cluster", []string{"uidd"}), columns, "bigquery_cluster_missing", "uidd")
	try(w, settings("dataset", "unmade", "create", "dataset", "location", "EU"), columns, "", "")
	w.makeTable(&rest.Table{TimePartitioning: byDay("dt"), Schema: &rest.TableSchema{Fields: []*rest.TableFieldSchema{{Name: "dt", Type: "DATE"}, {Name: "uid", Type: "INTEGER"}}}})
	try(w, settings(), columns, "bigquery_columns_differ", "uid is INTEGER")
	if w.seen("tables.insert") != 1 || w.server.Stats().JobsAccepted != 0 {
		t.Errorf("it changed something: %v", w.requests)
	}
}
