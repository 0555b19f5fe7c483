package server

import (
	"context"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/store"
	"github.com/weirflow/weir/web"
)

// emptyBatch is how many FlowFiles one commit of an emptying job removes.
const emptyBatch = 1000

// dropQueued deletes one FlowFile. Of a run it counts as dropped by a person, so
// the balance stays true and the run ends PARTIAL at best.
func (s *Server) dropQueued(ctx context.Context, in *QueueRef) (*Dropped, error) {
	l, q, err := s.queued(in)
	if err != nil {
		return nil, err
	}
	if q.Taken {
		return nil, taken(l, q)
	}
	err = s.drop(ctx, l, []store.Queued{*q}, web.Actor(ctx))
	if fault.CodeOf(err) == "stale_session" {
		err = taken(l, q)
	}
	if err != nil {
		return nil, err
	}
	return &Dropped{Flow: l.Flow, Conn: l.Conn, Count: 1, Rows: max(q.FlowFile.Rows, 0)}, nil
}

func taken(l store.Lane, q *store.Queued) error {
	return fault.New("queued_taken", "id", q.FlowFile.ID, "connection", l.Conn)
}

// drop removes FlowFiles from a queue in one commit: all of them or none.
func (s *Server) drop(ctx context.Context, l store.Lane, list []store.Queued, who string) error {
	now := s.cfg.Now()
	d := &flowfile.Delivery{Flow: l.Flow, Version: l.Version, Run: l.Run,
		Order: &flowfile.Order{Kind: flowfile.OrderDropQueue, Conn: l.Conn, At: now, By: by(who)}}
	for i := range list {
		q := &list[i]
		f := q.FlowFile
		d.Remove = append(d.Remove, flowfile.Removal{Class: flowfile.DroppedUser,
			Item: &flowfile.Item{Conn: l.Conn, Prio: q.Place.Prio, Seq: q.Place.Seq, FlowFile: f}})
		d.Events = append(d.Events, flowfile.Event{Type: flowfile.EventDrop, ID: f.ID, Class: flowfile.DroppedUser,
			Why: by(who), Rows: f.Rows, Size: f.Content.Size, Time: now})
	}
	_, err := s.engine.Commit(ctx, d)
	return err
}

// EmptyQueue asks for the removal of all that lies on a connection now.
type EmptyQueue struct {
	Flow string `param:"flow" json:"-"`
	Conn string `param:"conn" json:"-"`
	Run  string `json:"run,omitempty"`
}

// emptyQueue begins to empty a queue. What comes in meanwhile stays, and so does
// what sessions have in their hands.
func (s *Server) emptyQueue(ctx context.Context, in *EmptyQueue) (*Job, error) {
	l, r, err := s.lane(in.Flow, in.Conn, in.Run)
	if err != nil {
		return nil, err
	}
	total := int64(0)
	if q := r.Queues[in.Conn]; q != nil {
		total = q.Queued.N
	}
	_, last, some, err := s.store.Ends(l)
	if err != nil {
		return nil, err
	}
	who := web.Actor(ctx)
	as := Job{What: "empty", Flow: l.Flow, Conn: l.Conn, Run: in.Run, Total: total}
	return s.jobs.start(s.calls, as, func(ctx context.Context, j *job) error {
		if !some {
			return nil
		}
		return s.empty(ctx, l, last, who, j)
	})
}

// empty removes what lies on a lane up to a place, a batch at a time.
func (s *Server) empty(ctx context.Context, l store.Lane, last store.Place, who string, j *job) error {
	for after := (store.Place{}); ; {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		p, err := s.store.Browse(l, store.Look{After: after, Limit: emptyBatch, Scan: emptyBatch})
		if err != nil {
			return err
		}
		var list []store.Queued
		beyond := false
		for _, q := range p.Items {
			if beyond = last.Before(q.Place); beyond {
				break
			}
			if q.Taken {
				j.left(1)
				continue
			}
			list = append(list, q)
		}
		if err := s.dropAll(ctx, l, list, who, j); err != nil {
			return err
		}
		if beyond || !p.More {
			return nil
		}
		after = p.Next
	}
}

// dropAll removes a batch. When a session was faster with one of it the batch is
// refused as a whole, and each is tried alone.
func (s *Server) dropAll(ctx context.Context, l store.Lane, list []store.Queued, who string, j *job) error {
	if len(list) == 0 {
		return nil
	}
	err := s.drop(ctx, l, list, who)
	switch code := fault.CodeOf(err); {
	case err == nil:
		for i := range list {
			j.did(list[i].FlowFile.Rows)
		}
		return nil
	case code != "stale_session" && code != "queued_unknown":
		return err
	case len(list) == 1:
		if code == "stale_session" {
			j.left(1)
		} else {
			j.gone()
		}
		return nil
	}
	half := len(list) / 2
	if err := s.dropAll(ctx, l, list[:half], who, j); err != nil {
		return err
	}
	return s.dropAll(ctx, l, list[half:], who, j)
}
