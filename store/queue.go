package store

import (
	"bytes"
	"container/heap"
	"slices"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/weirflow/weir/flowfile"
)

// defaultPrio is the priority class of every FlowFile today. Classes below it
// leave earlier, those above later.
const defaultPrio = 128

// refillBatch is how many entries one short transaction brings into memory.
const refillBatch = 4096

// queueKey names what a run has on a connection.
type queueKey struct {
	flow    string
	version uint32
	conn    string
	run     flowfile.RunID
}

// entry is a queued FlowFile in memory. The FlowFile is shared and never
// changed; sessions get copies.
type entry struct {
	place
	ff *flowfile.FlowFile
}

// held is an entry in a session's hands, or in those of a commit.
type held struct {
	entry // ff is nil when it was not loaded
	token uint64
	// by is the request that is committing it; revoked says that it goes back
	// should that fail.
	by      *request
	revoked bool
}

// queue is the part of a run's queue that is in memory: a window that begins at
// its head. On disk lie all entries; those at or after bound are not loaded.
// Entries before bound are in exactly one of ready, out and delayed.
type queue struct {
	store  *Store
	key    queueKey
	bucket []byte

	mu    sync.Mutex
	ready []entry // in order
	out   map[uint64]*held
	late  lateHeap
	isLat map[uint64]bool
	// bound is where the loaded part ends when more is true; else all is loaded.
	bound place
	more  bool
	// seen is the last sequence number that was published here. What a refill
	// finds above it is durable but not yet published, and left to the publisher.
	seen uint64
}

// late is an entry whose next try has a time; it is read again when due.
type late struct {
	due time.Time
	place
}

type lateHeap []late

func (h lateHeap) Len() int { return len(h) }
func (h lateHeap) Less(i, j int) bool {
	return h[i].due.Before(h[j].due) || (h[i].due.Equal(h[j].due) && h[i].less(h[j].place))
}
func (h lateHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push is part of heap.Interface.
func (h *lateHeap) Push(x any) { *h = append(*h, x.(late)) }

// Pop is part of heap.Interface.
func (h *lateHeap) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}

// queue returns the queue of a key, making its memory when there is none.
func (s *Store) queue(k queueKey) *queue {
	s.mu.RLock()
	q := s.queues[k]
	s.mu.RUnlock()
	if q != nil {
		return q
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.queueLocked(k)
}

func (s *Store) queueLocked(k queueKey) *queue {
	q := s.queues[k]
	if q == nil {
		q = &queue{store: s, key: k, bucket: connKey(k.flow, k.version, k.conn), out: map[uint64]*held{},
			isLat: map[uint64]bool{}, more: true, seen: s.published.seq}
		s.queues[k] = q
	}
	return q
}

// take checks out up to n entries under a token.
func (q *queue) take(n int, token uint64, now time.Time) ([]*flowfile.Item, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if err := q.promote(now); err != nil {
		return nil, err
	}
	for len(q.ready) < n && q.more {
		if err := q.refill(n, now); err != nil {
			if len(q.ready) == 0 {
				return nil, err
			}
			break
		}
	}
	n = min(n, len(q.ready))
	if n == 0 {
		return nil, nil
	}
	items := make([]*flowfile.Item, n)
	batch := make([]struct { // one allocation for all of them
		item flowfile.Item
		ff   flowfile.FlowFile
		held held
	}, n)
	for i, e := range q.ready[:n] {
		x := &batch[i]
		x.ff = *e.ff // the session's own copy
		x.item = flowfile.Item{Conn: q.key.conn, Prio: e.prio, Seq: e.seq, Token: token, FlowFile: &x.ff}
		x.held = held{entry: e, token: token}
		q.out[e.seq], items[i] = &x.held, &x.item
	}
	clear(q.ready[:n])
	if q.ready = q.ready[n:]; len(q.ready) == 0 {
		q.ready = nil
	}
	return items, nil
}

// insert puts an entry into the ready part, in order.
func (q *queue) insert(e entry) {
	q.store.loaded.Add(1)
	n := len(q.ready)
	if n == 0 || q.ready[n-1].less(e.place) {
		q.ready = append(q.ready, e)
		return
	}
	i, _ := slices.BinarySearchFunc(q.ready, e.place, func(x entry, p place) int {
		if x.less(p) {
			return -1
		}
		return 1
	})
	q.ready = slices.Insert(q.ready, i, e)
}

// delay sets an entry aside until it is due.
func (q *queue) delay(p place, due time.Time) {
	heap.Push(&q.late, late{due, p})
	q.isLat[p.seq] = true
}

// promote moves what is due from the late entries to the ready ones.
func (q *queue) promote(now time.Time) error {
	if len(q.late) == 0 || q.late[0].due.After(now) {
		return nil
	}
	return q.store.view(func(tx *bolt.Tx) error {
		b := queueBucket(tx, q.bucket)
		for n := 0; len(q.late) > 0 && !q.late[0].due.After(now) && n < refillBatch; n++ {
			l := q.late[0]
			if q.isLat[l.seq] { // else it was removed meanwhile
				key := entryKey(q.key.run, l.place)
				var stored []byte
				if b != nil {
					stored = b.Get(key)
				}
				if stored == nil {
					return damagedAt(q.bucket, key, "the entry is missing")
				}
				ff, err := q.decode(key, stored)
				if err != nil {
					return err
				}
				heap.Pop(&q.late)
				if ff.NotBefore.After(now) {
					heap.Push(&q.late, late{ff.NotBefore, l.place})
					continue
				}
				delete(q.isLat, l.seq)
				q.insert(entry{l.place, ff})
				continue
			}
			heap.Pop(&q.late)
		}
		return nil
	})
}

func (q *queue) decode(key, stored []byte) (*flowfile.FlowFile, error) {
	v, err := unseal(q.bucket, key, stored)
	if err != nil {
		return nil, err
	}
	ff, err := decodeEntry(v, q.key.run)
	if err != nil {
		return nil, damagedAt(q.bucket, key, err.Error())
	}
	return ff, nil
}

// refill loads entries from bound on, up to want ready ones or what the memory
// has room for. One call looks at a bounded number: delayed entries are set
// aside, so it may have to be called again.
func (q *queue) refill(want int, now time.Time) error {
	room := int(int64(q.store.opts.Window) - q.store.loaded.Load())
	n := max(want-len(q.ready), min(refillBatch, room))
	return q.store.view(func(tx *bolt.Tx) error {
		b := queueBucket(tx, q.bucket)
		if b == nil {
			q.more = false
			return nil
		}
		c := b.Cursor()
		prefix := key64(uint64(q.key.run))
		k, v := c.Seek(entryKey(q.key.run, q.bound))
		for seen := 0; k != nil && bytes.HasPrefix(k, prefix); k, v = c.Next() {
			_, p, ok := splitEntryKey(k)
			if !ok {
				return damagedAt(q.bucket, k, "the key has a wrong length")
			}
			if seen++; n <= 0 || seen > refillBatch {
				q.bound = p
				return nil
			}
			if p.seq > q.seen || q.out[p.seq] != nil || q.isLat[p.seq] {
				continue
			}
			ff, err := q.decode(k, v)
			if err != nil {
				q.bound = p
				return err
			}
			if ff.NotBefore.After(now) {
				q.delay(p, ff.NotBefore)
				continue
			}
			q.insert(entry{p, ff})
			n--
		}
		q.more = false
		return nil
	})
}

// publish adds a committed entry. What lies behind the loaded part stays on
// disk; so does what the memory has no room for.
func (q *queue) publish(e entry, now time.Time) {
	q.seen = max(q.seen, e.seq)
	if q.more && !e.less(q.bound) {
		return
	}
	if !q.more && q.store.loaded.Load() >= int64(q.store.opts.Window) && (len(q.ready) == 0 || q.ready[len(q.ready)-1].less(e.place)) {
		q.more, q.bound = true, e.place
		return
	}
	if e.ff.NotBefore.After(now) {
		q.delay(e.place, e.ff.NotBefore)
		return
	}
	q.insert(e)
}

// forget drops an entry that a commit has removed.
func (q *queue) forget(seq uint64) {
	if h := q.out[seq]; h != nil {
		delete(q.out, seq)
		if h.ff != nil {
			q.store.loaded.Add(-1)
		}
	}
}

// requeue puts an entry back whose value a commit has changed.
func (q *queue) requeue(p place, ff *flowfile.FlowFile, now time.Time) {
	q.forget(p.seq)
	if ff.NotBefore.After(now) {
		q.delay(p, ff.NotBefore)
		return
	}
	q.insert(entry{p, ff})
}

// clear forgets everything: the run's part of the queue was deleted.
func (q *queue) clear() {
	n := len(q.ready)
	for _, h := range q.out {
		if h.ff != nil {
			n++
		}
	}
	q.store.loaded.Add(int64(-n))
	q.ready, q.late, q.bound, q.more = nil, nil, place{}, false
	clear(q.out)
	clear(q.isLat)
}

// putBack returns an entry from a session's hands to its place.
func (q *queue) putBack(h *held) {
	delete(q.out, h.seq)
	if h.ff == nil {
		// It was never loaded: behind bound a refill finds it, else it was late.
		if q.more && !h.less(q.bound) {
			return
		}
		q.delay(h.place, time.Time{})
		return
	}
	q.store.loaded.Add(-1)
	q.insert(h.entry)
}

// release gives back the entry of an item, if the token still holds it.
func (q *queue) release(seq, token uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if h := q.out[seq]; h != nil && h.token == token && h.by == nil {
		q.putBack(h)
	}
}

// revoke gives back all that a token holds. What is being committed goes back
// only if that fails.
func (q *queue) revoke(token uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, h := range q.out {
		if h.token != token {
			continue
		}
		if h.by != nil {
			h.revoked = true
			continue
		}
		q.putBack(h)
	}
}

// reserve marks an item as being committed by r. It reports whether the item
// is still its session's. An item without a token was listed, not taken: it is
// taken here if nobody has it.
func (q *queue) reserve(it *flowfile.Item, r *request) bool {
	h := q.out[it.Seq]
	switch {
	case h != nil && h.by != nil && h.by != r, h != nil && h.token != it.Token, h == nil && it.Token != 0:
		return false
	case h == nil:
		p := place{it.Prio, it.Seq}
		h = &held{entry: entry{place: p}}
		if i := slices.IndexFunc(q.ready, func(e entry) bool { return e.seq == p.seq }); i >= 0 {
			h.entry = q.ready[i]
			if i == 0 { // who empties a queue does so from its head
				q.ready[0] = entry{}
				q.ready = q.ready[1:]
			} else {
				q.ready = slices.Delete(q.ready, i, i+1)
			}
		}
		delete(q.isLat, p.seq)
		q.out[p.seq] = h
	}
	h.by = r
	return true
}

// unreserve undoes reserve after a refusal.
func (q *queue) unreserve(seq uint64, r *request) {
	h := q.out[seq]
	if h == nil || h.by != r {
		return
	}
	h.by = nil
	if h.revoked || h.token == 0 {
		q.putBack(h)
	}
}

// due returns when the next late entry may be tried.
func (q *queue) due() (time.Time, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.late) > 0 && !q.isLat[q.late[0].seq] {
		heap.Pop(&q.late)
	}
	if len(q.late) == 0 {
		return time.Time{}, false
	}
	return q.late[0].due, true
}

func queueBucket(tx *bolt.Tx, name []byte) *bolt.Bucket {
	if top := tx.Bucket(bucketQueues); top != nil {
		return top.Bucket(name)
	}
	return nil
}
