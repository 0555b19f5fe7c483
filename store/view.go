package store

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
)

var _ flowfile.Queues = (*View)(nil)

// View is the queues of one flow, version and run as one session sees them.
// What it takes is held under a token of its own until it is released, removed
// by a commit or revoked. Make one for each session with Store.Queues.
type View struct {
	store   *Store
	flow    string
	version uint32
	run     flowfile.RunID
	token   uint64
	revoked atomic.Bool
}

// Queues returns a view of what a run has queued. Version is the queue version
// of the run; run and version are zero for continuous data.
func (s *Store) Queues(flow string, version uint32, run flowfile.RunID) *View {
	return &View{store: s, flow: flow, version: version, run: run, token: s.tokens.Add(1)}
}

// Token returns the token under which the view holds its items.
func (v *View) Token() uint64 { return v.token }

func (v *View) queue(conn string) *queue {
	return v.store.queue(queueKey{v.flow, v.version, conn, v.run})
}

// Take checks out up to n waiting FlowFiles, oldest first within a connection
// and in turn between them. FlowFiles whose time has not come are passed over.
func (v *View) Take(conns []string, n int) ([]*flowfile.Item, error) {
	if err := v.store.Err(); err != nil {
		return nil, err
	}
	if v.revoked.Load() {
		return nil, fault.New("stale_session", "node", strings.Join(conns, ", "), "run", v.run)
	}
	if n <= 0 || len(conns) == 0 {
		return nil, nil
	}
	now := v.store.now()
	var items []*flowfile.Item
	first := 0
	if len(conns) > 1 {
		first = int(v.store.turn.Add(1) % uint64(len(conns)))
	}
	share := (n + len(conns) - 1) / len(conns)
	for got := true; got && len(items) < n; {
		got = false
		for i := range conns {
			want := min(share, n-len(items))
			if want == 0 {
				break
			}
			more, err := v.queue(conns[(first+i)%len(conns)]).take(want, v.token, now)
			items = append(items, more...)
			got = got || len(more) > 0
			if err != nil {
				return items, err
			}
		}
	}
	if len(items) == 0 {
		return nil, v.store.emptyIsTrue(v, conns)
	}
	if v.revoked.Load() { // a revocation that ran meanwhile missed them
		v.Release(items)
		return nil, fault.New("stale_session", "node", strings.Join(conns, ", "), "run", v.run)
	}
	return items, nil
}

// Release gives items back untouched, in their old places.
func (v *View) Release(items []*flowfile.Item) {
	for _, it := range items {
		v.queue(it.Conn).release(it.Seq, it.Token)
	}
}

// Revoke takes everything away that the view holds, for a session that does not
// end: the items go back to their queues, and a later commit with one of them
// is refused with stale_session, as is a later Take.
func (v *View) Revoke() {
	v.revoked.Store(true)
	s := v.store
	s.mu.RLock()
	var qs []*queue
	for k, q := range s.queues {
		if k.flow == v.flow && k.version == v.version && k.run == v.run {
			qs = append(qs, q)
		}
	}
	s.mu.RUnlock()
	for _, q := range qs {
		q.revoke(v.token)
	}
}

// Due returns the earliest time at which a FlowFile that waits on one of the
// connections may be tried again, so that the caller can set a timer.
func (v *View) Due(conns []string) (time.Time, bool) {
	var first time.Time
	found := false
	for _, c := range conns {
		if t, ok := v.queue(c).due(); ok && (!found || t.Before(first)) {
			first, found = t, true
		}
	}
	return first, found
}

// scanBatch is how many entries Scan reads in one transaction.
const scanBatch = 256

// Scan yields everything that the run has on the connection, by origin and then
// place, without taking it. It holds the sort keys in memory, the values never.
func (v *View) Scan(ctx context.Context, conn string) iter.Seq2[*flowfile.Item, error] {
	return func(yield func(*flowfile.Item, error) bool) {
		name := connKey(v.flow, v.version, conn)
		type spot struct {
			origin flowfile.Origin
			place
		}
		var spots []spot
		counted := v.store.Depth(v.flow, v.run, conn).N
		err := v.store.walk(ctx, name, v.run, place{}, func(p place, value []byte) error {
			o, err := entryOrigin(value)
			if err != nil {
				return damagedAt(name, entryKey(v.run, p), err.Error())
			}
			spots = append(spots, spot{o, p})
			return nil
		})
		if n := int64(len(spots)); err == nil && n != counted && counted == v.store.Depth(v.flow, v.run, conn).N {
			err = shortQueue(v.flow, conn, v.run, n, counted)
		}
		if err != nil {
			yield(nil, err)
			return
		}
		slices.SortFunc(spots, func(a, b spot) int {
			return cmp.Or(cmp.Compare(a.origin, b.origin), cmp.Compare(a.prio, b.prio), cmp.Compare(a.seq, b.seq))
		})
		for batch := range slices.Chunk(spots, scanBatch) {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			files := make([]*flowfile.FlowFile, len(batch))
			err := v.store.view(func(tx *bolt.Tx) error {
				b := queueBucket(tx, name)
				for i, at := range batch {
					key := entryKey(v.run, at.place)
					var stored []byte
					if b != nil {
						stored = b.Get(key)
					}
					if stored == nil { // dropped by a person, or the run was cancelled
						return fault.New("stale_session", "node", conn, "run", v.run)
					}
					value, err := unseal(name, key, stored)
					if err != nil {
						return err
					}
					if files[i], err = decodeEntry(value, v.run); err != nil {
						return damagedAt(name, key, err.Error())
					}
				}
				return nil
			})
			if err != nil {
				yield(nil, err)
				return
			}
			for i, at := range batch {
				it := &flowfile.Item{Conn: conn, Prio: at.prio, Seq: at.seq, Token: v.token, FlowFile: files[i]}
				if !yield(it, nil) {
					return
				}
			}
		}
	}
}

// emptyIsTrue sees that queues which gave nothing have nothing to give: that
// their counters are zero, or sessions or a later time have the rest.
func (s *Store) emptyIsTrue(v *View, conns []string) error {
	s.mu.RLock() // nothing is published meanwhile
	defer s.mu.RUnlock()
	r := s.runs[v.run]
	if v.run == 0 {
		r = s.streams[v.flow]
	}
	if r == nil {
		return nil
	}
	for _, conn := range conns {
		n := r.Queues[conn]
		q := s.queues[queueKey{v.flow, v.version, conn, v.run}]
		if n == nil || n.Queued.N == 0 || q == nil || r.QueueVersion != v.version {
			continue
		}
		q.mu.Lock()
		have := int64(len(q.ready) + len(q.out) + len(q.isLat))
		more := q.more
		q.mu.Unlock()
		if !more && have != n.Queued.N {
			return shortQueue(v.flow, conn, v.run, have, n.Queued.N)
		}
	}
	return nil
}
