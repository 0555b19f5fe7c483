package runs

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/weirflow/weir/fault"
)

// The years in which a slot may be named. Before 1900 many zones kept local
// mean time, and no data a flow reads is that old.
const (
	firstYear = 1900
	lastYear  = 9999
)

// ParseSlot reads a key as Slot.Key writes it. The hour's offset may be left
// out where the hour occurs once. A key that names no slot of loc, such as a
// day that the zone left out or an hour at an offset it did not have, is a fault
// that names the slot in its place.
func ParseSlot(every Every, key string, loc *time.Location) (Slot, error) {
	s := Slot{every: every, loc: loc}
	text, offset, ok := key, int64(0), every.Known()
	if every == Hour && len(key) > hourLength {
		text = key[:hourLength]
		offset, ok = parseOffset(key[hourLength:])
	}
	if ok {
		s.start, ok = every.parseStart(text)
	}
	if y := s.start.clock().Year(); !ok || y < firstYear || y > lastYear {
		return Slot{}, fault.New("slot_key_bad", "key", strconv.Quote(key), "every", every, "example", every.example()).Permanent()
	}
	if every == Hour && text == key {
		return s.onlyHour(key)
	}
	s.offset = offset
	if from, to := s.span(); from == to {
		there := SlotAt(every, time.Unix(firstReach(loc, s.start), 0), loc)
		return Slot{}, fault.New("slot_not_in_zone", "key", key, "zone", loc, "nearest", there.Key()).Permanent()
	}
	return s, nil
}

const hourLength = len("2006-01-02T15")

func (e Every) example() string {
	switch e {
	case Hour:
		return "2026-11-21T05+09:00"
	case Week:
		return "2026-W47"
	case Month:
		return "2026-11"
	}
	return "2026-11-21"
}

// parseStart reads the part of a key that names the reading of the slot's start.
func (e Every) parseStart(text string) (wall, bool) {
	layout := time.DateOnly
	switch e {
	case Week:
		return parseWeek(text)
	case Hour:
		layout = "2006-01-02T15"
	case Month:
		layout = "2006-01"
	}
	t, err := time.Parse(layout, text)
	return wall(t.Unix()), err == nil && t.Format(layout) == text
}

func parseWeek(text string) (wall, bool) {
	year, week, ok := strings.Cut(text, "-W")
	if !ok || len(year) != 4 || len(week) != 2 {
		return 0, false
	}
	y, err := strconv.ParseUint(year, 10, 16)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseUint(week, 10, 8)
	if err != nil {
		return 0, false
	}
	// ISO 8601: 4 January lies in week 1.
	monday := Week.step(Week.floorTo(wallOf(int(y), time.January, 4)), int(n)-1)
	gotYear, gotWeek := monday.clock().ISOWeek()
	return monday, gotYear == int(y) && gotWeek == int(n)
}

// onlyHour completes an hour that was named without its offset.
func (s Slot) onlyHour(key string) (Slot, error) {
	var found []Slot
	// Every instant that could show the hour lies in this span.
	end := int64(s.start) + farthestOffset
	for t := int64(s.start) - farthestOffset; t < end; {
		p := periodAt(s.loc, t)
		s.offset = p.offset
		if from, to := s.span(); from < to && (len(found) == 0 || found[len(found)-1] != s) {
			found = append(found, s)
		}
		t = p.to
	}
	switch len(found) {
	case 0:
		there := SlotAt(Hour, time.Unix(firstReach(s.loc, s.start), 0), s.loc)
		return Slot{}, fault.New("slot_not_in_zone", "key", key, "zone", s.loc, "nearest", there.Key()).Permanent()
	case 1:
		return found[0], nil
	}
	return Slot{}, fault.New("slot_hour_twice", "key", key, "zone", s.loc,
		"first", found[0].Key(), "second", found[1].Key()).Permanent()
}

// offsetText writes an offset from UTC as +09:00, with seconds for the zones
// that once had them.
func offsetText(offset int64) string {
	sign := '+'
	if offset < 0 {
		sign, offset = '-', -offset
	}
	text := fmt.Sprintf("%c%02d:%02d", sign, offset/secondsPerHour, offset/60%60)
	if offset%60 != 0 {
		text += fmt.Sprintf(":%02d", offset%60)
	}
	return text
}

func parseOffset(text string) (int64, bool) {
	var h, m, sec int64
	switch len(text) {
	case len("+00:00"):
		if n, err := fmt.Sscanf(text[1:], "%02d:%02d", &h, &m); n != 2 || err != nil {
			return 0, false
		}
	case len("+00:00:00"):
		if n, err := fmt.Sscanf(text[1:], "%02d:%02d:%02d", &h, &m, &sec); n != 3 || err != nil {
			return 0, false
		}
	default:
		return 0, false
	}
	offset := h*secondsPerHour + m*60 + sec
	if text[0] == '-' {
		offset = -offset
	}
	// Writing it back refuses signs, blanks and minutes above 59.
	return offset, offsetText(offset) == text && offset < farthestOffset && -offset < farthestOffset
}
