package bigquery

import "time"

// jobState is how far a job has come.
type jobState int

const (
	jobAbsent jobState = iota
	jobRunning
	jobDone
	jobFailed
)

// found is what BigQuery says of a job id.
type found struct {
	state       jobState
	label       string
	destination string
	created     time.Time
}

// verdict says what a try does next.
type verdict int

const (
	// send builds the upload and sends it with the try's number.
	send verdict = iota
	// adopt waits for the job, which is this run's own.
	adopt
	// next counts the number up: the job has failed, and its id is used up.
	next
	// refuse ends the work for good: somebody else's job has the id.
	refuse
)

// skew is how much BigQuery's clock may differ from ours.
const skew = 10 * time.Minute

// decide says what to do about a job that was intended, given all that was ever
// intended under its id. A job that failed has loaded nothing, so it does not
// matter what it was. One that was made long before the first intent is of a time
// that this store has forgotten, such as before a backup was restored: what it
// loaded may have been replaced since, so it does not count.
func decide(same []intent, job found, destination string) verdict {
	switch {
	case job.state == jobFailed:
		return next
	case job.state == jobAbsent && len(same) > 0 && same[len(same)-1].Destination != destination:
		// The settings were changed meanwhile. The old upload may still be on its way
		// under this id.
		return next
	case job.state == jobAbsent:
		return send
	case job.destination != destination:
		return refuse
	}
	for _, in := range same {
		if in.Destination != job.destination || labelOf(in.SHA256) != job.label {
			continue
		}
		if !job.created.IsZero() && job.created.Before(same[0].at.Add(-skew)) {
			return next
		}
		return adopt
	}
	return refuse
}
