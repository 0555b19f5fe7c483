package google

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/sandbox"
)

// build makes the service of some settings.
func build(t *testing.T, secrets processors.MemorySecrets, settings map[string]any) (*GoogleCloud, []processors.Problem) {
	t.Helper()
	raw := map[string]json.RawMessage{}
	for k, v := range settings {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		raw[k] = b
	}
	conf, problems := processors.BuildService(Kind, raw, processors.BuildEnv{Secrets: secrets})
	return conf.Service.(*GoogleCloud), problems
}

func secret(name string) map[string]string { return map[string]string{"secret": name} }

func TestSettings(t *testing.T) {
	for _, c := range []struct {
		settings  map[string]any
		key, code string
	}{
		{map[string]any{"project": "calback-demo"}, "", ""},
		{map[string]any{"project": "example.com:calback-demo", "database": "eu-data"}, "", ""},
		{map[string]any{"project": "calback-demo", "endpoint": "sandbox"}, "", ""},
		{map[string]any{}, "project", "setting_missing"},
		{map[string]any{"project": "Calback Demo"}, "project", "setting_pattern"},
		{map[string]any{"project": "calback/demo"}, "project", "setting_pattern"},
		{map[string]any{"project": "calback-demo", "database": "a/b"}, "database", "setting_pattern"},
		{map[string]any{"project": "calback-demo", "endpoint": "evil.example:443"}, "endpoint", "setting_not_a_choice"},
		{map[string]any{"project": "calback-demo", "endpoint": "127.0.0.1:8080"}, "endpoint", "setting_not_a_choice"},
		{map[string]any{"project": "calback-demo", "endpoint": "sandbox", "key": secret("k")}, "key", "google_key_with_endpoint"},
	} {
		_, problems := build(t, processors.MemorySecrets{"k": "{}"}, c.settings)
		var got []string
		for _, p := range problems {
			got = append(got, p.Property+" "+p.Fault.Code)
		}
		var want []string
		if c.code != "" {
			want = []string{c.key + " " + c.code}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%v: problems %q, want %q", c.settings, got, want)
		}
	}
}

// noCredentials makes every way to find a credential lead nowhere, and every
// way to move the address by the environment lead astray.
func noCredentials(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("HOME", dir)
	t.Setenv("CLOUDSDK_CONFIG", dir)
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", filepath.Join(dir, "none.json"))
	t.Setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1")
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
}

func TestSandboxNeedsNoCredentialAndNoEnvironment(t *testing.T) {
	noCredentials(t)
	s, err := sandbox.Open(t.Context(), sandbox.Config{Users: 3, Meetings: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close(context.Background()) })
	g, _ := build(t, nil, map[string]any{"project": s.Project(), "endpoint": "sandbox"})
	v, err := g.Open(t.Context(), processors.Env{Node: "gcp", Sandbox: s.Addr()})
	if err != nil {
		t.Fatal(err)
	}
	c := v.(*Client)
	if !c.Sandboxed || c.Service != "gcp" || c.Root() != "projects/calback-demo/databases/(default)/documents" {
		t.Errorf("client %+v", c)
	}
	ids, err := c.Firestore.ListCollectionIds(t.Context(), &pb.ListCollectionIdsRequest{Parent: c.Root()}).Next()
	if err != nil || ids != "userCollection" {
		t.Errorf("first collection %q, %v", ids, err)
	}
	if err := g.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if err := g.Close(t.Context()); err != nil {
		t.Errorf("second Close: %v", err)
	}
}

func TestWhatCannotBeOpened(t *testing.T) {
	noCredentials(t)
	const user = `{"type":"authorized_user","client_id":"a","client_secret":"b","refresh_token":"c"}`
	const external = `{"type":"external_account","audience":"x","token_url":"https://evil.example","credential_source":{"executable":{"command":"id"}},"client_email":"a","private_key":"b"}`
	for _, c := range []struct {
		name, secret, code string
		settings           map[string]any
	}{
		{"no sandbox", "", "google_no_sandbox", map[string]any{"endpoint": "sandbox"}},
		{"no credentials", "", "google_no_credentials", nil},
		{"not JSON", "secret text", "google_key_bad", map[string]any{"key": secret("k")}},
		{"a user's login", user, "google_key_bad", map[string]any{"key": secret("k")}},
		{"credentials that run a program", external, "google_key_bad", map[string]any{"key": secret("k")}},
		{"a broken key", `{"type":"service_account","client_email":"a@b","private_key":"no pem"}`, "google_client", map[string]any{"key": secret("k")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			settings := map[string]any{"project": "calback-demo"}
			for k, v := range c.settings {
				settings[k] = v
			}
			g, problems := build(t, processors.MemorySecrets{"k": c.secret}, settings)
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			_, err := g.Open(t.Context(), processors.Env{Node: "gcp"})
			if fault.CodeOf(err) != c.code {
				t.Fatalf("error %v, want %s", err, c.code)
			}
			if class, _ := fault.ClassOf(err); class != fault.Permanent {
				t.Errorf("class %v", class)
			}
			if c.secret != "" && strings.Contains(err.Error(), c.secret) {
				t.Errorf("the error shows the secret: %v", err)
			}
			if err := g.Close(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// recorder is Google's host in a test: it notes what it is sent.
type recorder struct {
	pb.UnimplementedFirestoreServer
	mu   sync.Mutex
	sent metadata.MD
}

func (r *recorder) ListCollectionIds(ctx context.Context, _ *pb.ListCollectionIdsRequest) (*pb.ListCollectionIdsResponse, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sent, _ = metadata.FromIncomingContext(ctx)
	return &pb.ListCollectionIdsResponse{CollectionIds: []string{"users"}}, nil
}

// googleHost serves Firestore with a certificate for Google's name and returns
// options that carry that host, and no other, to it.
func googleHost(t *testing.T, r *recorder, dialled *string) []option.ClientOption {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"firestore.googleapis.com"}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(cert)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(grpc.Creds(credentials.NewServerTLSFromCert(&tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key})))
	pb.RegisterFirestoreServer(server, r)
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	t.Cleanup(func() { server.Stop(); <-done })
	return []option.ClientOption{
		option.WithGRPCDialOption(grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{RootCAs: roots}))),
		option.WithGRPCDialOption(grpc.WithNoProxy()),
		option.WithGRPCDialOption(grpc.WithContextDialer(func(ctx context.Context, address string) (net.Conn, error) {
			r.mu.Lock()
			*dialled = address
			r.mu.Unlock()
			return new(net.Dialer).DialContext(ctx, "tcp", l.Addr().String())
		})),
	}
}

func serviceAccount(t *testing.T) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(map[string]string{"type": "service_account", "project_id": "calback-demo", "private_key_id": "k1",
		"client_email": "reader@calback-demo.iam.gserviceaccount.com", "token_uri": "https://oauth2.googleapis.com/token",
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// claims reads who a self-signed token is for.
func claims(t *testing.T, sent metadata.MD) (who, scope string) {
	t.Helper()
	token, ok := strings.CutPrefix(strings.Join(sent.Get("authorization"), ","), "Bearer ")
	parts := strings.Split(token, ".")
	if !ok || len(parts) != 3 {
		t.Fatalf("authorization %q", sent.Get("authorization"))
	}
	b, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var c struct{ Iss, Scope string }
	if err := json.Unmarshal(b, &c); err != nil {
		t.Fatal(err)
	}
	return c.Iss, c.Scope
}

func TestKeyAndDefaultCredentialsGoToGoogleAlone(t *testing.T) {
	account := serviceAccount(t)
	for _, c := range []struct {
		name     string
		settings map[string]any
	}{
		{"key", map[string]any{"project": "calback-demo", "key": secret("k")}},
		{"default", map[string]any{"project": "calback-demo"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			noCredentials(t)
			if c.name == "default" {
				path := filepath.Join(t.TempDir(), "adc.json")
				if err := os.WriteFile(path, []byte(account), 0o600); err != nil {
					t.Fatal(err)
				}
				t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", path)
			}
			var r recorder
			var dialled string
			g, problems := build(t, processors.MemorySecrets{"k": account}, c.settings)
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			g.transport = googleHost(t, &r, &dialled)
			v, err := g.Open(t.Context(), processors.Env{Node: "gcp", Sandbox: "127.0.0.1:1"})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { g.Close(context.Background()) })
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			client := v.(*Client)
			if _, err := client.Firestore.ListCollectionIds(client.Outgoing(ctx), &pb.ListCollectionIdsRequest{Parent: client.Root()}).Next(); err != nil {
				t.Fatal(err)
			}
			r.mu.Lock()
			defer r.mu.Unlock()
			if dialled != "firestore.googleapis.com:443" {
				t.Errorf("dialled %q", dialled)
			}
			if got := r.sent.Get("google-cloud-resource-prefix"); !slices.Equal(got, []string{"projects/calback-demo/databases/(default)"}) {
				t.Errorf("resource prefix %q", got)
			}
			who, scope := claims(t, r.sent)
			if who != "reader@calback-demo.iam.gserviceaccount.com" || scope != Scope {
				t.Errorf("token of %q for %q", who, scope)
			}
			if client.Sandboxed {
				t.Error("the client says it is sandboxed")
			}
		})
	}
}
