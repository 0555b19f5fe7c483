package live

import (
	"encoding/json"
	"strconv"
	"sync"

	"github.com/gorilla/websocket"
)

// Topic is one flow as it is shown, with the sequence number at which each row
// last changed. Frames are encoded once for all clients that have seen the same.
type Topic struct {
	flow, run string

	mu     sync.Mutex
	seq    uint64
	base   uint64 // the first number that the ids hold for
	at     int64
	now    Sample
	nodes  []uint64
	wires  []uint64
	totals uint64
	frames map[uint64]*websocket.PreparedMessage
}

// NewTopic returns a topic of a flow, or of one of its runs, that shows nothing yet.
func NewTopic(flow, run string) *Topic {
	return &Topic{flow: flow, run: run, frames: map[uint64]*websocket.PreparedMessage{}}
}

// Update shows a sample, taken at a time in unix milliseconds. The sample is
// copied; its rows may be used again.
func (t *Topic) Update(s *Sample, at int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.seq++
	t.at = at
	clear(t.frames)
	if t.seq == 1 || !t.now.IDs.Equal(s.IDs) {
		t.base = t.seq
		t.now = Sample{IDs: s.IDs, Nodes: append([]NodeRow(nil), s.Nodes...), Wires: append([]WireRow(nil), s.Wires...), Totals: s.Totals}
		t.nodes, t.wires = make([]uint64, len(s.Nodes)), make([]uint64, len(s.Wires))
		return
	}
	for i := range s.Nodes {
		if t.now.Nodes[i] != s.Nodes[i] {
			t.now.Nodes[i], t.nodes[i] = s.Nodes[i], t.seq
		}
	}
	for i := range s.Wires {
		if t.now.Wires[i] != s.Wires[i] {
			t.now.Wires[i], t.wires[i] = s.Wires[i], t.seq
		}
	}
	if t.now.Totals != s.Totals {
		t.now.Totals, t.totals = s.Totals, t.seq
	}
}

// Frame returns what a client is to get whose last frame had the number seen,
// zero for none, and the number that it has then; nil when it has all.
func (t *Topic) Frame(seen uint64) (*websocket.PreparedMessage, uint64, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if seen >= t.seq {
		return nil, seen, nil
	}
	if seen < t.base {
		seen = 0
	}
	if m := t.frames[seen]; m != nil {
		return m, t.seq, nil
	}
	m, err := websocket.NewPreparedMessage(websocket.TextMessage, t.encode(seen))
	if err != nil {
		return nil, 0, err
	}
	t.frames[seen] = m
	return m, t.seq, nil
}

// Snapshot returns the whole state as JSON.
func (t *Topic) Snapshot() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.encode(0)
}

func (t *Topic) encode(seen uint64) []byte {
	b := make([]byte, 0, 512)
	if seen == 0 {
		ids := t.now.IDs
		if ids.Nodes == nil {
			ids.Nodes = []string{}
		}
		if ids.Wires == nil {
			ids.Wires = []string{}
		}
		b = append(b, `{"type":"snapshot","flow":`...)
		b = text(b, t.flow)
		b = append(b, `,"run":`...)
		b = text(b, t.run)
		names, _ := json.Marshal(ids) // strings alone
		b = append(append(b, `,"ids":`...), names...)
	} else {
		b = append(b, `{"type":"delta","flow":`...)
		b = text(b, t.flow)
	}
	b = strconv.AppendUint(append(b, `,"seq":`...), t.seq, 10)
	b = strconv.AppendInt(append(b, `,"at":`...), t.at, 10)
	if seen == 0 || changed(t.nodes, seen) {
		b = append(b, `,"nodes":[`...)
		first := true
		for i := range t.now.Nodes {
			if seen == 0 || t.nodes[i] > seen {
				b = t.now.Nodes[i].append(comma(b, &first), i)
			}
		}
		b = append(b, ']')
	}
	if seen == 0 || changed(t.wires, seen) {
		b = append(b, `,"wires":[`...)
		first := true
		for i := range t.now.Wires {
			if seen == 0 || t.wires[i] > seen {
				b = t.now.Wires[i].append(comma(b, &first), i)
			}
		}
		b = append(b, ']')
	}
	if seen == 0 || t.totals > seen {
		sums, _ := json.Marshal(t.now.Totals) // numbers alone
		b = append(append(b, `,"totals":`...), sums...)
	}
	return append(b, '}')
}

func changed(seqs []uint64, seen uint64) bool {
	for _, s := range seqs {
		if s > seen {
			return true
		}
	}
	return false
}

func comma(b []byte, first *bool) []byte {
	if *first {
		*first = false
		return b
	}
	return append(b, ',')
}

func text(b []byte, s string) []byte {
	q, _ := json.Marshal(s)
	return append(b, q...)
}
