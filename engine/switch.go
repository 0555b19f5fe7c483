package engine

import (
	"context"
	"slices"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/runs"
)

// phase is what the workers of a node are to do.
type phase uint8

const (
	phaseOff     phase = iota // no worker is there
	phaseOn                   // workers take sessions
	phaseHalting              // sessions in hand finish
)

// on brings a node's workers up; once lets one of them run one session only.
// The director calls it, and start before anybody else is there.
func (n *node) on(once bool) {
	n.mu.Lock()
	if n.phase != phaseOff {
		n.mu.Unlock()
		return
	}
	fresh := n.used
	n.mu.Unlock()
	if fresh { // it was stopped: like a new one, with the settings as they are now
		conf, problems := n.in.flow.ConfigureNode(n.slug, n.in.values())
		if len(problems) > 0 {
			n.failed(problems.Err())
			n.mu.Lock()
			n.invalid = true
			n.mu.Unlock()
			return
		}
		n.mu.Lock()
		n.proc = newStarting(conf.Processor)
		n.mu.Unlock()
		if n.timer != nil {
			n.timer = newSchedule(n.def)
		}
	}
	n.mu.Lock()
	n.phase, n.once, n.used, n.invalid = phaseOn, once, true, false
	n.halt = make(chan struct{})
	n.seen.HeldBy, n.seen.Code, n.seen.Error, n.seen.Note = "", "", "", nil
	n.mu.Unlock()
	n.startWorkers()
}

// off lets the node's sessions in hand finish and its workers end.
func (n *node) off() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.phase == phaseOn {
		n.phase = phaseHalting
		close(n.halt)
	}
}

// left notes that a worker has ended; the last one of a node that halts stops
// the processor.
func (n *node) left(life int) {
	n.mu.Lock()
	if life != n.life {
		n.mu.Unlock()
		return
	}
	n.crew--
	if n.once && n.phase == phaseOn {
		n.phase = phaseHalting
		close(n.halt)
	}
	last := n.crew == 0 && n.phase == phaseHalting
	n.mu.Unlock()
	if last {
		n.halted()
	}
}

// halted ends a stop: nobody is at work any more.
func (n *node) halted() {
	n.stopProcessor(context.WithoutCancel(n.in.ctx))
	n.mu.Lock()
	n.phase, n.once, n.wakes = phaseOff, false, nil
	n.seen.HeldBy = ""
	n.mu.Unlock()
	n.in.e.look(n.in.key.flow, n.in.key.run)
}

// apply brings the nodes of continuous data to what is noted about their flow.
func (in *instance) apply(st runs.FlowStatus, once map[string]bool) {
	for slug, n := range in.nodes {
		switch {
		case st.Started && st.Nodes[slug] == "":
			n.on(false)
		case once[slug] && n.phaseNow() == phaseOff && st.Nodes[slug] != runs.NodeDisabled:
			n.on(true)
		case !n.isOnce():
			n.off()
		}
	}
}

func (n *node) phaseNow() phase {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.phase
}

func (n *node) isOnce() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.once
}

// busy reports whether a node of the instance is not off.
func (in *instance) busy() bool {
	for _, n := range in.nodes {
		if n.phaseNow() != phaseOff {
			return true
		}
	}
	return false
}

// idleStates tells what nodes are that no worker works for.
func (e *Engine) idleStates(flow string) (func(string) NodeState, error) {
	st, err := e.store.Schedule(flow)
	if err != nil {
		return nil, err
	}
	k := runKey{flow, 0}
	e.mu.Lock()
	bad := e.invalid[k]
	t, troubled := e.troubles[k]
	once := e.onces[flow]
	waits := make([]string, 0, len(once))
	for slug := range once {
		waits = append(waits, slug)
	}
	in := e.instances[k]
	e.mu.Unlock()
	troubled = troubled && t.Fault != nil && in == nil
	return func(slug string) NodeState {
		if in != nil {
			if n := in.nodes[slug]; n != nil && n.isInvalid() {
				return NodeInvalid
			}
		}
		switch {
		case st.Nodes[slug] == runs.NodeDisabled:
			return NodeDisabled
		case bad[slug]:
			return NodeInvalid
		case slices.Contains(waits, slug):
			return NodeStarting
		case !st.Started || st.Nodes[slug] != "" || troubled:
			return NodeStopped
		}
		return NodeStarting
	}, nil
}

func (n *node) isInvalid() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.invalid
}

// NodeOrder is what a person orders about nodes of a continuous flow.
type NodeOrder string

// The orders. Stop lets sessions in hand finish; what arrives meanwhile waits in
// the node's queues. Enable leaves a disabled node stopped.
const (
	StartNodes   NodeOrder = "start"
	StopNodes    NodeOrder = "stop"
	EnableNodes  NodeOrder = "enable"
	DisableNodes NodeOrder = "disable"
	RunOnce      NodeOrder = "once"
)

// OrderNodes does one thing with nodes of a continuous flow, for all of them or
// none. What is ordered holds over restarts and new versions, but for RunOnce.
// It returns the states of the nodes right after.
func (e *Engine) OrderNodes(ctx context.Context, flow string, nodes []string, o NodeOrder) (map[string]NodeState, error) {
	f, err := e.continuous(flow)
	if err != nil {
		return nil, err
	}
	for _, slug := range nodes {
		if _, ok := f.Nodes[slug]; !ok {
			return nil, fault.New("node_not_published", "flow", flow, "node", slug).Permanent()
		}
	}
	if o == RunOnce {
		err = e.runOnce(flow, nodes)
	} else {
		err = e.store.UpdateSchedule(ctx, flow, func(st *runs.FlowStatus) error { return switched(st, f, nodes, o) })
	}
	if err != nil {
		return nil, err
	}
	e.look(flow, 0)
	all := make([]Gauge, len(nodes))
	if err := e.Gauges(flow, 0, nodes, all); err != nil {
		return nil, err
	}
	out := make(map[string]NodeState, len(nodes))
	for i, slug := range nodes {
		out[slug] = all[i].State
	}
	return out, nil
}

// switched changes what is noted about a flow.
func switched(st *runs.FlowStatus, f *flows.Flow, nodes []string, o NodeOrder) error {
	was := st.Nodes
	st.Nodes = map[string]string{}
	for slug := range f.Nodes {
		switch {
		case was[slug] != "":
			st.Nodes[slug] = was[slug]
		case !st.Started: // what a stopped flow has is stopped
			st.Nodes[slug] = runs.NodeStopped
		}
	}
	for _, slug := range nodes {
		switch o {
		case StartNodes:
			if st.Nodes[slug] == runs.NodeDisabled {
				return fault.New("node_disabled", "flow", f.ID, "node", slug).Permanent()
			}
			delete(st.Nodes, slug)
		case StopNodes:
			if st.Nodes[slug] == "" {
				st.Nodes[slug] = runs.NodeStopped
			}
		case EnableNodes:
			if st.Nodes[slug] == runs.NodeDisabled {
				st.Nodes[slug] = runs.NodeStopped
			}
		case DisableNodes:
			st.Nodes[slug] = runs.NodeDisabled
		}
	}
	st.Started = len(st.Nodes) < len(f.Nodes)
	if !st.Started {
		st.Nodes = onlyDisabled(st.Nodes)
	}
	return nil
}

func onlyDisabled(nodes map[string]string) map[string]string {
	var out map[string]string
	for slug, s := range nodes {
		if s == runs.NodeDisabled {
			if out == nil {
				out = map[string]string{}
			}
			out[slug] = s
		}
	}
	return out
}

// runOnce lets stopped nodes run one session each.
func (e *Engine) runOnce(flow string, nodes []string) error {
	idle, err := e.idleStates(flow)
	if err != nil {
		return err
	}
	all := make([]Gauge, len(nodes))
	if err := e.Gauges(flow, 0, nodes, all); err != nil {
		return err
	}
	for i, slug := range nodes {
		switch {
		case idle(slug) == NodeDisabled:
			return fault.New("node_disabled", "flow", flow, "node", slug).Permanent()
		case all[i].State != NodeStopped && all[i].State != NodeInvalid:
			return fault.New("node_not_stopped", "flow", flow, "node", slug).Permanent()
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.onces[flow] == nil {
		e.onces[flow] = map[string]bool{}
	}
	for _, slug := range nodes {
		e.onces[flow][slug] = true
	}
	return nil
}

// takeOnces hands the nodes over that are to run once.
func (e *Engine) takeOnces(flow string) map[string]bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	o := e.onces[flow]
	delete(e.onces, flow)
	return o
}

// continuous returns the version in force of a continuous flow.
func (e *Engine) continuous(flow string) (*flows.Flow, error) {
	v, err := e.versionOf(flow, 0)
	if err != nil {
		return nil, err
	}
	f, err := e.readFlow(flow, v)
	if err != nil {
		return nil, err
	}
	if f.Mode != flows.ModeContinuous {
		return nil, fault.New("flow_is_runs", "flow", flow).Permanent()
	}
	return f, nil
}

// MayClear refuses to clear the state of a node that is at work, or whose flow
// has a run that has not ended: what it does next would bring the state back.
func (e *Engine) MayClear(flow, node string) error {
	e.mu.Lock()
	var at []*instance
	for k, in := range e.instances {
		if k.flow == flow {
			at = append(at, in)
		}
	}
	e.mu.Unlock()
	for _, in := range at {
		if n := in.nodes[node]; n != nil && n.phaseNow() != phaseOff {
			return fault.New("node_at_work", "flow", flow, "node", node).Permanent()
		}
	}
	return nil
}
