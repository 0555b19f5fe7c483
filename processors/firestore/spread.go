package firestore

import (
	"strings"
	"unicode/utf8"
)

// between returns up to n document paths spread evenly between two, in order.
// They need not exist: a query may begin behind any name. Where low and high lie
// in different collections of a group, the first id in which they differ is
// what varies.
func between(low, high string, n int) []string {
	a, b := strings.Split(low, "/"), strings.Split(high, "/")
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	if i >= len(a) || i >= len(b) || i%2 == 0 {
		return nil // the same, or collections of different names
	}
	var out []string
	for _, id := range idsBetween(a[i], b[i], n) {
		p := append(append(append([]string{}, a[:i]...), id), a[i+1:]...)
		out = append(out, strings.Join(p, "/"))
	}
	return out
}

// digits is how many characters behind the common beginning are interpolated:
// as many as a double can tell apart in base 95, and fewer for other scripts.
const digits = 6

// idsBetween interpolates between two ids as if they were fractions, written in
// the printable characters of ASCII, or in code points when they hold others.
func idsBetween(low, high string, n int) []string {
	common := 0
	for common < len(low) && common < len(high) && low[common] == high[common] {
		common++
	}
	for common > 0 && common < len(low) && !utf8.RuneStart(low[common]) {
		common--
	}
	prefix := low[:common]
	a, b := []rune(low[common:]), []rune(high[common:])
	const asciiFirst, asciiLast = ' ', '~'
	first, base := asciiFirst, float64(asciiLast-asciiFirst+1)
	for _, r := range append(append([]rune{}, a...), b...) {
		if r < asciiFirst || r > asciiLast {
			first, base = 1, utf8.MaxRune
			break
		}
	}
	fraction := func(rs []rune) (f float64) {
		unit := 1.0
		for _, r := range rs[:min(len(rs), digits)] {
			unit /= base
			f += float64(r-first) * unit
		}
		return f
	}
	from, to := fraction(a), fraction(b)
	var out []string
	for i := 1; i <= n; i++ {
		id := prefix + text(from+(to-from)*float64(i)/float64(n+1), first, base)
		if id > low && id < high && (len(out) == 0 || id > out[len(out)-1]) {
			out = append(out, id)
		}
	}
	return out
}

// text writes a fraction in a base whose first digit is the character first.
// A slash parts ids and a surrogate is no character: their neighbours do.
func text(f float64, first rune, base float64) string {
	var b strings.Builder
	places := digits
	if base > 1000 {
		places = 2
	}
	for range places {
		f *= base
		d := min(max(int(f), 0), int(base)-1)
		f -= float64(d)
		switch r := first + rune(d); {
		case r == '/':
			b.WriteByte('0')
		case !utf8.ValidRune(r):
			b.WriteRune(0xe000)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
