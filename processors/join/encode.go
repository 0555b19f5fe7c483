package join

import (
	"encoding/hex"
	"math"
	"strings"

	"github.com/weirflow/weir/record"
)

// A key's text: one byte that says what the row is, then each key column as a
// byte that says whether it is null, the value, and an end. Compared byte by byte
// such texts order as the values do, nulls last, rows that match nothing behind
// all others and rejected ones behind those. It is UTF-8 without NUL, as a text
// of DuckDB must be.
const (
	flagMatch  = 4 // the row may match
	flagNever  = 5 // a null in its key keeps it from matching
	flagReject = 6 // a cast failed: nothing follows but the number and the cells

	markValue = 2
	markNull  = 3
	endColumn = 1 // below every byte of a value
	endCell   = 1 // between cells; JSON has no such byte

	escape      = 2 // stands before a byte of a string that is not above it
	escapeShift = 0x10
)

// ordinalSize is how many bytes a row's number takes, 48 bits of it.
const ordinalSize = 8

// appendOrdinal appends a row's number so that texts order as numbers do.
func appendOrdinal(b []byte, n int64) []byte { return appendBits(b, uint64(n)<<16, ordinalSize) }

// appendBits appends the first 6*chars bits of n, six a byte from '0' on.
func appendBits(b []byte, n uint64, chars int) []byte {
	for i := range chars {
		shift := 58 - 6*i
		if shift >= 0 {
			b = append(b, '0'+byte(n>>shift)&63)
		} else {
			b = append(b, '0'+byte(n<<-shift)&63)
		}
	}
	return b
}

// appendInt appends a whole number in order: the sign bit turned, eleven bytes.
func appendInt(b []byte, n int64) []byte { return appendBits(b, uint64(n)^1<<63, 11) }

// appendString appends a text; bytes that mean something else are escaped.
func appendString(b []byte, s string) []byte {
	for {
		i := strings.IndexFunc(s, func(r rune) bool { return r <= escape })
		if i < 0 {
			return append(b, s...)
		}
		b = append(append(b, s[:i]...), escape, s[i]+escapeShift)
		s = s[i+1:]
	}
}

// appendKey appends the text of a value that is not null.
func appendKey(b []byte, v record.Value) []byte {
	switch v.Kind() {
	case record.KindString:
		return appendString(b, v.Text())
	case record.KindInt64:
		return appendInt(b, v.Int64())
	case record.KindDate:
		return appendInt(b, v.Days())
	case record.KindTimestamp:
		return appendInt(b, v.Micros())
	case record.KindBool:
		if v.Bool() {
			return append(b, '1')
		}
		return append(b, '0')
	case record.KindDouble:
		return appendDouble(b, v.Double())
	case record.KindDecimal:
		return appendDecimal(b, v.Text())
	case record.KindBytes:
		return hex.AppendEncode(b, v.Bytes())
	}
	panic("join: a " + v.Kind().String() + " cannot be a key")
}

// appendDouble appends a double: -0 is 0, and all NaNs are one, behind Infinity.
func appendDouble(b []byte, f float64) []byte {
	bits := math.Float64bits(f)
	switch {
	case f == 0:
		bits = 1 << 63
	case f != f:
		bits = math.MaxUint64
	case bits>>63 == 1:
		bits = ^bits
	default:
		bits |= 1 << 63
	}
	return appendBits(b, bits, 11)
}

// appendDecimal appends a canonical decimal: its sign, how many digits stand
// before the point, and the digits; all turned round below zero.
func appendDecimal(b []byte, s string) []byte {
	digits, negative := strings.CutPrefix(s, "-")
	whole, fraction, _ := strings.Cut(digits, ".")
	whole = strings.TrimLeft(whole, "0")
	if !negative {
		b = append(b, 'p', '0'+byte(len(whole)))
		b = append(b, whole...)
		return append(b, fraction...)
	}
	b = append(b, 'n', 0x7f-byte(len(whole)))
	for _, d := range []byte(whole + fraction) {
		b = append(b, '0'+'9'-d)
	}
	return append(b, '~') // the shorter fraction is the greater number
}
