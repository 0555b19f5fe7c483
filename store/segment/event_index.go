package segment

import (
	"encoding/binary"
	"hash/crc32"
	"slices"
)

const (
	// extentSize is how many bytes of batches share one entry of an index.
	extentSize = 64 << 10
	// trailerSize is the length of what ends a sealed event file: where its
	// summary is, and a checksum of that.
	trailerSize = 12
	// bloomBits is the size of a Bloom filter while its file is written to.
	bloomBits  = 1 << 21
	bloomHash  = 4
	bloomIdeal = 8 // bits for each FlowFile
)

// extent is a run of neighbouring batches and the range of ids in them.
type extent struct {
	end          int64 // it begins where the one before ends
	minID, maxID uint64
}

// index tells where in an event file a FlowFile may be.
type index struct {
	events               int
	minID, maxID         uint64
	minCommit, maxCommit uint64
	minTime, maxTime     int64
	extents              []extent
	bloomAt              int64 // offset of the filter's frame; zero when there is none
	damaged              bool  // some batch could not be read, so that nothing may be skipped
}

// end is where the batches end.
func (x *index) end() int64 {
	if n := len(x.extents); n > 0 {
		return x.extents[n-1].end
	}
	return headerSize
}

// add enters a batch that ends at end.
func (x *index) add(s *span, end int64) {
	if x.events == 0 {
		x.minID, x.maxID, x.minTime, x.maxTime = s.minID, s.maxID, s.minTime, s.maxTime
		x.minCommit, x.maxCommit = s.commit, s.commit
	}
	x.events += s.events
	x.minID, x.maxID = min(x.minID, s.minID), max(x.maxID, s.maxID)
	x.minTime, x.maxTime = min(x.minTime, s.minTime), max(x.maxTime, s.maxTime)
	x.minCommit, x.maxCommit = min(x.minCommit, s.commit), max(x.maxCommit, s.commit)
	if n := len(x.extents); n > 0 {
		begin := int64(headerSize)
		if n > 1 {
			begin = x.extents[n-2].end
		}
		if last := &x.extents[n-1]; last.end-begin < extentSize {
			last.end = end
			last.minID, last.maxID = min(last.minID, s.minID), max(last.maxID, s.maxID)
			return
		}
	}
	x.extents = append(x.extents, extent{end, s.minID, s.maxID})
}

// clone returns a copy that shares nothing.
func (x *index) clone() index {
	c := *x
	c.extents = slices.Clone(x.extents)
	return c
}

// appendPayload appends the summary to b.
func (x *index) appendPayload(b []byte) []byte {
	b = append(b, kindSummary)
	for _, v := range []uint64{
		uint64(x.events), x.minID, x.maxID - x.minID, x.minCommit, x.maxCommit - x.minCommit,
		uint64(x.minTime), uint64(x.maxTime - x.minTime), uint64(x.bloomAt), uint64(len(x.extents)),
	} {
		b = binary.AppendUvarint(b, v)
	}
	begin := int64(headerSize)
	for _, e := range x.extents {
		b = binary.AppendUvarint(b, uint64(e.end-begin))
		b = binary.AppendUvarint(b, e.minID)
		b = binary.AppendUvarint(b, e.maxID-e.minID)
		begin = e.end
	}
	return b
}

// decodeIndex reads a summary that stands at offset of its file.
func decodeIndex(p []byte, offset int64) (x index, ok bool) {
	if len(p) == 0 || p[0] != kindSummary {
		return x, false
	}
	d := decoder{b: p[1:]}
	x.events = int(d.uvarint())
	x.minID = d.uvarint()
	x.maxID = x.minID + d.uvarint()
	x.minCommit = d.uvarint()
	x.maxCommit = x.minCommit + d.uvarint()
	x.minTime = int64(d.uvarint())
	x.maxTime = x.minTime + int64(d.uvarint())
	x.bloomAt = int64(d.uvarint())
	n := d.uvarint()
	if d.bad || n > uint64(len(d.b)) || x.bloomAt < 0 || x.bloomAt > offset {
		return x, false
	}
	end := int64(headerSize)
	for range n {
		size := d.uvarint()
		if size > uint64(offset-end) {
			return x, false
		}
		end += int64(size)
		lo := d.uvarint()
		x.extents = append(x.extents, extent{end, lo, lo + d.uvarint()})
	}
	return x, !d.bad && len(d.b) == 0
}

// appendTrailer appends the trailer of a file whose summary stands at offset.
func appendTrailer(b []byte, number uint64, offset int64) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(offset))
	sum := crc32.Checksum(b[len(b)-8:], castagnoli)
	return binary.BigEndian.AppendUint32(b, frameSum(sum, trailerSize, number, offset))
}

// parseTrailer returns where the summary stands.
func parseTrailer(b []byte, number uint64) (int64, bool) {
	offset := int64(binary.BigEndian.Uint64(b))
	sum := frameSum(crc32.Checksum(b[:8], castagnoli), trailerSize, number, offset)
	return offset, binary.BigEndian.Uint32(b[8:]) == sum && offset >= headerSize
}

// bloom is a Bloom filter over ids. Its length is a power of two.
type bloom struct {
	bits []byte
	keys int // how many additions changed it
}

func newBloom() *bloom { return &bloom{bits: make([]byte, bloomBits/8)} }

// spread mixes the bits of an id; it is the finalizer of SplitMix64.
func spread(id uint64) uint64 {
	id += 0x9e3779b97f4a7c15
	id = (id ^ id>>30) * 0xbf58476d1ce4e5b9
	id = (id ^ id>>27) * 0x94d049bb133111eb
	return id ^ id>>31
}

func (f *bloom) add(id uint64) {
	h := spread(id)
	step := h>>32 | 1
	mask := uint64(len(f.bits))*8 - 1
	changed := false
	for range bloomHash {
		i := h & mask
		bit := byte(1) << (i & 7)
		if f.bits[i>>3]&bit == 0 {
			f.bits[i>>3] |= bit
			changed = true
		}
		h += step
	}
	if changed {
		f.keys++
	}
}

// has reports whether id may have been added.
func (f *bloom) has(id uint64) bool {
	h := spread(id)
	step := h>>32 | 1
	mask := uint64(len(f.bits))*8 - 1
	for range bloomHash {
		i := h & mask
		if f.bits[i>>3]&(1<<(i&7)) == 0 {
			return false
		}
		h += step
	}
	return true
}

// folded returns the filter at the smallest length that suits its keys. Halves
// may be laid over each other because the length is a power of two.
func (f *bloom) folded() []byte {
	bits := slices.Clone(f.bits)
	for len(bits) > 8 && len(bits)/2*8 >= f.keys*bloomIdeal {
		half := len(bits) / 2
		for i, b := range bits[half:] {
			bits[i] |= b
		}
		bits = bits[:half]
	}
	return bits
}

// loadBloom makes a filter of a frame's payload.
func loadBloom(p []byte) (*bloom, bool) {
	if n := len(p) - 1; n < 8 || n&(n-1) != 0 || n > bloomBits/8 || p[0] != kindBloom {
		return nil, false
	}
	return &bloom{bits: p[1:]}, true
}
