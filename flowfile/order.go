package flowfile

import (
	"time"

	"github.com/weirflow/weir/fault"
)

// OrderKind says what a control order asks of a run.
type OrderKind uint8

// The kinds of orders. Those about an activity or a connection name it in
// Delivery.Node or Order.Conn.
const (
	// OrderCreate makes a run, QUEUED. Order.Create says which; the new number
	// comes back in the effects.
	OrderCreate OrderKind = iota + 1
	// OrderAdmit moves a QUEUED run to RUNNING and inserts its activities.
	OrderAdmit
	// OrderRefuse ends a QUEUED run as FAILED, SKIPPED or CANCELLED.
	OrderRefuse
	// OrderBegin moves the node's activity from READY or RETRY_WAIT to RUNNING.
	OrderBegin
	// OrderFailAct ends a try of the node's activity: RETRY_WAIT until
	// Order.NotBefore, or FAILED when Order.Final.
	OrderFailAct
	// OrderFence revokes the session that holds the node's activity, after a
	// timeout or a terminate: its epoch rises and it is READY again.
	OrderFence
	// OrderCancel stops a run: its queues are dropped and it ends CANCELLED, or
	// FAILED when Order.Final.
	OrderCancel
	// OrderResume takes a FAILED run up again: the parked FlowFiles named in
	// Order.Parked (all when empty) go back to their connections and failed
	// activities become READY.
	OrderResume
	// OrderFinish moves a FINALIZING run to its end: SUCCESS, PARTIAL or FAILED.
	OrderFinish
	// OrderRecover re-opens a run after a crash: running activities become READY
	// and the epoch rises; no try is spent.
	OrderRecover
	// OrderDropQueue removes what a run has on Order.Conn, by a person's will: all
	// of it, or the FlowFiles of Delivery.Remove where it names some.
	OrderDropQueue
	// OrderUnpark puts the parked FlowFiles named in Order.Parked (all when
	// empty) back on their connections.
	OrderUnpark
	// OrderDiscard gives up the parked FlowFiles named in Order.Parked (all when
	// empty): they count as rejected and accepted.
	OrderDiscard
	// OrderExpire removes the FlowFiles of Delivery.Remove that grew too old.
	OrderExpire
)

// Order is a control order: a change that no session makes.
type Order struct {
	Kind   OrderKind
	At     time.Time
	Create *CreateRun
	// State is the end state of OrderRefuse, by its name.
	State string
	// Code and Why give the reason, shown with the run; Note is the same for
	// other languages than English, or nil.
	Code, Why string
	Note      *fault.Note
	// NotBefore is when the next try may begin (OrderFailAct).
	NotBefore time.Time
	// Spend says whether the failed try counts against the error budget.
	Spend bool
	// Final says that no further try follows (OrderFailAct), or that the run
	// ends FAILED instead of CANCELLED (OrderCancel).
	Final bool
	// AcceptRejects resumes a run with its rejected rows taken as they stand.
	AcceptRejects bool
	// FlowVersion, when above zero, is the version that a resumed run adopts.
	FlowVersion uint32
	Conn        string
	// Parked names parked FlowFiles by ID.
	Parked []ID
	// By is who ordered it, for the audit trail: "scheduler", "cli", a user.
	By string
}

// CreateRun describes the run that OrderCreate makes. Its slot must have no run
// that is queued, running or finalizing.
type CreateRun struct {
	// ULID is the run's public id.
	ULID string
	// Slot is the slot's key; empty for a test run, which takes none.
	Slot string
	// Start and End bound the slot's interval; Zone is its IANA name and Date
	// the local date of its start.
	Start, End time.Time
	Zone, Date string
	// Kind is scheduled, manual, backfill, rerun, replay, settle or test.
	Kind string
	// FlowVersion is the published version that the run executes.
	FlowVersion uint32
	Params      map[string]string
	// Fresh refuses a slot that has had a run: the schedule makes the first one
	// of a slot or none.
	Fresh bool
	// Retries and RetryDelay are the flow's policy, fixed into the run.
	Retries    int
	RetryDelay time.Duration
}
