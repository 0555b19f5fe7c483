package expr

import (
	"strings"
	"sync"

	"github.com/weirflow/weir/fault"
)

// field is a part of a date or time that a pattern names.
type field uint8

const (
	fEra field = iota
	fYear
	fYearOfEra
	fQuarter
	fMonth
	fDay
	fDayOfYear
	fWeekday
	fAmPm
	fHour
	fHour24 // 1 to 24
	fHour0  // 0 to 11
	fHour12 // 1 to 12
	fMinute
	fSecond
	fNano
	fMilliOfDay
	fNanoOfDay
	fields
)

// bounds are the least and greatest value of each field.
var bounds = [fields][2]int64{
	fEra: {0, 1}, fYear: {-999999999, 999999999}, fYearOfEra: {1, 999999999}, fQuarter: {1, 4}, fMonth: {1, 12},
	fDay: {1, 31}, fDayOfYear: {1, 366}, fWeekday: {1, 7}, fAmPm: {0, 1}, fHour: {0, 23}, fHour24: {1, 24},
	fHour0: {0, 11}, fHour12: {1, 12}, fMinute: {0, 59}, fSecond: {0, 59}, fNano: {0, 999999999},
	fMilliOfDay: {0, 86399999}, fNanoOfDay: {0, 86399999999999},
}

// kind is how an element is written.
type kind uint8

const (
	kLiteral  kind = iota
	kNumber        // the field's number
	kReduced       // the last two digits of a year
	kFraction      // the first digits of the second's fraction
	kText          // the field's name
	kZoneName
	kZoneID
	kOffset    // +09:00
	kGMTOffset // GMT+9
	kOptional
)

// sign is how a number's sign is written.
type sign uint8

const (
	signNormal sign = iota
	signNever
	signExceeds // + where there are more digits than the least
)

// element is one part of a pattern.
type element struct {
	kind     kind
	field    field
	min, max int
	sign     sign
	// next is how many digits of the numbers that follow without a separator
	// belong to them; fixed is set for such a number.
	next    int
	fixed   bool
	style   int // of a name: 3 short, 4 full, 5 one letter
	text    string
	zero    string // what offset zero is written as
	minutes byte   // of an offset: h as needed, m always, s seconds as needed
	colon   bool
	inner   []element
}

// layout is a compiled date pattern.
type layout struct {
	source string
	parts  []element
}

// layouts keeps the patterns that were compiled lately: the same pattern often
// comes from an attribute, record after record.
var layouts = newRecent[*layout](256)

func compileLayout(s string) (*layout, error) {
	if l, ok := layouts.get(s); ok {
		return l, nil
	}
	c := layoutCompiler{in: []rune(s), source: s}
	parts, err := c.parts(0)
	if err != nil {
		return nil, err
	}
	l := &layout{source: s, parts: parts}
	layouts.put(s, l)
	return l, nil
}

type layoutCompiler struct {
	in     []rune
	i      int
	source string
}

func (c *layoutCompiler) bad(what string) error {
	return fault.New("expr_date_pattern", "pattern", shorten(c.source), "part", what).Permanent()
}

func (c *layoutCompiler) parts(depth int) ([]element, error) {
	var out []element
	first := -1 // the number that digits without a separator began with
	add := func(e element) {
		if e.kind != kNumber && e.kind != kReduced && e.kind != kFraction {
			first = -1
		} else if first >= 0 {
			if e.min == e.max && e.sign == signNever {
				out[first].next += e.max
				e.fixed = true
			} else {
				out[first].fixed = true
				first = len(out)
			}
		} else {
			first = len(out)
		}
		out = append(out, e)
	}
	for c.i < len(c.in) {
		switch r := c.in[c.i]; {
		case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z':
			n := 0
			for c.i < len(c.in) && c.in[c.i] == r {
				c.i++
				n++
			}
			e, ok := letter(r, n)
			if !ok {
				return nil, c.bad(strings.Repeat(string(r), min(n, 20)))
			}
			add(e)
		case r == '\'':
			s, ok := c.quoted()
			if !ok {
				return nil, c.bad("'")
			}
			add(element{kind: kLiteral, text: s})
		case r == '[':
			c.i++
			if depth > 8 {
				return nil, c.bad("[")
			}
			inner, err := c.parts(depth + 1)
			if err != nil {
				return nil, err
			}
			if c.i >= len(c.in) {
				add(element{kind: kOptional, inner: inner})
				return out, nil
			}
			c.i++
			add(element{kind: kOptional, inner: inner})
		case r == ']' && depth > 0:
			return out, nil
		case r == ']' || r == '{' || r == '}' || r == '#':
			return nil, c.bad(string(r))
		default:
			c.i++
			add(element{kind: kLiteral, text: string(r)})
		}
	}
	return out, nil
}

func (c *layoutCompiler) quoted() (string, bool) {
	var b strings.Builder
	for c.i++; c.i < len(c.in); c.i++ {
		if c.in[c.i] != '\'' {
			b.WriteRune(c.in[c.i])
			continue
		}
		if c.i+1 < len(c.in) && c.in[c.i+1] == '\'' {
			c.i++
			b.WriteByte('\'')
			continue
		}
		c.i++
		if b.Len() == 0 {
			return "'", true
		}
		return b.String(), true
	}
	return "", false
}

// number is an element of exactly n digits where n is 2, else of as many as
// there are.
func number(f field, n int) (element, bool) {
	switch n {
	case 1:
		return element{kind: kNumber, field: f, min: 1, max: 19}, true
	case 2:
		return element{kind: kNumber, field: f, min: 2, max: 2, sign: signNever}, true
	}
	return element{}, false
}

func named5(f field, n int) (element, bool) {
	return element{kind: kText, field: f, style: n}, n <= 5
}

var numeric = map[rune]field{
	'd': fDay, 'h': fHour12, 'H': fHour, 'k': fHour24, 'K': fHour0, 'm': fMinute, 's': fSecond,
}

// letter returns the element that a letter written n times stands for.
func letter(r rune, n int) (element, bool) {
	if f, ok := numeric[r]; ok {
		return number(f, n)
	}
	switch r {
	case 'G':
		return named5(fEra, max(n, 3))
	case 'y', 'u':
		f := fYearOfEra
		if r == 'u' {
			f = fYear
		}
		switch {
		case n == 2:
			return element{kind: kReduced, field: f, min: 2, max: 2, sign: signNever}, true
		case n < 4:
			return element{kind: kNumber, field: f, min: n, max: 19}, true
		}
		return element{kind: kNumber, field: f, min: n, max: 19, sign: signExceeds}, n <= 19
	case 'M', 'L', 'Q', 'q':
		f := fMonth
		if r == 'Q' || r == 'q' {
			f = fQuarter
		}
		if n <= 2 {
			return number(f, n)
		}
		return named5(f, n)
	case 'D':
		e := element{kind: kNumber, field: fDayOfYear, min: n, max: 3, sign: signNever}
		if n == 1 {
			e.max, e.sign = 19, signNormal
		}
		return e, n <= 3
	case 'E':
		return named5(fWeekday, max(n, 3))
	case 'a':
		return element{kind: kText, field: fAmPm, style: 3}, n == 1
	case 'S':
		return element{kind: kFraction, field: fNano, min: n, max: n, sign: signNever}, n <= 9
	case 'A', 'n', 'N':
		f := map[rune]field{'A': fMilliOfDay, 'n': fNano, 'N': fNanoOfDay}[r]
		return element{kind: kNumber, field: f, min: n, max: 19, sign: signNever}, n <= 19
	case 'z':
		return element{kind: kZoneName}, n <= 3
	case 'V':
		return element{kind: kZoneID}, n == 2
	case 'O':
		return element{kind: kGMTOffset, style: n}, n == 1 || n == 4
	case 'Z', 'X', 'x':
		return offsetLetter(r, n)
	}
	return element{}, false
}

func offsetLetter(r rune, n int) (element, bool) {
	e := element{kind: kOffset, minutes: 'm', colon: n == 3 || n == 5}
	switch {
	case r == 'Z' && n <= 3:
		e.zero, e.colon = "+0000", false
	case r == 'Z' && n == 4:
		return element{kind: kGMTOffset, style: 4}, true
	case r == 'Z' && n == 5:
		e.zero, e.minutes = "Z", 's'
	case r == 'Z' || n > 5:
		return e, false
	case n == 1:
		e.minutes = 'h'
	case n >= 4:
		e.minutes = 's'
	}
	switch r {
	case 'X':
		e.zero = "Z"
	case 'x':
		e.zero = []string{"+00", "+0000", "+00:00", "+0000", "+00:00"}[n-1]
	}
	return e, true
}

// recent is a small cache that forgets everything when it is full.
type recent[V any] struct {
	mu   sync.RWMutex
	max  int
	vals map[string]V
}

func newRecent[V any](n int) *recent[V] { return &recent[V]{max: n, vals: map[string]V{}} }

func (r *recent[V]) get(k string) (V, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	v, ok := r.vals[k]
	return v, ok
}

func (r *recent[V]) put(k string, v V) {
	if len(k) > 1024 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.vals) >= r.max {
		clear(r.vals)
	}
	r.vals[k] = v
}
