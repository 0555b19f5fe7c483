// Package bigquery is BigQuery's REST API in one process, over DuckDB: for
// demonstrations without an account and for tests of what loads and queries
// BigQuery.
//
// Server is the http.Handler, opened by New from a Config. It serves datasets,
// tables with etags, schemas and partitions, load jobs by multipart and
// resumable upload (Parquet, NDJSON, CSV), query jobs, tabledata and the
// discovery document that the bq command line asks for. Problem is an error in
// Google's shape; Method names the method that a request calls. Rows reads a
// table without the API, for tests that compare.
//
// Caveats: metadata and jobs live in memory and end with the Server; SQL is
// DuckDB's behind a light shim of BigQuery's dialect; BIGNUMERIC keeps 38
// digits of which 18 are decimals; GEOGRAPHY is text; there are no views,
// models, routines, copy or extract jobs.
package bigquery
