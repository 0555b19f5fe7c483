package server

import (
	"context"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

// DropConnection gives up what lies on a connection of a continuous flow.
type DropConnection struct {
	Flow string `param:"flow" json:"-"`
	Conn string `param:"conn" json:"-"`
	By   string `json:"by,omitempty"`
}

// Dropped tells what a drop gave up.
type Dropped struct {
	Flow string `json:"flow"`
	Conn string `json:"connection"`
	// Count is FlowFiles, Rows the records in them.
	Count int64 `json:"count"`
	Rows  int64 `json:"rows"`
}

func (s *Server) dropConnection(ctx context.Context, in *DropConnection) (*Dropped, error) {
	v, err := s.store.Version(in.Flow, 0)
	if err != nil {
		return nil, err
	}
	before, err := s.store.Run(in.Flow, 0)
	if err != nil {
		return nil, err
	}
	if _, ok := v.Plan.Conns[in.Conn]; !ok && before.Queues[in.Conn] == nil {
		return nil, unknownConnection(in.Flow, in.Conn, v.Plan.Conns)
	}
	if _, err := s.engine.Commit(ctx, &flowfile.Delivery{Flow: in.Flow,
		Order: &flowfile.Order{Kind: flowfile.OrderDropQueue, Conn: in.Conn, At: s.cfg.Now(), By: orderer(ctx, in.By)}}); err != nil {
		return nil, err
	}
	after, err := s.store.Run(in.Flow, 0)
	if err != nil {
		return nil, err
	}
	// What it dropped, not what lay there before: more may have come or gone
	// between the look and the order.
	n := dropped(after, in.Conn)
	n.Minus(dropped(before, in.Conn))
	return &Dropped{Flow: in.Flow, Conn: in.Conn, Count: n.N, Rows: n.Rows}, nil
}

func dropped(r *runs.Run, conn string) flowfile.Tally {
	if q := r.Queues[conn]; q != nil {
		return q.Dropped
	}
	return flowfile.Tally{}
}
