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
	if len(b.state.Sessions) >= sessionsMost {
		oldest := slices.MinFunc(b.state.Sessions, func(x, y *session) int { return x.Seen.Compare(y.Seen) })
		b.drop(func(s *session) bool { return s == oldest })
	}
	secret, now := chance(""), b.now()
	b.state.Sessions = append(b.state.Sessions, &session{Hash: hashed(secret), Way: way, Created: now, Seen: now, kept: now})
	return secret, b.save()
}

func (b *Book) session(hash string) *session {
	for _, s := range b.state.Sessions {
		if s.Hash == hash {
			return s
		}
	}
	return nil
}

// drop ends the sessions that match and reports whether there was one.
func (b *Book) drop(match func(*session) bool) bool {
	n := len(b.state.Sessions)
	b.state.Sessions = slices.DeleteFunc(b.state.Sessions, func(s *session) bool {
		if !match(s) {
			return false
		}
		b.end(s.Hash)
		return true
	})
	return len(b.state.Sessions) < n
}

// sweep ends the sessions that are too old. One with a request that is going,
// such as a websocket, is in use.
func (b *Book) sweep() {
	now := b.now()
	b.drop(func(s *session) bool {
		e := b.ends[s.Hash]
		inUse := e != nil && e.open > 0
		return now.Sub(s.Created) > Absolute || (!inUse && now.Sub(s.Seen) > Idle)
	})
}

// Session returns the pass of a session's secret, or nil when there is none.
func (b *Book) Session(secret string) (*Pass, error) {
	if secret == "" {
		return nil, nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sweep()
	h := hashed(secret)
	s := b.session(h)
	if s == nil {
		return nil, nil
	}
	now := b.now()
	s.Seen = now
	if now.Sub(s.kept) > keepAfter {
		s.kept = now
		if err := b.save(); err != nil {
			return nil, err
		}
	}
	ends, done := b.hold(h)
	ends, stop := context.WithTimeout(ends, Absolute-now.Sub(s.Created))
	return &Pass{User: s.Way, Way: s.Way, Ends: ends, Done: func() { stop(); done() }}, nil
}

// SignOut ends a session.
func (b *Book) SignOut(secret string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	h := hashed(secret)
	if !b.drop(func(s *session) bool { return s.Hash == h }) {
		return nil
	}
	return b.save()
}
