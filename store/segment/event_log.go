package segment

import (
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/weirflow/weir/flowfile"
)

// Recorded is an event and the commit that it belongs to.
type Recorded struct {
	Commit uint64
	flowfile.Event
}

// eventLog is the event files of a log, in ascending order; the last one is
// written to while its w is set.
type eventLog struct {
	fs   FS
	dir  string
	opts *Options

	mu       sync.Mutex
	files    []*eventFile
	next     uint64
	dirty    []*eventFile
	newFiles bool
	enc      encoder
	buf      []byte
	cuts     int // how often DropEvents took something away
}

// eventFile is one file of events.
type eventFile struct {
	number uint64
	size   int64
	index  index
	filter filters // nil when they stand in the file, or there are none
	w      File    // nil once sealed and synced
	sealed bool
	queued bool // stands in eventLog.dirty

	// before is the index without the events of the commit being written.
	before index
}

func (e *eventLog) path(number uint64) string {
	return filepath.Join(e.dir, fmt.Sprintf("%08d.evt", number))
}

// AppendEvents records the events of a commit. They are durable after the next
// Sync and are found once the commit counts as the last one. Commit numbers
// must not decrease. Times are kept to the microsecond, and strings up to 4 KiB.
func (l *Log) AppendEvents(commit uint64, events []flowfile.Event) error {
	l.mu.Lock()
	err := l.usable()
	l.mu.Unlock()
	if err != nil || len(events) == 0 {
		return err
	}
	e := l.events
	e.mu.Lock()
	defer e.mu.Unlock()
	f, err := e.target(commit)
	if err != nil {
		return err
	}
	start := f.index.end()
	undo := f.index.clone()
	e.encode(f, commit, events)
	if err := writeAll(f.w, e.buf, start); err != nil {
		f.index = undo
		// A rest of these frames would count as soon as the number is committed.
		if terr := f.w.Truncate(start); terr != nil {
			return l.fail(e.path(f.number), terr)
		}
		return writeFault(e.path(f.number), err)
	}
	if commit > undo.maxCommit || undo.events == 0 {
		f.before = undo
	}
	f.size = f.index.end()
	e.touch(f)
	return nil
}

// encode fills buf with the frames of the events and enters them in the index.
func (e *eventLog) encode(f *eventFile, commit uint64, events []flowfile.Event) {
	e.buf = e.buf[:0]
	base := f.index.end()
	flush := func() {
		at := len(e.buf)
		e.buf = e.enc.appendPayload(append(e.buf, make([]byte, frameHead)...))
		putFrameHead(e.buf[at:], false, f.number, base+int64(at))
		f.index.add(&e.enc.span, base+int64(len(e.buf)))
		f.filter = f.filter.add(len(f.index.extents), e.enc.span.ids)
		e.enc.reset(commit)
	}
	e.enc.reset(commit)
	for i := range events {
		ev := &events[i]
		for len(ev.Parents) > maxParents {
			part := *ev
			part.Parents = ev.Parents[:maxParents]
			e.enc.add(&part)
			rest := *ev
			rest.Parents = ev.Parents[maxParents:]
			ev = &rest
			flush()
		}
		e.enc.add(ev)
		if e.enc.full() {
			flush()
		}
	}
	if e.enc.span.events > 0 {
		flush()
	}
}

// target returns the file for a commit's events, a new one when there is none
// or the last is full. All events of one commit go to one file, so that they
// can be dropped again.
func (e *eventLog) target(commit uint64) (*eventFile, error) {
	var f *eventFile
	if n := len(e.files); n > 0 && !e.files[n-1].sealed {
		f = e.files[n-1]
		if f.index.events > 0 && commit < f.index.maxCommit {
			return nil, fmt.Errorf("append events of commit %d behind those of %d", commit, f.index.maxCommit)
		}
		if f.size < e.opts.EventFileSize || f.index.maxCommit == commit {
			return f, nil
		}
	}
	w, err := createFile(e.fs, e.path(e.next), eventMagic, e.next)
	if err != nil {
		e.next++
		return nil, err
	}
	if f != nil {
		e.seal(f)
	}
	f = &eventFile{number: e.next, size: headerSize, w: w}
	e.next++
	e.files = append(e.files, f)
	e.newFiles = true
	return f, nil
}

// seal ends a file with its index. Without room for that the index stays in
// memory and the next Open makes it anew.
func (e *eventLog) seal(f *eventFile) {
	f.sealed = true
	if size, at, err := writeIndex(f.w, f.number, &f.index, f.filter); err == nil {
		f.size, f.index.filtersAt, f.filter = size, at, nil
	}
	f.before = index{}
	e.touch(f)
}

// writeIndex writes filters, summary and trailer behind the batches and returns
// the new size and the filters' place. On an error the file is as before.
func writeIndex(w File, number uint64, x *index, filter filters) (size, filtersAt int64, err error) {
	start := x.end()
	var b []byte
	frame := func(fill func([]byte) []byte) int64 {
		at := len(b)
		b = fill(append(b, make([]byte, frameHead)...))
		putFrameHead(b[at:], false, number, start+int64(at))
		return start + int64(at)
	}
	y := *x
	y.filtersAt = 0
	if len(filter) > 0 && !x.damaged {
		y.filtersAt = frame(func(b []byte) []byte { return append(append(b, kindFilters), filter[:len(x.extents)*filterSize]...) })
	}
	at := frame(y.appendPayload)
	b = appendTrailer(b, number, at)
	if err := writeAll(w, b, start); err != nil {
		// The first error is the one to tell: an index left torn is no frame, and
		// the next start makes it anew.
		_ = w.Truncate(start)
		return 0, 0, err
	}
	return start + int64(len(b)), y.filtersAt, nil
}

// touch notes that a file has something to sync.
func (e *eventLog) touch(f *eventFile) {
	if !f.queued {
		f.queued = true
		e.dirty = append(e.dirty, f)
	}
}

// DropEvents forgets the events appended for a commit that did not happen, so
// that its number can be used again.
func (l *Log) DropEvents(commit uint64) error {
	e := l.events
	e.mu.Lock()
	defer e.mu.Unlock()
	n := len(e.files)
	if n == 0 || e.files[n-1].sealed || e.files[n-1].index.events == 0 || e.files[n-1].index.maxCommit != commit {
		return nil
	}
	f := e.files[n-1]
	e.cuts++
	if err := f.w.Truncate(f.before.end()); err != nil {
		return l.fail(e.path(f.number), err)
	}
	f.index = f.before.clone()
	f.size = f.index.end()
	e.touch(f)
	return nil
}

// sync makes the events durable. On an error it names the file. Only one
// goroutine may call it at a time.
func (e *eventLog) sync() (string, error) {
	e.mu.Lock()
	work, dir := e.dirty, e.newFiles
	e.dirty, e.newFiles = nil, false
	for _, f := range work {
		f.queued = false
	}
	e.mu.Unlock()
	for _, f := range work {
		if err := f.w.Sync(); err != nil {
			return e.path(f.number), err
		}
	}
	if dir {
		if err := e.fs.SyncDir(e.dir); err != nil {
			return e.dir, err
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, f := range work {
		if f.sealed && !f.queued {
			f.w.Close()
			f.w = nil
		}
	}
	return "", nil
}

// close seals the file being written to when clean, and closes all.
func (e *eventLog) close(clean bool) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	var err error
	for _, f := range e.files {
		if f.w == nil {
			continue
		}
		if clean && !f.sealed {
			e.seal(f)
			err = f.w.Sync()
		}
		if cerr := f.w.Close(); err == nil {
			err = cerr
		}
		f.w, f.sealed = nil, true
	}
	return err
}

// Retain deletes event files, oldest first, whose events are all older than
// maxAge or that exceed maxBytes in all; zero means no bound. It returns how
// many it deleted. The file being written to is kept.
func (l *Log) Retain(maxAge time.Duration, maxBytes int64, now time.Time) (int, error) {
	e := l.events
	e.mu.Lock()
	defer e.mu.Unlock()
	var total int64
	for _, f := range e.files {
		total += f.size
	}
	n := 0
	for len(e.files) > 0 {
		f := e.files[0]
		old := maxAge > 0 && f.index.maxTime < now.Add(-maxAge).UnixMicro()
		if !f.sealed || f.w != nil || !old && (maxBytes <= 0 || total <= maxBytes) {
			break
		}
		if err := e.fs.Remove(e.path(f.number)); err != nil {
			return n, writeFault(e.path(f.number), err)
		}
		total -= f.size
		e.files = e.files[1:]
		n++
	}
	return n, nil
}
