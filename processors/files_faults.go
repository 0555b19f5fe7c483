package processors

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"github.com/weirflow/weir/fault"
)

// fault turns an error of the file system into one that says what to do. Those
// that a person must mend first are permanent; a full disk is not, since room
// may be made while the run waits.
func (f *Files) fault(verb, name string, err error) error {
	dir := f.root.Name()
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return fault.New("file_missing", "path", name, "directory", dir).Permanent()
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fault.New("file_disk_full", "path", name, "directory", dir).Because(bare(err))
	case errors.Is(err, syscall.EROFS):
		return fault.New("file_read_only", "path", name, "directory", dir).Permanent()
	case errors.Is(err, fs.ErrPermission):
		return fault.New("file_permission", "verb", verb, "path", name, "directory", dir).Because(bare(err)).Permanent()
	case errors.Is(err, syscall.ENOTDIR), errors.Is(err, fs.ErrExist), errors.Is(err, syscall.EISDIR), errors.Is(err, syscall.ELOOP), errors.Is(err, syscall.ENAMETOOLONG):
		return fault.New("file_path_unusable", "verb", verb, "path", name, "directory", dir).Because(bare(err)).Permanent()
	case escapes(err):
		return fault.New("path_link_out", "path", name, "directory", dir).Permanent()
	}
	return fault.New("file_io", "verb", verb, "path", name, "directory", dir).Because(bare(err))
}

// escapes recognizes os.Root's refusal, which has no exported error.
func escapes(err error) bool { return strings.Contains(err.Error(), "path escapes from parent") }

// bare strips the operation and path that our own text has already.
func bare(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	var l *os.LinkError
	if errors.As(err, &l) {
		return l.Err
	}
	return err
}
