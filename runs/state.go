package runs

import (
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
)

// State is the state of a run.
type State string

// The states of a run. The last six are terminal, FAILED until it is resumed.
const (
	Queued     State = "QUEUED"
	Running    State = "RUNNING"
	Finalizing State = "FINALIZING"
	Cancelling State = "CANCELLING"
	Success    State = "SUCCESS"
	Partial    State = "PARTIAL"
	Failed     State = "FAILED"
	Cancelled  State = "CANCELLED"
	Skipped    State = "SKIPPED"
	Superseded State = "SUPERSEDED"
)

// Terminal reports whether the run has ended.
func (s State) Terminal() bool {
	switch s {
	case Success, Partial, Failed, Cancelled, Skipped, Superseded:
		return true
	}
	return false
}

// ActState is the state of an activity.
type ActState string

// The states of an activity. Any but DONE and SKIPPED is open; READY, RUNNING
// and RETRY_WAIT are runnable.
const (
	ActWait      ActState = "WAIT"
	ActReady     ActState = "READY"
	ActRunning   ActState = "RUNNING"
	ActRetryWait ActState = "RETRY_WAIT"
	ActBlocked   ActState = "BLOCKED"
	ActDone      ActState = "DONE"
	ActFailed    ActState = "FAILED"
	ActSkipped   ActState = "SKIPPED"
)

// Open reports whether the activity still owes something to its run.
func (s ActState) Open() bool { return s != ActDone && s != ActSkipped }

// Runnable reports whether the engine can bring the activity forward.
func (s ActState) Runnable() bool {
	return s == ActReady || s == ActRunning || s == ActRetryWait
}

// Run is the protocol state of one run, or, with Number zero, the counters of a
// flow's continuous data. The store keeps it as one value; Apply changes it only
// after every check has passed.
type Run struct {
	Number flowfile.RunID `json:"number,string"`
	// ID is the public ULID.
	ID   string `json:"id"`
	Flow string `json:"flow"`
	// QueueVersion is the flow version that keys the run's queues, for life.
	// FlowVersions are those that executed it, the last one in force.
	QueueVersion uint32   `json:"queue_version"`
	FlowVersions []uint32 `json:"flow_versions"`

	Slot       string    `json:"slot,omitempty"`
	Date       string    `json:"date,omitempty"`
	Start      time.Time `json:"start,omitzero"`
	End        time.Time `json:"end,omitzero"`
	Zone       string    `json:"zone,omitempty"`
	Generation uint32    `json:"generation,omitempty"`
	// Kind is scheduled, manual, backfill, rerun, replay, settle or test.
	Kind   string            `json:"kind,omitempty"`
	By     string            `json:"by,omitempty"`
	Params map[string]string `json:"params,omitempty"`
	// Retries and RetryDelay are the policy fixed at creation.
	Retries    int           `json:"retries"`
	RetryDelay time.Duration `json:"retry_delay"`

	State State `json:"state,omitempty"`
	// Epoch rises with every crash, cancel and resume; stale sessions are refused.
	Epoch    uint32    `json:"epoch"`
	Created  time.Time `json:"created,omitzero"`
	Started  time.Time `json:"started,omitzero"`
	Finished time.Time `json:"finished,omitzero"`
	// Code and Why give the reason of a state that needs one, Note the same for
	// other languages than English.
	Code string      `json:"code,omitempty"`
	Why  string      `json:"why,omitempty"`
	Note *fault.Note `json:"note,omitempty"`
	// Balance is "balanced", "unaccounted" or "broken" once the run has ended.
	Balance string `json:"balance,omitempty"`
	// Breaches are the laws that did not hold.
	Breaches []Breach `json:"breaches,omitempty"`
	// AcceptRejects is set by a resume that takes the rejected rows as they stand;
	// Accepted holds those counts by node. Rows rejected later are not accepted.
	AcceptRejects bool                      `json:"accept_rejects,omitempty"`
	Accepted      map[string]flowfile.Tally `json:"accepted,omitempty"`
	AsOf          map[string]time.Time      `json:"as_of,omitempty"`
	// Sealed says that the run can never be taken up again: its data is gone.
	Sealed bool `json:"sealed,omitempty"`
	// Warnings are notes for the run's page, each once.
	Warnings Warnings `json:"warnings,omitempty"`
	// Facts are worth telling of what the nodes did, by node and name.
	// Witnesses are counts of their rows made outside Weir.
	Facts     map[string]map[string]string `json:"facts,omitempty"`
	Witnesses []flowfile.Witness           `json:"witnesses,omitempty"`
	// Receipts are the first ones of each node, which keeps up to MostReceipts;
	// MoreReceipts counts the rest by node. What a node committed in all stands
	// in the ledger.
	Receipts     []flowfile.Receipt        `json:"receipts,omitempty"`
	MoreReceipts map[string]flowfile.Tally `json:"more_receipts,omitempty"`

	Acts   map[string]*Activity `json:"acts,omitempty"`
	Queues map[string]*Queue    `json:"queues,omitempty"`
	// Ledger holds, by node, what it counted in each class.
	Ledger map[string]*NodeLedger `json:"ledger,omitempty"`
	// States are the staged states of nodes, published when the run ends well.
	States map[string][]byte `json:"states,omitempty"`
}

// Activity is the token of a node that can act without an input: a source or a
// whole-run node. While it is open its run cannot complete.
type Activity struct {
	State ActState `json:"state"`
	// Epoch rises when a session is revoked; Attempt counts all tries begun.
	Epoch   uint32 `json:"epoch"`
	Attempt uint32 `json:"attempt"`
	// Tries counts the failed tries since the cursor last advanced.
	Tries     int               `json:"tries,omitempty"`
	NotBefore time.Time         `json:"not_before,omitzero"`
	Since     time.Time         `json:"since,omitzero"`
	Emitted   uint64            `json:"emitted,omitempty"`
	Cursor    []byte            `json:"cursor,omitempty"`
	Pending   []flowfile.Intent `json:"pending,omitempty"`
	// Code and Err tell the last failure, Note the same for other languages than
	// English.
	Code string      `json:"code,omitempty"`
	Err  string      `json:"err,omitempty"`
	Note *fault.Note `json:"note,omitempty"`
}

// Queue counts what a run has on one connection. Queued is what lies there now,
// items in a session's hands included; the others are totals. The edge law is
// Entered = Left + Expired + Dropped + Parked + Discarded + Queued.
type Queue struct {
	Queued  flowfile.Tally `json:"queued"`
	Entered flowfile.Tally `json:"entered"`
	Left    flowfile.Tally `json:"left"`
	Expired flowfile.Tally `json:"expired,omitzero"`
	Dropped flowfile.Tally `json:"dropped,omitzero"`
	// Parked is what lies parked now; unparking moves it back to Queued.
	Parked flowfile.Tally `json:"parked,omitzero"`
	// Discarded was parked and given up by a person.
	Discarded flowfile.Tally `json:"discarded,omitzero"`
}

// Breach is a law that did not hold for a node or connection.
type Breach struct {
	// Node or Conn names the place.
	Node string `json:"node,omitempty"`
	Conn string `json:"conn,omitempty"`
	// Law is the law's name, Want and Got its two sides in rows or FlowFiles.
	Law  string `json:"law"`
	Unit string `json:"unit"`
	Want int64  `json:"want"`
	Got  int64  `json:"got"`
}
