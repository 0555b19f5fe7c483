package ga4

import (
	"errors"
	"net/http"
	"strings"

	"google.golang.org/api/googleapi"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors/google"
)

// detail is what the server said, bounded.
func detail(err error) error {
	var refused *googleapi.Error
	if !errors.As(err, &refused) {
		return err
	}
	text := refused.Message
	if text == "" {
		text = http.StatusText(refused.Code)
	}
	if r := []rune(text); len(r) > 400 {
		text = string(r[:399]) + "…"
	}
	return errors.New(text)
}

// refusedRequest is a request that the server finds wrong; what exactly is for
// the caller to find out.
type refusedRequest struct{ err error }

func (r *refusedRequest) Error() string { return r.err.Error() }
func (r *refusedRequest) Unwrap() error { return r.err }

// blame turns what is wrong with a request into what a person can do about it.
func (a *asker) blame(err error) error {
	code := status(err)
	switch {
	case code == http.StatusTooManyRequests:
		bucket, wait := exhausted(detail(err).Error(), a.now())
		return fault.New("ga4_exhausted", "property", a.property, "bucket", bucket, "until", moment(a.now().Add(wait))).
			FreeAfter(wait).Because(detail(err))
	case code == http.StatusBadRequest:
		return &refusedRequest{detail(err)}
	case code == http.StatusNotFound:
		return a.noAccess(err)
	}
	if f := a.client.Explain(google.Analytics, "", err); f != nil {
		return f
	}
	switch {
	case code == http.StatusForbidden:
		return a.noAccess(err)
	case code == 0 || code >= http.StatusInternalServerError:
		return fault.New("ga4_unavailable", "property", a.property).Because(detail(err))
	}
	return fault.New("ga4_refused", "property", a.property, "status", code).Permanent().Because(detail(err))
}

// noAccess is the fault of a property that there is not, or not for this
// account: the server does not tell the two apart.
func (a *asker) noAccess(err error) error {
	return fault.New("ga4_no_access", "account", a.client.Principal(), "property", a.property).Permanent().Because(detail(err))
}

// rejected is the fault of a report that the server finds wrong for a reason
// that its fields do not explain.
func (a *asker) rejected(err error) error {
	var r *refusedRequest
	if !errors.As(err, &r) {
		return err
	}
	return fault.New("ga4_report_refused", "property", a.property).Permanent().Because(r.err)
}

func joined(names []string) string {
	if len(names) == 0 {
		return "-"
	}
	return strings.Join(names, ", ")
}
