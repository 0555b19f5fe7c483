package expr

// source is text being parsed, with the place of each character in the property
// value it came from. The text of a quoted string is shorter than its source, so
// the two differ.
type source struct {
	r  []rune
	at []int // nil: place i is i
}

func whole0(r []rune) source { return source{r: r} }

// place returns the place of character i, counted from 0, in the property value.
func (s source) place(i int) int {
	if s.at == nil {
		return i
	}
	return s.at[i]
}

func (s source) has(i int, r rune) bool { return i < len(s.r) && s.r[i] == r }

// run returns the end of the run of r that begins at i.
func (s source) run(i int, r rune) int {
	for i < len(s.r) && s.r[i] == r {
		i++
	}
	return i
}

// closing returns the place of the brace that closes the one at open, or -1.
// Braces in quotes do not count.
func (s source) closing(open int) int {
	depth := 0
	for i := open; i < len(s.r); i++ {
		switch c := s.r[i]; c {
		case '\'', '"':
			for i++; i < len(s.r) && s.r[i] != c; i++ {
				if s.r[i] == '\\' {
					i++
				}
			}
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

func space(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' }

func digit(r rune) bool { return r >= '0' && r <= '9' }

// nameRune reports whether r may stand in an attribute name without quotes.
func nameRune(r rune) bool {
	switch r {
	case '$', '{', '}', '(', ')', '[', ']', ',', ':', ';', '/', '*', '\'', ' ', '\t', '\r', '\n':
		return false
	}
	return true
}

// nameStart reports whether an attribute name without quotes may begin with r.
func nameStart(r rune) bool { return nameRune(r) && !digit(r) && r != '"' && r != '#' }

// skip passes over white space and comments, which run from # to the line's end.
func (s source) skip(i int) int {
	for i < len(s.r) {
		switch {
		case space(s.r[i]):
			i++
		case s.r[i] == '#' && !s.has(i+1, '{'):
			for i < len(s.r) && s.r[i] != '\n' {
				i++
			}
		default:
			return i
		}
	}
	return i
}

// word returns the end of the name that begins at i.
func (s source) word(i int) int {
	for i < len(s.r) && nameRune(s.r[i]) {
		i++
	}
	return i
}

// number returns the end of the number that begins at i, and whether it has a
// point or an exponent; it returns i where there is none.
func (s source) number(i int) (end int, dec bool) {
	digits := func(j int) int {
		for j < len(s.r) && digit(s.r[j]) {
			j++
		}
		return j
	}
	j := i
	if s.has(j, '+') || s.has(j, '-') {
		j++
	}
	k := digits(j)
	n := k - j
	if s.has(k, '.') {
		m := digits(k + 1)
		n += m - k - 1
		k, dec = m, true
	}
	if n == 0 {
		return i, false
	}
	if s.has(k, 'e') || s.has(k, 'E') {
		m := k + 1
		if s.has(m, '+') || s.has(m, '-') {
			m++
		}
		if e := digits(m); e > m {
			k, dec = e, true
		}
	}
	return k, dec
}

// quoted reads the quoted text that begins at i. It returns the text with its
// escapes resolved, save that two backslashes stay two until the text has been
// searched for expressions, and the place after the closing quote; end is -1
// where the quote is never closed.
func (s source) quoted(i int) (in source, end int) {
	q := s.r[i]
	in.r, in.at = []rune{}, []int{}
	put := func(r rune, at int) { in.r, in.at = append(in.r, r), append(in.at, s.place(at)) }
	for j := i + 1; j < len(s.r); j++ {
		switch c := s.r[j]; {
		case c == q:
			in.at = append(in.at, s.place(j))
			return in, j + 1
		case c != '\\':
			put(c, j)
		case j+1 >= len(s.r):
			return in, -1
		default:
			j++
			switch e := s.r[j]; e {
			case '"', '\'':
				put(e, j)
			case 'n':
				put('\n', j)
			case 'r':
				put('\r', j)
			case 't':
				put('\t', j)
			default: // a backslash and what follows, for regular expressions
				put('\\', j-1)
				put(e, j)
			}
		}
	}
	return in, -1
}
