package record

import (
	"encoding/base64"
	"strconv"
	"unicode/utf8"
	"unsafe"
)

var base64Std = base64.StdEncoding.Strict()

func decodeBase64(s string) ([]byte, verdict) {
	// The decoder skips line ends; a value with one is not canonical.
	for i := range len(s) {
		if s[i] == '\n' || s[i] == '\r' {
			return nil, notOfType
		}
	}
	b, err := base64Std.DecodeString(s)
	if err != nil {
		return nil, notOfType
	}
	return b, fits
}

// scalar reads the canonical text of a scalar, as it stands in a CSV cell or in
// a JSON string. It is not for json, list and struct.
func (t *Type) scalar(s string) (Value, verdict) {
	switch t.Kind {
	case KindString:
		if !utf8.ValidString(s) {
			return Null, badText
		}
		return String(s), fits
	case KindBool:
		switch s {
		case "true":
			return Bool(true), fits
		case "false":
			return Bool(false), fits
		}
		return Null, notOfType
	case KindInt64:
		i, v := parseInt(s)
		return Int64(i), v
	case KindDouble:
		f, v := parseDouble(s)
		return Double(f), v
	case KindDecimal:
		d, v := parseDecimal(s, t.Precision, t.Scale)
		return text(KindDecimal, d), v
	case KindBytes:
		b, v := decodeBase64(s)
		return Bytes(b), v
	case KindTimestamp:
		us, v := parseTimestamp(s)
		return Timestamp(us), v
	case KindDate:
		d, v := parseDate(s)
		return Date(d), v
	}
	return Null, notOfType
}

// appendScalar appends the canonical text of a scalar.
func appendScalar(b []byte, v Value) []byte {
	switch v.kind {
	case KindBool:
		return strconv.AppendBool(b, v.num != 0)
	case KindInt64:
		return strconv.AppendInt(b, int64(v.num), 10)
	case KindDouble:
		return appendDouble(b, v.Double())
	case KindString, KindDecimal, KindJSON:
		return append(b, v.str()...)
	case KindBytes:
		return base64.StdEncoding.AppendEncode(b, v.Bytes())
	case KindTimestamp:
		return appendTimestamp(b, int64(v.num))
	case KindDate:
		return appendDate(b, int64(v.num))
	}
	return b
}

// admits reports whether a value may be written as type t; of lists and structs it
// looks at the kind only.
func (t *Type) admits(v Value) verdict {
	if v.kind != t.Kind {
		return wrongKind
	}
	switch v.kind {
	case KindString:
		if !utf8.ValidString(v.str()) {
			return badText
		}
	case KindDecimal:
		return decimalFits(v.str(), t.Precision, t.Scale)
	case KindTimestamp:
		if m := int64(v.num); m < minMicros || m > maxMicros {
			return outOfRange
		}
	case KindDate:
		if d := int64(v.num); d < minDay || d > maxDay {
			return outOfRange
		}
	case KindStruct:
		if int(v.num) != len(t.Fields) {
			return wrongKind
		}
	}
	return fits
}

// misfitOf describes a value that a writer refuses.
func misfitOf(d verdict, t *Type, v Value) *misfit {
	m := &misfit{verdict: d, typ: t}
	switch {
	case d == wrongKind:
		m.value = v.kind.String()
	case d == outOfRange && v.kind != KindDecimal:
		m.value = strconv.FormatInt(int64(v.num), 10)
	default:
		m.value = string(appendScalar(nil, v))
	}
	return m
}

// Decimal returns the decimal value that a JSON number spells, exactly, however
// many digits up to 76 before and 76 behind the point.
func Decimal(s string) (Value, error) {
	t := DecimalOf(2*maxPrecision, maxPrecision)
	v, d := t.scalar(s)
	if d != fits {
		return Null, (&misfit{verdict: d, value: s, typ: &t}).alone()
	}
	return v, nil
}

// JSON returns the json value of a JSON text, made compact; number literals stay
// as they are, and the text null gives Null.
func JSON(b []byte) (Value, error) {
	t := Of(KindJSON)
	return Parse(t, string(b))
}

// Parse reads the text that a CSV cell of that type holds. It does not know
// null: which text is null is for the caller to say.
func Parse(t Type, s string) (Value, error) {
	v, err := t.cell(s)
	if err != nil {
		if m, ok := err.(*misfit); ok {
			// The whole text is named, since there is no row to look it up in.
			m.value, m.typ = s, &t
			return Null, m.alone()
		}
		return Null, err
	}
	return v, nil
}

// cell reads the text of a CSV cell.
func (t *Type) cell(s string) (Value, error) {
	switch t.Kind {
	case KindJSON, KindList, KindStruct:
		p := jsonParser{b: []byte(s)}
		if !utf8.ValidString(s) {
			return Null, &misfit{verdict: badText, value: s, typ: t}
		}
		v, err := p.whole(t)
		if _, broken := err.(*brokenJSON); broken {
			return Null, &misfit{verdict: notOfType, value: s, typ: t}
		}
		return v, err
	}
	v, d := t.scalar(s)
	if d != fits {
		return Null, &misfit{verdict: d, value: s, typ: t}
	}
	return v, nil
}

// appendCell appends the text that a CSV cell holds for v, without quotes: what
// Parse reads back. Null appends nothing.
func (t *Type) appendCell(b []byte, v Value) ([]byte, error) {
	if v.kind == KindNull {
		return b, nil
	}
	if v.kind == KindList || v.kind == KindStruct {
		return t.appendJSON(b, v)
	}
	if d := t.admits(v); d != fits {
		return b, misfitOf(d, t, v)
	}
	return appendScalar(b, v), nil
}

// share returns b as a string without copying; b is not written to afterwards.
func share(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
