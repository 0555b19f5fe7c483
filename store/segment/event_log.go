package segment

import (
	"time"

	"github.com/weirflow/weir/flowfile"
)

// Recorded is an event and the commit that it belongs to.
type Recorded struct {
	Commit uint64
	flowfile.Event
}

// AppendEvents records the events of a commit. They are durable after the next
// Sync and are found once the commit counts as the last one. Commit numbers
// must not decrease.
func (l *Log) AppendEvents(commit uint64, events []flowfile.Event) error {
	return nil
}

// DropEvents forgets the events appended for a commit that did not happen.
func (l *Log) DropEvents(commit uint64) error { return nil }

// Events returns up to limit events, newest first, of commits up to lastCommit
// that happened to a FlowFile or name it as a parent. Events of damaged places
// are left out; the others then come with the fault events_damaged.
func (l *Log) Events(id flowfile.ID, lastCommit uint64, limit int) ([]Recorded, error) {
	return nil, nil
}

// Retain deletes event files, oldest first, whose events are all older than
// maxAge or that exceed maxBytes in all; zero means no bound. It returns how
// many it deleted. The file being written to is kept.
func (l *Log) Retain(maxAge time.Duration, maxBytes int64, now time.Time) (int, error) { return 0, nil }

type eventLog struct{}

func openEvents(FS, string, *Options) (*eventLog, error) { return &eventLog{}, nil }
func (e *eventLog) sync() (string, error)                { return "", nil }
func (e *eventLog) close(clean bool) error               { return nil }
