package ga4

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	ga "google.golang.org/api/analyticsdata/v1beta"
	"google.golang.org/api/googleapi"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors/google"
)

// How a request is repeated. Google counts a property's server errors and shuts
// it off for an hour after ten of them, so those are repeated seldom.
const (
	silence       = 5 * time.Minute // how long an answer may take
	serverWait    = 30 * time.Second
	serverRetries = 2 // within an hour
	firstWait     = time.Second
	longestWait   = 30 * time.Second
	keepTrying    = 2 * time.Minute
	// freeHours is how many times in a row the hour is waited at the cost of no
	// try; a server that always fails is given up after that.
	freeHours = 3
)

// calls replace the clock in tests; the zero value leaves it as it is.
type calls struct {
	wait func(context.Context, time.Duration) error
	now  func() time.Time
}

// sleep waits for d or the end of ctx.
func (c calls) sleep(ctx context.Context, d time.Duration) error {
	if c.wait != nil {
		return c.wait(ctx, d)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// asker sends requests for one property.
type asker struct {
	api      *ga.PropertiesService
	client   *google.Client
	http     *http.Client
	root     string // of the API's methods
	property string
	calls    calls
	now      func() time.Time
	// once is set where nothing is repeated: a verification tells what it sees.
	once bool

	// retried are the moments of the last hour's retries after server errors.
	retried []time.Time
	// hours is how often the hour was waited since the last answer.
	hours int
	// tokens are those charged since they were last accounted for.
	tokens int64
	// quota is what was left after the last answer, at that time.
	quota   []level
	quotaAt time.Time
}

func newAsker(client *google.Client, property string, c calls, now func() time.Time) (*asker, error) {
	options, err := client.Options(google.Analytics)
	if err != nil {
		return nil, err
	}
	service, err := ga.NewService(context.Background(), options...)
	if err != nil {
		return nil, fault.New("ga4_client", "service", client.Service).Permanent().Because(err)
	}
	if c.now != nil {
		now = c.now
	}
	if now == nil {
		now = time.Now
	}
	h, root := client.HTTP(google.Analytics)
	return &asker{api: service.Properties, client: client, http: h, root: root, property: property, calls: c, now: now}, nil
}

func (a *asker) name() string { return "properties/" + a.property }

// report asks for a report, or a page of one.
func (a *asker) report(ctx context.Context, q *ga.RunReportRequest) (*report, error) {
	body, err := q.MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("write request: %w", err)
	}
	res, err := ask(ctx, a, func(ctx context.Context) (*report, error) { return a.post(ctx, body) })
	if err == nil {
		if l := levels(res.PropertyQuota); l != nil {
			a.quota, a.quotaAt = l, a.now()
			if d := res.PropertyQuota.TokensPerDay; d != nil {
				a.tokens += d.Consumed
			}
		}
	}
	return res, err
}

// post sends the request for a report.
func (a *asker) post(ctx context.Context, body []byte) (*report, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, a.root+"v1beta/"+a.name()+":runReport", bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("ask for a report: %w", err)
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := a.http.Do(r)
	if err != nil {
		return nil, fmt.Errorf("ask for a report: %w", err)
	}
	defer googleapi.CloseBody(res)
	if err := googleapi.CheckResponse(res); err != nil {
		return nil, err
	}
	var text strings.Builder
	if res.ContentLength > 0 {
		text.Grow(int(min(res.ContentLength, 64<<20)))
	}
	if _, err := io.Copy(&text, res.Body); err != nil {
		return nil, fmt.Errorf("read report: %w", err)
	}
	return decodeReport(text.String())
}

func (a *asker) metadata(ctx context.Context) (*ga.Metadata, error) {
	return ask(ctx, a, func(ctx context.Context) (*ga.Metadata, error) {
		return a.api.GetMetadata(a.name() + "/metadata").Context(ctx).Do()
	})
}

func (a *asker) compatibility(ctx context.Context, q *ga.CheckCompatibilityRequest) (*ga.CheckCompatibilityResponse, error) {
	return ask(ctx, a, func(ctx context.Context) (*ga.CheckCompatibilityResponse, error) {
		return a.api.CheckCompatibility(a.name(), q).Context(ctx).Do()
	})
}

// reserved returns the wait for a bucket of which less is left than the reserve
// of that share, or nil.
func (a *asker) reserved(share float64) error {
	for _, l := range a.quota {
		wait := l.wait(a.quotaAt) - a.now().Sub(a.quotaAt)
		if float64(l.remaining) >= share*float64(l.limit) || wait <= 0 {
			continue
		}
		return fault.New("ga4_reserve", "property", a.property, "bucket", l.name, "remaining", l.remaining, "limit", l.limit,
			"until", moment(a.now().Add(wait))).FreeAfter(wait)
	}
	return nil
}

// ask sends a request until it is answered or there is no sense in asking again.
func ask[T any](ctx context.Context, a *asker, send func(context.Context) (T, error)) (T, error) {
	var none T
	failed, waited, began := 0, time.Duration(0), a.now()
	for {
		cctx, cancel := context.WithTimeout(ctx, silence)
		v, err := send(cctx)
		cancel()
		if err == nil {
			a.hours = 0
			return v, nil
		}
		if ctx.Err() != nil {
			return none, context.Cause(ctx)
		}
		code := status(err)
		wait := min(firstWait<<min(failed, 10), longestWait)
		switch {
		case code >= http.StatusInternalServerError && a.once:
			return none, a.blame(err)
		case code >= http.StatusInternalServerError:
			if wait = a.serverFailed(); wait == 0 {
				f := fault.New("ga4_server_errors", "property", a.property, "until", moment(a.now().Add(errorsWait))).Because(detail(err))
				if a.hours++; a.hours > freeHours {
					return none, f.RetryAfter(errorsWait)
				}
				return none, f.FreeAfter(errorsWait)
			}
		case code != 0 || a.once || max(waited, a.now().Sub(began)) >= keepTrying:
			return none, a.blame(err)
		default: // the network, unless the token is at fault
			if f := a.client.Explain(google.Analytics, "", err); f != nil && f.Class == fault.Permanent {
				return none, f
			}
		}
		failed++
		waited += wait
		if err := a.calls.sleep(ctx, wait); err != nil {
			return none, err
		}
	}
}

// serverFailed notes an error of the server's and returns how long to wait
// before asking again, or 0 when the hour's retries are used up.
func (a *asker) serverFailed() time.Duration {
	now := a.now()
	var recent []time.Time
	for _, t := range a.retried {
		if now.Sub(t) < time.Hour {
			recent = append(recent, t)
		}
	}
	if len(recent) >= serverRetries {
		a.retried = nil // the wait that follows is as long as the hour
		return 0
	}
	a.retried = append(recent, now)
	return serverWait
}

// status returns the HTTP status of a refusal, or 0 for an error of the network.
func status(err error) int {
	var refused *googleapi.Error
	if errors.As(err, &refused) {
		return refused.Code
	}
	return 0
}

// moment writes a time as a person reads it.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
