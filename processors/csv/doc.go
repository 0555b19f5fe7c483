// Package csv has the kinds that make CSV files. The encoder itself is that of
// package record; what stands here is what makes a file of a run out of it: the
// columns of all FlowFiles held against each other, one file replaced as a
// whole, its rows counted a second time, and a manifest beside it.
//
// The type to know is WriteCSV. Two runs over the same data write the same
// bytes; only the manifest names the run.
package csv
