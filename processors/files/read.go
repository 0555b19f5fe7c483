package files

import (
	"context"
	"io"
	"path"
	"strings"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
)

func init() {
	processors.Register(func() processors.Processor { return &ReadFile{form: newForm()} })
}

// ReadFile reads one file of a run.
type ReadFile struct {
	path processors.Expr
	form form

	files *processors.Files
	// now is the file that the last Process left open, and run whose it is.
	now *opened
	run flowfile.RunID
}

// place is the cursor: how far which file was read.
type place struct {
	Path    string  `json:"path"`
	Version version `json:"version"`
	Rows    int64   `json:"rows"`
	End     bool    `json:"end,omitempty"`
}

// Define describes the kind.
func (p *ReadFile) Define(s *processors.Spec) {
	s.Describe("ReadFile", "Reads one file: as records, page by page, or as bytes. A run reads it once; a continuous flow reads it again when it has changed.",
		"file", "source", "csv", "json", "ndjson", "import")
	s.Expr(&p.path, "path", "Where the file is, below the files directory.", processors.Required, processors.Example("in/dt=${run.date}/users.csv"))
	p.form.define(s, " `weir flow infer` can write it.")
	p.form.outputs(s)
	s.Needs(processors.Need{Kind: processors.NeedRead, Value: &p.path, Why: "The file is read there."})
	s.Single()
}

// Validate checks what one property alone cannot show.
func (p *ReadFile) Validate(r *processors.Report) {
	checkLiteral(r, "path", p.path, processors.CheckPath)
	p.form.validate(r)
}

// checkLiteral checks a value that no expression changes any more.
func checkLiteral(r *processors.Report, key string, e processors.Expr, check func(string) error) {
	if src := e.Source(); src != "" && !strings.Contains(src, "${") && !strings.Contains(src, "#{") {
		if err := check(src); err != nil {
			r.Problem(key, fault.As(err))
		}
	}
}

// Start takes the files directory.
func (p *ReadFile) Start(_ context.Context, env processors.Env) error {
	p.files = env.Files
	return nil
}

// Stop closes the file.
func (p *ReadFile) Stop(context.Context) error { return p.leave() }

func (p *ReadFile) leave() error {
	err := p.now.close()
	p.now = nil
	return err
}

// Process reads the next page.
func (p *ReadFile) Process(ctx context.Context, s *flowfile.Session) error {
	name, err := p.path.Eval(s, nil)
	if err != nil {
		return err
	}
	var at place
	if _, err := s.Cursor().Load(&at); err != nil {
		return err
	}
	if at.End && !s.Run().IsZero() {
		s.Done()
		return nil
	}
	if err := processors.CheckPath(name); err != nil {
		return err
	}
	if at, err = p.seek(ctx, s, path.Clean(name), at); err != nil || at.End {
		return err
	}
	end, err := p.read(ctx, s)
	if err == nil {
		err = s.Cursor().Save(place{p.now.name, p.now.version, p.now.rows, end})
	}
	if err != nil || end {
		// After an error what was read is no longer what was committed.
		if cerr := p.leave(); err == nil {
			err = cerr
		}
	}
	if end && err == nil {
		s.Done()
	}
	return err
}

// seek makes p.now the file, standing where the cursor says. In a continuous flow
// another file, or another version of it, is read from its beginning.
func (p *ReadFile) seek(ctx context.Context, s *flowfile.Session, name string, at place) (place, error) {
	if o := p.now; o != nil && (p.run != s.Run().Number || at.End || at.Path != name || o.name != name || !at.Version.same(o.version) || at.Rows != o.rows) {
		if err := p.leave(); err != nil {
			return at, err
		}
	}
	if p.now != nil {
		return at, nil
	}
	o, err := p.form.open(p.files, name)
	if err != nil {
		return at, err
	}
	p.now, p.run = o, s.Run().Number
	if at.Path == "" || s.Run().IsZero() && (at.Path != name || !at.Version.same(o.version)) {
		return place{Path: name}, nil
	}
	switch {
	case at.End:
	case at.Path != name || !at.Version.same(o.version):
		err = changed(name, at.Version, o.version).Permanent()
	default:
		err = o.skip(ctx, at.Rows)
	}
	if err != nil || at.End {
		if cerr := p.leave(); err == nil {
			err = cerr
		}
	}
	return at, err
}

// skip passes over the rows that were committed before.
func (o *opened) skip(ctx context.Context, rows int64) error {
	p := &page{ctx: ctx, file: o, most: rows}
	for o.rows < rows && !p.end {
		if _, err := p.next(); err != nil {
			return err
		}
		p.held, p.refused, p.first = 0, nil, nil
	}
	if o.rows != rows {
		return fault.New("file_shorter", "path", o.name, "want", rows, "have", o.rows).Permanent()
	}
	return nil
}

// read emits one page, or the whole of a file of bytes, and reports whether the
// file is at its end.
func (p *ReadFile) read(ctx context.Context, s *flowfile.Session) (bool, error) {
	o := p.now
	begun := o.rows > 0
	create := func() *flowfile.FlowFile {
		f := s.Create()
		o.describe(s, f)
		return f
	}
	if p.form.format == formatRaw {
		f := create()
		if err := s.Write(f, o.copyTo(ctx, p.files)); err != nil {
			return false, err
		}
		s.Transfer(f, "success")
		return true, o.unchanged(p.files)
	}
	pg := &page{ctx: ctx, file: o, most: p.form.rows}
	good, bad, err := pg.emit(s, p.form.schema, create)
	if err != nil {
		return false, err
	}
	if good != nil {
		s.Transfer(good, "success")
	}
	if bad != nil {
		s.Transfer(bad, "rejected")
	}
	s.Read(pg.rows)
	return pg.end, o.steady(p.files, begun)
}

// steady fails when the file was written to while it was read, and for good when
// pages of it have gone on already.
func (o *opened) steady(files *processors.Files, begun bool) error {
	err := o.unchanged(files)
	if f := fault.As(err); f != nil && f.Code == "file_changed" && begun {
		return f.Permanent()
	}
	return err
}

// copyTo writes the file's bytes.
func (o *opened) copyTo(ctx context.Context, files *processors.Files) func(io.Writer) error {
	return func(w io.Writer) error {
		in := &failing{r: contextReader{ctx, o.file}}
		_, err := io.Copy(w, in)
		if in.err != nil && ctx.Err() == nil {
			return readFault(o.name, files, in.err)
		}
		return err
	}
}

// failing remembers that it was the reading which failed, not the writing.
type failing struct {
	r   io.Reader
	err error
}

// Read reads and keeps the error.
func (f *failing) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	if err != nil && err != io.EOF {
		f.err = err
	}
	return n, err
}
