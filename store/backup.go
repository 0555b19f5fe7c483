package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/store/segment"
)

// BackupReport describes a backup. It stands in the backup as backup.json.
type BackupReport struct {
	ID     string    `json:"id"`
	Format uint32    `json:"format"`
	Commit uint64    `json:"commit"`
	Made   time.Time `json:"made"`
	// Segments counts the content files, Linked those of them that share their
	// bytes with the data directory; Bytes is the size of all files.
	Segments int   `json:"segments"`
	Linked   int   `json:"linked"`
	Bytes    int64 `json:"bytes"`
	// KeyFile is where the key of the secrets lies. It is not in the backup:
	// without it the secrets cannot be opened again.
	KeyFile string `json:"key_file,omitempty"`
}

const backupFile = "backup.json"

// Backup writes a copy of the store as of one commit to a new directory while
// the store goes on working; commits wait while weir.db is copied. Content is
// linked where it can be, else copied. The key of the secrets is never part of
// a backup.
func (s *Store) Backup(ctx context.Context, to string) (*BackupReport, error) {
	s.backups.Lock()
	defer s.backups.Unlock()
	if err := emptyDir(to); err != nil {
		return nil, err
	}
	for _, d := range []string{"content", "events"} {
		if err := os.Mkdir(filepath.Join(to, d), 0o700); err != nil {
			return nil, unwritable(to, err)
		}
	}
	r := &BackupReport{ID: s.identity.ID, Format: formatVersion, Made: s.now().UTC()}
	if names, err := s.Secrets(); err == nil && len(names) > 0 {
		r.KeyFile, _ = s.KeyFile()
	}
	var pinned []segment.Stat
	defer func() {
		for _, st := range pinned {
			s.seg.Unpin(st.Number)
		}
	}()
	// The committer runs this in place of a group: nothing changes meanwhile.
	err := s.submit(ctx, &request{done: make(chan struct{}), pause: func() (err error) {
		r.Commit = s.count.commit
		if pinned, err = s.pinAll(); err != nil {
			return err
		}
		if err := s.copyEvents(to, r); err != nil {
			return err
		}
		path := filepath.Join(to, boltFile)
		return s.view(func(tx *bolt.Tx) error {
			f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
			if err != nil {
				return err
			}
			n, err := tx.WriteTo(f)
			r.Bytes += n
			return errors.Join(err, f.Sync(), f.Close())
		})
	}})
	if err != nil {
		return nil, backupFault(to, err)
	}
	for _, st := range pinned {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		dst := filepath.Join(to, "content", filepath.Base(st.Path))
		if st.Sealed && os.Link(st.Path, dst) == nil {
			r.Linked++
		} else if err := copyFile(st.Path, dst, st.Size); err != nil {
			return nil, backupFault(to, err)
		}
		r.Segments++
		r.Bytes += st.Size
	}
	for _, d := range []string{"content", "events"} {
		if err := syncDir(filepath.Join(to, d)); err != nil {
			return nil, backupFault(to, err)
		}
	}
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return nil, err
	}
	// Last, so that a backup without it is known to be unfinished.
	if err := writeFileSync(filepath.Join(to, backupFile), append(b, '\n')); err != nil {
		return nil, backupFault(to, err)
	}
	return r, nil
}

// pinAll pins every segment that a FlowFile refers to.
func (s *Store) pinAll() ([]segment.Stat, error) {
	var pinned []segment.Stat
	for _, st := range s.seg.Segments() {
		if s.refs[st.Number] == 0 {
			continue
		}
		if err := s.seg.Pin(st.Number); err != nil {
			return pinned, err
		}
		pinned = append(pinned, st)
	}
	return pinned, nil
}

// copyEvents copies the event files; the committer waits, so none grows.
func (s *Store) copyEvents(to string, r *BackupReport) error {
	files, err := os.ReadDir(filepath.Join(s.dir, "events"))
	if err != nil {
		return err
	}
	for _, f := range files {
		fi, err := f.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // dropped by age
		}
		if err != nil {
			return err
		}
		if !fi.Mode().IsRegular() {
			continue
		}
		err = copyFile(filepath.Join(s.dir, "events", f.Name()), filepath.Join(to, "events", f.Name()), fi.Size())
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		r.Bytes += fi.Size()
	}
	return nil
}

// Restore makes a data directory of a backup and checks it. The directory must
// not exist, or be empty. The report is that of the check.
func Restore(ctx context.Context, from, to string) (*CheckReport, error) {
	b, err := os.ReadFile(filepath.Join(from, backupFile))
	var r BackupReport
	if err == nil {
		err = json.Unmarshal(b, &r)
	}
	if err != nil {
		return nil, fault.New("backup_absent", "path", from).Permanent().Because(err)
	}
	if r.Format > formatVersion {
		return nil, fault.New("store_newer", "path", from, "found", r.Format, "known", formatVersion).Permanent()
	}
	if err := emptyDir(to); err != nil {
		return nil, err
	}
	for _, d := range []string{"content", "events", "."} {
		files, err := os.ReadDir(filepath.Join(from, d))
		if err != nil {
			return nil, fault.New("backup_absent", "path", from).Permanent().Because(err)
		}
		if err := os.MkdirAll(filepath.Join(to, d), 0o700); err != nil {
			return nil, unwritable(to, err)
		}
		for _, f := range files {
			if f.IsDir() || (d == "." && f.Name() != boltFile) {
				continue
			}
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if err := copyFile(filepath.Join(from, d, f.Name()), filepath.Join(to, d, f.Name()), -1); err != nil {
				return nil, backupFault(to, err)
			}
		}
		if err := syncDir(filepath.Join(to, d)); err != nil {
			return nil, backupFault(to, err)
		}
	}
	return Check(ctx, to)
}

// emptyDir makes a directory that must not hold anything yet.
func emptyDir(dir string) error {
	if err := makeDir(dir); err != nil {
		return err
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		return unwritable(dir, err)
	}
	if len(files) > 0 {
		return fault.New("backup_target", "path", dir).Permanent()
	}
	return nil
}

// copyFile copies the first n bytes of a file, all when n is negative, and
// syncs the copy.
func copyFile(from, to string, n int64) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if n < 0 {
		_, err = io.Copy(dst, src)
	} else {
		_, err = io.CopyN(dst, src, n)
	}
	if err == nil {
		err = dst.Sync()
	}
	return errors.Join(err, dst.Close())
}

func backupFault(path string, err error) error {
	switch {
	case fault.As(err) != nil:
		return err
	case isDiskFull(err):
		return diskFull(path, err)
	}
	return fmt.Errorf("back up to %s: %w", path, err)
}
