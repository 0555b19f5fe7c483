// Package basic has the kinds that need nothing outside Weir. The type to know is
// GenerateFlowFile, which makes FlowFiles out of nothing.
package basic
