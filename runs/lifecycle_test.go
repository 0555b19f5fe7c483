package runs_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

func TestRunGoesItsWay(t *testing.T) {
	w := newWorld(t, simple())
	w.must(w.create("2026-11-21", "scheduled"))
	w.n = w.eff.Run
	w.wantState(runs.Queued, "")
	w.must(w.order(flowfile.OrderAdmit, nil))
	w.wantState(runs.Running, "")
	if !slices.Equal(w.eff.Ready, []string{"src"}) || w.eff.From != runs.Queued || w.eff.To != runs.Running {
		t.Errorf("effects of admit: %+v", w.eff)
	}
	w.wantAct("sink", runs.ActWait, "")

	w.begin("src")
	d := w.session("src")
	w.put(d, "src-map", 3)
	d.Ledger[flowfile.Out].Add(3, 0)
	d.Ledger[flowfile.Read].Rows = 3
	d.Cursor, d.HasCursor, d.Emitted = []byte(`"a"`), true, 1
	w.must(w.commit(d))
	w.wantAct("src", runs.ActRunning, "")
	w.pass("map", "src-map", "map-sink", flowfile.Out)
	w.wantAct("sink", runs.ActWait, "") // the source may still emit
	d = w.session("src")
	d.Done = true
	w.must(w.commit(d))
	if !slices.Equal(w.eff.Ready, []string{"sink"}) {
		t.Errorf("the source's end made %v ready, want the sink", w.eff.Ready)
	}
	w.fire("sink", 3)
	w.wantState(runs.Finalizing, "")
	w.finish()
	w.wantState(runs.Success, "")
	r := w.run()
	if r.Balance != runs.Balanced || !r.Finished.Equal(w.eff.Changes[0].At) || len(r.Receipts) != 1 {
		t.Errorf("run ended %+v", r)
	}
	if s := w.s.SlotRuns("f", "2026-11-21"); s.Current != w.n || s.Newest != w.n || s.Generation != 1 {
		t.Errorf("slot %+v", s)
	}
	w.refuse("run_state", w.resume(nil))
}

func TestRunWithoutActivitiesEndsAtOnce(t *testing.T) {
	w := started(t, plan(nodes{"map": aMap}))
	w.wantState(runs.Finalizing, "")
	w.finish()
	w.wantState(runs.Success, "")
}

func TestGatedSourceWaitsForItsEdge(t *testing.T) {
	late := aSource
	late.After = []string{"map"}
	w := started(t, plan(nodes{"src": aSource, "map": aMap, "late": late, "sink": aSink}, "src map", "map sink", "late sink"))
	w.wantAct("late", runs.ActWait, "")
	w.emit("src", "src-map", 1)
	w.wantAct("late", runs.ActWait, "")
	w.pass("map", "src-map", "map-sink", flowfile.Out)
	w.wantAct("late", runs.ActReady, "")
	w.wantAct("sink", runs.ActWait, "")
	w.emit("late", "late-sink")
	w.wantAct("sink", runs.ActReady, "")
}

func TestSlotHasOneRunAtWork(t *testing.T) {
	w := newWorld(t, simple())
	w.start()
	w.refuse("slot_busy", w.create("2026-11-21", "rerun"))
	w.must(w.create("2026-11-20", "manual")) // another slot
	w.must(w.create("", runs.TestKind))      // and test runs take none
	w.refuse("internal", w.create("", "manual"))
	w.refuse("internal", w.create("2026-11-21", runs.TestKind))

	// After success the next generation replaces it, without touching it.
	first := w.n
	w.emit("src", "src-map")
	w.fire("sink", 0)
	w.refuse("slot_busy", w.create("2026-11-21", "rerun")) // FINALIZING is at work
	w.finish()
	w.must(w.create("2026-11-21", "rerun"))
	if w.eff.Superseded != nil {
		t.Error("a successful run was superseded")
	}
	if s := w.s.SlotRuns("f", "2026-11-21"); s.Generation != 2 || s.Newest != w.eff.Run || s.Current != first {
		t.Errorf("slot %+v", s)
	}
	w.wantState(runs.Success, "")
}

func TestNewRunSupersedesAFailedOne(t *testing.T) {
	w := started(t, simple())
	w.emit("src", "src-map", 1, 2)
	w.park("map", "src-map", 1)
	w.pass("map", "src-map", "map-sink", flowfile.Out)
	w.wantState(runs.Failed, "run_parked")
	failed := w.n
	w.must(w.create("2026-11-21", "rerun"))
	if e := w.eff.Superseded; e == nil || e.Run != failed || !e.DiscardAll || !slices.Equal(e.Purge, []string{"map-sink"}) || e.PurgeClass != flowfile.DroppedCancel ||
		e.From != runs.Failed || e.To != runs.Superseded {
		t.Errorf("effects on the old run: %+v", w.eff.Superseded)
	}
	w.wantState(runs.Superseded, "run_superseded")
	r := w.run()
	if r.Live().N != 0 || r.ParkedNow().N != 0 || r.Queues["map-sink"].Dropped.N != 1 || r.Queues["src-map"].Discarded.N != 1 {
		t.Errorf("superseded run keeps data: %+v", r.Queues)
	}
	w.refuse("run_state", w.resume(nil))
}

func TestOnlyTheNewestRunIsResumed(t *testing.T) {
	w := started(t, simple())
	w.begin("src")
	w.fail("src", true)
	w.wantState(runs.Failed, "run_activity_failed")
	w.s.SetSlotRuns("f", "2026-11-21", runs.SlotRuns{Generation: 2, Newest: 99})
	w.refuse("run_not_newest", w.resume(nil))
}

func TestOnEmpty(t *testing.T) {
	join := func(left string) *runs.Plan {
		g := runs.PlanNode{Kind: runs.Gate, Law: runs.LawNone, OnEmpty: map[string]string{"left": left}}
		return plan(nodes{"a": aSource, "b": aSource, "join": g, "sink": aSink}, "a join left", "b join right", "join sink")
	}
	for _, c := range []struct {
		onEmpty string
		act     runs.ActState
		code    string
		end     runs.State
	}{
		{runs.OnEmptyFail, runs.ActFailed, "input_empty", runs.Failed},
		{runs.OnEmptySkip, runs.ActSkipped, "", runs.Running},
		{runs.OnEmptyPass, runs.ActReady, "", runs.Running},
	} {
		t.Run(c.onEmpty, func(t *testing.T) {
			w := started(t, join(c.onEmpty))
			w.emit("b", "b-join", 2, 3)
			w.wantAct("join", runs.ActWait, "")
			w.emit("a", "a-join")
			w.wantAct("join", c.act, c.code)
			// The main input has no name: the reason tells the connection.
			if why := w.run().Acts["join"].Err; c.code != "" && !strings.Contains(why, "a-join") {
				t.Errorf("the reason does not say what is empty: %s", why)
			}
			if s := w.run().State; s != c.end {
				t.Errorf("run is %s, want %s", s, c.end)
			}
			if c.onEmpty != runs.OnEmptySkip {
				return
			}
			// What the skipped gate will never take is gone, counted, and the
			// gate below it sees its own empty input.
			if !slices.Equal(w.eff.Purge, []string{"b-join"}) || w.eff.PurgeClass != flowfile.Filtered || w.run().Live().N != 0 {
				t.Errorf("skip left data: %+v, purge %v", w.run().Queues["b-join"], w.eff.Purge)
			}
			if got := w.run().Counted("join", flowfile.Filtered); got.Rows != 5 {
				t.Errorf("skip filtered %+v, want 5 rows", got)
			}
			w.wantAct("sink", runs.ActReady, "")
			w.fire("sink", 0)
			w.finish()
			w.wantState(runs.Success, "")
		})
	}
}

func TestRejectsBlockAllButTheirFile(t *testing.T) {
	w := started(t, plan(nodes{"src": aSource, "map": aMap, "sink": aSink, "file": aSink}, "src map", "map sink", "!map file"))
	w.emit("src", "src-map", 5)
	d := w.passing("map", "src-map", "map-file", flowfile.Rejected)
	w.must(w.commit(d))
	w.wantAct("sink", runs.ActBlocked, "rejects_upstream")
	w.wantAct("file", runs.ActReady, "")
	w.fire("file", 5)
	w.wantState(runs.Failed, "rejects_upstream")
	w.must(w.resume(nil))
	w.wantState(runs.Failed, "rejects_upstream") // nothing changed: it fails again
	w.must(w.resume(func(o *flowfile.Order) { o.AcceptRejects, o.Why = true, "as agreed" }))
	w.wantAct("sink", runs.ActReady, "")
	w.fire("sink", 0)
	w.finish()
	w.wantState(runs.Partial, "run_rejected")
	if s := w.s.SlotRuns("f", "2026-11-21"); s.Current != w.n {
		t.Error("a partial run is not its slot's current one")
	}
}

func TestOnlyTheRejectsThatStandAreAccepted(t *testing.T) {
	w := started(t, simple())
	w.emit("src", "src-map", 5, 6)
	w.park("map", "src-map", 1)
	w.pass("map", "src-map", "", flowfile.Rejected)
	w.wantState(runs.Failed, "run_parked")
	w.must(w.resume(func(o *flowfile.Order) { o.AcceptRejects = true }))
	if got := w.run().Accepted["map"]; got.Rows != 6 {
		t.Errorf("accepted %+v, want 6 rows", got)
	}
	w.pass("map", "src-map", "", flowfile.Rejected) // the parked one is rejected too
	w.wantState(runs.Failed, "rejects_upstream")
	w.must(w.resume(nil))
	w.wantState(runs.Failed, "rejects_upstream")
	w.must(w.resume(func(o *flowfile.Order) { o.AcceptRejects = true }))
	w.fire("sink", 0)
	w.finish()
	w.wantState(runs.Partial, "run_rejected")
}

func TestStuckHasTheReason(t *testing.T) {
	two := plan(nodes{"a": aSource, "b": aSource, "map": aMap, "join": {Kind: runs.Gate}, "sink": aSink},
		"a map", "map join", "b join", "join sink")
	t.Run("failed source", func(t *testing.T) {
		w := started(t, two)
		w.begin("b")
		w.fail("b", true)
		w.wantAct("join", runs.ActWait, "") // a still runs
		w.wantState(runs.Running, "")
		w.emit("a", "a-map", 1)
		w.wantState(runs.Running, "") // one FlowFile can still move
		w.pass("map", "a-map", "map-join", flowfile.Out)
		w.wantAct("join", runs.ActBlocked, "upstream_failed")
		w.wantAct("sink", runs.ActBlocked, "upstream_failed")
		w.wantState(runs.Failed, "run_activity_failed")
		w.must(w.resume(nil))
		w.wantAct("b", runs.ActReady, "")
		w.wantAct("join", runs.ActWait, "")
		if w.act("b").Tries != 0 || w.run().Epoch != 2 {
			t.Errorf("after resume: %+v, epoch %d", w.act("b"), w.run().Epoch)
		}
		w.emit("b", "b-join", 1)
		w.wantAct("join", runs.ActReady, "")
	})
	t.Run("first failure is named", func(t *testing.T) {
		w := started(t, two)
		for _, s := range []string{"b", "a"} {
			w.begin(s)
			w.fail(s, true)
		}
		w.wantState(runs.Failed, "run_activity_failed")
		if why := w.run().Why; !strings.HasPrefix(why, "Node b failed") {
			t.Errorf("why: %s", why)
		}
	})
	t.Run("parked", func(t *testing.T) {
		w := started(t, two)
		w.emit("a", "a-map", 1)
		w.emit("b", "b-join", 1)
		w.park("map", "a-map", 1)
		w.wantAct("join", runs.ActBlocked, "upstream_parked")
		w.wantAct("sink", runs.ActBlocked, "upstream_blocked")
		w.wantState(runs.Failed, "run_parked")
		w.must(w.resume(nil))
		if !w.eff.UnparkAll || w.run().Queues["a-map"].Queued.N != 1 {
			t.Errorf("resume did not unpark: %+v", w.eff)
		}
		w.pass("map", "a-map", "map-join", flowfile.Out)
		w.wantAct("join", runs.ActReady, "")
	})
	t.Run("retry waits", func(t *testing.T) {
		w := started(t, two)
		w.emit("a", "a-map")
		w.begin("b")
		w.fail("b", false)
		w.wantAct("b", runs.ActRetryWait, "boom")
		w.wantState(runs.Running, "")
		if a := w.act("b"); a.Tries != 1 || a.Attempt != 1 || !a.NotBefore.After(w.now) {
			t.Errorf("after a failed try: %+v", a)
		}
	})
	t.Run("failed gate", func(t *testing.T) {
		w := started(t, two)
		w.emit("a", "a-map")
		w.emit("b", "b-join", 4)
		w.begin("join")
		w.fail("join", true)
		w.wantState(runs.Failed, "run_activity_failed")
		w.must(w.resume(nil))
		w.wantAct("join", runs.ActReady, "")
		if w.run().Queues["b-join"].Queued.N != 1 {
			t.Error("a failed gate lost its input")
		}
	})
}

func TestLostRowIsRedBeforeTheSinkFires(t *testing.T) {
	w := started(t, simple())
	w.emit("src", "src-map", 3, 4)
	d := w.passing("map", "src-map", "map-sink", flowfile.Out)
	d.Put = d.Put[:1] // a broken kind swallows one FlowFile
	d.Ledger[flowfile.Out] = flowfile.Tally{N: 1, Rows: 3}
	w.must(w.commit(d))
	w.wantState(runs.Failed, "balance_broken_upstream")
	w.wantAct("sink", runs.ActWait, "")
	if b := w.run().Breaches; len(b) != 1 || b[0] != (runs.Breach{Node: "map", Law: "map", Unit: "flowfiles", Want: 2, Got: 1}) {
		t.Errorf("breaches %+v", b)
	}
	w.must(w.resume(nil))
	w.wantState(runs.Failed, "balance_broken_upstream") // a loss cannot be resumed away
}

// A counter that does not add up stops the sink as a node's law does.
func TestBrokenEdgeIsRedBeforeTheSinkFires(t *testing.T) {
	g, err := simple().Compile()
	if err != nil {
		t.Fatal(err)
	}
	for _, conn := range []string{"src-map", "map-sink"} {
		tx := &benchTx{graph: g, run: &runs.Run{Number: 1, State: runs.Running, FlowVersions: []uint32{1},
			Queues: map[string]*runs.Queue{conn: {Entered: flowfile.Tally{N: 1}}},
			Acts:   map[string]*runs.Activity{"src": {State: runs.ActRunning}, "sink": {State: runs.ActWait}}}}
		_, err := runs.Apply(tx, &flowfile.Delivery{Run: 1, Node: "src", Fence: flowfile.Fence{Act: true}, Done: true})
		if r := tx.run; err != nil || r.Code != "balance_broken_upstream" || len(r.Breaches) != 1 || r.Breaches[0].Conn != conn {
			t.Errorf("%s: run %s %s, breaches %+v, %v", conn, r.State, r.Code, r.Breaches, err)
		}
	}
}

func TestSinkThatCommitsFewerRowsIsRed(t *testing.T) {
	w := started(t, simple())
	w.emit("src", "src-map", 3)
	w.pass("map", "src-map", "map-sink", flowfile.Out)
	w.fire("sink", 2)
	w.finish()
	w.wantState(runs.Failed, "balance_broken")
	if s := w.s.SlotRuns("f", "2026-11-21"); s.Current != 0 {
		t.Error("a failed run is its slot's current one")
	}
	w.refuse("run_owes_nothing", w.resume(nil))
}

func TestTwoGatesOnOneOutputAreRed(t *testing.T) {
	for _, c := range []struct {
		name, key string
		state     runs.State
		code      string
	}{
		{"one output", "file of one", runs.Failed, "receipt_twice"},
		{"an output each", "file of two", runs.Success, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := started(t, plan(nodes{"src": aSource, "one": aSink, "two": aSink}, "src one", "src two"))
			w.begin("src")
			d := w.session("src")
			w.put(d, "src-one", 3)
			w.put(d, "src-two", 3)
			d.Ledger[flowfile.Out].Add(3, 0)
			d.Ledger[flowfile.Read].Rows += 3
			d.Done = true
			w.must(w.commit(d))
			w.fire("one", 3)
			w.begin("two")
			d = w.firing("two", 3)
			d.Receipts[0].Key = c.key
			w.must(w.commit(d))
			w.finish()
			w.wantState(c.state, c.code)
		})
	}
}

func TestUnknownRowsAreNeverBalanced(t *testing.T) {
	w := started(t, simple())
	w.emit("src", "src-map", flowfile.UnknownRows)
	w.pass("map", "src-map", "map-sink", flowfile.Out)
	w.fire("sink", 7)
	w.finish()
	w.wantState(runs.Success, "")
	if b := w.run().Balance; b != runs.Unaccounted {
		t.Errorf("balance %q, want unaccounted", b)
	}
}

func TestAdoptingAFix(t *testing.T) {
	w := started(t, simple())
	w.emit("src", "src-map", 1)
	w.park("map", "src-map", 1)
	w.wantState(runs.Failed, "run_parked")
	w.publish(2, plan(nodes{"src": aSource, "map": aMap, "sink": aSink}, "map sink"))
	w.refuse("flow_strands", w.resume(func(o *flowfile.Order) { o.FlowVersion = 2 }))
	w.publish(3, plan(nodes{"src": aSource, "map": aMap, "sink": aSink, "extra": aSink}, "src map", "map sink", "map extra"))
	w.must(w.resume(func(o *flowfile.Order) { o.FlowVersion = 3 }))
	r := w.run()
	if !slices.Equal(r.FlowVersions, []uint32{1, 3}) || r.QueueVersion != 1 || r.Version() != 3 {
		t.Errorf("versions %v, queues of %d", r.FlowVersions, r.QueueVersion)
	}
	w.wantAct("extra", runs.ActWait, "") // a new gate gets its activity
}

func TestResumeIsSealedByAFiredGate(t *testing.T) {
	// In version 1 the dead end is not upstream of the gate, so the gate fires;
	// in version 2 it is, and what is parked there would come too late.
	w := started(t, plan(nodes{"src": aSource, "map": aMap, "dead": {Kind: runs.Map}, "gate": {Kind: runs.Gate}},
		"src map", "map gate", "map dead"))
	w.emit("src", "src-map", 1)
	d := w.passing("map", "src-map", "map-gate", flowfile.Out)
	w.put(d, "map-dead", 1)
	w.must(w.commit(d))
	w.begin("gate")
	w.must(w.commit(w.firing("gate", 0)))
	w.park("dead", "map-dead", 1)
	w.wantState(runs.Failed, "run_parked")
	w.publish(2, plan(nodes{"src": aSource, "map": aMap, "dead": {Kind: runs.Map}, "gate": {Kind: runs.Gate}},
		"src map", "map gate", "map dead", "dead gate"))
	w.refuse("run_sealed", w.resume(func(o *flowfile.Order) { o.FlowVersion = 2 }))
	w.must(w.resume(nil)) // on its own version nothing is sealed
	w.wantState(runs.Running, "")
}
