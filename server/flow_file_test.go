package server

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/store"
)

// TestAFlowTravelsByteForByte exports, imports elsewhere and exports again: the
// examples, and a flow with all that the canvas draws.
func TestAFlowTravelsByteForByte(t *testing.T) {
	here, there := t.TempDir(), t.TempDir()
	open(t, Config{Data: here, Control: true})
	open(t, Config{Data: there, Control: true})
	a, b := openPage(t, here), openPage(t, there)
	files, err := filepath.Glob("../flows/examples/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	docs := map[string][]byte{"passages": []byte(passages("passages", "runs"))}
	for _, name := range files {
		doc, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := flows.Parse(doc)
		if err != nil {
			t.Fatal(err)
		}
		docs[f.ID] = doc
	}
	for id, doc := range docs {
		must[Published](a, "POST", "/flows", ImportFlow{Doc: doc})
		resp, first := a.ask("GET", "/flows/"+id+"/file", nil, nil)
		if resp.StatusCode != 200 || resp.Header.Get("Content-Disposition") != "attachment; filename="+id+".json" || resp.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %s %v", id, resp.Status, resp.Header)
		}
		must[Published](b, "POST", "/flows", ImportFlow{Doc: first})
		_, second := b.ask("GET", "/flows/"+id+"/file?version=1", nil, nil)
		if !bytes.Equal(first, second) || len(first) == 0 {
			t.Errorf("%s came back as\n%s\nit was\n%s", id, second, first)
		}
		if p := must[Preview](b, "POST", "/flows/preview", PreviewFlow{Doc: first}); !p.Exists || p.Version != 1 || len(p.Changes) > 0 || len(p.Problems) > 0 || p.Access == nil {
			t.Errorf("a preview of what is there: %+v", p)
		}
	}
	a.refused(404, "version_unknown", "GET", "/flows/passages/file?version=7", nil)
	a.refused(404, "flow_unknown", "GET", "/flows/none/file", nil)
}

func TestPreviewTellsBeforeAnythingIsReplaced(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Config{Data: dir, Control: true})
	p := openPage(t, dir)
	fresh := must[Preview](p, "POST", "/flows/preview", PreviewFlow{Doc: json.RawMessage(gen)})
	if fresh.Exists || fresh.Flow != "gen" || fresh.Access == nil {
		t.Errorf("of a new flow: %+v", fresh)
	}
	if all, err := s.store.Flows(); err != nil || len(all) > 0 {
		t.Errorf("a preview stored %v, %v", all, err)
	}
	must[Published](p, "POST", "/flows", ImportFlow{Doc: json.RawMessage(gen)})
	other := strings.Replace(gen, `"rows": 50`, `"rows": 70`, 1)
	got := must[Preview](p, "POST", "/flows/preview", PreviewFlow{Doc: json.RawMessage(other)})
	if !got.Exists || got.Version != 1 || len(got.Changes) != 1 || got.Changes[0].String() != "node gen: rows 50 -> 70" {
		t.Errorf("of a change: %+v", got)
	}
	bad := must[Preview](p, "POST", "/flows/preview", PreviewFlow{Doc: json.RawMessage(strings.Replace(gen, "WriteCSV", "WriteCVS", 1))})
	if len(bad.Problems) == 0 || bad.Problems[0].Node != "csv" || bad.Access != nil {
		t.Errorf("of a flow with problems: %+v", bad)
	}
	p.refused(422, "problems", "POST", "/flows/preview", PreviewFlow{Doc: json.RawMessage(`{"weir": 1}`)})

	must[Published](p, "POST", "/flows/gen/duplicate", DuplicateFlow{ID: "gen-2", Name: "Again"})
	d := must[Draft](p, "GET", "/flows/gen-2/draft", nil)
	if d.Version != 0 || !strings.Contains(string(d.Doc), `"name":"Again"`) || len(d.Problems) > 0 {
		t.Errorf("the copy: %+v %s", d, d.Doc)
	}
	p.refused(409, "flow_id_taken", "POST", "/flows/gen/duplicate", DuplicateFlow{ID: "gen-2"})
	p.refused(422, "problems", "POST", "/flows/gen/duplicate", DuplicateFlow{ID: "Gen 2"})
}

// passages is a flow in which every row goes through a funnel and two groups.
func passages(id, mode string) string {
	end := `"end": {"kind": "WriteCSV", "settings": {"path": "passages/${run.date}.csv"}, "terminate": ["success"]}`
	if mode == "continuous" {
		end = `"end": {"kind": "WriteFile", "settings": {"path": "passages.ndjson", "conflict": "replace"}, "terminate": ["success", "failure"]}`
	}
	return `{"weir": 1, "id": "` + id + `", "mode": "` + mode + `",
 "nodes": {
  "a": {"kind": "GenerateFlowFile", "settings": {"content": "records", "schema": [["id", "int64"]], "rows": 50, "count": 4}},
  "b": {"kind": "GenerateFlowFile", "settings": {"content": "records", "schema": [["id", "int64"]], "rows": 30, "count": 5}},
  "all": {"kind": "Funnel"},
  "in": {"kind": "InputPort", "group": "outer"},
  "inner-in": {"kind": "InputPort", "group": "inner"},
  "inner-out": {"kind": "OutputPort", "group": "inner"},
  "out": {"kind": "OutputPort", "group": "outer"},
  ` + end + `},
 "connections": {
  "a-all": {"from": "a", "output": "success", "to": "all"},
  "b-all": {"from": "b", "output": "success", "to": "all"},
  "all-in": {"from": "all", "output": "success", "to": "in"},
  "in-inner": {"from": "in", "output": "success", "to": "inner-in"},
  "inner": {"from": "inner-in", "output": "success", "to": "inner-out"},
  "inner-out": {"from": "inner-out", "output": "success", "to": "out"},
  "out-end": {"from": "out", "output": "success", "to": "end"}},
 "groups": {"outer": {"name": "Outer"}, "inner": {"parent": "outer", "doc": "안쪽"}},
 "labels": {"note": {"text": "All rows.", "at": [0, -80], "size": [240, 60.5], "color": "amber"}},
 "layout": {"a": [0, 0], "group:outer": [560, 0], "in": [0, 0]}}`
}

// TestGroupsReallyWire runs a flow through a funnel and nested groups: as many
// rows come out as went in.
func TestGroupsReallyWire(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Config{Data: dir, Control: true})
	p := openPage(t, dir)
	must[Published](p, "POST", "/flows", ImportFlow{Doc: json.RawMessage(passages("daily", "runs"))})
	r := must[RunView](p, "POST", "/runs", StartRun{Flow: "daily", Slot: "2026-11-20"})
	r = must[RunView](p, "GET", "/runs/"+r.Run.ID+"/wait?seconds=60", nil)
	if r.Run.State != runs.Success || r.Run.Balance != "balanced" {
		t.Fatalf("the run: %s %s %s", r.Run.State, r.Run.Balance, r.Run.Why)
	}
	run, err := s.store.RunByID(r.Run.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, conn := range []string{"all-in", "in-inner", "inner", "inner-out", "out-end"} {
		if q := run.Queues[conn]; q == nil || q.Entered.Rows != 350 || q.Left.Rows != 350 || q.Entered.N != 9 {
			t.Errorf("%s: %+v", conn, q)
		}
	}
	out, err := os.ReadFile(filepath.Join(s.Files(), "passages/2026-11-20.csv"))
	if n := bytes.Count(out, []byte("\n")); n != 351 || err != nil {
		t.Errorf("the file has %d lines, %v", n, err)
	}
}

// TestDeletingAFlow: one that works or holds data is refused with how much, and
// deleted when all may be dropped, in the ledger too. Its runs stay readable.
func TestDeletingAFlow(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Config{Data: dir, Control: true})
	p := openPage(t, dir)
	stream := strings.Replace(passages("stream", "continuous"), `"count": 4}`, `"count": 1}, "every": "1h"`, 1)
	stream = strings.Replace(stream, `"count": 5}`, `"count": 1}, "every": "1h"`, 1)
	must[Published](p, "POST", "/flows", ImportFlow{Doc: json.RawMessage(stream)})
	must[Switched](p, "POST", "/flows/stream/start", nil)
	through := make(chan struct{}, 1)
	stop := s.store.Subscribe(func([]store.Committed) {
		select {
		case through <- struct{}{}:
		default:
		}
	})
	defer stop()
	arrived := func() bool {
		r, err := s.store.Run("stream", 0)
		return err == nil && r.Queues["out-end"] != nil && r.Queues["out-end"].Left.Rows == 80
	}
	for !arrived() {
		select {
		case <-through:
		case <-t.Context().Done():
			t.Fatal("nothing came through the groups")
		}
	}
	if got := p.refused(409, "flow_holds_data", "DELETE", "/flows/stream", nil); got["args"].(map[string]any)["runs"] != "1" {
		t.Errorf("refused with %v", got)
	}
	if d := must[Deleted](p, "DELETE", "/flows/stream?drop=true", nil); d.Flow != "stream" {
		t.Errorf("deleted: %+v", d)
	}
	p.refused(404, "flow_unknown", "GET", "/flows/stream/draft", nil)
	p.refused(404, "flow_unknown", "POST", "/flows/stream/edit", edit(1, "a"))

	must[Published](p, "POST", "/flows", ImportFlow{Doc: json.RawMessage(gen)})
	r := must[RunView](p, "POST", "/runs", StartRun{Flow: "gen", Slot: "2026-11-20"})
	must[RunView](p, "GET", "/runs/"+r.Run.ID+"/wait?seconds=60", nil)
	if got := must[FlowList](p, "GET", "/flows", nil).Flows; len(got) != 1 || len(got[0].Last) != 1 || got[0].Last[0].Run != r.Run.ID || got[0].Last[0].State != runs.Success {
		t.Errorf("the list: %+v", got)
	}
	must[Deleted](p, "DELETE", "/flows/gen", nil)
	if got := must[FlowList](p, "GET", "/flows", nil).Flows; len(got) > 0 {
		t.Errorf("the list after all: %+v", got)
	}
	if again := must[RunView](p, "GET", "/runs/"+r.Run.ID, nil); again.Run.State != runs.Success {
		t.Errorf("its run: %+v", again)
	}
	// A flow of the same name goes on with the numbers, and its draft is another.
	if pub := must[Published](p, "POST", "/flows", ImportFlow{Doc: json.RawMessage(strings.Replace(gen, `"rows": 50`, `"rows": 51`, 1)), New: true}); pub.Version != 2 {
		t.Errorf("made again: %+v", pub)
	}
	if err := s.Client().Call(t.Context(), "POST", "/api/v1/flows/gen/publish", PublishFlow{Rev: 1}, nil); fault.CodeOf(err) != "draft_stale" {
		t.Errorf("a page of the deleted flow published: %v", err)
	}
}

// TestDeletingDropsWhatIsQueued: data of a continuous flow keeps it from being
// deleted, and is counted as dropped when it may go.
func TestDeletingDropsWhatIsQueued(t *testing.T) {
	dir := t.TempDir()
	o, p := openEver(t, dir), openPage(t, dir)
	must[Published](p, "POST", "/flows", ImportFlow{Doc: json.RawMessage(ever)})
	files := lots(3)
	for _, f := range files {
		f.Content = o.content("x")
	}
	o.put(files...)
	args := p.refused(409, "flow_holds_data", "DELETE", "/flows/ever", nil)["args"].(map[string]any)
	if args["queued"] != "3" || args["runs"] != "0" {
		t.Errorf("refused with %v", args)
	}
	if v := must[FlowList](p, "GET", "/flows", nil).Flows[0]; v.Queued != 3 || v.QueuedBytes == 0 {
		t.Errorf("the list shows %+v", v)
	}
	if d := must[Deleted](p, "DELETE", "/flows/ever?drop=true", nil); d.Count != 3 {
		t.Errorf("deleted: %+v", d)
	}
	r, err := o.store.Run("ever", 0)
	if err != nil || r.Queues["gen-log"].Dropped.N != 3 || r.Queues["gen-log"].Queued.N != 0 {
		t.Errorf("the ledger: %+v, %v", r, err)
	}
}

// TestARunOfADeletedFlowIsNotResumed: it would write again what nobody has any more.
func TestARunOfADeletedFlowIsNotResumed(t *testing.T) {
	dir := t.TempDir()
	open(t, Config{Data: dir, Control: true})
	p := openPage(t, dir)
	must[Published](p, "POST", "/flows", ImportFlow{Doc: json.RawMessage(stateFlow(0))})
	r := must[RunView](p, "POST", "/runs", StartRun{Flow: "states", Slot: "2026-11-20"})
	if v := must[RunView](p, "GET", "/runs/"+r.Run.ID+"/wait?seconds=60", nil); v.Run.State != runs.Failed {
		t.Fatalf("state %s", v.Run.State)
	}
	p.refused(409, "flow_holds_data", "DELETE", "/flows/states", nil)
	must[Deleted](p, "DELETE", "/flows/states?drop=true", nil)
	p.refused(404, "flow_unknown", "POST", "/runs/"+r.Run.ID+"/resume", ResumeRun{})
	if v := must[RunView](p, "GET", "/runs/"+r.Run.ID, nil); v.Run.State != runs.Failed {
		t.Errorf("state after all: %s", v.Run.State)
	}
}

// TestADraftsRunsEndWithIt: a flow that was never published may have runs too.
func TestADraftsRunsEndWithIt(t *testing.T) {
	dir := t.TempDir()
	open(t, Config{Data: dir, Control: true})
	p := openPage(t, dir)
	must[Published](p, "POST", "/flows", ImportFlow{Doc: json.RawMessage(stateFlow(3)), Draft: true})
	r := must[RunView](p, "POST", "/runs", StartRun{Flow: "states", Doc: json.RawMessage(stateFlow(3)), Slot: "2026-11-20"})
	if d := must[Deleted](p, "DELETE", "/flows/states?drop=true", nil); d.Runs != 1 {
		t.Errorf("deleted: %+v", d)
	}
	if v := must[RunView](p, "GET", "/runs/"+r.Run.ID, nil); v.Run.State != runs.Cancelled {
		t.Errorf("its run: %s", v.Run.State)
	}
}
