package google

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors"
)

// CredentialKind is a way to prove who asks.
type CredentialKind string

// The kinds of credentials. An impersonated account is told by Principal.Base.
const (
	KeySecret CredentialKind = "key"               // the flow's secret
	KeyFile   CredentialKind = "key file"          // a service account's key on the server's disk
	Attached  CredentialKind = "attached account"  // the service account of the machine
	Workload  CredentialKind = "workload identity" // an identity from elsewhere, exchanged
	Login     CredentialKind = "login"             // a person's own login with gcloud
	NoneAsked CredentialKind = "none"              // the sandbox asks for none
)

// Principal is who the calls are made as.
type Principal struct {
	// Kind is how it is proved.
	Kind CredentialKind
	// Email is the account; empty where only Google knows it.
	Email string
	// Where is the place that the credential was found in.
	Where string
	// Base is who impersonates the account, or nil.
	Base *Principal

	// words are Where as a fault, to be shown in any language; nil for a path.
	words *fault.Error
}

// place is Where for the text of a fault.
func (p Principal) place() any {
	if p.words != nil {
		return p.words
	}
	return p.Where
}

// found returns the principal with where its credential was found, in words.
func (p Principal) found(words *fault.Error) Principal {
	p.words, p.Where = words, words.Error()
	return p
}

// String names the account, or else the place of its credential.
func (p Principal) String() string {
	if p.Email != "" {
		return p.Email
	}
	return p.Where
}

// Member is the account as IAM policies name it.
func (p Principal) Member() string {
	switch {
	case p.Email == "":
		return "user:YOUR_E-MAIL"
	case p.Base != nil || strings.HasSuffix(p.Email, ".gserviceaccount.com"):
		return "serviceAccount:" + p.Email
	}
	return "user:" + p.Email
}

// who is String for the text of a fault.
func (p Principal) who() any {
	if p.Email != "" {
		return p.Email
	}
	return p.place()
}

// word names the kind in the text of a fault.
func (k CredentialKind) word() any {
	switch k {
	case KeySecret:
		return fault.New("google_word_key")
	case KeyFile:
		return fault.New("google_word_key_file")
	case Attached:
		return fault.New("google_word_attached")
	case Workload:
		return fault.New("google_word_workload")
	case Login:
		return fault.New("google_word_login")
	}
	return string(k)
}

// Explained tells who it is and how that is proved, in a sentence of the
// catalogue.
func (p Principal) Explained() *fault.Error {
	switch {
	case p.Kind == NoneAsked:
		return fault.New("google_note_sandbox")
	case p.Base != nil:
		return fault.New("google_note_impersonated", "account", p.Email, "who", p.Base.who(), "kind", p.Base.Kind.word(), "where", p.Base.place())
	}
	return fault.New("google_note_who", "who", p.who(), "kind", p.Kind.word(), "where", p.place())
}

// Principal returns who the calls are made as, as far as that is known without
// asking Google.
func (c *Client) Principal() Principal {
	if c.Sandboxed {
		return Principal{Kind: NoneAsked, Where: Sandbox}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.found.principal
}

// Whoami gets a token for an API and asks Google whose it is and whether its
// scopes cover the API. The error is a fault that says what to do.
func (c *Client) Whoami(ctx context.Context, a API) (Principal, error) {
	p := c.Principal()
	if c.Sandboxed {
		return p, nil
	}
	token, err := c.token(ctx, a.Scope)
	if err != nil {
		return p, c.explained(a, &tokenError{err})
	}
	scopes, err := c.identify(ctx, token)
	if err != nil {
		return p, c.explained(a, &tokenError{err})
	}
	p = c.Principal()
	if !a.covered(scopes) {
		return p, c.scopeMissing(a)
	}
	return p, nil
}

// explained returns the fault of an error, or the error itself.
func (c *Client) explained(a API, err error) error {
	if f := c.Explain(a, "", err); f != nil {
		return f
	}
	return err
}

// The steps of a verification that all kinds have.
var (
	stepCredential = fault.New("google_step_credential")
	stepScope      = fault.New("google_step_scope")
)

// VerifySteps tries the credential for an API: who it is and where that was
// found, and whether its tokens have the scope. Ok is false when a step failed,
// and what follows need not be tried.
func (c *Client) VerifySteps(ctx context.Context, a API) (steps []processors.Step, ok bool) {
	p, err := c.Whoami(ctx, a)
	who := processors.Passed(stepCredential, p.Explained())
	switch {
	case c.Sandboxed:
		return []processors.Step{who, processors.Skipped(stepScope, fault.New("google_note_no_token"))}, true
	case err == nil:
		return []processors.Step{who, processors.Passed(stepScope, fault.New("google_note_scope", "scope", a.Scope))}, true
	case strings.HasPrefix(fault.CodeOf(err), "google_scope_"):
		return []processors.Step{who, processors.Failed(stepScope, err)}, false
	}
	return []processors.Step{processors.Failed(stepCredential, err), processors.Skipped(stepScope, fault.New("google_note_no_token"))}, false
}

// identify asks Google for the scopes of a token, and learns on the way whose
// it is where that was not known.
func (c *Client) identify(ctx context.Context, token string) (scopes []string, err error) {
	email, scopes, err := c.tokenInfo(ctx, token)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.found.principal.Email == "" {
		c.found.principal.Email = email
	}
	return scopes, nil
}

// tokenInfo asks Google about a token: whose it is, where that is told, and its
// scopes.
func (c *Client) tokenInfo(ctx context.Context, token string) (email string, scopes []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	form := strings.NewReader(url.Values{"access_token": {token}}.Encode())
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://"+tokenHost+"/tokeninfo", form)
	if err != nil {
		return "", nil, fmt.Errorf("ask about a token: %w", err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := c.wire.tokens().Do(r)
	if err != nil {
		return "", nil, fmt.Errorf("ask about a token: %w", err)
	}
	var is struct{ Email, Scope string }
	err = json.NewDecoder(res.Body).Decode(&is)
	if err = errors.Join(err, res.Body.Close()); err != nil {
		return "", nil, fmt.Errorf("read about a token: %w", err)
	}
	return is.Email, strings.Fields(is.Scope), nil
}
