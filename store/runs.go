package store

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"maps"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

// Run returns a copy of a run's state; for run zero that of the flow's
// continuous data, which exists always. An unknown run is run_unknown.
func (s *Store) Run(flow string, n flowfile.RunID) (*runs.Run, error) {
	s.mu.RLock()
	var r *runs.Run
	if n == 0 {
		if r = s.streams[flow]; r == nil {
			r = &runs.Run{Flow: flow}
		}
	} else {
		r = s.runs[n]
	}
	last := s.published.run
	s.mu.RUnlock()
	if r != nil {
		if n != 0 && r.Flow != flow {
			return nil, runUnknown(flow, n)
		}
		return r.Clone(), nil
	}
	if uint64(n) > last {
		return nil, runUnknown(flow, n)
	}
	err := s.view(func(tx *bolt.Tx) (err error) {
		r, err = readRun(tx, n)
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case r == nil: // numbers are dense and runs are never deleted
		return nil, damagedAt(bucketRuns, key64(uint64(n)), "the run is missing")
	case r.Flow != flow:
		return nil, runUnknown(flow, n)
	}
	return r, nil
}

// RunByID returns a copy of the run with the given ULID.
func (s *Store) RunByID(id string) (*runs.Run, error) {
	var r *runs.Run
	err := s.view(func(tx *bolt.Tx) error {
		b, err := get(tx, bucketRunIDs, []byte(id))
		if err != nil {
			return err
		}
		if len(b) != 8 {
			return fault.New("run_id_unknown", "run", id).Permanent()
		}
		n := flowfile.RunID(binary.BigEndian.Uint64(b))
		if r, err = readRun(tx, n); err == nil && r == nil {
			err = damagedAt(bucketRuns, b, "the run is missing")
		}
		return err
	})
	return r, err
}

// Runs returns up to limit runs of a flow with numbers below before, newest
// first; a before of zero begins with the newest.
func (s *Store) Runs(flow string, limit int, before flowfile.RunID) ([]*runs.Run, error) {
	var out []*runs.Run
	prefix := flowKey(flow)
	if before == 0 {
		before--
	}
	err := s.view(func(tx *bolt.Tx) error {
		c := tx.Bucket(bucketFlowRuns).Cursor()
		// The entries beside those of the flow are looked at too: a key that was
		// damaged stands there, and would be missing without a word.
		k, v := c.Seek(flowKey(flow, key64(uint64(before))...))
		if k == nil {
			k, v = c.Last()
		} else if _, err := unseal(bucketFlowRuns, k, v); err != nil {
			return err
		} else {
			k, v = c.Prev()
		}
		for ; k != nil && len(out) < limit; k, v = c.Prev() {
			if _, err := unseal(bucketFlowRuns, k, v); err != nil {
				return err
			}
			if !bytes.HasPrefix(k, prefix) || len(k) != len(prefix)+8 {
				break
			}
			n := flowfile.RunID(binary.BigEndian.Uint64(k[len(prefix):]))
			r, err := readRun(tx, n)
			if err != nil {
				return err
			}
			if r == nil {
				return damagedAt(bucketRuns, k, "the run is missing")
			}
			out = append(out, r)
		}
		return nil
	})
	return out, err
}

// Holding returns the runs of a flow, ended ones among them, that have FlowFiles on
// a connection or parked, oldest first; zero stands for continuous data. It skips
// from run to run and reads no FlowFile.
func (s *Store) Holding(flow string) ([]flowfile.RunID, error) {
	seen := map[flowfile.RunID]bool{}
	prefix := flowKey(flow)
	err := s.view(func(tx *bolt.Tx) error {
		top := tx.Bucket(bucketQueues)
		names := top.Cursor()
		for name, _ := names.Seek(prefix); bytes.HasPrefix(name, prefix); name, _ = names.Next() {
			c := top.Bucket(name).Cursor()
			for k, _ := c.First(); k != nil; {
				run, _, ok := splitEntryKey(k)
				if !ok {
					return damagedAt(name, k, "the key has a wrong length")
				}
				seen[run] = true
				k, _ = c.Seek(key64(uint64(run) + 1))
			}
		}
		c := tx.Bucket(bucketParked).Cursor()
		for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); {
			if len(k) != len(prefix)+16 {
				return damagedAt(bucketParked, k, "the key is not valid")
			}
			run := flowfile.RunID(be64(k[len(prefix):]))
			seen[run] = true
			k, _ = c.Seek(parkedPrefix(flow, run+1))
		}
		return nil
	})
	return slices.Sorted(maps.Keys(seen)), err
}

// UnfinishedRuns returns copies of all runs that have not ended, oldest first.
func (s *Store) UnfinishedRuns() []*runs.Run {
	s.mu.RLock()
	all := slices.Collect(maps.Values(s.runs))
	s.mu.RUnlock()
	slices.SortFunc(all, func(a, b *runs.Run) int { return int(int64(a.Number - b.Number)) })
	for i, r := range all {
		all[i] = r.Clone()
	}
	return all
}

// Slot returns what a slot remembers of its runs, the zero value when nothing.
func (s *Store) Slot(flow, key string) (slot runs.SlotRuns, err error) {
	err = s.view(func(tx *bolt.Tx) (err error) {
		slot, err = readSlot(tx, flow, key)
		return err
	})
	return slot, err
}

// Depth returns what a run has queued on a connection, from memory.
func (s *Store) Depth(flow string, run flowfile.RunID, conn string) flowfile.Tally {
	s.mu.RLock()
	defer s.mu.RUnlock()
	r := s.runs[run]
	if run == 0 {
		r = s.streams[flow]
	}
	if r == nil || r.Flow != flow || r.Queues[conn] == nil {
		return flowfile.Tally{}
	}
	return r.Queues[conn].Queued
}

// Depths returns what a run has queued on each of its connections, from memory.
func (s *Store) Depths(flow string, run flowfile.RunID) map[string]flowfile.Tally {
	s.mu.RLock()
	defer s.mu.RUnlock()
	r := s.runs[run]
	if run == 0 {
		r = s.streams[flow]
	}
	out := map[string]flowfile.Tally{}
	if r != nil && r.Flow == flow {
		for conn, q := range r.Queues {
			out[conn] = q.Queued
		}
	}
	return out
}

// Count is what lies on a connection.
type Count struct {
	runs.Queue
	// Oldest is when the FlowFile at the head entered the flow; zero when the
	// queue is empty.
	Oldest time.Time `json:"oldest,omitzero"`
	// Taken is how many are in sessions' hands.
	Taken int `json:"taken,omitempty"`
}

// Counts returns what a run has on each connection, totals included.
func (s *Store) Counts(flow string, run flowfile.RunID) (map[string]Count, error) {
	r, err := s.Run(flow, run)
	if err != nil {
		return nil, err
	}
	out := make(map[string]Count, len(r.Queues))
	for conn, q := range r.Queues {
		c := Count{Queue: *q}
		if q.Queued.N > 0 {
			head, err := s.Peek(flow, r.QueueVersion, conn, run, Place{}, 1)
			if err != nil {
				return nil, err
			}
			if len(head) == 1 {
				c.Oldest = head[0].FlowFile.Entered
			}
			s.mu.RLock()
			mem := s.queues[queueKey{flow, r.QueueVersion, conn, run}]
			s.mu.RUnlock()
			if mem != nil {
				mem.mu.Lock()
				c.Taken = len(mem.out)
				mem.mu.Unlock()
			}
		}
		out[conn] = c
	}
	return out, nil
}

// History returns the transitions of a run and its activities, oldest first;
// for run zero there are none.
func (s *Store) History(run flowfile.RunID) ([]runs.Change, error) {
	var out []runs.Change
	prefix := key64(uint64(run))
	err := s.view(func(tx *bolt.Tx) error {
		c := tx.Bucket(bucketHistory).Cursor()
		for k, v := c.Seek(prefix); bytes.HasPrefix(k, prefix) && k != nil; k, v = c.Next() {
			value, err := unseal(bucketHistory, k, v)
			if err != nil {
				return err
			}
			var change runs.Change
			if err := json.Unmarshal(value, &change); err != nil {
				return damagedAt(bucketHistory, k, err.Error())
			}
			out = append(out, change)
		}
		return nil
	})
	return out, err
}

// NodeState returns the published state of a node, nil when there is none.
func (s *Store) NodeState(flow, node string) (state []byte, err error) {
	err = s.view(func(tx *bolt.Tx) (err error) {
		state, err = get(tx, bucketStates, flowKey(flow, []byte(node)...))
		return err
	})
	return state, err
}
