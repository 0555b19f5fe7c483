package sandbox

import (
	"net/http"
	"slices"
	"strings"
)

// mountOAuth serves where tokens come from: Google's token endpoint, the
// exchange of identities from elsewhere, impersonation, and the metadata server
// of a machine.
func (s *Sandbox) mountOAuth(c Config) {
	a := c.Auth
	if a == nil {
		return
	}
	s.service.auth, a.project = a, s.service.names.project
	on := func(path, method, host string, h http.HandlerFunc) {
		s.mount(path, OAuth, func(*http.Request) string { return method }, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			// A request that came by a name of Google's came by the right one.
			if strings.HasSuffix(r.Host, ".googleapis.com") && r.Host != host {
				refuse("NOT_FOUND", "The requested URL "+r.URL.Path+" was not found on "+r.Host+".").write(w, OAuth)
				return
			}
			a.mu.Lock()
			defer a.mu.Unlock()
			h(w, r)
		}))
	}
	on("/token", "token", "oauth2.googleapis.com", a.serveToken)
	on("/tokeninfo", "tokeninfo", "oauth2.googleapis.com", a.serveInfo)
	on("/v1/token", "exchange", "sts.googleapis.com", a.serveExchange)
	on("/v1/projects/-/serviceAccounts/", "generateAccessToken", "iamcredentials.googleapis.com", a.serveImpersonation)
	on("/computeMetadata/v1/", "metadata", "", a.serveMachine)
}

// oauthError answers as a token endpoint does (RFC 6749, 5.2).
func oauthError(w http.ResponseWriter, code int, name, description string) {
	writeJSON(w, code, map[string]string{"error": name, "error_description": description})
}

type tokenAnswer struct {
	AccessToken string `json:"access_token"`
	ExpiresIn   int    `json:"expires_in"`
	Scope       string `json:"scope,omitempty"`
	TokenType   string `json:"token_type"`
	IssuedType  string `json:"issued_token_type,omitempty"`
}

func (a *Auth) answerToken(w http.ResponseWriter, how string, c *Account, scopes []string, tell bool) {
	token, _ := a.give(how, c, scopes)
	t := tokenAnswer{AccessToken: token, ExpiresIn: int(lifetime.Seconds()), TokenType: "Bearer"}
	if tell {
		t.Scope = strings.Join(scopes, " ")
	}
	if how == "exchange" {
		t.IssuedType = "urn:ietf:params:oauth:token-type:access_token"
	}
	writeJSON(w, http.StatusOK, t)
}

// serveToken gives tokens for a service account's assertion and for a person's
// refresh token.
func (a *Auth) serveToken(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		oauthError(w, http.StatusMethodNotAllowed, "invalid_request", "Only POST is allowed.")
		return
	}
	switch r.PostFormValue("grant_type") {
	case "urn:ietf:params:oauth:grant-type:jwt-bearer":
		who, c, wrong := a.verify(r.PostFormValue("assertion"))
		switch {
		case wrong != "":
			oauthError(w, http.StatusBadRequest, "invalid_grant", wrong)
		case c.Aud != "https://oauth2.googleapis.com/token":
			oauthError(w, http.StatusBadRequest, "invalid_grant", badAudience)
		case c.Scope == "":
			oauthError(w, http.StatusBadRequest, "invalid_scope", "Invalid OAuth scope or ID token audience provided.")
		default:
			a.answerToken(w, "key", who, strings.Fields(c.Scope), false)
		}
	case "refresh_token":
		if r.PostFormValue("client_id") != loginClient || r.PostFormValue("client_secret") != loginSecret {
			oauthError(w, http.StatusUnauthorized, "invalid_client", "The OAuth client was not found.")
			return
		}
		token := r.PostFormValue("refresh_token")
		who := a.account(func(c *Account) bool { return token != "" && c.refresh == token })
		if who == nil {
			oauthError(w, http.StatusBadRequest, "invalid_grant", "Token has been expired or revoked.")
			return
		}
		a.answerToken(w, "login", who, who.scopes, true)
	default:
		oauthError(w, http.StatusBadRequest, "unsupported_grant_type", "Invalid grant_type: "+r.PostFormValue("grant_type"))
	}
}

// serveInfo tells about a token.
func (a *Auth) serveInfo(w http.ResponseWriter, r *http.Request) {
	g := a.tokens[r.FormValue("access_token")]
	if g == nil || a.now().After(g.expires) || g.account.Gone {
		oauthError(w, http.StatusBadRequest, "invalid_token", "Invalid Value")
		return
	}
	info := map[string]string{"scope": strings.Join(g.scopes, " "), "aud": loginClient, "access_type": "offline"}
	if slices.Contains(g.scopes, emailScope) {
		info["email"], info["email_verified"] = g.account.Email, "true"
	}
	writeJSON(w, http.StatusOK, info)
}

// serveExchange gives tokens for the proof of an identity from elsewhere
// (RFC 8693).
func (a *Auth) serveExchange(w http.ResponseWriter, r *http.Request) {
	if r.PostFormValue("grant_type") != "urn:ietf:params:oauth:grant-type:token-exchange" {
		oauthError(w, http.StatusBadRequest, "unsupported_grant_type", "Invalid grant_type.")
		return
	}
	subject := strings.TrimSpace(r.PostFormValue("subject_token"))
	who := a.account(func(c *Account) bool { return subject != "" && c.subject == subject })
	if who == nil {
		oauthError(w, http.StatusBadRequest, "invalid_grant", "The given credential is rejected by the attribute condition.")
		return
	}
	a.answerToken(w, "exchange", who, strings.Fields(r.PostFormValue("scope")), false)
}
