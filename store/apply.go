package store

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

// request applies one request to the transaction. Any error refuses it.
func (g *group) request(r *request) error {
	if r.d == nil {
		return r.fn(g)
	}
	d := r.d
	if len(d.Remove)+len(d.TakeAll)+len(d.Put)+len(d.Retry)+len(d.Park) > 0 {
		run, err := g.Run(d.Flow, d.Run)
		if err != nil {
			return err
		}
		if run.QueueVersion != d.Version {
			return fault.New("internal", "what", fmt.Sprintf("a delivery for queue version %d of %s, run %d, which has %d",
				d.Version, d.Flow, d.Run, run.QueueVersion)).Permanent()
		}
	}
	if err := g.present(d); err != nil {
		return err
	}
	if err := g.reserve(r); err != nil {
		return err
	}
	eff, err := runs.Apply(g, d)
	if err != nil {
		return err
	}
	r.effects = eff
	return g.perform(r)
}

// reserve claims the items that a delivery hands back, for as long as it is
// being committed. A session that lost one of them is stale.
func (g *group) reserve(r *request) error {
	d := r.d
	var q *queue
	defer func() {
		if q != nil {
			q.mu.Unlock()
		}
	}()
	claim := func(it *flowfile.Item) error {
		if q == nil || q.key.conn != it.Conn {
			if q != nil {
				q.mu.Unlock()
				q = nil
			}
			q = g.s.queue(queueKey{d.Flow, d.Version, it.Conn, d.Run})
			q.mu.Lock()
		}
		if !q.reserve(it, r) {
			return fault.New("stale_session", "node", d.Node, "run", d.Run)
		}
		r.reserved = append(r.reserved, reserved{q, it.Seq})
		return nil
	}
	r.reserved = slices.Grow(r.reserved, len(d.Remove)+len(d.Retry)+len(d.Park))
	for _, x := range d.Remove {
		if err := claim(x.Item); err != nil {
			return err
		}
	}
	for _, x := range d.Retry {
		if err := claim(x.Item); err != nil {
			return err
		}
	}
	for _, x := range d.Park {
		if err := claim(x.Item); err != nil {
			return err
		}
	}
	return nil
}

// perform makes the physical changes of a delivery and of its effects.
func (g *group) perform(r *request) error {
	d := r.d
	if err := g.event(d.Events...); err != nil {
		return err
	}
	for _, x := range d.Remove {
		if err := g.remove(d, x.Item); err != nil {
			return err
		}
	}
	for _, x := range d.TakeAll {
		class := x.Class
		n, err := g.clearQueue(r, queueKey{d.Flow, d.Version, x.Conn, d.Run}, d.Node, class)
		if err != nil {
			return err
		}
		if n != x.N {
			return damagedAt(connKey(d.Flow, d.Version, x.Conn), key64(uint64(d.Run)),
				fmt.Sprintf("the queue holds %d FlowFiles and its counter says %d", n, x.N))
		}
	}
	for _, x := range d.Park {
		if err := g.park(r, x); err != nil {
			return err
		}
	}
	for _, x := range d.Retry {
		if err := g.retry(r, x); err != nil {
			return err
		}
	}
	r.firstSeq = g.count.seq + 1
	for i, p := range d.Put {
		if err := g.put(queueKey{d.Flow, d.Version, p.Conn, d.Run}, p.FlowFile, r.values[i]); err != nil {
			return err
		}
	}
	for hash, schema := range d.Schemas {
		if err := g.putSchema(hash, schema); err != nil {
			return err
		}
	}
	return g.effects(r)
}

// effects does what runs.Apply asks for beyond the delivery.
func (g *group) effects(r *request) error {
	d := r.d
	for e := &r.effects; e != nil; e = e.Superseded {
		run := e.Run
		if run == 0 {
			run = d.Run
		}
		version := uint32(0)
		if run != 0 {
			state, err := g.Run(d.Flow, run)
			if err != nil {
				return err
			}
			version = state.QueueVersion
		}
		for _, conn := range e.Purge {
			if _, err := g.clearQueue(r, queueKey{d.Flow, version, conn, run}, d.Node, flowfile.DroppedCancel); err != nil {
				return err
			}
		}
		if err := g.discard(r, run, e); err != nil {
			return err
		}
		if err := g.unpark(r, version, run, e); err != nil {
			return err
		}
		for node, state := range e.Publish {
			if err := put(g.tx, bucketStates, flowKey(d.Flow, []byte(node)...), state); err != nil {
				return err
			}
		}
		for i, c := range e.Changes {
			b, err := json.Marshal(c)
			if err != nil {
				return fmt.Errorf("encode change of run %d: %w", run, err)
			}
			if err := put(g.tx, bucketHistory, g.historyKey(run, i), b); err != nil {
				return err
			}
			if err := g.ending(d.Flow, run, c); err != nil {
				return err
			}
		}
	}
	return nil
}

// historyKey is run, commit and a number within the commit. Several deliveries
// of a group may change one run, so the number goes on until it is free.
func (g *group) historyKey(run flowfile.RunID, i int) []byte {
	k := binary.BigEndian.AppendUint64(key64(uint64(run)), g.count.commit)
	k = binary.BigEndian.AppendUint32(k, uint32(i))
	b := g.tx.Bucket(bucketHistory)
	for b.Get(k) != nil {
		i++
		binary.BigEndian.PutUint32(k[16:], uint32(i))
	}
	return k
}

// queueHandle is an open queue bucket.
type queueHandle struct {
	key  queueKey // of the connection: the run is zero
	name []byte
	sum  uint32       // its entrySum
	b    *bolt.Bucket // nil when there is none
	// c finds entries. Making one for each would cost more than the search.
	c *bolt.Cursor
}

func (h *queueHandle) seal(key, value []byte) []byte {
	return binary.BigEndian.AppendUint32(value, entryChecksum(h.sum, key, value))
}

// bucket returns the bucket of a queue. When there is none and create is false,
// the handle has none.
func (g *group) bucket(k queueKey, create bool) (*queueHandle, error) {
	k.run = 0
	if g.last != nil && g.last.key == k {
		return g.last, nil
	}
	if h := g.buckets[k]; h != nil {
		g.last = h
		return h, nil
	}
	h := &queueHandle{key: k, name: connKey(k.flow, k.version, k.conn)}
	top := g.tx.Bucket(bucketQueues)
	if top == nil {
		return nil, damagedAt(bucketQueues, nil, "the bucket is missing")
	}
	top.FillPercent = 1
	if h.b = top.Bucket(h.name); h.b == nil {
		if !create {
			return h, nil
		}
		var err error
		if h.b, err = top.CreateBucket(h.name); err != nil {
			return nil, err
		}
	}
	h.b.FillPercent = 1
	h.c, h.sum = h.b.Cursor(), entrySum(h.name)
	g.buckets[k], g.last = h, h
	return h, nil
}

// at makes the key of an entry in the group's scratch memory.
func (g *group) at(run flowfile.RunID, p place) []byte {
	g.key = appendEntryKey(g.key[:0], run, p)
	return g.key
}

// put adds a FlowFile to a queue. value has room for the checksum behind it.
func (g *group) put(k queueKey, f *flowfile.FlowFile, value []byte) error {
	h, err := g.bucket(k, true)
	if err != nil {
		return err
	}
	g.count.seq++
	key := g.at(k.run, place{defaultPrio, g.count.seq})
	g.refer(f.Content.Segment, 1)
	return h.b.Put(key, h.seal(key, value)) // bbolt copies keys
}

func (g *group) refer(segment uint64, d int64) {
	if segment != 0 {
		g.refs[segment] += d
		g.content = g.content || d > 0
	}
}

// found is an entry in its bucket, where the cursor stands on it: the value is
// checked and points into the transaction. All is overwritten by the next search.
type found struct {
	*queueHandle
	key, value []byte
}

func (f *found) damaged(what string) error { return damagedAt(f.name, f.key, what) }

// entry finds an item.
func (g *group) entry(d *flowfile.Delivery, it *flowfile.Item) (f found, err error) {
	f.queueHandle, err = g.bucket(queueKey{d.Flow, d.Version, it.Conn, d.Run}, false)
	if err != nil {
		return f, err
	}
	f.key = g.at(d.Run, place{it.Prio, it.Seq})
	if f.b == nil {
		return f, f.damaged("the entry is missing")
	}
	k, stored := f.c.Seek(f.key)
	if !bytes.Equal(k, f.key) {
		return f, f.damaged("the entry is missing")
	}
	var what string
	if f.value, what = unsealEntry(f.sum, f.key, stored); what != "" {
		return f, f.damaged(what)
	}
	return f, nil
}

func (g *group) remove(d *flowfile.Delivery, it *flowfile.Item) error {
	f, err := g.entry(d, it)
	if err != nil {
		return err
	}
	segment, err := readSegment(f.value)
	if err != nil {
		return f.damaged(err.Error())
	}
	g.refer(segment, -1)
	return f.c.Delete()
}

func (g *group) retry(r *request, x flowfile.Retry) error {
	at, err := g.entry(r.d, x.Item)
	if err != nil {
		return err
	}
	f, err := decodeEntry(at.value, r.d.Run)
	if err != nil {
		return at.damaged(err.Error())
	}
	f.NotBefore = x.NotBefore
	if x.Spend {
		f.Attempt++
	}
	r.retried = append(r.retried, f)
	return at.b.Put(at.key, at.seal(at.key, appendEntry(nil, f)))
}

// clearQueue deletes everything that a run has in a queue and returns how much
// that was.
func (g *group) clearQueue(r *request, k queueKey, node string, class flowfile.Class) (int64, error) {
	r.cleared = append(r.cleared, k)
	h, err := g.bucket(k, false)
	if err != nil || h.b == nil {
		return 0, err
	}
	b, name := h.b, h.name
	event := flowfile.EventDrop
	if class == flowfile.Committed {
		event = flowfile.EventSend
	}
	prefix := key64(uint64(k.run))
	var keys []byte
	c := b.Cursor()
	key, v := c.Seek(prefix)
	first, _ := b.Cursor().First()
	alone := bytes.Equal(key, first) // nothing of another run lies before
	for ; key != nil && bytes.HasPrefix(key, prefix); key, v = c.Next() {
		value, err := unseal(name, key, v)
		if err != nil {
			return 0, err
		}
		head, err := readHead(value)
		if err != nil || len(key) != entryKeyLen {
			return 0, damagedAt(name, key, "the entry is not valid")
		}
		g.refer(head.segment, -1)
		keys = append(keys, key...)
		if err := g.event(flowfile.Event{Type: event, ID: head.id, Node: node, Class: class,
			Rows: head.rows, Size: head.size, Time: g.now}); err != nil {
			return 0, err
		}
	}
	n := int64(len(keys) / entryKeyLen)
	if n == 0 {
		return 0, nil
	}
	if alone && key == nil {
		// All of the bucket goes: freeing its pages beats deleting keys.
		k.run = 0
		delete(g.buckets, k)
		g.last = nil
		return n, g.tx.Bucket(bucketQueues).DeleteBucket(name)
	}
	for i := 0; i < len(keys); i += entryKeyLen {
		if err := b.Delete(keys[i : i+entryKeyLen]); err != nil {
			return 0, err
		}
	}
	return n, nil
}

func (g *group) putSchema(hash string, schema []byte) error {
	if g.s.schemas[hash] || g.schemas[hash] {
		return nil
	}
	g.schemas[hash] = true
	return put(g.tx, bucketSchemas, []byte(hash), schema)
}

// eventBatch is how many events are collected before they go to their log.
const eventBatch = 512

// event records what happened to FlowFiles, for the event log.
func (g *group) event(events ...flowfile.Event) error {
	if len(events) < eventBatch/8 {
		g.events = append(g.events, events...)
		if len(g.events) < eventBatch {
			return nil
		}
		return g.flushEvents()
	}
	if err := g.flushEvents(); err != nil {
		return err
	}
	return g.logEvents(events)
}

func (g *group) flushEvents() error {
	if len(g.events) == 0 {
		return nil
	}
	err := g.logEvents(g.events)
	clear(g.events)
	g.events = g.events[:0]
	return err
}

// logEvents appends to the event log. Its failure is no fault of the request at
// hand: the whole group fails with it.
func (g *group) logEvents(events []flowfile.Event) error {
	g.logged = true
	err := g.s.seg.AppendEvents(g.count.commit, events)
	if err != nil {
		g.broken = err
	}
	return err
}
