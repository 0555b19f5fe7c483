// Package runs is the protocol of scheduled work, as pure functions: slots,
// activities, whole-run gates, exact completion, fencing, balance, resume and
// cancel. It does no I/O and has no clock; the store gives it a Tx, and the
// same code is driven over a map and over the real store by the schedules of
// runs/runstest.
//
// The types to know: Run is the protocol state of one run, Graph what a flow
// version looks like to the protocol (Plan.Compile makes it), and Apply the one
// function that changes a Run. Why lists what an unfinished run waits for,
// Balance and Table hold its rows to their laws. Slot, Schedule and Calendar
// say when runs begin.
//
// Four rules carry it. A FlowFile that a session took stays counted on its
// connection until the commit. Only a commit that takes something of a run, or
// owns one of its open activities, may put something into it. A node that can
// act without an input owns an activity, which ends in the commit of its last
// output, never earlier. A gate fires once nothing upstream of it is queued and
// no activity upstream is open; by the first three nothing can appear there
// afterwards. A run is complete when nothing of it is queued, parked or open.
//
// Caveats. What is upstream, held or live is computed from the counters each
// time it is asked for, never stored, so a crash cannot leave it stale; the
// cost is a walk over the run's connections per commit. A gate fires only over
// complete data: parked FlowFiles, rejected rows or a failed activity upstream
// block it until a person decides. Apply checks everything before its first
// change, so a refused delivery leaves the Run that the Tx gave it untouched;
// an error from the Tx's own Put methods does not, and must end the transaction.
package runs
