package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"

	"github.com/weirflow/weir/fault"
)

// pages reads the page structure of a bbolt file. bbolt itself trusts every
// page but the meta pages: on damage it panics, in goroutines of its own too,
// or follows a page into itself until the stack is full. So the structure is
// looked through before bbolt opens the file.
type pages struct {
	file *os.File
	size int64
}

const (
	boltMagic     = 0xED0CDAED
	boltVersion   = 2
	noFreelist    = 1<<64 - 1
	pageHeader    = 16
	flagBranch    = 0x01
	flagLeaf      = 0x02
	flagMeta      = 0x04
	flagFreelist  = 0x10
	elementSize   = 16
	maxTreeHeight = 64
)

// meta is a meta page of a bbolt file.
type meta struct {
	pageSize int64
	root     uint64
	freelist uint64
	end      uint64 // one above the highest page in use
	txid     uint64
}

// header is the head of a page.
type header struct {
	id       uint64
	flags    uint16
	count    uint16
	overflow uint32
}

func (p *pages) meta(at int64) (m meta, ok bool) {
	var b [pageHeader + 64]byte
	if n, _ := p.file.ReadAt(b[:], at); n < len(b) {
		return m, false
	}
	h, body := parseHeader(b[:]), b[pageHeader:]
	sum := fnv.New64a()
	sum.Write(body[:56])
	if h.flags != flagMeta || binary.NativeEndian.Uint32(body) != boltMagic || binary.NativeEndian.Uint32(body[4:]) != boltVersion ||
		binary.NativeEndian.Uint64(body[56:]) != sum.Sum64() {
		return m, false
	}
	return meta{
		pageSize: int64(binary.NativeEndian.Uint32(body[8:])), root: binary.NativeEndian.Uint64(body[16:]),
		freelist: binary.NativeEndian.Uint64(body[32:]), end: binary.NativeEndian.Uint64(body[40:]),
		txid: binary.NativeEndian.Uint64(body[48:]),
	}, true
}

// newest returns the meta page that bbolt will use.
func (p *pages) newest() (meta, error) {
	size := int64(os.Getpagesize())
	m, ok := p.meta(0)
	if ok {
		size = m.pageSize
	}
	if m1, ok1 := p.meta(size); ok1 && (!ok || m1.txid > m.txid) {
		m, ok = m1, true
	}
	if !ok {
		return m, errors.New("no valid meta page")
	}
	if m.pageSize < 1024 || m.pageSize > 1<<20 || m.end > uint64(p.size/m.pageSize) && m.end > uint64((p.size+m.pageSize-1)/m.pageSize) {
		return m, fmt.Errorf("the file ends too early: %d pages are in use", m.end)
	}
	return m, nil
}

func parseHeader(b []byte) header {
	return header{binary.NativeEndian.Uint64(b), binary.NativeEndian.Uint16(b[8:]), binary.NativeEndian.Uint16(b[10:]),
		binary.NativeEndian.Uint32(b[12:])}
}

func (p *pages) header(m meta, id uint64) (header, error) {
	var b [pageHeader]byte
	if id < 2 || id >= m.end {
		return header{}, fmt.Errorf("page %d is outside the file", id)
	}
	if _, err := p.file.ReadAt(b[:], int64(id)*m.pageSize); err != nil {
		return header{}, fmt.Errorf("read page %d: %w", id, err)
	}
	h := parseHeader(b[:])
	if h.id != id || id+uint64(h.overflow) >= m.end {
		return h, fmt.Errorf("page %d says that it is page %d with %d more", id, h.id, h.overflow)
	}
	return h, nil
}

// inspect looks whether bbolt may open the file: whether it is the one that a
// clean stop left, and whether its pages make a tree.
func inspect(path string, mark cleanMark, clean bool) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) && !clean {
		return nil
	}
	bad := func(what any) error {
		return fault.New("store_damaged", "place", path, "what", what).Permanent()
	}
	if errors.Is(err, fs.ErrNotExist) {
		return bad("the file is missing")
	}
	if err != nil {
		return unwritable(path, err)
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return err
	}
	if fi.Size() == 0 && !clean {
		return nil
	}
	p := pages{file: f, size: fi.Size()}
	m, err := p.newest()
	if err != nil {
		return bad(err)
	}
	if clean {
		if sum, err := p.headSum(m); err != nil || mark.Txid != m.txid || mark.Head != sum || p.size < mark.Size {
			return bad("it is not as the last stop left it")
		}
	}
	if err := guard(path, func() error { return p.look(m, clean) }); err != nil {
		if fault.As(err) != nil {
			return err
		}
		return bad(err)
	}
	return nil
}
