package join_test

import (
	"strings"
	"testing"

	"github.com/weirflow/weir/processors/join"
	"github.com/weirflow/weir/processors/processorstest"
	"github.com/weirflow/weir/record"
)

func TestKeysAreRead(t *testing.T) {
	for line, want := range map[string]string{
		"mid = uid":                                "mid = uid",
		"mid=uid":                                  "mid = uid",
		"  사용자  =  \"my id\" ":                     `사용자 = "my id"`,
		"rating as int64 = rating as int64":        "rating as int64 = rating as int64",
		"p as decimal(10, 2) = q as decimal(10,2)": "p as decimal(10,2) = q as decimal(10,2)",
		"e as string lower trim = m as string nfc": "e as string trim lower = m as string nfc",
		`"as" = as`:                                "as = as",
	} {
		if got, ok := join.ParseKey(line); !ok || got != want {
			t.Errorf("%q is read as %q (%t), want %q", line, got, ok, want)
		}
	}
	for _, line := range []string{"", "mid", "mid =", "= uid", "mid = uid x", "mid as = uid", "mid as text = uid", "mid as list<string> = uid",
		"mid as int64 lower = uid", "mid as string lower lower = uid", `"mid = uid`, `"" = uid`, "a = b = c", "mid as json = uid"} {
		if got, ok := join.ParseKey(line); ok {
			t.Errorf("%q is read as %q", line, got)
		}
	}
}

func FuzzKey(f *testing.F) {
	for _, s := range []string{"mid = uid", `"a b" as string lower = c as string`, "x as decimal(3,1) = y as decimal(3,1)", "a as struct<b:int64> = c"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		again, ok := join.ParseKey(line)
		if !ok {
			return
		}
		if third, ok := join.ParseKey(again); !ok || third != again {
			t.Errorf("%q is written %q, which is read as %q (%t)", line, again, third, ok)
		}
	})
}

func TestSettingsAreChecked(t *testing.T) {
	for _, c := range []struct {
		set  settings
		code string
	}{
		{settings{"keys": []string{"mid"}}, "join_key_syntax"},
		{settings{"keys": []string{"a = b"}, "left_columns": []string{"a b"}}, "join_column_syntax"},
		{settings{"keys": []string{"a = b"}, "right_columns": []string{"a as"}}, "join_column_syntax"},
		{settings{"keys": []string{}}, "setting_required"},
	} {
		_, problems := processorstest.Build(t, "JoinRecords", c.set)
		if len(problems) != 1 || (problems[0].Fault.Code != c.code && c.code != "setting_required") {
			t.Errorf("%v: problems %v, want %s", c.set, problems, c.code)
		}
	}
}

func TestFaultsOfTheColumns(t *testing.T) {
	l := record.MustSchema("id", "int64", "at", "timestamp", "tags", "list<string>", "x", "string")
	r := record.MustSchema("id", "string", "day", "date", "tags", "list<string>", "x", "int64")
	for _, c := range []struct {
		set  settings
		code string
		says []string
	}{
		{settings{"keys": []string{"id = id"}}, "join_types_differ", []string{"id (int64)", "id (string)", "`id as string = id as string`"}},
		{settings{"keys": []string{"at = day"}}, "join_types_differ", []string{"`at as date = day as date`"}},
		{settings{"keys": []string{"idd = id"}}, "join_column_unknown", []string{`"idd"`, "Nearest: id"}},
		{settings{"keys": []string{"tags = tags"}}, "join_key_type", []string{"list<string>"}},
		{settings{"keys": []string{"id as date = day"}}, "join_cast_impossible", []string{"int64", "date"}},
		{settings{"keys": []string{"id as string = id"}, "collisions": "fail"}, "join_column_twice", []string{`"tags"`}},
		{settings{"keys": []string{"id as string = id"}, "collisions": "coalesce"}, "join_coalesce_types", []string{`"x"`, "int64"}},
		{settings{"keys": []string{"id as string = id"}, "left_columns": []string{"x as tags_right", "tags"}}, "join_column_twice", []string{"tags_right"}},
		{settings{"keys": []string{"id as string = id"}, "right_columns": []string{"nix"}}, "join_column_unknown", []string{"right"}},
	} {
		run := processorstest.New(t, "JoinRecords", c.set)
		run.PutRecordsTo("left", l, `{"id":1}`).PutRecordsTo("right", r, `{"id":"1"}`).Run()
		err := run.Err()
		run.WantErr(c.code)
		for _, s := range c.says {
			if err != nil && !strings.Contains(err.Error(), s) {
				t.Errorf("%s does not say %q: %v", c.code, s, err)
			}
		}
		if n := len(run.Output("success")); n != 0 {
			t.Errorf("%s: %d FlowFiles came out", c.code, n)
		}
	}
}

func TestColumnsAreChosenAndRenamed(t *testing.T) {
	r := processorstest.New(t, "JoinRecords", settings{"keys": []string{"mid = uid"}, "collisions": "right",
		"left_columns": []string{"n as number", "name"}, "right_columns": []string{"level as name", "uid"}})
	r.PutRecordsTo("left", events, `{"mid":"a","n":1,"name":"x"}`, `{"mid":"q","n":2,"name":"y"}`)
	r.PutRecordsTo("right", users, `{"uid":"a","name":"김","level":3}`).Run()
	r.WantRows("success", `{"mid":"a","number":1,"name":3,"uid":"a"}`, `{"mid":"q","number":2,"name":null,"uid":null}`)
}

func TestTheDayOfATimestampIsThatOfTheRun(t *testing.T) {
	r := processorstest.New(t, "JoinRecords", settings{"keys": []string{"at as date = day"}, "type": "inner"})
	r.PutRecordsTo("left", record.MustSchema("at", "timestamp"), `{"at":"2026-11-20T16:00:00Z"}`, `{"at":"2026-11-21T14:59:59Z"}`, `{"at":"2026-11-21T15:00:00Z"}`)
	r.PutRecordsTo("right", record.MustSchema("day", "date", "n", "int64"), `{"day":"2026-11-21","n":7}`).Run()
	r.WantRows("success", `{"at":"2026-11-21","n":7}`, `{"at":"2026-11-21","n":7}`)
}

func TestGoldenQueries(t *testing.T) {
	for got, want := range map[string]string{
		join.SortOf("left_rows"): `SELECT x FROM left_rows() ORDER BY x`,
		join.CountRight(false):   `CREATE TABLE right_counts AS SELECT x, count(*) AS n, CASE WHEN x IS NULL THEN 0 ELSE count(*) END AS used FROM right_keys() GROUP BY x`,
		join.CountRight(true):    `CREATE TABLE right_counts AS SELECT x, count(*) AS n, CASE WHEN x IS NULL THEN 0 ELSE 1 END AS used FROM right_keys() GROUP BY x`,
		join.CountJoin: `SELECT coalesce(sum(r.used) FILTER (l.here AND r.n IS NOT NULL), 0)::BIGINT, count(*) FILTER (l.here AND r.n IS NOT NULL), ` +
			`count(*) FILTER (l.here AND r.n IS NULL), coalesce(sum(r.n) FILTER (l.here IS NULL), 0)::BIGINT, ` +
			`coalesce(max(r.used) FILTER (l.here AND r.n IS NOT NULL), 0) ` +
			`FROM (SELECT x, true AS here FROM left_keys()) l FULL JOIN right_counts r ON l.x = r.x`,
	} {
		if got != want {
			t.Errorf("query\n got %s\nwant %s", got, want)
		}
	}
}
