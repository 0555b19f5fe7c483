package runs

import (
	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
)

// Apply makes one delivery's changes to its run and reports what else follows.
// It is the only function that changes a Run. When it returns an error, a fault
// with code stale_session for a session that was overtaken, nothing has changed.
func Apply(tx Tx, d *flowfile.Delivery) (Effects, error) {
	if d.Order != nil {
		return applyOrder(tx, d)
	}
	r, err := tx.Run(d.Flow, d.Run)
	if err != nil {
		return Effects{}, err
	}
	if d.Run == 0 {
		return applyContinuous(tx, r, d)
	}
	return applySession(tx, r, d)
}

// impossible is a defect of Weir itself: the delivery contradicts the protocol.
func impossible(what string) error { return fault.New("internal", "what", what).Permanent() }
