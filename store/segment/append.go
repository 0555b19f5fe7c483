package segment

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"

	"github.com/weirflow/weir/flowfile"
)

const (
	// idleLanes bounds the unsealed files that wait for large content.
	idleLanes = 4
	// writeback is how many bytes of large content may lie in the page cache
	// before its appender syncs them. The committer's own syncs then find little
	// to wait for.
	writeback = 32 << 20
)

// Append calls write once and stores all that it wrote, or nothing. Content of
// at most flowfile.InlineLimit bytes comes back as an inline claim without
// touching a file. Other content is staged: it pins its segment until Release,
// and is durable only after Sync.
//
// Memory is bounded by Options.Buffer. Content that fits is written by one call
// under a lock that is held for that write only; larger content streams into a
// file that no other appender uses meanwhile, and is synced before Append
// returns, so that Sync never waits for it.
func (l *Log) Append(ctx context.Context, write func(io.Writer) error) (flowfile.Claim, error) {
	if err := ctx.Err(); err != nil {
		return flowfile.Claim{}, err
	}
	l.mu.Lock()
	err := l.usable()
	l.mu.Unlock()
	if err != nil {
		return flowfile.Claim{}, err
	}
	a := &appender{ctx: ctx, log: l, buf: buffers.Get().(*[]byte)}
	*a.buf = append((*a.buf)[:0], make([]byte, frameHead)...)
	defer a.release()
	if err := write(a); err != nil {
		if a.err != nil && !errors.Is(err, a.err) {
			return flowfile.Claim{}, a.err
		}
		return flowfile.Claim{}, err
	}
	if a.err == nil {
		a.err = ctx.Err()
	}
	if a.err != nil {
		return flowfile.Claim{}, a.err
	}
	return a.finish()
}

// buffers are reused between appends. They grow to what the content needs.
var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 8<<10); return &b }}

// appender is the writer that Append hands out. Its buffer holds frames whose
// heads are filled in when their place is known.
type appender struct {
	ctx   context.Context
	log   *Log
	buf   *[]byte
	chunk int   // where the frame being filled starts in buf
	size  int64 // bytes written so far
	err   error
	done  bool

	lane   *file // of content larger than the buffer
	start  int64 // where it begins there
	end    int64 // how far it is written
	synced int64
}

// Write buffers p. Errors are kept: content that lost a byte has no claim.
func (a *appender) Write(p []byte) (int, error) {
	if a.done {
		return 0, fmt.Errorf("write content after its append ended: %w", fs.ErrClosed)
	}
	total := len(p)
	for len(p) > 0 && a.err == nil {
		b := *a.buf
		room := chunkSize - (len(b) - a.chunk - frameHead)
		if room == 0 {
			if len(b) >= a.log.opts.Buffer {
				if a.err = a.flush(true); a.err != nil {
					break
				}
				b = (*a.buf)[:0]
			}
			a.chunk = len(b)
			*a.buf = append(b, make([]byte, frameHead)...)
			continue
		}
		n := min(room, len(p))
		*a.buf = append(b, p[:n]...)
		p = p[n:]
		a.size += int64(n)
	}
	if a.err != nil {
		return total - len(p), a.err
	}
	return total, nil
}

// seal fills in the heads of the frames in b, which will lie at offset.
func seal(b []byte, number uint64, offset int64, more bool) {
	for i := 0; i < len(b); {
		n := min(len(b)-i, frameHead+chunkSize)
		putFrameHead(b[i:i+n], more || i+n < len(b), number, offset+int64(i))
		i += n
	}
}

// flush writes the buffer to the lane, which it takes first if need be.
func (a *appender) flush(more bool) error {
	if err := a.ctx.Err(); err != nil {
		return err
	}
	l := a.log
	if a.lane == nil {
		f, err := l.takeLane()
		if err != nil {
			return err
		}
		a.lane, a.start, a.end, a.synced = f, f.size, f.size, f.size
	}
	b := *a.buf
	seal(b, a.lane.number, a.end, more)
	if err := writeAll(a.lane.w, b, a.end); err != nil {
		return writeFault(l.path(a.lane.number), err)
	}
	a.end += int64(len(b))
	if !more || a.end-a.synced >= writeback {
		if err := a.lane.w.Sync(); err != nil {
			return l.fail(l.path(a.lane.number), err)
		}
		a.synced = a.end
	}
	return nil
}

// finish stores what is left and returns the claim.
func (a *appender) finish() (flowfile.Claim, error) {
	l := a.log
	if a.size <= flowfile.InlineLimit {
		return flowfile.Inline((*a.buf)[frameHead:]), nil
	}
	if a.lane == nil {
		return l.appendBuffered(*a.buf, a.size)
	}
	if a.err = a.flush(false); a.err != nil {
		return flowfile.Claim{}, a.err
	}
	f := a.lane
	a.lane = nil
	l.mu.Lock()
	defer l.mu.Unlock()
	f.size, f.synced = a.end, a.end
	c := l.stage(f, a.start, a.size)
	l.returnLane(f)
	return c, nil
}

// release gives back what the appender holds; a lane it still has is cut back
// to where the content began.
func (a *appender) release() {
	a.done = true
	if f := a.lane; f != nil {
		err := f.w.Truncate(a.start)
		a.log.mu.Lock()
		if err != nil {
			a.log.retire(f)
		} else {
			a.log.returnLane(f)
		}
		a.log.mu.Unlock()
	}
	if cap(*a.buf) <= 2*a.log.opts.Buffer {
		buffers.Put(a.buf)
	}
	a.buf = nil
}

// appendBuffered writes the frames in b to the active file.
func (l *Log) appendBuffered(b []byte, size int64) (flowfile.Claim, error) {
	l.appendMu.Lock()
	defer l.appendMu.Unlock()
	f := l.active
	if f == nil || f.size >= l.opts.SegmentSize {
		l.active = nil
		if f != nil {
			l.mu.Lock()
			l.retire(f)
			l.mu.Unlock()
		}
		var err error
		if f, err = l.create(); err != nil {
			return flowfile.Claim{}, err
		}
		l.active = f
	}
	l.mu.Lock()
	err := l.usable()
	l.mu.Unlock()
	if err != nil {
		return flowfile.Claim{}, err
	}
	start := f.size
	seal(b, f.number, start, false)
	if err := writeAll(f.w, b, start); err != nil {
		if f.w.Truncate(start) != nil {
			// What was written stays as garbage; nothing goes behind it.
			l.active = nil
			l.mu.Lock()
			l.retire(f)
			l.mu.Unlock()
		}
		return flowfile.Claim{}, writeFault(l.path(f.number), err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	f.size = start + int64(len(b))
	if !f.queued {
		f.queued = true
		l.dirty = append(l.dirty, f)
	}
	return l.stage(f, start, size), nil
}

// stage makes the claim of content that was appended. The caller holds mu.
func (l *Log) stage(f *file, offset, size int64) flowfile.Claim {
	f.modified = l.opts.Now()
	f.staged++
	l.staged[place{f.number, offset}] = f
	return flowfile.Claim{Segment: f.number, Offset: offset, Size: size}
}

// create makes a new segment, with its header.
func (l *Log) create() (*file, error) {
	l.mu.Lock()
	err := l.usable()
	n := l.next
	if err == nil {
		l.next++
	}
	l.mu.Unlock()
	if err != nil {
		return nil, err
	}
	path := l.path(n)
	w, err := createFile(l.fs, path, contentMagic, n)
	if err != nil {
		return nil, err
	}
	f := &file{number: n, size: headerSize, w: w, modified: l.opts.Now()}
	l.mu.Lock()
	l.files[n] = f
	l.newFiles = true
	l.mu.Unlock()
	return f, nil
}

// createFile makes a file and writes its header. When that fails the file is
// removed again as far as possible; a rest of it is harmless.
func createFile(fsys FS, path, magic string, number uint64) (File, error) {
	w, err := fsys.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, writeFault(path, err)
	}
	if err := writeAll(w, appendHeader(nil, magic, number), 0); err != nil {
		w.Close()
		_ = fsys.Remove(path)
		return nil, writeFault(path, err)
	}
	return w, nil
}

// takeLane takes a file for large content out of the idle ones, or a new one.
func (l *Log) takeLane() (*file, error) {
	l.mu.Lock()
	if n := len(l.lanes); n > 0 {
		f := l.lanes[n-1]
		l.lanes = l.lanes[:n-1]
		l.mu.Unlock()
		return f, nil
	}
	l.mu.Unlock()
	return l.create()
}

// returnLane makes a lane idle, or retires it when it is full or not needed.
// The caller holds mu.
func (l *Log) returnLane(f *file) {
	if f.size >= l.opts.SegmentSize || len(l.lanes) >= idleLanes || l.closed || l.poison != nil {
		l.retire(f)
		return
	}
	l.lanes = append(l.lanes, f)
}

// retire seals a file. Its write handle stays while Sync may need it. The
// caller holds mu.
func (l *Log) retire(f *file) {
	f.sealed = true
	if f.w != nil && !f.queued {
		f.w.Close()
		f.w = nil
	}
}
