package segment

import (
	"errors"
	"io"
	"io/fs"
	"syscall"

	"github.com/weirflow/weir/fault"
)

// ErrInUse is what Remove returns, wrapped, for a segment that is written to
// or pinned.
var ErrInUse = errors.New("segment is in use")

// writeFault turns the error of a write, create or truncate into a fault.
func writeFault(path string, err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fault.New("disk_full", "path", path).Because(err)
	}
	return fault.New("content_write", "path", path).Because(err)
}

// readFault turns the error of reading a claim's bytes into a fault: bytes that
// are not there are damage, anything else is the world's and may pass.
func readFault(path string, number uint64, offset int64, err error) error {
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return damaged(number, offset, "the file ends too early")
	case errors.Is(err, fs.ErrNotExist):
		return damaged(number, offset, "the file is missing")
	}
	return fault.New("content_read", "path", path).Because(err)
}

// damaged returns the fault of bytes that are not what was written.
func damaged(number uint64, offset int64, what string) error {
	return fault.New("content_damaged", "segment", number, "offset", offset, "what", what).Permanent()
}

// eventsDamaged is damaged for an event file.
func eventsDamaged(path string, offset int64) error {
	return fault.New("events_damaged", "path", path, "offset", offset).Permanent()
}

// newer returns the fault of a file that a later release wrote.
func newer(path string, v byte) error {
	return fault.New("segment_newer", "path", path, "version", v, "known", version).Permanent()
}

// poisoned returns the fault of a log whose fsync failed.
func poisoned(path string, err error) error {
	return fault.New("log_poisoned", "path", path).Permanent().Because(err)
}

// writeAll writes b at off; a short write without an error is an error too.
func writeAll(f File, b []byte, off int64) error {
	n, err := f.WriteAt(b, off)
	if err == nil && n != len(b) {
		err = io.ErrShortWrite
	}
	return err
}

func isEventsDamaged(err error) bool { return fault.CodeOf(err) == "events_damaged" }
