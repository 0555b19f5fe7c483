// Package sandbox is a Google Cloud of our own for demos and tests: Firestore,
// the Analytics Data API, BigQuery and the endpoints that give tokens, which the
// official clients cannot tell from Google's for the calls that it knows, with
// the data of an invented company or of NDJSON files. All of it is on one local
// socket: a connection that begins as HTTP/2 is gRPC and for Firestore, any
// other is HTTP/1.1 and goes by its paths.
//
// Open a Sandbox with a Config and point a client at its Addr without
// credentials. Company makes the data, Fault makes things go wrong on demand,
// Property (see Adjust) makes reports sampled, late or short of quota, and Stats
// tells what a client did and what Google would have billed for it.
//
// Reports are counted from Company.Events, exactly, so that whoever sums those
// has the same numbers. Events are those of the users and meetings that
// Firestore serves, and become visible at each full hour.
//
// What Firestore keeps to: the order of values across types, the order of names,
// cursors, filters and their implied orders, preconditions, transforms,
// transactions and, above all, snapshots: a read at a read_time of the last
// hour sees the documents as they were then, whatever is written meanwhile.
// What it does not implement is answered with UNIMPLEMENTED and named; nothing
// is answered with a success that Google would not give.
//
// Caveats: everything is gone at Close. The Data API has no pivot, realtime,
// cohort, comparison or expression, and items go with nothing but each other.
// Missing composite indexes are not reported. Transactions watch what they
// queried by collection id, so they conflict more often than Google's.
package sandbox
