package access

import (
	"crypto/rand"
	"crypto/subtle"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"github.com/weirflow/weir/fault"
)

// The cost of a password's hash; that of a hash in the file stands with it.
const (
	argonTime    = 3
	argonMemory  = 64 << 10 // KiB
	argonThreads = 2
	argonBytes   = 32
)

// A password has so many characters at least, and so many bytes at most.
const (
	passwordLeast = 10
	passwordMost  = 1024
)

// password is a hash and how it was made.
type password struct {
	Function string    `json:"function"`
	Time     uint32    `json:"time"`
	Memory   uint32    `json:"memory_kib"`
	Threads  uint8     `json:"threads"`
	Salt     []byte    `json:"salt"`
	Hash     []byte    `json:"hash"`
	Set      time.Time `json:"set"`
}

func (p *password) of(text string) []byte {
	return argon2.IDKey([]byte(text), p.Salt, p.Time, p.Memory, p.Threads, argonBytes)
}

// HasPassword reports whether a password is set.
func (b *Book) HasPassword() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.state.Password != nil
}

// SetPassword sets the password, or removes it when it is empty. Either ends the
// sessions that signed in by the one before.
func (b *Book) SetPassword(text string) error {
	var p *password
	if text != "" {
		if utf8.RuneCountInString(text) < passwordLeast || len(text) > passwordMost {
			return fault.New("password_short", "least", passwordLeast, "most", passwordMost).Permanent()
		}
		p = &password{Function: "argon2id", Time: argonTime, Memory: argonMemory, Threads: argonThreads, Salt: make([]byte, 16), Set: b.now()}
		_, _ = rand.Read(p.Salt)
		b.hashing.Lock()
		p.Hash = p.of(text)
		b.hashing.Unlock()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.change(func(to *state) {
		to.Password = p
		to.drop(func(s *session) bool { return s.Way == "password" })
	})
}

// SignIn starts a session for whoever knows the password and returns its
// secret. Guesses from one address, and from all, are slowed down.
func (b *Book) SignIn(text, address string) (string, error) {
	b.mu.Lock()
	p := b.state.Password
	b.mu.Unlock()
	if p == nil {
		return "", fault.New("password_unset").Permanent()
	}
	if wait := b.slow.Try(address); wait > 0 {
		return "", fault.New("sign_in_wait", "seconds", int((wait+time.Second-1)/time.Second)).RetryAfter(wait)
	}
	if len(text) > passwordMost {
		text = ""
	}
	if !b.right(p, text, b.slow.Knows(address)) {
		return "", fault.New("password_wrong").Permanent()
	}
	b.slow.Forget(address)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.state.Password != p { // changed meanwhile
		return "", fault.New("password_wrong").Permanent()
	}
	return b.begin("password")
}

// right compares a text with a password, one at a time; who is known waits for one
// stranger at most.
func (b *Book) right(p *password, text string, known bool) bool {
	if !known {
		b.strangers.Lock()
		defer b.strangers.Unlock()
	}
	b.hashing.Lock()
	defer b.hashing.Unlock()
	return subtle.ConstantTimeCompare(p.of(text), p.Hash) == 1
}
