// Package flowfiletest holds what tests of sessions and of content stores
// share: content and queues in memory, and TestContent, the suite that every
// flowfile.Content must pass.
//
// Memory is a small but honest store: it checks each delivery against its
// queues, applies it as a whole or not at all, and keeps the ledger of every
// node. It knows one run, no activities and no laws; those are package runs.
package flowfiletest
