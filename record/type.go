package record

import "fmt"

// Kind is the kind of a type or of a value.
type Kind uint8

// The kinds. KindNull is the kind of the null value only, never of a type.
const (
	KindNull Kind = iota
	KindBool
	KindInt64
	KindDouble
	KindDecimal
	KindString
	KindBytes
	KindTimestamp
	KindDate
	KindJSON
	KindList
	KindStruct
)

var kindNames = [...]string{"null", "bool", "int64", "double", "decimal", "string", "bytes", "timestamp", "date", "json", "list", "struct"}

// String returns the name of the kind as it stands in a type's text.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// Type is the type of a column, a list's elements or a struct's field. A Type is
// not changed after it was made.
type Type struct {
	// Kind is what the type is; it is never KindNull.
	Kind Kind
	// Precision is the number of digits of a decimal, 1 to 76.
	Precision int
	// Scale is the number of a decimal's digits behind the point, 0 to Precision.
	Scale int
	// Elem is the type of a list's elements.
	Elem *Type
	// Fields are the fields of a struct, in order.
	Fields []Field
}

// Field is a named column of a schema or a named field of a struct.
type Field struct {
	// Name is compared byte by byte; it is not empty.
	Name string
	// Type says what the values are.
	Type Type
}

// Of returns the type of a kind that has no parameters. KindDecimal gives
// decimal(38,9); for KindList and KindStruct use ListOf and StructOf.
func Of(k Kind) Type {
	if k == KindDecimal {
		return DecimalOf(38, 9)
	}
	return Type{Kind: k}
}

// DecimalOf returns the type of decimals with that many digits, scale of them
// behind the point.
func DecimalOf(precision, scale int) Type {
	return Type{Kind: KindDecimal, Precision: precision, Scale: scale}
}

// ListOf returns the type of lists of elem.
func ListOf(elem Type) Type { return Type{Kind: KindList, Elem: &elem} }

// StructOf returns the type of structs with these fields.
func StructOf(fields ...Field) Type { return Type{Kind: KindStruct, Fields: fields} }

// Equal reports whether t and o are the same type, names and order of fields
// included.
func (t Type) Equal(o Type) bool {
	if t.Kind != o.Kind {
		return false
	}
	switch t.Kind {
	case KindDecimal:
		return t.Precision == o.Precision && t.Scale == o.Scale
	case KindList:
		return t.Elem != nil && o.Elem != nil && t.Elem.Equal(*o.Elem)
	case KindStruct:
		return equalFields(t.Fields, o.Fields)
	}
	return true
}

func equalFields(a, b []Field) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Name != b[i].Name || !a[i].Type.Equal(b[i].Type) {
			return false
		}
	}
	return true
}
