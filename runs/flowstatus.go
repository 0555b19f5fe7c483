package runs

import "time"

// FlowStatus is what people and the scheduler have noted about a flow.
type FlowStatus struct {
	// Enabled lets the schedule make runs, Since when.
	Enabled bool      `json:"enabled,omitempty"`
	Since   time.Time `json:"since,omitzero"`
	// CatchUp is how many slots before Since were asked for and not yet made.
	CatchUp int `json:"catch_up,omitempty"`
	// Paused keeps queued runs from being admitted.
	Paused bool `json:"paused,omitempty"`
	// Started keeps a continuous flow at work.
	Started bool `json:"started,omitempty"`
	// Nodes are those of a continuous flow that do not work while it is started,
	// and the disabled ones, by what keeps them: NodeStopped or NodeDisabled.
	Nodes map[string]string `json:"nodes,omitempty"`
	// LastSlot is the key of the last slot that the scheduler handled and
	// LastEnd the end of its interval.
	LastSlot string    `json:"last_slot,omitempty"`
	LastEnd  time.Time `json:"last_end,omitzero"`
	// LateSlot is the key of the last slot that was looked at for being late.
	LateSlot string `json:"late_slot,omitempty"`
	// LastSeen is the latest time that the scheduler saw.
	LastSeen time.Time `json:"last_seen,omitzero"`
}

// What keeps a node of a continuous flow from working.
const (
	NodeStopped  = "stopped"
	NodeDisabled = "disabled"
)
