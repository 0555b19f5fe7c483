package runs_test

import (
	"testing"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

// verdicts returns the verdicts of a run's table by node.
func (w *world) verdicts() map[string]string {
	w.t.Helper()
	g, err := simple().Compile()
	w.must(err)
	out := map[string]string{}
	for _, b := range runs.Table(w.run(), g) {
		out[b.Node] = b.Verdict
	}
	return out
}

// TestNothingIsBalancedThatDidNotHappen looks at the table of runs that ended
// before some of their nodes had done their work.
func TestNothingIsBalancedThatDidNotHappen(t *testing.T) {
	cancel := func(w *world) { w.must(w.order(flowfile.OrderCancel, nil)) }
	const yes, no = runs.Balanced, runs.Unchecked
	for _, c := range []struct {
		name           string
		do             func(w *world)
		state          runs.State
		src, mid, sink string
	}{
		{"cancelled at once", cancel, runs.Cancelled, no, no, no},
		{"the source fails", func(w *world) { w.begin("src"); w.fail("src", true) }, runs.Failed, no, no, no},
		{"cancelled after the source", func(w *world) { w.emit("src", "src-map", 3); cancel(w) }, runs.Cancelled, yes, no, no},
		{"cancelled after the map", func(w *world) {
			w.emit("src", "src-map", 3)
			w.pass("map", "src-map", "map-sink", flowfile.Out)
			cancel(w)
		}, runs.Cancelled, yes, yes, no},
		{"the sink fails", func(w *world) {
			w.emit("src", "src-map", 3)
			w.pass("map", "src-map", "map-sink", flowfile.Out)
			w.begin("sink")
			w.fail("sink", true)
		}, runs.Failed, yes, yes, no},
		{"still at work", func(w *world) { w.emit("src", "src-map", 3) }, runs.Running, yes, yes, yes},
		{"ends well", func(w *world) {
			w.emit("src", "src-map", 3)
			w.pass("map", "src-map", "map-sink", flowfile.Out)
			w.fire("sink", 3)
			w.finish()
		}, runs.Success, yes, yes, yes},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := started(t, simple())
			c.do(w)
			if r := w.run(); r.State != c.state {
				t.Fatalf("run is %s (%s)", r.State, r.Why)
			}
			if v := w.verdicts(); v["src"] != c.src || v["map"] != c.mid || v["sink"] != c.sink {
				t.Errorf("verdicts %v", v)
			}
		})
	}
}
