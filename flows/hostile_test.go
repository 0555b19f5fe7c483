package flows_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flows"
)

// TestHostileFilesCostLittle checks files that are made to be slow: as many
// mistakes of a sort as a flow may hold, or more. The limit is many times what
// they take; without bounds on what is taken and suggested some took minutes.
func TestHostileFilesCostLittle(t *testing.T) {
	list := func(n int, item string) string {
		var w strings.Builder
		for i := range n {
			if i > 0 {
				w.WriteByte(',')
			}
			w.WriteString(strings.ReplaceAll(item, "#", fmt.Sprint(i)))
		}
		return w.String()
	}
	const most = flows.MaxEntries
	nodes := `"nodes":{` + list(flows.MaxNodes, `"node-#":{"kind":"TestTag"}`) + `}`
	one := `"nodes":{"a":{"kind":"TestEmit","terminate":["success"],"discard":true,`
	for name, file := range map[string]string{
		"layout":      nodes + `,"layout":{` + list(most, `"noed-#":[0,0]`) + `}`,
		"connections": nodes + `,"connections":{` + list(most, `"c#":{"from":"noed-#","output":"x","to":"deno-#"}`) + `}`,
		"after":       one + `"after":[` + list(most, `"n#"`) + `]}}`,
		"terminate":   `"nodes":{"a":{"kind":"TestEmit","terminate":[` + list(most, `"o#"`) + `]}}`,
		"outputs": `"nodes":{"a":{"kind":"TestEmit"},"b":{"kind":"TestTag"}},"connections":{"c":{"from":"a","to":"b","output":[` +
			list(most, `"o#"`) + `]}}`,
		"kinds":    `"nodes":{` + list(flows.MaxNodes, `"n#":{"kind":"TestNope"}`) + `}`,
		"keys":     list(most-4, `"nodse#":1`) + `,"nodes":{}`,
		"settings": one + `"settings":{` + list(most, `"colection#":1`) + `}}}`,
		"repeated": list(20_000, `"id":1`) + `,"nodes":{}`,
		"ring": `"nodes":{` + list(flows.MaxNodes, `"n#":{"kind":"TestKeep"}`) + `},"connections":{` +
			list(flows.MaxNodes, `"c#":{"from":"n#","output":"success","to":"n#"}`) + `}`,
		"too many nodes":   `"nodes":{` + list(flows.MaxNodes+1, `"n#":{"kind":"TestTag"}`) + `}`,
		"too many entries": one + `"after":[` + list(20_000, `"n#"`) + `]}}`,
		"too many keys":    list(20_000, `"k#":1`) + `,"nodes":{}`,
	} {
		t.Run(name, func(t *testing.T) {
			b := []byte(`{"weir":1,"id":"a","mode":"runs",` + file + `}`)
			if len(b) > flows.MaxFileSize {
				t.Fatalf("the file has %d bytes", len(b))
			}
			start := time.Now()
			_, problems := flows.Check(b)
			took := time.Since(start)
			if len(problems) == 0 || len(problems) > 2*most {
				t.Errorf("%d problems", len(problems))
			}
			if tooMany := fault.CodeOf(problems) == "flow_too_many"; tooMany != strings.HasPrefix(name, "too many") && name != "repeated" {
				t.Errorf("says %s", problems[0].Fault.Code)
			}
			t.Logf("%d bytes, %d problems, %v", len(b), len(problems), took.Round(time.Millisecond))
			if took > 20*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}
