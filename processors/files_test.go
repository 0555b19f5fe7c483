package processors

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/weirflow/weir/fault"
)

func openFiles(t *testing.T, o FilesOptions) (*Files, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "files")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	f, err := OpenFiles(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f, dir
}

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

func readFile(t *testing.T, f *Files, name string) string {
	t.Helper()
	r, err := f.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close()); err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestReplaceWritesTheWholeFileOrNothing(t *testing.T) {
	f, dir := openFiles(t, FilesOptions{})
	done, err := f.Replace("a/b/users.csv", text("one"))
	if err != nil {
		t.Fatal(err)
	}
	if done.Size != 3 || done.SHA256 != "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed" {
		t.Errorf("replaced = %+v", done)
	}
	if _, err := f.Replace("a/b/users.csv", text("two")); err != nil {
		t.Fatal(err)
	}
	boom := errors.New("boom")
	_, err = f.Replace("a/b/users.csv", func(w io.Writer) error {
		if err := text("half")(w); err != nil {
			return err
		}
		if got := readFile(t, f, "a/b/users.csv"); got != "two" {
			t.Errorf("while it is written the file reads %q", got)
		}
		return boom
	})
	if !errors.Is(err, boom) {
		t.Errorf("Replace = %v", err)
	}
	if got := readFile(t, f, "a/b/users.csv"); got != "two" {
		t.Errorf("after an error the file reads %q", got)
	}
	for name, mode := range map[string]os.FileMode{"a": 0o700, "a/b": 0o700, "a/b/users.csv": 0o600} {
		if st, err := os.Stat(filepath.Join(dir, name)); err != nil || st.Mode().Perm() != mode {
			t.Errorf("%s has mode %v, %v", name, st.Mode().Perm(), err)
		}
	}
	entries, err := os.ReadDir(filepath.Join(dir, "a/b"))
	if err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func TestManyWritersOfOnePathLeaveOneWholeFile(t *testing.T) {
	f, dir := openFiles(t, FilesOptions{})
	if err := os.WriteFile(filepath.Join(dir, "x.part"), []byte("what a crash left behind, longer than the rest"), 0o600); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			if _, err := f.Replace("x", text(strings.Repeat(string(rune('a'+g)), 10))); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	got := readFile(t, f, "x")
	if len(got) != 10 || got != strings.Repeat(got[:1], 10) {
		t.Errorf("the file reads %q", got)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
	if len(f.writing.busy) != 0 {
		t.Error("a path is still locked")
	}
}

func TestWideFilesCanBeReadByOthers(t *testing.T) {
	f, dir := openFiles(t, FilesOptions{Wide: true})
	if _, err := f.Replace("a/x", text("")); err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]os.FileMode{"a": 0o755, "a/x": 0o644} {
		if st, err := os.Stat(filepath.Join(dir, name)); err != nil || st.Mode().Perm()&^0o022 != mode {
			t.Errorf("%s has mode %v, %v", name, st.Mode().Perm(), err)
		}
	}
}

func TestPathsCannotLeaveTheDirectory(t *testing.T) {
	f, dir := openFiles(t, FilesOptions{})
	outside := filepath.Join(filepath.Dir(dir), "secret.txt")
	if err := os.WriteFile(outside, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for link, to := range map[string]string{"up": "..", "file": "../secret.txt", "abs": outside} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	for name, code := range map[string]string{
		"": "path_empty", "a/": "path_empty", "../secret.txt": "path_up", "a/../../secret.txt": "path_up", "..": "path_up",
		outside: "path_absolute", `a\b`: "path_absolute", "a\x00b": "path_absolute", "a/" + strings.Repeat("x", 256): "path_too_long",
		"up/secret.txt": "path_link_out", "file": "path_link_out", "abs": "path_link_out",
	} {
		errs := map[string]error{}
		_, errs["Open"] = f.Open(name)
		_, errs["Stat"] = f.Stat(name)
		if name == "up/secret.txt" || code != "path_link_out" {
			_, errs["Replace"] = f.Replace(name, text("x"))
			errs["Remove"] = f.Remove(name)
		}
		for verb, err := range errs {
			if fault.CodeOf(err) != code {
				t.Errorf("%s(%.40q) = %v, want %s", verb, name, err, code)
			}
			if class, _ := fault.ClassOf(err); class != fault.Permanent {
				t.Errorf("%s(%.40q) is %s", verb, name, class)
			}
		}
	}
	// Replacing a link replaces the link, not what it points to.
	if _, err := f.Replace("file", text("mine")); err != nil {
		t.Error(err)
	}
	if b, err := os.ReadFile(outside); err != nil || string(b) != "secret" {
		t.Errorf("the file outside reads %q, %v", b, err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestDiskErrorsSayWhatToDo(t *testing.T) {
	for _, c := range []struct {
		err   error
		code  string
		class fault.Class
	}{
		{syscall.ENOSPC, "file_disk_full", fault.Retryable},
		{syscall.EDQUOT, "file_disk_full", fault.Retryable},
		{syscall.EROFS, "file_read_only", fault.Permanent},
		{syscall.EACCES, "file_permission", fault.Permanent},
		{syscall.EIO, "file_io", fault.Retryable},
	} {
		f, _ := openFiles(t, FilesOptions{Through: func(io.Writer) io.Writer { return failing{c.err} }})
		_, err := f.Replace("x", func(w io.Writer) error {
			if err := text("x")(w); err != nil {
				return fmt.Errorf("encode: %w", errors.New("lost the cause"))
			}
			return nil
		})
		if class, _ := fault.ClassOf(err); fault.CodeOf(err) != c.code || class != c.class {
			t.Errorf("%v gives %v (%s)", c.err, err, class)
		}
	}
	f, dir := openFiles(t, FilesOptions{})
	if err := os.MkdirAll(filepath.Join(dir, "d"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Replace("d", text("x")); fault.CodeOf(err) != "path_is_directory" {
		t.Errorf("Replace of a directory = %v", err)
	}
	if _, err := f.Open("d"); fault.CodeOf(err) != "path_is_directory" {
		t.Errorf("Open of a directory = %v", err)
	}
	// A pipe must not keep anyone waiting for its other end.
	for _, name := range []string{"pipe", "y.part"} {
		if err := syscall.Mkfifo(filepath.Join(dir, name), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Open(name); fault.CodeOf(err) != "file_not_regular" {
			t.Errorf("Open of the pipe %s = %v", name, err)
		}
		if _, err := f.Replace(strings.TrimSuffix(name, ".part"), text("x")); fault.CodeOf(err) != "file_not_regular" {
			t.Errorf("Replace over the pipe %s = %v", name, err)
		}
	}
	if _, err := f.Replace("z.part", text("x")); fault.CodeOf(err) != "path_part" {
		t.Errorf("Replace of a part = %v, which a writer of z would take away", err)
	}
	if _, err := f.Replace("x", text("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Replace("x/y", text("x")); fault.CodeOf(err) != "file_path_unusable" {
		t.Errorf("Replace below a file = %v", err)
	}
	if _, err := f.Open("none"); fault.CodeOf(err) != "file_missing" {
		t.Errorf("Open of nothing = %v", err)
	}
	if _, err := OpenFiles(filepath.Join(dir, "none"), FilesOptions{}); fault.CodeOf(err) != "files_no_directory" {
		t.Errorf("OpenFiles of nothing = %v", err)
	}
	if err := f.Remove("x"); err != nil {
		t.Error(err)
	}
	if _, err := f.Stat("x"); fault.CodeOf(err) != "file_missing" {
		t.Errorf("Stat of what was removed = %v", err)
	}
}

func TestListFindsByGlob(t *testing.T) {
	f, dir := openFiles(t, FilesOptions{})
	for _, name := range []string{"a.csv", "b.txt", "x/a.csv", "x/y/a.csv", "x/y/b.csv", "x/y/c.csv.part", "z/a.csv"} {
		full := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("a.csv", filepath.Join(dir, "link.csv")); err != nil {
		t.Fatal(err)
	}
	for glob, want := range map[string]string{
		"*.csv": "a.csv", "*": "a.csv b.txt", "x/*.csv": "x/a.csv", "*/a.csv": "x/a.csv z/a.csv",
		"**/*.csv": "a.csv x/a.csv x/y/a.csv x/y/b.csv z/a.csv", "x/**": "x/a.csv x/y/a.csv x/y/b.csv",
		"**/y/**/a.csv": "x/y/a.csv", "**": "a.csv b.txt x/a.csv x/y/a.csv x/y/b.csv z/a.csv", "none/*": "", "[ab].*": "a.csv b.txt",
		"**/**/a.csv": "a.csv x/a.csv x/y/a.csv z/a.csv",
	} {
		var got []string
		for l, err := range f.List(glob) {
			if err != nil {
				t.Fatalf("%s: %v", glob, err)
			}
			got = append(got, l.Path)
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("List(%s) = %s, want %s", glob, s, want)
		}
	}
	for glob, code := range map[string]string{"../*": "path_up", "[": "glob_bad", "a**": "glob_bad", "/x": "path_absolute"} {
		for _, err := range f.List(glob) {
			if fault.CodeOf(err) != code {
				t.Errorf("List(%s) = %v, want %s", glob, err, code)
			}
		}
	}
	for range f.List("**") {
		break // may be left early
	}
}
