package sandbox

import (
	"slices"
	"sort"
	"strings"
)

// entry is one document of an index with its history, newest version first.
type entry struct {
	key  key
	head *version
}

// version is what a document held from updated until the next version's time.
// Times are microseconds since 1970.
type version struct {
	fields           []byte // wire form of Document.fields, keys sorted
	created, updated int64
	prev             *version
	gone             bool // the document was deleted at updated
}

// at returns the version that a reader at time t sees, or nil.
func (e *entry) at(t int64) *version {
	v := e.head
	for v != nil && v.updated > t {
		v = v.prev
	}
	if v == nil || v.gone {
		return nil
	}
	return v
}

// chunkSize bounds the work of one insert; splitting leaves half of it.
const chunkSize = 512

// index holds entries sorted by key in a list of sorted chunks: seeking costs
// two binary searches, inserting moves at most one chunk, and walking on is a
// slice walk. No chunk is empty.
type index struct {
	chunks [][]*entry
	count  int
}

// place is a position in an index; past the end its chunk is len(chunks).
type place struct{ chunk, i int }

// seek returns the first place whose key is >= k.
func (x *index) seek(k key) place {
	c := sort.Search(len(x.chunks), func(i int) bool {
		ch := x.chunks[i]
		return ch[len(ch)-1].key >= k
	})
	if c == len(x.chunks) {
		return place{c, 0}
	}
	i, _ := slices.BinarySearchFunc(x.chunks[c], k, func(e *entry, k key) int { return strings.Compare(e.key, k) })
	return place{c, i}
}

// get returns the entry of k, or nil.
func (x *index) get(k key) *entry {
	if e := x.entry(x.seek(k)); e != nil && e.key == k {
		return e
	}
	return nil
}

// entry returns the entry at p, or nil beyond either end.
func (x *index) entry(p place) *entry {
	if p.chunk < 0 || p.chunk >= len(x.chunks) {
		return nil
	}
	return x.chunks[p.chunk][p.i]
}

func (x *index) next(p place) place {
	if p.i++; p.chunk >= 0 && p.i >= len(x.chunks[p.chunk]) {
		return place{p.chunk + 1, 0}
	}
	return p
}

func (x *index) prev(p place) place {
	if p.i > 0 {
		return place{p.chunk, p.i - 1}
	}
	if p.chunk--; p.chunk < 0 {
		return place{-1, 0}
	}
	return place{p.chunk, len(x.chunks[p.chunk]) - 1}
}

// insert adds an entry whose key is not yet there.
func (x *index) insert(e *entry) {
	x.count++
	if len(x.chunks) == 0 {
		x.chunks = append(x.chunks, []*entry{e})
		return
	}
	p := x.seek(e.key)
	if p.chunk == len(x.chunks) {
		p.chunk--
		p.i = len(x.chunks[p.chunk])
	}
	ch := slices.Insert(x.chunks[p.chunk], p.i, e)
	if len(ch) > chunkSize {
		half := len(ch) / 2
		x.chunks = slices.Insert(x.chunks, p.chunk+1, slices.Clone(ch[half:]))
		clear(ch[half:])
		ch = ch[:half]
	}
	x.chunks[p.chunk] = ch
}

// remove takes the entry of k out.
func (x *index) remove(k key) {
	p := x.seek(k)
	if e := x.entry(p); e == nil || e.key != k {
		return
	}
	x.count--
	ch := slices.Delete(x.chunks[p.chunk], p.i, p.i+1)
	if len(ch) == 0 {
		x.chunks = slices.Delete(x.chunks, p.chunk, p.chunk+1)
		return
	}
	x.chunks[p.chunk] = ch
}

// fill makes an empty index of sorted entries without a search for each.
func (x *index) fill(sorted []entry) {
	x.count = len(sorted)
	for len(sorted) > 0 {
		n := min(chunkSize*3/4, len(sorted))
		ch := make([]*entry, n)
		for i := range ch {
			ch[i] = &sorted[i]
		}
		x.chunks = append(x.chunks, ch)
		sorted = sorted[n:]
	}
}
