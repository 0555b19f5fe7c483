package store

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"

	"github.com/weirflow/weir/fault"
)

// write makes one edit of the draft of "daily" and returns its revision.
func write(t *testing.T, s *Store, base uint64, ops string) uint64 {
	t.Helper()
	e, err := s.EditDraft(context.Background(), "daily", base, fmt.Appendf(nil, "doc %d", base+1), Edit{Ops: json.RawMessage(ops), Who: "kim", Client: "c", Label: "l"})
	if err != nil {
		t.Fatal(err)
	}
	if e.Rev != base+1 || e.At.IsZero() {
		t.Fatalf("edit of %d is %+v", base, e)
	}
	return e.Rev
}

// sound checks the data directory of a store that is closed.
func sound(t *testing.T, dir string) {
	t.Helper()
	r, err := Check(context.Background(), dir)
	if err != nil || len(r.Problems) > 0 {
		t.Fatalf("%v: %v", err, errors.Join(r.Problems...))
	}
}

func TestEditsAreNumberedAndOutliveACrash(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	s := openStore(t, dir, testOptions())
	for rev := uint64(0); rev < 5; {
		rev = write(t, s, rev, `[{"path":["name"]}]`)
	}
	if _, err := s.EditDraft(ctx, "daily", 4, []byte("late"), Edit{Ops: json.RawMessage("[]")}); fault.CodeOf(err) != "draft_stale" {
		t.Errorf("an edit of an old revision: %v", err)
	}
	if _, err := s.EditDraft(ctx, "daily", 0, []byte("first"), Edit{Ops: json.RawMessage("[]")}); fault.CodeOf(err) != "draft_stale" {
		t.Errorf("a first edit of what there is: %v", err)
	}
	if err := crash(s); err != nil {
		t.Fatal(err)
	}
	sound(t, dir)
	s = openStore(t, dir, testOptions())
	r, err := s.Flow("daily")
	if err != nil || r.Rev != 5 || string(r.Draft) != "doc 5" || len(r.Authors) != 1 || r.Authors[0] != "kim" {
		t.Fatalf("%+v, %v", r, err)
	}
	for after, want := range map[uint64]int{0: 5, 3: 2, 5: 0} {
		edits, whole, err := s.Edits("daily", after)
		if err != nil || !whole || len(edits) != want {
			t.Errorf("behind %d: %d edits, %v, %v", after, len(edits), whole, err)
		}
		for i, e := range edits {
			if e.Rev != after+1+uint64(i) || string(e.Ops) != `[{"path":["name"]}]` || e.Client != "c" || e.Label != "l" {
				t.Errorf("behind %d: %+v", after, e)
			}
		}
	}
	if _, whole, err := s.Edits("daily", 6); whole || err != nil {
		t.Errorf("a revision to come: %v, %v", whole, err)
	}
	// Another document altogether leaves nothing to catch up with.
	if err := s.PutDraft(ctx, "daily", []byte("other")); err != nil {
		t.Fatal(err)
	}
	if edits, whole, err := s.Edits("daily", 5); whole || len(edits) > 0 || err != nil {
		t.Errorf("over another document: %v %v %v", edits, whole, err)
	}
	if rev := write(t, s, 6, "[]"); rev != 7 {
		t.Errorf("then revision %d", rev)
	}
	if edits, whole, _ := s.Edits("daily", 6); !whole || len(edits) != 1 {
		t.Errorf("then %v %v", edits, whole)
	}
	closeStore(t, s)
	sound(t, dir)
}

func TestTheLogOfEditsIsBounded(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir, testOptions())
	rev := uint64(0)
	for range maxEdits + 20 {
		rev = write(t, s, rev, "[]")
	}
	if _, whole, _ := s.Edits("daily", rev-maxEdits); !whole {
		t.Error("the newest are not kept")
	}
	if _, whole, _ := s.Edits("daily", rev-maxEdits-1); whole {
		t.Error("more are kept than may be")
	}
	large := `["` + strings.Repeat("x", maxEditBytes/3) + `"]`
	for range 4 {
		rev = write(t, s, rev, large)
	}
	edits, whole, err := s.Edits("daily", rev-2)
	if err != nil || !whole || len(edits) != 2 {
		t.Errorf("large ones: %d %v %v", len(edits), whole, err)
	}
	if _, whole, _ := s.Edits("daily", rev-4); whole {
		t.Error("more bytes are kept than may be")
	}
	rev = write(t, s, rev, `["`+strings.Repeat("x", maxEditBytes)+`"]`)
	if _, whole, err := s.Edits("daily", rev-1); whole || err != nil {
		t.Errorf("one that is too large: %v %v", whole, err)
	}
	if r, err := s.Flow("daily"); err != nil || r.LogBytes != 0 || r.LogFrom != rev+1 {
		t.Errorf("%+v %v", r, err)
	}
	rev = write(t, s, rev, "[]")
	if edits, whole, _ := s.Edits("daily", rev-1); !whole || len(edits) != 1 {
		t.Errorf("after it: %v %v", edits, whole)
	}
	closeStore(t, s)
	sound(t, dir)
}

func TestPublishingWantsTheRevisionThatWasSeen(t *testing.T) {
	s := openStore(t, t.TempDir(), testOptions())
	rev := write(t, s, write(t, s, 0, "[]"), "[]")
	plan := chainPlan(1)
	if _, err := s.Publish(t.Context(), "daily", Publication{Doc: []byte("{}"), Plan: plan, Rev: rev - 1}); fault.CodeOf(err) != "draft_stale" {
		t.Errorf("an older one: %v", err)
	}
	n, err := s.Publish(t.Context(), "daily", Publication{Doc: []byte("{}"), Plan: plan, Rev: rev, By: "kim", Note: "as agreed"})
	if err != nil || n != 1 {
		t.Fatal(n, err)
	}
	if v, err := s.Version("daily", 1); err != nil || v.By != "kim" || v.Note != "as agreed" {
		t.Errorf("%+v %v", v, err)
	}
	if r, err := s.Flow("daily"); err != nil || len(r.Authors) > 0 || r.Rev != rev {
		t.Errorf("%+v %v", r, err)
	}
}

func TestCheckFindsALostEdit(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir, testOptions())
	write(t, s, write(t, s, 0, "[]"), "[]")
	if err := crash(s); err != nil { // a clean stop would see that the file is another
		t.Fatal(err)
	}
	inFile(t, dir, func(tx *bolt.Tx) error { return tx.Bucket(bucketEdits).Delete(editKey("daily", 1)) })
	r, err := Check(context.Background(), dir)
	if err != nil || len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Error(), "edits") {
		t.Errorf("%v %v", r.Problems, err)
	}
}

// TestDraftsOfFormatTwo opens a file that knows no edits.
func TestDraftsOfFormatTwo(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir, testOptions())
	if err := crash(s); err != nil { // a clean stop would see that the file is another
		t.Fatal(err)
	}
	inFile(t, dir, func(tx *bolt.Tx) error {
		if err := put(tx, bucketFlows, []byte("daily"), []byte(`{"flow":"daily","created":"2026-11-01T00:00:00Z","draft":"b2xk","newest":0}`)); err != nil {
			return err
		}
		if err := tx.DeleteBucket(bucketEdits); err != nil {
			return err
		}
		return put(tx, bucketMeta, keyFormat, binary.BigEndian.AppendUint32(nil, 2))
	})
	sound(t, dir)
	s = openStore(t, dir, testOptions())
	if r, err := s.Flow("daily"); err != nil || r.Rev != 0 || string(r.Draft) != "old" {
		t.Fatalf("%+v %v", r, err)
	}
	if rev := write(t, s, 0, "[]"); rev != 1 {
		t.Errorf("the first edit is %d", rev)
	}
	if edits, whole, err := s.Edits("daily", 0); err != nil || !whole || len(edits) != 1 {
		t.Errorf("%v %v %v", edits, whole, err)
	}
	closeStore(t, s)
	sound(t, dir)
}

// inFile changes the database of a store that is closed.
func inFile(t *testing.T, dir string, fn func(*bolt.Tx) error) {
	t.Helper()
	db, err := bolt.Open(filepath.Join(dir, boltFile), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Update(fn); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}
