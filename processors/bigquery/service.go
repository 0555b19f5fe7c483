package bigquery

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	bq "cloud.google.com/go/bigquery"
	rest "google.golang.org/api/bigquery/v2"
	"google.golang.org/api/googleapi"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors/google"
)

// How long and how often a call is tried again, and a job looked at.
const (
	keepTrying  = 2 * time.Minute
	firstWait   = 500 * time.Millisecond
	firstLook   = 100 * time.Millisecond
	longestWait = 10 * time.Second
	rateWait    = time.Minute
	quotaWait   = 30 * time.Minute
)

// warehouse is BigQuery as one node uses it.
type warehouse struct {
	client *google.Client
	api    *bq.Client
	// lists lists what is there: the client library's own lists leave out where a
	// dataset lies and which tables are views.
	lists   *rest.Service
	root    string // of the methods' addresses
	project string
	dataset string
	// wait passes the time; tests let it fly.
	wait func(context.Context, time.Duration) error
	// silence and uploadTime bound an upload; tests shorten them.
	silence    time.Duration
	uploadTime func(size int64) time.Duration
	// spare is how long quotas are waited for at the cost of no try.
	spare *spare
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

// call does one call, again after what will pass, for up to keepTrying, which
// pauses and calls use up alike.
func (w *warehouse) call(ctx context.Context, do func(context.Context) error) error {
	var waited time.Duration
	for n := 0; ; n++ {
		began := time.Now()
		err := once(ctx, do)
		waited += time.Since(began)
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
		return w.spare.rate(fault.New("bigquery_rate", "on", on, "said", answer.Message))
	case "quotaExceeded":
		return w.spare.quota(fault.New("bigquery_quota", "on", on, "said", answer.Message))
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

// getDataset returns the dataset, nil where there is none. Who may use it is not
// asked: the library fails on entries of sorts that it does not know.
func (w *warehouse) getDataset(ctx context.Context) (d *bq.DatasetMetadata, err error) {
	err = w.call(ctx, func(ctx context.Context) (err error) {
		d, err = w.set().MetadataWithOptions(ctx, bq.WithDatasetView(bq.DatasetMetadataView))
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

func (w *warehouse) set() *bq.Dataset { return w.api.DatasetInProject(w.project, w.dataset) }

// getTable returns the table, nil where there is none.
func (w *warehouse) getTable(ctx context.Context, name string) (t *bq.TableMetadata, err error) {
	err = w.call(ctx, func(ctx context.Context) (err error) {
		t, err = w.set().Table(name).Metadata(ctx)
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
func (w *warehouse) makeDataset(ctx context.Context, location string) (*bq.DatasetMetadata, error) {
	err := w.call(ctx, func(ctx context.Context) error {
		return w.set().Create(ctx, &bq.DatasetMetadata{Location: location})
	})
	if err != nil && !isStatus(err, http.StatusConflict) {
		return nil, w.blame(ctx, err, roleEditor, w.project+"."+w.dataset)
	}
	d, err := w.getDataset(ctx)
	if err == nil && d == nil {
		err = fault.New("bigquery_vanished", "on", w.project+"."+w.dataset)
	}
	return d, err
}

// makeTable makes the table. Somebody else may have made it meanwhile, so what
// is there now is returned.
func (w *warehouse) makeTable(ctx context.Context, name string, t *bq.TableMetadata) (*bq.TableMetadata, error) {
	err := w.call(ctx, func(ctx context.Context) error { return w.set().Table(name).Create(ctx, t) })
	if err != nil && !isStatus(err, http.StatusConflict) {
		return nil, w.blame(ctx, err, roleEditor, w.path(name))
	}
	made, err := w.getTable(ctx, name)
	if err == nil && made == nil {
		err = fault.New("bigquery_vanished", "on", w.path(name))
	}
	return made, err
}
