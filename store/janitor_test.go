package store

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/store/segment"
)

// TestAProcessOfOneRunSweepsToo opens and closes the store as a command of cron
// does, which never lives to the janitor's second look: what nothing refers to
// any more is deleted all the same, once it is old enough.
func TestAProcessOfOneRunSweepsToo(t *testing.T) {
	dir := t.TempDir()
	o := testOptions()
	o.FS = lazyFS{segment.OS()}
	s := openStore(t, dir, o)
	v := publish(t, s, "users", chainPlan(1))
	r := startRun(t, s, "users", v)
	emit(t, s, r, "c0", 3, func(int) string { return strings.Repeat("x", 4096) })
	for range 3 {
		move(t, s, r, "m1", "c0", "c1", 7)
	}
	drain(t, s, r, "c1")
	closeStore(t, s)
	segments := func() []string {
		t.Helper()
		all, err := filepath.Glob(filepath.Join(dir, "content", "*.seg"))
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	before := segments()
	if len(before) == 0 {
		t.Fatal("no content was written")
	}
	old := at.Add(-13 * time.Hour)
	for _, f := range before {
		if err := os.Chtimes(f, old, old); err != nil {
			t.Fatal(err)
		}
	}
	s = openStore(t, dir, o)
	deadline := time.After(10 * time.Second)
	for left(before) > 0 {
		select {
		case <-deadline:
			t.Fatalf("%d of %d old segments are still there", left(before), len(before))
		case <-time.After(time.Millisecond):
		}
	}
	closeStore(t, s)
}

// left counts the files that are there.
func left(files []string) (n int) {
	for _, f := range files {
		if _, err := os.Stat(f); err == nil {
			n++
		}
	}
	return n
}
