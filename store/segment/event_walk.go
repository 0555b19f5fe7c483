package segment

import (
	"context"
	"os"
	"slices"
	"time"

	"github.com/weirflow/weir/flowfile"
)

// EventStat describes an event file.
type EventStat struct {
	// Path is the file, Size its length in bytes.
	Path string
	Size int64
	// Events counts what it holds.
	Events int
	// MinCommit and MaxCommit are the commits of its first and last events.
	MinCommit, MaxCommit uint64
	// From and To are the times of its oldest and newest events.
	From, To time.Time
	// Sealed says that nothing more is appended to it.
	Sealed bool
}

// EventFiles lists the event files in ascending order.
func (l *Log) EventFiles() []EventStat {
	e := l.events
	e.mu.Lock()
	defer e.mu.Unlock()
	out := make([]EventStat, 0, len(e.files))
	for _, f := range e.files {
		x := &f.index
		s := EventStat{Path: e.path(f.number), Size: f.size, Events: x.events, Sealed: f.sealed}
		if x.events > 0 {
			s.MinCommit, s.MaxCommit = x.minCommit, x.maxCommit
			s.From, s.To = time.UnixMicro(x.minTime).UTC(), time.UnixMicro(x.maxTime).UTC()
		}
		out = append(out, s)
	}
	return out
}

// WalkEvents calls visit for all events of commits up to lastCommit in the
// order in which they were appended. It steps over damaged places, and returns
// the fault events_damaged for the first one at the end. An error of visit ends
// it.
func (l *Log) WalkEvents(ctx context.Context, lastCommit uint64, visit func(Recorded) error) error {
	e := l.events
	e.mu.Lock()
	type ends struct {
		number  uint64
		extents []extent
	}
	var files []ends
	for _, f := range e.files {
		files = append(files, ends{f.number, slices.Clone(f.index.extents)})
	}
	e.mu.Unlock()
	var damage error
	for _, p := range files {
		err := e.walk(ctx, p.number, p.extents, lastCommit, visit)
		if err == nil {
			continue
		}
		if !isEventsDamaged(err) {
			return err
		}
		if damage == nil {
			damage = err
		}
	}
	return damage
}

func (e *eventLog) walk(ctx context.Context, number uint64, ends []extent, lastCommit uint64, visit func(Recorded) error) error {
	path := e.path(number)
	r, err := e.fs.OpenFile(path, os.O_RDONLY, 0)
	if err != nil {
		return readFault(path, number, 0, err)
	}
	defer r.Close()
	var damage error
	begin := int64(headerSize)
	for _, x := range ends {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := readBatches(r, path, number, begin, x.end, func(commit uint64, payload []byte) error {
			if commit > lastCommit {
				return nil
			}
			var failed error
			err := decodeBatch(payload, func(ev *flowfile.Event) {
				if failed == nil {
					rec := Recorded{commit, *ev}
					rec.Parents = slices.Clone(ev.Parents)
					failed = visit(rec)
				}
			})
			if failed != nil {
				return failed
			}
			return err
		})
		if err != nil && !isEventsDamaged(err) {
			return err
		}
		if damage == nil {
			damage = err
		}
		begin = x.end
	}
	return damage
}
