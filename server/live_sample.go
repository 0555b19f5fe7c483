package server

import (
	"cmp"
	"math"
	"sync"
	"time"

	"github.com/weirflow/weir/engine"
	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/live"
	"github.com/weirflow/weir/runs"
)

// The numbers of the states of nodes in live frames; those of continuous data
// are the engine's.
const (
	liveWaiting = 10 + iota
	liveReady
	liveWorking
	liveDone
	liveFailed
	liveSkipped
	liveUpstreamFailed
	liveRetry
)

// bulletinSpan is how far back the bulletins at a node are counted.
const bulletinSpan = 5 * time.Minute

// sampler reads flows for those who watch. It keeps what a version looks like
// and the counts of a few seconds ago, of which it makes rates.
type sampler struct {
	s  *Server
	mu sync.Mutex
	of map[sampled]*layout
}

// sampled is what is sampled: continuous data when run is zero.
type sampled struct {
	flow string
	run  flowfile.RunID
}

// layout is a version of a flow as it is shown.
type layout struct {
	mu      sync.Mutex
	version uint32
	ids     live.IDs
	wire    map[string]int
	graph   *runs.Graph
	count   []int64 // limits by wire, zero for none
	bytes   []int64
	gauges  []engine.Gauge
	told    []int64
	looks   []look // of the last seconds, oldest first
	used    time.Time
}

// look is what had passed the wires at one moment.
type look struct {
	at       time.Time
	in, left []int64
}

// rateOver is how far back a rate of a wire looks.
const rateOver = 5 * time.Second

// sample reads a flow's continuous data, or the run of an id, into a sample.
func (p *sampler) sample(flow, run string, into *live.Sample) error {
	var r *runs.Run
	k := sampled{flow: flow}
	if run != "" {
		var err error
		if r, err = p.s.run(run); err != nil {
			return err
		}
		if r.Flow != flow {
			return fault.New("run_of_other_flow", "run", run, "flow", flow).Permanent()
		}
		k.run = r.Number
	} else if r = p.s.store.Glance(flow, 0); r == nil {
		r = &runs.Run{Flow: flow}
	}
	l, err := p.layout(k, r)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := p.s.cfg.Now()
	if err := p.s.engine.Gauges(flow, k.run, l.ids.Nodes, l.gauges); err != nil {
		return err
	}
	p.s.bulletins.Counts(flow, l.ids.Nodes, now.Add(-bulletinSpan), l.told)
	into.IDs, into.Totals = l.ids, live.Totals{}
	into.Nodes, into.Wires = into.Nodes[:0], into.Wires[:0]
	before := l.before(now)
	next := look{at: now}
	for i, conn := range l.ids.Wires {
		w := live.WireRow{}
		var in, left int64
		if q := r.Queues[conn]; q != nil {
			w.Count, w.Bytes, w.Rows = q.Queued.N, q.Queued.Bytes, q.Queued.Rows
			in, left = q.Entered.N, q.Left.N
			if r.Number != 0 {
				w.Passed, w.PassedRows, w.PassedBytes = passedOver(q)
			}
		}
		w.Fullness = max(part(w.Count, l.count[i]), part(w.Bytes, l.bytes[i]))
		if before != nil {
			w.InRate, w.OutRate = tenthsOver(in-before.in[i], now.Sub(before.at)), tenthsOver(left-before.left[i], now.Sub(before.at))
		}
		next.in, next.left = append(next.in, in), append(next.left, left)
		into.Totals.Queued += w.Count
		into.Totals.Bytes += w.Bytes
		into.Wires = append(into.Wires, w)
	}
	l.looks = append(l.looks, next)
	for i, slug := range l.ids.Nodes {
		row := l.row(r, slug, &l.gauges[i])
		row.Bulletins = l.told[i]
		if row.Blocked >= 0 {
			into.Wires[row.Blocked].Blocks = true
		}
		switch row.State {
		case int(engine.NodeStopped):
			into.Totals.Stopped++
		case int(engine.NodeInvalid):
			into.Totals.Invalid++
		case int(engine.NodeDisabled):
			into.Totals.Disabled++
		case int(engine.NodeRunning), int(engine.NodeStarting), int(engine.NodeStopping), int(engine.NodeFailing), liveWorking, liveRetry:
			into.Totals.Running++
		}
		into.Nodes = append(into.Nodes, row)
	}
	return nil
}

// before returns the oldest look that a rate is made of, and drops older ones.
func (l *layout) before(now time.Time) *look {
	for len(l.looks) > 1 && now.Sub(l.looks[1].at) >= rateOver {
		l.looks = l.looks[1:]
	}
	if len(l.looks) == 0 || now.Sub(l.looks[0].at) > 3*rateOver || now.Sub(l.looks[0].at) <= 0 {
		l.looks = nil
		return nil
	}
	return &l.looks[0]
}

func tenthsOver(n int64, d time.Duration) int64 {
	return int64(math.Round(float64(max(n, 0)) * 10 / d.Seconds()))
}

func part(n, of int64) int64 {
	if of <= 0 {
		return 0
	}
	return min(n*100/of, 999)
}

// row tells what a node does.
func (l *layout) row(r *runs.Run, slug string, g *engine.Gauge) live.NodeRow {
	row := live.NodeRow{State: int(g.State), In: g.In, Out: g.Out, RowsIn: g.RowsIn, RowsOut: g.RowsOut, P95: g.P95.Microseconds(),
		Tasks: int64(g.Tasks), Blocked: -1, InRate: int64(math.Round(g.InRate * 10)), OutRate: int64(math.Round(g.OutRate * 10))}
	if i, ok := l.wire[g.HeldBy]; ok && g.HeldBy != "" {
		row.Blocked = i
	}
	if r.Number == 0 {
		return row
	}
	in, read := r.Counted(slug, flowfile.In), r.Counted(slug, flowfile.Read)
	out := passedOn(r, slug)
	row.In, row.RowsIn = in.N, cmp.Or(in.Rows, read.Rows)
	row.Out, row.RowsOut = out.N, out.Rows
	row.State = runState(r, l.graph, slug, g)
	return row
}

// layout returns what a flow's version in force, or that of a run, looks like.
func (p *sampler) layout(k sampled, r *runs.Run) (*layout, error) {
	version := uint32(0)
	if k.run == 0 {
		v, err := p.s.store.Newest(k.flow)
		if err != nil {
			return nil, err
		}
		version = v
	} else {
		version = r.QueueVersion
	}
	now := p.s.cfg.Now()
	p.mu.Lock()
	l := p.of[k]
	if l != nil && l.version == version {
		l.used = now
		p.mu.Unlock()
		return l, nil
	}
	p.mu.Unlock()
	l = &layout{version: version, wire: map[string]int{}, used: now, ids: live.IDs{Nodes: []string{}, Wires: []string{}}}
	if version > 0 {
		f, err := p.s.parsed(k.flow, version)
		if err != nil {
			return nil, err
		}
		if l.graph, err = p.s.store.Graph(k.flow, version); err != nil {
			return nil, err
		}
		l.ids = live.IDs{Nodes: l.graph.Nodes(), Wires: l.graph.Conns()}
		l.count, l.bytes = make([]int64, len(l.ids.Wires)), make([]int64, len(l.ids.Wires))
		for i, c := range l.ids.Wires {
			l.wire[c] = i
			to := f.Connections[c].To
			if n, _ := l.graph.Node(to); k.run != 0 && n.Kind == runs.Gate {
				continue // what a gate waits for must be able to arrive
			}
			l.count[i], l.bytes[i] = engine.Limits(f.Connections[c])
		}
	}
	l.gauges, l.told = make([]engine.Gauge, len(l.ids.Nodes)), make([]int64, len(l.ids.Nodes))
	p.mu.Lock()
	defer p.mu.Unlock()
	for o, old := range p.of {
		if now.Sub(old.used) > time.Minute {
			delete(p.of, o)
		}
	}
	p.of[k] = l
	return l, nil
}
