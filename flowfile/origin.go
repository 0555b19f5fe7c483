package flowfile

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// Origin places a FlowFile in its run's order: the source node that emitted its
// first ancestor, the number of that emission, and the way from there through
// splits and clones. It is a comparable string whose byte order is the order in
// which All yields, so two runs over the same data give the same bytes whatever
// was retried or ran in parallel.
type Origin string

// SourceOrigin returns the origin of the n-th FlowFile that a source emitted.
func SourceOrigin(node string, n uint64) Origin {
	b := make([]byte, 0, len(node)+9)
	b = append(b, node...)
	b = append(b, 0)
	b = binary.BigEndian.AppendUint64(b, n)
	return Origin(b)
}

// What may follow an origin instead of a child's index. Both are above every
// index, so that no origin of one run is the beginning of another one that is
// alive, and no two FlowFiles that meet on a connection have the same.
const (
	restMark = 0xfe
	copyMark = 0xff
)

// rest returns the origin of a FlowFile that goes on after others were made
// from it: what later nodes make from it must not be taken for those.
func (o Origin) rest() Origin { return o + Origin([]byte{restMark}) }

// copy returns the origin of the copy for the i-th of several connections of one
// output. The first is a copy as well: it may be copied again further on.
func (o Origin) copy(i uint64) Origin { return (o + Origin([]byte{copyMark})).Child(i) }

// Child returns the origin of the k-th FlowFile made from this one. The index
// is written so that byte order is numeric order: one byte below 0xf0, else a
// length byte and the big-endian number.
func (o Origin) Child(k uint64) Origin {
	if k < 0xf0 {
		return o + Origin([]byte{byte(k)})
	}
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], k)
	i := 0
	for i < 7 && n[i] == 0 {
		i++
	}
	return o + Origin([]byte{byte(0xf0 + (8 - i))}) + Origin(n[i:])
}

// String returns a readable form such as "users#12/0/3"; "/+" stands before
// what follows the parts made from a FlowFile, "/=" before the number of a copy.
func (o Origin) String() string {
	i := strings.IndexByte(string(o), 0)
	if i < 0 || len(o) < i+9 {
		return fmt.Sprintf("%x", string(o))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s#%d", string(o[:i]), binary.BigEndian.Uint64([]byte(o[i+1:i+9])))
	for p := string(o[i+9:]); p != ""; {
		switch p[0] {
		case restMark:
			b.WriteString("/+")
			p = p[1:]
			continue
		case copyMark:
			b.WriteString("/=")
			p = p[1:]
			continue
		}
		n := 0
		if p[0] >= 0xf0 {
			n = int(p[0] - 0xf0)
		}
		if len(p) < 1+n {
			fmt.Fprintf(&b, "/?%x", p)
			break
		}
		v := uint64(p[0])
		if n > 0 {
			v = 0
			for _, c := range []byte(p[1 : 1+n]) {
				v = v<<8 | uint64(c)
			}
		}
		fmt.Fprintf(&b, "/%d", v)
		p = p[1+n:]
	}
	return b.String()
}
