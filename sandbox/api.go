package sandbox

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/weirflow/weir/sandbox/bigquery"
)

// API is one of the services that the sandbox stands for.
type API string

// The APIs, as a fault names them.
const (
	Firestore API = "firestore"
	Analytics API = "analytics"
	BigQuery  API = "bigquery"
	OAuth     API = "oauth"
)

var apis = []API{Firestore, Analytics, BigQuery, OAuth}

// methodsOf are the calls that a fault may name.
var methodsOf = map[API][]string{
	Firestore: methods,
	Analytics: {"runReport", "batchRunReports", "getMetadata", "checkCompatibility"},
	BigQuery: {"datasets.get", "datasets.insert", "datasets.list", "datasets.patch", "datasets.update", "datasets.delete",
		"tables.get", "tables.insert", "tables.list", "tables.patch", "tables.update", "tables.delete", "tables.testIamPermissions",
		"jobs.insert", "jobs.upload", "jobs.get", "jobs.list", "jobs.cancel", "jobs.delete", "jobs.query", "jobs.getQueryResults",
		"tabledata.list", "tabledata.insertAll", "projects.list"},
	OAuth: {"token", "sts.token", "generateAccessToken", "metadata"},
}

// apiOf returns the API that has a method, Firestore for none and "" for one
// that nobody has.
func apiOf(method string) API {
	if method == "" {
		return Firestore
	}
	for _, a := range apis {
		if slices.Contains(methodsOf[a], method) {
			return a
		}
	}
	return ""
}

// host is where Google serves an API, which its errors name.
func (a API) host() string {
	switch a {
	case Firestore:
		return "firestore.googleapis.com"
	case Analytics:
		return "analyticsdata.googleapis.com"
	case BigQuery:
		return "bigquery.googleapis.com"
	}
	return "oauth2.googleapis.com"
}

// title is what Google calls an API in its errors.
func (a API) title() string {
	switch a {
	case Firestore:
		return "Cloud Firestore API"
	case Analytics:
		return "Google Analytics Data API"
	case BigQuery:
		return "BigQuery API"
	}
	return "IAM Service Account Credentials API"
}

// refusal is an answer in the form of Google's errors:
// {"error": {"code": ..., "message": ..., "status": ..., "details": [...]}}.
type refusal struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	// Errors is what older APIs, BigQuery among them, have besides.
	Errors  []oldReason   `json:"errors,omitempty"`
	Status  string        `json:"status,omitempty"`
	Details []errorDetail `json:"details,omitempty"`
}

type oldReason struct {
	Message string `json:"message"`
	Domain  string `json:"domain"`
	Reason  string `json:"reason"`
}

// errorDetail is a google.rpc.ErrorInfo.
type errorDetail struct {
	Type     string            `json:"@type"`
	Reason   string            `json:"reason"`
	Domain   string            `json:"domain"`
	Metadata map[string]string `json:"metadata,omitempty"`
}

func errorInfo(reason string, metadata map[string]string) []errorDetail {
	return []errorDetail{{"type.googleapis.com/google.rpc.ErrorInfo", reason, "googleapis.com", metadata}}
}

// refuse returns a refusal with the HTTP code that belongs to a status.
func refuse(status, message string) *refusal {
	return &refusal{Code: httpCode(status), Message: message, Status: status}
}

func httpCode(status string) int {
	switch status {
	case "INVALID_ARGUMENT", "FAILED_PRECONDITION":
		return http.StatusBadRequest
	case "UNAUTHENTICATED":
		return http.StatusUnauthorized
	case "PERMISSION_DENIED":
		return http.StatusForbidden
	case "NOT_FOUND":
		return http.StatusNotFound
	case "RESOURCE_EXHAUSTED":
		return http.StatusTooManyRequests
	case "UNIMPLEMENTED":
		return http.StatusNotImplemented
	case "UNAVAILABLE":
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// reason is the word by which BigQuery's clients know an error.
func (r *refusal) reason() string {
	switch r.Code {
	case http.StatusBadRequest:
		return "invalid"
	case http.StatusUnauthorized:
		return "authError"
	case http.StatusForbidden:
		if len(r.Details) > 0 && r.Details[0].Reason == "SERVICE_DISABLED" {
			return "accessNotConfigured"
		}
		return "accessDenied"
	case http.StatusNotFound:
		return "notFound"
	case http.StatusTooManyRequests:
		return "rateLimitExceeded"
	case http.StatusNotImplemented:
		return "notImplemented"
	}
	return "backendError"
}

// write answers with the refusal in the form of an API.
func (r *refusal) write(w http.ResponseWriter, api API) {
	body := *r
	if api == BigQuery {
		if body.Status == "RESOURCE_EXHAUSTED" {
			body.Code = http.StatusForbidden // its clients look at the reason
		}
		body.Errors = []oldReason{{r.Message, "global", r.reason()}}
	}
	writeJSON(w, body.Code, map[string]*refusal{"error": &body})
}

// writeJSON answers with v. An error of the connection is the client's to see.
func writeJSON(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(code)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(v)
}

// analyticsMethod names the call of a request to the Data API.
func analyticsMethod(r *http.Request) string {
	if _, method, ok := strings.Cut(r.URL.Path, ":"); ok {
		return method
	}
	if strings.HasSuffix(r.URL.Path, "/metadata") {
		return "getMetadata"
	}
	return "unknown"
}

// bigqueryMethod names the call of a request to BigQuery, e.g. jobs.insert, but that
// the further chunks of a resumable upload are jobs.upload, for faults of their own.
func bigqueryMethod(r *http.Request) string {
	p := r.URL.Path
	if strings.HasPrefix(p, "/resumable/") || strings.HasPrefix(p, "/upload/") && r.URL.Query().Get("upload_id") != "" {
		return "jobs.upload"
	}
	return bigquery.Method(r)
}
