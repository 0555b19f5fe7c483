package runs

import (
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
)

// Tx is the transaction in which Apply works. The store has one over bbolt, the
// model tests one over a map.
type Tx interface {
	// Run returns the state of a run, or of the flow's continuous data for zero;
	// the latter exists always. An unknown run is a fault run_unknown.
	Run(flow string, n flowfile.RunID) (*Run, error)
	// PutRun stores a changed or new run.
	PutRun(*Run) error
	// Graph returns the compiled graph of a flow version; version zero is that
	// of the flow's continuous data.
	Graph(flow string, version uint32) (*Graph, error)
	// Slot returns what is known of a slot; the zero SlotRuns when nothing is.
	Slot(flow, key string) (SlotRuns, error)
	// PutSlot stores it.
	PutSlot(flow, key string, s SlotRuns) error
	// Parked returns where a parked FlowFile of the run lies and what it counts
	// for. An unknown one is a fault.
	Parked(flow string, n flowfile.RunID, id flowfile.ID) (conn string, t flowfile.Tally, err error)
	// NewRun returns the next dense run number.
	NewRun() (flowfile.RunID, error)
}

// SlotRuns is what a slot remembers of its runs.
type SlotRuns struct {
	// Generation is that of the newest run, Newest its number.
	Generation uint32         `json:"generation"`
	Newest     flowfile.RunID `json:"newest,string"`
	// Current is the newest run that ended SUCCESS or PARTIAL.
	Current flowfile.RunID `json:"current,string"`
}

// Effects tell the store what else to do in the same transaction, and the
// engine what changed.
type Effects struct {
	// Run is the run that was changed or made; Slot its slot.
	Run flowfile.RunID
	// From and To are the run's states before and after.
	From, To State
	// Ready are nodes whose activity became READY.
	Ready []string
	// Purge are connections on which everything of this run must be deleted,
	// after the data parts of the delivery. An order or a skipped gate sets it.
	// PurgeClass says how that left: dropped by a person or a cancel, or filtered
	// by a gate that was skipped.
	Purge      []string
	PurgeClass flowfile.Class
	// Unpark are parked FlowFiles to put back on their connections at the end;
	// UnparkAll means all of the run. Discard and DiscardAll delete them.
	Unpark, Discard       []flowfile.ID
	UnparkAll, DiscardAll bool
	// Lost is what an order gave up: FlowFiles that it dropped from a queue or
	// discarded.
	Lost flowfile.Tally
	// Publish are node states to publish for the flow.
	Publish map[string][]byte
	// AsOf is the read time that holds after a Delivery.AsOf.
	AsOf time.Time
	// Superseded is what became of the run that a new one took the slot from.
	Superseded *Effects
	// Changes tell each transition, for the run's history and log.
	Changes []Change
}

// Change is one transition of a run (Node empty) or of an activity.
type Change struct {
	Node string `json:"node,omitempty"`
	From string `json:"from"`
	To   string `json:"to"`
	Code string `json:"code,omitempty"`
	Why  string `json:"why,omitempty"`
	// Note is Why for other languages than English.
	Note *fault.Note `json:"note,omitempty"`
	At   time.Time   `json:"at"`
	By   string      `json:"by,omitempty"`
}
