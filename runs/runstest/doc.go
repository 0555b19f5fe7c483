// Package runstest plays random schedules against the run protocol, over
// whatever store a Driver puts behind it, and looks for damage.
//
// Play makes a random flow (loops, fans, gates, gated sources, sources that never
// emit, reject files), starts several runs of it and interleaves their sessions
// at random: retries, parked FlowFiles, failed and revoked activities, cancels,
// resumes, reruns, drops, and crashes before or after any commit. Beside the
// store it keeps a ledger of its own of every FlowFile, computed from what was
// delivered, and compares the two after each commit. It returns a Report; a
// protocol is sound when no Report has a violation.
//
// A store's test needs a Driver and no more:
//
//	for seed := range uint64(100) {
//		rep, err := runstest.Play(newDriver(t), runstest.Options{Seed: seed, Crashes: true})
//		if err != nil || len(rep.Violations) > 0 { ... }
//	}
//
// MapStore is the Driver that keeps everything in maps.
package runstest
