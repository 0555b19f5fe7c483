package join

import (
	"encoding/json"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/weirflow/weir/record"
)

// castable reports whether there is a cast between two types at all; it may
// still fail for a value.
func castable(from, to record.Type) bool {
	f, t := from.Kind, to.Kind
	switch {
	case !singular(from) || !singular(to):
		return false
	case from.Equal(to) || f == record.KindString && t != record.KindBytes || t == record.KindString && f != record.KindBytes:
		return true
	case f == record.KindTimestamp && t == record.KindDate:
		return true
	}
	return numeric(f) && numeric(t)
}

func numeric(k record.Kind) bool {
	return k == record.KindInt64 || k == record.KindDouble || k == record.KindDecimal
}

// cast returns a value, which is not null, as another type, and false where that
// cannot be done without loss: 1.5 or 007 is no int64. The day of a timestamp is
// that of the zone.
func cast(v record.Value, from, to record.Type, zone *time.Location) (record.Value, bool) {
	if from.Equal(to) {
		return v, true
	}
	if from.Kind == record.KindTimestamp && to.Kind == record.KindDate {
		y, m, d := v.Time().In(zone).Date()
		return record.Date(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400), y >= 1 && y <= 9999
	}
	s, ok := textOf(v, from)
	if !ok {
		return record.Null, false
	}
	if to.Kind == record.KindString {
		return record.String(s), true
	}
	if to.Kind == record.KindInt64 && from.Kind == record.KindDouble {
		// A double's text may have an exponent, a whole number's has none.
		f := v.Double()
		if f != float64(int64(f)) || f >= 1<<53 || f <= -1<<53 {
			return record.Null, false
		}
		return record.Int64(int64(f)), true
	}
	if to.Kind == record.KindDouble && from.Kind == record.KindInt64 && (v.Int64() > 1<<53 || v.Int64() < -1<<53) {
		return record.Null, false
	}
	out, err := record.Parse(to, s)
	return out, err == nil
}

// textOf returns the text of a value as it stands in files.
func textOf(v record.Value, t record.Type) (string, bool) {
	if t.Kind == record.KindString || t.Kind == record.KindDecimal {
		return v.Text(), true
	}
	b, err := record.AppendJSON(nil, t, v)
	return strings.Trim(string(b), `"`), err == nil
}

// words applies trim, lower and nfc, in this order.
func (t *term) words(s string) string {
	if t.trim {
		s = strings.TrimSpace(s)
	}
	if t.lower {
		s = strings.ToLower(s)
	}
	if t.nfc {
		s = norm.NFC.String(s)
	}
	return s
}

func (t *term) hasWords() bool { return t.trim || t.lower || t.nfc }

// unquote returns the text of a JSON string, and any other scalar as it stands.
func unquote(cell []byte) (string, bool) {
	if len(cell) == 0 || cell[0] != '"' {
		return string(cell), len(cell) > 0
	}
	var s string
	err := json.Unmarshal(cell, &s)
	return s, err == nil
}
