package runs_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

// TestOrdersByState sends every order to a run in every state: each is either
// done or refused with a reason that a person can use, and nothing is left
// behind by a refusal.
func TestOrdersByState(t *testing.T) {
	worlds := map[runs.State]func(*testing.T) *world{
		runs.Queued: func(t *testing.T) *world {
			w := newWorld(t, simple())
			w.must(w.create("2026-11-21", "manual"))
			w.n = w.eff.Run
			return w
		},
		runs.Running: func(t *testing.T) *world { w := started(t, simple()); w.begin("src"); return w },
		runs.Finalizing: func(t *testing.T) *world {
			w := started(t, simple())
			w.emit("src", "src-map")
			w.fire("sink", 0)
			return w
		},
		runs.Failed: func(t *testing.T) *world { w := started(t, simple()); w.begin("src"); w.fail("src", true); return w },
		runs.Cancelled: func(t *testing.T) *world {
			w := started(t, simple())
			w.must(w.order(flowfile.OrderCancel, nil))
			return w
		},
		runs.Success: func(t *testing.T) *world {
			w := started(t, simple())
			w.emit("src", "src-map")
			w.fire("sink", 0)
			w.finish()
			return w
		},
	}
	all := []runs.State{runs.Queued, runs.Running, runs.Finalizing, runs.Failed, runs.Cancelled, runs.Success}
	for _, c := range []struct {
		name string
		kind flowfile.OrderKind
		in   []runs.State // where it is done
	}{
		{"admit", flowfile.OrderAdmit, []runs.State{runs.Queued}},
		{"refuse", flowfile.OrderRefuse, []runs.State{runs.Queued}},
		{"fail", flowfile.OrderFailAct, []runs.State{runs.Running}},
		{"fence", flowfile.OrderFence, []runs.State{runs.Running}},
		{"cancel", flowfile.OrderCancel, []runs.State{runs.Queued, runs.Running, runs.Finalizing}},
		{"resume", flowfile.OrderResume, []runs.State{runs.Failed}},
		{"finish", flowfile.OrderFinish, []runs.State{runs.Finalizing}},
		{"recover", flowfile.OrderRecover, all},
		{"drop", flowfile.OrderDropQueue, []runs.State{runs.Running, runs.Failed}},
		{"unpark", flowfile.OrderUnpark, []runs.State{runs.Running}},
		{"discard", flowfile.OrderDiscard, []runs.State{runs.Running, runs.Failed}},
		{"expire", flowfile.OrderExpire, []runs.State{runs.Running}},
	} {
		for _, state := range all {
			t.Run(fmt.Sprintf("%s %s", c.name, state), func(t *testing.T) {
				w := worlds[state](t)
				w.wantState(state, w.run().Code)
				before := w.run()
				err := w.order(c.kind, func(d *flowfile.Delivery) { d.Node, d.Order.State = "src", string(runs.Skipped) })
				if slices.Contains(c.in, state) {
					w.must(err)
					return
				}
				w.refuse("run_state", err)
				if w.run() != before {
					t.Error("a refused order changed the run")
				}
			})
		}
	}
}

func TestOrdersAboutActivities(t *testing.T) {
	w := started(t, simple())
	at := func(node string) func(*flowfile.Delivery) { return func(d *flowfile.Delivery) { d.Node = node } }
	w.refuse("activity_state", w.order(flowfile.OrderBegin, at("sink")))
	w.refuse("activity_state", w.order(flowfile.OrderFailAct, at("src")))
	w.refuse("activity_state", w.order(flowfile.OrderFence, at("src")))
	w.refuse("activity_none", w.order(flowfile.OrderBegin, at("map")))
	w.begin("src")
	w.refuse("activity_state", w.order(flowfile.OrderBegin, at("src"))) // not twice at once
	w.refuse("internal", w.order(flowfile.OrderKind(99), nil))
}

func TestRefusedRunNeverBegins(t *testing.T) {
	for _, state := range []runs.State{runs.Failed, runs.Skipped, runs.Cancelled} {
		w := newWorld(t, simple())
		w.must(w.create("2026-11-21", "manual"))
		w.n = w.eff.Run
		w.must(w.order(flowfile.OrderRefuse, func(d *flowfile.Delivery) {
			d.Order.State, d.Order.Code, d.Order.Why = string(state), "preflight", "no permission"
		}))
		w.wantState(state, "preflight")
		if err := w.resume(nil); state == runs.Failed {
			w.refuse("run_ended_for_good", err)
		} else {
			w.refuse("run_state", err)
		}
	}
	w := newWorld(t, simple())
	w.must(w.create("2026-11-21", "manual"))
	w.n = w.eff.Run
	w.refuse("internal", w.order(flowfile.OrderRefuse, func(d *flowfile.Delivery) { d.Order.State = string(runs.Success) }))
}

// busy is a run with one FlowFile queued and two parked before the map, and one
// that has passed.
func busy(t *testing.T) *world {
	w := started(t, plan(nodes{"src": aSource, "map": aMap, "sink": aSink, "slow": aSource}, "src map", "map sink", "slow sink"))
	w.emit("src", "src-map", 1, 2, 3, 4)
	d := w.session("map")
	it := w.take("src-map", 1)[0]
	d.Remove = []flowfile.Removal{{Item: it, Class: flowfile.Forwarded}}
	w.put(d, "map-sink", 1)
	d.Ledger[flowfile.In].Add(1, 0)
	d.Ledger[flowfile.Out].Add(1, 0)
	w.must(w.commit(d))
	w.park("map", "src-map", 2)
	return w
}

func TestCancelDropsEverything(t *testing.T) {
	for _, final := range []bool{false, true} {
		w := busy(t)
		w.begin("slow")
		epoch := w.run().Epoch
		w.must(w.order(flowfile.OrderCancel, func(d *flowfile.Delivery) {
			d.Order.Final, d.Order.Code, d.Order.Why = final, "deadline", "too late"
		}))
		want := runs.Cancelled
		if final {
			want = runs.Failed
		}
		w.wantState(want, "deadline")
		r := w.run()
		if r.Epoch == epoch {
			t.Error("a cancelled run keeps its epoch")
		}
		if !slices.Equal(w.eff.Purge, []string{"map-sink", "src-map"}) || !w.eff.DiscardAll || r.Live().N+r.ParkedNow().N != 0 {
			t.Errorf("cancel: purge %v, discard %v, queues %+v", w.eff.Purge, w.eff.DiscardAll, r.Queues)
		}
		if n := r.Counted("map", flowfile.DroppedCancel).Rows + r.Counted("sink", flowfile.DroppedCancel).Rows; n != 4+1 {
			t.Errorf("%d rows counted as dropped by the cancel, want 5", n)
		}
		for _, s := range []string{"slow", "sink"} {
			w.wantAct(s, runs.ActSkipped, "")
		}
		if final {
			w.refuse("run_ended_for_good", w.resume(nil))
		}
		w.must(w.create("2026-11-21", "rerun")) // the slot is free again
	}
}

func TestParkedFlowFilesByName(t *testing.T) {
	w := busy(t)
	parked, err := w.s.Parked("f", w.n)
	w.must(err)
	name := func(ids ...flowfile.ID) func(*flowfile.Delivery) {
		return func(d *flowfile.Delivery) { d.Order.Parked = ids }
	}
	if err := w.order(flowfile.OrderUnpark, name(999)); err == nil {
		t.Error("an unknown parked FlowFile was unparked")
	}
	w.refuse("internal", w.order(flowfile.OrderDiscard, name(parked[0], parked[0])))
	w.must(w.order(flowfile.OrderUnpark, name(parked[0])))
	if q := w.run().Queues["src-map"]; q.Queued != (flowfile.Tally{N: 2, Rows: 6}) || q.Parked != (flowfile.Tally{N: 1, Rows: 3}) {
		t.Errorf("after one unpark: %+v", q)
	}
	w.must(w.order(flowfile.OrderDiscard, name(parked[1])))
	if q := w.run().Queues["src-map"]; q.Discarded.Rows != 3 || q.Parked.N != 0 {
		t.Errorf("after one discard: %+v", q)
	}
	w.pass("map", "src-map", "map-sink", flowfile.Out)
	w.emit("slow", "slow-sink")
	w.fire("sink", 7)
	w.finish()
	w.wantState(runs.Partial, "run_given_up")
}

func TestResumeTakesTheNamedAlone(t *testing.T) {
	w := busy(t)
	w.emit("slow", "slow-sink")
	w.pass("map", "src-map", "map-sink", flowfile.Out)
	w.wantState(runs.Failed, "run_parked")
	parked, err := w.s.Parked("f", w.n)
	w.must(err)
	name := func(ids ...flowfile.ID) func(*flowfile.Order) {
		return func(o *flowfile.Order) { o.Parked = ids }
	}
	if err := w.resume(name(999)); err == nil {
		t.Error("a run was resumed with an unknown FlowFile")
	}
	w.wantState(runs.Failed, "run_parked")
	w.must(w.resume(name(parked[0])))
	w.wantState(runs.Running, "")
	w.wantAct("sink", runs.ActWait, "")
	if q := w.run().Queues["src-map"]; q.Queued.N != 1 || q.Parked.N != 1 {
		t.Errorf("after a resume with one of two: %+v", q)
	}
	w.pass("map", "src-map", "map-sink", flowfile.Out)
	w.wantState(runs.Failed, "run_parked")
	if left, err := w.s.Parked("f", w.n); err != nil || !slices.Equal(left, parked[1:]) {
		t.Errorf("parked %v, want %v: %v", left, parked[1:], err)
	}
	w.must(w.resume(nil))
	w.pass("map", "src-map", "map-sink", flowfile.Out)
	w.fire("sink", 10)
	w.finish()
	w.wantState(runs.Success, "")
}

func TestDiscardOpensABlockedGate(t *testing.T) {
	w := busy(t)
	w.emit("slow", "slow-sink")
	w.pass("map", "src-map", "map-sink", flowfile.Out)
	w.wantAct("sink", runs.ActBlocked, "upstream_parked")
	w.wantState(runs.Failed, "run_parked")
	w.must(w.order(flowfile.OrderDiscard, nil))
	w.wantState(runs.Failed, "run_parked") // until somebody resumes it
	w.must(w.resume(nil))
	w.wantAct("sink", runs.ActReady, "")
}

func TestDiscardOpensAGateAtOnceWhileTheRunGoesOn(t *testing.T) {
	w := started(t, plan(nodes{"src": aSource, "map": aMap, "sink": aSink, "slow": aSource}, "src map", "map sink"))
	w.emit("src", "src-map", 1)
	w.park("map", "src-map", 1)
	w.wantAct("sink", runs.ActBlocked, "upstream_parked")
	w.wantState(runs.Running, "") // slow has not begun
	w.must(w.order(flowfile.OrderUnpark, nil))
	w.wantAct("sink", runs.ActWait, "")
	w.park("map", "src-map", 1)
	w.wantAct("sink", runs.ActBlocked, "upstream_parked")
	w.must(w.order(flowfile.OrderDiscard, nil))
	w.wantAct("sink", runs.ActReady, "")
}

func TestDiscardOfTheLastParkedLeavesARunToFinish(t *testing.T) {
	w := started(t, plan(nodes{"src": aSource, "map": aMap}, "src map"))
	w.emit("src", "src-map", 1)
	w.park("map", "src-map", 1)
	w.wantState(runs.Failed, "run_parked")
	w.must(w.order(flowfile.OrderDiscard, nil))
	w.must(w.resume(nil))
	w.wantState(runs.Finalizing, "")
	w.finish()
	w.wantState(runs.Partial, "run_given_up")
}

func TestDropAndExpireLeaveAPartialRun(t *testing.T) {
	drop := func(w *world) {
		w.must(w.order(flowfile.OrderDropQueue, func(d *flowfile.Delivery) { d.Order.Conn = "src-map" }))
		if !slices.Equal(w.eff.Purge, []string{"src-map"}) || w.eff.PurgeClass != flowfile.DroppedUser || w.run().Counted("map", flowfile.DroppedUser).Rows != 5 {
			w.t.Errorf("drop: %+v", w.eff)
		}
	}
	expire := func(w *world) {
		w.must(w.order(flowfile.OrderExpire, func(d *flowfile.Delivery) {
			for _, it := range w.take("src-map", 10) {
				d.Remove = append(d.Remove, flowfile.Removal{Item: it, Class: flowfile.Expired})
			}
		}))
		if q := w.run().Queues["src-map"]; q.Expired.Rows != 5 {
			w.t.Errorf("expire: %+v", q)
		}
	}
	for name, lose := range map[string]func(*world){"drop": drop, "expire": expire} {
		t.Run(name, func(t *testing.T) {
			w := started(t, simple())
			w.emit("src", "src-map", 2, 3)
			lose(w)
			w.wantAct("sink", runs.ActReady, "")
			w.fire("sink", 0)
			w.finish()
			w.wantState(runs.Partial, "run_given_up")
		})
	}
	w := started(t, simple())
	before := w.run()
	w.must(w.order(flowfile.OrderDropQueue, func(d *flowfile.Delivery) { d.Order.Conn = "nothing-here" }))
	if w.run() != before {
		t.Error("dropping nothing changed the run")
	}
}

// Counters that were put right after a crash may leave a run where a commit
// would have moved it on; recovery does.
func TestRecoverySettles(t *testing.T) {
	g, err := simple().Compile()
	if err != nil {
		t.Fatal(err)
	}
	tx := &benchTx{graph: g, run: &runs.Run{Number: 1, State: runs.Running, FlowVersions: []uint32{1},
		Acts: map[string]*runs.Activity{"src": {State: runs.ActDone}, "sink": {State: runs.ActWait}}}}
	e, err := runs.Apply(tx, &flowfile.Delivery{Run: 1, Order: &flowfile.Order{Kind: flowfile.OrderRecover}})
	if err != nil || tx.run.Acts["sink"].State != runs.ActReady || !slices.Equal(e.Ready, []string{"sink"}) {
		t.Errorf("recovered: %+v, %v, sink %s", e, err, tx.run.Acts["sink"].State)
	}
}

func TestOlderGenerationDoesNotBecomeCurrent(t *testing.T) {
	w := started(t, simple())
	w.emit("src", "src-map")
	w.fire("sink", 0)
	newer := runs.SlotRuns{Generation: 2, Newest: 99, Current: 98}
	w.s.SetSlotRuns("f", "2026-11-21", newer)
	w.finish()
	if got := w.s.SlotRuns("f", "2026-11-21"); got != newer {
		t.Errorf("slot %+v", got)
	}
}

func TestFinishTakesTheEnginesVerdict(t *testing.T) {
	w := started(t, simple())
	w.emit("src", "src-map")
	w.fire("sink", 0)
	w.must(w.order(flowfile.OrderFinish, func(d *flowfile.Delivery) {
		d.Order.State, d.Order.Code, d.Order.Why = string(runs.Failed), "receipt_missing", "no file"
	}))
	w.wantState(runs.Failed, "receipt_missing")
}

func TestEveryReasonHasAText(t *testing.T) {
	// Reasons are stored with the run by code; the catalogue must know them.
	w := busy(t)
	w.emit("slow", "slow-sink")
	w.pass("map", "src-map", "map-sink", flowfile.Out)
	for _, code := range []string{w.run().Code, w.act("sink").Code} {
		if _, ok := fault.Catalogue()[code]; !ok {
			t.Errorf("code %q has no text", code)
		}
	}
	if w.run().Why == "" || w.act("sink").Err == "" {
		t.Error("a reason is missing")
	}
}
