package runs

import (
	"maps"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
)

// TestKind is the kind of a run that takes no slot.
const TestKind = "test"

// create makes a run, the newest generation of its slot. A slot has one run at
// work at a time; a failed predecessor is superseded and gives up its data.
func create(tx Tx, d *flowfile.Delivery) (Effects, error) {
	c, at := d.Order.Create, d.Order.At
	if c == nil || c.FlowVersion == 0 {
		return Effects{}, impossible("a run without a flow version")
	}
	if (c.Slot == "") != (c.Kind == TestKind) {
		return Effects{}, impossible("a " + c.Kind + " run with slot \"" + c.Slot + "\"")
	}
	if _, err := tx.Graph(d.Flow, c.FlowVersion); err != nil {
		return Effects{}, err
	}
	r := &Run{ID: c.ULID, Flow: d.Flow, QueueVersion: c.FlowVersion, FlowVersions: []uint32{c.FlowVersion},
		Slot: c.Slot, Date: c.Date, Start: c.Start, End: c.End, Zone: c.Zone, Kind: c.Kind, By: d.Order.By,
		Params: maps.Clone(c.Params), Retries: c.Retries, RetryDelay: c.RetryDelay, Epoch: 1, Created: at}
	var e Effects
	var slot SlotRuns
	var old *ordered
	if c.Slot != "" {
		var err error
		if slot, err = tx.Slot(d.Flow, c.Slot); err != nil {
			return Effects{}, err
		}
		if slot.Newest != 0 && c.Fresh {
			return Effects{}, fault.New("slot_has_run", "slot", c.Slot, "flow", d.Flow).Permanent()
		}
		if slot.Newest != 0 {
			if old, err = predecessor(tx, d, slot.Newest); err != nil {
				return Effects{}, err
			}
		}
	}
	n, err := tx.NewRun()
	if err != nil {
		return Effects{}, err
	}
	r.Number, r.Generation = n, slot.Generation+1
	e.Run = n
	e.turn(r, Queued, at, asked(d.Order), d.Order.By)
	if err := tx.PutRun(r); err != nil {
		return Effects{}, err
	}
	if c.Slot == "" {
		return e, nil
	}
	if old != nil {
		why := fault.New("run_superseded", "run", r.name())
		old.drop()
		old.r.Epoch++
		finished := old.r.Finished
		old.e.turn(old.r, Superseded, at, because(why), d.Order.By)
		old.r.Finished = finished
		if err := tx.PutRun(old.r); err != nil {
			return Effects{}, err
		}
		e.Superseded = &old.e
	}
	return e, tx.PutSlot(d.Flow, c.Slot, SlotRuns{Generation: r.Generation, Newest: n, Current: slot.Current})
}

// predecessor looks at the slot's newest run: one that has not ended refuses the
// new one, one that failed is returned to be superseded.
func predecessor(tx Tx, d *flowfile.Delivery, n flowfile.RunID) (*ordered, error) {
	r, err := tx.Run(d.Flow, n)
	if err != nil {
		return nil, err
	}
	if !r.State.Terminal() {
		return nil, fault.New("slot_busy", "slot", r.Slot, "run", r.name(), "state", r.State).Permanent()
	}
	if r.State != Failed {
		return nil, nil
	}
	g, err := graphOf(tx, r)
	if err != nil {
		return nil, err
	}
	return &ordered{tx: tx, d: d, o: d.Order, r: r, g: g, e: Effects{Run: r.Number, From: r.State, To: r.State}}, nil
}
