// Package sandbox is a Firestore of our own for demos and tests: a gRPC server
// of google.firestore.v1 on a local socket, which the official clients cannot
// tell from Google's for the calls that it knows, with the data of an invented
// company or of NDJSON files.
//
// Open a Sandbox with a Config and point a client at its Addr without
// credentials. Company makes the data, Fault makes things go wrong on demand,
// Stats tells what a client did and what Google would have billed for it.
//
// What it keeps to: the order of values across types, the order of names,
// cursors, filters and their implied orders, preconditions, transforms,
// transactions and, above all, snapshots: a read at a read_time of the last
// hour sees the documents as they were then, whatever is written meanwhile.
// What it does not implement is answered with UNIMPLEMENTED and named; nothing
// is answered with a success that Google would not give.
//
// Caveats: everything is in memory and gone at Close. Missing composite
// indexes are not reported. Transactions watch what they queried by collection
// id, so they conflict more often than Google's.
package sandbox
