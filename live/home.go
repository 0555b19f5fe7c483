package live

import (
	"cmp"
	"slices"
	"time"

	"github.com/gorilla/websocket"
)

// watchHome lets a client watch the list of flows.
func (h *Hub) watchHome(c *client) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed || c.home {
		return
	}
	c.home = true
	h.homes++
	if !h.homing {
		h.homing = true
		clear(h.views)
		clear(h.changed)
		h.wg.Add(1)
		go func() { defer h.wg.Done(); h.runHome() }()
		return
	}
	c.mu.Lock()
	for flow := range h.views {
		c.flows[flow] = true
	}
	c.mu.Unlock()
	c.poke()
}

// Touch notes that a flow is to be shown anew in the list of flows.
func (h *Hub) Touch(flow string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.homing {
		h.changed[flow] = true
	}
}

// runHome shows flows that changed, once a second, while somebody looks.
func (h *Hub) runHome() {
	tick := time.NewTicker(2 * h.cfg.Step)
	defer tick.Stop()
	for first := true; ; first = false {
		flows := h.cfg.Moved(first)
		h.mu.Lock()
		for _, f := range flows {
			h.changed[f] = true
		}
		now := h.changed
		h.changed = map[string]bool{}
		h.mu.Unlock()
		for flow := range now {
			h.show(flow)
		}
		select {
		case <-h.ctx.Done():
			return
		case <-tick.C:
		}
		h.mu.Lock()
		over := h.homes == 0
		h.homing = !over
		h.mu.Unlock()
		if over {
			return
		}
	}
}

// show encodes a flow once and marks it for all who look at the list.
func (h *Hub) show(flow string) {
	event := map[string]any{"type": "flow"}
	v, err := h.cfg.Flow(flow)
	if err != nil || v == nil { // it is gone
		event = map[string]any{"type": "flow_gone", "id": flow}
	} else {
		event["flow"] = v
	}
	m := encoded(event)
	if m == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if err != nil || v == nil {
		delete(h.views, flow)
		for c := range h.clients {
			if c.home {
				c.push(m)
			}
		}
		return
	}
	h.views[flow] = m.PreparedMessage
	for c := range h.clients {
		if c.home {
			c.mu.Lock()
			c.flows[flow] = true
			c.mu.Unlock()
			c.poke()
		}
	}
}

func (h *Hub) view(flow string) *websocket.PreparedMessage {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.views[flow]
}

// open notes which node of a flow a client's page shows.
func (h *Hub) open(c *client, flow string, o Opened) {
	if !c.isWatching(flow) {
		return
	}
	h.mu.Lock()
	c.open[flow] = o
	h.mu.Unlock()
	h.tellPresence(flow)
}

func (h *Hub) close(c *client, flow string) {
	h.mu.Lock()
	delete(c.open, flow)
	h.mu.Unlock()
}

// tellPresence tells who watches a flow which nodes the others look at.
func (h *Hub) tellPresence(flow string) {
	h.mu.Lock()
	who := []Opened{}
	for c := range h.clients {
		if o, ok := c.open[flow]; ok && c.isWatching(flow) {
			who = append(who, o)
		}
	}
	h.mu.Unlock()
	slices.SortFunc(who, func(a, b Opened) int { return cmp.Compare(a.Client, b.Client) })
	h.Publish(flow, false, map[string]any{"type": "presence", "flow": flow, "who": who})
}
