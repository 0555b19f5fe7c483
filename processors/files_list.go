package processors

import (
	"io/fs"
	"iter"
	"path"
	"strings"

	"github.com/weirflow/weir/fault"
)

// Listed is a file that List found.
type Listed struct {
	// Path is relative to the files directory.
	Path string
	Info fs.FileInfo
}

// CheckGlob refuses a pattern that List cannot use.
func CheckGlob(glob string) error {
	if err := CheckPath(glob); err != nil {
		return err
	}
	for part := range strings.SplitSeq(glob, "/") {
		if _, err := path.Match(part, ""); err != nil || strings.Contains(part, "**") && part != "**" {
			return fault.New("glob_bad", "glob", glob).Permanent()
		}
	}
	return nil
}

// List yields the regular files that match a glob, in the order of their paths,
// directory by directory. A part "**" stands for any number of directories.
// Files being written by Replace (.part) are left out, and links are not
// followed.
func (f *Files) List(glob string) iter.Seq2[Listed, error] {
	return func(yield func(Listed, error) bool) {
		if err := CheckGlob(glob); err != nil {
			yield(Listed{}, err)
			return
		}
		f.list(".", [][]string{strings.Split(path.Clean(glob), "/")}, yield)
	}
}

// list yields the matches below dir, where any of the patterns may go on, and
// reports whether to go on.
func (f *Files) list(dir string, patterns [][]string, yield func(Listed, error) bool) bool {
	entries, err := fs.ReadDir(f.root.FS(), dir)
	if err != nil {
		return yield(Listed{}, f.fault("read", dir, err))
	}
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		var below [][]string
		match := false
		for _, p := range patterns {
			b, m := advance(p, e.Name())
			below, match = append(below, b...), match || m
		}
		switch {
		case e.IsDir():
			if len(below) > 0 && !f.list(name, below, yield) {
				return false
			}
		case match && e.Type().IsRegular() && !strings.HasSuffix(name, partSuffix):
			info, err := e.Info()
			if err != nil {
				err = f.fault("read", name, err)
			}
			if fault.CodeOf(err) == "file_missing" {
				continue // removed since the directory was read
			}
			if !yield(Listed{name, info}, err) {
				return false
			}
		}
	}
	return true
}

// advance matches the name of one directory entry: what is left of the pattern
// for the entries below it, and whether the entry itself, a file, matches.
func advance(parts []string, name string) (below [][]string, match bool) {
	if len(parts) == 0 {
		return nil, false
	}
	if parts[0] == "**" {
		below, match = advance(parts[1:], name)
		return append(below, parts), match || len(parts) == 1
	}
	if ok, err := path.Match(parts[0], name); !ok || err != nil {
		return nil, false
	}
	if len(parts) == 1 {
		return nil, true
	}
	return [][]string{parts[1:]}, false
}
