package flowfile

import (
	"context"
	"errors"
	"maps"
	"time"

	"github.com/weirflow/weir/fault"
)

// Read adds to the rows that a source saw at the wire, before decoding.
func (s *Session) Read(rows int64) { s.open.ledger[Read].Rows += rows }

// Done says that a source's activity ends with this commit. In a continuous
// flow it does nothing.
func (s *Session) Done() { s.open.done = true }

// Cursor is the durable note of this run and node; it dies with the run. In a
// continuous flow it is State.
func (s *Session) Cursor() *Cursor {
	if s.cfg.Run.IsZero() {
		return &s.open.state
	}
	return &s.open.cursor
}

// State is the durable note of this flow and node. In a run it is published
// only when the run ends as SUCCESS or PARTIAL.
func (s *Session) State() *Cursor { return &s.open.state }

// Receipt records what a sink committed outside; it goes with the commit.
func (s *Session) Receipt(key string, rows, bytes int64) {
	s.open.receipts = append(s.open.receipts, Receipt{Node: s.cfg.Node, Key: key, Rows: rows, Bytes: bytes})
}

// ReceiptOf records what a sink committed outside, with all that is known of it;
// the session fills in the node.
func (s *Session) ReceiptOf(r Receipt) {
	r.Node = s.cfg.Node
	s.open.receipts = append(s.open.receipts, r)
}

// Used adds to the rows of whole-run inputs that took part in what a node with
// the join law made: in = used + filtered + rejected.
func (s *Session) Used(rows int64) { s.open.ledger[Used].Rows += rows }

// Fact sets a fact about this node's work for the run's page and receipt, such
// as "reads" or "tokens"; a later value of the same name replaces it. It goes
// with the commit. A fact named Provisional marks the run's result as one that
// the source may still revise.
func (s *Session) Fact(name, value string) {
	s.open.facts = append(s.open.facts, Fact{Node: s.cfg.Node, Name: name, Value: value})
}

// Witness records how many rows somebody outside Weir counted for this node:
// who is "Firestore", "GA4", "BigQuery", or "CSV" for a file that was read
// again. The rows that two nodes pass on unchanged must have equal witnesses. A
// later count of the same witness replaces it; it goes with the commit.
func (s *Session) Witness(who string, rows int64) {
	s.open.witnesses = append(s.open.witnesses, Witness{Node: s.cfg.Node, Who: who, Rows: rows})
}

// Warn adds a note to the run's page, in words of the catalogue; it goes with the
// commit.
func (s *Session) Warn(note *fault.Error) { s.open.warn = append(s.open.warn, note.Words()) }

// Intent makes a note durable at once, in a commit of its own, before an effect
// outside Weir is begun. The next try finds it in Pending.
func (s *Session) Intent(ctx context.Context, key string, payload []byte) error {
	if s.err != nil {
		return s.err
	}
	d := s.delivery()
	d.Emitted, d.At = s.cfg.Emitted, s.cfg.Now()
	d.Intent = &Intent{Key: key, Payload: payload, At: s.cfg.Now()}
	if _, err := s.cfg.Commit(ctx, d); err != nil {
		return err
	}
	s.cfg.Pending = append(s.cfg.Pending, *d.Intent)
	return nil
}

// Pending returns the intents of this node's earlier tries, and of this one,
// that no receipt has settled.
func (s *Session) Pending() []Intent { return s.cfg.Pending }

// AsOf proposes t as the time at which service's data is read in this run and
// returns the time that holds: the first proposal wins, durably.
func (s *Session) AsOf(ctx context.Context, service string, t time.Time) (time.Time, error) {
	if s.cfg.Run.IsZero() {
		return t, nil
	}
	if have, ok := s.cfg.Run.AsOf[service]; ok {
		return have, nil
	}
	if s.err != nil {
		return time.Time{}, s.err
	}
	d := s.delivery()
	d.Emitted, d.At = s.cfg.Emitted, s.cfg.Now()
	d.AsOf = &AsOf{Service: service, Time: t}
	r, err := s.cfg.Commit(ctx, d)
	if err != nil {
		return time.Time{}, err
	}
	if r.AsOf.IsZero() {
		return time.Time{}, errors.New("commit gave no read time")
	}
	// Other sessions of the run may share the map.
	known := map[string]time.Time{}
	maps.Copy(known, s.cfg.Run.AsOf)
	known[service] = r.AsOf
	s.cfg.Run.AsOf = known
	return r.AsOf, nil
}
