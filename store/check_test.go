package store

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"

	"github.com/weirflow/weir/fault"
)

func TestCheckAndDumpReadEverything(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir, sampleOptions(t))
	fillStore(t, s)
	ctx := context.Background()
	if _, err := Check(ctx, dir); fault.CodeOf(err) != "store_locked" {
		t.Errorf("check of a live store: %v", err)
	}
	if err := Dump(ctx, &bytes.Buffer{}, dir, ""); fault.CodeOf(err) != "store_locked" {
		t.Errorf("dump of a live store: %v", err)
	}
	closeStore(t, s)
	r := checkClean(t, dir)
	// 116+30 queued or delayed, 2 parked; the finished run left nothing.
	if r.Entries != 120+30 || r.Runs != 2 || !r.Clean || r.Claims == 0 || r.Events == 0 {
		t.Errorf("report = %+v", r)
	}
	for _, what := range dumps {
		var b bytes.Buffer
		if what == "segment/N" {
			what = "segment/1"
		}
		if err := Dump(ctx, &b, dir, what); err != nil || b.Len() == 0 {
			t.Errorf("dump %s: %d bytes, %v", what, b.Len(), err)
		}
		if strings.Contains(b.String(), "hush") {
			t.Errorf("dump %s shows a secret", what)
		}
		if strings.HasPrefix(what, "segment") {
			continue
		}
		for line := range strings.Lines(b.String()) {
			if !json.Valid([]byte(line)) {
				t.Errorf("dump %s: %q is no JSON", what, line)
			}
		}
	}
	if err := Dump(ctx, &bytes.Buffer{}, dir, "nonsense"); fault.CodeOf(err) != "dump_unknown" {
		t.Errorf("dump of nonsense: %v", err)
	}
	if _, err := Check(ctx, t.TempDir()); fault.CodeOf(err) != "store_absent" {
		t.Errorf("check of nothing: %v", err)
	}
}

// edit changes weir.db behind the store's back.
func edit(t testing.TB, dir string, fn func(*bolt.Tx) error) {
	t.Helper()
	db, err := bolt.Open(filepath.Join(dir, boltFile), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Update(fn); err != nil {
		t.Fatal(err)
	}
	if err := removeMark(dir, false); err != nil {
		t.Fatal(err)
	}
}

func TestCheckSeesWhatIsWrong(t *testing.T) {
	queue := connKey("users", 1, "c0")
	for name, c := range map[string]struct {
		edit func(*bolt.Tx) error
		code string
	}{
		"an entry is missing": {func(tx *bolt.Tx) error {
			b := queueBucket(tx, queue)
			k, _ := b.Cursor().First()
			return b.Delete(k)
		}, "check_counter"},
		"an entry is moved": {func(tx *bolt.Tx) error {
			k, v := queueBucket(tx, queue).Cursor().First()
			return queueBucket(tx, connKey("users", 1, "c1")).Put(k, v)
		}, "store_damaged"},
		"a run is missing":       {func(tx *bolt.Tx) error { return tx.Bucket(bucketRuns).Delete(key64(1)) }, "store_damaged"},
		"references are too few": {func(tx *bolt.Tx) error { return put(tx, bucketRefs, key64(1), key64(1)) }, "check_references"},
		"a reference to nothing": {func(tx *bolt.Tx) error { return put(tx, bucketRefs, key64(99), key64(1)) }, "check_references"},
		"a value is changed": {func(tx *bolt.Tx) error {
			b := tx.Bucket(bucketFlows)
			v := bytes.Clone(b.Get([]byte("users")))
			v[3] ^= 1
			return b.Put([]byte("users"), v)
		}, "store_damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := openStore(t, dir, sampleOptions(t))
			fillStore(t, s)
			closeStore(t, s)
			edit(t, dir, c.edit)
			r, err := Check(context.Background(), dir)
			if err != nil {
				t.Fatal(err)
			}
			found := false
			for _, p := range r.Problems {
				found = found || fault.CodeOf(p) == c.code
			}
			if !found {
				t.Errorf("problems = %v, want one of %s", r.Problems, c.code)
			}
		})
	}
}

// TestUncleanStartRepairsCounters proves that the queues are the truth.
func TestUncleanStartRepairsCounters(t *testing.T) {
	dir := t.TempDir()
	opts := sampleOptions(t)
	s := openStore(t, dir, opts)
	fillStore(t, s)
	closeStore(t, s)
	edit(t, dir, func(tx *bolt.Tx) error {
		b := queueBucket(tx, connKey("users", 1, "c0"))
		k, _ := b.Cursor().First()
		if err := put(tx, bucketRefs, key64(1), key64(1)); err != nil {
			return err
		}
		return b.Delete(k)
	})
	s = openStore(t, dir, opts)
	if n := s.Depth("users", 2, "c0").N; n != 79 {
		t.Errorf("depth = %d, want 79", n)
	}
	if r := getRun(t, s, "users", 2); len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0].Text(fault.Korean), "c0") {
		t.Errorf("warnings = %q", r.Warnings.Texts(fault.Korean))
	}
	closeStore(t, s)
	r := checkClean(t, dir)
	if r.Entries != 149 {
		t.Errorf("%d entries", r.Entries)
	}
}

func TestBackupRestores(t *testing.T) {
	dir := t.TempDir()
	opts := sampleOptions(t)
	s := openStore(t, dir, opts)
	fillStore(t, s)
	ctx := context.Background()
	to := filepath.Join(t.TempDir(), "backup")
	rep, err := s.Backup(ctx, to)
	if err != nil {
		t.Fatal(err)
	}
	if rep.KeyFile != opts.KeyFile || rep.Segments == 0 || rep.Commit == 0 {
		t.Errorf("report = %+v", rep)
	}
	if _, err := s.Backup(ctx, to); fault.CodeOf(err) != "backup_target" {
		t.Errorf("a second backup to the same place: %v", err)
	}
	want := readAll(s)
	feed(t, s, "stream", "c0", 5) // after the backup
	if _, err := os.Stat(filepath.Join(to, filepath.Base(opts.KeyFile))); err == nil {
		t.Error("the backup holds the key")
	}
	restored := filepath.Join(t.TempDir(), "data")
	check, err := Restore(ctx, to, restored)
	if err != nil || len(check.Problems) > 0 {
		t.Fatalf("restore: %v, %+v", err, check)
	}
	got := readAll(openStore(t, restored, opts))
	compare(t, got, want)
	if _, err := Restore(ctx, t.TempDir(), filepath.Join(t.TempDir(), "x")); fault.CodeOf(err) != "backup_absent" {
		t.Errorf("restore of nothing: %v", err)
	}
}

// compare wants the same answers to all questions.
func compare(t testing.TB, got, want *reader) {
	t.Helper()
	for k, err := range got.errs {
		t.Errorf("%s: %v", k, err)
	}
	for k, v := range want.answers {
		if got.answers[k] != v {
			t.Errorf("%s = %.200s, want %.200s", k, got.answers[k], v)
		}
	}
	if len(got.answers) != len(want.answers) {
		t.Errorf("%d answers, want %d", len(got.answers), len(want.answers))
	}
}
