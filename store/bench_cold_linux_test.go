package store

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// evict writes weir.db to disk and drops it from memory, as far as nothing has
// it mapped, and fails when it stays.
func evict(b *testing.B, dir string) {
	f, err := os.Open(filepath.Join(dir, boltFile))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	fi, err := f.Stat()
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED)
	}
	if err != nil {
		b.Fatal(err)
	}
	if cached(f, fi.Size()) {
		b.Skip("this file system keeps the file in memory")
	}
}

// BenchmarkColdMillion opens a long queue and pages through it with nothing of
// weir.db in memory.
func BenchmarkColdMillion(b *testing.B) {
	n := soak(1_000_000, 5_000_000)
	dir := b.TempDir()
	s, err := Open(context.Background(), dir, Options{NoSync: true})
	if err != nil {
		b.Fatal(err)
	}
	publish(b, s, "ring", ringPlan())
	preload(b, s, "c0", n)
	for range b.N {
		var opens, pages []float64
		for range 3 {
			if err := crash(s); err != nil {
				b.Fatal(err)
			}
			evict(b, dir)
			start := time.Now()
			if s, err = Open(context.Background(), dir, Options{}); err != nil {
				b.Fatal(err)
			}
			opens = append(opens, float64(time.Since(start).Microseconds())/1000)
		}
		if d := s.Depth("ring", 0, "c0").N; d != int64(n) {
			b.Fatalf("%d queued", d)
		}
		head, err := s.Peek("ring", 0, "c0", 0, Place{}, 1)
		if err != nil || len(head) != 1 {
			b.Fatalf("peek: %d entries, %v", len(head), err)
		}
		for i := range 100 {
			if err := giveBack(s.db.Info().Data, s.size); err != nil {
				b.Fatal(err)
			}
			evict(b, dir)
			after := Place{defaultPrio, head[0].Place.Seq + uint64(i*7919%n)}
			start := time.Now()
			page, err := s.Peek("ring", 0, "c0", 0, after, 100)
			if err != nil || len(page) == 0 {
				b.Fatalf("page %d: %d entries, %v", i, len(page), err)
			}
			pages = append(pages, float64(time.Since(start).Microseconds())/1000)
		}
		b.ReportMetric(median(opens), "unclean_cold_ms")
		b.ReportMetric(median(pages), "page_cold_ms")
		b.ReportMetric(pages[len(pages)-1], "page_cold_max_ms")
	}
	closeStore(b, s)
}
