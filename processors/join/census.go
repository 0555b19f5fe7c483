package join

import (
	"hash/maphash"
	"sync/atomic"
)

// census knows how often each key stands on the right, by the key's hash, and
// counts while the left rows are read, before they are sorted, what the join has
// to give. It is a second opinion on what was sorted, merged and written. Two keys
// of one hash make it wrong, about once in a million joins of ten million rows; so
// when it disagrees with the merge, DuckDB counts exactly and decides.
type census struct {
	seed  maphash.Seed
	slots []slot
	first bool

	pairs, matched, alone, fanOut atomic.Int64
	right                         int64 // rows of the right side, rejected ones apart
}

type slot struct {
	hash uint64
	rows uint32
	seen atomic.Uint32
}

// censusShare is the part of the join's memory that a census may take.
var censusShare int64 = 8

// slotSize is the size of a slot in bytes.
const slotSize = 16

// newCensus returns a census for a right side of so many rows, or nil when it
// would take too much memory.
func newCensus(rows, memory int64, first bool) *census {
	if memory == 0 {
		memory = 512 << 20
	}
	n := int64(1024)
	for n < 2*rows {
		n *= 2
	}
	if n*slotSize > memory/censusShare {
		return nil
	}
	return &census{seed: maphash.MakeSeed(), slots: make([]slot, n), first: first}
}

// find returns the slot of a key, or the empty one where it belongs.
func (c *census) find(key []byte) (*slot, uint64) {
	h := maphash.Bytes(c.seed, key) | 1 // 0 is an empty slot
	mask := uint64(len(c.slots) - 1)
	for i := h >> 1 & mask; ; i = (i + 1) & mask {
		if s := &c.slots[i]; s.hash == h || s.hash == 0 {
			return s, h
		}
	}
}

// add notes that a key stands on the right in so many rows. All are added before
// the first left row is counted.
func (c *census) add(key []byte, rows int64) {
	s, h := c.find(key)
	s.hash = h
	s.rows += uint32(rows)
}

// counting is what one thread has counted.
type counting struct{ pairs, matched, alone, fanOut int64 }

// count counts a left row by its key.
func (c *census) count(t *counting, key []byte) {
	if key[0] == flagMatch {
		if s, _ := c.find(key); s.hash != 0 {
			if s.seen.Load() == 0 {
				s.seen.Store(1)
			}
			n := int64(s.rows)
			if c.first {
				n = 1
			}
			t.pairs += n
			t.matched++
			t.fanOut = max(t.fanOut, n)
			return
		}
	}
	t.alone++
}

// end adds what a thread has counted.
func (c *census) end(t *counting) {
	c.pairs.Add(t.pairs)
	c.matched.Add(t.matched)
	c.alone.Add(t.alone)
	for {
		have := c.fanOut.Load()
		if t.fanOut <= have || c.fanOut.CompareAndSwap(have, t.fanOut) {
			break
		}
	}
	*t = counting{}
}

// tally is what was counted of all rows.
func (c *census) tally() tally {
	t := tally{pairs: c.pairs.Load(), matchedLeft: c.matched.Load(), aloneLeft: c.alone.Load(), fanOut: c.fanOut.Load(), aloneRight: c.right}
	for i := range c.slots {
		if c.slots[i].seen.Load() != 0 {
			t.aloneRight -= int64(c.slots[i].rows)
		}
	}
	return t
}
