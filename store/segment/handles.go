package segment

import (
	"container/list"
	"sync"
)

// handle is a segment open for reading. It is closed only while nobody uses it.
type handle struct {
	File
	number uint64
	users  int
	idle   *list.Element // in handles.idle while users is zero
	gone   bool          // not to be kept
}

// handles keeps segments open between readers, the most recently used ones.
type handles struct {
	open func(number uint64) (File, error)
	max  int

	mu     sync.Mutex
	kept   map[uint64]*handle
	idle   list.List // least recently used in front
	closed bool
}

func newHandles(max int, open func(uint64) (File, error)) *handles {
	return &handles{open: open, max: max, kept: map[uint64]*handle{}}
}

// acquire returns the handle of a segment; release must follow.
func (hs *handles) acquire(number uint64) (*handle, error) {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	h := hs.kept[number]
	if h == nil {
		f, err := hs.open(number)
		if err != nil {
			return nil, err
		}
		h = &handle{File: f, number: number, gone: hs.closed}
		if !hs.closed {
			hs.kept[number] = h
			hs.shrink()
		}
	}
	if h.idle != nil {
		hs.idle.Remove(h.idle)
		h.idle = nil
	}
	h.users++
	return h, nil
}

func (hs *handles) release(h *handle) {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	h.users--
	switch {
	case h.users > 0:
	case h.gone:
		h.Close()
	default:
		h.idle = hs.idle.PushBack(h)
		hs.shrink()
	}
}

// shrink closes idle handles until the bound holds. The caller holds mu.
func (hs *handles) shrink() {
	for len(hs.kept) > hs.max && hs.idle.Len() > 0 {
		h := hs.idle.Remove(hs.idle.Front()).(*handle)
		h.Close()
		delete(hs.kept, h.number)
	}
}

// forget drops the handle of a segment that was removed.
func (hs *handles) forget(number uint64) {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	hs.drop(hs.kept[number])
}

func (hs *handles) drop(h *handle) {
	if h == nil {
		return
	}
	delete(hs.kept, h.number)
	h.gone = true
	if h.idle != nil {
		hs.idle.Remove(h.idle)
		h.idle = nil
		h.Close()
	}
}

// close drops every handle; those in use are closed by their last user.
func (hs *handles) close() {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	hs.closed = true
	for _, h := range hs.kept {
		hs.drop(h)
	}
}
