// Package flows holds the flow file: what a person draws, validated, compared
// and written in one canonical form.
//
// Flow is the file. Parse reads it strictly, Check reads it and says all that is
// wrong at once, Validate does so for a flow in memory, Canonical writes it.
// Configure binds the settings of its nodes to fresh processors, Plan and
// Calendar are what the run protocol wants of it. Diff compares two flows in
// words, and ResumeConflicts says whether a run may go on as a mended version.
//
// A Problem names the place in the file and carries a fault with the remedy.
// One mistake is told once: what only follows from another problem is left out.
//
// Caveats: a flow is data, and reading one runs no code and touches nothing
// outside, so that secrets are set and services answer is not known here. What
// a kind's settings mean is known to package processors; kinds that are not
// registered are problems, so a program that validates must import them. Values
// of parameters are unknown to Validate; Configure checks them.
package flows
