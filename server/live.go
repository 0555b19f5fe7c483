package server

import (
	"context"
	"math"
	"net/http"
	"slices"
	"sync"

	"github.com/weirflow/weir/engine"
	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/live"
	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/web"
)

// RunItem is a run as a line of a list.
type RunItem struct {
	Run    string     `json:"run"`
	Flow   string     `json:"flow"`
	Number uint64     `json:"number"`
	Slot   string     `json:"slot"`
	State  runs.State `json:"state"`
	// Start and End are when the run began and ended to work.
	Start *string `json:"start,omitempty"`
	End   *string `json:"end,omitempty"`
	// RowsIn were read by sources, RowsOut committed by sinks, Rejected counted as
	// such anywhere.
	RowsIn     int64  `json:"rows_in"`
	RowsOut    int64  `json:"rows_out"`
	Rejected   int64  `json:"rejected"`
	Balance    string `json:"balance"`
	Generation uint32 `json:"generation"`
	By         string `json:"by"`
	Version    uint32 `json:"version"`
}

func runItem(r *runs.Run) RunItem {
	v := RunItem{Run: r.ID, Flow: r.Flow, Number: uint64(r.Number), Slot: r.Slot, State: r.State, Balance: r.Balance,
		Generation: r.Generation, By: r.By, Version: r.Version()}
	const layout = "2006-01-02T15:04:05.000Z07:00"
	if !r.Started.IsZero() {
		t := r.Started.Format(layout)
		v.Start = &t
	}
	if !r.Finished.IsZero() {
		t := r.Finished.Format(layout)
		v.End = &t
	}
	for _, l := range r.Ledger {
		v.RowsIn += l[flowfile.Read].Rows
		v.RowsOut += l[flowfile.Committed].Rows
		v.Rejected += l[flowfile.Rejected].Rows
	}
	return v
}

// lively is what is shown live: the hub, the bulletins, and what was last shown.
type lively struct {
	hub     *live.Hub
	sampler *sampler
	end     func()

	mu     sync.Mutex
	ran    map[runKey]bool // runs that changed, to be told
	told   chan struct{}
	shown  map[string]flowNumbers
	depths depthHistory
}

type runKey struct {
	flow string
	run  flowfile.RunID
}

// flowNumbers are those of a flow that move, as the list of flows shows them.
type flowNumbers struct{ in, out, queued, bytes int64 }

// newLive makes what is shown live, before anything runs that tells it.
func (s *Server) newLive() *lively {
	return &lively{ran: map[runKey]bool{}, told: make(chan struct{}, 1), end: func() {}, sampler: &sampler{s: s, of: map[sampled]*layout{}},
		hub: live.NewHub(live.Config{Sample: func(flow, run string, into *live.Sample) error { return s.live.sampler.sample(flow, run, into) },
			Flow: s.liveFlow, Moved: s.flowsMoved, Version: s.cfg.Version, Step: s.cfg.liveStep, Now: s.cfg.Now})}
}

// openLive begins to tell. The engine is there, nobody calls yet.
func (s *Server) openLive() {
	s.rates, s.metrics = s.engine.Rates, s.openMetrics()
	s.live.end = s.changes.observe(s.liveChange)
	s.wg.Go(s.tellRuns)
	s.wg.Go(s.keepDepths)
}

// closeLive ends all that watches.
func (s *Server) closeLive() {
	s.live.end()
	s.live.hub.Close()
}

func (s *Server) serveLive(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	return s.live.hub.Serve(ctx, w, r, web.Actor(ctx))
}

// liveChange tells open pages of a change to a flow.
func (s *Server) liveChange(c change) {
	h := s.live.hub
	switch c.kind {
	case changeEdit:
		h.Publish(c.flow, false, map[string]any{"type": "edit", "flow": c.flow, "edit": c.edit})
	case changePublished:
		h.Publish(c.flow, true, map[string]any{"type": "published", "flow": c.flow, "version": c.version})
	case changeDeleted:
		s.bulletins.Forget(c.flow)
		s.engine.Forget(c.flow, func(string) bool { return false })
	}
	h.Touch(c.flow)
}

// runChanged notes that a run is to be told anew; the engine calls it.
func (s *Server) runChanged(flow string, n flowfile.RunID) {
	l := s.live
	if n == 0 {
		return
	}
	l.mu.Lock()
	l.ran[runKey{flow, n}] = true
	l.mu.Unlock()
	select {
	case l.told <- struct{}{}:
	default:
	}
}

// tellRuns tells open pages of runs that changed, each as it is when its turn
// comes, however often it has changed meanwhile.
func (s *Server) tellRuns() {
	l := s.live
	for {
		select {
		case <-s.calls.Done():
			return
		case <-l.told:
		}
		l.mu.Lock()
		ran := l.ran
		l.ran = map[runKey]bool{}
		l.mu.Unlock()
		for k := range ran {
			if !l.hub.Watched(k.flow) {
				continue
			}
			r, err := s.store.Run(k.flow, k.run)
			if err != nil {
				continue // the flow was deleted meanwhile
			}
			l.hub.Publish(k.flow, true, map[string]any{"type": "run", "run": runItem(r)})
			l.hub.Touch(k.flow)
		}
	}
}

// bulletin keeps what the engine tells, and shows it to who watches.
func (s *Server) bulletin(b engine.Bulletin) {
	n := fault.NoteOf(b.Fault)
	kept, ok := s.bulletins.Add(live.Bulletin{At: b.At, Flow: b.Flow, Run: b.Run, Node: b.Node, Level: b.Level, Code: n.Code, Args: n.Args, Note: n})
	if ok {
		s.live.hub.Publish(b.Flow, true, map[string]any{"type": "bulletin", "bulletin": kept})
	}
}

// liveFlow returns a flow for the list of flows, nil when it is gone.
func (s *Server) liveFlow(flow string) (any, error) {
	r, err := s.store.Flow(flow)
	if err != nil {
		return nil, err
	}
	return s.viewFlow(*r)
}

// flowsMoved returns the flows whose numbers moved since it was last asked.
func (s *Server) flowsMoved(reset bool) []string {
	ids, err := s.store.FlowIDs()
	if err != nil {
		return nil
	}
	unfinished := map[string][]flowfile.RunID{}
	for _, k := range s.engine.Running() {
		unfinished[k.Flow] = append(unfinished[k.Flow], k.Run)
	}
	l := s.live
	l.mu.Lock()
	defer l.mu.Unlock()
	if reset || l.shown == nil {
		l.shown = map[string]flowNumbers{}
	}
	var out []string
	for _, id := range ids {
		n := flowNumbers{}
		if in, to := s.engine.Rates(id); in != 0 || to != 0 {
			n.in, n.out = int64(math.Round(in*10)), int64(math.Round(to*10))
		}
		for _, run := range append(unfinished[id], 0) {
			if r := s.store.Glance(id, run); r != nil {
				for _, q := range r.Queues {
					n.queued += q.Queued.N
					n.bytes += q.Queued.Bytes
				}
			}
		}
		if had, ok := l.shown[id]; !ok || had != n {
			l.shown[id] = n
			out = append(out, id)
		}
	}
	if len(l.shown) > len(ids) {
		for id := range l.shown {
			if !slices.Contains(ids, id) {
				delete(l.shown, id)
			}
		}
	}
	return out
}
