package sql_test

import (
	"strings"
	"testing"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/processors/processorstest"
	"github.com/weirflow/weir/record"
)

func TestQueryRecordKnowsItsColumns(t *testing.T) {
	both := map[string]*record.Schema{"users": users, "events": events}
	for _, c := range []struct {
		name, sql string
		in        map[string]*record.Schema
		want      string // the columns, or the code of the fault
		words     string
	}{
		{"a join", joined, both, `[["uid","string"],["name","string"],["n","int64"],["score","double"],["day","date"]]`, ""},
		{"a parameter", "SELECT users.uid, $least AS least FROM users, events WHERE n > $least::INT", both, `[["uid","string"],["least","string"]]`, ""},
		{"a column that is not there", "SELECT uid, event_cnt FROM users JOIN events USING (uid)", both, "duck_query", "event_cnt"},
		{"a type that cannot be added", "SELECT users.uid + 1.5::DOUBLE - [1] AS x FROM users, events", both, "duck_query", ""},
		{"a column twice", "SELECT uid, uid FROM users JOIN events USING (uid)", both, "duck_names_collide", "uid"},
		{"what depends on rows", "SELECT CASE WHEN (SELECT count(*) FROM users) = 0 THEN error('nobody') ELSE uid END AS uid FROM events", both, `[["uid","string"]]`, ""},
		{"columns that are not known", joined, map[string]*record.Schema{"users": users}, "", ""},
	} {
		r := processorstest.New(t, "QueryRecord", settings{"sql": c.sql, "tables": []string{"users", "events"}}, processorstest.Param("least", "int", "2"))
		out, err := r.Processor().(processors.Shaper).Shape(t.Context(), r.Env(), c.in)
		got := fault.CodeOf(err)
		if s := out["success"]; s != nil {
			got = s.String()
		}
		if got != c.want || err != nil && !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: got %s, %v", c.name, got, err)
		}
	}
}

func TestWriteDuckDBKnowsWhatItCanKeep(t *testing.T) {
	for _, c := range []struct {
		set  settings
		in   *record.Schema
		code string
	}{
		{warehouse, actions, ""},
		{with(warehouse, "partition", "date"), actions, ""},
		{with(warehouse, "partition", "dat"), actions, "sql_partition_missing"},
		{with(warehouse, "partition", "uid"), actions, "sql_partition_type"},
		{with(warehouse, "slot_column", "UID"), actions, "sql_slot_column_taken"},
		{warehouse, record.MustSchema("m", "decimal(50,3)"), "duck_column"},
	} {
		r := processorstest.New(t, "WriteDuckDB", c.set, processorstest.Dir(t.TempDir()))
		out, err := r.Processor().(processors.Shaper).Shape(t.Context(), r.Env(), map[string]*record.Schema{"": c.in})
		if fault.CodeOf(err) != c.code || err == nil && out == nil {
			t.Errorf("%v with %s: %v, %v", c.set, c.in, out, err)
		}
	}
}
