package store

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/weirflow/weir/fault"
)

func TestSecretsAreSealed(t *testing.T) {
	ctx := context.Background()
	dir, config := t.TempDir(), t.TempDir()
	env := map[string]string{}
	opts := testOptions()
	opts.KeyFile = filepath.Join(config, "weir", "key")
	opts.Env = func(k string) (string, bool) { v, ok := env[k]; return v, ok }
	s := openStore(t, dir, opts)

	if _, err := s.Secret("gcp-key"); fault.CodeOf(err) != "secret_missing" {
		t.Errorf("a secret that is not set: %v", err)
	}
	if err := s.SetSecret(ctx, "Bad Name", "x"); fault.CodeOf(err) != "secret_name" {
		t.Errorf("a bad name: %v", err)
	}
	const value = "the-secret-value-of-the-test"
	for _, n := range []string{"gcp-key", "other"} {
		if err := s.SetSecret(ctx, n, value); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := s.Secret("gcp-key"); err != nil || got != value {
		t.Errorf("Secret = %q, %v", got, err)
	}
	env["WEIR_SECRET_GCP_KEY"] = "from outside"
	if got, _ := s.Secret("gcp-key"); got != "from outside" {
		t.Errorf("the environment does not win: %q", got)
	}
	env["WEIR_SECRET_GCP_KEY"] = ""
	if got, err := s.Secret("gcp-key"); err != nil || got != value {
		t.Errorf("an empty variable wins: %q, %v", got, err)
	}
	delete(env, "WEIR_SECRET_GCP_KEY")
	if fi, err := os.Stat(opts.KeyFile); err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v, %v", fi, err)
	}
	if err := s.RemoveSecret(ctx, "other"); err != nil {
		t.Fatal(err)
	}
	if names, err := s.Secrets(); err != nil || len(names) != 1 || names[0] != "gcp-key" {
		t.Errorf("Secrets = %v, %v", names, err)
	}
	if err := s.RemoveSecret(ctx, "other"); fault.CodeOf(err) != "secret_missing" {
		t.Errorf("removing it twice: %v", err)
	}
	closeStore(t, s)
	key, err := os.ReadFile(opts.KeyFile)
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte(value)) || bytes.Contains(b, bytes.TrimSpace(key)) {
			t.Errorf("%s holds the secret or its key", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}

	// Another key: named, and it may not seal more.
	wrong := filepath.Join(config, "wrong")
	if err := os.WriteFile(wrong, bytes.Repeat([]byte{7}, keyLen), 0o600); err != nil {
		t.Fatal(err)
	}
	opts.KeyFile = wrong
	s = openStore(t, dir, opts)
	for _, err := range []error{second(s.Secret("gcp-key")), s.SetSecret(ctx, "more", "x")} {
		if f := fault.As(err); f == nil || f.Code != "secret_key_wrong" || f.Args["path"] != wrong {
			t.Errorf("with the wrong key: %v", err)
		}
	}
	s.opts.KeyFile = filepath.Join(config, "absent")
	if _, err := s.Secret("gcp-key"); fault.CodeOf(err) != "secret_key_unreadable" {
		t.Errorf("without the key: %v", err)
	}
	if err := s.SetSecret(ctx, "more", "x"); fault.CodeOf(err) != "secret_key_unreadable" {
		t.Errorf("a second key was made: %v", err)
	}
}

func second[T any](_ T, err error) error { return err }

func TestKeyFileIsOutsideTheDataDirectory(t *testing.T) {
	opts := testOptions()
	opts.Env = func(string) (string, bool) { return "", false }
	t.Setenv("XDG_CONFIG_HOME", "/somewhere")
	s := openStore(t, t.TempDir(), opts)
	want := filepath.Join("/somewhere", "weir", "keys", s.ID())
	if got, err := s.KeyFile(); err != nil || got != want {
		t.Errorf("KeyFile = %s, %v, want %s", got, err, want)
	}
	s.opts.Env = func(k string) (string, bool) { return "/run/key", k == "WEIR_KEY_FILE" }
	if got, _ := s.KeyFile(); got != "/run/key" {
		t.Errorf("KeyFile = %s", got)
	}
}

// TestKeyFileInsideTheDataDirectoryIsRefused tries all ways to name it.
func TestKeyFileInsideTheDataDirectoryIsRefused(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "data")
	opts := testOptions()
	opts.Env = func(string) (string, bool) { return "", false }
	s := openStore(t, dir, opts)
	link := filepath.Join(root, "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	for path, refused := range map[string]bool{
		filepath.Join(dir, "key"):               true,
		filepath.Join(dir, "new", "a", "key"):   true,
		filepath.Join(link, "key"):              true,
		filepath.Join(link, "new", "key"):       true,
		filepath.Join(dir, "..", "data", "key"): true,
		"key":                                   true,
		filepath.Join(dir, "..key"):             true,
		filepath.Join(dir, "..", "key"):         false,
		filepath.Join(root, "data.key"):         false,
		filepath.Join(root, "new", "key"):       false,
		"../key":                                false,
	} {
		s.opts.KeyFile = path
		got, err := s.KeyFile()
		if !refused && (err != nil || got != path) {
			t.Errorf("%s: %s, %v", path, got, err)
		}
		if f := fault.As(err); refused && (f == nil || f.Code != "secret_key_inside" || f.Args["path"] != path || f.Args["data"] != dir) {
			t.Errorf("%s: %v", path, err)
		}
	}
	s.opts.KeyFile = filepath.Join(dir, "key")
	if err := s.SetSecret(t.Context(), "one", "x"); fault.CodeOf(err) != "secret_key_inside" {
		t.Errorf("a secret under a key inside: %v", err)
	}
	if _, err := os.Stat(s.opts.KeyFile); !os.IsNotExist(err) {
		t.Errorf("the key was made: %v", err)
	}
}
