package store

import (
	"os"
	"testing"
	"time"

	"github.com/weirflow/weir/fault"
)

// TestAStartWaitsForThoseWhoOnlyLook holds the lock as HeldBy does, and as a
// process does that has not written its line, for some of the waits of another
// that starts.
func TestAStartWaitsForThoseWhoOnlyLook(t *testing.T) {
	for _, c := range []struct {
		name   string
		lock   func(*os.File) error
		line   string
		until  int // the wait in which the lock is given back
		waits  int
		refuse string
	}{
		{name: "a look", lock: flockShared, until: 1, waits: 1},
		{name: "many looks", lock: flockShared, until: 7, waits: 7},
		{name: "a look at what a crash left", lock: flockShared, line: `{"pid": 2147483647}`, until: 2, waits: 2},
		{name: "a start that gave up", lock: flock, until: 3, waits: 3},
		{name: "half a line", lock: flock, line: `{"pid": 2`, until: 1, waits: 1},
		{name: "nobody known, for good", lock: flock, until: -1, waits: lockTries - 1, refuse: "?"},
		{name: "a process of another machine's numbers", lock: flock, line: `{"pid": 2147483647}`, until: -1, waits: lockTries - 1, refuse: "2147483647"},
		{name: "init", lock: flock, line: `{"pid": 1}`, until: -1, waits: 0, refuse: "1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(lockPath(dir), []byte(c.line), 0o600); err != nil {
				t.Fatal(err)
			}
			f, err := os.Open(lockPath(dir))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if err := c.lock(f); err != nil {
				t.Fatal(err)
			}
			waits := 0
			l, err := acquire(dir, "", at, func(time.Duration) {
				if waits++; waits == c.until {
					f.Close()
				}
			})
			if waits != c.waits {
				t.Errorf("waited %d times, want %d", waits, c.waits)
			}
			if c.refuse != "" {
				if x := fault.As(err); x == nil || x.Code != "store_locked" || x.Args["pid"] != c.refuse {
					t.Errorf("acquire: %v, want store_locked by %s", err, c.refuse)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if h, held := HeldBy(dir); !held || h.PID != os.Getpid() {
				t.Errorf("held %v by %+v", held, h)
			}
			if err := l.release(); err != nil {
				t.Error(err)
			}
		})
	}
}
