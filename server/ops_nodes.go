package server

import (
	"context"

	"github.com/weirflow/weir/engine"
	"github.com/weirflow/weir/fault"
)

// NodeOrder is an order about nodes of a continuous flow.
type NodeOrder struct {
	Flow  string   `param:"flow" json:"-"`
	Nodes []string `json:"nodes"`
}

// NodeStates tells the states of nodes by name: stopped, running, invalid,
// disabled, starting, stopping or failing.
type NodeStates struct {
	Nodes map[string]string `json:"nodes"`
}

// orderNodes returns an operation that does one thing with nodes.
func (s *Server) orderNodes(o engine.NodeOrder) func(context.Context, *NodeOrder) (*NodeStates, error) {
	return func(ctx context.Context, in *NodeOrder) (*NodeStates, error) {
		if len(in.Nodes) == 0 {
			return nil, fault.New("nodes_missing").Permanent()
		}
		states, err := s.engine.OrderNodes(ctx, in.Flow, in.Nodes, o)
		if err != nil {
			return nil, err
		}
		s.changes.tell(change{kind: changeFlow, flow: in.Flow})
		out := &NodeStates{Nodes: make(map[string]string, len(states))}
		for slug, state := range states {
			out.Nodes[slug] = state.String()
		}
		return out, nil
	}
}

// NodeRef names a node of a flow.
type NodeRef struct {
	Flow string `param:"flow" json:"-"`
	Node string `param:"node" json:"-"`
}

// Cleared tells what was cleared.
type Cleared struct {
	// Had says that there was a state.
	Had bool `json:"had"`
}

func (s *Server) clearState(ctx context.Context, in *NodeRef) (*Cleared, error) {
	if _, err := s.store.Flow(in.Flow); err != nil {
		return nil, err
	}
	if err := s.engine.MayClear(in.Flow, in.Node); err != nil {
		return nil, err
	}
	for _, r := range s.store.UnfinishedRuns() {
		if r.Flow == in.Flow {
			return nil, fault.New("node_at_work", "flow", in.Flow, "node", in.Node).Permanent()
		}
	}
	had, err := s.store.ClearNodeState(ctx, in.Flow, in.Node)
	return &Cleared{Had: had}, err
}
