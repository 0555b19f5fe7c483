package expr

import (
	"math"
	"strings"
	"time"

	"github.com/weirflow/weir/fault"
)

// reader reads one text by a pattern.
type reader struct {
	in     string
	strict bool // exact widths and case, as against what people write
	found  reading
}

// reading is what a text says: the values of fields, and a zone.
type reading struct {
	vals [fields]int64
	set  [fields]bool
	zone *time.Location
	off  int
	east bool // off is set
}

func (l *layout) bad(s string, i int) error {
	return fault.New("expr_date_value", "value", shorten(s), "pattern", shorten(l.source), "position",
		len([]rune(s[:min(max(i, 0), len(s))]))+1).Permanent()
}

func (l *layout) read(s string, strict bool) (*reading, error) {
	r := reader{in: s, strict: strict}
	i, ok := r.parts(l.parts, 0)
	if !ok || i < len(s) {
		return nil, l.bad(s, i)
	}
	return &r.found, nil
}

// parts reads elements from i on. It returns where it stopped.
func (r *reader) parts(parts []element, i int) (int, bool) {
	for k := range parts {
		e := &parts[k]
		ok := true
		switch e.kind {
		case kOptional:
			before := r.found
			if j, fits := r.parts(e.inner, i); fits {
				i = j
			} else {
				r.found = before
			}
		case kLiteral:
			ok = r.literal(e.text, i)
			if ok {
				i += len(e.text)
			}
		case kText:
			i, ok = r.name(e, i)
		case kZoneName, kZoneID:
			i, ok = r.zone(i)
		case kOffset:
			i, ok = r.offset(e, i)
		case kGMTOffset:
			if ok = r.literal("GMT", i); ok {
				i += 3
				i = r.afterGMT(i)
			}
		default:
			i, ok = r.number(e, i)
		}
		if !ok {
			return i, false
		}
	}
	return i, true
}

func (r *reader) literal(s string, i int) bool {
	if len(r.in)-i < len(s) {
		return false
	}
	got := r.in[i : i+len(s)]
	return got == s || !r.strict && strings.EqualFold(got, s)
}

func (r *reader) put(f field, v int64) bool {
	if r.found.set[f] && r.found.vals[f] != v {
		return false
	}
	r.found.vals[f], r.found.set[f] = v, true
	return true
}

// number reads digits. A number that others follow without a separator leaves
// them theirs.
func (r *reader) number(e *element, i int) (int, bool) {
	start, negative, signed := i, false, false
	if i < len(r.in) && (r.in[i] == '-' || r.in[i] == '+') && e.sign != signNever {
		negative, signed = r.in[i] == '-', true
		i++
	}
	digitsAt := i
	exact := r.strict || e.fixed || e.next > 0 && e.min == e.max && e.sign == signNever
	least, most := e.min, e.max
	if !exact {
		least, most = 1, 9
	}
	most = min(most, 19)
	end := i
	for end < len(r.in) && end-i < most+e.next && r.in[end] >= '0' && r.in[end] <= '9' {
		end++
	}
	if e.next > 0 {
		end = min(max(end-e.next, i+least), end)
	}
	if end-i < least {
		return start, false
	}
	var v int64
	for ; i < end; i++ {
		d := int64(r.in[i] - '0')
		if v > (math.MaxInt64-d)/10 {
			return start, false
		}
		v = v*10 + d
	}
	width := end - digitsAt
	switch {
	case negative && v == 0:
		return start, false
	case negative:
		v = -v
	case e.sign == signExceeds && r.strict && (signed != (width > e.min)):
		return start, false
	}
	switch {
	case e.kind == kReduced && width == 2:
		v += 2000
	case e.kind == kFraction:
		for ; width < 9; width++ {
			v *= 10
		}
	}
	return end, r.put(e.field, v)
}

// name reads a field's name, the longest that fits; a lenient reader takes every
// style and the number.
func (r *reader) name(e *element, i int) (int, bool) {
	styles := []int{e.style}
	if !r.strict {
		styles = []int{4, 3}
	}
	for _, style := range styles {
		b := bounds[e.field]
		for v := b[0]; v <= b[1]; v++ {
			if s := nameOf(e.field, v, style); r.literal(s, i) {
				return i + len(s), r.put(e.field, v)
			}
		}
	}
	if r.strict {
		return i, false
	}
	return r.number(&element{kind: kNumber, field: e.field, min: 1, max: 19}, i)
}

// abbreviations are zone names that people write though no rule defines them.
var abbreviations = map[string]string{
	"EST": "America/New_York", "EDT": "America/New_York", "CST": "America/Chicago", "CDT": "America/Chicago",
	"MST": "America/Denver", "MDT": "America/Denver", "PST": "America/Los_Angeles", "PDT": "America/Los_Angeles",
	"CET": "Europe/Paris", "CEST": "Europe/Paris", "BST": "Europe/London", "WET": "Europe/Lisbon", "WEST": "Europe/Lisbon",
	"EET": "Europe/Helsinki", "EEST": "Europe/Helsinki", "KST": "Asia/Seoul", "JST": "Asia/Tokyo",
	"AEST": "Australia/Sydney", "AEDT": "Australia/Sydney",
}

func (r *reader) zone(i int) (int, bool) {
	end := i
	for end < len(r.in) && end-i < 64 && strings.IndexByte(" ,;()[]'\"", r.in[end]) < 0 && r.in[end] < 0x80 {
		end++
	}
	for ; end > i; end-- {
		name := r.in[i:end]
		if full, ok := abbreviations[strings.ToUpper(name)]; ok {
			name = full
		}
		if !r.strict && len(name) <= 3 {
			name = strings.ToUpper(name)
		}
		if loc, err := loadZone(name); err == nil {
			r.found.zone = loc
			return end, true
		}
		if strings.IndexByte("+-:/", r.in[end-1]) < 0 && !strings.ContainsAny(r.in[i:end], "+-:/") && end-i <= 3 {
			break
		}
	}
	return i, false
}

// afterGMT reads an offset such as +9 or +09:00, or nothing, after GMT.
func (r *reader) afterGMT(i int) int {
	r.found.off, r.found.east = 0, true
	end := i
	for end < len(r.in) && end-i < 6 && strings.IndexByte("+-:0123456789", r.in[end]) >= 0 {
		end++
	}
	for ; end > i+1; end-- {
		rest := r.in[i:end]
		if len(rest) == 2 || rest[2] == ':' {
			rest = rest[:1] + "0" + rest[1:]
		}
		t, err := time.Parse("-07:00", rest)
		if err != nil {
			t, err = time.Parse("-07", rest)
		}
		if err == nil {
			_, r.found.off = t.Zone()
			return end
		}
	}
	return i
}

func (r *reader) offset(e *element, i int) (int, bool) {
	set := func(end, off int) (int, bool) {
		if off > 18*3600 || off < -18*3600 {
			return i, false
		}
		r.found.off, r.found.east = off, true
		return end, true
	}
	if e.zero == "Z" && r.literal("Z", i) {
		return set(i+1, 0)
	}
	if i >= len(r.in) || r.in[i] != '+' && r.in[i] != '-' {
		return i, false
	}
	two := func(j int) (int, bool) {
		if j+2 > len(r.in) || r.in[j] < '0' || r.in[j] > '9' || r.in[j+1] < '0' || r.in[j+1] > '9' {
			return 0, false
		}
		return int(r.in[j]-'0')*10 + int(r.in[j+1]-'0'), true
	}
	h, ok := two(i + 1)
	if !ok {
		return i, false
	}
	end, secs := i+3, h*3600
	// A lenient reader takes the colon or leaves it, whatever the pattern says.
	for unit, need := 60, e.minutes != 'h'; unit >= 1; unit, need = unit/60, false {
		j := end
		colon := j < len(r.in) && r.in[j] == ':'
		if colon {
			j++
		}
		n, ok := two(j)
		if !ok || n > 59 || r.strict && colon != e.colon || unit == 1 && e.minutes != 's' {
			if need && r.strict {
				return i, false
			}
			break
		}
		secs += n * unit
		end = j + 2
	}
	if r.in[i] == '-' {
		secs = -secs
	}
	return set(end, secs)
}
