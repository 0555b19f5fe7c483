package processors

import (
	"encoding/json"
	"testing"
)

// FuzzBuild wants any settings to be bound or refused with a text, never a
// panic, and the same each time.
func FuzzBuild(f *testing.F) {
	for _, s := range []string{`{}`, `{"str":"a#{s}","whole":"#{n}"}`, `{"list":["a",""],"names":{"k":"v"}}`, `{"size":"1 kb","span":"1d"}`,
		`{"routes":{"a":"${x:toUpper()}"},"schema":[["a","struct<b:int64>"]]}`, `{"secret":{"secret":"key"},"service":"acc","char":"\u0000"}`,
		`{"float":1e999,"whole":1e400,"most":-9223372036854775809}`, `{"str":"#{","text":"##{#{s}"}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var m map[string]json.RawMessage
		if json.Unmarshal([]byte(text), &m) != nil {
			return
		}
		conf, first := Build("TestEvery", m, testEnv())
		_, second := Build("TestEvery", m, testEnv())
		if conf == nil || len(first) != len(second) {
			t.Fatalf("%d problems, then %d", len(first), len(second))
		}
		for i, p := range first {
			if p.Fault.Error() != second[i].Fault.Error() || p.Property == "" && m[""] == nil {
				t.Errorf("problem %d: %s %v, then %v", i, p.Property, p.Fault, second[i].Fault)
			}
		}
		p := conf.Processor.(*every)
		if len(first) == 0 && (p.whole < 1 || p.whole > 10 || p.float < 0.25 || p.size > 1e9 || len(p.names) > 2) {
			t.Errorf("a value out of bounds was bound: %+v", p)
		}
	})
}
