package bigquery

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"

	"github.com/weirflow/weir/record"
)

// built counts what came of the rows.
type built struct {
	rows, rejected int64
	// first is why the first rejected row was.
	first error
}

// encode writes the rows that BigQuery takes as lines of JSON.
func (in *input) encode(ctx context.Context, t *target, out io.Writer) (built, error) {
	var b built
	line := make([]byte, 0, 4096)
	err := in.each(ctx, func(_ int64, row []record.Value, bad error) error {
		if bad == nil {
			line, bad = t.layout.appendRow(line[:0], row, t.partition)
		}
		if bad != nil {
			if b.rejected++; b.first == nil {
				b.first = bad
			}
			return nil
		}
		b.rows++
		_, err := out.Write(line)
		return err
	})
	return b, err
}

// spool is an upload as it lies on disk, for as long as the try takes.
type spool struct {
	file *os.File
	mime string
	// format is as the settings name it.
	format string
	sum    string
	size   int64
	built
}

// open reads the upload from its beginning.
func (s *spool) open() io.Reader { return io.NewSectionReader(s.file, 0, s.size) }

// close removes it.
func (s *spool) close() {
	s.file.Close()
	os.Remove(s.file.Name())
}

// spoolNDJSON writes the rows to a file as compressed lines of JSON: the same
// bytes for the same rows.
func (in *input) spoolNDJSON(ctx context.Context, t *target, dir string) (_ *spool, err error) {
	f, err := os.CreateTemp(dir, "bigquery-*.ndjson.gz")
	if err != nil {
		return nil, fmt.Errorf("make spool file: %w", err)
	}
	made := &spool{file: f, mime: "application/octet-stream", format: formatNDJSON}
	defer func() {
		if err != nil {
			made.close()
		}
	}()
	sum := &summing{w: f, sum: sha256.New()}
	packed, err := gzip.NewWriterLevel(sum, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	out := bufio.NewWriterSize(packed, 256<<10)
	if made.built, err = in.encode(ctx, t, out); err != nil {
		return nil, err
	}
	if err := errors.Join(out.Flush(), packed.Close()); err != nil {
		return nil, fmt.Errorf("write spool file: %w", err)
	}
	made.sum, made.size = hex.EncodeToString(sum.sum.Sum(nil)), sum.size
	return made, nil
}

// summing passes on what it is written, and counts and sums it.
type summing struct {
	w    io.Writer
	sum  hash.Hash
	size int64
}

func (s *summing) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	s.sum.Write(p[:n])
	s.size += int64(n)
	return n, err
}
