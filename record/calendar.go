package record

// Days and microseconds of the years 0001 to 9999, counted from 1970-01-01.
const (
	minDay    = -719162
	maxDay    = 2932896
	dayMicros = 86400 * 1000000
	minMicros = minDay * dayMicros
	maxMicros = (maxDay+1)*dayMicros - 1
)

// civil returns the date of a day in the proleptic Gregorian calendar. It counts
// years from March, so that the leap day is the last of its year.
func civil(day int64) (year, month, dayOfMonth int) {
	z := day + 719468
	era := floorDiv(z, 146097)
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	month = int(mp) + 3
	year = int(yoe + era*400)
	if month > 12 {
		month -= 12
		year++
	}
	return year, month, int(doy - (153*mp+2)/5 + 1)
}

// dayOf is the inverse of civil.
func dayOf(year, month, dayOfMonth int) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	y := int64(year)
	era := floorDiv(y, 400)
	yoe := y - era*400
	doy := int64((153*(month-3)+2)/5 + dayOfMonth - 1)
	return era*146097 + yoe*365 + yoe/4 - yoe/100 + doy - 719468
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

var monthDays = [13]int{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

func daysIn(year, month int) int {
	if month == 2 && year%4 == 0 && (year%100 != 0 || year%400 == 0) {
		return 29
	}
	return monthDays[month]
}

// appendDate appends a day as 2006-01-02.
func appendDate(b []byte, day int64) []byte {
	y, m, d := civil(day)
	return append(b, byte('0'+y/1000), byte('0'+y/100%10), byte('0'+y/10%10), byte('0'+y%10), '-',
		byte('0'+m/10), byte('0'+m%10), '-', byte('0'+d/10), byte('0'+d%10))
}

// appendTimestamp appends microseconds as 2006-01-02T15:04:05.000000Z.
func appendTimestamp(b []byte, micros int64) []byte {
	day := floorDiv(micros, dayMicros)
	rest := micros - day*dayMicros
	b = appendDate(b, day)
	sec, us := int(rest/1e6), int(rest%1e6)
	h, m, s := sec/3600, sec/60%60, sec%60
	b = append(b, 'T', byte('0'+h/10), byte('0'+h%10), ':', byte('0'+m/10), byte('0'+m%10), ':', byte('0'+s/10), byte('0'+s%10), '.')
	for div := 100000; div > 0; div /= 10 {
		b = append(b, byte('0'+us/div%10))
	}
	return append(b, 'Z')
}

// twoDigits returns the number at s[i:i+2], or -1.
func twoDigits(s string, i int) int {
	a, b := s[i]-'0', s[i+1]-'0'
	if a > 9 || b > 9 {
		return -1
	}
	return int(a)*10 + int(b)
}

// datePart reads the 2006-01-02 that s begins with.
func datePart(s string) (int64, verdict) {
	if len(s) < 10 || s[4] != '-' || s[7] != '-' {
		return 0, notOfType
	}
	hi, lo, m, d := twoDigits(s, 0), twoDigits(s, 2), twoDigits(s, 5), twoDigits(s, 8)
	if hi < 0 || lo < 0 || m < 1 || m > 12 || d < 1 {
		return 0, notOfType
	}
	y := hi*100 + lo
	if d > daysIn(y, m) {
		return 0, notOfType
	}
	return dayOf(y, m, d), fits
}

func parseDate(s string) (int64, verdict) {
	day, v := datePart(s)
	switch {
	case v == fits && len(s) != 10:
		return 0, notOfType
	case v == fits && (day < minDay || day > maxDay):
		return 0, outOfRange
	}
	return day, v
}

// parseTimestamp reads an RFC 3339 time with any offset. A leap second and digits
// finer than a microsecond (unless zeros) are refused, not rounded.
func parseTimestamp(s string) (int64, verdict) {
	day, v := datePart(s)
	if v != fits {
		return 0, v
	}
	if len(s) < 20 || s[10] != 'T' && s[10] != 't' && s[10] != ' ' || s[13] != ':' || s[16] != ':' {
		return 0, notOfType
	}
	h, m, sec := twoDigits(s, 11), twoDigits(s, 14), twoDigits(s, 17)
	if h < 0 || h > 23 || m < 0 || m > 59 || sec < 0 || sec > 59 {
		return 0, notOfType
	}
	us, i, finer := int64(0), 19, false
	if s[i] == '.' {
		j := digitsEnd(s, i+1)
		if j == i+1 {
			return 0, notOfType
		}
		scale := int64(100000)
		for i++; i < j; i++ {
			us += int64(s[i]-'0') * scale
			finer = finer || scale == 0 && s[i] != '0'
			scale /= 10
		}
	}
	offset, ok := parseOffset(s[i:])
	if !ok {
		return 0, notOfType
	}
	if finer {
		return 0, wouldLose
	}
	t := day*dayMicros + int64(h*3600+m*60+sec-offset)*1e6 + us
	if t < minMicros || t > maxMicros {
		return 0, outOfRange
	}
	return t, fits
}

// parseOffset reads Z or +09:00 and returns its seconds.
func parseOffset(s string) (int, bool) {
	if s == "Z" || s == "z" {
		return 0, true
	}
	if len(s) != 6 || s[3] != ':' || s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	h, m := twoDigits(s, 1), twoDigits(s, 4)
	if h < 0 || h > 23 || m < 0 || m > 59 {
		return 0, false
	}
	sec := h*3600 + m*60
	if s[0] == '-' {
		sec = -sec
	}
	return sec, true
}
