package processors

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ParseDuration reads a time span as flow files write it: what
// time.ParseDuration reads, and days, as in "1d12h". It is not negative.
func ParseDuration(s string) (time.Duration, error) {
	rest, days := s, time.Duration(0)
	if i := strings.IndexByte(s, 'd'); i > 0 {
		n, err := strconv.ParseUint(s[:i], 10, 16)
		if err != nil {
			return 0, fmt.Errorf("bad time span %q", s)
		}
		if days, rest = time.Duration(n)*24*time.Hour, s[i+1:]; rest == "" {
			return days, nil
		}
	}
	d, err := time.ParseDuration(rest)
	if err != nil || d < 0 || strings.HasPrefix(rest, "+") || days+d < days {
		return 0, fmt.Errorf("bad time span %q", s)
	}
	return days + d, nil
}

// renderDuration writes a time span so that ParseDuration reads it.
func renderDuration(d time.Duration) string {
	if d != 0 && d%(24*time.Hour) == 0 {
		return strconv.FormatInt(int64(d/(24*time.Hour)), 10) + "d"
	}
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = s[:len(s)-2]
	}
	if strings.HasSuffix(s, "h0m") {
		s = s[:len(s)-2]
	}
	return s
}
