package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

// ParkedEdit changes attributes of a parked FlowFile.
type ParkedEdit struct {
	Set    map[string]string
	Remove []string
	// By is who edits, for the run's history.
	By string
}

// ParkedAttributesMost bounds the names and values of all attributes that a parked
// FlowFile has after an edit which makes them more, in bytes.
const ParkedAttributesMost = 64 << 10

// statusParked is what the history calls a FlowFile that waits for a person.
const statusParked = "PARKED"

// ParkedOne returns one parked FlowFile of a run, or the fault parked_gone.
func (s *Store) ParkedOne(flow string, run flowfile.RunID, id flowfile.ID) (*ParkedFile, error) {
	var out *ParkedFile
	err := s.view(func(tx *bolt.Tx) (err error) {
		out, err = readParked(tx, flow, run, id)
		return err
	})
	return out, err
}

func readParked(tx *bolt.Tx, flow string, run flowfile.RunID, id flowfile.ID) (*ParkedFile, error) {
	key := parkedKey(flow, run, id)
	b, err := get(tx, bucketParked, key)
	if err != nil {
		return nil, err
	}
	if b == nil {
		return nil, parkedUnknown(run, id)
	}
	p, err := decodeParked(b, run)
	if err != nil {
		return nil, damagedAt(bucketParked, key, err.Error())
	}
	return &p, nil
}

// EditParked changes attributes of a parked FlowFile, durably, and notes in the
// run's history and in the FlowFile's events that it did. It returns the FlowFile
// as it lies there now. Content, rows and counters stay as they are.
func (s *Store) EditParked(ctx context.Context, flow string, run flowfile.RunID, id flowfile.ID, e ParkedEdit) (*ParkedFile, error) {
	var out *ParkedFile
	err := s.update(ctx, func(g *group) error {
		r, err := g.Run(flow, run)
		if err != nil {
			return err
		}
		if r.State != runs.Running && r.State != runs.Failed {
			return fault.New("run_state", "run", r.ID, "state", r.State).Permanent()
		}
		p, err := readParked(g.tx, flow, run, id)
		if err != nil {
			return err
		}
		before := attributesSize(p.FlowFile)
		names := p.edit(e)
		if size := attributesSize(p.FlowFile); size > ParkedAttributesMost && size > before {
			return fault.New("parked_attributes_large", "bytes", size, "limit", ParkedAttributesMost).Permanent()
		}
		out = p
		if len(names) == 0 {
			return nil
		}
		f := p.FlowFile
		if err := g.event(flowfile.Event{Type: flowfile.EventAttributes, ID: f.ID, Class: flowfile.NoClass,
			Rows: f.Rows, Size: f.Content.Size, Time: g.now}); err != nil {
			return err
		}
		if err := put(g.tx, bucketParked, parkedKey(flow, run, id), appendParked(nil, p)); err != nil {
			return err
		}
		note := fault.New("parked_edited", "id", id, "connection", p.Conn, "names", fmt.Sprint(names))
		b, err := json.Marshal(runs.Change{Node: p.Conn, From: statusParked, To: statusParked, Code: note.Code,
			Why: note.Error(), Note: note.Words(), At: g.now, By: e.By})
		if err != nil {
			return fmt.Errorf("encode change of run %d: %w", run, err)
		}
		return put(g.tx, bucketHistory, g.historyKey(run, 0), b)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func attributesSize(f *flowfile.FlowFile) (size int) {
	for name, value := range f.Attrs.Map() {
		size += len(name) + len(value)
	}
	return size
}

// edit changes the attributes and returns the names of those that differ now.
func (p *ParkedFile) edit(e ParkedEdit) []string {
	var names []string
	a := p.FlowFile.Attrs
	for _, n := range e.Remove {
		if _, ok := a.Get(n); ok {
			a, names = a.Without(n), append(names, n)
		}
	}
	for n, v := range e.Set {
		if have, ok := a.Get(n); !ok || have != v {
			a, names = a.With(n, v), append(names, n)
		}
	}
	p.FlowFile.Attrs = a
	slices.Sort(names)
	return slices.Compact(names)
}
