package record

import (
	"math"
	"strconv"
	"strings"
)

// maxSafe is the largest magnitude that every JSON reader keeps exactly: 2^53-1.
const maxSafe = 1<<53 - 1

// numberEnd returns the index behind the JSON number that begins at i, or i when
// there is none.
func numberEnd[T string | []byte](b T, i int) int {
	start := i
	if i < len(b) && b[i] == '-' {
		i++
	}
	switch {
	case i < len(b) && b[i] == '0':
		i++
	case i < len(b) && b[i] >= '1' && b[i] <= '9':
		i = digitsEnd(b, i)
	default:
		return start
	}
	if i < len(b) && b[i] == '.' {
		j := digitsEnd(b, i+1)
		if j == i+1 {
			return start
		}
		i = j
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		j := i + 1
		if j < len(b) && (b[j] == '+' || b[j] == '-') {
			j++
		}
		k := digitsEnd(b, j)
		if k == j {
			return start
		}
		i = k
	}
	return i
}

func digitsEnd[T string | []byte](b T, i int) int {
	for i < len(b) && b[i]-'0' <= 9 {
		i++
	}
	return i
}

// isNumber reports whether s is a number as JSON writes it.
func isNumber(s string) bool { return s != "" && numberEnd(s, 0) == len(s) }

// parseInt reads a JSON number that is whole and within int64; 1.0 and 1e3 are
// whole.
func parseInt(s string) (int64, verdict) {
	if !isNumber(s) {
		return 0, notOfType
	}
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return i, fits
	}
	d, v := parseDecimal(s, maxPrecision, 0)
	if v != fits {
		return 0, v
	}
	i, err := strconv.ParseInt(d, 10, 64)
	if err != nil {
		return 0, outOfRange
	}
	return i, fits
}

func parseDouble(s string) (float64, verdict) {
	if !isNumber(s) {
		switch s {
		case "NaN":
			return math.NaN(), fits
		case "Infinity":
			return math.Inf(1), fits
		case "-Infinity":
			return math.Inf(-1), fits
		}
		return 0, notOfType
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0, outOfRange
	}
	return f, fits
}

// appendDouble appends the shortest text that reads back as f: plain digits
// within 1e-6 and 1e21, an exponent beyond.
func appendDouble(b []byte, f float64) []byte {
	switch {
	case f != f:
		return append(b, "NaN"...)
	case math.IsInf(f, 1):
		return append(b, "Infinity"...)
	case math.IsInf(f, -1):
		return append(b, "-Infinity"...)
	}
	if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e21) {
		return strconv.AppendFloat(b, f, 'e', -1, 64)
	}
	return strconv.AppendFloat(b, f, 'f', -1, 64)
}

func finite(f float64) bool { return f-f == 0 }

// parseDecimal reads a JSON number as an exact decimal of at most precision
// digits, scale of them behind the point. The result has no exponent and no
// needless zeros, and shares s where s has neither.
func parseDecimal(s string, precision, scale int) (string, verdict) {
	if !isNumber(s) {
		return "", notOfType
	}
	if plainDecimal(s) {
		return s, decimalFits(s, precision, scale)
	}
	mantissa, exp := s, 0
	if e := strings.IndexAny(s, "eE"); e >= 0 {
		mantissa = s[:e]
		// An exponent too long for an int is as good as the nearest that is not.
		exp, _ = strconv.Atoi(s[e+1:])
		exp = max(min(exp, 1<<30), -1<<30)
	}
	neg := mantissa[0] == '-'
	whole, behind, _ := strings.Cut(strings.TrimPrefix(mantissa, "-"), ".")
	digits := strings.TrimLeft(whole+behind, "0")
	// The value is 0.DIGITS times 10 to the power of point.
	point := len(whole) - (len(whole) + len(behind) - len(digits)) + exp
	digits = strings.TrimRight(digits, "0")
	switch {
	case digits == "":
		return "0", fits
	case point > precision-scale:
		return "", outOfRange
	case len(digits)-point > scale:
		return "", wouldLose
	}
	out := make([]byte, 0, precision+3)
	if neg {
		out = append(out, '-')
	}
	if point <= 0 {
		out = append(out, "0."...)
		for range -point {
			out = append(out, '0')
		}
		return string(append(out, digits...)), fits
	}
	for i := range max(point, len(digits)) {
		if i == point {
			out = append(out, '.')
		}
		if i < len(digits) {
			out = append(out, digits[i])
		} else {
			out = append(out, '0')
		}
	}
	return string(out), fits
}

// plainDecimal reports whether the JSON number s is canonical already.
func plainDecimal(s string) bool {
	point := false
	for i := range len(s) {
		switch s[i] {
		case '.':
			point = true
		case 'e', 'E':
			return false
		}
	}
	return !(point && s[len(s)-1] == '0') && s != "-0"
}

// decimalFits checks a canonical decimal against a type's digits.
func decimalFits(s string, precision, scale int) verdict {
	whole, behind, _ := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	if whole == "0" {
		whole = ""
	}
	if len(whole) > precision-scale {
		return outOfRange
	}
	if len(behind) > scale {
		return wouldLose
	}
	return fits
}
