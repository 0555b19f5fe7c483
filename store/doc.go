// Package store is the durable side of Weir: one bbolt file for queues, runs,
// flows and state, content segments and the event log beside it, and one commit
// function through which every change goes.
//
// The types to know: Store, opened over a data directory by Open; View, the
// queues of one run as a session sees them; and Stage, the content that one
// session writes. Store.Commit takes a flowfile.Delivery; one goroutine collects
// all deliveries that wait, applies each through runs.Apply in one bbolt
// transaction, syncs, and only then changes what readers see and answers.
//
// Three caveats. Nothing that a bbolt transaction returns leaves it: readers get
// copies. No read transaction is held open: long listings seek again and again,
// so they see a queue as it changes. And once a sync fails the store is dead:
// Failed is closed, every later call returns store_failed, and only a restart,
// which reads what is truly on the disk, goes on.
//
// docs/FORMATS.md is the byte-level truth.
package store
