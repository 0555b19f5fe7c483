package server

import (
	"cmp"
	"context"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/web"
)

// kindDuckDB is the kind of nodes whose outputs are tables in a file of DuckDB.
const kindDuckDB = "WriteDuckDB"

// previewSummed is up to which size a file is read whole to be sure that it is
// still the run's before its first rows are shown.
const previewSummed = 64 << 20

// OutputRef names an output of a run: the node that wrote it, and its key where
// the node wrote several.
type OutputRef struct {
	Run  string `param:"run" json:"-"`
	Node string `param:"node" json:"-"`
	Key  string `query:"key" json:"-"`
}

// OutputRecords asks for records of a file that a run wrote.
type OutputRecords struct {
	OutputRef
	RecordAsk
}

// RunOutputs are what a run has committed outside; of a node with very many the
// first.
type RunOutputs struct {
	// Dir is the files directory, below which flows write.
	Dir     string      `json:"dir"`
	Outputs []RunOutput `json:"outputs"`
}

// RunOutput is what a run wrote and where it is now.
type RunOutput struct {
	flowfile.Receipt
	// Kind is the kind of the node.
	Kind string `json:"kind,omitempty"`
	// Path is where the file lies on the server's disk; for a table in a file of
	// DuckDB, that file.
	Path string `json:"path,omitempty"`
	// Form is how the file's records are written: csv, ndjson or json; empty when
	// its name does not say.
	Form string `json:"form,omitempty"`
	// Trouble is why the file cannot be had: it is gone, or is another's now.
	Trouble *web.Failure `json:"trouble,omitempty"`
}

func (s *Server) runOutputs(_ context.Context, in *RunRef) (*RunOutputs, error) {
	r, err := s.run(in.Run)
	if err != nil {
		return nil, err
	}
	nodes, err := s.nodesOf(r)
	if err != nil {
		return nil, err
	}
	out := &RunOutputs{Dir: s.onDisk("."), Outputs: make([]RunOutput, len(r.Receipts))}
	for i, c := range r.Receipts {
		o := RunOutput{Receipt: c, Kind: nodes[c.Node].Kind}
		switch {
		case c.File != "":
			o.Path, o.Form = s.onDisk(c.File), outputForm(o.Kind, c.File)
			if err := s.there(r, &r.Receipts[i]); err != nil {
				o.Trouble = fault.NoteOf(err)
			}
		case o.Kind == kindDuckDB:
			file := strings.TrimSuffix(c.Key, "@"+r.Slot)
			if at := strings.LastIndexByte(file, ':'); at > 0 {
				o.Path = s.onDisk(file[:at])
			}
		}
		out.Outputs[i] = o
	}
	return out, nil
}

// there reports what has become of a run's file, as far as it shows without
// reading it.
func (s *Server) there(r *runs.Run, c *flowfile.Receipt) error {
	if newest := lastOf(r, c.Node, c.Key); newest.SHA256 != c.SHA256 {
		return fault.New("output_replaced", "path", c.File, "run", r.ID, "by", r.ID).Permanent()
	}
	st, err := s.files.Stat(c.File)
	if err != nil {
		return s.gone(r, c, err)
	}
	if st.Size() != c.Bytes {
		return s.replaced(r, c)
	}
	if m, err := s.manifest(c.File); err == nil && m.Run != r.ID && m.SHA256 != c.SHA256 {
		return s.replaced(r, c)
	}
	return nil
}

// gone tells of a missing file what a person can do; other errors stay.
func (s *Server) gone(r *runs.Run, c *flowfile.Receipt, err error) error {
	if fault.CodeOf(err) != "file_missing" {
		return err
	}
	return fault.New("output_gone", "path", c.File, "run", r.ID, "directory", s.onDisk(".")).Permanent()
}

// replaced says that a file is not the run's any more, and whose it is where the
// manifest beside it tells.
func (s *Server) replaced(r *runs.Run, c *flowfile.Receipt) error {
	if m, err := s.manifest(c.File); err == nil && m.Run != "" && m.Run != r.ID {
		return fault.New("output_replaced", "path", c.File, "run", r.ID, "by", m.Run).Permanent()
	}
	return fault.New("output_changed", "path", c.File, "run", r.ID).Permanent()
}

// onDisk is where a path below the files directory lies on the disk.
func (s *Server) onDisk(name string) string {
	full := filepath.Join(s.files.Dir(), filepath.FromSlash(name))
	if abs, err := filepath.Abs(full); err == nil {
		return abs
	}
	return full
}

// lastOf is the newest receipt of a node and a key, nil when there is none.
func lastOf(r *runs.Run, node, key string) *flowfile.Receipt {
	for i, c := range slices.Backward(r.Receipts) {
		if c.Node == node && c.Key == key {
			return &r.Receipts[i]
		}
	}
	return nil
}

// output finds an output of a run.
func (s *Server) output(in *OutputRef) (*runs.Run, *flowfile.Receipt, error) {
	r, err := s.run(in.Run)
	if err != nil {
		return nil, nil, err
	}
	key := in.Key
	for i := range r.Receipts {
		if c := &r.Receipts[i]; in.Key == "" && c.Node == in.Node {
			if key != "" && key != c.Key {
				key = "" // it wrote several: which one is not said
				break
			}
			key = c.Key
		}
	}
	c := lastOf(r, in.Node, key)
	if c == nil {
		return nil, nil, fault.New("output_unknown", "run", r.ID, "node", in.Node, "key", in.Key).Permanent()
	}
	return r, c, nil
}

// openOutput opens a file that a run wrote, and only while it is what the run
// wrote: by its SHA-256 when whole is set or the file is small, else by its size
// and manifest.
func (s *Server) openOutput(ctx context.Context, in *OutputRef, whole bool) (*runs.Run, *flowfile.Receipt, *os.File, error) {
	r, c, err := s.output(in)
	if err != nil {
		return nil, nil, nil, err
	}
	if c.File == "" {
		return nil, nil, nil, fault.New("output_not_file", "node", c.Node, "key", c.Key).Permanent()
	}
	if err := s.there(r, c); err != nil {
		return nil, nil, nil, err
	}
	f, err := s.files.Open(c.File)
	if err != nil {
		return nil, nil, nil, s.gone(r, c, err)
	}
	if c.SHA256 != "" && (whole || c.Bytes <= previewSummed) {
		sum, serr := s.sums.of(ctx, c.File, f)
		if err = serr; err == nil && sum != c.SHA256 {
			err = s.replaced(r, c)
		}
	}
	if err != nil {
		_ = f.Close() // the first error is the one to tell
		return nil, nil, nil, err
	}
	return r, c, f, nil
}

func (s *Server) outputContent(ctx context.Context, in *OutputRef, w http.ResponseWriter, r *http.Request) error {
	_, c, f, err := s.openOutput(ctx, in, true)
	if err != nil {
		return err
	}
	defer f.Close() // it was only read
	st, err := f.Stat()
	if err != nil {
		return err
	}
	r = asFile(w, r, cmp.Or(plainName(c.File), "output.bin"), `"`+c.SHA256+`"`)
	http.ServeContent(w, r, "", st.ModTime(), f)
	return nil
}

// outputForm is how a node of a kind writes the records of a file, empty when
// neither tells.
func outputForm(kind, file string) string {
	if kind == "WriteCSV" {
		return formCSV
	}
	switch strings.ToLower(path.Ext(file)) {
	case ".csv":
		return formCSV
	case ".ndjson", ".jsonl":
		return formNDJSON
	case ".json":
		return formJSON
	}
	return ""
}
