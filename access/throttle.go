package access

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"
)

// A wrong password costs an address nothing the first few times; then its next try
// must wait, twice as long each time. Where many addresses guess, one that never
// signed in waits from its first wrong try on. What others do never holds up an
// address's own first try, so that strangers cannot lock the owner out.
const (
	triesFree = 5
	waitMost  = 15 * time.Minute
	// allFree tries of strangers within forgetAfter are many.
	allFree = 30
	// forgetAfter is how long an address that tries no more is remembered.
	forgetAfter   = time.Hour
	addressesMost = 10_000
	// goodMost addresses that signed in are known.
	goodMost = 1000
)

// Throttle slows down who guesses. A try counts as wrong until Forget says that
// it was right, so that many at once gain nothing.
type Throttle struct {
	now func() time.Time

	mu sync.Mutex
	by map[string]*tries
	// all are those of the addresses that never signed in, since they began.
	all   int
	began time.Time
	good  map[string]time.Time // addresses that signed in, and when
}

// tries are those of one address.
type tries struct {
	count int
	last  time.Time
	next  time.Time
}

func (t *tries) add(now time.Time, free int) {
	t.count, t.last = t.count+1, now
	if t.count >= free {
		t.next = now.Add(min(waitMost, time.Second<<min(t.count-free, 20)))
	}
}

// Try returns how long an address must wait yet, and counts the try when that is
// nothing.
func (t *Throttle) Try(address string) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	if t.by == nil {
		t.by, t.good = map[string]*tries{}, map[string]time.Time{}
	}
	if now.Sub(t.began) > forgetAfter {
		t.all, t.began = 0, now
	}
	own := t.by[address]
	if own == nil || now.Sub(own.last) > forgetAfter {
		if own == nil && len(t.by) >= addressesMost {
			t.clean(now)
		}
		own = &tries{}
		t.by[address] = own
	}
	if wait := own.next.Sub(now); wait > 0 {
		return wait
	}
	free := triesFree
	if _, known := t.good[address]; !known {
		if t.all++; t.all > allFree {
			free = 1
		}
	}
	own.add(now, free)
	return 0
}

// Forget takes back what was counted of an address, which has signed in.
func (t *Throttle) Forget(address string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.by, address)
	if _, known := t.good[address]; !known {
		t.all = max(0, t.all-1)
	}
	t.good[address] = t.now()
	if len(t.good) > goodMost {
		delete(t.good, slices.MinFunc(slices.Collect(maps.Keys(t.good)), func(x, y string) int { return t.good[x].Compare(t.good[y]) }))
	}
}

// Knows tells whether an address signed in before.
func (t *Throttle) Knows(address string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, known := t.good[address]
	return known
}

// clean makes room: it forgets the addresses that tried no more or, where all of
// them still do, the half that waits the shortest.
func (t *Throttle) clean(now time.Time) {
	maps.DeleteFunc(t.by, func(_ string, own *tries) bool { return now.Sub(own.last) > forgetAfter })
	if len(t.by) < addressesMost {
		return
	}
	all := slices.SortedFunc(maps.Keys(t.by), func(x, y string) int {
		return cmp.Or(t.by[x].next.Compare(t.by[y].next), t.by[x].last.Compare(t.by[y].last))
	})
	for _, address := range all[:len(all)/2] {
		delete(t.by, address)
	}
}
