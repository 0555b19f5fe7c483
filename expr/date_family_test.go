package expr

import (
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/fault"
)

func TestDateFamily(t *testing.T) {
	family{
		attributes: map[string]string{
			"ms": "1772669287006", "neg": "-1", "day": "2026-03-05", "iso": "2026-03-05T00:08:07.006Z", "java": "Thu Mar 05 09:08:07 KST 2026", "slash": "2026/03/05 09:08:07", "slashms": "2026/03/05 09:08:07.006",
			"junk": "junk", "e": "", "p": "yyyy-MM-dd", "z": "Asia/Seoul", "dur": "2 days", "frac": "1772669287006.9", "huge": "99999999999999999999", "far": "9223372036853000",
		},
		normal: [][2]string{
			{"${ms:format('yyyy-MM-dd')}", "2026-03-05"}, {"${ms:format('HH:mm:ss.SSS', 'Asia/Seoul')}", "09:08:07.006"}, {"${ms:format(${p})}", "2026-03-05"}, {"${ms:format('HH', ${z})}", "09"}, {"${ms:format('HH', ${gone})}", "00"}, {"${ms:format(${gone})}", missing}, {"${gone:format('yyyy')}", missing}, {"${neg:toNumber():format('yyyy-MM-dd HH:mm:ss.SSS')}", "1969-12-31 23:59:59.999"}, {"${java:format('HH')}", "00"}, {"${slash:format('HH:mm:ss')}", "09:08:07"}, {"${slashms:format('SSS')}", "006"}, {"${frac:toDecimal():format('SSS')}", "006"}, {"${now():format('yyyy')}", "2026"}, {"${iso:toInstant():format('SSS')}", missing}, {"${ms:format('')}", ""},
			{"${ms:formatInstant('HH:mm', 'UTC')}", "00:08"}, {"${iso:formatInstant('HH:mm', 'Asia/Seoul')}", "09:08"}, {"${gone:formatInstant('HH', 'UTC')}", missing}, {"${now():formatInstant('SSS', '-05:00')}", "006"}, {"${iso:formatInstant(${gone}, 'UTC')}", missing},
			{"${literal('Thu, 5 Mar 2026 00:08:07 GMT'):formatInstant('HH:mm', 'UTC')}", "00:08"}, {"${literal('5 Mar 2026 00:08:07 +0900'):formatInstant('HH:mm', 'UTC')}", "15:08"}, {"${literal('2026-03-05T00:08+01:00'):formatInstant('HH:mm', 'UTC')}", "23:08"},
			{"${ms:toDate():toNumber()}", "1772669287006"}, {"${day:toDate('yyyy-MM-dd')}", "Thu Mar 05 00:00:00 UTC 2026"}, {"${day:toDate('yyyy-MM-dd', 'Asia/Seoul'):toNumber()}", "1772636400000"}, {"${day:toDate(${p}, ${z}):toNumber()}", "1772636400000"}, {"${gone:toDate('yyyy')}", missing}, {"${day:toDate(${gone})}", missing}, {"${gone:toDate()}", missing}, {"${ms:toNumber():toDate('yyyy'):toNumber()}", "1772669287006"}, {"${junk:toDate()}", missing}, {"${ms:toDate():toDate():toNumber()}", "1772669287006"},
			{"${ms:toInstant()}", "2026-03-05T00:08:07.006Z"}, {"${day:append(' 10'):toInstant('yyyy-MM-dd HH', 'UTC')}", "2026-03-05T10:00:00Z"}, {"${gone:toInstant('yyyy', 'UTC')}", missing}, {"${gone:toInstant()}", missing}, {"${now():toInstant()}", "2026-03-05T00:08:07.006Z"}, {"${day:toInstant(${gone}, 'UTC')}", missing},
			{"${ms:toInstant():toMicros()}", "1772669287006000"}, {"${ms:toInstant():toNanos()}", "1772669287006000000"}, {"${gone:toInstant():toMicros()}", missing}, {"${gone:toInstant():toNanos()}", missing}, {"${neg:toNumber():toInstant():toNanos()}", "-1000000"}, {"${far:toNumber():toInstant():toMicros()}", "9223372036853000000"}, {"${far:prepend('-'):toNumber():toInstant():toMicros()}", "-9223372036853000000"},
			{"${ms:plusDuration('1 second'):format('ss')}", "08"}, {"${ms:plusDuration(${dur}):format('dd')}", "07"}, {"${ms:plusDuration('1 DAYS'):format('dd')}", "06"}, {"${ms:plusDuration(' 3  minutes '):format('mm')}", "11"}, {"${ms:plusDuration('5 hours'):format('HH')}", "05"}, {"${ms:plusDuration('1 year'):format('yyyy')}", "2027"}, {"${ms:plusDuration('1 week'):format('dd')}", "12"}, {"${ms:plusDuration('12 months'):format('yyyy-MM')}", "2027-03"}, {"${ms:plusDuration('1000000 nanoseconds'):format('SSS')}", "007"}, {"${ms:plusDuration('0 days'):toNumber()}", "1772669287006"}, {"${gone:plusDuration('1 day')}", missing}, {"${ms:plusDuration('1 day', 'Asia/Seoul'):format('dd HH')}", "06 00"},
			{"${ms:minusDuration('1 second'):format('ss')}", "06"}, {"${ms:minusDuration('1 day'):format('dd')}", "04"}, {"${ms:minusDuration('3 months'):format('yyyy-MM-dd')}", "2025-12-05"}, {"${gone:minusDuration('1 day')}", missing}, {"${ms:minusDuration('1 week', ${z}):format('MM-dd')}", "02-26"}, {"${ms:minusDuration('1 day', ${gone}):format('dd')}", "04"},
			{"${iso:plusInstantDuration('1 nanosecond')}", "2026-03-05T00:08:07.006000001Z"}, {"${iso:plusInstantDuration('1 month')}", "2026-04-05T00:08:07.006Z"}, {"${gone:plusInstantDuration('1 day')}", missing}, {"${iso:plusInstantDuration('994000000 nanoseconds')}", "2026-03-05T00:08:08Z"}, {"${iso:plusInstantDuration('1000 nanoseconds')}", "2026-03-05T00:08:07.006001Z"},
			{"${iso:minusInstantDuration('1 nanosecond')}", "2026-03-05T00:08:07.005999999Z"}, {"${iso:minusInstantDuration(${dur})}", "2026-03-03T00:08:07.006Z"}, {"${gone:minusInstantDuration('1 day')}", missing},
			{"${day:isValidDate('yyyy-MM-dd')}", "true"}, {"${literal('2026-02-29'):isValidDate('yyyy-MM-dd')}", "false"}, {"${literal('2024-02-29'):isValidDate('yyyy-MM-dd')}", "true"}, {"${literal('02-29'):isValidDate('MM-dd')}", "true"}, {"${literal('02-30'):isValidDate('MM-dd')}", "false"}, {"${literal('04-31'):isValidDate('MM-dd')}", "false"}, {"${gone:isValidDate('yyyy')}", "false"}, {"${e:isValidDate('yyyy')}", "false"}, {"${day:isValidDate(${gone})}", "false"}, {"${day:isValidDate('yyyy-MM-dd', ${junk})}", "false"}, {"${day:isValidDate(${junk})}", "false"}, {"${literal(' 2026-03-05 '):isValidDate('yyyy-MM-dd')}", "true"},
			{"${literal('2026-03-08 02:30'):isValidDate('yyyy-MM-dd HH:mm', 'America/New_York')}", "false"}, {"${literal('2026-03-08 03:30'):isValidDate('yyyy-MM-dd HH:mm', 'America/New_York')}", "true"}, {"${literal('2026-03-08 02:30'):isValidDate('yyyy-MM-dd HH:mm')}", "true"}, {"${literal('2026-03-08 02:30 -0500'):isValidDate('yyyy-MM-dd HH:mm Z', 'America/New_York')}", "true"}, {"${literal('2026-03-08 2 AM'):isValidDate('yyyy-MM-dd h a', 'America/New_York')}", "false"}, {"${literal('2026-03-08'):isValidDate('yyyy-MM-dd', 'America/New_York')}", "true"},
			{"${iso:isValidInstant()}", "true"}, {"${day:isValidInstant()}", "false"}, {"${gone:isValidInstant()}", "false"}, {"${e:isValidInstant()}", "false"}, {"${literal('2026-03-05T00:08Z'):isValidInstant()}", "true"}, {"${literal('2026-03-05T00:08:07'):isValidInstant()}", "false"}, {"${literal('Thu, 5 Mar 2026 00:08:07 GMT'):isValidInstant()}", "true"}, {"${literal('Thu, 5 Mar 2026 00:08:07 KST'):isValidInstant()}", "false"}, {"${literal('5 Mar 2026 00:08:07 UTC'):isValidInstant()}", "true"}, {"${literal('2026-02-30T00:00:00Z'):isValidInstant()}", "false"}, {"${literal(' 2026-03-05T00:08:07+09:00 '):isValidInstant()}", "true"},
			{"${now()}", "Thu Mar 05 00:08:07 UTC 2026"}, {"${now():toNumber():minus(${ms})}", "0"}, {"${now():length()}", "28"},
		},
		faults: [][2]string{
			{"${junk:format('yyyy')}", "expr_value"}, {"${e:format('yyyy')}", "expr_value"}, {"${iso:format('yyyy')}", "expr_value"}, {"${huge:format('yyyy')}", "expr_value"}, {"${huge:formatInstant('yyyy', 'UTC')}", "expr_value"}, {"${huge:toDate()}", "expr_value"}, {"${ms:format(${junk:append('{')})}", "expr_date_pattern"}, {"${ms:format('HH', ${junk})}", "expr_zone"}, {"${junk:toDate('yyyy')}", "expr_date_value"}, {"${day:toInstant('yyyy-MM-dd', 'UTC')}", "expr_date_value"}, {"${day:toDate('yyyy-MM-dd', ${junk})}", "expr_zone"},
			{"${slash:formatInstant('yyyy', 'UTC')}", "expr_value"}, {"${java:prepend('x'):format('yyyy')}", "expr_value"}, {"${ms:plusDuration(${junk})}", "expr_duration"}, {"${ms:plusDuration(${gone})}", "expr_duration"}, {"${ms:plusDuration('1 day', ${junk})}", "expr_zone"}, {"${junk:plusDuration('1 day')}", "expr_value"}, {"${junk:plusInstantDuration('1 day')}", "expr_value"}, {"${literal(9223372036854):multiply(1000):toInstant():toNanos()}", "expr_overflow"}, {"${literal(-9223372036854):multiply(1000):toInstant():toNanos()}", "expr_overflow"},
			{"${far:toNumber():plus(1000):toInstant():toMicros()}", "expr_overflow"}, {"${far:prepend('-'):toNumber():minus(1000):toInstant():toMicros()}", "expr_overflow"}, {"${far:multiply(1000):toInstant():toMicros()}", "expr_overflow"},
		},
		parse: [][3]string{
			{"${ms:format()}", "expr_arity", "6"}, {"${ms:format('a','UTC','x')}", "expr_arity", "6"}, {"${ms:formatInstant('a')}", "expr_arity", "6"}, {"${ms:toInstant('yyyy')}", "expr_arity", "6"}, {"${ms:toInstant('yyyy','UTC','x')}", "expr_arity", "6"}, {"${ms:plusDuration()}", "expr_arity", "6"}, {"${ms:isValidDate()}", "expr_arity", "6"}, {"${ms:isValidInstant('x')}", "expr_arity", "6"}, {"${now(1)}", "expr_arity", "3"},
			{"${ms:isNull():format('yyyy')}", "expr_type", "15"}, {"${ms:toMicros()}", "expr_type", "6"}, {"${now():toNanos()}", "expr_type", "9"}, {"${ms:isNull():toDate()}", "expr_type", "15"}, {"${ms:format('b')}", "expr_constant", "6"}, {"${ms:format('yyyy','Mars')}", "expr_constant", "6"}, {"${ms:plusDuration('2days')}", "expr_constant", "6"}, {"${ms:plusDuration('1 day','Mars')}", "expr_constant", "6"}, {"${ms:plusDuration(null)}", "expr_constant", "6"}, {"${ms:toDate('{')}", "expr_constant", "6"}, {"${ms:isValidDate('{')}", "expr_constant", "6"},
		},
	}.run(t)
}

func TestDurations(t *testing.T) {
	for s, want := range map[string]duration{
		"1 nanosecond": {nanos: 1}, "2 Nanoseconds": {nanos: 2}, "1 second": {nanos: 1e9}, "2 minutes": {nanos: 120e9}, "1 hour": {nanos: 3600e9},
		"3 days": {days: 3}, "2 weeks": {days: 14}, "5 months": {months: 5}, "2 YEARS": {months: 24}, "\t1   day\n": {days: 1}, "0 days": {},
		"9223372036 seconds": {nanos: 9223372036e9}, "9223372036854775807 nanoseconds": {nanos: 9223372036854775807}, "153722867 minutes": {nanos: 153722867 * 60e9},
		"4000000 days": {days: 4e6}, "571428 weeks": {days: 3999996}, "100000 months": {months: 1e5}, "8333 years": {months: 99996},
	} {
		if got, err := readDuration(s); err != nil || *got != want {
			t.Errorf("readDuration(%q) = %+v, %v; want %+v", s, got, err, want)
		}
	}
	for _, bad := range []string{
		"", "1", "day", "1day", "-1 day", "+1 day", "1.5 days", "1 dayss", "1 day x", "x 1 day", "1 fortnight", "1 millisecond", "9223372037 seconds", "9223372036854775808 nanoseconds",
		"153722868 minutes", "2562048 hours", "4000001 days", "571429 weeks", "100001 months", "8334 years",
	} {
		if got, err := readDuration(bad); fault.CodeOf(err) != "expr_duration" {
			t.Errorf("readDuration(%q) = %+v, %v", bad, got, err)
		}
	}
}

// Each letter of a pattern, in each of the widths that it may have.
func TestEveryLetterOfAPattern(t *testing.T) {
	apia := time.FixedZone("Apia", 14*3600)
	odd := time.FixedZone("", -(3*3600 + 30*60 + 15))
	east := time.FixedZone("+05:45", 5*3600+45*60)
	midnight := time.Date(2026, 1, 4, 0, 5, 9, 5e6, time.UTC) // a Sunday
	noon := time.Date(2024, 12, 31, 12, 0, 0, 0, apia)
	early := time.Date(-43, 3, 15, 23, 59, 59, 999999999, odd)
	late := time.Date(12026, 7, 1, 13, 14, 15, 16, east)
	for _, c := range []struct{ letter, midnight, noon, early, late string }{
		{"G|GG|GGG|GGGG|GGGGG", "AD|AD|AD|Anno Domini|A", "AD|AD|AD|Anno Domini|A", "BC|BC|BC|Before Christ|B", "AD|AD|AD|Anno Domini|A"},
		{"y|yy|yyy|yyyy|yyyyy", "2026|26|2026|2026|02026", "2024|24|2024|2024|02024", "44|44|044|0044|00044", "12026|26|12026|+12026|12026"},
		{"u|uu|uuu|uuuu|uuuuu", "2026|26|2026|2026|02026", "2024|24|2024|2024|02024", "-43|43|-043|-0043|-00043", "12026|26|12026|+12026|12026"},
		{"M|MM|MMM|MMMM|MMMMM|L|LL", "1|01|Jan|January|J|1|01", "12|12|Dec|December|D|12|12", "3|03|Mar|March|M|3|03", "7|07|Jul|July|J|7|07"},
		{"Q|QQ|QQQ|QQQQ|QQQQQ|q|qq", "1|01|Q1|1st quarter|1|1|01", "4|04|Q4|4th quarter|4|4|04", "1|01|Q1|1st quarter|1|1|01", "3|03|Q3|3rd quarter|3|3|03"},
		{"d|dd|D|DD|DDD", "4|04|4|04|004", "31|31|366|366|366", "15|15|74|74|074", "1|01|182|182|182"},
		{"E|EE|EEE|EEEE|EEEEE", "Sun|Sun|Sun|Sunday|S", "Tue|Tue|Tue|Tuesday|T", "Fri|Fri|Fri|Friday|F", "Wed|Wed|Wed|Wednesday|W"},
		{"a|h|hh|K|KK", "AM|12|12|0|00", "PM|12|12|0|00", "PM|11|11|11|11", "PM|1|01|1|01"},
		{"H|HH|k|kk", "0|00|24|24", "12|12|12|12", "23|23|23|23", "13|13|13|13"},
		{"m|mm|s|ss", "5|05|9|09", "0|00|0|00", "59|59|59|59", "14|14|15|15"},
		{"S|SSS|SSSSSS|SSSSSSSSS", "0|005|005000|005000000", "0|000|000000|000000000", "9|999|999999|999999999", "0|000|000000|000000016"},
		{"A|n|N", "309005|5000000|309005000000", "43200000|0|43200000000000", "86399999|999999999|86399999999999", "47655000|16|47655000000016"},
		{"z|zz|zzz", "UTC|UTC|UTC", "Apia|Apia|Apia", "-03:30|-03:30|-03:30", "+05:45|+05:45|+05:45"},
		{"VV", "UTC", "Apia", "", "+05:45"},
		{"Z|ZZ|ZZZ|ZZZZ|ZZZZZ", "+0000|+0000|+0000|GMT|Z", "+1400|+1400|+1400|GMT+14:00|+14:00", "-0330|-0330|-0330|GMT-03:30|-03:30:15", "+0545|+0545|+0545|GMT+05:45|+05:45"},
		{"X|XX|XXX|XXXX|XXXXX", "Z|Z|Z|Z|Z", "+14|+1400|+14:00|+1400|+14:00", "-0330|-0330|-03:30|-033015|-03:30:15", "+0545|+0545|+05:45|+0545|+05:45"},
		{"x|xx|xxx|xxxx|xxxxx", "+00|+0000|+00:00|+0000|+00:00", "+14|+1400|+14:00|+1400|+14:00", "-0330|-0330|-03:30|-033015|-03:30:15", "+0545|+0545|+05:45|+0545|+05:45"},
		{"O|OOOO", "GMT|GMT", "GMT+14|GMT+14:00", "GMT-3:30|GMT-03:30", "GMT+5:45|GMT+05:45"},
		{"'G'|''|'it''s'|''''|[yy|]MM", "G|'|it's|'|26|01", "G|'|it's|'|24|12", "G|'|it's|'|44|03", "G|'|it's|'|26|07"},
	} {
		l, err := compileLayout(c.letter)
		if err != nil {
			t.Errorf("compileLayout(%q): %v", c.letter, err)
			continue
		}
		for _, w := range []struct {
			when time.Time
			want string
		}{{midnight, c.midnight}, {noon, c.noon}, {early, c.early}, {late, c.late}} {
			if got := l.format(w.when); got != w.want {
				t.Errorf("%v by %s = %s, want %s", w.when, c.letter, got, w.want)
			}
		}
	}
	for _, c := range []struct{ letter, ok, bad string }{
		{"G", "GGGGG", "GGGGGG"}, {"y", strings.Repeat("y", 19), strings.Repeat("y", 20)}, {"M", "MMMMM", "MMMMMM"}, {"Q", "QQQQQ", "QQQQQQ"}, {"d", "dd", "ddd"}, {"D", "DDD", "DDDD"},
		{"E", "EEEEE", "EEEEEE"}, {"a", "a", "aa"}, {"h", "hh", "hhh"}, {"m", "mm", "mmm"}, {"S", "SSSSSSSSS", "SSSSSSSSSS"}, {"A", strings.Repeat("A", 19), strings.Repeat("A", 20)},
		{"n", strings.Repeat("n", 19), strings.Repeat("n", 20)}, {"z", "zzz", "zzzz"}, {"V", "VV", "VVV"}, {"O", "OOOO", "OO"}, {"Z", "ZZZZZ", "ZZZZZZ"}, {"X", "XXXXX", "XXXXXX"}, {"x", "xxxxx", "xxxxxx"},
		{"other letters", "'bcefgijloprtvwBCFIJPRTUWY'", "Y"}, {"quote", "''", "'"}, {"brackets", strings.Repeat("[", 9) + strings.Repeat("]", 9), strings.Repeat("[", 10)}, {"close", "[]", "]"},
	} {
		if _, err := compileLayout(c.ok); err != nil {
			t.Errorf("compileLayout(%q): %v", c.ok, err)
		}
		if _, err := compileLayout(c.bad); fault.CodeOf(err) != "expr_date_pattern" {
			t.Errorf("compileLayout(%q) = %v", c.bad, err)
		}
	}
	for _, r := range "bcefgijloprtvwBCFIJPRTUWY" {
		if _, err := compileLayout(string(r)); fault.CodeOf(err) != "expr_date_pattern" || fault.As(err).Args["part"] != string(r) {
			t.Errorf("compileLayout(%q) = %v", string(r), err)
		}
	}
}
