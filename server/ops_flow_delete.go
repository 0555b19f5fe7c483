package server

import (
	"cmp"
	"context"
	"slices"
	"strings"
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
	patience := cmp.Or(s.cfg.drainPatience, drainPatience)
	short, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := s.drain(short, ctx, in.Flow, out)
	if err != nil && ctx.Err() == nil && short.Err() != nil {
		err = s.stillActive(in.Flow, patience, err)
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// drain stops a flow, gives up what it holds and deletes it. Short bounds how long
// nodes have to leave off.
func (s *Server) drain(short, ctx context.Context, flow string, out *Deleted) error {
	if err := s.leaveOff(short, flow, out); err != nil {
		return err
	}
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		if err := s.dropHeld(short, flow, out); err != nil {
			return err
		}
		if len(s.engine.AtWorkIn(flow)) == 0 { // else it may put something yet
			if err := s.remove(ctx, flow); fault.CodeOf(err) != "flow_holds_data" {
				return err
			}
		}
		select {
		case <-again.C:
		case <-short.Done():
			return context.Cause(short)
		}
	}
}

// stillActive tells which nodes of a flow do not leave off.
func (s *Server) stillActive(flow string, patience time.Duration, cause error) error {
	nodes := s.engine.AtWorkIn(flow)
	if len(nodes) == 0 {
		nodes = []string{"-"}
	}
	return fault.New("flow_still_active", "flow", flow, "limit", patience, "nodes", strings.Join(nodes, ", ")).Because(cause)
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

// holding returns the runs of a flow that are at work or keep data, however long
// ago they ended, continuous data first.
func (s *Server) holding(flow string) ([]*runs.Run, error) {
	keep, err := s.store.Holding(flow)
	if err != nil {
		return nil, err
	}
	for _, r := range s.store.UnfinishedRuns() {
		if r.Flow == flow {
			keep = append(keep, r.Number)
		}
	}
	keep = append(keep, 0)
	slices.Sort(keep)
	var out []*runs.Run
	for _, n := range slices.Compact(keep) {
		r, err := s.store.Run(flow, n)
		if err != nil {
			return nil, err
		}
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
		cancelled := s.engine.Cancel(ctx, flow, r.Number, web.Actor(ctx))
		if cancelled != nil && fault.CodeOf(cancelled) != "run_state" {
			return cancelled
		}
		ended, err := s.engine.Wait(ctx, flow, r.Number)
		if err != nil {
			return err
		}
		if cancelled != nil {
			continue // it had ended by itself
		}
		lost := discarded(ended)
		lost.Minus(discarded(r))
		for node := range ended.Ledger {
			lost.Plus(ended.Counted(node, flowfile.DroppedCancel))
		}
		out.Runs, out.Count, out.Rows = out.Runs+1, out.Count+lost.N, out.Rows+lost.Rows
	}
	return nil
}

// discarded is what was given up of what a run had parked.
func discarded(r *runs.Run) (t flowfile.Tally) {
	for _, q := range r.Queues {
		t.Plus(q.Discarded)
	}
	return t
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
			if err := s.giveUp(ctx, r, order, out); err != nil {
				return err
			}
		}
		if _, parked := held(r); r.Number == 0 || parked == 0 {
			continue
		}
		order := &flowfile.Order{Kind: flowfile.OrderDiscard, At: s.cfg.Now(), By: web.Actor(ctx)} // all of them
		if err := s.giveUp(ctx, r, order, out); err != nil {
			return err
		}
	}
	return nil
}

// giveUp commits an order and counts what it gave up.
func (s *Server) giveUp(ctx context.Context, r *runs.Run, order *flowfile.Order, out *Deleted) error {
	e, err := s.engine.Commit(ctx, &flowfile.Delivery{Flow: r.Flow, Version: r.QueueVersion, Run: r.Number, Order: order})
	if err != nil {
		return err
	}
	out.Count, out.Rows = out.Count+e.Lost.N, out.Rows+e.Lost.Rows
	return nil
}
