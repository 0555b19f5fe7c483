package engine

import (
	"maps"
	"slices"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
)

// NodeState is what a node of continuous data does.
type NodeState uint8

// The states of a node. Invalid is one whose settings do not hold at run time,
// Failing one whose last session failed and was not followed by a good one.
const (
	NodeStopped NodeState = iota
	NodeRunning
	NodeInvalid
	NodeDisabled
	NodeStarting
	NodeStopping
	NodeFailing
)

var nodeStates = [...]string{"stopped", "running", "invalid", "disabled", "starting", "stopping", "failing"}

// String returns the state's name.
func (s NodeState) String() string { return nodeStates[s] }

// MarshalText writes the state's name.
func (s NodeState) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Gauge is what a node does now, and did in the last five minutes.
type Gauge struct {
	State NodeState
	// In and Out are FlowFiles of the last five minutes, RowsIn and RowsOut the
	// rows in them; of a run, all that its workers here have done is in the totals.
	In, Out, RowsIn, RowsOut int64
	// InRate and OutRate are FlowFiles a second.
	InRate, OutRate float64
	// P95 is the duration that 95 of 100 recent sessions did not exceed.
	P95 time.Duration
	// Tasks is how many sessions are at work.
	Tasks int
	// HeldBy is the connection whose back pressure holds the node.
	HeldBy string
	// Failed is the code of the last failure, while it holds.
	Failed string
	// AtWork says that an instance with this node is there.
	AtWork bool
	// The rest are totals since the program started.
	TotalIn, TotalOut  flowfile.Tally
	Sessions, Failures int64
	Busy               time.Duration
}

// meterOf returns the meter of a node, which outlives its instances.
func (e *Engine) meterOf(flow, node string) *meter {
	e.metering.Lock()
	defer e.metering.Unlock()
	of := e.meters[flow]
	if of == nil {
		of = map[string]*meter{}
		e.meters[flow] = of
	}
	m := of[node]
	if m == nil {
		m = &meter{}
		of[node] = m
	}
	return m
}

// knownMeter returns the meter of a node, nil when it has done nothing yet.
func (e *Engine) knownMeter(flow, node string) *meter {
	e.metering.Lock()
	defer e.metering.Unlock()
	return e.meters[flow][node]
}

// Forget drops what is counted of nodes that a flow does not have any more; a
// flow without nodes is gone.
func (e *Engine) Forget(flow string, have func(node string) bool) {
	e.metering.Lock()
	defer e.metering.Unlock()
	for slug := range e.meters[flow] {
		if !have(slug) {
			delete(e.meters[flow], slug)
		}
	}
	if len(e.meters[flow]) == 0 {
		delete(e.meters, flow)
	}
}

// Gauges reads what the named nodes of a run, or of a flow's continuous data,
// do. Into must be as long as nodes. Nothing is read of the store but, for
// continuous data, what is noted about the flow.
func (e *Engine) Gauges(flow string, run flowfile.RunID, nodes []string, into []Gauge) error {
	now := e.cfg.Now()
	in := e.instance(runKey{flow, run})
	var idle func(string) NodeState
	if run == 0 {
		var err error
		if idle, err = e.idleStates(flow); err != nil {
			return err
		}
	}
	for i, slug := range nodes {
		g := &into[i]
		*g = Gauge{}
		var n *node
		if in != nil {
			n = in.nodes[slug]
		}
		switch {
		case n != nil:
			n.gauge(g, now)
		case run == 0:
			if m := e.knownMeter(flow, slug); m != nil {
				m.read(g, now)
			}
		}
		if run == 0 && (n == nil || g.State == NodeStopped) {
			g.State = idle(slug)
		}
	}
	return nil
}

func (n *node) gauge(g *Gauge, now time.Time) {
	n.meter.read(g, now)
	stopping := n.in.stopping.Load()
	n.mu.Lock()
	defer n.mu.Unlock()
	g.AtWork, g.Tasks, g.HeldBy, g.Failed = true, len(n.tasks), n.seen.HeldBy, n.seen.Code
	switch {
	case n.phase == phaseOff:
		g.State = NodeStopped
		g.HeldBy = ""
	case n.phase == phaseHalting || stopping:
		g.State = NodeStopping
	case n.seen.Code != "":
		g.State = NodeFailing
	case n.proc.phase.Load() == procStarting:
		g.State = NodeStarting
	default:
		g.State = NodeRunning
	}
}

// Recent returns what came out of a node in each of the last sixty seconds.
func (e *Engine) Recent(flow, node string) []int64 {
	m := e.knownMeter(flow, node)
	if m == nil {
		return make([]int64, 60)
	}
	return m.recent(e.cfg.Now().Unix())
}

// MinutesOf returns the minutes of the last 24 hours in which a node has done
// something, oldest first; for a node named "" those of the whole flow are not
// kept, and nothing is returned.
func (e *Engine) MinutesOf(flow, node string, since time.Time) []Point {
	m := e.knownMeter(flow, node)
	if m == nil {
		return nil
	}
	return m.history(since.Unix()/60, e.cfg.Now().Unix()/60)
}

// Rates returns how many FlowFiles a second the sources of a flow bring in and
// its ends take out, over all that it has at work.
func (e *Engine) Rates(flow string) (in, out float64) {
	unix := e.cfg.Now().Unix()
	e.mu.Lock()
	var of []*instance
	for k, i := range e.instances {
		if k.flow == flow {
			of = append(of, i)
		}
	}
	e.mu.Unlock()
	for _, i := range of {
		for _, n := range i.nodes {
			first, last := len(n.conns()) == 0, !n.feeds
			if !first && !last {
				continue
			}
			n.meter.mu.Lock()
			a, b := n.meter.rates(unix)
			n.meter.mu.Unlock()
			if first {
				in += b
			}
			if last {
				out += a
			}
		}
	}
	return in, out
}

// AtWork tells how many sessions are at work in the whole engine.
func (e *Engine) AtWork() int64 { return e.atWork.Load() }

// AtWorkIn names the nodes of a flow, of all its runs, that have sessions at work;
// what was terminated does not count.
func (e *Engine) AtWorkIn(flow string) []string {
	e.mu.Lock()
	var of []*instance
	for k, in := range e.instances {
		if k.flow == flow {
			of = append(of, in)
		}
	}
	e.mu.Unlock()
	found := map[string]bool{}
	for _, in := range of {
		for slug, n := range in.nodes {
			n.mu.Lock()
			for t := range n.tasks {
				if t.life == n.life {
					found[slug] = true
				}
			}
			n.mu.Unlock()
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// Bulletin is what happened to a node or run that people should see.
type Bulletin struct {
	At    time.Time
	Flow  string
	Run   string
	Node  string
	Level string // info, warning or error
	Fault error
}

// bulletin tells the one who listens.
func (e *Engine) bulletin(flow, run, node, level string, err error) {
	if e.cfg.Bulletin != nil && fault.CodeOf(err) != "" {
		e.cfg.Bulletin(Bulletin{At: e.cfg.Now(), Flow: flow, Run: run, Node: node, Level: level, Fault: err})
	}
}

// RunAtWork names a run that has workers; run zero is continuous data.
type RunAtWork struct {
	Flow string
	Run  flowfile.RunID
}

// Running returns what has workers now.
func (e *Engine) Running() []RunAtWork {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := make([]RunAtWork, 0, len(e.instances))
	for k := range e.instances {
		out = append(out, RunAtWork{k.flow, k.run})
	}
	return out
}

// Counted is what a node has counted since the program started.
type Counted struct {
	Flow, Node string
	Gauge
}

// AllCounted returns what the nodes of all flows have counted, at most most of
// them.
func (e *Engine) AllCounted(most int) []Counted {
	now := e.cfg.Now()
	e.metering.Lock()
	out := make([]Counted, 0, len(e.meters))
	var of []*meter
	for flow, nodes := range e.meters {
		for slug, m := range nodes {
			if len(out) < most {
				out, of = append(out, Counted{Flow: flow, Node: slug}), append(of, m)
			}
		}
	}
	e.metering.Unlock()
	for i := range out {
		of[i].read(&out[i].Gauge, now)
	}
	return out
}
