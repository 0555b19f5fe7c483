package firestore

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// How long and how often a call is tried again.
const (
	// keepTrying is how long a call may wait in all without any progress.
	keepTrying = 2 * time.Minute
	// silence is how long a stream may send nothing; Firestore itself ends a query
	// after about that time.
	silence = 60 * time.Second
	// tryBriefly is keepTrying where a person, or the admission of a run, waits for
	// the answer: what the server says is worth more then than another try.
	tryBriefly   = 5 * time.Second
	firstWait    = 250 * time.Millisecond
	longestWait  = 16 * time.Second
	quotaWait    = time.Second
	quotaPending = time.Minute
)

var (
	// errSilent ends a stream that sends nothing any more.
	errSilent = errors.New("the stream sent nothing for too long")
	// errShort is the end of the documents before all that were counted have come.
	errShort = errors.New("the documents end before the last that was counted")
)

// patience counts the waiting for one answer. Waits double from one failure to
// the next and begin anew when there is progress.
type patience struct {
	calls  calls
	failed int
	waited time.Duration
}

// progress says that the server has answered something.
func (p *patience) progress() { p.failed, p.waited = 0, 0 }

// again waits before the next try and reports whether there is to be one; not
// when the error will not pass or patience is at its end.
func (p *patience) again(ctx context.Context, err error) bool {
	if ctx.Err() != nil || !passing(err) {
		return false
	}
	if errors.Is(err, errSilent) {
		p.waited += p.calls.silence
	}
	if p.waited >= p.calls.patience {
		return false
	}
	wait := min(firstWait<<min(p.failed, 10), longestWait)
	if status.Code(err) == codes.ResourceExhausted {
		wait = max(wait, quotaWait)
	}
	p.failed++
	// Spread, so that nodes that were cut off together do not come back together.
	wait += time.Duration(rand.Int64N(int64(wait)/4 + 1))
	p.waited += wait
	return p.calls.wait(ctx, wait) == nil
}

// passing reports whether an error may be gone at the next try.
func passing(err error) bool {
	if errors.Is(err, errSilent) || errors.Is(err, errShort) {
		return true
	}
	switch status.Code(err) {
	case codes.Unavailable, codes.Internal, codes.DeadlineExceeded, codes.Aborted, codes.ResourceExhausted, codes.Canceled:
		return true
	}
	return false
}

// sleep waits for d or the end of ctx.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
