package bigquery

import (
	"strings"
	"unicode/utf8"

	bq "cloud.google.com/go/bigquery"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/record"
)

// longestRow is how many bytes a row may have.
const longestRow = 100 << 20

// What NUMERIC and BIGNUMERIC hold: digits before and behind the point.
const (
	numericWhole    = 29
	numericScale    = 9
	bigNumericWhole = 38
	bigNumericScale = 38
)

// bigNumericMost is the whole part of the largest BIGNUMERIC, which has 39 digits.
const bigNumericMost = "578960446186580977117854925043439539266"

// digits is how many digits a decimal column holds; the zero value is no such
// column.
type digits struct {
	whole, scale int
	// most is the whole part, of whole+1 digits, below which a number of one more
	// digit still fits.
	most string
	name string
}

// digitsOf returns what a column holds.
func digitsOf(f *bq.FieldSchema) digits {
	d := digits{name: string(plainType(f.Type))}
	switch d.name {
	case "NUMERIC":
		d.whole, d.scale = numericWhole, numericScale
	case "BIGNUMERIC":
		d.whole, d.scale, d.most = bigNumericWhole, bigNumericScale, bigNumericMost
	default:
		return digits{}
	}
	if f.Precision > 0 {
		d.whole, d.scale, d.most = int(f.Precision-f.Scale), int(f.Scale), ""
	}
	return d
}

// fits reports whether the canonical text of a decimal fits without rounding.
func (d digits) fits(text string) bool {
	whole, behind, _ := strings.Cut(strings.TrimPrefix(text, "-"), ".")
	if len(behind) > d.scale {
		return false
	}
	if whole == "0" {
		return true
	}
	return len(whole) <= d.whole || d.most != "" && len(whole) == len(d.most) && whole < d.most
}

// appendRow appends a row as a line of NDJSON. Null cells are left out, which is
// what BigQuery takes for null, and for a list for one without items. An error is
// a fault of the row.
func (l *layout) appendRow(b []byte, row []record.Value, p partition) ([]byte, error) {
	if l.decides >= 0 && !p.holds(row[l.decides]) {
		return b, l.outside(row[l.decides], p)
	}
	start := len(b)
	b, err := appendFields(b, l.columns, row)
	if err != nil {
		return b[:start], err
	}
	b = append(b, '\n')
	if n := len(b) - start; n > longestRow {
		return b[:start], fault.New("bigquery_row_long", "bytes", n, "limit", longestRow)
	}
	return b, nil
}

// outside is the fault of a row of another slot than the run's.
func (l *layout) outside(v record.Value, p partition) error {
	return atFault(p.column, fault.New("bigquery_row_slot", "column", p.column, "value", clip(v.String()), "slot", p.slot, "partition", p.id))
}

func appendFields(b []byte, columns []column, row []record.Value) ([]byte, error) {
	b = append(b, '{')
	first := true
	for i := range columns {
		c := &columns[i]
		v := row[c.at]
		if v.IsNull() {
			if c.required {
				return b, atFault(c.path, fault.New("bigquery_row_null", "column", c.path))
			}
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(b, c.key...)
		var err error
		if c.repeated {
			b, err = c.appendItems(b, v)
		} else {
			b, err = c.appendOne(b, v)
		}
		if err != nil {
			return b, err
		}
	}
	return append(b, '}'), nil
}

func (c *column) appendItems(b []byte, v record.Value) ([]byte, error) {
	b = append(b, '[')
	for i, item := range v.Items() {
		if i > 0 {
			b = append(b, ',')
		}
		if item.IsNull() {
			return b, atFault(c.path, fault.New("bigquery_row_null_item", "column", c.path, "item", i+1))
		}
		var err error
		if b, err = c.appendOne(b, item); err != nil {
			return b, err
		}
	}
	return append(b, ']'), nil
}

func (c *column) appendOne(b []byte, v record.Value) ([]byte, error) {
	switch v.Kind() {
	case record.KindStruct:
		return appendFields(b, c.fields, v.Items())
	case record.KindDecimal:
		if !c.digits.fits(v.Text()) {
			return b, atFault(c.path, fault.New("bigquery_row_digits", "column", c.path, "value", clip(v.Text()), "type", c.digits.name,
				"whole", c.digits.whole, "scale", c.digits.scale))
		}
	case record.KindString:
		if c.longest > 0 && int64(len(v.Text())) > c.longest && int64(utf8.RuneCountInString(v.Text())) > c.longest {
			return b, c.tooLong(utf8.RuneCountInString(v.Text()))
		}
	case record.KindBytes:
		if c.longest > 0 && int64(len(v.Bytes())) > c.longest {
			return b, c.tooLong(len(v.Bytes()))
		}
	}
	out, err := record.AppendJSON(b, c.typ, v)
	if err != nil {
		return b, atFault(c.path, err)
	}
	return out, nil
}

func (c *column) tooLong(n int) error {
	return atFault(c.path, fault.New("bigquery_row_text_long", "column", c.path, "length", n, "limit", c.longest))
}

// rowFault is why a row is rejected, and for which column.
type rowFault struct {
	column string
	err    error
}

func (r *rowFault) Error() string { return r.err.Error() }
func (r *rowFault) Unwrap() error { return r.err }

func atFault(column string, err error) error { return &rowFault{column, err} }

// clip shortens a value for a message.
func clip(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	cut := most
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}
