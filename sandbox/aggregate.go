package sandbox

import (
	"fmt"
	"strings"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
)

const maxAggregations = 5

// aggregate is one running aggregation of a query.
type aggregate struct {
	alias string
	field fieldPath // nil for a count
	avg   bool
	upTo  int64 // a count's bound, 0 for none

	n   int64 // documents counted, or numbers summed
	sum *pb.Value
}

func newAggregates(list []*pb.StructuredAggregationQuery_Aggregation) ([]*aggregate, error) {
	if len(list) == 0 || len(list) > maxAggregations {
		return nil, invalid("An aggregation query has one to %d aggregations, not %d.", maxAggregations, len(list))
	}
	var out []*aggregate
	seen := map[string]bool{}
	unnamed := 0
	for _, g := range list {
		a := &aggregate{alias: g.GetAlias(), sum: intValue(0)}
		if a.alias == "" {
			unnamed++
			a.alias = fmt.Sprintf("field_%d", unnamed)
		}
		if seen[a.alias] {
			return nil, invalid("The aggregation alias %q is used twice.", a.alias)
		}
		seen[a.alias] = true
		var field *pb.StructuredQuery_FieldReference
		switch op := g.GetOperator().(type) {
		case *pb.StructuredAggregationQuery_Aggregation_Count_:
			if up := op.Count.GetUpTo(); up != nil {
				if a.upTo = up.GetValue(); a.upTo <= 0 {
					return nil, invalid("up_to of a count must be greater than zero.")
				}
			}
		case *pb.StructuredAggregationQuery_Aggregation_Sum_:
			field = op.Sum.GetField()
		case *pb.StructuredAggregationQuery_Aggregation_Avg_:
			field, a.avg = op.Avg.GetField(), true
		case nil:
			return nil, invalid("Aggregation %q has no operator.", a.alias)
		default:
			return nil, unimplemented("aggregation %T", op)
		}
		if field != nil {
			var err error
			if a.field, err = parseFieldPath(field.GetFieldPath()); err != nil {
				return nil, err
			}
			if a.field.isName() {
				return nil, invalid("Aggregations over __name__ are not supported.")
			}
		} else if g.GetCount() == nil {
			return nil, invalid("Aggregation %q names no field.", a.alias)
		}
		out = append(out, a)
	}
	return out, nil
}

func (a *aggregate) add(h hit) {
	if a.field == nil {
		if a.upTo == 0 || a.n < a.upTo {
			a.n++
		}
		return
	}
	if v := lookup(h.fields, a.field); classOf(v) == classNumber {
		a.n++
		a.sum = addWide(a.sum, v)
	}
}

// addWide adds integers as integers and goes over to doubles on overflow.
func addWide(a, b *pb.Value) *pb.Value {
	if isInteger(a) && isInteger(b) {
		x, y := a.GetIntegerValue(), b.GetIntegerValue()
		if s := x + y; (s > x) == (y > 0) {
			return intValue(s)
		}
	}
	return doubleValue(toDouble(a) + toDouble(b))
}

func (a *aggregate) result() *pb.Value {
	switch {
	case a.field == nil:
		return intValue(a.n)
	case !a.avg:
		return a.sum
	case a.n == 0:
		return nullValue()
	}
	return doubleValue(toDouble(a.sum) / float64(a.n))
}

// RunAggregationQuery answers with one result for all matching documents.
func (s *service) RunAggregationQuery(r *pb.RunAggregationQueryRequest, stream pb.Firestore_RunAggregationQueryServer) error {
	if r.GetExplainOptions() != nil {
		return unimplemented("explain_options")
	}
	parent, err := s.names.parent(r.GetParent())
	if err != nil {
		return err
	}
	q := r.GetStructuredAggregationQuery()
	p, err := newPlan(s.names, parent, q.GetStructuredQuery())
	if err != nil {
		return err
	}
	aggs, err := newAggregates(q.GetAggregations())
	if err != nil {
		return err
	}
	m, err := s.when(r, r.GetNewTransaction())
	if err != nil {
		return err
	}
	m.tx.readRange(p.span.id)
	if p.limit < 0 {
		p.stopAt(aggs)
	}
	entries := 0
	skipped, err := p.run(s.db, m.time, func(hits []hit) error {
		entries += len(hits)
		for _, a := range aggs {
			for _, h := range hits {
				a.add(h)
			}
		}
		return stream.Context().Err()
	})
	s.meter.read((entries+skipped+999)/1000, 0)
	if err != nil {
		return err
	}
	res := &pb.AggregationResult{AggregateFields: map[string]*pb.Value{}}
	for _, a := range aggs {
		res.AggregateFields[a.alias] = a.result()
	}
	return stream.Send(&pb.RunAggregationQueryResponse{Result: res, Transaction: m.started, ReadTime: m.stamp()})
}

// stopAt ends the walk at the largest bound when every aggregation is a
// bounded count, so that what is not counted is not billed either.
func (p *plan) stopAt(aggs []*aggregate) {
	most := 0
	for _, a := range aggs {
		if a.field != nil || a.upTo == 0 {
			return
		}
		most = max(most, int(a.upTo))
	}
	p.limit = most
}

func (p fieldPath) String() string { return strings.Join(p, ".") }
