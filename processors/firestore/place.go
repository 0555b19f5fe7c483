package firestore

import (
	"regexp"
	"strings"

	"google.golang.org/protobuf/types/known/wrapperspb"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"

	"github.com/weirflow/weir/fault"
)

// place is a collection, or the group of all collections of an id below a
// document or the root.
type place struct {
	// parent is the path of the document above, empty for the root.
	parent string
	id     string
	group  bool
}

// parsePlace reads a collection's id or path.
func parsePlace(path string, group bool) (place, *fault.Error) {
	segments := strings.Split(path, "/")
	bad := len(segments)%2 == 0
	for _, s := range segments {
		bad = bad || s == "" || s == "." || s == ".." || len(s) > 1500 ||
			len(s) >= 4 && strings.HasPrefix(s, "__") && strings.HasSuffix(s, "__")
	}
	if bad {
		return place{}, fault.New("firestore_collection_path", "collection", clip(path)).Permanent()
	}
	last := len(segments) - 1
	return place{parent: strings.Join(segments[:last], "/"), id: segments[last], group: group}, nil
}

// String returns the collection's path.
func (p place) String() string {
	if p.parent == "" {
		return p.id
	}
	return p.parent + "/" + p.id
}

// above returns the resource name of the parent.
func (p place) above(root string) string {
	if p.parent == "" {
		return root
	}
	return root + "/" + p.parent
}

// query returns the query for all documents of the place.
func (p place) query() *pb.StructuredQuery {
	return &pb.StructuredQuery{From: []*pb.StructuredQuery_CollectionSelector{{CollectionId: p.id, AllDescendants: p.group}}}
}

// ordered returns the query for up to limit documents by name, in either
// direction; after, when not empty, is the resource name that they lie behind.
func (p place) ordered(after string, limit int64, mask []string, direction pb.StructuredQuery_Direction) *pb.StructuredQuery {
	q := p.query()
	q.OrderBy = []*pb.StructuredQuery_Order{{Field: &pb.StructuredQuery_FieldReference{FieldPath: nameField}, Direction: direction}}
	q.Limit = wrapperspb.Int32(int32(limit))
	if after != "" {
		q.StartAt = &pb.Cursor{Values: []*pb.Value{{ValueType: &pb.Value_ReferenceValue{ReferenceValue: after}}}}
	}
	if len(mask) > 0 {
		q.Select = &pb.StructuredQuery_Projection{}
		for _, f := range mask {
			q.Select.Fields = append(q.Select.Fields, &pb.StructuredQuery_FieldReference{FieldPath: f})
		}
	}
	return q
}

// nameField is the field path of a document's name.
const nameField = "__name__"

var plainSegment = regexp.MustCompile(`^[A-Za-z_][A-Za-z_0-9]*$`)

// quoteSegment writes a field's name as a segment of a field path.
func quoteSegment(name string) string {
	if plainSegment.MatchString(name) {
		return name
	}
	return "`" + strings.NewReplacer("\\", "\\\\", "`", "\\`").Replace(name) + "`"
}
