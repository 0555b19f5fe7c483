package server

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/web"
)

// stuck is a source that works until it is stopped.
type stuck struct{}

func init() { processors.Register(func() processors.Processor { return &stuck{} }) }

// Define tells of the node.
func (*stuck) Define(s *processors.Spec) {
	s.Describe("TestStuck", "Works until it is stopped.")
	s.Output("success", "Nothing, ever.")
}

// Process waits.
func (*stuck) Process(ctx context.Context, _ *flowfile.Session) error {
	<-ctx.Done()
	return ctx.Err()
}

// states is a flow of which one run shows every state but those of success.
func stateFlow(retries int) string {
	return fmt.Sprintf(`{"weir": 1, "id": "states", "mode": "runs", "policy": {"retries": %d, "retry_delay": "1h"},
 "nodes": {"gen": {"kind": "GenerateFlowFile", "settings": {"text": "{\"id\": 1}", "count": 3}},
  "wary": {"kind": "TestWary"},
  "csv": {"kind": "WriteCSV", "settings": {"path": "out/${run.date}/states.csv"}, "terminate": ["success"]}},
 "connections": {"gen-wary": {"from": "gen", "output": "success", "to": "wary"}, "wary-csv": {"from": "wary", "output": "success", "to": "csv"}}}`, retries)
}

// liveStates watches a run until its nodes stand so.
func liveStates(t *testing.T, dir, flow, run string, want map[string]int) {
	t.Helper()
	w := watchOn(t, dir, map[string]any{"type": "watch", "flow": flow, "run": run})
	w.until(fmt.Sprintf("states %v", want), func(*liveFrame) bool {
		for node, state := range want {
			if row := w.nodes[node]; row == nil || int(row[1]) != state {
				return false
			}
		}
		return true
	})
}

func TestStatesOfNodesInARun(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Config{Data: dir, Control: true, liveStep: 20 * time.Millisecond})
	c := s.Client()
	begin := func(doc, slot string) string {
		t.Helper()
		return call[RunView](t, c, "POST", "/runs", StartRun{Doc: json.RawMessage(doc), Slot: slot}).Run.ID
	}
	nodeState := func(flow, node, run string) NodeRun {
		t.Helper()
		for _, n := range call[NodeRunList](t, c, "GET", "/flows/"+flow+"/nodes/"+node+"/runs", nil).Runs {
			if n.Run == run {
				return n
			}
		}
		t.Fatalf("%s has no run %s", node, run)
		return NodeRun{}
	}

	again := begin(stateFlow(3), "2026-11-01")
	liveStates(t, dir, "states", again, map[string]int{"gen": liveDone, "wary": liveRetry, "csv": liveWaiting})
	if n := nodeState("states", "wary", again); n.State != runs.ActRetryWait || n.Note == nil || n.RunState != runs.Running {
		t.Errorf("a node that tries again: %+v", n)
	}
	queued := begin(stateFlow(3), "2026-11-02")
	liveStates(t, dir, "states", queued, map[string]int{"gen": liveWaiting, "wary": liveWaiting, "csv": liveWaiting})
	call[RunView](t, c, "POST", "/runs/"+queued+"/cancel", ByWhom{})
	liveStates(t, dir, "states", queued, map[string]int{"gen": liveSkipped, "wary": liveSkipped, "csv": liveSkipped})
	call[RunView](t, c, "POST", "/runs/"+again+"/cancel", ByWhom{})
	call[RunView](t, c, "GET", "/runs/"+again+"/wait?seconds=30", nil)
	liveStates(t, dir, "states", again, map[string]int{"gen": liveDone, "csv": liveSkipped})

	failed := begin(stateFlow(0), "2026-11-03")
	call[RunView](t, c, "GET", "/runs/"+failed+"/wait?seconds=30", nil)
	liveStates(t, dir, "states", failed, map[string]int{"gen": liveDone, "wary": liveFailed, "csv": liveUpstreamFailed})
	if n := nodeState("states", "wary", failed); n.State != runs.ActFailed || n.Parked.N != 1 || n.RunState != runs.Failed {
		t.Errorf("a node that failed: %+v", n)
	}
	if n := nodeState("states", "gen", failed); n.State != runs.ActDone || n.Out.N != 3 || n.Tries != 1 || n.Started.IsZero() || n.Finished.Before(n.Started) {
		t.Errorf("a source that is done: %+v", n)
	}

	const still = `{"weir": 1, "id": "still", "mode": "runs", "nodes": {"gen": {"kind": "TestStuck"},
  "csv": {"kind": "WriteCSV", "settings": {"path": "still.csv"}, "terminate": ["success"]}},
 "connections": {"gen-csv": {"from": "gen", "output": "success", "to": "csv"}}}`
	works := begin(still, "2026-11-01")
	liveStates(t, dir, "still", works, map[string]int{"gen": liveWorking, "csv": liveWaiting})
	if n := nodeState("still", "gen", works); n.State != runs.ActRunning || n.Started.IsZero() || !n.Finished.IsZero() {
		t.Errorf("a source at work: %+v", n)
	}
	call[RunView](t, c, "POST", "/runs/"+works+"/cancel", ByWhom{})
	call[RunView](t, c, "GET", "/runs/"+works+"/wait?seconds=30", nil)
	liveStates(t, dir, "still", works, map[string]int{"gen": 0, "csv": liveSkipped})
}

func TestRunsOfANodeAreBounded(t *testing.T) {
	s := open(t, Config{Data: t.TempDir(), Control: true})
	c := s.Client()
	for i := range 3 {
		v := call[RunView](t, c, "POST", "/runs", StartRun{Doc: json.RawMessage(gen), Slot: fmt.Sprintf("2026-11-0%d", i+1)})
		call[RunView](t, c, "GET", "/runs/"+v.Run.ID+"/wait?seconds=30", nil)
	}
	list := call[NodeRunList](t, c, "GET", "/flows/gen/nodes/csv/runs?limit=2", nil).Runs
	if len(list) != 2 || list[0].Slot != "2026-11-03" || list[1].Slot != "2026-11-02" || list[0].In.Rows == 0 || list[0].Out.Rows != list[0].In.Rows {
		t.Errorf("runs: %+v", list)
	}
	if list := call[NodeRunList](t, c, "GET", "/flows/gen/nodes/nobody/runs", nil).Runs; len(list) != 0 {
		t.Errorf("of no node: %+v", list)
	}
	if got := codeOf(t, c, "GET", "/flows/none/nodes/csv/runs", nil); got != "flow_unknown" {
		t.Errorf("of no flow: %q", got)
	}
}

// TestOrdersAreByTheOneWhoSignedIn: what a client says of itself holds on the
// control socket alone.
func TestOrdersAreByTheOneWhoSignedIn(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Config{Data: dir, Control: true, Listen: "127.0.0.1:0"})
	call[Published](t, s.Client(), "POST", "/flows", ImportFlow{Doc: json.RawMessage(gen)})
	by := func(id string) string {
		t.Helper()
		return call[RunView](t, s.Client(), "GET", "/runs/"+id+"/wait?seconds=30", nil).Run.By
	}
	if got := by(call[RunView](t, s.Client(), "POST", "/runs", StartRun{Flow: "gen", Slot: "2026-11-01", By: "김민수"}).Run.ID); got != "김민수" {
		t.Errorf("by the socket: %q", got)
	}
	made := call[TokenMade](t, s.Client(), "POST", "/tokens", NewToken{Name: "ci"})
	tokens := web.Dial(s.URL(), made.Token)
	if got := by(call[RunView](t, tokens, "POST", "/runs", StartRun{Flow: "gen", Slot: "2026-11-02", By: "somebody else"}).Run.ID); got != "token:ci" {
		t.Errorf("by a token: %q", got)
	}
	b := browse(t, s)
	b.signIn(s)
	_, body := b.ask("POST", "/api/v1/runs", `{"flow": "gen", "slot": "2026-11-03"}`)
	var v RunView
	if err := json.Unmarshal([]byte(body), &v); err != nil || v.Run == nil {
		t.Fatalf("%s: %v", body, err)
	}
	if got := by(v.Run.ID); got != "link" {
		t.Errorf("by a browser: %q", got)
	}
	_, body = b.ask("POST", "/api/v1/runs/"+v.Run.ID+"/rerun", `{}`)
	if err := json.Unmarshal([]byte(body), &v); err != nil || by(v.Run.ID) != "link" {
		t.Errorf("run again: %s", body)
	}
}

func TestALogIsReadInPages(t *testing.T) {
	s := open(t, Config{Data: t.TempDir(), Control: true})
	c := s.Client()
	v := call[RunView](t, c, "POST", "/runs", StartRun{Doc: json.RawMessage(gen)})
	call[RunView](t, c, "GET", "/runs/"+v.Run.ID+"/wait?seconds=30", nil)
	at := "/runs/" + v.Run.ID + "/logs"
	var whole strings.Builder
	if err := s.logs.read(v.Run.ID, &whole); err != nil || whole.Len() < 500 {
		t.Fatalf("%d bytes, %v", whole.Len(), err)
	}
	var text strings.Builder
	next, pages := int64(0), 0
	for {
		p := call[LogPage](t, c, "GET", fmt.Sprintf("%s/page?after=%d&limit=300", at, next), nil)
		if p.Text == "" {
			if p.Next != next || p.Next != p.Size {
				t.Errorf("the end: %+v", p)
			}
			break
		}
		if !strings.HasSuffix(p.Text, "\n") || p.Next != next+int64(len(p.Text)) || len(p.Text) > 300 && strings.Count(p.Text, "\n") > 1 {
			t.Fatalf("page from %d: %+v", next, p)
		}
		text.WriteString(p.Text)
		next, pages = p.Next, pages+1
	}
	if text.String() != whole.String() || pages < 2 {
		t.Errorf("%d pages:\n%s\nthe log:\n%s", pages, &text, &whole)
	}
	if p := call[LogPage](t, c, "GET", fmt.Sprintf("%s/page?after=%d", at, next+1000), nil); p.Size != next || p.Text != "" {
		t.Errorf("from behind the end: %d bytes, next %d", len(p.Text), p.Next)
	}

	// A line longer than a page comes whole, one that is being written not at all.
	id := fmt.Sprintf("%026d", 7)
	long := `{"msg": "` + strings.Repeat("가", 1000) + `"}` + "\n"
	f := &runLog{id: id, logs: s.logs}
	if _, err := f.Write([]byte(long + `{"msg": "half`)); err != nil {
		t.Fatal(err)
	}
	got, from, size, err := s.logs.page(id, 0, 100)
	if string(got) != long || from != int64(len(long)) || size <= from || err != nil {
		t.Errorf("a long line: %d bytes, next %d of %d, %v", len(got), from, size, err)
	}
	if got, next, _, err := s.logs.page(id, from, 100); len(got) != 0 || next != from || err != nil {
		t.Errorf("half a line: %q, next %d, %v", got, next, err)
	}
	if _, _, _, err := s.logs.page("../lock", 0, 1); fault.CodeOf(err) != "run_unknown" {
		t.Errorf("a path for an id: %v", err)
	}
}
