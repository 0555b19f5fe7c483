package sandbox

import (
	"slices"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// history is how far back a read_time may lie.
const history = time.Hour

// database holds documents with their versions of the last hour, in one index
// per collection id. An index spans all collections of that id, wherever they
// are nested, because a collection is a range of its keys and a collection
// group is the whole.
//
// Every read happens at a time. A time that was handed out to a reader is never
// given to a later write, so what a reader sees at its time cannot change.
type database struct {
	now func() time.Time

	mu     sync.RWMutex
	groups map[string]*group
	graves []grave // deletions, oldest first, to forget after an hour

	timeMu sync.Mutex
	last   int64 // the latest time given to a read or a write
}

type group struct {
	index   index
	changed int64 // time of the latest write
}

type grave struct {
	key  key
	time int64
}

// hit is one document as a reader sees it.
type hit struct {
	key key
	*version
}

func newDatabase(now func() time.Time) *database {
	return &database{now: now, groups: map[string]*group{}}
}

// readNow returns a time at which all finished writes are visible.
func (d *database) readNow() int64 {
	d.timeMu.Lock()
	defer d.timeMu.Unlock()
	d.last = max(d.last, d.now().UnixMicro())
	return d.last
}

// readAt checks a read time that a client asks for.
func (d *database) readAt(seconds int64, nanos int32) (int64, error) {
	if nanos%1000 != 0 {
		return 0, status.Error(codes.InvalidArgument, "read_time must be of microsecond precision.")
	}
	t := seconds*1e6 + int64(nanos)/1e3
	now := d.readNow()
	stamp := time.UnixMicro(t).UTC().Format(time.RFC3339Nano)
	if t > now {
		return 0, status.Errorf(codes.InvalidArgument, "read_time %s is in the future.", stamp)
	}
	if t < now-history.Microseconds() {
		return 0, status.Errorf(codes.FailedPrecondition, "The requested snapshot version is too old. "+
			"(read_time is too old: %s is more than 1 hour ago)", stamp)
	}
	return t, nil
}

// writeTime returns a time later than any that was handed out. The caller
// holds d.mu, so that no reader can ask for it before the write is done.
func (d *database) writeTime() int64 {
	d.timeMu.Lock()
	defer d.timeMu.Unlock()
	d.last = max(d.last+1, d.now().UnixMicro())
	return d.last
}

// get returns the document of k at time t, or nil.
func (d *database) get(k key, t int64) *version {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.getLocked(k, t)
}

func (d *database) getLocked(k key, t int64) *version {
	g := d.groups[collectionOf(k)]
	if g == nil {
		return nil
	}
	if e := g.index.get(k); e != nil {
		return e.at(t)
	}
	return nil
}

// load adds documents of one collection id, sorted by key, to a database that
// has none of that id.
func (d *database) load(id string, sorted []entry) {
	g := &group{}
	g.index.fill(sorted)
	d.mu.Lock()
	d.groups[id] = g
	d.mu.Unlock()
}

// change is the new state of one document; nil fields delete it.
type change struct {
	key     key
	fields  []byte
	created int64 // 0: at the time of the commit
}

// apply makes changes visible at time t. The caller holds d.mu and got t from
// writeTime; no key occurs twice.
func (d *database) apply(t int64, changes []change) {
	d.forget(t - history.Microseconds())
	for _, c := range changes {
		id := collectionOf(c.key)
		g := d.groups[id]
		if g == nil {
			g = &group{}
			d.groups[id] = g
		}
		e := g.index.get(c.key)
		if e == nil {
			if c.fields == nil {
				continue
			}
			e = &entry{key: c.key}
			g.index.insert(e)
		}
		g.changed = t
		v := &version{fields: c.fields, created: c.created, updated: t, prev: e.head, gone: c.fields == nil}
		if v.created == 0 {
			v.created = t
		}
		if v.gone {
			d.graves = append(d.graves, grave{c.key, t})
		}
		e.head = v
		prune(v, t-history.Microseconds())
	}
}

// prune cuts off the versions that no allowed read time reaches.
func prune(v *version, oldest int64) {
	for ; v != nil; v = v.prev {
		if v.updated <= oldest {
			v.prev = nil
		}
	}
}

// forget removes documents deleted before oldest.
func (d *database) forget(oldest int64) {
	n := 0
	for n < len(d.graves) && d.graves[n].time < oldest {
		g := d.groups[collectionOf(d.graves[n].key)]
		if e := g.index.get(d.graves[n].key); e != nil && e.head.gone && e.head.updated < oldest {
			g.index.remove(e.key)
		}
		n++
	}
	d.graves = slices.Delete(d.graves, 0, n)
}

// changedSince reports whether a document of the collection id was written
// after t. The caller holds d.mu.
func (d *database) changedSince(id string, t int64) bool {
	g := d.groups[id]
	return g != nil && g.changed > t
}

// span is a range of the keys of one collection id.
type span struct {
	id      string
	prefix  string // every key begins with it
	depth   int    // segments of a key, 0 for any
	low     key    // bounds, "" for none
	lowOpen bool   // low itself is excluded
	high    key
	highIn  bool // high itself is included
	desc    bool
}

// collection returns the span of the collection id under parent.
func collection(parent key, id string) span {
	return span{id: id, prefix: below(child(parent, id)), depth: depth(parent) + 2}
}

// descendants returns the span of all collections of that id below parent.
func descendants(parent key, id string) span { return span{id: id, prefix: below(parent)} }

// atLeast and atMost narrow the span.
func (s *span) atLeast(k key, open bool) {
	if k > s.low || k == s.low && open {
		s.low, s.lowOpen = k, open
	}
}

func (s *span) atMost(k key, in bool) {
	if s.high == "" || k < s.high || k == s.high && !in {
		s.high, s.highIn = k, in
	}
}

// first and behind return the first key inside and the first key beyond the
// span ("" for none): [first, behind).
func (s *span) first() key {
	low := s.low
	if s.lowOpen {
		low += sep // the successor: no key lies between k and k+NUL
	}
	return max(low, s.prefix)
}

func (s *span) behind() key {
	high := s.high
	if high != "" && s.highIn {
		high += sep
	}
	if s.prefix != "" {
		end := s.prefix[:len(s.prefix)-1] + "\x01"
		if high == "" || end < high {
			high = end
		}
	}
	return high
}

// scanBatch bounds the entries visited under one lock.
const scanBatch = 1024

// scan appends the documents of a part of the span at time t to buf, moves the
// span's near bound behind that part and reports whether the span is finished.
func (d *database) scan(s *span, t int64, buf []hit) ([]hit, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	g := d.groups[s.id]
	if g == nil {
		return buf, true
	}
	first, behind := s.first(), s.behind()
	x := &g.index
	p, step := x.seek(first), x.next
	if s.desc {
		p, step = place{len(x.chunks), 0}, x.prev
		if behind != "" {
			p = x.seek(behind)
		}
		p = x.prev(p)
	}
	for range scanBatch {
		e := x.entry(p)
		if e == nil || !s.desc && behind != "" && e.key >= behind || s.desc && e.key < first {
			return buf, true
		}
		if s.depth == 0 || strings.Count(e.key, sep) == s.depth-1 {
			if v := e.at(t); v != nil {
				buf = append(buf, hit{e.key, v})
			}
		}
		if s.desc {
			s.high, s.highIn = e.key, false
		} else {
			s.low, s.lowOpen = e.key, true
		}
		p = step(p)
	}
	return buf, false
}

// childNames calls yield with the distinct segments that follow prefix (which
// ends in NUL or is empty) among the keys of id, in order, from the segment
// from on, as long as a document below them is visible at t. It skips from one
// segment to the next, so the cost is by segment, not by document.
func (d *database) childNames(id, prefix, from string, t int64, yield func(string) bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	g := d.groups[id]
	if g == nil {
		return
	}
	x := &g.index
	for p := x.seek(prefix + from); ; {
		e := x.entry(p)
		if e == nil || !strings.HasPrefix(e.key, prefix) {
			return
		}
		if e.at(t) == nil {
			p = x.next(p)
			continue
		}
		seg, _, _ := strings.Cut(e.key[len(prefix):], sep)
		if !yield(seg) {
			return
		}
		p = x.seek(prefix + seg + "\x01")
	}
}

// collections returns what holds documents now, by id.
func (d *database) collections() []Collection {
	d.mu.RLock()
	defer d.mu.RUnlock()
	var out []Collection
	for id, g := range d.groups {
		n := 0
		for _, ch := range g.index.chunks {
			for _, e := range ch {
				if !e.head.gone {
					n++
				}
			}
		}
		if n > 0 {
			out = append(out, Collection{id, n})
		}
	}
	slices.SortFunc(out, func(a, b Collection) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// ids returns the collection ids that were ever written.
func (d *database) ids() []string {
	d.mu.RLock()
	defer d.mu.RUnlock()
	ids := make([]string, 0, len(d.groups))
	for id := range d.groups {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}
