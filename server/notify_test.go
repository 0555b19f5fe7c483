package server

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/store"
)

// inbox is an address that notices go to.
type inbox struct {
	*httptest.Server
	got chan string
	// answers are given in order, then 204.
	mu      sync.Mutex
	answers []int
}

func newInbox(t *testing.T, answers ...int) *inbox {
	t.Helper()
	b := &inbox{got: make(chan string, 100), answers: answers}
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		b.mu.Lock()
		code := http.StatusNoContent
		if len(b.answers) > 0 {
			code, b.answers = b.answers[0], b.answers[1:]
		}
		b.mu.Unlock()
		w.WriteHeader(code)
		b.got <- string(body)
	}))
	t.Cleanup(b.Close)
	return b
}

// next waits for a notice.
func (b *inbox) next(t *testing.T) string {
	t.Helper()
	select {
	case body := <-b.got:
		return body
	case <-time.After(20 * time.Second):
		t.Fatal("no notice came")
		return ""
	}
}

func (b *inbox) message(t *testing.T) notice {
	t.Helper()
	var m notice
	if err := json.Unmarshal([]byte(b.next(t)), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// withNotify adds a notify section to a flow.
func withNotify(doc, notify string) string {
	return strings.Replace(doc, `"mode": "runs",`, `"mode": "runs", "notify": `+notify+`,`, 1)
}

// broken is gen, writing where it may not.
var broken = strings.Replace(gen, "out/${run.date}/gen.csv", "${run.date}/../../gen.csv", 1)

func (b *inbox) secret(t *testing.T, s *Server, name string) {
	t.Helper()
	call[SecretList](t, s.Client(), "PUT", "/secrets/"+name, SecretRef{Value: b.URL + "/token-" + name})
}

// wait starts a run of a flow file and waits for its end.
func runDoc(t *testing.T, s *Server, doc, slot string) *runs.Run {
	t.Helper()
	v := call[RunView](t, s.Client(), "POST", "/runs", StartRun{Doc: json.RawMessage(doc), Slot: slot, By: "test"})
	r, err := s.engine.Wait(t.Context(), v.Run.Flow, v.Run.Number)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestNoticesAreTriedAgainAndGoOnce(t *testing.T) {
	var log bytes.Buffer
	var mu sync.Mutex
	s := open(t, Config{Data: t.TempDir(), KeyFile: keyFile(t), NoticeWait: time.Millisecond, Lang: fault.Korean,
		Log: slog.New(slog.NewTextHandler(locked{&mu, &log}, nil))})
	hook, ping := newInbox(t, 500, 429), newInbox(t, 503)
	hook.secret(t, s, "chat")
	ping.secret(t, s, "alive")
	const both = `{"webhook": {"secret": "chat"}, "ping": {"secret": "alive"}}`
	r := runDoc(t, s, withNotify(broken, both), "2026-11-20")
	if r.State != runs.Failed {
		t.Fatalf("state %s", r.State)
	}
	for range 2 {
		hook.next(t) // refused
	}
	m := hook.message(t)
	if m.Event != flows.OnFailed || m.Run != r.ID || m.Slot != "2026-11-20" || m.State != "FAILED" || m.Code != r.Code || m.Why != r.Why ||
		!strings.Contains(m.Text, "실패했습니다") || !strings.Contains(m.Text, r.ID) {
		t.Errorf("message %+v", m)
	}
	if r = runDoc(t, s, withNotify(gen, both), "2026-11-20"); r.State != runs.Success {
		t.Fatalf("state %s: %s", r.State, r.Why)
	}
	for range 2 { // refused, then taken
		if body := ping.next(t); body != "" {
			t.Errorf("a ping holds %q", body)
		}
	}
	// A run of a flow that tells nobody is settled, too.
	runDoc(t, s, gen, "2026-11-19")
	if err := s.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	s.engine = nil
	again := open(t, Config{Data: s.cfg.Data, KeyFile: s.cfg.KeyFile})
	if ends, err := again.store.Endings(store.Ending{}, 10); err != nil || len(ends) != 0 {
		t.Errorf("left to be told: %+v, %v", ends, err)
	}
	if n := len(hook.got) + len(ping.got); n != 0 {
		t.Errorf("%d notices more than there should be", n)
	}
	mu.Lock()
	defer mu.Unlock()
	if strings.Contains(log.String(), "token-") {
		t.Errorf("the log holds an address:\n%s", log.String())
	}
}

// locked is a writer for several goroutines.
type locked struct {
	mu *sync.Mutex
	w  io.Writer
}

func (l locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

// TestANoticeOutlivesItsProcess ends the process while the address is away: the
// next one tells.
func TestANoticeOutlivesItsProcess(t *testing.T) {
	data, key := t.TempDir(), keyFile(t)
	s := open(t, Config{Data: data, KeyFile: key, NoticeWait: time.Hour})
	hook := newInbox(t, 500)
	hook.secret(t, s, "chat")
	r := runDoc(t, s, withNotify(broken, `{"webhook": {"secret": "chat"}, "on": ["failed"]}`), "2026-11-20")
	hook.next(t) // refused
	if err := s.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	s.engine = nil
	open(t, Config{Data: data, KeyFile: key})
	if m := hook.message(t); m.Run != r.ID {
		t.Errorf("message %+v", m)
	}
}

// TestAHungAddressHoldsUpNothing gives a webhook that never answers.
func TestAHungAddressHoldsUpNothing(t *testing.T) {
	s := open(t, Config{Data: t.TempDir(), KeyFile: keyFile(t)})
	free := make(chan struct{})
	hung := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-free }))
	defer hung.Close()
	defer close(free)
	call[SecretList](t, s.Client(), "PUT", "/secrets/chat", SecretRef{Value: hung.URL})
	for _, slot := range []string{"2026-11-18", "2026-11-19", "2026-11-20"} {
		if r := runDoc(t, s, withNotify(broken, `{"webhook": {"secret": "chat"}}`), slot); r.State != runs.Failed {
			t.Errorf("state %s", r.State)
		}
	}
}

// TestADeadAddressHoldsUpNoOther has more notices wait for an address that is
// away than are read in one go.
func TestADeadAddressHoldsUpNoOther(t *testing.T) {
	defer func(n int) { noticesAtOnce = n }(noticesAtOnce)
	noticesAtOnce = 2
	s := open(t, Config{Data: t.TempDir(), KeyFile: keyFile(t), NoticeWait: time.Hour})
	dead, hook := newInbox(t, 500, 500, 500, 500), newInbox(t)
	dead.secret(t, s, "dead")
	hook.secret(t, s, "chat")
	for _, slot := range []string{"2026-11-17", "2026-11-18", "2026-11-19"} {
		runDoc(t, s, withNotify(broken, `{"webhook": {"secret": "dead"}}`), slot)
	}
	r := runDoc(t, s, withNotify(broken, `{"webhook": {"secret": "chat"}}`), "2026-11-20")
	if m := hook.message(t); m.Run != r.ID {
		t.Errorf("message %+v", m)
	}
	if err := s.Close(context.Background()); err != nil { // before noticesAtOnce is as it was
		t.Fatal(err)
	}
	s.engine = nil
}

func TestALateSlotIsToldOnce(t *testing.T) {
	var mu sync.Mutex
	now := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	clock := func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	s := open(t, Config{Data: t.TempDir(), KeyFile: keyFile(t), Now: clock})
	hook := newInbox(t)
	hook.secret(t, s, "chat")
	// Nothing makes its runs, as if the scheduler hung.
	call[Published](t, s.Client(), "POST", "/flows", ImportFlow{Doc: json.RawMessage(withNotify(gen, `{"webhook": {"secret": "chat"}, "late": "2h"}`))})
	call[Switched](t, s.Client(), "POST", "/flows/gen/enable", SwitchFlow{})
	late := func() {
		if err := s.notices.lateFlow(t.Context(), "gen"); err != nil {
			t.Error(err)
		}
	}
	for _, step := range []struct {
		to   time.Time
		told string
	}{
		{now.Add(time.Hour), ""},
		{time.Date(2026, 11, 20, 22, 30, 0, 0, time.UTC), ""}, // the slot of the 20th came due at 21:00 UTC
		{time.Date(2026, 11, 20, 23, 1, 0, 0, time.UTC), "2026-11-20"},
		{time.Date(2026, 11, 20, 23, 30, 0, 0, time.UTC), ""}, // told already
		{time.Date(2026, 11, 21, 23, 1, 0, 0, time.UTC), "2026-11-21"},
	} {
		mu.Lock()
		now = step.to
		mu.Unlock()
		late()
		if step.told == "" {
			if len(hook.got) > 0 {
				t.Errorf("at %s: %s", step.to, <-hook.got)
			}
			continue
		}
		if m := hook.message(t); m.Event != flows.OnLate || m.Slot != step.told || !strings.Contains(m.Text, step.told+" is LATE") {
			t.Errorf("at %s: %+v", step.to, m)
		}
	}
	// One that an address refuses for good is not sent for ever.
	hook.mu.Lock()
	hook.answers = []int{http.StatusGone}
	hook.mu.Unlock()
	mu.Lock()
	now = time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC).Add(4 * time.Hour)
	mu.Unlock()
	late()
	hook.next(t)
	late()
	if len(hook.got) > 0 {
		t.Errorf("sent again: %s", <-hook.got)
	}
	// A slot that has a good run is not late.
	mu.Lock()
	now = time.Date(2026, 11, 23, 21, 5, 0, 0, time.UTC)
	mu.Unlock()
	v := call[RunView](t, s.Client(), "POST", "/runs", StartRun{Flow: "gen", Slot: "2026-11-23", By: "test"})
	if _, err := s.engine.Wait(t.Context(), "gen", v.Run.Number); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	now = now.Add(3 * time.Hour)
	mu.Unlock()
	late()
	if len(hook.got) > 0 {
		t.Errorf("told of a slot with a good run: %s", <-hook.got)
	}
}

func TestNotifyTestsTheAddresses(t *testing.T) {
	s := open(t, Config{Data: t.TempDir(), KeyFile: keyFile(t)})
	hook := newInbox(t, 204, 404, 302)
	call[Published](t, s.Client(), "POST", "/flows", ImportFlow{Doc: json.RawMessage(withNotify(gen, `{"webhook": {"secret": "chat"}, "ping": {"secret": "chat"}}`))})
	if code := codeOf(t, s.Client(), "POST", "/flows/gen/notify", nil); code != "secret_missing" {
		t.Errorf("without the secret: %s", code)
	}
	for _, address := range []string{"ftp://example.com/x", "http://example.com/x", "no address", "file:///etc/passwd", "https://"} {
		call[SecretList](t, s.Client(), "PUT", "/secrets/chat", SecretRef{Value: address})
		if code := codeOf(t, s.Client(), "POST", "/flows/gen/notify", nil); code != "notice_address" {
			t.Errorf("%s: %s", address, code)
		}
	}
	hook.secret(t, s, "chat")
	if code := codeOf(t, s.Client(), "POST", "/flows/gen/notify", nil); code != "notice_refused" { // the ping
		t.Errorf("a refused ping: %s", code)
	}
	if m := hook.message(t); m.Event != kindTest || !strings.Contains(m.Text, "gen") {
		t.Errorf("message %+v", m)
	}
	hook.next(t)
	if code := codeOf(t, s.Client(), "POST", "/flows/gen/notify", nil); code != "notice_refused" {
		t.Errorf("a redirect: %s", code)
	}
	call[Published](t, s.Client(), "POST", "/flows", ImportFlow{Doc: json.RawMessage(gen)})
	if code := codeOf(t, s.Client(), "POST", "/flows/gen/notify", nil); code != "notify_absent" {
		t.Errorf("without notify: %s", code)
	}
}

// keyFile is a place for the key of a test's secrets.
func keyFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte(strings.Repeat("ab", 32)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
