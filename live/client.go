package live

import (
	"encoding/json"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/weirflow/weir/fault"
)

// Bounds of one client.
const (
	mostRead    = 64 << 10 // bytes of one message
	mostWatches = 16
	mostEvents  = 256
	mostBytes   = 4 << 20 // of events that wait
	pingEvery   = 20 * time.Second
	pongWithin  = 60 * time.Second
)

// watch is one topic as a client sees it.
type watch struct {
	topic *watched
	fast  bool
	// dirty says that the topic has something that the client was not sent, began
	// that it has had a first frame; dropped counts frames it was too slow for.
	dirty   atomic.Bool
	began   atomic.Bool
	dropped atomic.Int64
	seen    uint64 // used by the writer alone
	told    string // the code of the error that it was told last; the hub's lock is held
}

// message is an event, encoded once for all.
type message struct {
	*websocket.PreparedMessage
	size int
}

// client is one connection.
type client struct {
	hub  *Hub
	conn *websocket.Conn
	who  string
	wake chan struct{}
	done chan struct{} // closed when the reader ends
	// home and open are guarded by the hub: open holds the node that a page shows,
	// by flow.
	home bool
	open map[string]Opened

	mu      sync.Mutex
	watches map[string]*watch
	events  []*message
	bytes   int
	lost    int64
	flows   map[string]bool // of home, to be sent
}

// Opened is who looks at which node of a flow.
type Opened struct {
	Client string `json:"client"`
	Who    string `json:"who"`
	Node   string `json:"node,omitempty"`
}

func newClient(h *Hub, conn *websocket.Conn, who string) *client {
	return &client{hub: h, conn: conn, who: who, wake: make(chan struct{}, 1), done: make(chan struct{}),
		open: map[string]Opened{}, watches: map[string]*watch{}, flows: map[string]bool{}}
}

func (c *client) poke() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// push keeps an event for the client; one that does not take them loses them,
// and is told how many.
func (c *client) push(m *message) {
	c.mu.Lock()
	if len(c.events) >= mostEvents || c.bytes+m.size > mostBytes && len(c.events) > 0 {
		c.lost++
		c.hub.dropped.Add(1)
	} else {
		c.events = append(c.events, m)
		c.bytes += m.size
	}
	c.mu.Unlock()
	c.poke()
}

func (c *client) isWatching(flow string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.watches[flow] != nil
}

func (c *client) watching() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make([]string, 0, len(c.watches))
	for f := range c.watches {
		out = append(out, f)
	}
	return out
}

// serve reads until the connection ends; what is to be sent another goroutine
// writes, so that a client that does not read can still leave.
func (c *client) serve() {
	var writing sync.WaitGroup
	writing.Add(1)
	go func() {
		defer writing.Done()
		c.write()
		c.conn.Close() // which ends the reader
	}()
	c.read()
	close(c.done)
	c.conn.Close() // which ends a write that hangs
	writing.Wait()
}

// asked is what a client may say.
type asked struct {
	Type   string  `json:"type"`
	Flow   string  `json:"flow"`
	Run    string  `json:"run"`
	Rate   int     `json:"rate"`
	Node   string  `json:"node"`
	Client string  `json:"client"`
	T      float64 `json:"t"`
}

func (c *client) read() {
	c.conn.SetReadLimit(mostRead)
	c.heard()
	c.conn.SetPongHandler(func(string) error { c.heard(); return nil })
	for {
		_, r, err := c.conn.NextReader()
		if err != nil {
			return
		}
		// The socket's own bound is of what comes, which may be compressed.
		b, err := io.ReadAll(io.LimitReader(r, mostRead+1))
		if err != nil || len(b) > mostRead {
			return
		}
		c.heard()
		var a asked
		if err := json.Unmarshal(b, &a); err != nil {
			c.refuse(fault.New("live_message_bad", "what", err).Permanent())
			continue
		}
		c.take(&a)
	}
}

func (c *client) heard() { _ = c.conn.SetReadDeadline(time.Now().Add(pongWithin)) }

func (c *client) take(a *asked) {
	switch a.Type {
	case "watch":
		if len(c.watching()) >= mostWatches && !c.isWatching(a.Flow) {
			c.refuse(fault.New("live_watches_many", "most", mostWatches).Permanent())
			return
		}
		c.hub.watch(c, a.Flow, a.Run, a.Rate == 2)
		c.hub.tellPresence(a.Flow)
	case "unwatch":
		c.hub.close(c, a.Flow)
		c.hub.unwatch(c, a.Flow)
	case "home":
		c.hub.watchHome(c)
	case "open":
		c.hub.open(c, a.Flow, Opened{Client: cut(a.Client), Who: c.who, Node: cut(a.Node)})
	case "ping":
		c.send(map[string]any{"type": "pong", "t": a.T, "now": c.hub.cfg.Now().UnixMilli()})
	default:
		c.refuse(fault.New("live_type_unknown", "type", cut(a.Type)).Permanent())
	}
}

func cut(s string) string {
	const most = 64
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}

func (c *client) refuse(err error) { c.push(refusal("", "", err)) }

// send keeps a message for this client alone.
func (c *client) send(v any) {
	if m := encoded(v); m != nil {
		c.push(m)
	}
}

func encoded(v any) *message {
	b, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	p, err := websocket.NewPreparedMessage(websocket.TextMessage, b)
	if err != nil {
		return nil
	}
	return &message{p, len(b)}
}

// refusal tells a client that something cannot be done.
func refusal(flow, run string, err error) *message {
	m := map[string]any{"type": "error", "error": fault.NoteOf(err)}
	if flow != "" {
		m["flow"], m["run"] = flow, run
	}
	return encoded(m)
}

// write sends what there is until the connection ends.
func (c *client) write() {
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	c.send(map[string]any{"type": "hello", "version": c.hub.cfg.Version, "now": c.hub.cfg.Now().UnixMilli()})
	for {
		select {
		case <-c.hub.ctx.Done():
			_ = c.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseGoingAway, ""), time.Now().Add(time.Second))
			return
		case <-c.done:
			return
		case <-ping.C:
			if err := c.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(c.hub.cfg.Patience)); err != nil {
				return
			}
		case <-c.wake:
			if err := c.flush(); err != nil {
				return
			}
		}
	}
}

// flush sends the events that wait, and then the newest of all that is watched.
func (c *client) flush() error {
	c.mu.Lock()
	events, lost := c.events, c.lost
	c.events, c.bytes, c.lost = nil, 0, 0
	watches := make([]*watch, 0, len(c.watches))
	for _, w := range c.watches {
		watches = append(watches, w)
	}
	flows := c.flows
	c.flows = map[string]bool{}
	c.mu.Unlock()
	for _, m := range events {
		if err := c.put(m.PreparedMessage); err != nil {
			return err
		}
	}
	for flow := range flows {
		if m := c.hub.view(flow); m != nil {
			if err := c.put(m); err != nil {
				return err
			}
		}
	}
	for _, w := range watches {
		lost += w.dropped.Swap(0)
	}
	if lost > 0 {
		if err := c.put(encoded(map[string]any{"type": "dropped", "count": lost}).PreparedMessage); err != nil {
			return err
		}
	}
	for _, w := range watches {
		if !w.dirty.Swap(false) {
			continue
		}
		m, seq, err := w.topic.Frame(w.seen)
		if err != nil {
			return err
		}
		if m == nil {
			continue
		}
		if err := c.put(m); err != nil {
			return err
		}
		w.seen = seq
		w.began.Store(true)
	}
	return nil
}

func (c *client) put(m *websocket.PreparedMessage) error {
	if err := c.conn.SetWriteDeadline(time.Now().Add(c.hub.cfg.Patience)); err != nil {
		return err
	}
	return c.conn.WritePreparedMessage(m)
}
