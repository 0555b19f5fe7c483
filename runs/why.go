package runs

import (
	"strings"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
)

// Blocker is one thing that an unfinished run waits for. It is complete in its
// exported fields, so one that was read back from JSON has the same text.
type Blocker struct {
	// Run is QUEUED or FINALIZING when the run as a whole waits for Weir itself;
	// nothing else is set then.
	Run State `json:"run,omitempty"`
	// Node is the node that has to act; Conn the connection that holds Count
	// FlowFiles for it, empty for an activity.
	Node  string         `json:"node,omitempty"`
	Conn  string         `json:"conn,omitempty"`
	Count flowfile.Tally `json:"count,omitzero"`
	// Parked says that the FlowFiles wait for a person.
	Parked bool `json:"parked,omitempty"`
	// State is the activity's state, with its time and number of tries.
	State   ActState  `json:"state,omitempty"`
	Since   time.Time `json:"since,omitzero"`
	Until   time.Time `json:"until,omitzero"`
	Attempt uint32    `json:"attempt,omitempty"`
	// Waits names what a gate waits for: "connection x (3)", "node y".
	Waits []string `json:"waits,omitempty"`
	// Code and Why give the reason of a failure or block, Note the same for other
	// languages than English.
	Code string      `json:"code,omitempty"`
	Why  string      `json:"why,omitempty"`
	Note *fault.Note `json:"note,omitempty"`
}

// Text tells the blocker in one sentence.
func (b Blocker) Text(lang fault.Lang) string {
	return fault.NoteOf(b.say()).With("why", b.Note).Text(lang)
}

func (b Blocker) say() error {
	switch {
	case b.Run == Queued:
		return fault.New("why_queued")
	case b.Run == Finalizing:
		return fault.New("why_finalizing")
	case b.Parked:
		return fault.New("why_parked", "connection", b.Conn, "node", b.Node, "n", b.Count.N)
	case b.Conn != "":
		return fault.New("why_queue", "connection", b.Conn, "node", b.Node, "n", b.Count.N)
	case b.State == ActWait:
		return fault.New("why_gate", "node", b.Node, "what", strings.Join(b.Waits, ", "))
	case b.State == ActBlocked:
		return fault.New("why_gate_blocked", "node", b.Node, "why", b.Why)
	case b.State == ActRunning:
		return fault.New("why_activity_running", "node", b.Node, "since", b.Since.Format(time.RFC3339), "attempt", b.Attempt)
	case b.State == ActRetryWait && !b.Until.IsZero():
		return fault.New("why_activity_retry", "node", b.Node, "until", b.Until.Format(time.RFC3339), "why", b.Why)
	case b.State == ActFailed:
		return fault.New("why_activity_failed", "node", b.Node, "why", b.Why)
	}
	return fault.New("why_activity_ready", "node", b.Node)
}

// Why lists exactly what an unfinished run waits for: activities, then
// connections, then gates in the order in which they can fire. For a FAILED run
// it lists what stands in the way of its end after a resume; a run that ended
// otherwise waits for nothing.
func Why(r *Run, g *Graph, now time.Time) []Blocker {
	switch r.State {
	case Queued, Finalizing:
		return []Blocker{{Run: r.State}}
	case Running, Failed:
	default:
		return nil
	}
	var out []Blocker
	for _, s := range g.owners {
		a := r.Acts[s]
		if a == nil || !a.State.Open() || a.State == ActWait || a.State == ActBlocked {
			continue
		}
		b := blocked(s, a)
		if a.State == ActRetryWait && a.NotBefore.After(now) {
			b.Until = a.NotBefore
		}
		out = append(out, b)
	}
	for _, c := range sortedKeys(r.Queues) {
		q, to := r.Queues[c], g.conns[c].To
		if n := g.nodes[to]; q.Queued.N > 0 && (n == nil || n.Kind != Gate) {
			out = append(out, Blocker{Conn: c, Node: to, Count: q.Queued})
		}
		if q.Parked.N > 0 {
			out = append(out, Blocker{Conn: c, Node: to, Count: q.Parked, Parked: true})
		}
	}
	for _, n := range g.gated {
		if a := r.Acts[n.slug]; a != nil && (a.State == ActWait || a.State == ActBlocked) {
			b := blocked(n.slug, a)
			b.Waits = g.waits(r, n)
			out = append(out, b)
		}
	}
	return out
}

func blocked(node string, a *Activity) Blocker {
	return Blocker{Node: node, State: a.State, Since: a.Since, Attempt: a.Attempt, Code: a.Code, Why: a.Err, Note: a.Note}
}

// waits names what keeps a gate from firing: open activities upstream, and the
// connections upstream that hold something.
func (g *Graph) waits(r *Run, n *graphNode) []string {
	var out []string
	for _, s := range n.acts {
		if a := r.Acts[s]; a != nil && a.State.Open() {
			out = append(out, "node "+s)
		}
	}
	for _, c := range n.up {
		if k := r.queued(c) + r.parked(c); k > 0 {
			out = append(out, "connection "+c+" ("+flowfile.RunID(k).String()+")")
		}
	}
	return out
}
