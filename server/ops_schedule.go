package server

import (
	"context"
	"time"

	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/runs"
)

// firingsShown is how many firings a preview tells.
const firingsShown = 5

// PreviewSchedule is a schedule as somebody writes it; no flow need have it.
type PreviewSchedule struct {
	Schedule runs.Schedule `json:"schedule"`
}

// Firing is a slot that a schedule fires. All times bear the offset that clocks
// of the schedule's zone have then.
type Firing struct {
	Slot string    `json:"slot"`
	At   time.Time `json:"at"`
	// Zone is the short name of the zone at that time, such as KST or CEST.
	Zone string `json:"zone"`
	// Start and End bound the slot's data; End is not in it.
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
}

// SchedulePreview is when a schedule fires next, the soonest first. Several slots
// may fire together.
type SchedulePreview struct {
	Next []Firing `json:"next"`
}

// previewSchedule tells what would fire if the schedule were in force now.
func (s *Server) previewSchedule(_ context.Context, in *PreviewSchedule) (*SchedulePreview, error) {
	var problems flows.Problems
	for _, f := range in.Schedule.Validate() {
		p := flows.Problem{Path: "schedule", Fault: f}
		if field := f.Args["field"]; field != "" {
			p.Path += "." + field
		}
		problems = append(problems, p)
	}
	if len(problems) > 0 {
		return nil, problems
	}
	cal, err := in.Schedule.Calendar()
	if err != nil {
		return nil, err
	}
	out := &SchedulePreview{}
	slot, at := cal.NextDue(s.cfg.Now())
	for range firingsShown {
		zone, _ := at.Zone()
		start, end := slot.Interval()
		out.Next = append(out.Next, Firing{Slot: slot.Key(), At: at, Zone: zone, Start: start, End: end})
		slot = slot.Next()
		at = cal.Due(slot)
	}
	return out, nil
}
