package segment

import (
	"encoding/binary"
	"errors"
	"time"
	"unicode/utf8"

	"github.com/weirflow/weir/flowfile"
)

// The kinds of frames in an event file: the first byte of their payload.
const (
	kindBatch   = 1
	kindSummary = 2
	kindFilters = 3
)

const (
	// batchSize is where a batch is cut, so that a reader needs little memory.
	batchSize = 64 << 10
	// maxText is the longest string of an event that is kept, in bytes.
	maxText = 4 << 10
	// maxParents is how many parents one recorded event names; an event with
	// more is recorded several times, each with some of them.
	maxParents = 1 << 16
	// maxBatch bounds the payload of a frame: a full batch and one more event.
	maxBatch = batchSize + 3*(maxText+binary.MaxVarintLen64) + (maxParents+8)*binary.MaxVarintLen64
)

// Which fields of an event are not zero.
const (
	hasParents = 1 << iota
	hasRel
	hasClass
	hasWhy
	knownFlags = 1<<iota - 1
)

var errBatch = errors.New("malformed batch of events")

// span is what an index must know of a batch.
type span struct {
	commit           uint64
	events           int
	minID, maxID     uint64
	minTime, maxTime int64 // in microseconds since 1970
	ids              []uint64
}

func (s *span) id(id uint64) {
	if len(s.ids) == 0 {
		s.minID, s.maxID = id, id
	}
	s.minID, s.maxID = min(s.minID, id), max(s.maxID, id)
	if n := len(s.ids); n == 0 || s.ids[n-1] != id {
		s.ids = append(s.ids, id)
	}
}

func (s *span) event(ev *flowfile.Event) {
	t := ev.Time.UnixMicro()
	if s.events == 0 {
		s.minTime, s.maxTime = t, t
	}
	s.minTime, s.maxTime = min(s.minTime, t), max(s.maxTime, t)
	s.events++
	s.id(uint64(ev.ID))
	for _, p := range ev.Parents {
		s.id(uint64(p))
	}
}

// encoder makes the payload of one batch: numbers as differences from those of
// the event before, strings as places in a table.
type encoder struct {
	span  span
	table map[string]uint64
	texts []byte // the table as it is written
	body  []byte
	id    uint64
	time  int64
}

func (e *encoder) reset(commit uint64) {
	if e.table == nil {
		e.table = map[string]uint64{}
	}
	clear(e.table)
	ids := e.span.ids[:0]
	*e = encoder{table: e.table, texts: e.texts[:0], body: e.body[:0]}
	e.span = span{commit: commit, ids: ids}
}

// full reports whether the batch is large enough to be written.
func (e *encoder) full() bool { return len(e.texts)+len(e.body) >= batchSize }

// text appends the place of s in the table, entering it when it is new.
func (e *encoder) text(s string) {
	if len(s) > maxText {
		n := maxText
		for n > 0 && !utf8.RuneStart(s[n]) {
			n--
		}
		s = s[:n]
	}
	i, ok := e.table[s]
	if !ok {
		i = uint64(len(e.table))
		e.table[s] = i
		e.texts = binary.AppendUvarint(e.texts, uint64(len(s)))
		e.texts = append(e.texts, s...)
	}
	e.body = binary.AppendUvarint(e.body, i)
}

// add appends an event of at most maxParents parents.
func (e *encoder) add(ev *flowfile.Event) {
	var flags byte
	if len(ev.Parents) > 0 {
		flags |= hasParents
	}
	if ev.Rel != "" {
		flags |= hasRel
	}
	if ev.Class != 0 {
		flags |= hasClass
	}
	if ev.Why != "" {
		flags |= hasWhy
	}
	e.body = append(e.body, byte(ev.Type), flags)
	id := uint64(ev.ID)
	e.body = binary.AppendVarint(e.body, int64(id-e.id))
	e.id = id
	t := ev.Time.UnixMicro()
	e.body = binary.AppendVarint(e.body, t-e.time)
	e.time = t
	e.text(ev.Node)
	e.body = binary.AppendVarint(e.body, ev.Rows)
	e.body = binary.AppendVarint(e.body, ev.Size)
	if flags&hasParents != 0 {
		e.body = binary.AppendUvarint(e.body, uint64(len(ev.Parents)))
		for _, p := range ev.Parents {
			e.body = binary.AppendVarint(e.body, int64(uint64(p)-id))
			id = uint64(p)
		}
	}
	if flags&hasRel != 0 {
		e.text(string(ev.Rel))
	}
	if flags&hasClass != 0 {
		e.body = append(e.body, byte(ev.Class))
	}
	if flags&hasWhy != 0 {
		e.text(ev.Why)
	}
	e.span.event(ev)
}

// appendPayload appends the batch to b.
func (e *encoder) appendPayload(b []byte) []byte {
	b = append(b, kindBatch)
	b = binary.AppendUvarint(b, e.span.commit)
	b = binary.AppendUvarint(b, uint64(e.span.events))
	b = binary.AppendUvarint(b, uint64(len(e.table)))
	b = append(b, e.texts...)
	return append(b, e.body...)
}

// decoder reads varints and keeps the first error.
type decoder struct {
	b   []byte
	bad bool
}

func (d *decoder) take(n int) {
	if n <= 0 {
		d.bad, d.b = true, nil
		return
	}
	d.b = d.b[n:]
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.b)
	d.take(n)
	return v
}

func (d *decoder) varint() int64 {
	v, n := binary.Varint(d.b)
	d.take(n)
	return v
}

func (d *decoder) byte() byte {
	if len(d.b) == 0 {
		d.bad = true
		return 0
	}
	v := d.b[0]
	d.b = d.b[1:]
	return v
}

func (d *decoder) text(table []string) string {
	i := d.uvarint()
	if i >= uint64(len(table)) {
		d.bad = true
		return ""
	}
	return table[i]
}

// batchCommit returns the commit number of a batch without decoding the rest.
func batchCommit(p []byte) (uint64, error) {
	if len(p) == 0 || p[0] != kindBatch {
		return 0, errBatch
	}
	d := decoder{b: p[1:]}
	c := d.uvarint()
	if d.bad {
		return 0, errBatch
	}
	return c, nil
}

// decodeBatch calls visit for each event of a batch. The event is valid during
// the call only.
func decodeBatch(p []byte, visit func(*flowfile.Event)) error {
	if _, err := batchCommit(p); err != nil {
		return err
	}
	d := decoder{b: p[1:]}
	d.uvarint()
	n, m := d.uvarint(), d.uvarint()
	if d.bad || m > uint64(len(d.b)) || n > uint64(len(d.b)) {
		return errBatch
	}
	table := make([]string, m)
	for i := range table {
		k := d.uvarint()
		if d.bad || k > uint64(len(d.b)) {
			return errBatch
		}
		table[i] = string(d.b[:k])
		d.b = d.b[k:]
	}
	var ev flowfile.Event
	var id uint64
	var at int64
	var parents []flowfile.ID
	for range n {
		ev.Type = flowfile.EventType(d.byte())
		flags := d.byte()
		id += uint64(d.varint())
		at += d.varint()
		ev.ID, ev.Time = flowfile.ID(id), time.UnixMicro(at).UTC()
		ev.Node = d.text(table)
		ev.Rows, ev.Size = d.varint(), d.varint()
		ev.Parents, ev.Rel, ev.Class, ev.Why = nil, "", 0, ""
		if flags&hasParents != 0 {
			k := d.uvarint()
			if k == 0 || k > uint64(len(d.b)) {
				return errBatch
			}
			parents = parents[:0]
			for p := id; k > 0; k-- {
				p += uint64(d.varint())
				parents = append(parents, flowfile.ID(p))
			}
			ev.Parents = parents
		}
		if flags&hasRel != 0 {
			ev.Rel = flowfile.Relationship(d.text(table))
		}
		if flags&hasClass != 0 {
			ev.Class = flowfile.Class(d.byte())
		}
		if flags&hasWhy != 0 {
			ev.Why = d.text(table)
		}
		if d.bad || flags > knownFlags {
			return errBatch
		}
		visit(&ev)
	}
	if len(d.b) != 0 {
		return errBatch
	}
	return nil
}
