package sandbox

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// serveImpersonation gives a token of an account to one who may act as it.
func (a *Auth) serveImpersonation(w http.ResponseWriter, r *http.Request) {
	email, ok := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, "/v1/projects/-/serviceAccounts/"), ":generateAccessToken")
	var body struct {
		Scope     []string `json:"scope"`
		Delegates []string `json:"delegates"`
		Lifetime  string   `json:"lifetime"`
	}
	if no := a.impersonate(r, email, ok, &body); no != nil {
		no.write(w, OAuth)
		return
	}
	token, expires := a.give("impersonate", a.byEmail(email), body.Scope)
	writeJSON(w, http.StatusOK, map[string]string{"accessToken": token, "expireTime": expires.UTC().Format(time.RFC3339)})
}

func (a *Auth) impersonate(r *http.Request, email string, named bool, body any) *refusal {
	const host = "iamcredentials.googleapis.com"
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	g := a.resolve(token, OAuth)
	about := map[string]string{"service": host, "method": "google.iam.credentials.v1.IAMCredentials.GenerateAccessToken"}
	switch {
	case r.Method != http.MethodPost || !named:
		return refuse("NOT_FOUND", "Method not found.")
	case g == nil:
		no := refuse("UNAUTHENTICATED", "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.")
		no.Details = errorInfo("ACCESS_TOKEN_EXPIRED", about)
		return no
	case !slices.Contains(g.scopes, cloudScope) && !slices.Contains(g.scopes, iamScope):
		no := refuse("PERMISSION_DENIED", "Request had insufficient authentication scopes.")
		no.Details = errorInfo("ACCESS_TOKEN_SCOPE_INSUFFICIENT", about)
		return no
	case slices.Contains(a.Disabled, host):
		return switchedOff("IAM Service Account Credentials API", host, a.project)
	}
	target := a.byEmail(email)
	if target == nil {
		return refuse("NOT_FOUND", "Not found; Gaia id not found for email "+email)
	}
	if err := json.NewDecoder(r.Body).Decode(body); err != nil {
		return refuse("INVALID_ARGUMENT", "Invalid JSON payload received.")
	}
	if !slices.Contains(target.Impersonators, g.account.Email) {
		no := refuse("PERMISSION_DENIED", "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).")
		no.Details = []errorDetail{{"type.googleapis.com/google.rpc.ErrorInfo", "IAM_PERMISSION_DENIED", "iam.googleapis.com",
			map[string]string{"permission": "iam.serviceAccounts.getAccessToken"}}}
		return no
	}
	return nil
}

// serveMachine is the metadata server of a machine at Google.
func (a *Auth) serveMachine(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Metadata-Flavor", "Google")
	w.Header().Set("Server", "Metadata Server for VM")
	if r.Header.Get("Metadata-Flavor") != "Google" || r.Header.Get("X-Forwarded-For") != "" {
		http.Error(w, "Missing Metadata-Flavor:Google header.", http.StatusForbidden)
		return
	}
	text := func(s string) {
		w.Header().Set("Content-Type", "application/text")
		_, _ = w.Write([]byte(s)) // an error of the connection is the client's to see
	}
	path := strings.TrimPrefix(r.URL.Path, "/computeMetadata/v1/")
	if path == "project/project-id" {
		text(a.project)
		return
	}
	who := a.byEmail(a.Machine)
	what, mine := strings.CutPrefix(path, "instance/service-accounts/default/")
	if who == nil || !mine {
		http.Error(w, "Not Found", http.StatusNotFound)
		return
	}
	switch what {
	case "email":
		text(who.Email)
	case "scopes":
		text(strings.Join(a.MachineScopes, "\n"))
	case "token":
		scopes := a.MachineScopes
		if wanted := r.URL.Query().Get("scopes"); wanted != "" {
			scopes = slices.DeleteFunc(strings.Split(wanted, ","), func(s string) bool {
				return a.MachineScopes != nil && !slices.Contains(a.MachineScopes, s)
			})
		}
		a.answerToken(w, "machine", who, scopes, false)
	default:
		http.Error(w, "Not Found", http.StatusNotFound)
	}
}
