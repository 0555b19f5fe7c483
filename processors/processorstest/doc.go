// Package processorstest tests kinds of processors over the real session, on
// content and queues in memory.
//
//	r := processorstest.New(t, "Upper", processorstest.Settings{"attribute": "shout"})
//	r.Put("hello").Run().Want("success", "HELLO")
//
// A Runner is one node: Put queues inputs, Run calls Process until there is
// nothing left to do and holds the rows of the node against the law of its kind,
// Want compares an output. Conform runs what every kind must pass.
//
// The node works for the run of 2026-11-21 in Asia/Seoul unless an option says
// otherwise, by a clock that stands still.
package processorstest
