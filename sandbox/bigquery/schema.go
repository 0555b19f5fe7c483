package bigquery

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// kinds are the types of columns: by the name of the REST API, with the names
// of GoogleSQL as synonyms, and DuckDB's type for each.
var kinds = map[string]struct{ name, duck string }{
	"STRING": {"STRING", "VARCHAR"}, "BYTES": {"BYTES", "BLOB"},
	"INTEGER": {"INTEGER", "BIGINT"}, "INT64": {"INTEGER", "BIGINT"},
	"FLOAT": {"FLOAT", "DOUBLE"}, "FLOAT64": {"FLOAT", "DOUBLE"},
	"NUMERIC": {"NUMERIC", "DECIMAL(38,9)"}, "DECIMAL": {"NUMERIC", "DECIMAL(38,9)"},
	"BIGNUMERIC": {"BIGNUMERIC", "DECIMAL(38,18)"}, "BIGDECIMAL": {"BIGNUMERIC", "DECIMAL(38,18)"},
	"BOOLEAN": {"BOOLEAN", "BOOLEAN"}, "BOOL": {"BOOLEAN", "BOOLEAN"},
	"TIMESTAMP": {"TIMESTAMP", "TIMESTAMPTZ"}, "DATE": {"DATE", "DATE"},
	"TIME": {"TIME", "TIME"}, "DATETIME": {"DATETIME", "TIMESTAMP"},
	"GEOGRAPHY": {"GEOGRAPHY", "VARCHAR"}, "JSON": {"JSON", "JSON"},
	"RECORD": {"RECORD", ""}, "STRUCT": {"RECORD", ""},
}

func (f *Field) repeated() bool { return f.Mode == "REPEATED" }
func (f *Field) required() bool { return f.Mode == "REQUIRED" }

// duckType returns DuckDB's type of the column.
func (f *Field) duckType() string {
	t := kinds[f.Type].duck
	if f.Type == "RECORD" {
		t = "STRUCT(" + columnsOf(f.Fields) + ")"
	}
	if f.repeated() {
		t += "[]"
	}
	return t
}

// columnsOf returns the columns as DuckDB declares them.
func columnsOf(fields []*Field) string {
	parts := make([]string, len(fields))
	for i, f := range fields {
		parts[i] = quoteName(f.Name) + " " + f.duckType()
	}
	return strings.Join(parts, ", ")
}

// normalize checks the schema and writes its types and modes one way.
func (s *Schema) normalize() error {
	if len(s.Fields) > 10_000 {
		return problem(ReasonInvalid, "Too many columns: %d. The limit is 10000.", len(s.Fields))
	}
	return normalizeFields(s.Fields, "", 1)
}

func normalizeFields(fields []*Field, under string, depth int) error {
	if depth > 15 {
		return problem(ReasonInvalid, "Fields may be nested at most 15 levels deep: %s.", under)
	}
	seen := map[string]bool{}
	for _, f := range fields {
		path := under + f.Name
		if err := checkColumnName(f.Name); err != nil {
			return err
		}
		if key := strings.ToLower(f.Name); seen[key] {
			return problem(ReasonInvalid, "Duplicate field name: %s. Field names are not case sensitive.", path)
		} else {
			seen[key] = true
		}
		kind, ok := kinds[strings.ToUpper(f.Type)]
		if !ok {
			return problem(ReasonInvalid, "Invalid value for type: %s is not a valid value", f.Type)
		}
		f.Type = kind.name
		switch f.Mode = strings.ToUpper(f.Mode); f.Mode {
		case "":
			f.Mode = "NULLABLE"
		case "NULLABLE", "REQUIRED", "REPEATED":
		default:
			return problem(ReasonInvalid, "Invalid value for mode: %s is not a valid value", f.Mode)
		}
		if f.Type == "RECORD" {
			if len(f.Fields) == 0 {
				return problem(ReasonInvalid, "Field %s is type RECORD but has no schema", path)
			}
			if err := normalizeFields(f.Fields, path+".", depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// reserved are the beginnings that no column's name may have.
var reserved = []string{"_TABLE_", "_FILE_", "_PARTITION", "_ROW_TIMESTAMP", "__ROOT__", "_COLIDENTIFIER", "_CHANGE_SEQUENCE_NUMBER", "_CHANGE_TYPE", "_CHANGE_TIMESTAMP"}

func checkColumnName(name string) error {
	bad := func() error {
		return problem(ReasonInvalid, "Invalid field name %q. Fields must contain the allowed characters, and be at most 300 characters long. For allowed characters, please refer to https://cloud.google.com/bigquery/docs/schemas#column_names", name)
	}
	if name == "" || utf8.RuneCountInString(name) > 300 || !utf8.ValidString(name) {
		return bad()
	}
	for _, r := range name {
		// Flexible names: letters, marks and digits of any script, and some marks.
		if !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsNumber(r) && !unicode.Is(unicode.Pc, r) &&
			!unicode.Is(unicode.Pd, r) && !strings.ContainsRune(" &%=+:'<>#|", r) {
			return bad()
		}
	}
	for _, p := range reserved {
		if strings.HasPrefix(strings.ToUpper(name), p) {
			return problem(ReasonInvalid, "Invalid field name %q. Field names are not allowed to start with the (case-insensitive) prefixes _PARTITION, _TABLE_, _FILE_, _ROW_TIMESTAMP, __ROOT__ and _COLIDENTIFIER", name)
		}
	}
	return nil
}

// find returns the field of a name, whatever its case.
func find(fields []*Field, name string) *Field {
	for _, f := range fields {
		if strings.EqualFold(f.Name, name) {
			return f
		}
	}
	return nil
}

// evolution says which changes of a schema are allowed.
type evolution struct{ add, relax, widen bool }

// anyEvolution is what a patch of a table may do.
var anyEvolution = evolution{add: true, relax: true, widen: true}

// widenings are the changes of type that lose nothing.
var widenings = map[string][]string{
	"INTEGER":    {"NUMERIC", "BIGNUMERIC", "FLOAT"},
	"NUMERIC":    {"BIGNUMERIC", "FLOAT"},
	"BIGNUMERIC": {"FLOAT"},
}

// evolve returns the fields after a change to others, in the order of old with
// the new ones after. A load (partial) may leave fields out; a patch may not.
func evolve(table string, old, next []*Field, may evolution, partial bool) ([]*Field, error) {
	return evolveUnder(table, "", old, next, may, partial)
}

func evolveUnder(table, under string, old, next []*Field, may evolution, partial bool) ([]*Field, error) {
	mismatch := func(format string, args ...any) error {
		return problem(ReasonInvalid, "Provided Schema does not match Table %s. %s", table, fmt.Sprintf(format, args...))
	}
	var out []*Field
	for _, f := range old {
		n := find(next, f.Name)
		switch {
		case n == nil && !partial:
			return nil, mismatch("Field %s is missing in new schema", under+f.Name)
		case n == nil:
			out = append(out, f)
			continue
		}
		changed := *n
		changed.Name = f.Name
		if partial {
			changed.Description = f.Description
		}
		if n.Mode != f.Mode {
			switch {
			case partial && f.Mode == "NULLABLE" && n.Mode == "REQUIRED":
				changed.Mode = f.Mode // the load promises more than the table asks
			case may.relax && f.Mode == "REQUIRED" && n.Mode == "NULLABLE":
			default:
				return nil, mismatch("Field %s has changed mode from %s to %s", under+f.Name, f.Mode, n.Mode)
			}
		}
		if n.Type != f.Type && (!may.widen || !slices.Contains(widenings[f.Type], n.Type)) {
			return nil, mismatch("Field %s has changed type from %s to %s", under+f.Name, f.Type, n.Type)
		}
		if f.Type == "RECORD" && n.Type == "RECORD" {
			sub, err := evolveUnder(table, under+f.Name+".", f.Fields, n.Fields, may, partial)
			if err != nil {
				return nil, err
			}
			changed.Fields = sub
		}
		out = append(out, &changed)
	}
	for _, n := range next {
		if find(old, n.Name) != nil {
			continue
		}
		if !may.add {
			return nil, mismatch("Cannot add fields (field: %s)", under+n.Name)
		}
		if n.required() {
			return nil, mismatch("Cannot add required fields to an existing schema. (field: %s)", under+n.Name)
		}
		out = append(out, n)
	}
	return out, nil
}
