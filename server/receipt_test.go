package server

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

// receiptIn reads the receipt of a name in a directory below the files.
func receiptIn(t *testing.T, s *Server, name string) (Receipt, string, string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.Files(), name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(s.Files(), name+".md"))
	if err != nil {
		t.Fatal(err)
	}
	var r Receipt
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	return r, string(text), string(page)
}

func TestReceiptsStandBesideTheFiles(t *testing.T) {
	s := open(t, Config{Data: t.TempDir()})
	r := runDoc(t, s, gen, "2026-11-20")
	if r.State != runs.Success {
		t.Fatalf("run ended %s: %s", r.State, r.Why)
	}
	got, text, page := receiptIn(t, s, "out/2026-11-20/receipt")
	csv, err := os.ReadFile(filepath.Join(s.Files(), "out/2026-11-20/gen.csv"))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(csv)
	if got.Flow != "gen" || got.Slot != "2026-11-20" || got.Run != r.ID || got.Generation != 1 || got.State != runs.Success || got.Balance != runs.Balanced ||
		len(got.Outputs) != 1 || got.Outputs[0].SHA256 != hex.EncodeToString(sum[:]) || got.Outputs[0].Rows != 200 || got.Outputs[0].Bytes != int64(len(csv)) ||
		len(got.Nodes) != 2 || got.Nodes[1].Committed != 200 || strings.Join(got.Reconciled, "") != "CSV 200 = csv 200" {
		t.Errorf("receipt: %s", text)
	}
	for _, want := range []string{"# gen 2026-11-20: SUCCESS, balanced", "- CSV 200 = csv 200", got.Outputs[0].SHA256, "| csv | sink |", "2026-11-20 00:00:00 KST to 2026-11-21 00:00:00 KST"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in\n%s", want, page)
		}
	}
	// Another run of the slot says the same but for times and ids.
	again := runDoc(t, s, gen, "2026-11-20")
	_, second, pageTwo := receiptIn(t, s, "out/2026-11-20/receipt")
	mask := func(text string, r *runs.Run) string {
		text = strings.NewReplacer(r.ID, "RUN", `"generation": 2`, `"generation": 1`, "generation 2", "generation 1", `"version": 2`, `"version": 1`, "version 2", "version 1").Replace(text)
		text = regexp.MustCompile(`"(began|written)": "[^"]*"`).ReplaceAllString(text, "T")
		return regexp.MustCompile(`\| (Began|Written) \| [^|]*`).ReplaceAllString(text, "T")
	}
	if !strings.Contains(second, again.ID) || mask(text, r) != mask(second, again) || mask(page, r) != mask(pageTwo, again) {
		t.Errorf("two runs over the same data tell different things:\n%s\n%s", mask(text, r), mask(second, again))
	}
	// What is written twice for one run, as after a crash, is the same to the byte.
	clock := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	s.cfg.Now = func() time.Time { return clock }
	g, err := s.store.Graph(again.Flow, again.Version())
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for range 2 {
		if err := s.finalize(t.Context(), again, g); err != nil {
			t.Fatal(err)
		}
		_, text, page := receiptIn(t, s, "out/2026-11-20/receipt")
		texts = append(texts, text+page)
	}
	if texts[0] != texts[1] {
		t.Error("a second call writes other bytes")
	}
}

func TestReceiptTakesNoOtherFlowsName(t *testing.T) {
	s := open(t, Config{Data: t.TempDir()})
	one := strings.Replace(gen, "out/${run.date}/gen.csv", "all/a-${run.date}.csv", 1)
	const daily = ` "schedule": {"every": "day", "at": "06:00", "zone": "Asia/Seoul"},` // which wants a file for each slot
	two := strings.NewReplacer(daily, "", `"id": "gen"`, `"id": "other"`, "out/${run.date}/gen.csv", "all/b.csv").Replace(gen)
	three := strings.NewReplacer(`"id": "gen"`, `"id": "third"`, "out/${run.date}/gen.csv", "all/c-${run.date}.csv").Replace(gen)
	for _, c := range []struct{ doc, slot, name, flow string }{
		{one, "2026-11-20", "all/receipt", "gen"},
		{three, "2026-11-20", "all/receipt.third", "third"},
		{three, "2026-11-21", "all/receipt.third.2026-11-21", "third"}, // the file of the day before still stands
		{two, "2026-11-20", "all/receipt.other", "other"},
		{one, "2026-11-21", "all/receipt.2026-11-21", "gen"}, // the file of the day before still stands
		{one, "2026-11-20", "all/receipt", "gen"},
		{two, "2026-11-21", "all/receipt.other", "other"},
	} {
		r := runDoc(t, s, c.doc, c.slot)
		if r.State != runs.Success {
			t.Fatalf("run ended %s: %s", r.State, r.Why)
		}
		if got, _, _ := receiptIn(t, s, c.name); got.Run != r.ID || got.Flow != c.flow || got.Slot != c.slot {
			t.Errorf("%s is of run %s, flow %s, slot %s; want %+v", c.name, got.Run, got.Flow, got.Slot, c)
		}
	}
	for name, flow := range map[string]string{"all/receipt": "gen", "all/receipt.third": "third"} {
		if got, _, _ := receiptIn(t, s, name); got.Flow != flow || got.Slot != "2026-11-20" {
			t.Errorf("%s is now of %s, %s", name, got.Flow, got.Slot)
		}
	}
	// A file that is replaced each day has the receipt of its last run.
	fixed := strings.NewReplacer(daily, "", `"id": "gen"`, `"id": "fixed"`, "out/${run.date}/gen.csv", "now/gen.csv").Replace(gen)
	for _, slot := range []string{"2026-11-20", "2026-11-21"} {
		runDoc(t, s, fixed, slot)
		if got, _, _ := receiptIn(t, s, "now/receipt"); got.Slot != slot {
			t.Errorf("the receipt of a file written for %s is of %s", slot, got.Slot)
		}
	}
	// A file of somebody else's is left alone.
	own := filepath.Join(s.Files(), "mine", "receipt.json")
	if err := os.MkdirAll(filepath.Dir(own), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(own, []byte(`{"shop": 1}`), 0o600); err != nil {
		t.Fatal(err)
	}
	mine := strings.NewReplacer(daily, "", `"id": "gen"`, `"id": "mine"`, "out/${run.date}/gen.csv", "mine/gen.csv").Replace(gen)
	runDoc(t, s, mine, "2026-11-20")
	if got, _, _ := receiptIn(t, s, "mine/receipt.mine"); got.Flow != "mine" {
		t.Errorf("the receipt beside another file of its name: %+v", got)
	}
	if text, err := os.ReadFile(own); err != nil || string(text) != `{"shop": 1}` {
		t.Errorf("a file of somebody else's is now %q, %v", text, err)
	}
}

func TestReceiptThatCannotBeWrittenFailsTheRun(t *testing.T) {
	s := open(t, Config{Data: t.TempDir()})
	blocked := filepath.Join(s.Files(), "out", "2026-11-20", "receipt.md")
	if err := os.MkdirAll(blocked, 0o700); err != nil {
		t.Fatal(err)
	}
	r := runDoc(t, s, gen, "2026-11-20")
	if r.State != runs.Failed || r.Code != "path_is_directory" {
		t.Fatalf("run ended %s with %q", r.State, r.Code)
	}
	if err := os.Remove(blocked); err != nil {
		t.Fatal(err)
	}
	call[RunView](t, s.Client(), "POST", "/runs/"+r.ID+"/resume", ResumeRun{By: "test"})
	if r, err := s.engine.Wait(t.Context(), r.Flow, r.Number); err != nil || r.State != runs.Success {
		t.Errorf("resumed: %v, %v", r.State, err)
	}
	if got, _, _ := receiptIn(t, s, "out/2026-11-20/receipt"); got.Run != r.ID {
		t.Errorf("the receipt is of run %s", got.Run)
	}
}

func TestReceiptTellsAllThatIsKnown(t *testing.T) {
	s := open(t, Config{Data: t.TempDir()})
	g, err := (&runs.Plan{Nodes: map[string]runs.PlanNode{"src": {Kind: runs.Source, Law: runs.LawSource}}, Conns: map[string]runs.PlanConn{}}).Compile()
	if err != nil {
		t.Fatal(err)
	}
	r := &runs.Run{ID: "R", Flow: "f", Slot: "2026-11-20", State: runs.Partial, Why: "a | b", Params: map[string]string{"p": "v|w"},
		Facts:    map[string]map[string]string{"src": {"reads": "12", flowfile.Provisional: "2026-11-23"}},
		Receipts: []flowfile.Receipt{{Node: "b", Key: "t$20261120", Rows: 3, Link: "https://x/y"}, {Node: "a", Key: "x.csv", Rows: 3, File: "d/x.csv"}},
		Warnings: runs.Warnings{{Words: "two\nlines"}, {Words: "first"}}, MoreReceipts: map[string]flowfile.Tally{"a": {N: 7, Rows: 9}}}
	if err := s.finalize(t.Context(), r, g); err != nil {
		t.Fatal(err)
	}
	got, text, page := receiptIn(t, s, "d/receipt")
	if got.Provisional != "2026-11-23" || got.Outputs[0].Node != "a" || got.Outputs[1].Link != "https://x/y" || got.Warnings[0] != "first" || got.More["a"].N != 7 {
		t.Errorf("receipt: %s", text)
	}
	for _, want := range []string{"**Provisional** | the source may still revise this until 2026-11-23", `a \| b`, "| src | reads | 12 |", "- two lines", "7 more of a", "| #{p} | v\\|w |"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in\n%s", want, page)
		}
	}
	r.Receipts = r.Receipts[:1] // no file any more
	if err := os.RemoveAll(filepath.Join(s.Files(), "d")); err != nil {
		t.Fatal(err)
	}
	if err := s.finalize(t.Context(), r, g); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(s.Files(), "d")); !os.IsNotExist(err) {
		t.Error("a run without files wrote a receipt")
	}
}
