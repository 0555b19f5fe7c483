package server

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/web"
)

// browser is a client as a browser is: with cookies, its own origin, and without
// following a redirect.
type browser struct {
	t      *testing.T
	base   string
	origin string
	host   string
	bearer string
	site   string
	cookie *http.Cookie
	http   *http.Client
}

func browse(t *testing.T, s *Server) *browser {
	return &browser{t: t, base: s.URL(), origin: s.URL(), http: &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// ask returns the status, headers and body of an answer.
func (b *browser) ask(method, path, body string) (*http.Response, string) {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.base+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Host = b.host
	if b.origin != "" {
		req.Header.Set("Origin", b.origin)
	}
	if b.site != "" {
		req.Header.Set("Sec-Fetch-Site", b.site)
	}
	if b.bearer != "" {
		req.Header.Set("Authorization", "Bearer "+b.bearer)
	}
	if b.cookie != nil {
		req.AddCookie(&http.Cookie{Name: b.cookie.Name, Value: b.cookie.Value})
	}
	resp, err := b.http.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range resp.Cookies() {
		b.cookie = c
	}
	if strings.HasPrefix(path, "/api/v1/") {
		asDescribed(b.t, method, path, resp.StatusCode, got)
	}
	return resp, string(got)
}

// want asks and compares the status, and the code of a problem.
func (b *browser) want(method, path, body string, status int, code string) {
	b.t.Helper()
	resp, got := b.ask(method, path, body)
	var p web.Problem
	if code != "" {
		_ = json.Unmarshal([]byte(got), &p)
	}
	if resp.StatusCode != status || p.Code != code {
		b.t.Errorf("%s %s: %d %s, want %d %s", method, path, resp.StatusCode, got, status, code)
	}
}

// signIn opens a one-time link of the server.
func (b *browser) signIn(s *Server) {
	b.t.Helper()
	u, err := url.Parse(s.Link())
	if err != nil {
		b.t.Fatal(err)
	}
	b.want("GET", "/?"+u.RawQuery, "", 303, "")
	if b.cookie == nil {
		b.t.Fatal("no cookie")
	}
}

func TestLinkSignsInOnceAndTheTableIsServed(t *testing.T) {
	s := open(t, Config{Data: t.TempDir(), Listen: "127.0.0.1:0"})
	b := browse(t, s)
	b.want("GET", "/api/v1/about", "", 401, "sign_in_needed")
	link := strings.TrimPrefix(s.Link(), s.URL())
	resp, _ := b.ask("GET", link, "")
	c := b.cookie
	if resp.StatusCode != 303 || resp.Header.Get("Location") != "/" || c == nil || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Secure {
		t.Fatalf("status %d to %q, cookie %+v", resp.StatusCode, resp.Header.Get("Location"), c)
	}
	b.want("GET", "/api/v1/about", "", 200, "")
	b.want("PUT", "/api/v1/secrets/k", `{"value":"v"}`, 200, "")
	if _, got := b.ask("GET", "/api/v1/session", ""); !strings.Contains(got, `"signed_in":true`) || !strings.Contains(got, `"way":"link"`) {
		t.Errorf("session %s", got)
	}
	other := browse(t, s)
	resp, _ = other.ask("GET", link, "")
	if resp.StatusCode != 303 || resp.Header.Get("Location") != "/?link=used" || other.cookie != nil {
		t.Errorf("the link again: %d to %q, %v", resp.StatusCode, resp.Header.Get("Location"), other.cookie)
	}
	other.want("GET", "/api/v1/about", "", 401, "sign_in_needed")
	other.cookie = &http.Cookie{Name: c.Name, Value: "made-up"}
	other.want("GET", "/api/v1/about", "", 401, "sign_in_needed")
	b.want("DELETE", "/api/v1/session", "", 200, "")
	b.cookie = c
	b.want("GET", "/api/v1/about", "", 401, "sign_in_needed")
}

func TestHostAndOriginAreChecked(t *testing.T) {
	s := open(t, Config{Data: t.TempDir(), Listen: "127.0.0.1:0"})
	_, port, err := net.SplitHostPort(s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	b := browse(t, s)
	b.signIn(s)
	for _, c := range []struct {
		host, origin, site, method, path string
		status                           int
		code                             string
	}{
		{"", "", "", "GET", "/healthz", 200, ""},
		{"localhost:" + port, "", "", "GET", "/healthz", 200, ""},
		{"[::1]:" + port, "", "", "GET", "/healthz", 200, ""},
		{"evil.example", "", "", "GET", "/healthz", 403, "host_refused"},
		{"evil.example:" + port, "", "", "GET", "/api/v1/about", 403, "host_refused"},
		{"127.0.0.1.evil.example", "", "", "GET", "/", 403, "host_refused"},
		{"10.0.0.1:" + port, "", "", "GET", "/", 403, "host_refused"},
		{"", s.URL(), "", "GET", "/api/v1/about", 200, ""},
		{"", "http://evil.example", "", "GET", "/api/v1/about", 403, "origin_refused"},
		{"", "http://localhost:3000", "", "GET", "/api/v1/about", 403, "origin_refused"},
		{"", "https://" + s.Addr(), "", "GET", "/api/v1/about", 403, "origin_refused"},
		{"", "null", "", "GET", "/api/v1/about", 403, "origin_refused"},
		{"", "", "cross-site", "GET", "/api/v1/about", 403, "origin_refused"},
		{"", "", "same-site", "GET", "/api/v1/about", 403, "origin_refused"},
		{"", "", "same-origin", "GET", "/api/v1/about", 200, ""},
		{"", "", "", "DELETE", "/api/v1/secrets/k", 403, "origin_refused"},
		{"", "http://evil.example", "", "POST", "/api/v1/session", 403, "origin_refused"},
		{"", "", "", "POST", "/api/v1/session", 403, "origin_refused"},
	} {
		b.host, b.origin, b.site = c.host, c.origin, c.site
		b.want(c.method, c.path, "", c.status, c.code)
	}
}

// TestUpgradeStandsBehindTheGate opens a connection as a websocket does.
func TestUpgradeStandsBehindTheGate(t *testing.T) {
	s := open(t, Config{Data: t.TempDir(), Listen: "127.0.0.1:0"})
	ended := make(chan error, 1)
	web.Upgrade(&s.table, "GET /api/v1/taken", "Takes the connection.", func(ctx context.Context, w http.ResponseWriter, _ *http.Request) error {
		c, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return err
		}
		defer c.Close()
		if _, err := io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"); err != nil {
			return err
		}
		<-ctx.Done()
		ended <- context.Cause(ctx)
		return nil
	})
	s.gate.api = s.table.Handler()
	b := browse(t, s)
	b.signIn(s)
	upgrade := func(origin string, signed bool) *http.Response {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), "GET", s.URL()+"/api/v1/taken", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Connection", "Upgrade")
		req.Header.Set("Upgrade", "websocket")
		if origin != "" {
			req.Header.Set("Origin", origin)
		}
		if signed {
			req.AddCookie(b.cookie)
		}
		resp, err := b.http.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { resp.Body.Close() })
		return resp
	}
	for _, c := range []struct {
		origin string
		signed bool
		status int
	}{{"http://evil.example", true, 403}, {"http://localhost:3000", true, 403}, {"", true, 403}, {s.URL(), false, 401}, {s.URL(), true, 101}} {
		if got := upgrade(c.origin, c.signed).StatusCode; got != c.status {
			t.Errorf("upgrade from %q, signed in %v: %d, want %d", c.origin, c.signed, got, c.status)
		}
	}
	b.want("DELETE", "/api/v1/session", "", 200, "")
	if err := <-ended; fault.CodeOf(err) != "sign_in_needed" {
		t.Errorf("the connection ended by %v", err)
	}
}

// pair writes a certificate of its own for names.
func pair(t *testing.T, names ...string) (cert, key string, roots *x509.CertPool) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "weir"}, DNSNames: names,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	kd, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	cp := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	for path, b := range map[string][]byte{cert: cp, key: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: kd})} {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	roots = x509.NewCertPool()
	roots.AppendCertsFromPEM(cp)
	return cert, key, roots
}

const passwordOfTests = "correct horse battery"

// withPassword is a data directory that has a password.
func withPassword(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	s := open(t, Config{Data: dir, Alone: true})
	call[PasswordSet](t, s.Client(), "PUT", "/password", NewPassword{Password: passwordOfTests})
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.engine = nil
	return dir
}

func TestOtherAddressesAreRefusedUnlessSafe(t *testing.T) {
	cert, key, _ := pair(t, "weir.example")
	with := withPassword(t)
	for _, c := range []struct {
		cfg  Config
		code string
	}{
		{Config{Data: t.TempDir(), Listen: "0.0.0.0:0"}, "listen_needs_tls"},
		{Config{Data: with, Listen: "[::]:0"}, "listen_needs_tls"},
		{Config{Data: t.TempDir(), Listen: ":0", TLSCert: cert, TLSKey: key}, "listen_needs_password"},
		{Config{Data: t.TempDir(), Listen: "0.0.0.0:0", BehindProxy: true}, "listen_needs_password"},
		{Config{Data: t.TempDir(), Listen: "127.0.0.1:0", BehindProxy: true}, "listen_needs_password"},
		{Config{Data: with, Listen: "127.0.0.1:0", TLSCert: cert}, "tls_files"},
		{Config{Data: with, Listen: "0.0.0.0:0", TLSCert: cert, TLSKey: key}, ""},
		{Config{Data: with, Listen: "0.0.0.0:0", BehindProxy: true}, ""},
		{Config{Data: t.TempDir(), Listen: "localhost:0"}, ""},
	} {
		s, err := Open(t.Context(), c.cfg)
		if fault.CodeOf(err) != c.code {
			t.Errorf("%+v: %v, want %s", c.cfg, err, c.code)
		}
		if err == nil {
			if err := s.Close(t.Context()); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestStrangersGetNothingButTheLogin asks a listener beyond this machine for all
// that the table has, over TLS.
func TestStrangersGetNothingButTheLogin(t *testing.T) {
	cert, key, roots := pair(t, "weir.example")
	dir := withPassword(t)
	s := open(t, Config{Data: dir, Listen: "0.0.0.0:0", TLSCert: cert, TLSKey: key})
	_, port, err := net.SplitHostPort(s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	b := browse(t, s)
	b.base = "https://127.0.0.1:" + port
	b.origin = b.base
	b.http.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
	free := map[string]bool{"GET /api/v1/session": true, "POST /api/v1/session": true, "DELETE /api/v1/session": true, "GET /api/v1/words": true}
	asked := 0
	for _, r := range s.table.Routes() {
		if !free[r.Method+" "+r.Path] {
			b.want(r.Method, strings.ReplaceAll(r.Path, ":", ""), "", 401, "sign_in_needed")
			asked++
		}
	}
	if asked < 30 {
		t.Errorf("only %d routes were asked", asked)
	}
	for _, path := range []string{"/metrics", "/api/docs", "/api/v2", "/api"} {
		b.want("GET", path, "", 401, "sign_in_needed")
	}
	b.want("GET", "/healthz", "", 200, "")
	b.want("GET", "/readyz", "", 200, "")
	b.want("GET", "/api/v1/words?lang=ko", "", 200, "")
	b.origin, b.host = "", "weir.example:"+port
	b.want("GET", "/healthz", "", 200, "")
	b.host = "evil.example:" + port
	b.want("GET", "/healthz", "", 403, "host_refused")
	b.origin, b.host = b.base, ""
	if _, got := b.ask("GET", "/api/v1/session", ""); !strings.Contains(got, `"needs":"password"`) || !strings.Contains(got, `"signed_in":false`) {
		t.Errorf("session %s", got)
	}
	b.want("POST", "/api/v1/session", `{"password":"`+strings.Repeat("x", guestBody)+`"}`, 413, "request_large")
	b.want("POST", "/api/v1/session", `{"password":"wrong"}`, 401, "password_wrong")
	b.want("POST", "/api/v1/session", `{"password":"`+passwordOfTests+`"}`, 200, "")
	if !b.cookie.Secure || !strings.HasPrefix(b.cookie.Name, "__Host-") {
		t.Errorf("cookie %+v", b.cookie)
	}
	b.want("GET", "/api/v1/secrets", "", 200, "")
	b.want("PUT", "/api/v1/password", `{"password":"another horse battery"}`, 403, "only_here")
	if got := codeOf(t, s.Client(), "PUT", "/password", NewPassword{}); got != "password_needed" {
		t.Errorf("the password of an open listener was removed: %q", got)
	}
}

func TestGuessingIsSlowedDown(t *testing.T) {
	s := open(t, Config{Data: withPassword(t), Listen: "127.0.0.1:0"})
	b := browse(t, s)
	tries := 0
	for ; tries < 20; tries++ {
		// On a slow machine a wait is over before the guess is judged, but it doubles.
		resp, _ := b.ask("POST", "/api/v1/session", `{"password":"wrong"}`)
		if resp.StatusCode == 429 {
			break
		}
		if resp.StatusCode != 401 {
			t.Fatalf("try %d: %d", tries, resp.StatusCode)
		}
	}
	if tries < 5 || tries == 20 {
		t.Errorf("%d guesses were judged", tries)
	}
	resp, got := b.ask("POST", "/api/v1/session", `{"password":"`+passwordOfTests+`"}`)
	if wait, err := strconv.Atoi(resp.Header.Get("Retry-After")); resp.StatusCode != 429 || err != nil || wait < 1 || !strings.Contains(got, "sign_in_wait") {
		t.Errorf("the right one after %d: %d, %q, %s", tries, resp.StatusCode, resp.Header.Get("Retry-After"), got)
	}
}

// TestSessionsOutliveARestart stops the server under an open page.
func TestSessionsOutliveARestart(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Config{Data: dir, Listen: "127.0.0.1:0"})
	b := browse(t, s)
	b.signIn(s)
	addr := s.Addr()
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.engine = nil
	open(t, Config{Data: dir, Listen: addr})
	b.want("GET", "/api/v1/about", "", 200, "")
}

func TestProxyIsBelievedOnlyWhereItStands(t *testing.T) {
	s := open(t, Config{Data: withPassword(t), Listen: "127.0.0.1:0", BehindProxy: true, PublicHosts: []string{"weir.example"}})
	if s.URL() != "https://weir.example" {
		t.Errorf("URL %q", s.URL())
	}
	b := browse(t, s)
	b.base, b.origin, b.host = "http://"+s.Addr(), "https://weir.example", "weir.example"
	b.want("POST", "/api/v1/session", `{"password":"`+passwordOfTests+`"}`, 200, "")
	if !b.cookie.Secure {
		t.Error("the cookie goes over plain connections")
	}
	b.host = "" // a proxy that changes the Host
	b.want("GET", "/api/v1/about", "", 200, "")
	b.origin = "http://weir.example"
	b.want("GET", "/api/v1/about", "", 403, "origin_refused")
	b.origin, b.host = "https://evil.example", "weir.example"
	b.want("GET", "/api/v1/about", "", 403, "origin_refused")
	from := func(header string) string {
		r, _ := http.NewRequestWithContext(t.Context(), "GET", "/", nil)
		r.RemoteAddr = "127.0.0.1:1"
		r.Header.Set("X-Forwarded-For", header)
		return s.gate.address(r)
	}
	for header, want := range map[string]string{"1.2.3.4, 5.6.7.8": "5.6.7.8", "2001:db8:1:2:3::4": "2001:db8:1:2::/64", "x": "unknown"} {
		if got := from(header); got != want {
			t.Errorf("address of %q: %q, want %q", header, got, want)
		}
	}
	s.gate.proxied = false
	if got := from("5.6.7.8"); got != "127.0.0.1" {
		t.Errorf("without a proxy the address is %q", got)
	}
}

func TestTokensWorkOverTCP(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Config{Data: dir, Listen: "127.0.0.1:0"})
	made := call[TokenMade](t, s.Client(), "POST", "/tokens", NewToken{Name: "ci"})
	c := web.Dial(s.URL(), made.Token)
	if a := call[About](t, c, "GET", "/about", nil); a.Listen != s.Addr() {
		t.Errorf("about %+v", a)
	}
	call[SecretList](t, c, "PUT", "/secrets/k", SecretRef{Value: "very-secret-value"})
	if got := call[Session](t, c, "GET", "/session", nil); got.User != "token:ci" || got.Way != "token" {
		t.Errorf("session %+v", got)
	}
	if list := call[TokenList](t, c, "GET", "/tokens", nil); len(list.Tokens) != 1 || list.Tokens[0].LastUsed.IsZero() {
		t.Errorf("tokens %+v", list)
	}
	if got := codeOf(t, web.Dial(s.URL(), "weir_x"), "GET", "/session", nil); got != "token_refused" {
		t.Errorf("a wrong token: %q", got)
	}
	call[TokenList](t, s.Client(), "DELETE", "/tokens/ci", nil)
	if got := codeOf(t, c, "GET", "/about", nil); got != "token_refused" {
		t.Errorf("a removed token: %q", got)
	}
	for _, secret := range []string{made.Token, "very-secret-value"} {
		for _, name := range []string{"access.json", "audit/000000000001.jsonl"} {
			b, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil || bytes.Contains(b, []byte(secret)) {
				t.Errorf("%s holds %q: %v", name, secret, err)
			}
		}
	}
}

// TestAFullDiskLocksNobodyOut: a token's use that cannot be saved is told in a
// bulletin, and lets in.
func TestAFullDiskLocksNobodyOut(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Config{Data: dir, Listen: "127.0.0.1:0"})
	made := call[TokenMade](t, s.Client(), "POST", "/tokens", NewToken{Name: "ci"})
	in := filepath.Join(dir, "access.json.new")
	if err := os.Mkdir(in, 0o700); err != nil {
		t.Fatal(err)
	}
	c := web.Dial(s.URL(), made.Token)
	call[About](t, c, "GET", "/about", nil)
	list := call[BulletinList](t, c, "GET", "/bulletins", nil)
	if len(list.Bulletins) != 1 || list.Bulletins[0].Code != "access_use_unsaved" || list.Bulletins[0].Level != "warning" {
		t.Errorf("bulletins: %+v", list.Bulletins)
	}
	if got := codeOf(t, c, "POST", "/tokens", NewToken{Name: "other"}); got != "access_file" {
		t.Errorf("a new token: %q", got)
	}
	if err := os.Remove(in); err != nil {
		t.Fatal(err)
	}
}

func TestAnswersCarryThePolicies(t *testing.T) {
	s := open(t, Config{Data: t.TempDir(), Listen: "127.0.0.1:0"})
	b := browse(t, s)
	b.signIn(s)
	for _, path := range []string{"/", "/api/v1/about", "/api/docs", "/api/v1/nothing"} {
		resp, body := b.ask("GET", path, "")
		policy := resp.Header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: policy %q", path, policy)
		}
		for k, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin"} {
			if got := resp.Header.Get(k); got != want {
				t.Errorf("%s: %s is %q", path, k, got)
			}
		}
		if strings.Contains(body, "<style") || strings.Contains(body, "style=") || strings.Contains(body, "<script>") {
			t.Errorf("%s has something inline", path)
		}
	}
	resp, _ := b.ask("GET", "/api/v1/about", "")
	if resp.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("caching %q", resp.Header.Get("Cache-Control"))
	}
	if resp, body := b.ask("GET", "/api/docs", ""); resp.StatusCode != 200 || !strings.Contains(body, "/api/v1/flows/{flow}/publish") || !strings.Contains(body, `id="schema-server.About"`) {
		t.Errorf("docs: %d, %.200s", resp.StatusCode, body)
	}
	if resp, body := b.ask("GET", "/api/v1/openapi.json", ""); resp.StatusCode != 200 || body != string(web.Description()) {
		t.Errorf("description: %d", resp.StatusCode)
	}
	resp, _ = b.ask("GET", "/api/v1/words?lang=en", "")
	if tag := resp.Header.Get("ETag"); tag == "" {
		t.Error("the words have no tag")
	}
	b.want("GET", "/api/v1/words?lang=xx", "", 400, "language_unknown")
}
