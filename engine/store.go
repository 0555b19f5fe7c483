package engine

import (
	"context"
	"time"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

// Store is the durable side that the engine works on.
type Store interface {
	Committer
	RunReader
	FlowReader
}

// Committer makes changes durable.
type Committer interface {
	// Commit applies one delivery and returns once it is durable.
	Commit(ctx context.Context, d *flowfile.Delivery) (runs.Effects, error)
	// NewID returns a fresh FlowFile id.
	NewID() flowfile.ID
	// Schema returns the schema stored under a hash.
	Schema(hash string) ([]byte, error)
	// UpdateSchedule changes what is noted about a flow.
	UpdateSchedule(ctx context.Context, flow string, change func(*runs.FlowStatus) error) error
}

// RunReader reads runs.
type RunReader interface {
	// Run returns a copy of a run's state; number zero is continuous data.
	Run(flow string, n flowfile.RunID) (*runs.Run, error)
	// UnfinishedRuns returns the runs that have not ended, oldest first.
	UnfinishedRuns() []*runs.Run
	// Depth returns what a run has on a connection now, items in a session's
	// hands included.
	Depth(flow string, run flowfile.RunID, conn string) flowfile.Tally
	// NodeState returns the published state of a node.
	NodeState(flow, node string) ([]byte, error)
	// Graph returns the compiled graph of a flow version.
	Graph(flow string, version uint32) (*runs.Graph, error)
}

// FlowReader reads published flows.
type FlowReader interface {
	// Doc returns the flow file of a published version.
	Doc(flow string, version uint32) ([]byte, error)
	// Newest returns the number of the version in force, zero for none.
	Newest(flow string) (uint32, error)
	// FlowIDs returns the slugs of all flows.
	FlowIDs() ([]string, error)
	// Schedule returns what is noted about a flow.
	Schedule(flow string) (runs.FlowStatus, error)
}

// View is what one session takes from.
type View interface {
	flowfile.Queues
	// Revoke takes everything away that the view holds, for a session that does
	// not end; its later commits are refused.
	Revoke()
	// Due returns when the first delayed FlowFile of the connections may be
	// taken; false when none is delayed.
	Due(conns []string) (time.Time, bool)
}

// Stage is the content that one session writes; Close frees what no commit
// refers to.
type Stage interface {
	flowfile.Content
	Close()
}
