package join_test

import (
	"strings"
	"testing"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/processors/processorstest"
	"github.com/weirflow/weir/record"
)

func TestTheColumnsOfAJoinAreThoseOfItsRows(t *testing.T) {
	both := map[string]*record.Schema{"left": events, "right": users}
	for _, set := range []settings{nil, {"type": "full", "collisions": "coalesce"}, {"left_columns": []string{"n"}, "right_columns": []string{"level as rank"}},
		{"keys": []string{"n = level"}, "collisions": "prefix"}, {"keys": []string{"n as string = name as string"}}} {
		r := joined(t, set, someEvents, someUsers)
		out, err := r.Processor().(processors.Shaper).Shape(t.Context(), r.Env(), both)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range []string{"success", "unmatched_left", "unmatched_right"} {
			for _, f := range r.Output(o) {
				if have, told := r.SchemaOf(f).String(), out[flowfile.Relationship(o)].String(); have != told {
					t.Errorf("%v: %s has %s, not %s", set, o, have, told)
				}
			}
		}
	}
}

func TestAWrongColumnOfAJoinIsKnownBefore(t *testing.T) {
	both := map[string]*record.Schema{"left": events, "right": users}
	for _, c := range []struct {
		set   settings
		in    map[string]*record.Schema
		code  string
		words string
	}{
		{settings{"keys": []string{"mid = uidd"}}, both, "join_column_unknown", "uid"},
		{settings{"keys": []string{"mid = level"}}, both, "join_types_differ", "mid as string"},
		{settings{"right_columns": []string{"nam"}}, both, "join_column_unknown", "name"},
		{settings{"collisions": "fail"}, both, "join_column_twice", "name"},
		{settings{"keys": []string{"mid = uidd"}}, map[string]*record.Schema{"left": events}, "", ""},
		{settings{"keys": []string{"mid = uidd"}, "right_schema": users}, map[string]*record.Schema{"left": events}, "join_column_unknown", "uid"},
		{settings{"keys": []string{"mid = uidd"}, "right_schema": events}, both, "", ""},
	} {
		all := settings{"keys": []string{"mid = uid"}}
		for k, v := range c.set {
			all[k] = v
		}
		r := processorstest.New(t, "JoinRecords", all)
		out, err := r.Processor().(processors.Shaper).Shape(t.Context(), r.Env(), c.in)
		if fault.CodeOf(err) != c.code || err != nil && !strings.Contains(err.Error(), c.words) || err == nil && out != nil {
			t.Errorf("%v: %v, %v", c.set, out, err)
		}
	}
}
