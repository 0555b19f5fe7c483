package expr

import (
	"math"
	"regexp"
	"strconv"
	"strings"
)

// formatDecimal writes a decimal as Java does: the fewest digits that read back
// as the same number, at least one after the point, and an exponent below 0.001
// and from ten million on.
func formatDecimal(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case f == 0:
		if math.Signbit(f) {
			return "-0.0"
		}
		return "0.0"
	}
	if a := math.Abs(f); a >= 1e-3 && a < 1e7 {
		s := strconv.FormatFloat(f, 'f', -1, 64)
		if !strings.Contains(s, ".") {
			s += ".0"
		}
		return s
	}
	m, e, _ := strings.Cut(strconv.FormatFloat(f, 'e', -1, 64), "e")
	if !strings.Contains(m, ".") {
		// A second digit is free, so it may as well bring the text nearer.
		m, e, _ = strings.Cut(strconv.FormatFloat(f, 'e', 1, 64), "e")
	}
	n, _ := strconv.Atoi(e)
	return m + "E" + strconv.Itoa(n)
}

var (
	wholeText   = regexp.MustCompile(`^[-+]?(\d+|0[xX][0-9a-fA-F]+)$`)
	decimalText = regexp.MustCompile(`^[-+]?(Infinity|NaN|\d+\.\d+([eE][-+]?\d+)?|\d+[eE][-+]?\d+|\.\d+([eE][-+]?\d+)?` +
		`|0[xX]([0-9a-fA-F]+\.?|[0-9a-fA-F]*\.[0-9a-fA-F]+)[pP][-+]?\d+)$`)
)

// readNumber reads a number from text. A text that is none gives a missing
// value; a whole number beyond 64 bits is reported by tooBig.
func readNumber(s string) (v value, tooBig bool) {
	s = trimSpace(s)
	switch {
	case wholeText.MatchString(s):
		i, err := readWhole(s)
		if err != nil {
			return none(WholeNumber), true
		}
		return whole(i), false
	case decimalText.MatchString(s):
		return readDecimal(s), false
	}
	return none(Decimal), false
}

func readWhole(s string) (int64, error) {
	digits := strings.TrimLeft(s, "+-")
	if len(digits) > 1 && (digits[1] == 'x' || digits[1] == 'X') {
		return strconv.ParseInt(strings.TrimPrefix(s, "+"), 0, 64)
	}
	return strconv.ParseInt(s, 10, 64)
}

// readDecimal reads text that decimalText has matched. Beyond the range of a
// decimal is infinity.
func readDecimal(s string) value {
	if strings.HasSuffix(s, "NaN") {
		return decimal(math.NaN())
	}
	f, _ := strconv.ParseFloat(s, 64)
	return decimal(f)
}

// toWhole cuts a decimal off towards zero; what does not fit becomes the nearest
// that does, and NaN becomes zero.
func toWhole(f float64) int64 {
	switch {
	case math.IsNaN(f):
		return 0
	case f >= math.MaxInt64:
		return math.MaxInt64
	case f <= math.MinInt64:
		return math.MinInt64
	}
	return int64(f)
}

// trimSpace removes leading and trailing characters up to the space, which is
// what the language has always called white space.
func trimSpace(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return r <= ' ' })
}

// blank reports whether a text is empty or only white space.
func blank(s string) bool { return strings.TrimSpace(s) == "" }
