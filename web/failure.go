package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flows"
)

// Failure is an error on the wire. Its text is rendered by whoever shows it, in
// their language, from the code and the arguments.
type Failure = fault.Note

const codeInternal = "internal"

// Describe returns the HTTP status and the wire form of an error.
func Describe(err error) (int, Failure) {
	var he *echo.HTTPError
	if errors.As(err, &he) {
		err = fault.New("request_refused", "status", he.Code, "what", he.Message).Permanent()
		return he.Code, describe(err)
	}
	f := describe(err)
	return status(f), f
}

// describe keeps the problems of a flow a list, be there only one, so that they
// are told from a failure of the request itself.
func describe(err error) Failure {
	var problems flows.Problems
	if !errors.As(err, &problems) {
		return *fault.NoteOf(err)
	}
	out := Failure{Code: "problems"}
	for _, p := range problems {
		f := *fault.NoteOf(p.Fault)
		if p.Path != "" {
			f.Prefix = p.Path + ": "
		}
		out.Problems = append(out.Problems, f)
	}
	return out
}

// badQuery are the codes of values in a query that are not of those that there
// are, whatever else the request asks for.
var badQuery = map[string]bool{"records_form_unknown": true, "records_place_bad": true, "language_unknown": true,
	"run_kind_unknown": true, "history_of_what": true}

// status maps codes to HTTP's statuses; codes end in words that say their sort.
func status(f Failure) int {
	if len(f.Problems) > 0 {
		return http.StatusUnprocessableEntity
	}
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.HasSuffix(f.Code, w) || strings.Contains(f.Code, w+"_") {
				return true
			}
		}
		return false
	}
	switch {
	case f.Code == "sign_in_needed" || f.Code == "token_refused" || f.Code == "password_wrong":
		return http.StatusUnauthorized
	case f.Code == "sign_in_wait" || f.Code == "live_pages_many":
		return http.StatusTooManyRequests
	case f.Code == "host_refused" || f.Code == "origin_refused" || f.Code == "only_here":
		return http.StatusForbidden
	case f.Code == "request_large":
		return http.StatusRequestEntityTooLarge
	case strings.HasPrefix(f.Code, "request_") || badQuery[f.Code]:
		return http.StatusBadRequest
	case f.Code == codeInternal || f.Code == "":
		return http.StatusInternalServerError
	case has("unknown", "not_found"):
		return http.StatusNotFound
	case f.Code == "output_gone" || f.Code == "output_replaced" || f.Code == "output_changed":
		return http.StatusGone
	case has("busy", "taken", "locked", "not_newest", "sealed", "stale", "holds_data", "active"):
		return http.StatusConflict
	case strings.HasPrefix(f.Code, "store_") || f.Code == "disk_full":
		return http.StatusServiceUnavailable
	}
	return http.StatusUnprocessableEntity
}
