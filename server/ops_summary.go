package server

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"hash/maphash"
	"io"
	"math/big"
	"strings"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/record"
	"github.com/weirflow/weir/web"
)

// Bounds of what a summary reads and says.
const (
	summaryRows = 10_000
	summaryText = 256 // characters of a least or greatest text
)

// SummarizeQueued asks for what the columns of a FlowFile hold.
type SummarizeQueued struct {
	QueueRef
	As string `query:"as" json:"-"`
}

// SummarizeParked asks for what the columns of a parked FlowFile hold.
type SummarizeParked struct {
	ParkedRef
	As string `query:"as" json:"-"`
}

// ContentSummary tells what the columns of the first rows hold.
type ContentSummary struct {
	// Rows were read; Truncated says that there are more.
	Rows      int64           `json:"rows"`
	Truncated bool            `json:"truncated"`
	Source    string          `json:"source"`
	Columns   []ColumnSummary `json:"columns"`
	// Skipped rows cannot be read as what the columns are; Problem is why the
	// first of them cannot.
	Skipped int64        `json:"skipped,omitempty"`
	Problem *web.Failure `json:"problem,omitempty"`
}

// ColumnSummary tells what a column holds.
type ColumnSummary struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Nulls int64  `json:"nulls"`
	// Distinct is how many different values there are, nulls apart.
	Distinct int64 `json:"distinct"`
	// Min and Max are as in records; types without an order have none. A long
	// text is cut.
	Min json.RawMessage `json:"min,omitempty"`
	Max json.RawMessage `json:"max,omitempty"`
}

func (s *Server) summarizeQueued(ctx context.Context, in *SummarizeQueued) (*ContentSummary, error) {
	_, q, err := s.queued(&in.QueueRef)
	if err != nil {
		return nil, err
	}
	return s.summarize(ctx, q.FlowFile, in.As)
}

func (s *Server) summarizeParked(ctx context.Context, in *SummarizeParked) (*ContentSummary, error) {
	_, p, err := s.one(&in.ParkedRef)
	if err != nil {
		return nil, err
	}
	return s.summarize(ctx, p.FlowFile, in.As)
}

// tallied is what is known of a column while its rows are read.
type tallied struct {
	field  *record.Field
	nulls  int64
	seen   map[uint64]struct{}
	lo, hi record.Value
}

func (s *Server) summarize(ctx context.Context, f *flowfile.FlowFile, as string) (out *ContentSummary, err error) {
	in, err := s.openRows(ctx, f, as, 0, recordBytes)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	schema := in.Schema()
	columns := make([]tallied, len(schema.Fields))
	for i := range columns {
		columns[i] = tallied{field: &schema.Fields[i], seen: map[uint64]struct{}{}}
	}
	out = &ContentSummary{Source: in.form}
	seed := maphash.MakeSeed()
	var text []byte
	for {
		row, err := in.Next()
		if err == io.EOF {
			break
		}
		if out.Truncated = errors.Is(err, errBudget) || out.Rows+out.Skipped == summaryRows; out.Truncated {
			break
		}
		var bad *record.RowError
		if errors.As(err, &bad) {
			if out.Skipped++; out.Skipped == 1 {
				out.Problem = fault.NoteOf(err)
			}
			continue
		}
		if err != nil {
			if out.Rows == 0 {
				return nil, err
			}
			out.Problem, out.Truncated = fault.NoteOf(err), true
			break
		}
		out.Rows++
		for i, v := range row {
			if text, err = columns[i].add(v, seed, text[:0]); err != nil {
				return nil, err
			}
		}
	}
	out.Columns = make([]ColumnSummary, len(columns))
	for i := range columns {
		if out.Columns[i], err = columns[i].tell(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// add counts a value; text is memory to write it into.
func (c *tallied) add(v record.Value, seed maphash.Seed, text []byte) ([]byte, error) {
	if v.IsNull() {
		c.nulls++
		return text, nil
	}
	text, err := record.AppendJSON(text, c.field.Type, v)
	if err != nil {
		return text, err
	}
	c.seen[maphash.Bytes(seed, text)] = struct{}{}
	if !ordered(v) {
		return text, nil
	}
	if c.lo.IsNull() || compare(v, c.lo) < 0 {
		c.lo = v.Clone()
	}
	if c.hi.IsNull() || compare(v, c.hi) > 0 {
		c.hi = v.Clone()
	}
	return text, nil
}

func (c *tallied) tell() (out ColumnSummary, err error) {
	out = ColumnSummary{Name: c.field.Name, Type: c.field.Type.String(), Nulls: c.nulls, Distinct: int64(len(c.seen))}
	if c.lo.IsNull() {
		return out, nil
	}
	if out.Min, err = c.text(c.lo); err == nil {
		out.Max, err = c.text(c.hi)
	}
	return out, err
}

func (c *tallied) text(v record.Value) (json.RawMessage, error) {
	if v.Kind() == record.KindString {
		if s, cut := shorten(v.Text(), summaryText); cut {
			v = record.String(s + "…")
		}
	}
	return record.AppendJSON(nil, c.field.Type, v)
}

// ordered reports whether values such as v have a least and a greatest one.
func ordered(v record.Value) bool {
	switch v.Kind() {
	case record.KindDouble:
		return v.Double() == v.Double()
	case record.KindBool, record.KindInt64, record.KindDecimal, record.KindString, record.KindTimestamp, record.KindDate:
		return true
	}
	return false
}

// compare orders two values of one kind that have an order.
func compare(a, b record.Value) int {
	switch a.Kind() {
	case record.KindBool:
		return cmp.Compare(flag(a), flag(b))
	case record.KindInt64:
		return cmp.Compare(a.Int64(), b.Int64())
	case record.KindDouble:
		return cmp.Compare(a.Double(), b.Double())
	case record.KindTimestamp:
		return cmp.Compare(a.Micros(), b.Micros())
	case record.KindDate:
		return cmp.Compare(a.Days(), b.Days())
	case record.KindDecimal:
		x, okx := new(big.Rat).SetString(a.Text())
		y, oky := new(big.Rat).SetString(b.Text())
		if okx && oky {
			return x.Cmp(y)
		}
	}
	return strings.Compare(a.Text(), b.Text())
}

func flag(v record.Value) int {
	if v.Bool() {
		return 1
	}
	return 0
}
