package google

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"google.golang.org/api/googleapi"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// answer is an error of Google's, whatever the form in which it came.
type answer struct {
	status  string // such as PERMISSION_DENIED
	message string
	reasons []string          // of the details, new and old
	about   map[string]string // of the details
	oauth   string            // the error of a token endpoint
}

func (a answer) is(reasons ...string) bool {
	return slices.ContainsFunc(reasons, func(r string) bool { return slices.Contains(a.reasons, r) })
}

var projectInText = regexp.MustCompile(`(?:in|[Pp]roject) (?:project )?['"#]?(?:projects/)?([a-z0-9][a-z0-9.:-]*[a-z0-9])['"]? (?:before|is|not found|or|has)`)

// project returns the project that the answer is about.
func (a answer) project(otherwise string) string {
	if p := strings.TrimPrefix(a.about["consumer"], "projects/"); p != "" {
		return p
	}
	if m := projectInText.FindStringSubmatch(a.message); m != nil {
		return m[1]
	}
	return otherwise
}

// answerOf reads an error of a client library.
func answerOf(err error) (answer, bool) {
	var h *googleapi.Error
	if errors.As(err, &h) {
		got := parseAnswer(h.Code, []byte(h.Body))
		if got.message == "" || got.message == h.Body {
			got.message = orElse(h.Message, got.message)
		}
		for _, item := range h.Errors {
			got.reasons = append(got.reasons, item.Reason)
		}
		return got, true
	}
	s, ok := status.FromError(err)
	if !ok || s.Code() == codes.OK {
		return answer{}, false
	}
	got := answer{status: nameOf(s.Code()), message: s.Message(), about: map[string]string{}}
	for _, d := range s.Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok {
			got.reasons = append(got.reasons, info.GetReason())
			for k, v := range info.GetMetadata() {
				got.about[k] = v
			}
		}
	}
	return got, true
}

// answer reads what a token host said.
func (r *refusal) answer() answer { return parseAnswer(r.code, []byte(r.body)) }

// parseAnswer reads the body of an error: {"error": {...}} of an API, or
// {"error": "invalid_grant", "error_description": ...} of a token endpoint.
func parseAnswer(code int, body []byte) answer {
	got := answer{status: statusOf(code), message: string(body), about: map[string]string{}}
	var oauth struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
		Subtype     string `json:"error_subtype"`
	}
	if json.Unmarshal(body, &oauth) == nil && oauth.Error != "" {
		got.oauth, got.message = oauth.Error, oauth.Description
		got.reasons = []string{oauth.Subtype}
		return got
	}
	var api struct {
		Error struct {
			Message string `json:"message"`
			Status  string `json:"status"`
			Errors  []struct {
				Reason string `json:"reason"`
			} `json:"errors"`
			Details []struct {
				Reason   string            `json:"reason"`
				Metadata map[string]string `json:"metadata"`
			} `json:"details"`
		} `json:"error"`
	}
	if json.Unmarshal(body, &api) != nil {
		return got
	}
	got.message = orElse(api.Error.Message, got.message)
	got.status = orElse(api.Error.Status, got.status)
	for _, e := range api.Error.Errors {
		got.reasons = append(got.reasons, e.Reason)
	}
	for _, d := range api.Error.Details {
		if d.Reason == "" {
			continue
		}
		got.reasons = append(got.reasons, d.Reason)
		for k, v := range d.Metadata {
			got.about[k] = v
		}
	}
	return got
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// statusOf returns the status that an HTTP code stands for.
func statusOf(code int) string {
	switch code {
	case http.StatusUnauthorized:
		return "UNAUTHENTICATED"
	case http.StatusForbidden:
		return "PERMISSION_DENIED"
	case http.StatusNotFound:
		return "NOT_FOUND"
	case http.StatusTooManyRequests:
		return "RESOURCE_EXHAUSTED"
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return "UNAVAILABLE"
	}
	return ""
}

// nameOf returns the name of a code of gRPC, of those that matter here.
func nameOf(c codes.Code) string {
	switch c {
	case codes.Unauthenticated:
		return "UNAUTHENTICATED"
	case codes.PermissionDenied:
		return "PERMISSION_DENIED"
	case codes.NotFound:
		return "NOT_FOUND"
	case codes.ResourceExhausted:
		return "RESOURCE_EXHAUSTED"
	case codes.Unavailable:
		return "UNAVAILABLE"
	}
	return ""
}
