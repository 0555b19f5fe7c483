package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// wholeLook is the size in bytes up to which all pages are looked at even after
// a clean stop; above it only the inner ones are.
const wholeLook = 32 << 20

// treeWalk follows every page of a bbolt file once.
type treeWalk struct {
	p    *pages
	m    meta
	seen []uint64 // a bit per page
	// inner leaves out the leaves below the first one's depth.
	inner bool
	// mapped is the file, where it can be mapped: pages of it need no copies.
	mapped []byte
	// buf and list are used for one page after the other.
	buf  []byte
	list []element
}

// look walks the pages reachable from the root. After an unclean stop the whole
// file is first read from front to back, unless it is in memory: bbolt maps it
// for random access, and what it then finds in memory it need not seek for.
func (p *pages) look(m meta, clean bool) (err error) {
	w := &treeWalk{p: p, m: m, seen: make([]uint64, m.end/64+1), inner: clean && p.size > wholeLook}
	if !clean && !cached(p.file, p.size) {
		if _, err := io.CopyBuffer(io.Discard, struct{ io.Reader }{io.NewSectionReader(p.file, 0, p.size)}, make([]byte, 1<<20)); err != nil {
			return err
		}
	}
	if !w.inner {
		if b, err := mapFile(p.file, p.size); err == nil {
			w.mapped = b
			defer func() { err = errors.Join(err, unmapFile(b)) }()
		}
	}
	if m.freelist != noFreelist {
		if err := w.free(); err != nil {
			return err
		}
	}
	if err := w.bucket(m.root, 0); err != nil {
		return err
	}
	if w.inner || m.freelist == noFreelist {
		return nil
	}
	for id := uint64(2); id < m.end; id++ {
		if w.seen[id/64]&(1<<(id%64)) == 0 {
			return fmt.Errorf("page %d is neither in use nor free", id)
		}
	}
	return nil
}

// free marks the pages on the list of free pages, and those of the list. A
// damaged reference that leads to one of them would bring back an old state,
// each value of it with a true checksum.
func (w *treeWalk) free() error {
	h, b, err := w.page(w.m.freelist)
	if err != nil {
		return err
	}
	n, at := uint64(h.count), uint64(pageHeader)
	if h.count == 0xFFFF && len(b) >= pageHeader+8 {
		n, at = binary.NativeEndian.Uint64(b[pageHeader:]), at+8
	}
	if h.flags != flagFreelist || n > (uint64(len(b))-at)/8 {
		return fmt.Errorf("page %d is not the list of free pages", w.m.freelist)
	}
	for i := range n {
		id := binary.NativeEndian.Uint64(b[at+8*i:])
		if id < 2 || id >= w.m.end {
			return fmt.Errorf("free page %d is outside the file", id)
		}
		if err := w.mark(id); err != nil {
			return err
		}
	}
	return nil
}

// mark notes that a page is accounted for.
func (w *treeWalk) mark(id uint64) error {
	if w.seen[id/64]&(1<<(id%64)) != 0 {
		return fmt.Errorf("page %d is in use twice", id)
	}
	w.seen[id/64] |= 1 << (id % 64)
	return nil
}

// page reads a whole page with its overflow and marks it as seen. The bytes may
// be overwritten by the next call.
func (w *treeWalk) page(id uint64) (header, []byte, error) {
	if id < 2 || id >= w.m.end {
		return header{}, nil, fmt.Errorf("page %d is outside the file", id)
	}
	b, err := w.read(id, 1)
	if err != nil {
		return header{}, nil, err
	}
	h := parseHeader(b)
	if h.id != id || id+uint64(h.overflow) >= w.m.end {
		return h, nil, fmt.Errorf("page %d says that it is page %d with %d more", id, h.id, h.overflow)
	}
	for i := id; i <= id+uint64(h.overflow); i++ {
		if err := w.mark(i); err != nil {
			return h, nil, err
		}
	}
	if h.overflow > 0 {
		b, err = w.read(id, 1+int64(h.overflow))
	}
	return h, b, err
}

// read returns n pages from id on.
func (w *treeWalk) read(id uint64, n int64) ([]byte, error) {
	at, size := int64(id)*w.m.pageSize, n*w.m.pageSize
	if at+size <= int64(len(w.mapped)) {
		return w.mapped[at : at+size : at+size], nil
	}
	if int64(cap(w.buf)) < size {
		w.buf = make([]byte, size)
	}
	b := w.buf[:size]
	got, err := w.p.file.ReadAt(b, at)
	if err != nil && !(errors.Is(err, io.EOF) && got > pageHeader) {
		return nil, fmt.Errorf("read page %d: %w", id, err)
	}
	clear(b[got:])
	return b, nil
}

// bucket walks the tree of one bucket.
func (w *treeWalk) bucket(root uint64, depth int) error {
	height := -1
	return w.tree(root, nil, nil, depth, 0, &height)
}

// tree walks a page and those below it. Keys must lie in [from, to); height is
// how deep the first leaf was.
func (w *treeWalk) tree(id uint64, from, to []byte, depth, level int, height *int) error {
	if level > maxTreeHeight || depth > maxTreeHeight {
		return errors.New("the tree is too deep")
	}
	if w.inner && *height >= 0 && level == *height {
		if id < 2 || id >= w.m.end {
			return fmt.Errorf("page %d is outside the file", id)
		}
		return w.mark(id) // a leaf among leaves
	}
	h, b, err := w.page(id)
	if err != nil {
		return err
	}
	if h.flags == flagBranch {
		// The pages below come while its keys are still needed.
		if w.mapped == nil {
			b = bytes.Clone(b)
		}
		w.list = nil
	}
	keys, err := elements(w.list[:0], h, b, id)
	if err != nil {
		return err
	}
	w.list = keys
	if h.flags == flagBranch {
		w.list = nil
	}
	for i, e := range keys {
		if i > 0 && bytes.Compare(keys[i-1].key, e.key) >= 0 || bytes.Compare(e.key, from) < 0 || (to != nil && bytes.Compare(e.key, to) >= 0) {
			return fmt.Errorf("the keys of page %d are out of order", id)
		}
	}
	if h.flags == flagLeaf {
		if *height < 0 {
			*height = level
		}
		var roots []uint64
		for _, e := range keys {
			root, err := leafEntry(e, id)
			if err != nil {
				return err
			}
			if root != 0 {
				roots = append(roots, root)
			}
		}
		for _, root := range roots {
			if err := w.bucket(root, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	for i, e := range keys {
		end := to
		if i+1 < len(keys) {
			end = keys[i+1].key
		}
		if err := w.tree(e.page, e.key, end, depth, level+1, height); err != nil {
			return err
		}
	}
	return nil
}

// leafEntry checks an entry of a leaf. For a bucket with pages of its own it
// returns the root.
func leafEntry(e element, id uint64) (root uint64, err error) {
	switch {
	case e.flags == 0:
		return 0, nil
	case e.flags != 1 || len(e.value) < 16:
		return 0, fmt.Errorf("page %d has an entry of an unknown kind", id)
	}
	if root := binary.NativeEndian.Uint64(e.value); root != 0 {
		return root, nil
	}
	// A small bucket lies within the value, as a page of its own.
	body := e.value[16:]
	if len(body) < pageHeader {
		return 0, fmt.Errorf("page %d has a bucket that is cut off", id)
	}
	h := parseHeader(body)
	if h.flags != flagLeaf {
		return 0, fmt.Errorf("page %d has a bucket that is no leaf", id)
	}
	keys, err := elements(nil, h, body, id)
	if err != nil {
		return 0, err
	}
	for i, k := range keys {
		if k.flags != 0 || i > 0 && bytes.Compare(keys[i-1].key, k.key) >= 0 {
			return 0, fmt.Errorf("page %d has a bucket that is out of order", id)
		}
	}
	return 0, nil
}

// element is one entry of a page.
type element struct {
	flags      uint32
	page       uint64 // of a branch
	key, value []byte
}

// elements appends the entries of a branch or leaf page to out, each within
// bounds.
func elements(out []element, h header, b []byte, id uint64) ([]element, error) {
	if h.flags != flagBranch && h.flags != flagLeaf {
		return nil, fmt.Errorf("page %d is of an unknown kind", id)
	}
	n := int(h.count)
	if pageHeader+n*elementSize > len(b) || (h.flags == flagBranch && n == 0) {
		return nil, fmt.Errorf("page %d has too many or no entries", id)
	}
	next := uint64(pageHeader + n*elementSize) // bbolt leaves no gaps
	for i := range n {
		at := pageHeader + i*elementSize
		x := b[at:]
		var e element
		var pos, ksize, vsize uint64
		if h.flags == flagBranch {
			pos, ksize = uint64(binary.NativeEndian.Uint32(x)), uint64(binary.NativeEndian.Uint32(x[4:]))
			e.page = binary.NativeEndian.Uint64(x[8:])
		} else {
			e.flags = binary.NativeEndian.Uint32(x)
			pos, ksize, vsize = uint64(binary.NativeEndian.Uint32(x[4:])), uint64(binary.NativeEndian.Uint32(x[8:])), uint64(binary.NativeEndian.Uint32(x[12:]))
		}
		from := uint64(at) + pos
		if ksize == 0 || from != next || from+ksize+vsize > uint64(len(b)) {
			return nil, fmt.Errorf("entry %d of page %d is not where it belongs", i, id)
		}
		next = from + ksize + vsize
		e.key, e.value = b[from:from+ksize], b[from+ksize:from+ksize+vsize]
		out = append(out, e)
	}
	return out, nil
}
