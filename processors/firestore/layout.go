package firestore

import (
	"strings"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/record"
)

// layout says which part of a document goes to which column.
type layout struct {
	out    *record.Schema
	schema *record.Schema // what the flow froze
	first  int            // column of the schema's first field
	byName map[string]int // field to column
	meta   []string
	extra  int // column of __extra, or -1

	onDrift, onMismatch string
	root                string // the resource name above all documents, with a slash
	readTime            record.Value

	convert converter
	row     []record.Value
	strays  []field
	drift   *tally // of the page being read
	nulled  *tally
	reason  *fault.Error
}

func newLayout(r *ReadFirestore, out *record.Schema) *layout {
	l := &layout{out: out, schema: r.schema, first: len(r.metadata), byName: map[string]int{}, meta: r.metadata, extra: -1,
		onDrift: r.onDrift, onMismatch: r.onMismatch, root: r.client.Root() + "/", row: make([]record.Value, len(out.Fields))}
	for i, f := range r.schema.Fields {
		l.byName[f.Name] = l.first + i
	}
	if r.onDrift == overflowDrift {
		l.extra = len(out.Fields) - 1
	}
	l.convert.stray = l.stray
	return l
}

// stray takes a field that the schema has no place for.
func (l *layout) stray(path string, v value) error {
	switch l.onDrift {
	case fail:
		return &unknownField{path, v.typeName()}
	case overflowDrift, ignoreDrift:
		l.strays = append(l.strays, field{path, v})
	}
	return nil
}

// unknownField is a field that the schema does not name, where that is not
// allowed.
type unknownField struct{ path, found string }

func (u *unknownField) Error() string { return u.path + " is no field of the schema" }

// verdict says what becomes of a document.
type verdict uint8

const (
	taken verdict = iota
	refused
)

// fill makes a row of a document; it is good until the next call. A refused
// document has its reason in l.reason. An error ends the run.
func (l *layout) fill(d *document) ([]record.Value, verdict, error) {
	clear(l.row)
	l.strays = l.strays[:0]
	path := strings.TrimPrefix(d.name, l.root)
	for i, m := range l.meta {
		l.row[i] = l.metadata(m, d, path)
	}
	result, worst := taken, len(l.row)
	for i := range d.fields {
		f := &d.fields[i]
		col, ok := l.byName[f.name]
		var err error
		if !ok {
			err = l.stray(f.name, f.v)
		} else {
			l.convert.path = append(l.convert.path[:0], f.name...)
			l.row[col], err = l.convert.to(&l.out.Fields[col].Type, f.v, 0)
			err = under(err, f.name)
		}
		if err == nil {
			continue
		}
		why, err := l.judge(path, col, err)
		if err != nil {
			return nil, refused, err
		}
		// The reason is that of the first column, whatever order the fields came in.
		if why != nil && col < worst {
			result, worst, l.reason = refused, col, why
		}
	}
	if result == refused || len(l.strays) == 0 {
		return l.row, result, nil
	}
	if l.extra < 0 {
		for _, f := range l.strays {
			l.drift.add(strings.Clone(f.name), 1)
		}
		return l.row, taken, nil
	}
	b, err := appendObject(nil, l.strays, 0)
	l.row[l.extra] = record.CompactJSON(string(b))
	if err != nil {
		if l.reason, err = l.judge(path, l.extra, under(err, columnExtra)); err != nil || l.reason != nil {
			return l.row, refused, err
		}
	}
	return l.row, taken, nil
}

func (l *layout) metadata(name string, d *document, path string) record.Value {
	switch name {
	case columnID:
		return record.String(path[strings.LastIndexByte(path, '/')+1:])
	case columnPath:
		return record.String(path)
	case columnParent:
		if s := strings.Split(path, "/"); len(s) > 2 {
			return record.String(s[len(s)-3])
		}
		return record.Null
	case columnMissing:
		return record.Bool(d.missing)
	case columnRead:
		return l.readTime
	}
	switch {
	case d.missing:
		return record.Null
	case name == columnCreated:
		return record.Timestamp(d.created)
	}
	return record.Timestamp(d.updated)
}

// judge applies the policies to what is wrong with one field: it returns the
// reason to refuse the document, or none when the column is null instead, or the
// error that ends the run.
func (l *layout) judge(path string, col int, err error) (*fault.Error, error) {
	switch e := err.(type) {
	case *unknownField:
		return nil, fault.New("firestore_field_unknown", "document", path, "field", e.path, "found", e.found).Permanent()
	case *misfit:
		f := fault.New("firestore_value_mismatch", "document", path, "field", e.path, "found", e.found, "type", e.typ).Permanent()
		switch l.onMismatch {
		case fail:
			return nil, f
		case null:
			l.row[col] = record.Null
			l.nulled.add(l.out.Fields[col].Name, 1)
			return nil, nil
		}
		return f, nil
	}
	return nil, err
}

// rejects is the schema of the output rejected.
var rejects = record.MustSchema(columnPath, "string", "field", "string", "reason", "string", "document", "json")

// refusal makes the row of a refused document, which holds all of it.
func (l *layout) refusal(d *document, why *fault.Error) []record.Value {
	path := record.String(strings.TrimPrefix(d.name, l.root))
	whole := record.Null
	if b, err := appendObject(nil, d.fields, 0); err == nil {
		whole = record.CompactJSON(string(b))
	}
	return []record.Value{path, record.String(why.Args["field"]), record.String(why.Error()), whole}
}
