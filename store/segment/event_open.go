package segment

import (
	"errors"
	"io"
	"os"
	"syscall"

	"github.com/weirflow/weir/flowfile"
)

// openEvents finds the event files of a directory. A file whose process ended
// before it was sealed, or that holds events of a commit that never happened,
// is cut after its last committed batch and sealed.
func openEvents(fsys FS, dir string, opts *Options) (*eventLog, error) {
	e := &eventLog{fs: fsys, dir: dir, opts: opts, next: 1}
	files, err := numbered(fsys, dir, ".evt")
	if err != nil {
		return nil, err
	}
	removed := false
	for i, s := range files {
		e.next = s.number + 1
		path := e.path(s.number)
		if err := probe(fsys, path, eventMagic, s.number); err != nil {
			return nil, err
		}
		f := &eventFile{number: s.number, size: s.size, sealed: true}
		keep, err := e.load(f, i == len(files)-1)
		if err != nil {
			return nil, err
		}
		if keep {
			e.files = append(e.files, f)
			continue
		}
		if err := fsys.Remove(path); err != nil {
			return nil, writeFault(path, err)
		}
		removed = true
	}
	if removed {
		if err := fsys.SyncDir(dir); err != nil {
			return nil, writeFault(dir, err)
		}
	}
	return e, nil
}

// load reads the index of a file or makes it anew. It reports false for a file
// that holds nothing and can go.
func (e *eventLog) load(f *eventFile, last bool) (keep bool, err error) {
	path := e.path(f.number)
	r, err := e.fs.OpenFile(path, os.O_RDONLY, 0)
	if err != nil {
		return false, readFault(path, f.number, 0, err)
	}
	defer r.Close()
	if x, ok := readIndex(r, f.number, f.size); ok && (x.maxCommit <= e.opts.LastCommit || e.opts.ReadOnly) {
		f.index = x
		return true, nil
	}
	b := make([]byte, f.size)
	if n, err := r.ReadAt(b, 0); err != nil && err != io.EOF {
		return false, readFault(path, f.number, 0, err)
	} else {
		b = b[:n]
	}
	var later bool
	f.index, f.filter, later = rebuild(b, f.number, e.opts.LastCommit)
	if e.opts.ReadOnly {
		return true, nil
	}
	if f.index.events == 0 && (later || last || len(b) <= headerSize) {
		return false, nil
	}
	return true, e.repair(f)
}

// repair cuts a file after the last batch of its index and seals it.
func (e *eventLog) repair(f *eventFile) error {
	path := e.path(f.number)
	w, err := e.fs.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return writeFault(path, err)
	}
	defer w.Close()
	f.size = f.index.end()
	if err := w.Truncate(f.size); err != nil {
		return writeFault(path, err)
	}
	size, at, err := writeIndex(w, f.number, &f.index, f.filter)
	switch {
	case err == nil:
		f.size, f.index.filtersAt, f.filter = size, at, nil
	case !errors.Is(err, syscall.ENOSPC) && !errors.Is(err, syscall.EDQUOT):
		return writeFault(path, err)
	}
	// On a full disk the index stays in memory: that must not keep the queues
	// from being read.
	if err := w.Sync(); err != nil {
		return writeFault(path, err)
	}
	return nil
}

// readIndex reads the index of a sealed file.
func readIndex(r io.ReaderAt, number uint64, size int64) (index, bool) {
	if size < headerSize+trailerSize {
		return index{}, false
	}
	var t [trailerSize]byte
	if n, _ := r.ReadAt(t[:], size-trailerSize); n != len(t) {
		return index{}, false
	}
	at, ok := parseTrailer(t[:], number)
	if !ok || at > size-trailerSize-frameHead {
		return index{}, false
	}
	b := make([]byte, size-trailerSize-at)
	if n, _ := r.ReadAt(b, at); n != len(b) || !frameGood(b, number, at) {
		return index{}, false
	}
	return decodeIndex(b[frameHead:], at)
}

// rebuild makes the index of the batches in b, a whole file, up to a commit.
// It reports whether there were batches of later commits. Damaged places between
// good batches are kept, so that a query that meets them can say so.
func rebuild(b []byte, number, lastCommit uint64) (x index, filter filters, later bool) {
	var s span
	gap := false
	for off := headerSize; off+frameHead < len(b); {
		n, _ := frameLength(b[off:])
		if n == 0 || n > maxBatch || off+frameHead+n > len(b) || !frameGood(b[off:off+frameHead+n], number, int64(off)) {
			gap = true
			off++
			continue
		}
		p := b[off+frameHead : off+frameHead+n]
		off += frameHead + n
		commit, err := batchCommit(p)
		if err != nil {
			continue
		}
		if commit > lastCommit {
			later = true
			continue
		}
		s = span{commit: commit, ids: s.ids[:0]}
		if decodeBatch(p, func(ev *flowfile.Event) { s.event(ev) }) != nil {
			gap = true
			continue
		}
		if gap {
			x.damaged = true
		}
		gap = false
		x.add(&s, int64(off))
		filter = filter.add(len(x.extents), s.ids)
	}
	if x.damaged {
		filter = nil
		x.minID, x.maxID = 0, ^uint64(0)
		for i := range x.extents {
			x.extents[i].minID, x.extents[i].maxID = 0, ^uint64(0)
		}
	}
	return x, filter, later
}
