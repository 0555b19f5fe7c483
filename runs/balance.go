package runs

import (
	"fmt"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
)

// What a run's balance can be.
const (
	// Balanced says that every law held and every row is known.
	Balanced = "balanced"
	// Unaccounted says that no law was broken, but rows of some content are not
	// known; it is never called balanced.
	Unaccounted = "unaccounted"
	// BalanceBroken says that a law did not hold.
	BalanceBroken = "broken"
)

// The units of a breach.
const (
	unitRows  = "rows"
	unitFiles = "flowfiles"
	lawEdge   = "edge"
)

// String tells the breach in a few words.
func (b Breach) String() string {
	place := b.Node
	if place == "" {
		place = "connection " + b.Conn
	}
	return fmt.Sprintf("%s, law %s: %d %s expected, %d counted", place, b.Law, b.Want, b.Unit, b.Got)
}

// Balance holds every node and connection of the run against its law and gives
// the verdict: balanced, unaccounted or broken.
func Balance(r *Run, g *Graph) ([]Breach, string) {
	var out []Breach
	known := true
	for _, s := range g.names {
		b, k := checkNode(r, g.nodes[s])
		out = append(out, b...)
		known = known && k
	}
	for _, c := range sortedKeys(r.Queues) {
		out = append(out, checkEdge(r, c)...)
	}
	switch {
	case len(out) > 0:
		return out, BalanceBroken
	case !known:
		return nil, Unaccounted
	}
	return nil, Balanced
}

// breaches returns the laws that do not hold upstream of a gate. They are looked
// at before it fires, so that a loss cannot replace yesterday's good file.
func (g *Graph) breaches(r *Run, n *graphNode) []Breach {
	var out []Breach
	for _, s := range n.ancestors {
		b, _ := checkNode(r, g.nodes[s])
		out = append(out, b...)
	}
	for _, c := range n.up {
		out = append(out, checkEdge(r, c)...)
	}
	for _, c := range n.in {
		out = append(out, checkEdge(r, c)...)
	}
	return out
}

// checkEdge is entered = left + expired + dropped + parked + discarded + queued.
func checkEdge(r *Run, conn string) []Breach {
	q := r.Queues[conn]
	if q == nil {
		return nil
	}
	var sum flowfile.Tally
	for _, t := range []flowfile.Tally{q.Left, q.Expired, q.Dropped, q.Parked, q.Discarded, q.Queued} {
		sum.Plus(t)
	}
	if sum.N != q.Entered.N {
		return []Breach{{Conn: conn, Law: lawEdge, Unit: unitFiles, Want: q.Entered.N, Got: sum.N}}
	}
	if sum.Rows != q.Entered.Rows || sum.Unknown != q.Entered.Unknown {
		return []Breach{{Conn: conn, Law: lawEdge, Unit: unitRows, Want: q.Entered.Rows, Got: sum.Rows}}
	}
	return nil
}

// checkNode holds one node against its law. known is false when rows of its
// content were not counted, so that the law cannot speak.
func checkNode(r *Run, n *graphNode) (out []Breach, known bool) {
	if l := r.Ledger[n.slug]; l != nil {
		known = l[flowfile.In].Unknown == 0 && l[flowfile.Out].Unknown == 0 && l[flowfile.Committed].Unknown == 0 &&
			l[flowfile.Filtered].Unknown == 0 && l[flowfile.Rejected].Unknown == 0 && l[flowfile.Cloned].Unknown == 0
		if a := r.Acts[n.slug]; a != nil && a.State == ActSkipped {
			return nil, known // its inputs were left out as a whole
		}
		return n.Law.check(n.slug, l, known), known
	}
	return nil, true
}

func (law Law) check(node string, l *NodeLedger, known bool) []Breach {
	var left, right flowfile.Tally
	plus := func(to *flowfile.Tally, classes ...flowfile.Class) {
		for _, c := range classes {
			to.Plus(l[c])
		}
	}
	files := false
	switch law {
	case LawSource:
		plus(&left, flowfile.Read)
		plus(&right, flowfile.Out, flowfile.Filtered, flowfile.Rejected)
	case LawMap:
		files = true
		plus(&left, flowfile.In)
		plus(&right, flowfile.Out, flowfile.Rejected)
	case LawFilter:
		files = true
		plus(&left, flowfile.In, flowfile.Cloned)
		plus(&right, flowfile.Out, flowfile.Filtered, flowfile.Rejected)
	case LawSplit, LawMerge:
		plus(&left, flowfile.In, flowfile.Cloned)
		plus(&right, flowfile.Out, flowfile.Filtered, flowfile.Rejected)
	case LawJoin:
		plus(&left, flowfile.In)
		plus(&right, flowfile.Used, flowfile.Filtered, flowfile.Rejected)
	case LawSink:
		plus(&left, flowfile.In)
		plus(&right, flowfile.Committed, flowfile.Filtered, flowfile.Rejected)
	default:
		return nil
	}
	if files && left.N != right.N {
		return []Breach{{Node: node, Law: string(law), Unit: unitFiles, Want: left.N, Got: right.N}}
	}
	if known && left.Rows != right.Rows {
		return []Breach{{Node: node, Law: string(law), Unit: unitRows, Want: left.Rows, Got: right.Rows}}
	}
	return nil
}

// Verdict is how a run ends whose data is all there.
type Verdict struct {
	// State is SUCCESS, PARTIAL or FAILED, and Why the reason of the last two.
	State    State
	Why      *fault.Error
	Balance  string
	Breaches []Breach
}

// Judge says how a run ends that is FINALIZING. It looks only at the run's books,
// so it says the same whenever it is asked.
func Judge(r *Run, g *Graph) Verdict {
	v := Verdict{State: Success}
	v.Breaches, v.Balance = Balance(r, g)
	if v.Balance == BalanceBroken {
		v.State, v.Why = Failed, fault.New("balance_broken", "breach", v.Breaches[0].String(), "count", len(v.Breaches))
		return v
	}
	if v.Why = g.overwritten(r); v.Why == nil {
		v.Why = g.differs(r)
	}
	if v.Why != nil {
		v.State = Failed
		return v
	}
	switch rejected, given := r.lost(); {
	case !rejected.IsZero():
		v.State, v.Why = Partial, fault.New("run_rejected", "rows", rejected.Rows, "n", rejected.N)
	case !given.IsZero():
		v.State, v.Why = Partial, fault.New("run_given_up", "rows", given.Rows, "n", given.N)
	}
	return v
}

// finish moves a FINALIZING run to its end.
func (x *ordered) finish() error {
	if err := x.want(Finalizing); err != nil {
		return err
	}
	r, at := x.r, x.o.At
	var slot SlotRuns
	if r.Slot != "" {
		var err error
		if slot, err = x.tx.Slot(r.Flow, r.Slot); err != nil {
			return err
		}
	}
	v := Judge(r, x.g)
	r.Breaches, r.Balance = v.Breaches, v.Balance
	switch {
	case v.State == Failed:
		x.e.fail(r, at, v.Why)
		return nil
	case x.o.State == string(Failed):
		// What is left to do after the data failed: there is no verdict yet, so a
		// resume comes back here.
		r.Balance = ""
		x.e.turn(r, Failed, at, asked(x.o), x.o.By)
		return nil
	}
	why := reason{}
	if v.Why != nil {
		why = because(v.Why)
	}
	x.e.turn(r, v.State, at, why, x.o.By)
	x.e.Publish = r.States
	if r.Slot != "" && slot.Newest == r.Number {
		slot.Current = r.Number
		return x.tx.PutSlot(r.Flow, r.Slot, slot)
	}
	return nil
}

// overwritten finds an output that two gates claim: each holds all that its node
// got, so what one of them wrote is gone although its rows balance.
func (g *Graph) overwritten(r *Run) *fault.Error {
	by := map[string]string{}
	for _, c := range r.Receipts {
		if n := g.nodes[c.Node]; n == nil || n.Kind != Gate {
			continue
		}
		if other, twice := by[c.Key]; twice && other != c.Node {
			return fault.New("receipt_twice", "key", c.Key, "one", other, "two", c.Node)
		}
		by[c.Key] = c.Node
	}
	return nil
}

// lost sums what did not reach its end: rejected by nodes, and expired, dropped
// or discarded on connections.
func (r *Run) lost() (rejected, given flowfile.Tally) {
	for _, l := range r.Ledger {
		rejected.Plus(l[flowfile.Rejected])
	}
	for _, q := range r.Queues {
		given.Plus(q.Expired)
		given.Plus(q.Dropped)
		given.Plus(q.Discarded)
	}
	return rejected, given
}
