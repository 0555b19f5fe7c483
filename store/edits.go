package store

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/weirflow/weir/fault"
)

// The log of edits keeps the newest of each flow, up to these bounds.
const (
	maxEdits     = 500
	maxEditBytes = 1 << 20
	// maxAuthors bounds the authors that are noted between two versions.
	maxAuthors = 50
)

// Edit is what made one revision of a draft of the one before.
type Edit struct {
	Rev uint64 `json:"rev"`
	// Ops is what was done, as the flow's package writes it.
	Ops json.RawMessage `json:"ops"`
	// Client names the page or program, Who the person, Label what they did.
	Client string    `json:"client,omitempty"`
	Who    string    `json:"who,omitempty"`
	Label  string    `json:"label,omitempty"`
	At     time.Time `json:"at"`
}

func editKey(flow string, rev uint64) []byte { return flowKey(flow, key64(rev)...) }

func draftStale(r *FlowRecord, base uint64) error {
	return fault.New("draft_stale", "flow", r.Flow, "base", base, "rev", r.Rev).Permanent()
}

// PutDraft stores the document that is being edited, whatever was there; nil
// removes it. Who edited what was there finds no log and gets the document.
func (s *Store) PutDraft(ctx context.Context, flow string, doc []byte) error {
	return s.update(ctx, func(g *group) error {
		r, err := g.newFlow(flow)
		if err != nil {
			return err
		}
		r.Draft, r.Drafted = doc, g.now.UTC()
		r.Rev++
		if err := g.trimEdits(r, r.Rev+1); err != nil {
			return err
		}
		return writeFlow(g.tx, r)
	})
}

// EditDraft makes doc the draft of a flow, which must be of revision base, and
// notes the edit that did it. Its Rev and At are set here. A draft of another
// revision is draft_stale. Base zero makes the draft of a flow that has none.
func (s *Store) EditDraft(ctx context.Context, flow string, base uint64, doc []byte, e Edit) (Edit, error) {
	err := s.update(ctx, func(g *group) error {
		r, err := g.newFlow(flow)
		if err != nil {
			return err
		}
		if r.Rev != base && (base != 0 || len(r.Draft) > 0) {
			return draftStale(r, base)
		}
		r.Rev++
		r.Draft, r.Drafted = doc, g.now.UTC()
		e.Rev, e.At = r.Rev, r.Drafted
		if e.Who != "" && !slices.Contains(r.Authors, e.Who) && len(r.Authors) < maxAuthors {
			r.Authors = append(r.Authors, e.Who)
		}
		if err := g.logEdit(r, e); err != nil {
			return err
		}
		return writeFlow(g.tx, r)
	})
	return e, err
}

// logEdit appends an edit and drops the oldest that exceed the bounds.
func (g *group) logEdit(r *FlowRecord, e Edit) error {
	b, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encode edit %d of %s: %w", e.Rev, r.Flow, err)
	}
	if r.LogFrom == 0 || r.LogFrom > e.Rev {
		r.LogFrom = e.Rev
	}
	if err := put(g.tx, bucketEdits, editKey(r.Flow, e.Rev), b); err != nil {
		return err
	}
	r.LogBytes += int64(len(b))
	for r.LogFrom <= e.Rev && (e.Rev-r.LogFrom >= maxEdits || r.LogBytes > maxEditBytes) {
		if err := g.dropEdit(r); err != nil {
			return err
		}
	}
	return nil
}

// dropEdit removes the oldest edit that is kept.
func (g *group) dropEdit(r *FlowRecord) error {
	key := editKey(r.Flow, r.LogFrom)
	old, err := get(g.tx, bucketEdits, key)
	if err != nil {
		return err
	}
	if old == nil {
		return damagedAt(bucketEdits, key, "the edit is missing")
	}
	r.LogBytes -= int64(len(old))
	r.LogFrom++
	return g.tx.Bucket(bucketEdits).Delete(key)
}

// trimEdits removes all edits and says where the next log begins.
func (g *group) trimEdits(r *FlowRecord, from uint64) error {
	for r.LogFrom != 0 && r.LogBytes > 0 {
		if err := g.dropEdit(r); err != nil {
			return err
		}
	}
	r.LogFrom, r.LogBytes = from, 0
	return nil
}

// Edits returns the edits of a flow's draft behind a revision, the oldest first.
// It reports false when the log does not reach that far back, or never had it.
func (s *Store) Edits(flow string, after uint64) (edits []Edit, whole bool, err error) {
	err = s.view(func(tx *bolt.Tx) error {
		edits = nil
		r, err := readFlow(tx, flow)
		switch {
		case err != nil:
			return err
		case r == nil || !r.Deleted.IsZero():
			return flowUnknown(flow)
		case after > r.Rev || after < r.Rev && (r.LogFrom == 0 || after+1 < r.LogFrom):
			return nil
		}
		whole = true
		for rev := after + 1; rev <= r.Rev; rev++ {
			key := editKey(flow, rev)
			b, err := get(tx, bucketEdits, key)
			if err != nil {
				return err
			}
			if b == nil {
				return damagedAt(bucketEdits, key, "the edit is missing")
			}
			var e Edit
			if err := json.Unmarshal(b, &e); err != nil {
				return damagedAt(bucketEdits, key, err.Error())
			}
			edits = append(edits, e)
		}
		return nil
	})
	return edits, whole, err
}

// checkEdits compares the log of edits with what the records of the flows say.
func (r *CheckReport) checkEdits(tx *bolt.Tx) error {
	type log struct {
		n     uint64
		bytes int64
	}
	found := map[string]log{}
	if err := eachValue(tx, bucketEdits, func(k, v []byte) error {
		if len(k) < 9 {
			r.problem(damagedAt(bucketEdits, k, "the key is too short"))
			return nil
		}
		flow, rev := string(k[:len(k)-9]), binary.BigEndian.Uint64(k[len(k)-8:])
		rec, err := readFlow(tx, flow)
		if err != nil {
			return err
		}
		if rec == nil || rev < rec.LogFrom || rev > rec.Rev {
			r.problem(damagedAt(bucketEdits, k, "the flow knows of no such edit"))
			return nil
		}
		l := found[flow]
		found[flow] = log{l.n + 1, l.bytes + int64(len(v))}
		return nil
	}); err != nil {
		return err
	}
	return eachValue(tx, bucketFlows, func(k, _ []byte) error {
		rec, err := readFlow(tx, string(k))
		if err != nil {
			return err
		}
		want := log{bytes: rec.LogBytes}
		if rec.LogFrom != 0 && rec.LogFrom <= rec.Rev {
			want.n = rec.Rev - rec.LogFrom + 1
		}
		if found[string(k)] != want {
			r.problem(damagedAt(bucketEdits, k, "edits are missing"))
		}
		return nil
	})
}
