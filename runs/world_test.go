package runs_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/runs/runstest"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// world is one run over a MapStore, driven by hand.
type world struct {
	t   *testing.T
	s   *runstest.MapStore
	n   flowfile.RunID
	id  flowfile.ID
	now time.Time
	eff runs.Effects // of the last commit
}

// node and conn write plans shortly: "a>b" is a connection named a-b.
type nodes map[string]runs.PlanNode

func plan(ns nodes, conns ...string) *runs.Plan {
	p := &runs.Plan{Nodes: ns, Conns: map[string]runs.PlanConn{}}
	for _, c := range conns {
		var from, to, input string
		class := flowfile.Out
		if _, err := fmt.Sscanf(c, "%s %s %s", &from, &to, &input); err != nil && to == "" {
			panic(c)
		}
		if from[0] == '!' {
			from, class = from[1:], flowfile.Rejected
		}
		p.Conns[from+"-"+to] = runs.PlanConn{From: from, To: to, Input: input, Class: class}
	}
	return p
}

var (
	aSource = runs.PlanNode{Kind: runs.Source, Law: runs.LawSource}
	aMap    = runs.PlanNode{Kind: runs.Map, Law: runs.LawMap}
	aSink   = runs.PlanNode{Kind: runs.Gate, Law: runs.LawSink}
)

// simple is a source, a map and a sink that replaces a file.
func simple() *runs.Plan {
	return plan(nodes{"src": aSource, "map": aMap, "sink": aSink}, "src map", "map sink")
}

func newWorld(t *testing.T, p *runs.Plan) *world {
	t.Helper()
	w := &world{t: t, s: runstest.NewMapStore(), now: noon}
	w.publish(1, p)
	return w
}

func (w *world) publish(v uint32, p *runs.Plan) {
	w.t.Helper()
	if err := w.s.Publish("f", v, p); err != nil {
		w.t.Fatal(err)
	}
}

// started returns a world with an admitted run.
func started(t *testing.T, p *runs.Plan) *world {
	t.Helper()
	w := newWorld(t, p)
	w.start()
	return w
}

func (w *world) start() {
	w.t.Helper()
	w.must(w.create("2026-11-21", "manual"))
	w.n = w.eff.Run
	w.must(w.order(flowfile.OrderAdmit, nil))
}

func (w *world) create(slot, kind string) error {
	return w.commit(&flowfile.Delivery{Flow: "f", Order: &flowfile.Order{Kind: flowfile.OrderCreate, At: w.now, By: "test",
		Create: &flowfile.CreateRun{ULID: fmt.Sprintf("ULID-%d", w.n+1), Slot: slot, Kind: kind, FlowVersion: 1, Retries: 1}}})
}

func (w *world) commit(d *flowfile.Delivery) error {
	w.now = w.now.Add(time.Second)
	d.At = w.now
	e, err := w.s.Commit(d)
	w.eff = e
	return err
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// refuse wants an error with the code.
func (w *world) refuse(code string, err error) {
	w.t.Helper()
	if got := fault.CodeOf(err); got != code {
		w.t.Fatalf("error %v (code %q), want code %q", err, got, code)
	}
}

func (w *world) order(kind flowfile.OrderKind, change func(*flowfile.Delivery)) error {
	d := &flowfile.Delivery{Flow: "f", Version: 1, Run: w.n, Order: &flowfile.Order{Kind: kind, At: w.now, By: "test"}}
	if change != nil {
		change(d)
	}
	return w.commit(d)
}

func (w *world) run() *runs.Run {
	w.t.Helper()
	r, err := w.s.Run("f", w.n)
	w.must(err)
	return r
}

func (w *world) act(node string) *runs.Activity { return w.run().Acts[node] }

// session is a delivery of a node as its session would make it now.
func (w *world) session(node string) *flowfile.Delivery {
	d := &flowfile.Delivery{Flow: "f", Version: 1, Run: w.n, Node: node, Fence: flowfile.Fence{Epoch: w.run().Epoch}}
	if a := w.act(node); a != nil {
		d.Fence.Act, d.Fence.ActEpoch = true, a.Epoch
	}
	return d
}

func (w *world) begin(node string) {
	w.t.Helper()
	w.must(w.order(flowfile.OrderBegin, func(d *flowfile.Delivery) { d.Node = node }))
}

func (w *world) file(rows int64) *flowfile.FlowFile {
	w.id++
	return &flowfile.FlowFile{ID: w.id, Run: w.n, Rows: rows}
}

func (w *world) put(d *flowfile.Delivery, conn string, rows int64) {
	d.Put = append(d.Put, flowfile.Put{Conn: conn, FlowFile: w.file(rows)})
}

// emit lets a source emit FlowFiles of the given rows and end.
func (w *world) emit(node, conn string, rows ...int64) {
	w.t.Helper()
	w.begin(node)
	d := w.session(node)
	for _, n := range rows {
		w.put(d, conn, n)
		d.Ledger[flowfile.Out].Add(n, 0)
		d.Ledger[flowfile.Read].Rows += max(n, 0)
	}
	d.Done = true
	w.must(w.commit(d))
}

func (w *world) take(conn string, limit int) []*flowfile.Item {
	w.t.Helper()
	items, err := w.s.Take("f", 1, w.n, []string{conn}, limit)
	w.must(err)
	return items
}

// pass lets a map pass all that waits on a connection to another; a class of
// Rejected counts it there, an empty connection terminates it.
func (w *world) pass(node, from, to string, class flowfile.Class) {
	w.t.Helper()
	w.must(w.commit(w.passing(node, from, to, class)))
}

func (w *world) passing(node, from, to string, class flowfile.Class) *flowfile.Delivery {
	d := w.session(node)
	for _, it := range w.take(from, 1000) {
		removed := flowfile.Forwarded
		if to == "" {
			removed = flowfile.Rejected
		} else {
			w.put(d, to, it.FlowFile.Rows)
		}
		d.Remove = append(d.Remove, flowfile.Removal{Item: it, Class: removed})
		d.Ledger[flowfile.In].Add(it.FlowFile.Rows, 0)
		d.Ledger[class].Add(it.FlowFile.Rows, 0)
	}
	return d
}

func (w *world) park(node, conn string, limit int) {
	w.t.Helper()
	d := w.session(node)
	for _, it := range w.take(conn, limit) {
		d.Park = append(d.Park, flowfile.Park{Item: it, Code: "x", Cause: "y"})
	}
	w.must(w.commit(d))
}

// fire lets a sink take all of its inputs and commit so many rows.
func (w *world) fire(node string, committed int64) {
	w.t.Helper()
	w.begin(node)
	w.must(w.commit(w.firing(node, committed)))
}

func (w *world) firing(node string, committed int64, conns ...string) *flowfile.Delivery {
	d := w.session(node)
	d.Done = true
	for c, q := range w.run().Queues {
		if q.Queued.N > 0 && (len(conns) == 0 || c == conns[0]) && hasSuffix(c, "-"+node) {
			d.TakeAll = append(d.TakeAll, flowfile.TakeAll{Conn: c, N: q.Queued.N, Class: flowfile.Committed})
			d.Ledger[flowfile.In].Plus(q.Queued)
		}
	}
	d.Ledger[flowfile.Committed].Plus(flowfile.Tally{N: 1, Rows: committed})
	d.Receipts = []flowfile.Receipt{{Node: node, Key: "file of " + node, Rows: committed}}
	return d
}

func hasSuffix(s, end string) bool { return len(s) >= len(end) && s[len(s)-len(end):] == end }

func (w *world) finish() {
	w.t.Helper()
	w.must(w.order(flowfile.OrderFinish, nil))
}

func (w *world) fail(node string, final bool) {
	w.t.Helper()
	w.must(w.order(flowfile.OrderFailAct, func(d *flowfile.Delivery) {
		d.Node = node
		d.Order.Final, d.Order.Spend, d.Order.Code, d.Order.Why = final, true, "boom", "it broke"
		d.Order.NotBefore = w.now.Add(5 * time.Minute)
	}))
}

func (w *world) resume(change func(*flowfile.Order)) error {
	return w.order(flowfile.OrderResume, func(d *flowfile.Delivery) {
		if change != nil {
			change(d.Order)
		}
	})
}

// wantState wants the run in a state, with a code.
func (w *world) wantState(s runs.State, code string) {
	w.t.Helper()
	if r := w.run(); r.State != s || r.Code != code {
		w.t.Fatalf("run is %s (code %q, %s), want %s (code %q)", r.State, r.Code, r.Why, s, code)
	}
}

func (w *world) wantAct(node string, s runs.ActState, code string) {
	w.t.Helper()
	if a := w.act(node); a.State != s || a.Code != code {
		w.t.Fatalf("activity of %s is %s (code %q, %s), want %s (code %q)", node, a.State, a.Code, a.Err, s, code)
	}
}
