// Package bigquery has the kind LoadBigQuery, which replaces one partition of a
// BigQuery table by the records of a run.
//
// The records are spooled to a scratch file, checked row by row, and sent in one
// load job. Three things make it safe to try again. The job's id is made of the
// store, flow, node, slot, generation and a number (see identity), so that
// BigQuery refuses to do it twice; an intent with id, destination and checksum is
// durable before the job is sent; and what to do about a job that an earlier try
// may have sent is one pure function, decide. Only a load that BigQuery counts as
// many rows for as were sent is receipted.
//
// Rows go as compressed lines of JSON, or as a Parquet file made by DuckDB: a
// sixth of the bytes, which BigQuery reads in parallel, for twice the work here.
//
// Google's client library does the calls, each of them once: what is tried again,
// and for how long, is decided here (see once). Its lists alone are done with the
// generated API, because they leave out what Suggest tells.
//
// Caveats: BigQuery has no null lists, so a null list becomes an empty one, and a
// list within a list cannot be loaded. A negative zero arrives as 0 in a Parquet
// file. A partition by a timestamp column follows UTC, so it fits the slots of a
// flow in UTC alone; for others use a date column or partitions by ingestion,
// which are named after the slot's local date. The client library knows the policy
// tags of columns, but no data policies that are set on them without a tag: what
// overwrite_table keeps of these is up to BigQuery.
package bigquery
