package segment

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"

	"github.com/weirflow/weir/flowfile"
)

// OpenClaim returns the content of a claim; Close must be called. Each part is
// verified before any byte of it is returned: damage is the fault
// content_damaged. Reading stops with the context's error when ctx ends.
func (l *Log) OpenClaim(ctx context.Context, c flowfile.Claim) (io.ReadCloser, error) {
	return l.OpenClaimAt(ctx, c, 0)
}

// OpenClaimAt is OpenClaim from a byte of the content on. What lies before is
// not read, but for the part of 64 KiB that the byte is in.
func (l *Log) OpenClaimAt(ctx context.Context, c flowfile.Claim, from int64) (io.ReadCloser, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	from = max(from, 0)
	if c.Segment == 0 {
		if c.Size != int64(len(c.Inline)) {
			return nil, damaged(0, 0, fmt.Sprintf("the claim carries %d bytes instead of %d", len(c.Inline), c.Size))
		}
		return io.NopCloser(strings.NewReader(c.Inline[min(from, c.Size):])), nil
	}
	if c.Size <= 0 || c.Offset < headerSize || c.Inline != "" {
		return nil, damaged(c.Segment, c.Offset, fmt.Sprintf("a claim of %d bytes cannot begin there", c.Size))
	}
	h, err := l.handles.acquire(c.Segment)
	if err != nil {
		return nil, err
	}
	skip := min(from, c.Size) / chunkSize
	r := &reader{ctx: ctx, log: l, h: h, number: c.Segment, off: c.Offset + skip*(frameHead+chunkSize), left: c.Size - skip*chunkSize}
	if rest := min(from, c.Size) - skip*chunkSize; rest > 0 {
		if err := r.fill(); err != nil {
			return nil, errors.Join(err, r.Close())
		}
		r.ready = r.ready[rest:]
	}
	return r, nil
}

var chunks = sync.Pool{New: func() any { return new([frameHead + chunkSize]byte) }}

// reader streams a claim chunk by chunk.
type reader struct {
	ctx    context.Context
	log    *Log
	h      *handle
	number uint64
	off    int64 // of the next frame
	left   int64 // bytes not yet verified
	chunk  *[frameHead + chunkSize]byte
	ready  []byte // verified, in chunk
	err    error
}

// Read returns verified bytes.
func (r *reader) Read(p []byte) (int, error) {
	if len(r.ready) == 0 {
		if err := r.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.ready)
	r.ready = r.ready[n:]
	return n, nil
}

// WriteTo writes what is left to w without a further buffer.
func (r *reader) WriteTo(w io.Writer) (int64, error) {
	var total int64
	for {
		if len(r.ready) == 0 {
			if err := r.fill(); err == io.EOF {
				return total, nil
			} else if err != nil {
				return total, err
			}
		}
		n, err := w.Write(r.ready)
		total += int64(n)
		r.ready = r.ready[n:]
		if err != nil {
			return total, err
		}
	}
}

// fill reads and verifies the next chunk.
func (r *reader) fill() error {
	if r.err == nil && r.left == 0 {
		r.err = io.EOF
	}
	if r.err == nil {
		r.err = r.next()
	}
	return r.err
}

func (r *reader) next() error {
	if err := r.ctx.Err(); err != nil {
		return err
	}
	if r.chunk == nil {
		r.chunk = chunks.Get().(*[frameHead + chunkSize]byte)
	}
	want := int(min(r.left, chunkSize))
	b := r.chunk[:frameHead+want]
	if n, err := r.h.ReadAt(b, r.off); n != len(b) {
		if err == nil {
			err = io.ErrUnexpectedEOF
		}
		return readFault(r.log.path(r.number), r.number, r.off, err)
	}
	if n, more := frameLength(b); n != want || more != (r.left > int64(want)) {
		return damaged(r.number, r.off, fmt.Sprintf("a part of %d bytes is recorded as %d", want, n))
	}
	if !frameGood(b, r.number, r.off) {
		return damaged(r.number, r.off, fmt.Sprintf("the checksum of %d bytes does not match", want))
	}
	r.ready = b[frameHead:]
	r.off += int64(len(b))
	r.left -= int64(want)
	return nil
}

// Close gives back the file. Reading after it is an error.
func (r *reader) Close() error {
	if r.h == nil {
		return nil
	}
	r.log.handles.release(r.h)
	if r.chunk != nil {
		chunks.Put(r.chunk)
	}
	r.h, r.chunk, r.ready = nil, nil, nil
	r.err = fmt.Errorf("read content: %w", fs.ErrClosed)
	return nil
}
