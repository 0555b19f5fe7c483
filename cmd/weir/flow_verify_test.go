package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/sandbox"
	"github.com/weirflow/weir/server"
)

// plain are the notes without a word of any language.
var plain = map[string]bool{"note_path": true}

func TestFlowVerifyNamesEachStepAndItsRemedy(t *testing.T) {
	good := box(t)
	path := file(t, "users.json", users)
	out := must(t, "flow", "verify", path, "--sandbox", good.Addr(), "--slot", "2026-11-20")
	for _, want := range []string{"gcp    ok  Open the service", "users  ok  Count the documents   userCollection has 300 documents",
		"csv    ok  Write below the files directory  users.csv", "Flow users can do its work"} {
		if !strings.Contains(strings.Join(strings.Fields(out), " "), strings.Join(strings.Fields(want), " ")) {
			t.Errorf("no line %q in\n%s", want, out)
		}
	}
	if strings.Index(out, "gcp") > strings.Index(out, "users ") || strings.Index(out, "users ") > strings.Index(out, "csv ") {
		t.Errorf("not in the direction of the flow:\n%s", out)
	}
	if again := must(t, "flow", "verify", path, "--sandbox", good.Addr(), "--slot", "2026-11-20"); again != out {
		t.Errorf("another time it says\n%s\nnot\n%s", again, out)
	}
	var steps server.Verified
	if err := json.Unmarshal([]byte(must(t, "flow", "verify", path, "--sandbox", good.Addr(), "--slot", "2026-11-20", "--json")), &steps); err != nil {
		t.Fatal(err)
	}
	for _, s := range steps.Steps {
		for _, n := range []*fault.Note{s.Step, s.Note} {
			if ko := n.Text(fault.Korean); n != nil && (ko == n.Text(fault.English) && !plain[n.Code] || n.Class != "") {
				t.Errorf("%s: %+v says %q in Korean", s.Node, n, ko)
			}
		}
	}
	denied := box(t, sandbox.Fault{Kind: sandbox.Denied})
	for _, c := range []struct{ name, doc, addr, code, remedy string }{
		{"no such collection", with(t, users, "userCollection", "userColection"), good.Addr(), "firestore_collection_missing", "userCollection"},
		{"no permission", users, denied.Addr(), "firestore_denied", "roles/datastore.viewer"},
		{"no sandbox", users, "", "google_no_sandbox", "--sandbox"},
		{"secret that is not set", with(t, users, `"endpoint": "sandbox"`, `"key": {"secret": "nokey"}`), "", "setting_secret_unknown", "weir secret set"},
	} {
		args := []string{"flow", "verify", file(t, "bad.json", c.doc)}
		if c.addr != "" {
			args = append(args, "--sandbox", c.addr)
		}
		r := weir(t, args...)
		if r.code != exitInvalid || !strings.Contains(r.out, "["+c.code+"]") || !strings.Contains(r.out, c.remedy) || !strings.Contains(r.out, "cannot do its work yet") {
			t.Errorf("%s: exit %d\n%s%s", c.name, r.code, r.out, r.err)
		}
		j := weir(t, append(args, "--json")...)
		var v server.Verified
		if err := json.Unmarshal([]byte(j.out), &v); err != nil || j.code != exitInvalid || v.Failed == 0 {
			t.Errorf("%s in JSON: exit %d, %v, %+v", c.name, j.code, err, v)
		}
	}
	if n := len(denied.Stats().Requests); n == 0 {
		t.Error("the sandbox saw no request")
	}
}

func TestFlowVerifyOfAStoredFlow(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	out := must(t, "flow", "import", file(t, "gen.json", gen), "--data", data)
	if !strings.Contains(out, "writes files: out/dt=${run.date}/gen.csv") {
		t.Errorf("the import does not say what the flow writes:\n%s", out)
	}
	if out := must(t, "flow", "verify", "gen", "--slot", "2026-11-20", "--data", data); !strings.Contains(out, "out/dt=2026-11-20/gen.csv") {
		t.Errorf("the path is not that of the slot:\n%s", out)
	}
	for _, c := range []struct{ args, code string }{
		{"flow verify nothing --data " + data, "flow_unknown"},
		{"flow verify gen --slot x --data " + data, "slot_"},
		{"flow verify gen --param x=y --data " + data, "parameter_not_declared"},
		{"flow verify nowhere.json", "cli_file_missing"},
		{"flow access nowhere.json", "cli_file_missing"},
		{"flow access nothing --data " + data, "flow_unknown"},
	} {
		if r := weir(t, strings.Fields(c.args)...); r.code != exitInvalid || !strings.HasPrefix(r.errorCode(), c.code) {
			t.Errorf("%s: exit %d with %s\n%s", c.args, r.code, r.errorCode(), r.err)
		}
	}
}

func TestFlowAccess(t *testing.T) {
	real := with(t, users, `"project": "calback-demo", "endpoint": "sandbox"`, `"project": "#{p}", "key": {"secret": "gcp-key"}`,
		`"policy"`, `"parameters": {"p": {"type": "string"}}, "policy"`)
	path := file(t, "users.json", real)
	out := must(t, "flow", "access", path)
	for _, want := range []string{"userCollection users", "users.csv csv", "#{p} gcp", "firestore.googleapis.com:443 users",
		"oauth2.googleapis.com:443", "roles/datastore.viewer", "https://www.googleapis.com/auth/datastore", "gcp-key gcp"} {
		if !strings.Contains(strings.Join(strings.Fields(out), " "), want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if out := must(t, "flow", "access", path, "--param", "p=calback-prod"); !strings.Contains(out, "calback-prod") || strings.Contains(out, "#{p}") {
		t.Errorf("with a value:\n%s", out)
	}
	if out := must(t, "flow", "access", path, "--params", file(t, "params.json", `{"p": "calback-file"}`)); !strings.Contains(out, "calback-file") {
		t.Errorf("with a file of values:\n%s", out)
	}
	told := with(t, gen, `"policy"`, `"notify": {"webhook": {"secret": "ops-hook"}, "ping": {"secret": "dead-man"}}, "policy"`)
	out = strings.Join(strings.Fields(must(t, "flow", "access", file(t, "gen.json", told))), " ")
	for _, want := range []string{"(secret ops-hook) notify A message about runs", "(secret dead-man) notify An empty message", "by name dead-man notify ops-hook notify"} {
		if !strings.Contains(out, want) {
			t.Errorf("a flow that tells of its runs: no %q in\n%s", want, out)
		}
	}
	var a server.Access
	sand := must(t, "flow", "access", file(t, "users.json", users), "--json")
	if err := json.Unmarshal([]byte(sand), &a); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(a.Group(server.AccessHost), " "); got != "sandbox" || len(a.Group(server.AccessScope))+len(a.Group(server.AccessRole)) > 0 {
		t.Errorf("a flow in the sandbox reaches %q: %s", got, sand)
	}
	data := filepath.Join(t.TempDir(), "data")
	must(t, "flow", "import", file(t, "users.json", users), "--data", data)
	stored := must(t, "flow", "access", "users", "--data", data, "--json")
	if stored != sand {
		t.Errorf("the stored flow differs:\n%s\n%s", stored, sand)
	}
	inKorean(t)
	if out := must(t, "flow", "access", path); !strings.Contains(out, "쓰는 파일") {
		t.Errorf("in Korean:\n%s", out)
	}
}
