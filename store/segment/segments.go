package segment

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"time"
)

// Stat describes a segment.
type Stat struct {
	// Number names the segment, as in flowfile.Claim.
	Number uint64
	// Path is its file.
	Path string
	// Size is its length in bytes.
	Size int64
	// Sealed says that nothing more is appended to it.
	Sealed bool
	// Staged counts its claims that were not released.
	Staged int
	// Pins counts the calls of Pin that wait for Unpin.
	Pins int
	// Modified is when content was last appended.
	Modified time.Time
}

// Segments lists the segments in ascending order.
func (l *Log) Segments() []Stat {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]Stat, 0, len(l.files))
	for _, f := range l.files {
		out = append(out, Stat{
			Number: f.number, Path: l.path(f.number), Size: f.size, Sealed: f.sealed,
			Staged: f.staged, Pins: f.pins, Modified: f.modified,
		})
	}
	slices.SortFunc(out, func(a, b Stat) int { return cmp.Compare(a.Number, b.Number) })
	return out
}

// NextSegment returns the number that the next new segment gets: one above all
// that were ever used by this log.
func (l *Log) NextSegment() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.next
}

// Pin keeps a segment from being removed until Unpin is called as often.
func (l *Log) Pin(segment uint64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	f := l.files[segment]
	if f == nil {
		return fmt.Errorf("pin segment %d: %w", segment, fs.ErrNotExist)
	}
	f.pins++
	return nil
}

// Unpin undoes one Pin.
func (l *Log) Unpin(segment uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if f := l.files[segment]; f != nil && f.pins > 0 {
		f.pins--
	}
}

// Remove deletes a sealed segment that nothing pins; otherwise its error wraps
// ErrInUse. The caller knows that no claim refers to it. A crash right after
// may bring it back, which the caller sees in Segments.
func (l *Log) Remove(segment uint64) error {
	l.mu.Lock()
	err := l.usable()
	f := l.files[segment]
	switch {
	case err != nil:
	case f == nil:
		err = fmt.Errorf("remove segment %d: %w", segment, fs.ErrNotExist)
	case !f.sealed, f.pins > 0, f.staged > 0, f.queued:
		err = fmt.Errorf("remove segment %d: %w", segment, ErrInUse)
	default:
		delete(l.files, segment)
	}
	l.mu.Unlock()
	if err != nil {
		return err
	}
	l.handles.forget(segment)
	if err := l.fs.Remove(l.path(segment)); err != nil {
		l.mu.Lock()
		l.files[segment] = f
		l.mu.Unlock()
		return writeFault(l.path(segment), err)
	}
	return nil
}
