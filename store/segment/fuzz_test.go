package segment

import (
	"bytes"
	"io"
	"testing"
	"time"

	"github.com/weirflow/weir/flowfile"
)

// memFile is a file of fixed bytes.
type memFile struct{ *bytes.Reader }

func (memFile) WriteAt([]byte, int64) (int, error) { return 0, io.ErrShortWrite }
func (memFile) Sync() error                        { return nil }
func (memFile) Truncate(int64) error               { return nil }
func (memFile) Close() error                       { return nil }

// FuzzEventBatch decodes any payload. One that is accepted must mean the same
// after it is encoded again.
func FuzzEventBatch(f *testing.F) {
	var e encoder
	e.reset(7)
	f.Add(e.appendPayload(nil))
	e.add(&flowfile.Event{ID: 9, Type: flowfile.EventFork, Parents: []flowfile.ID{1, 12}, Node: "n", Rel: "success",
		Class: flowfile.Rejected, Why: "why", Rows: -1, Size: 4, Time: time.UnixMicro(5)})
	e.add(&flowfile.Event{ID: 3, Node: "n"})
	f.Add(e.appendPayload(nil))
	f.Add([]byte{kindBatch, 1, 1, 0})
	f.Fuzz(func(t *testing.T, p []byte) {
		var first, again []flowfile.Event
		var e encoder
		commit, _ := batchCommit(p)
		e.reset(commit)
		err := decodeBatch(p, func(ev *flowfile.Event) {
			if len(ev.Node)+len(ev.Rel)+len(ev.Why) <= maxText {
				c := *ev
				c.Parents = append([]flowfile.ID(nil), ev.Parents...)
				first = append(first, c)
				e.add(&c)
			}
		})
		if err != nil {
			return
		}
		q := e.appendPayload(nil)
		if c, err := batchCommit(q); err != nil || c != commit {
			t.Fatalf("commit %d became %d: %v", commit, c, err)
		}
		err = decodeBatch(q, func(ev *flowfile.Event) {
			c := *ev
			c.Parents = append([]flowfile.ID(nil), ev.Parents...)
			again = append(again, c)
		})
		if err != nil || len(first) != len(again) {
			t.Fatalf("%d events became %d: %v", len(first), len(again), err)
		}
		for i := range first {
			a, b := first[i], again[i]
			if a.ID != b.ID || !a.Time.Equal(b.Time) || a.Node != b.Node || a.Rel != b.Rel || a.Why != b.Why ||
				a.Rows != b.Rows || a.Size != b.Size || a.Type != b.Type || a.Class != b.Class || len(a.Parents) != len(b.Parents) {
				t.Fatalf("%+v became %+v", a, b)
			}
		}
	})
}

// FuzzEventFile rebuilds the index of any bytes and reads what it points at.
func FuzzEventFile(f *testing.F) {
	var e encoder
	b := appendHeader(nil, eventMagic, 1)
	for i := range 3 {
		e.reset(uint64(i))
		e.add(&flowfile.Event{ID: flowfile.ID(i), Node: "n"})
		at := len(b)
		b = e.appendPayload(append(b, make([]byte, frameHead)...))
		putFrameHead(b[at:], false, 1, int64(at))
	}
	f.Add(b)
	x, _, _ := rebuild(b, 1, 9)
	at := len(b)
	b = x.appendPayload(append(b, make([]byte, frameHead)...))
	putFrameHead(b[at:], false, 1, int64(at))
	f.Add(appendTrailer(b, 1, int64(at)))
	f.Fuzz(func(t *testing.T, b []byte) {
		readIndex(bytes.NewReader(b), 1, int64(len(b)))
		x, _, _ := rebuild(b, 1, 9)
		n := 0
		err := readBatches(memFile{bytes.NewReader(b)}, "f", 1, headerSize, x.end(), func(_ uint64, p []byte) error {
			return decodeBatch(p, func(*flowfile.Event) { n++ })
		})
		if err == nil && n < x.events {
			t.Errorf("%d events of %d were read", n, x.events)
		}
	})
}

// FuzzSummary decodes any summary; what is accepted stays within the file.
func FuzzSummary(f *testing.F) {
	x := index{events: 2, minID: 5, maxID: 9, minTime: -3, maxTime: 4, extents: []extent{{300, 5, 9}}}
	f.Add(x.appendPayload(nil))
	f.Fuzz(func(t *testing.T, p []byte) {
		if x, ok := decodeIndex(p, 1000); ok {
			last := int64(headerSize)
			for _, e := range x.extents {
				if e.end < last || e.end > 1000 {
					t.Fatalf("extent ends at %d after %d", e.end, last)
				}
				last = e.end
			}
		}
	})
}

// FuzzFrame accepts a frame only when making it again gives the same bytes.
func FuzzFrame(f *testing.F) {
	b := append(make([]byte, frameHead), "content"...)
	putFrameHead(b, true, 3, 77)
	f.Add(b, uint64(3), int64(77))
	f.Fuzz(func(t *testing.T, b []byte, number uint64, offset int64) {
		if !frameGood(b, number, offset) {
			return
		}
		_, more := frameLength(b)
		c := bytes.Clone(b)
		putFrameHead(c, more, number, offset)
		if !bytes.Equal(b, c) {
			t.Errorf("%x is taken for %x", b, c)
		}
	})
}
