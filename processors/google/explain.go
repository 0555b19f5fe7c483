package google

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strings"

	"github.com/weirflow/weir/fault"
)

// loginCommand gets a person's login whose tokens cover all that the kinds use.
const loginCommand = "gcloud auth application-default login --scopes=openid,https://www.googleapis.com/auth/userinfo.email," +
	cloudPlatform + ",https://www.googleapis.com/auth/analytics.readonly"

// The numbers of the projects that gcloud's own logins belong to: an answer
// about one of them means that no project was named for the quota.
var gcloudProjects = []string{"764086051850", "32555940559"}

// Explain turns what went wrong with a call to an API, or with the token for
// it, into a fault that names the remedy, or returns nil where it does not know.
// Need is the IAM role that the call needs, such as roles/datastore.viewer; when
// it is empty a lack of permission is left to the caller. Of what was not found
// it says only that: a caller that knows the thing looks for that answer first.
func (c *Client) Explain(a API, need string, err error) *fault.Error {
	if err == nil {
		return nil
	}
	if own := fault.As(err); own != nil && strings.HasPrefix(own.Code, "google_") {
		return own
	}
	var r *refusal
	if errors.As(err, &r) {
		return c.explainToken(r)
	}
	if f := unreachable(a, err); f != nil {
		return f
	}
	got, ok := answerOf(err)
	if !ok {
		return nil
	}
	return c.explainAnswer(a, need, got)
}

// sentence is a server's message on one line, with a full stop.
func sentence(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if s == "" || strings.HasSuffix(s, ".") {
		return s
	}
	return s + "."
}

// explainAnswer is Explain for what the API itself answered.
func (c *Client) explainAnswer(a API, need string, got answer) *fault.Error {
	who, detail := c.Principal(), errors.New(clip(got.message))
	project := got.project(c.Project)
	switch {
	case got.is("SERVICE_DISABLED", "accessNotConfigured") || strings.Contains(got.message, "has not been used in project"):
		if strings.Contains(got.message, "requires a quota project") || containsAny(project, gcloudProjects) {
			return fault.New("google_quota_project", "api", a.Host, "project", c.Project, "where", who.place()).Permanent().Because(detail)
		}
		return fault.New("google_api_disabled", "api", a.Host, "project", project).Permanent().Because(detail)
	case got.is("USER_PROJECT_DENIED"):
		return fault.New("google_quota_denied", "project", c.quotaProject(project), "who", who, "member", who.Member()).Permanent().Because(detail)
	case got.is("ACCESS_TOKEN_SCOPE_INSUFFICIENT", "insufficientScopes") || strings.Contains(got.message, "insufficient authentication scopes"):
		return c.scopeMissing(a).Because(detail)
	case got.is("BILLING_DISABLED", "billingNotEnabled"):
		return fault.New("google_billing", "project", project).Permanent().Because(detail)
	case got.is("CONSUMER_INVALID"):
		return fault.New("google_no_project", "project", project, "who", who).Permanent().Because(detail)
	case got.is("SECURITY_POLICY_VIOLATED") || strings.Contains(got.message, "prohibited by organization's policy"):
		return fault.New("google_perimeter", "api", a.Host, "project", c.Project).Permanent().Because(detail)
	case got.status == "UNAUTHENTICATED":
		return fault.New("google_unauthenticated", "api", a.Host, "who", who, "where", who.place(), "service", c.Service).Permanent().Because(detail)
	case got.status == "PERMISSION_DENIED" && need != "":
		return fault.New("google_denied", "api", a.Host, "project", c.Project, "who", who, "member", who.Member(), "role", need).Permanent().Because(detail)
	case got.status == "NOT_FOUND":
		return fault.New("google_not_found", "api", a.Host, "project", c.Project, "message", clip(sentence(got.message))).Permanent()
	}
	return nil
}

// scopeMissing is the fault of a token that the API does not take, by how its
// scopes can be changed.
func (c *Client) scopeMissing(a API) *fault.Error {
	who := c.Principal()
	switch {
	case who.Base != nil || who.Kind == KeySecret || who.Kind == KeyFile || who.Kind == Workload:
		return fault.New("google_scope_missing", "api", a.Host, "scope", a.Scope, "who", who).Permanent()
	case who.Kind == Attached:
		return fault.New("google_scope_machine", "api", a.Host, "scope", a.Scope, "who", who).Permanent()
	}
	return fault.New("google_scope_login", "api", a.Host, "scope", a.Scope, "who", who, "login", loginCommand).Permanent()
}

func (c *Client) quotaProject(otherwise string) string {
	if c.found != nil && c.found.quota != "" {
		return c.found.quota
	}
	return otherwise
}

func containsAny(s string, parts []string) bool {
	for _, p := range parts {
		if strings.Contains(s, p) {
			return true
		}
	}
	return false
}

// explainToken is Explain for what a token host answered.
func (c *Client) explainToken(r *refusal) *fault.Error {
	who := c.Principal()
	proof := who // who proves itself to the token host
	if who.Base != nil {
		proof = *who.Base
	}
	got := r.answer()
	switch {
	case r.code >= 500 || r.code == 429:
		return fault.New("google_token_unavailable", "host", r.host, "status", r.code).Because(r)
	case r.host == metadataHost:
		return fault.New("google_machine_refused", "who", who, "status", r.code).Permanent().Because(r)
	case r.host == impersonateHost && got.is("SERVICE_DISABLED"):
		return fault.New("google_api_disabled", "api", impersonateHost, "project", got.project(c.Project)).Permanent().Because(r)
	case r.host == impersonateHost && r.code == 404:
		return fault.New("google_impersonate_missing", "account", who, "service", c.Service).Permanent().Because(r)
	case r.host == impersonateHost && r.code == 403:
		return fault.New("google_impersonate_denied", "account", who, "who", proof, "member", proof.Member()).Permanent().Because(r)
	case r.host == exchangeHost || r.host == exchangeHostTLS:
		return fault.New("google_exchange_refused", "where", proof.place()).Permanent().Because(r)
	case r.host == tokenHost && got.oauth == "invalid_grant" && strings.Contains(got.message, "short-lived token"):
		return fault.New("google_clock", "who", proof).Permanent().Because(r)
	case r.host == tokenHost && proof.Kind == Login && (got.oauth == "invalid_grant" || got.oauth == "invalid_rapt"):
		return fault.New("google_login_expired", "where", proof.place(), "login", loginCommand).Permanent().Because(r)
	case r.host == tokenHost && got.oauth == "invalid_grant":
		return fault.New("google_key_revoked", "who", proof, "where", proof.place()).Permanent().Because(r)
	}
	return fault.New("google_token_refused", "host", r.host, "who", proof, "where", proof.place(), "status", r.code).Permanent().Because(r)
}

// handshake and notReached are what gRPC says when no connection could be made.
var (
	handshake  = regexp.MustCompile(`authentication handshake failed: (.*(?:x509|certificate).*)`)
	notReached = regexp.MustCompile(`error while dialing|name resolver error|no such host|connection refused|network is unreachable|no route to host|i/o timeout|connection reset`)
	dialled    = regexp.MustCompile(`(?:lookup|dial tcp:? lookup|dial tcp) ([a-zA-Z0-9.:\[\]-]+)`)
)

// unreachable is the fault of a host that could not be spoken to at all.
func unreachable(a API, err error) *fault.Error {
	var (
		unknown   x509.UnknownAuthorityError
		name      x509.HostnameError
		invalid   x509.CertificateInvalidError
		operation *net.OpError
		lookup    *net.DNSError
	)
	host := a.Host
	text := err.Error()
	switch {
	case errors.As(err, &unknown), errors.As(err, &name), errors.As(err, &invalid), handshake.MatchString(text):
		return fault.New("google_certificate", "host", host).Because(errors.New(clip(text)))
	case errors.As(err, &lookup) && lookup.Name != "":
		host = lookup.Name
	case errors.As(err, &operation) && operation.Op == "dial":
		var at *hostError
		if errors.As(err, &at) {
			host = at.host
		}
	default:
		got, ok := answerOf(err)
		if !ok || got.status != "UNAVAILABLE" || !notReached.MatchString(strings.ToLower(got.message)) {
			return nil
		}
		if m := dialled.FindStringSubmatch(got.message); m != nil && strings.ContainsAny(m[1], "abcdefghijklmnopqrstuvwxyz") {
			host = strings.TrimRight(m[1], ":")
		}
	}
	return fault.New("google_unreachable", "host", host).Because(errors.New(clip(text)))
}

// hostError tells which host a request that failed was for.
type hostError struct {
	host string
	err  error
}

func (u *hostError) Error() string { return fmt.Sprintf("%s: %v", u.host, u.err) }
func (u *hostError) Unwrap() error { return u.err }
