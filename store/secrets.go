package store

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	bolt "go.etcd.io/bbolt"

	"github.com/weirflow/weir/fault"
)

// secretVersion begins every sealed secret.
const secretVersion = 1

// keyLen is the length of the sealing key in bytes: AES-256.
const keyLen = 32

var secretName = regexp.MustCompile(`^[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?$`)

// SecretEnv returns the environment variable that overrides a secret.
func SecretEnv(name string) string {
	return "WEIR_SECRET_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

// KeyFile returns the path of the file that holds the key of this store's
// secrets: Options.KeyFile, WEIR_KEY_FILE, or a file named after the store in
// the user's configuration directory. It never lies in the data directory, so
// that a copy of that gives no secret away: a path there is secret_key_inside.
func (s *Store) KeyFile() (string, error) {
	path := s.opts.KeyFile
	if path == "" {
		path = s.env("WEIR_KEY_FILE")
	}
	if path == "" {
		dir, err := os.UserConfigDir()
		if err != nil {
			return "", fault.New("secret_key_place").Permanent().Because(err)
		}
		path = filepath.Join(dir, "weir", "keys", s.identity.ID)
	}
	if inside(s.dir, path) {
		return "", fault.New("secret_key_inside", "path", path, "data", s.dir).Permanent()
	}
	return path, nil
}

// inside reports whether a path leads into a directory, by whatever name.
func inside(dir, path string) bool {
	rel, err := filepath.Rel(resolved(dir), resolved(path))
	return err == nil && filepath.IsLocal(rel)
}

// resolved returns the absolute path without symbolic links, of which the last
// parts need not exist.
func resolved(path string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	for head, tail := abs, ""; ; head, tail = filepath.Dir(head), filepath.Join(filepath.Base(head), tail) {
		if whole, err := filepath.EvalSymlinks(head); err == nil {
			return filepath.Join(whole, tail)
		}
		if head == filepath.Dir(head) {
			return abs
		}
	}
}

// env returns a variable of the environment. An empty one is as good as none:
// that is how a shell, a unit or a compose file leaves it out.
func (s *Store) env(name string) string {
	if s.opts.Env != nil {
		v, _ := s.opts.Env(name)
		return v
	}
	return os.Getenv(name)
}

// SetSecret seals and stores a secret. The first one makes the key file.
func (s *Store) SetSecret(ctx context.Context, name, value string) error {
	if !secretName.MatchString(name) {
		return fault.New("secret_name", "name", name).Permanent()
	}
	names, err := s.Secrets()
	if err != nil {
		return err
	}
	path, err := s.KeyFile()
	if err != nil {
		return err
	}
	key, err := readKey(path)
	if errors.Is(err, fs.ErrNotExist) && len(names) == 0 {
		key, err = makeKey(path)
	}
	if err != nil {
		return keyFault(path, err)
	}
	// A key that does not open the others would lock this one away from them.
	if len(names) > 0 {
		if _, err := s.sealedSecret(names[0]); err != nil {
			return err
		}
	}
	sealed, err := sealSecret(key, s.secretContext(name), value)
	if err != nil {
		return err
	}
	return s.update(ctx, func(g *group) error { return put(g.tx, bucketSecrets, []byte(name), sealed) })
}

// Secret returns a secret's value. The environment wins over the store, unless
// it is empty there.
func (s *Store) Secret(name string) (string, error) {
	if v := s.env(SecretEnv(name)); v != "" {
		return v, nil
	}
	return s.sealedSecret(name)
}

func (s *Store) sealedSecret(name string) (string, error) {
	var sealed []byte
	err := s.view(func(tx *bolt.Tx) (err error) {
		sealed, err = get(tx, bucketSecrets, []byte(name))
		return err
	})
	if err != nil {
		return "", err
	}
	if sealed == nil {
		return "", fault.New("secret_missing", "name", name, "env", SecretEnv(name)).Permanent()
	}
	path, err := s.KeyFile()
	if err != nil {
		return "", err
	}
	key, err := readKey(path)
	if err != nil {
		return "", keyFault(path, err)
	}
	value, err := openSecret(key, s.secretContext(name), sealed)
	if err != nil {
		// The stored bytes passed their checksum, so it is the key.
		return "", fault.New("secret_key_wrong", "name", name, "path", path).Permanent()
	}
	return value, nil
}

// Secrets returns the names of the stored secrets, sorted.
func (s *Store) Secrets() ([]string, error) {
	var names []string
	err := s.view(func(tx *bolt.Tx) error {
		return eachValue(tx, bucketSecrets, func(k, _ []byte) error {
			names = append(names, string(k))
			return nil
		})
	})
	return names, err
}

// RemoveSecret deletes a secret.
func (s *Store) RemoveSecret(ctx context.Context, name string) error {
	return s.update(ctx, func(g *group) error {
		b := g.tx.Bucket(bucketSecrets)
		if b.Get([]byte(name)) == nil {
			return fault.New("secret_missing", "name", name, "env", SecretEnv(name)).Permanent()
		}
		return b.Delete([]byte(name))
	})
}

// secretContext binds a sealed value to its store and name.
func (s *Store) secretContext(name string) []byte {
	return []byte("weir secret " + s.identity.ID + " " + name)
}

func secretCipher(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// sealSecret returns version, nonce and AES-256-GCM ciphertext.
func sealSecret(key, context []byte, value string) ([]byte, error) {
	c, err := secretCipher(key)
	if err != nil {
		return nil, err
	}
	b := make([]byte, 1+c.NonceSize(), 1+c.NonceSize()+len(value)+c.Overhead())
	b[0] = secretVersion
	_, _ = rand.Read(b[1:]) // never fails
	return c.Seal(b, b[1:], []byte(value), context), nil
}

func openSecret(key, context, sealed []byte) (string, error) {
	c, err := secretCipher(key)
	if err != nil {
		return "", err
	}
	if len(sealed) < 1+c.NonceSize() || sealed[0] != secretVersion {
		return "", errors.New("not a sealed secret")
	}
	n := 1 + c.NonceSize()
	v, err := c.Open(nil, sealed[1:n], sealed[n:], context)
	return string(v), err
}

// readKey reads a key file: 64 hex digits, or 32 raw bytes.
func readKey(path string) ([]byte, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if len(b) == keyLen {
		return b, nil
	}
	key, err := hex.DecodeString(string(bytes.TrimSpace(b)))
	if err != nil || len(key) != keyLen {
		return nil, errors.New("a key is 64 hexadecimal digits")
	}
	return key, nil
}

func makeKey(path string) ([]byte, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	key := make([]byte, keyLen)
	_, _ = rand.Read(key) // never fails
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = fmt.Fprintf(f, "%x\n", key)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, errors.Join(err, os.Remove(path))
	}
	return key, syncDir(filepath.Dir(path))
}

func keyFault(path string, err error) error {
	return fault.New("secret_key_unreadable", "path", path).Permanent().Because(err)
}
