// Package segment keeps the append-only files of a data directory: the content
// of FlowFiles and the events that tell their lineage.
//
// A Log owns both. Content larger than flowfile.InlineLimit goes to numbered
// files content/NNNNNNNN.seg; Append returns a flowfile.Claim that names the
// file, the offset and the size, and OpenClaim reads it back. Events go to
// events/NNNNNNNN.evt in batches stamped with the number of the commit that
// they belong to. Nothing is durable before Sync returns: the committer calls
// it before the transaction that refers to what was appended, so that a crash
// leaves garbage in a file and never a claim without its bytes.
//
// Every file begins with a header that holds a version byte; everything after
// it is framed: length, CRC32C, payload. The checksum also covers the number of
// the file and the offset of the frame, so that a frame is valid in one place
// only. docs/FORMATS.md gives each byte.
//
// Bytes that fail their checksum are never returned: readers get the fault
// content_damaged, or events_damaged. A full disk is the fault disk_full and
// leaves the log usable. A failed fsync is final, because the kernel may have
// dropped the pages it could not write: the log then refuses to append and to
// sync (log_poisoned), and only a restart, which trusts nothing but committed
// claims, goes on from there.
//
// All disk access goes through FS; package segmenttest has one in memory that
// forgets what was not synced.
package segment
