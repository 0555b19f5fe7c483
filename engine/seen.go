package engine

import (
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
)

// Seen is what a node's workers have done since the instance started; it is
// kept in memory, for people to watch.
type Seen struct {
	// In and Out count what committed sessions took and transferred.
	In  flowfile.Tally `json:"in"`
	Out flowfile.Tally `json:"out"`
	// Sessions counts commits, Busy the time spent in them.
	Sessions int64         `json:"sessions"`
	Busy     time.Duration `json:"busy"`
	// Active is how many tasks are at work now, the oldest since OldestSince.
	Active      int       `json:"active"`
	OldestSince time.Time `json:"oldest_since,omitzero"`
	// HeldBy is the connection whose back pressure holds the node.
	HeldBy string `json:"held_by,omitempty"`
	// Code and Error tell the last failure, Note the same for other languages than
	// English, At when.
	Code  string      `json:"code,omitempty"`
	Error string      `json:"error,omitempty"`
	Note  *fault.Note `json:"note,omitempty"`
	At    time.Time   `json:"at,omitzero"`
	// Until is when the FlowFile that failed is tried again.
	Until time.Time `json:"until,omitzero"`
}

func (s *Seen) add(in, out flowfile.Tally, busy time.Duration, now time.Time) {
	s.In.Plus(in)
	s.Out.Plus(out)
	s.Sessions++
	s.Busy += busy
	if !s.Until.After(now) { // others may pass while one waits
		s.Code, s.Error, s.Note, s.Until = "", "", nil, time.Time{}
	}
}

func (n *node) note(f func(*Seen)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	f(&n.seen)
}

func (n *node) failed(err error) {
	n.meter.fail()
	n.note(func(s *Seen) {
		s.Code, s.Error, s.Note, s.At, s.Until = fault.CodeOf(err), err.Error(), fault.NoteOf(err), n.in.e.cfg.Now(), time.Time{}
	})
}

// Watch returns what the nodes of a run, or of a flow's continuous data, have
// done since they were started; nil when the run is not at work.
func (e *Engine) Watch(flow string, run flowfile.RunID) map[string]Seen {
	in := e.instance(runKey{flow, run})
	if in == nil {
		return nil
	}
	out := make(map[string]Seen, len(in.nodes))
	for slug, n := range in.nodes {
		n.mu.Lock()
		s := n.seen
		s.Active = len(n.tasks)
		for t := range n.tasks {
			if s.OldestSince.IsZero() || t.started.Before(s.OldestSince) {
				s.OldestSince = t.started
			}
		}
		n.mu.Unlock()
		out[slug] = s
	}
	return out
}
