package ga4

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// spoolMemory is how much of a day's rows is kept in memory.
const spoolMemory = 8 << 20

// spool keeps a day's rows until the day is whole: in memory first, then in a
// file. What waits for the network must not hold the store's files open.
type spool struct {
	dir  string
	buf  bytes.Buffer
	file *os.File
}

func newSpool(dir string) *spool { return &spool{dir: dir} }

// Write adds to the spool.
func (s *spool) Write(p []byte) (int, error) {
	if s.file == nil && s.buf.Len()+len(p) <= spoolMemory {
		return s.buf.Write(p)
	}
	if s.file == nil {
		f, err := os.CreateTemp(s.dir, "ga4-*.ndjson")
		if err != nil {
			return 0, fmt.Errorf("make a spool: %w", err)
		}
		s.file = f
		if _, err := s.buf.WriteTo(f); err != nil {
			return 0, fmt.Errorf("write to the spool: %w", err)
		}
	}
	return s.file.Write(p)
}

// copyTo writes all that was added, and may be called again.
func (s *spool) copyTo(w io.Writer) error {
	if s.file == nil {
		_, err := w.Write(s.buf.Bytes())
		return err
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("read the spool: %w", err)
	}
	_, err := io.Copy(w, s.file)
	return err
}

// reset empties the spool and removes its file.
func (s *spool) reset() error {
	s.buf.Reset()
	if s.file == nil {
		return nil
	}
	err := errors.Join(s.file.Close(), os.Remove(s.file.Name()))
	s.file = nil
	return err
}
