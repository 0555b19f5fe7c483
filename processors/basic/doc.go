// Package basic has the kinds that need nothing outside Weir: one makes
// FlowFiles, the others look at attributes or pass on what they get.
//
// The types to know are GenerateFlowFile, UpdateAttribute, RouteOnAttribute,
// LogAttribute, and Funnel with the two ports of groups. An expression that a
// FlowFile's attributes make fail is that FlowFile's fault: it goes to the output
// failure with the reason in the attributes reject.code and reject.reason.
package basic
