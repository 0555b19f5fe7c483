package runs

import (
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
)

// resume takes a FAILED run up again: what was parked, or those FlowFiles of it
// that the order names, goes back to its connection and what failed may try again.
func (x *ordered) resume() error {
	if err := x.want(Failed); err != nil {
		return err
	}
	if x.r.Sealed {
		return fault.New("run_ended_for_good", "run", x.r.name()).Permanent()
	}
	if x.r.Slot != "" {
		slot, err := x.tx.Slot(x.r.Flow, x.r.Slot)
		if err != nil {
			return err
		}
		if slot.Newest != x.r.Number {
			return fault.New("run_not_newest", "run", x.r.name(), "slot", x.r.Slot).Permanent()
		}
	}
	g := x.g
	if v := x.o.FlowVersion; v > 0 && v != x.r.Version() {
		var err error
		if g, err = x.tx.Graph(x.r.Flow, v); err != nil {
			return err
		}
		if c, ok := x.strands(g); ok {
			return fault.New("flow_strands", "run", x.r.name(), "version", v, "place", c).Permanent()
		}
	}
	// A run whose parked FlowFiles were all discarded owes nothing and has only
	// to be finished; one that was finished has had its verdict.
	if x.r.owes() == 0 && x.r.Balance != "" {
		return fault.New("run_owes_nothing", "run", x.r.name()).Permanent()
	}
	by, all, err := x.named()
	if err != nil {
		return err
	}
	for _, c := range sortedKeys(by) {
		if gate := g.fired(x.r, c); gate != "" {
			return fault.New("run_sealed", "run", x.r.name(), "connection", c, "node", gate).Permanent()
		}
	}

	if g != x.g {
		x.r.FlowVersions = append(x.r.FlowVersions, x.o.FlowVersion)
		x.g = g
	}
	if x.o.AcceptRejects {
		x.r.acceptRejects()
	}
	x.r.Epoch++
	x.r.Finished, x.r.Balance, x.r.Breaches = time.Time{}, "", nil
	x.e.turn(x.r, Running, x.o.At, asked(x.o), x.o.By)
	x.putBack(by, all)
	for _, s := range g.owners {
		a := x.r.Acts[s]
		if a == nil {
			x.insert(s)
			continue
		}
		if !a.State.Open() {
			continue
		}
		a.anew()
		a.Epoch++
		// A gate is looked at anew: what failed over an empty input may find it
		// filled, and what was ready may have data upstream again.
		to := ActReady
		if g.nodes[s].isGated() {
			to = ActWait
		}
		if a.State != to {
			x.e.move(s, a, to, x.o.At, reason{})
		}
	}
	settle(x.r, g, x.o.At, &x.e)
	return nil
}

// acceptRejects takes what was rejected so far as it stands.
func (r *Run) acceptRejects() {
	r.AcceptRejects = true
	r.Accepted = map[string]flowfile.Tally{}
	for s, l := range r.Ledger {
		if t := l[flowfile.Rejected]; !t.IsZero() {
			r.Accepted[s] = t
		}
	}
}

// owes counts what the run still has to do: queued and parked FlowFiles and
// open activities.
func (r *Run) owes() int64 {
	n := r.Live().N + r.ParkedNow().N
	for _, a := range r.Acts {
		if a.State.Open() {
			n++
		}
	}
	return n
}

// strands reports a connection that holds data of the run, or a node that still
// owes something, which the graph does not have.
func (x *ordered) strands(g *Graph) (string, bool) {
	for _, c := range sortedKeys(x.r.Queues) {
		if _, ok := g.conns[c]; !ok && x.r.queued(c)+x.r.parked(c) > 0 {
			return c, true
		}
	}
	for _, s := range sortedKeys(x.r.Acts) {
		if n := g.nodes[s]; x.r.Acts[s].State.Open() && (n == nil || !n.owner()) {
			return s, true
		}
	}
	return "", false
}

// fired returns a gate that has begun although it is downstream of the
// connection: what is put there now would come too late for it.
func (g *Graph) fired(r *Run, conn string) string {
	if g.broken == settledGates {
		return ""
	}
	for _, n := range g.gated {
		a := r.Acts[n.slug]
		if a == nil || a.State == ActWait || a.State == ActBlocked {
			continue
		}
		for _, c := range n.up {
			if c == conn {
				return n.slug
			}
		}
	}
	return ""
}

// putBack takes what named returned from the parked to the queued.
func (x *ordered) putBack(by map[string]flowfile.Tally, all bool) {
	for c, t := range by {
		q := x.r.queue(c)
		q.Parked.Minus(t)
		q.Queued.Plus(t)
	}
	if len(by) > 0 {
		x.e.UnparkAll, x.e.Unpark = all, x.o.Parked
	}
}

// named returns what the order's parked FlowFiles count for, by connection;
// all means every one of the run.
func (x *ordered) named() (by map[string]flowfile.Tally, all bool, err error) {
	by = map[string]flowfile.Tally{}
	if len(x.o.Parked) == 0 {
		for c, q := range x.r.Queues {
			if q.Parked.N > 0 {
				by[c] = q.Parked
			}
		}
		return by, true, nil
	}
	seen := make(map[flowfile.ID]bool, len(x.o.Parked))
	for _, id := range x.o.Parked {
		if seen[id] {
			return nil, false, impossible("parked FlowFile " + id.String() + " named twice")
		}
		seen[id] = true
		c, t, err := x.tx.Parked(x.r.Flow, x.r.Number, id)
		if err != nil {
			return nil, false, err
		}
		sum := by[c]
		sum.Plus(t)
		by[c] = sum
	}
	for c, t := range by {
		if t.N > x.r.parked(c) {
			return nil, false, impossible("connection " + c + " counts fewer parked FlowFiles than it has")
		}
	}
	return by, false, nil
}

// unpark puts parked FlowFiles back on their connections. A run that has failed
// over them is resumed instead.
func (x *ordered) unpark() (bool, error) {
	if err := x.want(Running); err != nil {
		return false, err
	}
	by, all, err := x.named()
	if err != nil || len(by) == 0 {
		return false, err
	}
	for _, c := range sortedKeys(by) {
		if gate := x.g.fired(x.r, c); gate != "" {
			return false, fault.New("run_sealed", "run", x.r.name(), "connection", c, "node", gate).Permanent()
		}
	}
	x.putBack(by, all)
	settle(x.r, x.g, x.o.At, &x.e)
	return true, nil
}

// discard gives parked FlowFiles up. Their rows count as rejected and accepted:
// the run may go on, and ends PARTIAL at best.
func (x *ordered) discard() (bool, error) {
	if err := x.want(Running, Failed); err != nil {
		return false, err
	}
	by, all, err := x.named()
	if err != nil || len(by) == 0 {
		return false, err
	}
	for c, t := range by {
		q := x.r.queue(c)
		q.Parked.Minus(t)
		q.Discarded.Plus(t)
		x.e.Lost.Plus(t)
	}
	x.e.DiscardAll, x.e.Discard = all, x.o.Parked
	settle(x.r, x.g, x.o.At, &x.e)
	return true, nil
}

// dropQueue removes what a connection holds, by a person's will: all of it, or
// the FlowFiles of Delivery.Remove alone.
func (x *ordered) dropQueue() (bool, error) {
	if x.r.Number != 0 {
		if err := x.want(Running, Failed); err != nil {
			return false, err
		}
	}
	if len(x.d.Remove) > 0 {
		return x.removed(flowfile.DroppedUser, func(q *Queue) *flowfile.Tally { return &q.Dropped })
	}
	q := x.r.Queues[x.o.Conn]
	if q == nil || q.Queued.N == 0 {
		return false, nil
	}
	x.r.ledgerOf(x.destination(x.o.Conn))[flowfile.DroppedUser].Plus(q.Queued)
	q.Dropped.Plus(q.Queued)
	x.e.Lost.Plus(q.Queued)
	q.Queued = flowfile.Tally{}
	x.e.Purge, x.e.PurgeClass = []string{x.o.Conn}, flowfile.DroppedUser
	if x.r.Number != 0 {
		settle(x.r, x.g, x.o.At, &x.e)
	}
	return true, nil
}

// expire removes FlowFiles that grew older than their connection allows.
func (x *ordered) expire() (bool, error) {
	if x.r.Number != 0 {
		if err := x.want(Running); err != nil {
			return false, err
		}
	}
	return x.removed(flowfile.Expired, func(q *Queue) *flowfile.Tally { return &q.Expired })
}

// removed counts what the order takes from queues: in a column of each, and as a
// class in the ledger.
func (x *ordered) removed(class flowfile.Class, column func(*Queue) *flowfile.Tally) (bool, error) {
	by := map[string]flowfile.Tally{}
	for _, rm := range x.d.Remove {
		t := by[rm.Item.Conn]
		t.Plus(rm.Item.Tally())
		by[rm.Item.Conn] = t
	}
	for c, t := range by {
		if x.r.queued(c) < t.N {
			return false, stale(x.r, x.d)
		}
	}
	for c, t := range by {
		q := x.r.queue(c)
		q.Queued.Minus(t)
		column(q).Plus(t)
		x.e.Lost.Plus(t)
		x.r.ledgerOf(x.destination(c))[class].Plus(t)
	}
	if x.r.Number != 0 {
		settle(x.r, x.g, x.o.At, &x.e)
	}
	return len(by) > 0, nil
}
