package processorstest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/record"
)

func init() {
	processors.Register(func() processors.Processor { return &upper{suffix: processors.MustExpr("")} })
	processors.Register(func() processors.Processor { return &count{count: 3} })
	processors.Register(func() processors.Processor { return &total{} })
}

// upper writes content in capitals; empty content is at fault.
type upper struct {
	suffix processors.Expr
	lose   bool
	unruly bool
	hides  bool
}

func (p *upper) Define(s *processors.Spec) {
	s.Describe("TestUpper", "Writes content in capitals.")
	s.Input("", "Text.")
	s.Output("success", "The text in capitals.")
	s.Output("failure", "Empty text.", processors.Reject)
	s.Expr(&p.suffix, "suffix", "What to append.", processors.Example("!"))
	s.Bool(&p.lose, "lose", "Whether to lose every FlowFile named lost.")
	s.Bool(&p.unruly, "unruly", "Whether to add a number that differs each time.")
	s.Bool(&p.hides, "hides", "Whether to take a full disk for the data's fault.")
}

var unruly int

func (p *upper) Process(_ context.Context, s *flowfile.Session) error {
	f := s.Get()
	if f == nil {
		return nil
	}
	if p.lose && f.Attr("name") == "lost" {
		s.Drop(f, flowfile.Merged, "lost")
		return nil
	}
	if f.Size() == 0 {
		s.Set(f, "reason", "empty")
		s.Transfer(f, "failure")
		return nil
	}
	suffix, err := p.suffix.Eval(s, f)
	if err != nil {
		return err
	}
	if p.unruly {
		unruly++
		suffix = fmt.Sprint(unruly)
	}
	r, err := s.Open(f)
	if err != nil {
		return err
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	err = s.Write(f, func(w io.Writer) error {
		_, err := w.Write(append(bytes.ToUpper(b), suffix...))
		return err
	})
	if err != nil && p.hides {
		s.Transfer(f, "failure")
		return nil
	}
	if err != nil {
		return err
	}
	s.Transfer(f, "success")
	return nil
}

// count makes numbered records, one FlowFile per session.
type count struct {
	count int64
	short bool
}

func (p *count) Define(s *processors.Spec) {
	s.Describe("TestCount", "Makes numbered records.")
	s.Output("success", "Records.")
	s.Int(&p.count, "count", "How many FlowFiles to make.", processors.Min(0))
	s.Bool(&p.short, "short", "Whether to lose a row.")
}

var numbers = record.MustSchema("n", "int64")

func (p *count) Process(_ context.Context, s *flowfile.Session) error {
	var next int64
	if _, err := s.Cursor().Load(&next); err != nil {
		return err
	}
	if next == p.count {
		s.Done()
		return nil
	}
	f := s.Create()
	err := processors.WriteRecords(s, f, numbers, func(w record.Writer) error {
		s.Read(2)
		if err := w.Write([]record.Value{record.Int64(next)}); err != nil || p.short {
			return err
		}
		return w.Write([]record.Value{record.Int64(-next)})
	})
	if err != nil {
		return err
	}
	s.Transfer(f, "success")
	return s.Cursor().Save(next + 1)
}

// total writes the number of a run's rows into one file.
type total struct{}

func (p *total) Define(s *processors.Spec) {
	s.Describe("TestTotal", "Counts the rows of a run into a file.")
	s.Input("", "Records.", processors.WholeRun)
	s.Output("success", "The count.")
}

type totalProcessor struct {
	*total
	files *processors.Files
}

func (p *total) Process(context.Context, *flowfile.Session) error { return fmt.Errorf("not started") }

func (p *totalProcessor) Start(_ context.Context, env processors.Env) error {
	p.files = env.Files
	return nil
}

func (p *totalProcessor) Process(_ context.Context, s *flowfile.Session) error {
	var rows int64
	for f, err := range s.All("") {
		if err != nil {
			return err
		}
		r, err := processors.Records(s, f)
		if err != nil {
			return err
		}
		for {
			if _, err = r.Next(); err != nil {
				break
			}
			rows++
		}
		if cerr := r.Close(); err != io.EOF || cerr != nil {
			return fmt.Errorf("read records: %w, %w", err, cerr)
		}
	}
	out, err := p.files.Replace("total.txt", func(w io.Writer) error {
		_, err := fmt.Fprintln(w, rows)
		return err
	})
	if err != nil {
		return err
	}
	f := s.Create()
	if err := s.Write(f, func(w io.Writer) error {
		_, err := fmt.Fprintln(w, rows)
		return err
	}); err != nil {
		return err
	}
	s.Transfer(f, "success")
	s.Receipt(out.SHA256, rows, out.Size)
	return nil
}

func started(p processors.Processor) processors.Processor {
	return &totalProcessor{total: p.(*total)}
}

func repeat(s string, n int) string { return strings.Repeat(s, n) }
