package server

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

// parts adds up what became of the FlowFiles that were put on a connection.
func parts(q *runs.Queue) flowfile.Tally {
	var sum flowfile.Tally
	for _, t := range []flowfile.Tally{q.Left, q.Expired, q.Dropped, q.Parked, q.Discarded, q.Queued} {
		sum.Plus(t)
	}
	return sum
}

// TestWiresOfARunTellWhatPassed watches ended runs: the rows of wires say what
// was put on each, which is what became of it and what the nodes counted.
func TestWiresOfARunTellWhatPassed(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Config{Data: dir, Control: true, liveStep: 20 * time.Millisecond})
	c := s.Client()
	for _, tt := range []struct {
		doc, flow, wire, from, to string
		state                     runs.State
		// n FlowFiles of rows were put on the wire; parked of them were set aside.
		n, rows, parked int64
	}{
		{gen, "gen", "gen-csv", "gen", "csv", runs.Success, 4, 200, 0},
		{stateFlow(0), "states", "gen-wary", "gen", "wary", runs.Failed, 3, -1, 1},
	} {
		id := call[RunView](t, c, "POST", "/runs", StartRun{Doc: json.RawMessage(tt.doc), Slot: "2026-11-03"}).Run.ID
		v := call[RunView](t, c, "GET", "/runs/"+id+"/wait?seconds=30", nil)
		if v.Run.State != tt.state {
			t.Fatalf("the run of %s is %s", tt.flow, v.Run.State)
		}
		w := watchOn(t, dir, map[string]any{"type": "watch", "flow": tt.flow, "run": id})
		w.until("the run's rows", func(f *liveFrame) bool { return f.Type == "snapshot" })
		q, row := v.Run.Queues[tt.wire], w.wires[tt.wire]
		if q == nil || len(row) != 11 {
			t.Fatalf("the wire of %s is %v, counted as %+v", tt.flow, row, q)
		}
		if sum := parts(q); sum != q.Entered || q.Parked.N != tt.parked {
			t.Errorf("%s: %+v came of %+v", tt.wire, sum, q)
		}
		passed := [3]int64{int64(row[8]), int64(row[9]), int64(row[10])}
		if want := [3]int64{tt.n, tt.rows, q.Entered.Bytes}; passed != want || want[2] == 0 {
			t.Errorf("%s: %v passed, want %v", tt.wire, passed, want)
		}
		if int64(row[1]) != q.Queued.N || int64(row[2]) != q.Queued.Bytes {
			t.Errorf("%s: %v is queued, want %+v", tt.wire, row, q.Queued)
		}
		if out := v.Run.Counted(tt.from, flowfile.Out); passed[0] != out.N || passed[2] != out.Bytes || w.nodes[tt.from][3] != row[8] {
			t.Errorf("%s: %v passed, its source counted %+v and shows %v", tt.wire, passed, out, w.nodes[tt.from])
		}
		if in := v.Run.Counted(tt.to, flowfile.In); q.Left.N != in.N || tt.parked == 0 && (in.Bytes != passed[2] || w.nodes[tt.to][2] != row[8] || w.nodes[tt.to][4] != row[9]) {
			t.Errorf("%s: %v passed, its target counted %+v and shows %v", tt.wire, passed, in, w.nodes[tt.to])
		}
	}

	// Continuous data has no run: nothing is told to have passed in one.
	call[Published](t, c, "POST", "/flows", ImportFlow{Doc: json.RawMessage(stream)})
	call[Switched](t, c, "POST", "/flows/stream/start", nil)
	w := watchOn(t, dir, watching("stream"))
	w.until("rows move", func(*liveFrame) bool { r := w.nodes["log"]; return r != nil && r[2] > 3 })
	if row := w.wires["gen-log"]; len(row) != 11 || row[8] != 0 || row[9] != 0 || row[10] != 0 {
		t.Errorf("the wire of continuous data is %v", row)
	}
}
