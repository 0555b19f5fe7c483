package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"syscall"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

// group is one transaction over weir.db and what it has changed so far.
type group struct {
	s     *Store
	tx    *bolt.Tx
	count counters

	runs    map[flowfile.RunID]*runs.Run // working copies
	streams map[string]*runs.Run
	dirty   map[*runs.Run]bool
	buckets map[queueKey]*queueHandle
	last    *queueHandle     // that was asked for, as its neighbours mostly are too
	key     []byte           // scratch for entry keys
	refs    map[uint64]int64 // change per segment
	schemas map[string]bool  // stored by this group
	now     time.Time
	content bool // a segment is referred to
	events  []flowfile.Event
	logged  bool  // events of this commit went to the log
	broken  error // of the log
	ended   bool  // a run has ended
}

// apply commits a group. Requests that are refused get their error; the error
// returned is that of all others.
func (s *Store) apply(all []*request) error {
	live, err := s.roomy(all)
	if err != nil {
		return err
	}
	for len(live) > 0 {
		again, err := s.try(live)
		if err != nil || !again {
			return err
		}
		// One was refused after it may have touched the transaction: begin anew
		// without it, so that it leaves no trace.
		var rest []*request
		for _, r := range live {
			if r.err != nil {
				r.undo()
				continue
			}
			r.change = change{}
			r.effects = runs.Effects{}
			rest = append(rest, r)
		}
		live = rest
	}
	return nil
}

// try applies and commits the requests. It reports whether one was refused, in
// which case nothing was committed.
func (s *Store) try(live []*request) (again bool, err error) {
	tx, err := s.db.Begin(true)
	if err != nil {
		return false, s.die(err)
	}
	g := &group{s: s, tx: tx, count: s.count, runs: map[flowfile.RunID]*runs.Run{}, streams: map[string]*runs.Run{},
		dirty: map[*runs.Run]bool{}, buckets: map[queueKey]*queueHandle{}, refs: map[uint64]int64{}, schemas: map[string]bool{}}
	g.now, g.events = s.now(), s.events[:0]
	g.count.commit++
	for _, r := range live {
		r.err = guard("commit", func() error { return g.request(r) })
		if g.broken != nil {
			r.err = nil
			return false, g.rollback(s.segmentFailed(g, g.broken))
		}
		if r.err != nil {
			if g.logged {
				err = s.dropEvents(g)
			}
			return true, g.rollback(err)
		}
	}
	if err := guard("commit", g.finish); err != nil {
		return false, g.rollback(err)
	}
	if err := s.syncContent(g); err != nil {
		return false, g.rollback(err)
	}
	if h := s.opts.hooks.beforeCommit; h != nil {
		if err := h(); err != nil {
			return false, g.rollback(s.die(err))
		}
	}
	before := tx.ID() - 1
	if err := guard("commit", tx.Commit); err != nil {
		return false, s.commitFailed(err, before, g)
	}
	s.publish(g, live)
	return false, nil
}

// rollback gives up the transaction and passes err on.
func (g *group) rollback(err error) error {
	if rerr := g.release(); rerr != nil {
		return g.s.die(rerr)
	}
	return err
}

// release ends the transaction. When even that fails bbolt's lock stays taken,
// and closing the file would wait for it for ever.
func (g *group) release() error {
	err := guard("roll back", g.tx.Rollback)
	if errors.Is(err, berrors.ErrTxClosed) {
		return nil
	}
	if err != nil {
		g.s.stuck.Store(true)
	}
	return err
}

// syncContent makes content and events durable before the commit that refers
// to them.
func (s *Store) syncContent(g *group) error {
	err := g.flushEvents()
	if err == nil && (g.logged || g.content) {
		err = s.seg.Sync()
	}
	if err != nil {
		return s.segmentFailed(g, err)
	}
	return nil
}

func (s *Store) dropEvents(g *group) error {
	if err := s.seg.DropEvents(g.count.commit); err != nil {
		return s.die(err)
	}
	return nil
}

// segmentFailed decides what an error of the segments means: a full disk passes,
// anything else is the end.
func (s *Store) segmentFailed(g *group, err error) error {
	if fault.CodeOf(err) != "disk_full" {
		return s.die(err)
	}
	if derr := s.dropEvents(g); derr != nil {
		return derr
	}
	return err
}

// commitFailed decides what a failed commit of weir.db means. When the disk was
// full before the meta page was written nothing has changed, which is seen by
// looking; after anything else nothing can be promised.
func (s *Store) commitFailed(err error, before int, g *group) error {
	var perr *fs.PathError
	full := errors.Is(err, berrors.ErrMaxSizeReached) ||
		(errors.As(err, &perr) && (errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)))
	if !full {
		return s.die(errors.Join(err, g.release()))
	}
	now := -1
	if verr := s.view(func(tx *bolt.Tx) error { now = tx.ID(); return nil }); verr != nil || now != before {
		return s.die(err)
	}
	if derr := s.dropEvents(g); derr != nil {
		return derr
	}
	return diskFull(s.dir, err)
}

func diskFull(path string, cause error) *fault.Error {
	return fault.New("disk_full", "path", path).Because(cause)
}

// roomy refuses the requests that add something while the disk is nearly full,
// so that the reserve is left for those that remove. It returns the others.
func (s *Store) roomy(all []*request) ([]*request, error) {
	if s.opts.DiskReserve < 0 {
		return all, nil
	}
	free, err := s.opts.Free(s.dir)
	if err != nil {
		return nil, fmt.Errorf("look at the free space of %s: %w", s.dir, err)
	}
	if free >= s.opts.DiskReserve {
		return all, nil
	}
	var rest []*request
	for _, r := range all {
		if r.d == nil || len(r.d.Put) > 0 {
			r.err = diskFull(s.dir, fmt.Errorf("%d bytes free, %d kept in reserve", free, s.opts.DiskReserve))
			continue
		}
		rest = append(rest, r)
	}
	return rest, nil
}

// finish writes what all requests together have changed.
func (g *group) finish() error {
	for r := range g.dirty {
		if err := g.writeRun(r); err != nil {
			return err
		}
	}
	for seg, d := range g.refs {
		if d == 0 {
			continue
		}
		n := g.s.refs[seg] + d
		key := key64(seg)
		switch {
		case n < 0:
			return damagedAt(bucketRefs, key, "fewer references are counted than there are")
		case n == 0:
			if err := g.tx.Bucket(bucketRefs).Delete(key); err != nil {
				return err
			}
		default:
			if err := put(g.tx, bucketRefs, key, key64(uint64(n))); err != nil {
				return err
			}
		}
	}
	if id := g.s.nextID.Load(); id >= g.count.idMark {
		g.count.idMark = id + idBlock
	}
	g.count.segment = g.s.seg.NextSegment()
	return put(g.tx, bucketMeta, keyCounters, g.count.encode())
}

// writeRun stores a run, or the counters of a flow's continuous data, and keeps
// the indexes of runs in step.
func (g *group) writeRun(r *runs.Run) error {
	b, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encode run %d: %w", r.Number, err)
	}
	if r.Number == 0 {
		return put(g.tx, bucketStream, []byte(r.Flow), b)
	}
	key := key64(uint64(r.Number))
	if err := put(g.tx, bucketRuns, key, b); err != nil {
		return err
	}
	if r.State.Terminal() {
		return g.tx.Bucket(bucketActive).Delete(key)
	}
	return put(g.tx, bucketActive, key, []byte(r.Flow))
}

// publish changes what readers see, after the commit is durable.
func (s *Store) publish(g *group, live []*request) {
	s.count, s.events = g.count, g.events[:0]
	for h := range g.schemas {
		s.schemas[h] = true
	}
	told := make([]Committed, 0, len(live))
	s.mu.Lock()
	for n, r := range g.runs {
		if !g.dirty[r] {
			continue
		}
		if r.State.Terminal() {
			delete(s.runs, n)
		} else {
			s.runs[n] = r
		}
	}
	for f, r := range g.streams {
		if g.dirty[r] {
			s.streams[f] = r
		}
	}
	for seg, d := range g.refs {
		if d == 0 {
			continue
		}
		if n := s.refs[seg] + d; n == 0 {
			delete(s.refs, seg)
		} else {
			s.refs[seg] = n
		}
	}
	for _, r := range live {
		s.publishRequest(r, g)
		if r.d != nil {
			told = append(told, Committed{g.count.commit, r.d, r.effects})
		}
	}
	s.published = g.count
	s.dropQueues(g)
	listeners := make([]func([]Committed), 0, len(s.listeners))
	for _, fn := range s.listeners {
		listeners = append(listeners, fn)
	}
	s.mu.Unlock()
	if g.ended {
		select {
		case s.ended <- struct{}{}:
		default: // somebody is to look already
		}
	}
	if len(told) > 0 {
		for _, fn := range listeners {
			fn(told)
		}
	}
}

// publishRequest makes one request's changes to the queues in memory.
func (s *Store) publishRequest(r *request, g *group) {
	now := g.now
	var held *queue
	for _, x := range r.reserved {
		if x.q != held {
			if held != nil {
				held.mu.Unlock()
			}
			held = x.q
			held.mu.Lock()
		}
		if h := held.out[x.seq]; h != nil && h.by == r {
			held.forget(x.seq)
		}
	}
	if held != nil {
		held.mu.Unlock()
	}
	r.reserved = nil
	if d := r.d; d != nil {
		for i, t := range d.Retry {
			q := s.queueLocked(queueKey{d.Flow, d.Version, t.Item.Conn, d.Run})
			q.mu.Lock()
			q.requeue(place{t.Item.Prio, t.Item.Seq}, r.retried[i], now)
			q.mu.Unlock()
		}
		var q *queue
		for i, p := range d.Put {
			if q == nil || q.key.conn != p.Conn {
				if q != nil {
					q.mu.Unlock()
				}
				q = s.queueLocked(queueKey{d.Flow, d.Version, p.Conn, d.Run})
				q.mu.Lock()
			}
			q.publish(entry{place{defaultPrio, r.firstSeq + uint64(i)}, p.FlowFile}, now)
		}
		if q != nil {
			q.mu.Unlock()
		}
	}
	for _, k := range r.cleared {
		q := s.queueLocked(k)
		q.mu.Lock()
		q.clear()
		q.mu.Unlock()
	}
	for _, u := range r.unparked {
		q := s.queueLocked(u.key)
		q.mu.Lock()
		q.publish(u.entry, now)
		q.mu.Unlock()
	}
	for _, fn := range r.publish {
		fn()
	}
}

// dropQueues frees the memory of the queues of runs that have ended with
// nothing queued.
func (s *Store) dropQueues(g *group) {
	for n, r := range g.runs {
		if !g.dirty[r] || !r.State.Terminal() {
			continue
		}
		for conn := range r.Queues {
			k := queueKey{r.Flow, r.QueueVersion, conn, n}
			if q := s.queues[k]; q != nil {
				q.mu.Lock()
				if len(q.ready) == 0 && len(q.out) == 0 && len(q.late) == 0 {
					delete(s.queues, k)
				}
				q.mu.Unlock()
			}
		}
	}
}
