package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/live"
	"github.com/weirflow/weir/web"
)

const stream = `{"weir": 1, "id": "stream", "mode": "continuous",
 "nodes": {"gen": {"kind": "GenerateFlowFile", "settings": {"text": "x"}, "every": "20ms"},
  "log": {"kind": "LogAttribute", "terminate": ["success", "failure"]}},
 "connections": {"gen-log": {"from": "gen", "output": "success", "to": "log", "limit": {"flowfiles": 20}}}}`

// liveFrame is any message that the server sends.
type liveFrame struct {
	Type     string          `json:"type"`
	Flow     json.RawMessage `json:"flow"`
	Run      json.RawMessage `json:"run"`
	IDs      live.IDs        `json:"ids"`
	Nodes    [][]float64     `json:"nodes"`
	Wires    [][]float64     `json:"wires"`
	Totals   *live.Totals    `json:"totals"`
	Edit     *Edit           `json:"edit"`
	Version  any             `json:"version"`
	Bulletin *live.Bulletin  `json:"bulletin"`
}

// watcher is a page that keeps what it was told, as pages do.
type watcher struct {
	t *testing.T
	*websocket.Conn
	ids    live.IDs
	nodes  map[string][]float64
	wires  map[string][]float64
	totals live.Totals
}

func watchOn(t *testing.T, dir string, says ...any) *watcher {
	t.Helper()
	d := websocket.Dialer{EnableCompression: true, NetDialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", filepath.Join(dir, "control.sock"))
	}}
	c, _, err := d.DialContext(t.Context(), "ws://weir/api/v1/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	w := &watcher{t: t, Conn: c, nodes: map[string][]float64{}, wires: map[string][]float64{}}
	for _, s := range says {
		if err := c.WriteJSON(s); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// until reads frames until ok.
func (w *watcher) until(what string, ok func(f *liveFrame) bool) {
	w.t.Helper()
	_ = w.SetReadDeadline(time.Now().Add(30 * time.Second))
	for {
		var f liveFrame
		_, b, err := w.ReadMessage()
		if err == nil {
			err = json.Unmarshal(b, &f)
		}
		if err != nil {
			w.t.Fatalf("%s: %v; the newest are %v and %v", what, err, w.nodes, w.wires)
		}
		frameAsDescribed(w.t, b)
		if f.Type == "snapshot" {
			w.ids = f.IDs
			clear(w.nodes)
			clear(w.wires)
		}
		for _, r := range f.Nodes {
			w.nodes[w.ids.Nodes[int(r[0])]] = r
		}
		for _, r := range f.Wires {
			w.wires[w.ids.Wires[int(r[0])]] = r
		}
		if f.Totals != nil {
			w.totals = *f.Totals
		}
		if ok(&f) {
			return
		}
	}
}

func (w *watcher) state(node string, want float64) {
	w.t.Helper()
	w.until(fmt.Sprintf("%s is to be %v", node, want), func(*liveFrame) bool { r := w.nodes[node]; return r != nil && r[1] == want })
}

func watching(flow string) map[string]any {
	return map[string]any{"type": "watch", "flow": flow, "rate": 2}
}

func TestAContinuousFlowIsWatchedAndSwitched(t *testing.T) {
	dir := t.TempDir()
	cfg := Config{Data: dir, Control: true, liveStep: 20 * time.Millisecond, Version: "v9"}
	s := open(t, cfg)
	c := s.Client()
	call[Published](t, c, "POST", "/flows", ImportFlow{Doc: json.RawMessage(stream)})
	w := watchOn(t, dir, watching("stream"))
	w.state("gen", 0)
	call[Switched](t, c, "POST", "/flows/stream/start", nil)
	w.until("rows move", func(*liveFrame) bool {
		g, l := w.nodes["gen"], w.nodes["log"]
		return g[1] == 1 && g[3] > 3 && l[2] > 3 && g[11] > 0 && w.totals.Running == 2
	})

	states := call[NodeStates](t, c, "POST", "/flows/stream/nodes/stop", NodeOrder{Nodes: []string{"log"}})
	if st := states.Nodes["log"]; st == "" || st == "disabled" {
		t.Errorf("the order answers %q", st)
	}
	w.until("back pressure", func(*liveFrame) bool {
		wire := w.wires["gen-log"]
		return w.nodes["log"][1] == 0 && wire[1] >= 20 && wire[4] >= 100 && wire[7] == 1 && w.nodes["gen"][9] == wire[0]
	})
	if st := call[liveFrame](t, c, "GET", "/flows/stream/status", nil); st.Type != "snapshot" || len(st.Nodes) != 2 || len(st.Wires) != 1 || st.Wires[0][1] < 20 {
		t.Errorf("the status is %+v", st)
	}

	// A restart, and a new version, leave the switch as it is.
	if err := s.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	s = open(t, cfg)
	c = s.Client()
	w = watchOn(t, dir, watching("stream"))
	w.until("after a restart", func(*liveFrame) bool {
		return w.nodes["log"] != nil && w.nodes["log"][1] == 0 && w.nodes["gen"][1] == 1
	})
	other := strings.Replace(stream, `"every": "20ms"`, `"every": "30ms"`, 1)
	call[Published](t, c, "POST", "/flows", ImportFlow{Doc: json.RawMessage(other)})
	w.until("the new version is told", func(f *liveFrame) bool { return f.Type == "published" })
	w.until("the new version works", func(*liveFrame) bool { return w.nodes["log"][1] == 0 && w.nodes["gen"][1] == 1 })
	call[NodeStates](t, c, "POST", "/flows/stream/nodes/start", NodeOrder{Nodes: []string{"log"}})
	w.until("the queue drains", func(*liveFrame) bool { return w.nodes["log"][1] == 1 && w.wires["gen-log"][1] < 10 })
	call[NodeStates](t, c, "POST", "/flows/stream/nodes/disable", NodeOrder{Nodes: []string{"gen"}})
	w.state("gen", 3)
	if code := codeOf(t, c, "POST", "/flows/stream/nodes/start", NodeOrder{Nodes: []string{"gen"}}); code != "node_disabled" {
		t.Errorf("start of a disabled node: %q", code)
	}
	if code := codeOf(t, c, "POST", "/flows/stream/nodes/log/clear-state", nil); code != "node_at_work" {
		t.Errorf("clear of a node at work: %q", code)
	}
	for _, had := range []bool{true, false} { // the source counts what it made
		if got := call[Cleared](t, c, "POST", "/flows/stream/nodes/gen/clear-state", nil); got.Had != had {
			t.Errorf("clearing says that there was a state: %v, want %v", got.Had, had)
		}
	}
	s.noteDepths()
	h := call[Series](t, c, "GET", "/flows/stream/history?node=gen", nil)
	if len(h.Series["out"]) != day || len(h.Series["p95_us"]) != day || len(h.Recent) != 60 {
		t.Errorf("the history of a node has %d points", len(h.Series["out"]))
	}
	if code := codeOf(t, c, "GET", "/flows/stream/history", nil); code != "history_of_what" {
		t.Errorf("history of nothing: %q", code)
	}
	for query, want := range map[string]string{"node=gem": "flow_node_unknown", "conn=none": "connection_unknown"} {
		err := c.Call(t.Context(), "GET", "/api/v1/flows/stream/history?"+query, nil, nil)
		if status, _ := web.Describe(err); fault.CodeOf(err) != want || status != 404 {
			t.Errorf("history of %s: %v", query, err)
		}
	}
}

func TestEditsRunsAndBulletinsAreTold(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Config{Data: dir, Control: true, liveStep: 20 * time.Millisecond})
	c := s.Client()
	call[Published](t, c, "POST", "/flows", ImportFlow{Doc: json.RawMessage(gen)})
	w, home := watchOn(t, dir, watching("gen")), watchOn(t, dir, map[string]any{"type": "home"})
	w.until("a snapshot", func(f *liveFrame) bool { return f.Type == "snapshot" })
	home.until("the flow in the list", func(f *liveFrame) bool { return f.Type == "flow" && strings.Contains(string(f.Flow), `"gen"`) })

	name := json.RawMessage(`"Another"`)
	call[struct{}](t, c, "POST", "/flows/gen/edit", map[string]any{"base_rev": draftRev(t, s), "client": "c1", "label": "rename",
		"ops": []flows.Op{{Path: []string{"name"}, Value: name}}})
	w.until("the edit", func(f *liveFrame) bool { return f.Type == "edit" && f.Edit.Client == "c1" && f.Edit.Label == "rename" })

	r := call[RunView](t, c, "POST", "/runs", StartRun{Flow: "gen"})
	var run RunItem
	ended := func(f *liveFrame) bool {
		return f.Type == "run" && json.Unmarshal(f.Run, &run) == nil && run.State.Terminal()
	}
	w.until("the run", ended)
	if run.Run != r.Run.ID || run.RowsIn == 0 || run.RowsOut != run.RowsIn || run.Start == nil || run.End == nil {
		t.Errorf("the run is told as %+v", run)
	}
	home.until("the run in the list", ended)

	past := watchOn(t, dir, map[string]any{"type": "watch", "flow": "gen", "run": r.Run.ID})
	past.until("the run's rows", func(f *liveFrame) bool { return f.Type == "snapshot" })
	for slug, row := range past.nodes {
		if row[1] != liveDone || row[5] == 0 && row[4] == 0 {
			t.Errorf("node %s of the ended run is %v", slug, row)
		}
	}
}

func draftRev(t *testing.T, s *Server) uint64 {
	t.Helper()
	return call[Draft](t, s.Client(), "GET", "/flows/gen/draft", nil).Rev
}

func TestPrometheusAndDiagnostics(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Config{Data: dir, Control: true, liveStep: 20 * time.Millisecond})
	c := s.Client()
	call[Published](t, c, "POST", "/flows", ImportFlow{Doc: json.RawMessage(stream)})
	call[Switched](t, c, "POST", "/flows/stream/start", nil)
	w := watchOn(t, dir, watching("stream"))
	w.until("something moves", func(*liveFrame) bool { return w.nodes["log"] != nil && w.nodes["log"][2] > 0 })
	rec := httptest.NewRecorder()
	s.metrics.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	text := rec.Body.String()
	for _, want := range []string{`weir_node_flowfiles_out_total{flow="stream",node="gen"} `, `weir_connection_queued_flowfiles{connection="gen-log",flow="stream"} `,
		"weir_live_clients 1\n", "weir_store_up 1\n", "# TYPE weir_node_sessions_total counter\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("the metrics lack %q:\n%s", want, text)
		}
	}
	d := call[Diagnostics](t, c, "GET", "/diagnostics", nil)
	if d.Live.Clients != 1 || d.Live.Topics != 1 || d.DiskFree <= 0 || d.DataBytes <= 0 || d.Heap == 0 || d.Store.Flows != 1 {
		t.Errorf("diagnostics: %+v", d)
	}
}

func TestCloseEndsWatchers(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Config{Data: dir, Control: true, liveStep: 20 * time.Millisecond})
	call[Published](t, s.Client(), "POST", "/flows", ImportFlow{Doc: json.RawMessage(stream)})
	w := watchOn(t, dir, watching("stream"))
	w.until("a snapshot", func(f *liveFrame) bool { return f.Type == "snapshot" })
	if err := s.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	_ = w.SetReadDeadline(time.Now().Add(10 * time.Second))
	for {
		if _, _, err := w.ReadMessage(); err != nil {
			if ne, ok := err.(net.Error); ok && ne.Timeout() {
				t.Error("the page was not told that the server closes")
			}
			return
		}
	}
}

// TestLiveStandsBehindTheGate opens the socket over TCP: with the cookie of the
// printed link, and from nobody and from another site, which are refused.
func TestLiveStandsBehindTheGate(t *testing.T) {
	s := open(t, Config{Data: t.TempDir(), Listen: "127.0.0.1:0", liveStep: 20 * time.Millisecond})
	call[Published](t, s.Client(), "POST", "/flows", ImportFlow{Doc: json.RawMessage(stream)})
	b := browse(t, s)
	b.ask("GET", strings.TrimPrefix(s.Link(), s.URL()), "")
	if b.cookie == nil {
		t.Fatal("the link gave no cookie")
	}
	dial := func(origin string, signedIn bool) (*websocket.Conn, error) {
		h := http.Header{"Origin": {origin}}
		if signedIn {
			h.Set("Cookie", b.cookie.Name+"="+b.cookie.Value)
		}
		c, _, err := websocket.DefaultDialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(s.URL(), "http")+"/api/v1/live", h)
		return c, err
	}
	for _, no := range []struct {
		origin   string
		signedIn bool
	}{{s.URL(), false}, {"https://elsewhere.example", true}} {
		if c, err := dial(no.origin, no.signedIn); err == nil {
			c.Close()
			t.Errorf("origin %s, signed in %v: let in", no.origin, no.signedIn)
		}
	}
	c, err := dial(s.URL(), true)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	w := &watcher{t: t, Conn: c, nodes: map[string][]float64{}, wires: map[string][]float64{}}
	if err := c.WriteJSON(watching("stream")); err != nil {
		t.Fatal(err)
	}
	w.until("a snapshot", func(f *liveFrame) bool { return f.Type == "snapshot" && len(f.Nodes) == 2 })
	if resp, text := b.ask("GET", "/metrics", ""); resp.StatusCode != http.StatusOK || !strings.Contains(text, "weir_live_clients 1") {
		t.Errorf("/metrics: %s %s", resp.Status, text)
	}
	if resp, text := b.ask("GET", "/readyz", ""); resp.StatusCode != http.StatusOK {
		t.Errorf("/readyz: %s %s", resp.Status, text)
	}
}
