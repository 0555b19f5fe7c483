package flowfiletest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sync"
	"syscall"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
)

// Content is flowfile.Content in memory. Its zero value is ready; it may be
// used by many goroutines at once.
type Content struct {
	mu      sync.Mutex
	blobs   [][]byte
	appends int
	open    int
	full    bool
	room    int64
}

// FillUp makes the disk full once room more bytes have been written: each
// Append beyond fails as one on a full disk does.
func (c *Content) FillUp(room int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.full, c.room = true, room
}

// MakeRoom ends what FillUp began.
func (c *Content) MakeRoom() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.full = false
}

// Appends returns how many times Append was called.
func (c *Content) Appends() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.appends
}

// OpenReaders returns how many readers were opened and not closed.
func (c *Content) OpenReaders() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.open
}

// Append stores what write writes, or nothing.
func (c *Content) Append(ctx context.Context, write func(io.Writer) error) (flowfile.Claim, error) {
	c.mu.Lock()
	c.appends++
	c.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return flowfile.Claim{}, context.Cause(ctx)
	}
	w := &appender{c: c, ctx: ctx}
	if err := write(w); err != nil {
		return flowfile.Claim{}, err
	}
	if w.err != nil { // write hid it, but what it wrote is not whole
		return flowfile.Claim{}, w.err
	}
	b := w.b.Bytes()
	if len(b) <= flowfile.InlineLimit {
		return flowfile.Inline(b), nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.blobs = append(c.blobs, bytes.Clone(b))
	return flowfile.Claim{Segment: uint64(len(c.blobs)), Size: int64(len(b))}, nil
}

// Open returns the bytes of a claim.
func (c *Content) Open(ctx context.Context, claim flowfile.Claim) (io.ReadCloser, error) {
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	b := []byte(claim.Inline)
	if claim.Segment > 0 {
		if claim.Segment > uint64(len(c.blobs)) || claim.Offset != 0 || claim.Size != int64(len(c.blobs[claim.Segment-1])) {
			return nil, fmt.Errorf("no content %+v", claim)
		}
		b = c.blobs[claim.Segment-1]
	}
	c.open++
	return &reader{c: c, Reader: bytes.NewReader(b)}, nil
}

type appender struct {
	c   *Content
	ctx context.Context
	b   bytes.Buffer
	err error
}

func (w *appender) Write(p []byte) (int, error) {
	if w.err == nil && w.ctx.Err() != nil {
		w.err = context.Cause(w.ctx)
	}
	if w.err == nil {
		w.err = w.c.take(int64(len(p)))
	}
	if w.err != nil {
		return 0, w.err
	}
	return w.b.Write(p)
}

func (c *Content) take(n int64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.full && n > c.room {
		return DiskFull()
	}
	c.room -= n
	return nil
}

// DiskFull returns the error of a full disk, as the store gives it: retryable,
// with ENOSPC as its cause.
func DiskFull() error { return (&fault.Error{Code: "disk_full"}).Because(syscall.ENOSPC) }

type reader struct {
	c *Content
	*bytes.Reader
	closed bool
}

func (r *reader) Read(p []byte) (int, error) {
	if r.closed {
		return 0, fmt.Errorf("read of closed content")
	}
	return r.Reader.Read(p)
}

func (r *reader) Close() error {
	if !r.closed {
		r.closed = true
		r.c.mu.Lock()
		r.c.open--
		r.c.mu.Unlock()
	}
	return nil
}
