package sandbox

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Limits of a document, as Google documents them.
const (
	maxDocument = 1 << 20
	maxDepth    = 20
)

func notFound(name string) error {
	return status.Errorf(codes.NotFound, "Document %q not found.", name)
}

// batch collects the writes of one commit; it sees its own earlier writes.
// Whoever makes one holds db.mu until the batch is applied or dropped.
type batch struct {
	names   names
	db      *database
	time    int64
	changes []change
	at      map[key]int // index into changes
}

func (s *service) newBatch() *batch {
	return &batch{names: s.names, db: s.db, time: s.db.writeTime(), at: map[key]int{}}
}

// current returns the document that the next write of the batch finds.
func (b *batch) current(k key) *version {
	if i, ok := b.at[k]; ok {
		c := b.changes[i]
		if c.fields == nil {
			return nil
		}
		v := &version{fields: c.fields, created: c.created, updated: b.time}
		if v.created == 0 {
			v.created = b.time
		}
		return v
	}
	return b.db.getLocked(k, b.time)
}

func (b *batch) put(c change) {
	if i, ok := b.at[c.key]; ok {
		b.changes[i] = c
		return
	}
	b.at[c.key] = len(b.changes)
	b.changes = append(b.changes, c)
}

// write adds one write and returns its result.
func (b *batch) write(w *pb.Write) (*pb.WriteResult, error) {
	var name string
	transforms := w.GetUpdateTransforms()
	switch op := w.GetOperation().(type) {
	case *pb.Write_Update:
		name = op.Update.GetName()
	case *pb.Write_Delete:
		name = op.Delete
	case *pb.Write_Transform:
		name, transforms = op.Transform.GetDocument(), op.Transform.GetFieldTransforms()
	case nil:
		return nil, invalid("A write has no operation.")
	default:
		return nil, unimplemented("write operation %T", op)
	}
	k, err := b.names.document(name)
	if err != nil {
		return nil, err
	}
	was := b.current(k)
	if err := check(w.GetCurrentDocument(), was, name); err != nil {
		return nil, err
	}
	if _, ok := w.GetOperation().(*pb.Write_Delete); ok {
		if w.GetUpdateMask() != nil || len(transforms) > 0 {
			return nil, invalid("A delete has neither a mask nor transforms.")
		}
		b.put(change{key: k})
		return &pb.WriteResult{}, nil
	}
	fields, err := b.updated(w, was)
	if err != nil {
		return nil, err
	}
	res := &pb.WriteResult{UpdateTime: stamp(b.time)}
	for _, t := range transforms {
		v, err := transform(fields, t, b.time)
		if err != nil {
			return nil, err
		}
		res.TransformResults = append(res.TransformResults, v)
	}
	c := change{key: k}
	if c.fields, err = b.encode(name, fields); err != nil {
		return nil, err
	}
	if was != nil {
		c.created = was.created
		if bytes.Equal(was.fields, c.fields) {
			res.UpdateTime = stamp(was.updated) // nothing changed
			return res, nil
		}
	}
	b.put(c)
	return res, nil
}

// check compares a precondition with the document as it is.
func check(p *pb.Precondition, was *version, name string) error {
	switch c := p.GetConditionType().(type) {
	case nil:
	case *pb.Precondition_Exists:
		if c.Exists && was == nil {
			return status.Errorf(codes.NotFound, "No document to update: %s", name)
		}
		if !c.Exists && was != nil {
			return status.Errorf(codes.AlreadyExists, "Document already exists: %s", name)
		}
	case *pb.Precondition_UpdateTime:
		if was == nil {
			return status.Errorf(codes.FailedPrecondition, "No document to update: %s", name)
		}
		if want := stamp(was.updated); want.GetSeconds() != c.UpdateTime.GetSeconds() || want.GetNanos() != c.UpdateTime.GetNanos() {
			return status.Errorf(codes.FailedPrecondition,
				"The stored version of %s does not match the required base version.", name)
		}
	default:
		return unimplemented("precondition %T", c)
	}
	return nil
}

// updated returns the fields after the update part of a write.
func (b *batch) updated(w *pb.Write, was *version) (map[string]*pb.Value, error) {
	before := map[string]*pb.Value{}
	if was != nil {
		before = decodeFields(was.fields)
		if before == nil {
			before = map[string]*pb.Value{}
		}
	}
	if w.GetTransform() != nil {
		return before, nil
	}
	given := w.GetUpdate().GetFields()
	if given == nil {
		given = map[string]*pb.Value{}
	}
	for name, v := range given {
		if err := normalise(name, v, 1); err != nil {
			return nil, err
		}
	}
	if w.GetUpdateMask() == nil {
		return given, nil
	}
	for _, s := range w.GetUpdateMask().GetFieldPaths() {
		p, err := parseFieldPath(s)
		if err != nil {
			return nil, err
		}
		if reserved(p[0]) {
			return nil, invalid("The field path %q is reserved.", s)
		}
		if v := at(given, p); v != nil {
			set(before, p, v)
		} else {
			unset(before, p)
		}
	}
	return before, nil
}

func (b *batch) encode(name string, fields map[string]*pb.Value) ([]byte, error) {
	out, err := encodeFields(fields)
	if err != nil {
		return nil, invalid("Document %q does not encode: %v", name, err)
	}
	if size := len(name) + len(out); size > maxDocument {
		return nil, invalid("Document '%s' cannot be written because its size (%d bytes) exceeds the maximum allowed size of %d bytes.",
			name, size, maxDocument)
	}
	if out == nil {
		out = []byte{} // an empty document, not a deletion
	}
	return out, nil
}

func reserved(name string) bool {
	return len(name) >= 4 && strings.HasPrefix(name, "__") && strings.HasSuffix(name, "__")
}

// normalise checks a value that is to be stored and rounds its timestamps down
// to microseconds, as the service does.
func normalise(name string, v *pb.Value, level int) error {
	switch {
	case name == "":
		return invalid("A field name is empty.")
	case level == 1 && reserved(name):
		return invalid("The field name %q is reserved.", name)
	case !utf8.ValidString(name):
		return invalid("The field name %q is no valid UTF-8.", name)
	case level > maxDepth:
		return invalid("The value of property %q is nested more than %d levels deep.", name, maxDepth)
	}
	switch x := v.GetValueType().(type) {
	case *pb.Value_TimestampValue:
		x.TimestampValue.Nanos -= x.TimestampValue.GetNanos() % 1000
	case *pb.Value_ArrayValue:
		for _, e := range x.ArrayValue.GetValues() {
			if e.GetArrayValue() != nil {
				return invalid("Cannot convert an array value in an array value.")
			}
			if err := normalise(name, e, level+1); err != nil {
				return err
			}
		}
	case *pb.Value_MapValue:
		for k, e := range x.MapValue.GetFields() {
			if err := normalise(k, e, level+1); err != nil {
				return err
			}
		}
	case *pb.Value_NullValue, *pb.Value_BooleanValue, *pb.Value_IntegerValue, *pb.Value_DoubleValue,
		*pb.Value_StringValue, *pb.Value_BytesValue, *pb.Value_ReferenceValue, *pb.Value_GeoPointValue:
	case nil:
		return invalid("Property %q has a value of no type.", name)
	default:
		return invalid("Property %q has a value that cannot be stored (%T).", name, x)
	}
	return nil
}

// at returns the value at a path below fields, or nil.
func at(fields map[string]*pb.Value, p fieldPath) *pb.Value {
	v := fields[p[0]]
	for _, seg := range p[1:] {
		v = v.GetMapValue().GetFields()[seg]
	}
	return v
}

// set stores v at a path, making maps on the way of whatever stands there.
func set(fields map[string]*pb.Value, p fieldPath, v *pb.Value) {
	for _, seg := range p[:len(p)-1] {
		m := fields[seg].GetMapValue()
		if m == nil {
			m = &pb.MapValue{}
			fields[seg] = &pb.Value{ValueType: &pb.Value_MapValue{MapValue: m}}
		}
		if m.Fields == nil {
			m.Fields = map[string]*pb.Value{}
		}
		fields = m.Fields
	}
	fields[p[len(p)-1]] = v
}

func unset(fields map[string]*pb.Value, p fieldPath) {
	for _, seg := range p[:len(p)-1] {
		if fields = fields[seg].GetMapValue().GetFields(); fields == nil {
			return
		}
	}
	delete(fields, p[len(p)-1])
}

// union appends the elements that list lacks; without removes those it has.
func union(list, more []*pb.Value) []*pb.Value {
	for _, v := range more {
		if !slices.ContainsFunc(list, func(x *pb.Value) bool { return equalValues(x, v) }) {
			list = append(list, v)
		}
	}
	return list
}

func without(list, less []*pb.Value) []*pb.Value {
	return slices.DeleteFunc(list, func(x *pb.Value) bool {
		return slices.ContainsFunc(less, func(v *pb.Value) bool { return equalValues(x, v) })
	})
}
