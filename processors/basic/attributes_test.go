package basic_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/flowfile/flowfiletest"
	"github.com/weirflow/weir/processors/processorstest"
	"github.com/weirflow/weir/record"
)

func put(r *processorstest.Runner) {
	r.Put("one", "n", "1", "name", "a").Put("two", "n", "20", "name", "b").PutRecords(record.MustSchema("x", "int64"), `{"x":1}`, `{"x":2}`)
}

func TestKindsOverAttributesConform(t *testing.T) {
	for kind, set := range map[string]settings{
		"UpdateAttribute":  {"set": map[string]string{"m": "${n:append('!')}"}, "delete": []string{"name"}},
		"RouteOnAttribute": {"routes": map[string]string{"large": "${n:gt(10)}", "one": "${n:equals('1')}"}},
		"LogAttribute":     {"level": "warn", "message": "${name}"},
	} {
		t.Run(kind, func(t *testing.T) { processorstest.Conform(t, kind, set, put) })
	}
}

func TestUpdateAttribute(t *testing.T) {
	for _, c := range []struct {
		name string
		set  settings
		in   []string
		want map[string]string // "" for none
	}{
		{"nothing", settings{}, []string{"a", "1"}, map[string]string{"a": "1"}},
		{"set and replace", settings{"set": map[string]string{"a": "${b}", "c": "x${a}", "d": "${run.date}"}}, []string{"a", "1", "b", "2"},
			map[string]string{"a": "2", "b": "2", "c": "x1", "d": "2026-11-21"}},
		{"swap", settings{"set": map[string]string{"a": "${b}", "b": "${a}"}}, []string{"a", "1", "b", "2"}, map[string]string{"a": "2", "b": "1"}},
		{"delete", settings{"delete": []string{"a", "missing"}}, []string{"a", "1", "b", "2"}, map[string]string{"a": "", "b": "2"}},
		{"delete by pattern", settings{"delete_matching": `a|h\..*`}, []string{"a", "1", "ab", "2", "h.x", "3", "h", "4"},
			map[string]string{"a": "", "ab": "2", "h.x": "", "h": "4"}},
		{"rename", settings{"set": map[string]string{"new": "${old}"}, "delete": []string{"old"}}, []string{"old", "1"}, map[string]string{"old": "", "new": "1"}},
		{"set wins over delete", settings{"set": map[string]string{"a": "2"}, "delete_matching": ".*"}, []string{"a", "1"}, map[string]string{"a": "2"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := processorstest.New(t, "UpdateAttribute", c.set).Put("content", c.in...)
			r.Run().Want("success", "content").Want("failure")
			f := r.Output("success")[0]
			for name, want := range c.want {
				if got := f.Attr(name); got != want {
					t.Errorf("%s = %q, want %q", name, got, want)
				}
				if _, ok := f.Attrs.Get(name); ok && want == "" {
					t.Errorf("%s is still there", name)
				}
			}
		})
	}
}

func TestUpdateAttributeKeepsRecords(t *testing.T) {
	r := processorstest.New(t, "UpdateAttribute", settings{"delete_matching": ".*", "set": map[string]string{"a": "1"}})
	r.PutRecords(record.MustSchema("x", "int64"), `{"x":1}`, `{"x":2}`).Run().WantRows("success", `{"x":1}`, `{"x":2}`)
}

func TestUpdateAttributeRefusesWhatFails(t *testing.T) {
	r := processorstest.New(t, "UpdateAttribute", settings{"set": map[string]string{"a": "${n:toDate('yyyy'):format('yyyy'):plus(1)}"}, "delete": []string{"n"}})
	r.Put("good", "n", "2041").Put("bad", "n", "many").Run().Want("success", "good").Want("failure", "bad").WantAttr("success", "a", "2042")
	f := r.Output("failure")[0]
	if f.Attr("n") != "many" || f.Attr("reject.code") == "" || !strings.Contains(f.Attr("reject.reason"), "many") {
		t.Errorf("attributes = %v", f.Attrs)
	}
	if l := r.Ledger(); l[flowfile.Rejected].N != 1 {
		t.Errorf("ledger = %+v", l)
	}
}

func TestUpdateAttributeRefusesBadSettings(t *testing.T) {
	wantProblem(t, "UpdateAttribute", settings{"set": map[string]string{"record.schema": "x"}}, "setting_reserved_attribute")
	wantProblem(t, "UpdateAttribute", settings{"delete": []string{"run.date"}}, "setting_reserved_attribute")
	wantProblem(t, "UpdateAttribute", settings{"delete_matching": "a("}, "setting_bad_regexp")
	wantProblem(t, "UpdateAttribute", settings{"delete_matching": ")|("}, "setting_bad_regexp")
}

func TestRouteOnAttribute(t *testing.T) {
	routes := map[string]string{"a_large": "${n:gt(10)}", "b_even": "${n:mod(2):equals(0)}", "c_named": "${name:isEmpty():not()}", "d_flag": "${flag}"}
	for _, c := range []struct {
		to   string
		in   []string
		want map[string]int
	}{
		{"first", []string{"n", "20", "name", "x"}, map[string]int{"a_large": 1}},
		{"every", []string{"n", "20", "name", "x"}, map[string]int{"a_large": 1, "b_even": 1, "c_named": 1}},
		{"first", []string{"n", "4", "name", "x"}, map[string]int{"b_even": 1}},
		{"every", []string{"n", "4", "name", "x"}, map[string]int{"b_even": 1, "c_named": 1}},
		{"first", []string{"n", "1"}, map[string]int{"unmatched": 1}},
		{"every", []string{"n", "1"}, map[string]int{"unmatched": 1}},
		{"every", []string{"n", "20", "flag", "maybe"}, map[string]int{"failure": 1}},
		{"first", []string{"n", "20", "flag", "maybe"}, map[string]int{"a_large": 1}},
		{"every", []string{"n", "1", "flag", "true"}, map[string]int{"d_flag": 1}},
	} {
		r := processorstest.New(t, "RouteOnAttribute", settings{"routes": routes, "to": c.to}).Put("x", c.in...).Run()
		for _, rel := range []string{"a_large", "b_even", "c_named", "d_flag", "unmatched", "failure"} {
			if got := len(r.Output(rel)); got != c.want[rel] {
				t.Errorf("%s %v: %d FlowFiles on %s, want %d", c.to, c.in, got, rel, c.want[rel])
			}
		}
	}
}

// TestRouteOnFacts routes by what a FlowFile is, as the example of the kind does.
func TestRouteOnFacts(t *testing.T) {
	for content, want := range map[string]string{strings.Repeat("x", 1001): "large", strings.Repeat("x", 1000): "unmatched"} {
		processorstest.New(t, "RouteOnAttribute", settings{"routes": map[string]string{"large": "${fileSize:gt(1000)}"}}).
			Put(content).Run().Want(want, content)
	}
	r := processorstest.New(t, "RouteOnAttribute", settings{"routes": map[string]string{"some": "${record.count:gt(1)}"}})
	r.PutRecords(record.MustSchema("x", "int64"), `{"x":1}`, `{"x":2}`).Run()
	if n := len(r.Output("some")); n != 1 {
		t.Errorf("%d FlowFiles of two records", n)
	}
}

func TestRouteOnAttributeBalances(t *testing.T) {
	r := processorstest.New(t, "RouteOnAttribute", settings{"to": "every",
		"routes": map[string]string{"a": "${n:equals('1')}", "b": "${n:equals('1')}", "c": "${n:equals('2')}"}}, processorstest.Unwired("unmatched", "c"))
	schema := record.MustSchema("x", "int64")
	r.PutRecords(schema, `{"x":1}`, `{"x":2}`)
	r.Put("1", "n", "1").Put("2", "n", "2").Run().Want("a", "1").Want("b", "1")
	l := r.Ledger()
	if l[flowfile.In].N != 3 || l[flowfile.Cloned].N != 1 || l[flowfile.Out].N != 3 || l[flowfile.Filtered].Rows != 2 || l[flowfile.Terminated].N != 1 {
		t.Errorf("ledger = %+v", l)
	}
}

func TestRouteOnAttributeRefusesBadSettings(t *testing.T) {
	wantProblem(t, "RouteOnAttribute", settings{}, "setting_missing")
	wantProblem(t, "RouteOnAttribute", settings{"routes": map[string]string{"unmatched": "true"}}, "setting_output_taken")
	wantProblem(t, "RouteOnAttribute", settings{"routes": map[string]string{"Not good": "true"}}, "setting_output_name")
	wantProblem(t, "RouteOnAttribute", settings{"routes": map[string]string{"a": "${n:gt(}"}}, "setting_bad_expression")
}

// logged runs LogAttribute over one FlowFile with a log of that level and returns
// what it logged.
func logged(t *testing.T, set settings, level slog.Level) string {
	t.Helper()
	var text bytes.Buffer
	log := slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{Level: level}))
	conf, problems := processorstest.Build(t, "LogAttribute", set)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	m := flowfiletest.NewMemory()
	m.Put("in", flowfile.FlowFile{Rows: flowfile.UnknownRows, Attrs: flowfile.AttrsOf(map[string]string{"a": "1", "token": "secret"})})
	s := flowfile.NewSession(context.Background(), m.Configure(flowfile.Config{Node: "log", Log: log, Inputs: map[string][]string{"": {"in"}},
		Outputs: map[flowfile.Relationship]flowfile.Route{"success": {Conns: []string{"out"}, Class: flowfile.Out}, "failure": {Class: flowfile.Rejected}}}))
	if err := conf.Processor.Process(context.Background(), s); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Commit(context.Background()); err != nil {
		t.Fatal(err)
	}
	if n := len(m.Queue("out")); n != 1 {
		t.Errorf("%d FlowFiles came out", n)
	}
	return text.String()
}

func TestLogAttribute(t *testing.T) {
	for _, c := range []struct {
		set        settings
		level      slog.Level
		has, hasNo []string
	}{
		{settings{}, slog.LevelInfo, []string{"level=INFO", "attributes.a=1", "attributes.token=secret", "id="}, []string{"rows="}},
		{settings{"leave_out": []string{"token"}}, slog.LevelInfo, []string{"attributes.a=1"}, []string{"token", "secret"}},
		{settings{"attributes": []string{"b", "token"}, "level": "error"}, slog.LevelInfo, []string{"level=ERROR", "attributes.token=secret"}, []string{"a=1"}},
		{settings{"message": "got ${a}"}, slog.LevelInfo, []string{`message="got 1"`}, nil},
		{settings{"level": "debug"}, slog.LevelInfo, nil, []string{"attributes"}},
	} {
		got := logged(t, c.set, c.level)
		for _, want := range c.has {
			if !strings.Contains(got, want) {
				t.Errorf("%v: no %s in the log: %s", c.set, want, got)
			}
		}
		for _, no := range c.hasNo {
			if strings.Contains(got, no) {
				t.Errorf("%v: %s is in the log: %s", c.set, no, got)
			}
		}
	}
}
