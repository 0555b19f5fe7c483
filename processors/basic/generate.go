package basic

import (
	"context"
	"io"
	"maps"
	"slices"
	"strconv"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/record"
)

func init() {
	processors.Register(func() processors.Processor {
		return &GenerateFlowFile{content: contentText, count: 1, batch: 1, rows: 100, seed: 1}
	})
}

// The values of the property content.
const (
	contentText    = "text"
	contentRandom  = "random"
	contentRecords = "records"
)

// GenerateFlowFile makes FlowFiles of a text, of random bytes, or of records.
type GenerateFlowFile struct {
	content    string
	count      int64
	batch      int64
	text       processors.Expr
	size       int64
	schema     *record.Schema
	rows       int64
	nulls      float64
	seed       int64
	attributes map[string]processors.Expr
}

// Define describes the kind.
func (g *GenerateFlowFile) Define(s *processors.Spec) {
	s.Describe("GenerateFlowFile", "Makes FlowFiles out of nothing, for trying out a flow or for starting one; the same settings make the same content each time.",
		"source", "test", "random", "records", "start")
	s.Choice(&g.content, "content", "What the FlowFiles hold.", []processors.ChoiceValue{
		{Value: contentText, Doc: "The value of text, which may be empty."},
		{Value: contentRandom, Doc: "Random letters and digits, as many as size says."},
		{Value: contentRecords, Doc: "Random records of a schema."},
	})
	s.Int(&g.count, "count", "How many FlowFiles a run gets in all. A continuous flow gets batch FlowFiles each time the node is due, without end.",
		processors.Min(0))
	s.Int(&g.batch, "batch", "How many FlowFiles to make at a time, in one commit.", processors.Min(1), processors.Max(10_000))
	s.Expr(&g.text, "text", "The content.", processors.DependsOn("content", contentText), processors.Example("Hello, ${run.date}"))
	s.Bytes(&g.size, "size", "How many bytes of content each FlowFile has.", processors.DependsOn("content", contentRandom), processors.Min(0), processors.Max(1<<40))
	s.Schema(&g.schema, "schema", "The columns of the records. A column named id holds the number of the row, from 1 on, over all FlowFiles.",
		processors.DependsOn("content", contentRecords), processors.Required)
	s.Int(&g.rows, "rows", "How many records each FlowFile has.", processors.DependsOn("content", contentRecords), processors.Min(0), processors.Max(10_000_000))
	s.Float(&g.nulls, "nulls", "The share of values, except ids, that are null.", processors.DependsOn("content", contentRecords), processors.Min(0.0), processors.Max(1.0))
	s.Int(&g.seed, "seed", "Another number makes other random content.", processors.Advanced)
	s.ExprMap(&g.attributes, "attributes", "Attributes of the FlowFiles.", processors.Example(`{"kind": "test"}`))
	s.Output("success", "The FlowFiles, numbered from 1 in the attribute number.")
	s.Single()
}

// Validate refuses attributes that belong to Weir.
func (g *GenerateFlowFile) Validate(r *processors.Report) {
	refuseReserved(r, "attributes", slices.Sorted(maps.Keys(g.attributes)))
}

// Process makes the next batch.
func (g *GenerateFlowFile) Process(ctx context.Context, s *flowfile.Session) error {
	var made int64
	if _, err := s.Cursor().Load(&made); err != nil {
		return err
	}
	n := g.batch
	if !s.Run().IsZero() {
		n = min(n, g.count-made)
		if made+n >= g.count {
			s.Done()
		}
	}
	for i := range n {
		if err := g.make(ctx, s, made+i); err != nil {
			return err
		}
	}
	if n <= 0 {
		return nil
	}
	return s.Cursor().Save(made + n)
}

// make makes the FlowFile of an index, which is one less than its number.
func (g *GenerateFlowFile) make(ctx context.Context, s *flowfile.Session, index int64) error {
	f := s.Create()
	s.Set(f, "number", strconv.FormatInt(index+1, 10))
	for _, name := range slices.Sorted(maps.Keys(g.attributes)) {
		v, err := g.attributes[name].Eval(s, f)
		if err != nil {
			return err
		}
		s.Set(f, name, v)
	}
	if err := g.fill(ctx, s, f, index); err != nil {
		return err
	}
	s.Transfer(f, "success")
	return nil
}

func (g *GenerateFlowFile) fill(ctx context.Context, s *flowfile.Session, f *flowfile.FlowFile, index int64) error {
	switch g.content {
	case contentRandom:
		return s.Write(f, func(w io.Writer) error { return letters(ctx, w, newDice(g.seed, index), g.size) })
	case contentRecords:
		return processors.WriteRecords(s, f, g.schema, func(w record.Writer) error { return g.records(ctx, s, w, index) })
	}
	text, err := g.text.Eval(s, f)
	if err != nil || text == "" {
		return err
	}
	return s.Write(f, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}

// records writes the rows of one FlowFile.
func (g *GenerateFlowFile) records(ctx context.Context, s *flowfile.Session, w record.Writer, index int64) error {
	d := newDice(g.seed, index)
	row := make([]record.Value, len(g.schema.Fields))
	for i := range g.rows {
		if i&1023 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		for c := range g.schema.Fields {
			row[c] = d.cell(&g.schema.Fields[c], index*g.rows+i+1, g.nulls)
		}
		if err := w.Write(row); err != nil {
			return err
		}
	}
	s.Read(g.rows)
	return nil
}

// letters writes n letters and digits.
func letters(ctx context.Context, w io.Writer, d *dice, n int64) error {
	var buf [8192]byte
	for n > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		part := buf[:min(n, int64(len(buf)))]
		for i := range part {
			part[i] = alphabet[d.below(uint64(len(alphabet)))]
		}
		if _, err := w.Write(part); err != nil {
			return err
		}
		n -= int64(len(part))
	}
	return nil
}

// refuseReserved reports the names of a property that Weir sets itself.
func refuseReserved(r *processors.Report, key string, names []string) {
	for _, n := range names {
		if reserved(n) {
			r.Problem(key, fault.New("setting_reserved_attribute", "property", key, "name", n).Permanent())
		}
	}
}
