package processors

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"github.com/weirflow/weir/fault"
)

// partSuffix ends the name of a file that is being written. No finished file may
// have it: the next writer of the name before it would take it away.
const partSuffix = ".part"

// Files is the one directory below which processors read and write. Paths are
// relative with slashes; an absolute path, "..", and a link that leads out are
// refused each time they are used, so that no expression can get out. Its
// methods may be called by many goroutines at once.
type Files struct {
	root     *os.Root
	dirMode  fs.FileMode
	fileMode fs.FileMode
	through  func(io.Writer) io.Writer
	writing  pathLocks
}

// FilesOptions say how files are made.
type FilesOptions struct {
	// Wide makes files readable by the group and others (0644, 0755) instead of
	// by the owner alone (0600, 0700).
	Wide bool
	// Through, if set, is put between each file and what is written to it: tests
	// put a full disk there.
	Through func(io.Writer) io.Writer
}

// OpenFiles opens the directory, which must exist.
func OpenFiles(dir string, o FilesOptions) (*Files, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fault.New("files_no_directory", "directory", dir).Because(bare(err)).Permanent()
	}
	f := &Files{root: root, dirMode: 0o700, fileMode: 0o600, through: o.Through}
	if o.Wide {
		f.dirMode, f.fileMode = 0o755, 0o644
	}
	return f, nil
}

// Dir returns the directory's own path.
func (f *Files) Dir() string { return f.root.Name() }

// Close closes the directory; open files stay open.
func (f *Files) Close() error { return f.root.Close() }

// CheckPath refuses a path that could not be used whatever is on the disk.
func CheckPath(name string) error {
	switch {
	case name == "" || strings.HasSuffix(name, "/"):
		return fault.New("path_empty", "path", name).Permanent()
	case path.IsAbs(name) || strings.Contains(name, `\`) || strings.ContainsRune(name, 0) || filepath.VolumeName(name) != "":
		return fault.New("path_absolute", "path", name).Permanent()
	}
	for part := range strings.SplitSeq(name, "/") {
		switch {
		case part == "..":
			return fault.New("path_up", "path", name).Permanent()
		case len(part) > 255:
			return fault.New("path_too_long", "path", clip(name)).Permanent()
		}
	}
	return nil
}

// CheckTarget refuses a path that could not be written whatever is on the disk.
func CheckTarget(name string) error {
	if err := CheckPath(name); err != nil {
		return err
	}
	if strings.HasSuffix(name, partSuffix) {
		return fault.New("path_part", "path", name).Permanent()
	}
	return nil
}

// Open opens a file for reading.
func (f *Files) Open(name string) (*os.File, error) {
	if err := CheckPath(name); err != nil {
		return nil, err
	}
	// Not to wait for the other end of a pipe.
	r, err := f.root.OpenFile(path.Clean(name), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, f.fault("read", name, err)
	}
	st, err := r.Stat()
	if err == nil {
		err = onlyFile(name, st)
	} else {
		err = f.fault("read", name, err)
	}
	if err != nil {
		_ = r.Close() // the first error is the one to tell
		return nil, err
	}
	return r, nil
}

// onlyFile refuses what is no regular file. A pipe or device may keep whoever
// reads or writes it waiting without end.
func onlyFile(name string, st fs.FileInfo) error {
	switch {
	case st.IsDir():
		return fault.New("path_is_directory", "path", name).Permanent()
	case !st.Mode().IsRegular():
		return fault.New("file_not_regular", "path", name).Permanent()
	}
	return nil
}

// Stat describes a file or directory.
func (f *Files) Stat(name string) (fs.FileInfo, error) {
	if err := CheckPath(name); err != nil {
		return nil, err
	}
	st, err := f.root.Stat(path.Clean(name))
	if err != nil {
		return nil, f.fault("read", name, err)
	}
	return st, nil
}

// Remove removes a file or an empty directory.
func (f *Files) Remove(name string) error {
	if err := CheckPath(name); err != nil {
		return err
	}
	if err := f.root.Remove(path.Clean(name)); err != nil {
		return f.fault("remove", name, err)
	}
	return f.syncDir(path.Dir(path.Clean(name)))
}

// Replaced says what Replace wrote.
type Replaced struct {
	Size int64
	// SHA256 is the content's hash in lower-case hex.
	SHA256 string
}

// Replace writes a file as a whole: into NAME.part beside it, synced, then
// renamed over the old one, then the directory synced. Readers see the old
// content or the new, never a mixture; after an error the old one stands.
// Missing directories are made.
func (f *Files) Replace(name string, write func(io.Writer) error) (Replaced, error) {
	var done Replaced
	if err := CheckTarget(name); err != nil {
		return done, err
	}
	name = path.Clean(name)
	dir := path.Dir(name)
	if dir != "." {
		if err := f.root.MkdirAll(dir, f.dirMode); err != nil {
			return done, f.fault("write", name, err)
		}
	}
	part := name + partSuffix
	for _, n := range []string{name, part} {
		if st, err := f.root.Stat(n); err == nil {
			if err := onlyFile(n, st); err != nil {
				return done, err
			}
		}
	}
	// One name for the part, so that what a crash left is overwritten, and so one
	// writer at a time.
	defer f.writing.lock(name)()
	w, err := f.root.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, f.fileMode)
	if err != nil {
		return done, f.fault("write", name, err)
	}
	sum := &summed{w: w, hash: sha256.New()}
	if f.through != nil {
		sum.w = f.through(w)
	}
	err = write(sum)
	if sum.err != nil {
		err = f.fault("write", name, sum.err) // the disk's error, however write wrapped it
	}
	if err == nil {
		err = f.fault("write", name, w.Sync())
	}
	if cerr := w.Close(); err == nil {
		err = f.fault("write", name, cerr)
	}
	if err == nil {
		err = f.fault("write", name, f.root.Rename(part, name))
	}
	if err != nil {
		_ = f.root.Remove(part) // the first error is the one to tell
		return done, err
	}
	if err := f.syncDirs(dir); err != nil {
		return done, err
	}
	return Replaced{sum.size, hex.EncodeToString(sum.hash.Sum(nil))}, nil
}

// pathLocks lets one goroutine at a time write a path.
type pathLocks struct {
	mu   sync.Mutex
	busy map[string]*pathLock
}

type pathLock struct {
	mu      sync.Mutex
	waiting int
}

// lock waits for the path and returns what frees it.
func (l *pathLocks) lock(name string) (unlock func()) {
	l.mu.Lock()
	p := l.busy[name]
	if p == nil {
		if l.busy == nil {
			l.busy = map[string]*pathLock{}
		}
		p = &pathLock{}
		l.busy[name] = p
	}
	p.waiting++
	l.mu.Unlock()
	p.mu.Lock()
	return func() {
		p.mu.Unlock()
		l.mu.Lock()
		if p.waiting--; p.waiting == 0 {
			delete(l.busy, name)
		}
		l.mu.Unlock()
	}
}

// syncDirs syncs a directory and all above it: any of them may be new.
func (f *Files) syncDirs(dir string) error {
	for {
		if err := f.syncDir(dir); err != nil || dir == "." {
			return err
		}
		dir = path.Dir(dir)
	}
}

func (f *Files) syncDir(dir string) error {
	d, err := f.root.Open(dir)
	if err != nil {
		return f.fault("write", dir, err)
	}
	err = d.Sync()
	if cerr := d.Close(); err == nil {
		err = cerr
	}
	if errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	return f.fault("write", dir, err)
}

// summed counts and hashes what passes, and keeps the disk's own error.
type summed struct {
	w    io.Writer
	hash interface {
		io.Writer
		Sum([]byte) []byte
	}
	size int64
	err  error
}

func (s *summed) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	_, _ = s.hash.Write(p[:n]) // a hash never fails
	s.size += int64(n)
	if err != nil && s.err == nil {
		s.err = err
	}
	return n, err
}
