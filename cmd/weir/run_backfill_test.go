package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/server"
)

// slotsRun are the slots of the runs of a flow by slot, with kind and state.
func slotsRun(t *testing.T, data string) string {
	t.Helper()
	var out []string
	list := mustJSON[runList](t, "run", "ls", "--data", data).Runs
	for i := len(list) - 1; i >= 0; i-- {
		out = append(out, fmt.Sprintf("%s %s %s", list[i].Slot, list[i].Kind, list[i].State))
	}
	return strings.Join(out, "\n")
}

func TestBackfillMakesTheOldestFirst(t *testing.T) {
	data := t.TempDir()
	must(t, "flow", "import", file(t, "gen.json", gen), "--data", data)
	span := func(more ...string) []string {
		return append([]string{"run", "start", "gen", "--from", "2026-11-01", "--to", "2026-11-04", "--data", data}, more...)
	}
	out := must(t, span("--dry-run")...)
	if !strings.Contains(out, "4 slots to run, 2026-11-01 to 2026-11-04") || !strings.Contains(out, "no earlier run tells") || !strings.Contains(out, "\n  2026-11-03") {
		t.Errorf("dry run:\n%s", out)
	}
	must(t, "run", "start", "gen", "--slot", "2026-11-02", "--data", data)
	out = must(t, span("--wait")...)
	for _, want := range []string{"3 slots to run", "1 of the range is left out", "600 rows read in all", "3 runs ended, 3 of them SUCCESS."} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	const want = `2026-11-02 manual SUCCESS
2026-11-01 backfill SUCCESS
2026-11-03 backfill SUCCESS
2026-11-04 backfill SUCCESS`
	if got := slotsRun(t, data); got != want {
		t.Errorf("runs:\n%s\nwant\n%s", got, want)
	}
	lines := strings.Split(out, "\n")
	for i, slot := range []string{"2026-11-01", "2026-11-03", "2026-11-04"} {
		if !strings.HasPrefix(lines[len(lines)-5+i], slot) {
			t.Errorf("the line of %s is %q", slot, lines[len(lines)-5+i])
		}
	}
	for _, day := range []string{"01", "02", "03", "04"} {
		if _, err := os.Stat(filepath.Join(data, "files", "out", "dt=2026-11-"+day, "gen.csv")); err != nil {
			t.Error(err)
		}
	}
	if out := must(t, span()...); !strings.Contains(out, "No slot of the range needs a run; 4 are left out.") {
		t.Errorf("again:\n%s", out)
	}
	var again struct{ Runs []runs.Run }
	if err := json.Unmarshal([]byte(must(t, span("--only", "all", "--json")...)), &again); err != nil || len(again.Runs) != 4 || again.Runs[0].Generation != 2 {
		t.Errorf("with --only all: %v %+v", err, again.Runs)
	}
}

func TestBackfillTakesUpWhatFailed(t *testing.T) {
	data := t.TempDir()
	// The directory of one slot is a file: that run fails, the others do not.
	if err := os.MkdirAll(filepath.Join(data, "files", "out"), 0o700); err != nil {
		t.Fatal(err)
	}
	bad := filepath.Join(data, "files", "out", "dt=2026-11-02")
	if err := os.WriteFile(bad, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	flow := file(t, "gen.json", gen)
	args := []string{"run", "start", "--file", flow, "--from", "2026-11-01", "--to", "2026-11-03", "--data", data}
	r := weir(t, args...)
	if r.code != exitFailed || !strings.Contains(r.out, "2 runs ended, 1 of them SUCCESS.") || strings.Count(r.out, "FAILED") != 2 || !strings.Contains(r.out, "dt=2026-11-02") {
		t.Errorf("exit %d\n%s%s", r.code, r.out, r.err)
	}
	on := "weir run start --data " + data + " --file " + flow + " --from 2026-11-03 --to 2026-11-03"
	if !strings.Contains(r.out, "Slots not begun: 1, 2026-11-03 to 2026-11-03") || !strings.Contains(r.out, on) || !strings.Contains(r.out, " --file "+flow+" --data "+data+"\n") {
		t.Errorf("it does not say how to go on with %s:\n%s", on, r.out)
	}
	if got := slotsRun(t, data); strings.Contains(got, "2026-11-03") {
		t.Errorf("a slot behind the failed one was begun:\n%s", got)
	}
	r = weir(t, append(args, "--keep-going")...)
	if r.code != exitFailed || !strings.Contains(r.out, "2 runs ended, 1 of them SUCCESS.") || strings.Contains(r.out, "not begun") {
		t.Errorf("with --keep-going: exit %d\n%s%s", r.code, r.out, r.err)
	}
	if err := os.Remove(bad); err != nil {
		t.Fatal(err)
	}
	if out := must(t, append(args, "--only", "missing", "--dry-run")...); !strings.Contains(out, "needs a run; 3 are left out") {
		t.Errorf("missing:\n%s", out)
	}
	var plan server.Backfilled
	if err := json.Unmarshal([]byte(must(t, append(args, "--only", "failed", "--dry-run", "--json")...)), &plan); err != nil ||
		len(plan.Slots) != 1 || plan.Slots[0].State != runs.Failed || plan.Slots[0].Slot != "2026-11-02" || len(plan.LeftOut) != 2 {
		t.Errorf("failed: %v %+v", err, plan)
	}
	if out := must(t, args...); !strings.Contains(out, "1 slot to run") {
		t.Errorf("again:\n%s", out)
	}
	versions := must(t, "flow", "versions", "gen", "--data", data)
	if strings.Count(versions, "of one run") != 1 {
		t.Errorf("the file's runs made a version for schedules:\n%s", versions)
	}
}

func TestBackfillAsksAPersonBeforeMany(t *testing.T) {
	data := t.TempDir()
	must(t, "flow", "import", file(t, "gen.json", gen), "--data", data)
	for _, c := range []struct {
		from, answer string
		terminal     bool
		code         string
		runs         int
	}{
		{"2026-11-01", "n\n", true, "cli_not_confirmed", 0},
		{"2026-11-01", "", true, "cli_not_confirmed", 0},
		{"2026-11-13", "n\n", true, "", 3}, // too few to ask
		{"2026-11-01", "y\n", true, "", 15},
	} {
		var out, errOut bytes.Buffer
		a := &app{stdin: strings.NewReader(c.answer), stdout: &out, stderr: &errOut, lang: fault.English, terminal: func() bool { return c.terminal }}
		root := a.root()
		root.SetArgs([]string{"run", "start", "gen", "--only", "all", "--from", c.from, "--to", "2026-11-15", "--data", data})
		before := len(mustJSON[runList](t, "run", "ls", "--limit", "100", "--data", data).Runs)
		if err := root.ExecuteContext(t.Context()); fault.CodeOf(err) != c.code {
			t.Errorf("%+v: %v\n%s", c, err, &errOut)
		}
		if got := len(mustJSON[runList](t, "run", "ls", "--limit", "100", "--data", data).Runs) - before; got != c.runs {
			t.Errorf("%+v: %d runs were made", c, got)
		}
	}
	a := &app{stdin: strings.NewReader("n\n"), stderr: io.Discard}
	if err := a.confirm("?"); err != nil {
		t.Errorf("a script was asked: %v", err)
	}
}

func TestWordsOfABadRange(t *testing.T) {
	data := t.TempDir()
	must(t, "flow", "import", file(t, "gen.json", gen), "--data", data)
	for _, c := range []struct{ args, code string }{
		{"--from 2026-11-01 --slot 2026-11-01", "cli_slot_or_range"},
		{"--to 2026-11-01", "cli_range_from"}, {"--dry-run", "cli_range_from"},
		{"--from 2026-11-01 --only some", "cli_range_only"},
		{"--from 2026-11-05 --to 2026-11-01", "slot_range_backward"},
		{"--from yesterday", "slot_"}, {"--from 2026-11-01 --to 2999-01-01", "slot_"},
		{"--from 1990-01-01 --to 2026-11-01", "slot_range_long"},
		{"--from 2026-11-01 --to 2026-11-02 --param x=y", "parameter_not_declared"},
	} {
		r := weir(t, append([]string{"run", "start", "gen", "--data", data}, strings.Fields(c.args)...)...)
		if r.code != exitInvalid || !strings.HasPrefix(r.errorCode(), c.code) {
			t.Errorf("%s: exit %d with %s\n%s", c.args, r.code, r.errorCode(), r.err)
		}
	}
}

func TestWordsOfACommandAreQuoted(t *testing.T) {
	for in, want := range map[string]string{"a/b.json": "a/b.json", "": "''", "a b": "'a b'", "it's": `'it'\''s'`, "$HOME": "'$HOME'", "자료": "'자료'"} {
		if got := shellWord(in); got != want {
			t.Errorf("%q is written %s, want %s", in, got, want)
		}
	}
}

func TestWorstOfSeveralRunsIsTheExitCode(t *testing.T) {
	for _, c := range [][3]int{{0, 0, 0}, {0, exitPartial, exitPartial}, {exitPartial, exitFailed, exitFailed}, {exitFailed, exitPartial, exitFailed}, {exitFailed, 0, exitFailed}} {
		if got := worse(c[0], c[1]); got != c[2] {
			t.Errorf("worse(%d, %d) = %d", c[0], c[1], got)
		}
	}
}
