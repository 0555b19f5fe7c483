// Package join has the kind JoinRecords, which joins the records of a run's two
// inputs by their keys.
//
// How it works: each row becomes one text, which begins with its key, written so
// that the order of the bytes is the order of the values (encode.go), then its
// number, then its cells as they stand in the JSON. DuckDB sorts the texts of
// each side, spilling what does not fit into memory, and the two sorted streams
// are merged (merge.go). No cell is parsed or written anew but those of keys that
// need it, so nothing can change on the way.
//
// What the join has to give is counted a second way, from the keys as they are
// read (census.go), or by a hash join of DuckDB over the keys alone (predict.go).
// A result with other counts is not delivered.
package join
