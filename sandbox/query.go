package sandbox

import (
	"errors"
	"slices"
	"strings"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// unimplemented is the answer to what the sandbox knows of but cannot do.
func unimplemented(format string, args ...any) error {
	return status.Errorf(codes.Unimplemented, "The sandbox does not implement "+format+".", args...)
}

// ordering is one term of the order of a query's results.
type ordering struct {
	field fieldPath
	desc  bool
}

// errEnough ends a walk at the limit.
var errEnough = errors.New("enough")

// plan is a checked query.
type plan struct {
	names  names
	span   span
	match  filter     // nil: every document
	order  []ordering // ends with __name__
	given  int        // how many terms of it the query names
	start  *pb.Cursor
	end    *pb.Cursor
	offset int
	limit  int // -1: none
	mask   *mask
}

// newPlan checks a query below parent and plans it.
func newPlan(n names, parent key, q *pb.StructuredQuery) (*plan, error) {
	if q == nil {
		return nil, invalid("A structured_query is required.")
	}
	p := &plan{names: n, start: q.GetStartAt(), end: q.GetEndAt(), offset: int(q.GetOffset()), limit: -1}
	if q.GetFindNearest() != nil {
		return nil, unimplemented("find_nearest")
	}
	switch from := q.GetFrom(); {
	case len(from) != 1:
		return nil, invalid("A query must have exactly one 'from' collection.")
	case from[0].GetCollectionId() == "":
		return nil, unimplemented("a query over all collections (an empty collection_id)")
	default:
		if err := checkSegment(from[0].GetCollectionId()); err != nil {
			return nil, err
		}
		p.span = collection(parent, from[0].GetCollectionId())
		if from[0].GetAllDescendants() {
			p.span = descendants(parent, from[0].GetCollectionId())
		}
	}
	if p.offset < 0 {
		return nil, invalid("offset is negative.")
	}
	if q.GetLimit() != nil {
		if p.limit = int(q.GetLimit().GetValue()); p.limit < 0 {
			return nil, invalid("limit is negative.")
		}
	}
	if s := q.GetSelect(); len(s.GetFields()) > 0 {
		var paths []string
		for _, f := range s.GetFields() {
			paths = append(paths, f.GetFieldPath())
		}
		var err error
		if p.mask, err = newMask(paths); err != nil {
			return nil, err
		}
	}
	r := filterReader{names: n, span: &p.span}
	if q.GetWhere() != nil {
		var err error
		if p.match, err = r.read(q.GetWhere(), true); err != nil {
			return nil, err
		}
		if err := r.check(); err != nil {
			return nil, err
		}
	}
	if err := p.orderBy(q.GetOrderBy(), r.unequal); err != nil {
		return nil, err
	}
	return p, p.cursors()
}

// orderBy completes the given order as Firestore does: fields of inequalities
// that are missing from it follow by name, then __name__, all in the direction
// of the last given term.
func (p *plan) orderBy(given []*pb.StructuredQuery_Order, unequal []fieldPath) error {
	desc := false
	has := func(f fieldPath) bool {
		return slices.ContainsFunc(p.order, func(o ordering) bool { return slices.Equal(o.field, f) })
	}
	for _, o := range given {
		f, err := parseFieldPath(o.GetField().GetFieldPath())
		if err != nil {
			return err
		}
		if has(fieldPath{nameField}) {
			return invalid("order by clause cannot contain more fields after the key")
		}
		if has(f) {
			return invalid("order_by names %s twice.", strings.Join(f, "."))
		}
		switch o.GetDirection() {
		case pb.StructuredQuery_DIRECTION_UNSPECIFIED, pb.StructuredQuery_ASCENDING:
			desc = false
		case pb.StructuredQuery_DESCENDING:
			desc = true
		default:
			return unimplemented("direction %v", o.GetDirection())
		}
		p.order = append(p.order, ordering{f, desc})
	}
	p.given = len(given)
	slices.SortFunc(unequal, func(a, b fieldPath) int { return slices.Compare(a, b) })
	for _, f := range append(unequal, fieldPath{nameField}) {
		if !f.isName() && !has(f) {
			p.order = append(p.order, ordering{f, desc})
		}
	}
	if !has(fieldPath{nameField}) {
		p.order = append(p.order, ordering{fieldPath{nameField}, desc})
	}
	return nil
}

// byName reports whether the results come in the order of the index.
func (p *plan) byName() bool { return len(p.order) == 1 }

// cursors checks the cursors and, in the order of the index, turns them into
// bounds of the span.
func (p *plan) cursors() error {
	for _, c := range []*pb.Cursor{p.start, p.end} {
		if len(c.GetValues()) > p.given {
			return invalid("Cursor has too many values.")
		}
		for i, v := range c.GetValues() {
			if classOf(v) == classUnknown {
				return invalid("Cursor value %d has no type.", i)
			}
			if p.order[i].field.isName() {
				if classOf(v) != classReference {
					return invalid("The cursor's value for __name__ must be a reference to a document.")
				}
				if _, err := p.names.document(v.GetReferenceValue()); err != nil {
					return err
				}
			}
		}
	}
	if !p.byName() {
		return nil
	}
	p.span.desc = p.order[0].desc
	if k, before, ok := p.bound(p.start); ok {
		if p.span.desc {
			p.span.atMost(k, before)
		} else {
			p.span.atLeast(k, !before)
		}
	}
	if k, before, ok := p.bound(p.end); ok {
		if p.span.desc {
			p.span.atLeast(k, before)
		} else {
			p.span.atMost(k, !before)
		}
	}
	return nil
}

func (p *plan) bound(c *pb.Cursor) (k key, before, ok bool) {
	if len(c.GetValues()) == 0 {
		return "", false, false
	}
	k, err := p.names.document(c.GetValues()[0].GetReferenceValue())
	return k, c.GetBefore(), err == nil
}

// run calls yield with the documents of the query at time t, in batches, and
// returns how many were skipped by the offset. It stops at yield's error.
func (p *plan) run(d *database, t int64, yield func([]hit) error) (skipped int, err error) {
	source := p.stream
	if !p.byName() {
		source = p.sorted
	}
	skip, left := p.offset, p.limit
	if left == 0 {
		return 0, nil
	}
	err = source(d, t, func(hits []hit) error {
		n := min(skip, len(hits))
		skip -= n
		skipped += n
		hits = hits[n:]
		if left >= 0 {
			hits = hits[:min(left, len(hits))]
			left -= len(hits)
		}
		if len(hits) > 0 {
			if err := yield(hits); err != nil {
				return err
			}
		}
		if left == 0 {
			return errEnough
		}
		return nil
	})
	if err == errEnough {
		err = nil
	}
	return skipped, err
}

// stream walks the index, which holds the results in their order.
func (p *plan) stream(d *database, t int64, yield func([]hit) error) error {
	s := p.span
	buf := make([]hit, 0, scanBatch)
	for done := false; !done; {
		buf, done = d.scan(&s, t, buf[:0])
		if p.match != nil {
			buf = slices.DeleteFunc(buf, func(h hit) bool { return !p.match(h) })
		}
		if err := yield(buf); err != nil {
			return err
		}
	}
	return nil
}

// ranked is a document with the values that order it.
type ranked struct {
	hit
	values []*pb.Value // one per term of the order, nil for __name__
}

// sorted collects and sorts the matching documents. A document that lacks a
// field of the order is no result.
func (p *plan) sorted(d *database, t int64, yield func([]hit) error) error {
	var all []ranked
	err := p.stream(d, t, func(hits []hit) error {
		for _, h := range hits {
			if r, ok := p.rank(h); ok && p.inside(r) {
				all = append(all, r)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortFunc(all, p.compare)
	hits := make([]hit, 0, scanBatch)
	for i, r := range all {
		hits = append(hits, r.hit)
		if len(hits) == scanBatch || i == len(all)-1 {
			if err := yield(hits); err != nil {
				return err
			}
			hits = hits[:0]
		}
	}
	return nil
}

func (p *plan) rank(h hit) (ranked, bool) {
	r := ranked{h, make([]*pb.Value, len(p.order))}
	for i, o := range p.order {
		if o.field.isName() {
			continue
		}
		if r.values[i] = lookup(h.fields, o.field); r.values[i] == nil {
			return r, false
		}
	}
	return r, true
}

func (p *plan) compare(a, b ranked) int {
	for i, o := range p.order {
		var c int
		if o.field.isName() {
			c = strings.Compare(a.key, b.key)
		} else {
			c = compareValues(a.values[i], b.values[i])
		}
		if o.desc {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

// inside reports whether a document lies between the cursors.
func (p *plan) inside(r ranked) bool {
	if c := p.start; len(c.GetValues()) > 0 {
		if at := p.against(r, c); at < 0 || at == 0 && !c.GetBefore() {
			return false
		}
	}
	if c := p.end; len(c.GetValues()) > 0 {
		if at := p.against(r, c); at > 0 || at == 0 && c.GetBefore() {
			return false
		}
	}
	return true
}

// against compares a document with a cursor, which may name only the first
// terms of the order.
func (p *plan) against(r ranked, c *pb.Cursor) int {
	for i, v := range c.GetValues() {
		var at int
		if p.order[i].field.isName() {
			at = compareValues(referenceValue(p.names.resource(r.key)), v)
		} else {
			at = compareValues(r.values[i], v)
		}
		if p.order[i].desc {
			at = -at
		}
		if at != 0 {
			return at
		}
	}
	return 0
}
