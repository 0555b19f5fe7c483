package flows

import (
	"time"

	"github.com/weirflow/weir/runs"
)

// What holds where a flow says nothing.
const (
	defaultRetries    = 1
	defaultRetryDelay = 5 * time.Minute
	defaultActiveRuns = 1
)

// GateComplete is the gate policy that wants all data upstream without parked
// FlowFiles and failed activities.
const GateComplete = "complete"

// Retries returns how many times a failed try is repeated.
func (f *Flow) Retries() int {
	if f.Policy == nil || f.Policy.Retries == nil {
		return defaultRetries
	}
	return *f.Policy.Retries
}

// RetryDelay returns the wait before a repeated try.
func (f *Flow) RetryDelay() time.Duration {
	if f.Policy == nil {
		return defaultRetryDelay
	}
	return f.Policy.RetryDelay.Value(defaultRetryDelay)
}

// MaxActiveRuns returns how many runs of the flow may be at work at once.
func (f *Flow) MaxActiveRuns() int {
	if f.Policy == nil || f.Policy.MaxActiveRuns == 0 {
		return defaultActiveRuns
	}
	return f.Policy.MaxActiveRuns
}

// Timeout returns how long a try may take; zero means as long as it likes.
func (f *Flow) Timeout() time.Duration {
	if f.Policy == nil {
		return 0
	}
	return f.Policy.Timeout.Value(0)
}

// Calendar returns the flow's slots. Without a schedule they are days in UTC,
// which serve runs that are started by hand.
func (f *Flow) Calendar() (*runs.Calendar, error) {
	s := f.Schedule
	if s == nil {
		s = &runs.Schedule{Every: runs.Day, Zone: "UTC"}
	}
	return s.Calendar()
}
