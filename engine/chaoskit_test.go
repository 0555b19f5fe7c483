package engine

import (
	"bufio"
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"strings"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/runs"
)

// The kinds of the chaos tests know a row by its line, so that what a sink
// received can be compared whatever was split, merged or copied on the way.

var chaosSchema = []byte(`[["row","string"]]`)

func readLines(s *flowfile.Session, f *flowfile.FlowFile) ([]string, error) {
	rc, err := s.Open(f)
	if err != nil {
		return nil, err
	}
	defer rc.Close()
	var out []string
	for sc := bufio.NewScanner(rc); sc.Scan(); {
		out = append(out, sc.Text())
	}
	return out, nil
}

func writeLines(s *flowfile.Session, f *flowfile.FlowFile, lines []string) error {
	return s.WriteRecords(f, chaosSchema, func(w io.Writer) (int64, error) {
		_, err := io.WriteString(w, strings.Join(lines, "\n")+"\n")
		return int64(len(lines)), err
	})
}

func hashOf(parts ...any) uint64 {
	h := fnv.New64a()
	fmt.Fprint(h, parts...)
	x := h.Sum64()
	x ^= x >> 33 // FNV alone moves the high bits of short texts too little
	x *= 0xff51afd7ed558ccd
	return x ^ x>>33
}

type chaosSource struct {
	Count int64
	env   processors.Env
}

func (p *chaosSource) Define(s *processors.Spec) {
	s.Describe("ChaosSource", "Emits rows that are known by name.")
	s.Int(&p.Count, "count", "How many FlowFiles to emit.", processors.Min(0))
	s.Output("a", "The rows.")
}

func (p *chaosSource) Start(ctx context.Context, env processors.Env) error {
	p.env = env
	return knobs(env.Flow).strike(ctx, env.Node, "start")
}

func (p *chaosSource) Process(ctx context.Context, s *flowfile.Session) error {
	b := knobs(p.env.Flow)
	var at int64
	if _, err := s.Cursor().Load(&at); err != nil {
		return err
	}
	if at < p.Count {
		f := s.Create()
		lines := []string{fmt.Sprintf("{\"row\":\"%s-%d\"}", s.Node(), at), fmt.Sprintf("{\"row\":\"%s-%d+\"}", s.Node(), at)}
		if err := writeLines(s, f, lines); err != nil {
			return err
		}
		s.Read(int64(len(lines)))
		s.Transfer(f, "a")
		at++
		if err := s.Cursor().Save(at); err != nil {
			return err
		}
	}
	if at >= p.Count {
		s.Done()
	}
	return b.strike(ctx, s.Node(), "process")
}

type chaosMap struct {
	Do    string
	Batch int64
	env   processors.Env
}

func (p *chaosMap) Define(s *processors.Spec) {
	s.Describe("ChaosMap", "Passes, routes, copies, splits, merges or sends round.")
	s.String(&p.Do, "do", "What to do.")
	s.Int(&p.Batch, "batch", "How many FlowFiles a call takes.", processors.Min(1))
	s.Input("", "What comes.")
	s.Output("a", "What goes on.")
	s.Output("b", "What goes the other way.")
	s.Law(runs.LawSplit)
	s.Batching()
}

func (p *chaosMap) Start(ctx context.Context, env processors.Env) error {
	p.env = env
	return knobs(env.Flow).strike(ctx, env.Node, "start")
}

func (p *chaosMap) Process(ctx context.Context, s *flowfile.Session) error {
	b := knobs(p.env.Flow)
	in := s.GetBatch(int(p.Batch))
	if len(in) == 0 {
		return nil
	}
	if p.Do == "merge" {
		var all []string
		for _, f := range in {
			lines, err := readLines(s, f)
			if err != nil {
				return err
			}
			all = append(all, lines...)
			s.Drop(f, flowfile.Merged, "merged")
		}
		m := s.Create(in...)
		if err := writeLines(s, m, all); err != nil {
			return err
		}
		s.Transfer(m, "a")
		return b.strike(ctx, s.Node(), "process")
	}
	for _, f := range in {
		if err := p.one(s, f); err != nil {
			return err
		}
		if err := b.strike(ctx, s.Node(), "process"); err != nil {
			return err
		}
	}
	return nil
}

func (p *chaosMap) one(s *flowfile.Session, f *flowfile.FlowFile) error {
	lines, err := readLines(s, f)
	if err != nil {
		return err
	}
	switch p.Do {
	case "route":
		rel := flowfile.Relationship("a")
		if hashOf(lines[0])%2 == 0 {
			rel = "b"
		}
		s.Transfer(f, rel)
	case "clone":
		s.Transfer(s.Clone(f), "b")
		s.Transfer(f, "a")
	case "split":
		for _, l := range lines {
			c := s.Create(f)
			if err := writeLines(s, c, []string{l}); err != nil {
				return err
			}
			s.Transfer(c, "a")
		}
		s.Drop(f, flowfile.Merged, "split")
	case "loop":
		lap := s.Node() + "-lap"
		if laps := f.Attr(lap); len(laps) < 1+int(hashOf(lines[0])%3) {
			s.Set(f, lap, laps+"x")
			s.Transfer(f, "b")
			return nil
		}
		s.Unset(f, lap)
		s.Transfer(f, "a")
	default:
		s.Set(f, "by", s.Node())
		s.Transfer(f, "a")
	}
	return nil
}

type chaosGate struct {
	env processors.Env
}

func (p *chaosGate) Define(s *processors.Spec) {
	s.Describe("ChaosGate", "Passes on what a whole run has brought.")
	s.Input("", "What is gathered.", processors.WholeRun)
	s.Output("a", "The same, anew.")
	s.Law(runs.LawMerge)
}

func (p *chaosGate) Start(ctx context.Context, env processors.Env) error {
	p.env = env
	return knobs(env.Flow).strike(ctx, env.Node, "start")
}

func (p *chaosGate) Process(ctx context.Context, s *flowfile.Session) error {
	for f, err := range s.All("") {
		if err != nil {
			return err
		}
		lines, err := readLines(s, f)
		if err != nil {
			return err
		}
		g := s.Create(f)
		if err := writeLines(s, g, lines); err != nil {
			return err
		}
		s.Transfer(g, "a")
	}
	return knobs(p.env.Flow).strike(ctx, s.Node(), "process")
}

type chaosSink struct {
	env processors.Env
}

func (p *chaosSink) Define(s *processors.Spec) {
	s.Describe("ChaosSink", "Keeps what a whole run has brought, by receipt.")
	s.Input("", "What is kept.", processors.WholeRun)
}

func (p *chaosSink) Start(ctx context.Context, env processors.Env) error {
	p.env = env
	return knobs(env.Flow).strike(ctx, env.Node, "start")
}

func (p *chaosSink) Process(ctx context.Context, s *flowfile.Session) error {
	b := knobs(p.env.Flow)
	var got []string
	for f, err := range s.All("") {
		if err != nil {
			return err
		}
		lines, err := readLines(s, f)
		if err != nil {
			return err
		}
		got = append(got, lines...)
	}
	b.mu.Lock()
	b.kept = append(b.kept, got)
	key := fmt.Sprint(len(b.kept) - 1)
	b.mu.Unlock()
	s.Receipt(key, int64(len(got)), 0)
	return b.strike(ctx, s.Node(), "process")
}

func init() {
	processors.Register(func() processors.Processor { return &chaosSource{Count: 1} })
	processors.Register(func() processors.Processor { return &chaosMap{Do: "pass", Batch: 1} })
	processors.Register(func() processors.Processor { return &chaosGate{} })
	processors.Register(func() processors.Processor { return &chaosSink{} })
}
