package store

import (
	"io/fs"
	"path/filepath"
)

// Room returns the bytes that are free on the disk of the data directory, and
// those that lie in it.
func (s *Store) Room() (free, used int64, err error) {
	if free, err = s.opts.Free(s.dir); err != nil {
		return 0, 0, err
	}
	err = filepath.WalkDir(s.dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil // what goes while it is looked at counts nothing
		}
		if fi, err := d.Info(); err == nil && fi.Mode().IsRegular() {
			used += fi.Size()
		}
		return nil
	})
	return free, used, err
}
