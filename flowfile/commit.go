package flowfile

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/weirflow/weir/fault"
)

// hold is what a session knows of a FlowFile in its hands.
type hold struct {
	owner   *Session
	item    *Item // where it came from; nil when made here
	whole   bool  // yielded by All: the commit takes the whole input
	rows    int64 // as taken
	size    int64
	parents []ID
	// children counts those made from it, for their origin.
	children uint64
	event    EventType
	content  bool // content was replaced
	attrs    bool // an attribute was changed
	fate     fate
}

// fate is how a FlowFile leaves the session: to an output, or dropped.
type fate struct {
	known bool
	rel   Relationship
	class Class
	why   string
}

// Checkpoint verifies the work since the last checkpoint and adds it to the
// coming commit, so that many short Process calls share one. On an error the
// work is still open and must be rolled back.
func (s *Session) Checkpoint() error {
	if s.err != nil {
		return s.err
	}
	b := &s.open
	for _, f := range b.files {
		if !f.hold.fate.known {
			return fault.New("session_forgot", "node", s.cfg.Node, "id", f.ID).Permanent()
		}
	}
	if s.cfg.WholeRun {
		if err := s.takeAll(); err != nil {
			return err
		}
	}
	for _, r := range b.receipts {
		b.ledger[Committed].Plus(Tally{N: 1, Rows: r.Rows, Bytes: r.Bytes})
	}
	s.grow(len(b.files))
	now := s.cfg.Now()
	for _, f := range b.files {
		s.leave(f, now)
	}
	// A whole-run node's nil return ends its activity; a failed one never comes
	// to this point.
	s.d.Done = s.d.Done || s.cfg.WholeRun
	for c, t := range b.ledger {
		s.d.Ledger[c].Plus(t)
	}
	s.d.Emitted = b.emitted
	s.d.Receipts = append(s.d.Receipts, b.receipts...)
	s.d.Forget = s.d.Forget || len(b.receipts) > 0
	s.d.Warn = append(s.d.Warn, b.warn...)
	s.d.Facts = append(s.d.Facts, b.facts...)
	s.d.Witnesses = append(s.d.Witnesses, b.witnesses...)
	s.d.Done = s.d.Done || (b.done && s.cfg.Fence.Act)
	if b.cursor.changed {
		s.d.Cursor, s.d.HasCursor = b.cursor.raw, true
	}
	if b.state.changed {
		s.d.State, s.d.HasState = b.state.raw, true
	}
	if len(b.schemas) > 0 {
		if s.d.Schemas == nil {
			s.d.Schemas = map[string][]byte{}
		}
		maps.Copy(s.d.Schemas, b.schemas)
	}
	s.open = batch{emitted: b.emitted, cursor: Cursor{raw: b.cursor.raw}, state: Cursor{raw: b.state.raw}}
	return nil
}

// takeAll claims the whole of every input; each must have been read to its end.
func (s *Session) takeAll() error {
	class := Merged
	if len(s.open.receipts) > 0 {
		class = Committed
	}
	var all []TakeAll
	var in Tally
	for _, input := range slices.Sorted(maps.Keys(s.cfg.Inputs)) {
		for _, c := range s.cfg.Inputs[input] {
			t, ok := s.scanned[c]
			if !ok {
				return fault.New("session_unread", "node", s.cfg.Node, "input", input, "connection", c).Permanent()
			}
			all = append(all, TakeAll{Conn: c, N: t.N, Class: class})
			in.Plus(t)
		}
	}
	s.d.TakeAll = append(s.d.TakeAll, all...)
	s.open.ledger[In].Plus(in)
	s.scanned = nil
	return nil
}

// grow makes room in the coming commit for n FlowFiles that leave, each to one
// connection as most do.
func (s *Session) grow(n int) {
	s.d.Events = slices.Grow(s.d.Events, n)
	s.d.Put = slices.Grow(s.d.Put, n)
	s.d.Remove = slices.Grow(s.d.Remove, n)
}

// leave turns one FlowFile's fate into removals, puts, counts and events.
func (s *Session) leave(f *FlowFile, now time.Time) {
	h, to := f.hold, &f.hold.fate
	ev := Event{Type: s.eventType(h), ID: f.ID, Parents: h.parents, Node: s.cfg.Node, Rel: to.rel,
		Class: to.class, Why: to.why, Rows: f.Rows, Size: f.Content.Size, Time: now}
	removed := to.class
	if to.rel != "" {
		r := s.cfg.Outputs[to.rel]
		s.open.ledger[r.Class].Add(f.Rows, f.Content.Size)
		removed, ev.Class = Forwarded, Forwarded
		if len(r.Conns) == 0 {
			if removed = r.Class; r.Class == Out {
				removed = Terminated
				s.open.ledger[Terminated].Add(f.Rows, f.Content.Size)
			}
			ev.Class = removed
		}
		origin := f.Origin
		if h.children > 0 {
			origin = origin.rest()
		}
		for i, c := range r.Conns {
			g := *f
			g.hold, g.Origin, g.Hops, g.Attempt, g.NotBefore = nil, origin, f.Hops+1, 0, time.Time{}
			if len(r.Conns) > 1 {
				g.Origin = origin.copy(uint64(i))
			}
			if i > 0 {
				g.ID = s.cfg.NewID()
				s.d.Events = append(s.d.Events, Event{Type: EventClone, ID: g.ID, Parents: []ID{f.ID}, Node: s.cfg.Node,
					Rel: to.rel, Class: Forwarded, Rows: f.Rows, Size: f.Content.Size, Time: ev.Time})
			}
			s.d.Put = append(s.d.Put, Put{Conn: c, FlowFile: &g})
		}
	} else if to.class == Filtered || to.class == Rejected || (to.class == Committed && len(s.open.receipts) == 0) {
		s.open.ledger[to.class].Add(f.Rows, f.Content.Size)
	}
	if h.item != nil && !h.whole {
		s.d.Remove = append(s.d.Remove, Removal{Item: h.item, Class: removed})
	}
	s.d.Events = append(s.d.Events, ev)
}

func (s *Session) eventType(h *hold) EventType {
	switch {
	case h.event != 0:
		return h.event
	case h.fate.rel == "" && h.fate.class == Committed:
		return EventSend
	case h.fate.rel == "":
		return EventDrop
	case h.content:
		return EventContent
	case h.attrs:
		return EventAttributes
	}
	return EventRoute
}

// Commit checkpoints what is open and makes all of it durable. It reports
// whether there was anything to commit. After an error the session's items are
// still checked out: call Rollback.
func (s *Session) Commit(ctx context.Context) (bool, error) {
	if err := s.Checkpoint(); err != nil {
		return false, err
	}
	return s.CommitCheckpoints(ctx)
}

// CommitCheckpoints makes durable what was checkpointed, leaving open work to a
// Rollback.
func (s *Session) CommitCheckpoints(ctx context.Context) (bool, error) {
	if s.d.Empty() {
		return false, nil
	}
	s.d.At = s.cfg.Now()
	if _, err := s.cfg.Commit(ctx, s.d); err != nil {
		return false, err
	}
	// What was committed is where a later Rollback goes back to.
	s.cfg.Emitted = s.d.Emitted
	if s.d.HasCursor {
		s.cfg.Cursor = s.d.Cursor
	}
	if s.d.HasState {
		s.cfg.State = s.d.State
	}
	if s.d.Forget {
		s.cfg.Pending = nil
	}
	s.d = s.delivery()
	s.d.Emitted = s.cfg.Emitted
	return true, nil
}

// Rollback undoes the work since the last checkpoint and returns the items that
// it had taken, still checked out: release them, or deliver a Retry or Park.
func (s *Session) Rollback() []*Item {
	items := s.open.items
	s.open = batch{emitted: s.d.Emitted}
	s.open.cursor.raw, s.open.state.raw = s.cfg.Cursor, s.cfg.State
	if s.d.HasCursor {
		s.open.cursor.raw = s.d.Cursor
	}
	if s.d.HasState {
		s.open.state.raw = s.d.State
	}
	s.scanned, s.settled = nil, nil
	s.err = nil
	return items
}

// Taken returns the items checked out since the last commit, in checkpoints
// too, for an engine that must give them all back.
func (s *Session) Taken() []*Item {
	out := slices.Clone(s.open.items)
	for _, r := range s.d.Remove {
		out = append(out, r.Item)
	}
	return out
}

// Work counts what the session has done so far: taken, transferred, and
// whether it changed anything at all.
func (s *Session) Work() (in, out Tally, any bool) {
	in, out = s.d.Ledger[In], s.d.Ledger[Out]
	in.Plus(s.open.ledger[In])
	for _, f := range s.open.files {
		if f.hold.fate.known && f.hold.fate.rel != "" {
			out.Add(f.Rows, f.Content.Size)
		}
	}
	any = !s.d.Empty() || len(s.open.files) > 0 || len(s.open.items) > 0 || s.open.cursor.changed ||
		s.open.state.changed || s.open.done || len(s.open.receipts) > 0 || s.open.ledger != Ledger{}
	return in, out, any
}
