package duck

import (
	"strconv"
	"strings"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/record"
)

// maxDigits is how many digits a decimal of DuckDB holds.
const maxDigits = 38

// ColumnType returns DuckDB's type for columns of a type of ours.
func ColumnType(t record.Type) (string, error) { return typeName(t, stored) }

// form is where a type's name stands.
type form uint8

const (
	// stored is the type of a table's column.
	stored form = iota
	// spooled is the type that a column of a spool file is read with.
	spooled
)

var plain = map[record.Kind]string{
	record.KindBool: "BOOLEAN", record.KindInt64: "BIGINT", record.KindDouble: "DOUBLE", record.KindString: "VARCHAR",
	record.KindBytes: "BLOB", record.KindTimestamp: "TIMESTAMPTZ", record.KindDate: "DATE", record.KindJSON: "JSON",
}

func typeName(t record.Type, f form) (string, error) {
	switch t.Kind {
	case record.KindBytes, record.KindJSON:
		if f == spooled {
			return "VARCHAR", nil // base64; the text of the JSON
		}
	case record.KindDecimal:
		if t.Precision > maxDigits {
			return "", fault.New("duck_decimal_wide", "type", t, "most", maxDigits).Permanent()
		}
		return "DECIMAL(" + strconv.Itoa(t.Precision) + "," + strconv.Itoa(t.Scale) + ")", nil
	case record.KindList:
		elem, err := typeName(*t.Elem, f)
		return elem + "[]", err
	case record.KindStruct:
		if err := distinct(t.Fields); err != nil {
			return "", err
		}
		var b strings.Builder
		b.WriteString("STRUCT(")
		for i := range t.Fields {
			name, err := typeName(t.Fields[i].Type, f)
			if err != nil {
				return "", err
			}
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(Ident(t.Fields[i].Name) + " " + name)
		}
		return b.String() + ")", nil
	}
	return plain[t.Kind], nil
}

// distinct refuses names that DuckDB cannot tell apart, and none at all.
func distinct(fields []record.Field) error {
	names := make([]string, len(fields))
	for i := range fields {
		names[i] = fields[i].Name
	}
	return distinctNames(names)
}

func distinctNames(names []string) error {
	if len(names) == 0 {
		return fault.New("duck_no_columns").Permanent()
	}
	seen := map[string]string{}
	for _, name := range names {
		key := strings.ToLower(name)
		if other, ok := seen[key]; ok {
			return fault.New("duck_names_collide", "column", name, "other", other).Permanent()
		}
		seen[key] = name
	}
	return nil
}

// has reports whether a type is or holds one of the kinds.
func has(t record.Type, kinds ...record.Kind) bool {
	for _, k := range kinds {
		if t.Kind == k {
			return true
		}
	}
	if t.Kind == record.KindList {
		return has(*t.Elem, kinds...)
	}
	for i := range t.Fields {
		if has(t.Fields[i].Type, kinds...) {
			return true
		}
	}
	return false
}

// convert writes SQL that changes the value x of type t: leaf changes scalars,
// lists and structs are taken apart and put together again where they hold one
// that changes.
func convert(x string, t record.Type, changes func(record.Type) bool, leaf func(x string, t record.Type) string, depth int) string {
	if !changes(t) {
		return x
	}
	switch t.Kind {
	case record.KindList:
		v := "v" + strconv.Itoa(depth)
		return "list_transform(" + x + ", lambda " + v + ": " + convert(v, *t.Elem, changes, leaf, depth+1) + ")"
	case record.KindStruct:
		var b strings.Builder
		b.WriteString("CASE WHEN " + x + " IS NULL THEN NULL ELSE struct_pack(")
		for i := range t.Fields {
			f := &t.Fields[i]
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(Ident(f.Name) + " := " + convert("struct_extract("+x+", "+literal(f.Name)+")", f.Type, changes, leaf, depth))
		}
		return b.String() + ") END"
	}
	return leaf(x, t)
}

// decoded writes SQL that makes the stored value of a spooled one.
func decoded(x string, t record.Type) string {
	return convert(x, t, func(t record.Type) bool { return has(t, record.KindBytes, record.KindJSON) },
		func(x string, t record.Type) string {
			switch t.Kind {
			case record.KindBytes:
				return "from_base64(" + x + ")"
			case record.KindJSON:
				return x + "::JSON"
			}
			return x
		}, 0)
}
