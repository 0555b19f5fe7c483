package store

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	bolt "go.etcd.io/bbolt"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

func be64(b []byte) uint64 { return binary.BigEndian.Uint64(b) }

func decodeStream(k, v []byte) (*runs.Run, error) {
	r := &runs.Run{}
	if err := json.Unmarshal(v, r); err != nil {
		return nil, damagedAt(bucketStream, k, err.Error())
	}
	return r, nil
}

// tallies is what was counted in the queues themselves.
type tallies struct {
	queued, parked map[owner]map[string]flowfile.Tally
	versions       map[owner]map[uint32]bool
	refs           map[uint64]int64
	entries        int64
	// claims are the contents in segments, kept only when it is not nil.
	claims []flowfile.Claim
}

func newTallies() *tallies {
	return &tallies{queued: map[owner]map[string]flowfile.Tally{}, parked: map[owner]map[string]flowfile.Tally{},
		versions: map[owner]map[uint32]bool{}, refs: map[uint64]int64{}}
}

// owner is a run, or the continuous data of a flow.
type owner struct {
	flow string
	run  flowfile.RunID
}

func (t *tallies) sum(to map[owner]map[string]flowfile.Tally, o owner, conn string, n flowfile.Tally) {
	m := to[o]
	if m == nil {
		m = map[string]flowfile.Tally{}
		to[o] = m
	}
	n.Plus(m[conn])
	m[conn] = n
}

// refer counts an entry and what it refers to.
func (t *tallies) refer(h entryHead) {
	t.entries++
	if h.segment == 0 {
		return
	}
	t.refs[h.segment]++
	if t.claims != nil {
		t.claims = append(t.claims, flowfile.Claim{Segment: h.segment, Offset: h.offset, Size: h.size})
	}
}

// countAll reads every queue entry and every parked FlowFile. A damaged value
// is handed to bad, which says whether to go on.
func countAll(ctx context.Context, tx *bolt.Tx, t *tallies, bad func(error) error) error {
	top := tx.Bucket(bucketQueues)
	if top == nil {
		return damagedAt(bucketQueues, nil, "the bucket is missing")
	}
	err := top.ForEachBucket(func(name []byte) error {
		flow, version, conn, ok := splitConnKey(name)
		if !ok {
			return bad(damagedAt(bucketQueues, name, "the name of the queue is not valid"))
		}
		o := owner{flow: flow}
		var n flowfile.Tally
		flush := func() {
			if n.N > 0 {
				t.sum(t.queued, o, conn, n)
				if t.versions[o] == nil {
					t.versions[o] = map[uint32]bool{}
				}
				t.versions[o][version] = true
			}
			n = flowfile.Tally{}
		}
		c, sum := top.Bucket(name).Cursor(), entrySum(name)
		for k, stored := c.First(); k != nil; k, stored = c.Next() {
			if t.entries%4096 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			h, run, err := checkEntry(name, sum, k, stored)
			if err != nil {
				if err := bad(err); err != nil {
					return err
				}
				continue
			}
			if run != o.run {
				flush()
				o.run = run
			}
			n.Add(h.rows, h.size)
			t.refer(h)
		}
		flush()
		return nil
	})
	if err != nil {
		return err
	}
	c := tx.Bucket(bucketParked).Cursor()
	for k, stored := c.First(); k != nil; k, stored = c.Next() {
		v, err := unseal(bucketParked, k, stored)
		var p ParkedFile
		var o owner
		if err == nil {
			i := strings.IndexByte(string(k), 0)
			if i < 0 || len(k) != i+17 {
				err = damagedAt(bucketParked, k, "the key is not valid")
			} else {
				o = owner{string(k[:i]), flowfile.RunID(be64(k[i+1:]))}
				if p, err = decodeParked(v, o.run); err != nil {
					err = damagedAt(bucketParked, k, err.Error())
				}
			}
		}
		if err != nil {
			if err := bad(err); err != nil {
				return err
			}
			continue
		}
		f := p.FlowFile
		var n flowfile.Tally
		n.Add(f.Rows, f.Content.Size)
		t.sum(t.parked, o, p.Conn, n)
		t.refer(entryHead{segment: f.Content.Segment, offset: f.Content.Offset, size: f.Content.Size})
	}
	return nil
}

// checkEntry reads the head of an entry; sum is the entrySum of its queue.
func checkEntry(name []byte, sum uint32, k, stored []byte) (h entryHead, run flowfile.RunID, err error) {
	run, _, ok := splitEntryKey(k)
	if !ok {
		return h, 0, damagedAt(name, k, "the key has a wrong length")
	}
	v, what := unsealEntry(sum, k, stored)
	if what != "" {
		return h, 0, damagedAt(name, k, what)
	}
	if h, err = readHead(v); err != nil {
		err = damagedAt(name, k, err.Error())
	}
	return h, run, err
}

// recount reads everything in weir.db and compares the counters with what lies
// in the queues. After a stop that was not clean the queues are the truth:
// counters and references that differ are repaired and the run is told. After a
// clean one a difference is damage.
func (s *Store) recount(ctx context.Context, clean bool) error {
	t := newTallies()
	err := s.view(func(tx *bolt.Tx) error {
		for _, name := range topBuckets {
			if string(name) == string(bucketQueues) {
				continue
			}
			if err := eachValue(tx, name, func(_, _ []byte) error { return nil }); err != nil {
				return err
			}
		}
		return countAll(ctx, tx, t, func(err error) error { return err })
	})
	if err != nil {
		return err
	}
	owners := map[owner]bool{}
	for o := range t.queued {
		owners[o] = true
	}
	for o := range t.parked {
		owners[o] = true
	}
	for n, r := range s.runs {
		owners[owner{r.Flow, n}] = true
	}
	for f := range s.streams {
		owners[owner{f, 0}] = true
	}
	var repaired []*runs.Run
	for o := range owners {
		r, err := s.Run(o.flow, o.run)
		if err != nil {
			return err
		}
		wrong := r.Recount(t.queued[o], t.parked[o])
		if len(wrong) == 0 {
			continue
		}
		if clean {
			return damagedAt(bucketQueues, connKey(o.flow, r.QueueVersion, wrong[0]), "it does not hold what its counter says")
		}
		s.log.Warn("counters repaired", "flow", o.flow, "run", o.run, "connections", wrong)
		note := fault.New("queue_recounted", "connections", strings.Join(wrong, ", ")).Words()
		r.Warnings = append(r.Warnings, note)
		repaired = append(repaired, r)
	}
	if len(repaired) == 0 && maps.Equal(t.refs, s.refs) {
		return nil
	}
	if clean {
		return damagedAt(bucketRefs, nil, "the references are not those that are counted")
	}
	err = guard("recount", func() error {
		return s.db.Update(func(tx *bolt.Tx) error { return s.repair(tx, repaired, t.refs) })
	})
	if err != nil {
		return fmt.Errorf("repair counters: %w", err)
	}
	for _, r := range repaired {
		if r.Number == 0 {
			s.streams[r.Flow] = r
		} else if s.runs[r.Number] != nil {
			s.runs[r.Number] = r
		}
	}
	s.refs = t.refs
	return nil
}

func (s *Store) repair(tx *bolt.Tx, repaired []*runs.Run, refs map[uint64]int64) error {
	g := &group{s: s, tx: tx}
	for _, r := range repaired {
		if err := g.writeRun(r); err != nil {
			return err
		}
	}
	if maps.Equal(refs, s.refs) {
		return nil
	}
	s.log.Warn("content references repaired", "counted", len(refs), "stored", len(s.refs))
	if err := tx.DeleteBucket(bucketRefs); err != nil {
		return err
	}
	if _, err := tx.CreateBucket(bucketRefs); err != nil {
		return err
	}
	for seg, n := range refs {
		if err := put(tx, bucketRefs, key64(seg), key64(uint64(n))); err != nil {
			return err
		}
	}
	return nil
}

// recover takes up the runs that a crash has left: sessions are gone, so their
// activities become ready again and the run's epoch rises. After a clean stop
// only runs with an activity that still counts as running need it.
func (s *Store) recover(ctx context.Context, clean bool) error {
	for _, r := range s.UnfinishedRuns() {
		need := !clean && r.State == runs.Running
		for _, a := range r.Acts {
			need = need || (r.State == runs.Running && a.State == runs.ActRunning)
		}
		if !need {
			continue
		}
		d := &flowfile.Delivery{Flow: r.Flow, Version: r.QueueVersion, Run: r.Number,
			Order: &flowfile.Order{Kind: flowfile.OrderRecover, At: s.now(), By: "store"}}
		if _, err := s.Commit(ctx, d); err != nil {
			return fmt.Errorf("recover run %s: %w", r.ID, err)
		}
	}
	return nil
}
