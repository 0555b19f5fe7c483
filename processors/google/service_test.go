package google

import (
	"context"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"

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
		{"no file", "", "google_file_missing", nil},
		{"not JSON", "secret text", "google_key_bad", map[string]any{"key": secret("k")}},
		{"a user's login", user, "google_key_bad", map[string]any{"key": secret("k")}},
		{"credentials that run a program", external, "google_key_bad", map[string]any{"key": secret("k")}},
		{"a broken key", `{"type":"service_account","client_email":"a@b","private_key":"no pem"}`, "google_key_bad", map[string]any{"key": secret("k")}},
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
