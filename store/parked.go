package store

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

// parkedVersion begins every encoded parked FlowFile; one without a note has
// parkedPlain, which older programs wrote as well.
const (
	parkedPlain   = 1
	parkedVersion = 2
)

// ParkedFile is a FlowFile that has used up its tries and waits for a person.
type ParkedFile struct {
	// Conn is the connection that it goes back to.
	Conn string
	At   time.Time
	// Code and Cause tell the last failure, Note the same for other languages
	// than English.
	Code, Cause string
	Note        *fault.Note
	FlowFile    *flowfile.FlowFile
}

func appendParked(b []byte, p *ParkedFile) []byte {
	var note []byte
	version := byte(parkedPlain)
	if p.Note != nil {
		// Texts alone, which always encode.
		note, _ = json.Marshal(p.Note)
		version = parkedVersion
	}
	b = append(b, version)
	b = appendString(b, p.Conn)
	b = appendTime(b, p.At)
	b = appendString(b, p.Code)
	b = appendString(b, p.Cause)
	if p.Note != nil {
		b = appendString(b, string(note))
	}
	return appendEntry(b, p.FlowFile)
}

func decodeParked(b []byte, run flowfile.RunID) (ParkedFile, error) {
	c := &cursor{b: b}
	version := c.byte()
	if version != parkedPlain && version != parkedVersion {
		return ParkedFile{}, errEntry
	}
	p := ParkedFile{Conn: string(c.bytes()), At: c.time(), Code: string(c.bytes()), Cause: string(c.bytes())}
	var note []byte
	if version == parkedVersion {
		note = c.bytes()
	}
	if c.err != nil {
		return ParkedFile{}, c.err
	}
	if version == parkedVersion && json.Unmarshal(note, &p.Note) != nil {
		return ParkedFile{}, errEntry
	}
	var err error
	p.FlowFile, err = decodeEntry(c.b, run)
	return p, err
}

// park moves an item from its queue to the parked FlowFiles of its run.
func (g *group) park(r *request, x flowfile.Park) error {
	d := r.d
	at, err := g.entry(d, x.Item)
	if err != nil {
		return err
	}
	f, err := decodeEntry(at.value, d.Run)
	if err != nil {
		return at.damaged(err.Error())
	}
	p := &ParkedFile{Conn: x.Item.Conn, At: g.now, Code: x.Code, Cause: x.Cause, Note: x.Note, FlowFile: f}
	if err := at.c.Delete(); err != nil {
		return err
	}
	if err := g.event(flowfile.Event{Type: flowfile.EventPark, ID: f.ID, Node: d.Node, Class: flowfile.Parked,
		Why: x.Cause, Rows: f.Rows, Size: f.Content.Size, Time: g.now}); err != nil {
		return err
	}
	return put(g.tx, bucketParked, parkedKey(d.Flow, d.Run, f.ID), appendParked(nil, p))
}

// chosen returns the keys and values of parked FlowFiles: all of the run, or
// those named.
func (g *group) chosen(flow string, run flowfile.RunID, all bool, ids []flowfile.ID) (keys [][]byte, out []ParkedFile, err error) {
	b := g.tx.Bucket(bucketParked)
	add := func(k, v []byte) error {
		value, err := unseal(bucketParked, k, v)
		if err != nil {
			return err
		}
		p, err := decodeParked(value, run)
		if err != nil {
			return damagedAt(bucketParked, k, err.Error())
		}
		keys, out = append(keys, bytes.Clone(k)), append(out, p)
		return nil
	}
	if all {
		prefix := parkedPrefix(flow, run)
		c := b.Cursor()
		for k, v := c.Seek(prefix); k != nil && bytes.HasPrefix(k, prefix); k, v = c.Next() {
			if err := add(k, v); err != nil {
				return nil, nil, err
			}
		}
		return keys, out, nil
	}
	for _, id := range ids {
		k := parkedKey(flow, run, id)
		v := b.Get(k)
		if v == nil {
			return nil, nil, parkedUnknown(run, id)
		}
		if err := add(k, v); err != nil {
			return nil, nil, err
		}
	}
	return keys, out, nil
}

// discard deletes parked FlowFiles for good.
func (g *group) discard(r *request, run flowfile.RunID, e *runs.Effects) error {
	if !e.DiscardAll && len(e.Discard) == 0 {
		return nil
	}
	keys, files, err := g.chosen(r.d.Flow, run, e.DiscardAll, e.Discard)
	if err != nil {
		return err
	}
	for i, p := range files {
		f := p.FlowFile
		g.refer(f.Content.Segment, -1)
		if err := g.event(flowfile.Event{Type: flowfile.EventDrop, ID: f.ID, Class: flowfile.Rejected,
			Why: p.Cause, Rows: f.Rows, Size: f.Content.Size, Time: g.now}); err != nil {
			return err
		}
		if err := g.tx.Bucket(bucketParked).Delete(keys[i]); err != nil {
			return err
		}
	}
	return nil
}

// unpark puts parked FlowFiles at the end of their queues, as never tried.
func (g *group) unpark(r *request, version uint32, run flowfile.RunID, e *runs.Effects) error {
	if !e.UnparkAll && len(e.Unpark) == 0 {
		return nil
	}
	keys, files, err := g.chosen(r.d.Flow, run, e.UnparkAll, e.Unpark)
	if err != nil {
		return err
	}
	for i, p := range files {
		f := p.FlowFile
		f.Attempt, f.NotBefore = 0, time.Time{}
		k := queueKey{r.d.Flow, version, p.Conn, run}
		if err := g.tx.Bucket(bucketParked).Delete(keys[i]); err != nil {
			return err
		}
		g.refer(f.Content.Segment, -1) // put counts it again
		if err := g.put(k, f, appendEntry(nil, f)); err != nil {
			return err
		}
		r.unparked = append(r.unparked, unparked{k, entry{place{defaultPrio, g.count.seq}, f}})
		if err := g.event(flowfile.Event{Type: flowfile.EventRetry, ID: f.ID, Class: flowfile.NoClass,
			Rows: f.Rows, Size: f.Content.Size, Time: g.now}); err != nil {
			return err
		}
	}
	return nil
}

func parkedUnknown(run flowfile.RunID, id flowfile.ID) error {
	return fault.New("parked_gone", "id", id, "run", run).Permanent()
}

// Parked returns up to n parked FlowFiles of a run with ids above after.
func (s *Store) Parked(flow string, run flowfile.RunID, after flowfile.ID, n int) ([]ParkedFile, error) {
	var out []ParkedFile
	prefix := parkedPrefix(flow, run)
	err := s.view(func(tx *bolt.Tx) error {
		c := tx.Bucket(bucketParked).Cursor()
		from := binary.BigEndian.AppendUint64(bytes.Clone(prefix), uint64(after)+1)
		for k, v := c.Seek(from); k != nil && bytes.HasPrefix(k, prefix) && len(out) < n; k, v = c.Next() {
			value, err := unseal(bucketParked, k, v)
			if err != nil {
				return err
			}
			p, err := decodeParked(value, run)
			if err != nil {
				return damagedAt(bucketParked, k, err.Error())
			}
			out = append(out, p)
		}
		if len(out) == n || after != 0 || run == 0 {
			return nil
		}
		r, err := readRun(tx, run)
		if err == nil && r != nil && r.ParkedNow().N != int64(len(out)) {
			err = shortQueue(flow, "parked", run, int64(len(out)), r.ParkedNow().N)
		}
		return err
	})
	return out, err
}
