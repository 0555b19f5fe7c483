package runs

import (
	"slices"
	"strings"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
)

// Blocker is one thing that an unfinished run waits for.
type Blocker struct {
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
	// Code and Why give the reason of a failure or block.
	Code string `json:"code,omitempty"`
	Why  string `json:"why,omitempty"`

	say *fault.Error
}

// Text tells the blocker in one sentence.
func (b Blocker) Text(lang fault.Lang) string { return fault.Text(b.say, lang) }

// Why lists exactly what an unfinished run waits for, nearest the sources
// first by name; nothing for a run that has ended well. For a FAILED run it lists what
// stands in the way of resuming it to its end.
func Why(r *Run, g *Graph, now time.Time) []Blocker {
	switch r.State {
	case Queued:
		return []Blocker{{say: fault.New("why_queued")}}
	case Finalizing:
		return []Blocker{{say: fault.New("why_finalizing")}}
	case Running, Failed:
	default:
		return nil
	}
	var out []Blocker
	for _, s := range g.owners {
		if a := r.Acts[s]; a != nil && a.State.Open() && a.State != ActWait && a.State != ActBlocked {
			out = append(out, whyActivity(s, a, now))
		}
	}
	for _, c := range sortedKeys(r.Queues) {
		q, to := r.Queues[c], g.conns[c].To
		if n := g.nodes[to]; q.Queued.N > 0 && (n == nil || n.Kind != Gate) {
			out = append(out, Blocker{Conn: c, Node: to, Count: q.Queued,
				say: fault.New("why_queue", "connection", c, "node", to, "n", q.Queued.N)})
		}
		if q.Parked.N > 0 {
			out = append(out, Blocker{Conn: c, Node: to, Count: q.Parked, Parked: true,
				say: fault.New("why_parked", "connection", c, "node", to, "n", q.Parked.N)})
		}
	}
	for _, n := range g.gated {
		a := r.Acts[n.slug]
		if a == nil || (a.State != ActWait && a.State != ActBlocked) {
			continue
		}
		b := Blocker{Node: n.slug, State: a.State, Since: a.Since, Code: a.Code, Why: a.Err, Waits: g.waits(r, n)}
		if a.State == ActBlocked {
			b.say = fault.New("why_gate_blocked", "node", n.slug, "why", a.Err)
		} else {
			b.say = fault.New("why_gate", "node", n.slug, "what", strings.Join(b.Waits, ", "))
		}
		out = append(out, b)
	}
	return out
}

func whyActivity(node string, a *Activity, now time.Time) Blocker {
	b := Blocker{Node: node, State: a.State, Since: a.Since, Attempt: a.Attempt, Code: a.Code, Why: a.Err}
	switch {
	case a.State == ActRunning:
		b.say = fault.New("why_activity_running", "node", node, "since", a.Since.Format(time.RFC3339), "attempt", a.Attempt)
	case a.State == ActRetryWait && a.NotBefore.After(now):
		b.Until = a.NotBefore
		b.say = fault.New("why_activity_retry", "node", node, "until", a.NotBefore.Format(time.RFC3339), "why", a.Err)
	case a.State == ActFailed:
		b.say = fault.New("why_activity_failed", "node", node, "why", a.Err)
	default:
		b.say = fault.New("why_activity_ready", "node", node)
	}
	return b
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
	return slices.Clip(out)
}
