package bigquery

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"

	"google.golang.org/api/googleapi"
)

// attempt is one request of the client library.
type attempt struct {
	end context.CancelFunc
	err error // of a request without an answer
}

type attemptKey struct{}

// once lets the client library ask one time. By itself it asks again until the
// context ends, about some of the refusals that pass and not about others, and
// has no option for that. How long and about what a node keeps trying is decided
// here alone (see call), so the context of a call ends with its first refusal.
func once(ctx context.Context, do func(context.Context) error) error {
	a := &attempt{}
	within, end := context.WithTimeout(context.WithValue(ctx, attemptKey{}, a), keepTrying)
	defer end()
	a.end = end
	err := do(within)
	var answer *googleapi.Error
	switch {
	case errors.As(err, &answer):
		return answer // without what the library says of the context
	case err != nil && a.err != nil && ctx.Err() == nil:
		return a.err
	}
	return err
}

// attempts passes requests on, and ends the attempt of one that was refused.
// Requests that belong to none are those of uploads, which are watched instead.
type attempts struct{ base http.RoundTripper }

// RoundTrip sends a request.
func (t attempts) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("User-Agent", r.UserAgent()+" weir")
	u, sends := r.Context().Value(uploadKey{}).(*upload)
	if sends {
		u.watch(r)
	}
	resp, err := t.base.RoundTrip(r)
	if sends && err == nil {
		u.moved()
	}
	a, ok := r.Context().Value(attemptKey{}).(*attempt)
	if !ok {
		return resp, err
	}
	if err == nil {
		// The end of the context would cut the body off.
		resp, err = whole(resp)
	}
	if err != nil {
		a.err = &url.Error{Op: r.Method, URL: r.URL.Redacted(), Err: err}
		a.end()
		return nil, err
	}
	if resp.StatusCode >= http.StatusBadRequest {
		a.end()
	}
	return resp, nil
}

// whole reads the body of an answer, which is small: uploads have answers as
// small as those of other calls, and rows are not read.
func whole(resp *http.Response) (*http.Response, error) {
	body, err := io.ReadAll(resp.Body)
	if cerr := resp.Body.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}
