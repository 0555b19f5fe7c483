package store

import (
	"bytes"
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/weirflow/weir/fault"
)

// identity is written once, at the creation of a data directory.
type identity struct {
	ID      string    `json:"id"`
	Created time.Time `json:"created"`
}

// newIdentity returns a random id of 16 lower-case characters.
func newIdentity(now time.Time) identity {
	var b [10]byte
	_, _ = rand.Read(b[:]) // never fails
	return identity{ID: strings.ToLower(base32.StdEncoding.EncodeToString(b[:])), Created: now.UTC()}
}

// counters are the durable high-water marks, written by every commit.
type counters struct {
	// commit numbers the group commits; events are stamped with it.
	commit uint64
	// seq is the last sequence number given to a queue entry.
	seq uint64
	// idMark is above every FlowFile id that a commit has used.
	idMark uint64
	// run is the last run number.
	run uint64
	// segment is the lowest number that a new segment may get.
	segment uint64
}

// idBlock is how far the mark of FlowFile ids is moved at once.
const idBlock = 1 << 16

func (c counters) encode() []byte {
	var b []byte
	for _, v := range []uint64{c.commit, c.seq, c.idMark, c.run, c.segment} {
		b = binary.BigEndian.AppendUint64(b, v)
	}
	return b
}

func decodeCounters(b []byte) (c counters, err error) {
	if len(b) != 40 {
		return c, damagedAt(bucketMeta, keyCounters, "the counters have a wrong length")
	}
	for i, p := range []*uint64{&c.commit, &c.seq, &c.idMark, &c.run, &c.segment} {
		*p = binary.BigEndian.Uint64(b[8*i:])
	}
	return c, nil
}

// readFormat returns the version of the layout, zero when the file is empty. A
// file that holds anything without the bucket of the version is damaged: taking
// it for a new one would hide all that it holds.
func readFormat(tx *bolt.Tx) (uint32, error) {
	if tx.Bucket(bucketMeta) == nil {
		if name, _ := tx.Cursor().First(); name != nil {
			return 0, damagedAt(bucketMeta, nil, "the bucket is missing")
		}
		return 0, nil
	}
	v, err := get(tx, bucketMeta, keyFormat)
	if err != nil {
		return 0, err
	}
	if len(v) != 4 {
		return 0, damagedAt(bucketMeta, keyFormat, "the version is missing")
	}
	return binary.BigEndian.Uint32(v), nil
}

// upgrades bring a file of an older version to the next one: upgrades[v] makes
// version v+1 of version v, within the transaction that also writes the new
// version.
var upgrades = map[uint32]func(*bolt.Tx) error{
	// Version 2 remembers the ends of runs until somebody was told.
	1: func(tx *bolt.Tx) error {
		_, err := tx.CreateBucketIfNotExists(bucketEndings)
		return err
	},
	// Version 3 numbers the edits of drafts and keeps the newest.
	2: func(tx *bolt.Tx) error {
		_, err := tx.CreateBucketIfNotExists(bucketEdits)
		return err
	},
}

// prepare creates the buckets of a new file, upgrades an old one and refuses a
// newer one. It reports whether it changed anything.
func prepare(tx *bolt.Tx, path string, now time.Time, steps map[uint32]func(*bolt.Tx) error, want uint32) (bool, error) {
	have, err := readFormat(tx)
	if err != nil {
		return false, err
	}
	switch {
	case have > want:
		return false, fault.New("store_newer", "path", path, "found", have, "known", want).Permanent()
	case have == want:
		for _, name := range topBuckets {
			if tx.Bucket(name) == nil {
				return false, damagedAt(name, nil, "the bucket is missing")
			}
		}
		return false, nil
	case have == 0:
		for _, name := range topBuckets {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return false, err
			}
		}
		id, err := json.Marshal(newIdentity(now))
		if err != nil {
			return false, err
		}
		if err := put(tx, bucketMeta, keyIdentity, id); err != nil {
			return false, err
		}
		if err := put(tx, bucketMeta, keyCounters, counters{segment: 1}.encode()); err != nil {
			return false, err
		}
	default:
		for v := have; v < want; v++ {
			step := steps[v]
			if step == nil {
				return false, fault.New("store_too_old", "path", path, "found", have, "known", want).Permanent()
			}
			if err := step(tx); err != nil {
				return false, fmt.Errorf("upgrade %s from version %d: %w", path, v, err)
			}
		}
	}
	return true, put(tx, bucketMeta, keyFormat, binary.BigEndian.AppendUint32(nil, want))
}

func readIdentity(tx *bolt.Tx) (id identity, err error) {
	b, err := get(tx, bucketMeta, keyIdentity)
	if err == nil && b == nil {
		err = damagedAt(bucketMeta, keyIdentity, "the value is missing")
	}
	if err == nil {
		err = json.Unmarshal(b, &id)
	}
	return id, err
}

func readCounters(tx *bolt.Tx) (counters, error) {
	b, err := get(tx, bucketMeta, keyCounters)
	if err == nil && b == nil {
		err = damagedAt(bucketMeta, keyCounters, "the value is missing")
	}
	if err != nil {
		return counters{}, err
	}
	return decodeCounters(b)
}

// placeName shows a bucket and key to a person.
func placeName(bucket, key []byte) string {
	show := func(b []byte) string {
		if len(b) > 0 && bytes.IndexFunc(b, func(r rune) bool { return r < ' ' || r > '~' }) < 0 {
			return string(b)
		}
		if flow, version, conn, ok := splitConnKey(b); ok && conn != "" && strings.IndexFunc(flow+conn, func(r rune) bool { return r < ' ' || r > '~' }) < 0 {
			return fmt.Sprintf("queue %s v%d %s", flow, version, conn)
		}
		return fmt.Sprintf("%x", b)
	}
	if len(key) == 0 {
		return show(bucket)
	}
	return show(bucket) + "/" + show(key)
}
