package server

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
)

// TestDroppingAConnectionLetsItsFlowChangeItsMode does what the refusal to
// publish tells a person to do.
func TestDroppingAConnectionLetsItsFlowChangeItsMode(t *testing.T) {
	const ever = `{"weir": 1, "id": "ever", "mode": "continuous",
	 "nodes": {"gen": {"kind": "GenerateFlowFile", "settings": {"text": "x"}, "discard": true}, "log": {"kind": "LogAttribute", "terminate": ["success", "failure"]}},
	 "connections": {"gen-log": {"from": "gen", "output": "success", "to": "log"}}}`
	dated := ImportFlow{Doc: json.RawMessage(strings.Replace(ever, "continuous", "runs", 1))}
	s := open(t, Config{Data: t.TempDir()})
	c := s.Client()
	call[Published](t, c, "POST", "/flows", ImportFlow{Doc: json.RawMessage(ever)})
	lies := &flowfile.Delivery{Flow: "ever", Node: "gen"}
	for range 3 {
		lies.Put = append(lies.Put, flowfile.Put{Conn: "gen-log", FlowFile: &flowfile.FlowFile{ID: s.store.NewID(), Rows: 2}})
	}
	if _, err := s.store.Commit(t.Context(), lies); err != nil {
		t.Fatal(err)
	}

	err := c.Call(t.Context(), "POST", "/api/v1/flows", dated, nil)
	var f *fault.Error
	if !errors.As(err, &f) || f.Code != "connection_holds_data" || !strings.Contains(f.Error(), "weir flow drop ever gen-log") {
		t.Fatalf("publish as runs: %v", err)
	}
	got := call[Dropped](t, c, "POST", "/flows/ever/connections/gen-log/drop", DropConnection{By: "test"})
	if *got != (Dropped{Flow: "ever", Conn: "gen-log", Count: 3, Rows: 6}) {
		t.Errorf("dropped: %+v", got)
	}
	if got := call[Dropped](t, c, "POST", "/flows/ever/connections/gen-log/drop", nil); got.Count != 0 {
		t.Errorf("dropped again: %+v", got)
	}
	if v := call[Published](t, c, "POST", "/flows", dated); v.Version != 2 {
		t.Errorf("published: %+v", v)
	}

	err = c.Call(t.Context(), "POST", "/api/v1/flows/ever/connections/gen-lug/drop", nil, nil)
	if !errors.As(err, &f) || f.Code != "connection_unknown" || f.Args["nearest"] != "gen-log" {
		t.Errorf("a connection that is not there: %v", err)
	}
	if got := codeOf(t, c, "POST", "/flows/none/connections/gen-log/drop", nil); got != "flow_unknown" {
		t.Errorf("a flow that is not there: %s", got)
	}
}
