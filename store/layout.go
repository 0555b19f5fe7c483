package store

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"

	bolt "go.etcd.io/bbolt"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
)

// formatVersion is the version of the layout of weir.db that this release
// writes. A newer one is refused, an older one upgraded.
const formatVersion = 3

// The top-level buckets. Queues holds one bucket per connection; all others
// hold sealed values directly.
var (
	bucketMeta     = []byte("meta")
	bucketQueues   = []byte("queues")
	bucketParked   = []byte("parked")
	bucketRuns     = []byte("runs")
	bucketStream   = []byte("stream")
	bucketRunIDs   = []byte("run_ids")
	bucketFlowRuns = []byte("flow_runs")
	bucketActive   = []byte("active")
	bucketSlots    = []byte("slots")
	bucketHistory  = []byte("history")
	bucketRefs     = []byte("refs")
	bucketSchemas  = []byte("schemas")
	bucketFlows    = []byte("flows")
	bucketVersions = []byte("versions")
	bucketStates   = []byte("states")
	bucketPlans    = []byte("schedules")
	bucketSettings = []byte("settings")
	bucketSecrets  = []byte("secrets")
	bucketEndings  = []byte("endings")
	bucketEdits    = []byte("edits")

	topBuckets = [][]byte{bucketMeta, bucketQueues, bucketParked, bucketRuns, bucketStream, bucketRunIDs,
		bucketFlowRuns, bucketActive, bucketSlots, bucketHistory, bucketRefs, bucketSchemas, bucketFlows,
		bucketVersions, bucketStates, bucketPlans, bucketSettings, bucketSecrets, bucketEndings, bucketEdits}
)

// bucketsOf returns the top-level buckets that a file of a version has.
func bucketsOf(version uint32) [][]byte {
	switch {
	case version < 2:
		return topBuckets[:len(topBuckets)-2] // without endings and edits
	case version < 3:
		return topBuckets[:len(topBuckets)-1] // without edits
	}
	return topBuckets
}

// The keys of the meta bucket.
var (
	keyFormat   = []byte("format")
	keyIdentity = []byte("identity")
	keyCounters = []byte("counters")
)

// connKey names the queue bucket of a connection: flow, 0, queue version, slug.
func connKey(flow string, version uint32, conn string) []byte {
	b := make([]byte, 0, len(flow)+5+len(conn))
	b = append(append(b, flow...), 0)
	b = binary.BigEndian.AppendUint32(b, version)
	return append(b, conn...)
}

// splitConnKey is the inverse of connKey.
func splitConnKey(b []byte) (flow string, version uint32, conn string, ok bool) {
	i := bytes.IndexByte(b, 0)
	if i < 0 || len(b) < i+5 {
		return "", 0, "", false
	}
	return string(b[:i]), binary.BigEndian.Uint32(b[i+1:]), string(b[i+5:]), true
}

// place is where an entry lies within a run's queue; byte order is queue order.
type place struct {
	prio uint8
	seq  uint64
}

func (p place) less(q place) bool {
	return p.prio < q.prio || (p.prio == q.prio && p.seq < q.seq)
}

const entryKeyLen = 17

// entryKey is the key of a queue entry: run, priority, sequence number.
func entryKey(run flowfile.RunID, p place) []byte {
	return appendEntryKey(make([]byte, 0, entryKeyLen), run, p)
}

func appendEntryKey(b []byte, run flowfile.RunID, p place) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(run))
	b = append(b, p.prio)
	return binary.BigEndian.AppendUint64(b, p.seq)
}

func splitEntryKey(b []byte) (flowfile.RunID, place, bool) {
	if len(b) != entryKeyLen {
		return 0, place{}, false
	}
	return flowfile.RunID(binary.BigEndian.Uint64(b)), place{b[8], binary.BigEndian.Uint64(b[9:])}, true
}

func key64(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// flowKey is flow, 0, and what follows.
func flowKey(flow string, rest ...byte) []byte {
	b := make([]byte, 0, len(flow)+1+len(rest))
	b = append(append(b, flow...), 0)
	return append(b, rest...)
}

// parkedKey is flow, 0, run, id.
func parkedKey(flow string, run flowfile.RunID, id flowfile.ID) []byte {
	return binary.BigEndian.AppendUint64(parkedPrefix(flow, run), uint64(id))
}

func parkedPrefix(flow string, run flowfile.RunID) []byte {
	b := make([]byte, 0, len(flow)+17)
	b = append(append(b, flow...), 0)
	return binary.BigEndian.AppendUint64(b, uint64(run))
}

// castagnoli is the table of CRC32C, which processors compute in hardware.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

const crcLen = 4

// lengths holds each byte at its own place: a slice of it needs no memory.
var lengths = func() (b [256]byte) {
	for i := range b {
		b[i] = byte(i)
	}
	return b
}()

// checksum covers bucket, key and value, so that a value is valid in one place
// only. The lengths are fixed or delimited well enough by the bucket's name
// coming first: a value moved elsewhere fails.
func checksum(bucket, key, value []byte) uint32 {
	c := crc32.Update(0, castagnoli, bucket)
	c = crc32.Update(c, castagnoli, lengths[byte(len(key)):][:1])
	c = crc32.Update(c, castagnoli, key)
	return crc32.Update(c, castagnoli, value)
}

// entrySum is what the checksums of a queue's entries begin with: the name of
// the queue and the length of a key.
func entrySum(queue []byte) uint32 {
	return crc32.Update(crc32.Update(0, castagnoli, queue), castagnoli, []byte{entryKeyLen})
}

func entryChecksum(sum uint32, key, value []byte) uint32 {
	return crc32.Update(crc32.Update(sum, castagnoli, key), castagnoli, value)
}

// unsealEntry is unseal for an entry of a queue with the given entrySum. It says
// what is wrong, if anything.
func unsealEntry(sum uint32, key, stored []byte) (value []byte, what string) {
	n := len(stored) - crcLen
	if n < 0 {
		return nil, tooShort
	}
	if binary.BigEndian.Uint32(stored[n:]) != entryChecksum(sum, key, stored[:n]) {
		return nil, badChecksum
	}
	return stored[:n:n], ""
}

// What is said of values that are not as they were written.
const (
	tooShort    = "the value is too short"
	badChecksum = "the checksum of the value does not match"
)

// seal appends the checksum to a value.
func seal(bucket, key, value []byte) []byte {
	return binary.BigEndian.AppendUint32(value, checksum(bucket, key, value))
}

// unseal checks a stored value and returns it without its checksum. The result
// still points into the transaction.
func unseal(bucket, key, stored []byte) ([]byte, error) {
	n := len(stored) - crcLen
	if n < 0 {
		return nil, damagedAt(bucket, key, tooShort)
	}
	if binary.BigEndian.Uint32(stored[n:]) != checksum(bucket, key, stored[:n]) {
		return nil, damagedAt(bucket, key, badChecksum)
	}
	return stored[:n:n], nil
}

// put seals and stores a value in a top-level bucket.
func put(tx *bolt.Tx, bucket, key, value []byte) error {
	b := tx.Bucket(bucket)
	if b == nil {
		return damagedAt(bucket, nil, "the bucket is missing")
	}
	b.FillPercent = 1
	return b.Put(key, seal(bucket, key, bytes.Clone(value)))
}

// get returns a copy of a value of a top-level bucket, nil when there is none.
func get(tx *bolt.Tx, bucket, key []byte) ([]byte, error) {
	b := tx.Bucket(bucket)
	if b == nil {
		return nil, damagedAt(bucket, nil, "the bucket is missing")
	}
	stored := b.Get(key)
	if stored == nil {
		return nil, nil
	}
	v, err := unseal(bucket, key, stored)
	return bytes.Clone(v), err
}

func damagedAt(bucket, key []byte, what string) error {
	return fault.New("store_damaged", "place", placeName(bucket, key), "what", what).Permanent()
}
