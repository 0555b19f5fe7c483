package store

import (
	"encoding/json"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

var _ runs.Tx = (*group)(nil)

// Run returns the group's working copy of a run's state, or of the counters of
// a flow's continuous data. It is part of runs.Tx.
func (g *group) Run(flow string, n flowfile.RunID) (*runs.Run, error) {
	if n == 0 {
		if r := g.streams[flow]; r != nil {
			return r, nil
		}
		r := g.s.streams[flow] // only the committer changes the map
		if r == nil {
			r = &runs.Run{Flow: flow}
		} else {
			r = r.Clone()
		}
		g.streams[flow] = r
		return r, nil
	}
	if r := g.runs[n]; r != nil {
		return r, checkFlow(r, flow, n)
	}
	r := g.s.runs[n]
	if r != nil {
		r = r.Clone()
	} else {
		var err error
		if r, err = readRun(g.tx, n); err != nil {
			return nil, err
		}
	}
	if err := checkFlow(r, flow, n); err != nil {
		return nil, err
	}
	g.runs[n] = r
	return r, nil
}

func checkFlow(r *runs.Run, flow string, n flowfile.RunID) error {
	if r == nil || r.Flow != flow {
		return runUnknown(flow, n)
	}
	return nil
}

func runUnknown(flow string, run any) error {
	return fault.New("run_unknown", "flow", flow, "run", run).Permanent()
}

// PutRun marks a run as changed and indexes a new one. It is part of runs.Tx.
func (g *group) PutRun(r *runs.Run) error {
	if r.Number == 0 {
		g.streams[r.Flow] = r
		g.dirty[r] = true
		return nil
	}
	if old := g.runs[r.Number]; old != nil && old != r {
		delete(g.dirty, old)
	}
	isNew := g.runs[r.Number] == nil && g.s.runs[r.Number] == nil && g.tx.Bucket(bucketRuns).Get(key64(uint64(r.Number))) == nil
	g.runs[r.Number] = r
	g.dirty[r] = true
	if !isNew {
		return nil
	}
	number := key64(uint64(r.Number))
	if err := put(g.tx, bucketRunIDs, []byte(r.ID), number); err != nil {
		return err
	}
	return put(g.tx, bucketFlowRuns, flowKey(r.Flow, number...), []byte(r.ID))
}

// Graph returns the compiled graph of a flow version. It is part of runs.Tx.
func (g *group) Graph(flow string, version uint32) (*runs.Graph, error) {
	return g.s.graph(g.tx, flow, version)
}

// Slot returns what is known of a slot. It is part of runs.Tx.
func (g *group) Slot(flow, key string) (runs.SlotRuns, error) {
	return readSlot(g.tx, flow, key)
}

// PutSlot stores what is known of a slot. It is part of runs.Tx.
func (g *group) PutSlot(flow, key string, s runs.SlotRuns) error {
	b, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("encode slot %s: %w", key, err)
	}
	return put(g.tx, bucketSlots, flowKey(flow, []byte(key)...), b)
}

// Parked returns where a parked FlowFile lies and what it counts for. It is
// part of runs.Tx.
func (g *group) Parked(flow string, n flowfile.RunID, id flowfile.ID) (string, flowfile.Tally, error) {
	_, files, err := g.chosen(flow, n, false, []flowfile.ID{id})
	if err != nil {
		return "", flowfile.Tally{}, err
	}
	var t flowfile.Tally
	t.Add(files[0].FlowFile.Rows, files[0].FlowFile.Content.Size)
	return files[0].Conn, t, nil
}

// NewRun returns the next run number. It is part of runs.Tx.
func (g *group) NewRun() (flowfile.RunID, error) {
	g.count.run++
	return flowfile.RunID(g.count.run), nil
}

// readRun returns a run's state, nil when there is none.
func readRun(tx *bolt.Tx, n flowfile.RunID) (*runs.Run, error) {
	key := key64(uint64(n))
	b, err := get(tx, bucketRuns, key)
	if b == nil || err != nil {
		return nil, err
	}
	r := &runs.Run{}
	if err := json.Unmarshal(b, r); err != nil {
		return nil, damagedAt(bucketRuns, key, err.Error())
	}
	return r, nil
}

func readSlot(tx *bolt.Tx, flow, key string) (s runs.SlotRuns, err error) {
	k := flowKey(flow, []byte(key)...)
	b, err := get(tx, bucketSlots, k)
	if b == nil || err != nil {
		return s, err
	}
	if err := json.Unmarshal(b, &s); err != nil {
		return s, damagedAt(bucketSlots, k, err.Error())
	}
	return s, nil
}

// graph returns the compiled graph of a version, from memory if it can.
func (s *Store) graph(tx *bolt.Tx, flow string, version uint32) (*runs.Graph, error) {
	if version == 0 {
		row, err := readFlow(tx, flow)
		if err != nil {
			return nil, err
		}
		if row == nil || row.Newest == 0 {
			return nil, fault.New("flow_unpublished", "flow", flow).Permanent()
		}
		version = row.Newest
	}
	k := graphKey{flow, version}
	s.graphMu.Lock()
	defer s.graphMu.Unlock()
	if g := s.graphs[k]; g != nil {
		return g, nil
	}
	v, err := readVersion(tx, flow, version)
	if err != nil {
		return nil, err
	}
	g, err := v.Plan.Compile()
	if err != nil {
		return nil, fmt.Errorf("compile version %d of %s: %w", version, flow, err)
	}
	s.graphs[k] = g
	return g, nil
}
