package firestore

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/processors/google"
	"github.com/weirflow/weir/processors/processorstest"
	"github.com/weirflow/weir/sandbox"
	"github.com/weirflow/weir/sandbox/sandboxtest"
)

const account = "weir-reader@calback-demo.iam.gserviceaccount.com"

// signedIn opens the service gcp over Google's own hosts, with a key.
func signedIn(t *testing.T, s *sandbox.Sandbox, key []byte, database string) processorstest.Option {
	t.Helper()
	settings := map[string]json.RawMessage{"project": json.RawMessage(`"calback-demo"`), "key": json.RawMessage(`{"secret":"k"}`)}
	if database != "" {
		settings["database"] = json.RawMessage(`"` + database + `"`)
	}
	conf, problems := processors.BuildService(google.Kind, settings, processors.BuildEnv{Secrets: processors.MemorySecrets{"k": string(key)}})
	for _, p := range problems {
		t.Fatal(p.Fault)
	}
	dial, roots := sandboxtest.Google(t, s)
	client, err := conf.Service.Open(t.Context(), processors.Env{Node: "gcp", Dial: dial, Roots: roots})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conf.Service.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return processorstest.Service("gcp", google.Kind, client)
}

// TestVerifyWithCredentials takes the steps as one does at Google: with a token,
// an account with a role, and an API that is on.
func TestVerifyWithCredentials(t *testing.T) {
	made, key, err := sandbox.NewServiceAccount(account)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, database string
		change         func(*sandbox.Auth, *sandbox.Account)
		states, code   string
		notes          []string // of the steps, parts
	}{
		{"all well", "", nil, "oooooo", "", []string{account + " (key: the secret k).", google.Scope + ".",
			"(default) of project calback-demo lies in asia-northeast3.",
			"userCollection has 10 documents; reading them is billed as about 12 reads (less than US$0.01 in asia-northeast3, or nothing within the free daily quota).",
			"10 of 100000.", "It fits the schema."}},
		{"no role", "", func(_ *sandbox.Auth, a *sandbox.Account) { a.Roles = nil }, "oosfss", "firestore_denied", nil},
		{"API off", "", func(a *sandbox.Auth, _ *sandbox.Account) { a.Disabled = []string{"firestore.googleapis.com"} }, "oofsss", "google_api_disabled", nil},
		{"key deleted", "", func(_ *sandbox.Auth, a *sandbox.Account) { a.Gone = true }, "fsssss", "google_key_revoked", nil},
		{"another database", "orders", nil, "oofsss", "firestore_other_databases", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := *made
			a.Roles = []string{role}
			auth := &sandbox.Auth{Accounts: []*sandbox.Account{&a}}
			if c.change != nil {
				c.change(auth, &a)
			}
			cfg := company(10)
			cfg.Auth = auth
			s := serve(t, cfg)
			r := processorstest.New(t, "ReadFirestore", reading(), signedIn(t, s, key, c.database), hurry(new(waits)))
			steps := r.Verify()
			states, code := "", ""
			for i, step := range steps {
				states += string(step.State[0:1])
				if step.Fault != nil {
					code = fault.CodeOf(step.Fault)
				}
				if i < len(c.notes) && step.Note.Error() != c.notes[i] {
					t.Errorf("step %q says %q, want %q", step.Name, step.Note, c.notes[i])
				}
			}
			if states != c.states || code != c.code {
				t.Errorf("states %s, code %q, want %s, %q: %+v", states, code, c.states, c.code, steps)
			}
			for _, u := range auth.Used() {
				if len(u.Scopes) != 1 || u.Scopes[0] != google.Scope {
					t.Errorf("a call had the scopes %q", u.Scopes)
				}
			}
			t.Logf("the sandbox saw %d calls of Firestore", s.Stats().Calls[sandbox.Firestore])
			if code != "google_key_revoked" && s.Stats().Calls[sandbox.Firestore] == 0 {
				t.Error("the sandbox saw no call of Firestore")
			}
		})
	}
}

// TestVerifyDoesNotWaitForAQuota checks that what the server says is told within
// the time that a verification has, and costs an admission no try.
func TestVerifyDoesNotWaitForAQuota(t *testing.T) {
	for _, c := range []struct {
		fault, code string
		free        bool
	}{
		{"exhausted", "firestore_exhausted", true},
		{"unavailable", "firestore_unavailable", false},
	} {
		s := serve(t, company(3))
		f, err := sandbox.ParseFault(c.fault)
		if err != nil {
			t.Fatal(err)
		}
		s.Inject(f)
		var w waits
		r := node(t, s, reading(), hurry(&w))
		var got error
		for _, step := range r.Verify() {
			if step.Fault != nil {
				got = step.Fault
			}
		}
		if fault.CodeOf(got) != c.code || fault.IsFree(got) != c.free {
			t.Errorf("%s: %v, free %t", c.fault, got, fault.IsFree(got))
		}
		if d := w.total(); d < time.Second || d > 15*time.Second {
			t.Errorf("%s: it waited %v: %v", c.fault, d, w)
		}
	}
}

// TestDatabasesAreNamed checks what is said where a database is missing.
func TestDatabasesAreNamed(t *testing.T) {
	made, key, err := sandbox.NewServiceAccount(account)
	if err != nil {
		t.Fatal(err)
	}
	made.Roles = []string{role}
	cfg := company(3)
	cfg.Database, cfg.Auth = "orders", &sandbox.Auth{Accounts: []*sandbox.Account{made}}
	s := serve(t, cfg)
	r := processorstest.New(t, "ReadFirestore", reading(), signedIn(t, s, key, ""), hurry(new(waits))).Run().WantErr("firestore_other_databases")
	if text := r.Err().Error(); !strings.Contains(text, "has no Firestore database (default). It has: orders.") {
		t.Errorf("%q does not name the database that there is", text)
	}
	s.Inject(sandbox.Fault{Kind: sandbox.NoDatabase})
	r = processorstest.New(t, "ReadFirestore", reading(), signedIn(t, s, key, ""), hurry(new(waits))).Run().WantErr("firestore_no_database")
	for _, l := range []fault.Lang{fault.English, fault.Korean} {
		if text := fault.Text(r.Err(), l); !strings.Contains(text, "firebaseio.com") {
			t.Errorf("%q says nothing of the Realtime Database", text)
		}
	}
}

func TestCost(t *testing.T) {
	for _, c := range []struct {
		reads int64
		at    string
		want  string
	}{
		{12, "", "less than US$0.01, or nothing within the free daily quota"},
		{3_000_000, "asia-northeast3", "about US$1.14 in asia-northeast3"},
		{3_000_000, "NAM5", "about US$1.80 in NAM5"},
		{3_000_000, "elsewhere", "about US$0.90 to US$1.80"},
	} {
		if got := cost(c.reads, c.at); got.Error() != c.want {
			t.Errorf("%d reads at %q cost %q, want %q", c.reads, c.at, got, c.want)
		}
	}
	for at, p := range prices {
		if p < cheapest || p > dearest {
			t.Errorf("the price in %s is %v, outside what is said where the location is not known", at, p)
		}
	}
}
