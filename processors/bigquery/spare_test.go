package bigquery

import (
	"testing"
	"time"

	"github.com/weirflow/weir/fault"
	sandbox "github.com/weirflow/weir/sandbox/bigquery"
)

// TestQuotasSpendNoTryForAWhile lets each load fail at a quota: the waits cost no
// try until they come to a day, or to an hour of too many calls.
func TestQuotasSpendNoTryForAWhile(t *testing.T) {
	for _, c := range []struct {
		reason, code string
		free         time.Duration
	}{{"quotaExceeded", "bigquery_quota", 24 * time.Hour}, {"rateLimitExceeded", "bigquery_rate", time.Hour}} {
		t.Run(c.reason, func(t *testing.T) {
			w := newWorld(t, sandbox.Config{}).makeDataset()
			r := w.runner(settings()).PutRecords(actions, three...)
			var free time.Duration
			for {
				w.server.FailJob("load", sandbox.Problem{Reason: c.reason, Message: "wait"})
				r.Run().WantErr(c.code)
				class, wait := fault.ClassOf(r.Err())
				if class != fault.After || wait <= 0 {
					t.Fatalf("class %v after %s", class, wait)
				}
				if !fault.IsFree(r.Err()) {
					break
				}
				if free += wait; free > 2*c.free {
					t.Fatalf("%s were waited at the cost of no try", free)
				}
			}
			if free != c.free {
				t.Errorf("%s were waited at the cost of no try, want %s", free, c.free)
			}
			if err := r.Run().Err(); err != nil {
				t.Errorf("once the quota is filled up: %v", err)
			}
		})
	}
}
