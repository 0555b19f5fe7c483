package files

import (
	"io"
	"io/fs"
	"os"
	"path"
	"strconv"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
)

// version tells one state of a file from another.
type version struct {
	Size     int64     `json:"size"`
	Modified time.Time `json:"modified"`
}

func versionOf(info fs.FileInfo) version { return version{info.Size(), info.ModTime().UTC()} }

func (v version) same(o version) bool { return v.Size == o.Size && v.Modified.Equal(o.Modified) }

// opened is a file that is being read.
type opened struct {
	name    string
	file    *os.File
	version version
	reader  spanReader // nil for raw bytes
	rows    int64      // read so far, good and bad
}

// open opens a file for reading by a form.
func (m *form) open(files *processors.Files, name string) (*opened, error) {
	f, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	name = path.Clean(name)
	info, err := f.Stat()
	if err != nil {
		_ = f.Close()
		return nil, readFault(name, files, err)
	}
	o := &opened{name: name, file: f, version: versionOf(info)}
	if m.format != formatRaw {
		o.reader = m.reader(f)
	}
	return o, nil
}

func (o *opened) close() error {
	if o == nil || o.file == nil {
		return nil
	}
	err := o.file.Close()
	o.file = nil
	return err
}

// unchanged fails when the file was written to since it was opened: what was read
// of it would be neither the old content nor the new.
func (o *opened) unchanged(files *processors.Files) error {
	info, err := o.file.Stat()
	if err != nil {
		return readFault(o.name, files, err)
	}
	if now := versionOf(info); !now.same(o.version) {
		return changed(o.name, o.version, now)
	}
	return nil
}

func changed(name string, before, now version) *fault.Error {
	return fault.New("file_changed", "path", name, "before", before, "now", now)
}

// String says what a version is, for people.
func (v version) String() string {
	return strconv.FormatInt(v.Size, 10) + " bytes of " + v.Modified.Format(time.RFC3339)
}

// describe sets the attributes that name the file.
func (o *opened) describe(s *flowfile.Session, f *flowfile.FlowFile) {
	describe(s, f, o.name, o.version)
}

func describe(s *flowfile.Session, f *flowfile.FlowFile, name string, v version) {
	s.Set(f, "path", name)
	s.Set(f, "filename", path.Base(name))
	s.Set(f, "file.size", strconv.FormatInt(v.Size, 10))
	s.Set(f, "file.modified", v.Modified.Format(time.RFC3339Nano))
}

// bytes returns a part of the file.
func (o *opened) bytes(from, to int64) ([]byte, error) {
	b := make([]byte, max(to-from, 0))
	_, err := io.ReadFull(io.NewSectionReader(o.file, from, to-from), b)
	return b, err
}

// readFault is the error of a disk that cannot be read.
func readFault(name string, files *processors.Files, err error) error {
	return fault.New("file_io", "verb", "read", "path", name, "directory", files.Dir()).Because(err)
}
