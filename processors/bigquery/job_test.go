package bigquery

import (
	"testing"
	"time"
)

// TestLooksAtAJob says when a job's end is seen that took so long, and by how
// many looks.
func TestLooksAtAJob(t *testing.T) {
	for _, c := range []struct {
		took, seen time.Duration
		looks      int
	}{
		{80 * time.Millisecond, 100 * time.Millisecond, 1},
		{250 * time.Millisecond, 300 * time.Millisecond, 2},
		{1500 * time.Millisecond, 1500 * time.Millisecond, 4},
		{5 * time.Second, 6300 * time.Millisecond, 6},
		{10 * time.Minute, 602700 * time.Millisecond, 66}, // every ten seconds
	} {
		var waited time.Duration
		n := 0
		for ; waited < c.took; n++ {
			waited += lookAfter(n)
		}
		if waited != c.seen || n != c.looks {
			t.Errorf("a job of %s is seen after %s, by %d looks; want %s, %d", c.took, waited, n, c.seen, c.looks)
		}
	}
}
