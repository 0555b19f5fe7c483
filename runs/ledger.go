package runs

import (
	"encoding/json"
	"fmt"

	"github.com/weirflow/weir/flowfile"
)

// NodeLedger holds one node's tallies by class. Its JSON is an object of the
// classes that counted something, by name.
type NodeLedger flowfile.Ledger

// MarshalJSON writes the classes that are not zero.
func (l *NodeLedger) MarshalJSON() ([]byte, error) {
	m := map[string]flowfile.Tally{}
	for c, t := range l {
		if !t.IsZero() {
			m[flowfile.Class(c).String()] = t
		}
	}
	return json.Marshal(m)
}

// UnmarshalJSON reads what MarshalJSON wrote; an unknown class is an error,
// because its rows would vanish from the balance.
func (l *NodeLedger) UnmarshalJSON(b []byte) error {
	*l = NodeLedger{}
	var m map[string]flowfile.Tally
	if err := json.Unmarshal(b, &m); err != nil {
		return fmt.Errorf("read ledger: %w", err)
	}
	for name, t := range m {
		var c flowfile.Class
		if err := c.UnmarshalText([]byte(name)); err != nil || c == flowfile.NoClass {
			return fmt.Errorf("read ledger: unknown class %q", name)
		}
		l[c] = t
	}
	return nil
}

// book adds what a session counted.
func (r *Run) book(node string, l *flowfile.Ledger) {
	if *l == (flowfile.Ledger{}) {
		return
	}
	to := r.ledgerOf(node)
	for c := range l {
		if l[c] != (flowfile.Tally{}) {
			to[c].Plus(l[c])
		}
	}
}

func (r *Run) ledgerOf(node string) *NodeLedger {
	l := r.Ledger[node]
	if l == nil {
		if r.Ledger == nil {
			r.Ledger = map[string]*NodeLedger{}
		}
		l = &NodeLedger{}
		r.Ledger[node] = l
	}
	return l
}

// Counted returns what a node counted in a class.
func (r *Run) Counted(node string, c flowfile.Class) flowfile.Tally {
	if l := r.Ledger[node]; l != nil {
		return l[c]
	}
	return flowfile.Tally{}
}

func (r *Run) queue(conn string) *Queue {
	q := r.Queues[conn]
	if q == nil {
		if r.Queues == nil {
			r.Queues = map[string]*Queue{}
		}
		q = &Queue{}
		r.Queues[conn] = q
	}
	return q
}

func (r *Run) queued(conn string) int64 {
	if q := r.Queues[conn]; q != nil {
		return q.Queued.N
	}
	return 0
}

func (r *Run) parked(conn string) int64 {
	if q := r.Queues[conn]; q != nil {
		return q.Parked.N
	}
	return 0
}

// Live returns how much of the run lies in queues.
func (r *Run) Live() flowfile.Tally {
	var t flowfile.Tally
	for _, q := range r.Queues {
		t.Plus(q.Queued)
	}
	return t
}

// ParkedNow returns how much of the run is parked.
func (r *Run) ParkedNow() flowfile.Tally {
	var t flowfile.Tally
	for _, q := range r.Queues {
		t.Plus(q.Parked)
	}
	return t
}

// Recount sets the queued and parked counters to what was counted in the
// queues themselves and reports the connections whose counters were wrong.
func (r *Run) Recount(queued, parked map[string]flowfile.Tally) []string {
	var wrong []string
	seen := map[string]bool{}
	for _, m := range []map[string]flowfile.Tally{queued, parked} {
		for c := range m {
			seen[c] = true
		}
	}
	for c := range r.Queues {
		seen[c] = true
	}
	for _, c := range sortedKeys(seen) {
		if r.Queues[c] == nil && queued[c].IsZero() && parked[c].IsZero() {
			continue
		}
		if q := r.queue(c); q.Queued != queued[c] || q.Parked != parked[c] {
			q.Queued, q.Parked = queued[c], parked[c]
			wrong = append(wrong, c)
		}
	}
	return wrong
}
