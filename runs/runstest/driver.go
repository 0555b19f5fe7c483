package runstest

import (
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

// Driver is a store as a schedule sees it. It is used by one goroutine. All of
// it but Take and Release is durable: Crash forgets check-outs and nothing else.
type Driver interface {
	// Publish makes a version of a flow known.
	Publish(flow string, version uint32, p *runs.Plan) error
	// Commit makes a delivery durable through runs.Apply, or changes nothing. A
	// delivery with items that are no longer checked out under their token is
	// refused with code stale_session, as Apply itself refuses others.
	Commit(d *flowfile.Delivery) (runs.Effects, error)
	// Run returns the durable state of a run. The caller does not change it.
	Run(flow string, n flowfile.RunID) (*runs.Run, error)
	// Take checks out up to n FlowFiles of the run, oldest first within each
	// connection; Release gives items back. Items that a commit removed, parked
	// or set for a retry need no Release, others do, after a refusal too.
	Take(flow string, version uint32, n flowfile.RunID, conns []string, limit int) ([]*flowfile.Item, error)
	Release(items []*flowfile.Item)
	// Queued lists what a run has on a connection, checked out or not.
	Queued(flow string, version uint32, n flowfile.RunID, conn string) ([]flowfile.ID, error)
	// Parked lists the parked FlowFiles of a run.
	Parked(flow string, n flowfile.RunID) ([]flowfile.ID, error)
	// Crash stops the store where it stands and opens it again. It may send the
	// OrderRecover of each run by itself; Play sends one in any case.
	Crash() error
}
