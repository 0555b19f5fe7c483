package server

import (
	"cmp"
	"maps"
	"net/http"
	"runtime"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/weirflow/weir/engine"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

// mostSeries bounds the nodes and the connections that are told to Prometheus.
const mostSeries = 10_000

// metric describes one of our metrics by its name without weir_ before it.
func metric(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("weir_"+name, help, labels, nil)
}

// nodeMetrics are those of each node.
var nodeMetrics = []struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
	of   func(*engine.Counted) float64
}{
	{metric("node_flowfiles_in_total", "FlowFiles that sessions of a node took.", "flow", "node"), prometheus.CounterValue, func(c *engine.Counted) float64 { return float64(c.TotalIn.N) }},
	{metric("node_flowfiles_out_total", "FlowFiles that sessions of a node transferred.", "flow", "node"), prometheus.CounterValue, func(c *engine.Counted) float64 { return float64(c.TotalOut.N) }},
	{metric("node_rows_in_total", "Rows in what sessions of a node took.", "flow", "node"), prometheus.CounterValue, func(c *engine.Counted) float64 { return float64(c.TotalIn.Rows) }},
	{metric("node_rows_out_total", "Rows in what sessions of a node transferred.", "flow", "node"), prometheus.CounterValue, func(c *engine.Counted) float64 { return float64(c.TotalOut.Rows) }},
	{metric("node_bytes_in_total", "Bytes of what sessions of a node took.", "flow", "node"), prometheus.CounterValue, func(c *engine.Counted) float64 { return float64(c.TotalIn.Bytes) }},
	{metric("node_bytes_out_total", "Bytes of what sessions of a node transferred.", "flow", "node"), prometheus.CounterValue, func(c *engine.Counted) float64 { return float64(c.TotalOut.Bytes) }},
	{metric("node_sessions_total", "Committed sessions of a node.", "flow", "node"), prometheus.CounterValue, func(c *engine.Counted) float64 { return float64(c.Sessions) }},
	{metric("node_busy_seconds_total", "Time spent in committed sessions of a node.", "flow", "node"), prometheus.CounterValue, func(c *engine.Counted) float64 { return c.Busy.Seconds() }},
	{metric("node_failures_total", "Failed sessions of a node.", "flow", "node"), prometheus.CounterValue, func(c *engine.Counted) float64 { return float64(c.Failures) }},
	{metric("node_session_p95_seconds", "Duration that 95 of 100 recent sessions did not exceed.", "flow", "node"), prometheus.GaugeValue, func(c *engine.Counted) float64 { return c.P95.Seconds() }},
}

// The other metrics.
var (
	metricQueued      = metric("connection_queued_flowfiles", "FlowFiles on a connection, of all runs.", "flow", "connection")
	metricQueuedBytes = metric("connection_queued_bytes", "Bytes on a connection, of all runs.", "flow", "connection")
	metricUnfinished  = metric("runs_unfinished", "Runs that have not ended.", "flow", "state")
	metricAtWork      = metric("tasks_at_work", "Sessions at work.")
	metricClients     = metric("live_clients", "Pages that watch.")
	metricDropped     = metric("live_dropped_total", "Frames and events that slow pages missed.")
	metricStore       = metric("store_up", "1 while the store works.")
	metricGoroutines  = metric("goroutines", "Goroutines.")
	metricResident    = metric("resident_bytes", "Memory of the process.")
)

// collector tells Prometheus the numbers as they are when it asks.
type collector struct{ s *Server }

// openMetrics makes what Prometheus asks, of a registry of the server's own.
func (s *Server) openMetrics() http.Handler {
	own := prometheus.NewRegistry()
	own.MustRegister(collector{s})
	return promhttp.HandlerFor(own, promhttp.HandlerOpts{MaxRequestsInFlight: 4})
}

// Describe tells which metrics there are.
func (c collector) Describe(to chan<- *prometheus.Desc) {
	for _, m := range nodeMetrics {
		to <- m.desc
	}
	for _, d := range []*prometheus.Desc{metricQueued, metricQueuedBytes, metricUnfinished, metricAtWork, metricClients,
		metricDropped, metricStore, metricGoroutines, metricResident} {
		to <- d
	}
}

// Collect tells the numbers.
func (c collector) Collect(to chan<- prometheus.Metric) {
	s := c.s
	tell := func(d *prometheus.Desc, kind prometheus.ValueType, v float64, labels ...string) {
		m, err := prometheus.NewConstMetric(d, kind, v, labels...)
		if err != nil {
			m = prometheus.NewInvalidMetric(d, err)
		}
		to <- m
	}
	for _, n := range s.engine.AllCounted(mostSeries) {
		for _, m := range nodeMetrics {
			tell(m.desc, m.kind, m.of(&n), n.Flow, n.Node)
		}
	}
	queued, states := s.queuedAndRuns()
	for k, t := range queued {
		tell(metricQueued, prometheus.GaugeValue, float64(t.N), k.flow, k.name)
		tell(metricQueuedBytes, prometheus.GaugeValue, float64(t.Bytes), k.flow, k.name)
	}
	for k, n := range states {
		tell(metricUnfinished, prometheus.GaugeValue, float64(n), k.flow, k.name)
	}
	clients, dropped := s.live.hub.Count()
	up := 1.0
	if s.store.Err() != nil {
		up = 0
	}
	tell(metricAtWork, prometheus.GaugeValue, float64(s.engine.AtWork()))
	tell(metricClients, prometheus.GaugeValue, float64(clients))
	tell(metricDropped, prometheus.CounterValue, float64(dropped))
	tell(metricStore, prometheus.GaugeValue, up)
	tell(metricGoroutines, prometheus.GaugeValue, float64(runtime.NumGoroutine()))
	tell(metricResident, prometheus.GaugeValue, float64(residentBytes()))
}

// ofFlow names a connection of a flow, or a state of its runs.
type ofFlow struct{ flow, name string }

// queuedAndRuns tells what lies on connections, the first ones where there are
// very many, and how many runs have not ended, by state.
func (s *Server) queuedAndRuns() (queued map[ofFlow]flowfile.Tally, states map[ofFlow]int) {
	queued, states = map[ofFlow]flowfile.Tally{}, map[ofFlow]int{}
	all := s.store.UnfinishedRuns()
	for _, r := range all {
		states[ofFlow{r.Flow, string(r.State)}]++
	}
	if ids, err := s.store.FlowIDs(); err == nil {
		for _, id := range ids {
			if r := s.store.Glance(id, 0); r != nil {
				all = append(all, r)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b *runs.Run) int { return cmp.Compare(a.Flow, b.Flow) })
	for _, r := range all {
		for _, conn := range slices.Sorted(maps.Keys(r.Queues)) {
			k := ofFlow{r.Flow, conn}
			if t, ok := queued[k]; ok || len(queued) < mostSeries {
				t.Plus(r.Queues[conn].Queued)
				queued[k] = t
			}
		}
	}
	return queued, states
}
