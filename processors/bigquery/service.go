package bigquery

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	bq "google.golang.org/api/bigquery/v2"
	"google.golang.org/api/googleapi"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors/google"
)

// How long and how often a call is tried again, and a job looked at.
const (
	keepTrying  = 2 * time.Minute
	firstWait   = 500 * time.Millisecond
	longestWait = 10 * time.Second
	rateWait    = time.Minute
	quotaWait   = 30 * time.Minute
)

// warehouse is BigQuery as one node uses it.
type warehouse struct {
	client  *google.Client
	api     *bq.Service
	project string
	dataset string
	// wait passes the time; tests let it fly.
	wait func(context.Context, time.Duration) error
}

// path names the table as people write it.
func (w *warehouse) path(table string) string { return w.project + "." + w.dataset + "." + table }

// sleep waits for d or the end of ctx.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// call does one call, again after what will pass, for up to keepTrying.
func (w *warehouse) call(ctx context.Context, do func() error) error {
	var waited time.Duration
	for n := 0; ; n++ {
		err := do()
		if err == nil || ctx.Err() != nil || !passing(err) || waited >= keepTrying {
			return err
		}
		pause := pauseAfter(n)
		waited += pause
		if w.wait(ctx, pause) != nil {
			return err
		}
	}
}

// pauseAfter grows with the number of failures and is spread, so that nodes that
// were cut off together do not come back together.
func pauseAfter(n int) time.Duration {
	d := min(firstWait<<min(n, 10), longestWait)
	return d + time.Duration(rand.Int64N(int64(d)/4))
}

// reasonOf returns the reason of an answer, such as rateLimitExceeded, and its
// HTTP status; none for an error that is no answer.
func reasonOf(err error) (reason string, status int, answer *googleapi.Error) {
	if !errors.As(err, &answer) {
		return "", 0, nil
	}
	if len(answer.Errors) > 0 {
		reason = answer.Errors[0].Reason
	}
	return reason, answer.Code, answer
}

// passing reports whether an error may be gone in a moment.
func passing(err error) bool {
	reason, status, answer := reasonOf(err)
	if answer == nil {
		return !errors.Is(err, context.Canceled) && fault.As(err) == nil
	}
	switch reason {
	case "rateLimitExceeded", "jobRateLimitExceeded", "backendError", "internalError":
		return true
	case "quotaExceeded":
		return false
	}
	switch status {
	case http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

func isStatus(err error, status int) bool {
	_, got, _ := reasonOf(err)
	return got == status
}

// The roles that the calls take.
const (
	roleEditor = "roles/bigquery.dataEditor"
	roleUser   = "roles/bigquery.jobUser"
)

// blame turns the error of a call into what a person is told, and whether to try
// again. role is what the call takes, on what.
func (w *warehouse) blame(ctx context.Context, err error, role, on string) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	reason, status, answer := reasonOf(err)
	switch reason {
	case "rateLimitExceeded", "jobRateLimitExceeded":
		return fault.New("bigquery_rate", "on", on, "said", answer.Message).RetryAfter(rateWait)
	case "quotaExceeded":
		return fault.New("bigquery_quota", "on", on, "said", answer.Message).RetryAfter(quotaWait)
	}
	switch {
	case answer != nil && passing(err):
		return fault.New("bigquery_unavailable", "on", on, "said", answer.Message)
	case status == http.StatusNotFound:
		return fault.New("bigquery_not_found", "on", on, "said", answer.Message).Permanent()
	}
	if answer != nil && strings.Contains(answer.Message, "bigquery.jobs.create") {
		role = roleUser
	}
	if f := w.client.Explain(google.BigQuery, role, err); f != nil {
		return f
	}
	switch {
	case answer == nil && fault.As(err) != nil:
		return err
	case answer == nil:
		return fault.New("bigquery_unreachable", "on", on).Because(err)
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return fault.New("bigquery_denied", "on", on, "role", role, "project", w.project, "said", answer.Message).Permanent()
	}
	return fault.New("bigquery_refused", "on", on, "reason", reason, "said", answer.Message).Permanent()
}

// getDataset returns the dataset, nil where there is none.
func (w *warehouse) getDataset(ctx context.Context) (d *bq.Dataset, err error) {
	err = w.call(ctx, func() (err error) {
		d, err = w.api.Datasets.Get(w.project, w.dataset).Context(ctx).Do()
		return err
	})
	if isStatus(err, http.StatusNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, w.blame(ctx, err, roleEditor, w.project+"."+w.dataset)
	}
	return d, nil
}

// getTable returns the table, nil where there is none.
func (w *warehouse) getTable(ctx context.Context, name string) (t *bq.Table, err error) {
	err = w.call(ctx, func() (err error) {
		t, err = w.api.Tables.Get(w.project, w.dataset, name).Context(ctx).Do()
		return err
	})
	if isStatus(err, http.StatusNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, w.blame(ctx, err, roleEditor, w.path(name))
	}
	return t, nil
}

// makeDataset makes the dataset. Somebody else may have made it meanwhile.
func (w *warehouse) makeDataset(ctx context.Context, location string) (*bq.Dataset, error) {
	d := &bq.Dataset{DatasetReference: &bq.DatasetReference{ProjectId: w.project, DatasetId: w.dataset}, Location: location}
	err := w.call(ctx, func() error {
		_, err := w.api.Datasets.Insert(w.project, d).Context(ctx).Do()
		return err
	})
	if err != nil && !isStatus(err, http.StatusConflict) {
		return nil, w.blame(ctx, err, roleEditor, w.project+"."+w.dataset)
	}
	if d, err = w.getDataset(ctx); err == nil && d == nil {
		err = fault.New("bigquery_vanished", "on", w.project+"."+w.dataset)
	}
	return d, err
}

// makeTable makes the table. Somebody else may have made it meanwhile, so what
// is there now is returned.
func (w *warehouse) makeTable(ctx context.Context, t *bq.Table) (*bq.Table, error) {
	name := t.TableReference.TableId
	err := w.call(ctx, func() error {
		_, err := w.api.Tables.Insert(w.project, w.dataset, t).Context(ctx).Do()
		return err
	})
	if err != nil && !isStatus(err, http.StatusConflict) {
		return nil, w.blame(ctx, err, roleEditor, w.path(name))
	}
	made, err := w.getTable(ctx, name)
	if err == nil && made == nil {
		err = fault.New("bigquery_vanished", "on", w.path(name))
	}
	return made, err
}

// getJob returns the job of an id, nil where there is none.
func (w *warehouse) getJob(ctx context.Context, id, location string) (j *bq.Job, err error) {
	err = w.call(ctx, func() (err error) {
		j, err = w.api.Jobs.Get(w.project, id).Location(location).Context(ctx).Do()
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

// insertJob sends a load with its upload, which open gives from its beginning.
// An answer that got lost leaves it open whether there is a job now, so BigQuery
// is asked before anything is sent again, and the same id is sent again.
func (w *warehouse) insertJob(ctx context.Context, job *bq.Job, mime string, open func() io.Reader) (*bq.Job, error) {
	id, location := job.JobReference.JobId, job.JobReference.Location
	var waited time.Duration
	for n := 0; ; n++ {
		sent, err := w.api.Jobs.Insert(w.project, job).Media(open(), googleapi.ContentType(mime)).Context(ctx).Do()
		switch {
		case err == nil:
			return sent, nil
		case isStatus(err, http.StatusConflict):
			return nil, errDuplicate
		case ctx.Err() != nil || !passing(err):
			return nil, w.blame(ctx, err, roleUser, w.path(job.Configuration.Load.DestinationTable.TableId))
		}
		there, gerr := w.getJob(ctx, id, location)
		if gerr != nil {
			return nil, gerr
		}
		if there != nil {
			return nil, errDuplicate
		}
		if waited >= keepTrying {
			return nil, w.blame(ctx, err, roleUser, w.path(job.Configuration.Load.DestinationTable.TableId))
		}
		pause := pauseAfter(n)
		waited += pause
		if err := w.wait(ctx, pause); err != nil {
			return nil, err
		}
	}
}

// awaitJob waits until a job is done and returns it as it is then.
func (w *warehouse) awaitJob(ctx context.Context, j *bq.Job) (*bq.Job, error) {
	id, location := j.JobReference.JobId, j.JobReference.Location
	for n := 0; !isDone(j); n++ {
		if err := w.wait(ctx, pauseAfter(n)); err != nil {
			return nil, err
		}
		now, err := w.getJob(ctx, id, location)
		if err != nil {
			return nil, err
		}
		if now == nil {
			return nil, fault.New("bigquery_vanished", "on", id)
		}
		j = now
	}
	return j, nil
}

func isDone(j *bq.Job) bool { return j.Status != nil && j.Status.State == "DONE" }
