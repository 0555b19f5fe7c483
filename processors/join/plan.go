package join

import (
	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/record"
)

// outColumn is a column of the result and where its cells come from.
type outColumn struct {
	name  string
	typ   record.Type
	begin []byte // the name with what stands before it in the JSON
	// left and right are the schema's columns, or -1, in the order in which they
	// are asked; key says which key's cast values stand for them, or -1.
	left, right int
	key         int
	// coalesce asks the right side also where the left has a null.
	coalesce bool
	// leftCell and rightCell are the places among the rows' cells, or -1.
	leftCell, rightCell int
}

// shape is what the settings say about the columns of the result.
type shape struct {
	left, right []column
	collisions  string
	mark        string
}

// columns lays out the result of two sides whose keys are resolved.
func (s *shape) columns(l, r *side) ([]outColumn, *fault.Error) {
	out, f := s.leftColumns(l, r)
	if f != nil {
		return nil, f
	}
	more, f := s.rightColumns(r)
	if f != nil {
		return nil, f
	}
	names := map[string]int{}
	for i, c := range out {
		if _, twice := names[c.name]; twice {
			return nil, fault.New("join_column_twice", "column", c.name).Permanent()
		}
		names[c.name] = i
	}
	for _, c := range more {
		at, twice := names[c.name]
		if !twice {
			names[c.name] = len(out)
			out = append(out, c)
			continue
		}
		switch s.collisions {
		case collideLeft:
			continue
		case collideRight:
			out[at] = c
			continue
		case collideCoalesce:
			o := &out[at]
			if !o.typ.Equal(c.typ) {
				return nil, fault.New("join_coalesce_types", "column", c.name, "left_type", o.typ, "right_type", c.typ).Permanent()
			}
			if o.key < 0 {
				o.right, o.coalesce = c.right, true
			}
			continue
		case collideFail:
			return nil, fault.New("join_column_twice", "column", c.name).Permanent()
		case collidePrefix:
			c.name = s.mark + "_" + c.name
		default:
			c.name += "_" + s.mark
		}
		if _, twice := names[c.name]; twice {
			return nil, fault.New("join_column_twice", "column", c.name).Permanent()
		}
		names[c.name] = len(out)
		out = append(out, c)
	}
	for i := range out {
		out[i].begin = append([]byte{','}, named(out[i].name)...)
		if i == 0 {
			out[i].begin[0] = '{'
		}
	}
	return out, nil
}

// leftColumns are the left side's columns; the keys are always among them.
func (s *shape) leftColumns(l, r *side) ([]outColumn, *fault.Error) {
	list := s.left
	if len(list) == 0 {
		for _, name := range l.schema.Names() {
			list = append(list, column{name, name})
		}
	}
	listed := map[string]bool{}
	for _, c := range list {
		listed[c.name] = true
	}
	var keys []column
	for _, k := range l.keys {
		if !listed[k.column] {
			listed[k.column] = true
			keys = append(keys, column{k.column, k.column})
		}
	}
	var out []outColumn
	taken := map[string]bool{}
	for _, c := range append(keys, list...) {
		at := l.schema.Index(c.name)
		if at < 0 {
			return nil, l.unknown(c.name)
		}
		o := outColumn{name: c.as, typ: l.schema.Fields[at].Type, left: at, right: -1, key: -1}
		for i, k := range l.keys {
			if k.at != at || taken[c.name] {
				continue
			}
			taken[c.name] = true
			o.right, o.key = r.keys[i].at, i
			if !k.from.Equal(r.keys[i].from) {
				o.typ = k.to
			}
			break
		}
		out = append(out, o)
	}
	return out, nil
}

// rightColumns are those that are listed, or all but the keys.
func (s *shape) rightColumns(r *side) ([]outColumn, *fault.Error) {
	list := s.right
	if len(list) == 0 {
		keys := map[int]bool{}
		for _, k := range r.keys {
			keys[k.at] = true
		}
		for i, name := range r.schema.Names() {
			if !keys[i] {
				list = append(list, column{name, name})
			}
		}
	}
	var out []outColumn
	for _, c := range list {
		at := r.schema.Index(c.name)
		if at < 0 {
			return nil, r.unknown(c.name)
		}
		out = append(out, outColumn{name: c.as, typ: r.schema.Fields[at].Type, left: -1, right: at, key: -1})
	}
	return out, nil
}

// seat finds the cells of the columns once both sides are laid out.
func seat(out []outColumn, l, r *side) {
	cell := func(d *side, at, key int) int {
		switch {
		case at < 0:
			return -1
		case key >= 0 && d.keys[key].extra >= 0:
			return d.keys[key].extra
		}
		return d.place[at]
	}
	for i := range out {
		o := &out[i]
		o.leftCell, o.rightCell = cell(l, o.left, o.key), cell(r, o.right, o.key)
	}
}

// schemaOf is the schema of the result.
func schemaOf(out []outColumn) (*record.Schema, error) {
	fields := make([]record.Field, len(out))
	for i, o := range out {
		fields[i] = record.Field{Name: o.name, Type: o.typ}
	}
	return record.NewSchema(fields...)
}

// appendRow appends the row of the result that a left and a right row make; one
// of them may be nil.
func appendRow(b []byte, out []outColumn, left, right [][]byte) []byte {
	for i := range out {
		o := &out[i]
		b = append(b, o.begin...)
		var cell []byte
		if left != nil && o.leftCell >= 0 {
			cell = left[o.leftCell]
			if o.coalesce && string(cell) == "null" {
				cell = nil
			}
		}
		if cell == nil && right != nil && o.rightCell >= 0 && (left == nil || o.leftCell < 0 || o.coalesce) {
			cell = right[o.rightCell]
		}
		if cell == nil {
			cell = null
		}
		b = append(b, cell...)
	}
	return append(b, '}', '\n')
}
