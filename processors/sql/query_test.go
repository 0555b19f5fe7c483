package sql_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/processors/processorstest"
	_ "github.com/weirflow/weir/processors/sql"
	"github.com/weirflow/weir/record"
)

type settings = processorstest.Settings

var (
	users  = record.MustSchema("uid", "string", "name", "string")
	events = record.MustSchema("uid", "string", "ts", "timestamp", "n", "int64", "score", "double")
)

func put(r *processorstest.Runner) {
	r.PutRecordsTo("events", events, `{"uid":"a","ts":"2026-11-20T15:00:00.000000Z","n":"9007199254740993","score":0.1}`, `{"uid":"b","ts":"2026-11-20T14:59:59.999999Z","n":2,"score":0.2}`)
	r.PutRecordsTo("users", users, `{"uid":"b","name":"나"}`, `{"uid":"a","name":"가"}`, `{"uid":"c","name":null}`)
	r.PutRecordsTo("events", record.MustSchema("n", "int64", "uid", "string", "score", "double", "ts", "timestamp"), `{"n":3,"uid":"a","score":0.3,"ts":null}`)
}

const joined = `WITH e AS (SELECT uid, sum(n) AS n, sum(score) AS score FROM events GROUP BY uid)
SELECT users.uid, name, n::BIGINT AS n, score, $date AS day FROM users LEFT JOIN e USING (uid) ORDER BY name NULLS FIRST;`

func TestQueryRecordJoinsInputs(t *testing.T) {
	r := processorstest.New(t, "QueryRecord", settings{"sql": joined, "tables": []string{"users", "events"}})
	put(r)
	r.Run().WantRows("success", `{"uid":"c","name":null,"n":null,"score":null,"day":"2026-11-21"}`,
		`{"uid":"a","name":"가","n":"9007199254740996","score":0.4,"day":"2026-11-21"}`, `{"uid":"b","name":"나","n":2,"score":0.2,"day":"2026-11-21"}`)
	if got := r.SchemaOf(r.Output("success")[0]).String(); got != `[["uid","string"],["name","string"],["n","int64"],["score","double"],["day","date"]]` {
		t.Errorf("schema %s", got)
	}
}

func TestQueryRecordConforms(t *testing.T) {
	processorstest.Conform(t, "QueryRecord", settings{"sql": joined, "tables": []string{"users", "events"}}, put)
}

func TestQueryRecordOrdersByAllColumns(t *testing.T) {
	r := processorstest.New(t, "QueryRecord", settings{"sql": "SELECT name, uid FROM records -- as they come"})
	r.PutRecords(users, `{"uid":"b","name":"x"}`, `{"uid":"a","name":"x"}`, `{"uid":"c","name":null}`, `{"uid":"d","name":"A"}`)
	r.Run().WantRows("success", `{"name":"A","uid":"d"}`, `{"name":"x","uid":"a"}`, `{"name":"x","uid":"b"}`, `{"name":null,"uid":"c"}`)
}

func TestQueryRecordKnowsTheRun(t *testing.T) {
	r := processorstest.New(t, "QueryRecord", settings{"tables": []string{"events"}, "sql": `SELECT uid, ts >= $start AND ts < $end AS inside, (ts AT TIME ZONE $zone)::DATE = $date AS today, $slot AS slot,
		n > $least::INT AS many, $least AS least FROM events WHERE ts IS NOT NULL`}, processorstest.Param("least", "int", "2"))
	r.PutRecords(events, `{"uid":"a","ts":"2026-11-20T15:00:00.000000Z","n":3}`, `{"uid":"b","ts":"2026-11-20T14:59:59.999999Z","n":2}`)
	r.Run().WantRows("success", `{"uid":"a","inside":true,"today":true,"slot":"2026-11-21","many":true,"least":"2"}`,
		`{"uid":"b","inside":false,"today":false,"slot":"2026-11-21","many":false,"least":"2"}`)
}

func TestQueryRecordTakesParametersAsValues(t *testing.T) {
	evil := `x' OR 1=1; COPY users TO 'out' --`
	r := processorstest.New(t, "QueryRecord", settings{"tables": []string{"users"}, "sql": "SELECT count(*) AS n, $name AS name FROM users WHERE name = $name"},
		processorstest.Param("name", "string", evil))
	r.PutRecords(users, `{"uid":"a","name":"x"}`, `{"uid":"b","name":"`+evil+`"}`).Run().WantRows("success", `{"n":1,"name":"`+evil+`"}`)
}

func TestQueryRecordOfNothing(t *testing.T) {
	r := processorstest.New(t, "QueryRecord", settings{"sql": "SELECT uid, 1.5 AS x FROM records"})
	r.PutRecords(users).PutRecords(users).Run()
	out := r.Output("success")
	if len(out) != 1 || out[0].Rows != 0 || r.SchemaOf(out[0]).String() != `[["uid","string"],["x","decimal(2,1)"]]` {
		t.Errorf("output %v", out)
	}
	processorstest.New(t, "QueryRecord", settings{"sql": "SELECT uid FROM records"}).Run().WantErr("sql_columns_unknown")
}

func TestQueryRecordCutsLargeResults(t *testing.T) {
	r := processorstest.New(t, "QueryRecord", settings{"sql": "SELECT i, uid FROM records, range(250000) t(i) ORDER BY i"})
	r.PutRecords(users, `{"uid":"a","name":"x"}`).Run()
	out := r.Output("success")
	if len(out) != 3 || out[0].Rows != 100_000 || out[2].Rows != 50_000 {
		t.Fatalf("%d FlowFiles", len(out))
	}
	if got := r.Content(out[2]); !strings.HasPrefix(got, `{"i":200000,"uid":"a"}`+"\n") || !strings.HasSuffix(got, `{"i":249999,"uid":"a"}`+"\n") {
		t.Errorf("the last part begins %.40q", got)
	}
}

func TestQueryRecordTellsFacts(t *testing.T) {
	r := processorstest.New(t, "QueryRecord", settings{"sql": joined, "tables": []string{"users", "events"}})
	put(r)
	facts := r.Run().Facts()
	if facts["rows.users"] != "3" || facts["rows.events"] != "3" || facts["rows.result"] != "3" || facts["spilled.bytes"] != "0" {
		t.Errorf("facts = %v", facts)
	}
}

func TestQueryRecordRefusesBadSettings(t *testing.T) {
	for _, c := range []struct {
		set  settings
		code string
	}{
		{settings{}, "setting_missing"},
		{settings{"sql": "SELECT * FROM reords"}, "duck_table_unknown"},
		{settings{"sql": "SELECT * FROM a", "tables": []string{"a", "b"}}, "sql_table_unused"},
		{settings{"sql": "SELEC 1"}, "duck_query"},
		{settings{"sql": "DROP TABLE records"}, "duck_not_select"},
		{settings{"sql": "SELECT * FROM records, read_csv('/etc/passwd')"}, "duck_table_function"},
		{settings{"sql": "SELECT now() FROM records"}, "duck_function_changing"},
		{settings{"sql": "SELECT * FROM records", "memory": "1 MB"}, "sql_memory_small"},
	} {
		_, problems := processorstest.Build(t, "QueryRecord", c.set)
		if len(problems) != 1 || problems[0].Fault.Code != c.code {
			t.Errorf("%v: %v, want %s", c.set, problems, c.code)
		}
	}
}

func TestQueryRecordTellsFaultsOfData(t *testing.T) {
	for _, c := range []struct{ sql, code, says string }{
		{"SELECT name::INTEGER FROM records", "duck_data", "Could not convert string 'x' to INT32"},
		{"SELECT nme FROM records", "duck_query", `Referenced column "nme" not found`},
		{"SELECT $other FROM records", "duck_param_unknown", "$other"},
		{"SELECT MAP {uid: name} AS m FROM records", "duck_type", `to_json("m")`},
		{"SELECT uid AS a, name AS A FROM records", "duck_names_collide", ""},
	} {
		r := processorstest.New(t, "QueryRecord", settings{"sql": c.sql}).PutRecords(users, `{"uid":"a","name":"x"}`).Run()
		if err := r.Err(); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q in it", c.sql, err, c.says)
		}
		r.WantErr(c.code)
	}
	r := processorstest.New(t, "QueryRecord", settings{"sql": "SELECT * FROM records"}).PutRecords(users).PutRecords(events).Run()
	r.WantErr("sql_columns_differ")
}

func TestQueryRecordVerifies(t *testing.T) {
	for sql, want := range map[string]processors.StepState{"SELECT $date, $least FROM records": processors.StepOK, "SELECT $other FROM records": processors.StepFailed} {
		r := processorstest.New(t, "QueryRecord", settings{"sql": sql}, processorstest.Param("least", "int", "2"))
		if steps := r.Verify(); len(steps) != 1 || steps[0].State != want {
			t.Errorf("%s: %+v", sql, steps)
		}
	}
}

func BenchmarkQueryRecord(b *testing.B) {
	rows := make([]string, 200_000)
	for i := range rows {
		rows[i] = fmt.Sprintf(`{"uid":"u%d","ts":"2026-11-20T15:00:00.%06dZ","n":%d,"score":%d.5}`, i%5000, i, i, i%7)
	}
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		r := processorstest.New(b, "QueryRecord", settings{"tables": []string{"events"}, "sql": "SELECT uid, sum(n)::BIGINT AS n, avg(score) AS score FROM events GROUP BY uid ORDER BY uid"})
		r.PutRecords(events, rows...)
		b.StartTimer()
		r.Run()
	}
	b.ReportMetric(float64(len(rows)*b.N)/b.Elapsed().Seconds(), "rows/s")
}
