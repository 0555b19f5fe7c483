package store

import (
	"bytes"
	"math"

	bolt "go.etcd.io/bbolt"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
)

// browseBytes is how many bytes of entries one Browse decodes at most.
const browseBytes = 16 << 20

// Lane names what a run has on a connection. Version is the queue version of the
// run; run and version are zero for continuous data.
type Lane struct {
	Flow    string
	Version uint32
	Conn    string
	Run     flowfile.RunID
}

func (l Lane) key() queueKey { return queueKey{l.Flow, l.Version, l.Conn, l.Run} }

func (l Lane) bucket() []byte { return connKey(l.Flow, l.Version, l.Conn) }

// Look says which part of a queue to show.
type Look struct {
	// After is where to begin: with the first entry behind it.
	After Place
	// Limit is how many FlowFiles to return at most, Scan how many to look at.
	Limit, Scan int
	// Match picks what to return; nil takes all.
	Match func(*flowfile.FlowFile) bool
}

// Page is a part of a queue, as it was at one moment.
type Page struct {
	Items []Queued
	// Next is the place of the last entry that was looked at, for the next Look.
	Next Place
	// More tells that entries lie behind Next; Scanned is how many were looked at.
	More    bool
	Scanned int
}

// Browse returns a part of a queue, in its order. It takes nothing and looks at
// a bounded number of entries, wherever in the queue they lie.
func (s *Store) Browse(l Lane, look Look) (Page, error) {
	page := Page{Next: look.After}
	from, ok := look.After.behind()
	if !ok {
		return page, nil
	}
	name := l.bucket()
	err := s.view(func(tx *bolt.Tx) error {
		b := queueBucket(tx, name)
		if b == nil {
			return wholeQueue(tx, l.Flow, l.Conn, l.Run, 0)
		}
		c := b.Cursor()
		prefix, left := key64(uint64(l.Run)), browseBytes
		for k, v := c.Seek(entryKey(l.Run, from)); k != nil && bytes.HasPrefix(k, prefix); k, v = c.Next() {
			if len(page.Items) >= look.Limit || page.Scanned >= look.Scan || left <= 0 {
				page.More = true
				return nil
			}
			q, err := readQueued(name, k, v, l.Run)
			if err != nil {
				return err
			}
			page.Scanned++
			left -= len(v)
			page.Next = q.Place
			if look.Match == nil || look.Match(q.FlowFile) {
				page.Items = append(page.Items, q)
			}
		}
		if look.After != (Place{}) {
			return nil
		}
		return wholeQueue(tx, l.Flow, l.Conn, l.Run, int64(page.Scanned))
	})
	if err != nil {
		return Page{}, err
	}
	s.markTaken(l.key(), page.Items)
	return page, nil
}

// Lies returns the FlowFile at a place of a queue, nil when there is none.
func (s *Store) Lies(l Lane, at Place) (*Queued, error) {
	var out []Queued
	name, key := l.bucket(), entryKey(l.Run, place{at.Prio, at.Seq})
	err := s.view(func(tx *bolt.Tx) error {
		b := queueBucket(tx, name)
		if b == nil {
			return nil
		}
		v := b.Get(key)
		if v == nil {
			return nil
		}
		q, err := readQueued(name, key, v, l.Run)
		out = append(out, q)
		return err
	})
	if err != nil || len(out) == 0 {
		return nil, err
	}
	s.markTaken(l.key(), out)
	return &out[0], nil
}

// Seek returns the place of a FlowFile among the first entries of a queue; it
// looks at no more than most of them.
func (s *Store) Seek(l Lane, id flowfile.ID, most int) (at Place, found bool, err error) {
	name := l.bucket()
	err = s.view(func(tx *bolt.Tx) error {
		b := queueBucket(tx, name)
		if b == nil {
			return nil
		}
		c := b.Cursor()
		prefix := key64(uint64(l.Run))
		for k, v := c.Seek(prefix); k != nil && bytes.HasPrefix(k, prefix) && most > 0; k, v = c.Next() {
			most--
			value, err := unseal(name, k, v)
			if err != nil {
				return err
			}
			head, err := readHead(value)
			_, p, ok := splitEntryKey(k)
			if err != nil || !ok {
				return damagedAt(name, k, "the entry is not valid")
			}
			if head.id == id {
				at, found = Place{p.prio, p.seq}, true
				return nil
			}
		}
		return nil
	})
	return at, found, err
}

// Ends returns the first and the last place of a queue, and whether it has any.
func (s *Store) Ends(l Lane) (first, last Place, ok bool, err error) {
	name := l.bucket()
	err = s.view(func(tx *bolt.Tx) error {
		b := queueBucket(tx, name)
		if b == nil {
			return nil
		}
		c := b.Cursor()
		k, _ := c.Seek(key64(uint64(l.Run)))
		run, p, valid := splitEntryKey(k)
		if !valid || run != l.Run {
			return nil
		}
		first = Place{p.prio, p.seq}
		if k, _ = c.Seek(key64(uint64(l.Run) + 1)); k == nil {
			k, _ = c.Last()
		} else {
			k, _ = c.Prev()
		}
		if _, p, valid = splitEntryKey(k); !valid {
			return damagedAt(name, k, "the key has a wrong length")
		}
		last, ok = Place{p.prio, p.seq}, true
		return nil
	})
	return first, last, ok, err
}

// behind is the place where entries behind this one begin.
func (p Place) behind() (place, bool) {
	at := place{p.Prio, p.Seq}
	if p == (Place{}) {
		return at, true
	}
	if at.seq == math.MaxUint64 {
		return at, false
	}
	at.seq++
	return at, true
}

// Before reports whether p lies nearer to the head than o.
func (p Place) Before(o Place) bool { return place{p.Prio, p.Seq}.less(place{o.Prio, o.Seq}) }

func readQueued(name, key, stored []byte, run flowfile.RunID) (Queued, error) {
	value, err := unseal(name, key, stored)
	if err != nil {
		return Queued{}, err
	}
	_, p, ok := splitEntryKey(key)
	if !ok {
		return Queued{}, damagedAt(name, key, "the key has a wrong length")
	}
	ff, err := decodeEntry(value, run)
	if err != nil {
		return Queued{}, damagedAt(name, key, err.Error())
	}
	return Queued{Place: Place{p.prio, p.seq}, FlowFile: ff}, nil
}

// markTaken notes which of the FlowFiles sessions have in their hands now.
func (s *Store) markTaken(k queueKey, out []Queued) {
	s.mu.RLock()
	q := s.queues[k]
	s.mu.RUnlock()
	if q == nil {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	for i := range out {
		out[i].Taken = q.out[out[i].Place.Seq] != nil
	}
}

// present sees that what a person wants removed is still where it was listed.
// Sessions hold what they remove, so only such an order can come too late. It is
// called before anything is reserved: what is gone must not be put back.
func (g *group) present(d *flowfile.Delivery) error {
	if d.Order == nil || d.Order.Kind != flowfile.OrderDropQueue {
		return nil
	}
	for _, x := range d.Remove {
		it := x.Item
		h, err := g.bucket(queueKey{d.Flow, d.Version, it.Conn, d.Run}, false)
		if err != nil {
			return err
		}
		var head entryHead
		key := g.at(d.Run, place{it.Prio, it.Seq})
		if h.b != nil {
			if k, stored := h.c.Seek(key); bytes.Equal(k, key) {
				value, what := unsealEntry(h.sum, key, stored)
				if what != "" {
					return damagedAt(h.name, key, what)
				}
				if head, err = readHead(value); err != nil {
					return damagedAt(h.name, key, err.Error())
				}
			}
		}
		if head.id == 0 || head.id != it.FlowFile.ID {
			return fault.New("queued_unknown", "id", it.FlowFile.ID, "connection", it.Conn).Permanent()
		}
	}
	return nil
}
