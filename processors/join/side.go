package join

import (
	"strings"
	"sync/atomic"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/internal/near"
	"github.com/weirflow/weir/record"
)

// The names of the sides, which are those of the inputs.
const (
	leftSide  = "left"
	rightSide = "right"
)

// side is one input of a join.
type side struct {
	name   string
	files  []*flowfile.FlowFile
	schema *record.Schema
	keys   []keyColumn
	// carry are the columns that go with each row, place says where in the row's
	// cells each column stands, or -1; keys whose type differs follow them.
	carry []int
	place []int
	cells int

	nullsMatch bool
	onFailure  string
	zone       *time.Location

	rows, nullKeys, failures atomic.Int64
}

// keyColumn is what of a side's rows is one column of the key.
type keyColumn struct {
	term
	at       int
	from, to record.Type
	// extra is the place of the cast value among the cells, or -1.
	extra int
	// plain keys are taken as they stand.
	plain bool
}

// known is how many rows the FlowFiles say they have.
func (d *side) known() (rows int64, all bool) {
	all = true
	for _, f := range d.files {
		if f.Rows < 0 {
			all = false
			continue
		}
		rows += f.Rows
	}
	return rows, all
}

// resolve finds the columns of the keys on both sides.
func resolve(keys []key, l, r *side) *fault.Error {
	l.keys, r.keys = nil, nil
	for i := range keys {
		k := &keys[i]
		a, f := l.key(k.left)
		if f != nil {
			return f
		}
		b, f := r.key(k.right)
		if f != nil {
			return f
		}
		if !a.to.Equal(b.to) {
			return typesDiffer(k, a, b)
		}
		for _, c := range []keyColumn{a, b} {
			if !singular(c.from) {
				return fault.New("join_key_type", "line", k.line, "column", c.column, "type", c.from).Permanent()
			}
			if !castable(c.from, c.to) {
				return fault.New("join_cast_impossible", "line", k.line, "column", c.column, "from", c.from, "to", c.to).Permanent()
			}
		}
		l.keys, r.keys = append(l.keys, a), append(r.keys, b)
	}
	return nil
}

// key finds a key's column in the schema.
func (d *side) key(t term) (keyColumn, *fault.Error) {
	at := d.schema.Index(t.column)
	if at < 0 {
		return keyColumn{}, d.unknown(t.column)
	}
	k := keyColumn{term: t, at: at, from: d.schema.Fields[at].Type, extra: -1}
	if k.to = k.from; t.cast {
		k.to = t.typ
	}
	k.plain = k.from.Equal(k.to) && !t.hasWords()
	return k, nil
}

// unknown is the fault of a column that a side has not.
func (d *side) unknown(name string) *fault.Error {
	names := d.schema.Names()
	return fault.New("join_column_unknown", "side", d.name, "column", name,
		"nearest", strings.Join(near.Nearest(name, names, 3), ", "), "columns", strings.Join(names, ", ")).Permanent()
}

// typesDiffer is the fault of a key whose sides cannot be compared as they are.
// It names the line to write.
func typesDiffer(k *key, l, r keyColumn) *fault.Error {
	to := record.Of(record.KindString)
	switch a, b := l.from.Kind, r.from.Kind; {
	case numeric(a) && numeric(b) && (a == record.KindDecimal || b == record.KindDecimal):
		to = record.DecimalOf(38, 9)
	case numeric(a) && numeric(b):
		to = record.Of(record.KindDouble)
	case a == record.KindDate && b == record.KindTimestamp, a == record.KindTimestamp && b == record.KindDate:
		to = record.Of(record.KindDate)
	}
	line := quote(l.column) + " as " + to.String() + " = " + quote(r.column) + " as " + to.String()
	return fault.New("join_types_differ", "line", k.line, "left", l.column, "left_type", l.to, "right", r.column, "right_type", r.to,
		"write", line).Permanent()
}

// lay decides which cells go with each row: all columns, or those that are
// wanted and the keys'.
func (d *side) lay(all bool, wanted map[int]bool, other *side) {
	d.carry, d.place = nil, make([]int, len(d.schema.Fields))
	need := func(i int) bool {
		if all || wanted[i] {
			return true
		}
		for _, k := range d.keys {
			if k.at == i {
				return true
			}
		}
		return false
	}
	for i := range d.schema.Fields {
		d.place[i] = -1
		if need(i) {
			d.place[i] = len(d.carry)
			d.carry = append(d.carry, i)
		}
	}
	d.cells = len(d.carry)
	for i := range d.keys {
		if !d.keys[i].from.Equal(other.keys[i].from) {
			d.keys[i].extra = d.cells
			d.cells++
		}
	}
}
