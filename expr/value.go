package expr

import (
	"strconv"
	"time"
)

// Type is the type of a value as the expression language sees it.
type Type uint8

// The types of values. Number is a whole number or a decimal, which only the
// evaluation can tell.
const (
	Any Type = iota
	String
	Boolean
	WholeNumber
	Decimal
	Number
	Date
	Instant
)

var typeNames = [...]string{"ANY", "STRING", "BOOLEAN", "WHOLE_NUMBER", "DECIMAL", "NUMBER", "DATE", "INSTANT"}

// String returns the type's name in upper case.
func (t Type) String() string { return typeNames[t] }

// value is the result of an evaluation. kind is never Any or Number; a missing
// value has ok unset and the kind of what is missing.
type value struct {
	kind Type
	ok   bool
	b    bool
	i    int64
	f    float64
	s    string
	t    time.Time
}

func text(s string) value       { return value{kind: String, ok: true, s: s} }
func truth(b bool) value        { return value{kind: Boolean, ok: true, b: b} }
func whole(i int64) value       { return value{kind: WholeNumber, ok: true, i: i} }
func decimal(f float64) value   { return value{kind: Decimal, ok: true, f: f} }
func none(t Type) value         { return value{kind: t} }
func instant(t time.Time) value { return value{kind: Instant, ok: true, t: t} }

// date keeps whole milliseconds, which is all that a date has.
func date(t time.Time) value {
	return value{kind: Date, ok: true, t: time.UnixMilli(t.UnixMilli()).UTC()}
}

// String renders the value; a missing one is empty.
func (v value) text(zone *time.Location) string {
	if !v.ok {
		return ""
	}
	switch v.kind {
	case Boolean:
		return strconv.FormatBool(v.b)
	case WholeNumber:
		return strconv.FormatInt(v.i, 10)
	case Decimal:
		return formatDecimal(v.f)
	case Date:
		return v.t.In(zone).Format("Mon Jan 02 15:04:05 MST 2006")
	case Instant:
		return formatISO(v.t)
	}
	return v.s
}

// formatISO writes seconds always and the fraction in groups of three digits.
func formatISO(t time.Time) string {
	t = t.UTC()
	s := t.Format("2006-01-02T15:04:05")
	switch n := t.Nanosecond(); {
	case n == 0:
	case n%1e6 == 0:
		s += t.Format(".000")
	case n%1e3 == 0:
		s += t.Format(".000000")
	default:
		s += t.Format(".000000000")
	}
	return s + "Z"
}

// float returns a number's value as a decimal.
func (v value) float() float64 {
	if v.kind == Decimal {
		return v.f
	}
	return float64(v.i)
}
