// Package basic has the kinds that need nothing outside Weir: one makes
// FlowFiles, the others look at attributes.
//
// The types to know are GenerateFlowFile, UpdateAttribute, RouteOnAttribute and
// LogAttribute. An expression that a FlowFile's attributes make fail is that
// FlowFile's fault: it goes to the output failure with the reason in the
// attributes reject.code and reject.reason.
package basic
