package record

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

const (
	firstBlock = 4 << 10
	fullBlock  = 64 << 10
)

// errTooLong says that a record has more bytes than the options allow.
var errTooLong = errors.New("record too long")

// window reads from r into blocks that are never written twice: what was returned
// from it stays good, and a value can share its memory instead of copying.
type window struct {
	r    io.Reader
	buf  []byte
	pos  int // where the unread bytes begin
	end  int // where they end
	max  int
	base int64 // where buf begins in the input
	err  error // what r ended with
	size int   // of the next block
}

func newWindow(r io.Reader, max int) window {
	if max <= 0 {
		max = DefaultMaxRecord
	}
	return window{r: r, max: max, size: firstBlock}
}

// pending returns the bytes that were read and not yet taken.
func (w *window) pending() []byte { return w.buf[w.pos:w.end:w.end] }

// offset is where the pending bytes begin in the input.
func (w *window) offset() int64 { return w.base + int64(w.pos) }

// fill reads more bytes behind the pending ones. It returns io.EOF at the end, an
// error of the input, or errTooLong when more than max are pending.
func (w *window) fill() error {
	if w.err != nil {
		return w.err
	}
	held := w.end - w.pos
	if held > w.max {
		return errTooLong
	}
	if w.end == len(w.buf) {
		next := make([]byte, max(w.size, 2*held))
		w.size = min(4*w.size, fullBlock)
		copy(next, w.buf[w.pos:w.end])
		w.base += int64(w.pos)
		w.buf, w.pos, w.end = next, 0, held
	}
	for range 100 {
		n, err := w.r.Read(w.buf[w.end:])
		if n < 0 || n > len(w.buf)-w.end {
			panic("record: reader returned an impossible count")
		}
		w.end += n
		if err != nil && err != io.EOF {
			err = fmt.Errorf("read records: %w", err)
		}
		w.err = err
		if n > 0 {
			return nil
		}
		if err != nil {
			return err
		}
	}
	w.err = fmt.Errorf("read records: %w", io.ErrNoProgress)
	return w.err
}

// near returns the next bytes, enough of them for an error message.
func (w *window) near() []byte {
	for w.end-w.pos < 120 && w.fill() == nil {
	}
	p := w.pending()
	return p[:min(len(p), 120)]
}

// skipBOM passes over a byte order mark at the very start.
func (w *window) skipBOM() error {
	for w.end-w.pos < 3 {
		if err := w.fill(); err == io.EOF {
			break
		} else if err != nil {
			return err
		}
	}
	if bytes.HasPrefix(w.pending(), []byte("\xef\xbb\xbf")) {
		w.pos += 3
	}
	return nil
}

// line takes the next line, without its line feed. At the end it returns the rest
// and io.EOF.
func (w *window) line() ([]byte, error) {
	seen := 0
	for {
		p := w.pending()
		if i := bytes.IndexByte(p[seen:], '\n'); i >= 0 {
			if seen+i > w.max {
				return nil, errTooLong
			}
			w.pos += seen + i + 1
			return p[: seen+i : seen+i], nil
		}
		seen = len(p)
		if err := w.fill(); err != nil {
			p = w.pending()
			if len(p) > w.max {
				return nil, errTooLong
			}
			if err == io.EOF {
				w.pos = w.end
			}
			return p, err
		}
	}
}
