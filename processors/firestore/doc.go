// Package firestore reads Cloud Firestore.
//
// ReadFirestore is the kind: a source that reads a collection, or a collection
// group, as it was at one moment, in pages ordered by document name. It counts
// before it reads, so that a person's budget of reads is kept and a row that the
// stream lost is noticed; it commits its place with each page, so that a crash
// costs at most one page read again.
//
// Documents are decoded from their wire form straight into rows (decode.go):
// generated messages would cost several times as much, and the client library's
// own decoding gives up a whole document for one reference it does not like.
// What a column cannot hold without loss is the data's fault: the document goes
// to the output rejected, whole, with the reason.
//
// Retries within a page (patience.go) open a new query behind the last document
// that arrived, so a stream that is cut loses nothing and reads nothing twice.
package firestore
