package bigquery

import (
	"time"

	"github.com/weirflow/weir/fault"
)

// How long a node waits at the cost of no try: a table's loads of a day are
// counted anew within a day, calls within a minute. What still lasts then is no
// quota that fills up, so it spends tries and ends with them.
const (
	spareQuota = 24 * time.Hour
	spareRate  = time.Hour
)

// spare counts what a node has waited so. A node loads once for a run, so it
// begins anew with the next. Nil, that of a verification, waits at the cost of tries.
type spare struct{ forQuota, forRate time.Duration }

func (s *spare) quota(f *fault.Error) *fault.Error {
	if s == nil || s.forQuota >= spareQuota {
		return f.RetryAfter(quotaWait)
	}
	s.forQuota += quotaWait
	return f.FreeAfter(quotaWait)
}

func (s *spare) rate(f *fault.Error) *fault.Error {
	if s == nil || s.forRate >= spareRate {
		return f.RetryAfter(rateWait)
	}
	s.forRate += rateWait
	return f.FreeAfter(rateWait)
}
