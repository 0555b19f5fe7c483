package segment_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/store/segment"
	"github.com/weirflow/weir/store/segment/segmenttest"
)

const firstSegment = "data/content/00000001.seg"

// filled returns a file system with one segment and the claims into it.
func filled(t *testing.T) (*segmenttest.FS, []flowfile.Claim, []byte) {
	t.Helper()
	fsys := segmenttest.New()
	l := open(t, fsys, segment.Options{})
	var claims []flowfile.Claim
	for i, n := range []int{513, 600, 70 << 10, 4 << 10, 64 << 10, 130 << 10, 900} {
		claims = append(claims, mustPut(t, l, noise(n, uint64(i))))
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := fsys.ReadFile(firstSegment)
	if err != nil {
		t.Fatal(err)
	}
	return fsys, claims, b
}

func TestFlippedBitsNeverGiveWrongBytes(t *testing.T) {
	fsys, claims, b := filled(t)
	r := rand.New(rand.NewPCG(1, 2))
	var want [][]byte
	for j, c := range claims {
		want = append(want, noise(int(c.Size), uint64(j)))
	}
	for i := range places(1000) {
		at := r.IntN(len(b))
		if i < 200 {
			at = i // the header and the first frames whole
		}
		d := bytes.Clone(b)
		d[at] ^= byte(1 + r.IntN(255))
		fsys.WriteFile(firstSegment, d)
		l := open(t, fsys, segment.Options{})
		bad := 0
		for j, c := range claims {
			got, err := get(l, c)
			if err == nil && bytes.Equal(got, want[j]) {
				continue
			}
			bad++
			if e := fault.As(err); e == nil || e.Code != "content_damaged" || e.Class != fault.Permanent ||
				e.Args["segment"] != "1" || !strings.Contains(err.Error(), "segment 1") {
				t.Fatalf("byte %d, claim %d: %v", at, j, err)
			}
		}
		if at < 20 && bad != len(claims) || at >= 20 && bad != 1 {
			t.Fatalf("a flip of byte %d shows in %d of %d claims", at, bad, len(claims))
		}
		if rep, err := l.Verify(t.Context(), 1); err == nil && rep.Damaged == 0 && rep.Tail == 0 {
			t.Fatalf("byte %d: Verify finds nothing: %+v", at, rep)
		}
		l.Close()
	}
}

func TestTruncatedTail(t *testing.T) {
	fsys, claims, b := filled(t)
	for cut := 0; cut < len(b); cut += 1 + len(b)/300 {
		fsys.WriteFile(firstSegment, b[:cut])
		l := open(t, fsys, segment.Options{})
		for j, c := range claims {
			got, err := get(l, c)
			whole := j+1 < len(claims) && claims[j+1].Offset <= int64(cut)
			if whole && (err != nil || !bytes.Equal(got, noise(int(c.Size), uint64(j)))) {
				t.Fatalf("cut at %d: claim %d: %v", cut, j, err)
			}
			if !whole && fault.CodeOf(err) != "content_damaged" {
				t.Fatalf("cut at %d: claim %d: error %v", cut, j, err)
			}
		}
		fresh := mustPut(t, l, noise(600, 9))
		if fresh.Segment == 1 {
			t.Fatal("appended behind a damaged tail")
		}
		wantBytes(t, l, fresh, noise(600, 9))
		l.Close()
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		fsys.Remove(fmt.Sprintf("data/content/%08d.seg", fresh.Segment))
	}
}

func TestClaimsThatPointElsewhere(t *testing.T) {
	fsys, claims, _ := filled(t)
	l := open(t, fsys, segment.Options{})
	c := claims[2]
	for _, bad := range []flowfile.Claim{
		{Segment: 1, Offset: c.Offset, Size: c.Size - 1},
		{Segment: 1, Offset: c.Offset, Size: c.Size + 1},
		{Segment: 1, Offset: c.Offset, Size: 64 << 10},
		{Segment: 1, Offset: c.Offset + 1, Size: c.Size},
		{Segment: 1, Offset: c.Offset, Size: 0},
		{Segment: 1, Offset: c.Offset, Size: -1},
		{Segment: 1, Offset: -5, Size: 10},
		{Segment: 1, Offset: 0, Size: 10},
		{Segment: 1, Offset: 1 << 60, Size: 1 << 60},
		{Segment: 99, Offset: c.Offset, Size: c.Size},
		{Segment: 1, Offset: c.Offset, Size: 3, Inline: "abc"},
		{Size: 3, Inline: "ab"},
		{Size: 3},
	} {
		if b, err := get(l, bad); fault.CodeOf(err) != "content_damaged" {
			t.Errorf("%+v: %d bytes, %v", bad, len(b), err)
		}
	}
	if b, err := get(l, flowfile.Claim{}); err != nil || len(b) != 0 {
		t.Errorf("the zero claim: %q, %v", b, err)
	}
}

// TestMovedFramesAreDamage copies a valid frame over another of its size, as a
// disk that writes to the wrong place does.
func TestMovedFramesAreDamage(t *testing.T) {
	fsys := segmenttest.New()
	l := open(t, fsys, segment.Options{})
	a, b := mustPut(t, l, noise(1000, 1)), mustPut(t, l, noise(1000, 2))
	l.Close()
	d, _ := fsys.ReadFile(firstSegment)
	copy(d[b.Offset:b.Offset+1008], d[a.Offset:])
	fsys.WriteFile(firstSegment, d)
	fsys.WriteFile("data/content/00000002.seg", d)
	l = open(t, fsys, segment.Options{})
	wantBytes(t, l, a, noise(1000, 1))
	if _, err := get(l, b); fault.CodeOf(err) != "content_damaged" {
		t.Errorf("a frame of another place: %v", err)
	}
	a.Segment = 2
	if _, err := get(l, a); fault.CodeOf(err) != "content_damaged" {
		t.Errorf("a file of another number: %v", err)
	}
}

// withVersion returns a file with another version byte and a right header sum.
func withVersion(b []byte, v byte) []byte {
	b = bytes.Clone(b)
	b[7] = v
	binary.BigEndian.PutUint32(b[16:], crc32.Checksum(b[:16], crc32.MakeTable(crc32.Castagnoli)))
	return b
}

func TestVersions(t *testing.T) {
	fsys, claims, b := filled(t)
	l := open(t, fsys, segment.Options{})
	if err := l.AppendEvents(1, []flowfile.Event{{ID: 5, Type: flowfile.EventCreate}}); err != nil {
		t.Fatal(err)
	}
	l.Close()
	const firstEvents = "data/events/00000001.evt"
	ev, err := fsys.ReadFile(firstEvents)
	if err != nil {
		t.Fatal(err)
	}
	for name, whole := range map[string][]byte{firstSegment: b, firstEvents: ev} {
		for v, code := range map[byte]string{0: "", 1: "", 2: "segment_newer", 255: "segment_newer"} {
			fsys.WriteFile(name, withVersion(whole, v))
			l, err := segment.Open(fsys, "data", segment.Options{LastCommit: 1})
			if fault.CodeOf(err) != code {
				t.Errorf("%s version %d: %v", name, v, err)
			}
			if err != nil {
				e := fault.As(err)
				if e.Args["path"] != name || e.Args["version"] != fmt.Sprint(v) || e.Class != fault.Permanent {
					t.Errorf("the fault names %v", e.Args)
				}
				continue
			}
			if name == firstSegment && v == 0 {
				if _, err := get(l, claims[0]); fault.CodeOf(err) != "content_damaged" {
					t.Errorf("version 0, which never was: %v", err)
				}
			}
			l.Close()
		}
		fsys.WriteFile(name, whole)
	}
}

func TestForeignFilesAreLeftAlone(t *testing.T) {
	fsys, _, _ := filled(t)
	for _, n := range []string{"data/content/notes.txt", "data/content/1.seg", "data/content/0000000x.seg", "data/content/000000001.seg"} {
		fsys.WriteFile(n, []byte("x"))
	}
	l := open(t, fsys, segment.Options{})
	if n := len(l.Segments()); n != 1 {
		t.Errorf("%d segments, want 1", n)
	}
	fsys.WriteFile("data/content/00000007.seg", nil)
	l = open(t, fsys, segment.Options{})
	if c := mustPut(t, l, noise(600, 1)); c.Segment != 8 {
		t.Errorf("segment %d follows an empty file 7", c.Segment)
	}
	if _, err := l.Verify(t.Context(), 7); fault.CodeOf(err) != "content_damaged" {
		t.Errorf("Verify of an empty file = %v", err)
	}
}

func TestDumpMarksDamage(t *testing.T) {
	fsys, claims, b := filled(t)
	b[claims[2].Offset+100] ^= 1
	fsys.WriteFile(firstSegment, b)
	l := open(t, fsys, segment.Options{})
	var out strings.Builder
	if err := l.Dump(t.Context(), &out, 1); err != nil {
		t.Fatal(err)
	}
	bad := fmt.Sprintf("%12d %8d %5s BAD", claims[2].Offset, 64<<10, "more")
	if !strings.Contains(out.String(), bad) || strings.Count(out.String(), "BAD") != 1 || strings.Count(out.String(), " ok") != 9 {
		t.Errorf("want a line %q in\n%s", bad, out.String())
	}
	rep, err := l.Verify(t.Context(), 1)
	if err != nil || rep.Damaged != 1 || rep.Contents != len(claims)-1 || rep.Tail != 0 {
		t.Errorf("Verify = %+v, %v", rep, err)
	}
}

// places is how many of n places a test damages: all, but few under -short, as
// under the race detector.
func places(n int) int {
	if testing.Short() {
		return n / 10
	}
	return n
}
