package google

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"github.com/googleapis/gax-go/v2"
	"google.golang.org/api/googleapi"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/sandbox"
	"github.com/weirflow/weir/sandbox/sandboxtest"
)

const (
	reader = "weir-reader@calback-demo.iam.gserviceaccount.com"
	worker = "worker@calback-demo.iam.gserviceaccount.com"
	person = "mina@calback.example"

	analytics = "https://www.googleapis.com/auth/analytics.readonly"
	bigquery  = "https://www.googleapis.com/auth/bigquery"
	email     = "https://www.googleapis.com/auth/userinfo.email"
)

// world is Google in a test, and the machine that a service is opened on.
type world struct {
	t    *testing.T
	auth *sandbox.Auth
	box  *sandbox.Sandbox
	env  processors.Env
	home string
}

// newWorld serves a small company to the accounts given.
func newWorld(t *testing.T, auth *sandbox.Auth) *world {
	t.Helper()
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("CLOUDSDK_CONFIG", "")
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", "")
	t.Setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1")
	t.Setenv("GCE_METADATA_HOST", "127.0.0.1:1")
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
	s, err := sandbox.Open(t.Context(), sandbox.Config{Users: 3, Meetings: 2, Auth: auth})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close(context.Background()) })
	dial, roots := sandboxtest.Google(t, s)
	return &world{t, auth, s, processors.Env{Node: "gcp", Dial: dial, Roots: roots}, home}
}

// put writes a file below the home directory and returns its path.
func (w *world) put(name string, content []byte) string {
	w.t.Helper()
	path := filepath.Join(w.home, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		w.t.Fatal(err)
	}
	return path
}

// gcloud writes what a login with gcloud would.
func (w *world) gcloud(content []byte) string {
	return w.put(".config/gcloud/application_default_credentials.json", content)
}

// named sets the environment variable to a file.
func (w *world) named(content []byte) string {
	path := w.put("named.json", content)
	w.t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", path)
	return path
}

// open opens the service, which must go well.
func (w *world) open(secrets processors.MemorySecrets, settings map[string]any) *Client {
	w.t.Helper()
	c, err := w.try(secrets, settings)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func (w *world) try(secrets processors.MemorySecrets, settings map[string]any) (*Client, error) {
	w.t.Helper()
	all := map[string]any{"project": "calback-demo"}
	for k, v := range settings {
		all[k] = v
	}
	g, problems := build(w.t, secrets, all)
	if len(problems) > 0 {
		w.t.Fatal(problems)
	}
	v, err := g.Open(w.t.Context(), w.env)
	w.t.Cleanup(func() {
		if err := g.Close(context.Background()); err != nil {
			w.t.Error(err)
		}
	})
	if err != nil {
		return nil, err
	}
	return v.(*Client), nil
}

// documents asks Firestore for the first collection.
func documents(ctx context.Context, c *Client) error {
	_, err := c.Firestore.ListCollectionIds(c.Outgoing(ctx), &pb.ListCollectionIdsRequest{Parent: c.Root()}, gax.WithRetry(nil)).Next()
	return err
}

// get asks an HTTP service for something and returns an error of the library's
// shape, whatever the answer's form.
func get(ctx context.Context, c *Client, a API, path string) error {
	client, root := c.HTTP(a)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, root+path, nil)
	if err != nil {
		return err
	}
	res, err := client.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	return googleapi.CheckResponse(res)
}

// firm are the accounts of the tests: what each may do, and their proofs.
type firm struct {
	auth                              *sandbox.Auth
	reader, worker, person, workload  *sandbox.Account
	readerKey, workerKey, personLogin []byte
	workloadFile, actingFile          []byte
}

// keyed are service accounts, whose keys take time to make.
var keyed = sync.OnceValues(func() (out [2]struct {
	account sandbox.Account
	key     []byte
}, err error) {
	for i, email := range []string{reader, worker} {
		a, key, err := sandbox.NewServiceAccount(email)
		if err != nil {
			return out, err
		}
		out[i].account, out[i].key = *a, key
	}
	return out, nil
})

func newFirm(t *testing.T, subjectFile string) *firm {
	t.Helper()
	made, err := keyed()
	if err != nil {
		t.Fatal(err)
	}
	f := &firm{readerKey: made[0].key, workerKey: made[1].key}
	f.reader, f.worker = &made[0].account, &made[1].account
	f.person, f.personLogin = sandbox.NewLogin(person, "calback-demo", "openid", email, cloudPlatform, analytics)
	f.workload, f.workloadFile = sandbox.NewWorkload("github", subjectFile, reader)
	f.actingFile = sandbox.ImpersonatedFile(reader, f.personLogin)
	for _, a := range []*sandbox.Account{f.reader, f.person} {
		a.Roles = []string{"roles/datastore.viewer", "roles/bigquery.jobUser", "roles/bigquery.dataViewer", "roles/serviceusage.serviceUsageConsumer"}
		a.Properties = []string{"412345678"}
	}
	f.reader.Impersonators = []string{person, f.workload.Email, worker}
	f.auth = &sandbox.Auth{Accounts: []*sandbox.Account{f.reader, f.worker, f.person, f.workload}}
	return f
}

// useAll calls each API once.
func useAll(t *testing.T, c *Client) {
	t.Helper()
	if err := documents(t.Context(), c); err != nil {
		t.Errorf("Firestore: %v", err)
	}
	if err := get(t.Context(), c, Analytics, "v1beta/properties/412345678/metadata"); err != nil {
		t.Errorf("Analytics: %v", err)
	}
	if err := get(t.Context(), c, BigQuery, "projects/calback-demo/datasets"); err != nil {
		t.Errorf("BigQuery: %v", err)
	}
}

func TestEachCredential(t *testing.T) {
	login := []string{"openid", email, cloudPlatform, analytics}
	least := [][]string{{Scope}, {analytics}, {bigquery}}
	for _, c := range []struct {
		name     string
		settings map[string]any
		prepare  func(*world, *firm) string // returns where the credential is
		who      string
		kind     CredentialKind
		base     string
		scopes   [][]string // of the calls to the three APIs
		issued   []string   // how, whose and for what
	}{
		{name: "the secret key", settings: map[string]any{"key": secret("k")}, who: reader, kind: KeySecret, scopes: least,
			prepare: func(w *world, f *firm) string { w.named(f.personLogin); return "the secret k" },
			issued:  []string{"key " + reader + " " + Scope, "key " + reader + " " + analytics, "key " + reader + " " + bigquery}},
		{name: "impersonated by gcloud's file", who: reader, kind: Login, base: "", scopes: least,
			prepare: func(w *world, f *firm) string { w.auth.Machine = worker; return w.gcloud(f.actingFile) },
			issued: []string{"login " + person + " " + strings.Join(login, " "), "impersonate " + reader + " " + Scope,
				"login " + person + " " + strings.Join(login, " "), "impersonate " + reader + " " + analytics,
				"login " + person + " " + strings.Join(login, " "), "impersonate " + reader + " " + bigquery}},
		{name: "impersonated by the setting", settings: map[string]any{"impersonate": reader}, who: reader, kind: Attached, base: worker, scopes: least,
			prepare: func(w *world, f *firm) string { w.auth.Machine = worker; return "the metadata server" },
			issued: []string{"machine " + worker + " " + cloudPlatform, "impersonate " + reader + " " + Scope,
				"machine " + worker + " " + cloudPlatform, "impersonate " + reader + " " + analytics,
				"machine " + worker + " " + cloudPlatform, "impersonate " + reader + " " + bigquery}},
		{name: "attached to the machine, before a login", who: reader, kind: Attached, scopes: least,
			prepare: func(w *world, f *firm) string {
				w.auth.Machine = reader
				w.gcloud(f.personLogin)
				return "the metadata server"
			},
			issued: []string{"machine " + reader + " " + Scope, "machine " + reader + " " + analytics, "machine " + reader + " " + bigquery}},
		{name: "workload identity", who: reader, kind: Workload, scopes: least,
			prepare: func(w *world, f *firm) string { return w.named(f.workloadFile) },
			issued: []string{"exchange - " + cloudPlatform, "impersonate " + reader + " " + Scope,
				"exchange - " + cloudPlatform, "impersonate " + reader + " " + analytics,
				"exchange - " + cloudPlatform, "impersonate " + reader + " " + bigquery}},
		{name: "key file", who: reader, kind: KeyFile, scopes: least,
			prepare: func(w *world, f *firm) string { w.gcloud(f.personLogin); return w.named(f.readerKey) },
			issued:  []string{"key " + reader + " " + Scope, "key " + reader + " " + analytics, "key " + reader + " " + bigquery}},
		{name: "a person's login", who: person, kind: Login, scopes: [][]string{login, login, login},
			prepare: func(w *world, f *firm) string { return w.gcloud(f.personLogin) },
			issued: []string{"login " + person + " " + strings.Join(login, " "), "login " + person + " " + strings.Join(login, " "),
				"login " + person + " " + strings.Join(login, " ")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			subject := filepath.Join(t.TempDir(), "subject")
			if err := os.WriteFile(subject, []byte("github"), 0o600); err != nil {
				t.Fatal(err)
			}
			f := newFirm(t, subject)
			w := newWorld(t, f.auth)
			where := c.prepare(w, f)
			client := w.open(processors.MemorySecrets{"k": string(f.readerKey)}, c.settings)
			for range 2 {
				useAll(t, client)
			}
			p, err := client.Whoami(t.Context(), Firestore)
			if err != nil {
				t.Fatal(err)
			}
			if p.Email != c.who || p.Kind != c.kind || p.Where != where {
				t.Errorf("principal %+v", p)
			}
			if c.base != "" && (p.Base == nil || p.Base.Email != c.base) {
				t.Errorf("base %+v", p.Base)
			}
			// The second round uses what the first was given.
			var issued []string
			for _, i := range f.auth.Issued() {
				who := i.Account
				if i.How == "exchange" {
					who = "-"
				}
				issued = append(issued, i.How+" "+who+" "+strings.Join(i.Scopes, " "))
			}
			if !slices.Equal(issued, c.issued) {
				t.Errorf("issued\n%s\nwant\n%s", strings.Join(issued, "\n"), strings.Join(c.issued, "\n"))
			}
			used := f.auth.Used()
			if len(used) != 6 {
				t.Fatalf("%d calls arrived: %+v", len(used), used)
			}
			quota := ""
			if c.kind == Login && p.Base == nil {
				quota = "calback-demo"
			}
			for i, u := range used {
				api := []sandbox.API{sandbox.Firestore, sandbox.Analytics, sandbox.BigQuery}[i%3]
				if u.API != api || u.Account != c.who || !slices.Equal(u.Scopes, c.scopes[i%3]) || u.Quota != quota {
					t.Errorf("call %d: %+v", i, u)
				}
			}
			t.Logf("the sandbox saw %v", w.box.Stats().Calls)
		})
	}
}

func TestNothingIsFound(t *testing.T) {
	w := newWorld(t, &sandbox.Auth{})
	_, err := w.try(nil, nil)
	f := fault.As(err)
	if f == nil || f.Code != "google_no_credentials" || f.Class != fault.Permanent {
		t.Fatalf("error %v", err)
	}
	want := filepath.Join(w.home, ".config/gcloud/application_default_credentials.json")
	if f.Args["file"] != want || f.Args["variable"] != "GOOGLE_APPLICATION_CREDENTIALS" || !strings.Contains(f.Args["login"], "analytics.readonly") {
		t.Errorf("arguments %v", f.Args)
	}
	text := fault.Text(f, fault.English)
	last := 0
	for _, place := range []string{"the property key", "GOOGLE_APPLICATION_CREDENTIALS", want, "metadata server", "gcloud auth application-default login", "attach a service account"} {
		at := strings.Index(text[last:], place)
		if at < 0 {
			t.Fatalf("%q does not come in its place in: %s", place, text)
		}
		last += at
	}
}

func TestTheSandboxEndpointLooksUpNothing(t *testing.T) {
	f := newFirm(t, "-")
	w := newWorld(t, f.auth)
	w.auth.Machine = reader
	w.named(f.readerKey)
	other, err := sandbox.Open(t.Context(), sandbox.Config{Users: 3, Meetings: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { other.Close(context.Background()) })
	w.env.Sandbox = other.Addr()
	c := w.open(nil, map[string]any{"endpoint": "sandbox"})
	useAll(t, c)
	steps, ok := c.VerifySteps(t.Context(), Analytics)
	if !ok || len(steps) != 2 || steps[0].State != processors.StepOK || steps[1].State != processors.StepSkipped {
		t.Errorf("steps %+v", steps)
	}
	if n := len(w.auth.Issued()) + len(w.box.Stats().Requests); n != 0 {
		t.Errorf("Google saw %d calls: %v", n, w.box.Stats().Requests)
	}
	if other.Stats().Calls[sandbox.Firestore] == 0 {
		t.Error("the sandbox saw none")
	}
}

// TestTokensStayAtHome sends requests with a token elsewhere, which must not
// even be dialled.
func TestTokensStayAtHome(t *testing.T) {
	f := newFirm(t, "-")
	w := newWorld(t, f.auth)
	c := w.open(processors.MemorySecrets{"k": string(f.readerKey)}, map[string]any{"key": secret("k")})
	client, _ := c.HTTP(BigQuery)
	for _, address := range []string{"https://evil.example/", "http://bigquery.googleapis.com/", "https://analyticsdata.googleapis.com/v1beta/x",
		"https://bigquery.googleapis.com.evil.example/", "https://bigquery.googleapis.com:8443/"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, io.NopCloser(strings.NewReader("body")))
		if err != nil {
			t.Fatal(err)
		}
		res, err := client.Do(r)
		if err == nil {
			res.Body.Close()
		}
		if fault.CodeOf(err) != "google_host_refused" {
			t.Errorf("%s: error %v", address, err)
		}
	}
	if n := len(f.auth.Issued()); n != 0 {
		t.Errorf("%d tokens were asked for", n)
	}
}
