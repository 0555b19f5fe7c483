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
	p := b.Session(secret)
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
	if p := next.Bearer(tok); p == nil || p.User != "token:ci" {
		t.Errorf("the token: %+v", p)
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
	p := b.Session(held)
	if p == nil {
		t.Fatal("the session is not there")
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
	byToken, bySession := b.Bearer(tok), b.Session(s)
	if byToken.Ends.Err() != nil || bySession.Ends.Err() != nil {
		t.Fatal("ended at once")
	}
	if err := b.RemoveToken("ci"); err != nil || byToken.Ends.Err() == nil {
		t.Errorf("a removed token goes on: %v", err)
	}
	if err := b.SignOut(s); err != nil || bySession.Ends.Err() == nil {
		t.Errorf("a session that was signed out goes on: %v", err)
	}
	if p := b.Bearer(tok); p != nil {
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

// TestThrottleGrows tries as fast as it may from one address, and from many of
// which each waits for itself.
func TestThrottleGrows(t *testing.T) {
	c := start()
	th := &Throttle{now: c.now}
	tries := func(from string, n int) (waited time.Duration) {
		for range n {
			for w := th.Try(from); w > 0; w = th.Try(from) {
				c.at, waited = c.at.Add(w), waited+w
			}
		}
		return waited
	}
	if waited := tries("a", 20); waited < time.Hour {
		t.Errorf("20 guesses took %v", waited)
	}
	th = &Throttle{now: c.now}
	for i := range 1000 {
		from := string(rune(0x4e00 + i))
		if w := th.Try(from); w != 0 {
			t.Fatalf("the first try of an address waits %v for others", w)
		}
		if w := th.Try(from); i > allFree && w == 0 {
			t.Fatalf("address %d of many had two tries at once", i)
		}
	}
	for i := range 3 * addressesMost {
		c.at = c.at.Add(time.Millisecond)
		th.Try(string(rune(0x20000 + i)))
		if len(th.by) > addressesMost {
			t.Fatalf("%d addresses are remembered", len(th.by))
		}
	}
	for i := range 2 * goodMost {
		th.Forget(string(rune(0x4e00 + i)))
	}
	if len(th.good) > goodMost {
		t.Errorf("%d addresses that signed in are remembered", len(th.good))
	}
}

// TestStrangersDoNotLockTheOwnerOut has very many addresses guess without pause.
func TestStrangersDoNotLockTheOwnerOut(t *testing.T) {
	c := start()
	th := &Throttle{now: c.now}
	guess := func() {
		for i := range 1000 {
			th.Try(string(rune(0x4e00 + i)))
		}
	}
	th.Try("home")
	th.Forget("home") // signed in once
	for range 100 {
		guess()
		c.at = c.at.Add(10 * time.Second)
	}
	for i := range triesFree {
		guess()
		if w := th.Try("home"); w != 0 {
			t.Fatalf("try %d from where somebody signed in before waits %v", i, w)
		}
	}
	// From elsewhere, with one slip of the hand.
	if w := th.Try("elsewhere"); w != 0 {
		t.Errorf("the first try waits %v", w)
	}
	guess()
	w := th.Try("elsewhere")
	if w <= 0 || w > time.Second {
		t.Fatalf("the second one waits %v", w)
	}
	c.at = c.at.Add(w)
	guess()
	if w := th.Try("elsewhere"); w != 0 {
		t.Errorf("after its wait it waits %v more", w)
	}
}

// However many strangers have their guesses looked at, an address that signed in
// before does not wait behind them.
func TestStrangersDoNotHoldUpAKnownAddress(t *testing.T) {
	b, err := Open(t.TempDir(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.SetPassword("correct horse"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.SignIn("correct horse", "home"); err != nil {
		t.Fatal(err)
	}
	b.strangers.Lock() // a stranger's turn, and others wait for theirs
	defer b.strangers.Unlock()
	in := make(chan error, 1)
	go func() {
		_, err := b.SignIn("correct horse", "home")
		in <- err
	}()
	select {
	case err := <-in:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Error("the known address waits behind strangers")
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

// jam makes the file impossible to replace until the returned function is called.
func jam(t *testing.T, dir string) (free func()) {
	t.Helper()
	in := filepath.Join(dir, FileName+".new")
	if err := os.Mkdir(in, 0o700); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(in); err != nil {
			t.Fatal(err)
		}
	}
}

// TestAUseThatCannotBeKeptLetsInAndIsTold: a full disk does not lock out who has
// signed in.
func TestAUseThatCannotBeKeptLetsInAndIsTold(t *testing.T) {
	dir, c := t.TempDir(), start()
	b := open(t, dir, c)
	var told []error
	b.TellUnsaved(func(err error) { told = append(told, err) })
	s, _ := b.Redeem(b.Link())
	tok, _ := b.CreateToken("ci")
	free := jam(t, dir)
	c.at = c.at.Add(2 * keepAfter)
	if !in(t, b, s) || !bears(b, tok) {
		t.Error("somebody who has signed in is locked out")
	}
	if len(told) != 2 || fault.CodeOf(told[0]) != "access_file" {
		t.Errorf("told %v", told)
	}
	free()
	c.at = c.at.Add(2 * keepAfter)
	if !in(t, b, s) || len(told) != 2 {
		t.Errorf("when there is room again: %v", told)
	}
	if seen := open(t, dir, c).session(hashed(s)).Seen; !seen.Equal(c.at) {
		t.Errorf("the file tells %v, want %v", seen, c.at)
	}
}

func bears(b *Book, tok string) bool {
	p := b.Bearer(tok)
	if p != nil {
		p.Done()
	}
	return p != nil
}

// TestWhatCannotBeSavedDoesNotHappen: memory says what the file says.
func TestWhatCannotBeSavedDoesNotHappen(t *testing.T) {
	dir, c := t.TempDir(), start()
	b := open(t, dir, c)
	if err := b.SetPassword("correct horse battery"); err != nil {
		t.Fatal(err)
	}
	signed, _ := b.SignIn("correct horse battery", "a")
	tok, _ := b.CreateToken("ci")
	held, link := b.Bearer(tok), b.Link()
	free := jam(t, dir)
	for what, do := range map[string]func() error{
		"a new password": func() error { return b.SetPassword("another horse battery") },
		"no password":    func() error { return b.SetPassword("") },
		"a new token":    func() error { s, err := b.CreateToken("other"); return told(t, s, err) },
		"no token":       func() error { return b.RemoveToken("ci") },
		"signing out":    func() error { return b.SignOut(signed) },
		"a link":         func() error { s, err := b.Redeem(link); return told(t, s, err) },
		"signing in":     func() error { s, err := b.SignIn("correct horse battery", "b"); return told(t, s, err) },
	} {
		if err := do(); fault.CodeOf(err) != "access_file" {
			t.Errorf("%s: %v", what, err)
		}
	}
	free()
	for name, b := range map[string]*Book{"the book": b, "the file": open(t, dir, c)} {
		if !in(t, b, signed) || !bears(b, tok) || len(b.Tokens()) != 1 || len(b.state.Sessions) != 1 {
			t.Errorf("%s: %d tokens, %d sessions", name, len(b.Tokens()), len(b.state.Sessions))
		}
		if _, err := b.SignIn("correct horse battery", "c"); err != nil {
			t.Errorf("%s: the password: %v", name, err)
		}
	}
	if held.Ends.Err() != nil {
		t.Error("what went on with a token that stays has ended")
	}
	held.Done()
	if s, err := b.Redeem(link); err != nil || !in(t, b, s) {
		t.Errorf("the link is used up: %v", err)
	}
}

func told(t *testing.T, secret string, err error) error {
	t.Helper()
	if secret != "" {
		t.Error("a secret was told that lets nobody in")
	}
	return err
}
