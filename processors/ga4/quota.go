package ga4

import (
	"fmt"
	"strings"
	"time"

	ga "google.golang.org/api/analyticsdata/v1beta"

	"github.com/weirflow/weir/fault"
)

// How long to wait for a quota.
const (
	busyWait   = 30 * time.Second // for requests of others to end
	hourWait   = 30 * time.Minute // tokens come back within the hour
	errorsWait = time.Hour        // until server errors are forgotten
	minuteWait = time.Minute
	otherWait  = 5 * time.Minute
	resetSlack = time.Minute // beyond a reset, for clocks that differ
)

// pacific is where the day of a quota ends.
var pacific = func() *time.Location {
	z, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		return time.FixedZone("PST", -8*60*60) // at worst an hour too late
	}
	return z
}()

// untilTomorrow is how long the day of a quota still lasts.
func untilTomorrow(now time.Time) time.Duration {
	y, m, d := now.In(pacific).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, pacific).Sub(now) + resetSlack
}

// exhausted reads which quota a refusal names, and how long to wait for it.
func exhausted(message string, now time.Time) (bucket *fault.Error, wait time.Duration) {
	low := strings.ToLower(message)
	switch {
	case strings.Contains(low, "concurrent"):
		return fault.New("ga4_bucket_concurrent"), busyWait
	case strings.Contains(low, "server error"):
		return fault.New("ga4_bucket_errors"), errorsWait
	case strings.Contains(low, "per day") || strings.Contains(low, "daily"):
		return fault.New("ga4_bucket_day"), untilTomorrow(now)
	case strings.Contains(low, "threshold"):
		return fault.New("ga4_bucket_thresholded"), hourWait
	case strings.Contains(low, "per hour") || strings.Contains(low, "hourly"):
		return fault.New("ga4_bucket_hour"), hourWait
	case strings.Contains(low, "per minute"):
		return fault.New("ga4_bucket_minute"), minuteWait
	}
	return fault.New("ga4_bucket_any"), otherWait
}

// level is what a bucket of tokens had left after the last answer.
type level struct {
	name      *fault.Error // in the language of the text around it
	remaining int64
	limit     int64
	wait      func(time.Time) time.Duration
}

func (l level) String() string {
	return fmt.Sprintf("%s: %d of %d left (%d %%)", l.name, l.remaining, l.limit, l.share())
}

func (l level) share() int64 { return l.remaining * 100 / l.limit }

// The limits of a standard property; those of a 360 property are ten times
// theirs. The API tells how much is left, not of how much.
const (
	standardDay     = 200_000
	standardHour    = 40_000
	standardProject = 14_000
	times360        = 10
)

// levels lists the buckets of tokens. A property with more left in any than a
// standard one may have is a 360 one.
func levels(q *ga.PropertyQuota) []level {
	if q == nil {
		return nil
	}
	hour := func(time.Time) time.Duration { return hourWait }
	var out []level
	large := false
	add := func(name *fault.Error, s *ga.QuotaStatus, limit int64, wait func(time.Time) time.Duration) {
		if s == nil {
			return
		}
		out = append(out, level{name, s.Remaining, limit, wait})
		large = large || s.Remaining+s.Consumed > limit
	}
	add(fault.New("ga4_bucket_day"), q.TokensPerDay, standardDay, untilTomorrow)
	add(fault.New("ga4_bucket_hour"), q.TokensPerHour, standardHour, hour)
	add(fault.New("ga4_bucket_project"), q.TokensPerProjectPerHour, standardProject, hour)
	if large {
		for i := range out {
			out[i].limit *= times360
		}
	}
	return out
}

// tightest returns the bucket with the smallest share left.
func tightest(all []level) (level, bool) {
	if len(all) == 0 {
		return level{}, false
	}
	low := all[0]
	for _, l := range all[1:] {
		if l.remaining*low.limit < low.remaining*l.limit {
			low = l
		}
	}
	return low, true
}
