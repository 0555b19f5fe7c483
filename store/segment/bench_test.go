package segment_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/store/segment"
)

func diskLog(b *testing.B, opts segment.Options) *segment.Log {
	b.Helper()
	l, err := segment.Open(segment.OS(), b.TempDir(), opts)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	return l
}

// BenchmarkAppendSync is what a commit of one FlowFile pays for its content.
func BenchmarkAppendSync(b *testing.B) {
	for _, n := range []int{4 << 10, 64 << 10, 1 << 20, 8 << 20} {
		b.Run(fmt.Sprintf("%dKiB", n>>10), func(b *testing.B) {
			l := diskLog(b, segment.Options{})
			p := noise(n, 1)
			b.SetBytes(int64(n))
			b.ReportAllocs()
			for b.Loop() {
				c, err := put(l, p)
				if err == nil {
					err = l.Sync()
				}
				if err != nil {
					b.Fatal(err)
				}
				l.Release(c)
			}
		})
	}
}

// BenchmarkRawAppendSync is the floor for BenchmarkAppendSync: one write and
// one fdatasync.
func BenchmarkRawAppendSync(b *testing.B) {
	for _, n := range []int{4 << 10, 64 << 10, 1 << 20} {
		b.Run(fmt.Sprintf("%dKiB", n>>10), func(b *testing.B) {
			f, err := segment.OS().OpenFile(filepath.Join(b.TempDir(), "raw"), os.O_CREATE|os.O_RDWR, 0o600)
			if err != nil {
				b.Fatal(err)
			}
			defer f.Close()
			p := noise(n, 1)
			off := int64(0)
			b.SetBytes(int64(n))
			for b.Loop() {
				if off >= 64<<20 {
					off = 0
					if err := f.Truncate(0); err != nil {
						b.Fatal(err)
					}
				}
				if _, err := f.WriteAt(p, off); err != nil {
					b.Fatal(err)
				}
				if err := f.Sync(); err != nil {
					b.Fatal(err)
				}
				off += int64(n)
			}
		})
	}
}

func BenchmarkAppend(b *testing.B) {
	for _, n := range []int{4 << 10, 64 << 10, 1 << 20} {
		b.Run(fmt.Sprintf("%dKiB", n>>10), func(b *testing.B) {
			l := diskLog(b, segment.Options{})
			p := noise(n, 1)
			b.SetBytes(int64(n))
			b.ReportAllocs()
			done, last := 0, uint64(0)
			for b.Loop() {
				c, err := put(l, p)
				if err != nil {
					b.Fatal(err)
				}
				l.Release(c)
				if done += n; done > 64<<20 && c.Segment != last {
					// Keep the disk from filling.
					done, last = 0, c.Segment
					if err := l.Sync(); err != nil {
						b.Fatal(err)
					}
					for _, s := range l.Segments() {
						if s.Sealed {
							l.Remove(s.Number)
						}
					}
				}
			}
		})
	}
}

func BenchmarkOpenClaim(b *testing.B) {
	for _, n := range []int{100, 4 << 10, 64 << 10, 8 << 20} {
		b.Run(fmt.Sprintf("%dB", n), func(b *testing.B) {
			l := diskLog(b, segment.Options{})
			c := mustPut(b, l, noise(n, 1))
			b.SetBytes(int64(n))
			b.ReportAllocs()
			for b.Loop() {
				r, err := l.OpenClaim(context.Background(), c)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := io.Copy(io.Discard, r); err != nil {
					b.Fatal(err)
				}
				r.Close()
			}
		})
	}
}

// BenchmarkAppendEvents reports the time and the bytes of one event.
func BenchmarkAppendEvents(b *testing.B) {
	for _, n := range []int{1, 10, 100, 5000} {
		b.Run(fmt.Sprintf("batch=%d", n), func(b *testing.B) {
			l := diskLog(b, segment.Options{})
			r := rand.New(rand.NewPCG(1, 1))
			evs := lineage(r, 1000, n, epoch)
			commit := uint64(0)
			b.ReportAllocs()
			for b.Loop() {
				commit++
				if err := l.AppendEvents(commit, evs); err != nil {
					b.Fatal(err)
				}
				if commit%1000 == 0 {
					b.StopTimer()
					if err := l.Sync(); err != nil {
						b.Fatal(err)
					}
					if _, err := l.Retain(0, 256<<20, time.Now()); err != nil {
						b.Fatal(err)
					}
					b.StartTimer()
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/event")
			var bytes int64
			events := 0
			for _, f := range l.EventFiles() {
				bytes += f.Size
				events += f.Events
			}
			b.ReportMetric(float64(bytes)/float64(events), "B/event")
		})
	}
}

// BenchmarkEvents asks for one FlowFile's lineage among two million events.
func BenchmarkEvents(b *testing.B) {
	l := diskLog(b, segment.Options{})
	r := rand.New(rand.NewPCG(1, 1))
	id, commit := uint64(1000), uint64(0)
	for range 2000 {
		commit++
		evs := lineage(r, id, 1000, epoch)
		for i := range evs[:500] { // half are moved by later sessions
			evs[i].ID = flowfile.ID(1000 + r.Uint64N(id))
		}
		if err := l.AppendEvents(commit, evs); err != nil {
			b.Fatal(err)
		}
		id += 1000
	}
	if err := l.Sync(); err != nil {
		b.Fatal(err)
	}
	found := 0
	for b.Loop() {
		ev, err := l.Events(flowfile.ID(1000+r.Uint64N(id)), commit, 100)
		if err != nil {
			b.Fatal(err)
		}
		found += len(ev)
	}
	b.ReportMetric(float64(found)/float64(b.N), "events")
	b.ReportMetric(float64(len(l.EventFiles())), "files")
}
