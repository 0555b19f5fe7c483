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
}

// look walks the pages reachable from the root. After an unclean stop the whole
// file is first read from front to back: bbolt maps it for random access, and
// what it then finds in memory it need not seek for.
func (p *pages) look(m meta, clean bool) error {
	w := &treeWalk{p: p, m: m, seen: make([]uint64, m.end/64+1), inner: clean && p.size > wholeLook}
	if !clean {
		if _, err := io.CopyBuffer(io.Discard, struct{ io.Reader }{io.NewSectionReader(p.file, 0, p.size)}, make([]byte, 1<<20)); err != nil {
			return err
		}
	}
	if m.freelist != noFreelist {
		h, err := p.header(m, m.freelist)
		if err != nil {
			return err
		}
		if h.flags != flagFreelist {
			return fmt.Errorf("page %d is not the list of free pages", m.freelist)
		}
	}
	return w.bucket(m.root, 0)
}

// page reads a whole page with its overflow and marks it as seen.
func (w *treeWalk) page(id uint64) (header, []byte, error) {
	h, err := w.p.header(w.m, id)
	if err != nil {
		return h, nil, err
	}
	for i := id; i <= id+uint64(h.overflow); i++ {
		if w.seen[i/64]&(1<<(i%64)) != 0 {
			return h, nil, fmt.Errorf("page %d is in use twice", i)
		}
		w.seen[i/64] |= 1 << (i % 64)
	}
	n := (1 + int64(h.overflow)) * w.m.pageSize
	b := make([]byte, n)
	if got, err := w.p.file.ReadAt(b, int64(id)*w.m.pageSize); err != nil && !(errors.Is(err, io.EOF) && got > pageHeader) {
		return h, nil, fmt.Errorf("read page %d: %w", id, err)
	}
	return h, b, nil
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
		return nil // a leaf among leaves
	}
	h, b, err := w.page(id)
	if err != nil {
		return err
	}
	keys, err := elements(h, b, id)
	if err != nil {
		return err
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
		for _, e := range keys {
			if err := w.leaf(e, id, depth); err != nil {
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

// leaf follows a bucket that lies in a leaf.
func (w *treeWalk) leaf(e element, id uint64, depth int) error {
	switch {
	case e.flags == 0:
		return nil
	case e.flags != 1 || len(e.value) < 16:
		return fmt.Errorf("page %d has an entry of an unknown kind", id)
	}
	if root := binary.NativeEndian.Uint64(e.value); root != 0 {
		return w.bucket(root, depth+1)
	}
	// A small bucket lies within the value, as a page of its own.
	body := e.value[16:]
	if len(body) < pageHeader {
		return fmt.Errorf("page %d has a bucket that is cut off", id)
	}
	h := parseHeader(body)
	if h.flags != flagLeaf {
		return fmt.Errorf("page %d has a bucket that is no leaf", id)
	}
	keys, err := elements(h, body, id)
	if err != nil {
		return err
	}
	for i, k := range keys {
		if k.flags != 0 || i > 0 && bytes.Compare(keys[i-1].key, k.key) >= 0 {
			return fmt.Errorf("page %d has a bucket that is out of order", id)
		}
	}
	return nil
}

// element is one entry of a page.
type element struct {
	flags      uint32
	page       uint64 // of a branch
	key, value []byte
}

// elements reads the entries of a branch or leaf page, each within bounds.
func elements(h header, b []byte, id uint64) ([]element, error) {
	if h.flags != flagBranch && h.flags != flagLeaf {
		return nil, fmt.Errorf("page %d is of an unknown kind", id)
	}
	n := int(h.count)
	if pageHeader+n*elementSize > len(b) || (h.flags == flagBranch && n == 0) {
		return nil, fmt.Errorf("page %d has too many or no entries", id)
	}
	out := make([]element, n)
	next := uint64(pageHeader + n*elementSize) // bbolt leaves no gaps
	for i := range out {
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
		out[i] = e
	}
	return out, nil
}
