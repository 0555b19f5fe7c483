package record

import (
	"github.com/weirflow/weir/fault"
)

// verdict is what comes of reading one value as a type.
type verdict uint8

const (
	fits verdict = iota
	notOfType
	outOfRange
	wouldLose
	badText   // the text is not UTF-8
	wrongKind // a writer was given a value of another kind than the column's
	unknownKey
	twiceKey
)

// misfit is a value that is not what its column says. It becomes a fault once
// the row and the whole path of the column are known.
type misfit struct {
	verdict verdict
	path    string
	value   string
	typ     *Type
}

func (m *misfit) Error() string { return m.fault(0).Error() }

// under puts the name of the enclosing column, field or list element in front.
func under(err error, name string) error {
	if m, ok := err.(*misfit); ok {
		if m.path != "" && m.path[0] != '[' {
			name += "."
		}
		m.path = name + m.path
	}
	return err
}

func (m *misfit) example() string {
	if m.typ == nil {
		return ""
	}
	switch m.typ.Kind {
	case KindBool:
		return "true"
	case KindInt64:
		return "42"
	case KindDouble:
		return "1.5"
	case KindDecimal:
		return "12.5"
	case KindBytes:
		return "d2Vpcg=="
	case KindTimestamp:
		return "2024-05-31T09:00:00.000000Z"
	case KindDate:
		return "2024-05-31"
	case KindList:
		return "[...]"
	case KindStruct, KindJSON:
		return "{...}"
	}
	return `"text"`
}

// fault returns the fault of this misfit in that row.
func (m *misfit) fault(row int64) *fault.Error {
	switch m.verdict {
	case unknownKey:
		return fault.New("row_unknown_column", "row", row, "column", m.path).Permanent()
	case twiceKey:
		return fault.New("row_duplicate_key", "row", row, "column", m.path).Permanent()
	case badText:
		return fault.New("value_not_utf8", "row", row, "column", m.path, "value", clip(m.value)).Permanent()
	}
	t := m.typ.String()
	switch m.verdict {
	case outOfRange:
		return fault.New("value_out_of_range", "row", row, "column", m.path, "value", clip(m.value), "type", t).Permanent()
	case wouldLose:
		return fault.New("value_would_lose", "row", row, "column", m.path, "value", clip(m.value), "type", t).Permanent()
	case wrongKind:
		return fault.New("value_wrong_kind", "row", row, "column", m.path, "kind", m.value, "type", t).Permanent()
	}
	return fault.New("value_not_of_type", "row", row, "column", m.path, "value", clip(m.value), "type", t, "example", m.example()).Permanent()
}

// alone returns the fault of this misfit for a value that stands in no row.
func (m *misfit) alone() *fault.Error {
	return fault.New("text_not_of_type", "value", clip(m.value), "type", m.typ.String(), "example", m.example()).Permanent()
}

// rowError makes the error of a row from what the parsers and encoders return.
func rowError(row int64, err error) error {
	switch e := err.(type) {
	case *misfit:
		return &RowError{row, e.fault(row)}
	case *brokenJSON:
		return &RowError{row, e.fault(row)}
	}
	return &RowError{row, err}
}

// brokenJSON says where a record stops being JSON.
type brokenJSON struct {
	at   int // byte offset in the record
	near string
	deep bool
}

func (e *brokenJSON) Error() string { return e.fault(0).Error() }

func (e *brokenJSON) fault(row int64) *fault.Error {
	if e.deep {
		return fault.New("row_too_deep", "row", row, "limit", maxJSONDepth).Permanent()
	}
	return fault.New("row_bad_json", "row", row, "position", e.at+1, "near", clip(e.near)).Permanent()
}
