package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"sync"

	"github.com/weirflow/weir/fault"
)

// outputRecords reads the first records of a file that a run wrote. The columns
// of CSV have the types of the manifest beside it, or those that its first rows
// show.
func (s *Server) outputRecords(ctx context.Context, in *OutputRecords) (page *RecordPage, err error) {
	r, c, f, err := s.openOutput(ctx, &in.OutputRef, false)
	if err != nil {
		return nil, err
	}
	defer f.Close() // it was only read
	nodes, err := s.nodesOf(r)
	if err != nil {
		return nil, err
	}
	node := nodes[c.Node]
	src := rowSource{form: outputForm(node.Kind, c.File), size: c.Bytes}
	switch in.As {
	case formNDJSON, formJSON, formCSV:
		src.form = in.As
	case "":
	default:
		return nil, fault.New("records_form_unknown", "form", in.As).Permanent()
	}
	switch src.form {
	case "":
		return nil, fault.New("output_not_records", "path", c.File).Permanent()
	case formCSV:
		src.csv = dialect(node.Settings)
		if m, err := s.manifest(c.File); err == nil && m.SHA256 == c.SHA256 {
			src.schema = m.Columns
		}
	}
	src.open = func(from int64) (io.ReadCloser, error) {
		_, err := f.Seek(from, io.SeekStart)
		return io.NopCloser(reading{ctx, f}), err
	}
	return readPage(in.RecordAsk, func(from int64) (*recordRows, error) { return src.rows(from, recordBytes) })
}

// reading reads until its context ends.
type reading struct {
	ctx context.Context
	r   io.Reader
}

// Read reads on.
func (r reading) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, context.Cause(r.ctx)
	}
	return r.r.Read(p)
}

// sumsKept is how many files' sums are kept.
const sumsKept = 256

// fileSums knows the SHA-256 of files, each made once while the file stays as it
// is. Of large files one is made at a time; what is small waits for none.
type fileSums struct {
	large sync.Mutex
	mu    sync.Mutex
	made  map[string]fileSum
}

type fileSum struct {
	of  os.FileInfo
	sum string
}

// of returns a file's sum in lower-case hex and leaves the file at its beginning.
func (s *fileSums) of(ctx context.Context, name string, f *os.File) (string, error) {
	st, err := f.Stat()
	if err != nil {
		return "", err
	}
	if sum, ok := s.had(name, st); ok {
		return sum, nil
	}
	if st.Size() > previewSummed {
		s.large.Lock()
		defer s.large.Unlock()
		if sum, ok := s.had(name, st); ok { // made while this waited
			return sum, nil
		}
	}
	hash := sha256.New()
	if _, err := io.CopyBuffer(hash, reading{ctx, f}, make([]byte, 256<<10)); err != nil {
		return "", err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	sum := hex.EncodeToString(hash.Sum(nil))
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.made == nil || len(s.made) >= sumsKept {
		s.made = map[string]fileSum{}
	}
	s.made[name] = fileSum{st, sum}
	return sum, nil
}

// had returns a sum that was made while the file was as it is.
func (s *fileSums) had(name string, st os.FileInfo) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	made, ok := s.made[name]
	return made.sum, ok && os.SameFile(made.of, st) && made.of.Size() == st.Size() && made.of.ModTime().Equal(st.ModTime())
}
