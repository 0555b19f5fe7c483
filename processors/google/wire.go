package google

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors"
)

// The hosts that tokens come from.
const (
	tokenHost       = "oauth2.googleapis.com"
	exchangeHost    = "sts.googleapis.com"
	exchangeHostTLS = "sts.mtls.googleapis.com" // for proofs by certificate
	impersonateHost = "iamcredentials.googleapis.com"
	metadataHost    = "169.254.169.254"
)

// wire is how Google's hosts are reached.
type wire struct {
	dial  func(ctx context.Context, network, address string) (net.Conn, error)
	roots *x509.CertPool
	plain *http.Transport
}

func newWire(env processors.Env) *wire {
	w := &wire{dial: env.Dial, roots: env.Roots, plain: http.DefaultTransport.(*http.Transport).Clone()}
	if env.Dial != nil {
		w.plain.Proxy = nil
		w.plain.DialContext = env.Dial
	}
	if env.Roots != nil {
		w.plain.TLSClientConfig = &tls.Config{RootCAs: env.Roots, MinVersion: tls.VersionTLS12}
	}
	return w
}

func (w *wire) dialTCP(ctx context.Context, address string) (net.Conn, error) {
	return w.dial(ctx, "tcp", address)
}

func (w *wire) close() { w.plain.CloseIdleConnections() }

// tokens returns a client for the exchange of proofs and tokens. It speaks to
// Google's token hosts and to the further hosts named, nowhere else, and
// returns an answer other than success as a *refusal.
func (w *wire) tokens(further ...string) *http.Client {
	return &http.Client{Transport: &tokenTransport{w.plain, further}}
}

// tokenTransport is the transport of wire.tokens.
type tokenTransport struct {
	plain   http.RoundTripper
	further []string
}

func (t *tokenTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	host := r.URL.Hostname()
	ours := r.URL.Scheme == "https" && (host == tokenHost || host == exchangeHost || host == exchangeHostTLS || host == impersonateHost)
	if !ours && host != metadataHost && !slices.Contains(t.further, host) {
		return nil, refuseHost(r, host)
	}
	res, err := t.plain.RoundTrip(r)
	if err != nil {
		return nil, &hostError{host, err}
	}
	if res.StatusCode < 300 {
		return res, nil
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	err = errors.Join(err, res.Body.Close())
	if err != nil {
		return nil, fmt.Errorf("read answer of %s: %w", host, err)
	}
	return nil, &refusal{host: host, code: res.StatusCode, body: string(body)}
}

// refuseHost ends a request that would carry something secret elsewhere.
func refuseHost(r *http.Request, host string) error {
	if r.Body != nil {
		_ = r.Body.Close() // not sent
	}
	return fault.New("google_host_refused", "host", host).Permanent()
}

// refusal is what a token host answered other than success.
type refusal struct {
	host string
	code int
	body string
}

func (r *refusal) Error() string {
	return fmt.Sprintf("%s answered %d: %s", r.host, r.code, clip(strings.Join(strings.Fields(r.body), " ")))
}

// clip bounds a server's message.
func clip(s string) string {
	if r := []rune(s); len(r) > 400 {
		return string(r[:399]) + "…"
	}
	return s
}

// tokenError is a token that could not be had. To gRPC it is a status, so that
// a call which may go better at the next try is tried again.
type tokenError struct{ err error }

func (e *tokenError) Error() string { return "get a token: " + e.err.Error() }
func (e *tokenError) Unwrap() error { return e.err }

// GRPCStatus tells gRPC whether trying again makes sense.
func (e *tokenError) GRPCStatus() *status.Status {
	var r *refusal
	var own *fault.Error
	if errors.As(e.err, &r) && r.code < 500 || errors.As(e.err, &own) && own.Class == fault.Permanent {
		return status.New(codes.Unauthenticated, e.Error())
	}
	return status.New(codes.Unavailable, e.Error())
}

// bearer adds the token to requests for one API.
type bearer struct {
	client *Client
	api    API
}

func (b *bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" || r.URL.Host != b.api.Host {
		return nil, refuseHost(r, r.URL.Host)
	}
	head, err := b.client.headers(r.Context(), b.api)
	if err != nil {
		if r.Body != nil {
			_ = r.Body.Close() // not sent
		}
		return nil, err
	}
	r = r.Clone(r.Context())
	for k, v := range head {
		r.Header.Set(k, v)
	}
	res, err := b.client.wire.plain.RoundTrip(r)
	if err != nil {
		return nil, &hostError{b.api.Host, err}
	}
	return res, nil
}

// perCall adds the token to calls of gRPC.
type perCall struct {
	client *Client
	api    API
}

func (p perCall) GetRequestMetadata(ctx context.Context, _ ...string) (map[string]string, error) {
	return p.client.headers(ctx, p.api)
}

// RequireTransportSecurity keeps a token from a connection in the clear.
func (perCall) RequireTransportSecurity() bool { return true }

// headers prove who asks, and name the project whose quota is used where that
// does not follow from the account.
func (c *Client) headers(ctx context.Context, a API) (map[string]string, error) {
	token, err := c.token(ctx, a.Scope)
	if err != nil {
		return nil, &tokenError{err}
	}
	head := map[string]string{"authorization": "Bearer " + token}
	if c.found.quota != "" {
		head["x-goog-user-project"] = c.found.quota
	}
	return head, nil
}
