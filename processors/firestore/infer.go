package firestore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"

	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/record"
)

const (
	// defaultSample is how many documents are looked at unless it is said.
	defaultSample = 200
	// starts is at how many places of the collection sampling begins.
	starts = 20
)

// Infer proposes a schema from documents all over the collection: those that
// were made first, which a collection with ordered ids begins with, often look
// unlike the later ones.
func (r *ReadFirestore) Infer(ctx context.Context, env processors.Env, sample int) (*record.Schema, []string, error) {
	if err := r.connect(env); err != nil {
		return nil, nil, err
	}
	if sample <= 0 {
		sample = defaultSample
	}
	n, err := r.count(ctx, time.Time{})
	if err != nil {
		return nil, nil, err
	}
	if n.documents == 0 {
		return nil, nil, r.nothing(ctx)
	}
	s := &sampler{seen: map[string]bool{}}
	if err := r.sample(ctx, n, int64(sample), s); err != nil {
		return nil, nil, err
	}
	schema, doubts, err := s.proposal()
	if err != nil {
		return nil, nil, err
	}
	if int64(len(s.seen)) < n.documents {
		doubts = append(doubts, fmt.Sprintf("%d of %d documents were sampled; a field that none of them has is missing.", len(s.seen), n.documents))
	}
	return schema, doubts, nil
}

// sample reads about that many documents: all if there are no more, or else a
// few behind each of a number of places between the first and the last.
func (r *ReadFirestore) sample(ctx context.Context, n counted, sample int64, s *sampler) error {
	var first, last string
	read := func(after string, limit int64, direction pb.StructuredQuery_Direction) error {
		first, last = "", ""
		return r.some(ctx, r.place.ordered(after, limit, r.fields, direction), n.at, func(d *document) error {
			last = strings.Clone(d.name)
			first = cmp.Or(first, last)
			return s.add(d)
		})
	}
	if n.documents <= sample {
		return read("", n.documents, pb.StructuredQuery_ASCENDING)
	}
	each := max(1, sample/starts)
	if err := read("", each, pb.StructuredQuery_ASCENDING); err != nil {
		return err
	}
	low, ends := first, []string{last}
	if err := read("", 1, pb.StructuredQuery_DESCENDING); err != nil {
		return err
	}
	root := r.client.Root() + "/"
	var behind []string
	for _, path := range between(strings.TrimPrefix(low, root), strings.TrimPrefix(last, root), int(min(starts, sample))-1) {
		behind = append(behind, root+path)
	}
	// Places may lie in one gap, or few documents behind one: a second round goes
	// on where the first left off.
	for _, round := range []*[]string{&behind, &ends} {
		for _, name := range *round {
			left := sample - int64(len(s.seen))
			if left <= 0 {
				return nil
			}
			limit := min(each, left)
			if round == &ends {
				limit = min(left, 2*each)
			}
			if err := read(name, limit, pb.StructuredQuery_ASCENDING); err != nil {
				return err
			}
			if last != "" {
				ends = append(ends, last)
			}
		}
	}
	return nil
}

// sampler looks at documents.
type sampler struct {
	seen map[string]bool
	of   record.Inferrer
}

func (s *sampler) add(d *document) error {
	if s.seen[d.name] {
		return nil
	}
	s.seen[strings.Clone(d.name)] = true
	s.of.Row()
	for _, f := range d.fields {
		v, err := natural(f.v, 0)
		if errors.Is(err, errWire) {
			return err
		}
		if err != nil {
			s.of.Observe(strings.Clone(f.name), record.KindJSON)
			continue
		}
		s.of.ObserveValue(strings.Clone(f.name), v)
	}
	return nil
}

// natural is the value of the type that is closest to a Firestore value's own.
func natural(v value, depth int) (record.Value, error) {
	var c converter
	kinds := map[kind]record.Kind{kindBool: record.KindBool, kindInteger: record.KindInt64, kindDouble: record.KindDouble,
		kindString: record.KindString, kindReference: record.KindString, kindBytes: record.KindBytes, kindTimestamp: record.KindTimestamp}
	if k, ok := kinds[v.kind]; ok {
		t := record.Of(k)
		return c.to(&t, v, depth)
	}
	if v.kind == kindNull {
		return record.Null, nil
	}
	elements := v
	if v.kind == kindMap {
		fields, err := readMap(v.b, nil)
		if err != nil {
			return record.Null, err
		}
		elements, _ = vectorOf(fields)
	}
	if elements.kind != kindArray || depth > 0 {
		return c.toJSON(v, depth)
	}
	var items []record.Value
	err := readArray(elements.b, func(e value) error {
		item, err := natural(e, depth+1)
		items = append(items, item)
		return err
	})
	return record.List(items...), err
}

// proposal returns the columns by name, since Firestore keeps no order of
// fields, and what is in doubt about them.
func (s *sampler) proposal() (*record.Schema, []string, error) {
	reports := s.of.Report()
	slices.SortFunc(reports, func(a, b record.FieldReport) int { return strings.Compare(a.Field.Name, b.Field.Name) })
	var fields []record.Field
	var doubts []string
	for _, f := range reports {
		fields = append(fields, f.Field)
		switch {
		case f.Conflict:
			doubts = append(doubts, fmt.Sprintf("The field %s holds values of several types (%s); it becomes %s.", f.Field.Name, f, f.Field.Type))
		case len(f.Seen) == 0:
			doubts = append(doubts, fmt.Sprintf("The field %s was only ever null; it becomes %s.", f.Field.Name, f.Field.Type))
		}
	}
	schema, err := record.NewSchema(fields...)
	return schema, doubts, err
}
