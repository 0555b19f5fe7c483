package access

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/fault"
)

// clock is a clock that a test sets forward.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func open(t *testing.T, dir string, c *clock) *Book {
	t.Helper()
	b, err := Open(dir, c.now)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func start() *clock { return &clock{time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)} }

func in(t *testing.T, b *Book, secret string) bool {
	t.Helper()
	p, err := b.Session(secret)
	if err != nil {
		t.Fatal(err)
	}
	if p != nil {
		p.Done()
	}
	return p != nil
}

func TestLinkIsOneTime(t *testing.T) {
	c := start()
	b := open(t, t.TempDir(), c)
	link := b.Link()
	s, err := b.Redeem(link)
	if err != nil || !in(t, b, s) {
		t.Fatalf("session %q, %v", s, err)
	}
	if again, err := b.Redeem(link); again != "" || err != nil {
		t.Errorf("the link let somebody in twice: %q, %v", again, err)
	}
	late := b.Link()
	c.at = c.at.Add(linkLife + time.Second)
	if s, _ := b.Redeem(late); s != "" {
		t.Error("a link that is too old let somebody in")
	}
	first := b.Link()
	for range linksMost {
		c.at = c.at.Add(time.Millisecond)
		b.Link()
	}
	if s, _ := b.Redeem(first); s != "" || len(b.links) > linksMost {
		t.Errorf("%d links are kept, the oldest among them", len(b.links))
	}
}

func TestSessionsOutliveTheProcessAndOnlyHashesAreKept(t *testing.T) {
	dir, c := t.TempDir(), start()
	b := open(t, dir, c)
	s, err := b.Redeem(b.Link())
	if err != nil {
		t.Fatal(err)
	}
	tok, err := b.CreateToken("ci")
	if err != nil {
		t.Fatal(err)
	}
	const secret = "correct horse battery"
	if err := b.SetPassword(secret); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, FileName))
	if err != nil {
		t.Fatal(err)
	}
	for _, plain := range []string{s, tok, strings.TrimPrefix(tok, "weir_"), secret} {
		if strings.Contains(string(raw), plain) {
			t.Errorf("the file holds %q", plain)
		}
	}
	if st, err := os.Stat(filepath.Join(dir, FileName)); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", st.Mode(), err)
	}
	next := open(t, dir, c) // of a process that was killed
	if !in(t, next, s) {
		t.Error("the session did not outlive the process")
	}
	if p, err := next.Bearer(tok); err != nil || p == nil || p.User != "token:ci" {
		t.Errorf("the token: %+v, %v", p, err)
	}
	if _, err := next.SignIn(secret, "a"); err != nil {
		t.Errorf("the password: %v", err)
	}
	if err := next.SignOut(s); err != nil || in(t, open(t, dir, c), s) {
		t.Errorf("the session outlived its end: %v", err)
	}
}

func TestSessionsExpire(t *testing.T) {
	c := start()
	b := open(t, t.TempDir(), c)
	idle, _ := b.Redeem(b.Link())
	used, _ := b.Redeem(b.Link())
	held, _ := b.Redeem(b.Link())
	p, err := b.Session(held)
	if err != nil || p == nil {
		t.Fatal(err)
	}
	for range 2 {
		c.at = c.at.Add(Idle * 3 / 4)
		if !in(t, b, used) {
			t.Fatal("a session in use expired")
		}
	}
	if in(t, b, idle) {
		t.Error("an idle session goes on")
	}
	if !in(t, b, held) {
		t.Error("a session with a request that goes on expired")
	}
	c.at = c.at.Add(Absolute)
	if in(t, b, used) || in(t, b, held) {
		t.Error("a session outlives its absolute end")
	}
	if p.Ends.Err() == nil {
		t.Error("what went on did not end with its session")
	}
	p.Done()
}

func TestWhatGoesOnEndsWithItsTokenOrSession(t *testing.T) {
	b := open(t, t.TempDir(), start())
	tok, _ := b.CreateToken("ci")
	s, _ := b.Redeem(b.Link())
	byToken, _ := b.Bearer(tok)
	bySession, _ := b.Session(s)
	if byToken.Ends.Err() != nil || bySession.Ends.Err() != nil {
		t.Fatal("ended at once")
	}
	if err := b.RemoveToken("ci"); err != nil || byToken.Ends.Err() == nil {
		t.Errorf("a removed token goes on: %v", err)
	}
	if err := b.SignOut(s); err != nil || bySession.Ends.Err() == nil {
		t.Errorf("a session that was signed out goes on: %v", err)
	}
	if p, _ := b.Bearer(tok); p != nil {
		t.Error("a removed token lets in")
	}
	byToken.Done()
	bySession.Done()
}

func TestTokensAreNamedOnce(t *testing.T) {
	b := open(t, t.TempDir(), start())
	for _, c := range []struct{ name, code string }{{"ci", ""}, {"ci", "token_taken"}, {"", "token_name"}, {"../x", "token_name"}, {"자동화", ""}} {
		if _, err := b.CreateToken(c.name); fault.CodeOf(err) != c.code {
			t.Errorf("create %q: %v, want %q", c.name, err, c.code)
		}
	}
	if got := b.Tokens(); len(got) != 2 || got[0].Name != "ci" {
		t.Errorf("tokens %+v", got)
	}
	if err := b.RemoveToken("x"); fault.CodeOf(err) != "token_unknown" {
		t.Errorf("remove: %v", err)
	}
}

func TestPasswordIsSlowToGuess(t *testing.T) {
	c := start()
	b := open(t, t.TempDir(), c)
	if err := b.SetPassword("short"); fault.CodeOf(err) != "password_short" {
		t.Errorf("a short password: %v", err)
	}
	if _, err := b.SignIn("x", "a"); fault.CodeOf(err) != "password_unset" {
		t.Errorf("without a password: %v", err)
	}
	if err := b.SetPassword("correct horse battery"); err != nil {
		t.Fatal(err)
	}
	for i := range triesFree {
		if _, err := b.SignIn("wrong", "a"); fault.CodeOf(err) != "password_wrong" {
			t.Fatalf("guess %d: %v", i, err)
		}
	}
	if _, err := b.SignIn("correct horse battery", "a"); fault.CodeOf(err) != "sign_in_wait" {
		t.Errorf("after %d guesses: %v", triesFree, err)
	}
	s, err := b.SignIn("correct horse battery", "b")
	if err != nil {
		t.Errorf("another address waits too: %v", err)
	}
	c.at = c.at.Add(time.Second)
	if _, err := b.SignIn("correct horse battery", "a"); err != nil {
		t.Errorf("after the wait: %v", err)
	}
	if err := b.SetPassword("another horse battery"); err != nil || in(t, b, s) {
		t.Errorf("a session of the old password goes on: %v", err)
	}
}

// TestThrottleGrows tries as fast as it may, from one address and from many.
func TestThrottleGrows(t *testing.T) {
	c := start()
	th := &Throttle{now: c.now}
	var waited time.Duration
	for range 20 {
		for w := th.Try("a"); w > 0; w = th.Try("a") {
			c.at, waited = c.at.Add(w), waited+w
		}
	}
	if waited < time.Hour {
		t.Errorf("20 guesses took %v", waited)
	}
	th, waited = &Throttle{now: c.now}, 0
	for i := range 1000 {
		from := string(rune('a' + i))
		for w := th.Try(from); w > 0; w = th.Try(from) {
			if w > allWaitMost {
				t.Fatalf("an address that never tried waits %v", w)
			}
			c.at, waited = c.at.Add(w), waited+w
		}
	}
	if waited < time.Hour {
		t.Errorf("1000 guesses from as many addresses took %v", waited)
	}
	for i := range addressesMost + 10 {
		th.by[string(rune(0x4e00+i))] = &tries{}
	}
	th.Try("b")
	if len(th.by) > addressesMost {
		t.Errorf("%d addresses are remembered", len(th.by))
	}
}

func TestBookOfAnotherFormatIsRefused(t *testing.T) {
	for text, code := range map[string]string{`{"format": 9}`: "access_format", "{": "access_file"} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, FileName), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(dir, time.Now); fault.CodeOf(err) != code {
			t.Errorf("%s: %v", text, err)
		}
	}
}
