package files

import (
	"context"
	"slices"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/runs"
)

func init() {
	processors.Register(func() processors.Processor {
		return &FetchFile{path: processors.MustExpr("${path}"), form: newForm()}
	})
}

// FetchFile reads the file that each FlowFile names.
type FetchFile struct {
	path processors.Expr
	form form

	files *processors.Files
}

// Define describes the kind.
func (p *FetchFile) Define(s *processors.Spec) {
	s.Describe("FetchFile", "Reads the file that each FlowFile names, such as those of ListFile: as records or as bytes. A file is read in one commit, all of it or nothing.",
		"file", "csv", "json", "ndjson", "import", "read")
	s.Input("", "FlowFiles that name files; their content is not used.")
	s.Expr(&p.path, "path", "Where the file is, below the files directory.", processors.Required, processors.Example("in/${filename}"))
	p.form.define(s, "")
	p.form.outputs(s)
	s.Output("failure", "FlowFiles whose file is missing, has a path that may not be used, or is broken, with reject.code and reject.reason.", processors.Reject)
	s.Needs(processors.Need{Kind: processors.NeedRead, Value: &p.path, Why: "The files are read there."})
	// One FlowFile in may be many out; what must balance is what was read.
	s.Law(runs.LawSource)
}

// Validate checks what one property alone cannot show.
func (p *FetchFile) Validate(r *processors.Report) {
	checkLiteral(r, "path", p.path, processors.CheckPath)
	p.form.validate(r)
}

// Start takes the files directory.
func (p *FetchFile) Start(_ context.Context, env processors.Env) error {
	p.files = env.Files
	return nil
}

// Process reads the file of one FlowFile.
func (p *FetchFile) Process(ctx context.Context, s *flowfile.Session) error {
	f := s.Get()
	if f == nil {
		return nil
	}
	name, err := p.path.Eval(s, f)
	if err != nil {
		refuse(s, f, err)
		return nil
	}
	o, err := p.form.open(p.files, name)
	if err != nil {
		if itsFault(err) {
			refuse(s, f, err)
			return nil
		}
		return err
	}
	err = p.fetch(ctx, s, f, o)
	if cerr := o.close(); err == nil && cerr != nil {
		err = readFault(o.name, p.files, cerr)
	}
	return err
}

// itsFault reports whether a file cannot be opened because the FlowFile names it
// wrongly, rather than for a reason that concerns all files.
func itsFault(err error) bool {
	return slices.Contains([]string{"file_missing", "file_not_regular", "file_path_unusable", "path_empty", "path_absolute", "path_up", "path_too_long",
		"path_is_directory", "path_link_out"}, fault.CodeOf(err))
}

// fetch emits what the file holds.
func (p *FetchFile) fetch(ctx context.Context, s *flowfile.Session, f *flowfile.FlowFile, o *opened) error {
	if p.form.format == formatRaw {
		if err := s.Write(f, o.copyTo(ctx, p.files)); err != nil {
			return err
		}
		o.describe(s, f)
		s.Transfer(f, "success")
		return o.unchanged(p.files)
	}
	create := func() *flowfile.FlowFile {
		g := s.Create(f)
		o.describe(s, g)
		return g
	}
	var good, bad []*flowfile.FlowFile
	for end := false; !end; {
		pg := &page{ctx: ctx, file: o, most: p.form.rows}
		g, b, err := pg.emit(s, p.form.schema, create)
		if broken(err) {
			// The rows before the broken place are given up with it.
			for _, g := range slices.Concat(good, bad) {
				s.Drop(g, flowfile.Merged, "the file is broken behind these rows")
			}
			refuse(s, f, err)
			return nil
		}
		if err != nil {
			return err
		}
		if g != nil {
			good = append(good, g)
		}
		if b != nil {
			bad = append(bad, b)
		}
		end = pg.end
	}
	if err := o.unchanged(p.files); err != nil {
		return err
	}
	for _, g := range good {
		s.Transfer(g, "success")
	}
	for _, b := range bad {
		s.Transfer(b, "rejected")
	}
	s.Read(o.rows)
	s.Drop(f, flowfile.Merged, "its file was read")
	return nil
}

// broken reports whether the reading of records ended for a reason that lies in
// the file: the faults of package record are permanent, those of disks are not.
func broken(err error) bool {
	f := fault.As(err)
	return f != nil && f.Class == fault.Permanent
}

// refuse sends a FlowFile to the output failure with the reason. Rows that it has
// count as read, so that they balance as rejected.
func refuse(s *flowfile.Session, f *flowfile.FlowFile, err error) {
	s.Set(f, "reject.code", fault.CodeOf(err))
	s.Set(f, "reject.reason", err.Error())
	s.Read(max(f.Rows, 0))
	s.Transfer(f, "failure")
}
