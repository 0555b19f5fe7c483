package store

import (
	"io"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
)

var sampleFiles = []flowfile.FlowFile{
	{},
	{ID: 1, Rows: flowfile.UnknownRows},
	{ID: math.MaxUint64, Rows: math.MaxInt64, Hops: math.MaxUint32, Attempt: 7, Content: flowfile.Inline([]byte("\x00\xff")),
		Entered: time.Date(1, 1, 1, 0, 0, 0, 1, time.UTC), NotBefore: time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC),
		Origin: flowfile.SourceOrigin("users", 12).Child(3).Child(1000)},
	{ID: 2, Rows: 0, Content: flowfile.Claim{Segment: 9, Offset: 1 << 40, Size: 1 << 33}, Entered: time.Unix(1, 0).UTC(),
		Attrs: flowfile.AttrsOf(map[string]string{"filename": "유저.csv", "empty": "", "": "no name", "tab\t": "new\nline"})},
}

func TestEntriesRoundTrip(t *testing.T) {
	for i, f := range sampleFiles {
		f.Run = 5
		got, err := decodeEntry(appendEntry(nil, &f), 5)
		if err != nil {
			t.Errorf("%d: %v", i, err)
			continue
		}
		if d := cmp.Diff(&f, got, cmpopts.IgnoreUnexported(flowfile.FlowFile{})); d != "" {
			t.Errorf("%d changed (-want +got):\n%s", i, d)
		}
		h, err := readHead(appendEntry(nil, &f))
		if err != nil || h.id != f.ID || h.segment != f.Content.Segment || h.size != f.Content.Size || h.rows != f.Rows {
			t.Errorf("%d: head = %+v, %v", i, h, err)
		}
		if o, err := entryOrigin(appendEntry(nil, &f)); err != nil || o != f.Origin {
			t.Errorf("%d: origin = %q, %v", i, o, err)
		}
		p := ParkedFile{Conn: "c0", At: at, Code: "x", Cause: "because", FlowFile: &f}
		if i%2 == 0 {
			p.Note = fault.NoteOf(fault.New("x", "of", "유저").Because(io.EOF))
		}
		back, err := decodeParked(appendParked(nil, &p), 5)
		if err != nil {
			t.Errorf("%d: parked: %v", i, err)
		} else if d := cmp.Diff(p, back, cmpopts.IgnoreUnexported(flowfile.FlowFile{})); d != "" {
			t.Errorf("%d changed when parked (-want +got):\n%s", i, d)
		}
	}
}

// FuzzEntry: any bytes give an error or a FlowFile that encodes to an equal one.
func FuzzEntry(f *testing.F) {
	for i := range sampleFiles {
		f.Add(appendEntry(nil, &sampleFiles[i]))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := decodeEntry(b, 1)
		_, _ = decodeParked(b, 1)
		_, _ = readHead(b)
		if err != nil {
			return
		}
		y, err := decodeEntry(appendEntry(nil, x), 1)
		if err != nil {
			t.Fatalf("its own encoding: %v", err)
		}
		if d := cmp.Diff(x, y, cmpopts.IgnoreUnexported(flowfile.FlowFile{})); d != "" {
			t.Fatalf("changed (-want +got):\n%s", d)
		}
	})
}

func TestValuesAreBoundToTheirPlace(t *testing.T) {
	bucket, key := []byte("bucket"), []byte("key")
	stored := seal(bucket, key, []byte("value"))
	if v, err := unseal(bucket, key, stored); err != nil || string(v) != "value" {
		t.Fatalf("%q, %v", v, err)
	}
	for _, c := range [][2]string{{"bucket", "kez"}, {"bucke", "tkey"}, {"other", "key"}} {
		if _, err := unseal([]byte(c[0]), []byte(c[1]), stored); err == nil {
			t.Errorf("accepted at %v", c)
		}
	}
	if _, err := unseal(bucket, key, stored[:3]); err == nil {
		t.Error("a short value was accepted")
	}
}
