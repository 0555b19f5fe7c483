package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/sandbox"
)

func TestRunOfAFileInThisProcess(t *testing.T) {
	data, flow := filepath.Join(t.TempDir(), "data"), file(t, "gen.json", gen)
	r := weir(t, "run", "start", "--file", flow, "--slot", "2026-11-20", "--param", "note=hello", "--data", data)
	if r.code != 0 || !strings.Contains(r.out, "SUCCESS, balanced") || !strings.Contains(r.out, "#{note}") || !strings.Contains(r.err, "generation 1") {
		t.Fatalf("exit %d\n%s%s", r.code, r.out, r.err)
	}
	csv := filepath.Join(data, "files", "out", "dt=2026-11-20", "gen.csv")
	before, err := os.ReadFile(csv)
	if err != nil || bytes.Count(before, []byte("\n")) != 201 {
		t.Fatalf("the CSV: %v\n%s", err, before)
	}

	v := mustJSON[runView](t, "run", "show", "last", "--data", data)
	if v.Run.Slot != "2026-11-20" || v.Run.Params["note"] != "hello" || v.Run.Receipts[0].Rows != 200 || v.Run.By == "" {
		t.Errorf("run: %+v", v.Run)
	}
	for _, part := range []string{v.Run.ID, strings.ToLower(v.Run.ID), v.Run.ID[:20], v.Run.ID[10:]} {
		if got := mustJSON[runView](t, "run", "show", part, "--data", data); got.Run.ID != v.Run.ID {
			t.Errorf("run show %s found %s", part, got.Run.ID)
		}
	}
	if r := weir(t, "run", "show", "ZZZZZZ", "--data", data); r.code != exitInvalid || r.errorCode() != "run_id_unknown" {
		t.Errorf("an unknown run: exit %d, %s", r.code, r.err)
	}

	again := weir(t, "run", "rerun", v.Run.ID, "--data", data)
	if again.code != 0 || !strings.Contains(again.err, "generation 2") || !strings.Contains(again.err, "overwrites out/dt=2026-11-20/gen.csv (200 rows, of run "+v.Run.ID) {
		t.Errorf("rerun: exit %d\n%s%s", again.code, again.out, again.err)
	}
	if after, err := os.ReadFile(csv); err != nil || !bytes.Equal(after, before) {
		t.Errorf("the rerun wrote other bytes (%v)", err)
	}
	list := mustJSON[runList](t, "run", "ls", "--data", data)
	if len(list.Runs) != 2 || list.Runs[1].ID != v.Run.ID || list.Runs[0].Generation != 2 || list.Runs[0].Kind != "rerun" {
		t.Errorf("runs: %+v", list.Runs)
	}
	if out := must(t, "run", "ls", "gen", "--limit", "1", "--data", data); !strings.Contains(out, "2026-11-20 #2") || strings.Contains(out, v.Run.ID) {
		t.Errorf("run ls:\n%s", out)
	}
	if out := must(t, "run", "logs", v.Run.ID, "--data", data); !strings.Contains(out, "INFO  state changed from=FINALIZING to=SUCCESS") {
		t.Errorf("run logs:\n%s", out)
	}
	for _, line := range strings.Split(strings.TrimSpace(must(t, "run", "logs", v.Run.ID, "--json", "--data", data)), "\n") {
		if !json.Valid([]byte(line)) {
			t.Errorf("a line of the log is not JSON: %s", line)
		}
	}
	if out := must(t, "run", "why", v.Run.ID, "--data", data); !strings.Contains(out, "waits for nothing") {
		t.Errorf("run why:\n%s", out)
	}
	if out := must(t, "check", "--data", data); !strings.Contains(out, "All is well.") {
		t.Errorf("check:\n%s", out)
	}
}

func TestParameters(t *testing.T) {
	data, flow := t.TempDir(), file(t, "gen.json", gen)
	params := file(t, "params.json", `{"note": "from file"}`)
	v := mustJSON[runView](t, "run", "start", "--file", flow, "--params", params, "--data", data)
	if v.Run.Params["note"] != "from file" {
		t.Errorf("params %v", v.Run.Params)
	}
	v = mustJSON[runView](t, "run", "start", "--file", flow, "--params", params, "--param", "note=a=b", "--data", data)
	if v.Run.Params["note"] != "a=b" || v.Run.Generation != 2 {
		t.Errorf("params %v, generation %d", v.Run.Params, v.Run.Generation)
	}
	r := weir(t, "run", "start", "--file", flow, "--param", "nope=1", "--param", "noted=2", "--data", data)
	if r.code != exitInvalid || strings.Count(r.err, "[parameter_not_declared]") != 2 {
		t.Errorf("unknown parameters: exit %d\n%s", r.code, r.err)
	}
	for _, bad := range []string{`[1]`, `{"note": [1]}`, `{"note": null}`, `{`} {
		if r := weir(t, "run", "start", "--file", flow, "--params", file(t, "p", bad), "--data", data); r.errorCode() != "cli_params_file" {
			t.Errorf("%s: %s", bad, r.err)
		}
	}
}

func TestVerbsReachTheServerThatHoldsTheData(t *testing.T) {
	data, flow := filepath.Join(t.TempDir(), "data"), file(t, "gen.json", gen)
	srv := launch(t, "serve", "--data", data, "--listen", "127.0.0.1:0")
	id := strings.TrimSpace(must(t, "run", "start", "--file", flow, "--no-wait", "--data", data))
	waited := mustJSON[runView](t, "run", "wait", id, "--data", data)
	if waited.Run.State != runs.Success {
		t.Fatalf("the run is %s", waited.Run.State)
	}
	if r := weir(t, "run", "ls", "--data", data, "--sandbox", "x"); r.code != exitInvalid {
		t.Errorf("run ls takes no --sandbox: exit %d", r.code)
	}
	if r := weir(t, "run", "wait", id, "--data", data, "--sandbox", "127.0.0.1:1"); r.code != 0 || !strings.Contains(r.err, "those given here are not") {
		t.Errorf("flags of the server: exit %d, %s", r.code, r.err)
	}
	sock := "unix:" + filepath.Join(data, "control.sock")
	if got := mustJSON[runList](t, "run", "ls", "--server", sock, "--data", "nowhere"); len(got.Runs) != 1 {
		t.Errorf("by --server: %+v", got)
	}
	if r := weir(t, "run", "ls", "--server", "http://"+srv.addr); r.code != exitFailed || r.errorCode() != "sign_in_needed" {
		t.Errorf("TCP without a token: exit %d, %s", r.code, r.err)
	}
	for _, verb := range [][]string{{"check"}, {"dump"}, {"serve", "--listen", "127.0.0.1:0"}} {
		if r := weir(t, append(verb, "--data", data)...); r.code != exitFailed || r.errorCode() != "store_locked" {
			t.Errorf("%v beside the server: exit %d, %s", verb, r.code, r.err)
		}
	}
	if r := srv.stop(); r.code != 0 || !strings.Contains(r.err, "stopping") {
		t.Errorf("serve ended with %d\n%s", r.code, r.err)
	}
	if r := weir(t, "run", "ls", "--server", sock); r.code != exitUnreachable || r.errorCode() != "server_unreachable" || !strings.Contains(r.err, sock) || strings.Count(r.err, "No Weir server") != 1 {
		t.Errorf("after the stop: exit %d, %s", r.code, r.err)
	}
	if got := mustJSON[runList](t, "run", "ls", "--data", data); len(got.Runs) != 1 {
		t.Errorf("after the stop, in process: %+v", got)
	}
}

func TestNobodyToWorkOnAQueuedRun(t *testing.T) {
	data := t.TempDir()
	r := weir(t, "run", "start", "--file", file(t, "gen.json", gen), "--no-wait", "--data", data)
	if r.code != exitInvalid || r.errorCode() != "cli_nobody_to_work" {
		t.Errorf("exit %d, %s", r.code, r.err)
	}
}

func TestAnInterruptedRunIsFinishedByWait(t *testing.T) {
	box := box(t, sandbox.Fault{Kind: sandbox.HangStream, After: 100})
	data, flow := filepath.Join(t.TempDir(), "data"), file(t, "users.json", users)
	ctx, cancel := context.WithCancel(t.Context())
	var out, errOut bytes.Buffer
	told := &signalling{on: "rows read", then: cancel, w: &errOut}
	code := Main(ctx, []string{"run", "start", "--file", flow, "--data", data, "--sandbox", box.Addr()}, strings.NewReader(""), &out, told)
	if code != exitFailed || !strings.Contains(errOut.String(), "[cli_interrupted]") || !strings.Contains(errOut.String(), "weir run wait ") {
		t.Fatalf("exit %d\n%s%s", code, &out, &errOut)
	}
	list := mustJSON[runList](t, "run", "ls", "--data", data)
	if list.Runs[0].State != runs.Running {
		t.Fatalf("the run is %s", list.Runs[0].State)
	}
	if r := weir(t, "run", "why", "last", "--data", data); !strings.Contains(r.out, "Node users") || !strings.Contains(r.err, "Finish it: weir run wait "+list.Runs[0].ID) {
		t.Errorf("why: %s%s", r.out, r.err)
	}
	if r := weir(t, "run", "start", "--file", flow, "--slot", "2026-01-01", "--data", data); r.code != exitFailed || r.errorCode() != "run_unfinished" {
		t.Errorf("another run beside it: exit %d, %s", r.code, r.err)
	}
	if r := weir(t, "run", "wait", list.Runs[0].ID, "--data", data); r.code != exitFailed || r.errorCode() != "run_lacks_sandbox" {
		t.Errorf("wait without the sandbox: exit %d, %s%s", r.code, r.out, r.err)
	}
	if got := mustJSON[runView](t, "run", "show", list.Runs[0].ID, "--data", data).Run.State; got != runs.Running {
		t.Errorf("a wait that could not work on the run left it %s", got)
	}
	v := mustJSON[runView](t, "run", "wait", list.Runs[0].ID, "--data", data, "--sandbox", box.Addr())
	if v.Run.State != runs.Success || v.Run.Receipts[0].Rows != 300 {
		t.Errorf("it ended %s: %s", v.Run.State, v.Run.Why)
	}
}

// signalling does something once when a line that holds some words is written.
type signalling struct {
	on   string
	then func()
	w    *bytes.Buffer
}

func (s *signalling) Write(b []byte) (int, error) {
	if strings.Contains(string(b), s.on) && s.then != nil {
		s.then()
	}
	return s.w.Write(b)
}

func TestRejectsAreAcceptedByAPersonOnly(t *testing.T) {
	box := box(t)
	data := t.TempDir()
	flow := file(t, "users.json", with(t, users, `["name", "string"]`, `["level", "string"]`))
	args := []string{"--data", data, "--sandbox", box.Addr()}
	r := weir(t, append([]string{"run", "start", "--file", flow}, args...)...)
	if r.code != exitFailed || !strings.Contains(r.out, "rejects_upstream") {
		t.Fatalf("exit %d\n%s%s", r.code, r.out, r.err)
	}
	if _, err := os.Stat(filepath.Join(data, "files", "users.csv")); !os.IsNotExist(err) {
		t.Errorf("a file was written all the same (%v)", err)
	}
	if out := must(t, "run", "why", "last", "--data", data); !strings.Contains(out, "csv") {
		t.Errorf("why: %s", out)
	}
	r = weir(t, append([]string{"run", "resume", "last", "--accept-rejects"}, args...)...)
	if r.code != exitPartial || !strings.Contains(r.out, "PARTIAL") {
		t.Errorf("resume: exit %d\n%s%s", r.code, r.out, r.err)
	}
}

func TestResumeAdoptsAFix(t *testing.T) {
	box := box(t)
	data := t.TempDir()
	broken := with(t, users, `"path": "users.csv"`, `"path": "users.csv", "schema": [["uid", "string"]]`)
	must(t, "flow", "import", file(t, "users.json", broken), "--data", data)
	args := []string{"--data", data, "--sandbox", box.Addr()}
	r := weir(t, append([]string{"run", "start", "users"}, args...)...)
	if r.code != exitFailed || !strings.Contains(r.out, "has other columns") {
		t.Fatalf("exit %d\n%s%s", r.code, r.out, r.err)
	}
	read := box.Stats()
	out := must(t, "flow", "import", file(t, "users.json", with(t, users, `"path": "users.csv"`, `"path": "fixed.csv"`)), "--data", data)
	if !strings.Contains(out, "published as version 2") || !strings.Contains(out, "users.csv") || !strings.Contains(out, "fixed.csv") {
		t.Errorf("import: %s", out)
	}
	r = weir(t, append([]string{"run", "resume", "last", "--flow", "latest"}, args...)...)
	if shown, going := strings.Index(r.err, `"users.csv" -> "fixed.csv"`), strings.Index(r.err, "of users, slot"); r.code != 0 || shown < 0 || going < shown {
		t.Errorf("exit %d, the difference is not shown before the run goes on:\n%s%s", r.code, r.out, r.err)
	}
	v := mustJSON[runView](t, "run", "show", "last", "--data", data)
	if v.Run.State != runs.Success || len(v.Run.FlowVersions) != 2 || v.Run.Receipts[0].Key != "fixed.csv" {
		t.Errorf("resumed: %s %v %+v", v.Run.State, v.Run.FlowVersions, v.Run.Receipts)
	}
	if n := box.Stats(); n.Requests["RunQuery"] != read.Requests["RunQuery"] || n.Billed != read.Billed || read.Billed == 0 {
		t.Errorf("the source was read again: %+v, before %+v", n, read)
	}
}

func TestResumeAdoptsAFixedFile(t *testing.T) {
	box := box(t)
	args := []string{"--data", t.TempDir(), "--sandbox", box.Addr()}
	broken := with(t, users, `"path": "users.csv"`, `"path": "users.csv", "schema": [["uid", "string"]]`)
	r := weir(t, append([]string{"run", "start", "--file", file(t, "users.json", broken)}, args...)...)
	if r.code != exitFailed {
		t.Fatalf("exit %d\n%s%s", r.code, r.out, r.err)
	}
	read := box.Stats().Billed
	// Nothing is published under that name, and the file's own run has no other.
	for _, c := range []struct{ doc, code string }{
		{with(t, users, `"id": "users"`, `"id": "others"`), "resume_other_flow"},
		{with(t, users, "userCollection", "meetings"), "resume_conflict"},
	} {
		r := weir(t, append([]string{"run", "resume", "last", "--file", file(t, "users.json", c.doc)}, args...)...)
		if r.errorCode() != c.code {
			t.Errorf("%s, want %s\n%s", r.errorCode(), c.code, r.err)
		}
	}
	r = weir(t, append([]string{"run", "resume", "last", "--flow", "latest"}, args...)...)
	if r.code != exitFailed || !strings.Contains(r.err, "no other version") {
		t.Errorf("exit %d\n%s", r.code, r.err)
	}
	r = weir(t, append([]string{"run", "resume", "last", "--file", file(t, "users.json", users)}, args...)...)
	if r.code != 0 || !strings.Contains(r.err, "schema") || !strings.Contains(r.out, "SUCCESS") {
		t.Errorf("exit %d\n%s%s", r.code, r.out, r.err)
	}
	if now := box.Stats().Billed; now != read || read == 0 {
		t.Errorf("%d documents were read in all, %d before the fix", now, read)
	}
}

func TestCancel(t *testing.T) {
	box := box(t, sandbox.Fault{Kind: sandbox.HangStream, After: 100})
	data, flow := filepath.Join(t.TempDir(), "data"), file(t, "users.json", users)
	srv := launch(t, "serve", "--data", data, "--listen", "127.0.0.1:0", "--sandbox", box.Addr())
	id := strings.TrimSpace(must(t, "run", "start", "--file", flow, "--no-wait", "--data", data))
	for mustJSON[runView](t, "run", "show", id, "--data", data).Run.State == runs.Queued {
	}
	if out := must(t, "run", "cancel", id, "--data", data); !strings.Contains(out, "is CANCELLED.") {
		t.Errorf("cancel: %s", out)
	}
	if r := weir(t, "run", "wait", id, "--data", data); r.code != exitFailed {
		t.Errorf("wait for a cancelled run: exit %d", r.code)
	}
	// A cancelled run's task may still be on its way out, and may be given up then.
	r := weir(t, "run", "terminate", id, "users", "--data", data)
	for r.code == 0 {
		r = weir(t, "run", "terminate", id, "users", "--data", data)
	}
	if r.code != exitFailed || r.errorCode() != "node_not_at_work" {
		t.Errorf("terminate: exit %d, %s", r.code, r.err)
	}
	if r := srv.stop(); r.code != 0 {
		t.Errorf("serve ended with %d\n%s", r.code, r.err)
	}
}

func TestParkedFlowFiles(t *testing.T) {
	data := t.TempDir()
	flow := file(t, "gen.json", with(t, gen,
		`"connections": {"gen-csv": {"from": "gen", "output": "success", "to": "csv"}}`,
		`"connections": {"gen-bad": {"from": "gen", "output": "success", "to": "bad"}, "bad-csv": {"from": "bad", "output": "success", "to": "csv"}}`,
		`"csv": {"kind"`, `"bad": {"kind": "TestStumble"}, "csv": {"kind"`))
	r := weir(t, "run", "start", "--file", flow, "--data", data)
	if r.code != exitFailed {
		t.Fatalf("exit %d\n%s%s", r.code, r.out, r.err)
	}
	type parked struct {
		Parked []struct{ ID, Code, Connection string }
	}
	list := mustJSON[parked](t, "parked", "ls", "last", "--data", data)
	if len(list.Parked) != 1 || list.Parked[0].Connection != "gen-bad" {
		t.Fatalf("parked: %+v\n%s", list, r.out)
	}
	id := list.Parked[0].ID
	if out := must(t, "parked", "ls", "last", "--data", data); !strings.Contains(out, id) || !strings.Contains(out, list.Parked[0].Code) {
		t.Errorf("parked ls:\n%s", out)
	}
	if out := must(t, "parked", "show", "last", id, "--data", data); !strings.Contains(out, "${number}") {
		t.Errorf("parked show:\n%s", out)
	}
	if out := must(t, "parked", "show", "last", id, "--content", "--data", data); strings.Count(out, "\n") != 50 {
		t.Errorf("content:\n%s", out)
	}
	if r := weir(t, "parked", "show", "last", "99999999", "--data", data); r.code != exitInvalid || r.errorCode() != "parked_unknown" {
		t.Errorf("an unknown one: exit %d, %s", r.code, r.err)
	}
	if r := weir(t, "parked", "show", "last", "x", "--data", data); r.code != exitInvalid || r.errorCode() != "flowfile_id_bad" {
		t.Errorf("no id: exit %d, %s", r.code, r.err)
	}
	must(t, "parked", "discard", "last", id, "--data", data)
	if out := must(t, "parked", "ls", "last", "--data", data); !strings.Contains(out, "Nothing is parked") {
		t.Errorf("parked ls after the discard:\n%s", out)
	}
	r = weir(t, "run", "resume", "last", "--data", data)
	v := mustJSON[runView](t, "run", "show", "last", "--data", data)
	if r.code != exitPartial || v.Run.State != runs.Partial || v.Run.Receipts[0].Rows != 150 {
		t.Errorf("resumed: exit %d, %s, %+v\n%s%s", r.code, v.Run.State, v.Run.Receipts, r.out, r.err)
	}
}

// stumble is a node to which the world is unkind: it fails for the second
// FlowFile.
type stumble struct{}

func init() { processors.Register(func() processors.Processor { return &stumble{} }) }

func (*stumble) Define(s *processors.Spec) {
	s.Describe("TestStumble", "Fails for the second FlowFile.")
	s.Input("", "FlowFiles.")
	s.Output("success", "All but the second.")
}

func (*stumble) Process(_ context.Context, s *flowfile.Session) error {
	f := s.Get()
	if f == nil {
		return nil
	}
	if n, _ := f.Attrs.Get("number"); n == "2" {
		return fault.New("file_io", "path", "somewhere")
	}
	s.Transfer(f, "success")
	return nil
}
