package sandbox

import (
	"strings"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// fieldPath is a path to a field of a document; it has at least one segment.
type fieldPath []string

const nameField = "__name__"

func (p fieldPath) isName() bool { return len(p) == 1 && p[0] == nameField }

// parseFieldPath reads segments parted by dots; a segment in backquotes may
// hold anything, with \` and \\ for a backquote and a backslash.
func parseFieldPath(s string) (fieldPath, error) {
	bad := func(why string) (fieldPath, error) {
		return nil, status.Errorf(codes.InvalidArgument, "Invalid property path %q: %s.", s, why)
	}
	var path fieldPath
	for rest := s; ; {
		var seg strings.Builder
		if strings.HasPrefix(rest, "`") {
			i := 1
			for ; i < len(rest) && rest[i] != '`'; i++ {
				if rest[i] == '\\' && i+1 < len(rest) {
					i++
				}
				seg.WriteByte(rest[i])
			}
			if i == len(rest) {
				return bad("a backquote is not closed")
			}
			rest = rest[i+1:]
			if rest != "" && rest[0] != '.' {
				return bad("a dot must follow a quoted segment")
			}
		} else {
			end := strings.IndexByte(rest, '.')
			if end < 0 {
				end = len(rest)
			}
			if !isSimpleName(rest[:end]) {
				return bad("unquoted segments match [a-zA-Z_][a-zA-Z_0-9]*, quote others in backquotes")
			}
			seg.WriteString(rest[:end])
			rest = rest[end:]
		}
		if seg.Len() == 0 {
			return bad("a segment is empty")
		}
		path = append(path, seg.String())
		if rest == "" {
			return path, nil
		}
		rest = rest[1:]
	}
}

func isSimpleName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c != '_' && (c|0x20 < 'a' || c|0x20 > 'z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

// mask is the set of fields to return, as a tree: a nil child means the whole
// field. A nil *mask returns everything, an empty one nothing.
type mask struct{ fields map[string]*mask }

func newMask(paths []string) (*mask, error) {
	m := &mask{fields: map[string]*mask{}}
	for _, s := range paths {
		p, err := parseFieldPath(s)
		if err != nil {
			return nil, err
		}
		if p.isName() {
			continue
		}
		m.add(p)
	}
	return m, nil
}

func (m *mask) add(p fieldPath) {
	for i, seg := range p {
		sub, there := m.fields[seg]
		switch {
		case there && sub == nil:
			return // the whole field is wanted already
		case i == len(p)-1:
			m.fields[seg] = nil
		case !there:
			sub = &mask{fields: map[string]*mask{}}
			m.fields[seg] = sub
		}
		m = sub
	}
}

func documentMask(d *pb.DocumentMask) (*mask, error) {
	if d == nil {
		return nil, nil
	}
	return newMask(d.GetFieldPaths())
}

// apply returns the part of the wire form of fields that the mask wants.
func (m *mask) apply(fields []byte) []byte {
	if m == nil {
		return fields
	}
	var out []byte
	eachField(fields, func(name, _, whole []byte) bool {
		sub, wanted := m.fields[string(name)]
		switch {
		case !wanted:
		case sub == nil:
			out = append(out, whole...)
		default:
			all := decodeFields(whole)
			if kept := sub.keep(all[string(name)]); kept != nil {
				b, err := encodeFields(map[string]*pb.Value{string(name): kept})
				if err != nil {
					panic("sandbox: stored value does not encode: " + err.Error())
				}
				out = append(out, b...)
			}
		}
		return true
	})
	return out
}

// keep returns the wanted part of a map, or nil when there is none.
func (m *mask) keep(v *pb.Value) *pb.Value {
	if m == nil {
		return v
	}
	if v.GetMapValue() == nil {
		return nil
	}
	out := map[string]*pb.Value{}
	for name, sub := range m.fields {
		if in, ok := v.GetMapValue().GetFields()[name]; ok {
			if kept := sub.keep(in); kept != nil {
				out[name] = kept
			}
		}
	}
	if len(out) == 0 {
		return nil
	}
	return &pb.Value{ValueType: &pb.Value_MapValue{MapValue: &pb.MapValue{Fields: out}}}
}
