package main

import (
	"context"
	"strings"
	"testing"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/store"
)

func TestFlowDropEmptiesAConnection(t *testing.T) {
	data := t.TempDir()
	const ever = `{"weir": 1, "id": "ever", "mode": "continuous",
	 "nodes": {"gen": {"kind": "GenerateFlowFile", "settings": {"text": "x"}, "discard": true}, "log": {"kind": "LogAttribute", "terminate": ["success", "failure"]}},
	 "connections": {"gen-log": {"from": "gen", "output": "success", "to": "log"}}}`
	dated := file(t, "ever.json", with(t, ever, "continuous", "runs"))
	must(t, "flow", "import", file(t, "ever.json", ever), "--data", data)
	s, err := store.Open(t.Context(), data, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Commit(t.Context(), &flowfile.Delivery{Flow: "ever", Node: "gen",
		Put: []flowfile.Put{{Conn: "gen-log", FlowFile: &flowfile.FlowFile{ID: s.NewID()}}}})
	if cerr := s.Close(context.Background()); err != nil || cerr != nil {
		t.Fatal(err, cerr)
	}

	r := weir(t, "flow", "import", dated, "--data", data)
	if r.code != exitFailed || r.errorCode() != "connection_holds_data" || !strings.Contains(r.err, "weir flow drop ever gen-log") {
		t.Errorf("a flow that holds data as runs: exit %d, %s", r.code, r.err)
	}
	if r := weir(t, "flow", "drop", "ever", "gen-lug", "--data", data); r.code != exitInvalid || r.errorCode() != "connection_unknown" {
		t.Errorf("an unknown connection: exit %d, %s", r.code, r.err)
	}
	if out := must(t, "flow", "drop", "ever", "gen-log", "--data", data); out != "ever: dropped from gen-log: 1\n" {
		t.Errorf("drop: %s", out)
	}
	inKorean(t)
	if out := must(t, "flow", "drop", "ever", "gen-log", "--data", data); out != "ever: gen-log에서 0개를 버렸습니다\n" {
		t.Errorf("drop again: %s", out)
	}
	must(t, "flow", "import", dated, "--data", data)
}
