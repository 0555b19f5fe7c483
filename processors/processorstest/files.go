package processorstest

import (
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// File returns the content of a file below the files directory.
func (r *Runner) File(name string) string {
	r.t.Helper()
	f, err := r.env.Files.Open(name)
	if err != nil {
		r.t.Fatal(err)
	}
	b, err := io.ReadAll(f)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return string(b)
}

// WriteFile puts a file below the files directory.
func (r *Runner) WriteFile(name, content string) *Runner {
	r.t.Helper()
	full := filepath.Join(r.env.Files.Dir(), filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(content), 0o600); err != nil {
		r.t.Fatal(err)
	}
	return r
}

// Files returns all files below the files directory by path.
func (r *Runner) Files() map[string]string {
	r.t.Helper()
	out := map[string]string{}
	root := os.DirFS(r.env.Files.Dir())
	err := fs.WalkDir(root, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(root, p)
		out[path.Clean(p)] = string(b)
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return out
}
