package runs_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

// broken is a failure whose cause is a fault too.
func broken() error {
	return fault.New("plan_after_map", "node", "n").Because(fault.New("run_parked", "n", 7).Because(errors.New("EOF")))
}

func (w *world) failWith(node string, err error) {
	w.t.Helper()
	w.must(w.order(flowfile.OrderFailAct, func(d *flowfile.Delivery) {
		d.Node = node
		d.Order.Final, d.Order.Code, d.Order.Why, d.Order.Note = true, fault.CodeOf(err), err.Error(), fault.NoteOf(err)
	}))
}

// TestReasonsSpeakBothLanguages looks at all that a failed node leaves, after it
// was stored: the run, its activities, its changes and what it waits for.
func TestReasonsSpeakBothLanguages(t *testing.T) {
	w := started(t, simple())
	w.begin("src")
	w.failWith("src", broken())
	changes := w.eff.Changes
	b, err := json.Marshal(w.run())
	w.must(err)
	var r runs.Run
	w.must(json.Unmarshal(b, &r))
	w.wantState(runs.Failed, "run_activity_failed")

	inner := fault.Text(broken(), fault.Korean)
	if !strings.Contains(inner, "활동") && !strings.Contains(inner, "완료 연결") || !strings.Contains(inner, "FlowFile 7개") || !strings.Contains(inner, "(EOF)") {
		t.Fatalf("the failure in Korean: %s", inner)
	}
	check := func(what string, n *fault.Note, english, korean string) {
		t.Helper()
		if got := n.Text(fault.English); got != english {
			t.Errorf("%s in English: %q, want %q", what, got, english)
		}
		if got := n.Text(fault.Korean); !strings.Contains(got, korean) || strings.Contains(got, "Node") {
			t.Errorf("%s in Korean: %q, want %q in it", what, got, korean)
		}
	}
	check("the run", r.Note, r.Why, inner)
	check("the run", r.Note, r.Why, "노드 src이(가) 실패했고")
	check("the source", r.Acts["src"].Note, r.Acts["src"].Err, inner)
	check("the sink", r.Acts["sink"].Note, r.Acts["sink"].Err, "노드 sink을(를)")
	told := 0
	for _, c := range changes {
		if c.Why == "" {
			continue
		}
		told++
		check("the change to "+c.To, c.Note, c.Why, "노드")
	}
	if told != 3 {
		t.Errorf("%d changes with a reason, want those of the source, the sink and the run", told)
	}
	g, err := simple().Compile()
	w.must(err)
	blockers := runs.Why(&r, g, w.now)
	if len(blockers) != 2 {
		t.Fatalf("it waits for %+v", blockers)
	}
	if got := blockers[0].Text(fault.Korean); got != "노드 src 실패: "+inner {
		t.Errorf("the source waits: %s", got)
	}
	if got := blockers[1].Text(fault.Korean); strings.Contains(got, "Node") {
		t.Errorf("the sink waits: %s", got)
	}

	w.must(w.resume(nil))
	if r := w.run(); r.Note != nil || r.Acts["src"].Note != nil || r.Acts["sink"].Note != nil {
		t.Errorf("taken up again it still has %v %v %v", r.Note, r.Acts["src"].Note, r.Acts["sink"].Note)
	}
}

// TestReasonsWithoutNotesKeepTheirText: those that older programs stored.
func TestReasonsWithoutNotesKeepTheirText(t *testing.T) {
	w := started(t, simple())
	w.begin("src")
	w.fail("src", true)
	if r := w.run(); !strings.Contains(r.Note.Text(fault.Korean), "it broke") || r.Acts["src"].Note != nil {
		t.Errorf("it says %s", r.Note.Text(fault.Korean))
	}
}
