package runs_test

import (
	"bytes"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

func TestStaleSessionsAreRefused(t *testing.T) {
	for _, c := range []struct {
		name string
		// overtake happens after the source's session has begun.
		overtake func(w *world)
	}{
		{"run epoch after a crash", func(w *world) { w.must(w.order(flowfile.OrderRecover, nil)) }},
		{"crash, and begun anew", func(w *world) { w.must(w.order(flowfile.OrderRecover, nil)); w.begin("src") }},
		{"fenced", func(w *world) {
			w.must(w.order(flowfile.OrderFence, func(d *flowfile.Delivery) { d.Node = "src" }))
		}},
		{"fenced, and begun anew", func(w *world) {
			w.must(w.order(flowfile.OrderFence, func(d *flowfile.Delivery) { d.Node = "src" }))
			w.begin("src")
		}},
		{"failed, and begun anew", func(w *world) { w.fail("src", false); w.begin("src") }},
		{"cancelled", func(w *world) { w.must(w.order(flowfile.OrderCancel, nil)) }},
		{"resumed", func(w *world) { w.fail("src", true); w.must(w.resume(nil)); w.begin("src") }},
		{"ended by another commit", func(w *world) { d := w.session("src"); d.Done = true; w.must(w.commit(d)) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := started(t, simple())
			w.begin("src")
			zombie := w.session("src")
			w.put(zombie, "src-map", 1)
			failing := &flowfile.Delivery{Flow: "f", Version: 1, Run: w.n, Node: "src", Fence: zombie.Fence,
				Order: &flowfile.Order{Kind: flowfile.OrderFailAct, Final: true}}
			c.overtake(w)
			w.refuse("stale_session", w.commit(zombie))
			if err := w.commit(failing); err == nil {
				t.Error("a revoked try failed its successor")
			}
			if w.run().Live().N != 0 {
				t.Error("a stale session left data")
			}
		})
	}
}

func TestStaleMapSessions(t *testing.T) {
	w := started(t, simple())
	w.emit("src", "src-map", 1, 2)
	zombie := w.passing("map", "src-map", "map-sink", flowfile.Out)
	w.must(w.order(flowfile.OrderRecover, nil))
	w.refuse("stale_session", w.commit(zombie))

	// What a person dropped meanwhile cannot be passed on either.
	zombie.Fence.Epoch = w.run().Epoch
	w.must(w.order(flowfile.OrderDropQueue, func(d *flowfile.Delivery) { d.Order.Conn = "src-map" }))
	w.refuse("stale_session", w.commit(zombie))
}

// A store checks its items too, but the counters never go below zero by
// Apply's own care.
func TestCountersNeverGoBelowZero(t *testing.T) {
	g, err := simple().Compile()
	if err != nil {
		t.Fatal(err)
	}
	item := &flowfile.Item{Conn: "src-map", FlowFile: &flowfile.FlowFile{Rows: 1}}
	two := []flowfile.Removal{{Item: item, Class: flowfile.Merged}, {Item: item, Class: flowfile.Merged}}
	for _, d := range []*flowfile.Delivery{
		{Run: 1, Node: "map", Remove: two},
		{Run: 1, Node: "map", Remove: two[:1], Park: []flowfile.Park{{Item: item}}},
		{Run: 1, Remove: two, Order: &flowfile.Order{Kind: flowfile.OrderExpire}},
		{Run: 0, Node: "map", Remove: two},
	} {
		one := flowfile.Tally{N: 1, Rows: 1}
		tx := &benchTx{graph: g, run: &runs.Run{Number: d.Run, State: runs.Running, FlowVersions: []uint32{1},
			Queues: map[string]*runs.Queue{"src-map": {Queued: one, Entered: one}}}}
		before := tx.run.Clone()
		if _, err := runs.Apply(tx, d); fault.CodeOf(err) != "stale_session" {
			t.Errorf("%+v: %v", d, err)
		}
		if !reflect.DeepEqual(before, tx.run) {
			t.Errorf("%+v: a refused delivery changed the run", d)
		}
	}
}

// A breach fails the run while other sessions are at work: nothing of theirs may
// be written any more.
func TestNothingIsWrittenToAFailedRun(t *testing.T) {
	w := started(t, plan(nodes{"src": aSource, "map": aMap, "sink": aSink, "slow": aSource, "end": aMap}, "src map", "map sink", "slow end"))
	w.begin("slow")
	late := w.session("slow")
	w.put(late, "slow-end", 1)
	w.emit("src", "src-map", 1)
	d := w.passing("map", "src-map", "map-sink", flowfile.Out)
	d.Ledger[flowfile.In].Add(1, 0) // it says that it took two
	w.must(w.commit(d))
	w.wantState(runs.Failed, "balance_broken_upstream")
	w.refuse("stale_session", w.commit(late))
}

func TestSessionsAreHeldToTheRules(t *testing.T) {
	// The world has one FlowFile before the map, a gate that is ready, and a
	// source at work.
	base := func(t *testing.T) *world {
		w := started(t, plan(nodes{"src": aSource, "map": aMap, "gate": {Kind: runs.Gate}, "other": aSource, "loop": aMap},
			"src map", "map loop", "loop map", "other gate", "gate map"))
		w.emit("src", "src-map", 1)
		w.emit("other", "other-gate", 1)
		w.begin("gate")
		return w
	}
	one := func(w *world) []flowfile.Removal {
		return []flowfile.Removal{{Item: w.take("src-map", 1)[0], Class: flowfile.Forwarded}}
	}
	for _, c := range []struct {
		name, code string
		d          func(w *world) *flowfile.Delivery
	}{
		{"out of nothing", "internal", func(w *world) *flowfile.Delivery {
			d := w.session("map")
			w.put(d, "map-loop", 1)
			return d
		}},
		{"another run's data", "internal", func(w *world) *flowfile.Delivery {
			d := w.session("map")
			d.Remove = one(w)
			w.put(d, "map-loop", 1)
			d.Put[0].FlowFile.Run = 7
			return d
		}},
		{"unclassed removal", "internal", func(w *world) *flowfile.Delivery {
			d := w.session("map")
			d.Remove = one(w)
			d.Remove[0].Class = flowfile.NoClass
			return d
		}},
		{"cancel class by a session", "internal", func(w *world) *flowfile.Delivery {
			d := w.session("map")
			d.Remove = one(w)
			d.Remove[0].Class = flowfile.DroppedCancel
			return d
		}},
		{"another node's queue", "internal", func(w *world) *flowfile.Delivery {
			d := w.session("loop")
			d.Remove = one(w)
			return d
		}},
		{"parks another node's", "internal", func(w *world) *flowfile.Delivery {
			d := w.session("loop")
			d.Park = []flowfile.Park{{Item: w.take("src-map", 1)[0]}}
			return d
		}},
		{"puts on another's connection", "internal", func(w *world) *flowfile.Delivery {
			d := w.session("map")
			d.Remove = one(w)
			w.put(d, "loop-map", 1)
			return d
		}},
		{"unknown node", "internal", func(w *world) *flowfile.Delivery { d := w.session("map"); d.Node = "nobody"; return d }},
		{"hops", "too_many_hops", func(w *world) *flowfile.Delivery {
			d := w.session("map")
			d.Remove = one(w)
			w.put(d, "map-loop", 1)
			d.Put[0].FlowFile.Hops = runs.DefaultMaxHops + 1
			return d
		}},
		{"map ends an activity", "internal", func(w *world) *flowfile.Delivery { d := w.session("map"); d.Done = true; return d }},
		{"map with a cursor", "activity_none", func(w *world) *flowfile.Delivery { d := w.session("map"); d.HasCursor = true; return d }},
		{"map with an intent", "activity_none", func(w *world) *flowfile.Delivery {
			d := w.session("map")
			d.Intent = &flowfile.Intent{Key: "k"}
			return d
		}},
		{"gate without its activity", "internal", func(w *world) *flowfile.Delivery {
			d := w.session("gate")
			d.Fence.Act = false
			return d
		}},
		{"gate emits before its end", "internal", func(w *world) *flowfile.Delivery {
			d := w.session("gate")
			w.put(d, "gate-map", 1)
			return d
		}},
		{"gate takes before its end", "internal", func(w *world) *flowfile.Delivery {
			d := w.firing("gate", 1)
			d.Done = false
			return d
		}},
		{"gate leaves an input", "internal", func(w *world) *flowfile.Delivery {
			d := w.firing("gate", 1)
			d.TakeAll = nil
			return d
		}},
		{"gate read another number", "stale_session", func(w *world) *flowfile.Delivery {
			d := w.firing("gate", 1)
			d.TakeAll[0].N = 2
			return d
		}},
		{"gate takes twice", "internal", func(w *world) *flowfile.Delivery {
			d := w.firing("gate", 1)
			d.TakeAll = append(d.TakeAll, d.TakeAll[0])
			return d
		}},
		{"gate takes another's", "internal", func(w *world) *flowfile.Delivery {
			d := w.firing("gate", 1)
			d.TakeAll[0].Conn = "src-map"
			return d
		}},
		{"gate takes unclassed", "internal", func(w *world) *flowfile.Delivery {
			d := w.firing("gate", 1)
			d.TakeAll[0].Class = flowfile.Parked
			return d
		}},
		{"gate takes singly", "internal", func(w *world) *flowfile.Delivery {
			d := w.firing("gate", 1)
			d.Remove = one(w)
			return d
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := base(t)
			d := c.d(w)
			before := w.run()
			w.refuse(c.code, w.commit(d))
			if w.run() != before {
				t.Error("a refused delivery changed the run")
			}
		})
	}
	t.Run("the base is sound", func(t *testing.T) {
		w := base(t)
		w.must(w.commit(w.firing("gate", 1)))
		w.must(w.commit(w.passing("map", "src-map", "map-loop", flowfile.Out)))
	})
}

// TestNothingForAReadyGate forges a commit that the rules elsewhere make
// impossible: the assertion is there for the day they fail.
func TestNothingForAReadyGate(t *testing.T) {
	p := plan(nodes{"src": aSource, "map": aMap, "gate": {Kind: runs.Gate}}, "src map", "map gate")
	w := started(t, plan(nodes{"src": aSource, "map": aMap, "gate": {Kind: runs.Gate}}, "src map"))
	w.emit("src", "src-map", 1)
	w.wantAct("gate", runs.ActReady, "") // nothing leads there yet
	w.publish(1, p)
	d := w.passing("map", "src-map", "map-gate", flowfile.Out)
	w.refuse("internal", w.commit(d))
}

func TestNotesOfAnActivity(t *testing.T) {
	w := started(t, simple())
	w.begin("src")
	w.fail("src", false)
	w.begin("src")
	d := w.session("src")
	d.Cursor, d.HasCursor, d.Emitted = []byte("1"), true, 5
	w.must(w.commit(d))
	if a := w.act("src"); a.Tries != 0 || string(a.Cursor) != "1" || a.Emitted != 5 || a.Attempt != 2 {
		t.Errorf("after a cursor: %+v", a)
	}
	w.fail("src", false)
	w.begin("src")
	if a := w.act("src"); a.Tries != 1 {
		t.Errorf("after another failed try: %+v", a)
	}
	more := w.session("src")
	w.put(more, "src-map", 0)
	more.Ledger[flowfile.Out].Add(0, 0)
	w.must(w.commit(more))
	if a := w.act("src"); a.Tries != 0 {
		t.Errorf("after an output: %+v", a)
	}
	d.Cursor[0] = 'x'
	if string(w.act("src").Cursor) != "1" {
		t.Error("the run keeps the session's own bytes")
	}
	d = w.session("src")
	d.Intent, d.Emitted = &flowfile.Intent{Key: "job", Payload: []byte("p"), At: noon}, 3
	w.must(w.commit(d))
	if a := w.act("src"); len(a.Pending) != 1 || a.Pending[0].Key != "job" || a.Emitted != 5 {
		t.Errorf("after an intent: %+v", a)
	}
	d = w.session("src")
	d.Forget, d.State, d.HasState = true, []byte("s"), true
	d.Receipts = []flowfile.Receipt{{Node: "src", Key: "k"}}
	w.must(w.commit(d))
	if a := w.act("src"); len(a.Pending) != 0 || len(w.run().Receipts) != 1 || len(w.eff.Publish) != 0 {
		t.Errorf("after a receipt: %+v, published %v", a, w.eff.Publish)
	}
	d = w.session("src")
	d.Done = true
	w.must(w.commit(d))
	w.pass("map", "src-map", "map-sink", flowfile.Out)
	w.fire("sink", 0)
	w.finish()
	if !bytes.Equal(w.eff.Publish["src"], []byte("s")) {
		t.Errorf("the end published %v", w.eff.Publish)
	}
}

func TestStateIsNotPublishedByAFailedRun(t *testing.T) {
	w := started(t, simple())
	w.begin("src")
	d := w.session("src")
	d.State, d.HasState, d.Done = []byte("s"), true, true
	w.must(w.commit(d))
	w.fire("sink", 3) // rows from nowhere
	w.finish()
	w.wantState(runs.Failed, "balance_broken")
	if w.eff.Publish != nil {
		t.Errorf("published %v", w.eff.Publish)
	}
}

func TestAsOfFirstProposalWins(t *testing.T) {
	w := started(t, simple())
	w.begin("src")
	for i, at := range []time.Time{noon, noon.Add(time.Hour)} {
		d := w.session("src")
		d.AsOf = &flowfile.AsOf{Service: "gcp", Time: at}
		w.must(w.commit(d))
		if !w.eff.AsOf.Equal(noon) {
			t.Errorf("proposal %d gave %v", i, w.eff.AsOf)
		}
	}
	before := w.run()
	d := w.session("src")
	d.AsOf = &flowfile.AsOf{Service: "gcp", Time: noon}
	w.must(w.commit(d))
	if w.run() != before {
		t.Error("a proposal that changes nothing was stored")
	}
}

func TestWarningsAreKeptOnce(t *testing.T) {
	w := started(t, simple())
	w.begin("src")
	for range 3 {
		d := w.session("src")
		d.Warn = []*fault.Note{{Words: "a"}, {Words: "b"}, {Words: "a"}}
		w.must(w.commit(d))
	}
	if got := w.run().Warnings.Texts(fault.English); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("warnings %q", got)
	}
	d := w.session("src")
	for i := range 1000 {
		d.Warn = append(d.Warn, &fault.Note{Words: strconv.Itoa(i)})
	}
	w.must(w.commit(d))
	if n := len(w.run().Warnings); n > 100 {
		t.Errorf("a run keeps %d warnings; it is read and written whole", n)
	}
}

func TestRetryChangesNothingButIsFenced(t *testing.T) {
	w := started(t, simple())
	w.emit("src", "src-map", 1)
	d := w.session("map")
	d.Retry = []flowfile.Retry{{Item: w.take("src-map", 1)[0], Spend: true}}
	before := w.run()
	w.must(w.commit(d))
	if w.run() != before {
		t.Error("a retry changed the run")
	}
	stale := w.session("map")
	stale.Fence.Epoch--
	stale.Retry = []flowfile.Retry{{Item: w.take("src-map", 1)[0]}}
	w.refuse("stale_session", w.commit(stale))
}

func TestContinuousDataIsOnlyCounted(t *testing.T) {
	w := newWorld(t, simple())
	d := &flowfile.Delivery{Flow: "f", Node: "src", HasState: true, State: []byte("s"), Done: true}
	w.put(d, "src-map", 2)
	w.put(d, "src-map", 3)
	w.must(w.commit(d))
	if string(w.eff.Publish["src"]) != "s" {
		t.Errorf("published %v", w.eff.Publish)
	}
	items := w.take("src-map", 1)
	d = &flowfile.Delivery{Flow: "f", Node: "map", Remove: []flowfile.Removal{{Item: items[0], Class: flowfile.Committed}}}
	d.Ledger[flowfile.In].Add(2, 0)
	w.must(w.commit(d))
	if q := w.run().Queues["src-map"]; q.Queued != (flowfile.Tally{N: 1, Rows: 3}) || q.Entered.N != 2 || q.Left.Rows != 2 {
		t.Errorf("queue %+v", q)
	}
	if w.run().Counted("map", flowfile.In).N != 1 || w.run().State != "" {
		t.Errorf("run %+v", w.run())
	}
	w.refuse("stale_session", w.commit(d)) // twice
	w.refuse("internal", w.commit(&flowfile.Delivery{Flow: "f", Park: []flowfile.Park{{Item: w.take("src-map", 1)[0]}}}))
	w.refuse("activity_none", w.commit(&flowfile.Delivery{Flow: "f", Node: "map", Intent: &flowfile.Intent{}}))
	w.refuse("internal", w.order(flowfile.OrderResume, nil))
	w.must(w.order(flowfile.OrderRecover, nil))
	w.must(w.order(flowfile.OrderDropQueue, func(d *flowfile.Delivery) { d.Order.Conn = "src-map" }))
	if q := w.run().Queues["src-map"]; q.Queued.N != 0 || q.Dropped.Rows != 3 {
		t.Errorf("after a drop: %+v", q)
	}
}
