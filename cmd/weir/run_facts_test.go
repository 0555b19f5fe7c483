package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/engine"
	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/server"
	"github.com/weirflow/weir/web"
)

// hearsay is a source that others count as it is told, and that says its rows
// are provisional.
type hearsay struct{ Count int64 }

func init() {
	processors.Register(func() processors.Processor { return &hearsay{Count: 2} })
}

func (p *hearsay) Define(s *processors.Spec) {
	s.Describe("TestHearsay", "Makes two rows of which others count as many as they are told.")
	s.Int(&p.Count, "count", "How many rows others count.")
	s.Output("success", "Two rows.")
}

func (p *hearsay) Process(_ context.Context, s *flowfile.Session) error {
	f := s.Create()
	if err := s.WriteRecords(f, []byte(`[["n","int64"]]`), func(w io.Writer) (int64, error) {
		_, err := io.WriteString(w, "{\"n\":1}\n{\"n\":2}\n")
		return 2, err
	}); err != nil {
		return err
	}
	s.Read(2)
	s.Transfer(f, "success")
	s.Witness("Others", p.Count)
	s.Fact("tokens", "1234")
	s.Fact(flowfile.Provisional, "2026-11-24 06:00 KST")
	s.Done()
	return nil
}

func TestShowTellsFactsAndWhoElseCounted(t *testing.T) {
	box, data := box(t), t.TempDir()
	out := must(t, "run", "start", "--file", file(t, "users.json", users), "--data", data, "--sandbox", box.Addr())
	for _, want := range []string{"  reconciled: Firestore 300 = CSV 300\n", "  users: read time 20", ", reads 302\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	var receipt server.Receipt
	text, err := os.ReadFile(filepath.Join(data, "files", "receipt.json"))
	if err == nil {
		err = json.Unmarshal(text, &receipt)
	}
	if err != nil || receipt.Facts["users"]["reads"] != "302" || receipt.Reconciled[0] != "Firestore 300 = CSV 300" {
		t.Errorf("receipt: %v\n%s", err, text)
	}
	if n := box.Stats().Billed; n < 302 {
		t.Errorf("the sandbox billed %d reads", n)
	}
	told := with(t, gen, `"kind": "GenerateFlowFile", "settings": {"content": "records", "schema": [["id", "int64"], ["share", "double"]], "rows": 50, "count": 4}`, `"kind": "TestHearsay"`)
	out = must(t, "run", "start", "--file", file(t, "told.json", told), "--data", data)
	for _, want := range []string{"provisional  until 2026-11-24 06:00 KST", "Others 2 = CSV 2", "gen: tokens 1,234\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if out := must(t, "run", "ls", "--data", data); strings.Count(out, "SUCCESS (provisional)") != 1 {
		t.Errorf("run ls:\n%s", out)
	}
	if out := must(t, "run", "start", "gen", "--from", "2026-11-01", "--to", "2026-11-02", "--dry-run", "--data", importGen(t, data, told)); !strings.Contains(out, "0 billed reads, 2,468 tokens in all") {
		t.Errorf("the estimate of a backfill:\n%s", out)
	}
	off := with(t, told, `"TestHearsay"`, `"TestHearsay", "settings": {"count": 3}`)
	r := weir(t, "run", "start", "--file", file(t, "told.json", off), "--data", data)
	if r.code != exitFailed || !strings.Contains(r.out, "[witness_differs]") || !strings.Contains(r.out, "  ! differs: Others 3 != CSV 2\n") {
		t.Errorf("exit %d\n%s%s", r.code, r.out, r.err)
	}
	inKorean(t)
	if out := must(t, "run", "show", receipt.Run, "--data", data); !strings.Contains(out, "대조 일치: Firestore 300 = CSV 300") {
		t.Errorf("in Korean:\n%s", out)
	}
}

// importGen stores a flow file, whose runs the data directory has had already.
func importGen(t *testing.T, data, doc string) string {
	t.Helper()
	must(t, "flow", "import", file(t, "told.json", doc), "--data", data)
	return data
}

// Warnings are shown in the reader's language, but for texts of earlier versions.
func TestWarningsAreShownInTheReadersLanguage(t *testing.T) {
	note := fault.New("queue_recounted", "connections", "gen-csv").Words()
	for _, lang := range []fault.Lang{fault.English, fault.Korean} {
		var out bytes.Buffer
		a := &app{stdout: &out, stderr: io.Discard, lang: lang}
		a.showRun(&server.RunView{Run: &runs.Run{ID: "R", State: runs.Success, Warnings: runs.Warnings{note, {Words: "of old"}}}})
		if got := out.String(); !strings.Contains(got, note.Text(lang)+"\n") || !strings.Contains(got, "of old\n") {
			t.Errorf("in %s: %s", lang, got)
		}
	}
	if note.Text(fault.Korean) == note.Text(fault.English) {
		t.Error("the warning is not translated")
	}
}

// What a run waits for is told with the time of the next try, where there is one.
func TestWaitsAreToldWithTheNextTry(t *testing.T) {
	var out bytes.Buffer
	a := &app{stdout: &out, stderr: io.Discard, lang: fault.English}
	at := time.Date(2026, 11, 22, 6, 30, 0, 0, time.UTC)
	v := &server.RunView{Run: &runs.Run{ID: "R", State: runs.Running, Zone: "Asia/Seoul"},
		Waits: []runs.Blocker{{Conn: "a-b", Node: "b", Count: flowfile.Tally{N: 2}}},
		Nodes: map[string]engine.Seen{"b": {Code: "disk_full", Error: "no room", Until: at}}}
	a.showWaits(v)
	if got := out.String(); !strings.Contains(got, "! b: no room [disk_full] It is tried again at 2026-11-22 15:30") {
		t.Errorf("a FlowFile in back-off: %s", got)
	}
	silent := func(took time.Duration) error { return fault.New("preflight_under_way", "nodes", "users", "for", took) }
	for _, c := range []struct {
		until time.Time
		err   error
		lang  fault.Lang
		want  string
	}{
		{at, fault.New("preflight_timeout", "node", "users", "limit", "30s"), fault.English, "The next try is at 2026-11-22 15:30"},
		{time.Time{}, silent(12 * time.Second), fault.English, "  ! The preflight waits for an answer of users, for 12s so far"},
		// An answer that takes seconds is nothing to be alarmed at.
		{time.Time{}, silent(3 * time.Second), fault.English, "  - checking: users (3s)\n"},
		{time.Time{}, silent(0), fault.Korean, "  - 사전 점검 중: users (0s)\n"},
	} {
		out.Reset()
		a.lang = c.lang
		_, f := web.Describe(c.err)
		v.Trouble, v.TroubleUntil = &f, c.until
		if a.showWaits(v); !strings.Contains(out.String(), c.want) || c.until.IsZero() && strings.Contains(out.String(), "next try") {
			t.Errorf("until %v: %s", c.until, out.String())
		}
	}
}
