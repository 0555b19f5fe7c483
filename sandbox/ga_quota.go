package sandbox

import (
	"sync"
	"time"

	ga "google.golang.org/api/analyticsdata/v1beta"
)

// Quota are the sizes of a property's quotas; zero means Google's.
type Quota struct {
	// TokensPerDay is 200,000, TokensPerHour 40,000 and TokensPerProjectPerHour
	// 14,000.
	TokensPerDay, TokensPerHour, TokensPerProjectPerHour int
	// Concurrent is 10, ServerErrorsPerHour 10 and ThresholdedPerHour 120.
	Concurrent, ServerErrorsPerHour, ThresholdedPerHour int
}

// Texts of exhausted quotas.
const (
	seeQuotas            = "To learn more, see https://developers.google.com/analytics/devguides/reporting/data/v1/quotas"
	exhaustedDay         = "Exhausted property tokens per day. These quota tokens will return in under 24 hours. " + seeQuotas
	exhaustedHour        = "Exhausted property tokens per hour. These quota tokens will return in under an hour. " + seeQuotas
	exhaustedProjectHour = "Exhausted property tokens for a project per hour. These quota tokens will return in under an hour. " + seeQuotas
	exhaustedConcurrent  = "Exhausted concurrent requests quota. Please send fewer requests concurrently. " + seeQuotas
	exhaustedErrors      = "Exhausted server errors quota. The quota for server errors will return in under an hour. " + seeQuotas
	exhaustedThresholded = "Exhausted potentially thresholded requests quota. This quota will refresh in under an hour. " + seeQuotas
)

// pacific is where Google's days of quota begin; without a time zone database
// it is the winter's offset.
var pacific = func() *time.Location {
	l, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		return time.FixedZone("PST", -8*60*60)
	}
	return l
}()

// purse is what was used of the quotas.
type purse struct {
	mu                              sync.Mutex
	day, hour                       time.Time
	perDay, perHour                 int
	errors, thresholded, concurrent int
}

func (q Quota) withDefaults() Quota {
	for _, s := range []struct {
		size  *int
		usual int
	}{{&q.TokensPerDay, 200000}, {&q.TokensPerHour, 40000}, {&q.TokensPerProjectPerHour, 14000},
		{&q.Concurrent, 10}, {&q.ServerErrorsPerHour, 10}, {&q.ThresholdedPerHour, 120}} {
		if *s.size == 0 {
			*s.size = s.usual
		}
	}
	return q
}

// enter admits a request or says which quota is used up. An admitted request
// must leave.
func (p *purse) enter(q Quota, now time.Time, thresholded bool) *refusal {
	p.mu.Lock()
	defer p.mu.Unlock()
	y, m, d := now.In(pacific).Date()
	if day := time.Date(y, m, d, 0, 0, 0, 0, pacific); !day.Equal(p.day) {
		p.day, p.perDay = day, 0
	}
	if hour := now.Truncate(time.Hour); !hour.Equal(p.hour) {
		p.hour, p.perHour, p.errors, p.thresholded = hour, 0, 0, 0
	}
	for _, full := range []struct {
		is   bool
		text string
	}{
		{p.concurrent >= q.Concurrent, exhaustedConcurrent}, {p.errors >= q.ServerErrorsPerHour, exhaustedErrors},
		{p.perDay >= q.TokensPerDay, exhaustedDay}, {p.perHour >= q.TokensPerHour, exhaustedHour},
		{p.perHour >= q.TokensPerProjectPerHour, exhaustedProjectHour},
		{thresholded && p.thresholded >= q.ThresholdedPerHour, exhaustedThresholded},
	} {
		if full.is {
			return refuse("RESOURCE_EXHAUSTED", full.text)
		}
	}
	p.concurrent++
	p.thresholded += int(one(thresholded))
	return nil
}

func (p *purse) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.concurrent--
}

// failed counts a server error.
func (p *purse) failed() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.errors++
}

// pay charges tokens and returns the state of the quotas.
func (p *purse) pay(q Quota, tokens int, thresholded bool) *ga.PropertyQuota {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.perDay += tokens
	p.perHour += tokens
	state := func(consumed, left int) *ga.QuotaStatus {
		return &ga.QuotaStatus{Consumed: int64(consumed), Remaining: int64(max(left, 0))}
	}
	return &ga.PropertyQuota{
		TokensPerDay:                          state(tokens, q.TokensPerDay-p.perDay),
		TokensPerHour:                         state(tokens, q.TokensPerHour-p.perHour),
		TokensPerProjectPerHour:               state(tokens, q.TokensPerProjectPerHour-p.perHour),
		ConcurrentRequests:                    state(0, q.Concurrent-p.concurrent+1),
		ServerErrorsPerProjectPerHour:         state(0, q.ServerErrorsPerHour-p.errors),
		PotentiallyThresholdedRequestsPerHour: state(int(one(thresholded)), q.ThresholdedPerHour-p.thresholded),
	}
}

// cost is what a report is charged. Google does not publish its formula, only
// that it grows with rows, columns and days, and is mostly below ten.
func cost(a *asked, rows int) int {
	days := 0
	for _, r := range a.ranges {
		days += int(r.last-r.first) + 1
	}
	columns := len(a.dims) + len(a.mets)
	return 1 + columns/4 + days/31 + rows*columns/100_000
}
