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
	// filterSize is the length of an extent's Bloom filter in bytes: some
	// thirteen bits for each of the FlowFiles in a full one, so that about one
	// extent in two hundred is read in vain.
	filterSize = 8 << 10
	filterHash = 4
	// maxFilters bounds what a damaged length makes a reader allocate.
	maxFilters = 64 << 20
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
	filtersAt            int64 // offset of the filters' frame; zero when there is none
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
		if last := &x.extents[n-1]; end-begin <= extentSize {
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
		uint64(x.minTime), uint64(x.maxTime - x.minTime), uint64(x.filtersAt), uint64(len(x.extents)),
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
	x.filtersAt = int64(d.uvarint())
	n := d.uvarint()
	if d.bad || n > uint64(len(d.b)) || x.filtersAt < 0 || x.filtersAt > offset {
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

// filters are Bloom filters over the ids of events and of their parents, one of
// filterSize bytes for each extent of a file.
type filters []byte

// spread mixes the bits of an id; it is the finalizer of SplitMix64.
func spread(id uint64) uint64 {
	id += 0x9e3779b97f4a7c15
	id = (id ^ id>>30) * 0xbf58476d1ce4e5b9
	id = (id ^ id>>27) * 0x94d049bb133111eb
	return id ^ id>>31
}

// add returns the filters with ids entered for the last of n extents.
func (f filters) add(n int, ids []uint64) filters {
	if want := n * filterSize; len(f) != want {
		f = append(f[:min(len(f), want)], make([]byte, max(want-len(f), 0))...)
	}
	last := f[(n-1)*filterSize:]
	for _, id := range ids {
		h := spread(id)
		for range filterHash {
			i := h % (filterSize * 8)
			last[i>>3] |= 1 << (i & 7)
			h >>= 16
		}
	}
	return f
}

// has reports whether id may be in extent i. Without a filter it may.
func (f filters) has(i int, id uint64) bool {
	if (i+1)*filterSize > len(f) {
		return true
	}
	part := f[i*filterSize:][:filterSize]
	h := spread(id)
	for range filterHash {
		b := h % (filterSize * 8)
		if part[b>>3]&(1<<(b&7)) == 0 {
			return false
		}
		h >>= 16
	}
	return true
}
