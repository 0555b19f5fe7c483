package engine

import (
	"time"

	"github.com/robfig/cron/v3"

	"github.com/weirflow/weir/flows"
)

// timer says when a source of continuous data acts: at an interval, counted
// from the last time, or by cron. It is used by the node's one worker at a time.
type timer struct {
	every time.Duration
	cron  cron.Schedule
	next  time.Time
}

// cronFields are those of a node's cron: an optional second, then the five of
// crontab.
var cronFields = cron.NewParser(cron.SecondOptional | cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)

func newSchedule(def flows.Node) *timer {
	t := &timer{every: def.Every.Value(defaultEvery)}
	if def.Cron != "" {
		if c, err := cronFields.Parse(def.Cron); err == nil { // checked by Validate
			t.cron = c
		}
	}
	return t
}

// due returns when the source acts next; the zero time for now.
func (t *timer) due(now time.Time) time.Time {
	if t.next.IsZero() && t.cron != nil {
		t.next = t.cron.Next(now)
	}
	return t.next
}

// fired notes that the source acted.
func (t *timer) fired(now time.Time) {
	if t.cron != nil {
		t.next = t.cron.Next(now)
		return
	}
	t.next = now.Add(t.every)
}

// eager reports whether the source acts as often as it can.
func (t *timer) eager() bool { return t.cron == nil && t.every == 0 }
