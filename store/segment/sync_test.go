package segment_test

import (
	"io/fs"
	"sync/atomic"
	"testing"

	"github.com/weirflow/weir/store/segment"
	"github.com/weirflow/weir/store/segment/segmenttest"
)

// hookFS calls after behind every good Sync of a file and counts open files.
type hookFS struct {
	segment.FS
	after func()
	open  atomic.Int64
}

type hookFile struct {
	segment.File
	fs *hookFS
}

func (h *hookFS) OpenFile(name string, flag int, perm fs.FileMode) (segment.File, error) {
	f, err := h.FS.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	h.open.Add(1)
	return hookFile{f, h}, nil
}

func (f hookFile) Sync() error {
	err := f.File.Sync()
	if h := f.fs.after; h != nil {
		f.fs.after = nil
		h()
	}
	return err
}

func (f hookFile) Close() error {
	f.fs.open.Add(-1)
	return f.File.Close()
}

func TestContentAppendedDuringASyncIsLeftForTheNext(t *testing.T) {
	mem := segmenttest.New()
	hooked := &hookFS{FS: mem}
	l := open(t, hooked, segment.Options{})
	mustPut(t, l, noise(600, 1))
	late := noise(700, 2)
	var c = mustPut(t, l, noise(600, 3))
	hooked.after = func() { c = mustPut(t, l, late) }
	for range 2 {
		if err := l.Sync(); err != nil {
			t.Fatal(err)
		}
	}
	after := open(t, mem.Crash(nil), segment.Options{})
	wantBytes(t, after, c, late)
}

func TestCloseClosesEveryFile(t *testing.T) {
	hooked := &hookFS{FS: segmenttest.New()}
	l := open(t, hooked, segment.Options{SegmentSize: 1 << 10, Buffer: 64 << 10, Handles: 1})
	for i := range 5 {
		c := mustPut(t, l, noise(2000+i*60_000, uint64(i)))
		r, err := l.OpenClaim(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		wantBytes(t, l, c, noise(int(c.Size), uint64(i)))
		if i == 4 {
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			if n := hooked.open.Load(); n == 0 {
				t.Error("Close took a file away from a reader")
			}
		}
		defer func() {
			r.Close()
			if n := hooked.open.Load(); i == 0 && n != 0 {
				t.Errorf("%d files are open at the end", n)
			}
		}()
	}
}
