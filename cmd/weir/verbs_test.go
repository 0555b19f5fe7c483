package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/processors"
)

func TestDemoOnce(t *testing.T) {
	data := filepath.Join(t.TempDir(), "demo")
	args := []string{"demo", "--once", "--users", "400", "--meetings", "200", "--date", "2026-11-21", "--slot", "2026-11-20", "--data", data}
	r := weir(t, args...)
	path := filepath.Join(data, "files", "processed", "dt=2026-11-20", "user_actions.csv")
	for _, want := range []string{"SUCCESS, balanced", "400", "users from Firestore", path, "date,mid,events,", "user_actions$20261120", "3 or more",
		"2026-09", "2026-10", "95 % interval", "\n  weir run show ", " --data " + data + "\n"} {
		if !strings.Contains(r.out, want) {
			t.Errorf("the demo does not say %q", want)
		}
	}
	before, err := os.ReadFile(path)
	if r.code != 0 || err != nil {
		t.Fatalf("exit %d, %v\n%s%s", r.code, err, r.out, r.err)
	}
	inKorean(t)
	again := weir(t, args...)
	if again.code != 0 || !strings.Contains(again.err, "덮어씁니다 (400행") || !strings.Contains(again.out, "2세대") || !strings.Contains(again.out, "다음 달에 더 많이") {
		t.Errorf("again: exit %d\n%s%s", again.code, again.out, again.err)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, before) {
		t.Errorf("the second demo wrote other bytes (%v)", err)
	}
	if r := weir(t, append(args, "--json")...); r.code != 0 || !json.Valid([]byte(r.out)) {
		t.Errorf("in JSON: exit %d\n%s", r.code, r.out)
	}
	// The exit code is the run's.
	if r := weir(t, append(args, "--fault", "denied")...); r.code != exitFailed || !strings.Contains(r.out, "[firestore_denied]") {
		t.Errorf("a demo that fails: exit %d\n%s%s", r.code, r.out, r.err)
	}
}

func TestDemoKeepsServing(t *testing.T) {
	data := filepath.Join(t.TempDir(), "demo")
	p := launch(t, "demo", "--users", "50", "--meetings", "40", "--data", data, "--listen", "127.0.0.1:0")
	list := mustJSON[runList](t, "run", "ls", "--data", data)
	if len(list.Runs) != 2 || list.Runs[0].Balance != "balanced" || list.Runs[1].Balance != "balanced" {
		t.Errorf("runs: %+v", list.Runs)
	}
	must(t, "run", "rerun", "last", "--data", data)
	if r := p.stop(); r.code != 0 {
		t.Errorf("exit %d\n%s%s", r.code, r.out, r.err)
	}
}

// TestVerdictSaysNoMoreThanTheNumbers gives the sentence other numbers.
func TestVerdictSaysNoMoreThanTheNumbers(t *testing.T) {
	for _, c := range []struct {
		few, many [2]float64
		want      string
	}{
		{[2]float64{0.2, 0.3}, [2]float64{0.31, 0.4}, "demo answer yes"},
		{[2]float64{0.2, 0.3}, [2]float64{0.29, 0.4}, "demo answer unknown"},
		{[2]float64{0.5, 0.6}, [2]float64{0.1, 0.4}, "demo answer no"},
	} {
		got := verdict([]group{{days: fewDays, low: c.few[0], high: c.few[1]}, {days: manyDays, low: c.many[0], high: c.many[1]}})
		if got != c.want {
			t.Errorf("%v against %v: %s, want %s", c.many, c.few, got, c.want)
		}
	}
	if got := verdict([]group{{days: fewDays}}); got != "demo answer unknown" {
		t.Errorf("one group alone: %s", got)
	}
}

func TestFlowVerbs(t *testing.T) {
	data := t.TempDir()
	v1 := file(t, "gen.json", gen)
	if out := must(t, "flow", "ls", "--data", data); !strings.Contains(out, "no flows yet") {
		t.Errorf("ls of nothing: %s", out)
	}
	if out := must(t, "flow", "import", v1, "--data", data); out != "gen: published as version 1, which is in force now\n  writes files: out/dt=${run.date}/gen.csv\n" {
		t.Errorf("import: %s", out)
	}
	v2 := with(t, gen, `"rows": 50`, `"rows": 60`)
	if out := must(t, "flow", "import", "--draft", file(t, "gen.json", v2), "--data", data); !strings.Contains(out, "weir flow publish gen") {
		t.Errorf("import --draft: %s", out)
	}
	if out := must(t, "flow", "ls", "--data", data); !strings.Contains(out, "1 + draft") || !strings.Contains(out, "schedule off") {
		t.Errorf("ls:\n%s", out)
	}
	if out := must(t, "flow", "diff", "gen", "--data", data); !strings.Contains(out, "rows 50 -> 60") {
		t.Errorf("diff: %s", out)
	}
	if out := must(t, "flow", "publish", "gen", "--data", data); !strings.Contains(out, "gen: published as version 2") || !strings.Contains(out, "rows 50 -> 60") {
		t.Errorf("publish: %s", out)
	}
	if out := must(t, "flow", "diff", "gen", "--data", data); out != "Nothing differs.\n" {
		t.Errorf("diff of nothing: %s", out)
	}
	if out := must(t, "flow", "diff", "gen", "--from", "2", "--to", "1", "--data", data); !strings.Contains(out, "rows 60 -> 50") {
		t.Errorf("diff back: %s", out)
	}
	if out := must(t, "flow", "versions", "gen", "--data", data); strings.Count(out, "\n") != 3 {
		t.Errorf("versions:\n%s", out)
	}
	for version, rows := range map[string]string{"1": `"rows": 50`, "2": `"rows": 60`, "0": `"rows": 60`} {
		out := must(t, "flow", "export", "gen", "--version", version, "--data", data)
		f, problems := flows.Check([]byte(out))
		if len(problems) > 0 || !strings.Contains(out, rows) {
			t.Errorf("export %s: %v\n%s", version, problems, out)
			continue
		}
		if c, err := f.Canonical(); err != nil || string(c) != out {
			t.Errorf("export %s is not canonical (%v)", version, err)
		}
	}
	saved := filepath.Join(t.TempDir(), "out.json")
	must(t, "flow", "export", "gen", "-o", saved, "--data", data)
	must(t, "flow", "validate", saved)
	if r := weir(t, "flow", "export", "gen", "--version", "9", "--data", data); r.code != exitInvalid || r.errorCode() != "version_unknown" {
		t.Errorf("an unknown version: exit %d, %s", r.code, r.err)
	}

	out := must(t, "flow", "enable", "gen", "--catch-up", "3", "--dry-run", "--data", data)
	if !strings.Contains(out, "3 runs would be made") || strings.Contains(must(t, "flow", "ls", "--data", data), "enabled") {
		t.Errorf("dry run: %s", out)
	}
	out = must(t, "flow", "enable", "gen", "--data", data)
	if !strings.Contains(out, "gen: enabled") || !strings.Contains(out, "runs at") || !strings.Contains(out, "weir serve --data") {
		t.Errorf("enable: %s", out)
	}
	for _, c := range [][2]string{{"pause", "paused"}, {"unpause", "enabled"}, {"disable", "schedule off"}} {
		if out := must(t, "flow", c[0], "gen", "--data", data); out != "gen: "+c[1]+"\n" {
			t.Errorf("%s: %s", c[0], out)
		}
	}
	if r := weir(t, "flow", "start", "gen", "--data", data); r.code != exitInvalid || r.errorCode() != "flow_is_runs" {
		t.Errorf("start: exit %d, %s", r.code, r.err)
	}
	if r := weir(t, "flow", "enable", "nope", "--data", data); r.code != exitInvalid || r.errorCode() != "flow_unknown" {
		t.Errorf("an unknown flow: exit %d, %s", r.code, r.err)
	}
	must(t, "flow", "import", file(t, "u.json", users), "--data", data)
	if out := must(t, "flow", "ls", "--data", data); strings.Count(out, "schedule off") != 1 || strings.Count(out, "by hand") != 1 {
		t.Errorf("ls of a flow with a schedule and one without:\n%s", out)
	}
	if r := weir(t, "flow", "enable", "users", "--data", data); r.code != exitInvalid || r.errorCode() != "flow_has_no_schedule" {
		t.Errorf("no schedule: exit %d, %s", r.code, r.err)
	}
}

func TestContinuousFlowIsStartedAndStopped(t *testing.T) {
	data := t.TempDir()
	doc := `{"weir": 1, "id": "ever", "mode": "continuous",
	 "nodes": {"gen": {"kind": "GenerateFlowFile", "settings": {"text": "x"}, "every": "1h"}, "log": {"kind": "LogAttribute", "terminate": ["success", "failure"]}},
	 "connections": {"a": {"from": "gen", "output": "success", "to": "log"}}}`
	must(t, "flow", "import", file(t, "ever.json", doc), "--data", data)
	if out := must(t, "flow", "start", "ever", "--data", data); !strings.Contains(out, "ever: started") || !strings.Contains(out, "No server runs") {
		t.Errorf("start: %s", out)
	}
	if out := must(t, "flow", "stop", "ever", "--data", data); out != "ever: stopped\n" {
		t.Errorf("stop: %s", out)
	}
	if r := weir(t, "run", "start", "ever", "--data", data); r.code != exitInvalid || r.errorCode() != "flow_is_continuous" {
		t.Errorf("run start: exit %d, %s", r.code, r.err)
	}
}

func TestInferWritesTheSchemaIntoTheFile(t *testing.T) {
	box := box(t)
	t.Chdir(t.TempDir())
	path := file(t, "users.json", with(t, users, `, "schema": [["uid", "string"], ["name", "string"]]`, ""))
	if r := weir(t, "flow", "validate", path); r.code != exitInvalid || !strings.Contains(r.err, "weir flow infer") && !strings.Contains(r.err, "schema") {
		t.Fatalf("without a schema: exit %d, %s", r.code, r.err)
	}
	r := weir(t, "flow", "infer", path, "users", "--write", "--sandbox", box.Addr())
	if r.code != 0 || !strings.Contains(r.out, `["uid","string"]`) || !strings.Contains(r.err, "wrote ") {
		t.Fatalf("exit %d\n%s%s", r.code, r.out, r.err)
	}
	must(t, "flow", "validate", path)
	must(t, "run", "start", "--file", path, "--data", t.TempDir(), "--sandbox", box.Addr())
	if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", st.Mode(), err)
	}
	if left, err := os.ReadDir("."); err != nil || len(left) != 0 {
		t.Errorf("infer left behind %v, %v", left, err)
	}
	if r := weir(t, "flow", "infer", path, "csv"); r.code != exitInvalid || r.errorCode() != "infer_not_possible" {
		t.Errorf("a sink: exit %d, %s", r.code, r.err)
	}
	if r := weir(t, "flow", "infer", path, "nope"); r.code != exitInvalid || r.errorCode() != "infer_node_unknown" {
		t.Errorf("no node: exit %d, %s", r.code, r.err)
	}
}

func TestSecretsNeverComeBack(t *testing.T) {
	data := t.TempDir()
	const value = "hush-hush-value"
	if r := weirIn(t, value+"\n", "secret", "set", "gcp-key", "--data", data); r.code != 0 {
		t.Fatal(r.err)
	}
	for _, verb := range [][]string{{"secret", "ls"}, {"secret", "ls", "--json"}, {"dump", "secrets"}, {"dump"}} {
		out := must(t, append(verb, "--data", data)...)
		if strings.Contains(out, "hush") {
			t.Errorf("%v tells the value: %s", verb, out)
		}
	}
	if out := must(t, "secret", "ls", "--data", data); out != "gcp-key\n" {
		t.Errorf("secret ls: %s", out)
	}
	err := filepath.WalkDir(data, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte(value)) {
			t.Errorf("%s holds the value in the clear", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	backup := filepath.Join(t.TempDir(), "b")
	if out := must(t, "backup", backup, "--data", data); !strings.Contains(out, "The key of the secrets is not in it") {
		t.Errorf("backup: %s", out)
	}
	must(t, "secret", "rm", "gcp-key", "--data", data)
	if out := must(t, "secret", "ls", "--data", data); out != "There are no secrets.\n" {
		t.Errorf("secret ls: %s", out)
	}
	if r := weirIn(t, "x", "secret", "set", "Bad Name", "--data", data); r.code != exitInvalid || r.errorCode() != "secret_name" {
		t.Errorf("a bad name: exit %d, %s", r.code, r.err)
	}
}

func TestBackupOfALiveServerIsRestored(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	backup, copied := filepath.Join(t.TempDir(), "backup"), filepath.Join(t.TempDir(), "copy")
	srv := launch(t, "serve", "--data", data, "--listen", "127.0.0.1:0")
	must(t, "run", "start", "--file", file(t, "gen.json", gen), "--data", data)
	must(t, "backup", backup, "--data", data)
	if r := weir(t, "backup", backup, "--data", data); r.code != exitInvalid || r.errorCode() != "backup_target" {
		t.Errorf("into the same: exit %d, %s", r.code, r.err)
	}
	srv.stop()
	if out := must(t, "restore", backup, "--data", copied); !strings.Contains(out, "All is well.\n") {
		t.Errorf("restore: %s", out)
	}
	if a, b := mustJSON[runList](t, "run", "ls", "--data", data), mustJSON[runList](t, "run", "ls", "--data", copied); a.Runs[0].ID != b.Runs[0].ID {
		t.Errorf("the copy has the run %s, the original %s", b.Runs[0].ID, a.Runs[0].ID)
	}
	if r := weir(t, "restore", backup, "--data", data); r.code != exitInvalid || r.errorCode() != "backup_target" {
		t.Errorf("over data: exit %d, %s", r.code, r.err)
	}
	if r := weir(t, "restore", t.TempDir(), "--data", filepath.Join(t.TempDir(), "x")); r.code != exitFailed || r.errorCode() != "backup_absent" {
		t.Errorf("of nothing: exit %d, %s", r.code, r.err)
	}
	for _, what := range []string{"summary", "meta", "runs", "history", "flows", "events", "segments"} {
		for _, line := range strings.Split(strings.TrimSpace(must(t, "dump", what, "--data", data)), "\n") {
			if line != "" && !json.Valid([]byte(line)) {
				t.Errorf("dump %s: %s", what, line)
			}
		}
	}
	if r := weir(t, "dump", "frob", "--data", data); r.code != exitInvalid || r.errorCode() != "dump_unknown" {
		t.Errorf("dump frob: exit %d, %s", r.code, r.err)
	}
}

func TestSandboxTellsItsAddress(t *testing.T) {
	p := launch(t, "sandbox", "--listen", "127.0.0.1:0", "--users", "30", "--meetings", "-1",
		"--firestore", "reviews:id="+file(t, "r.ndjson", `{"id": "a", "text": "좋아요"}`+"\n"))
	data := t.TempDir()
	must(t, "run", "start", "--file", file(t, "u.json", users), "--data", data, "--sandbox", p.addr)
	doc := with(t, users, `"userCollection"`, `"reviews"`, `[["uid", "string"], ["name", "string"]]`, `[["text", "string"]]`, "users.csv", "reviews.csv")
	must(t, "run", "start", "--file", file(t, "r.json", doc), "--slot", "2026-01-01", "--data", data, "--sandbox", p.addr)
	if b, err := os.ReadFile(filepath.Join(data, "files", "reviews.csv")); err != nil || string(b) != "__id,text\na,좋아요\n" {
		t.Errorf("reviews.csv: %q, %v", b, err)
	}
	if r := p.stop(); r.code != 0 || !strings.Contains(r.out, ": devices ") || !strings.HasSuffix(r.out, ", reviews 1, userCollection 30\n") {
		t.Errorf("exit %d, %s%s", r.code, r.out, r.err)
	}
}

// TestSandboxCountsWhatItHolds replaces a collection of the company by a file.
func TestSandboxCountsWhatItHolds(t *testing.T) {
	three := "{\"id\": \"a\"}\n{\"id\": \"b\"}\n{\"id\": \"c\"}\n"
	p := launch(t, "sandbox", "--listen", "127.0.0.1:0", "--users", "30", "--firestore", "meetingCollection="+file(t, "m.ndjson", three))
	if r := p.stop(); r.code != 0 || !strings.Contains(r.out, ", meetingCollection 3, userCollection 30\n") {
		t.Errorf("exit %d, %s%s", r.code, r.out, r.err)
	}
}

func TestKinds(t *testing.T) {
	out := must(t, "kinds")
	for _, k := range []string{"ReadFirestore", "WriteCSV", "GoogleCloud"} {
		if !strings.Contains(out, k) {
			t.Errorf("kinds lacks %s", k)
		}
	}
	if out := must(t, "kinds", "writecsv"); !strings.HasPrefix(out, "WriteCSV\n") || !strings.Contains(out, "PROPERTIES") {
		t.Errorf("kinds writecsv:\n%s", out)
	}
	if info := mustJSON[processors.Info](t, "kinds", "WriteCSV"); info.Kind != "WriteCSV" || !info.Sink {
		t.Errorf("in JSON: %+v", info)
	}
	dir := t.TempDir()
	stale := filepath.Join(dir, "Gone.md")
	if err := os.WriteFile(stale, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	must(t, "kinds", "--markdown", dir)
	if _, err := os.Stat(stale); !os.IsNotExist(err) {
		t.Errorf("the page of a kind that is gone is still there (%v)", err)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "README.md")); err != nil || !bytes.Contains(b, []byte("(WriteCSV.md)")) {
		t.Errorf("index: %v\n%s", err, b)
	}
}

func TestVersion(t *testing.T) {
	if out := must(t, "version"); !strings.HasPrefix(out, "weir dev go") {
		t.Errorf("version: %s", out)
	}
	if v := mustJSON[map[string]string](t, "version"); v["version"] != "dev" {
		t.Errorf("version: %v", v)
	}
}
