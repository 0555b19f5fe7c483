package server

import (
	"cmp"
	"context"
	"time"

	"github.com/weirflow/weir/engine"
	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

const (
	nodeRunsUsual = 10
	nodeRunsMost  = 50
	// nodeRunsLook is how many runs are looked through for those of a node, which
	// may be younger than its flow.
	nodeRunsLook = 200
)

// ListNodeRuns asks for the newest runs of a node.
type ListNodeRuns struct {
	Flow  string `param:"flow" json:"-"`
	Node  string `param:"node" json:"-"`
	Limit int    `query:"limit" json:"-"`
}

// NodeRun is what a node did in a run.
type NodeRun struct {
	Run        string     `json:"run"`
	Slot       string     `json:"slot,omitempty"`
	Generation uint32     `json:"generation,omitempty"`
	RunState   runs.State `json:"run_state"`
	// State is the node's own, in the words of activities, also where it has none;
	// empty where a run ended without it.
	State runs.ActState `json:"state,omitempty"`
	// In is what it took or read, Out what it passed on or wrote.
	In       flowfile.Tally `json:"in"`
	Out      flowfile.Tally `json:"out"`
	Rejected flowfile.Tally `json:"rejected,omitzero"`
	Parked   flowfile.Tally `json:"parked,omitzero"`
	// Tries counts those begun; Started and Finished are when the node's activity
	// first began and last ended. A node that only passes data on has none.
	Tries    uint32    `json:"tries,omitempty"`
	Started  time.Time `json:"started,omitzero"`
	Finished time.Time `json:"finished,omitzero"`
	// Created is when the run was made.
	Created time.Time `json:"created,omitzero"`
	// Note is its last failure.
	Note *fault.Note `json:"note,omitempty"`
}

// NodeRunList is the newest runs of a node, newest first.
type NodeRunList struct {
	Runs []NodeRun `json:"runs"`
}

func (s *Server) nodeRuns(_ context.Context, in *ListNodeRuns) (*NodeRunList, error) {
	if _, err := s.store.Flow(in.Flow); err != nil {
		return nil, err
	}
	limit := nodeRunsUsual
	if in.Limit > 0 {
		limit = min(in.Limit, nodeRunsMost)
	}
	out := &NodeRunList{Runs: []NodeRun{}}
	before, looked := flowfile.RunID(0), 0
	for looked < nodeRunsLook && len(out.Runs) < limit {
		list, err := s.store.Runs(in.Flow, limit, before)
		if err != nil || len(list) == 0 {
			return out, err
		}
		for _, r := range list {
			before = r.Number
			looked++
			g, err := s.store.Graph(r.Flow, r.QueueVersion)
			if err != nil {
				return nil, err
			}
			if _, ok := g.Node(in.Node); !ok || len(out.Runs) == limit {
				continue
			}
			one, err := s.nodeRun(r, g, in.Node)
			if err != nil {
				return nil, err
			}
			out.Runs = append(out.Runs, one)
		}
	}
	return out, nil
}

// nodeRun tells what a node did in a run.
func (s *Server) nodeRun(r *runs.Run, g *runs.Graph, node string) (NodeRun, error) {
	n := NodeRun{Run: r.ID, Slot: r.Slot, Generation: r.Generation, RunState: r.State, Created: r.Created,
		In: r.Counted(node, flowfile.In), Out: passedOn(r, node), Rejected: r.Counted(node, flowfile.Rejected)}
	if n.In.IsZero() {
		n.In = r.Counted(node, flowfile.Read)
	}
	for _, c := range g.In(node) {
		if q := r.Queues[c]; q != nil {
			n.Parked.Plus(q.Parked)
		}
	}
	gauge := make([]engine.Gauge, 1)
	if err := s.engine.Gauges(r.Flow, r.Number, []string{node}, gauge); err != nil {
		return n, err
	}
	n.State = actOf(runState(r, g, node, &gauge[0]))
	if seen, ok := s.engine.Watch(r.Flow, r.Number)[node]; ok {
		n.Note = seen.Note
	}
	a := r.Acts[node]
	if a == nil {
		return n, nil
	}
	n.Tries = a.Attempt
	if a.State != runs.ActDone {
		n.Note = cmp.Or(n.Note, a.Note)
	}
	changes, err := s.store.History(r.Number)
	if err != nil {
		return n, err
	}
	for _, c := range changes {
		if c.Node != node {
			continue
		}
		switch runs.ActState(c.To) {
		case runs.ActRunning:
			if n.Started.IsZero() {
				n.Started = c.At
			}
			n.Finished = time.Time{}
		case runs.ActDone, runs.ActFailed:
			n.Finished = c.At
		}
	}
	return n, nil
}

// actOf is a live state in the words of activities.
func actOf(state int) runs.ActState {
	switch state {
	case liveWaiting:
		return runs.ActWait
	case liveReady:
		return runs.ActReady
	case liveWorking:
		return runs.ActRunning
	case liveRetry:
		return runs.ActRetryWait
	case liveDone:
		return runs.ActDone
	case liveFailed:
		return runs.ActFailed
	case liveSkipped:
		return runs.ActSkipped
	case liveUpstreamFailed:
		return runs.ActBlocked
	}
	return ""
}
