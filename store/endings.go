package store

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

// Ending is the end of a run that nobody has been told of yet. It is written in
// the commit that ended the run, so that no crash can swallow it.
type Ending struct {
	Flow  string         `json:"flow"`
	Run   flowfile.RunID `json:"run,string"`
	State runs.State     `json:"state"`
	At    time.Time      `json:"at"`

	key []byte
}

// ending notes that a run has ended.
func (g *group) ending(flow string, run flowfile.RunID, c runs.Change) error {
	if c.Node != "" || run == 0 || !runs.State(c.To).Terminal() {
		return nil
	}
	b, err := json.Marshal(Ending{Flow: flow, Run: run, State: runs.State(c.To), At: c.At})
	if err != nil {
		return fmt.Errorf("encode the end of run %d: %w", run, err)
	}
	g.ended = true
	return put(g.tx, bucketEndings, append(key64(g.count.commit), key64(uint64(run))...), b)
}

// Endings returns the oldest ends of runs that are not settled, up to limit, of
// those behind the given one; the zero Ending is before all.
func (s *Store) Endings(after Ending, limit int) ([]Ending, error) {
	var out []Ending
	err := s.view(func(tx *bolt.Tx) error {
		b := tx.Bucket(bucketEndings)
		if b == nil {
			return damagedAt(bucketEndings, nil, "the bucket is missing")
		}
		c := b.Cursor()
		k, stored := c.Seek(after.key)
		if k != nil && bytes.Equal(k, after.key) {
			k, stored = c.Next()
		}
		for ; k != nil && len(out) < limit; k, stored = c.Next() {
			v, err := unseal(bucketEndings, k, stored)
			if err != nil {
				return err
			}
			e := Ending{key: append([]byte(nil), k...)}
			if err := json.Unmarshal(v, &e); err != nil {
				return damagedAt(bucketEndings, k, err.Error())
			}
			out = append(out, e)
		}
		return nil
	})
	return out, err
}

// SettleEndings forgets ends of runs: whoever was to be told has been.
func (s *Store) SettleEndings(ctx context.Context, told []Ending) error {
	return s.update(ctx, func(g *group) error {
		for _, e := range told {
			if err := g.tx.Bucket(bucketEndings).Delete(e.key); err != nil {
				return err
			}
		}
		return nil
	})
}
