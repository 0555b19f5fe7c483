package flowfile

// Class says how a FlowFile left a queue or in which column of the ledger rows
// are counted. Every removal has one: no data leaves unaccounted.
type Class uint8

// The classes. In, Read and Out are columns of the ledger; the others also
// classify removals.
const (
	// NoClass is the zero value and never valid in a commit.
	NoClass Class = iota
	// In counts what a node took from its inputs.
	In
	// Read counts what a source saw at the wire, before decoding.
	Read
	// Out counts what was transferred to forward outputs, once per transfer.
	Out
	// Forwarded is a removal whose FlowFile went on to an output.
	Forwarded
	// Merged is a removal whose content lives on in FlowFiles made from it.
	Merged
	// Committed is a removal by a sink; its rows are those of the receipt.
	Committed
	// Filtered left by a filter output or was dropped on purpose.
	Filtered
	// Rejected is the data's fault: a reject output, or discarded by a person.
	Rejected
	// Cloned counts copies made for a further route.
	Cloned
	// Terminated counts what a forward output ended, wired to nothing.
	Terminated
	// Expired grew older than its connection allows.
	Expired
	// DroppedUser was removed from a queue by a person.
	DroppedUser
	// DroppedCancel was removed because its run was cancelled.
	DroppedCancel
	// Parked has used up its tries and waits for a person.
	Parked
	// Used counts rows of whole-run inputs that took part in what a join made.
	Used

	classEnd
)

var classNames = [...]string{"none", "in", "read", "out", "forwarded", "merged", "committed", "filtered",
	"rejected", "cloned", "terminated", "expired", "dropped_user", "dropped_cancel", "parked", "used"}

// String returns the class as it stands in ledgers and on the wire.
func (c Class) String() string {
	if c < classEnd {
		return classNames[c]
	}
	return "unknown"
}

// MarshalText returns the name.
func (c Class) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads a name; an unknown one becomes NoClass.
func (c *Class) UnmarshalText(b []byte) error {
	*c = NoClass
	for i, n := range classNames {
		if n == string(b) {
			*c = Class(i)
		}
	}
	return nil
}

// Tally counts FlowFiles, their rows and bytes. Unknown is how many of the
// FlowFiles had uncounted rows; while it is above zero Rows is a lower bound.
type Tally struct {
	N       int64 `json:"n"`
	Rows    int64 `json:"rows"`
	Unknown int64 `json:"unknown,omitempty"`
	Bytes   int64 `json:"bytes"`
}

// Add adds one FlowFile of the given rows (UnknownRows if uncounted) and bytes.
func (t *Tally) Add(rows, bytes int64) {
	t.N++
	t.Bytes += bytes
	if rows < 0 {
		t.Unknown++
	} else {
		t.Rows += rows
	}
}

// Plus adds another tally.
func (t *Tally) Plus(o Tally) {
	t.N += o.N
	t.Rows += o.Rows
	t.Unknown += o.Unknown
	t.Bytes += o.Bytes
}

// Minus subtracts another tally.
func (t *Tally) Minus(o Tally) {
	t.N -= o.N
	t.Rows -= o.Rows
	t.Unknown -= o.Unknown
	t.Bytes -= o.Bytes
}

// IsZero reports whether nothing was counted.
func (t Tally) IsZero() bool { return t == Tally{} }
