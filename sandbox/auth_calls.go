package sandbox

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/weirflow/weir/sandbox/bigquery"
)

const (
	cloudScope    = "https://www.googleapis.com/auth/cloud-platform"
	iamScope      = "https://www.googleapis.com/auth/iam"
	emailScope    = "https://www.googleapis.com/auth/userinfo.email"
	analyticsRead = "https://www.googleapis.com/auth/analytics.readonly"
)

// scopesOf are the scopes of which a token needs one to use an API.
var scopesOf = map[API][]string{
	Firestore: {"https://www.googleapis.com/auth/datastore", cloudScope},
	Analytics: {analyticsRead, "https://www.googleapis.com/auth/analytics"},
	BigQuery:  {"https://www.googleapis.com/auth/bigquery", cloudScope},
}

// The roles that allow calls, wider ones included.
var (
	readDocuments  = []string{"roles/datastore.viewer", "roles/datastore.user", "roles/datastore.owner", "roles/viewer", "roles/editor", "roles/owner"}
	writeDocuments = []string{"roles/datastore.user", "roles/datastore.owner", "roles/editor", "roles/owner"}
	runJobs        = []string{"roles/bigquery.jobUser", "roles/bigquery.user", "roles/bigquery.admin", "roles/editor", "roles/owner"}
	readTables     = []string{"roles/bigquery.dataViewer", "roles/bigquery.dataEditor", "roles/bigquery.dataOwner", "roles/bigquery.user", "roles/bigquery.admin", "roles/viewer", "roles/editor", "roles/owner"}
	writeTables    = []string{"roles/bigquery.dataEditor", "roles/bigquery.dataOwner", "roles/bigquery.admin", "roles/editor", "roles/owner"}
	useQuota       = []string{"roles/serviceusage.serviceUsageConsumer", "roles/editor", "roles/owner"}
)

// attempt is a call whose credentials are to be checked.
type attempt struct {
	api           API
	method        string
	authorization string
	quota         string
	path          string
	header        http.Header // of a request over HTTP
}

// authorizeHTTP checks the credentials of a request and returns how to refuse
// it, or nil.
func (s *Sandbox) authorizeHTTP(api API, method string, r *http.Request) *refusal {
	a := s.service.auth
	if a == nil || api == OAuth {
		return nil
	}
	if strings.HasSuffix(r.Host, ".googleapis.com") && r.Host != api.host() {
		return refuse("NOT_FOUND", "The requested URL "+r.URL.Path+" was not found on "+r.Host+".")
	}
	return a.check(attempt{api, method, r.Header.Get("Authorization"), r.Header.Get("X-Goog-User-Project"), r.URL.Path, r.Header})
}

// authorizeRPC checks the credentials of a Firestore call.
func (s *service) authorizeRPC(ctx context.Context, method string) error {
	if s.auth == nil {
		return nil
	}
	md, _ := metadata.FromIncomingContext(ctx)
	no := s.auth.check(attempt{Firestore, method, strings.Join(md.Get("authorization"), " "), strings.Join(md.Get("x-goog-user-project"), " "), "", nil})
	if no == nil {
		return nil
	}
	code := codes.Internal
	switch no.Status {
	case "UNAUTHENTICATED":
		code = codes.Unauthenticated
	case "PERMISSION_DENIED":
		code = codes.PermissionDenied
	}
	st := status.New(code, no.Message)
	for _, d := range no.Details {
		with, err := st.WithDetails(&errdetails.ErrorInfo{Reason: d.Reason, Domain: d.Domain, Metadata: d.Metadata})
		if err != nil {
			panic("sandbox: " + err.Error()) // only a status without an error refuses details
		}
		st = with
	}
	return st.Err()
}

// check decides about a call.
func (a *Auth) check(q attempt) *refusal {
	a.mu.Lock()
	defer a.mu.Unlock()
	host := q.api.host()
	about := map[string]string{"service": host, "method": q.method}
	token, bearer := strings.CutPrefix(q.authorization, "Bearer ")
	if !bearer {
		no := refuse("UNAUTHENTICATED", "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.")
		no.Details = errorInfo("CREDENTIALS_MISSING", about)
		return no
	}
	g := a.resolve(token, q.api)
	if g == nil {
		no := refuse("UNAUTHENTICATED", "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.")
		no.Details = errorInfo("ACCESS_TOKEN_EXPIRED", about)
		return no
	}
	if !slices.ContainsFunc(scopesOf[q.api], func(s string) bool { return slices.Contains(g.scopes, s) }) {
		no := refuse("PERMISSION_DENIED", "Request had insufficient authentication scopes.")
		no.Details = errorInfo("ACCESS_TOKEN_SCOPE_INSUFFICIENT", about)
		return no
	}
	if no := a.consumer(q, g); no != nil {
		return no
	}
	if no := a.allowed(q, g.account); no != nil {
		return no
	}
	a.used = append(a.used, Used{q.api, q.method, g.account.Email, slices.Clone(g.scopes), q.quota})
	return nil
}

// consumer checks the project on whose account the call goes.
func (a *Auth) consumer(q attempt, g *grant) *refusal {
	host := q.api.host()
	if g.account.refresh != "" && q.quota == "" && q.api != BigQuery {
		no := refuse("PERMISSION_DENIED", "Your application is authenticating by using local Application Default Credentials. The "+host+
			" API requires a quota project, which is not set by default. To learn how to set your quota project, see https://cloud.google.com/docs/authentication/adc-troubleshooting/user-creds .")
		no.Details = errorInfo("SERVICE_DISABLED", map[string]string{"service": host, "consumer": "projects/764086051850"})
		return no
	}
	if q.quota != "" && !has(g.account, useQuota) {
		no := refuse("PERMISSION_DENIED", "Caller does not have required permission to use project "+q.quota+
			". Grant the caller the roles/serviceusage.serviceUsageConsumer role, or a custom role with the serviceusage.services.use permission, by visiting https://console.developers.google.com/iam-admin/iam/project?project="+q.quota+" and then retry.")
		no.Details = errorInfo("USER_PROJECT_DENIED", map[string]string{"service": host, "consumer": "projects/" + q.quota})
		return no
	}
	if slices.Contains(a.Disabled, host) {
		return switchedOff(q.api.title(), host, a.project)
	}
	return nil
}

func switchedOff(title, host, project string) *refusal {
	no := refuse("PERMISSION_DENIED", title+" has not been used in project "+project+" before or it is disabled. Enable it by visiting https://console.developers.google.com/apis/api/"+
		host+"/overview?project="+project+" then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry.")
	no.Details = errorInfo("SERVICE_DISABLED", map[string]string{"service": host, "consumer": "projects/" + project})
	return no
}

// allowed checks what the account may do.
func (a *Auth) allowed(q attempt, c *Account) *refusal {
	switch q.api {
	case Firestore:
		roles := readDocuments
		switch q.method {
		case "Commit", "BatchWrite", "Write", "CreateDocument", "UpdateDocument", "DeleteDocument":
			roles = writeDocuments
		}
		if !has(c, roles) {
			return refuse("PERMISSION_DENIED", "Missing or insufficient permissions.")
		}
	case Analytics:
		_, property, _ := strings.Cut(q.path, "/properties/")
		property, _, _ = strings.Cut(property, ":")
		property, _, _ = strings.Cut(property, "/")
		if !slices.Contains(c.Properties, property) {
			return refuse("PERMISSION_DENIED", "User does not have sufficient permissions for this property. To learn more about Property ID, see https://developers.google.com/analytics/devguides/reporting/data/v1/property-id.")
		}
	case BigQuery:
		if q.header != nil {
			q.header.Del(bigquery.ReadOnlyHeader)
			if !has(c, writeTables) {
				q.header.Set(bigquery.ReadOnlyHeader, "1")
			}
		}
		if permission, roles := bigqueryNeeds(q.method); !has(c, roles) {
			return refuse("PERMISSION_DENIED", "Access Denied: Project "+a.project+": User does not have "+permission+" permission in project "+a.project+".")
		}
	}
	return nil
}

// bigqueryNeeds returns the permission that a call to BigQuery needs, and the
// roles that have it. Which tables a job touches is not looked at.
func bigqueryNeeds(method string) (permission string, roles []string) {
	what, verb, _ := strings.Cut(method, ".")
	switch {
	case what == "jobs":
		return "bigquery.jobs.create", runJobs
	case what == "projects":
		return "resourcemanager.projects.get", append(slices.Clone(readTables), runJobs...)
	case verb == "get", verb == "testIamPermissions":
		return "bigquery." + what + "." + verb, readTables
	case verb == "list": // whoever may ask sees what is his to see
		return "bigquery." + what + "." + verb, append(slices.Clone(readTables), runJobs...)
	}
	return "bigquery." + what + "." + verb, writeTables
}

func has(c *Account, roles []string) bool {
	return slices.ContainsFunc(c.Roles, func(r string) bool { return slices.Contains(roles, r) })
}
