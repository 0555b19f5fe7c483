package server

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/web"
)

func TestWhatChangesSomethingLeavesALine(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Config{Data: dir})
	c := s.Client()
	if got := codeOf(t, c, "POST", "/flows/none/publish", nil); got == "" {
		t.Fatal("published nothing")
	}
	call[SecretList](t, c, "PUT", "/secrets/chat", SecretRef{Value: "x"})
	call[SecretList](t, c, "DELETE", "/secrets/chat", nil)
	call[SecretList](t, c, "GET", "/secrets", nil)
	page := call[AuditPage](t, c, "GET", "/audit", nil)
	want := []AuditLine{
		{Seq: 1, Action: "flows.publish", Flow: "none"},
		{Seq: 2, Action: "flows.publish", Flow: "none", Of: 1, Failed: "flow_unknown"},
		{Seq: 3, Action: "secrets.set", Subject: "chat"},
		{Seq: 4, Action: "secrets.delete", Subject: "chat"},
	}
	if len(page.Lines) != len(want) {
		t.Fatalf("lines %+v", page.Lines)
	}
	for i, l := range page.Lines {
		w := want[i]
		if l.Seq != w.Seq || l.Action != w.Action || l.Flow != w.Flow || l.Subject != w.Subject || l.Of != w.Of || l.Failed != w.Failed || l.Who != "socket" || l.At.IsZero() {
			t.Errorf("line %+v, want %+v", l, w)
		}
	}
	if p := call[AuditPage](t, c, "GET", "/audit?after=1&limit=2", nil); len(p.Lines) != 2 || p.Lines[0].Seq != 2 || p.Next != 3 {
		t.Errorf("a page %+v", p)
	}
	if p := call[AuditPage](t, c, "GET", "/audit?newest=true&limit=2", nil); len(p.Lines) != 2 || p.Lines[0].Seq != 4 || p.Lines[1].Seq != 3 {
		t.Errorf("the newest %+v", p)
	}
	st, err := os.Stat(filepath.Join(dir, "audit", "000000000001.jsonl"))
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", st, err)
	}
	// Nothing is done that cannot be told of.
	if err := s.audit.file.Close(); err != nil {
		t.Fatal(err)
	}
	if got := codeOf(t, c, "PUT", "/secrets/chat", SecretRef{Value: "x"}); got != "audit_unwritten" {
		t.Errorf("a secret was set without a line: %q", got)
	}
	if l := call[SecretList](t, c, "GET", "/secrets", nil); len(l.Secrets) != 0 {
		t.Errorf("secrets %v", l.Secrets)
	}
	s.audit.file = nil
}

func TestAuditGoesOnBehindACrashAndTurns(t *testing.T) {
	dir := t.TempDir()
	now := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	a, err := openAudit(dir, clock)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.append(AuditLine{Action: "one"}); err != nil {
		t.Fatal(err)
	}
	if _, err := a.file.WriteString(`{"seq":2,"act`); err != nil { // the power failed
		t.Fatal(err)
	}
	if err := a.close(); err != nil {
		t.Fatal(err)
	}
	if a, err = openAudit(dir, clock); err != nil {
		t.Fatal(err)
	}
	a.size = auditMost // full
	if seq, err := a.append(AuditLine{Action: "two"}); err != nil || seq != 2 {
		t.Fatalf("%d, %v", seq, err)
	}
	for range auditKept + 3 {
		a.size = auditMost
		if _, err := a.append(AuditLine{Action: "more"}); err != nil {
			t.Fatal(err)
		}
	}
	names, err := a.names()
	if err != nil || len(names) != auditKept {
		t.Errorf("%d files, %v", len(names), err)
	}
	last := a.seq
	if err := a.close(); err != nil {
		t.Fatal(err)
	}
	if a, err = openAudit(dir, clock); err != nil || a.seq != last {
		t.Fatalf("goes on behind %d, want %d: %v", a.seq, last, err)
	}
	s := &Server{audit: a}
	seen := last + 1 // by pages, the newest first, over the files
	for next := uint64(0); ; {
		p, err := s.listAudit(t.Context(), &AuditQuery{Newest: true, Before: next, Limit: 5})
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range p.Lines {
			if seen--; l.Seq != seen {
				t.Fatalf("line %d where %d belongs", l.Seq, seen)
			}
		}
		if next = p.Next; next == 0 {
			break
		}
	}
	if want := last - auditKept + 1; seen != want {
		t.Errorf("the pages end at %d, want %d", seen, want)
	}
	p, err := s.listAudit(t.Context(), &AuditQuery{After: last - 3})
	if err != nil || len(p.Lines) != 3 || p.Lines[2].Seq != last || p.Next != 0 {
		t.Errorf("page %+v, %v", p, err)
	}
	if err := a.close(); err != nil {
		t.Fatal(err)
	}
}

// TestAGoodEditIsNotFoldedIntoFailedOnes: each edit that failed is told, and the
// good one behind it has a line of its own.
func TestAGoodEditIsNotFoldedIntoFailedOnes(t *testing.T) {
	now := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	a, err := openAudit(t.TempDir(), func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	stale := fault.New("draft_stale", "flow", "f", "base", 1, "rev", 2)
	for _, outcome := range []error{stale, nil, nil, stale, nil} {
		after, err := a.act(context.Background(), web.Act{Action: "flows.edit", Flow: "f", Args: map[string]string{"label": "move"}, Fold: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := after(outcome); err != nil {
			t.Fatal(err)
		}
	}
	page, err := (&Server{audit: a}).listAudit(t.Context(), &AuditQuery{})
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, l := range page.Lines {
		got += fmt.Sprintf("%d:%s/%d ", l.Seq, l.Failed, l.Of)
	}
	if want := "1:/0 2:draft_stale/1 3:/0 4:draft_stale/3 5:/0 "; got != want {
		t.Errorf("lines %s, want %s", got, want)
	}
	if err := a.close(); err != nil {
		t.Fatal(err)
	}
}

// TestTheAuditIsListedWhileItIsWritten: who lists holds up nobody who acts, and
// sees whole lines alone.
func TestTheAuditIsListedWhileItIsWritten(t *testing.T) {
	a, err := openAudit(t.TempDir(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.append(AuditLine{Action: "one"}); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		for i := range 300 {
			if i%50 == 49 {
				a.mu.Lock()
				a.size = auditMost
				a.mu.Unlock()
			}
			if _, err := a.append(AuditLine{Action: "more", Subject: strings.Repeat("가", i)}); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	s := &Server{audit: a}
	for going := true; going; {
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			going = false
		default:
		}
		p, err := s.listAudit(t.Context(), &AuditQuery{Newest: true, Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		for i, l := range p.Lines {
			if want := p.Lines[0].Seq - uint64(i); l.Seq != want {
				t.Fatalf("line %d where %d belongs", l.Seq, want)
			}
		}
	}
	if err := a.close(); err != nil {
		t.Fatal(err)
	}
}

func TestEditsAreFolded(t *testing.T) {
	now := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	a, err := openAudit(t.TempDir(), func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	act := func(label string) {
		t.Helper()
		after, err := a.act(context.Background(), web.Act{Action: "flows.edit", Flow: "f", Args: map[string]string{"label": label}, Fold: true})
		if err == nil {
			err = after(nil)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for range 10 {
		act("move")
	}
	act("add")
	now = now.Add(foldWithin + time.Second)
	act("move")
	if a.seq != 3 {
		t.Errorf("%d lines, want 3", a.seq)
	}
	after, err := a.act(context.Background(), web.Act{Action: "flows.publish", Flow: "f"})
	if err != nil {
		t.Fatal(err)
	}
	if err := after(errors.Join(fault.New("flow_unknown", "flow", "f", "nearest", ""))); err != nil || a.seq != 5 {
		t.Errorf("%d lines, %v", a.seq, err)
	}
	if err := a.close(); err != nil {
		t.Fatal(err)
	}
}
