package access

import (
	"sync"
	"time"
)

// A wrong password costs nothing the first few times; then the next try must wait,
// twice as long each time. All addresses together wait less, so that strangers
// cannot lock the owner out.
const (
	triesFree   = 5
	waitMost    = 15 * time.Minute
	allFree     = 30
	allWaitMost = 4 * time.Second
	// forgetAfter is how long an address that tries no more is remembered.
	forgetAfter   = time.Hour
	addressesMost = 10_000
)

// Throttle slows down who guesses. A try counts as wrong until Forget says that
// it was right, so that many at once gain nothing.
type Throttle struct {
	now func() time.Time

	mu   sync.Mutex
	by   map[string]*tries
	both tries
}

// tries are those of one address.
type tries struct {
	count int
	last  time.Time
	next  time.Time
}

func (t *tries) add(now time.Time, free int, most time.Duration) {
	t.count, t.last = t.count+1, now
	if t.count >= free {
		t.next = now.Add(min(most, time.Second<<min(t.count-free, 20)))
	}
}

// Try returns how long an address must wait yet, and counts the try when that is
// nothing.
func (t *Throttle) Try(address string) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	if t.by == nil {
		t.by = map[string]*tries{}
	}
	if len(t.by) >= addressesMost {
		t.clean(now)
	}
	if now.Sub(t.both.last) > forgetAfter {
		t.both = tries{}
	}
	own := t.by[address]
	if own == nil || now.Sub(own.last) > forgetAfter {
		own = &tries{}
		t.by[address] = own
	}
	if wait := max(own.next.Sub(now), t.both.next.Sub(now)); wait > 0 {
		return wait
	}
	own.add(now, triesFree, waitMost)
	t.both.add(now, allFree, allWaitMost)
	return 0
}

// Forget takes back what was counted of an address, which has signed in.
func (t *Throttle) Forget(address string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.by, address)
	t.both.count = max(0, t.both.count-1)
}

// clean makes room: it forgets the addresses that tried no more, or all of them.
func (t *Throttle) clean(now time.Time) {
	for a, own := range t.by {
		if now.After(own.next) {
			delete(t.by, a)
		}
	}
	if len(t.by) >= addressesMost {
		clear(t.by) // all of them wait for both
	}
}
