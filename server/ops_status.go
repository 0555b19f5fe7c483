package server

import (
	"context"
	"encoding/json"
	"maps"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/internal/near"
	"github.com/weirflow/weir/live"
	"github.com/weirflow/weir/runs"
)

// FlowStatus asks what a flow's nodes and connections do: of its continuous
// data, or of a run.
type FlowStatus struct {
	Flow string `param:"flow" json:"-"`
	Run  string `query:"run" json:"-"`
}

// StatusView is a live snapshot; see LiveSnapshot.
type StatusView struct{ raw json.RawMessage }

// MarshalJSON writes the snapshot.
func (v *StatusView) MarshalJSON() ([]byte, error) { return v.raw, nil }

func (s *Server) flowStatus(_ context.Context, in *FlowStatus) (*StatusView, error) {
	if _, err := s.store.Flow(in.Flow); err != nil {
		return nil, err
	}
	var sample live.Sample
	if err := s.live.sampler.sample(in.Flow, in.Run, &sample); err != nil {
		return nil, err
	}
	t := live.NewTopic(in.Flow, in.Run)
	t.Update(&sample, s.cfg.Now().UnixMilli())
	return &StatusView{t.Snapshot()}, nil
}

// FlowHistory asks for the last 24 hours of a node or connection of a flow.
type FlowHistory struct {
	Flow string `param:"flow" json:"-"`
	Node string `query:"node" json:"-"`
	Conn string `query:"conn" json:"-"`
}

// Series are numbers at equal steps, the last one ending at To.
type Series struct {
	StepS int       `json:"step_s"`
	To    time.Time `json:"to"`
	// Series is in, out and p95_us of a node, count and bytes of a connection.
	Series map[string][]int64 `json:"series"`
	// Recent is what came out of a node in each of the last 60 seconds.
	Recent []int64 `json:"recent,omitempty"`
}

const day = 24 * 60 // minutes

func (s *Server) flowHistory(_ context.Context, in *FlowHistory) (*Series, error) {
	if _, err := s.store.Flow(in.Flow); err != nil {
		return nil, err
	}
	now := s.cfg.Now()
	to := now.Unix() / 60
	out := &Series{StepS: 60, To: time.Unix(to*60, 0).UTC(), Series: map[string][]int64{}}
	if (in.Node == "") == (in.Conn == "") {
		return nil, fault.New("history_of_what").Permanent()
	}
	if err := s.hasPart(in.Flow, in.Node, in.Conn); err != nil {
		return nil, err
	}
	if in.Conn != "" {
		count, bytes := s.live.depths.read(in.Flow, in.Conn, to)
		out.Series["count"], out.Series["bytes"] = count, bytes
		return out, nil
	}
	ins, outs, p95 := make([]int64, day), make([]int64, day), make([]int64, day)
	for _, p := range s.engine.MinutesOf(in.Flow, in.Node, now.Add(-24*time.Hour)) {
		if i := p.Minute - (to - day); i >= 0 && i < day {
			ins[i], outs[i], p95[i] = p.In, p.Out, p.P95.Microseconds()
		}
	}
	out.Series["in"], out.Series["out"], out.Series["p95_us"] = ins, outs, p95
	out.Recent = s.engine.Recent(in.Flow, in.Node)
	return out, nil
}

// hasPart refuses a node, or a connection, that neither the draft of a flow nor its
// version in force has.
func (s *Server) hasPart(flow, node, conn string) error {
	draft, _, err := s.draftFlow(flow)
	if err != nil {
		return err
	}
	v, err := s.store.Newest(flow)
	if err != nil {
		return err
	}
	var plan runs.Plan
	if v > 0 {
		version, err := s.store.Version(flow, v)
		if err != nil {
			return err
		}
		plan = version.Plan
	}
	if conn != "" {
		if _, ok := draft.Connections[conn]; ok {
			return nil
		}
		if _, ok := plan.Conns[conn]; !ok {
			return unknownConnection(flow, conn, plan.Conns)
		}
		return nil
	}
	names := slices.Concat(slices.Collect(maps.Keys(draft.Nodes)), slices.Collect(maps.Keys(plan.Nodes)))
	if slices.Contains(names, node) {
		return nil
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if like := near.Nearest(node, names, 3); len(like) > 0 {
		names = like
	}
	return fault.New("flow_node_unknown", "flow", flow, "node", node, "nearest", strings.Join(names, ", ")).Permanent()
}

// depthHistory keeps what lay on connections each minute, of those on which it
// changed.
type depthHistory struct {
	mu sync.Mutex
	of map[[2]string][]depthPoint
}

type depthPoint struct{ minute, count, bytes int64 }

// note keeps a point when it differs from the last one.
func (h *depthHistory) note(flow, conn string, p depthPoint) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.of == nil {
		h.of = map[[2]string][]depthPoint{}
	}
	k := [2]string{flow, conn}
	of := h.of[k]
	if n := len(of); n > 0 && of[n-1].count == p.count && of[n-1].bytes == p.bytes || n == 0 && p.count == 0 {
		return
	}
	// The last point before the day tells what lay there at its beginning.
	for len(of) > 1 && of[1].minute <= p.minute-day {
		of = of[1:]
	}
	h.of[k] = append(of, p)
}

func (h *depthHistory) read(flow, conn string, to int64) (count, bytes []int64) {
	count, bytes = make([]int64, day), make([]int64, day)
	h.mu.Lock()
	defer h.mu.Unlock()
	of := h.of[[2]string{flow, conn}]
	for i, p := range of {
		end := to
		if i+1 < len(of) {
			end = of[i+1].minute
		}
		for m := max(p.minute, to-day); m < min(end, to); m++ {
			count[m-(to-day)], bytes[m-(to-day)] = p.count, p.bytes
		}
	}
	return count, bytes
}

// keepDepths notes what lies on the connections of continuous flows, each minute.
func (s *Server) keepDepths() {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-s.calls.Done():
			return
		case <-tick.C:
			s.noteDepths()
		}
	}
}

func (s *Server) noteDepths() {
	ids, err := s.store.FlowIDs()
	if err != nil {
		return // the disk failed, which others tell
	}
	h := &s.live.depths
	h.mu.Lock()
	for k := range h.of {
		if !slices.Contains(ids, k[0]) {
			delete(h.of, k)
		}
	}
	h.mu.Unlock()
	minute := s.cfg.Now().Unix() / 60
	for _, id := range ids {
		if r := s.store.Glance(id, 0); r != nil {
			for conn, q := range r.Queues {
				h.note(id, conn, depthPoint{minute, q.Queued.N, q.Queued.Bytes})
			}
		}
	}
}

// Diagnostics tells how the program does.
type Diagnostics struct {
	Version    string `json:"version"`
	Go         string `json:"go"`
	UptimeS    int64  `json:"uptime_s"`
	Goroutines int    `json:"goroutines"`
	// Heap and RSS are bytes of memory, DiskFree bytes on the disk of the data,
	// DataBytes those that it holds.
	Heap      uint64           `json:"heap"`
	RSS       int64            `json:"rss"`
	DiskFree  int64            `json:"disk_free"`
	DataBytes int64            `json:"data_bytes"`
	Store     StoreDiagnostics `json:"store"`
	Live      LiveDiagnostics  `json:"live"`
}

// StoreDiagnostics tells how the store does.
type StoreDiagnostics struct {
	ID     string `json:"id"`
	Dir    string `json:"dir"`
	Flows  int    `json:"flows"`
	Failed string `json:"failed,omitempty"`
}

// LiveDiagnostics tells of the pages that watch.
type LiveDiagnostics struct {
	Clients int `json:"clients"`
	Topics  int `json:"topics"`
	// Dropped counts frames and events that slow clients missed.
	Dropped int64 `json:"dropped"`
}

func (s *Server) diagnostics(context.Context, *struct{}) (*Diagnostics, error) {
	ids, err := s.store.FlowIDs()
	if err != nil {
		return nil, err
	}
	d := &Diagnostics{Version: s.cfg.Version, Go: runtime.Version(), UptimeS: int64(time.Since(s.began).Seconds()), Goroutines: runtime.NumGoroutine(),
		RSS: residentBytes(), Store: StoreDiagnostics{ID: s.store.ID(), Dir: s.store.Dir(), Flows: len(ids)}}
	if info, ok := debug.ReadBuildInfo(); ok && d.Version == "" {
		d.Version = info.Main.Version
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	d.Heap = m.HeapAlloc
	if err := s.store.Err(); err != nil {
		d.Store.Failed = fault.CodeOf(err)
	}
	if d.DiskFree, d.DataBytes, err = s.store.Room(); err != nil {
		return nil, err
	}
	d.Live.Clients, d.Live.Dropped = s.live.hub.Count()
	d.Live.Topics = s.live.hub.Topics()
	return d, nil
}
