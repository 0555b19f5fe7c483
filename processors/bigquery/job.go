package bigquery

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	bq "cloud.google.com/go/bigquery"
	"google.golang.org/api/googleapi"

	"github.com/weirflow/weir/fault"
)

// shownErrors is how many of a job's errors are told.
const shownErrors = 5

// getJob returns the job of an id, nil where there is none.
func (w *warehouse) getJob(ctx context.Context, project, id, location string) (j *bq.Job, err error) {
	err = w.call(ctx, func(ctx context.Context) (err error) {
		j, err = w.api.JobFromProject(ctx, project, id, location)
		return err
	})
	if isStatus(err, http.StatusNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, w.blame(ctx, err, roleUser, id)
	}
	return j, nil
}

// errDuplicate says that there is a job of that id already.
var errDuplicate = errors.New("there is a job of this id")

// insertJob sends a load with its upload, which open gives from its beginning;
// load makes the job that sends it, size is how many bytes it has. The library
// sends it once, apart from pieces of a large upload. An answer that got lost leaves it open whether there is a
// job now, so BigQuery is asked before anything is sent again, and the same id is
// sent again.
func (w *warehouse) insertJob(ctx context.Context, load func(*bq.ReaderSource) *bq.Loader, mime string, size int64, open func() io.Reader) (*bq.Job, error) {
	var waited time.Duration
	for n := 0; ; n++ {
		l := load(bq.NewReaderSource(open()))
		l.MediaOptions = []googleapi.MediaOption{googleapi.ContentType(mime)}
		within, u, end := watched(ctx, w.silence, w.uploadTime(size))
		sent, err := l.Run(within)
		why := context.Cause(within)
		waited += u.idle() // what moved was no waiting
		end()
		gaveUp := err != nil && ctx.Err() == nil && (why == errSilent || why == errSlow)
		switch {
		case err == nil:
			return sent, nil
		case isStatus(err, http.StatusConflict):
			return nil, errDuplicate
		case ctx.Err() != nil || !gaveUp && !passing(err):
			return nil, w.blame(ctx, err, roleUser, w.path(l.Dst.TableID))
		}
		there, gerr := w.getJob(ctx, l.ProjectID, l.JobID, l.Location)
		if gerr != nil {
			return nil, gerr
		}
		if there != nil {
			return nil, errDuplicate
		}
		switch {
		case why == errSilent && gaveUp:
			return nil, fault.New("bigquery_upload_silent", "on", w.path(l.Dst.TableID), "limit", w.silence)
		case gaveUp:
			return nil, fault.New("bigquery_upload_slow", "on", w.path(l.Dst.TableID), "bytes", size, "limit", w.uploadTime(size))
		case waited >= keepTrying:
			return nil, w.blame(ctx, err, roleUser, w.path(l.Dst.TableID))
		}
		pause := pauseAfter(n)
		waited += pause
		if err := w.wait(ctx, pause); err != nil {
			return nil, err
		}
	}
}

// awaitJob waits until a job is done.
func (w *warehouse) awaitJob(ctx context.Context, j *bq.Job) error {
	for n := 0; !isDone(j); n++ {
		if err := w.wait(ctx, lookAfter(n)); err != nil {
			return err
		}
		err := w.call(ctx, func(ctx context.Context) error {
			_, err := j.Status(ctx)
			return err
		})
		if isStatus(err, http.StatusNotFound) {
			return fault.New("bigquery_vanished", "on", j.ID())
		}
		if err != nil {
			return w.blame(ctx, err, roleUser, j.ID())
		}
	}
	return nil
}

// lookAfter grows with the looks that were in vain: the end of a job is seen a
// tenth of a second and as long as it took later at most, but never more than
// longestWait, by few looks at a long one.
func lookAfter(n int) time.Duration { return min(firstLook<<min(n, 10), longestWait) }

func isDone(j *bq.Job) bool { return j.LastStatus() != nil && j.LastStatus().Done() }

// loadOf is the configuration of a load job, nil for another sort.
func loadOf(j *bq.Job) *bq.LoadConfig {
	c, err := j.Config()
	if err != nil {
		return nil // of a sort that the library cannot read, so no load
	}
	load, _ := c.(*bq.LoadConfig)
	return load
}

// foundOf is what decide needs to know of a job.
func foundOf(j *bq.Job) found {
	if j == nil {
		return found{}
	}
	f := found{state: jobRunning, destination: destinationOf(j)}
	if load := loadOf(j); load != nil {
		f.label = load.Labels[label]
	}
	st := j.LastStatus()
	if st != nil && st.Statistics != nil {
		f.created = st.Statistics.CreationTime
	}
	if isDone(j) {
		f.state = jobDone
		if st.Err() != nil {
			f.state = jobFailed
		}
	}
	return f
}

// destinationOf is the table that a job loads; none for another sort of job.
func destinationOf(j *bq.Job) string {
	load := loadOf(j)
	if load == nil || load.Dst == nil {
		return ""
	}
	return load.Dst.ProjectID + "." + load.Dst.DatasetID + "." + load.Dst.TableID
}

// outputOf is how many rows a job has loaded.
func outputOf(j *bq.Job) (rows int64, told bool) {
	st := j.LastStatus()
	if st == nil || st.Statistics == nil {
		return 0, false
	}
	load, ok := st.Statistics.Details.(*bq.LoadStatistics)
	if !ok {
		return 0, false
	}
	return load.OutputRows, true
}

// failureOf is the fault of a job that failed: of the service, which passes, or
// of the load itself, which does not. It is nil for one that did not fail.
func (w *warehouse) failureOf(j *bq.Job, destination string) error {
	st := j.LastStatus()
	if st.Err() == nil {
		return nil
	}
	why := &bq.Error{Message: st.Err().Error()}
	errors.As(st.Err(), &why)
	text := errorsOf(why, st.Errors)
	switch why.Reason {
	case "backendError", "internalError", "jobBackendError", "jobInternalError", "timeout", "tableUnavailable", "resourceInUse":
		return fault.New("bigquery_job_again", "job", j.ID(), "table", destination, "said", text).RetryAfter(rateWait)
	case "rateLimitExceeded", "jobRateLimitExceeded":
		return w.spare.rate(fault.New("bigquery_rate", "on", destination, "said", text))
	case "quotaExceeded":
		return w.spare.quota(fault.New("bigquery_quota", "on", destination, "said", text))
	}
	return fault.New("bigquery_job_failed", "job", j.ID(), "table", destination, "reason", why.Reason, "said", text).Permanent()
}

// errorsOf renders the first errors of a job with their places; why is the one
// that ended it.
func errorsOf(why *bq.Error, all []*bq.Error) string {
	if len(all) == 0 {
		all = []*bq.Error{why}
	}
	var out []string
	for i, e := range all {
		if i == shownErrors {
			out = append(out, fmt.Sprintf("and %d more", len(all)-i))
			break
		}
		text := e.Message
		if e.Location != "" {
			text = e.Location + ": " + text
		}
		out = append(out, text)
	}
	return strings.Join(out, "; ")
}
