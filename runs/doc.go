// Package runs is the protocol of scheduled work, as pure functions: slots,
// activities, whole-run gates, exact completion, fencing, balance, resume and
// cancel. It does no I/O and has no clock; the store gives it a Tx, and the
// same code is driven over a map and over the real store by its model tests.
//
// The types to know: Run is the protocol state of one run, Graph what a flow
// version looks like to the protocol, and Apply the one function that changes a
// Run. Three rules carry it. A FlowFile that a session took stays counted on its
// connection until the commit. A node that can act without an input owns an
// activity, which ends in the commit of its last output, never earlier. A gate
// fires once nothing upstream of it is queued and no activity upstream is open;
// by the first two rules nothing can appear there afterwards.
package runs
