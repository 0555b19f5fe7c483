package ga4

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/record"
)

// The types that the setting types may give.
const (
	typeString    = "string"
	typeInt64     = "int64"
	typeDouble    = "double"
	typeDecimal   = "decimal"
	typeDate      = "date"
	typeTimestamp = "timestamp"
)

var (
	dimensionTypes = []string{typeString, typeDate, typeInt64, typeTimestamp}
	metricTypes    = []string{typeInt64, typeDouble, typeDecimal, typeString}
)

// dateDimension is the day of an event in the property's zone; a slice is one of
// its values.
const dateDimension = "date"

// instants are the dimensions that name a moment, with how they spell it.
var instants = map[string]string{"dateHour": "2006010215", "dateHourMinute": "200601021504"}

// column is one dimension or metric and what becomes of it.
type column struct {
	// api is the name in requests, name that of the column.
	api, name string
	metric    bool
	// expression is set for a metric that is computed from others.
	expression string
	// typ is the type by its word; empty for a metric whose type the API tells.
	typ string
}

// parseMetric reads NAME, or NAME = EXPRESSION.
func parseMetric(text string) (name, expression string) {
	name, expression, _ = strings.Cut(text, "=")
	return strings.TrimSpace(name), strings.TrimSpace(expression)
}

// plain is a column's name unless the flow gives one: the API's with an
// underscore for the colon of a custom field, which a table cannot hold.
func plain(api string) string { return strings.ReplaceAll(api, ":", "_") }

// columnsOf lays out what is emitted, dimensions first.
func (r *ReadGA4) columnsOf() []column {
	var out []column
	for _, d := range r.dimensions {
		typ := typeString
		if d == dateDimension {
			typ = typeDate
		}
		out = append(out, column{api: d, typ: typ})
	}
	for _, m := range r.metrics {
		api, expression := parseMetric(m)
		out = append(out, column{api: api, expression: expression, metric: true})
	}
	for i := range out {
		c := &out[i]
		c.name = plain(c.api)
		if n := r.renamed[c.api]; n != "" {
			c.name = n
		}
		if t := r.types[c.api]; t != "" {
			c.typ = t
		}
	}
	return out
}

// typeOf returns the type of a column for what the API says of a metric.
func typeOf(api string) string {
	if api == "TYPE_INTEGER" {
		return typeInt64
	}
	return typeDouble
}

// table turns a report's rows into records of one schema.
type table struct {
	columns []column
	schema  *record.Schema
	// day is the slice's day as a date, and as the API spells it.
	day     record.Value
	dayText string
	zone    *time.Location
	row     []record.Value
}

// newTable lays out the records for columns whose types are all known.
func newTable(columns []column, types []string, zone *time.Location) (*table, error) {
	fields := make([]record.Field, len(columns))
	kinds := map[string]record.Kind{typeString: record.KindString, typeInt64: record.KindInt64, typeDouble: record.KindDouble,
		typeDecimal: record.KindDecimal, typeDate: record.KindDate, typeTimestamp: record.KindTimestamp}
	cols := slices.Clone(columns)
	for i := range cols {
		cols[i].typ = types[i]
		fields[i] = record.Field{Name: cols[i].name, Type: record.Of(kinds[types[i]])}
	}
	schema, err := record.NewSchema(fields...)
	if err != nil {
		return nil, err
	}
	return &table{columns: cols, schema: schema, zone: zone, row: make([]record.Value, len(cols))}, nil
}

// on sets the day whose rows come next.
func (t *table) on(d civil) {
	t.day, t.dayText = record.Date(d.days()), strings.ReplaceAll(d.String(), "-", "")
}

// fill returns the record of a row; it is overwritten by the next call.
func (t *table) fill(r row) ([]record.Value, error) {
	if n := len(r.dims) + len(r.mets); n != len(t.columns) {
		return nil, fmt.Errorf("a row of %d values came for %d columns", n, len(t.columns))
	}
	for i := range t.columns {
		var text string
		if i < len(r.dims) {
			text = r.dims[i]
		} else {
			text = r.mets[i-len(r.dims)]
		}
		v, err := t.value(&t.columns[i], text)
		if err != nil {
			return nil, err
		}
		t.row[i] = v
	}
	return t.row, nil
}

// special reports whether a value is one that the API writes in place of one,
// such as (not set).
func special(s string) bool { return s == "" || s[0] == '(' && s[len(s)-1] == ')' }

// value reads the text of one cell.
func (t *table) value(c *column, text string) (record.Value, error) {
	switch {
	case c.typ == typeString:
		return record.String(text), nil
	case c.api == dateDimension && c.typ == typeDate && (text == t.dayText || special(text)):
		return t.day, nil // a report of one day has no other, whatever its row "(other)" says
	case !c.metric && special(text):
		return record.Null, nil
	}
	v, ok := t.parse(c, text)
	if !ok {
		return record.Null, fault.New("ga4_value", "field", c.api, "value", clip(text), "type", c.typ).Permanent()
	}
	return v, nil
}

func (t *table) parse(c *column, text string) (record.Value, bool) {
	switch c.typ {
	case typeInt64:
		i, err := strconv.ParseInt(text, 10, 64)
		return record.Int64(i), err == nil
	case typeDouble:
		f, err := strconv.ParseFloat(text, 64)
		return record.Double(f), err == nil && !math.IsInf(f, 0)
	case typeDecimal:
		v, err := record.Parse(record.Of(record.KindDecimal), text)
		return v, err == nil
	case typeDate:
		d, err := time.Parse("20060102", text)
		return record.Date(d.Unix() / 86400), err == nil
	case typeTimestamp:
		at, err := time.ParseInLocation(instants[c.api], text, t.zone)
		// An hour that clocks repeat is taken for the first of the two.
		if e := at.Add(-time.Hour); err == nil && e.Format(instants[c.api]) == text {
			at = e
		}
		return record.TimestampOf(at), err == nil
	}
	return record.Null, false
}

// clip bounds a value in a message.
func clip(s string) string {
	if r := []rune(s); len(r) > 100 {
		return string(r[:99]) + "…"
	}
	return s
}
