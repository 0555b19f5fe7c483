package runs

import (
	"slices"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
)

// applyContinuous counts a session of continuous data: nothing fences it, no
// gate waits for it and nothing of it is parked.
func applyContinuous(tx Tx, r *Run, d *flowfile.Delivery) (Effects, error) {
	switch {
	case len(d.Park) > 0:
		return Effects{}, impossible("continuous data is never parked")
	case len(d.TakeAll) > 0:
		return Effects{}, impossible("a whole-run session over continuous data")
	case d.Intent != nil || d.HasCursor:
		return Effects{}, fault.New("activity_none", "node", d.Node).Permanent()
	}
	if err := checkRemovals(r, d); err != nil {
		return Effects{}, err
	}
	for i := range d.Put {
		if d.Put[i].FlowFile.Run != 0 {
			return Effects{}, impossible("a session of continuous data makes data of a run")
		}
	}
	var e Effects
	if d.HasState {
		e.Publish = map[string][]byte{d.Node: d.State}
	}
	noted := r.note(d.Warn)
	if len(d.Remove)+len(d.Put) == 0 && d.Ledger == (flowfile.Ledger{}) && !noted {
		return e, nil
	}
	count(r, d)
	return e, tx.PutRun(r)
}

// applySession checks a session of a run against what is durable and then
// applies it whole.
func applySession(tx Tx, r *Run, d *flowfile.Delivery) (Effects, error) {
	e := Effects{Run: r.Number, From: r.State, To: r.State}
	if r.State != Running || d.Fence.Epoch != r.Epoch {
		return e, stale(r, d)
	}
	g, err := graphOf(tx, r)
	if err != nil {
		return e, err
	}
	n := g.nodes[d.Node]
	if n == nil {
		return e, impossible("session of a node that the run's flow version lacks: " + d.Node)
	}
	var act *Activity
	if d.Fence.Act {
		act = r.Acts[d.Node]
		if act == nil || (act.State != ActRunning && g.guarded()) || act.Epoch != d.Fence.ActEpoch {
			return e, stale(r, d)
		}
	}
	if err := checkSession(r, g, n, d); err != nil {
		return e, err
	}

	at := d.At
	changed := len(d.Remove)+len(d.TakeAll)+len(d.Put)+len(d.Park)+len(d.Receipts) > 0 ||
		d.Ledger != flowfile.Ledger{} || d.Done || d.HasCursor || d.HasState || d.Intent != nil || d.Forget
	count(r, d)
	for _, p := range d.Park {
		t := p.Item.Tally()
		q := r.queue(p.Item.Conn)
		q.Queued.Minus(t)
		q.Parked.Plus(t)
	}
	for _, t := range d.TakeAll {
		q := r.queue(t.Conn)
		q.Left.Plus(q.Queued)
		q.Queued = flowfile.Tally{}
	}
	if act != nil {
		e.advance(r, act, d, at)
	}
	if d.HasState {
		if r.States == nil {
			r.States = map[string][]byte{}
		}
		r.States[d.Node] = slices.Clone(d.State)
	}
	r.keepReceipts(d.Receipts)
	changed = r.note(d.Warn) || changed
	changed = r.tell(d.Facts, d.Witnesses) || changed
	if d.AsOf != nil {
		have, ok := r.AsOf[d.AsOf.Service]
		if !ok {
			if r.AsOf == nil {
				r.AsOf = map[string]time.Time{}
			}
			have, changed = d.AsOf.Time, true
			r.AsOf[d.AsOf.Service] = have
		}
		e.AsOf = have
	}
	if !changed {
		return e, nil
	}
	// Only these can make a gate ready, complete the run or leave it stuck.
	if len(d.Remove)+len(d.TakeAll)+len(d.Park) > 0 || d.Done {
		settle(r, g, at, &e)
	}
	e.To = r.State
	return e, tx.PutRun(r)
}

// maxWarnings bounds the notes of a run, which is read and written whole.
const maxWarnings = 100

// note keeps warnings, each once.
func (r *Run) note(warn []*fault.Note) (changed bool) {
	for _, w := range warn {
		if w != nil && len(r.Warnings) < maxWarnings && !r.Warnings.has(w) {
			r.Warnings = append(r.Warnings, w)
			changed = true
		}
	}
	return changed
}

// advance brings the session's own activity forward.
func (e *Effects) advance(r *Run, act *Activity, d *flowfile.Delivery, at time.Time) {
	act.Emitted = max(act.Emitted, d.Emitted)
	if d.HasCursor {
		act.Cursor = slices.Clone(d.Cursor)
	}
	if d.HasCursor || len(d.Put) > 0 {
		act.Tries = 0
	}
	if d.Forget {
		act.Pending = nil
	}
	if d.Intent != nil {
		in := *d.Intent
		in.Payload = slices.Clone(in.Payload)
		act.Pending = append(act.Pending, in)
	}
	if d.Done {
		act.anew()
		e.move(d.Node, act, ActDone, at, reason{})
	}
}

// count books what a session removed, put and counted.
func count(r *Run, d *flowfile.Delivery) {
	var q *Queue
	last := ""
	at := func(conn string) *Queue {
		if q == nil || conn != last {
			q, last = r.queue(conn), conn
		}
		return q
	}
	for i := range d.Remove {
		t := d.Remove[i].Item.Tally()
		q := at(d.Remove[i].Item.Conn)
		q.Queued.Minus(t)
		q.Left.Plus(t)
	}
	for i := range d.Put {
		f := d.Put[i].FlowFile
		q := at(d.Put[i].Conn)
		q.Queued.Add(f.Rows, f.Content.Size)
		q.Entered.Add(f.Rows, f.Content.Size)
	}
	r.book(d.Node, &d.Ledger)
}

// checkRemovals refuses what is classed wrongly, and what the queue no longer
// holds: it was dropped by a person or expired while the session worked.
func checkRemovals(r *Run, d *flowfile.Delivery) error {
	if len(d.Remove)+len(d.Park) == 0 {
		return nil
	}
	type need struct {
		conn string
		n    int64
	}
	var buf [8]need
	needs := buf[:0]
	add := func(conn string) {
		for i := range needs {
			if needs[i].conn == conn {
				needs[i].n++
				return
			}
		}
		needs = append(needs, need{conn, 1})
	}
	for i := range d.Remove {
		if !endsItem(d.Remove[i].Class) {
			return impossible("a removal of class " + d.Remove[i].Class.String())
		}
		add(d.Remove[i].Item.Conn)
	}
	for i := range d.Park {
		add(d.Park[i].Item.Conn)
	}
	for _, n := range needs {
		if r.queued(n.conn) < n.n {
			return stale(r, d)
		}
	}
	return nil
}

// endsItem reports whether a session may remove an item under the class.
func endsItem(c flowfile.Class) bool {
	switch c {
	case flowfile.Forwarded, flowfile.Merged, flowfile.Committed, flowfile.Filtered, flowfile.Rejected, flowfile.Terminated:
		return true
	}
	return false
}

// checkSession holds a session of a run against the rules that carry exact
// completion.
func checkSession(r *Run, g *Graph, n *graphNode, d *flowfile.Delivery) error {
	owns := d.Fence.Act
	switch {
	case owns && !n.owner(), !owns && n.owner():
		return impossible("node " + n.slug + " is a " + string(n.Kind) + ", its session says otherwise")
	case owns && len(d.Remove)+len(d.Retry)+len(d.Park) > 0:
		return impossible("node " + n.slug + " takes single FlowFiles, which only a map may")
	case len(d.TakeAll) > 0 && !(n.Kind == Gate && d.Done):
		return impossible("node " + n.slug + " takes whole inputs before its end")
	case d.Done && !owns:
		return impossible("node " + n.slug + " ends an activity that it does not own")
	case n.Kind == Gate && !d.Done && len(d.Put) > 0:
		return impossible("whole-run node " + n.slug + " emits before its end")
	case !owns && (d.Intent != nil || d.HasCursor):
		return fault.New("activity_none", "node", n.slug).Permanent()
	case len(d.Put) > 0 && len(d.Remove) == 0 && !owns && g.guarded():
		return impossible("node " + n.slug + " makes FlowFiles of a run out of nothing")
	}
	for i := range d.Remove {
		if c := d.Remove[i].Item.Conn; g.conns[c].To != n.slug {
			return impossible("node " + n.slug + " takes from connection " + c)
		}
	}
	for i := range d.Park {
		if c := d.Park[i].Item.Conn; g.conns[c].To != n.slug {
			return impossible("node " + n.slug + " parks on connection " + c)
		}
	}
	if err := checkRemovals(r, d); err != nil {
		return err
	}
	if n.Kind == Gate && d.Done {
		if err := checkTakeAll(r, n, d); err != nil {
			return err
		}
	}
	last := ""
	for i := range d.Put {
		f, c := d.Put[i].FlowFile, d.Put[i].Conn
		if f.Run != d.Run {
			return impossible("node " + n.slug + " makes data of another run")
		}
		if f.Hops > n.MaxHops {
			return fault.New("too_many_hops", "node", n.slug, "id", f.ID, "hops", f.Hops, "max", n.MaxHops).Permanent()
		}
		if c == last {
			continue
		}
		last = c
		conn, ok := g.conns[c]
		if !ok || conn.From != n.slug {
			return impossible("node " + n.slug + " puts on connection " + c)
		}
		// A gate that is ready has seen all of its data; more may not come.
		if a := r.Acts[conn.To]; g.nodes[conn.To].Kind == Gate && (a == nil || a.State != ActWait) && g.guarded() {
			return impossible("data for whole-run node " + conn.To + " after it was ready")
		}
	}
	return nil
}

// checkTakeAll sees that a gate takes each of its inputs, and as much as it read.
func checkTakeAll(r *Run, n *graphNode, d *flowfile.Delivery) error {
	for i, t := range d.TakeAll {
		if !slices.Contains(n.in, t.Conn) || slices.ContainsFunc(d.TakeAll[:i], func(o flowfile.TakeAll) bool { return o.Conn == t.Conn }) {
			return impossible("node " + n.slug + " takes connection " + t.Conn)
		}
		if !endsItem(t.Class) {
			return impossible("a removal of class " + t.Class.String())
		}
		if t.N != r.queued(t.Conn) {
			return stale(r, d)
		}
	}
	for _, c := range n.in {
		if r.queued(c) > 0 && !slices.ContainsFunc(d.TakeAll, func(t flowfile.TakeAll) bool { return t.Conn == c }) {
			return impossible("node " + n.slug + " ends without taking connection " + c)
		}
	}
	return nil
}

func stale(r *Run, d *flowfile.Delivery) error {
	return fault.New("stale_session", "node", d.Node, "run", r.name())
}
