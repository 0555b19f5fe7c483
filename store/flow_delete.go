package store

import (
	"bytes"
	"context"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

// DeleteFlow takes a flow away: its draft and edits, its schedule and the states
// of its nodes. Its versions stay, since its runs refer to them, and so do the
// numbers. A flow that has unfinished runs or data of its own on a connection is
// refused with flow_holds_data.
func (s *Store) DeleteFlow(ctx context.Context, flow string) error {
	return s.update(ctx, func(g *group) error {
		r, err := readFlow(g.tx, flow)
		if err != nil {
			return err
		}
		if r == nil || !r.Deleted.IsZero() {
			return flowUnknown(flow)
		}
		if err := g.idle(flow); err != nil {
			return err
		}
		if err := g.trimEdits(r, r.Rev+2); err != nil {
			return err
		}
		r.Draft, r.Newest, r.Authors, r.Deleted = nil, 0, nil, g.now.UTC()
		r.Rev++ // who still has the draft open is stale
		if err := g.tx.Bucket(bucketPlans).Delete([]byte(flow)); err != nil {
			return err
		}
		prefix := flowKey(flow)
		c := g.tx.Bucket(bucketStates).Cursor()
		for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Seek(prefix) {
			if err := c.Delete(); err != nil {
				return err
			}
		}
		return writeFlow(g.tx, r)
	})
}

// idle refuses a flow that has work to do.
func (g *group) idle(flow string) error {
	stream, err := g.Run(flow, 0)
	if err != nil {
		return err
	}
	var queued, parked int64
	for _, q := range stream.Queues {
		queued, parked = queued+q.Queued.N, parked+q.Parked.N
	}
	active := map[flowfile.RunID]*runs.Run{}
	for _, all := range []map[flowfile.RunID]*runs.Run{g.s.runs, g.runs} {
		for n, r := range all {
			if r.Flow == flow {
				active[n] = r
			}
		}
	}
	going := 0
	for _, r := range active {
		if !r.State.Terminal() {
			going++
		}
	}
	if going > 0 || queued > 0 || parked > 0 {
		return fault.New("flow_holds_data", "flow", flow, "queued", queued, "parked", parked, "runs", going).Permanent()
	}
	return nil
}
