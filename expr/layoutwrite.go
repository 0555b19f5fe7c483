package expr

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// format writes t, in its zone, by the pattern.
func (l *layout) format(t time.Time) string {
	var b strings.Builder
	write(&b, l.parts, t)
	return b.String()
}

func write(b *strings.Builder, parts []element, t time.Time) {
	for i := range parts {
		e := &parts[i]
		switch e.kind {
		case kLiteral:
			b.WriteString(e.text)
		case kNumber:
			writeNumber(b, e, fieldOf(t, e.field))
		case kReduced:
			fmt.Fprintf(b, "%02d", abs(fieldOf(t, e.field))%100)
		case kFraction:
			b.WriteString(fmt.Sprintf("%09d", t.Nanosecond())[:e.max])
		case kText:
			b.WriteString(nameOf(e.field, fieldOf(t, e.field), e.style))
		case kZoneName:
			name, _ := t.Zone()
			if name == "" || name[0] == '+' || name[0] == '-' {
				name = t.Format("-07:00")
			}
			b.WriteString(name)
		case kZoneID:
			b.WriteString(t.Location().String())
		case kOffset:
			_, off := t.Zone()
			b.WriteString(e.offset(off))
		case kGMTOffset:
			_, off := t.Zone()
			b.WriteString(gmtOffset(off, e.style))
		case kOptional:
			write(b, e.inner, t)
		}
	}
}

func abs(i int64) int64 { return max(i, -i) }

func writeNumber(b *strings.Builder, e *element, v int64) {
	s := strconv.FormatInt(abs(v), 10)
	switch {
	case v < 0:
		b.WriteByte('-')
	case e.sign == signExceeds && len(s) > e.min:
		b.WriteByte('+')
	}
	for n := len(s); n < e.min; n++ {
		b.WriteByte('0')
	}
	b.WriteString(s)
}

func fieldOf(t time.Time, f field) int64 {
	year := int64(t.Year())
	switch f {
	case fEra:
		if year > 0 {
			return 1
		}
		return 0
	case fYear:
		return year
	case fYearOfEra:
		if year > 0 {
			return year
		}
		return 1 - year
	case fQuarter:
		return int64(t.Month()-1)/3 + 1
	case fMonth:
		return int64(t.Month())
	case fDay:
		return int64(t.Day())
	case fDayOfYear:
		return int64(t.YearDay())
	case fWeekday:
		return int64(t.Weekday()+6)%7 + 1
	case fAmPm:
		return int64(t.Hour() / 12)
	case fHour:
		return int64(t.Hour())
	case fHour24:
		return int64(t.Hour()+23)%24 + 1
	case fHour0:
		return int64(t.Hour() % 12)
	case fHour12:
		return int64(t.Hour()+11)%12 + 1
	case fMinute:
		return int64(t.Minute())
	case fSecond:
		return int64(t.Second())
	case fNano:
		return int64(t.Nanosecond())
	}
	nanos := (int64(t.Hour())*3600+int64(t.Minute())*60+int64(t.Second()))*1e9 + int64(t.Nanosecond())
	if f == fMilliOfDay {
		return nanos / 1e6
	}
	return nanos
}

// offset writes seconds east of Greenwich.
func (e *element) offset(off int) string {
	if off == 0 {
		return e.zero
	}
	sep := ""
	if e.colon {
		sep = ":"
	}
	a := abs(int64(off))
	s := fmt.Sprintf("%c%02d", "+-"[b2i(off < 0)], a/3600)
	if m := a / 60 % 60; m != 0 || e.minutes != 'h' {
		s += fmt.Sprintf("%s%02d", sep, m)
	}
	if sec := a % 60; sec != 0 && e.minutes == 's' {
		s += fmt.Sprintf("%s%02d", sep, sec)
	}
	return s
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func gmtOffset(off, style int) string {
	if off == 0 {
		return "GMT"
	}
	a := abs(int64(off))
	s := fmt.Sprintf("GMT%c", "+-"[b2i(off < 0)])
	if style == 4 {
		return s + fmt.Sprintf("%02d:%02d", a/3600, a/60%60)
	}
	s += strconv.FormatInt(a/3600, 10)
	if m := a / 60 % 60; m != 0 {
		s += fmt.Sprintf(":%02d", m)
	}
	return s
}

var (
	eras     = []string{"BC", "AD"}
	eraNames = []string{"Before Christ", "Anno Domini"}
	halves   = []string{"AM", "PM"}
	quarters = []string{"1st quarter", "2nd quarter", "3rd quarter", "4th quarter"}
)

// nameOf writes a field's value in English: style 3 short, 4 full, 5 one letter.
func nameOf(f field, v int64, style int) string {
	full := ""
	switch f {
	case fEra:
		if style == 4 {
			return eraNames[v]
		}
		full = eras[v]
	case fAmPm:
		return halves[v]
	case fMonth:
		full = time.Month(v).String()
	case fWeekday:
		full = time.Weekday(v % 7).String()
	case fQuarter:
		switch style {
		case 3:
			return "Q" + strconv.FormatInt(v, 10)
		case 4:
			return quarters[v-1]
		}
		return strconv.FormatInt(v, 10)
	}
	switch {
	case style == 5:
		return full[:1]
	case style == 3 && len(full) > 3:
		return full[:3]
	}
	return full
}
