// Package duck opens DuckDB so that nothing it is asked can get out of it: one
// directory, made for it and removed with it, is all of the disk that it sees;
// extensions, the network, other files and its own settings are out of reach.
// Every kind that joins, queries or writes columns opens it here.
//
// The types to know are DB (one locked database with a spool directory), Table
// (takes contents of records, each column with the type that the schema says)
// and Result (what a query made, as records again). Check is for SQL that a
// person wrote: one SELECT, told by DuckDB's own parser.
//
// Values go in and come out without loss. The types are those of ColumnType: a
// timestamp is a moment, so TIMESTAMP WITH TIME ZONE; bytes are BLOB; json keeps
// its text. The time zone of the database is UTC.
//
// Caveats: a negative zero comes back as 0, which equals it. Names of columns are
// compared without case by DuckDB, so a schema with both "a" and "A" is refused.
// The memory limit is that of the buffers: the
// process needs about half as much again. Contents are spooled to disk on their
// way in and out.
package duck
