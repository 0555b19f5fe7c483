package expr

import (
	"testing"
	"time"

	"github.com/weirflow/weir/fault"
)

func TestDatesAreInTheZoneGiven(t *testing.T) {
	env := testEnv(map[string]string{"d": "2026-03-05 09:08:07", "ms": "1772669287006", "s": "2026/03/05 09:08:07.006", "j": "Thu Mar 05 09:08:07 KST 2026", "i": "2026-03-05T00:08:07.006Z"})
	seoul, err := time.LoadLocation("Asia/Seoul")
	if err != nil {
		t.Fatal(err)
	}
	check(t, env, [][2]string{
		{"${d:toDate('yyyy-MM-dd HH:mm:ss'):toNumber()}", "1772701687000"},
		{"${d:toDate('yyyy-MM-dd HH:mm:ss', 'Asia/Seoul'):toNumber()}", "1772669287000"},
		{"${ms:format('yyyy-MM-dd HH:mm')} ${ms:format('HH:mm', 'Asia/Seoul')} ${ms:format('HH:mm', '+02:00')}", "2026-03-05 00:08 09:08 02:08"},
	})
	env.Zone = seoul
	check(t, env, [][2]string{
		{"${d:toDate('yyyy-MM-dd HH:mm:ss'):toNumber()}", "1772669287000"},
		{"${ms:format('yyyy-MM-dd HH:mm:ss.SSS zzz XXX VV')}", "2026-03-05 09:08:07.006 KST +09:00 Asia/Seoul"},
		{"${s:format('HH:mm:ss.SSS', 'UTC')} ${s:toDate('yyyy/MM/dd HH:mm:ss.SSS'):toNumber()}", "00:08:07.006 1772669287006"},
		{"${j:format('HH:mm:ss', 'UTC')} ${now()}", "00:08:07 Thu Mar 05 09:08:07 KST 2026"},
		{"${i:formatInstant('yyyy-MM-dd HH:mm', 'Asia/Seoul')} ${ms:formatInstant('HH:mm:ss.SSS', 'UTC')}", "2026-03-05 09:08 00:08:07.006"},
		{"${ms:toDate():toNumber()} ${now():formatInstant('HH', 'UTC')} ${ms:toInstant()}", "1772669287006 00 2026-03-05T00:08:07.006Z"},
		{"${i:toInstant(\"yyyy-MM-dd'T'HH:mm:ss.SSSX\", 'Asia/Seoul'):toMicros()} ${i:toInstant(\"yyyy-MM-dd'T'HH:mm:ss.SSSX\", 'Asia/Seoul'):toNanos()}", "1772669287006000 1772669287006000000"},
		{"${missing:format('yyyy'):isNull()} ${missing:toDate('yyyy'):isNull()} ${missing:toInstant():isNull()}", "true true true"},
		{"${now():equals(${now()})} ${now():gt(5)} ${now():minus(${ms})}", "true true 0"},
	})
}

func TestDatePatterns(t *testing.T) {
	when := time.Date(2026, 3, 5, 21, 8, 7, 123456789, time.FixedZone("KST", 9*3600))
	for pattern, want := range map[string]string{
		"yyyy-MM-dd'T'HH:mm:ss.SSSXXX": "2026-03-05T21:08:07.123+09:00",
		"yy y yyy yyyyy u":             "26 2026 2026 02026 2026",
		"M MM MMM MMMM MMMMM L":        "3 03 Mar March M 3",
		"d dd D DD DDD":                "5 05 64 64 064",
		"E EEE EEEE EEEEE":             "Thu Thu Thursday T",
		"a h hh H HH k kk K KK":        "PM 9 09 21 21 21 21 9 09",
		"m mm s ss S SS SSSSSSSSS":     "8 08 7 07 1 12 123456789",
		"A n N":                        "76087123 123456789 76087123456789",
		"Z ZZZZ ZZZZZ X XX XXX x xx":   "+0900 GMT+09:00 +09:00 +09 +0900 +09:00 +09 +0900",
		"O OOOO z":                     "GMT+9 GMT+09:00 KST",
		"Q QQ QQQ QQQQ":                "1 01 Q1 1st quarter",
		"G GGGG":                       "AD Anno Domini",
		"''yyyy''' o''clock '":         "'2026' o'clock ",
		"yyyy[-MM[-dd]]":               "2026-03-05",
		"yyyy년 MM월 dd일":                "2026년 03월 05일",
	} {
		l, err := compileLayout(pattern)
		if err != nil {
			t.Errorf("compileLayout(%q): %v", pattern, err)
			continue
		}
		if got := l.format(when); got != want {
			t.Errorf("format(%q) = %q, want %q", pattern, got, want)
		}
	}
	for _, bad := range []string{"b", "yyyy-MM-ddThh", "'open", "HHH", "SSSSSSSSSS", "{", "]", "MMMMMM", "zzzz", "V", "DDDD", "#", "YYYY"} {
		if _, err := compileLayout(bad); fault.CodeOf(err) != "expr_date_pattern" {
			t.Errorf("compileLayout(%q) = %v", bad, err)
		}
	}
}

func TestReadingDates(t *testing.T) {
	for _, c := range []struct{ value, pattern, lenient, strict string }{
		{"20260305210807", "yyyyMMddHHmmss", "2026-03-05T21:08:07Z", "2026-03-05T21:08:07Z"},
		{"20260305210807123", "yyyyMMddHHmmssSSS", "2026-03-05T21:08:07.123Z", "2026-03-05T21:08:07.123Z"},
		{"2026-3-5 9:8", "yyyy-MM-dd HH:mm", "2026-03-05T09:08:00Z", ""},
		{"2026-3-5 9:8", "yyyy-M-d H:m", "2026-03-05T09:08:00Z", "2026-03-05T09:08:00Z"},
		{"5MAR2026", "dMMMyyyy", "2026-03-05T00:00:00Z", ""},
		{"05 March 2026 09", "dd MMM yyyy HH", "2026-03-05T09:00:00Z", ""},
		{"Thu, 5 Mar 2026 09:08 PM", "EEE, d MMM yyyy hh:mm a", "2026-03-05T21:08:00Z", "2026-03-05T21:08:00Z"},
		{"Fri, 5 Mar 2026 09:08 PM", "EEE, d MMM yyyy hh:mm a", "", ""},
		{"12 AM 2026-03-05", "hh a yyyy-MM-dd", "2026-03-05T00:00:00Z", "2026-03-05T00:00:00Z"},
		{"24 2026-03-05", "kk yyyy-MM-dd", "2026-03-05T00:00:00Z", "2026-03-05T00:00:00Z"},
		{"2026-064 10", "yyyy-DDD HH", "2026-03-05T10:00:00Z", "2026-03-05T10:00:00Z"},
		{"2026-03-05T10:00:00+09:00", "yyyy-MM-dd'T'HH:mm:ssXXX", "2026-03-05T01:00:00Z", "2026-03-05T01:00:00Z"},
		{"2026-03-05T10:00:00Z", "yyyy-MM-dd'T'HH:mm:ssXXX", "2026-03-05T10:00:00Z", "2026-03-05T10:00:00Z"},
		{"2026-03-05 10:00 +0900", "yyyy-MM-dd HH:mm Z", "2026-03-05T01:00:00Z", "2026-03-05T01:00:00Z"},
		{"2026-03-05 10:00 GMT+9", "yyyy-MM-dd HH:mm O", "2026-03-05T01:00:00Z", "2026-03-05T01:00:00Z"},
		{"2026-03-05 10:00 Asia/Seoul", "yyyy-MM-dd HH:mm VV", "2026-03-05T01:00:00Z", "2026-03-05T01:00:00Z"},
		{"2026-03-05 10:00 KST", "yyyy-MM-dd HH:mm z", "2026-03-05T01:00:00Z", "2026-03-05T01:00:00Z"},
		{"2026-07-05 10:00 EDT", "yyyy-MM-dd HH:mm z", "2026-07-05T14:00:00Z", "2026-07-05T14:00:00Z"},
		{"2026-02-31 00", "yyyy-MM-dd HH", "2026-02-28T00:00:00Z", "2026-02-28T00:00:00Z"},
		{"2026-02-32 00", "yyyy-MM-dd HH", "", ""},
		{"2026-13-01 00", "yyyy-MM-dd HH", "", ""},
		{"26-03-05 00", "yy-MM-dd HH", "2026-03-05T00:00:00Z", "2026-03-05T00:00:00Z"},
		{"2026", "yyyy[-MM[-dd]]", "2026-01-01T00:00:00Z", ""},
		{"2026-05", "yyyy[-MM[-dd]]", "2026-05-01T00:00:00Z", ""},
		{"10:30", "HH:mm", "1970-01-01T10:30:00Z", ""},
		{"2026-03-05", "yyyy-MM-dd", "2026-03-05T00:00:00Z", ""},
		{"2026년 3월 5일 1", "yyyy년 M월 d일 H", "2026-03-05T01:00:00Z", "2026-03-05T01:00:00Z"},
		{"2026-03-05 junk", "yyyy-MM-dd", "", ""},
		{"", "yyyy", "", ""},
		{"99999999999999999999", "yyyy", "", ""},
	} {
		l, err := compileLayout(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range []struct {
			name string
			read func(string, *time.Location) (time.Time, error)
			want string
		}{{"lenient", l.parseLenient, c.lenient}, {"strict", l.parseStrict, c.strict}} {
			got, err := m.read(c.value, time.UTC)
			switch {
			case m.want == "" && fault.CodeOf(err) != "expr_date_value":
				t.Errorf("%s %q by %q = %v, %v; want expr_date_value", m.name, c.value, c.pattern, got, err)
			case m.want != "" && (err != nil || got.UTC().Format(time.RFC3339Nano) != m.want):
				t.Errorf("%s %q by %q = %v, %v; want %s", m.name, c.value, c.pattern, got.UTC(), err, m.want)
			}
		}
	}
}

func TestMovingDates(t *testing.T) {
	check(t, testEnv(map[string]string{"d": "2026-01-31 10:00:00", "gap": "2026-03-08 02:30:00", "twice": "2026-11-01 01:30:00"}), [][2]string{
		{"${d:toDate('yyyy-MM-dd HH:mm:ss'):plusDuration('1 month'):format('MM-dd HH')}", "02-28 10"},
		{"${d:toDate('yyyy-MM-dd HH:mm:ss'):minusDuration('2 Weeks'):format('MM-dd HH')}", "01-17 10"},
		{"${d:toDate('yyyy-MM-dd HH:mm:ss'):plusDuration('1500000 nanoseconds'):format('SSSSSS')}", "001000"},
		{"${d:toInstant('yyyy-MM-dd HH:mm:ss', 'UTC'):plusInstantDuration('1500001 nanoseconds'):formatInstant('SSSSSSSSS', 'UTC')}", "001500001"},
		{"${d:toInstant('yyyy-MM-dd HH:mm:ss', 'UTC'):minusInstantDuration('13 months')}", "2024-12-31T10:00:00Z"},
		// A day is a day of the calendar, also where clocks change in it.
		{"${gap:toDate('yyyy-MM-dd HH:mm:ss', 'America/New_York'):format('HH:mm XXX', 'America/New_York')}", "03:30 -04:00"},
		{"${twice:toDate('yyyy-MM-dd HH:mm:ss', 'America/New_York'):format('HH:mm XXX', 'America/New_York')}", "01:30 -04:00"},
		{"${literal('2026-03-07 02:30:00'):toDate('yyyy-MM-dd HH:mm:ss', 'America/New_York'):plusDuration('1 day', 'America/New_York'):format('dd HH:mm XXX', 'America/New_York')}", "08 03:30 -04:00"},
		{"${literal('2026-03-07 12:00:00'):toDate('yyyy-MM-dd HH:mm:ss', 'America/New_York'):plusDuration('24 hours', 'America/New_York'):format('dd HH:mm', 'America/New_York')}", "08 13:00"},
		{"${gap:isValidDate('yyyy-MM-dd HH:mm:ss', 'America/New_York')} ${gap:isValidDate('yyyy-MM-dd HH:mm:ss')} ${twice:isValidDate('yyyy-MM-dd HH:mm:ss', 'America/New_York')}", "false true true"},
		{"${literal('2026-02-29'):isValidDate('yyyy-MM-dd')} ${literal('2024-02-29'):isValidDate('yyyy-MM-dd')} ${literal('x'):isValidDate('yyyy')} ${missing:isValidDate('yyyy')} ${d:isValidDate(${literal('b{d')})}", "false true false false false"},
		{"${literal('2026-03-05T10:00:00Z'):isValidInstant()} ${literal('Thu, 5 Mar 2026 10:00:00 GMT'):isValidInstant()} ${literal('2026-03-05'):isValidInstant()} ${missing:isValidInstant()}", "true true false false"},
	})
	for src, code := range map[string]string{
		"${d:format('yyyy')}": "expr_value", "${d:plusDuration(${d})}": "expr_value", "${now():plusDuration(${d})}": "expr_duration",
		"${now():format('HH', ${d})}": "expr_zone", "${now():format(${d:prepend('b')})}": "expr_date_pattern", "${d:toInstant()}": "",
		"${d:toDate('yyyy')}": "expr_date_value", "${d:formatInstant('yyyy', 'UTC')}": "expr_value",
	} {
		if _, err := mustParse(t, src).Eval(testEnv(map[string]string{"d": "junk"})); fault.CodeOf(err) != code {
			t.Errorf("%s = %v, want %q", src, err, code)
		}
	}
}

func TestZones(t *testing.T) {
	for name, want := range map[string]int{
		"UTC": 0, "Z": 0, "GMT": 0, "+09:00": 32400, "-0330": -12600, "+5": 18000, "UTC+9": 32400, "GMT-03:00": -10800, "Asia/Seoul": 32400,
	} {
		loc, err := loadZone(name)
		if err != nil {
			t.Errorf("loadZone(%q): %v", name, err)
			continue
		}
		if _, off := at.In(loc).Zone(); off != want {
			t.Errorf("zone %s is %d s east, want %d", name, off, want)
		}
	}
	for _, bad := range []string{"", "Local", "Mars", "../etc/passwd", "+99:99", "UTC+", "+"} {
		if _, err := loadZone(bad); fault.CodeOf(err) != "expr_zone" {
			t.Errorf("loadZone(%q) = %v", bad, err)
		}
	}
}
