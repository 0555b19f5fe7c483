package main

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/flows/examples"
	"github.com/weirflow/weir/sandbox"
)

// columnLine is a line of a step that checks columns.
var columnLine = regexp.MustCompile(`(?m)^\s*(\S+)\s+(ok|failed)\s+Check the columns`)

func TestFlowVerifyFollowsTheColumns(t *testing.T) {
	s, err := sandbox.Open(t.Context(), sandbox.Config{Users: 400, Meetings: 60, Date: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(t.Context()) })
	verify := func(doc string, more ...string) result {
		return weir(t, append([]string{"flow", "verify", file(t, "flow.json", doc), "--sandbox", s.Addr(), "--slot", "2026-11-20"}, more...)...)
	}
	for id, most := range map[string][]string{
		"calback-users":   nil,
		"calback-loyalty": nil,
		"calback-daily":   {"users", "meetings", "events", "actions", "join", "bigquery", "warehouse"},
	} {
		doc, err := examples.Read(id)
		if err != nil {
			t.Fatal(err)
		}
		var params []string
		if id == "calback-loyalty" {
			params = []string{"--param", "from=2026-09-01", "--param", "to=2026-10-31"}
		}
		r := verify(string(doc), params...)
		if r.code != 0 {
			t.Errorf("%s: exit %d\n%s%s", id, r.code, r.out, r.err)
		}
		told := map[string]bool{}
		for _, m := range columnLine.FindAllStringSubmatch(r.out, -1) {
			told[m[1]] = m[2] == "ok"
		}
		for _, node := range most {
			if !told[node] {
				t.Errorf("%s: nothing of the columns of %s in\n%s", id, node, r.out)
			}
		}
	}
	daily, err := examples.Read("calback-daily")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, old, new, node, code string
		words                      []string
	}{
		{"a key", "mid = uid", "mid = uidd", "join", "join_column_unknown", []string{"uidd", "uid"}},
		{"a column in the SQL", "sum(event_count) AS events", "sum(event_cnt) AS events", "actions", "duck_query", []string{"event_cnt", "event_count"}},
		{"the partition", `"partition": "date"`, `"partition": "dat"`, "bigquery", "bigquery_partition_missing", []string{"dat", "date"}},
		{"the partition of the warehouse", `"partition": "date",
        "table"`, `"partition": "dat",
        "table"`, "warehouse", "sql_partition_missing", []string{"dat", "date"}},
		{"a column to write", `"plan", "marketing`, `"plam", "marketing`, "join", "join_column_unknown", []string{"plam", "plan"}},
	} {
		before := s.Stats().Billed
		r := verify(with(t, string(daily), c.old, c.new))
		if r.code != exitInvalid || !strings.Contains(r.out, "["+c.code+"]") {
			t.Errorf("%s: exit %d\n%s%s", c.name, r.code, r.out, r.err)
		}
		line := ""
		for _, m := range columnLine.FindAllStringSubmatchIndex(r.out, -1) {
			if r.out[m[4]:m[5]] == "failed" && r.out[m[2]:m[3]] == c.node {
				line = r.out[m[0]:]
			}
		}
		for _, w := range c.words {
			if !strings.Contains(line, w) {
				t.Errorf("%s: no %q in %q of\n%s", c.name, w, line, r.out)
			}
		}
		// A count and one document of each collection.
		if n := s.Stats().Billed - before; n > 4 {
			t.Errorf("%s: %d documents were read", c.name, n)
		}
	}
}

func TestARunWithAWrongColumnReadsNothing(t *testing.T) {
	s := box(t)
	doc := with(t, users, `"terminate": ["success"]}},`, `"terminate": ["success"]},
  "q": {"kind": "QueryRecord", "settings": {"sql": "SELECT uidd FROM records"}}},`,
		`"to": "csv"}`, `"to": "q", "input": "records"}, "q-csv": {"from": "q", "output": "success", "to": "csv"}`)
	data := t.TempDir()
	must(t, "flow", "import", file(t, "users.json", doc), "--data", data)
	r := weir(t, "run", "start", "users", "--slot", "2026-11-20", "--data", data, "--sandbox", s.Addr())
	if r.code == 0 || !strings.Contains(r.out+r.err, "uidd") {
		t.Errorf("exit %d\n%s%s", r.code, r.out, r.err)
	}
	if n := s.Stats().Billed; n > 2 {
		t.Errorf("%d documents were read", n)
	}
}
