package store

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/weirflow/weir/fault"
)

// damageCodes are what a store may say of damaged files, never anything else.
var damageCodes = map[string]bool{"store_damaged": true, "content_damaged": true, "events_damaged": true, "store_newer": true,
	"secret_key_wrong": true}

// ask opens a directory and reads all of it. Answers must be the right ones;
// what is missing must be a typed error. It reports whether damage was seen.
func ask(t testing.TB, dir string, opts Options, want *reader, label string) (seen bool) {
	t.Helper()
	s, err := Open(context.Background(), dir, opts)
	if err != nil {
		if !damageCodes[fault.CodeOf(err)] {
			t.Errorf("%s: open: %v", label, err)
		}
		return true
	}
	defer func() { _ = crash(s) }()
	got := readAll(s)
	for k, err := range got.errs {
		seen = true
		if !damageCodes[fault.CodeOf(err)] {
			t.Errorf("%s: %s: %v", label, k, err)
		}
	}
	for k, v := range got.answers {
		if want.answers[k] != v {
			t.Errorf("%s: %s = %.200s, want %.200s", label, k, v, want.answers[k])
		}
	}
	return seen
}

// tree is the files of a directory.
type tree map[string][]byte

func readTree(t testing.TB, dir string) tree {
	t.Helper()
	files := tree{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err == nil {
			files[rel], err = os.ReadFile(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// write makes the directory hold these files and no others.
func (f tree) write(t testing.TB, dir string) {
	t.Helper()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	for name, b := range f {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// sampleTree is a filled store after a clean stop, and what it answers.
func sampleTree(t testing.TB) (tree, *reader, Options) {
	t.Helper()
	dir := t.TempDir()
	opts := sampleOptions(t)
	s := openStore(t, dir, opts)
	fillStore(t, s)
	closeStore(t, s)
	files := readTree(t, dir)
	s = openStore(t, dir, opts)
	want := readAll(s)
	if len(want.errs) > 0 {
		t.Fatalf("errors without damage: %v", want.errs)
	}
	if err := crash(s); err != nil {
		t.Fatal(err)
	}
	return files, want, opts
}

// TestFlippedBitIsNeverAWrongAnswer flips one bit in each of many places of
// weir.db after a clean stop.
func TestFlippedBitIsNeverAWrongAnswer(t *testing.T) {
	files, want, opts := sampleTree(t)
	rng := rand.New(rand.NewPCG(3, 4))
	db := files[boltFile]
	places := soak(1000, 20_000)
	seen := 0
	dir := filepath.Join(t.TempDir(), "data")
	files.write(t, dir)
	used := usedPages(t, filepath.Join(dir, boltFile))
	for range places {
		// Free pages hold nothing: most places are taken from pages in use.
		at := rng.IntN(len(db))
		if rng.IntN(10) > 0 {
			at = used[rng.IntN(len(used))]*os.Getpagesize() + rng.IntN(os.Getpagesize())
		}
		bit := byte(1) << rng.IntN(8)
		db[at] ^= bit
		for _, name := range []string{boltFile, "clean"} { // nothing else was changed
			if err := os.WriteFile(filepath.Join(dir, name), files[name], 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if ask(t, dir, opts, want, "flip at "+label(at, bit)) {
			seen++
		}
		db[at] ^= bit
		if t.Failed() {
			return
		}
	}
	if seen < places/10 {
		t.Errorf("only %d of %d flips were seen", seen, places)
	}
	t.Logf("%d of %d flips were seen, the others changed nothing that counts", seen, places)
}

func label(at int, bit byte) string {
	return placeName([]byte("page"), key64(uint64(at))) + "/" + string('0'+bit%10)
}

// usedPages lists the pages that the tree reaches.
func usedPages(t testing.TB, path string) []int {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	p := &pages{file: f, size: fi.Size()}
	m, err := p.newest()
	if err != nil {
		t.Fatal(err)
	}
	w := &treeWalk{p: p, m: m, seen: make([]uint64, m.end/64+1)}
	if err := w.bucket(m.root, 0); err != nil {
		t.Fatal(err)
	}
	out := []int{0, 1}
	for id := range m.end {
		if w.seen[id/64]&(1<<(id%64)) != 0 {
			out = append(out, int(id))
		}
	}
	return out
}

// TestFlippedBitInContentIsNeverAWrongAnswer does the same to segments.
func TestFlippedBitInContentIsNeverAWrongAnswer(t *testing.T) {
	files, want, opts := sampleTree(t)
	rng := rand.New(rand.NewPCG(13, 14))
	dir := filepath.Join(t.TempDir(), "data")
	seen := 0
	for range soak(60, 2000) {
		for name, b := range files {
			if filepath.Dir(name) != "content" || len(b) == 0 {
				continue
			}
			at, bit := rng.IntN(len(b)), byte(1)<<rng.IntN(8)
			b[at] ^= bit
			files.write(t, dir)
			if ask(t, dir, opts, want, name+" flip at "+label(at, bit)) {
				seen++
			}
			b[at] ^= bit
		}
	}
	if seen == 0 {
		t.Error("no flip was seen")
	}
}

// TestCutFileIsNeverAWrongAnswer cuts each file of a stopped store.
func TestCutFileIsNeverAWrongAnswer(t *testing.T) {
	files, want, opts := sampleTree(t)
	rng := rand.New(rand.NewPCG(5, 6))
	dir := filepath.Join(t.TempDir(), "data")
	for name, whole := range files {
		if name == "lock" || len(whole) == 0 {
			continue
		}
		for range 8 {
			n := rng.IntN(len(whole))
			files[name] = whole[:n]
			files.write(t, dir)
			if name == "clean" || filepath.Dir(name) == "events" {
				if s, err := Open(context.Background(), dir, opts); err != nil && !damageCodes[fault.CodeOf(err)] {
					t.Errorf("%s cut to %d: %v", name, n, err)
				} else if err == nil {
					_ = crash(s)
				}
				continue
			}
			seen := ask(t, dir, opts, want, name)
			if name == boltFile && n < 4*os.Getpagesize() && !seen {
				t.Errorf("%s cut to %d bytes was not noticed", name, n)
			}
		}
		files[name] = whole
	}
	delete(files, boltFile)
	files.write(t, dir)
	if _, err := Open(context.Background(), dir, opts); fault.CodeOf(err) != "store_damaged" {
		t.Errorf("open without weir.db: %v", err)
	}
}
