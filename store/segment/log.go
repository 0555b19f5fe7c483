package segment

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/weirflow/weir/flowfile"
)

// Options tune a log. The zero value is right for a server that begins a new
// data directory; only LastCommit must be set for an old one.
type Options struct {
	// LastCommit is the number of the last commit that is durable in the
	// database. Open removes the events of later commits: they were written for
	// a commit that never happened, and its number will be used again.
	LastCommit uint64
	// FirstSegment is the lowest number that a new segment may get. Numbers of
	// removed segments must not return while anything may still name them.
	FirstSegment uint64
	// SegmentSize is the size in bytes at which a segment is sealed; 64 MiB when
	// zero. Content is never split between segments, so that one may be larger.
	SegmentSize int64
	// EventFileSize is the same for event files; 4 MiB when zero.
	EventFileSize int64
	// Buffer is how many bytes of one content are held in memory before they go
	// to a segment of their own lane; 1 MiB when zero.
	Buffer int
	// Handles bounds the files kept open for reading; 64 when zero. Readers that
	// are open at the same time are never refused.
	Handles int
	// ReadOnly opens the files for looking only: nothing is repaired, and
	// appending is refused. It is for offline checks.
	ReadOnly bool
	// Now is the clock; time.Now when nil.
	Now func() time.Time
}

func (o *Options) fill() {
	set := func(v *int64, d int64) {
		if *v <= 0 {
			*v = d
		}
	}
	set(&o.SegmentSize, 64<<20)
	set(&o.EventFileSize, 4<<20)
	if o.Buffer <= 0 {
		o.Buffer = 1 << 20
	}
	if o.Handles <= 0 {
		o.Handles = 64
	}
	if o.Now == nil {
		o.Now = time.Now
	}
}

// Log is the content and event files of one data directory. Its methods may be
// called by several goroutines at once.
type Log struct {
	fs   FS
	dir  string // of content
	opts Options

	// appendMu orders the appends of buffered content; active is theirs. Content
	// too large for the buffer takes a lane out of lanes for itself instead.
	appendMu sync.Mutex
	active   *file

	// syncMu lets one goroutine sync at a time: those who waited for it mostly
	// find that their work is done.
	syncMu sync.Mutex

	mu       sync.Mutex
	files    map[uint64]*file
	next     uint64
	lanes    []*file         // idle files for large content
	dirty    []*file         // files with size > synced
	newFiles bool            // the directory needs a sync
	staged   map[place]*file // claims appended and not released
	poison   error
	closed   bool

	handles *handles
	events  *eventLog
}

// place is where a claim begins.
type place struct {
	number uint64
	offset int64
}

// file is one segment.
type file struct {
	number   uint64
	size     int64 // end of the last whole content
	synced   int64 // how much of it is durable
	w        File  // nil once sealed and synced
	sealed   bool
	queued   bool // stands in Log.dirty
	pins     int  // by Pin
	staged   int  // claims not released
	modified time.Time
}

// Open opens the log of the data directory dir, which is made when missing.
// What earlier processes wrote is sealed: new content goes to a new segment.
func Open(fsys FS, dir string, opts Options) (*Log, error) {
	opts.fill()
	l := &Log{
		fs: fsys, dir: filepath.Join(dir, "content"), opts: opts,
		files: map[uint64]*file{}, staged: map[place]*file{},
		next: max(opts.FirstSegment, 1),
	}
	l.handles = newHandles(opts.Handles, l.openRead)
	events := filepath.Join(dir, "events")
	if !opts.ReadOnly {
		for _, d := range []string{l.dir, events} {
			if err := fsys.MkdirAll(d, 0o700); err != nil {
				return nil, writeFault(d, err)
			}
		}
		if err := fsys.SyncDir(dir); err != nil {
			return nil, writeFault(dir, err)
		}
	}
	found, err := numbered(fsys, l.dir, ".seg")
	if err != nil {
		return nil, err
	}
	for _, s := range found {
		if err := probe(fsys, l.path(s.number), contentMagic, s.number); err != nil {
			return nil, err
		}
		l.files[s.number] = &file{number: s.number, size: s.size, synced: s.size, sealed: true, modified: s.modified}
		l.next = max(l.next, s.number+1)
	}
	l.events, err = openEvents(fsys, events, &l.opts)
	if err != nil {
		return nil, err
	}
	return l, nil
}

// found is a numbered file of a directory.
type found struct {
	number   uint64
	size     int64
	modified time.Time
}

// numbered returns the numbered files of a directory in ascending order. Other
// names are not ours and left alone.
func numbered(fsys FS, dir, suffix string) ([]found, error) {
	entries, err := fsys.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, readFault(dir, 0, 0, err)
	}
	var out []found
	for _, e := range entries {
		stem, ok := strings.CutSuffix(e.Name(), suffix)
		if !ok || len(stem) < 8 || e.IsDir() {
			continue
		}
		n, err := strconv.ParseUint(stem, 10, 64)
		if err != nil || fmt.Sprintf("%08d", n) != stem {
			continue
		}
		fi, err := e.Info()
		if err != nil {
			return nil, readFault(filepath.Join(dir, e.Name()), n, 0, err)
		}
		out = append(out, found{n, fi.Size(), fi.ModTime()})
	}
	return out, nil
}

// probe refuses a file of a newer version. A header that is damaged or was
// never written is no reason not to start: claims into it are refused later.
func probe(fsys FS, path, magic string, number uint64) error {
	f, err := fsys.OpenFile(path, os.O_RDONLY, 0)
	if err != nil {
		return readFault(path, number, 0, err)
	}
	defer f.Close()
	var b [headerSize]byte
	if n, _ := f.ReadAt(b[:], 0); checkHeader(b[:n], magic, number) == headerNewer {
		return newer(path, b[7])
	}
	return nil
}

func (l *Log) path(number uint64) string {
	return filepath.Join(l.dir, fmt.Sprintf("%08d.seg", number))
}

// openRead opens a segment for reading.
func (l *Log) openRead(number uint64) (File, error) {
	path := l.path(number)
	f, err := l.fs.OpenFile(path, os.O_RDONLY, 0)
	if err != nil {
		return nil, readFault(path, number, 0, err)
	}
	var b [headerSize]byte
	n, err := f.ReadAt(b[:], 0)
	if n == headerSize {
		err = nil
	}
	if err == nil {
		switch checkHeader(b[:], contentMagic, number) {
		case headerNewer:
			err = newer(path, b[7])
		case headerBad:
			err = damaged(number, 0, "the file's header is not valid")
		}
	} else {
		err = readFault(path, number, 0, err)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// usable says why the log cannot be written to, if so. The caller holds mu.
func (l *Log) usable() error {
	switch {
	case l.closed, l.opts.ReadOnly:
		return fmt.Errorf("append to %s: %w", l.dir, fs.ErrClosed)
	case l.poison != nil:
		return l.poison
	}
	return nil
}

// fail poisons the log after a failed fsync and returns the fault.
func (l *Log) fail(path string, err error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.poison == nil {
		l.poison = poisoned(path, err)
	}
	return l.poison
}

// Close syncs what can be synced and closes every file. Readers that are still
// open keep their file until they are closed.
func (l *Log) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil
	}
	writable := l.usable() == nil
	l.mu.Unlock()
	var err error
	if writable {
		err = l.Sync()
	}
	l.appendMu.Lock()
	defer l.appendMu.Unlock()
	l.syncMu.Lock()
	defer l.syncMu.Unlock()
	l.mu.Lock()
	l.closed = true
	for _, f := range l.files {
		if f.w != nil && (f == l.active || f.queued || slices.Contains(l.lanes, f)) {
			f.w.Close()
			f.w = nil
		}
		f.sealed = true
	}
	l.active, l.lanes, l.dirty = nil, nil, nil
	l.mu.Unlock()
	l.handles.close()
	if eerr := l.events.close(writable && err == nil); err == nil {
		err = eerr
	}
	return err
}

// Staged returns how many claims were appended and not released.
func (l *Log) Staged() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.staged)
}

// Release ends the staging of a claim: from now on only references that the
// caller counts keep its segment. It may be called for any claim; one that is
// not staged is left alone.
func (l *Log) Release(c flowfile.Claim) {
	if c.Segment == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	p := place{c.Segment, c.Offset}
	if f := l.staged[p]; f != nil {
		f.staged--
		delete(l.staged, p)
	}
}
