package store

import (
	"bytes"
	"context"
	"fmt"
	"runtime/debug"

	bolt "go.etcd.io/bbolt"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

// view runs a short read transaction. Damage that makes bbolt panic or the
// processor fault on the mapped file becomes store_damaged.
func (s *Store) view(fn func(*bolt.Tx) error) error {
	s.dbMu.RLock()
	defer s.dbMu.RUnlock()
	if s.db == nil {
		return fault.New("store_closed", "path", s.dir).Permanent()
	}
	return guard("read", func() error { return s.db.View(fn) })
}

// guard runs fn and turns a panic or a fault of the mapped file into an error.
func guard(what string, fn func() error) (err error) {
	old := debug.SetPanicOnFault(true)
	defer debug.SetPanicOnFault(old)
	defer func() {
		if r := recover(); r != nil {
			err = fault.New("store_damaged", "place", what, "what", fmt.Sprint(r)).Permanent()
		}
	}()
	return fn()
}

// walkBatch is how many entries walk visits in one transaction.
const walkBatch = 1000

// walk visits what a run has in a queue bucket from a place on, in order, in
// short transactions. The value that visit gets points into the transaction.
func (s *Store) walk(ctx context.Context, name []byte, run flowfile.RunID, from place, visit func(place, []byte) error) error {
	prefix := key64(uint64(run))
	for done := false; !done; {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := s.view(func(tx *bolt.Tx) error {
			b := queueBucket(tx, name)
			if b == nil {
				done = true
				return nil
			}
			c := b.Cursor()
			n := 0
			for k, v := c.Seek(entryKey(run, from)); ; k, v = c.Next() {
				if k == nil || !bytes.HasPrefix(k, prefix) {
					done = true
					return nil
				}
				_, p, ok := splitEntryKey(k)
				if !ok {
					return damagedAt(name, k, "the key has a wrong length")
				}
				if n++; n > walkBatch {
					from = p
					return nil
				}
				value, err := unseal(name, k, v)
				if err != nil {
					return err
				}
				if err := visit(p, value); err != nil {
					return err
				}
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// wholeQueue sees that a queue read from its head to its end held as much as its
// counter, in the same transaction, says. A key that was damaged is not found by
// seeking, so this is where its loss shows.
func wholeQueue(tx *bolt.Tx, flow, conn string, run flowfile.RunID, n int64) error {
	var r *runs.Run
	var err error
	if run == 0 {
		key := []byte(flow)
		b, gerr := get(tx, bucketStream, key)
		if err = gerr; b != nil && err == nil {
			r, err = decodeStream(key, b)
		}
	} else {
		r, err = readRun(tx, run)
	}
	if err != nil {
		return err
	}
	want := int64(0)
	if r != nil && r.Queues[conn] != nil {
		want = r.Queues[conn].Queued.N
	}
	if n != want {
		return shortQueue(flow, conn, run, n, want)
	}
	return nil
}

func shortQueue(flow, conn string, run flowfile.RunID, n, want int64) error {
	return fault.New("store_damaged", "place", fmt.Sprintf("queue %s %s of run %d", flow, conn, run),
		"what", fmt.Sprintf("%d FlowFiles are there and %d are counted", n, want)).Permanent()
}

// Place is where a FlowFile lies in its queue. The zero Place is before all.
type Place struct {
	Prio uint8  `json:"prio"`
	Seq  uint64 `json:"seq,string"`
}

// Queued is a FlowFile as it lies in a queue.
type Queued struct {
	Place    Place
	FlowFile *flowfile.FlowFile
	// Taken is true while a session has it.
	Taken bool
}

// Peek returns up to n FlowFiles that a run has on a connection, in queue
// order, from the first one after the given place.
func (s *Store) Peek(flow string, version uint32, conn string, run flowfile.RunID, after Place, n int) ([]Queued, error) {
	page, err := s.Browse(Lane{flow, version, conn, run}, Look{After: after, Limit: n, Scan: n})
	return page.Items, err
}
