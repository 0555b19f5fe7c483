package server

import (
	"context"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/web"
)

// DeleteFlow takes a flow away. Its versions stay for the runs that it had.
type DeleteFlow struct {
	Flow string `param:"flow" json:"-"`
	// Drop cancels its runs, stops it and gives up all that is queued, counted as
	// dropped; without it a flow with either is refused.
	Drop bool `query:"drop" json:"-"`
}

// Deleted tells what a deletion gave up.
type Deleted struct {
	Flow string `json:"flow"`
	// Runs were cancelled; Count FlowFiles with Rows records were dropped.
	Runs  int   `json:"runs"`
	Count int64 `json:"count"`
	Rows  int64 `json:"rows"`
}

// drainPatience is how long a deletion waits for nodes to leave off.
const drainPatience = 30 * time.Second

// heldRuns is how many of the newest runs are looked at for data that a failed
// one keeps.
const heldRuns = 1000

func (s *Server) deleteFlow(ctx context.Context, in *DeleteFlow) (*Deleted, error) {
	if _, err := s.store.Flow(in.Flow); err != nil {
		return nil, err
	}
	out := &Deleted{Flow: in.Flow}
	if !in.Drop {
		if err := s.holdsNothing(in.Flow); err != nil {
			return nil, err
		}
		return out, s.remove(ctx, in.Flow)
	}
	short, cancel := context.WithTimeout(ctx, drainPatience)
	defer cancel()
	if err := s.leaveOff(short, in.Flow, out); err != nil {
		return nil, err
	}
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		if err := s.dropHeld(short, in.Flow, out); err != nil {
			return nil, err
		}
		err := s.remove(ctx, in.Flow)
		if fault.CodeOf(err) != "flow_holds_data" {
			return out, err
		}
		select { // a node that works still may have put something
		case <-again.C:
		case <-short.Done():
			return nil, err
		}
	}
}

// remove deletes a flow that does nothing and holds nothing.
func (s *Server) remove(ctx context.Context, flow string) error {
	s.editing.Lock()
	defer s.editing.Unlock()
	if err := s.store.DeleteFlow(ctx, flow); err != nil {
		return err
	}
	s.looks.forget(flow)
	s.engine.Changed(flow)
	s.changes.tell(change{kind: changeDeleted, flow: flow})
	return nil
}

// holding returns the runs of a flow that are at work or keep data, continuous
// data first.
func (s *Server) holding(flow string) ([]*runs.Run, error) {
	stream, err := s.store.Run(flow, 0)
	if err != nil {
		return nil, err
	}
	last, err := s.store.Runs(flow, heldRuns, 0)
	if err != nil {
		return nil, err
	}
	var out []*runs.Run
	for _, r := range append([]*runs.Run{stream}, last...) {
		queued, parked := held(r)
		if queued+parked > 0 || r.Number > 0 && !r.State.Terminal() {
			out = append(out, r)
		}
	}
	return out, nil
}

func held(r *runs.Run) (queued, parked int64) {
	for _, q := range r.Queues {
		queued, parked = queued+q.Queued.N, parked+q.Parked.N
	}
	return queued, parked
}

// holdsNothing refuses a flow that is started, has runs at work or keeps data.
func (s *Server) holdsNothing(flow string) error {
	all, err := s.holding(flow)
	if err != nil {
		return err
	}
	var queued, parked int64
	going := 0
	for _, r := range all {
		q, p := held(r)
		queued, parked = queued+q, parked+p
		if r.Number > 0 && !r.State.Terminal() {
			going++
		}
	}
	st, err := s.store.Schedule(flow)
	if err != nil {
		return err
	}
	if st.Started {
		going++
	}
	if queued+parked > 0 || going > 0 {
		return fault.New("flow_holds_data", "flow", flow, "queued", queued, "parked", parked, "runs", going).Permanent()
	}
	return nil
}

// leaveOff stops a flow: its schedule, its continuous data, its runs.
func (s *Server) leaveOff(ctx context.Context, flow string, out *Deleted) error {
	v, err := s.store.Newest(flow)
	if err != nil {
		return err
	}
	if v > 0 { // else it has runs of a draft at most
		if err := s.leaveOffPublished(ctx, flow, v); err != nil {
			return err
		}
	}
	for _, r := range s.store.UnfinishedRuns() {
		if r.Flow != flow {
			continue
		}
		s.claim(r.Number)
		if err := s.engine.Cancel(ctx, flow, r.Number, web.Actor(ctx)); err != nil && fault.CodeOf(err) != "run_state" {
			return err
		}
		out.Runs++
		if _, err := s.engine.Wait(ctx, flow, r.Number); err != nil {
			return err
		}
	}
	return nil
}

// leaveOffPublished stops a flow's continuous data and its schedule.
func (s *Server) leaveOffPublished(ctx context.Context, flow string, version uint32) error {
	f, err := s.parsed(flow, version)
	if err != nil {
		return err
	}
	if f.Mode == flows.ModeContinuous {
		if err := s.engine.StopFlow(ctx, flow); err != nil {
			return err
		}
	}
	if err := s.store.UpdateSchedule(ctx, flow, func(st *runs.FlowStatus) error {
		st.Enabled, st.Started, st.CatchUp = false, false, 0
		return nil
	}); err != nil {
		return err
	}
	s.engine.Changed(flow)
	return nil
}

// dropHeld gives up what a flow has on its connections and what is parked.
func (s *Server) dropHeld(ctx context.Context, flow string, out *Deleted) error {
	all, err := s.holding(flow)
	if err != nil {
		return err
	}
	for _, r := range all {
		if r.Number > 0 && r.State != runs.Failed {
			continue // it ends by itself
		}
		for conn, q := range r.Queues {
			if q.Queued.N == 0 {
				continue
			}
			order := &flowfile.Order{Kind: flowfile.OrderDropQueue, Conn: conn, At: s.cfg.Now(), By: web.Actor(ctx)}
			if _, err := s.engine.Commit(ctx, &flowfile.Delivery{Flow: flow, Version: r.QueueVersion, Run: r.Number, Order: order}); err != nil {
				return err
			}
			out.Count, out.Rows = out.Count+q.Queued.N, out.Rows+q.Queued.Rows
		}
		if err := s.discardAll(ctx, r, out); err != nil {
			return err
		}
	}
	return nil
}

// discardAll gives up what a failed run has parked.
func (s *Server) discardAll(ctx context.Context, r *runs.Run, out *Deleted) error {
	_, parked := held(r)
	if r.Number == 0 || parked == 0 {
		return nil
	}
	files, err := s.store.Parked(r.Flow, r.Number, 0, int(parked))
	if err != nil {
		return err
	}
	order := &flowfile.Order{Kind: flowfile.OrderDiscard, At: s.cfg.Now(), By: web.Actor(ctx)}
	for _, f := range files {
		order.Parked = append(order.Parked, f.FlowFile.ID)
		out.Count++
		out.Rows += max(f.FlowFile.Rows, 0)
	}
	_, err = s.engine.Commit(ctx, &flowfile.Delivery{Flow: r.Flow, Version: r.QueueVersion, Run: r.Number, Order: order})
	return err
}
