package basic_test

import (
	"testing"

	"github.com/weirflow/weir/processors/processorstest"
	"github.com/weirflow/weir/record"
)

// TestPassagesConform holds the kinds that pass everything on against what every
// kind owes, with records and with plain content.
func TestPassagesConform(t *testing.T) {
	s := record.MustSchema("n", "int64")
	for _, kind := range []string{"Funnel", "InputPort", "OutputPort"} {
		t.Run(kind, func(t *testing.T) {
			processorstest.Conform(t, kind, nil, func(r *processorstest.Runner) {
				r.PutRecords(s, `{"n":1}`, `{"n":2}`)
				r.Put("text", "name", "a.txt")
			})
		})
	}
}
