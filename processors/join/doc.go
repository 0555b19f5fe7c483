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
// DuckDB also counts, by a hash join over the keys alone, what the join has to
// give (predict.go). A result with other counts is not delivered.
package join
