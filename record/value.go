package record

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unsafe"
)

// Value is one cell of a row, an element of a list or a field of a struct. The
// zero Value is null. A Value is immutable and may be copied; copying it does not
// copy what it refers to.
//
// The accessor of a kind panics when the value is of another kind (null
// included), because a zero in its place would be a silent change of data: test
// Kind or IsNull first.
type Value struct {
	// ptr is the first byte of a text, the first of a list's or struct's children,
	// or nil.
	ptr unsafe.Pointer
	// num is a scalar's bits, or the length of what ptr points to.
	num  uint64
	kind Kind
}

// Null is the null value.
var Null Value

// Bool returns a bool value.
func Bool(b bool) Value {
	if b {
		return Value{kind: KindBool, num: 1}
	}
	return Value{kind: KindBool}
}

// Int64 returns an int64 value.
func Int64(i int64) Value { return Value{kind: KindInt64, num: uint64(i)} }

// Double returns a double value; NaN, the infinities and -0 are values like
// others.
func Double(f float64) Value { return Value{kind: KindDouble, num: math.Float64bits(f)} }

// String returns a string value that shares s. A writer refuses it if s is not
// valid UTF-8.
func String(s string) Value { return text(KindString, s) }

// CompactJSON returns a json value that shares s, which must be one valid JSON
// text without needless spaces and not null. Nothing checks that: it is for what
// was just encoded, and spares the second look that JSON takes.
func CompactJSON(s string) Value { return text(KindJSON, s) }

// Bytes returns a bytes value that shares b: do not change b afterwards.
func Bytes(b []byte) Value {
	return Value{kind: KindBytes, ptr: unsafe.Pointer(unsafe.SliceData(b)), num: uint64(len(b))}
}

// Timestamp returns a timestamp value of microseconds since 1970-01-01 UTC. A
// writer refuses years outside 0001 to 9999.
func Timestamp(micros int64) Value { return Value{kind: KindTimestamp, num: uint64(micros)} }

// TimestampOf returns the timestamp of t, digits finer than a microsecond cut
// off towards the past.
func TimestampOf(t time.Time) Value {
	return Timestamp(t.Unix()*1e6 + int64(t.Nanosecond()/1e3))
}

// Date returns a date value of days since 1970-01-01.
func Date(days int64) Value { return Value{kind: KindDate, num: uint64(days)} }

// List returns a list value that shares items; an element may be null.
func List(items ...Value) Value {
	return Value{kind: KindList, ptr: unsafe.Pointer(unsafe.SliceData(items)), num: uint64(len(items))}
}

// Struct returns a struct value that shares fields, which stand in the order of
// the type's fields; a field may be null.
func Struct(fields ...Value) Value {
	return Value{kind: KindStruct, ptr: unsafe.Pointer(unsafe.SliceData(fields)), num: uint64(len(fields))}
}

func text(k Kind, s string) Value {
	return Value{kind: k, ptr: unsafe.Pointer(unsafe.StringData(s)), num: uint64(len(s))}
}

// Kind returns the kind of the value.
func (v Value) Kind() Kind { return v.kind }

// IsNull reports whether the value is null.
func (v Value) IsNull() bool { return v.kind == KindNull }

func (v Value) must(k Kind) {
	if v.kind != k {
		panic("record: " + k.String() + " wanted from a value of kind " + v.kind.String())
	}
}

// Bool returns a bool value's truth.
func (v Value) Bool() bool { v.must(KindBool); return v.num != 0 }

// Int64 returns the number of an int64 value.
func (v Value) Int64() int64 { v.must(KindInt64); return int64(v.num) }

// Double returns the number of a double value.
func (v Value) Double() float64 { v.must(KindDouble); return math.Float64frombits(v.num) }

// Text returns the text of a string, the digits of a decimal or the compact text
// of a json value. It shares memory with the value.
func (v Value) Text() string {
	if v.kind != KindDecimal && v.kind != KindJSON {
		v.must(KindString)
	}
	return v.str()
}

func (v Value) str() string { return unsafe.String((*byte)(v.ptr), int(v.num)) }

// Bytes returns the bytes of a bytes value. They are shared: do not change them.
func (v Value) Bytes() []byte { v.must(KindBytes); return unsafe.Slice((*byte)(v.ptr), int(v.num)) }

// Micros returns a timestamp value's microseconds since 1970-01-01 UTC.
func (v Value) Micros() int64 { v.must(KindTimestamp); return int64(v.num) }

// Time returns a timestamp value as a time in UTC.
func (v Value) Time() time.Time { return time.UnixMicro(v.Micros()).UTC() }

// Days returns a date value's days since 1970-01-01.
func (v Value) Days() int64 { v.must(KindDate); return int64(v.num) }

// Items returns the elements of a list or the fields of a struct. They are
// shared: do not change them.
func (v Value) Items() []Value {
	if v.kind != KindStruct {
		v.must(KindList)
	}
	return v.items()
}

func (v Value) items() []Value { return unsafe.Slice((*Value)(v.ptr), int(v.num)) }

// Equal reports whether two values are the same. All NaNs are one value; 0 and -0
// are two, as they are in the files; decimals are compared as numbers (their text
// is canonical) and json values as compact text.
func (v Value) Equal(o Value) bool {
	if v.kind != o.kind {
		return false
	}
	switch v.kind {
	case KindNull:
		return true
	case KindDouble:
		a, b := math.Float64frombits(v.num), math.Float64frombits(o.num)
		return v.num == o.num || a != a && b != b
	case KindDecimal, KindString, KindJSON, KindBytes:
		return v.str() == o.str()
	case KindList, KindStruct:
		return slices.EqualFunc(v.items(), o.items(), Value.Equal)
	}
	return v.num == o.num
}

// Clone returns a value that shares no memory with v, for keeping it long after
// the row it came with.
func (v Value) Clone() Value {
	switch v.kind {
	case KindDecimal, KindString, KindJSON:
		return text(v.kind, strings.Clone(v.str()))
	case KindBytes:
		return Bytes(slices.Clone(v.Bytes()))
	case KindList, KindStruct:
		items := make([]Value, v.num)
		for i, it := range v.items() {
			items[i] = it.Clone()
		}
		c := List(items...)
		c.kind = v.kind
		return c
	}
	return v
}

// String returns the value as text for logs and test output, with strings in
// quotes and a struct's fields in parentheses. It is not a file format.
func (v Value) String() string { return string(v.appendDebug(nil)) }

func (v Value) appendDebug(b []byte) []byte {
	switch v.kind {
	case KindNull:
		return append(b, "null"...)
	case KindString:
		return strconv.AppendQuote(b, v.str())
	case KindList, KindStruct:
		ends := "[]"
		if v.kind == KindStruct {
			ends = "()"
		}
		b = append(b, ends[0])
		for i, it := range v.items() {
			if i > 0 {
				b = append(b, ' ')
			}
			b = it.appendDebug(b)
		}
		return append(b, ends[1])
	}
	return appendScalar(b, v)
}
