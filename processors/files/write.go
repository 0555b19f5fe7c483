package files

import (
	"bytes"
	"context"
	"io"
	"path"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/runs"
)

func init() {
	processors.Register(func() processors.Processor { return &WriteFile{conflict: conflictFail} })
}

// The values of the property conflict.
const (
	conflictFail    = "fail"
	conflictReplace = "replace"
	conflictIgnore  = "ignore"
)

// WriteFile writes the content of each FlowFile to a file of its own.
type WriteFile struct {
	path     processors.Expr
	conflict string

	files *processors.Files
}

// Define describes the kind.
func (p *WriteFile) Define(s *processors.Spec) {
	s.Describe("WriteFile", "Writes the content of each FlowFile to a file of its own, which appears as a whole or not at all.", "file", "sink", "export", "save")
	s.Input("", "The FlowFiles to write.")
	s.Expr(&p.path, "path", "Where the file goes, below the files directory; missing directories are made.", processors.Required,
		processors.Example("out/${run.date}/${filename}"))
	s.Choice(&p.conflict, "conflict", "What to do when a file with other bytes stands there. One with the same bytes is as good as written.", []processors.ChoiceValue{
		{Value: conflictFail, Doc: "Send the FlowFile to failure."},
		{Value: conflictReplace, Doc: "Replace the file."},
		{Value: conflictIgnore, Doc: "Leave the file; the FlowFile goes to success and counts as filtered."},
	})
	s.Output("success", "The FlowFiles with path set to where their file is. They are no part of the balance.")
	s.Output("failure", "FlowFiles whose path may not be used or is taken, with reject.code and reject.reason.", processors.Reject)
	s.Law(runs.LawSink)
	s.Effects("Writes files.")
	s.Needs(processors.Need{Kind: processors.NeedWrite, Value: &p.path, Why: "The files are written there."})
	// Two FlowFiles may name one path: which of them comes second must be known.
	s.Single()
}

// Validate checks a path that no expression changes.
func (p *WriteFile) Validate(r *processors.Report) {
	checkLiteral(r, "path", p.path, processors.CheckTarget)
}

// Start takes the files directory.
func (p *WriteFile) Start(_ context.Context, env processors.Env) error {
	p.files = env.Files
	return nil
}

// Verify tries to write where the files will go, as far as that is known.
func (p *WriteFile) Verify(_ context.Context, env processors.Env) []processors.Step {
	step := fault.New("step_files_write")
	name, err := env.Files.ProbeFor(p.path, env)
	if err != nil {
		return []processors.Step{processors.Failed(step, err)}
	}
	return []processors.Step{processors.Passed(step, fault.New("note_path", "path", name))}
}

// Process writes one FlowFile.
func (p *WriteFile) Process(ctx context.Context, s *flowfile.Session) error {
	f := s.Get()
	if f == nil {
		return nil
	}
	name, err := p.path.Eval(s, f)
	if err == nil {
		err = processors.CheckTarget(name)
	}
	if err != nil {
		return p.refuse(s, f, err)
	}
	name = path.Clean(name)
	if p.conflict != conflictReplace {
		taken, err := p.taken(ctx, s, f, name)
		if err != nil {
			return err
		}
		if taken && p.conflict == conflictFail {
			return p.refuse(s, f, fault.New("file_exists", "path", name).Permanent())
		}
		if taken {
			p.pass(s, f, name)
			s.Drop(f, flowfile.Filtered, "the file exists: "+name)
			return nil
		}
	}
	done, err := p.files.Replace(name, func(w io.Writer) error {
		r, err := s.Open(f)
		if err != nil {
			return err
		}
		_, err = io.Copy(w, contextReader{ctx, r})
		if cerr := r.Close(); err == nil {
			err = cerr
		}
		return err
	})
	if err != nil {
		return err
	}
	s.ReceiptOf(flowfile.Receipt{Key: name, Rows: max(f.Rows, 0), Bytes: done.Size, File: name, SHA256: done.SHA256})
	p.pass(s, f, name)
	s.Drop(f, flowfile.Committed, "written to "+name)
	return nil
}

func (p *WriteFile) refuse(s *flowfile.Session, f *flowfile.FlowFile, err error) error {
	s.Set(f, "reject.code", fault.CodeOf(err))
	s.Set(f, "reject.reason", err.Error())
	s.Transfer(f, "failure")
	return nil
}

// pass sends a copy on.
func (p *WriteFile) pass(s *flowfile.Session, f *flowfile.FlowFile, name string) {
	c := s.Clone(f)
	s.Set(c, "path", name)
	s.Transfer(c, "success")
}

// taken reports whether a file with other bytes stands at a path. One with the
// same bytes may be this FlowFile's own, written by a try whose commit was lost.
func (p *WriteFile) taken(ctx context.Context, s *flowfile.Session, f *flowfile.FlowFile, name string) (bool, error) {
	have, err := p.files.Open(name)
	if fault.CodeOf(err) == "file_missing" {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer have.Close() // only read from
	info, err := have.Stat()
	if err != nil {
		return false, readFault(name, p.files, err)
	}
	if info.Size() != f.Size() {
		return true, nil
	}
	content, err := s.Open(f)
	if err != nil {
		return false, err
	}
	same, err := alike(contextReader{ctx, have}, content)
	if cerr := content.Close(); err == nil {
		err = cerr
	}
	return !same, err
}

// alike reports whether two readers give the same bytes.
func alike(a, b io.Reader) (bool, error) {
	x, y := make([]byte, 32<<10), make([]byte, 32<<10)
	for {
		n, err := io.ReadFull(a, x)
		m, merr := io.ReadFull(b, y)
		if !bytes.Equal(x[:n], y[:m]) {
			return false, nil
		}
		for _, e := range []error{err, merr} {
			if e != nil && e != io.EOF && e != io.ErrUnexpectedEOF {
				return false, e
			}
		}
		if err != nil || merr != nil {
			return true, nil
		}
	}
}
