package store

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/weirflow/weir/flowfile"
)

// entryVersion begins every encoded FlowFile.
const entryVersion = 1

// The flags of an encoded FlowFile.
const (
	flagInline    = 1 << iota // content stands in the value
	flagSegment               // content lies in a segment
	flagRows                  // rows are known
	flagEntered               // the time of entry is set
	flagNotBefore             // the next try has a time
)

// appendEntry encodes a FlowFile. The run is not part of it: the key has it.
func appendEntry(b []byte, f *flowfile.FlowFile) []byte {
	var flags byte
	switch {
	case f.Content.Segment != 0:
		flags |= flagSegment
	case f.Content.Size > 0:
		flags |= flagInline
	}
	if f.Rows >= 0 {
		flags |= flagRows
	}
	if !f.Entered.IsZero() {
		flags |= flagEntered
	}
	if !f.NotBefore.IsZero() {
		flags |= flagNotBefore
	}
	b = append(b, entryVersion, flags)
	b = binary.AppendUvarint(b, uint64(f.ID))
	switch {
	case flags&flagSegment != 0:
		b = binary.AppendUvarint(b, f.Content.Segment)
		b = binary.AppendUvarint(b, uint64(f.Content.Offset))
		b = binary.AppendUvarint(b, uint64(f.Content.Size))
	case flags&flagInline != 0:
		b = appendString(b, f.Content.Inline)
	}
	if flags&flagRows != 0 {
		b = binary.AppendUvarint(b, uint64(f.Rows))
	}
	if flags&flagEntered != 0 {
		b = appendTime(b, f.Entered)
	}
	if flags&flagNotBefore != 0 {
		b = appendTime(b, f.NotBefore)
	}
	b = binary.AppendUvarint(b, uint64(f.Hops))
	b = binary.AppendUvarint(b, uint64(f.Attempt))
	b = appendString(b, string(f.Origin))
	b = binary.AppendUvarint(b, uint64(len(f.Attrs)))
	for _, a := range f.Attrs {
		b = appendString(b, a.Name)
		b = appendString(b, a.Value)
	}
	return b
}

// entrySize is about how long an encoded FlowFile is with its checksum, rather
// more than less.
func entrySize(f *flowfile.FlowFile) int {
	n := 64 + len(f.Content.Inline) + len(f.Origin)
	for _, a := range f.Attrs {
		n += 4 + len(a.Name) + len(a.Value)
	}
	return n
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendTime(b []byte, t time.Time) []byte {
	b = binary.AppendVarint(b, t.Unix())
	return binary.AppendUvarint(b, uint64(t.Nanosecond()))
}

var errEntry = errors.New("the encoding is not valid")

// cursor reads an encoded value; the first error stays.
type cursor struct {
	b   []byte
	err error
}

func (c *cursor) uvarint() uint64 {
	v, n := binary.Uvarint(c.b)
	if n <= 0 {
		c.err, c.b = errEntry, nil
		return 0
	}
	c.b = c.b[n:]
	return v
}

func (c *cursor) varint() int64 {
	v, n := binary.Varint(c.b)
	if n <= 0 {
		c.err, c.b = errEntry, nil
		return 0
	}
	c.b = c.b[n:]
	return v
}

func (c *cursor) byte() byte {
	if len(c.b) == 0 {
		c.err = errEntry
		return 0
	}
	v := c.b[0]
	c.b = c.b[1:]
	return v
}

// bytes returns the next string's bytes without copying them.
func (c *cursor) bytes() []byte {
	n := c.uvarint()
	if n > uint64(len(c.b)) {
		c.err, c.b = errEntry, nil
		return nil
	}
	v := c.b[:n]
	c.b = c.b[n:]
	return v
}

func (c *cursor) time() time.Time {
	s, n := c.varint(), c.uvarint()
	if n >= 1e9 {
		c.err = errEntry
		return time.Time{}
	}
	return time.Unix(s, int64(n)).UTC()
}

// entryHead is what stands first: enough to count and to keep references,
// without making strings.
type entryHead struct {
	flags   byte
	id      flowfile.ID
	segment uint64
	offset  int64
	size    int64
	rows    int64
}

// decodeHead reads the head and leaves the cursor before the times. f, when given, gets the content claim as well.
func decodeHead(c *cursor, f *flowfile.FlowFile) entryHead {
	if v := c.byte(); v != entryVersion && c.err == nil {
		c.err = errEntry
	}
	flags := c.byte()
	h := entryHead{flags: flags, id: flowfile.ID(c.uvarint()), rows: flowfile.UnknownRows}
	switch {
	case flags&flagSegment != 0:
		h.segment = c.uvarint()
		h.offset = int64(c.uvarint())
		h.size = int64(c.uvarint())
		if h.segment == 0 || h.offset < 0 || h.size < 0 {
			c.err = errEntry
		}
		if f != nil {
			f.Content = flowfile.Claim{Segment: h.segment, Offset: h.offset, Size: h.size}
		}
	case flags&flagInline != 0:
		v := c.bytes()
		h.size = int64(len(v))
		if f != nil {
			f.Content = flowfile.Claim{Size: h.size, Inline: string(v)}
		}
	}
	if flags&flagRows != 0 {
		if h.rows = int64(c.uvarint()); h.rows < 0 {
			c.err = errEntry
		}
	}
	return h
}

// times reads the times of an entry, behind its head.
func (c *cursor) times(h entryHead) (entered, notBefore time.Time) {
	if h.flags&flagEntered != 0 {
		entered = c.time()
	}
	if h.flags&flagNotBefore != 0 {
		notBefore = c.time()
	}
	return entered, notBefore
}

// decodeEntry returns the FlowFile of an encoded value. Nothing of it points
// into b.
func decodeEntry(b []byte, run flowfile.RunID) (*flowfile.FlowFile, error) {
	c := &cursor{b: b}
	f := &flowfile.FlowFile{Run: run}
	h := decodeHead(c, f)
	f.ID, f.Rows = h.id, h.rows
	f.Entered, f.NotBefore = c.times(h)
	f.Hops, f.Attempt = uint32(c.uvarint()), uint32(c.uvarint())
	f.Origin = flowfile.Origin(c.bytes())
	n := c.uvarint()
	if c.err != nil || n > uint64(len(c.b)) {
		return nil, errEntry
	}
	if n > 0 {
		f.Attrs = make(flowfile.Attrs, n)
		// One string for all names and values costs one allocation.
		all := string(c.b)
		base := len(c.b)
		for i := range f.Attrs {
			name := c.bytes()
			from := base - len(c.b) - len(name)
			f.Attrs[i].Name = all[from : from+len(name)]
			value := c.bytes()
			from = base - len(c.b) - len(value)
			f.Attrs[i].Value = all[from : from+len(value)]
			if c.err != nil {
				return nil, errEntry
			}
		}
	}
	if len(c.b) != 0 || c.err != nil {
		return nil, errEntry
	}
	return f, nil
}

// entryOrigin returns only the origin of an encoded FlowFile.
func entryOrigin(b []byte) (flowfile.Origin, error) {
	c := &cursor{b: b}
	c.times(decodeHead(c, nil))
	c.uvarint()
	c.uvarint()
	o := flowfile.Origin(c.bytes())
	return o, c.err
}

// readSegment returns the segment that an encoded FlowFile refers to, or zero.
// It looks at no more than that.
func readSegment(b []byte) (uint64, error) {
	c := &cursor{b: b}
	if v := c.byte(); v != entryVersion {
		return 0, errEntry
	}
	flags := c.byte()
	c.uvarint()
	segment := uint64(0)
	if flags&flagSegment != 0 {
		if segment = c.uvarint(); segment == 0 {
			return 0, errEntry
		}
	}
	return segment, c.err
}

func readHead(b []byte) (entryHead, error) {
	c := &cursor{b: b}
	h := decodeHead(c, nil)
	return h, c.err
}
