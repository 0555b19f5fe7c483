package segmenttest_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"syscall"
	"testing"

	"github.com/weirflow/weir/store/segment"
	"github.com/weirflow/weir/store/segment/segmenttest"
)

func create(t *testing.T, fsys *segmenttest.FS, name string) segment.File {
	t.Helper()
	if err := fsys.MkdirAll("d", 0o700); err != nil {
		t.Fatal(err)
	}
	f, err := fsys.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func write(t *testing.T, f segment.File, s string, off int64) {
	t.Helper()
	if _, err := f.WriteAt([]byte(s), off); err != nil {
		t.Fatal(err)
	}
}

func TestOnlyWhatWasSyncedSurvives(t *testing.T) {
	fsys := segmenttest.New()
	f := create(t, fsys, "d/a")
	write(t, f, "hello", 0)
	if err := f.Sync(); err != nil {
		t.Fatal(err)
	}
	if n := fsys.Crash(nil).Names(); len(n) != 0 {
		t.Errorf("%v survive without a directory sync", n)
	}
	if err := fsys.SyncDir("d"); err != nil {
		t.Fatal(err)
	}
	write(t, f, "J", 0)
	write(t, f, " world", 5)
	if b, err := fsys.Crash(nil).ReadFile("d/a"); err != nil || string(b) != "hello" {
		t.Errorf("survivor = %q, %v", b, err)
	}
	if b, _ := fsys.ReadFile("d/a"); string(b) != "Jello world" {
		t.Errorf("processes see %q", b)
	}
	if err := fsys.Remove("d/a"); err != nil {
		t.Fatal(err)
	}
	if n := fsys.Crash(nil).Names(); len(n) != 1 {
		t.Error("a removal was durable without a directory sync")
	}
}

func TestUnsyncedWritesSurviveInManyWays(t *testing.T) {
	fsys := segmenttest.New()
	f := create(t, fsys, "d/a")
	old, fresh := bytes.Repeat([]byte("o"), 10_000), bytes.Repeat([]byte("n"), 20_000)
	write(t, f, string(old), 0)
	if err := f.Sync(); err != nil {
		t.Fatal(err)
	}
	fsys.SyncDir("d")
	write(t, f, string(fresh), 5_000)
	r := rand.New(rand.NewPCG(1, 1))
	states := map[string]bool{}
	var none, torn, zero bool
	for range 200 {
		b, err := fsys.Crash(r).ReadFile("d/a")
		if err != nil {
			t.Fatal(err)
		}
		states[string(b)] = true
		if len(b) < 10_000 || len(b) > 25_000 || !bytes.Equal(b[:4096], old[:4096]) {
			t.Fatalf("a survivor of %d bytes changed what was not written to", len(b))
		}
		if bytes.Trim(b, "on\x00") != nil {
			t.Fatal("a survivor has bytes that nobody wrote")
		}
		none = none || bytes.Equal(b, old)
		torn = torn || len(b) > 10_000 && len(b) < 25_000
		zero = zero || bytes.Contains(b, []byte("\x00n"))
	}
	if !none || !torn || !zero || len(states) < 20 {
		t.Errorf("none %v, torn %v, zeroed %v, %d states", none, torn, zero, len(states))
	}
	if b, _ := fsys.ReadFile("d/a"); len(b) != 25_000 {
		t.Error("the original changed")
	}
}

func TestInjectedFaults(t *testing.T) {
	fsys := segmenttest.New()
	f := create(t, fsys, "d/a")
	fsys.SyncDir("d")
	fsys.SetSpace(8)
	if n, err := f.WriteAt([]byte("0123456789"), 0); n != 8 || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("a write into 8 bytes: %d, %v", n, err)
	}
	if n, err := f.WriteAt([]byte("ab"), 0); n != 2 || err != nil {
		t.Errorf("overwriting on a full disk: %d, %v", n, err)
	}
	if err := f.Truncate(4); err != nil {
		t.Fatal(err)
	}
	if n, err := f.WriteAt([]byte("xy"), 4); n != 2 || err != nil {
		t.Errorf("after a truncation: %d, %v", n, err)
	}
	fsys.FailNext(segmenttest.OpShortWrite, 0, nil)
	if n, err := f.WriteAt([]byte("zz"), 0); n != 1 || err != nil {
		t.Errorf("a silent short write: %d, %v", n, err)
	}
	fsys.FailNext(segmenttest.OpSync, 1, syscall.EIO)
	if err := f.Sync(); err != nil {
		t.Fatal(err)
	}
	write(t, f, "Q", 0)
	if err := f.Sync(); !errors.Is(err, syscall.EIO) {
		t.Errorf("Sync = %v", err)
	}
	if err := f.Sync(); err != nil {
		t.Fatal(err)
	}
	if b, _ := fsys.Crash(nil).ReadFile("d/a"); string(b) != "zb23xy" {
		t.Errorf("after a failed sync %q survives", b)
	}
	if b, _ := fsys.ReadFile("d/a"); string(b) != "Qb23xy" {
		t.Errorf("processes see %q", b)
	}
}
