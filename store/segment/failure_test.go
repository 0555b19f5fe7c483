package segment_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"syscall"
	"testing"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/store/segment"
	"github.com/weirflow/weir/store/segment/segmenttest"
)

func TestFullDiskIsTypedAndPasses(t *testing.T) {
	for _, size := range []int{600, 200 << 10, 3 << 20} {
		for room := int64(0); room < int64(size)+200; room += int64(size)/11 + 5 {
			fsys := segmenttest.New()
			l := open(t, fsys, segment.Options{Buffer: 128 << 10})
			keep := mustPut(t, l, noise(700, 1))
			if err := l.Sync(); err != nil {
				t.Fatal(err)
			}
			fsys.SetSpace(room)
			c, err := put(l, noise(size, 2))
			if err == nil {
				if int64(size) > room {
					t.Fatalf("%d bytes went into %d", size, room)
				}
				wantBytes(t, l, c, noise(size, 2))
				continue
			}
			if class, _ := fault.ClassOf(err); fault.CodeOf(err) != "disk_full" || class != fault.Retryable {
				t.Fatalf("error = %v", err)
			}
			if !errors.Is(err, syscall.ENOSPC) {
				t.Errorf("the cause is lost: %v", err)
			}
			wantBytes(t, l, keep, noise(700, 1))
			fsys.SetSpace(1 << 40)
			c = mustPut(t, l, noise(size, 3))
			if err := l.Sync(); err != nil {
				t.Fatal(err)
			}
			l = open(t, fsys.Crash(nil), segment.Options{})
			wantBytes(t, l, keep, noise(700, 1))
			wantBytes(t, l, c, noise(size, 3))
			for _, s := range l.Segments() {
				if r, err := l.Verify(t.Context(), s.Number); err != nil || r.Tail != 0 || r.Damaged != 0 {
					t.Errorf("room %d: Verify = %+v, %v", room, r, err)
				}
			}
		}
	}
}

func TestWriteFailures(t *testing.T) {
	for _, tc := range []struct {
		name string
		op   segmenttest.Op
		err  error
		code string
	}{
		{"write", segmenttest.OpWrite, syscall.EIO, "content_write"},
		{"quota", segmenttest.OpWrite, syscall.EDQUOT, "disk_full"},
		{"short write", segmenttest.OpShortWrite, syscall.EIO, "content_write"},
		{"silent short write", segmenttest.OpShortWrite, nil, "content_write"},
		{"create", segmenttest.OpCreate, syscall.ENOSPC, "disk_full"},
	} {
		for _, size := range []int{600, 1 << 20} {
			for after := range 3 {
				fsys := segmenttest.New()
				l := open(t, fsys, segment.Options{Buffer: 128 << 10, SegmentSize: 1 << 10})
				fsys.FailNext(tc.op, after, tc.err)
				var good []flowfile.Claim
				var bad error
				for i := range 6 {
					c, err := put(l, noise(size, uint64(i)))
					if err != nil {
						bad = err
						continue
					}
					wantBytes(t, l, c, noise(size, uint64(i)))
					good = append(good, c)
				}
				if fault.CodeOf(bad) != tc.code || len(good) != 5 {
					t.Errorf("%s of %d bytes after %d: %d good, %v", tc.name, size, after, len(good), bad)
				}
			}
		}
	}
}

// TestFailedTruncationSealsTheSegment meets a disk that neither takes a write
// nor lets the rest of it be cut off.
func TestFailedTruncationSealsTheSegment(t *testing.T) {
	for _, size := range []int{600, 1 << 20} {
		fsys := segmenttest.New()
		l := open(t, fsys, segment.Options{Buffer: 128 << 10})
		first := mustPut(t, l, noise(size, 1))
		fsys.FailNext(segmenttest.OpShortWrite, 0, syscall.EIO)
		fsys.FailNext(segmenttest.OpTruncate, 0, syscall.EIO)
		if _, err := put(l, noise(size, 2)); fault.CodeOf(err) != "content_write" {
			t.Fatalf("error = %v", err)
		}
		second := mustPut(t, l, noise(size, 3))
		if first.Segment == second.Segment {
			t.Error("content was written behind garbage")
		}
		if err := l.Sync(); err != nil {
			t.Fatal(err)
		}
		l = open(t, fsys.Crash(nil), segment.Options{})
		wantBytes(t, l, first, noise(size, 1))
		wantBytes(t, l, second, noise(size, 3))
	}
}

func TestFailedSyncIsFinal(t *testing.T) {
	for _, op := range []segmenttest.Op{segmenttest.OpSync, segmenttest.OpSyncDir} {
		for _, size := range []int{700, 1 << 20} {
			fsys := segmenttest.New()
			l := open(t, fsys, segment.Options{Buffer: 128 << 10})
			fsys.FailNext(op, 0, syscall.EIO)
			c, err := put(l, noise(size, 1))
			if err == nil {
				err = l.Sync()
			}
			if class, _ := fault.ClassOf(err); fault.CodeOf(err) != "log_poisoned" || class != fault.Permanent || !errors.Is(err, syscall.EIO) {
				t.Fatalf("error = %v", err)
			}
			if err := l.Sync(); fault.CodeOf(err) != "log_poisoned" {
				t.Errorf("second Sync = %v: the lost pages would count as durable", err)
			}
			if _, err := put(l, noise(size, 1)); fault.CodeOf(err) != "log_poisoned" {
				t.Errorf("Append = %v", err)
			}
			if err := l.AppendEvents(1, []flowfile.Event{{ID: 1}}); fault.CodeOf(err) != "log_poisoned" {
				t.Errorf("AppendEvents = %v", err)
			}
			if c.Segment != 0 {
				wantBytes(t, l, c, noise(size, 1))
			}
			if err := l.Close(); err != nil {
				t.Errorf("Close = %v", err)
			}
		}
	}
}

func TestFailedReadMayPass(t *testing.T) {
	fsys := segmenttest.New()
	l := open(t, fsys, segment.Options{})
	c := mustPut(t, l, noise(1000, 1))
	wantBytes(t, l, c, noise(1000, 1))
	fsys.FailNext(segmenttest.OpRead, 0, syscall.EIO)
	_, err := get(l, c)
	if class, _ := fault.ClassOf(err); fault.CodeOf(err) != "content_read" || class != fault.Retryable {
		t.Errorf("read = %v", err)
	}
	wantBytes(t, l, c, noise(1000, 1))
}

// TestCrashes runs random appends and commits, loses power at every few steps
// in several ways, and goes on from one of the survivors. What was committed
// (synced and then noted) must be whole; what was not may be gone or whole,
// never wrong.
func TestCrashes(t *testing.T) {
	rounds := 8
	if soak {
		rounds = 400
	}
	type item struct {
		claim flowfile.Claim
		seed  uint64
	}
	for seed := range uint64(rounds) {
		r := rand.New(rand.NewPCG(seed, 99))
		fsys := segmenttest.New()
		opts := segment.Options{SegmentSize: 60 << 10, EventFileSize: 2 << 10, Buffer: 70 << 10}
		l := open(t, fsys, opts)
		var committed, staged []item
		var told, waiting []flowfile.ID // by events
		commit := uint64(0)
		id := uint64(0)
		check := func(l *segment.Log, what string) {
			for _, x := range committed {
				wantBytes(t, l, x.claim, noise(int(x.claim.Size), x.seed))
			}
			for _, x := range staged {
				b, err := get(l, x.claim)
				if err == nil && !bytes.Equal(b, noise(int(x.claim.Size), x.seed)) {
					t.Fatalf("seed %d, %s: wrong bytes", seed, what)
				}
				if err != nil && fault.CodeOf(err) != "content_damaged" {
					t.Fatalf("seed %d, %s: %v", seed, what, err)
				}
			}
			for i, id := range told {
				ev, err := l.Events(id, commit, 10)
				if err != nil || len(ev) != 1 || ev[0].Rows != int64(i) {
					t.Fatalf("seed %d, %s: events of %d = %+v, %v", seed, what, id, ev, err)
				}
			}
			for _, id := range waiting {
				if ev, err := l.Events(id, commit, 10); err != nil || len(ev) != 0 {
					t.Fatalf("seed %d, %s: events of commit %d that never happened: %+v, %v", seed, what, commit+1, ev, err)
				}
			}
		}
		for step := range 30 {
			switch k := r.IntN(10); {
			case k < 5:
				n := 513 + r.IntN(20<<10)
				if k == 0 {
					n = r.IntN(250 << 10)
				}
				id++
				c, err := put(l, noise(n, id))
				if err != nil {
					t.Fatal(err)
				}
				staged = append(staged, item{c, id})
			case k < 8:
				var evs []flowfile.Event
				if r.IntN(3) > 0 {
					for range 1 + r.IntN(40) {
						id++
						evs = append(evs, flowfile.Event{ID: flowfile.ID(id), Type: flowfile.EventRoute, Node: "n", Rows: int64(len(told) + len(waiting))})
						waiting = append(waiting, flowfile.ID(id))
					}
				}
				if err := l.AppendEvents(commit+1, evs); err != nil {
					t.Fatal(err)
				}
				switch r.IntN(6) {
				case 0:
					if err := l.DropEvents(commit + 1); err != nil {
						t.Fatal(err)
					}
					waiting = nil
					continue
				case 1:
					crash(t, fsys, r, opts, commit, check)
				}
				if err := l.Sync(); err != nil {
					t.Fatal(err)
				}
				crash(t, fsys, r, opts, commit, check)
				commit++
				committed, staged = append(committed, staged...), nil
				told, waiting = append(told, waiting...), nil
			case k == 8:
				crash(t, fsys, r, opts, commit, check)
			default:
				fsys = crash(t, fsys, r, opts, commit, check)
				l.Close()
				opts.LastCommit = commit
				l = open(t, fsys, opts)
				staged, waiting = nil, nil
				if step%2 == 0 {
					check(l, "goes on")
				}
			}
		}
		check(l, "end")
	}
}

// crash checks several survivors of a power loss and returns one of them.
func crash(t *testing.T, fsys *segmenttest.FS, r *rand.Rand, opts segment.Options, commit uint64, check func(*segment.Log, string)) *segmenttest.FS {
	t.Helper()
	opts.LastCommit = commit
	var last *segmenttest.FS
	for i := range 3 {
		rng := r
		if i == 0 {
			rng = nil
		}
		last = fsys.Crash(rng)
		l := open(t, last.Crash(nil), opts)
		check(l, "after a crash")
		l.Close()
	}
	return last
}

func TestFullDiskWhileSpilling(t *testing.T) {
	fsys := segmenttest.New()
	l := open(t, fsys, segment.Options{Buffer: 64 << 10})
	fsys.SetSpace(500 << 10)
	var ignored error
	_, err := l.Append(context.Background(), func(w io.Writer) error {
		for i := range 20 {
			if _, err := w.Write(noise(64<<10, uint64(i))); err != nil {
				ignored = err // a writer that does not look at its errors
			}
		}
		return nil
	})
	if ignored == nil || fault.CodeOf(err) != "disk_full" {
		t.Errorf("Append = %v, its writer saw %v", err, ignored)
	}
	c := mustPut(t, l, noise(400<<10, 1))
	wantBytes(t, l, c, noise(400<<10, 1))
}
