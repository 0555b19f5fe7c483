package bigquery

import (
	"encoding/json"
	"fmt"
	"strings"

	bq "cloud.google.com/go/bigquery"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/record"
)

// column is one column of the table, or field of a record in it, that the
// records have.
type column struct {
	// name is as the table spells it, path with the records around it.
	name, path string
	key        []byte // "name":
	// at is its place among the records' columns or the struct's fields.
	at       int
	typ      record.Type // of the items where repeated
	repeated bool
	required bool
	digits   digits
	longest  int64 // characters or bytes, 0 for any number
	fields   []column
}

// layout is how records lie in a table.
type layout struct {
	columns []column
	// schema is the table's as it will be after the load.
	schema bq.Schema
	// added are the paths of columns that the table has not got yet.
	added []string
	// decides is the place of the partition's column among the records', or -1.
	decides int
	// special is true when a name needs BigQuery's newer character map.
	special bool
	hasJSON bool
}

// layoutOf lays records of a schema out in a table, nil for one that is still to
// be made. With add, columns that the table has not got are added; otherwise they
// are differences like those of type. All differences are told at once.
func layoutOf(records *record.Schema, table bq.Schema, add bool) (*layout, []string) {
	l := &layout{decides: -1}
	var differ []string
	l.columns, l.schema, differ = l.merge(records.Fields, table, table == nil, add, "")
	return l, differ
}

// merge matches fields of records with those of a table by name, whatever the
// case, and returns the fields that the table will have.
func (l *layout) merge(fields []record.Field, have bq.Schema, fresh, add bool, path string) ([]column, bq.Schema, []string) {
	var differ []string
	byName := map[string]*bq.FieldSchema{}
	out := make(bq.Schema, len(have))
	for i, h := range have {
		c := *h
		out[i] = &c
		byName[strings.ToLower(h.Name)] = &c
		l.special = l.special || !classic(h.Name)
	}
	columns := make([]column, 0, len(fields))
	for i, f := range fields {
		full := path + f.Name
		c := column{path: full, at: i, typ: f.Type, repeated: f.Type.Kind == record.KindList}
		if c.repeated {
			c.typ = *f.Type.Elem
		}
		l.hasJSON = l.hasJSON || c.typ.Kind == record.KindJSON
		l.special = l.special || !classic(f.Name)
		is := byName[strings.ToLower(f.Name)]
		delete(byName, strings.ToLower(f.Name))
		var unlike []string
		if is == nil {
			if !fresh && !add {
				differ = append(differ, fmt.Sprintf("The table has no column %s (%s).", full, f.Type))
				continue
			}
			if !fresh {
				l.added = append(l.added, full)
			}
			is = &bq.FieldSchema{Name: f.Name, Type: typeOf(c.typ), Repeated: c.repeated}
			if c.typ.Kind == record.KindStruct {
				c.fields, is.Schema, unlike = l.merge(c.typ.Fields, nil, true, add, full+".")
			}
			out = append(out, is)
		} else if !alike(is, f.Type) {
			differ = append(differ, fmt.Sprintf("Column %s is %s in the table; the records have %s, which is %s.", full, showField(is), f.Type, showWant(c)))
			continue
		} else if c.typ.Kind == record.KindStruct {
			c.fields, is.Schema, unlike = l.merge(c.typ.Fields, is.Schema, false, add, full+".")
		}
		differ = append(differ, unlike...)
		c.name, c.required = is.Name, is.Required
		c.key = keyOf(is.Name)
		c.digits, c.longest = digitsOf(is), is.MaxLength
		columns = append(columns, c)
	}
	for _, h := range out {
		if byName[strings.ToLower(h.Name)] == h && h.Required {
			differ = append(differ, fmt.Sprintf("The table requires a column %s (%s), which the records have not.", path+h.Name, showField(h)))
		}
	}
	return columns, out, differ
}

func keyOf(name string) []byte {
	b, err := json.Marshal(name)
	if err != nil {
		return nil // not reached: a name is text
	}
	return append(b, ':')
}

// typeOf returns the type of a column for values of t.
func typeOf(t record.Type) bq.FieldType {
	switch t.Kind {
	case record.KindBool:
		return bq.BooleanFieldType
	case record.KindInt64:
		return bq.IntegerFieldType
	case record.KindDouble:
		return bq.FloatFieldType
	case record.KindDecimal:
		if t.Scale <= numericScale && t.Precision-t.Scale <= numericWhole {
			return bq.NumericFieldType
		}
		return bq.BigNumericFieldType
	case record.KindBytes:
		return bq.BytesFieldType
	case record.KindTimestamp:
		return bq.TimestampFieldType
	case record.KindDate:
		return bq.DateFieldType
	case record.KindJSON:
		return bq.JSONFieldType
	case record.KindStruct:
		return bq.RecordFieldType
	}
	return bq.StringFieldType
}

// synonyms are the names that BigQuery also takes for a type.
var synonyms = map[string]bq.FieldType{"INT64": bq.IntegerFieldType, "FLOAT64": bq.FloatFieldType, "BOOL": bq.BooleanFieldType,
	"STRUCT": bq.RecordFieldType, "DECIMAL": bq.NumericFieldType, "BIGDECIMAL": bq.BigNumericFieldType}

func plainType(t bq.FieldType) bq.FieldType {
	name := strings.ToUpper(string(t))
	if s, ok := synonyms[name]; ok {
		return s
	}
	return bq.FieldType(name)
}

// alike reports whether a column takes values of that type without changing
// them, apart from decimals, each of which is looked at.
func alike(f *bq.FieldSchema, t record.Type) bool {
	if list := t.Kind == record.KindList; list != f.Repeated {
		return false
	} else if list {
		t = *t.Elem
	}
	is := plainType(f.Type)
	if t.Kind == record.KindDecimal {
		return is == bq.NumericFieldType || is == bq.BigNumericFieldType
	}
	return is == typeOf(t)
}

func showField(f *bq.FieldSchema) string {
	switch is := string(plainType(f.Type)); {
	case f.Repeated:
		return "REPEATED " + is
	case f.Required:
		return "REQUIRED " + is
	default:
		return is
	}
}

func showWant(c column) string {
	if c.repeated {
		return "REPEATED " + string(typeOf(c.typ))
	}
	return string(typeOf(c.typ))
}

// decide finds the partition's column among the records and checks it.
func (l *layout) decide(records *record.Schema, p partition) error {
	if p.column == "" {
		return nil
	}
	for i, f := range records.Fields {
		if strings.EqualFold(f.Name, p.column) {
			l.decides = i
			return p.fits(f.Type.Kind)
		}
	}
	return fault.New("bigquery_partition_missing", "column", p.column, "columns", strings.Join(records.Names(), ", ")).Permanent()
}

// kindOf returns the kind of values that decides a partition by a column.
func kindOf(f *bq.FieldSchema) record.Kind {
	switch plainType(f.Type) {
	case bq.DateFieldType:
		return record.KindDate
	case bq.TimestampFieldType:
		return record.KindTimestamp
	}
	return record.KindNull
}
