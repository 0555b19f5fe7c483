package segment

import (
	"bufio"
	"context"
	"fmt"
	"io"
)

// Frame is one frame as Walk found it.
type Frame struct {
	// Offset is where it starts, Length how long its payload is, in bytes.
	Offset int64
	Length int
	// More says that the content goes on in the next frame.
	More bool
	// Good says that its checksum holds.
	Good bool
}

// Report is what Verify found in a segment.
type Report struct {
	// Segment is its number, Size the length of its file in bytes.
	Segment uint64
	Size    int64
	// Frames counts the whole frames, Contents the contents whose frames are all
	// whole, Bytes what they hold.
	Frames   int
	Contents int
	Bytes    int64
	// Damaged counts frames whose checksum fails and that others follow.
	Damaged int
	// Tail is how many bytes at the end belong to no whole content. After a
	// crash that is garbage which no claim refers to; a damaged length word
	// looks the same, and only reading the claims tells them apart.
	Tail int64
}

// Walk calls visit for each frame of a segment in order. It steps over a frame
// whose checksum fails and stops where no frame can be; the rest of the file
// is not visited. An error of visit ends it.
func (l *Log) Walk(ctx context.Context, segment uint64, visit func(Frame) error) error {
	h, err := l.handles.acquire(segment)
	if err != nil {
		return err
	}
	defer l.handles.release(h)
	buf := chunks.Get().(*[frameHead + chunkSize]byte)
	defer chunks.Put(buf)
	for off := int64(headerSize); ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := h.ReadAt(buf[:], off)
		if err != nil && err != io.EOF {
			return readFault(l.path(segment), segment, off, err)
		}
		if n < frameHead {
			return nil
		}
		size, more := frameLength(buf[:])
		if size == 0 || size > chunkSize || frameHead+size > n {
			return nil
		}
		good := frameGood(buf[:frameHead+size], segment, off)
		if err := visit(Frame{off, size, more, good}); err != nil {
			return err
		}
		off += int64(frameHead + size)
	}
}

// Verify reads a whole segment and checks every frame. Damage is no error but
// stands in the report: whether it matters depends on the claims.
func (l *Log) Verify(ctx context.Context, segment uint64) (Report, error) {
	r := Report{Segment: segment}
	whole := int64(headerSize) // end of the last whole content
	bad, pending, bytes := false, 0, int64(0)
	err := l.Walk(ctx, segment, func(f Frame) error {
		if !f.Good {
			bad = true
			pending++
			return nil
		}
		r.Damaged += pending
		pending = 0
		r.Frames++
		bytes += int64(f.Length)
		if !f.More {
			if !bad {
				r.Contents++
				r.Bytes += bytes
			}
			whole, bad, bytes = f.Offset+int64(frameHead+f.Length), false, 0
		}
		return nil
	})
	if err != nil {
		return r, err
	}
	for _, s := range l.Segments() {
		if s.Number == segment {
			r.Size = s.Size
		}
	}
	r.Tail = max(r.Size-whole, 0)
	return r, nil
}

// Dump prints the frames of a segment, one a line, for people.
func (l *Log) Dump(ctx context.Context, w io.Writer, segment uint64) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "%s version %d\n", l.path(segment), version)
	fmt.Fprintf(b, "%12s %8s %5s %s\n", "offset", "length", "more", "crc")
	end := int64(headerSize)
	err := l.Walk(ctx, segment, func(f Frame) error {
		sum, more := "ok", ""
		if !f.Good {
			sum = "BAD"
		}
		if f.More {
			more = "more"
		}
		end = f.Offset + int64(frameHead+f.Length)
		_, err := fmt.Fprintf(b, "%12d %8d %5s %s\n", f.Offset, f.Length, more, sum)
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(b, "%12d end of frames\n", end)
	return b.Flush()
}
