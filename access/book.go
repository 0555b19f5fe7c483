package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/weirflow/weir/fault"
)

// FileName is the file's name in the data directory.
const FileName = "access.json"

// format is the version of the file.
const format = 1

// Book is who may call a server. Its methods may be called at the same time.
type Book struct {
	path string
	now  func() time.Time
	// unsaved hears that a use could not be kept in the file; nil for nobody.
	unsaved func(error)

	mu sync.Mutex
	// state is what the file says, but for when sessions and tokens were used.
	state state
	// ends cancels what a session or token has going, by hash.
	ends  map[string]*ending
	links map[string]time.Time // hash of a one-time link to its end
	slow  Throttle
	// one password is hashed at a time: each takes memory.
	hashing sync.Mutex
	// strangers is held, before hashing, for addresses that never signed in: however
	// many of them wait, one that did waits for a single one.
	strangers sync.Mutex
}

// state is the file.
type state struct {
	Format   int        `json:"format"`
	Password *password  `json:"password,omitempty"`
	Tokens   []*token   `json:"tokens,omitempty"`
	Sessions []*session `json:"sessions,omitempty"`
}

// ending is a context that ends with a session or token.
type ending struct {
	ctx    context.Context
	cancel context.CancelFunc
	open   int
}

// Open reads the book of a data directory, which needs to exist. The caller is
// the only one who has the directory.
func Open(dir string, now func() time.Time) (*Book, error) {
	b := &Book{path: filepath.Join(dir, FileName), now: now, state: state{Format: format},
		ends: map[string]*ending{}, links: map[string]time.Time{}, slow: Throttle{now: now}}
	raw, err := os.ReadFile(b.path)
	if errors.Is(err, fs.ErrNotExist) {
		return b, nil
	}
	if err != nil {
		return nil, fault.New("access_file", "file", b.path).Because(err).Permanent()
	}
	if err := json.Unmarshal(raw, &b.state); err != nil {
		return nil, fault.New("access_file", "file", b.path).Because(err).Permanent()
	}
	if b.state.Format != format {
		return nil, fault.New("access_format", "file", b.path, "format", b.state.Format, "known", format).Permanent()
	}
	return b, nil
}

// TellUnsaved has f hear when the time of a use cannot be kept in the file. Who
// signed in goes on; the next use tries to keep it again. It is called before the
// book is used; f must not call the book.
func (b *Book) TellUnsaved(f func(error)) { b.unsaved = f }

// Close keeps when the sessions and tokens were used last.
func (b *Book) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.state.Sessions) == 0 && len(b.state.Tokens) == 0 {
		return nil
	}
	for _, e := range b.ends {
		defer e.cancel()
	}
	_, err := b.save(&b.state)
	return err
}

// change alters the book and the file, or neither; the lock is held. What goes on
// with a session or token that is no more ends.
func (b *Book) change(alter func(*state)) error {
	next := b.state.clone()
	alter(&next)
	done, err := b.save(&next)
	if done {
		b.adopt(next)
	}
	return err
}

// clone copies what can change.
func (s *state) clone() state {
	out := *s
	out.Tokens, out.Sessions = slices.Clone(s.Tokens), slices.Clone(s.Sessions)
	for i, t := range out.Tokens {
		c := *t
		out.Tokens[i] = &c
	}
	for i, x := range out.Sessions {
		c := *x
		out.Sessions[i] = &c
	}
	return out
}

// hashes are those of the sessions and tokens.
func (s *state) hashes() map[string]bool {
	out := map[string]bool{}
	for _, t := range s.Tokens {
		out[t.Hash] = true
	}
	for _, x := range s.Sessions {
		out[x.Hash] = true
	}
	return out
}

// adopt makes a state the one in force; the lock is held.
func (b *Book) adopt(next state) {
	b.state = next
	there := next.hashes()
	for h := range b.ends {
		if !there[h] {
			b.end(h)
		}
	}
}

// used keeps the time of a use; the lock is held.
func (b *Book) used() {
	if _, err := b.save(&b.state); err != nil && b.unsaved != nil {
		b.unsaved(err)
	}
}

// save replaces the file and tells whether it was; the lock is held.
func (b *Book) save(as *state) (done bool, err error) {
	for _, s := range as.Sessions {
		if e := b.ends[s.Hash]; e != nil && e.open > 0 {
			s.Seen = b.now()
		}
	}
	raw, err := json.MarshalIndent(as, "", "  ")
	if err != nil {
		return false, err
	}
	done, err = replace(b.path, append(raw, '\n'))
	if err != nil {
		err = fault.New("access_file", "file", b.path).Because(err)
	}
	return done, err
}

// replace writes a file whole or not at all. It is there when done, though an
// error may tell that it would not outlive the power.
func replace(path string, data []byte) (done bool, err error) {
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return false, err
	}
	_, err = f.Write(data)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return false, err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return false, err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return true, err
	}
	return true, errors.Join(dir.Sync(), dir.Close())
}

// chance returns 32 random bytes as text, with a beginning that tells what it is.
func chance(begins string) string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	return begins + base64.RawURLEncoding.EncodeToString(b)
}

// hashed is what is kept of a secret of 32 random bytes. It needs no salt and no
// slow function: it cannot be guessed.
func hashed(secret string) string {
	h := sha256.Sum256([]byte(secret))
	return base64.RawURLEncoding.EncodeToString(h[:])
}

// hold returns a context that ends with the session or token of a hash, and what
// to call when the caller needs it no more; the lock is held.
func (b *Book) hold(hash string) (context.Context, func()) {
	e := b.ends[hash]
	if e == nil {
		e = &ending{}
		e.ctx, e.cancel = context.WithCancel(context.Background())
		b.ends[hash] = e
	}
	e.open++
	return e.ctx, sync.OnceFunc(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		e.open--
		if s := b.session(hash); s != nil {
			s.Seen = b.now()
		}
		if e.open == 0 && b.ends[hash] == e {
			delete(b.ends, hash)
			e.cancel()
		}
	})
}

// end ends what goes on under a hash; the lock is held.
func (b *Book) end(hash string) {
	if e := b.ends[hash]; e != nil {
		delete(b.ends, hash)
		e.cancel()
	}
}

// Link returns the secret of a new one-time link.
func (b *Book) Link() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	oldest := ""
	for h, end := range b.links {
		if now.After(end) {
			delete(b.links, h)
		} else if oldest == "" || end.Before(b.links[oldest]) {
			oldest = h
		}
	}
	if len(b.links) >= linksMost {
		delete(b.links, oldest)
	}
	secret := strings.TrimLeft(chance(""), "-") // a double click takes it whole
	b.links[hashed(secret)] = now.Add(linkLife)
	return secret
}

// One-time links live so long, and there may be so many that are not used yet.
const (
	linkLife  = 12 * time.Hour
	linksMost = 64
)

// Redeem starts a session for a one-time link, and returns "" when the link was
// used before, is too old or never was one.
func (b *Book) Redeem(link string) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	h := hashed(link)
	end, ok := b.links[h]
	if !ok || b.now().After(end) {
		return "", nil
	}
	secret, err := b.begin("link")
	if err == nil { // else the link is as good as before
		delete(b.links, h)
	}
	return secret, err
}
