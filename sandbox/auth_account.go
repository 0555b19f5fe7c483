package sandbox

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Auth says who there is and what each may do. With it every call needs a
// token, as with Google; who it belongs to, its scopes, the account's roles and
// whether the API is switched on are checked, and what was found is remembered.
//
// Change what it holds with Change while a sandbox uses it.
type Auth struct {
	// Accounts are who there is.
	Accounts []*Account
	// Machine is the e-mail of the account that the metadata server gives tokens
	// of; empty when no account is attached.
	Machine string
	// MachineScopes limits what those tokens may be for; nil is no limit.
	MachineScopes []string
	// Disabled are the hosts of APIs that are switched off in the project.
	Disabled []string
	// Now is the clock for tokens; nil means time.Now.
	Now func() time.Time

	mu      sync.Mutex
	project string
	tokens  map[string]*grant
	issued  []Issued
	used    []Used
}

// Account is somebody who may ask: a service account, a person, or an identity
// from elsewhere.
type Account struct {
	// Email names the account. An identity from elsewhere has one that begins
	// with principal://.
	Email string
	// Roles are its IAM roles on the project, such as roles/datastore.viewer.
	Roles []string
	// Properties are the Analytics properties of which it is a viewer.
	Properties []string
	// Impersonators are the e-mails of those who may act as it.
	Impersonators []string
	// Gone makes its proofs and tokens worth nothing.
	Gone bool

	key     *rsa.PublicKey
	keyID   string
	refresh string   // the refresh token of a person's login
	scopes  []string // that the person agreed to
	subject string   // the proof of an identity from elsewhere
}

// Issued is a token that was given.
type Issued struct {
	// How it was asked for: "key", "login", "exchange", "impersonate", "machine".
	How string
	// Account is whose it is, Scopes what it is for.
	Account string
	Scopes  []string
}

// Used is a call whose token was accepted.
type Used struct {
	API    API
	Method string
	// Account is who called, Scopes what the token was for, Quota the project
	// that the call named for its quota.
	Account string
	Scopes  []string
	Quota   string
}

// grant is what a token stands for.
type grant struct {
	account *Account
	scopes  []string
	expires time.Time
}

// NewServiceAccount returns a service account and its key, in the JSON that
// Google gives.
func NewServiceAccount(email string) (*Account, []byte, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, nil, fmt.Errorf("make a key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, fmt.Errorf("write a key: %w", err)
	}
	a := &Account{Email: email, key: &key.PublicKey, keyID: random(20)}
	_, project, _ := strings.Cut(email, "@")
	project, _, _ = strings.Cut(project, ".")
	return a, document(map[string]any{"type": "service_account", "project_id": project, "private_key_id": a.keyID,
		"private_key":  string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
		"client_email": email, "client_id": "100000000000000000001", "universe_domain": "googleapis.com",
		"auth_uri": "https://accounts.google.com/o/oauth2/auth", "token_uri": "https://oauth2.googleapis.com/token"}), nil
}

// NewLogin returns a person and what gcloud writes when the person logs in and
// agrees to scopes: Application Default Credentials, with a project for the
// quota unless that is empty.
func NewLogin(email, quotaProject string, scopes ...string) (*Account, []byte) {
	a := &Account{Email: email, refresh: "1//" + random(24), scopes: scopes}
	file := map[string]any{"type": "authorized_user", "client_id": loginClient, "client_secret": loginSecret, "refresh_token": a.refresh,
		"universe_domain": "googleapis.com", "account": ""}
	if quotaProject != "" {
		file["quota_project_id"] = quotaProject
	}
	return a, document(file)
}

// The client that gcloud's logins are made with here.
const (
	loginClient = "sandbox.apps.googleusercontent.com"
	loginSecret = "sandbox"
)

// NewWorkload returns an identity from elsewhere, whose proof is the content of
// a file, and the file of its credential. Impersonate is the service account to
// act as with it, or empty.
func NewWorkload(subject, subjectFile, impersonate string) (*Account, []byte) {
	pool := "//iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/weir/providers/idp"
	file := map[string]any{"type": "external_account", "audience": pool, "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
		"token_url": "https://sts.googleapis.com/v1/token", "credential_source": map[string]any{"file": subjectFile},
		"universe_domain": "googleapis.com"}
	if impersonate != "" {
		file["service_account_impersonation_url"] = impersonation(impersonate)
	}
	a := &Account{Email: "principal://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/weir/subject/" + subject,
		subject: subject}
	return a, document(file)
}

// ImpersonatedFile returns Application Default Credentials that act as an
// account on the strength of others, as `gcloud auth application-default login
// --impersonate-service-account` writes them.
func ImpersonatedFile(account string, source []byte) []byte {
	return document(map[string]any{"type": "impersonated_service_account", "delegates": []string{},
		"service_account_impersonation_url": impersonation(account), "source_credentials": json.RawMessage(source)})
}

func impersonation(account string) string {
	return "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/" + account + ":generateAccessToken"
}

// document writes what cannot fail to be written.
func document(v any) []byte {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		panic(err) // texts and a document that was read
	}
	return append(b, '\n')
}

func random(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// Change runs f while nobody is being checked.
func (a *Auth) Change(f func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f()
}

// Issued returns the tokens that were given, in order.
func (a *Auth) Issued() []Issued {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.issued)
}

// Used returns the calls whose tokens were accepted, in order.
func (a *Auth) Used() []Used {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.used)
}

// Expire makes every token that was given worth nothing.
func (a *Auth) Expire() {
	a.mu.Lock()
	defer a.mu.Unlock()
	clear(a.tokens)
}

// The methods below are called with a.mu held.

func (a *Auth) now() time.Time {
	if a.Now != nil {
		return a.Now()
	}
	return time.Now()
}

func (a *Auth) account(is func(*Account) bool) *Account {
	for _, c := range a.Accounts {
		if is(c) && !c.Gone {
			return c
		}
	}
	return nil
}

func (a *Auth) byEmail(email string) *Account {
	return a.account(func(c *Account) bool { return c.Email == email && email != "" })
}

// lifetime is how long a token lives.
const lifetime = 3599 * time.Second

func (a *Auth) give(how string, c *Account, scopes []string) (token string, expires time.Time) {
	if a.tokens == nil {
		a.tokens = map[string]*grant{}
	}
	token, expires = "ya29.sandbox-"+random(16), a.now().Add(lifetime)
	a.tokens[token] = &grant{c, scopes, expires}
	a.issued = append(a.issued, Issued{how, c.Email, slices.Clone(scopes)})
	return token, expires
}
