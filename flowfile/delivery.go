package flowfile

import (
	"time"

	"github.com/weirflow/weir/fault"
)

// Item is a FlowFile checked out from a queue, with its place there and the
// token of the checkout. The store makes items; a session hands them back.
type Item struct {
	// Conn is the connection's slug within its flow.
	Conn string
	// Prio is the queue's priority class; lower leaves first.
	Prio uint8
	// Seq is the place in the queue.
	Seq uint64
	// Token is the checkout; the store refuses a delivery with a revoked one.
	Token uint64
	// FlowFile is the session's own copy.
	FlowFile *FlowFile
}

// Tally counts the item as it lies in its queue, whatever its session has made
// of the copy in its hands since.
func (it *Item) Tally() Tally {
	rows, size := it.FlowFile.Rows, it.FlowFile.Content.Size
	if h := it.FlowFile.hold; h != nil && h.item == it {
		rows, size = h.rows, h.size
	}
	var t Tally
	t.Add(rows, size)
	return t
}

// Removal takes an item out of its queue for good.
type Removal struct {
	Item  *Item
	Class Class
}

// TakeAll takes everything that a run has on a connection: a whole-run input.
type TakeAll struct {
	Conn string
	// N is how many FlowFiles the session saw; the commit is refused when the
	// queue holds another number.
	N     int64
	Class Class
}

// Put adds a FlowFile to a queue.
type Put struct {
	Conn     string
	FlowFile *FlowFile
}

// Retry leaves an item in its queue for a later try.
type Retry struct {
	Item      *Item
	NotBefore time.Time
	// Cause is the error's code and English text, kept with the FlowFile's run.
	Code, Cause string
	// Spend says whether the failed try counts: crashes and terminations do not.
	Spend bool
}

// Park moves an item out of its queue to the run's parked FlowFiles, where it
// waits for a person.
type Park struct {
	Item        *Item
	Code, Cause string
	// Note is the cause for other languages than English, or nil.
	Note *fault.Note
}

// Fence is what a session saw at checkout. A delivery whose fence no longer
// matches the run is refused with code stale_session.
type Fence struct {
	// Epoch is the run's epoch.
	Epoch uint32
	// Act is true when the session owns the node's activity: it runs a source
	// or a whole-run node.
	Act bool
	// ActEpoch is the activity's epoch when Act is true.
	ActEpoch uint32
}

// Intent is a note, durable before an effect outside Weir is begun, so that the
// next try can find out whether it happened.
type Intent struct {
	Key     string    `json:"key"`
	Payload []byte    `json:"payload"`
	At      time.Time `json:"at"`
}

// Receipt is a sink's proof of what it committed outside.
type Receipt struct {
	Node  string `json:"node"`
	Key   string `json:"key"`
	Rows  int64  `json:"rows"`
	Bytes int64  `json:"bytes"`
	// File is the path below the files directory, for an output that is a file.
	File string `json:"file,omitempty"`
	// SHA256 is the sum of what was committed, in lower-case hex, where known.
	SHA256 string `json:"sha256,omitempty"`
	// Link leads to it in a browser, such as a job's page.
	Link string `json:"link,omitempty"`
}

// Provisional is the name of the fact that the source of a node's data may still
// revise it; its value tells until when.
const Provisional = "provisional"

// Fact is something worth telling of what a node did in a run.
type Fact struct {
	Node  string `json:"node"`
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Witness is a count of a node's rows made outside Weir.
type Witness struct {
	Node string `json:"node"`
	Who  string `json:"who"`
	Rows int64  `json:"rows"`
}

// AsOf proposes the time at which a service's data is read for the whole run.
// The first proposal for a service wins; later ones are ignored.
type AsOf struct {
	Service string
	Time    time.Time
}

// Delivery is all that one commit changes. Sessions make the data parts, the
// engine makes orders; the store applies either in one transaction through
// runs.Apply. The zero Delivery changes nothing.
type Delivery struct {
	// Flow is the flow's slug; Version the queue version of the run, zero for
	// continuous data.
	Flow    string
	Version uint32
	// Run is zero for continuous data.
	Run   RunID
	Node  string
	Fence Fence
	// At is the time of the commit by the engine's clock; an order has its own.
	At time.Time

	Remove  []Removal
	TakeAll []TakeAll
	Put     []Put
	Retry   []Retry
	Park    []Park

	// Ledger is what the node counted, by class.
	Ledger Ledger
	// Emitted is the new count of the activity's emissions when Fence.Act.
	Emitted uint64
	// Done ends the activity with this commit.
	Done bool
	// Cursor, when HasCursor, replaces the cursor of (run, node).
	Cursor    []byte
	HasCursor bool
	// State, when HasState, replaces the state of (flow, node); for a run it is
	// staged and published when the run ends well.
	State    []byte
	HasState bool

	Intent   *Intent
	Receipts []Receipt
	// Forget removes the pending intents of the node: their effect is accounted
	// for by a receipt of the same commit.
	Forget bool
	AsOf   *AsOf
	// Schemas are record schemas by hash that this delivery's content needs.
	Schemas map[string][]byte
	// Warn are notes for the run's page, each shown once.
	Warn []*fault.Note
	// Facts and Witnesses replace those of the same node and name.
	Facts     []Fact
	Witnesses []Witness

	// Events tell each FlowFile's lineage.
	Events []Event

	// Order is a control order; the data parts are empty then.
	Order *Order
}

// Ledger holds one tally per class.
type Ledger [classEnd]Tally

// Empty reports whether the delivery would change nothing at all.
func (d *Delivery) Empty() bool {
	return len(d.Remove)+len(d.TakeAll)+len(d.Put)+len(d.Retry)+len(d.Park)+len(d.Receipts)+len(d.Warn)+len(d.Facts)+len(d.Witnesses) == 0 &&
		d.Ledger == Ledger{} && !d.Done && !d.HasCursor && !d.HasState && d.Intent == nil && !d.Forget &&
		d.AsOf == nil && d.Order == nil
}

// EventType says what happened to a FlowFile.
type EventType uint8

// The types of events, named as the field names them.
const (
	EventCreate EventType = iota + 1
	EventFork
	EventJoin
	EventClone
	EventContent
	EventAttributes
	EventRoute
	EventDrop
	EventSend
	EventExpire
	EventPark
	EventRetry
)

var eventNames = [...]string{"", "create", "fork", "join", "clone", "content_modified", "attributes_modified",
	"route", "drop", "send", "expire", "park", "retry"}

// String returns the type's name.
func (t EventType) String() string {
	if int(t) < len(eventNames) {
		return eventNames[t]
	}
	return "unknown"
}

// Event is one line of a FlowFile's lineage: who made it, from what, and where
// it went.
type Event struct {
	Type    EventType
	ID      ID
	Parents []ID
	Node    string
	// Rel is the output it was transferred to, if any.
	Rel Relationship
	// Class is how it left, if it did.
	Class Class
	// Why is the reason of a drop or park.
	Why  string
	Rows int64
	Size int64
	Time time.Time
}
