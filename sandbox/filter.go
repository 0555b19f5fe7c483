package sandbox

import (
	"slices"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// filter reports whether a document matches.
type filter func(hit) bool

type fieldOp = pb.StructuredQuery_FieldFilter_Operator

// Limits of a query, as Google documents them.
const (
	maxDisjunctions = 30
	maxNotIn        = 10
)

// filterReader compiles the where clause of a query and notes what the rest
// of the query must know of it.
type filterReader struct {
	names names
	// unequal are the fields of inequality filters, which order the results.
	unequal []fieldPath
	// span is narrowed by inequalities on __name__ that every result meets.
	span *span
	// negated, notIn and lists count the filters that exclude each other.
	negated, notIn, lists int
}

// check refuses combinations that Firestore has no plan for.
func (r *filterReader) check() error {
	switch {
	case r.negated > 1:
		return invalid("Only a single 'NOT_EQUAL', 'NOT_IN', 'IS_NOT_NAN' or 'IS_NOT_NULL' filter allowed per query.")
	case r.notIn > 0 && r.lists > 0:
		return invalid("'NOT_IN' cannot be used in the same query with 'IN', 'ARRAY_CONTAINS_ANY' or 'OR'.")
	}
	return nil
}

func invalid(format string, args ...any) error {
	return status.Errorf(codes.InvalidArgument, format, args...)
}

func (r *filterReader) read(f *pb.StructuredQuery_Filter, conjunct bool) (filter, error) {
	switch x := f.GetFilterType().(type) {
	case *pb.StructuredQuery_Filter_CompositeFilter:
		return r.composite(x.CompositeFilter, conjunct)
	case *pb.StructuredQuery_Filter_FieldFilter:
		return r.field(x.FieldFilter, conjunct)
	case *pb.StructuredQuery_Filter_UnaryFilter:
		return r.unary(x.UnaryFilter)
	case nil:
		return nil, invalid("Filter has no type.")
	}
	return nil, unimplemented("filter %T", f.GetFilterType())
}

func (r *filterReader) composite(c *pb.StructuredQuery_CompositeFilter, conjunct bool) (filter, error) {
	if len(c.GetFilters()) == 0 {
		return nil, invalid("Composite filter is empty: at least one filter must be present.")
	}
	and := c.GetOp() == pb.StructuredQuery_CompositeFilter_AND
	switch {
	case and:
	case c.GetOp() == pb.StructuredQuery_CompositeFilter_OR:
		r.lists++
		if len(c.GetFilters()) > maxDisjunctions {
			return nil, invalid("OR supports up to %d filters.", maxDisjunctions)
		}
	case c.GetOp() == pb.StructuredQuery_CompositeFilter_OPERATOR_UNSPECIFIED:
		return nil, invalid("Composite filter operator is not set.")
	default:
		return nil, unimplemented("composite filter operator %v", c.GetOp())
	}
	parts := make([]filter, len(c.GetFilters()))
	for i, f := range c.GetFilters() {
		var err error
		if parts[i], err = r.read(f, conjunct && and); err != nil {
			return nil, err
		}
	}
	return func(h hit) bool {
		for _, part := range parts {
			if part(h) != and {
				return !and
			}
		}
		return and
	}, nil
}

// order notes that the results are ordered by the field of an inequality.
func (r *filterReader) order(p fieldPath) {
	if !slices.ContainsFunc(r.unequal, func(q fieldPath) bool { return slices.Equal(p, q) }) {
		r.unequal = append(r.unequal, p)
	}
}

func (r *filterReader) field(f *pb.StructuredQuery_FieldFilter, conjunct bool) (filter, error) {
	path, err := parseFieldPath(f.GetField().GetFieldPath())
	if err != nil {
		return nil, err
	}
	op, operand := f.GetOp(), f.GetValue()
	if err := r.checkOperand(op, path, operand); err != nil {
		return nil, err
	}
	switch op {
	case pb.StructuredQuery_FieldFilter_LESS_THAN, pb.StructuredQuery_FieldFilter_LESS_THAN_OR_EQUAL,
		pb.StructuredQuery_FieldFilter_GREATER_THAN, pb.StructuredQuery_FieldFilter_GREATER_THAN_OR_EQUAL,
		pb.StructuredQuery_FieldFilter_NOT_EQUAL, pb.StructuredQuery_FieldFilter_NOT_IN:
		r.order(path)
	case pb.StructuredQuery_FieldFilter_IN, pb.StructuredQuery_FieldFilter_ARRAY_CONTAINS_ANY:
		r.lists++
	}
	switch op {
	case pb.StructuredQuery_FieldFilter_NOT_IN:
		r.notIn++
		r.negated++
	case pb.StructuredQuery_FieldFilter_NOT_EQUAL:
		r.negated++
	}
	match, err := matcher(op, operand)
	if err != nil {
		return nil, err
	}
	if !path.isName() {
		return func(h hit) bool {
			v := lookup(h.fields, path)
			return v != nil && match(v)
		}, nil
	}
	if conjunct {
		r.narrow(op, operand)
	}
	return func(h hit) bool { return match(referenceValue(r.names.resource(h.key))) }, nil
}

// checkOperand refuses what Firestore refuses: lists where an operator wants
// none, and anything but references for __name__.
func (r *filterReader) checkOperand(op fieldOp, path fieldPath, v *pb.Value) error {
	if classOf(v) == classUnknown {
		return invalid("Filter on %q has a value of no type.", path)
	}
	list := []*pb.Value{v}
	switch op {
	case pb.StructuredQuery_FieldFilter_IN, pb.StructuredQuery_FieldFilter_ARRAY_CONTAINS_ANY,
		pb.StructuredQuery_FieldFilter_NOT_IN:
		list = v.GetArrayValue().GetValues()
		limit := maxDisjunctions
		if op == pb.StructuredQuery_FieldFilter_NOT_IN {
			limit = maxNotIn
		}
		if len(list) == 0 {
			return invalid("'%v' requires an non-empty ArrayValue.", op)
		}
		if len(list) > limit {
			return invalid("'%v' supports up to %d comparison values.", op, limit)
		}
	}
	if !path.isName() {
		return nil
	}
	if op == pb.StructuredQuery_FieldFilter_ARRAY_CONTAINS || op == pb.StructuredQuery_FieldFilter_ARRAY_CONTAINS_ANY {
		return invalid("__name__ is no array: '%v' cannot filter it.", op)
	}
	for _, v := range list {
		if classOf(v) != classReference {
			return invalid("__key__ filter value must be a Key")
		}
		if _, err := r.names.document(v.GetReferenceValue()); err != nil {
			return err
		}
	}
	return nil
}

// narrow turns a filter on __name__ into bounds of the scan.
func (r *filterReader) narrow(op fieldOp, v *pb.Value) {
	if classOf(v) != classReference {
		return
	}
	k, err := r.names.document(v.GetReferenceValue())
	if err != nil {
		return // checkOperand has refused it
	}
	switch op {
	case pb.StructuredQuery_FieldFilter_LESS_THAN:
		r.span.atMost(k, false)
	case pb.StructuredQuery_FieldFilter_LESS_THAN_OR_EQUAL:
		r.span.atMost(k, true)
	case pb.StructuredQuery_FieldFilter_GREATER_THAN:
		r.span.atLeast(k, true)
	case pb.StructuredQuery_FieldFilter_GREATER_THAN_OR_EQUAL:
		r.span.atLeast(k, false)
	case pb.StructuredQuery_FieldFilter_EQUAL:
		r.span.atLeast(k, false)
		r.span.atMost(k, true)
	}
}

// matcher returns the test of one present field. Null and NaN are found by
// unary filters only: as operands they match nothing.
func matcher(op fieldOp, operand *pb.Value) (func(*pb.Value) bool, error) {
	nothing := classOf(operand) == classNull || isNaN(operand)
	inequality := func(holds func(c int) bool) (func(*pb.Value) bool, error) {
		return func(v *pb.Value) bool {
			return classOf(v) == classOf(operand) && !isNaN(v) && holds(compareValues(v, operand))
		}, nil
	}
	list := operand.GetArrayValue().GetValues()
	null := slices.ContainsFunc(list, func(x *pb.Value) bool { return classOf(x) == classNull })
	list = slices.DeleteFunc(slices.Clone(list), func(x *pb.Value) bool { return classOf(x) == classNull || isNaN(x) })
	in := func(v *pb.Value) bool {
		return slices.ContainsFunc(list, func(x *pb.Value) bool { return equalValues(v, x) })
	}
	switch {
	case op == pb.StructuredQuery_FieldFilter_OPERATOR_UNSPECIFIED:
		return nil, invalid("Field filter operator is not set.")
	case nothing:
		return func(*pb.Value) bool { return false }, nil
	}
	switch op {
	case pb.StructuredQuery_FieldFilter_EQUAL:
		return func(v *pb.Value) bool { return equalValues(v, operand) }, nil
	case pb.StructuredQuery_FieldFilter_NOT_EQUAL:
		return func(v *pb.Value) bool { return classOf(v) != classNull && !equalValues(v, operand) }, nil
	case pb.StructuredQuery_FieldFilter_LESS_THAN:
		return inequality(func(c int) bool { return c < 0 })
	case pb.StructuredQuery_FieldFilter_LESS_THAN_OR_EQUAL:
		return inequality(func(c int) bool { return c <= 0 })
	case pb.StructuredQuery_FieldFilter_GREATER_THAN:
		return inequality(func(c int) bool { return c > 0 })
	case pb.StructuredQuery_FieldFilter_GREATER_THAN_OR_EQUAL:
		return inequality(func(c int) bool { return c >= 0 })
	case pb.StructuredQuery_FieldFilter_IN:
		return in, nil
	case pb.StructuredQuery_FieldFilter_NOT_IN:
		return func(v *pb.Value) bool { return !null && classOf(v) != classNull && !in(v) }, nil
	case pb.StructuredQuery_FieldFilter_ARRAY_CONTAINS:
		return func(v *pb.Value) bool {
			return slices.ContainsFunc(v.GetArrayValue().GetValues(), func(x *pb.Value) bool { return equalValues(x, operand) })
		}, nil
	case pb.StructuredQuery_FieldFilter_ARRAY_CONTAINS_ANY:
		return func(v *pb.Value) bool { return slices.ContainsFunc(v.GetArrayValue().GetValues(), in) }, nil
	}
	return nil, unimplemented("filter operator %v", op)
}

func (r *filterReader) unary(u *pb.StructuredQuery_UnaryFilter) (filter, error) {
	path, err := parseFieldPath(u.GetField().GetFieldPath())
	if err != nil {
		return nil, err
	}
	if path.isName() {
		return nil, invalid("__name__ cannot be filtered by '%v'.", u.GetOp())
	}
	var match func(*pb.Value) bool
	switch u.GetOp() {
	case pb.StructuredQuery_UnaryFilter_IS_NULL:
		match = func(v *pb.Value) bool { return classOf(v) == classNull }
	case pb.StructuredQuery_UnaryFilter_IS_NAN:
		match = isNaN
	case pb.StructuredQuery_UnaryFilter_IS_NOT_NULL:
		r.order(path)
		r.negated++
		match = func(v *pb.Value) bool { return classOf(v) != classNull }
	case pb.StructuredQuery_UnaryFilter_IS_NOT_NAN:
		r.order(path)
		r.negated++
		match = func(v *pb.Value) bool { return classOf(v) != classNull && !isNaN(v) }
	case pb.StructuredQuery_UnaryFilter_OPERATOR_UNSPECIFIED:
		return nil, invalid("Unary filter operator is not set.")
	default:
		return nil, unimplemented("unary filter operator %v", u.GetOp())
	}
	return func(h hit) bool {
		v := lookup(h.fields, path)
		return v != nil && match(v)
	}, nil
}
