package store

import (
	"bytes"
	"context"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/store/segment"
	"github.com/weirflow/weir/store/segment/segmenttest"
)

// rebase shows the files of one directory under the name of another.
type rebase struct {
	segment.FS
	from, to string
}

func (r rebase) name(n string) string { return r.to + strings.TrimPrefix(n, r.from) }

func (r rebase) OpenFile(n string, flag int, perm fs.FileMode) (segment.File, error) {
	return r.FS.OpenFile(r.name(n), flag, perm)
}
func (r rebase) MkdirAll(n string, perm fs.FileMode) error { return r.FS.MkdirAll(r.name(n), perm) }
func (r rebase) Remove(n string) error                     { return r.FS.Remove(r.name(n)) }
func (r rebase) ReadDir(n string) ([]fs.DirEntry, error)   { return r.FS.ReadDir(r.name(n)) }
func (r rebase) SyncDir(n string) error                    { return r.FS.SyncDir(r.name(n)) }

// rawState sums up everything in a database file.
func rawState(t testing.TB, path string) uint32 {
	t.Helper()
	db, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true})
	if err != nil {
		t.Fatalf("open %s: %v", path, err)
	}
	defer db.Close()
	sum := crc32.New(castagnoli)
	var walk func(b *bolt.Bucket) error
	walk = func(b *bolt.Bucket) error {
		return b.ForEach(func(k, v []byte) error {
			fmt.Fprintf(sum, "%d:%x:%x;", len(k), k, v)
			if v == nil {
				return walk(b.Bucket(k))
			}
			return nil
		})
	}
	if err := db.View(func(tx *bolt.Tx) error { return walk(tx.Cursor().Bucket()) }); err != nil {
		t.Fatal(err)
	}
	return sum.Sum32()
}

// power makes commits and, for each, the states that a power loss may leave.
type power struct {
	t    *testing.T
	rng  *rand.Rand
	dir  string
	fs   *segmenttest.FS
	s    *Store
	snap func() *segmenttest.FS // the segments at the last commit
	next int
}

// step makes one random commit.
func (p *power) step() {
	t, s := p.t, p.s
	depth := s.Depths("stream", 0)
	from, to := "c0", []string{"c1"}
	if p.rng.IntN(2) == 0 {
		from, to = "c1", nil
	}
	if depth[from].N == 0 || p.rng.IntN(3) == 0 {
		feed(t, s, "stream", "c0", 1+p.rng.IntN(12))
		return
	}
	r := &runs.Run{Flow: "stream"}
	node := map[string]string{"c0": "m1", "c1": "sink"}[from]
	x, v, g := session(s, r, node, flowfile.Fence{}, []string{from}, to...)
	for i, f := range x.GetBatch(1 + p.rng.IntN(10)) {
		switch {
		case to == nil:
			x.Drop(f, flowfile.Committed, "")
			continue
		case i%3 == 0:
			p.next++
			if err := x.Write(f, func(w io.Writer) error { _, err := io.WriteString(w, contents(p.next)); return err }); err != nil {
				t.Fatal(err)
			}
		}
		x.Transfer(f, "success")
	}
	end(t, x, g)
	_ = v
}

// readable opens the directory and reads every content that is queued.
func (p *power) readable(dir string, fsys *segmenttest.FS, what string) {
	t := p.t
	opts := testOptions()
	opts.FS = rebase{fsys, dir, p.dir}
	opts.DiskReserve = -1
	s, err := Open(context.Background(), dir, opts)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	defer func() { _ = crash(s) }()
	for conn, n := range s.Depths("stream", 0) {
		page, err := s.Peek("stream", 0, conn, 0, Place{}, int(n.N)+1)
		if err != nil || int64(len(page)) != n.N {
			t.Fatalf("%s: %s holds %d of %d: %v", what, conn, len(page), n.N, err)
		}
		for _, q := range page {
			rc, err := s.Content().Open(context.Background(), q.FlowFile.Content)
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			if b, err := io.ReadAll(rc); err != nil || int64(len(b)) != q.FlowFile.Size() {
				t.Fatalf("%s: content of %d bytes: %v", what, len(b), err)
			}
			rc.Close()
			if ev, err := s.Events(q.FlowFile.ID, 10); err != nil || len(ev) == 0 {
				t.Fatalf("%s: FlowFile %d has events %v, %v", what, q.FlowFile.ID, ev, err)
			}
		}
	}
}

// TestPowerLossLeavesAWholeCommitOrNone builds, for each of many commits, files
// that hold any part of the pages that the commit wrote.
func TestPowerLossLeavesAWholeCommitOrNone(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	p := &power{t: t, rng: rng, dir: t.TempDir(), fs: segmenttest.New()}
	opts := testOptions()
	opts.FS = p.fs
	opts.DiskReserve = -1
	opts.hooks.beforeCommit = func() error {
		at := p.fs.Crash(rng)
		p.snap = func() *segmenttest.FS { return at.Crash(rng) }
		return nil
	}
	p.s = openStore(t, p.dir, opts)
	publish(t, p.s, "stream", streamPlan(1))
	path := filepath.Join(p.dir, boltFile)
	out := t.TempDir()
	file := filepath.Join(out, boltFile)
	page := os.Getpagesize()
	write := func(b []byte) {
		for _, name := range []string{boltFile, "clean", "lock"} {
			_ = os.Remove(filepath.Join(out, name))
		}
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	states := 0
	for i := range soak(40, 2000) {
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		p.step()
		after, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		write(before)
		old := rawState(t, file)
		write(after)
		now := rawState(t, file)
		if old == now {
			t.Fatalf("commit %d changed nothing", i)
		}
		p.readable(out, p.snap(), fmt.Sprintf("commit %d whole", i))
		old0 := append(bytes.Clone(before), make([]byte, max(0, len(after)-len(before)))...)
		for k := range 5 {
			b := bytes.Clone(old0)
			if k == 0 {
				b = bytes.Clone(before) // not even the length was durable
			}
			changed := 0
			for at := 2 * page; at < len(after); at += page {
				if at+page <= len(b) && !bytes.Equal(b[at:at+page], after[at:at+page]) && (k == 4 || rng.IntN(2) == 0) {
					copy(b[at:at+page], after[at:at+page])
					changed++
				}
			}
			write(b)
			if got := rawState(t, file); got != old {
				t.Fatalf("commit %d with %d of its pages is neither the old state nor refused", i, changed)
			}
			if k < 2 {
				write(b)
				p.readable(out, p.snap(), fmt.Sprintf("commit %d in part", i))
			}
			states++
		}
		// The meta page itself, torn: the old state or the new one.
		b := bytes.Clone(after)
		for _, at := range []int{0, page} {
			if !bytes.Equal(before[at:at+page], after[at:at+page]) {
				cut := at + rng.IntN(page)
				copy(b[cut:at+page], before[cut:at+page])
			}
		}
		write(b)
		if got := rawState(t, file); got != old && got != now {
			t.Fatalf("commit %d with a torn meta page is neither state", i)
		}
		states += 2
	}
	t.Logf("%d states", states)
}
