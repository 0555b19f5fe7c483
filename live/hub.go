package live

import (
	"cmp"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/weirflow/weir/fault"
)

// Config is what a hub shows. Sample is required.
type Config struct {
	// Sample reads a flow, or one of its runs, into a sample whose room may be
	// used again. A permanent fault ends the watching of it; any other error is
	// told and the next look tries again.
	Sample func(flow, run string, into *Sample) error
	// Flow returns a flow as the list of flows shows it; nil when it is gone.
	Flow func(flow string) (view any, err error)
	// Moved returns the flows whose numbers moved since it was last called, all at
	// the first call after reset.
	Moved func(reset bool) []string
	// Version is told to each client.
	Version string
	// Step is the pace of the faster rate; zero means half a second. Tests shorten it.
	Step time.Duration
	// Patience is how long a write may take; zero means 30 s.
	Patience time.Duration
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Hub keeps the clients and what they watch. Close joins all.
type Hub struct {
	cfg     Config
	ctx     context.Context
	cancel  context.CancelFunc
	wg      sync.WaitGroup
	dropped atomic.Int64

	mu      sync.Mutex
	closed  bool
	clients map[*client]bool
	topics  map[topicKey]*watched
	homes   int
	homing  bool                                  // runHome is at work
	views   map[string]*websocket.PreparedMessage // of flows, for home
	changed map[string]bool                       // flows to show anew
}

type topicKey struct{ flow, run string }

// watched is a topic with who watches it.
type watched struct {
	*Topic
	by   map[*client]*watch
	fast int // how many want the faster rate
	stop context.CancelFunc
}

// NewHub returns a hub.
func NewHub(cfg Config) *Hub {
	if cfg.Step == 0 {
		cfg.Step = 500 * time.Millisecond
	}
	if cfg.Patience == 0 {
		cfg.Patience = 30 * time.Second
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	h := &Hub{cfg: cfg, clients: map[*client]bool{}, topics: map[topicKey]*watched{},
		views: map[string]*websocket.PreparedMessage{}, changed: map[string]bool{}}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	return h
}

// Count tells how many clients there are and how many frames slow ones missed.
func (h *Hub) Count() (clients int, dropped int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.clients), h.dropped.Load()
}

// Topics tells how many flows and runs are watched.
func (h *Hub) Topics() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.topics)
}

// sendBuffer is how much may be on its way to a client that does not read.
const sendBuffer = 64 << 10

var upgrader = websocket.Upgrader{EnableCompression: true, HandshakeTimeout: 10 * time.Second, WriteBufferPool: &sync.Pool{},
	WriteBufferSize: 4096, ReadBufferSize: 1024, CheckOrigin: func(*http.Request) bool { return true }}

// Serve takes a connection over and returns when it, or ctx, has ended. Whose
// origin may connect is checked by who stands before it.
func (h *Hub) Serve(ctx context.Context, w http.ResponseWriter, r *http.Request, who string) error {
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return http.ErrServerClosed
	}
	h.wg.Add(1)
	h.mu.Unlock()
	defer h.wg.Done()
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return err
	}
	if tcp, ok := conn.NetConn().(*net.TCPConn); ok { // what lies in it grows old
		_ = tcp.SetWriteBuffer(sendBuffer)
	}
	c := newClient(h, conn, who)
	h.mu.Lock()
	h.clients[c] = true
	h.mu.Unlock()
	hang := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer hang()
	c.serve()
	h.leave(c)
	return nil
}

// Close ends all connections and joins what runs.
func (h *Hub) Close() {
	h.mu.Lock()
	h.closed = true
	for c := range h.clients { // a write that hangs is not waited for
		_ = c.conn.NetConn().SetDeadline(time.Now().Add(time.Second))
	}
	h.mu.Unlock()
	h.cancel()
	h.wg.Wait()
}

// watch lets a client watch a flow, or one of its runs; a watch of the same flow
// before ends.
func (h *Hub) watch(c *client, flow, run string, fast bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return
	}
	h.unwatchLocked(c, flow)
	k := topicKey{flow, run}
	t := h.topics[k]
	if t == nil {
		ctx, stop := context.WithCancel(h.ctx)
		t = &watched{Topic: NewTopic(flow, run), by: map[*client]*watch{}, stop: stop}
		h.topics[k] = t
		h.wg.Add(1)
		go func() { defer h.wg.Done(); h.run(ctx, t) }()
	}
	w := &watch{topic: t, fast: fast}
	w.dirty.Store(true)
	t.by[c] = w
	if fast {
		t.fast++
	}
	c.mu.Lock()
	c.watches[flow] = w
	c.mu.Unlock()
	c.poke()
}

func (h *Hub) unwatchLocked(c *client, flow string) {
	c.mu.Lock()
	w := c.watches[flow]
	delete(c.watches, flow)
	c.mu.Unlock()
	if w == nil {
		return
	}
	t := w.topic
	delete(t.by, c)
	if w.fast {
		t.fast--
	}
	if len(t.by) == 0 {
		t.stop()
		delete(h.topics, topicKey{t.flow, t.run})
	}
}

func (h *Hub) unwatch(c *client, flow string) {
	h.mu.Lock()
	h.unwatchLocked(c, flow)
	h.mu.Unlock()
	h.tellPresence(flow)
}

// leave forgets a client.
func (h *Hub) leave(c *client) {
	h.mu.Lock()
	var open []string
	for flow := range c.open {
		open = append(open, flow)
	}
	clear(c.open)
	for _, flow := range c.watching() {
		h.unwatchLocked(c, flow)
	}
	delete(h.clients, c)
	if c.home {
		h.homes--
	}
	h.mu.Unlock()
	for _, flow := range open {
		h.tellPresence(flow)
	}
}

// run samples a topic while somebody watches it.
func (h *Hub) run(ctx context.Context, t *watched) {
	tick := time.NewTicker(h.cfg.Step)
	defer tick.Stop()
	var s Sample
	due := time.Now()
	for n := 0; ; n++ {
		h.mu.Lock()
		fast := t.fast > 0
		h.mu.Unlock()
		if n%2 == 0 || fast {
			err := h.cfg.Sample(t.flow, t.run, &s)
			if class, _ := fault.ClassOf(err); err != nil && class == fault.Permanent {
				h.refuse(t, err)
				return
			}
			if err == nil {
				s.Totals.LagMs = time.Since(due).Milliseconds() / 10 * 10 // less is no lag
				t.Update(&s, h.cfg.Now().UnixMilli())
			}
			h.mu.Lock()
			for c, w := range t.by {
				if err != nil {
					h.tellError(c, w, err)
					continue
				}
				w.told = ""
				if n%2 == 0 || w.fast {
					if w.dirty.Swap(true) && n > 0 && w.began.Load() {
						h.dropped.Add(1)
						w.dropped.Add(1)
					}
					c.poke()
				}
			}
			h.mu.Unlock()
		}
		select {
		case <-ctx.Done():
			return
		case due = <-tick.C:
		}
	}
}

// tellError tells a client why what it watches cannot be shown now, the same
// error once; the lock is held.
func (h *Hub) tellError(c *client, w *watch, err error) {
	code := cmp.Or(fault.CodeOf(err), "internal")
	if w.told != code {
		w.told = code
		c.push(refusal(w.topic.flow, w.topic.run, err))
	}
}

// refuse tells who watches a topic that it cannot be shown, and forgets it.
func (h *Hub) refuse(t *watched, err error) {
	msg := refusal(t.flow, t.run, err)
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range t.by {
		h.unwatchLocked(c, t.flow)
		c.push(msg)
	}
}

// Publish tells an event to whom it concerns: who watches the flow, and, when
// home is true, who looks at the list of flows. It costs nothing when there is
// nobody.
func (h *Hub) Publish(flow string, home bool, event any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var msg *message
	for c := range h.clients {
		if !(home && c.home) && !c.isWatching(flow) {
			continue
		}
		if msg == nil {
			b, err := json.Marshal(event)
			if err != nil {
				return
			}
			p, err := websocket.NewPreparedMessage(websocket.TextMessage, b)
			if err != nil {
				return
			}
			msg = &message{p, len(b)}
		}
		c.push(msg)
	}
}

// Watched reports whether anybody would hear of a flow.
func (h *Hub) Watched(flow string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.homes > 0 {
		return true
	}
	for c := range h.clients {
		if c.isWatching(flow) {
			return true
		}
	}
	return false
}
