package expr

import (
	"regexp"
	"strings"
	"time"
)

// cast turns a value into another type while evaluating.
type cast struct {
	in   node
	to   Type
	name string // the function that asks for it
}

func (n *cast) typ() Type { return n.to }
func (n *cast) eval(st *state) (value, error) {
	v, err := n.in.eval(st)
	if err != nil || !v.ok {
		return none(n.to), err
	}
	return convert(v, n.to, n.name, st)
}

// castable reports whether values of one type may be given where another is
// wanted.
func castable(from, to Type) bool {
	switch {
	case from == to, to == Any, to == String:
		return true
	case to == Boolean:
		return from == String
	}
	return from != Boolean
}

func convert(v value, to Type, function string, st *state) (value, error) {
	if v.kind == to {
		return v, nil
	}
	switch to {
	case String:
		return text(v.text(st.env.zone())), nil
	case Boolean:
		return truth(strings.EqualFold(trimSpace(v.s), "true")), nil
	case Date, Instant:
		return toTime(v, to, function, st)
	}
	switch v.kind {
	case String:
		n, tooBig := readNumber(v.s)
		if tooBig {
			return value{}, badValue(function, v.s, "-9223372036854775808…9223372036854775807")
		}
		v = n
	case Date, Instant:
		v = whole(v.t.UnixMilli())
	}
	switch {
	case !v.ok:
		return none(to), nil
	case to == WholeNumber && v.kind == Decimal:
		return whole(toWhole(v.f)), nil
	case to == Decimal && v.kind == WholeNumber:
		return decimal(float64(v.i)), nil
	}
	return v, nil
}

var (
	javaDate  = regexp.MustCompile(`^[a-zA-Z]{3} [a-zA-Z]{3} \d{2} \d{2}:\d{2}:\d{2} .*? \d{4}$`)
	slashDate = regexp.MustCompile(`^\d{4}/\d{2}/\d{2} \d{2}:\d{2}:\d{2}(\.\d{3})?$`)
	digits    = regexp.MustCompile(`^\d+$`)
)

// toTime turns a value into a date or an instant. A number is milliseconds since
// 1970.
func toTime(v value, to Type, function string, st *state) (value, error) {
	made := instant
	if to == Date {
		made = date
	}
	switch v.kind {
	case WholeNumber:
		return made(time.UnixMilli(v.i).UTC()), nil
	case Decimal:
		return made(time.UnixMilli(toWhole(v.f)).UTC()), nil
	case Date, Instant:
		return made(v.t), nil
	}
	s := trimSpace(v.s)
	if digits.MatchString(s) {
		n, tooBig := readNumber(s)
		if tooBig {
			return value{}, badValue(function, v.s, to.String())
		}
		return made(time.UnixMilli(n.i).UTC()), nil
	}
	if to == Instant {
		if t, ok := readInstant(s); ok {
			return instant(t), nil
		}
		return value{}, badValue(function, v.s, "2006-01-02T15:04:05Z")
	}
	layout := ""
	switch {
	case javaDate.MatchString(s):
		layout = "EEE MMM dd HH:mm:ss zzz yyyy"
	case slashDate.MatchString(s):
		layout = "yyyy/MM/dd HH:mm:ss"
		if len(s) > len(layout) {
			layout += ".SSS"
		}
	default:
		return value{}, badValue(function, v.s, "2006/01/02 15:04:05")
	}
	f, err := compileLayout(layout)
	if err != nil {
		return value{}, err
	}
	t, err := f.parseLenient(s, st.env.zone())
	if err != nil {
		return value{}, err
	}
	return date(t), nil
}

// readInstant reads the three forms that an instant may be written in without
// saying so.
func readInstant(s string) (time.Time, bool) {
	for _, layout := range []string{
		time.RFC3339Nano, "2006-01-02T15:04Z07:00",
		"Mon, 2 Jan 2006 15:04:05 MST", "Mon, 2 Jan 2006 15:04:05 -0700", "2 Jan 2006 15:04:05 MST", "2 Jan 2006 15:04:05 -0700",
	} {
		t, err := time.Parse(layout, s)
		if err != nil {
			continue
		}
		// A zone's short name means nothing here but for UTC.
		if name, _ := t.Zone(); strings.HasSuffix(layout, "MST") && name != "GMT" && name != "UTC" {
			continue
		}
		return t.UTC(), true
	}
	return time.Time{}, false
}
