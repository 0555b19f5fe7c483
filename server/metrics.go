package server

import (
	"bufio"
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/weirflow/weir/engine"
	"github.com/weirflow/weir/flowfile"
)

// mostSeries bounds the nodes and the connections that are told to Prometheus.
const mostSeries = 10_000

// exposition writes numbers in the text format that Prometheus reads.
type exposition struct{ *bufio.Writer }

// family begins a metric, a counter when its name ends in _total.
func (w exposition) family(name, help string) {
	kind := "gauge"
	if strings.HasSuffix(name, "_total") {
		kind = "counter"
	}
	fmt.Fprintf(w, "# HELP weir_%s %s\n# TYPE weir_%s %s\n", name, help, name, kind)
}

// value writes one number with its labels, names and values in turn. Labels are
// slugs or states of our own, which need no escapes but get them.
func (w exposition) value(name string, v float64, labels ...string) {
	fmt.Fprintf(w, "weir_%s", name)
	for i := 0; i < len(labels); i += 2 {
		sep := ","
		if i == 0 {
			sep = "{"
		}
		fmt.Fprintf(w, `%s%s="%s"`, sep, labels[i], escapeLabel.Replace(labels[i+1]))
	}
	if len(labels) > 0 {
		_ = w.WriteByte('}')
	}
	fmt.Fprintf(w, " %s\n", strconv.FormatFloat(v, 'g', -1, 64))
}

var escapeLabel = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// one writes a metric that has one number.
func (w exposition) one(name, help string, v float64) {
	w.family(name, help)
	w.value(name, v)
}

// nodeMetrics are those of each node.
var nodeMetrics = []struct {
	name, help string
	of         func(*engine.Counted) float64
}{
	{"node_flowfiles_in_total", "FlowFiles that sessions of a node took.", func(c *engine.Counted) float64 { return float64(c.TotalIn.N) }},
	{"node_flowfiles_out_total", "FlowFiles that sessions of a node transferred.", func(c *engine.Counted) float64 { return float64(c.TotalOut.N) }},
	{"node_rows_in_total", "Rows in what sessions of a node took.", func(c *engine.Counted) float64 { return float64(c.TotalIn.Rows) }},
	{"node_rows_out_total", "Rows in what sessions of a node transferred.", func(c *engine.Counted) float64 { return float64(c.TotalOut.Rows) }},
	{"node_bytes_in_total", "Bytes of what sessions of a node took.", func(c *engine.Counted) float64 { return float64(c.TotalIn.Bytes) }},
	{"node_bytes_out_total", "Bytes of what sessions of a node transferred.", func(c *engine.Counted) float64 { return float64(c.TotalOut.Bytes) }},
	{"node_sessions_total", "Committed sessions of a node.", func(c *engine.Counted) float64 { return float64(c.Sessions) }},
	{"node_busy_seconds_total", "Time spent in committed sessions of a node.", func(c *engine.Counted) float64 { return c.Busy.Seconds() }},
	{"node_failures_total", "Failed sessions of a node.", func(c *engine.Counted) float64 { return float64(c.Failures) }},
	{"node_session_p95_seconds", "Duration that 95 of 100 recent sessions did not exceed.", func(c *engine.Counted) float64 { return c.P95.Seconds() }},
}

// openMetrics makes what Prometheus asks: the numbers as they are when it does.
func (s *Server) openMetrics() http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		w := exposition{bufio.NewWriter(rw)}
		s.expose(w)
		_ = w.Flush() // whoever asked has left
	})
}

func (s *Server) expose(w exposition) {
	counted := s.engine.AllCounted(mostSeries)
	slices.SortFunc(counted, func(a, b engine.Counted) int { return cmp.Or(cmp.Compare(a.Flow, b.Flow), cmp.Compare(a.Node, b.Node)) })
	for _, m := range nodeMetrics {
		w.family(m.name, m.help)
		for i := range counted {
			w.value(m.name, m.of(&counted[i]), "flow", counted[i].Flow, "node", counted[i].Node)
		}
	}
	s.exposeQueues(w)
	clients, dropped := s.live.hub.Count()
	up := 1.0
	if s.store.Err() != nil {
		up = 0
	}
	w.one("tasks_at_work", "Sessions at work.", float64(s.engine.AtWork()))
	w.one("live_clients", "Pages that watch.", float64(clients))
	w.one("live_dropped_total", "Frames and events that slow pages missed.", float64(dropped))
	w.one("store_up", "1 while the store works.", up)
	w.one("goroutines", "Goroutines.", float64(runtime.NumGoroutine()))
	w.one("resident_bytes", "Memory of the process.", float64(residentBytes()))
}

// exposeQueues tells what lies on connections, and the runs that have not ended.
func (s *Server) exposeQueues(w exposition) {
	type key struct{ flow, name string }
	order := func(a, b key) int { return cmp.Or(cmp.Compare(a.flow, b.flow), cmp.Compare(a.name, b.name)) }
	queued, states := map[key]flowfile.Tally{}, map[key]int{}
	all := s.store.UnfinishedRuns()
	for _, r := range all {
		states[key{r.Flow, string(r.State)}]++
	}
	if ids, err := s.store.FlowIDs(); err == nil {
		for _, id := range ids {
			if r := s.store.Glance(id, 0); r != nil {
				all = append(all, r)
			}
		}
	}
	for _, r := range all {
		for conn, q := range r.Queues {
			k := key{r.Flow, conn}
			if t, ok := queued[k]; ok || len(queued) < mostSeries {
				t.Plus(q.Queued)
				queued[k] = t
			}
		}
	}
	sorted := slices.SortedFunc(maps.Keys(queued), order)
	w.family("connection_queued_flowfiles", "FlowFiles on a connection, of all runs.")
	for _, k := range sorted {
		w.value("connection_queued_flowfiles", float64(queued[k].N), "flow", k.flow, "connection", k.name)
	}
	w.family("connection_queued_bytes", "Bytes on a connection, of all runs.")
	for _, k := range sorted {
		w.value("connection_queued_bytes", float64(queued[k].Bytes), "flow", k.flow, "connection", k.name)
	}
	w.family("runs_unfinished", "Runs that have not ended.")
	for _, k := range slices.SortedFunc(maps.Keys(states), order) {
		w.value("runs_unfinished", float64(states[k]), "flow", k.flow, "state", k.name)
	}
}
