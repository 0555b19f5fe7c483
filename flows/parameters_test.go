package flows_test

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flows"
)

const paramFlow = `{"weir": 1, "id": "p", "mode": "runs", "nodes": {"a": {"kind": "TestEmit", "settings": {"collection": "#{s}", "page": "#{i}"}}},
	"parameters": {
		"s": {"type": "string", "default": "x #{i} y"}, "i": {"type": "int", "default": 5}, "f": {"type": "float", "default": 1e3},
		"b": {"type": "bool", "default": false}, "d": {"type": "date", "default": "2026-02-28"}, "t": {"type": "duration", "default": "1d12h"},
		"need": {"type": "int", "doc": "How many."}}}`

func parse(t testing.TB, s string) *flows.Flow {
	t.Helper()
	f, err := flows.Parse([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestResolveParams(t *testing.T) {
	f := parse(t, paramFlow)
	defaults := map[string]string{"s": "x #{i} y", "i": "5", "f": "1000", "b": "false", "d": "2026-02-28", "t": "1d12h"}
	for _, c := range []struct {
		given string // name=value, several with a bar
		want  string // what differs from the defaults, or error codes by name
		fails bool
	}{
		{"need=7", "need=7", false},
		{"need=+007|f=.5|b= true|d= 2024-02-29 |t=90m", "need=7|f=0.5|b=true|d=2024-02-29|t=90m", false},
		{"need=1|s=", "need=1|s=", false},
		{"", "parameters.need=parameter_missing", true},
		{"need=1.5|i=9223372036854775808", "parameters.i=parameter_value_bad|parameters.need=parameter_value_bad", true},
		{"need=1|f=NaN", "parameters.f=parameter_value_bad", true},
		{"need=1|f=0x1p-2", "f=0.25|need=1", false},
		{"need=1|b=yes", "parameters.b=parameter_value_bad", true},
		{"need=1|d=2026-02-29", "parameters.d=parameter_value_bad", true},
		{"need=1|t=-5m", "parameters.t=parameter_value_bad", true},
		{"neeed=1", "parameters.neeed=parameter_not_declared|parameters.need=parameter_missing", true},
	} {
		t.Run(c.given, func(t *testing.T) {
			got, err := f.ResolveParams(pairs(c.given))
			if !c.fails {
				want := maps.Clone(defaults)
				maps.Copy(want, pairs(c.want))
				if d := cmp.Diff(want, got); d != "" || err != nil {
					t.Errorf("%v\n%s", err, d)
				}
				return
			}
			var problems flows.Problems
			if !errors.As(err, &problems) {
				t.Fatalf("error is %v", err)
			}
			codes := map[string]string{}
			for _, p := range problems {
				codes[p.Path] = p.Fault.Code
			}
			if d := cmp.Diff(pairs(c.want), codes); d != "" {
				t.Error(d)
			}
		})
	}
	_, err := f.ResolveParams(nil)
	const want = "parameters.need: The parameter need (int) of flow p has no value: How many. Give one with --param need=42, or a default in the flow file."
	if err == nil || err.Error() != want || fault.CodeOf(err) != "parameter_missing" {
		t.Errorf("error = %v", err)
	}
}

func pairs(s string) map[string]string {
	out := map[string]string{}
	for _, p := range strings.Split(s, "|") {
		if k, v, ok := strings.Cut(p, "="); ok {
			out[k] = v
		}
	}
	return out
}
