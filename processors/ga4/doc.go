// Package ga4 reads Google Analytics 4.
//
// ReadGA4 is the kind: a source that asks the Data API for a report of
// dimensions and metrics, one day at a time, in the days of the property's own
// time zone, which is not always the flow's. Dates are sent as dates: words such
// as yesterday would mean another day whenever a run is late or repeated.
//
// Pages of a report are no snapshot. They are ordered by every dimension,
// fetched by how many rows really came, and held against each other (page.go);
// a day whose report changes under the reading is read again from its first
// page. Its rows wait in a spool (spool.go) until the day is whole and go out in
// one commit, so that neither a second reading nor a crash shows a row twice.
//
// The API tells what it left out (sampling, thresholding, the row "(other)",
// truncation) and what it charged. All of it goes into the run's facts and
// warnings; waits for a quota (quota.go) cost the activity no try.
package ga4
