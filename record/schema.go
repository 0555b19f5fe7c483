package record

// Schema is the columns of a table, in order. It is not changed after it was
// made; make one with NewSchema or by unmarshalling its JSON form
//
//	[["uid","string"],["tags","list<string>"]]
//
// both of which refuse an empty name and a name that stands twice.
type Schema struct {
	// Fields are the columns in order.
	Fields []Field
}

// Index returns the position of the column with exactly that name, or -1.
func (s *Schema) Index(name string) int {
	for i := range s.Fields {
		if s.Fields[i].Name == name {
			return i
		}
	}
	return -1
}

// Equal reports whether both have the same columns in the same order.
func (s *Schema) Equal(o *Schema) bool { return equalFields(s.Fields, o.Fields) }

// Names returns the names of the columns in order.
func (s *Schema) Names() []string {
	out := make([]string, len(s.Fields))
	for i := range s.Fields {
		out[i] = s.Fields[i].Name
	}
	return out
}
