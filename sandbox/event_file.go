package sandbox

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/weirflow/weir/fault"
)

// eventFields are the keys of a line of events, apart from date and time and
// the numbers, with the code that each has.
var eventFields = map[string]int{
	"eventName": codeName, "platform": codePlatform, "country": codeCountry, "city": codeCity, "unifiedScreenName": codeScreen,
	"customUser:MID": codeMID, "customUser:plan": codePlan, "customEvent:meeting_id": codeMeeting, "customEvent:source": codeSource,
}

// eventNumbers are the keys of numbers.
var eventNumbers = []string{"eventCount", "totalRevenue", "userEngagementDuration"}

// eventFile are events read from NDJSON files, in place of the company's.
type eventFile struct {
	days  map[int32][]event
	texts [codes_][]string
	codes [codes_]map[string]uint32
}

// loadEvents reads files of events. A line is an object like
//
//	{"date": "2026-11-20", "eventName": "login", "customUser:MID": "u1", "eventCount": 3}
//
// with "time" (RFC 3339) in place of date where the hour matters. What is left
// out is "(not set)", or one event.
func loadEvents(ctx context.Context, files []string) (*eventFile, error) {
	l := &eventFile{days: map[int32][]event{}}
	for k := range l.texts {
		l.texts[k], l.codes[k] = []string{notSet}, map[string]uint32{notSet: 0}
	}
	for _, path := range files {
		if err := l.load(ctx, path); err != nil {
			return nil, err
		}
	}
	return l, nil
}

func (l *eventFile) load(ctx context.Context, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fault.New("sandbox_file_open", "file", path).Because(err)
	}
	defer f.Close()
	var r io.Reader = bufio.NewReaderSize(f, 1<<16)
	if magic, _ := r.(*bufio.Reader).Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		if r, err = gzip.NewReader(r); err != nil {
			return fault.New("sandbox_file_read", "file", path, "line", 1).Because(err)
		}
	}
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 1<<16), maxLine)
	n := 0
	for lines.Scan() {
		n++
		if n%lineBatch == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		e, err := l.event(lines.Bytes(), path, n)
		if err != nil {
			return err
		}
		l.days[e.day] = append(l.days[e.day], e)
	}
	if err := lines.Err(); err != nil {
		return fault.New("sandbox_file_read", "file", path, "line", n+1).Because(err)
	}
	return nil
}

// event reads a line.
func (l *eventFile) event(line []byte, path string, n int) (event, error) {
	var fields map[string]any
	if err := json.Unmarshal(line, &fields); err != nil || fields == nil {
		return event{}, fault.New("sandbox_line_json", "file", path, "line", n).Permanent()
	}
	e := event{count: 1, day: math.MinInt32}
	bad := func(field string, value any) error {
		return fault.New("sandbox_event_value", "file", path, "line", n, "field", field, "value", value).Permanent()
	}
	for name, v := range fields {
		text, isText := v.(string)
		code, known := eventFields[name]
		switch {
		case name == "date":
			day, ok := fileDay(text)
			if !ok {
				return e, bad(name, v)
			}
			e.day = day
		case name == "time":
			t, err := time.Parse(time.RFC3339Nano, text)
			if err != nil {
				return e, bad(name, v)
			}
			e.at = t.UnixMicro()
		case slices.Contains(eventNumbers, name):
			x, ok := v.(float64)
			if !ok || x < 0 || x > 1e12 || name == "eventCount" && (x != math.Trunc(x) || x == 0) {
				return e, bad(name, v)
			}
			switch name {
			case "eventCount":
				e.count = int64(x)
			case "totalRevenue":
				e.revenue = int64(math.Round(x * 1e6))
			default:
				e.engaged = int64(math.Round(x * float64(second)))
			}
		case known && isText:
			e.code[code] = l.intern(code, text)
		case known && v == nil, slices.Contains(collected, name):
			// Not set, or not registered: nothing that a report shows.
		case known:
			return e, bad(name, v)
		default:
			return e, fault.New("sandbox_event_field", "file", path, "line", n, "field", name, "known", knownEventFields()).Permanent()
		}
	}
	if fields["time"] == nil {
		e.at = midnight(e.day)
	} else if day := dayNumber(e.at); e.day == math.MinInt32 {
		e.day = day
	} else if e.day != day {
		return e, bad("date", fields["date"])
	}
	if e.day == math.MinInt32 || e.code[codeName] == 0 {
		return e, fault.New("sandbox_event_missing", "file", path, "line", n).Permanent()
	}
	name := l.texts[codeName][e.code[codeName]]
	e.view, e.key = isView(name), isKey(name)
	e.device = uint64(e.code[codeMID]) + 1
	e.session = e.device<<32 | uint64(uint32(e.day))
	d := newDice(uint64(n) ^ uint64(e.at)<<20)
	e.dice = d.next()
	return e, nil
}

func fileDay(text string) (int32, bool) {
	for _, form := range []string{time.DateOnly, "20060102"} {
		if t, err := time.Parse(form, text); err == nil {
			return int32(t.Unix() / 86400), true
		}
	}
	return 0, false
}

func knownEventFields() string {
	names := append([]string{"date", "time"}, eventNumbers...)
	for name := range eventFields {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

func (l *eventFile) intern(dimension int, text string) uint32 {
	code, ok := l.codes[dimension][text]
	if !ok {
		code = uint32(len(l.texts[dimension]))
		l.texts[dimension] = append(l.texts[dimension], text)
		l.codes[dimension][text] = code
	}
	return code
}

func (l *eventFile) eventsOf(day int32, yield emit) bool {
	for i := range l.days[day] {
		if e := l.days[day][i]; !yield(&e) {
			return false
		}
	}
	return true
}

func (l *eventFile) text(dimension int, code uint32) string { return l.texts[dimension][code] }

func (l *eventFile) size(dimension int) int { return len(l.texts[dimension]) }
