package access

import (
	"context"
	"slices"
	"time"
)

// A session ends after so long without use, and after so long in any case.
const (
	Idle     = 3 * 24 * time.Hour
	Absolute = 30 * 24 * time.Hour
)

// sessionsMost bounds the sessions; the one that was used longest ago goes first.
const sessionsMost = 500

// keepAfter is how much later a use must be than the one that the file tells of
// to be written there.
const keepAfter = time.Minute

// session is one browser that has signed in.
type session struct {
	Hash    string    `json:"sha256"`
	Way     string    `json:"way"`
	Created time.Time `json:"created"`
	Seen    time.Time `json:"seen"`

	kept time.Time
}

// Pass is what somebody was let in with.
type Pass struct {
	// User is the caller's name in the audit file; Way is link, password or token.
	User, Way string
	// Ends is done when the session or token is: signed out, removed, expired.
	Ends context.Context
	// Done is called when the request is over.
	Done func()
}

// begin starts a session and returns its secret; the lock is held.
func (b *Book) begin(way string) (string, error) {
	b.sweep()
	secret, now := chance(""), b.now()
	err := b.change(func(to *state) {
		if len(to.Sessions) >= sessionsMost {
			oldest := slices.MinFunc(to.Sessions, func(x, y *session) int { return x.Seen.Compare(y.Seen) })
			to.drop(func(s *session) bool { return s == oldest })
		}
		to.Sessions = append(to.Sessions, &session{Hash: hashed(secret), Way: way, Created: now, Seen: now, kept: now})
	})
	if err != nil {
		return "", err
	}
	return secret, nil
}

func (b *Book) session(hash string) *session {
	for _, s := range b.state.Sessions {
		if s.Hash == hash {
			return s
		}
	}
	return nil
}

// drop removes the sessions that match.
func (s *state) drop(match func(*session) bool) {
	s.Sessions = slices.DeleteFunc(s.Sessions, match)
}

// sweep ends the sessions that are too old; the file need not say so, for they
// are too old there as well. One with a request that is going, such as a
// websocket, is in use.
func (b *Book) sweep() {
	now := b.now()
	old := func(s *session) bool {
		e := b.ends[s.Hash]
		inUse := e != nil && e.open > 0
		return now.Sub(s.Created) > Absolute || (!inUse && now.Sub(s.Seen) > Idle)
	}
	if slices.ContainsFunc(b.state.Sessions, old) {
		next := b.state.clone()
		next.drop(old)
		b.adopt(next)
	}
}

// Session returns the pass of a session's secret, or nil when there is none.
func (b *Book) Session(secret string) *Pass {
	if secret == "" {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sweep()
	h := hashed(secret)
	s := b.session(h)
	if s == nil {
		return nil
	}
	now := b.now()
	s.Seen = now
	if now.Sub(s.kept) > keepAfter {
		s.kept = now
		b.used()
	}
	ends, done := b.hold(h)
	ends, stop := context.WithTimeout(ends, Absolute-now.Sub(s.Created))
	return &Pass{User: s.Way, Way: s.Way, Ends: ends, Done: func() { stop(); done() }}
}

// SignOut ends a session.
func (b *Book) SignOut(secret string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	h := hashed(secret)
	if b.session(h) == nil {
		return nil
	}
	return b.change(func(to *state) { to.drop(func(s *session) bool { return s.Hash == h }) })
}
