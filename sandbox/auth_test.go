package sandbox

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// secured is a sandbox that asks for credentials, with one service account that
// may do everything, and its key.
type secured struct {
	t       *testing.T
	box     *Sandbox
	auth    *Auth
	account *Account
	key     *rsa.PrivateKey
}

const (
	reader   = "reader@calback-demo.iam.gserviceaccount.com"
	tokenURL = "https://oauth2.googleapis.com/token"
)

func secure(t *testing.T) *secured {
	t.Helper()
	a, file, err := NewServiceAccount(reader)
	if err != nil {
		t.Fatal(err)
	}
	var is struct {
		Key string `json:"private_key"`
	}
	if err := json.Unmarshal(file, &is); err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode([]byte(is.Key))
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	a.Roles, a.Properties = []string{"roles/owner"}, []string{"412345678"}
	auth := &Auth{Accounts: []*Account{a}}
	s, err := Open(t.Context(), Config{Users: 2, Meetings: 1, Auth: auth})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close(context.Background()) })
	return &secured{t, s, auth, a, key.(*rsa.PrivateKey)}
}

// signed makes an assertion of the account, its claims changed by pairs.
func (s *secured) signed(head map[string]string, key *rsa.PrivateKey, pairs ...any) string {
	s.t.Helper()
	now := time.Now().Unix()
	claims := map[string]any{"iss": reader, "sub": reader, "aud": tokenURL, "scope": cloudScope, "iat": now, "exp": now + 3600}
	for i := 0; i < len(pairs); i += 2 {
		claims[pairs[i].(string)] = pairs[i+1]
	}
	if head == nil {
		head = map[string]string{"alg": "RS256", "typ": "JWT", "kid": s.account.keyID}
	}
	part := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			s.t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(b)
	}
	text := part(head) + "." + part(claims)
	sum := sha256.Sum256([]byte(text))
	mark, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		s.t.Fatal(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(mark)
}

// call makes a request; a form is posted. Head is pairs of names and values,
// Host among them.
func (s *secured) call(path string, form url.Values, head ...string) (code int, body string, answer http.Header) {
	s.t.Helper()
	method, content := http.MethodGet, io.Reader(nil)
	if form != nil {
		method, content = http.MethodPost, strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(s.t.Context(), method, "http://"+s.box.Addr()+path, content)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i < len(head); i += 2 {
		if head[i] == "Host" {
			r.Host = head[i+1]
			continue
		}
		r.Header.Set(head[i], head[i+1])
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	b, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil {
		s.t.Fatal(err)
	}
	return res.StatusCode, string(b), res.Header
}

func TestAssertionsAreChecked(t *testing.T) {
	s := secure(t)
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().Unix()
	for _, c := range []struct {
		name, assertion string
		code            int
		says            string
	}{
		{"good", s.signed(nil, s.key), 200, `"access_token":"ya29.`},
		{"another's key", s.signed(nil, other), 400, "Invalid JWT Signature."},
		{"no signature wanted", s.signed(map[string]string{"alg": "none"}, s.key), 400, "invalid_grant"},
		{"a key that is gone", s.signed(map[string]string{"alg": "RS256", "kid": "gone"}, s.key), 400, "Invalid JWT Signature."},
		{"nobody", s.signed(nil, s.key, "iss", "nobody@x.iam.gserviceaccount.com"), 400, "account not found"},
		{"for another", s.signed(nil, s.key, "aud", "https://evil.example/token"), 400, "Failed audience check"},
		{"expired", s.signed(nil, s.key, "iat", now-7200, "exp", now-3600), 400, "short-lived token"},
		{"too long", s.signed(nil, s.key, "exp", now+86400), 400, "short-lived token"},
		{"from tomorrow", s.signed(nil, s.key, "iat", now+7200, "exp", now+9000), 400, "short-lived token"},
		{"for nothing", s.signed(nil, s.key, "scope", ""), 400, "invalid_scope"},
		{"no assertion", "x", 400, "invalid_grant"},
	} {
		code, body, _ := s.call("/token", url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {c.assertion}})
		if code != c.code || !strings.Contains(body, c.says) {
			t.Errorf("%s: %d %s", c.name, code, body)
		}
	}
	if n := len(s.auth.Issued()); n != 1 {
		t.Errorf("%d tokens were given, want 1", n)
	}
}

// TestCallsNeedTokens asks for a property's metadata in every way that must not
// do, and in those that must.
func TestCallsNeedTokens(t *testing.T) {
	s := secure(t)
	now := time.Now()
	clock := now
	s.auth.Change(func() { s.auth.Now = func() time.Time { return clock } })
	token := func(scope string) string {
		_, body, _ := s.call("/token", url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {s.signed(nil, s.key, "scope", scope)}})
		var is struct {
			Token string `json:"access_token"`
		}
		if err := json.Unmarshal([]byte(body), &is); err != nil || is.Token == "" {
			t.Fatalf("token: %v %s", err, body)
		}
		return is.Token
	}
	good := token(analyticsRead)
	const mine, theirs = "/v1beta/properties/412345678/metadata", "/v1beta/properties/1/metadata"
	for _, c := range []struct {
		name, path string
		head       []string
		before     func()
		code       int
		status     string
		reason     string
	}{
		{"good", mine, []string{"Authorization", "Bearer " + good}, nil, 200, "", ""},
		{"good, by its name", mine, []string{"Authorization", "Bearer " + good, "Host", "analyticsdata.googleapis.com"}, nil, 200, "", ""},
		{"signed by the account itself", mine, []string{"Authorization", "Bearer " + s.signed(nil, s.key, "aud", "", "scope", analyticsRead)}, nil, 200, "", ""},
		{"none", mine, nil, nil, 401, "UNAUTHENTICATED", "CREDENTIALS_MISSING"},
		{"made up", mine, []string{"Authorization", "Bearer ya29.sandbox-0"}, nil, 401, "UNAUTHENTICATED", "ACCESS_TOKEN_EXPIRED"},
		{"signed for the token host", mine, []string{"Authorization", "Bearer " + s.signed(nil, s.key, "scope", "")}, nil, 401, "UNAUTHENTICATED", "ACCESS_TOKEN_EXPIRED"},
		{"the cloud's scope", mine, []string{"Authorization", "Bearer " + token(cloudScope)}, nil, 403, "PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"},
		{"another property", theirs, []string{"Authorization", "Bearer " + good}, nil, 403, "PERMISSION_DENIED", ""},
		{"another host", mine, []string{"Authorization", "Bearer " + good, "Host", "bigquery.googleapis.com"}, nil, 404, "NOT_FOUND", ""},
		{"switched off", mine, []string{"Authorization", "Bearer " + good}, func() { s.auth.Disabled = []string{Analytics.host()} }, 403, "PERMISSION_DENIED", "SERVICE_DISABLED"},
		{"expired", mine, []string{"Authorization", "Bearer " + good}, func() { s.auth.Disabled, clock = nil, now.Add(2*time.Hour) }, 401, "UNAUTHENTICATED", "ACCESS_TOKEN_EXPIRED"},
	} {
		if c.before != nil {
			s.auth.Change(c.before)
		}
		code, body, _ := s.call(c.path, nil, c.head...)
		var is struct {
			Error refusal `json:"error"`
		}
		if err := json.Unmarshal([]byte(body), &is); err != nil {
			t.Errorf("%s: %v: %s", c.name, err, body)
			continue
		}
		reason := ""
		if len(is.Error.Details) > 0 {
			reason = is.Error.Details[0].Reason
		}
		if code != c.code || is.Error.Status != c.status || reason != c.reason {
			t.Errorf("%s: %d %s %s, want %d %s %s", c.name, code, is.Error.Status, reason, c.code, c.status, c.reason)
		}
	}
	if n := len(s.auth.Used()); n != 3 {
		t.Errorf("%d calls were let through, want 3", n)
	}
}

func TestMachineAnswersItsOwnAlone(t *testing.T) {
	s := secure(t)
	s.auth.Change(func() { s.auth.Machine, s.auth.MachineScopes = reader, []string{analyticsRead} })
	const root = "/computeMetadata/v1/"
	flavor := []string{"Metadata-Flavor", "Google"}
	for _, c := range []struct {
		name, path string
		head       []string
		code       int
		says       string
	}{
		{"project", "project/project-id", flavor, 200, "calback-demo"},
		{"e-mail", "instance/service-accounts/default/email", flavor, 200, reader},
		{"token", "instance/service-accounts/default/token?scopes=" + analyticsRead + "," + cloudScope, flavor, 200, "ya29."},
		{"without the header", "instance/service-accounts/default/token", nil, 403, "Metadata-Flavor"},
		{"through a proxy", "instance/service-accounts/default/token", append(flavor, "X-Forwarded-For", "10.0.0.1"), 403, "Metadata-Flavor"},
		{"another account", "instance/service-accounts/other/token", flavor, 404, "Not Found"},
	} {
		code, body, head := s.call(root+c.path, nil, c.head...)
		if code != c.code || !strings.Contains(body, c.says) || head.Get("Metadata-Flavor") != "Google" {
			t.Errorf("%s: %d %s", c.name, code, body)
		}
	}
	issued := s.auth.Issued()
	if len(issued) != 1 || len(issued[0].Scopes) != 1 || issued[0].Scopes[0] != analyticsRead {
		t.Errorf("issued %+v, want one token of the machine's scope", issued)
	}
}

func TestWithoutAuthNobodyIsAsked(t *testing.T) {
	s, err := Open(t.Context(), Config{Users: 2, Meetings: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close(context.Background()) })
	open := &secured{t: t, box: s}
	if code, body, _ := open.call("/v1beta/properties/412345678/metadata", nil); code != 200 {
		t.Errorf("%d %s", code, body)
	}
	if code, body, _ := open.call("/token", url.Values{"grant_type": {"refresh_token"}}); code != 404 {
		t.Errorf("tokens are given: %d %s", code, body)
	}
}
