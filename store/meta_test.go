package store

import (
	"context"
	"path/filepath"
	"testing"

	bolt "go.etcd.io/bbolt"

	"github.com/weirflow/weir/fault"
)

// A flipped bit in the name of the first bucket must not make an old store look
// like a new one.
func TestStoreWithoutItsVersionIsDamagedNotNew(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(context.Background(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := crash(s); err != nil {
		t.Fatal(err)
	}
	db, err := bolt.Open(filepath.Join(dir, "weir.db"), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Update(func(tx *bolt.Tx) error { return tx.DeleteBucket(bucketMeta) }); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s, err = Open(context.Background(), dir, Options{})
	if fault.CodeOf(err) != "store_damaged" {
		t.Errorf("a store without its version opened with %v, want store_damaged", err)
	}
	if s != nil {
		closeStore(t, s)
	}
}
