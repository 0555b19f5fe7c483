package segment

import (
	"errors"
	"io/fs"
	"os"
	"slices"

	"github.com/weirflow/weir/flowfile"
)

// Events returns up to limit events, newest first, of commits up to lastCommit
// that happened to a FlowFile or name it as a parent. Events of damaged places
// are left out; the others then come with the fault events_damaged.
func (l *Log) Events(id flowfile.ID, lastCommit uint64, limit int) ([]Recorded, error) {
	for {
		before := l.events.dropped()
		out, err := l.events.query(id, lastCommit, limit)
		// Dropped events may have been met half cut, which is no damage.
		if err == nil || before == l.events.dropped() {
			return out, err
		}
	}
}

func (e *eventLog) dropped() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.cuts
}

// hit is a file that may hold events of a FlowFile, and what to read of it.
type hit struct {
	number    uint64
	filtersAt int64
	parts     []part
}

// part is an extent by its place in the index and its bytes.
type part struct {
	extent   int
	from, to int64
}

// hits returns the files to look into, oldest first.
func (e *eventLog) hits(id uint64) []hit {
	e.mu.Lock()
	defer e.mu.Unlock()
	var out []hit
	for _, f := range e.files {
		x := &f.index
		if id < x.minID || id > x.maxID {
			continue
		}
		h := hit{number: f.number, filtersAt: x.filtersAt}
		begin := int64(headerSize)
		for i, t := range x.extents {
			if t.minID <= id && id <= t.maxID && f.filter.has(i, id) {
				h.parts = append(h.parts, part{i, begin, t.end})
			}
			begin = t.end
		}
		if len(h.parts) > 0 {
			out = append(out, h)
		}
	}
	return out
}

func (e *eventLog) query(id flowfile.ID, lastCommit uint64, limit int) ([]Recorded, error) {
	var out []Recorded
	var damage error
	for _, h := range slices.Backward(e.hits(uint64(id))) {
		if len(out) >= limit {
			break
		}
		var err error
		out, err = e.search(out, h, id, lastCommit, limit)
		if err != nil && damage == nil {
			damage = err
		}
	}
	return out, damage
}

// search appends the events of one file.
func (e *eventLog) search(out []Recorded, h hit, id flowfile.ID, lastCommit uint64, limit int) ([]Recorded, error) {
	path := e.path(h.number)
	r, err := e.fs.OpenFile(path, os.O_RDONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return out, nil // Retain was faster
	}
	if err != nil {
		return out, readFault(path, h.number, 0, err)
	}
	defer r.Close()
	if h.filtersAt != 0 {
		f := readFilters(r, h.number, h.filtersAt)
		h.parts = slices.DeleteFunc(h.parts, func(p part) bool { return !f.has(p.extent, uint64(id)) })
	}
	var damage error
	for _, p := range slices.Backward(h.parts) {
		start := len(out)
		err := readBatches(r, path, h.number, p.from, p.to, func(commit uint64, payload []byte) error {
			if commit > lastCommit {
				return nil
			}
			return decodeBatch(payload, func(ev *flowfile.Event) {
				if ev.ID == id || slices.Contains(ev.Parents, id) {
					rec := Recorded{commit, *ev}
					rec.Parents = slices.Clone(ev.Parents)
					out = append(out, rec)
				}
			})
		})
		if err != nil && damage == nil {
			damage = err
		}
		slices.Reverse(out[start:])
		if len(out) >= limit {
			return out[:limit], damage
		}
	}
	return out, damage
}

// readFilters reads the filters whose frame stands at offset. Damaged ones are
// no loss: without them every extent is read.
func readFilters(r File, number uint64, offset int64) filters {
	var head [frameHead]byte
	if n, _ := r.ReadAt(head[:], offset); n != frameHead {
		return nil
	}
	size, _ := frameLength(head[:])
	if size > maxFilters {
		return nil
	}
	b := make([]byte, frameHead+size)
	if n, _ := r.ReadAt(b, offset); n != len(b) || !frameGood(b, number, offset) || b[frameHead] != kindFilters {
		return nil
	}
	return b[frameHead+1:]
}

// readBatches calls visit for the batches between two offsets of a file. It
// steps over what is damaged and reports the first such place.
func readBatches(r File, path string, number uint64, from, to int64, visit func(commit uint64, payload []byte) error) error {
	b := make([]byte, to-from)
	n, err := r.ReadAt(b, from)
	b = b[:n]
	var damage error
	note := func(off int) {
		if damage == nil {
			damage = eventsDamaged(path, from+int64(off))
		}
	}
	if n == 0 && err != nil {
		note(0)
	}
	for off := 0; off < len(b); {
		size := 0
		if len(b)-off > frameHead {
			size, _ = frameLength(b[off:])
		}
		if size == 0 || size > maxBatch || size > len(b)-off-frameHead ||
			!frameGood(b[off:off+frameHead+size], number, from+int64(off)) {
			note(off)
			off++
			continue
		}
		p := b[off+frameHead : off+frameHead+size]
		commit, err := batchCommit(p)
		if err == nil {
			err = visit(commit, p)
		}
		if err == errBatch {
			note(off)
		} else if err != nil {
			return err
		}
		off += frameHead + size
	}
	if int64(n) < to-from {
		note(n)
	}
	return damage
}
