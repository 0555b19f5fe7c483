package duck

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"sync"
)

// mostKnown is how many checked queries are remembered.
const mostKnown = 64

// known are the last queries that passed. What Check says is a function of its
// arguments, and to ask the parser costs a database of its own, while the SQL of
// a flow is read when it is published, before each run, and in each run.
var known queries

// queries are what was said of queries, by a hash of what was asked.
type queries struct {
	mu    sync.Mutex
	said  map[[sha256.Size]byte]Checked
	order [][sha256.Size]byte // oldest first
}

// keyOf tells a question from all others: nil tables are not no tables, and
// lengths keep names apart.
func keyOf(query string, tables []string) [sha256.Size]byte {
	h := sha256.New()
	word := func(s string) {
		h.Write(binary.AppendUvarint(nil, uint64(len(s))))
		h.Write([]byte(s))
	}
	word(query)
	if tables != nil {
		h.Write([]byte{1})
	}
	for _, t := range tables {
		word(t)
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// get returns a copy of what was said, nil when it is not remembered.
func (q *queries) get(key [sha256.Size]byte) *Checked {
	q.mu.Lock()
	defer q.mu.Unlock()
	c, ok := q.said[key]
	if !ok {
		return nil
	}
	return c.clone()
}

// put remembers what was said, in the place of the oldest when there is no room.
func (q *queries) put(key [sha256.Size]byte, c *Checked) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.said == nil {
		q.said = map[[sha256.Size]byte]Checked{}
	}
	if _, ok := q.said[key]; !ok {
		if len(q.order) == mostKnown {
			delete(q.said, q.order[0])
			q.order = slices.Delete(q.order, 0, 1)
		}
		q.order = append(q.order, key)
	}
	q.said[key] = *c.clone()
}

func (c *Checked) clone() *Checked {
	return &Checked{Tables: slices.Clone(c.Tables), Params: slices.Clone(c.Params), Ordered: c.Ordered}
}
