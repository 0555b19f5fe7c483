package join

// Limit makes the join work as with more rows than there are: groups beyond so
// many bytes are read again from disk, and DuckDB counts instead of a census. It
// returns what undoes it.
func Limit(group int64, census bool) func() {
	g, c := groupLimit, censusShare
	groupLimit = group
	if !census {
		censusShare = 1 << 50
	}
	return func() { groupLimit, censusShare = g, c }
}

// The queries, for the golden tests.
var (
	SortOf     = sortOf
	CountRight = countRight
)

// CountJoin counts what the join of the keys gives.
const CountJoin = countJoin

// ParseKey reads a key and writes it anew.
func ParseKey(line string) (again string, ok bool) {
	k, f := parseKey(line)
	if f != nil {
		return "", false
	}
	return k.left.text() + " = " + k.right.text(), true
}

func (t *term) text() string {
	s := quote(t.column)
	if t.cast {
		s += " as " + t.typ.String()
	}
	for _, w := range []struct {
		on   bool
		word string
	}{{t.trim, " trim"}, {t.lower, " lower"}, {t.nfc, " nfc"}} {
		if w.on {
			s += w.word
		}
	}
	return s
}

// Key writes a value as part of a key.
var Key = appendKey

// Cast casts a value.
var Cast = cast
