package csv

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors"
)

// recount counts the lines of CSV bytes on their way, knowing nothing of how
// they were made: a line feed ends a line where the quotes before it are even.
// That holds for what the encoder writes, since a cell with a quote in it always
// stands in quotes.
type recount struct {
	w      io.Writer
	lines  int64
	quoted bool
}

// Write counts and passes on.
func (c *recount) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	for b := p[:n]; len(b) > 0; {
		end := bytes.IndexByte(b, '\n')
		line := b
		if end >= 0 {
			line = b[:end]
		}
		if bytes.Count(line, quote)&1 == 1 {
			c.quoted = !c.quoted
		}
		if end < 0 {
			break
		}
		if !c.quoted {
			c.lines++
		}
		b = b[end+1:]
	}
	return n, err
}

var quote = []byte{'"'}

// recount reads the file that was written again and counts its rows there, which
// are then the file's own word and not its writer's.
func (t *table) recount(ctx context.Context, files *processors.Files) error {
	f, err := files.Open(t.name)
	if err != nil {
		return err
	}
	count := &recount{w: io.Discard}
	buf := make([]byte, 256<<10)
	for err == nil {
		var n int
		n, err = f.Read(buf)
		_, _ = count.Write(buf[:n]) // nothing is behind it that could fail
		if ctx.Err() != nil {
			err = ctx.Err()
		}
	}
	cerr := f.Close()
	switch {
	case err != io.EOF:
		return fmt.Errorf("read %s again: %w", t.name, err)
	case cerr != nil:
		return fmt.Errorf("close %s: %w", t.name, cerr)
	}
	have := count.lines
	if !t.options.NoHeader {
		have--
	}
	if have != t.rows {
		return fault.New("csv_file_differs", "path", t.name, "want", t.rows, "have", have)
	}
	return nil
}
