package segmenttest

import (
	"io/fs"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
)

// page is what a disk writes as a whole.
const page = 4096

// Crash returns the file system as a power loss at this moment may leave it;
// the original goes on unchanged. With a nil rng only what was synced survives.
// Otherwise chance decides what else does: for each file nothing, a prefix of
// the writes since its last Sync with the last one torn, or the length of all
// writes with any subset of their pages, the others zero; and for each name
// whether its creation or removal got through.
func (f *FS) Crash(rng *rand.Rand) *FS {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := New()
	c.dirs = maps.Clone(f.dirs)
	c.now = f.now
	names := maps.Clone(f.durable)
	if rng != nil {
		for _, x := range f.unnamed {
			if rng.IntN(2) == 0 {
				x.apply(names)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		n := names[name]
		data := n.survive(rng)
		k := &node{data: data, synced: slices.Clone(data), modified: n.modified}
		c.files[name], c.durable[name] = k, k
	}
	return c
}

// survive returns the content after a power loss.
func (n *node) survive(rng *rand.Rand) []byte {
	data := slices.Clone(n.synced)
	if rng == nil || len(n.pending) == 0 {
		return data
	}
	switch rng.IntN(3) {
	case 0:
		k := rng.IntN(len(n.pending) + 1)
		for i, w := range n.pending[:k] {
			if i == k-1 && !w.cut && len(w.data) > 0 {
				w.data = w.data[:rng.IntN(len(w.data)+1)]
			}
			data = w.apply(data)
		}
	case 1:
		old := slices.Clone(data)
		for _, w := range n.pending {
			data = w.apply(slices.Clip(data))
		}
		data = slices.Clone(data)
		for at := 0; at < len(data); at += page {
			if rng.IntN(2) == 0 {
				continue
			}
			p := data[at:min(at+page, len(data))]
			clear(p)
			if at < len(old) {
				copy(p, old[at:])
			}
		}
	}
	return data
}

// ReadFile returns a file's content as processes see it.
func (f *FS) ReadFile(name string) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := f.files[filepath.Clean(name)]
	if n == nil {
		return nil, pathError("read", name, fs.ErrNotExist)
	}
	return slices.Clone(n.data), nil
}

// WriteFile replaces a file's content, durably. Tests damage files with it.
func (f *FS) WriteFile(name string, data []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	name = filepath.Clean(name)
	n := f.files[name]
	if n == nil {
		n = &node{modified: f.now}
		f.files[name] = n
	}
	f.durable[name] = n
	n.data, n.synced, n.pending = slices.Clone(data), slices.Clone(data), nil
}

// Names lists the files, sorted.
func (f *FS) Names() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Sorted(maps.Keys(f.files))
}
