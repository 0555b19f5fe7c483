package store

import (
	bolt "go.etcd.io/bbolt"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/store/segment"
)

// Schema returns the canonical JSON of the record schema with the given hash.
func (s *Store) Schema(hash string) (schema []byte, err error) {
	err = s.view(func(tx *bolt.Tx) (err error) {
		schema, err = get(tx, bucketSchemas, []byte(hash))
		return err
	})
	if err == nil && schema == nil {
		err = fault.New("schema_unknown", "hash", hash).Permanent()
	}
	return schema, err
}

// Events returns up to limit events of a FlowFile, newest first: what happened
// to it, and what was made of it.
func (s *Store) Events(id flowfile.ID, limit int) ([]segment.Recorded, error) {
	s.mu.RLock()
	last := s.published.commit
	s.mu.RUnlock()
	return s.seg.Events(id, last, limit)
}
