package record

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Inferrer proposes a schema from sampled values. It is told what was seen, row
// by row, and gives for each column the narrowest type that holds all of it
// without loss:
//
//   - one kind throughout: that kind;
//   - int64 and double: double, unless an integer beyond 2^53 was among them;
//   - lists: a list of what their elements are, or json where the elements differ
//     or are lists themselves;
//   - text of CSV cells that differ: string;
//   - anything else that differs, objects, and nothing but nulls: json.
//
// Texts that look like dates or numbers stay strings. The zero value is ready.
type Inferrer struct {
	fields []*observed
	byName map[string]*observed
	rows   int64
}

// observed is what one column was seen to hold.
type observed struct {
	name   string
	shape  *shape // nil before the first value that is not null
	counts map[string]int64
	values int64 // without nulls
}

// shape is a point of the lattice of types.
type shape struct {
	kind Kind // KindNull: a list's element of which nothing is known
	elem *shape
	big  bool // an int64 that a double cannot hold
	cell bool // read from text, so that string holds it as well
}

func (a *shape) join(b *shape) *shape {
	switch {
	case a == nil || a.kind == KindNull:
		return b
	case b == nil || b.kind == KindNull:
		return a
	case a.kind == KindList && b.kind == KindList:
		e := a.elem.join(b.elem)
		if e != nil && (e.kind == KindJSON || e.kind == KindList) {
			return &shape{kind: KindJSON}
		}
		return &shape{kind: KindList, elem: e}
	case a.kind == b.kind:
		return &shape{kind: a.kind, big: a.big || b.big, cell: a.cell && b.cell}
	case number(a) && number(b) && !a.big && !b.big:
		return &shape{kind: KindDouble, cell: a.cell && b.cell}
	case a.cell && b.cell:
		return &shape{kind: KindString, cell: true}
	}
	return &shape{kind: KindJSON}
}

func number(s *shape) bool { return s.kind == KindInt64 || s.kind == KindDouble }

func (a *shape) typ() Type {
	switch {
	case a == nil || a.kind == KindNull || a.kind == KindStruct:
		return Of(KindJSON)
	case a.kind == KindList:
		if a.elem == nil || a.elem.kind == KindNull {
			return Of(KindJSON)
		}
		return ListOf(a.elem.typ())
	}
	return Of(a.kind)
}

// label is what a report calls the shape.
func (a *shape) label() string {
	if a.kind == KindList && a.elem != nil && a.elem.kind != KindNull {
		return "list<" + a.elem.typ().String() + ">"
	}
	return a.kind.String()
}

func (n *Inferrer) field(name string) *observed {
	f := n.byName[name]
	if f == nil {
		if n.byName == nil {
			n.byName = map[string]*observed{}
		}
		f = &observed{name: name, counts: map[string]int64{}}
		n.byName[name] = f
		n.fields = append(n.fields, f)
	}
	return f
}

func (f *observed) add(s *shape) {
	if s.kind == KindNull {
		return
	}
	f.counts[s.label()]++
	f.values++
	f.shape = f.shape.join(s)
}

// Row says that one more row was sampled, so that Report can tell in how many a
// column was absent.
func (n *Inferrer) Row() { n.rows++ }

// Observe says that the column held a value of that kind. A list so reported is
// one whose elements differ.
func (n *Inferrer) Observe(name string, k Kind) {
	s := &shape{kind: k}
	if k == KindList || k == KindStruct {
		s.kind = KindJSON
	}
	n.field(name).add(s)
}

// ObserveValue says that the column held v, which tells more than its kind: the
// size of an integer and what a list's elements are.
func (n *Inferrer) ObserveValue(name string, v Value) { n.field(name).add(shapeOf(v)) }

func shapeOf(v Value) *shape {
	switch v.kind {
	case KindInt64:
		i := int64(v.num)
		return &shape{kind: KindInt64, big: i > maxSafe || i < -maxSafe}
	case KindList:
		list := &shape{kind: KindList}
		for _, it := range v.items() {
			list = list.join(&shape{kind: KindList, elem: shapeOf(it)})
			if list.kind == KindJSON {
				break
			}
		}
		return list
	case KindStruct:
		return &shape{kind: KindJSON}
	}
	return &shape{kind: v.kind}
}

// ObserveCell says that the column held that cell of a CSV file. A cell is an
// integer, a number or a bool only where writing that gives the same text again,
// so 007 and 1.50 are strings; null is the text that stands for null.
func (n *Inferrer) ObserveCell(name string, c Cell, null string) {
	f := n.field(name)
	if !c.Quoted && c.Text == null {
		return
	}
	s := &shape{kind: KindString, cell: true}
	if !c.Quoted {
		for _, k := range []Kind{KindBool, KindInt64, KindDouble} {
			t := Of(k)
			v, d := t.scalar(c.Text)
			if d == fits && string(appendScalar(nil, v)) == c.Text {
				s = shapeOf(v)
				s.cell = true
				break
			}
		}
	}
	f.add(s)
}

// ObserveJSON observes every key of a JSON object and counts it as a row. An
// error is one of its text.
func (n *Inferrer) ObserveJSON(object []byte) error {
	n.rows++
	p := jsonParser{b: append([]byte(nil), object...)}
	if p.space() != '{' {
		return notRecords(n.rows, object)
	}
	if !utf8.Valid(object) {
		return rowError(n.rows, p.broken())
	}
	if err := n.object(&p); err != nil {
		return rowError(n.rows, err)
	}
	if p.space(); p.i < len(p.b) {
		return rowError(n.rows, p.broken())
	}
	return nil
}

func (n *Inferrer) object(p *jsonParser) error {
	p.i++
	if p.space() == '}' {
		p.i++
		return nil
	}
	seen := map[string]bool{}
	for {
		if p.space() != '"' {
			return p.broken()
		}
		key, err := p.str()
		if err != nil {
			return err
		}
		name := string(key)
		if seen[name] {
			return &misfit{verdict: twiceKey, path: name}
		}
		seen[name] = true
		if p.space() != ':' {
			return p.broken()
		}
		p.i++
		s, err := p.shape(0)
		if err != nil {
			return err
		}
		n.field(name).add(s)
		switch p.space() {
		case ',':
			p.i++
		case '}':
			p.i++
			return nil
		default:
			return p.broken()
		}
	}
}

// shape passes over one value and says what it is.
func (p *jsonParser) shape(depth int) (*shape, error) {
	c := p.space()
	start := p.i
	if c == '[' && depth == 0 {
		return p.listShape()
	}
	if err := p.skip(depth); err != nil {
		return nil, err
	}
	switch c {
	case '{', '[':
		return &shape{kind: KindJSON}, nil
	case '"':
		return &shape{kind: KindString}, nil
	case 't', 'f':
		return &shape{kind: KindBool}, nil
	case 'n':
		return &shape{}, nil
	}
	return numberShape(string(p.b[start:p.i])), nil
}

func (p *jsonParser) listShape() (*shape, error) {
	list := &shape{kind: KindList}
	p.i++
	if p.space() == ']' {
		p.i++
		return list, nil
	}
	for {
		e, err := p.shape(1)
		if err != nil {
			return nil, err
		}
		list = list.join(&shape{kind: KindList, elem: e})
		switch p.space() {
		case ',':
			p.i++
		case ']':
			p.i++
			return list, nil
		default:
			return nil, p.broken()
		}
	}
}

// numberShape is the narrowest of int64, double and json that holds a number
// literal exactly.
func numberShape(s string) *shape {
	if !strings.ContainsAny(s, ".eE") && s != "-0" {
		if i, err := strconv.ParseInt(s, 10, 64); err == nil {
			return shapeOf(Int64(i))
		}
		return &shape{kind: KindJSON}
	}
	f, d := parseDouble(s)
	if d == fits {
		const most = 800 // digits, more than any double's shortest text has
		a, va := parseDecimal(s, 2*most, most)
		b, vb := parseDecimal(string(appendDouble(nil, f)), 2*most, most)
		if va == fits && vb == fits && a == b {
			return &shape{kind: KindDouble}
		}
	}
	return &shape{kind: KindJSON}
}

// FieldReport says what a column was seen to hold and what is proposed for it.
type FieldReport struct {
	// Field is the proposed column.
	Field Field
	// Seen are the kinds of the values that are not null, the most frequent first.
	Seen []Share
	// Nulls is the number of rows in which the column was null or absent, where
	// rows were counted.
	Nulls int64
	// Conflict says that the values were of kinds that do not go together, so that
	// the proposal is json or, for CSV, string.
	Conflict bool
}

// Share is how many of a column's values were of one kind.
type Share struct {
	// Kind is the text of a type.
	Kind string
	// Count is the number of values.
	Count int64
}

// String returns the shares in words, such as "string 97 %, int64 3 %".
func (r FieldReport) String() string {
	total := int64(0)
	for _, s := range r.Seen {
		total += s.Count
	}
	if total == 0 {
		return "null only"
	}
	parts := make([]string, len(r.Seen))
	for i, s := range r.Seen {
		percent := s.Count * 100 / total
		switch {
		case percent == 0:
			parts[i] = s.Kind + " under 1 %"
		case percent == 99 && s.Count < total:
			parts[i] = s.Kind + " over 99 %"
		default:
			parts[i] = fmt.Sprintf("%s %d %%", s.Kind, (s.Count*200+total)/(2*total))
		}
	}
	return strings.Join(parts, ", ")
}

// Report returns one report for each column, in the order they were first seen.
func (n *Inferrer) Report() []FieldReport {
	out := make([]FieldReport, len(n.fields))
	for i, f := range n.fields {
		r := FieldReport{Field: Field{f.name, f.shape.typ()}, Nulls: max(n.rows-f.values, 0)}
		own := r.Field.Type.String()
		for k, c := range f.counts {
			r.Seen = append(r.Seen, Share{k, c})
			widened := k == "int64" && own == "double" || own == "list<double>" && k == "list<int64>" || k == "list"
			r.Conflict = r.Conflict || len(f.counts) > 1 && k != own && !widened
		}
		sort.Slice(r.Seen, func(a, b int) bool {
			if r.Seen[a].Count != r.Seen[b].Count {
				return r.Seen[a].Count > r.Seen[b].Count
			}
			return r.Seen[a].Kind < r.Seen[b].Kind
		})
		out[i] = r
	}
	return out
}

// Schema returns the proposed schema, its columns in the order they were first
// seen. It fails where a name cannot be a column's, such as the empty one.
func (n *Inferrer) Schema() (*Schema, error) {
	fields := make([]Field, len(n.fields))
	for i, f := range n.fields {
		fields[i] = Field{f.name, f.shape.typ()}
	}
	return NewSchema(fields...)
}
