package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fixturesOfDaily are the fixtures of the main example, and dailyFlow its file.
const (
	fixturesOfDaily = "../../flows/fixtures/calback-daily"
	dailyFlow       = "../../flows/examples/calback-daily.json"
)

// fixtures writes a directory of fixtures from pairs of path and text.
func fixtures(t *testing.T, pairs ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i < len(pairs); i += 2 {
		path := filepath.Join(dir, filepath.FromSlash(pairs[i]))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(pairs[i+1]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// change replaces a part of a file of the fixtures, which must be there.
func change(t *testing.T, dir, name, old, by string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(b), old) {
		t.Fatalf("%s has no %q", name, old)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(b), old, by, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestTheDailyExampleDoesWhatItsFixturesSay holds the main flow to outputs that
// were worked out by hand.
func TestTheDailyExampleDoesWhatItsFixturesSay(t *testing.T) {
	got := mustJSON[tested](t, "flow", "test", dailyFlow, "--fixtures", fixturesOfDaily, "--strict")
	rows := map[string]int{"run.json": 0, "processed/dt=2026-11-20/user_actions.csv": 5, "raw/users/dt=2026-11-20/users.csv": 4,
		"raw/meetings/dt=2026-11-20/meetings.csv": 6, "raw/events/dt=2026-11-20/events.csv": 9, "BigQuery calback.user_actions": 6,
		"DuckDB warehouse/calback.duckdb/user_actions": 5}
	if !got.Equal || len(got.Outputs) != len(rows) || len(got.Unlisted) != 0 || got.State != "SUCCESS" {
		t.Fatalf("%+v", got)
	}
	for _, o := range got.Outputs {
		if n, ok := rows[o.Output]; !ok || n != o.Rows {
			t.Errorf("%s has %d rows, want %d", o.Output, o.Rows, n)
		}
	}
}

// TestWhatDiffersFromTheFixturesIsTold breaks what is expected of the example in
// many ways at once; each is told with its place and values.
func TestWhatDiffersFromTheFixturesIsTold(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(fixturesOfDaily)); err != nil {
		t.Fatal(err)
	}
	actions := "expected/files/processed/dt=2026-11-20/user_actions.csv"
	change(t, dir, actions, "4.666666666666667", "4.67")
	change(t, dir, actions, "2026-11-20,gone000000000000000000000000,0,0,0,0,1,300,,,,\n", "")
	change(t, dir, actions, "2026-11-20,stra", "2026-11-20,aaaa,1,1,1,1,1,1,1,pro,true,\n2026-11-20,stra")
	change(t, dir, "expected/files/raw/users/dt=2026-11-20/users.csv", `,"",,free`, ",,,free")
	change(t, dir, "expected/bigquery/calback.user_actions.csv", "meetings INTEGER", "meetings STRING")
	change(t, dir, "expected/bigquery/calback.user_actions.csv", "2026-11-19,hana", "2026-11-18,hana")
	change(t, dir, "expected/duckdb/warehouse/calback.duckdb/user_actions.csv", "2461,", "2462,")
	change(t, dir, "expected/run.json", `"read": 6`, `"read": 7`)
	for _, name := range []string{"expected/files/late.csv", "expected/bigquery/calback.nowhere.csv", "expected/duckdb/no.duckdb/x.csv"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("a\n1\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.RemoveAll(filepath.Join(dir, "expected/files/raw/events")); err != nil {
		t.Fatal(err)
	}
	r := weir(t, "flow", "test", dailyFlow, "--fixtures", dir)
	if r.code != exitFailed || r.err != "" {
		t.Errorf("exit %d: %s", r.code, r.err)
	}
	for _, want := range []string{
		"run.json: DIFFERENT, differences: 1\n  meetings read: expected 7, got 6\n",
		"late.csv: DIFFERENT, differences: 1\n  the run did not write it\n",
		"BigQuery calback.nowhere: DIFFERENT, differences: 1\n  the run did not write it\n",
		"DuckDB no.duckdb/x: DIFFERENT, differences: 1\n  the run did not write it\n",
		"processed/dt=2026-11-20/user_actions.csv: DIFFERENT, differences: 3\n" +
			"  row 2, column rating: expected \"4.67\", got \"4.666666666666667\"\n",
		`  row 2 was not expected: date="2026-11-20", mid="gone`,
		`  row 4 is missing: date="2026-11-20", mid="aaaa", events="1"`,
		`row 3, column name: expected null, got ""`,
		"column meetings: expected the type STRING, got INTEGER\n",
		`row 1, column date: expected "2026-11-18", got "2026-11-19"`,
		`row 3, column meeting_seconds: expected "2462", got "2461"`,
		"not compared, since it is not in expected/: raw/events/dt=2026-11-20/events.csv\n",
		"raw/meetings/dt=2026-11-20/meetings.csv: 6 rows equal\n",
		"calback-daily 2026-11-20: 8 of 9 outputs differ.\n",
	} {
		if !strings.Contains(r.out, want) {
			t.Errorf("no %q in\n%s", want, r.out)
		}
	}
}

// copying is a flow from file to file, with a parameter and notices.
const copying = `{"weir": 1, "id": "copying", "mode": "runs", "schedule": {"every": "day", "at": "06:00", "zone": "Asia/Seoul"}, "policy": {"retries": 3},
 "notify": {"webhook": {"secret": "hook"}},
 "parameters": {"to": {"type": "string", "default": "out"}},
 "nodes": {
  "read": {"kind": "ReadFile", "settings": {"path": "in/${run.date}.csv", "format": "csv", "schema": [["id", "int64"], ["name", "string"]]}, "terminate": ["rejected"]},
  "csv": {"kind": "WriteCSV", "settings": {"path": "#{to}/${run.date}.csv"}, "terminate": ["success"]}},
 "connections": {"read-csv": {"from": "read", "output": "success", "to": "csv"}}}`

func TestFlowTestFromNothing(t *testing.T) {
	flow := file(t, "copying.json", copying)
	dir := fixtures(t, "fixture.json", `{"slot": "2026-11-20"}`, "files/in/2026-11-20.csv", "id,name\n2,나\n1,\n")
	if r := weir(t, "flow", "test", flow, "--fixtures", dir); r.code != exitInvalid || r.errorCode() != "flow_test_nothing" {
		t.Errorf("nothing is expected: exit %d, %s", r.code, r.err)
	}
	out := must(t, "flow", "test", flow, "--fixtures", dir, "--update")
	if !strings.Contains(out, "Check "+filepath.Join(dir, "expected")+" by hand") {
		t.Errorf("it does not ask to check:\n%s", out)
	}
	b, err := os.ReadFile(filepath.Join(dir, "expected/files/out/2026-11-20.csv"))
	if err != nil || string(b) != "id,name\n2,나\n1,\n" {
		t.Errorf("%v: %s", err, b)
	}
	again := mustJSON[tested](t, "flow", "test", flow, "--fixtures", dir, "--update", "--strict")
	if len(again.Updated) != 0 || !again.Equal || len(again.Outputs) != 2 {
		t.Errorf("a second time: %+v", again)
	}
	// Another slot and another place give other files, and the old one lacks.
	r := weir(t, "flow", "test", flow, "--fixtures", dir, "--param", "to=elsewhere")
	if r.code != exitFailed || !strings.Contains(r.out, "out/2026-11-20.csv: DIFFERENT") || !strings.Contains(r.out, "not in expected/: elsewhere/2026-11-20.csv") {
		t.Errorf("exit %d\n%s", r.code, r.out)
	}
	if err := os.Rename(filepath.Join(dir, "files/in/2026-11-20.csv"), filepath.Join(dir, "files/in/2026-11-19.csv")); err != nil {
		t.Fatal(err)
	}
	r = weir(t, "flow", "test", flow, "--fixtures", dir)
	if r.code != exitFailed || !strings.Contains(r.out, "state: expected SUCCESS, got FAILED") || !strings.Contains(r.out, "in/2026-11-20.csv") {
		t.Errorf("a run that fails: exit %d\n%s%s", r.code, r.out, r.err)
	}
	// A run that is expected to fail is what was wanted.
	if err := os.RemoveAll(filepath.Join(dir, "expected")); err != nil {
		t.Fatal(err)
	}
	var state expectedRun
	state.State = "FAILED"
	text, err := json.Marshal(state)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "expected"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "expected/run.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	must(t, "flow", "test", flow, "--fixtures", dir)
}

// TestFlowTestNeedsNoCredentials runs a flow that names Google, a key and another
// project: it is put on the sandbox.
func TestFlowTestNeedsNoCredentials(t *testing.T) {
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", filepath.Join(t.TempDir(), "none.json"))
	doc := with(t, users, `"project": "calback-demo", "endpoint": "sandbox"`, `"project": "#{project}", "database": "second", "key": {"secret": "nokey"}`,
		`"nodes"`, `"parameters": {"project": {"type": "string"}}, "nodes"`, "userCollection", "people/list/members")
	dir := fixtures(t, "fixture.json", `{"slot": "2026-11-20", "ids": {"people/list/members": "uid"}, "params": {"project": "own-project"}}`,
		"firestore/people/list/members.ndjson", `{"uid": "u2", "name": "나"}`+"\n"+`{"uid": "u1", "name": null}`+"\n",
		"expected/files/users.csv", "__id,uid,name\nu1,u1,\nu2,u2,나\n")
	path := file(t, "users.json", doc)
	must(t, "flow", "test", path, "--fixtures", dir, "--strict")
	data := filepath.Join(t.TempDir(), "data")
	must(t, "flow", "import", path, "--data", data)
	must(t, "flow", "test", "users", "--fixtures", dir, "--data", data)
	if now, err := os.ReadFile(path); err != nil || string(now) != doc {
		t.Errorf("the flow file was changed: %v", err)
	}
	two := with(t, doc, `"services": {`, `"services": {"other": {"kind": "GoogleCloud", "settings": {"project": "other-project"}}, `)
	if r := weir(t, "flow", "test", file(t, "two.json", two), "--fixtures", dir); r.code != exitInvalid || r.errorCode() != "flow_test_two" {
		t.Errorf("two projects: exit %d, %s", r.code, r.err)
	}
}

func TestFlowTestMisuse(t *testing.T) {
	flow := file(t, "copying.json", copying)
	good := []string{"fixture.json", `{"slot": "2026-11-20"}`, "files/in/2026-11-20.csv", "id,name\n1,a\n", "expected/run.json", "{}"}
	for code, pairs := range map[string][]string{
		"flow_test_stranger": append([]string{"firestores/users.ndjson", "{}"}, good...),
		"flow_test_json":     append(good[2:], "fixture.json", `{"slots": "2026-11-20"}`),
		"flow_test_no_slot":  good[2:],
		"slot_key_bad":       append(good[2:], "fixture.json", `{"slot": "yesterday"}`),
		"flow_test_csv":      append([]string{"expected/files/out/2026-11-20.csv", "id,name\n1\n"}, good...),
		"flow_test_table":    append([]string{"bigquery/d.t.ndjson", "{"}, good...),
	} {
		r := weir(t, "flow", "test", flow, "--fixtures", fixtures(t, pairs...))
		if r.code != exitInvalid || r.errorCode() != code || r.out != "" {
			t.Errorf("%s: exit %d\n%s%s", code, r.code, r.out, r.err)
		}
	}
	for _, name := range []string{"firestore/users.json", "ga4/x.csv", "bigquery/d.ndjson", "bigquery/d.t.csv", "expected/x.csv", "expected/bigquery/t.csv", "expected/duckdb/t.csv", "other.txt", "files"} {
		r := weir(t, "flow", "test", flow, "--fixtures", fixtures(t, append([]string{name, "{}"}, good[:2]...)...))
		if r.code != exitInvalid || r.errorCode() != "flow_test_stranger" && r.errorCode() != "flow_test_nothing" {
			t.Errorf("%s: exit %d\n%s%s", name, r.code, r.out, r.err)
		}
	}
	if r := weir(t, "flow", "test", flow); r.code != exitInvalid || r.errorCode() != "flow_test_no_dir" {
		t.Errorf("exit %d, %s", r.code, r.err)
	}
	if r := weir(t, "flow", "test", flow, "--fixtures", filepath.Join(t.TempDir(), "none")); r.code != exitInvalid || r.errorCode() != "flow_test_no_fixtures" {
		t.Errorf("exit %d, %s", r.code, r.err)
	}
}

// TestTheFixturesOfDailySeeMistakes breaks the flow in ways that a person might:
// the fixtures notice each.
func TestTheFixturesOfDailySeeMistakes(t *testing.T) {
	if os.Getenv("WEIR_SOAK") == "" {
		t.Skip("runs the flow once for each mistake; set WEIR_SOAK=1")
	}
	b, err := os.ReadFile(dailyFlow)
	if err != nil {
		t.Fatal(err)
	}
	for name, pair := range map[string][2]string{
		"the day of another zone":    {"timezone('Asia/Seoul', startedAt)", "timezone('UTC', startedAt)"},
		"cancelled meetings count":   {"WHERE status = 'done'", "WHERE true"},
		"meetings without events":    {"FULL JOIN met", "LEFT JOIN met"},
		"events of nobody":           {"NOT IN ('(not set)', '')", "NOT IN ('(not set)')"},
		"rows instead of events":     {"sum(event_count) AS events", "count(*) AS events"},
		"the best rating":            {"avg(rating)", "max(rating)"},
		"a rating that is not there": {"\\n  rating\\nFROM", "\\n  coalesce(rating, 0) AS rating\\nFROM"},
		"only users of Firestore":    {`"type": "left"`, `"type": "inner"`},
		"the whole table is replaced": {`"partition": "date",
        "service": "gcp"`, `"partition": "none",
        "service": "gcp"`},
	} {
		r := weir(t, "flow", "test", file(t, "daily.json", with(t, string(b), pair[0], pair[1])), "--fixtures", fixturesOfDaily)
		if r.code != exitFailed {
			t.Errorf("%s: exit %d\n%s%s", name, r.code, r.out, r.err)
		}
	}
}

func TestFlowTestWithFaults(t *testing.T) {
	flow := file(t, "users.json", with(t, users, `"policy": {"retries": 0}`, `"policy": {"retries": 2, "retry_delay": "5m"}`))
	people := []string{"firestore/userCollection.ndjson", `{"__id": "a", "uid": "u1", "name": "x"}` + "\n", "expected/files/users.csv", "__id,uid,name\na,u1,x\n"}
	dir := fixtures(t, append([]string{"fixture.json", `{"slot": "2026-11-20", "faults": ["unavailable=1,method=RunQuery"]}`}, people...)...)
	must(t, "flow", "test", flow, "--fixtures", dir)
	dir = fixtures(t, append([]string{"fixture.json", `{"slot": "2026-11-20", "faults": ["hang,method=RunQuery"]}`}, people...)...)
	if r := weir(t, "flow", "test", flow, "--fixtures", dir, "--timeout", "10ms"); r.code != exitFailed || r.errorCode() != "test_slow" {
		t.Errorf("exit %d\n%s%s", r.code, r.out, r.err)
	}
}
