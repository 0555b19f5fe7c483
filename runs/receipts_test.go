package runs_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

// one lets a map-like sink take one FlowFile and write it to an output of its
// own.
func (w *world) one(node, conn string, it *flowfile.Item, key string) {
	w.t.Helper()
	d := w.session(node)
	d.Remove = []flowfile.Removal{{Item: it, Class: flowfile.Committed}}
	d.Ledger[flowfile.In].Plus(it.Tally())
	d.Ledger[flowfile.Committed].Plus(flowfile.Tally{N: 1, Rows: it.FlowFile.Rows, Bytes: 7})
	d.Receipts = []flowfile.Receipt{{Node: node, Key: key, Rows: it.FlowFile.Rows, Bytes: 7}}
	w.must(w.commit(d))
}

// TestARunStaysSmallHoweverManyReceipts also sees that nothing is lost of what
// they add up to.
func TestARunStaysSmallHoweverManyReceipts(t *testing.T) {
	const n = 3 * runs.MostReceipts
	sink := runs.PlanNode{Kind: runs.Map, Law: runs.LawSink}
	w := started(t, plan(nodes{"src": aSource, "a": sink, "b": sink}, "src a", "src b"))
	w.begin("src")
	d := w.session("src")
	for i := range int64(n) {
		w.put(d, "src-a", i)
		d.Ledger[flowfile.Out].Add(i, 0)
		d.Ledger[flowfile.Read].Rows += i
	}
	w.put(d, "src-b", 5)
	d.Ledger[flowfile.Out].Add(5, 0)
	d.Ledger[flowfile.Read].Rows += 5
	d.Done = true
	w.must(w.commit(d))

	var size [2]int
	var rows int64
	for i, it := range w.take("src-a", n) {
		w.one("a", "src-a", it, fmt.Sprintf("file %03d", i))
		if i >= runs.MostReceipts {
			rows += it.FlowFile.Rows
		}
		if i == n/2 || i == n-1 {
			b, err := json.Marshal(w.run())
			w.must(err)
			size[i/(n-1)] = len(b)
		}
	}
	w.one("b", "src-b", w.take("src-b", 1)[0], "last")

	r := w.run()
	if size[1]-size[0] > 20 {
		t.Errorf("the record grew from %d to %d bytes by %d receipts", size[0], size[1], n/2)
	}
	if len(r.Receipts) != runs.MostReceipts+1 || r.Receipts[0].Key != "file 000" || r.Receipts[runs.MostReceipts].Key != "last" {
		t.Errorf("%d receipts kept, the first %+v, the last %+v", len(r.Receipts), r.Receipts[0], r.Receipts[len(r.Receipts)-1])
	}
	want := flowfile.Tally{N: n - runs.MostReceipts, Rows: rows, Bytes: 7 * (n - runs.MostReceipts)}
	if len(r.MoreReceipts) != 1 || r.MoreReceipts["a"] != want {
		t.Errorf("the rest is %+v, want %+v of a", r.MoreReceipts, want)
	}
	if c := r.Committed(); c.N != n+1 || c.Rows != n*(n-1)/2+5 {
		t.Errorf("committed %+v", c)
	}
	w.finish()
	w.wantState(runs.Success, "")
	if r := w.run(); r.Balance != runs.Balanced {
		t.Errorf("balance %s %v", r.Balance, r.Breaches)
	}
}
