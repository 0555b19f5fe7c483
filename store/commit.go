package store

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

// groupEntries bounds how many queue entries one group commit changes.
const groupEntries = 20_000

// The states of a request.
const (
	requestWaiting int32 = iota
	requestTaken
	requestWithdrawn
)

// request is one change that waits for the committer: a delivery, or a function
// over the group's transaction for what is no delivery.
type request struct {
	d  *flowfile.Delivery
	fn func(*group) error
	// pause, when set, is run by the committer alone, between two groups.
	pause func() error
	// values are the encoded FlowFiles of d.Put, each with room for a checksum.
	values [][]byte
	state  atomic.Int32
	done   chan struct{}

	// What applying it left behind, for publishing or undoing.
	effects  runs.Effects
	err      error
	reserved []reserved
	change
}

// reserved names an entry that a request holds while it is committed.
type reserved struct {
	q   *queue
	seq uint64
}

// change is what a request did to queues, to be done in memory once durable.
type change struct {
	firstSeq uint64 // of d.Put
	retried  []*flowfile.FlowFile
	cleared  []queueKey
	unparked []unparked
	publish  []func() // further changes of memory, under the store's lock
}

type unparked struct {
	key queueKey
	entry
}

func (r *request) cost() int {
	if r.d == nil {
		return 1
	}
	return 1 + len(r.d.Put) + len(r.d.Remove) + len(r.d.Retry) + len(r.d.Park)
}

// requestQueue is where requests wait. It is unbounded: each waiter is a
// goroutine that cannot go on.
type requestQueue struct {
	mu      sync.Mutex
	waiting []*request
	wake    chan struct{}
}

func (w *requestQueue) push(r *request) {
	w.mu.Lock()
	w.waiting = append(w.waiting, r)
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// pull takes waiting requests up to the bound of a group.
func (w *requestQueue) pull() []*request {
	w.mu.Lock()
	defer w.mu.Unlock()
	var group []*request
	cost, i := 0, 0
	for ; i < len(w.waiting) && cost < groupEntries; i++ {
		r := w.waiting[i]
		w.waiting[i] = nil
		if r.state.CompareAndSwap(requestWaiting, requestTaken) {
			group = append(group, r)
			cost += r.cost()
		}
	}
	if w.waiting = w.waiting[i:]; len(w.waiting) == 0 {
		w.waiting = nil
	}
	return group
}

// Commit makes a delivery durable: all of it, or nothing when it returns an
// error. It waits for the group commit that the delivery is part of. When ctx
// ends before the committer has taken the delivery up, nothing was done;
// afterwards Commit waits for the outcome.
//
// A session that was overtaken gets stale_session; a full disk is disk_full and
// changes nothing; store_failed means that the store is dead. The delivery and
// its FlowFiles belong to the store from now on, unless it is refused.
func (s *Store) Commit(ctx context.Context, d *flowfile.Delivery) (runs.Effects, error) {
	r := &request{d: d, done: make(chan struct{})}
	if n := len(d.Put); n > 0 {
		r.values = encodePuts(d.Put)
	}
	err := s.submit(ctx, r)
	return r.effects, err
}

// encodePuts encodes FlowFiles into one piece of memory.
func encodePuts(puts []flowfile.Put) [][]byte {
	values := make([][]byte, len(puts))
	size := 0
	for i := range puts {
		size += entrySize(puts[i].FlowFile)
	}
	arena := make([]byte, 0, size)
	for i := range puts {
		// Should it ever grow, the old piece lives on in the values that point into it.
		from := len(arena)
		arena = appendEntry(arena, puts[i].FlowFile)
		to := len(arena)
		arena = append(arena, 0, 0, 0, 0) // room for the checksum
		values[i] = arena[from:to:len(arena)]
	}
	return values
}

// update commits a change that is no delivery.
func (s *Store) update(ctx context.Context, fn func(*group) error) error {
	return s.submit(ctx, &request{fn: fn, done: make(chan struct{})})
}

func (s *Store) submit(ctx context.Context, r *request) error {
	if err := s.usable(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	s.requests.push(r)
	select {
	case <-r.done:
		return r.err
	case <-ctx.Done():
		if r.state.CompareAndSwap(requestWaiting, requestWithdrawn) {
			return ctx.Err()
		}
	case <-s.failed:
		if r.state.CompareAndSwap(requestWaiting, requestWithdrawn) {
			return s.failure
		}
	}
	<-r.done
	return r.err
}

// commitLoop is the committer: it alone writes to weir.db.
func (s *Store) commitLoop(ctx context.Context) {
	defer s.workers.Done()
	for {
		group := s.requests.pull()
		if len(group) == 0 {
			select {
			case <-s.requests.wake:
				continue
			case <-ctx.Done():
			}
			// The last ones: nobody adds more once the store is closing.
			if group = s.requests.pull(); len(group) == 0 {
				return
			}
		}
		s.commitGroup(group)
	}
}

// commitGroup commits the requests and answers all of them.
func (s *Store) commitGroup(group []*request) {
	err := s.Err()
	for i := 0; err == nil && i < len(group); i++ {
		if r := group[i]; r.pause != nil {
			r.err = r.pause()
			close(r.done)
			group = slices.Delete(group, i, i+1)
			i--
		}
	}
	if len(group) == 0 {
		return
	}
	if err == nil {
		err = s.apply(group)
	}
	for _, r := range group {
		if err != nil && r.err == nil {
			r.err = err
			r.undo()
		}
		close(r.done)
	}
}

// undo gives up what the request reserved.
func (r *request) undo() {
	for _, x := range r.reserved {
		x.q.mu.Lock()
		x.q.unreserve(x.seq, r)
		x.q.mu.Unlock()
	}
	r.reserved = nil
	r.change = change{}
	r.effects = runs.Effects{}
}
