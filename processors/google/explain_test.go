package google

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/api/googleapi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/sandbox"
)

var update = flag.Bool("update", false, "write testdata anew")

// golden compares a text with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; run the test with -update and look at the difference. Got\n%s", path, got)
	}
}

// body is an error of an HTTP API, as its client library sees it.
func body(t *testing.T, code int, text string) error {
	t.Helper()
	res := &http.Response{StatusCode: code, Body: http.NoBody, Header: http.Header{}}
	err := googleapi.CheckResponse(res)
	var e *googleapi.Error
	if !errors.As(err, &e) {
		t.Fatal(err)
	}
	e.Body = text
	return fmt.Errorf("call: %w", e)
}

const role = "roles/datastore.viewer"

// TestExplain makes each thing go wrong that a person may meet, and keeps what
// is then said in both languages.
func TestExplain(t *testing.T) {
	key := map[string]any{"key": secret("k")}
	firestore := func(ctx context.Context, c *Client) *fault.Error {
		return c.Explain(Firestore, role, documents(ctx, c))
	}
	// http is what an HTTP API answers a person who may do everything.
	answers := func(a API, need string, code int, text string) func(context.Context, *Client) *fault.Error {
		return func(_ context.Context, c *Client) *fault.Error { return c.Explain(a, need, body(t, code, text)) }
	}
	var out strings.Builder
	for _, c := range []struct {
		name     string
		settings map[string]any
		prepare  func(*world, *firm)
		opened   func(*world, *firm) // what changes once the service is open
		ask      func(context.Context, *Client) *fault.Error
		want     string
		class    fault.Class
	}{
		{name: "the API is off", settings: key, prepare: func(w *world, f *firm) { w.auth.Disabled = []string{Firestore.Host} },
			want: "google_api_disabled", class: fault.Permanent},
		{name: "a login without the scope", prepare: func(w *world, f *firm) {
			a, file := sandbox.NewLogin(person, "calback-demo", "openid", email, cloudPlatform)
			a.Roles = f.person.Roles
			w.auth.Accounts = []*sandbox.Account{a}
			w.gcloud(file)
		}, ask: func(ctx context.Context, c *Client) *fault.Error {
			if _, err := c.Whoami(ctx, Firestore); err != nil {
				t.Errorf("Firestore: %v", err)
			}
			_, err := c.Whoami(ctx, Analytics)
			return fault.As(err)
		}, want: "google_scope_login", class: fault.Permanent},
		{name: "a login without the scope, told by the API", prepare: func(w *world, f *firm) {
			a, file := sandbox.NewLogin(person, "calback-demo", "openid", email)
			w.auth.Accounts = []*sandbox.Account{a}
			w.gcloud(file)
		}, want: "google_scope_login", class: fault.Permanent},
		{name: "a machine without the scope", prepare: func(w *world, f *firm) {
			w.auth.Machine, w.auth.MachineScopes = reader, []string{"https://www.googleapis.com/auth/devstorage.read_only"}
		}, want: "google_scope_machine", class: fault.Permanent},
		{name: "a key without the scope", settings: key, ask: answers(BigQuery, "", 403,
			`{"error":{"code":403,"message":"Request had insufficient authentication scopes.","errors":[{"reason":"insufficientScopes"}]}}`),
			want: "google_scope_missing", class: fault.Permanent},
		{name: "an expired login", prepare: func(w *world, f *firm) { w.gcloud(f.personLogin); f.person.Gone = true },
			want: "google_login_expired", class: fault.Permanent},
		{name: "an expired login that impersonates", prepare: func(w *world, f *firm) { w.gcloud(f.actingFile); f.person.Gone = true },
			want: "google_login_expired", class: fault.Permanent},
		{name: "a deleted account", settings: key, prepare: func(w *world, f *firm) { f.reader.Gone = true },
			want: "google_key_revoked", class: fault.Permanent},
		{name: "a deleted key", settings: key, prepare: func(w *world, f *firm) {
			other, _, err := sandbox.NewServiceAccount(reader)
			if err != nil {
				t.Fatal(err)
			}
			w.auth.Accounts = []*sandbox.Account{other}
		}, want: "google_key_revoked", class: fault.Permanent},
		{name: "a wrong clock", settings: key, prepare: func(w *world, f *firm) { w.auth.Now = func() time.Time { return time.Now().Add(-3 * time.Hour) } },
			want: "google_clock", class: fault.Permanent},
		{name: "may not impersonate", prepare: func(w *world, f *firm) { w.gcloud(f.actingFile); f.reader.Impersonators = nil },
			want: "google_impersonate_denied", class: fault.Permanent},
		{name: "a machine that may not impersonate", settings: map[string]any{"impersonate": reader},
			prepare: func(w *world, f *firm) { w.auth.Machine = worker; f.reader.Impersonators = nil },
			want:    "google_impersonate_denied", class: fault.Permanent},
		{name: "no such account to impersonate", settings: map[string]any{"impersonate": "typo@calback-demo.iam.gserviceaccount.com"},
			prepare: func(w *world, f *firm) { w.auth.Machine = worker }, want: "google_impersonate_missing", class: fault.Permanent},
		{name: "the API to impersonate is off", settings: map[string]any{"impersonate": reader},
			prepare: func(w *world, f *firm) {
				w.auth.Machine, w.auth.Disabled = worker, []string{"iamcredentials.googleapis.com"}
			}, want: "google_api_disabled", class: fault.Permanent},
		{name: "an identity that is not taken", prepare: func(w *world, f *firm) { w.named(f.workloadFile); f.workload.Gone = true },
			want: "google_exchange_refused", class: fault.Permanent},
		{name: "no project for the quota", prepare: func(w *world, f *firm) {
			a, file := sandbox.NewLogin(person, "", "openid", email, cloudPlatform)
			w.auth.Accounts = []*sandbox.Account{a}
			w.gcloud(file)
		}, want: "google_quota_project", class: fault.Permanent},
		{name: "may not use the quota", prepare: func(w *world, f *firm) { w.gcloud(f.personLogin); f.person.Roles = []string{role} },
			want: "google_quota_denied", class: fault.Permanent},
		{name: "no permission", settings: key, prepare: func(w *world, f *firm) { f.reader.Roles = nil },
			want: "google_denied", class: fault.Permanent},
		{name: "no permission, the caller knows more", settings: key, prepare: func(w *world, f *firm) { f.reader.Roles = nil },
			ask: func(ctx context.Context, c *Client) *fault.Error { return c.Explain(Firestore, "", documents(ctx, c)) }},
		{name: "a token that was revoked", settings: key, ask: func(ctx context.Context, c *Client) *fault.Error {
			if err := documents(ctx, c); err != nil {
				t.Errorf("first call: %v", err)
			}
			if _, err := c.Whoami(ctx, Firestore); err != nil {
				t.Errorf("Whoami: %v", err)
			}
			return c.Explain(Firestore, role, status.Error(codes.Unauthenticated, "Request had invalid authentication credentials."))
		}, want: "google_unauthenticated", class: fault.Permanent},
		{name: "a machine whose account was taken away", prepare: func(w *world, f *firm) { w.auth.Machine = reader },
			opened: func(w *world, f *firm) { w.auth.Change(func() { w.auth.Machine = "" }) },
			want:   "google_machine_refused", class: fault.Permanent},
		{name: "no database", settings: map[string]any{"key": secret("k"), "database": "elsewhere"}, want: "google_not_found", class: fault.Permanent},
		{name: "no tokens for the moment", settings: key, prepare: func(w *world, f *firm) {
			w.box.Inject(sandbox.Fault{Kind: sandbox.Unavailable, Method: "token"})
		}, want: "google_token_unavailable", class: fault.Retryable},
		{name: "a network without names", settings: key, prepare: func(w *world, f *firm) {
			w.env.Dial = func(_ context.Context, network, address string) (net.Conn, error) {
				host, _, _ := net.SplitHostPort(address)
				return nil, &net.OpError{Op: "dial", Net: network, Err: &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}}
			}
		}, want: "google_unreachable", class: fault.Retryable},
		{name: "a network without a way to Firestore", settings: key, prepare: func(w *world, f *firm) {
			dial := w.env.Dial
			w.env.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
				if strings.HasPrefix(address, "firestore.") {
					return nil, &net.OpError{Op: "dial", Net: network, Err: errors.New("connection refused")}
				}
				return dial(ctx, network, address)
			}
		}, want: "google_unreachable", class: fault.Retryable},
		{name: "somebody else's certificate", settings: key, prepare: func(w *world, f *firm) { w.env.Roots = nil },
			want: "google_certificate", class: fault.Retryable},
		{name: "BigQuery is off", settings: key, ask: answers(BigQuery, "", 403,
			`{"error":{"code":403,"message":"BigQuery API has not been used in project calback-data before or it is disabled.","errors":[{"reason":"accessNotConfigured"}]}}`),
			want: "google_api_disabled", class: fault.Permanent},
		{name: "BigQuery says no", settings: key, ask: answers(BigQuery, "roles/bigquery.jobUser", 403,
			`{"error":{"code":403,"message":"Access Denied: Project calback-demo: User does not have bigquery.jobs.create permission in project calback-demo.","errors":[{"reason":"accessDenied"}]}}`),
			want: "google_denied", class: fault.Permanent},
		{name: "no billing", settings: key, ask: answers(Firestore, role, 403,
			`{"error":{"code":403,"message":"This API method requires billing to be enabled.","status":"PERMISSION_DENIED","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"BILLING_DISABLED","domain":"googleapis.com","metadata":{"consumer":"projects/calback-demo"}}]}}`),
			want: "google_billing", class: fault.Permanent},
		{name: "no such project", settings: key, ask: answers(Firestore, role, 403,
			`{"error":{"code":403,"message":"Project 'projects/calback-dmo' not found or deleted.","status":"PERMISSION_DENIED","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"CONSUMER_INVALID","domain":"googleapis.com","metadata":{"consumer":"projects/calback-dmo"}}]}}`),
			want: "google_no_project", class: fault.Permanent},
		{name: "a perimeter", settings: key, ask: answers(BigQuery, "", 403,
			`{"error":{"code":403,"message":"VPC Service Controls: Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: x","status":"PERMISSION_DENIED"}}`),
			want: "google_perimeter", class: fault.Permanent},
		{name: "what only the caller knows", settings: key, ask: answers(Analytics, "", 400,
			`{"error":{"code":400,"message":"Field customUser:MID is not a valid dimension.","status":"INVALID_ARGUMENT"}}`)},
		{name: "an error of nobody", settings: key, ask: func(_ context.Context, c *Client) *fault.Error {
			return c.Explain(BigQuery, role, errors.New("disk full"))
		}},
	} {
		ok := t.Run(c.name, func(t *testing.T) {
			f := newFirm(t, filepath.Join("testdata", "subject"))
			w := newWorld(t, f.auth)
			if c.prepare != nil {
				c.prepare(w, f)
			}
			client := w.open(processors.MemorySecrets{"k": string(f.readerKey)}, c.settings)
			if c.opened != nil {
				c.opened(w, f)
			}
			ask := c.ask
			if ask == nil {
				ask = firestore
			}
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			got := ask(ctx, client)
			if c.want == "" {
				if got != nil {
					t.Errorf("fault %v, want none", got)
				}
				return
			}
			if got == nil || got.Code != c.want || got.Class != c.class {
				t.Fatalf("fault %v, want %s", got, c.want)
			}
			got.Cause = nil
			clean := strings.NewReplacer(w.home, "HOME")
			fmt.Fprintf(&out, "%s [%s]\n  %s\n  %s\n\n", c.name, got.Code, clean.Replace(fault.Text(got, fault.English)), clean.Replace(fault.Text(got, fault.Korean)))
		})
		if !ok {
			fmt.Fprintf(&out, "%s failed\n", c.name)
		}
	}
	golden(t, "explain.txt", out.String())
}
