package google

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/sandbox"
)

// changed is a document with some keys set anew.
func changed(t *testing.T, document []byte, pairs ...any) []byte {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(document, &m); err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i].(string)] = pairs[i+1]
	}
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestHostileKeys gives the service what somebody who sends a flow and its
// secret may write. Nothing may be dialled, and the secret must not be shown.
func TestHostileKeys(t *testing.T) {
	f := newFirm(t, "/etc/passwd")
	const evil = "https://evil.example/token"
	for _, c := range []struct {
		name string
		key  []byte
		code string
	}{
		{"another token host", changed(t, f.readerKey, "token_uri", evil), "google_key_elsewhere"},
		{"Google's name in front", changed(t, f.readerKey, "token_uri", "https://oauth2.googleapis.com.evil.example/token"), "google_key_elsewhere"},
		{"Google's name as the user", changed(t, f.readerKey, "token_uri", "https://oauth2.googleapis.com@evil.example/token"), "google_key_elsewhere"},
		{"another port", changed(t, f.readerKey, "token_uri", "https://oauth2.googleapis.com:8443/token"), "google_key_elsewhere"},
		{"in the clear", changed(t, f.readerKey, "token_uri", "http://oauth2.googleapis.com/token"), "google_key_elsewhere"},
		{"another host of Google's", changed(t, f.readerKey, "token_uri", "https://storage.googleapis.com/bucket/token"), "google_key_elsewhere"},
		{"no address", changed(t, f.readerKey, "token_uri", "::"), "google_key_elsewhere"},
		{"another universe", changed(t, f.readerKey, "universe_domain", "evil.example"), "google_key_elsewhere"},
		{"a workload identity", f.workloadFile, "google_key_bad"},
		{"a workload identity that is called a key", changed(t, f.workloadFile, "type", "service_account"), "google_key_bad"},
		{"an impersonation", f.actingFile, "google_key_bad"},
		{"a login", f.personLogin, "google_key_bad"},
		{"no key in it", changed(t, f.readerKey, "private_key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"), "google_key_bad"},
		{"another word for the type", changed(t, f.readerKey, "type", "external_account"), "google_key_bad"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, f.auth)
			_, err := w.try(processors.MemorySecrets{"k": string(c.key)}, map[string]any{"key": secret("k")})
			if fault.CodeOf(err) != c.code {
				t.Fatalf("error %v, want %s", err, c.code)
			}
			if class, _ := fault.ClassOf(err); class != fault.Permanent {
				t.Errorf("class %v", class)
			}
			for _, hidden := range []string{"PRIVATE KEY", "refresh_token", "1//", "/etc/passwd"} {
				if strings.Contains(err.Error(), hidden) {
					t.Errorf("the error shows %s: %v", hidden, err)
				}
			}
			if n := w.box.Stats().Calls[sandbox.OAuth]; n != 0 {
				t.Errorf("%d calls were made", n)
			}
		})
	}
}

// TestFilesOfTheOperator are those that the server's own environment names.
func TestFilesOfTheOperator(t *testing.T) {
	f := newFirm(t, filepath.Join("testdata", "subject"))
	const evil = "https://evil.example/v1/token"
	for _, c := range []struct {
		name string
		file []byte
		code string
	}{
		{"another exchange", changed(t, f.workloadFile, "token_url", evil), "google_file_elsewhere"},
		{"another impersonation", changed(t, f.actingFile, "service_account_impersonation_url", "https://evil.example/v1/projects/-/serviceAccounts/"+reader+":generateAccessToken"), "google_file_elsewhere"},
		{"another token host below", changed(t, f.actingFile, "source_credentials", json.RawMessage(changed(t, f.readerKey, "token_uri", evil))), "google_file_elsewhere"},
		{"an impersonation of an impersonation", changed(t, f.actingFile, "source_credentials", json.RawMessage(f.actingFile)), "google_file_bad"},
		{"an impersonation of nobody", changed(t, f.actingFile, "service_account_impersonation_url", "https://iamcredentials.googleapis.com/v1/x"), "google_file_bad"},
		{"a type of its own", []byte(`{"type":"gdch_service_account"}`), "google_file_type"},
		{"no type", []byte(`{"installed":{}}`), "google_file_bad"},
		{"not JSON", []byte("secret"), "google_file_bad"},
		{"a key without a key", changed(t, f.readerKey, "private_key", ""), "google_file_bad"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, how := range []string{"named", "gcloud"} {
				w := newWorld(t, f.auth)
				path := ""
				if how == "named" {
					path = w.named(c.file)
				} else {
					path = w.gcloud(c.file)
				}
				_, err := w.try(nil, nil)
				if fault.CodeOf(err) != c.code {
					t.Fatalf("%s: error %v, want %s", how, err, c.code)
				}
				if !strings.Contains(err.Error(), path) {
					t.Errorf("%s: %q does not name the file", how, err)
				}
			}
		})
	}
	t.Run("not there", func(t *testing.T) {
		w := newWorld(t, f.auth)
		w.gcloud(f.personLogin)
		t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", filepath.Join(w.home, "none.json"))
		if _, err := w.try(nil, nil); fault.CodeOf(err) != "google_file_missing" {
			t.Errorf("error %v: what the operator named was passed over", err)
		}
	})
	t.Run("a directory", func(t *testing.T) {
		w := newWorld(t, f.auth)
		t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", w.home)
		if _, err := w.try(nil, nil); fault.CodeOf(err) != "google_file_unreadable" {
			t.Errorf("error %v", err)
		}
	})
	t.Run("too large", func(t *testing.T) {
		w := newWorld(t, f.auth)
		path := w.named(nil)
		if err := os.Truncate(path, most+1); err != nil {
			t.Fatal(err)
		}
		if _, err := w.try(nil, nil); fault.CodeOf(err) != "google_file_unreadable" {
			t.Errorf("error %v", err)
		}
	})
}

// TestOlderKeysAreTaken are those that Google gave with earlier addresses.
func TestOlderKeysAreTaken(t *testing.T) {
	f := newFirm(t, "-")
	for _, uri := range []string{"https://accounts.google.com/o/oauth2/token", "https://www.googleapis.com/oauth2/v4/token", ""} {
		w := newWorld(t, f.auth)
		c := w.open(processors.MemorySecrets{"k": string(changed(t, f.readerKey, "token_uri", uri))}, map[string]any{"key": secret("k")})
		if err := documents(t.Context(), c); err != nil {
			t.Errorf("%q: %v", uri, err)
		}
	}
}
