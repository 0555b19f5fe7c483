// Package segmenttest has a file system in memory for testing what survives a
// crash or a faulty disk. FS keeps for each file what was synced and what was
// only written; Crash returns a file system as a power loss may leave it.
// Faults are injected with SetSpace and FailNext.
//
// It is stricter than most real file systems: a new file is lost without a
// directory sync, and after a failed Sync the bytes it should have saved are
// readable but never become durable.
package segmenttest

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/weirflow/weir/store/segment"
)

// Op is a kind of operation that FailNext makes fail.
type Op uint8

// The operations.
const (
	OpWrite Op = iota + 1
	OpShortWrite
	OpSync
	OpSyncDir
	OpTruncate
	OpCreate
	OpRemove
	OpRead
)

// FS is a file system in memory. Its zero value is not usable; New makes one.
type FS struct {
	mu      sync.Mutex
	dirs    map[string]bool
	files   map[string]*node // as processes see them
	durable map[string]*node // the names that survive
	unnamed []change         // creations and removals since the last SyncDir
	space   int64
	fail    map[Op]*failure
	counts  map[Op]int
	now     time.Time
}

type failure struct {
	after int
	err   error
}

// change is a name that was made or removed.
type change struct {
	name string
	node *node // nil for a removal
}

// node is a file's content.
type node struct {
	data     []byte  // as processes see it
	synced   []byte  // as of the last good Sync
	pending  []write // since then
	modified time.Time
}

// write is one write, or a truncation when cut.
type write struct {
	off  int64
	data []byte
	cut  bool
}

var _ segment.FS = (*FS)(nil)

// New returns an empty file system with room without bounds.
func New() *FS {
	return &FS{
		dirs: map[string]bool{".": true, "/": true}, files: map[string]*node{}, durable: map[string]*node{},
		space: 1 << 62, fail: map[Op]*failure{}, counts: map[Op]int{}, now: time.Unix(1e9, 0).UTC(),
	}
}

// SetSpace sets how many bytes may be added before writes fail with ENOSPC. A
// write that does not fit is done in part. Truncation and removal give room
// back.
func (f *FS) SetSpace(n int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.space = n
}

// SetTime sets the time that writes give to files.
func (f *FS) SetTime(t time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = t
}

// FailNext makes the operation fail once with err, after the given number of
// further successes. OpShortWrite writes half and, when err is nil, reports no
// error.
func (f *FS) FailNext(op Op, after int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fail[op] = &failure{after, err}
}

// Count returns how often an operation was called.
func (f *FS) Count(op Op) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.counts[op]
}

// due counts an operation and reports whether it is to fail now.
func (f *FS) due(op Op) *failure {
	f.counts[op]++
	x := f.fail[op]
	if x == nil {
		return nil
	}
	if x.after > 0 {
		x.after--
		return nil
	}
	delete(f.fail, op)
	return x
}

func pathError(op, name string, err error) error { return &fs.PathError{Op: op, Path: name, Err: err} }

// OpenFile opens or creates a file.
func (f *FS) OpenFile(name string, flag int, _ fs.FileMode) (segment.File, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	name = filepath.Clean(name)
	n := f.files[name]
	switch {
	case n != nil && flag&os.O_EXCL != 0:
		return nil, pathError("open", name, fs.ErrExist)
	case n == nil && (flag&os.O_CREATE == 0 || !f.dirs[filepath.Dir(name)]):
		return nil, pathError("open", name, fs.ErrNotExist)
	case n == nil:
		if x := f.due(OpCreate); x != nil {
			return nil, pathError("open", name, x.err)
		}
		n = &node{modified: f.now}
		f.files[name] = n
		f.unnamed = append(f.unnamed, change{name, n})
	}
	return &file{fs: f, name: name, node: n, readOnly: flag&(os.O_RDWR|os.O_WRONLY) == 0}, nil
}

// MkdirAll makes a directory and its parents, durably.
func (f *FS) MkdirAll(name string, _ fs.FileMode) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for name = filepath.Clean(name); !f.dirs[name]; name = filepath.Dir(name) {
		f.dirs[name] = true
	}
	return nil
}

// Remove deletes a file.
func (f *FS) Remove(name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	name = filepath.Clean(name)
	n := f.files[name]
	if n == nil {
		return pathError("remove", name, fs.ErrNotExist)
	}
	if x := f.due(OpRemove); x != nil {
		return pathError("remove", name, x.err)
	}
	f.space += int64(len(n.data))
	delete(f.files, name)
	f.unnamed = append(f.unnamed, change{name, nil})
	return nil
}

// ReadDir lists the files of a directory.
func (f *FS) ReadDir(name string) ([]fs.DirEntry, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	name = filepath.Clean(name)
	if !f.dirs[name] {
		return nil, pathError("readdir", name, fs.ErrNotExist)
	}
	var out []fs.DirEntry
	for p, n := range f.files {
		if filepath.Dir(p) == name {
			out = append(out, fs.FileInfoToDirEntry(entry{filepath.Base(p), int64(len(n.data)), n.modified}))
		}
	}
	slices.SortFunc(out, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return out, nil
}

// SyncDir makes a directory's creations and removals durable.
func (f *FS) SyncDir(name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if x := f.due(OpSyncDir); x != nil {
		return pathError("sync", name, x.err)
	}
	name = filepath.Clean(name)
	rest := f.unnamed[:0]
	for _, c := range f.unnamed {
		if filepath.Dir(c.name) == name {
			c.apply(f.durable)
		} else {
			rest = append(rest, c)
		}
	}
	f.unnamed = rest
	return nil
}

func (c change) apply(names map[string]*node) {
	if c.node == nil {
		delete(names, c.name)
	} else {
		names[c.name] = c.node
	}
}

// entry describes a file.
type entry struct {
	name     string
	size     int64
	modified time.Time
}

func (e entry) Name() string       { return e.name }
func (e entry) Size() int64        { return e.size }
func (e entry) Mode() fs.FileMode  { return 0o600 }
func (e entry) ModTime() time.Time { return e.modified }
func (e entry) IsDir() bool        { return false }
func (e entry) Sys() any           { return nil }

// file is an open file.
type file struct {
	fs       *FS
	name     string
	node     *node
	readOnly bool
	closed   bool
}

func (h *file) check(op string) error {
	if h.closed {
		return pathError(op, h.name, fs.ErrClosed)
	}
	return nil
}

// ReadAt reads what processes see.
func (h *file) ReadAt(p []byte, off int64) (int, error) {
	h.fs.mu.Lock()
	defer h.fs.mu.Unlock()
	if err := h.check("read"); err != nil {
		return 0, err
	}
	if x := h.fs.due(OpRead); x != nil {
		return 0, pathError("read", h.name, x.err)
	}
	if off >= int64(len(h.node.data)) {
		return 0, io.EOF
	}
	n := copy(p, h.node.data[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// WriteAt writes, within the space that is left.
func (h *file) WriteAt(p []byte, off int64) (int, error) {
	h.fs.mu.Lock()
	defer h.fs.mu.Unlock()
	if err := h.check("write"); err != nil {
		return 0, err
	}
	if h.readOnly {
		return 0, pathError("write", h.name, fs.ErrPermission)
	}
	if x := h.fs.due(OpWrite); x != nil {
		return 0, pathError("write", h.name, x.err)
	}
	want := len(p)
	var err error
	if x := h.fs.due(OpShortWrite); x != nil {
		p = p[:len(p)/2]
		if x.err != nil {
			err = pathError("write", h.name, x.err)
		}
	}
	grow := max(off+int64(len(p))-int64(len(h.node.data)), 0)
	if over := grow - h.fs.space; over > 0 {
		p = p[:max(int64(len(p))-over, 0)]
		grow = h.fs.space
		err = pathError("write", h.name, syscall.ENOSPC)
	}
	h.fs.space -= max(grow, 0)
	w := write{off: off, data: slices.Clone(p)}
	h.node.data = w.apply(h.node.data)
	h.node.pending = append(h.node.pending, w)
	h.node.modified = h.fs.now
	if err == nil && len(p) < want {
		return len(p), nil
	}
	return len(p), err
}

// apply returns data after the write.
func (w write) apply(data []byte) []byte {
	if w.cut {
		if w.off <= int64(len(data)) {
			return data[:w.off:w.off]
		}
		return append(data, make([]byte, w.off-int64(len(data)))...)
	}
	if end := w.off + int64(len(w.data)); end > int64(len(data)) {
		data = append(data, make([]byte, end-int64(len(data)))...)
	}
	copy(data[w.off:], w.data)
	return data
}

// Truncate changes the length.
func (h *file) Truncate(size int64) error {
	h.fs.mu.Lock()
	defer h.fs.mu.Unlock()
	if err := h.check("truncate"); err != nil {
		return err
	}
	if x := h.fs.due(OpTruncate); x != nil {
		return pathError("truncate", h.name, x.err)
	}
	h.fs.space += int64(len(h.node.data)) - size
	w := write{off: size, cut: true}
	h.node.data = w.apply(h.node.data)
	h.node.pending = append(h.node.pending, w)
	return nil
}

// Sync makes the content durable.
func (h *file) Sync() error {
	h.fs.mu.Lock()
	defer h.fs.mu.Unlock()
	if err := h.check("sync"); err != nil {
		return err
	}
	x := h.fs.due(OpSync)
	if x == nil {
		for _, w := range h.node.pending {
			h.node.synced = w.apply(h.node.synced)
		}
	}
	h.node.pending = nil
	if x != nil {
		return pathError("sync", h.name, x.err)
	}
	return nil
}

// Close closes the file; it makes nothing durable.
func (h *file) Close() error {
	h.fs.mu.Lock()
	defer h.fs.mu.Unlock()
	err := h.check("close")
	h.closed = true
	return err
}
