package store

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

// These benchmarks print ratios: run them with -benchtime=1x. Each measures raw
// bbolt and the store in turn, three times, and reports the median.

// benchValue is what a FlowFile of the benchmarks takes: about 320 bytes stored.
var benchValue = strings.Repeat("v", 200)

// usage is what a measurement cost.
type usage struct {
	hops    int64
	took    time.Duration
	cpu     time.Duration
	written int64
}

func (u usage) rate() float64 { return float64(u.hops) / u.took.Seconds() }

// metered runs fn and says what it cost.
func metered(fn func() int64) usage {
	var a, b syscall.Rusage
	wa := writtenBytes()
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &a)
	start := time.Now()
	n := fn()
	took := time.Since(start)
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &b)
	cpu := time.Duration(b.Utime.Nano()-a.Utime.Nano()) + time.Duration(b.Stime.Nano()-a.Stime.Nano())
	return usage{n, took, cpu, writtenBytes() - wa}
}

// writtenBytes is what this process has sent to disks; zero where unknown.
func writtenBytes() int64 {
	b, _ := os.ReadFile("/proc/self/io")
	for line := range bytes.Lines(b) {
		if v, ok := bytes.CutPrefix(line, []byte("write_bytes: ")); ok {
			n, _ := strconv.ParseInt(string(bytes.TrimSpace(v)), 10, 64)
			return n
		}
	}
	return 0
}

// rawHops moves values round four buckets, one synced transaction a session.
func rawHops(b *testing.B, size int, d time.Duration) usage {
	db, err := bolt.Open(filepath.Join(b.TempDir(), "raw.db"), 0o600,
		&bolt.Options{NoFreelistSync: true, FreelistType: bolt.FreelistMapType, InitialMmapSize: 1 << 30})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	value := bytes.Repeat([]byte("v"), 320)
	seq := uint64(0)
	name := func(i int) []byte { return []byte{'c', byte('0' + i%4)} }
	err = db.Update(func(tx *bolt.Tx) error {
		for i := range 4 {
			q, err := tx.CreateBucket(name(i))
			if err != nil {
				return err
			}
			q.FillPercent = 1
			for range 20 * size {
				seq++
				if err := q.Put(entryKey(0, place{defaultPrio, seq}), value); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return metered(func() (hops int64) {
		for i, end := 0, time.Now().Add(d); time.Now().Before(end); i++ {
			err := db.Update(func(tx *bolt.Tx) error {
				from, to := tx.Bucket(name(i)), tx.Bucket(name(i+1))
				from.FillPercent, to.FillPercent = 1, 1
				keys := make([][]byte, 0, size)
				c := from.Cursor()
				for k, _ := c.First(); k != nil && len(keys) < size; k, _ = c.Next() {
					keys = append(keys, bytes.Clone(k))
				}
				for _, k := range keys {
					if err := from.Delete(k); err != nil {
						return err
					}
					seq++
					if err := to.Put(entryKey(0, place{defaultPrio, seq}), value); err != nil {
						return err
					}
				}
				hops += int64(len(keys))
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
		}
		return hops
	})
}

// ringPlan is four maps in a ring.
func ringPlan() runs.Plan {
	p := runs.Plan{Nodes: map[string]runs.PlanNode{"src": {Kind: runs.Source, Law: runs.LawSource}},
		Conns: map[string]runs.PlanConn{}}
	for i := range 4 {
		p.Nodes[fmt.Sprintf("m%d", i)] = runs.PlanNode{Kind: runs.Map, Law: runs.LawMap}
		p.Conns[fmt.Sprintf("s%d", i)] = runs.PlanConn{From: "src", To: fmt.Sprintf("m%d", i), Class: flowfile.Out}
		p.Conns[fmt.Sprintf("c%d", i)] = runs.PlanConn{From: fmt.Sprintf("m%d", (i+3)%4), To: fmt.Sprintf("m%d", i), Class: flowfile.Out}
	}
	return p
}

// preload puts n FlowFiles on a connection, 1,000 a commit.
func preload(b testing.TB, s *Store, conn string, n int) {
	for n > 0 {
		k := min(n, 1000)
		n -= k
		d := &flowfile.Delivery{Flow: "ring", Node: "src"}
		for range k {
			id := s.NewID()
			d.Put = append(d.Put, flowfile.Put{Conn: conn, FlowFile: &flowfile.FlowFile{ID: id, Rows: 1, Entered: at,
				Content: flowfile.Inline([]byte(benchValue)), Origin: flowfile.SourceOrigin("src", uint64(id)),
				Attrs: flowfile.Attrs{{Name: "filename", Value: "users.ndjson"}, {Name: "mime.type", Value: flowfile.NDJSON}}}})
		}
		commit(b, s, d)
	}
}

// storeHops does the same through the store, by real sessions.
func storeHops(b *testing.B, size, inflight int, d time.Duration) usage {
	s, err := Open(context.Background(), b.TempDir(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close(context.Background())
	publish(b, s, "ring", ringPlan())
	for i := range 4 {
		preload(b, s, fmt.Sprintf("c%d", i), max(2*inflight, 20)*size)
	}
	// A session that finds nothing waits for a commit that feeds its connection,
	// as a server's does.
	var mu sync.Mutex
	var fed [4]uint64
	var waiting [4]*sync.Cond
	for i := range waiting {
		waiting[i] = sync.NewCond(&mu)
	}
	s.Subscribe(func(done []Committed) {
		mu.Lock()
		defer mu.Unlock()
		for _, c := range done {
			if len(c.Delivery.Put) > 0 {
				i := c.Delivery.Put[0].Conn[1] - '0'
				fed[i]++
				waiting[i].Signal()
			}
		}
	})
	r := &runs.Run{Flow: "ring"}
	return metered(func() int64 {
		var hops atomic.Int64
		var wg sync.WaitGroup
		end := time.Now().Add(d)
		for i := range 4 {
			for range inflight {
				wg.Go(func() {
					from, to := fmt.Sprintf("c%d", i), fmt.Sprintf("c%d", (i+1)%4)
					for time.Now().Before(end) {
						mu.Lock()
						seen := fed[i]
						mu.Unlock()
						x, _, g := session(s, r, fmt.Sprintf("m%d", i), flowfile.Fence{}, []string{from}, to)
						files := x.GetBatch(size)
						if len(files) == 0 {
							mu.Lock()
							for fed[i] == seen && time.Now().Before(end) {
								waiting[i].Wait()
							}
							mu.Unlock()
							continue
						}
						for _, f := range files {
							x.Transfer(f, "success")
						}
						if _, err := x.Commit(context.Background()); err != nil {
							b.Error(err)
							return
						}
						g.Close()
						hops.Add(int64(len(files)))
					}
					mu.Lock()
					defer mu.Unlock()
					for _, c := range waiting {
						c.Broadcast()
					}
				})
			}
		}
		wg.Wait()
		return hops.Load()
	})
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

// BenchmarkHops is durable hops against raw bbolt, by session size.
func BenchmarkHops(b *testing.B) {
	for _, c := range []struct{ size, inflight int }{{1, 8}, {10, 8}, {100, 8}, {1000, 8}, {1, 64}} {
		b.Run(fmt.Sprintf("size=%d/inflight=%d", c.size, c.inflight), func(b *testing.B) {
			for range b.N {
				var ratio, rate, raw, cpu, bytes []float64
				for range 3 {
					u := rawHops(b, c.size, time.Second)
					v := storeHops(b, c.size, c.inflight, time.Second)
					ratio = append(ratio, v.rate()/u.rate())
					rate, raw = append(rate, v.rate()), append(raw, u.rate())
					cpu = append(cpu, float64(v.cpu.Nanoseconds())/1000/float64(v.hops))
					bytes = append(bytes, float64(v.written)/float64(v.hops))
				}
				b.ReportMetric(median(ratio), "x_raw")
				b.ReportMetric(median(rate), "hops/s")
				b.ReportMetric(median(raw), "raw_hops/s")
				b.ReportMetric(median(cpu), "cpu_us/hop")
				b.ReportMetric(median(bytes), "B_written/hop")
			}
		})
	}
}

// BenchmarkAgainstBestRaw is sessions of 100 against raw bbolt with the session
// size that is best for it.
func BenchmarkAgainstBestRaw(b *testing.B) {
	for range b.N {
		var ratio, best []float64
		for range 3 {
			var raw float64
			for _, size := range []int{1000, 3000, 10_000} {
				raw = max(raw, rawHops(b, size, time.Second).rate())
			}
			v := storeHops(b, 100, 8, time.Second)
			ratio, best = append(ratio, v.rate()/raw), append(best, raw)
		}
		b.ReportMetric(median(ratio), "x_best_raw")
		b.ReportMetric(median(best), "best_raw_hops/s")
	}
}

// appender appends 4 KB with fsync to a file of its own: the unit of latency.
func appender(b *testing.B) func() time.Duration {
	f, err := os.Create(filepath.Join(b.TempDir(), "append"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { f.Close() })
	block := make([]byte, 4096)
	return func() time.Duration {
		start := time.Now()
		if _, err := f.Write(block); err != nil {
			b.Fatal(err)
		}
		if err := syscall.Fdatasync(int(f.Fd())); err != nil {
			b.Fatal(err)
		}
		return time.Since(start)
	}
}

// BenchmarkHopLatency is one hop at a time, in units of the median append with
// fsync. Appends and hops take turns, so that other load on the disk meets both;
// how slow the slowest appends were tells what of the slowest hops is the disk's.
func BenchmarkHopLatency(b *testing.B) {
	for _, size := range []int{200, 64 << 10} {
		b.Run(fmt.Sprintf("content=%d", size), func(b *testing.B) {
			s, err := Open(context.Background(), b.TempDir(), Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close(context.Background())
			publish(b, s, "ring", ringPlan())
			preload(b, s, "c0", 10)
			r := &runs.Run{Flow: "ring"}
			body := bytes.Repeat([]byte("x"), size)
			for range b.N {
				sync := appender(b)
				var units, all []float64
				for i := range 1000 {
					units = append(units, float64(sync()))
					from, to := fmt.Sprintf("c%d", i%4), fmt.Sprintf("c%d", (i+1)%4)
					x, _, g := session(s, r, fmt.Sprintf("m%d", i%4), flowfile.Fence{}, []string{from}, to)
					start := time.Now()
					f := x.Get()
					if size > flowfile.InlineLimit {
						c, err := g.Append(context.Background(), writer(body))
						if err != nil {
							b.Fatal(err)
						}
						f.Content = c
					}
					x.Transfer(f, "success")
					end(b, x, g)
					all = append(all, float64(time.Since(start)))
				}
				unit, p50 := median(units), median(all)
				b.ReportMetric(p50/unit, "p50_syncs")
				b.ReportMetric(all[len(all)*99/100]/unit, "p99_syncs")
				b.ReportMetric(units[len(units)*99/100]/unit, "append_p99_syncs")
				b.ReportMetric(unit/1000, "append_us")
			}
		})
	}
}

// BenchmarkMillionQueued is memory, opening and paging with a long queue.
func BenchmarkMillionQueued(b *testing.B) {
	n := soak(1_000_000, 5_000_000)
	for range b.N {
		dir := b.TempDir()
		s, err := Open(context.Background(), dir, Options{NoSync: true})
		if err != nil {
			b.Fatal(err)
		}
		publish(b, s, "ring", ringPlan())
		preload(b, s, "c0", n)
		closeStore(b, s)
		start := time.Now()
		if s, err = Open(context.Background(), dir, Options{}); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(time.Since(start).Microseconds())/1000, "clean_ms")
		preload(b, s, "c1", 1) // from here on the file's list of free pages is stale
		var opens, cpu []float64
		for range 3 {
			if err := crash(s); err != nil {
				b.Fatal(err)
			}
			u := metered(func() int64 {
				if s, err = Open(context.Background(), dir, Options{}); err != nil {
					b.Fatal(err)
				}
				return 1
			})
			opens, cpu = append(opens, float64(u.took.Microseconds())/1000), append(cpu, float64(u.cpu.Microseconds())/1000)
		}
		b.ReportMetric(median(opens), "unclean_ms")
		b.ReportMetric(median(cpu), "unclean_cpu_ms")
		if d := s.Depth("ring", 0, "c0").N; d != int64(n) {
			b.Fatalf("%d queued", d)
		}
		v := s.Queues("ring", 0, 0)
		items, err := v.Take([]string{"c0"}, 100)
		if err != nil || len(items) != 100 {
			b.Fatalf("took %d: %v", len(items), err)
		}
		runtime.GC()
		anon, rss := memory()
		b.ReportMetric(float64(anon)/1024, "rss_anon_MB")
		b.ReportMetric(float64(rss)/1024, "rss_MB")
		seq := items[0].Seq
		var all []float64
		for i := range 200 {
			after := Place{defaultPrio, seq + uint64(i*7919%n)}
			start := time.Now()
			page, err := s.Peek("ring", 0, "c0", 0, after, 100)
			if err != nil || len(page) == 0 && i*7919%n < n-1 {
				b.Fatalf("page %d: %d entries, %v", i, len(page), err)
			}
			all = append(all, float64(time.Since(start).Microseconds())/1000)
		}
		b.ReportMetric(median(all), "page_ms")
		closeStore(b, s)
	}
}

// memory returns RssAnon and VmRSS in KB, zero where unknown.
func memory() (anon, rss int64) {
	b, _ := os.ReadFile("/proc/self/status")
	for line := range bytes.Lines(b) {
		name, rest, _ := strings.Cut(string(line), ":")
		n, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
		switch name {
		case "RssAnon":
			anon = n
		case "VmRSS":
			rss = n
		}
	}
	return anon, rss
}
