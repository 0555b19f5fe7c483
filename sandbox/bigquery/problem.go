package bigquery

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// The reasons that BigQuery gives for errors, as its clients compare them.
const (
	ReasonAccessDenied      = "accessDenied"
	ReasonBackendError      = "backendError"
	ReasonBillingNotEnabled = "billingNotEnabled"
	ReasonConditionNotMet   = "conditionNotMet"
	ReasonDuplicate         = "duplicate"
	ReasonInternalError     = "internalError"
	ReasonInvalid           = "invalid"
	ReasonInvalidQuery      = "invalidQuery"
	ReasonNotFound          = "notFound"
	ReasonNotImplemented    = "notImplemented"
	ReasonParseError        = "parseError"
	ReasonQuotaExceeded     = "quotaExceeded"
	ReasonRateLimitExceeded = "rateLimitExceeded"
	ReasonRequired          = "required"
	ReasonResourceInUse     = "resourceInUse"
	ReasonStopped           = "stopped"
)

// Problem is an error as BigQuery tells it.
type Problem struct {
	// Code is the HTTP status; zero means that of the reason.
	Code int
	// Reason is one of the Reason constants.
	Reason string
	// Message is the sentence for people.
	Message string
	// Location says where the error lies: a column, a file, a header.
	Location string
}

func (p *Problem) Error() string { return p.Message }

// problem formats a Problem.
func problem(reason, format string, args ...any) *Problem {
	return &Problem{Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// at sets where the error lies.
func (p *Problem) at(location string) *Problem {
	p.Location = location
	return p
}

// status returns the HTTP status and Google's name of it.
func (p *Problem) status() (int, string) {
	code := p.Code
	if code == 0 {
		switch p.Reason {
		case ReasonAccessDenied, ReasonBillingNotEnabled, ReasonQuotaExceeded, ReasonRateLimitExceeded:
			code = http.StatusForbidden
		case ReasonNotFound:
			code = http.StatusNotFound
		case ReasonDuplicate:
			code = http.StatusConflict
		case ReasonConditionNotMet:
			code = http.StatusPreconditionFailed
		case ReasonBackendError:
			code = http.StatusServiceUnavailable
		case ReasonInternalError:
			code = http.StatusInternalServerError
		case ReasonNotImplemented:
			code = http.StatusNotImplemented
		default:
			code = http.StatusBadRequest
		}
	}
	switch code {
	case http.StatusUnauthorized:
		return code, "UNAUTHENTICATED"
	case http.StatusForbidden:
		return code, "PERMISSION_DENIED"
	case http.StatusNotFound:
		return code, "NOT_FOUND"
	case http.StatusConflict:
		return code, "ALREADY_EXISTS"
	case http.StatusPreconditionFailed:
		return code, "FAILED_PRECONDITION"
	case http.StatusTooManyRequests:
		return code, "RESOURCE_EXHAUSTED"
	case http.StatusInternalServerError:
		return code, "INTERNAL"
	case http.StatusNotImplemented:
		return code, "UNIMPLEMENTED"
	case http.StatusServiceUnavailable, http.StatusBadGateway, http.StatusGatewayTimeout:
		return code, "UNAVAILABLE"
	}
	return code, "INVALID_ARGUMENT"
}

// proto returns the problem as jobs carry it.
func (p *Problem) proto() *ErrorProto {
	return &ErrorProto{Reason: p.Reason, Message: p.Message, Location: p.Location}
}

// Write answers a request with the problem in Google's shape.
func (p *Problem) Write(w http.ResponseWriter) {
	type item struct {
		Message      string `json:"message"`
		Domain       string `json:"domain"`
		Reason       string `json:"reason"`
		Location     string `json:"location,omitempty"`
		LocationType string `json:"locationType,omitempty"`
	}
	code, status := p.status()
	i := item{Message: p.Message, Domain: "global", Reason: p.Reason, Location: p.Location}
	if p.Location != "" {
		i.LocationType = "other"
		if p.Reason == ReasonConditionNotMet {
			i.LocationType = "header"
		}
	}
	type body struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
		Errors  []item `json:"errors"`
		Status  string `json:"status"`
	}
	answer(w, code, map[string]body{"error": {code, p.Message, []item{i}, status}})
}

// asProblem returns the error as a Problem; one of ours becomes backendError,
// so that no client takes it for a fault of its request.
func asProblem(err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	return problem(ReasonInternalError, "An internal error occurred: %v.", err)
}

// answer writes a JSON answer.
func answer(w http.ResponseWriter, code int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		code, b = http.StatusInternalServerError, []byte(`{"error":{"code":500,"message":"the answer cannot be written as JSON"}}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(code)
	_, _ = w.Write(append(b, '\n')) // a client that has left needs no answer
}
