package segment_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/store/segment"
	"github.com/weirflow/weir/store/segment/segmenttest"
)

// soak asks for the long form of the tests that have one.
var soak = os.Getenv("WEIR_SOAK") != ""

var static = sync.OnceValue(func() []byte {
	b := make([]byte, 12<<20)
	r := rand.New(rand.NewPCG(1, 7))
	for i := 0; i < len(b); i += 8 {
		binary.LittleEndian.PutUint64(b[i:], r.Uint64())
	}
	return b
})

// noise returns n random bytes, others for each seed. They must not be changed.
func noise(n int, seed uint64) []byte {
	b := static()
	at := int(seed * 8191 % uint64(len(b)-n))
	return b[at : at+n : at+n]
}

func open(t testing.TB, fsys segment.FS, opts segment.Options) *segment.Log {
	t.Helper()
	l, err := segment.Open(fsys, "data", opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func put(l *segment.Log, b []byte) (flowfile.Claim, error) {
	return l.Append(context.Background(), func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	})
}

func mustPut(t testing.TB, l *segment.Log, b []byte) flowfile.Claim {
	t.Helper()
	c, err := put(l, b)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func get(l *segment.Log, c flowfile.Claim) ([]byte, error) {
	r, err := l.OpenClaim(context.Background(), c)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

func wantBytes(t testing.TB, l *segment.Log, c flowfile.Claim, want []byte) {
	t.Helper()
	got, err := get(l, c)
	if err != nil {
		t.Fatalf("read %+v: %v", c, err)
	}
	if !bytes.Equal(got, want) {
		t.Fatalf("read %+v: %d bytes differ from the %d written", c, len(got), len(want))
	}
}

func TestContentComesBack(t *testing.T) {
	const chunk = 64 << 10
	sizes := []int{0, 1, 511, 512, 513, chunk - 1, chunk, chunk + 1, 2*chunk - 1, 2 * chunk, 2*chunk + 1,
		1<<20 - 1, 1 << 20, 1<<20 + 1, 1<<20 + chunk, 1<<20 + chunk + 1, 10 << 20}
	for _, buffer := range []int{0, 1, 3 * chunk} {
		for name, fsys := range map[string]segment.FS{"memory": segmenttest.New(), "disk": segment.OS()} {
			if name == "disk" && buffer == 1 {
				continue
			}
			t.Run(fmt.Sprintf("%s/buffer=%d", name, buffer), func(t *testing.T) {
				dir := t.TempDir()
				opts := segment.Options{Buffer: buffer}
				l, err := segment.Open(fsys, dir, opts)
				if err != nil {
					t.Fatal(err)
				}
				var claims []flowfile.Claim
				for i, n := range sizes {
					b := noise(n, uint64(i))
					step := 1 + n/7
					c, err := l.Append(t.Context(), func(w io.Writer) error {
						for p := b; len(p) > 0; p = p[min(step, len(p)):] {
							if _, err := w.Write(p[:min(step, len(p))]); err != nil {
								return err
							}
						}
						return nil
					})
					if err != nil {
						t.Fatal(err)
					}
					if c.Size != int64(n) || (c.Segment == 0) != (n <= flowfile.InlineLimit) {
						t.Errorf("%d bytes: claim %+v", n, c)
					}
					wantBytes(t, l, c, b)
					claims = append(claims, c)
				}
				if err := l.Close(); err != nil {
					t.Fatal(err)
				}
				l, err = segment.Open(fsys, dir, opts)
				if err != nil {
					t.Fatal(err)
				}
				defer l.Close()
				for i, c := range claims {
					wantBytes(t, l, c, noise(sizes[i], uint64(i)))
				}
				for _, s := range l.Segments() {
					r, err := l.Verify(t.Context(), s.Number)
					if err != nil || r.Damaged != 0 || r.Tail != 0 || r.Size != s.Size {
						t.Errorf("Verify = %+v, %v", r, err)
					}
					if err := l.Remove(s.Number); err != nil {
						t.Error(err)
					}
				}
				if left, err := fsys.ReadDir(filepath.Join(dir, "content")); err != nil || len(left) != 0 {
					t.Errorf("%d files are left, %v", len(left), err)
				}
			})
		}
	}
}

func TestAppendIsAllOrNothing(t *testing.T) {
	broken := errors.New("source broke")
	for _, n := range []int{100, 5000, 300 << 10} {
		l := open(t, segmenttest.New(), segment.Options{Buffer: 128 << 10})
		keep := mustPut(t, l, noise(400<<10, 1))
		var leaked io.Writer
		_, err := l.Append(t.Context(), func(w io.Writer) error {
			leaked = w
			w.Write(noise(n, 2))
			return broken
		})
		if !errors.Is(err, broken) {
			t.Fatalf("%d bytes: error = %v", n, err)
		}
		if _, err := leaked.Write([]byte("late")); !errors.Is(err, fs.ErrClosed) {
			t.Errorf("write after the append: %v", err)
		}
		next := mustPut(t, l, noise(400<<10, 3))
		wantBytes(t, l, keep, noise(400<<10, 1))
		wantBytes(t, l, next, noise(400<<10, 3))
		if got := l.Staged(); got != 2 {
			t.Errorf("%d bytes: %d staged, want 2", n, got)
		}
		if got := len(l.Segments()); got != 1 {
			t.Errorf("%d bytes: %d segments, want the lane reused", n, got)
		}
		if r, err := l.Verify(t.Context(), next.Segment); err != nil || r.Contents != 2 || r.Tail != 0 {
			t.Errorf("Verify = %+v, %v", r, err)
		}
	}
}

func TestAppendGivesItsLaneBackOnPanic(t *testing.T) {
	l := open(t, segmenttest.New(), segment.Options{Buffer: 1})
	func() {
		defer func() { recover() }()
		l.Append(t.Context(), func(w io.Writer) error {
			w.Write(noise(200<<10, 1))
			panic("processor")
		})
	}()
	c := mustPut(t, l, noise(200<<10, 2))
	wantBytes(t, l, c, noise(200<<10, 2))
	if n := len(l.Segments()); n != 1 {
		t.Errorf("%d segments, want 1", n)
	}
}

func TestCancelledContext(t *testing.T) {
	l := open(t, segmenttest.New(), segment.Options{})
	c := mustPut(t, l, noise(1<<20, 1))
	ctx, cancel := context.WithCancel(t.Context())
	r, err := l.OpenClaim(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := io.ReadFull(r, make([]byte, 64<<10)); err != nil {
		t.Fatal(err)
	}
	_, err = l.Append(ctx, func(w io.Writer) error {
		cancel()
		_, err := w.Write(noise(600, 1))
		return err
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Append = %v", err)
	}
	if _, err := io.ReadAll(r); !errors.Is(err, context.Canceled) {
		t.Errorf("read = %v", err)
	}
	if _, err := l.OpenClaim(ctx, c); !errors.Is(err, context.Canceled) {
		t.Errorf("OpenClaim = %v", err)
	}
}

func TestConcurrentAppendsReadsAndSyncs(t *testing.T) {
	l := open(t, segmenttest.New(), segment.Options{SegmentSize: 300 << 10, Buffer: 100 << 10, Handles: 2})
	var wg, sync1 sync.WaitGroup
	stop := make(chan struct{})
	sync1.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				if err := l.Sync(); err != nil {
					t.Error(err)
					return
				}
				l.Segments()
			}
		}
	})
	for g := range 6 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(g), 1))
			var claims []flowfile.Claim
			for i := range 30 {
				n := r.IntN(20 << 10)
				if i%10 == 9 {
					n = r.IntN(400 << 10)
				}
				c, err := put(l, noise(n, uint64(g*1000+i)))
				if err != nil {
					t.Error(err)
					return
				}
				claims = append(claims, c)
				j := r.IntN(len(claims))
				b, err := get(l, claims[j])
				if err != nil || !bytes.Equal(b, noise(int(claims[j].Size), uint64(g*1000+j))) {
					t.Errorf("content %d of %d: %v", j, g, err)
				}
			}
		})
	}
	wg.Wait()
	close(stop)
	sync1.Wait()
	for _, s := range l.Segments() {
		if rep, err := l.Verify(t.Context(), s.Number); err != nil || rep.Tail != 0 || rep.Damaged != 0 {
			t.Errorf("Verify = %+v, %v", rep, err)
		}
	}
}

// TestLargeContentDoesNotBlockSmall keeps one append open in the middle of
// large content while another finishes.
func TestLargeContentDoesNotBlockSmall(t *testing.T) {
	l := open(t, segmenttest.New(), segment.Options{Buffer: 64 << 10})
	b := noise(1<<20, 1)
	c, err := l.Append(t.Context(), func(w io.Writer) error {
		if _, err := w.Write(b[:900<<10]); err != nil {
			return err
		}
		wantBytes(t, l, mustPut(t, l, b[:5000]), b[:5000])
		wantBytes(t, l, mustPut(t, l, b[:300<<10]), b[:300<<10])
		if err := l.Sync(); err != nil {
			return err
		}
		_, err := w.Write(b[900<<10:])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	wantBytes(t, l, c, b)
}

func TestSyncCostsNothingWhenNothingIsNew(t *testing.T) {
	fsys := segmenttest.New()
	l := open(t, fsys, segment.Options{})
	mustPut(t, l, noise(5000, 1))
	if err := l.Sync(); err != nil {
		t.Fatal(err)
	}
	before := fsys.Count(segmenttest.OpSync) + fsys.Count(segmenttest.OpSyncDir)
	mustPut(t, l, noise(100, 1))
	for range 3 {
		if err := l.Sync(); err != nil {
			t.Fatal(err)
		}
	}
	if n := fsys.Count(segmenttest.OpSync) + fsys.Count(segmenttest.OpSyncDir) - before; n != 0 {
		t.Errorf("%d syncs with nothing new", n)
	}
	mustPut(t, l, noise(5000, 1))
	if err := l.Sync(); err != nil {
		t.Fatal(err)
	}
	if n := fsys.Count(segmenttest.OpSync) + fsys.Count(segmenttest.OpSyncDir) - before; n != 1 {
		t.Errorf("%d syncs for one append, want 1", n)
	}
}

func TestRemoveRefusesWhatIsInUse(t *testing.T) {
	fsys := segmenttest.New()
	l := open(t, fsys, segment.Options{SegmentSize: 8 << 10})
	first := mustPut(t, l, noise(9000, 1))
	if err := l.Remove(first.Segment); !errors.Is(err, segment.ErrInUse) {
		t.Errorf("remove the active segment: %v", err)
	}
	second := mustPut(t, l, noise(9000, 2))
	if first.Segment == second.Segment {
		t.Fatal("no rotation")
	}
	if err := l.Sync(); err != nil {
		t.Fatal(err)
	}
	if err := l.Remove(first.Segment); !errors.Is(err, segment.ErrInUse) {
		t.Errorf("remove a staged segment: %v", err)
	}
	l.Release(first)
	l.Release(first)
	l.Release(flowfile.Inline([]byte("x")))
	if err := l.Pin(first.Segment); err != nil {
		t.Fatal(err)
	}
	if err := l.Remove(first.Segment); !errors.Is(err, segment.ErrInUse) {
		t.Errorf("remove a pinned segment: %v", err)
	}
	l.Unpin(first.Segment)
	r, err := l.OpenClaim(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Remove(first.Segment); err != nil {
		t.Fatal(err)
	}
	var whole bytes.Buffer
	if _, err := io.CopyN(&whole, r, 1); err != nil {
		t.Fatal(err)
	}
	if _, err := r.(io.WriterTo).WriteTo(&whole); err != nil || !bytes.Equal(whole.Bytes(), noise(9000, 1)) {
		t.Errorf("a reader opened before the removal: %v", err)
	}
	r.Close()
	if _, err := get(l, first); fault.CodeOf(err) != "content_damaged" {
		t.Errorf("read after removal = %v", err)
	}
	if err := l.Remove(first.Segment); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("second removal = %v", err)
	}
	if err := l.Pin(first.Segment); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("pin of a removed segment = %v", err)
	}
	got := l.Segments()
	if len(got) != 1 || got[0].Number != second.Segment || got[0].Sealed || got[0].Staged != 1 {
		t.Errorf("Segments = %+v", got)
	}
}

func TestNumbersAreNotReused(t *testing.T) {
	fsys := segmenttest.New()
	l := open(t, fsys, segment.Options{})
	c := mustPut(t, l, noise(600, 1))
	next := l.NextSegment()
	l.Close()
	l = open(t, fsys, segment.Options{})
	if err := l.Remove(c.Segment); err != nil {
		t.Fatal(err)
	}
	l.Close()
	l = open(t, fsys, segment.Options{FirstSegment: next})
	if d := mustPut(t, l, noise(600, 1)); d.Segment != next {
		t.Errorf("segment %d, want %d", d.Segment, next)
	}
}

func TestReadHandlesAreBounded(t *testing.T) {
	fsys := segmenttest.New()
	l := open(t, fsys, segment.Options{SegmentSize: 1, Handles: 3})
	var claims []flowfile.Claim
	for i := range 10 {
		claims = append(claims, mustPut(t, l, noise(600, uint64(i))))
	}
	var readers []io.ReadCloser
	for _, c := range claims {
		r, err := l.OpenClaim(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		readers = append(readers, r)
	}
	for i, r := range readers {
		b, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(b, noise(600, uint64(i))) {
			t.Errorf("reader %d: %v", i, err)
		}
		r.Close()
		if _, err := r.Read(make([]byte, 1)); !errors.Is(err, fs.ErrClosed) {
			t.Errorf("read after Close = %v", err)
		}
	}
	if n := segment.OpenHandles(l); n > 3 {
		t.Errorf("%d handles are open, want at most 3", n)
	}
}

func TestClosedAndReadOnlyLogsRefuseWork(t *testing.T) {
	fsys := segmenttest.New()
	l := open(t, fsys, segment.Options{})
	c := mustPut(t, l, noise(700, 1))
	if err := l.AppendEvents(1, []flowfile.Event{{ID: 1, Type: flowfile.EventCreate}}); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	ro := open(t, fsys, segment.Options{ReadOnly: true, LastCommit: 1})
	for name, l := range map[string]*segment.Log{"closed": l, "read only": ro} {
		if _, err := put(l, noise(700, 1)); !errors.Is(err, fs.ErrClosed) {
			t.Errorf("%s: Append = %v", name, err)
		}
		if err := l.Sync(); !errors.Is(err, fs.ErrClosed) {
			t.Errorf("%s: Sync = %v", name, err)
		}
		if err := l.AppendEvents(2, []flowfile.Event{{}}); !errors.Is(err, fs.ErrClosed) {
			t.Errorf("%s: AppendEvents = %v", name, err)
		}
	}
	wantBytes(t, ro, c, noise(700, 1))
	if ev, err := ro.Events(1, 1, 10); err != nil || len(ev) != 1 {
		t.Errorf("Events = %v, %v", ev, err)
	}
	var out strings.Builder
	if err := ro.Dump(t.Context(), &out, c.Segment); err != nil || !strings.Contains(out.String(), "20      700") {
		t.Errorf("Dump = %v\n%s", err, out.String())
	}
}
