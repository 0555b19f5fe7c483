package live

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/weirflow/weir/fault"
)

// shown is a flow of which every row changes at each look.
type shown struct {
	nodes, wires int
	looks        atomic.Int64
	still        atomic.Bool
	ids          atomic.Int64
}

func (f *shown) sample(flow, _ string, s *Sample) error {
	if flow == "none" {
		return fault.New("flow_unknown", "flow", flow, "nearest", "").Permanent()
	}
	n := f.looks.Load()
	if !f.still.Load() {
		n = f.looks.Add(1)
	}
	s.IDs = IDs{}
	s.Nodes, s.Wires = s.Nodes[:0], s.Wires[:0]
	for i := range f.nodes {
		s.IDs.Nodes = append(s.IDs.Nodes, fmt.Sprintf("n%d-%d", i, f.ids.Load()))
		s.Nodes = append(s.Nodes, NodeRow{State: 1, In: n, Out: n, Blocked: -1, OutRate: 15})
	}
	for i := range f.wires {
		s.IDs.Wires = append(s.IDs.Wires, fmt.Sprint("w", i))
		s.Wires = append(s.Wires, WireRow{Count: n + int64(i)})
	}
	s.Totals = Totals{Running: f.nodes, Queued: n}
	return nil
}

func serve(t *testing.T, cfg Config) (*Hub, string) {
	h := NewHub(cfg)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = h.Serve(context.Background(), w, r, "tester")
	}))
	t.Cleanup(func() { h.Close(); srv.Close() })
	return h, "ws" + strings.TrimPrefix(srv.URL, "http")
}

type page struct {
	t *testing.T
	*websocket.Conn
}

func dial(t *testing.T, url string) *page {
	t.Helper()
	d := websocket.Dialer{EnableCompression: true, NetDialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, addr)
		if err == nil {
			err = c.(*net.TCPConn).SetReadBuffer(32 << 10)
		}
		return c, err
	}}
	c, _, err := d.Dial(url, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return &page{t, c}
}

func (p *page) say(v any) {
	p.t.Helper()
	if err := p.WriteJSON(v); err != nil {
		p.t.Fatal(err)
	}
}

type frame struct {
	Type   string                 `json:"type"`
	Flow   any                    `json:"flow"`
	Seq    uint64                 `json:"seq"`
	IDs    IDs                    `json:"ids"`
	Nodes  [][]float64            `json:"nodes"`
	Wires  [][]float64            `json:"wires"`
	Totals *Totals                `json:"totals"`
	Count  int64                  `json:"count"`
	Who    []Opened               `json:"who"`
	T      float64                `json:"t"`
	Error  *struct{ Code string } `json:"error"`
	Edit   any                    `json:"edit"`
	size   int
}

func (p *page) next(types ...string) frame {
	p.t.Helper()
	_ = p.SetReadDeadline(time.Now().Add(20 * time.Second))
	for {
		_, b, err := p.ReadMessage()
		if err != nil {
			p.t.Fatal(err)
		}
		var f frame
		if err := json.Unmarshal(b, &f); err != nil {
			p.t.Fatalf("%v: %s", err, b)
		}
		f.size = len(b)
		for _, k := range types {
			if f.Type == k {
				return f
			}
		}
	}
}

func TestSnapshotThenWhatChanged(t *testing.T) {
	f := &shown{nodes: 3, wires: 2}
	_, url := serve(t, Config{Sample: f.sample, Step: 10 * time.Millisecond, Version: "v1"})
	p := dial(t, url)
	p.next("hello")
	p.say(map[string]any{"type": "watch", "flow": "a"})
	first := p.next("snapshot", "delta")
	if first.Type != "snapshot" || len(first.Nodes) != 3 || len(first.Wires) != 2 || len(first.IDs.Nodes) != 3 || first.Totals == nil {
		t.Fatalf("the first frame is %+v", first)
	}
	if row := first.Nodes[1]; row[0] != 1 || row[1] != 1 || row[9] != -1 || row[11] != 1.5 || len(row) != 12 {
		t.Errorf("a node's row is %v", row)
	}
	second := p.next("snapshot", "delta")
	if second.Type != "delta" || len(second.Nodes) != 3 || second.Seq <= first.Seq {
		t.Errorf("the second frame is %+v", second)
	}
	f.still.Store(true)
	for {
		d := p.next("delta")
		if len(d.Nodes) == 0 && len(d.Wires) == 0 && d.Totals == nil {
			break // nothing changed, so nothing but the time is told
		}
	}
	f.ids.Add(1) // a new version has other nodes
	if s := p.next("snapshot"); s.IDs.Nodes[0] != "n0-1" {
		t.Errorf("the snapshot of the new version is of %v", s.IDs.Nodes)
	}
	p.say(map[string]any{"type": "ping", "t": 42})
	if pong := p.next("pong"); pong.T != 42 {
		t.Errorf("pong of %v", pong.T)
	}
}

func TestFasterRateIsTwice(t *testing.T) {
	f := &shown{nodes: 1}
	_, url := serve(t, Config{Sample: f.sample, Step: 40 * time.Millisecond})
	slow, fast := dial(t, url), dial(t, url)
	slow.say(map[string]any{"type": "watch", "flow": "a"})
	slow.next("snapshot")
	fast.say(map[string]any{"type": "watch", "flow": "a", "rate": 2})
	fast.next("snapshot")
	count := func(p *page) chan uint64 {
		out := make(chan uint64, 1)
		go func() {
			a := p.next("delta")
			var b frame
			for range 10 {
				b = p.next("delta")
			}
			out <- b.Seq - a.Seq
		}()
		return out
	}
	a, b := count(slow), count(fast)
	if n := <-a; n < 16 || n > 24 {
		t.Errorf("ten slow frames span %d steps, want about 20", n)
	}
	if n := <-b; n < 9 || n > 14 {
		t.Errorf("ten fast frames span %d steps, want about 10", n)
	}
}

func TestNothingIsSampledWhenNobodyWatches(t *testing.T) {
	f := &shown{nodes: 1}
	h, url := serve(t, Config{Sample: f.sample, Step: 5 * time.Millisecond})
	p := dial(t, url)
	p.next("hello")
	if f.looks.Load() != 0 {
		t.Error("sampled before anybody watched")
	}
	p.say(map[string]any{"type": "watch", "flow": "a"})
	p.next("delta")
	p.say(map[string]any{"type": "unwatch", "flow": "a"})
	p.say(map[string]any{"type": "ping"})
	p.next("pong")
	if n := h.Topics(); n != 0 {
		t.Errorf("%d topics after the last one left", n)
	}
	p.say(map[string]any{"type": "watch", "flow": "none"})
	if e := p.next("error"); e.Error == nil {
		t.Error("no error of a flow that cannot be shown")
	}
	p.Close()
	until(t, func() bool { n, _ := h.Count(); return n == 0 })
}

// TestALookThatFailsIsToldAndTheNextGoesOn: an error that may pass does not end
// the watching of a flow, and is told once to each who watches.
func TestALookThatFailsIsToldAndTheNextGoesOn(t *testing.T) {
	f := &shown{nodes: 2, wires: 1}
	var broken atomic.Bool
	var failed atomic.Int64
	h, url := serve(t, Config{Step: 5 * time.Millisecond, Sample: func(flow, run string, s *Sample) error {
		if broken.Load() {
			failed.Add(1)
			return fault.New("file_io", "path", "weir.db").Because(errors.New("input/output error"))
		}
		return f.sample(flow, run, s)
	}})
	p := dial(t, url)
	p.say(map[string]any{"type": "watch", "flow": "a"})
	seen := p.next("snapshot").Seq
	broken.Store(true)
	if e := p.next("error"); e.Error.Code != "file_io" || e.Flow != "a" {
		t.Errorf("told %+v of %v", e.Error, e.Flow)
	}
	late := dial(t, url) // hears of it too
	late.say(map[string]any{"type": "watch", "flow": "a"})
	late.next("error")
	at := failed.Load()
	until(t, func() bool { return failed.Load() > at+5 })
	if h.Topics() != 1 {
		t.Fatalf("%d topics", h.Topics())
	}
	broken.Store(false)
	if d := p.next("delta", "error"); d.Type != "delta" || d.Seq <= seen {
		t.Errorf("after it passed: %s %d, had %d", d.Type, d.Seq, seen)
	}
}

// until polls a condition.
func until(t *testing.T, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	end := time.After(20 * time.Second)
	for !ok() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatal("it did not come to pass")
		}
	}
}

// TestSlowClientGetsTheNewest lets a client read nothing while thousands of frames
// go by: the server keeps nothing for it, counts what it missed, and what it gets
// when it reads again is soon the newest.
func TestSlowClientGetsTheNewest(t *testing.T) {
	f := &shown{nodes: 1000, wires: 1000}
	h, url := serve(t, Config{Sample: f.sample, Step: 2 * time.Millisecond})
	p := dial(t, url)
	p.say(map[string]any{"type": "watch", "flow": "a", "rate": 2})
	p.next("snapshot")
	until(t, func() bool { _, d := h.Count(); return d > 0 })
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	from := f.looks.Load()
	until(t, func() bool { return f.looks.Load() > from+100 })
	for i := range 4 * mostEvents { // events are bounded too
		h.Publish("a", false, map[string]any{"type": "edit", "flow": "a", "edit": strings.Repeat("x", 32<<10), "n": i})
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > mostBytes+8<<20 {
		t.Errorf("the server grew by %d bytes for a client that does not read", grown)
	}
	newest := f.looks.Load()
	frames, lost := 0, int64(0)
	for {
		d := p.next("delta", "dropped")
		if d.Type == "dropped" {
			lost += d.Count
			continue
		}
		frames++
		if len(d.Nodes) > 0 && int64(d.Nodes[0][2]) >= newest {
			break
		}
		if frames > 100 { // what lay in the buffers of the two kernels
			t.Fatalf("still %d behind after %d frames", newest-int64(d.Nodes[0][2]), frames)
		}
	}
	if lost < 50 || frames > 50 {
		t.Errorf("%d frames came, it was told of %d that did not", frames, lost)
	}
}

func TestReconnectGetsASnapshot(t *testing.T) {
	f := &shown{nodes: 2}
	h, url := serve(t, Config{Sample: f.sample, Step: 5 * time.Millisecond})
	for range 3 {
		p := dial(t, url)
		p.say(map[string]any{"type": "watch", "flow": "a"})
		if s := p.next("snapshot", "delta"); s.Type != "snapshot" {
			t.Fatalf("the first frame is a %s", s.Type)
		}
		p.next("delta")
		p.Close()
	}
	until(t, func() bool { n, _ := h.Count(); return n == 0 && h.Topics() == 0 })
}

func TestEventsReachWhoWatches(t *testing.T) {
	f := &shown{nodes: 1}
	h, url := serve(t, Config{Sample: f.sample, Step: 5 * time.Millisecond})
	a, b := dial(t, url), dial(t, url)
	a.say(map[string]any{"type": "watch", "flow": "a"})
	b.say(map[string]any{"type": "watch", "flow": "b"})
	a.next("snapshot")
	b.next("snapshot")
	h.Publish("a", false, map[string]any{"type": "edit", "flow": "a", "edit": 1})
	h.Publish("b", false, map[string]any{"type": "edit", "flow": "b", "edit": 2})
	if e := a.next("edit"); e.Flow != "a" {
		t.Errorf("a hears of %v", e.Flow)
	}
	if e := b.next("edit"); e.Flow != "b" {
		t.Errorf("b hears of %v", e.Flow)
	}
	a.say(map[string]any{"type": "open", "flow": "a", "node": "n0", "client": "c1"})
	for {
		if w := a.next("presence").Who; len(w) == 1 && w[0] == (Opened{Client: "c1", Who: "tester", Node: "n0"}) {
			break
		}
	}
	b.say(map[string]any{"type": "watch", "flow": "a"})
	for {
		if w := b.next("presence").Who; len(w) == 1 {
			break
		}
	}
	a.Close()
	for len(b.next("presence").Who) != 0 {
	}
}

func TestHomeShowsWhatMoved(t *testing.T) {
	moved := make(chan []string, 10)
	calls := atomic.Int64{}
	h, url := serve(t, Config{Sample: (&shown{}).sample, Step: 5 * time.Millisecond,
		Flow: func(flow string) (any, error) { return map[string]any{"id": flow, "n": calls.Add(1)}, nil },
		Moved: func(reset bool) []string {
			if reset {
				return []string{"x"}
			}
			select {
			case m := <-moved:
				return m
			default:
				return nil
			}
		}})
	a, b := dial(t, url), dial(t, url)
	a.say(map[string]any{"type": "home"})
	if f := a.next("flow"); f.Flow.(map[string]any)["id"] != "x" {
		t.Errorf("%v", f.Flow)
	}
	b.say(map[string]any{"type": "home"})
	b.next("flow")
	if calls.Load() != 1 {
		t.Errorf("%d views for one change", calls.Load())
	}
	moved <- []string{"y"}
	for _, p := range []*page{a, b} {
		if f := p.next("flow"); f.Flow.(map[string]any)["id"] != "y" {
			t.Errorf("%v", f.Flow)
		}
	}
	h.Touch("x")
	a.next("flow")
	if calls.Load() != 3 {
		t.Errorf("%d views for three changes", calls.Load())
	}
}

func TestBadMessagesAreRefusedAndBounded(t *testing.T) {
	_, url := serve(t, Config{Sample: (&shown{nodes: 1}).sample, Step: 5 * time.Millisecond})
	p := dial(t, url)
	p.say([]int{1})
	p.next("error")
	p.say(map[string]any{"type": "nonsense"})
	p.next("error")
	for i := range mostWatches + 1 {
		p.say(map[string]any{"type": "watch", "flow": fmt.Sprint("f", i)})
	}
	if e := p.next("error"); e.Error.Code != "live_watches_many" {
		t.Errorf("%+v", e.Error)
	}
	p.say(map[string]any{"type": strings.Repeat("x", mostRead)})
	for {
		if _, _, err := p.ReadMessage(); err != nil {
			return // a message beyond the bound ends the connection
		}
	}
}

func TestBulletinsAreBounded(t *testing.T) {
	r := NewBulletins()
	at := time.Unix(1_800_000_000, 0)
	for i := range 3 * bulletinsKept {
		at = at.Add(silence)
		r.Add(Bulletin{At: at, Flow: "f", Node: fmt.Sprint(i % 2), Code: "c"})
		if _, again := r.Add(Bulletin{At: at, Flow: "f", Node: fmt.Sprint(i % 2), Code: "c"}); again {
			t.Fatal("the same was told twice")
		}
	}
	if n := len(r.List("", "", 0, 10_000)); n != bulletinsKept {
		t.Errorf("%d are kept", n)
	}
	of := r.List("f", "1", 0, 10_000)
	if len(of) != perNode || of[0].Seq >= of[1].Seq || of[perNode-1].Seq != 3*bulletinsKept {
		t.Errorf("of a node %d are kept: %v", len(of), of)
	}
	if next := r.List("f", "", of[perNode-1].Seq-2, 10); len(next) != 2 {
		t.Errorf("%d after the last but two", len(next))
	}
	into := make([]int64, 2)
	r.Counts("f", []string{"0", "1"}, at.Add(-4*silence), into)
	if into[0] != 2 || into[1] != 2 {
		t.Errorf("counted %v in four turns of two", into)
	}
	for i := range 3 * bulletinsKept {
		r.Add(Bulletin{At: at, Flow: fmt.Sprint(i), Code: "c"})
	}
	if len(r.node) > bulletinsKept+1 || len(r.told) > bulletinsKept {
		t.Errorf("%d places, %d said", len(r.node), len(r.told))
	}
	r.Forget("1")
	if len(r.List("1", "", 0, 10)) != 0 {
		t.Error("a flow that is gone has bulletins")
	}
}
