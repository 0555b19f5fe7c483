package flowfile

import (
	"sync"
	"time"
)

// Run is what a session shows of the run that it works for. It is the zero
// value for continuous data.
type Run struct {
	// Number is the dense number within the store, ID the public ULID.
	Number RunID
	ID     string
	Flow   string
	// Slot is the slot's key, such as 2026-11-21; Date the local date on which
	// it begins, in the flow's zone.
	Slot, Date string
	// Start and End bound the slot's interval.
	Start, End time.Time
	// Zone is the flow's IANA zone.
	Zone string
	// Generation counts the runs of this slot, from 1.
	Generation uint32
	// Kind is scheduled, manual, backfill, rerun and so on.
	Kind string
	// Try counts the activity's tries from 1; it rises with each new attempt.
	Try uint32
	// Params are the parameters, fixed at the run's creation.
	Params map[string]string
	// AsOf holds the read time of each service that has one.
	AsOf map[string]time.Time
}

// IsZero reports whether there is no run: the data is continuous.
func (r Run) IsZero() bool { return r.Number == 0 }

// Attr returns the value of a run.* attribute, given without the prefix:
// id, flow, slot, date, start, end, zone, generation, kind, params.NAME.
// Times are RFC 3339 in the run's zone.
func (r Run) Attr(name string) (string, bool) {
	if r.IsZero() {
		return "", false
	}
	switch name {
	case "id":
		return r.ID, true
	case "flow":
		return r.Flow, true
	case "slot":
		return r.Slot, true
	case "date":
		return r.Date, true
	case "zone":
		return r.Zone, true
	case "kind":
		return r.Kind, true
	case "start":
		return r.local(r.Start), true
	case "end":
		return r.local(r.End), true
	case "generation":
		return RunID(r.Generation).String(), true
	}
	const p = "params."
	if len(name) > len(p) && name[:len(p)] == p {
		v, ok := r.Params[name[len(p):]]
		return v, ok
	}
	return "", false
}

func (r Run) local(t time.Time) string { return t.In(r.Location()).Format(time.RFC3339) }

// zones holds the locations loaded so far: loading one reads a file, and
// expressions ask for it once per FlowFile.
var zones sync.Map

// Location returns the run's zone, UTC when it has none that is known.
func (r Run) Location() *time.Location {
	if z, ok := zones.Load(r.Zone); ok {
		return z.(*time.Location)
	}
	z, err := time.LoadLocation(r.Zone)
	if err != nil {
		return time.UTC
	}
	zones.Store(r.Zone, z)
	return z
}
