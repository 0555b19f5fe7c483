package expr

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// path is a compiled JSON path, such as $.a['b'][0], $..c or $.d[?(@.e == 'x')].
type path struct {
	steps []pathStep
	// one is set where the path can lead to one place only.
	one bool
}

// pathStep leads from a value to values in it.
type pathStep struct {
	deep   bool     // to it and to everything below it, first
	all    bool     // to everything in it
	names  []string // to these keys
	index  []int    // to these places, from the end where negative
	slice  *[3]*int // to the places from, to and by
	filter filter   // to those items of an array, or to the object, that this holds of
}

// place is a value and where it stands.
type place struct {
	v      any
	in     any // *object or *array, nil for the document itself
	key    string
	number int
}

func compilePath(s string) (*path, error) {
	if t := trimSpace(s); !strings.HasPrefix(t, "$") {
		s = "$." + t
	}
	r := pathReader{in: []rune(trimSpace(s)), i: 1}
	p, err := r.steps(false)
	if err != nil {
		return nil, err
	}
	if r.i < len(r.in) {
		return nil, r.unexpected()
	}
	return p, nil
}

type pathReader struct {
	in    []rune
	i     int
	depth int
}

func (r *pathReader) peek() rune {
	if r.i < len(r.in) {
		return r.in[r.i]
	}
	return 0
}

func (r *pathReader) unexpected() error {
	if r.i >= len(r.in) {
		return errors.New("the path ends too early")
	}
	return fmt.Errorf("%q is not expected at character %d of the path", string(r.in[r.i]), r.i+1)
}

func (r *pathReader) space() {
	for r.i < len(r.in) && space(r.in[r.i]) {
		r.i++
	}
}

func (r *pathReader) take(s string) bool {
	if strings.HasPrefix(string(r.in[r.i:min(len(r.in), r.i+len(s))]), s) {
		r.i += len(s)
		return true
	}
	return false
}

// steps reads steps, within a filter as far as they go.
func (r *pathReader) steps(inner bool) (*path, error) {
	p := &path{one: true}
	for r.i < len(r.in) {
		var s pathStep
		switch {
		case r.take(".."):
			s.deep = true
			if r.peek() != '[' {
				if err := r.member(&s, inner); err != nil {
					return nil, err
				}
				break
			}
			r.i++
			if err := r.bracket(&s); err != nil {
				return nil, err
			}
		case r.take("."):
			if err := r.member(&s, inner); err != nil {
				return nil, err
			}
		case r.take("["):
			if err := r.bracket(&s); err != nil {
				return nil, err
			}
		default:
			return p, nil
		}
		p.one = p.one && !s.deep && !s.all && s.filter == nil && s.slice == nil && len(s.index) < 2 && len(s.names) < 2
		p.steps = append(p.steps, s)
	}
	return p, nil
}

func (r *pathReader) member(s *pathStep, inner bool) error {
	if r.take("*") {
		s.all = true
		return nil
	}
	start := r.i
	for r.i < len(r.in) && !strings.ContainsRune(".[]()'\" *?@$", r.in[r.i]) && (!inner || !strings.ContainsRune("=!<>&|,~", r.in[r.i])) {
		r.i++
	}
	if r.i == start {
		return r.unexpected()
	}
	if r.peek() == '(' {
		return errors.New("functions in a path are not known")
	}
	s.names = []string{string(r.in[start:r.i])}
	return nil
}

func (r *pathReader) bracket(s *pathStep) error {
	r.space()
	switch c := r.peek(); {
	case c == '*':
		r.i++
		s.all = true
	case c == '?':
		r.i++
		r.space()
		if !r.take("(") {
			return r.unexpected()
		}
		f, err := r.either()
		if err != nil {
			return err
		}
		if r.space(); !r.take(")") {
			return r.unexpected()
		}
		s.filter = f
	case c == '\'' || c == '"':
		for {
			name, err := r.quoted()
			if err != nil {
				return err
			}
			s.names = append(s.names, name)
			if r.space(); !r.take(",") {
				break
			}
			r.space()
		}
	default:
		if err := r.numbers(s); err != nil {
			return err
		}
	}
	if r.space(); !r.take("]") {
		return r.unexpected()
	}
	return nil
}

func (r *pathReader) numbers(s *pathStep) error {
	var parts [3]*int
	n := 0
	for {
		v, ok := r.number()
		if ok {
			parts[n] = &v
		}
		r.space()
		if !r.take(":") {
			break
		}
		if n++; n > 2 {
			return r.unexpected()
		}
	}
	if n > 0 {
		if by := parts[2]; by != nil && *by <= 0 {
			return errors.New("a slice's step must be positive")
		}
		s.slice = &parts
		return nil
	}
	if parts[0] == nil {
		return r.unexpected()
	}
	s.index = []int{*parts[0]}
	for r.take(",") {
		v, ok := r.number()
		if !ok {
			return r.unexpected()
		}
		s.index = append(s.index, v)
		r.space()
	}
	return nil
}

func (r *pathReader) number() (int, bool) {
	r.space()
	start := r.i
	if r.peek() == '-' {
		r.i++
	}
	for digit(r.peek()) {
		r.i++
	}
	v, err := strconv.Atoi(string(r.in[start:r.i]))
	if err != nil {
		r.i = start
	}
	return v, err == nil
}

func (r *pathReader) quoted() (string, error) {
	q := r.peek()
	if q != '\'' && q != '"' {
		return "", r.unexpected()
	}
	var b strings.Builder
	for r.i++; r.i < len(r.in); r.i++ {
		switch c := r.in[r.i]; {
		case c == q:
			r.i++
			return b.String(), nil
		case c == '\\' && r.i+1 < len(r.in):
			r.i++
			b.WriteRune(r.in[r.i])
		default:
			b.WriteRune(c)
		}
	}
	return "", r.unexpected()
}

// scope is one search: the document, and how many more values may be looked at.
// Paths within paths could look at the same ones again and again.
type scope struct {
	doc  any
	left int
}

const maxVisits = 1 << 18

var errVisits = errors.New("the path leads to too many places")

// find returns the places that the path leads to from root.
func (p *path) find(root any, sc *scope) ([]place, error) {
	at := []place{{v: root}}
	for i := range p.steps {
		s := &p.steps[i]
		var next []place
		for _, x := range at {
			from := []place{x}
			if s.deep {
				from = sc.below(nil, x)
			}
			for _, f := range from {
				_, isArray := f.v.(*array)
				before := len(next)
				switch {
				case s.filter == nil || isArray && !s.deep:
					next = s.into(next, f.v, sc)
				case !isArray && s.filter(f.v, sc):
					next = append(next, f) // an object is asked itself
				}
				if sc.left -= 1 + len(next) - before; sc.left < 0 {
					return nil, errVisits
				}
			}
		}
		at = next
	}
	return at, nil
}

// below collects x and every object and array in it.
func (sc *scope) below(out []place, x place) []place {
	if sc.left--; sc.left < 0 {
		return out
	}
	switch v := x.v.(type) {
	case *object:
		out = append(out, x)
		for _, k := range v.keys {
			out = sc.below(out, place{v: v.vals[k], in: v, key: k})
		}
	case *array:
		out = append(out, x)
		for i, item := range v.items {
			out = sc.below(out, place{v: item, in: v, number: i})
		}
	}
	return out
}

func (s *pathStep) into(out []place, v any, sc *scope) []place {
	switch v := v.(type) {
	case *object:
		if s.all {
			for _, k := range v.keys {
				out = append(out, place{v: v.vals[k], in: v, key: k})
			}
		}
		for _, k := range s.names {
			if item, ok := v.vals[k]; ok {
				out = append(out, place{v: item, in: v, key: k})
			}
		}
	case *array:
		n := len(v.items)
		add := func(i int) { out = append(out, place{v: v.items[i], in: v, number: i}) }
		switch {
		case s.all:
			for i := range n {
				add(i)
			}
		case s.filter != nil:
			for i := range n {
				if s.filter(v.items[i], sc) {
					add(i)
				}
			}
		case s.slice != nil:
			bound := func(k, or int) int {
				i := or
				if p := s.slice[k]; p != nil {
					if i = *p; i < 0 {
						i += n
					}
				}
				return min(max(i, 0), n)
			}
			by := 1
			if p := s.slice[2]; p != nil {
				by = min(*p, n+1) // more leads no further, and would overflow
			}
			for i := bound(0, 0); i < bound(1, n); i += by {
				add(i)
			}
		}
		for _, i := range s.index {
			if i < 0 {
				i += n
			}
			if i >= 0 && i < n {
				add(i)
			}
		}
	}
	return out
}
