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
type Failure struct {
	Code  string            `json:"code"`
	Args  map[string]string `json:"args,omitempty"`
	Class string            `json:"class,omitempty"`
	// Prefix is what stood before the fault's own words, such as a place.
	Prefix string `json:"prefix,omitempty"`
	// Cause is the fault's cause; Text the words of an error that is no fault.
	Cause *Failure `json:"cause,omitempty"`
	Text  string   `json:"text,omitempty"`
	// Problems are several failures at once, such as those of a flow file.
	Problems []Failure `json:"problems,omitempty"`
}

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

func describe(err error) Failure {
	var problems flows.Problems
	if errors.As(err, &problems) {
		out := Failure{Code: "problems"}
		for _, p := range problems {
			f := describe(p.Fault)
			if p.Path != "" {
				f.Prefix = p.Path + ": "
			}
			out.Problems = append(out.Problems, f)
		}
		return out
	}
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		out := Failure{Code: "problems"}
		for _, e := range many.Unwrap() {
			out.Problems = append(out.Problems, describe(e))
		}
		if len(out.Problems) == 1 {
			return out.Problems[0]
		}
		return out
	}
	e := fault.As(err)
	if e == nil {
		return Failure{Code: "internal", Text: err.Error()}
	}
	f := Failure{Code: e.Code, Args: e.Args, Class: e.Class.String()}
	if whole, own := err.Error(), e.Error(); whole != own {
		f.Prefix, _, _ = strings.Cut(whole, own)
	}
	if e.Cause != nil {
		c := describe(e.Cause)
		f.Cause = &c
	}
	return f
}

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
	case f.Code == "internal" || f.Code == "":
		return http.StatusInternalServerError
	case has("unknown", "not_found"):
		return http.StatusNotFound
	case has("busy", "taken", "locked", "not_newest", "sealed", "stale", "holds_data", "active"):
		return http.StatusConflict
	case strings.HasPrefix(f.Code, "store_") || f.Code == "disk_full":
		return http.StatusServiceUnavailable
	}
	return http.StatusUnprocessableEntity
}

// Err returns the error that a failure tells of: faults are faults again.
func (f Failure) Err() error {
	if len(f.Problems) > 0 {
		errs := make([]error, len(f.Problems))
		for i, p := range f.Problems {
			errs[i] = p.Err()
		}
		return errors.Join(errs...)
	}
	if f.Code == "internal" && f.Text != "" {
		return errors.New(f.Text)
	}
	e := &fault.Error{Code: f.Code, Args: f.Args}
	switch f.Class {
	case "after":
		e.Class = fault.After
	case "permanent":
		e.Class = fault.Permanent
	}
	if f.Cause != nil {
		e.Cause = f.Cause.Err()
	}
	if f.Prefix != "" {
		return &placed{f.Prefix, e}
	}
	return e
}

// placed is a fault with the words that stood before it.
type placed struct {
	prefix string
	err    *fault.Error
}

func (p *placed) Error() string { return p.prefix + p.err.Error() }
func (p *placed) Unwrap() error { return p.err }
