package runs

import (
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
)

// ordered is one control order at work: its run, the run's graph and what
// follows.
type ordered struct {
	tx Tx
	d  *flowfile.Delivery
	o  *flowfile.Order
	r  *Run
	g  *Graph
	e  Effects
}

func applyOrder(tx Tx, d *flowfile.Delivery) (Effects, error) {
	if d.Order.Kind == flowfile.OrderCreate {
		return create(tx, d)
	}
	r, err := tx.Run(d.Flow, d.Run)
	if err != nil {
		return Effects{}, err
	}
	x := &ordered{tx: tx, d: d, o: d.Order, r: r, e: Effects{Run: r.Number, From: r.State, To: r.State}}
	if d.Run == 0 {
		return x.continuous()
	}
	if x.g, err = graphOf(tx, r); err != nil {
		return x.e, err
	}
	changed, err := x.apply()
	if err != nil {
		return Effects{Run: r.Number, From: x.e.From, To: x.e.From}, err
	}
	x.e.To = r.State
	if !changed {
		return x.e, nil
	}
	return x.e, tx.PutRun(r)
}

// apply does the order and reports whether it changed the run. Each order makes
// all of its checks before its first change.
func (x *ordered) apply() (bool, error) {
	switch x.o.Kind {
	case flowfile.OrderAdmit:
		return true, x.admit()
	case flowfile.OrderRefuse:
		return true, x.refuse()
	case flowfile.OrderBegin:
		return true, x.begin()
	case flowfile.OrderFailAct:
		return true, x.failAct()
	case flowfile.OrderFence:
		return true, x.fence()
	case flowfile.OrderCancel:
		return true, x.cancel()
	case flowfile.OrderResume:
		return true, x.resume()
	case flowfile.OrderFinish:
		return true, x.finish()
	case flowfile.OrderRecover:
		return x.recover(), nil
	case flowfile.OrderDropQueue:
		return x.dropQueue()
	case flowfile.OrderUnpark:
		return x.unpark()
	case flowfile.OrderDiscard:
		return x.discard()
	case flowfile.OrderExpire:
		return x.expire()
	}
	return false, impossible("an order of no known kind")
}

// continuous does the orders that make sense without a run.
func (x *ordered) continuous() (Effects, error) {
	var changed bool
	var err error
	switch x.o.Kind {
	case flowfile.OrderDropQueue:
		changed, err = x.dropQueue()
	case flowfile.OrderExpire:
		changed, err = x.expire()
	case flowfile.OrderRecover:
	default:
		err = impossible("an order that needs a run")
	}
	if err != nil || !changed {
		return x.e, err
	}
	return x.e, x.tx.PutRun(x.r)
}

// want refuses the order unless the run is in one of the states.
func (x *ordered) want(states ...State) error {
	for _, s := range states {
		if x.r.State == s {
			return nil
		}
	}
	return fault.New("run_state", "run", x.r.name(), "state", x.r.State).Permanent()
}

// act returns the activity that the order is about, in one of the states.
func (x *ordered) act(states ...ActState) (*Activity, error) {
	if err := x.want(Running); err != nil {
		return nil, err
	}
	a := x.r.Acts[x.d.Node]
	if a == nil {
		return nil, fault.New("activity_none", "node", x.d.Node).Permanent()
	}
	for _, s := range states {
		if a.State == s {
			return a, nil
		}
	}
	return nil, fault.New("activity_state", "node", x.d.Node, "run", x.r.name(), "state", a.State)
}

func (x *ordered) admit() error {
	if err := x.want(Queued); err != nil {
		return err
	}
	x.r.Acts = make(map[string]*Activity, len(x.g.owners))
	x.r.Started = x.o.At
	x.e.turn(x.r, Running, x.o.At, reason{}, x.o.By)
	for _, s := range x.g.owners {
		x.insert(s)
	}
	settle(x.r, x.g, x.o.At, &x.e)
	return nil
}

// insert gives a node its activity: a source without completion edges may begin
// at once, all others wait for what is upstream.
func (x *ordered) insert(node string) {
	a := &Activity{State: ActWait, Since: x.o.At}
	x.r.Acts[node] = a
	if !x.g.nodes[node].isGated() {
		x.e.move(node, a, ActReady, x.o.At, reason{})
	}
}

func (x *ordered) refuse() error {
	if err := x.want(Queued); err != nil {
		return err
	}
	to := State(x.o.State)
	if to != Failed && to != Skipped && to != Cancelled {
		return impossible("a queued run refused into state " + x.o.State)
	}
	x.r.Sealed = true // it never had data; there is nothing to take up again
	x.e.turn(x.r, to, x.o.At, asked(x.o), x.o.By)
	return nil
}

func (x *ordered) begin() error {
	a, err := x.act(ActReady, ActRetryWait)
	if err != nil {
		return err
	}
	a.Attempt++
	a.NotBefore = time.Time{}
	x.e.move(x.d.Node, a, ActRunning, x.o.At, reason{})
	return nil
}

func (x *ordered) failAct() error {
	a, err := x.act(ActRunning)
	if err != nil {
		return err
	}
	// A try that was revoked meanwhile may not fail its successor.
	if f := x.d.Fence; f.Act && (f.Epoch != x.r.Epoch || f.ActEpoch != a.Epoch) {
		return stale(x.r, x.d)
	}
	a.Epoch++
	a.failed(asked(x.o))
	if x.o.Spend {
		a.Tries++
	}
	if x.o.Final {
		x.e.move(x.d.Node, a, ActFailed, x.o.At, a.reason())
	} else {
		a.NotBefore = x.o.NotBefore
		x.e.move(x.d.Node, a, ActRetryWait, x.o.At, a.reason())
	}
	settle(x.r, x.g, x.o.At, &x.e)
	return nil
}

func (x *ordered) fence() error {
	a, err := x.act(ActRunning)
	if err != nil {
		return err
	}
	a.Epoch++
	x.e.move(x.d.Node, a, ActReady, x.o.At, asked(x.o))
	return nil
}

func (x *ordered) recover() bool {
	switch x.r.State {
	case Running:
		for _, s := range sortedKeys(x.r.Acts) {
			if a := x.r.Acts[s]; a.State == ActRunning {
				a.Epoch++
				x.e.move(s, a, ActReady, x.o.At, reason{})
			}
		}
		x.r.Epoch++
		settle(x.r, x.g, x.o.At, &x.e)
	case Finalizing, Cancelling:
		x.r.Epoch++
	default:
		return false
	}
	return true
}

// cancel drops all that the run has. Sessions at work are overtaken by the
// epoch.
func (x *ordered) cancel() error {
	if err := x.want(Queued, Running, Finalizing, Cancelling); err != nil {
		return err
	}
	x.drop()
	x.r.Epoch++
	for _, s := range sortedKeys(x.r.Acts) {
		if a := x.r.Acts[s]; a.State.Open() && a.State != ActFailed {
			x.e.move(s, a, ActSkipped, x.o.At, reason{})
		}
	}
	to := Cancelled
	if x.o.Final {
		to = Failed
	}
	x.e.turn(x.r, to, x.o.At, asked(x.o), x.o.By)
	return nil
}

// drop gives up everything that the run has queued or parked, for good.
func (x *ordered) drop() {
	for _, c := range sortedKeys(x.r.Queues) {
		q := x.r.Queues[c]
		if q.Queued.N > 0 {
			x.e.Purge, x.e.PurgeClass = append(x.e.Purge, c), flowfile.DroppedCancel
			x.r.ledgerOf(x.destination(c))[flowfile.DroppedCancel].Plus(q.Queued)
			q.Dropped.Plus(q.Queued)
			q.Queued = flowfile.Tally{}
		}
		if q.Parked.N > 0 {
			x.e.DiscardAll = true
			q.Discarded.Plus(q.Parked)
			q.Parked = flowfile.Tally{}
		}
	}
	x.r.Sealed = true
}

// destination is the node in whose ledger a loss on the connection is shown; a
// connection that the version in force lacks stands for itself.
func (x *ordered) destination(conn string) string {
	if x.g != nil {
		if c, ok := x.g.conns[conn]; ok {
			return c.To
		}
	}
	return conn
}
