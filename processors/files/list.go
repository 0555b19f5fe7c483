package files

import (
	"context"
	"path"
	"time"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
)

func init() {
	processors.Register(func() processors.Processor { return &ListFile{which: listNew} })
}

// The values of the property which.
const (
	listNew = "new"
	listAll = "all"
)

// ListFile names the files that match a pattern.
type ListFile struct {
	glob    processors.Expr
	recurse bool
	which   string
	minAge  time.Duration
	minSize int64

	files *processors.Files
}

// seen is the state: the files of the last listing, each as it was then.
type seen struct {
	Files map[string]version `json:"files"`
}

// Define describes the kind.
func (p *ListFile) Define(s *processors.Spec) {
	s.Describe("ListFile", "Emits a FlowFile without content for each file that matches a pattern, for FetchFile to read. A run lists once.",
		"file", "source", "directory", "watch")
	s.Expr(&p.glob, "glob", "Which files, below the files directory: * and ? stand for characters of a name, ** alone for any directories.",
		processors.Required, processors.Example("in/dt=${run.date}/*.csv"))
	s.Bool(&p.recurse, "recurse", "Whether to look for the last part of the pattern in the directories below, too.")
	s.Choice(&p.which, "which", "Which of them to emit.", []processors.ChoiceValue{
		{Value: listNew, Doc: "Those that are new, or changed in size or time, since the last listing of a run that succeeded."},
		{Value: listAll, Doc: "All of them, each time: a run that is done again gets the same files."},
	})
	s.Duration(&p.minAge, "min_age", "How long a file must have rested; younger ones may be unfinished and wait for the next listing.", processors.Advanced)
	s.Bytes(&p.minSize, "min_size", "The least size of a file.", processors.Min(0), processors.Advanced)
	s.Output("success", "One FlowFile for each file, with path, filename, directory, file.size and file.modified (RFC 3339, UTC), in the order of their paths.")
	s.Needs(processors.Need{Kind: processors.NeedRead, Value: &p.glob, Why: "The directories are listed."})
	s.Single()
}

// Validate checks a pattern that no expression changes.
func (p *ListFile) Validate(r *processors.Report) {
	checkLiteral(r, "glob", p.glob, processors.CheckGlob)
}

// Start takes the files directory.
func (p *ListFile) Start(_ context.Context, env processors.Env) error {
	p.files = env.Files
	return nil
}

// Process lists once.
func (p *ListFile) Process(ctx context.Context, s *flowfile.Session) error {
	glob, err := p.glob.Eval(s, nil)
	if err != nil {
		return err
	}
	if p.recurse {
		glob = path.Join(path.Dir(glob), "**", path.Base(glob))
	}
	var before seen
	if _, err := s.State().Load(&before); err != nil {
		return err
	}
	now := seen{Files: map[string]version{}}
	for l, err := range p.files.List(glob) {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		v := versionOf(l.Info)
		if v.Size < p.minSize || p.minAge > 0 && s.Now().Sub(v.Modified) < p.minAge {
			continue
		}
		now.Files[l.Path] = v
		if old, ok := before.Files[l.Path]; ok && p.which == listNew && old.same(v) {
			continue
		}
		f := s.Create()
		describe(s, f, l.Path, v)
		s.Set(f, "directory", path.Dir(l.Path))
		s.Transfer(f, "success")
	}
	s.Done()
	if p.which == listAll {
		return nil
	}
	return s.State().Save(now)
}
