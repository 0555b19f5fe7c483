// Package sql has the kinds that work on records with SQL: QueryRecord runs one
// SELECT over the records of a run, and WriteDuckDB keeps records in a database
// file, the local warehouse.
//
// Both open DuckDB through package duck, so a query sees the tables of its inputs
// and nothing else. Both count what DuckDB holds against what came in, and fail
// the run rather than lose a row.
//
// Caveat: QueryRecord works in one thread, since sums of doubles, and all that
// depends on the order of rows, would differ between two runs in several.
package sql
