package server

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/store"
)

// clinging is a node that holds a FlowFile until it is stopped, or when Deaf until
// letGo is closed, whatever it is told.
type clinging struct{ Deaf bool }

var letGo atomic.Pointer[chan struct{}]

func init() { processors.Register(func() processors.Processor { return &clinging{} }) }

// Define tells of the node.
func (c *clinging) Define(s *processors.Spec) {
	s.Describe("TestClinging", "Holds a FlowFile.")
	s.Input("", "FlowFiles.")
	s.Output("success", "Nothing, as long as it holds on.")
	s.Bool(&c.Deaf, "deaf", "Does not hear when it is told to stop.")
}

// Process holds what it gets.
func (c *clinging) Process(ctx context.Context, s *flowfile.Session) error {
	if s.Get() == nil {
		return nil
	}
	if c.Deaf {
		<-*letGo.Load()
		return context.Canceled
	}
	<-ctx.Done()
	return ctx.Err()
}

const clings = `{"weir": 1, "id": "clings", "mode": "runs", "policy": {"retries": 0}, "schedule": {"every": "day", "at": "06:00", "zone": "Asia/Seoul"},
 "nodes": {"gen": {"kind": "GenerateFlowFile", "settings": {"text": "{\"id\": 1}", "count": 4}}, "hold": {"kind": "TestClinging"},
  "csv": {"kind": "WriteCSV", "settings": {"path": "out/${run.date}.csv"}, "terminate": ["success"]}},
 "connections": {"gen-hold": {"from": "gen", "output": "success", "to": "hold"}, "hold-csv": {"from": "hold", "output": "success", "to": "csv"}}}`

// TestDeletingEndsARunAtWork: the run ends, each of its FlowFiles is accounted
// for, nothing of the flow stays at work or on the disk's queues, and a restart
// finds nothing to take up.
func TestDeletingEndsARunAtWork(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Config{Data: dir, Control: true, Schedule: true, liveStep: 20 * time.Millisecond})
	p := openPage(t, dir)
	must[Published](p, "POST", "/flows", ImportFlow{Doc: json.RawMessage(clings)})
	must[Switched](p, "POST", "/flows/clings/enable", SwitchFlow{})
	run := must[RunView](p, "POST", "/runs", StartRun{Flow: "clings", Slot: "2026-11-20"}).Run
	liveStates(t, dir, "clings", run.ID, map[string]int{"gen": liveDone, "hold": liveWorking})
	args := p.refused(409, "flow_holds_data", "DELETE", "/flows/clings", nil)["args"].(map[string]any)
	if args["runs"] != "1" || args["queued"] != "4" {
		t.Errorf("refused with %v", args)
	}
	if d := must[Deleted](p, "DELETE", "/flows/clings?drop=true", nil); d.Runs != 1 || d.Count != 4 {
		t.Errorf("deleted: %+v", d)
	}
	ended := func(p *page) {
		t.Helper()
		r := must[RunView](p, "GET", "/runs/"+run.ID, nil).Run
		q := r.Queues["gen-hold"]
		if r.State != runs.Cancelled || q == nil || q.Entered.N != 4 || q.Dropped.N != 4 || q.Queued.N+q.Parked.N+q.Left.N != 0 {
			t.Errorf("the run is %s, its queue %+v", r.State, q)
		}
		if lost := r.Counted("hold", flowfile.DroppedCancel); lost.N != 4 {
			t.Errorf("the ledger counts %+v as dropped", lost)
		}
		p.refused(404, "flow_unknown", "GET", "/flows/clings/draft", nil)
		if list := must[FlowList](p, "GET", "/flows", nil).Flows; len(list) != 0 {
			t.Errorf("the list: %+v", list)
		}
	}
	nothingLeft := func(s *Server) {
		t.Helper()
		if at, running := s.engine.AtWorkIn("clings"), s.engine.Running(); len(at)+len(running) != 0 {
			t.Errorf("at work: %v of %v", at, running)
		}
		if held, err := s.store.Holding("clings"); err != nil || len(held) != 0 || len(s.store.UnfinishedRuns()) != 0 {
			t.Errorf("held by %v: %v", held, err)
		}
		if st, err := s.store.Schedule("clings"); err != nil || st.Enabled || st.Started {
			t.Errorf("scheduled: %+v, %v", st, err)
		}
	}
	err := s.store.UpdateSchedule(t.Context(), "clings", func(st *runs.FlowStatus) error { st.Enabled = true; return nil })
	if fault.CodeOf(err) != "flow_unknown" {
		t.Errorf("a deleted flow was scheduled: %v", err)
	}
	ended(p)
	nothingLeft(s)
	if _, err := os.Stat(filepath.Join(s.Files(), "out", "2026-11-20.csv")); !os.IsNotExist(err) {
		t.Errorf("a file was written: %v", err)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.engine = nil
	report, err := store.Check(t.Context(), dir)
	if err != nil || len(report.Problems) > 0 {
		t.Fatalf("the store: %+v, %v", report, err)
	}
	again := open(t, Config{Data: dir, Control: true, Schedule: true})
	ended(openPage(t, dir))
	nothingLeft(again)
	if list := call[BulletinList](t, again.Client(), "GET", "/bulletins", nil); len(list.Bulletins) != 0 {
		t.Errorf("after a restart: %+v", list.Bulletins)
	}
}

// TestDeletingTellsWhatDoesNotLeaveOff: of a node that does not hear the flow is
// not deleted under its hands, be it of a run or of continuous data.
func TestDeletingTellsWhatDoesNotLeaveOff(t *testing.T) {
	dir, free := t.TempDir(), make(chan struct{})
	letGo.Store(&free)
	open(t, Config{Data: dir, Control: true, liveStep: 20 * time.Millisecond, drainPatience: 300 * time.Millisecond})
	p := openPage(t, dir)
	deaf := strings.Replace(clings, `"TestClinging"}`, `"TestClinging", "settings": {"deaf": true}}`, 1)
	must[Published](p, "POST", "/flows", ImportFlow{Doc: json.RawMessage(deaf)})
	stream := strings.NewReplacer(`"id": "ever"`, `"id": "deaf"`, `"kind": "LogAttribute", "terminate": ["success", "failure"]`,
		`"kind": "TestClinging", "settings": {"deaf": true}, "terminate": ["success"]`, `{"text": "x"}`, `{"text": "x", "count": 1}`).Replace(ever)
	must[Published](p, "POST", "/flows", ImportFlow{Doc: json.RawMessage(stream)})
	run := must[RunView](p, "POST", "/runs", StartRun{Flow: "clings", Slot: "2026-11-20"}).Run
	must[Switched](p, "POST", "/flows/deaf/start", nil)
	liveStates(t, dir, "clings", run.ID, map[string]int{"hold": liveWorking})
	w := watchOn(t, dir, map[string]any{"type": "watch", "flow": "deaf"})
	w.until("a task of log", func(*liveFrame) bool { row := w.nodes["log"]; return row != nil && row[7] > 0 })
	for flow, node := range map[string]string{"clings": "hold", "deaf": "log"} {
		got := p.refused(409, "flow_still_active", "DELETE", "/flows/"+flow+"?drop=true", nil)
		if args := got["args"].(map[string]any); args["flow"] != flow || args["nodes"] != node {
			t.Errorf("%s: %v", flow, args)
		}
	}
	if list := must[FlowList](p, "GET", "/flows", nil).Flows; len(list) != 2 {
		t.Errorf("the list: %+v", list)
	}
	close(free)
	for _, flow := range []string{"clings", "deaf"} {
		must[Deleted](p, "DELETE", "/flows/"+flow+"?drop=true", nil)
	}
}

// TestAnOldFailedRunKeepsItsFlow: what a run has parked is not lost sight of
// behind very many newer ones.
func TestAnOldFailedRunKeepsItsFlow(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Config{Data: dir, Control: true})
	p := openPage(t, dir)
	must[Published](p, "POST", "/flows", ImportFlow{Doc: json.RawMessage(stateFlow(0))})
	r := must[RunView](p, "POST", "/runs", StartRun{Flow: "states", Slot: "2026-11-20"})
	must[RunView](p, "GET", "/runs/"+r.Run.ID+"/wait?seconds=60", nil)
	var many sync.WaitGroup
	for part := range 8 {
		many.Go(func() {
			for i := range 130 {
				at := time.Now()
				e, err := s.store.Commit(t.Context(), &flowfile.Delivery{Flow: "states", Version: 1, Order: &flowfile.Order{Kind: flowfile.OrderCreate, At: at,
					Create: &flowfile.CreateRun{ULID: fmt.Sprintf("ULID%d-%d", part, i), Kind: "manual", FlowVersion: 1,
						Slot: time.Unix(int64(part*130+i)*86400, 0).UTC().Format(time.DateOnly)}}})
				if err == nil {
					_, err = s.store.Commit(t.Context(), &flowfile.Delivery{Flow: "states", Version: 1, Run: e.Run,
						Order: &flowfile.Order{Kind: flowfile.OrderRefuse, At: at, State: string(runs.Skipped)}})
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	many.Wait()
	args := p.refused(409, "flow_holds_data", "DELETE", "/flows/states", nil)["args"].(map[string]any)
	if args["parked"] != "1" || args["runs"] != "0" {
		t.Errorf("refused with %v", args)
	}
	// Two lie before the gate of the file, one is parked.
	if d := must[Deleted](p, "DELETE", "/flows/states?drop=true", nil); d.Count != 3 || d.Runs != 0 {
		t.Errorf("deleted: %+v", d)
	}
	if held, err := s.store.Holding("states"); err != nil || len(held) != 0 {
		t.Errorf("held by %v: %v", held, err)
	}
}
